//! Identity providers.

pub mod csv;
mod nesting;
