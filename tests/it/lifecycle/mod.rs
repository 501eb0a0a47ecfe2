//! How things went over a period, from daily snapshots and logs to the rows and findings of an audit.

mod changes;
mod leavers;
mod listings;
mod report;
mod stories;
pub(crate) mod story;
