//! What a collection could read, found out with one user and one group.

use super::endpoint::{GROUPS, USERS};
use super::list::{Resource, first};
use super::wire::{Group, Page, User};
use super::{KIND, Scim, nobody, pages_by_cursor};
use crate::collect::http::{Endpoint, Http};
use crate::collect::{Check, CheckOutcome, CollectCx, Collector, Probe};
use crate::model::Fact;

impl Scim {
    /// Asks for the beginning of each list.
    pub(super) async fn look(&self, cx: &CollectCx) -> Probe {
        let (asked, lacking) = self.scope();
        let groups = asked.contains(&Fact::IdpGroups);
        let mut probe = Probe::new(self.source(), KIND, asked);
        probe.not_read = lacking.into_iter().map(|lack| format!("{} ({})", lack.fact, lack.reason)).collect();
        probe.told.push(("address", self.config.base_url.clone()));
        let http = match self.connect(cx) {
            Ok(http) => http,
            Err(error) => return probe.failed(&error),
        };
        let cursor = pages_by_cursor(&http).await;
        probe.told.push(("pages", if cursor { "by cursor" } else { "by index" }.to_owned()));
        probe.checks.push(try_one::<User>(&http, &USERS, cursor).await);
        if groups {
            probe.checks.push(try_one::<Group>(&http, &GROUPS, cursor).await);
        }
        probe
    }
}

/// Whether there is one, and how many there are said to be.
async fn try_one<T: Resource>(http: &Http, endpoint: &'static Endpoint, cursor: bool) -> Check {
    let (check, page) = http.check::<Page<T>>(&first::<T>(http, endpoint, cursor, false, "1")).await;
    let Some(page) = page else { return check };
    if page.resources.is_none_or(|list| list.is_empty()) && page.total_results.unwrap_or_default() == 0 {
        let error = nobody(endpoint);
        let outcome = CheckOutcome::Unreadable(error.kind);
        return Check { outcome, detail: error.reason, hint: error.hint, loses: endpoint.loses.to_vec(), ..check };
    }
    let detail = page.total_results.map(|total| format!("{total} of them")).unwrap_or_default();
    Check { detail, ..check }
}
