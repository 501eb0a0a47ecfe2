//! Asking Graph: listings, and what becomes of an answer that is none.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::wire::Page;
use crate::collect::calls::{CallError, Called, Gaps};
use crate::collect::http::{Endpoint, Http, Next, Reply, Request};
use crate::config::Part;
use crate::model::{Fact, GapKind, NotOffered};

/// The largest page that Graph gives of users, groups and members.
pub(super) const TOP: &str = "999";

/// Reads a listing, page after page; `each` gets the page's number and an item.
pub(super) async fn list<T: DeserializeOwned>(
    http: &Arc<Http>,
    first: Request,
    mut each: impl FnMut(u32, T),
) -> Result<(), CallError> {
    let endpoint = first.endpoint();
    let mut number = 0;
    let mut hollow = false;
    let split = |page: Page<T>, _: &Reply| {
        hollow |= page.value.is_none();
        (page.value.unwrap_or_default(), Next::link(page.next))
    };
    let take = |items: Vec<T>| {
        number += 1;
        items.into_iter().for_each(|item| each(number, item));
    };
    http.pages(first, split, take).await?;
    if hollow {
        return Err(CallError::malformed(endpoint, "a page has no list in it"));
    }
    Ok(())
}

/// Where something was read.
pub(super) fn origin(endpoint: &Endpoint, page: u32) -> String {
    format!("{}, page {page}", endpoint.name)
}

/// The tenant has not the licence (Entra ID P1) that an answer takes. Graph says so for sign-ins and registrations.
const NOT_PREMIUM: &str = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";

/// The same of Privileged Identity Management, which takes Entra ID P2 or Entra ID Governance.
const NOT_GOVERNED: &str = "AadPremiumLicenseRequired";

/// What a reader is told where the tenant can't be asked this for want of a licence, which is no failure.
pub(super) fn unlicensed(error: &CallError) -> Option<&'static str> {
    match error.code.as_deref() {
        Some(NOT_PREMIUM) => Some("the tenant has no Entra ID P1 or P2 licence, which this takes"),
        Some(NOT_GOVERNED) => Some("the tenant has no Entra ID P2 or Entra ID Governance licence, which this takes"),
        _ => None,
    }
}

/// What could not be read, is not offered, and is worth knowing, of one branch of the reading.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) gaps: Gaps,
    pub(super) not_offered: Vec<NotOffered>,
    pub(super) notes: Vec<String>,
}

impl Told {
    /// Records that a call failed; `subject` may be empty. `part` is what leaves it out of the next run.
    pub(super) fn fail(&mut self, endpoint: &Endpoint, subject: &str, error: &CallError, part: Option<Part>) {
        if let Some(reason) = unlicensed(error) {
            for fact in endpoint.loses {
                self.lacks(*fact, reason);
            }
        } else {
            self.gaps.add(endpoint, subject, &with_way_out(error, part));
        }
    }

    /// Records that one fact is lost, whatever the call is for.
    pub(super) fn lose(&mut self, fact: Fact, called: &dyn Called, subject: &str, error: &CallError) {
        self.gaps.add_fact(fact, called, subject, error);
    }

    /// Records that a fact is not told, which is no failure.
    pub(super) fn lacks(&mut self, fact: Fact, reason: &str) {
        if !self.not_offered.iter().any(|lack| lack.fact == fact) {
            self.not_offered.push(NotOffered { fact, reason: reason.to_owned() });
        }
    }

    /// Takes over what another branch was told.
    pub(super) fn extend(&mut self, other: Self) {
        self.gaps.extend(other.gaps);
        for NotOffered { fact, reason } in other.not_offered {
            self.lacks(fact, &reason);
        }
        self.notes.extend(other.notes);
    }
}

/// The error, with how to do without what was refused.
pub(super) fn with_way_out(error: &CallError, part: Option<Part>) -> CallError {
    let mut error = error.clone();
    if let (GapKind::Denied, Some(part)) = (error.kind, part) {
        error.hint = format!("{}, or leave it out: without = [\"{}\"]", error.hint, part.as_str());
    }
    error
}
