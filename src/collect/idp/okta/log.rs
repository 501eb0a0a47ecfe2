//! Reading the system log.

use std::time::Duration;

use super::endpoint::LOGS;
use super::event::{event, filter};
use super::users::defect;
use super::wire;
use crate::collect::calls::{Called, Gaps};
use crate::collect::http::{Http, Next, Request};
use crate::model::Instant;
use crate::model::event::{EventLog, LogKind, Window};

/// What the log told.
pub(super) struct Log {
    pub(super) log: EventLog,
    pub(super) gaps: Gaps,
}

/// How far back Okta keeps its log (Okta, "System Log API": 90 days); older events are missing without a word. The oldest
/// hour is left out, as it vanishes while the log is read.
const REACH: Duration = Duration::from_secs((90 * 24 - 1) * 3600);

/// The stretch of the log that can be asked for at `now`.
pub(super) fn reach(now: Instant) -> Window {
    // Whole seconds, as they are written.
    let now = Instant::from_epoch_seconds(now.timestamp().as_second()).unwrap_or(now);
    let from = now.timestamp().checked_sub(REACH).map_or(now, Instant::new);
    Window { from, to: now }
}

/// How far back the log reaches, for people.
pub(super) fn told(window: &Window) -> String {
    format!("the system log was read from {} to {}; Okta keeps 90 days of it", window.from, window.to)
}

/// A request for the log. Both ends are given: without the later one the log never ends.
pub(super) fn request(http: &Http, window: Window, application: Option<&str>, limit: &str) -> Request {
    http.get(&LOGS, &["api", "v1", "logs"])
        .query("since", &window.from.to_string())
        .query("until", &window.to.to_string())
        .query("sortOrder", "ASCENDING")
        .query("filter", &filter(application))
        .query("limit", limit)
        .bounded()
}

/// Reads the log, oldest events first. What was read before a page is lost stays covered up to the last event.
pub(super) async fn read(http: &Http, source: &str, application: Option<&str>, window: Window) -> Log {
    let mut events = Vec::new();
    let mut gaps = Gaps::default();
    let mut last: Option<Instant> = None;
    let read = http.pages(
        request(http, window, application, "1000"),
        |page: Vec<wire::LogEvent>, reply| (page, Next::link(reply.next_link())),
        |page| {
            for record in page {
                last = record.published.get().and_then(|text| text.parse().ok()).or(last);
                match event(&record, application, &LOGS.action()) {
                    Ok(event) => events.extend(event),
                    Err(flaw) => defect(&mut gaps, &LOGS, &flaw),
                }
            }
        },
    );
    let covered = match read.await {
        Ok(()) => Some(window),
        Err(error) => {
            gaps.add(&LOGS, "", &error);
            last.filter(|last| *last > window.from).map(|to| Window { from: window.from, to })
        }
    };
    Log {
        log: EventLog {
            source: source.to_owned(),
            kind: LogKind::OktaSystemLog,
            covered: covered.into_iter().collect(),
            events,
        },
        gaps,
    }
}
