//! Accepted risk: seen, owned, and with an end.

use super::id::AccountId;
use super::pattern::Pattern;
use super::time::Instant;

/// Which user, account and permission set an exception speaks of; each a wildcard pattern.
#[derive(Debug, Clone)]
pub struct ExceptionScope {
    /// Matches user names and emails, without regard to case.
    pub user: Pattern,
    /// Matches account ids and names.
    pub account: Pattern,
    /// Matches permission set names.
    pub permission_set: Pattern,
}

/// An accepted risk. It never hides a finding; it marks it, until it ends.
#[derive(Debug, Clone)]
pub struct Exception {
    /// `x_` and a digest of rule and scope.
    pub id: String,
    /// The rule whose findings it accepts.
    pub rule: &'static str,
    /// Which subjects.
    pub scope: ExceptionScope,
    /// Why the risk is accepted.
    pub reason: String,
    /// Who accepted it.
    pub approved_by: String,
    /// Where it was decided.
    pub ticket: Option<String>,
    /// What is done instead.
    pub compensating_control: Option<String>,
    /// The close of its last day, in UTC.
    pub expires: Instant,
}

impl ExceptionScope {
    /// Whether a grant of this user, account and permission set lies in the scope.
    pub fn covers(&self, user: &[&str], account: (&AccountId, &str), permission_set: &str) -> bool {
        user.iter().any(|name| self.covers_user(name))
            && (self.account.matches(account.0.as_str()) || self.account.matches(account.1))
            && self.permission_set.matches(permission_set)
    }

    /// Whether this user name or email lies in the scope.
    pub fn covers_user(&self, name: &str) -> bool {
        self.user.matches(name)
    }

    /// Whether the scope takes in every account and permission set.
    pub fn is_whole_user(&self) -> bool {
        self.account.is_any() && self.permission_set.is_any()
    }
}
