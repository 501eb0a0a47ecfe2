//! How things went over a period, from daily snapshots and logs to the rows and findings of an audit.

mod leavers;
pub(crate) mod story;
