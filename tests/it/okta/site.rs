//! An [`Org`] behind a web server: credentials, scopes and `Link` headers as Okta has them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use super::org::{Org, Said};
use crate::web::{Asked, Reply, Site};

/// The API token that is good.
pub(crate) const TOKEN: &str = "00planted-t0ken-of-the-reader";
/// The service app that may sign in.
pub(crate) const CLIENT: &str = "0oaService";
/// Its key.
pub(crate) const KEY: &str = include_str!("../../fixtures/web/p256.pem");
const PUBLIC_KEY: &str = include_str!("../../fixtures/web/p256-public.pem");

/// An organisation that can change while it is asked.
pub(crate) type Shared = Arc<Mutex<Org>>;

/// Every path with the scope that it takes (Okta, "OAuth 2.0 scopes").
const PATHS: [(&str, &[&str]); 14] = [
    ("/api/v1/users", &["okta.users.read"]),
    ("/api/v1/users/{}", &["okta.users.read"]),
    ("/api/v1/users/{}/factors", &["okta.users.read"]),
    ("/api/v1/groups", &["okta.groups.read"]),
    ("/api/v1/groups/{}/users", &["okta.groups.read"]),
    ("/api/v1/apps", &["okta.apps.read"]),
    ("/api/v1/apps/{}", &["okta.apps.read"]),
    ("/api/v1/apps/{}/users", &["okta.apps.read"]),
    ("/api/v1/apps/{}/groups", &["okta.apps.read"]),
    ("/api/v1/apps/{}/group-push/mappings", &["okta.apps.read", "okta.groups.read"]),
    ("/api/v1/policies", &["okta.policies.read"]),
    ("/api/v1/policies/{}", &["okta.policies.read"]),
    ("/api/v1/policies/{}/rules", &["okta.policies.read"]),
    ("/api/v1/logs", &["okta.logs.read"]),
];

/// A site of the organisation, to which an API token or the service app's key opens the door. Of the service app's scopes only
/// `granted` are.
pub(crate) fn site(org: &Shared, granted: &[&'static str]) -> Site {
    let granted: Vec<&'static str> = granted.to_vec();
    let site = open(org, move |asked, scopes| {
        let authorization = asked.header("authorization").unwrap_or_default();
        if authorization == format!("SSWS {TOKEN}") {
            return None;
        }
        let Some(has) = authorization.strip_prefix("Bearer for ") else {
            return Some(error(401, "E0000011", "Invalid token provided"));
        };
        let missing = scopes.iter().any(|scope| !has.split(' ').any(|one| one == *scope));
        missing.then(denied)
    });
    site.post("/oauth2/v1/token", move |asked| give(asked, &granted))
}

/// The same without a look at who asks.
pub(crate) fn open(
    org: &Shared,
    refuse: impl Fn(&Asked, &[&str]) -> Option<Reply> + Clone + Send + Sync + 'static,
) -> Site {
    PATHS.into_iter().fold(Site::new(), |site, (path, scopes)| {
        let (org, refuse) = (Arc::clone(org), refuse.clone());
        site.get(path, move |asked| refuse(asked, scopes).unwrap_or_else(|| answer(&org.lock().unwrap(), asked)))
    })
}

fn answer(org: &Org, asked: &Asked) -> Reply {
    let path: Vec<&str> = asked.path.trim_start_matches("/api/v1/").split('/').collect();
    let query: BTreeMap<String, String> = asked.query.iter().cloned().collect();
    let host = format!("http://{}", asked.header("host").unwrap());
    match org.answer(&path, &query) {
        Said::One(value) => Reply::json(value),
        Said::Page(items, next) => {
            // Each link has a line of its own (Okta, "Link header").
            let reply =
                Reply::json(Value::Array(items)).header("link", format!("<{host}{}>; rel=\"self\"", asked.path));
            match next {
                Some(next) => reply.header("link", format!("<{host}{next}>; rel=\"next\"")),
                None => reply,
            }
        }
        Said::Error(status, code, summary) => error(status, code, summary),
    }
}

/// An error as Okta words it.
pub(crate) fn error(status: u16, code: &str, summary: &str) -> Reply {
    Reply::status(
        status,
        json!({ "errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": "sampleQPivGUj_ND5v78vbYWW",
                "errorCauses": [] }),
    )
}

/// What Okta says to whoever may not.
pub(crate) fn denied() -> Reply {
    error(403, "E0000006", "You do not have permission to perform the requested action")
}

/// Gives a token to the service app, as the org authorization server does: for all scopes asked for, or for none.
fn give(asked: &Asked, granted: &[&str]) -> Reply {
    let refuse = |code: &str, why: &str| Reply::status(400, json!({ "error": code, "error_description": why }));
    let form = asked.form();
    assert_eq!(form["grant_type"], "client_credentials");
    let mut validation = Validation::new(Algorithm::ES256);
    validation.validate_exp = false;
    validation.set_audience(&[format!("http://{}/oauth2/v1/token", asked.header("host").unwrap())]);
    validation.set_issuer(&[CLIENT]);
    let key = DecodingKey::from_ec_pem(PUBLIC_KEY.as_bytes()).unwrap();
    let Ok(proof) = jsonwebtoken::decode::<Value>(&form["client_assertion"], &key, &validation) else {
        return Reply::status(
            401,
            json!({ "error": "invalid_client", "error_description": "The client_assertion token is invalid." }),
        );
    };
    assert_eq!(proof.claims["sub"], CLIENT);
    let (issued, expires) = (proof.claims["iat"].as_i64().unwrap(), proof.claims["exp"].as_i64().unwrap());
    assert!(expires - issued <= 3600, "Okta takes assertions of an hour at most");
    if form["scope"].split(' ').any(|scope| !granted.contains(&scope)) {
        return refuse("invalid_scope", "One or more scopes are not configured for the authorization server resource.");
    }
    Reply::json(json!({
        "token_type": "Bearer", "expires_in": 3600, "access_token": format!("for {}", form["scope"]), "scope": form["scope"],
    }))
}
