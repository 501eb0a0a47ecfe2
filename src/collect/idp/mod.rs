//! Identity providers.

pub mod csv;
pub mod entra;
pub mod keycloak;
mod nesting;
pub mod okta;
mod record;
