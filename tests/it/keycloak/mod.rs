//! Keycloak: a realm that there is not, and what the collector makes of it.

mod realm;
mod run;
mod tests;
