//! How Google's API is entered: as a service account, in the name of an administrator (domain-wide delegation).

use serde::Deserialize;

use super::endpoint::{AUDIT_SCOPE, ENDPOINTS, GROUP_SCOPE, TOKEN, USER_SCOPE};
use crate::collect::CollectCx;
use crate::collect::http::{Credential, Grant, Http, Limits, Proof, Setup, Signer};
use crate::collect::idp::scopes::Scoped;
use crate::collect::secret::{self, SecretText};
use crate::collect::table::plain_error;
use crate::config::{GoogleConfig, Part};
use crate::error::Error;

/// Requests under way at once, where the config doesn't say.
const AT_ONCE: u32 = 10;

/// What the file of a service account's key says (Google Cloud, "Service account credentials"). Its `token_uri` is not followed:
/// only the config says where tokens come from.
#[derive(Deserialize)]
struct KeyFile {
    #[serde(rename = "type")]
    kind: Option<String>,
    client_email: Option<String>,
    private_key: Option<String>,
    private_key_id: Option<String>,
}

/// The service account with its key.
struct Account {
    email: String,
    key: SecretText,
    key_id: Option<String>,
}

/// The scopes that are needed for what is asked.
pub(super) fn scopes(config: &GoogleConfig) -> Vec<&'static str> {
    let asks = |part| config.connection.asks(part);
    let mut scopes = vec![USER_SCOPE];
    if asks(Part::Groups) {
        scopes.push(GROUP_SCOPE);
    }
    if asks(Part::Events) {
        scopes.push(AUDIT_SCOPE);
    }
    scopes
}

/// Connects; gives the service account's name as well.
///
/// # Errors
/// When the key file is not where the config says, or is not what it should be.
pub(super) async fn open(
    source: &str,
    config: &GoogleConfig,
    limits: Limits,
    cx: &CollectCx,
) -> Result<(Scoped, String), Error> {
    let account = account(source, config, cx)?;
    let connect = |scopes: &[&'static str]| {
        let signer = Signer::new(&account.key, &account.email, &config.subject, &config.token_url).map_err(|why| {
            plain_error(source, format!("`credentials`: {why}"), "download the service account's key again".to_owned())
        })?;
        let grant = Grant {
            endpoint: &TOKEN,
            url: config.token_url.clone(),
            form: Vec::new(),
            proof: Proof::Bearer(signer.key_id(account.key_id.as_deref()).scope(&scopes.join(" "))),
            hint: "in the Admin console under Security, API controls, Domain-wide delegation, allow the service account's client \
                   id the scopes that `overstay doctor` names, and check `subject`",
        };
        let setup = Setup {
            source,
            base_url: &config.base_url,
            credential: Credential::Grant(Box::new(grant)),
            endpoints: ENDPOINTS,
            connection: &config.connection,
            at_once: AT_ONCE,
            limits,
        };
        Http::connect(setup, cx)
    };
    let scopes = scopes(config);
    let missing = |error: &crate::collect::calls::CallError| error.code.as_deref() == Some("unauthorized_client");
    Ok((Scoped::open(&scopes, connect, missing).await?, account.email.clone()))
}

fn account(source: &str, config: &GoogleConfig, cx: &CollectCx) -> Result<Account, Error> {
    let wrong = |what: &str| {
        plain_error(
            source,
            format!("`credentials`: the {} {what}", config.credentials),
            "name the JSON key file of a service account".to_owned(),
        )
    };
    let text = secret::resolve(&config.credentials, "credentials", source, &cx.base)?;
    // What the parser says is not repeated: it may quote the key.
    let file: KeyFile = serde_json::from_str(text.reveal()).map_err(|_| wrong("is not JSON"))?;
    if file.kind.as_deref() != Some("service_account") {
        return Err(wrong("is not the key of a service account"));
    }
    match (file.client_email, file.private_key) {
        (Some(email), Some(key)) if !email.is_empty() => {
            Ok(Account { email, key: SecretText::new(key), key_id: file.private_key_id })
        }
        _ => Err(wrong("lacks client_email or private_key")),
    }
}
