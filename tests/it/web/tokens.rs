//! The tokens that a site gives and takes.

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::{Asked, Reply};

/// Gives tokens, and knows which of them is good.
#[derive(Clone, Default)]
pub(crate) struct Tokens(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    given: u32,
    /// Whether the last one given is still good.
    good: bool,
    /// How many requests a token is good for.
    lasts: Option<u32>,
    used: u32,
    expires_in: Option<i64>,
    refusal: Option<Reply>,
}

impl Tokens {
    /// Tokens that last.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Each is good for so many requests.
    pub(crate) fn lasting(self, requests: u32) -> Self {
        self.0.lock().unwrap().lasts = Some(requests);
        self
    }

    /// Each says that it expires in so many seconds.
    pub(crate) fn expiring(self, seconds: i64) -> Self {
        self.0.lock().unwrap().expires_in = Some(seconds);
        self
    }

    /// None is given; this is the answer instead.
    pub(crate) fn refusing(self, reply: Reply) -> Self {
        self.0.lock().unwrap().refusal = Some(reply);
        self
    }

    /// The last one given is good no more.
    pub(crate) fn expire(&self) {
        self.0.lock().unwrap().good = false;
    }

    /// How many were given.
    pub(crate) fn given(&self) -> u32 {
        self.0.lock().unwrap().given
    }

    /// Gives another; the one before is good no more.
    pub(super) fn give(&self) -> Reply {
        let mut state = self.0.lock().unwrap();
        if let Some(refusal) = &state.refusal {
            return refusal.clone();
        }
        state.given += 1;
        state.used = 0;
        state.good = true;
        let mut body = json!({ "access_token": format!("token-{}", state.given), "token_type": "Bearer" });
        if let Some(seconds) = state.expires_in {
            body["expires_in"] = seconds.into();
        }
        Reply::json(body)
    }

    /// Takes a request's token; the answer to one that is not good.
    pub(super) fn take(&self, asked: &Asked) -> Option<Reply> {
        let mut state = self.0.lock().unwrap();
        if state.lasts.is_some_and(|lasts| state.used >= lasts) {
            state.good = false;
        }
        let right = asked.header("authorization") == Some(&format!("Bearer token-{}", state.given));
        if right && state.good {
            state.used += 1;
            return None;
        }
        let body =
            json!({ "error": { "code": "InvalidAuthenticationToken", "message": "Lifetime validation failed." } });
        Some(Reply::status(401, body))
    }
}
