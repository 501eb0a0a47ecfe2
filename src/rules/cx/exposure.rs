//! How grave it is that a user still holds access that should have ended.

use super::{AnyPrivileged, RuleCx};
use crate::model::finding::{GrantKey, Severity};
use crate::model::time::Tri;
use crate::model::{Interval, Known, UserStatus};

/// What remains of access that should have ended.
pub(in crate::rules) struct Exposure {
    /// How grave it is.
    pub(in crate::rules) severity: Severity,
    /// Whether `policy.leaver_sla` certainly has not passed yet.
    pub(in crate::rules) pending: bool,
    /// Whether the user is disabled in Identity Center, so that the grants wait.
    pub(in crate::rules) blocked: bool,
}

impl RuleCx<'_> {
    /// What remains of a user's grants that should have ended `since` then.
    pub(in crate::rules) fn exposure(&self, user: u32, since: Option<Interval>, grants: &[GrantKey]) -> Exposure {
        let policy = &self.ledger().config().policy;
        let older = |span| since.map_or(Tri::Maybe, |since| since.older_than(span, self.as_of()));
        let blocked = self.ledger().user(user).is_some_and(|u| u.status == Known::Value(UserStatus::Disabled));
        let pending = older(policy.leaver_sla) == Tri::No;
        let severity = if pending {
            Severity::Info
        } else if blocked {
            Severity::Medium
        } else if self.any_privileged(grants) == AnyPrivileged::Yes || older(policy.stale_after) == Tri::Yes {
            Severity::Critical
        } else {
            Severity::High
        };
        Exposure { severity, pending, blocked }
    }
}
