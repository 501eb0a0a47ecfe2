//! An AWS of our own on the loopback: the read operations of an access audit, with AWS's limits and AWS's failures.

mod directory_tests;
pub(crate) mod fake;
mod fault_tests;
pub(crate) mod sdk;
mod tests;
