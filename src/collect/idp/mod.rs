//! Identity providers.

pub mod csv;
pub mod entra;
mod nesting;
pub mod okta;
