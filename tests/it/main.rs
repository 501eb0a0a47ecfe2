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
mod linking;
mod moto;
mod okta;
mod place;
mod program;
mod replay;
mod rules;
mod sample;
mod support;
mod system;
mod web;
