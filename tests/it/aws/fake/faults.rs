//! What can go wrong, and when.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

/// Which of the matching requests are hit.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    /// All of them.
    Every,
    /// The nth, from 1.
    Nth(u64),
    /// The first n.
    First(u64),
    /// The nth and all after it.
    From(u64),
}

/// What happens to them.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// Pages hold at most so many items.
    ShortPages(usize),
    /// An empty page with a token comes before every page.
    EmptyPages,
    /// The answer's token is the one that was sent (or, on a first page, one that leads to itself).
    RepeatToken,
    /// The last page has a token that leads back to the first.
    TokenLoop,
    /// A server error with a JSON body.
    ErrorJson(u16),
    /// A server error with an HTML body, as load balancers give.
    ErrorHtml(u16),
    /// The connection is reset before an answer.
    Reset,
    /// `content-length` promises more than is sent.
    Truncated,
    /// 200 without a body.
    EmptyBody,
    /// 200 with half of the JSON, its length told right.
    HalfJson,
    /// An error of this code, with HTTP status 400.
    Refuse(&'static str),
    /// `AccessDeniedException` whose `Reason` says that it is the KMS key.
    DeniedByKms,
    /// The answer comes late.
    Slow(Duration),
    /// The request isn't answered and the connection stays open.
    Hang,
}

/// A fault of one operation.
#[derive(Debug)]
pub(crate) struct Fault {
    operation: String,
    containing: Option<String>,
    when: When,
    effect: Effect,
    matched: AtomicU64,
}

impl Fault {
    /// A fault of `operation`, such as `sso:ListAccountAssignments`; `*` is any, `sso:*` any of a service.
    pub(crate) fn new(operation: &str, when: When, effect: Effect) -> Self {
        Self { operation: operation.to_owned(), containing: None, when, effect, matched: AtomicU64::new(0) }
    }

    /// Only for requests whose body has this text, such as an id.
    pub(crate) fn containing(mut self, text: &str) -> Self {
        self.containing = Some(text.to_owned());
        self
    }

    fn concerns(&self, operation: &str, body: &Value) -> bool {
        let named = match self.operation.strip_suffix('*') {
            Some(prefix) => operation.starts_with(prefix),
            None => operation == self.operation,
        };
        named && self.containing.as_ref().is_none_or(|text| body.to_string().contains(text.as_str()))
    }

    /// Its effect, if it hits this request. Counts the request.
    pub(super) fn hit(&self, operation: &str, body: &Value) -> Option<&Effect> {
        if !self.concerns(operation, body) {
            return None;
        }
        let nth = self.matched.fetch_add(1, Ordering::Relaxed) + 1;
        let hit = match self.when {
            When::Every => true,
            When::Nth(n) => nth == n,
            When::First(n) => nth <= n,
            When::From(n) => nth >= n,
        };
        hit.then_some(&self.effect)
    }
}

impl Effect {
    /// Its name, for the record.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::ShortPages(_) => "short pages",
            Self::EmptyPages => "empty pages",
            Self::RepeatToken => "repeated token",
            Self::TokenLoop => "token loop",
            Self::ErrorJson(_) => "server error, JSON",
            Self::ErrorHtml(_) => "server error, HTML",
            Self::Reset => "connection reset",
            Self::Truncated => "truncated body",
            Self::EmptyBody => "empty body",
            Self::HalfJson => "half of the JSON",
            Self::Refuse(code) => code,
            Self::DeniedByKms => "denied by KMS",
            Self::Slow(_) => "slow",
            Self::Hang => "hang",
        }
    }

    /// Whether it only changes how lists are cut into pages.
    pub(super) fn pages_only(&self) -> bool {
        matches!(self, Self::ShortPages(_) | Self::EmptyPages | Self::RepeatToken | Self::TokenLoop)
    }
}
