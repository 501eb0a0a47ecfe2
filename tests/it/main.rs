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
mod docs;
mod doctor;
mod entra;
mod init;
mod linking;
mod logs;
mod moto;
mod place;
mod program;
mod replay;
mod rules;
mod sample;
mod support;
mod system;
mod web;
