//! Entries of Okta's system log out of files.

use serde::Deserialize;
use serde_json::Value;

use super::event::event;
use super::wire::LogEvent;
use crate::model::Event;

/// What an entry says in our terms; nothing for one that is not about what we look at. `application` is the application of
/// AWS, by id or label.
///
/// # Errors
/// A sentence that says why it can't be used.
pub(in crate::collect::idp) fn entry(
    entry: Value,
    application: Option<&str>,
    origin: &str,
) -> Result<Option<Event>, String> {
    let record = LogEvent::deserialize(entry).map_err(|error| format!("it is no event of the system log: {error}"))?;
    let named = application.and_then(|wanted| {
        let mut targets = record.target.iter().filter(|target| target.kind.is("AppInstance"));
        targets.find(|target| {
            let is_it = |name: Option<&str>| name.is_some_and(|name| name.eq_ignore_ascii_case(wanted));
            is_it(target.id.get()) || is_it(target.display_name.get())
        })
    });
    event(&record, named.and_then(|target| target.id.get()), origin).map_err(|defect| defect.reason)
}
