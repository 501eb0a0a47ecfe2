//! Directories that others wrote: slapd and Samba as a domain controller, started here on the loopback.
//!
//! They are ignored in a plain run, which names them; `.ci/run` installs the servers and runs them:
//! `cargo test --test it -- --ignored ldap_live`.

mod openldap;
mod place;
mod samba;
mod slapd;
