//! Reading the directory's audit log.

use std::sync::Arc;

use super::audits::{self, WireAudit};
use super::endpoints::{AUDITS, FIRST_AUDIT};
use super::graph::{self, TOP, Told, origin};
use crate::collect::calls::CallError;
use crate::collect::http::{Http, Request};
use crate::config::Part;
use crate::model::Instant;
use crate::model::event::{EventLog, LogKind, Window};

/// The request for the log's first entry.
pub(super) fn first_entry(http: &Arc<Http>) -> Request {
    let request = http.get(&FIRST_AUDIT, &["v1.0", "auditLogs", "directoryAudits"]);
    request.query("$orderby", "activityDateTime asc").query("$top", "1").first_page()
}

/// Reads what the log says of users and members. Where it begins is found out by its first entry: that depends on the
/// licence, and a licence bought later brings nothing back.
pub(super) async fn read(http: &Arc<Http>, window: Window, source: &str) -> (EventLog, Told) {
    let mut told = Told::default();
    let (mut events, mut unusable) = (Vec::new(), 0_u64);
    let mut begins: Option<Instant> = None;
    let first = graph::list(http, first_entry(http), |_, entry: WireAudit| begins = begins.or(entry.at())).await;
    let listed = match first {
        Err(error) => Err((&FIRST_AUDIT, error)),
        Ok(()) => {
            let request = http.get(&AUDITS, &["v1.0", "auditLogs", "directoryAudits"]);
            let request = request.query("$filter", &audits::filter(window.from)).query("$top", TOP);
            let end = graph::list(http, request, |page, entry: WireAudit| match entry.events(&origin(&AUDITS, page)) {
                Some(told) => events.extend(told),
                None => unusable += 1,
            });
            end.await.map_err(|error| (&AUDITS, error))
        }
    };
    let mut covered = Vec::new();
    match (listed, begins) {
        (Err((endpoint, error)), _) => told.fail(endpoint, "", &error, Some(Part::Events)),
        (Ok(()), None) => told.notes.push("the audit log is empty, so that its silence says nothing".to_owned()),
        (Ok(()), Some(begins)) => {
            let from = begins.max(window.from);
            if from < window.to {
                covered.push(Window { from, to: window.to });
            }
            told.notes.push(format!("the audit log reaches back to {from}"));
        }
    }
    if unusable > 0 {
        let error = CallError::malformed(&AUDITS, &format!("{unusable} entries have no id or no time"));
        told.fail(&AUDITS, "", &error, None);
        covered.clear();
    }
    (EventLog { source: source.to_owned(), kind: LogKind::EntraAudit, covered, events }, told)
}
