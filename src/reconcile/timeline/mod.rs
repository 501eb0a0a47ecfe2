//! How things went over a period.

mod looks;
mod turns;
