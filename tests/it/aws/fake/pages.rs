//! Cutting lists into pages, with tokens that only their own request understands.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::dispatch::{Denial, Reply};
use super::faults::Effect;

/// The largest page of an operation.
pub(super) fn most(operation: &str) -> usize {
    match operation {
        "organizations:ListAccounts" => 20,
        "cloudtrail:LookupEvents" => 50,
        _ => 100,
    }
}

/// How the page asked for is to be cut.
pub(super) struct Cut<'a> {
    pub(super) operation: &'a str,
    pub(super) body: &'a Value,
    /// The page size of the service, or less by the server's set-up.
    pub(super) limit: usize,
    pub(super) effects: Vec<&'a Effect>,
}

impl Cut<'_> {
    /// What a token is good for: this operation with these parameters, whatever the page size.
    fn scope(&self) -> String {
        let mut parameters = self.body.clone();
        if let Some(object) = parameters.as_object_mut() {
            object.remove("NextToken");
            object.remove("MaxResults");
        }
        let digest = Sha256::digest(format!("{}{parameters}", self.operation));
        BASE64URL_NOPAD.encode(&digest[..9])
    }

    fn token(&self, offset: usize, empty_given: bool) -> String {
        let text = format!("{}|{offset}|{empty_given}", self.scope());
        format!("AAMA-{}", BASE64URL_NOPAD.encode(text.as_bytes()))
    }

    fn read_token(&self, token: &str) -> Option<(usize, bool)> {
        let bytes = BASE64URL_NOPAD.decode(token.strip_prefix("AAMA-")?.as_bytes()).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let mut parts = text.split('|');
        if parts.next()? != self.scope() {
            return None;
        }
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }

    fn has(&self, test: impl Fn(&Effect) -> bool) -> bool {
        self.effects.iter().any(|effect| test(effect))
    }

    /// The page of `items` that the request asks for, as a reply with the list under `key`.
    pub(super) fn page(&self, key: &str, mut item: impl FnMut(usize) -> Value, total: usize) -> Result<Reply, Denial> {
        let sent = self.body.get("NextToken").and_then(Value::as_str);
        let (offset, empty_given) = match sent {
            None => (0, false),
            Some(token) => self.read_token(token).ok_or(Denial::validation("The token isn't valid."))?,
        };
        let asked = self.body.get("MaxResults").and_then(Value::as_u64);
        let most = most(self.operation);
        if asked.is_some_and(|asked| asked == 0 || asked > most as u64) {
            return Err(Denial::validation(&format!("MaxResults must be between 1 and {most}.")));
        }
        let mut size = asked.map_or(self.limit, |asked| self.limit.min(asked as usize));
        for effect in &self.effects {
            if let Effect::ShortPages(short) = effect {
                size = size.min(*short);
            }
        }
        if self.has(|effect| matches!(effect, Effect::EmptyPages)) && !empty_given {
            return Ok(Reply::list(json!({ key: [], "NextToken": self.token(offset, true) }), 0));
        }
        let end = (offset + size).min(total);
        let items: Vec<Value> = (offset..end).map(&mut item).collect();
        let mut next = (end < total).then(|| self.token(end, false));
        if self.has(|effect| matches!(effect, Effect::TokenLoop)) && next.is_none() {
            next = Some(self.token(0, true));
        }
        if self.has(|effect| matches!(effect, Effect::RepeatToken)) {
            next = sent.map(str::to_owned).or(next).or_else(|| Some(self.token(0, true)));
        }
        let count = items.len();
        let mut reply = json!({ key: items });
        if let Some(next) = next {
            reply["NextToken"] = next.into();
        }
        Ok(Reply::list(reply, count))
    }
}
