//! The lifecycle stories with everything real but the people: an organisation in moto that changes between looks, files of an
//! identity provider, a roster and logs as their vendors write them, the program's own store, and the pack it writes.
//!
//! What `lifecycle` proves of conclusions over snapshots made in memory is not repeated: here it is that the sources say what
//! those snapshots say.

mod bad_input;
mod clock;
mod files;
mod odd;
mod stage;
mod stories;
mod told;
mod twins;
