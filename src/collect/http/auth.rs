//! How we prove who is asking: a fixed token, or one that is asked for and renewed.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use serde::Deserialize;

use super::judge::{Failure, Told, judge};
use super::{Endpoint, Http, Signer};
use crate::collect::calls::{CallError, Patience, Verdict};
use crate::collect::secret::{self, SecretText};
use crate::config::Secret;
use crate::model::{GapKind, Instant};

/// How requests are authorised.
#[derive(Debug, Clone)]
pub enum Credential {
    /// Not at all.
    Nobody,
    /// By a fixed header: `Authorization: SCHEME token`.
    Fixed {
        /// `Bearer`, or Okta's `SSWS`.
        scheme: &'static str,
        /// The token.
        token: SecretText,
    },
    /// By a token that is asked for.
    Grant(Box<Grant>),
}

/// How a token is asked for: one `POST` of a form (RFC 6749).
#[derive(Debug, Clone)]
pub struct Grant {
    /// The call, as records name it.
    pub endpoint: &'static Endpoint,
    /// Where. Nothing of the grant is ever sent to another address.
    pub url: String,
    /// What the form says besides the proof: `client_id`, `scope`, …; no secrets.
    pub form: Vec<(&'static str, String)>,
    /// The proof.
    pub proof: Proof,
    /// What to check when it is refused: the keys of the config and the settings at the vendor.
    pub hint: &'static str,
}

/// What proves who is asking.
#[derive(Clone)]
pub enum Proof {
    /// `client_secret`.
    Secret(SecretText),
    /// A client assertion that we sign.
    Signed(Signer),
    /// A client assertion of another issuer, looked up anew each time: whoever issues it replaces it.
    Federated(Secret, PathBuf),
    /// A client assertion that the GitHub Actions runner gives for this audience.
    GitHubActions {
        /// The declared call.
        endpoint: &'static Endpoint,
        /// Where the runner gives it (`ACTIONS_ID_TOKEN_REQUEST_URL`).
        url: SecretText,
        /// What lets us ask for it (`ACTIONS_ID_TOKEN_REQUEST_TOKEN`).
        token: SecretText,
        /// Whom it is for.
        audience: &'static str,
    },
    /// An authorisation grant that we sign: Google's service accounts (RFC 7523, 2.1).
    Bearer(Signer),
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret(_) => "Secret",
            Self::Signed(_) => "Signed",
            Self::Federated(..) => "Federated",
            Self::GitHubActions { .. } => "GitHubActions",
            Self::Bearer(_) => "Bearer",
        })
    }
}

/// A token in use.
#[derive(Debug, Clone)]
struct Token {
    text: Arc<SecretText>,
    /// When to ask for another: shortly before it expires.
    until: Option<Instant>,
}

/// The token that requests bear now.
pub(super) struct Auth {
    credential: Credential,
    /// Held while a token is asked for, so that it is asked for once.
    token: tokio::sync::Mutex<Option<Token>>,
}

/// The value of the `Authorization` header.
#[derive(Clone)]
pub(super) struct Bearer {
    scheme: &'static str,
    pub(super) token: Arc<SecretText>,
}

impl Bearer {
    pub(super) fn header(&self) -> String {
        format!("{} {}", self.scheme, self.token.reveal())
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: Option<i64>,
    token_type: Option<String>,
}

#[derive(Deserialize)]
struct RunnerAnswer {
    value: String,
}

impl Auth {
    pub(super) fn new(credential: Credential) -> Self {
        Self { credential, token: tokio::sync::Mutex::default() }
    }

    /// Whether another token can be had.
    pub(super) fn renewable(&self) -> bool {
        matches!(self.credential, Credential::Grant(_))
    }

    /// The header to send, with a token that still holds.
    pub(super) async fn bearer(&self, http: &Http) -> Result<Option<Bearer>, CallError> {
        let grant = match &self.credential {
            Credential::Nobody => return Ok(None),
            Credential::Fixed { scheme, token } => {
                return Ok(Some(Bearer { scheme, token: Arc::new(token.clone()) }));
            }
            Credential::Grant(grant) => grant,
        };
        let mut held = self.token.lock().await;
        let now = http.calls.clock().now();
        let fresh = held.as_ref().filter(|token| token.until.is_none_or(|until| now < until));
        let token = match fresh {
            Some(token) => token.clone(),
            None => {
                *held = None;
                held.insert(grant.ask(http).await?).clone()
            }
        };
        Ok(Some(Bearer { scheme: "Bearer", token: token.text }))
    }

    /// Forgets a token that was refused, unless it was replaced meanwhile.
    pub(super) async fn refused(&self, bearer: &Bearer) {
        let mut held = self.token.lock().await;
        if held.as_ref().is_some_and(|token| token.text == bearer.token) {
            *held = None;
        }
    }
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

impl Grant {
    async fn ask(&self, http: &Http) -> Result<Token, CallError> {
        let lost = |reason: String, hint: &str| CallError {
            kind: GapKind::Credentials,
            reason,
            hint: hint.to_owned(),
            code: None,
        };
        let assertion = match &self.proof {
            Proof::GitHubActions { endpoint, url, token, audience } => {
                Some(runner(http, endpoint, url, token, audience).await?)
            }
            _ => None,
        };
        let send = || async {
            let now = http.calls.clock().now();
            let mut form = self.form.clone();
            let mut prove = |kind: &'static str, assertion: String| {
                form.push(("grant_type", "client_credentials".to_owned()));
                form.push(("client_assertion_type", ASSERTION_TYPE.to_owned()));
                form.push((kind, assertion));
            };
            match &self.proof {
                Proof::Secret(secret) => {
                    form.push(("grant_type", "client_credentials".to_owned()));
                    form.push(("client_secret", secret.reveal().to_owned()));
                }
                Proof::Signed(signer) => {
                    let signed =
                        signer.assertion(now).map_err(|why| Failure::NotSent(lost(why.to_owned(), self.hint)))?;
                    prove("client_assertion", signed);
                }
                Proof::Federated(place, base) => {
                    let found = secret::resolve(place, "federated_token", self.endpoint.vendor, base);
                    let found = found.map_err(|error| Failure::NotSent(lost(error.to_string(), error.hint())))?;
                    prove("client_assertion", found.reveal().to_owned());
                }
                Proof::GitHubActions { .. } => prove("client_assertion", assertion.clone().unwrap_or_default()),
                Proof::Bearer(signer) => {
                    let signed =
                        signer.assertion(now).map_err(|why| Failure::NotSent(lost(why.to_owned(), self.hint)))?;
                    form.push(("grant_type", JWT_BEARER.to_owned()));
                    form.push(("assertion", signed));
                }
            }
            let url = Url::parse(&self.url).map_err(|_| {
                Failure::NotSent(lost("the token's address is none".to_owned(), "check the address in the config"))
            })?;
            let secret = match &self.proof {
                Proof::Secret(secret) => Some(secret.reveal().to_owned()),
                _ => None,
            };
            let request = http.client.post(url).form(&form);
            http.fetch::<TokenAnswer>(request, false, secret).await.map(|(answer, _)| answer)
        };
        let judge = |failure| self.judge(failure, http.calls.clock().now());
        let answer = http.calls.attempt(self.endpoint, send, judge).await?;
        if answer.token_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("dpop")) {
            return Err(self.bound());
        }
        if answer.access_token.is_empty() {
            return Err(CallError::malformed(self.endpoint, "the token is empty"));
        }
        let now = http.calls.clock().now();
        let until = answer.expires_in.and_then(|seconds| {
            // A minute or a tenth of its life before its end, whichever is sooner.
            let seconds = seconds.max(0) - (seconds.max(0) / 10).min(60);
            now.timestamp().checked_add(Duration::from_secs(seconds.unsigned_abs())).ok().map(Instant::new)
        });
        Ok(Token { text: Arc::new(SecretText::new(answer.access_token)), until })
    }

    /// A token that holds only together with a proof of possession, which we don't make.
    fn bound(&self) -> CallError {
        CallError {
            kind: GapKind::Credentials,
            reason: format!(
                "{} demands DPoP proofs with every token of this application, and overstay makes none",
                self.endpoint.vendor
            ),
            hint: "in the application's settings turn off \"Require Demonstrating Proof of Possession (DPoP) header in token requests\""
                .to_owned(),
            code: None,
        }
    }

    fn judge(&self, failure: Failure, now: Instant) -> Verdict {
        let vendor = self.endpoint.vendor;
        if let Failure::Answered { reply, body, secret, .. } = &failure
            && (400..=403).contains(&reply.status)
        {
            let told = Told::of(body, secret.as_deref());
            if matches!(told.code.as_deref(), Some("use_dpop_nonce" | "invalid_dpop_proof")) {
                return Verdict::new(Patience::None, self.bound());
            }
            return Verdict::new(
                Patience::None,
                CallError {
                    kind: GapKind::Credentials,
                    reason: format!("{vendor} gives no token{}", told.words()),
                    hint: self.hint.to_owned(),
                    code: told.code,
                },
            );
        }
        judge(self.endpoint, failure, now)
    }
}

/// Asks the GitHub Actions runner for a token about the job (GitHub Docs, "OpenID Connect reference").
async fn runner(
    http: &Http,
    endpoint: &'static Endpoint,
    url: &SecretText,
    token: &SecretText,
    audience: &str,
) -> Result<String, CallError> {
    let unusable = || {
        Failure::NotSent(CallError {
            kind: GapKind::Credentials,
            reason: "the address at which the GitHub Actions runner gives tokens is none".to_owned(),
            hint: "give the job `permissions: id-token: write`".to_owned(),
            code: None,
        })
    };
    let send = || async {
        let mut url = Url::parse(url.reveal()).map_err(|_| unusable())?;
        url.query_pairs_mut().append_pair("audience", audience);
        let request = http.client.get(url).bearer_auth(token.reveal());
        http.fetch::<RunnerAnswer>(request, false, Some(token.reveal().to_owned()))
            .await
            .map(|(answer, _)| answer.value)
    };
    http.calls.attempt(endpoint, send, |failure| judge(endpoint, failure, http.calls.clock().now())).await
}
