//! How Okta's API is entered.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::IgnoredAny;

use super::endpoint::{ENDPOINTS, TOKEN, USERS};
use crate::collect::CollectCx;
use crate::collect::calls::CallError;
use crate::collect::http::{Credential, Grant, Http, Limits, Proof, Request, Setup, Signer};
use crate::collect::secret;
use crate::collect::table::plain_error;
use crate::config::{OktaConfig, OktaCredential, Part};
use crate::error::Error;
use crate::model::{GapKind, OperationRecord};

/// Requests under way at once, where the config doesn't say. Okta lets an organisation have 75, a free one 35, whoever
/// asks (Okta, "Rate limits", concurrency).
const AT_ONCE: u32 = 10;

/// A connection, with what was found out about it.
pub(super) struct Session {
    /// Asks with every scope that can be had.
    pub(super) http: Arc<Http>,
    /// What was asked before by clients with other scopes.
    earlier: Vec<OperationRecord>,
    /// Scopes that the service app was not granted.
    pub(super) refused: Vec<&'static str>,
}

impl Session {
    /// Connects. A service app gets no token at all when one scope of several is not granted, so they are then tried one by
    /// one, and only those that depend on a missing one are lost.
    ///
    /// # Errors
    /// When a secret is not where the config says, or is not what it should be.
    pub(super) async fn open(source: &str, config: &OktaConfig, limits: Limits, cx: &CollectCx) -> Result<Self, Error> {
        let scopes = scopes(config);
        let connect = |scopes: &[&'static str]| -> Result<Arc<Http>, Error> {
            Http::connect(
                Setup {
                    source,
                    base_url: &config.org_url,
                    credential: credential(source, config, scopes, cx)?,
                    endpoints: ENDPOINTS,
                    connection: &config.connection,
                    at_once: AT_ONCE,
                    limits,
                },
                cx,
            )
        };
        let http = connect(&scopes)?;
        if matches!(config.credential, OktaCredential::Token(_)) {
            return Ok(Self { http, earlier: Vec::new(), refused: Vec::new() });
        }
        let refused_for_scopes = |error: &CallError| {
            let code = error.code.as_deref();
            error.kind == GapKind::Credentials && matches!(code, Some("invalid_scope" | "consent_required"))
        };
        match first(&http).await {
            Err(error) if refused_for_scopes(&error) => {}
            _ => return Ok(Self { http, earlier: Vec::new(), refused: Vec::new() }),
        }
        let mut earlier = http.records();
        let (mut granted, mut refused) = (Vec::new(), Vec::new());
        for scope in scopes {
            let alone = connect(&[scope])?;
            match first(&alone).await {
                Err(error) if refused_for_scopes(&error) => refused.push(scope),
                _ => granted.push(scope),
            }
            earlier.extend(alone.records());
        }
        // With none granted, the refusal of all is told by whatever is asked.
        let http = if granted.is_empty() { http } else { connect(&granted)? };
        Ok(Self { http, earlier, refused })
    }

    /// What was asked so far, by all clients.
    pub(super) fn records(&self) -> Vec<OperationRecord> {
        let mut merged: BTreeMap<(String, String), OperationRecord> = BTreeMap::new();
        for record in self.earlier.iter().cloned().chain(self.http.records()) {
            match merged.entry((record.operation.clone(), record.parameters.clone())) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(record);
                }
                std::collections::btree_map::Entry::Occupied(mut entry) => add(entry.get_mut(), &record),
            }
        }
        merged.into_values().collect()
    }
}

fn add(to: &mut OperationRecord, more: &OperationRecord) {
    to.requests += more.requests;
    to.pages += more.pages;
    to.items += more.items;
    to.retries += more.retries;
    to.throttles += more.throttles;
    to.failures += more.failures;
    to.first_at = to.first_at.min(more.first_at);
    to.last_at = to.last_at.max(more.last_at);
}

/// A request that needs a token and little else.
pub(super) fn one_user(http: &Http) -> Request {
    okta_response(http.get(&USERS, &["api", "v1", "users"])).query("search", "status pr").query("limit", "1")
}

async fn first(http: &Http) -> Result<Vec<IgnoredAny>, CallError> {
    http.read(&one_user(http)).await
}

/// Leaves credentials out of the users that are told (Okta Management API, `listUsers`, header `Content-Type`).
pub(super) fn okta_response(request: Request) -> Request {
    request.header(
        "content-type",
        "application/json; okta-response=\"omitCredentials,omitCredentialsLinks,omitTransitioningToStatus\"",
    )
}

/// The scopes that a service app needs for what is asked.
pub(super) fn scopes(config: &OktaConfig) -> Vec<&'static str> {
    let asks = |part| config.connection.asks(part);
    let application = config.application.is_some() && asks(Part::Application);
    let mut scopes = vec!["okta.users.read"];
    if asks(Part::Groups) {
        scopes.push("okta.groups.read");
    }
    if application {
        scopes.push("okta.apps.read");
    }
    if asks(Part::Events) {
        scopes.push("okta.logs.read");
    }
    if application && asks(Part::SecondFactors) {
        scopes.push("okta.policies.read");
    }
    scopes
}

fn credential(source: &str, config: &OktaConfig, scopes: &[&'static str], cx: &CollectCx) -> Result<Credential, Error> {
    match &config.credential {
        OktaCredential::Token(token) => {
            let token = secret::resolve(token, "token", source, &cx.base)?;
            Ok(Credential::Fixed { scheme: "SSWS", token })
        }
        OktaCredential::PrivateKey { client_id, key, key_id } => {
            let pem = secret::resolve(key, "private_key", source, &cx.base)?;
            let url = format!("{}/oauth2/v1/token", config.org_url);
            let signer = Signer::new(&pem, client_id, client_id, &url).map_err(|why| {
                let help = "give the service app's private key as PEM (PKCS #8), RSA or P-256";
                plain_error(source, format!("`private_key`: {why}"), help.to_owned())
            })?;
            Ok(Credential::Grant(Box::new(Grant {
                endpoint: &TOKEN,
                url,
                form: vec![("scope", scopes.join(" "))],
                proof: Proof::Signed(signer.key_id(key_id.as_deref())),
                hint: "check client_id, private_key and key_id, that the key's public half stands in the service app, and \
                       that the scopes are granted under \"Okta API Scopes\"",
            })))
        }
    }
}
