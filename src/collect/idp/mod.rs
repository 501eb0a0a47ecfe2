//! Identity providers.

pub mod csv;
pub mod google;
mod nesting;
pub mod okta;
mod record;
mod scopes;
