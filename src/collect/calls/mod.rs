//! How any service is called: paced, counted, tried again where that helps, and stopped where it does not. What differs from
//! service to service is the list of its operations, how a request is sent, and how a failure is judged.

mod attempt;
mod crew;
mod error;
mod gaps;
mod pace;
mod pager;
mod retry;

use crate::model::Fact;

pub use attempt::Calls;
pub use crew::{Crew, Job, Team};
pub use error::{CallError, Patience, Verdict};
pub use gaps::Gaps;
pub use pace::{burst_quota, window_quota};
pub use pager::{Page, Pager, RawPage, list};
pub use retry::RetryPolicy;

/// An operation of a service, as the list of all that may be called has it.
pub trait Called: Send + Sync {
    /// Whose it is, in words: `AWS`, `Okta`.
    fn vendor(&self) -> &'static str;

    /// Its name in records and messages, `sso:ListAccountAssignments` or `GET /v1.0/users`.
    fn action(&self) -> String;

    /// Tells it from every other entry of its list: the service it is asked of, its name, its fixed parameters.
    fn key(&self) -> Key;

    /// The request budget it draws on.
    fn bucket(&self) -> &'static str;

    /// The facts that are incomplete without it.
    fn loses(&self) -> &'static [Fact];

    /// Whether "there is no such thing" is an answer to the question, and no failure.
    fn absence_answers(&self) -> bool;
}

/// Service, name, fixed parameters.
pub type Key = (&'static str, &'static str, &'static str);

#[cfg(test)]
mod testing {
    use super::*;

    /// An operation of a service that there is not.
    pub(super) struct Op(pub(super) &'static str, pub(super) &'static [Fact]);

    impl Called for Op {
        fn vendor(&self) -> &'static str {
            "nobody"
        }

        fn action(&self) -> String {
            format!("svc:{}", self.0)
        }

        fn key(&self) -> Key {
            ("svc", self.0, "")
        }

        fn bucket(&self) -> &'static str {
            "svc"
        }

        fn loses(&self) -> &'static [Fact] {
            self.1
        }

        fn absence_answers(&self) -> bool {
            false
        }
    }
}
