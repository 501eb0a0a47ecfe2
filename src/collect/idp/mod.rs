//! Identity providers.

pub mod csv;
