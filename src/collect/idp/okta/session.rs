//! How Okta's API is entered.

use std::sync::Arc;

use super::endpoint::{ENDPOINTS, TOKEN, USERS};
use crate::collect::CollectCx;
use crate::collect::calls::CallError;
use crate::collect::http::{Credential, Grant, Http, Limits, Proof, Request, Setup, Signer};
use crate::collect::idp::scopes::Scoped;
use crate::collect::secret;
use crate::collect::table::plain_error;
use crate::config::{OktaConfig, OktaCredential, Part};
use crate::error::Error;
use crate::model::GapKind;

/// Requests under way at once, where the config doesn't say. Okta lets an organisation have 75, a free one 35, whoever
/// asks (Okta, "Rate limits", concurrency).
const AT_ONCE: u32 = 10;

/// Connects with every scope that is granted.
///
/// # Errors
/// When a secret is not where the config says, or is not what it should be.
pub(super) async fn open(source: &str, config: &OktaConfig, limits: Limits, cx: &CollectCx) -> Result<Scoped, Error> {
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
    let missing = |error: &CallError| {
        let code = error.code.as_deref();
        error.kind == GapKind::Credentials && matches!(code, Some("invalid_scope" | "consent_required"))
    };
    Scoped::open(&scopes(config), connect, missing).await
}

/// A request that needs a token and little else.
pub(super) fn one_user(http: &Http) -> Request {
    okta_response(http.get(&USERS, &["api", "v1", "users"])).query("search", "status pr").query("limit", "1")
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
