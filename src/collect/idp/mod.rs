//! Identity providers.

pub mod csv;
mod nesting;
pub mod okta;
