//! Identity providers.

pub mod csv;
pub mod entra;
pub mod google;
pub mod keycloak;
pub mod ldap;
mod nesting;
pub mod okta;
mod record;
pub mod scim;
mod scopes;
