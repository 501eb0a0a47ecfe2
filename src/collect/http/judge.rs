//! What went wrong with a request, in one sentence, with what to do about it and whether trying again can help.

use reqwest::header::{CONTENT_TYPE, LOCATION};
use serde_json::Value;

use super::{Endpoint, Reply};
use crate::collect::calls::{CallError, Called, Patience, Verdict};
use crate::model::{GapKind, Instant};

/// A failure, as far as it hangs on no vendor.
#[derive(Debug)]
pub(super) enum Failure {
    /// The service answered with something else than success.
    Answered {
        /// The head of the answer.
        reply: Box<Reply>,
        /// Its body, or the beginning of it.
        body: Vec<u8>,
        /// Whether another token may help.
        renewable: bool,
        /// What must not be in any message.
        secret: Option<String>,
    },
    /// No answer.
    Unreachable {
        /// What the network said.
        why: String,
        /// Whether time ran out.
        timed_out: bool,
    },
    /// The service said yes, and what it said can't be used.
    Unusable {
        /// What is wrong with it.
        why: String,
        /// Whether it may be better the next time.
        again: bool,
    },
    /// No request was sent, for want of a token or a usable address.
    NotSent(CallError),
}

/// Codes by which Google says "too many requests" under 403 (Admin SDK, "Limits and quotas").
const QUOTA_CODES: [&str; 3] = ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"];

/// Judges a failure of `endpoint`.
pub(super) fn judge(endpoint: &Endpoint, failure: Failure, now: Instant) -> Verdict {
    let vendor = endpoint.vendor;
    match failure {
        Failure::Answered { reply, body, renewable, secret } => {
            let told = Told::of(&body, secret.as_deref());
            answered(endpoint, &reply, &told, is_web_page(&reply, &body), renewable, now)
        }
        Failure::Unreachable { why, timed_out } => Verdict::new(
            if timed_out { Patience::Short } else { Patience::Some },
            CallError {
                kind: GapKind::Network,
                reason: format!("{vendor} could not be reached: {why}"),
                hint: "check the network, the proxy (HTTPS_PROXY, NO_PROXY), the address in the config and `ca`, then run again"
                    .to_owned(),
                code: None,
            },
        ),
        Failure::Unusable { why, again } => {
            Verdict::new(if again { Patience::Some } else { Patience::None }, CallError::malformed(endpoint, &why))
        }
        Failure::NotSent(error) => Verdict { sent: false, ..Verdict::new(Patience::None, error) },
    }
}

fn answered(endpoint: &Endpoint, reply: &Reply, told: &Told, web_page: bool, renewable: bool, now: Instant) -> Verdict {
    let Endpoint { vendor, permission, .. } = endpoint;
    let (action, status) = (endpoint.action(), reply.status);
    let words = told.words();
    let code = told.code.clone();
    let tell = |kind, reason: String, hint: &str| CallError { kind, reason, hint: hint.to_owned(), code: code.clone() };
    let quota = code.as_deref().is_some_and(|code| QUOTA_CODES.contains(&code));
    match status {
        429 | 403 if status == 429 || quota => Verdict {
            wait: reply.wait(now),
            ..Verdict::new(
                Patience::Throttle,
                tell(
                    GapKind::Throttled,
                    format!("{vendor} still throttled {action} after every try"),
                    "lower requests_at_once, or run again when other tools that read it are quiet",
                ),
            )
        },
        401 => Verdict::new(
            if renewable { Patience::Renewed } else { Patience::None },
            tell(
                GapKind::Credentials,
                format!("{vendor} does not accept the credentials{words}"),
                "check that they are the right ones, and neither expired nor revoked",
            ),
        ),
        403 => Verdict::new(
            Patience::None,
            tell(
                GapKind::Denied,
                format!("{vendor} denied {action}{words}"),
                &if permission.is_empty() {
                    "ask an administrator why".to_owned()
                } else {
                    format!("grant it {permission}")
                },
            ),
        ),
        404 | 410 => Verdict::new(
            Patience::None,
            tell(
                GapKind::NotFound,
                format!("what {action} asked about does not exist"),
                "check the address and the names in the config; or it was removed meanwhile: run again",
            ),
        ),
        407 => Verdict::new(
            Patience::None,
            tell(
                GapKind::Network,
                "the proxy asks for a name and password".to_owned(),
                "write them into HTTPS_PROXY, or except the host with NO_PROXY",
            ),
        ),
        300..=399 => Verdict::new(
            Patience::None,
            tell(
                GapKind::Server,
                format!(
                    "{vendor} sends {action} elsewhere{} (HTTP {status}), and the token is not sent there",
                    target(reply)
                ),
                "check the address in the config",
            ),
        ),
        408 | 500.. => {
            let wait = reply.wait(now);
            let page = if web_page { ", with a web page that a proxy may have sent" } else { "" };
            Verdict {
                wait,
                ..Verdict::new(
                    if status == 503 && wait.is_some() { Patience::Throttle } else { Patience::Long },
                    tell(
                        GapKind::Server,
                        format!("{vendor} failed with HTTP {status}{words}{page}"),
                        "run again; if it stays, see the vendor's status page",
                    ),
                )
            }
        }
        _ => Verdict::new(
            Patience::None,
            tell(
                GapKind::Server,
                format!("{vendor} refused {action} with HTTP {status}{words}"),
                "check the address and the names in the config",
            ),
        ),
    }
}

/// Where a redirection leads, without path and query.
fn target(reply: &Reply) -> String {
    let url = reply.text(&LOCATION).and_then(|location| reqwest::Url::parse(location).ok());
    url.map(|url| format!(" to {}", url.origin().ascii_serialization())).unwrap_or_default()
}

/// Whether an answer is for a browser.
pub(super) fn is_web_page(reply: &Reply, body: &[u8]) -> bool {
    reply.text(&CONTENT_TYPE).is_some_and(|kind| kind.to_ascii_lowercase().contains("html"))
        || body.trim_ascii_start().first() == Some(&b'<')
}

/// What a vendor says of its own error.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) code: Option<String>,
    message: Option<String>,
}

/// Longer messages are cut off.
const LONGEST: usize = 240;

impl Told {
    /// Reads the shapes of Microsoft Graph, Google, Okta, Keycloak, SCIM (RFC 7644, 3.12) and OAuth (RFC 6749, 5.2).
    pub(super) fn of(body: &[u8], secret: Option<&str>) -> Self {
        let Ok(json) = serde_json::from_slice::<Value>(body) else {
            return Self::default();
        };
        let text = |paths: &[&str]| {
            let found = paths.iter().find_map(|path| json.pointer(path)?.as_str());
            found.map(|text| plain(text, secret)).filter(|text| !text.is_empty())
        };
        Self {
            code: text(&[
                "/error/errors/0/reason",
                "/error/code",
                "/error/status",
                "/errorCode",
                "/scimType",
                "/error",
            ]),
            message: text(&[
                "/error/message",
                "/errorSummary",
                "/error_description",
                "/errorMessage",
                "/detail",
                "/message",
            ]),
        }
    }

    /// In brackets, with a blank before; nothing where nothing was told.
    pub(super) fn words(&self) -> String {
        match (&self.code, &self.message) {
            (Some(code), Some(message)) if message.starts_with(code.as_str()) => format!(" ({message})"),
            (Some(code), Some(message)) => format!(" ({code}: {message})"),
            (Some(one), None) | (None, Some(one)) => format!(" ({one})"),
            (None, None) => String::new(),
        }
    }
}

/// One line without what differs each time (Microsoft appends trace ids), without secrets, and not long.
fn plain(text: &str, secret: Option<&str>) -> String {
    let text = text.split(" Trace ID:").next().unwrap_or_default();
    let text = text.split(['\r', '\n']).map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let mut text: String = text.chars().filter(|c| !c.is_control()).collect();
    if let Some(secret) = secret.filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "…");
    }
    let mut cut = text.trim_end_matches(['.', ' ']).to_owned();
    if let Some((at, _)) = cut.char_indices().nth(LONGEST) {
        cut.truncate(at);
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_vendor_is_understood() {
        let told = |body: &str| Told::of(body.as_bytes(), Some("tok-123")).words();
        for (body, words) in [
            (
                r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}"#,
                " (Authorization_RequestDenied: Insufficient privileges to complete the operation)",
            ),
            (
                r#"{"error":{"code":403,"message":"Not Authorized to access this resource/api","errors":[{"reason":"forbidden"}]}}"#,
                " (forbidden: Not Authorized to access this resource/api)",
            ),
            (
                r#"{"errorCode":"E0000011","errorSummary":"Invalid token provided","errorId":"oae1"}"#,
                " (E0000011: Invalid token provided)",
            ),
            (
                r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Trace ID: 1 Correlation ID: 2"}"#,
                " (invalid_client: AADSTS7000215: Invalid client secret provided)",
            ),
            (
                r#"{"schemas":[],"detail":"no such filter","scimType":"invalidFilter","status":"400"}"#,
                " (invalidFilter: no such filter)",
            ),
            (r#"{"error":"unauthorized_client"}"#, " (unauthorized_client)"),
            (r#"{"errorSummary":"token tok-123 is\nnot known"}"#, " (token … is)"),
            ("<html>", ""),
            ("[]", ""),
        ] {
            assert_eq!(told(body), words, "{body}");
        }
        let long = format!(r#"{{"detail":"{}"}}"#, "ü".repeat(1000));
        assert_eq!(told(&long).chars().count(), LONGEST + 4);
    }
}
