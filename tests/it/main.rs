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
mod google;
mod init;
mod linking;
mod linking_live;
mod moto;
mod moved;
mod place;
mod program;
mod replay;
mod rules;
mod sample;
mod standing;
mod support;
mod system;
mod web;
