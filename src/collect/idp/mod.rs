//! Identity providers.

pub mod csv;
pub mod entra;
pub mod logs;
mod nesting;
pub mod okta;
