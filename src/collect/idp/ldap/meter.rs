//! What was asked of a directory, and how often.

use std::collections::BTreeMap;

use crate::collect::Clock;
use crate::model::coverage::OperationRecord;

/// The record of all operations of a session.
#[derive(Debug)]
pub(super) struct Meter {
    clock: Clock,
    operations: BTreeMap<&'static str, OperationRecord>,
}

impl Meter {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, operations: BTreeMap::new() }
    }

    fn of(&mut self, operation: &'static str) -> &mut OperationRecord {
        let now = self.clock.now();
        self.operations.entry(operation).or_insert_with(|| OperationRecord {
            operation: operation.to_owned(),
            parameters: String::new(),
            requests: 0,
            pages: 0,
            items: 0,
            retries: 0,
            throttles: 0,
            failures: 0,
            first_at: now,
            last_at: now,
        })
    }

    /// A request goes out.
    pub(super) fn sent(&mut self, operation: &'static str, parameters: &str) {
        let record = self.of(operation);
        record.requests += 1;
        if record.parameters.is_empty() {
            parameters.clone_into(&mut record.parameters);
        }
    }

    /// The last answer to a request came, or never will.
    pub(super) fn answered(&mut self, operation: &'static str, well: bool) {
        let now = self.clock.now();
        let record = self.of(operation);
        record.last_at = now;
        record.failures += u64::from(!well);
    }

    /// A page came, with so many entries.
    pub(super) fn page(&mut self, operation: &'static str, items: u64) {
        let record = self.of(operation);
        record.pages += 1;
        record.items += items;
    }

    /// The server asked for patience, and will be asked again.
    pub(super) fn again(&mut self, operation: &'static str) {
        let record = self.of(operation);
        record.retries += 1;
        record.throttles += 1;
    }

    /// The operations, sorted by name.
    pub(super) fn into_records(self) -> Vec<OperationRecord> {
        self.operations.into_values().collect()
    }
}
