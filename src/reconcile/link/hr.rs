//! Identity provider user → HR records.

use super::{HrLink, Index, add};
use crate::model::{HrRecord, IdpUser};
use crate::reconcile::text::fold;

/// The roster by employee id and by address.
pub(super) struct HrIndex<'a> {
    records: &'a [HrRecord],
    employee_id: Index,
    email: Index,
}

impl<'a> HrIndex<'a> {
    pub(super) fn new(records: &'a [HrRecord]) -> Self {
        let mut index = Self { records, employee_id: Index::new(), email: Index::new() };
        for (position, record) in (0u32..).zip(records) {
            add(&mut index.employee_id, record.employee_id.as_deref().and_then(fold), position);
            add(&mut index.email, record.email.as_deref().and_then(fold), position);
        }
        index
    }

    /// By employee id; else by address, if all records with it are one employee's.
    pub(super) fn find(&self, user: &IdpUser) -> HrLink {
        if let Some(found) = user.employee_id.as_deref().and_then(fold).and_then(|key| self.employee_id.get(&key)) {
            return HrLink { records: found.clone(), method: Some("employee_id"), disputed: false };
        }
        let mut records: Vec<u32> = Vec::new();
        for address in user.email.iter().chain(&user.aliases) {
            records.extend(fold(address).and_then(|key| self.email.get(&key)).into_iter().flatten());
        }
        records.sort_unstable();
        records.dedup();
        let mut employees: Vec<Option<&str>> =
            records.iter().filter_map(|p| self.records.get(*p as usize)).map(|r| r.employee_id.as_deref()).collect();
        employees.sort_unstable();
        employees.dedup();
        // An address shared by two employees, or borne by a record with another employee id, is no evidence.
        let contradicted = user.employee_id.is_some() && employees.iter().any(Option::is_some);
        if records.is_empty() || employees.len() > 1 || contradicted {
            return HrLink { disputed: employees.len() > 1 && !contradicted, ..HrLink::default() };
        }
        HrLink { records, method: Some("email"), disputed: false }
    }
}
