//! How the app registration proves itself (Microsoft identity platform, "OAuth 2.0 client credentials flow").

use std::path::Path;

use reqwest::Url;

use super::endpoints::{RUNNER, TOKEN};
use crate::collect::http::{Credential, Grant, Proof, Signer};
use crate::collect::secret::{SecretText, resolve};
use crate::collect::table::plain_error;
use crate::config::{EntraConfig, EntraCredential, Secret};
use crate::error::Error;

/// Whom a federated token must be for (Microsoft Entra, "Workload identity federation").
const AUDIENCE: &str = "api://AzureADTokenExchange";

/// How tokens are asked for. Secrets are looked up here, once; federated tokens at every request, since whoever issues
/// them replaces them.
///
/// # Errors
/// When a secret is not where the config says it is, or is not what it has to be.
pub(super) fn credential(config: &EntraConfig, source: &str, base: &Path) -> Result<Credential, Error> {
    let url = address(config).ok_or_else(|| {
        let message = "`login_url` and `tenant_id` make no address".to_owned();
        plain_error(source, message, "write the tenant's id or one of its domains as tenant_id".to_owned())
    })?;
    let (proof, hint) = match &config.credential {
        EntraCredential::ClientSecret(place) => (
            Proof::Secret(resolve(place, "client_secret", source, base)?),
            "check tenant_id and client_id, and that the client secret is the value, not the id, and has not expired",
        ),
        EntraCredential::Certificate(place) => (
            Proof::Signed(signer(config, &resolve(place, "certificate", source, base)?, &url, source)?),
            "check tenant_id and client_id, and that the certificate is among those of the app registration and has not expired",
        ),
        EntraCredential::FederatedToken(place) => {
            // Looked up now as well, so that a missing one is found before anything is asked.
            resolve(place, "federated_token", source, base)?;
            (
                Proof::Federated(place.clone(), base.to_owned()),
                "check tenant_id and client_id, and that issuer, subject and audience of the token are those of a federated \
                 credential of the app registration",
            )
        }
        EntraCredential::GitHubActions => {
            let found = |name: &str| {
                resolve(&Secret::Env(name.to_owned()), "federated_token", source, base).map_err(|_| {
                    let message =
                        format!("`federated_token`: the GitHub Actions runner gives no token ({name} is not set)");
                    plain_error(source, message, "give the job `permissions: id-token: write`".to_owned())
                })
            };
            (
                Proof::GitHubActions {
                    endpoint: &RUNNER,
                    url: found("ACTIONS_ID_TOKEN_REQUEST_URL")?,
                    token: found("ACTIONS_ID_TOKEN_REQUEST_TOKEN")?,
                    audience: AUDIENCE,
                },
                "check tenant_id and client_id, and that a federated credential of the app registration names this repository \
                 and branch or environment",
            )
        }
    };
    let form = vec![("client_id", config.client_id.clone()), ("scope", format!("{}/.default", config.base_url))];
    Ok(Credential::Grant(Box::new(Grant { endpoint: &TOKEN, url, form, proof, hint })))
}

/// Where tokens come from.
fn address(config: &EntraConfig) -> Option<String> {
    let mut url = Url::parse(&config.login_url).ok()?;
    url.path_segments_mut().ok()?.pop_if_empty().extend([config.tenant_id.as_str(), "oauth2", "v2.0", "token"]);
    Some(url.to_string())
}

fn signer(config: &EntraConfig, pem: &SecretText, audience: &str, source: &str) -> Result<Signer, Error> {
    let id = &config.client_id;
    Signer::new(pem, id, id, audience).and_then(|signer| signer.certificate(pem)).map_err(|why| {
        let help = "give a PEM file with the certificate and its RSA private key".to_owned();
        plain_error(source, format!("`certificate`: {why}"), help)
    })
}
