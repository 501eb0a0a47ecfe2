//! Integration tests, as one binary.
#![cfg(test)]

mod answers;
mod approvals;
mod architecture;
mod aws;
mod aws_live;
mod calendar;
mod cli;
mod dependencies;
mod diff;
mod docs;
mod doctor;
mod entra;
mod evidence_live;
mod google;
mod init;
mod keycloak;
mod ldap_live;
mod lifecycle;
mod linking;
mod linking_live;
mod moto;
mod moved;
mod okta;
mod place;
mod program;
mod python;
mod replay;
mod rules;
mod sample;
mod scim;
mod standing;
mod store;
mod support;
mod system;
mod web;
