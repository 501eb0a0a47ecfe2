//! Why a call failed for good, and whether trying again can help.

use std::time::Duration;

use super::Called;
use crate::model::GapKind;

/// Why a call failed for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    /// Why.
    pub kind: GapKind,
    /// One sentence in lower case. The same cause has the same words, whatever the subject.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
    /// The service's own word for it, `ResourceNotFoundException`.
    pub code: Option<String>,
}

impl CallError {
    /// An answer that can't be true.
    pub fn malformed(called: &dyn Called, reason: &str) -> Self {
        Self {
            kind: GapKind::Malformed,
            reason: reason.to_owned(),
            hint: format!(
                "run again; if it stays, report it to {}, or look for a proxy that alters answers",
                called.vendor()
            ),
            code: None,
        }
    }

    /// Whether the service said that the thing asked about does not exist.
    pub fn is_not_found(&self) -> bool {
        self.kind == GapKind::NotFound
    }
}

/// How often a failure may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Trying again changes nothing.
    None,
    /// Once more at once, with a new token.
    Renewed,
    /// Nobody is there, or nobody who knows the operation: find out quickly.
    Short,
    /// A slip of the network.
    Some,
    /// A service in trouble.
    Long,
    /// A service that asks for patience.
    Throttle,
}

/// A judged failure.
#[derive(Debug)]
pub struct Verdict {
    /// What to record when no try is left.
    pub error: CallError,
    /// Whether to try again.
    pub patience: Patience,
    /// How long the service asked to wait.
    pub wait: Option<Duration>,
    /// Whether a request went out at all.
    pub sent: bool,
}

impl Verdict {
    /// The verdict on a request that was sent, and for which no wait was asked.
    pub fn new(patience: Patience, error: CallError) -> Self {
        Self { error, patience, wait: None, sent: true }
    }
}
