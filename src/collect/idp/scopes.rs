//! Applications that get no token at all when one scope of several is not theirs: the scopes are then tried one by one, and only
//! what depends on a missing one is lost.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use crate::collect::calls::CallError;
use crate::collect::http::Http;
use crate::error::Error;
use crate::model::OperationRecord;

/// A client with every scope that could be had.
pub(super) struct Scoped {
    /// Asks.
    pub(super) http: Arc<Http>,
    /// What clients with other scopes asked before.
    earlier: Vec<OperationRecord>,
    /// The scopes that are not granted.
    pub(super) refused: Vec<&'static str>,
}

impl Scoped {
    /// Connects with all scopes, or with those that are granted; `missing` knows the refusal of a scope from others.
    ///
    /// # Errors
    /// When a secret is not where the config says, or is not what it should be.
    pub(super) async fn open(
        scopes: &[&'static str],
        connect: impl Fn(&[&'static str]) -> Result<Arc<Http>, Error>,
        missing: impl Fn(&CallError) -> bool,
    ) -> Result<Self, Error> {
        let http = connect(scopes)?;
        match http.sign_in().await {
            Err(error) if missing(&error) => {}
            // Any other failure is told by whatever is asked.
            _ => return Ok(Self { http, earlier: Vec::new(), refused: Vec::new() }),
        }
        let (mut granted, mut refused, mut earlier) = (Vec::new(), Vec::new(), Vec::new());
        for scope in scopes {
            let alone = connect(&[*scope])?;
            match alone.sign_in().await {
                Err(error) if missing(&error) => refused.push(*scope),
                _ => granted.push(*scope),
            }
            earlier.extend(alone.records());
        }
        if granted.is_empty() {
            // The refusal of all is told by whatever is asked.
            return Ok(Self { http, earlier, refused });
        }
        earlier.extend(http.records());
        let http = connect(&granted)?;
        Ok(Self { http, earlier, refused })
    }

    /// What was asked so far, by all clients.
    pub(super) fn records(&self) -> Vec<OperationRecord> {
        let mut merged: BTreeMap<(String, String), OperationRecord> = BTreeMap::new();
        for record in self.earlier.iter().cloned().chain(self.http.records()) {
            match merged.entry((record.operation.clone(), record.parameters.clone())) {
                Entry::Vacant(entry) => {
                    entry.insert(record);
                }
                Entry::Occupied(mut entry) => add(entry.get_mut(), &record),
            }
        }
        merged.into_values().collect()
    }
}

fn add(to: &mut OperationRecord, more: &OperationRecord) {
    to.requests += more.requests;
    to.pages += more.pages;
    to.items += more.items;
    to.retries += more.retries;
    to.throttles += more.throttles;
    to.failures += more.failures;
    to.first_at = to.first_at.min(more.first_at);
    to.last_at = to.last_at.max(more.last_at);
}
