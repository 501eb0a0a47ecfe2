//! The HR roster.

pub mod csv;
