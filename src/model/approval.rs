//! Approvals of access, as ticket systems and tools for temporary access record them.

use serde::{Deserialize, Serialize};

use super::known::Known;
use super::time::Instant;

/// Somebody allowed somebody to hold a permission set on an account. What was asked for and not approved is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who may hold it: a user name, address or id, as the source writes it.
    pub user: String,
    /// The account, by id or name.
    pub account: String,
    /// The permission set, by name or ARN.
    pub permission_set: String,
    /// Who asked for it.
    pub requested_by: Option<String>,
    /// Who approved it; none where the source names nobody, as for what needs no approver by its rules.
    pub approved_by: Option<String>,
    /// When it was approved; of a day without a time, the first instant, so that nothing of that day looks too early.
    pub approved_at: Known<Instant>,
    /// From when it may be held; none means from its approval on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// Until when it may be held; none means without an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// The ticket or request.
    pub reference: Option<String>,
    /// File and row.
    pub origin: String,
}

impl Approval {
    /// When it began to hold, where that is known.
    pub fn begins(&self) -> Option<Instant> {
        self.from.or(self.approved_at.value().copied())
    }

    /// Whether access may be held by it at an instant.
    pub fn covers(&self, at: Instant) -> bool {
        self.begins().is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// How it is referred to: by its ticket, else by where it was read.
    pub fn name(&self) -> &str {
        self.reference.as_deref().unwrap_or(&self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_holds_from_its_beginning_and_not_at_its_end() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let mut approval = Approval {
            user: "a".into(),
            account: "b".into(),
            permission_set: "c".into(),
            requested_by: None,
            approved_by: None,
            approved_at: Known::Value(at("2026-09-01T00:00:00Z")),
            from: None,
            until: Some(at("2026-09-02T00:00:00Z")),
            reference: None,
            origin: "approvals.csv row 1 (line 2)".into(),
        };
        assert!(!approval.covers(at("2026-08-31T23:59:59Z")));
        assert!(approval.covers(at("2026-09-01T00:00:00Z")));
        assert!(!approval.covers(at("2026-09-02T00:00:00Z")));
        approval.from = Some(at("2026-09-01T12:00:00Z"));
        assert!(!approval.covers(at("2026-09-01T00:00:00Z")));
        assert_eq!(approval.name(), "approvals.csv row 1 (line 2)");
    }
}
