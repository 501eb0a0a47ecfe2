//! What every caller of AWS shares: how credentials are found, and why a call failed.
//!
//! Two layers call AWS: the collector (`collect::aws`) and the store in a bucket (`store::bucket`). Neither may import the
//! other, so what they share lies below both.

pub mod credentials;
pub(crate) mod failure;
