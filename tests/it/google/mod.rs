//! Google Workspace: the collector and the program against a directory of our own.

mod customer;
mod facts;
mod faults;
mod program;
mod run;
