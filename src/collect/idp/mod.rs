//! Identity providers.

pub mod csv;
pub mod entra;
pub mod ldap;
mod nesting;
pub mod okta;
pub mod scim;
