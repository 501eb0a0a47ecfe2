//! Reading a list whole. By index, a list that changes meanwhile skips what moved to an earlier page, so that it counts only if
//! as many different resources came as the server says there are, before and after; else it is read once more.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::wire::{Item, Page};
use crate::collect::calls::{CallError, Called};
use crate::collect::http::{Endpoint, Http, Next, Request};
use crate::model::GapKind;

/// Resources in a page; servers give fewer where they like.
const COUNT: &str = "200";

/// What can be listed.
pub(super) trait Resource: DeserializeOwned {
    /// Its path.
    const PATH: &'static str;
    /// What is wanted of it.
    const ATTRIBUTES: &'static str;

    /// Its id.
    fn id(&self) -> &str;
}

/// What a list came to.
#[derive(Debug)]
pub(super) struct Listed<T> {
    /// By id.
    pub(super) items: BTreeMap<String, T>,
    /// Resources that can't be understood.
    pub(super) bad: u64,
    /// Why it is not whole.
    pub(super) error: Option<CallError>,
    /// Whether the server would not say only what was wanted.
    pub(super) everything: bool,
}

/// What one reading of a list showed.
#[derive(Debug, Default)]
struct Seen {
    totals: Vec<u64>,
    bad: u64,
}

impl Seen {
    /// How many there are, if the server said the same on every page.
    fn total(&self) -> Option<u64> {
        let first = self.totals.first()?;
        self.totals.iter().all(|total| total == first).then_some(*first)
    }

    /// Whether nothing can have been missed.
    fn is_whole(&self, different: usize, cursor: bool) -> bool {
        let came = different as u64 + self.bad;
        // A cursor comes back where it stood, and says itself when it is at the end.
        cursor || self.total() == Some(came)
    }
}

/// Reads all resources of a kind.
pub(super) async fn all<T: Resource + Send>(http: &Arc<Http>, endpoint: &'static Endpoint, cursor: bool) -> Listed<T> {
    let mut listed = Listed { items: BTreeMap::new(), bad: 0, error: None, everything: false };
    let (mut seen, mut end) = once(http, endpoint, cursor, true, &mut listed.items).await;
    if let Err(error) = &end
        && listed.items.is_empty()
        && error.kind == GapKind::Server
    {
        // Some know no `attributes`, and refuse it.
        listed.everything = true;
        (seen, end) = once(http, endpoint, cursor, false, &mut listed.items).await;
    }
    if end.is_ok() && !seen.is_whole(listed.items.len(), cursor) {
        listed.items.clear();
        (seen, end) = once(http, endpoint, cursor, !listed.everything, &mut listed.items).await;
        if end.is_ok() && !seen.is_whole(listed.items.len(), cursor) {
            end = Err(incomplete(endpoint, &seen, listed.items.len()));
        }
    }
    listed.bad = seen.bad;
    listed.error = end.err();
    listed
}

fn incomplete(endpoint: &'static Endpoint, seen: &Seen, different: usize) -> CallError {
    let came = different as u64 + seen.bad;
    let reason = match (seen.total(), seen.totals.is_empty()) {
        (Some(total), _) => format!("the server says that there are {total}, and lists {came} different ones"),
        (None, false) => "the list changed while it was read, twice".to_owned(),
        (None, true) => "the server does not say how many there are, and the list may be cut short".to_owned(),
    };
    CallError {
        hint: "run again at a quieter time; if it stays, the server pages wrongly, and its users can be given as CSV"
            .to_owned(),
        ..CallError::malformed(endpoint, &reason)
    }
}

/// Reads a list once, into `items`.
async fn once<T: Resource + Send>(
    http: &Arc<Http>,
    endpoint: &'static Endpoint,
    cursor: bool,
    project: bool,
    items: &mut BTreeMap<String, T>,
) -> (Seen, Result<(), CallError>) {
    let mut seen = Seen::default();
    let mut start: u64 = 1;
    let split = |page: Page<T>, _: &_| {
        seen.totals.extend(page.total_results);
        let resources = page.resources.unwrap_or_default();
        let came = resources.len() as u64;
        start += came;
        let next = match (cursor, page.total_results) {
            (true, _) => Next::token("cursor", page.next_cursor),
            // The server may give fewer than were asked for, and none means the end.
            (false, Some(total)) if came > 0 && start <= total => Next::Parameter("startIndex", start.to_string()),
            (false, None) if came > 0 => Next::Parameter("startIndex", start.to_string()),
            (false, _) => Next::End,
        };
        (resources, next)
    };
    let mut bad = 0;
    let each = |page: Vec<Item<T>>| {
        for item in page {
            match item {
                Item::Good(resource) => {
                    items.insert(resource.id().to_owned(), resource);
                }
                Item::Bad(_) => bad += 1,
            }
        }
    };
    let end = http.pages(first::<T>(http, endpoint, cursor, project, COUNT), split, each).await;
    seen.bad = bad;
    (seen, end)
}

/// The request for a list's beginning.
pub(super) fn first<T: Resource>(
    http: &Http,
    endpoint: &'static Endpoint,
    cursor: bool,
    project: bool,
    count: &str,
) -> Request {
    let mut request = http.get(endpoint, &[T::PATH]);
    if project {
        request = request.query("attributes", T::ATTRIBUTES);
    }
    let (name, value) = if cursor { ("cursor", "") } else { ("startIndex", "1") };
    request.query("count", count).query(name, value)
}

/// The error of resources that can't be understood.
pub(super) fn bad(endpoint: &'static Endpoint, count: u64) -> Option<CallError> {
    (count > 0).then(|| CallError {
        hint: format!("look at what {} sends: an entry needs an id at least", endpoint.vendor()),
        ..CallError::malformed(endpoint, &format!("{count} entries have not the documented shape"))
    })
}
