//! Pictures of the report, measured here so that a template only draws them. Coordinates are whole units of the view box.
//!
//! Each picture has a sentence: its text alternative where it is drawn, and the reason where there is nothing to draw.

mod label;
mod leaver;
mod removal;
mod trend;

pub use leaver::{Lane, LeaverPicture, Mark};
pub use removal::{Bucket, RemovalPicture, Stack};
pub use trend::{Point, TrendPicture};

pub(super) use leaver::leaver;
pub(super) use removal::removal;
pub(super) use trend::trend;
