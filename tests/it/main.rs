//! Integration tests, as one binary.
#![cfg(test)]

mod answers;
mod architecture;
mod aws;
mod aws_live;
mod cli;
mod dependencies;
mod docs;
mod doctor;
mod init;
mod ldap_live;
mod linking;
mod linking_live;
mod moto;
mod moved;
mod place;
mod program;
mod python;
mod replay;
mod rules;
mod sample;
mod scim;
mod standing;
mod support;
mod system;
mod web;
