//! Identity providers.

pub mod csv;
pub mod entra;
pub mod ldap;
pub mod logs;
mod nesting;
pub mod okta;
