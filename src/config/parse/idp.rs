//! `[[idp]]`.

use std::collections::BTreeMap;

use crate::config::columns::{GROUP_COLUMNS, MEMBER_COLUMNS, USER_COLUMNS};
use crate::config::problems::Seen;
use crate::config::read::Table;
use crate::config::redact::SECRET_KEYS;
use crate::config::value::Value;
use crate::config::words::{nearest, quoted};
use crate::config::{
    CsvIdpConfig, EntraConfig, EntraCredential, GoogleConfig, IdpConfig, IdpSource, KeycloakConfig, LdapConfig,
    LdapFlavor, OktaConfig, OktaCredential, ScimConfig, Secret,
};
use crate::model::id::IdpName;

use super::connection::{address, connection, secret};
use super::logs::logs;
use super::people::date_format;

#[derive(Clone, Copy)]
enum Kind {
    Csv,
    Entra,
    Okta,
    Google,
    Keycloak,
    Scim,
    Ldap,
}

const KINDS: &[(&str, Kind)] = &[
    ("csv", Kind::Csv),
    ("entra", Kind::Entra),
    ("okta", Kind::Okta),
    ("google", Kind::Google),
    ("keycloak", Kind::Keycloak),
    ("scim", Kind::Scim),
    ("ldap", Kind::Ldap),
];

pub(super) fn idps(root: &mut Table<'_, '_>) -> Vec<IdpConfig> {
    let mut seen = Seen::default();
    root.sections("idp", "[[idp]]", |_, table| idp(table, &mut seen))
}

fn idp(table: &mut Table<'_, '_>, seen: &mut Seen) -> Option<IdpConfig> {
    let name = table.need("name", "give it a name of your own: name = \"entra\"").and_then(|value| name(&value, seen));
    let kind = table
        .need("type", "say how it is read: type = \"csv\"")
        .and_then(|value| value.word("identity provider type", KINDS));
    let secrets_kept_out = SECRET_KEYS.map(|key| secret_kept_out(table, key));
    let source = match kind {
        Some(Kind::Csv) => csv(table).map(IdpSource::Csv),
        Some(Kind::Entra) => entra(table).map(IdpSource::Entra),
        Some(Kind::Okta) => okta(table).map(IdpSource::Okta),
        Some(Kind::Google) => google(table).map(IdpSource::Google),
        Some(Kind::Keycloak) => keycloak(table).map(IdpSource::Keycloak),
        Some(Kind::Scim) => scim(table).map(IdpSource::Scim),
        Some(Kind::Ldap) => ldap(table).map(IdpSource::Ldap),
        None => {
            // What else may stand here depends on the type.
            table.ignore_unknown();
            None
        }
    };
    let logs = logs(table);
    if secrets_kept_out.contains(&false) {
        return None;
    }
    Some(IdpConfig { name: name?, source: source?, logs })
}

fn name(value: &Value<'_, '_>, seen: &mut Seen) -> Option<IdpName> {
    let text = value.text()?;
    let Ok(name) = text.parse::<IdpName>() else {
        value.note("`name` must be a short text without control characters", "write a plain word, such as \"entra\"");
        return None;
    };
    let what = format!("identity provider name {}", quoted(&text));
    seen.once(value.problems(), &text, value.span(), &what).then_some(name)
}

/// Refuses a secret that is written out: every pack carries the config as it is.
fn secret_kept_out(table: &mut Table<'_, '_>, key: &'static str) -> bool {
    let Some(value) = table.peek(key).filter(|value| value.is_text() && !is_word(key, value)) else {
        return true;
    };
    table.take(key);
    value.note(
        format!("`{key}` must not be written out in the config, which every pack carries"),
        format!("write {key} = {{ env = \"NAME\" }} or {key} = {{ file = \"PATH\" }}, and change the secret"),
    );
    false
}

/// The one word that may stand in a secret's place.
const GITHUB: &str = "github";

fn is_word(key: &str, value: &Value<'_, '_>) -> bool {
    key == "federated_token" && value.str() == Some(GITHUB)
}

fn entra(table: &mut Table<'_, '_>) -> Option<EntraConfig> {
    let tenant_id = table.need_text("tenant_id", "give the directory (tenant) id: tenant_id = \"…\"");
    let client_id = table.need_text("client_id", "give the application (client) id: client_id = \"…\"");
    let client_secret = secret(table, "client_secret").map(EntraCredential::ClientSecret);
    let certificate = secret(table, "certificate").map(EntraCredential::Certificate);
    let federated = match table.peek("federated_token") {
        Some(value) if value.is_text() => {
            table.take("federated_token").filter(|value| is_word("federated_token", value));
            Some(EntraCredential::GitHubActions)
        }
        _ => secret(table, "federated_token").map(EntraCredential::FederatedToken),
    };
    let credential = one_of(
        table,
        [client_secret, certificate, federated],
        &["client_secret", "certificate", "federated_token"],
        "write client_secret = { env = \"ENTRA_CLIENT_SECRET\" }, or certificate or federated_token in the same manner",
    );
    let application = table.text("application");
    let base_url = address(table, "base_url", Some("https://graph.microsoft.com"));
    let login_url = address(table, "login_url", Some("https://login.microsoftonline.com"));
    let connection = connection(table);
    Some(EntraConfig {
        tenant_id: tenant_id?,
        client_id: client_id?,
        credential: credential?,
        application,
        base_url: base_url?,
        login_url: login_url?,
        connection,
    })
}

fn okta(table: &mut Table<'_, '_>) -> Option<OktaConfig> {
    let org_url = address(table, "org_url", None);
    let token = secret(table, "token").map(OktaCredential::Token);
    let client_id = table.text("client_id");
    let key = secret(table, "private_key");
    let key_id = table.text("key_id");
    let private_key = match (client_id, key) {
        (Some(client_id), Some(key)) => Some(OktaCredential::PrivateKey { client_id, key, key_id }),
        (None, None) => None,
        (client_id, _) => {
            let missing = if client_id.is_some() { "private_key" } else { "client_id" };
            table.note(
                format!("`client_id` and `private_key` belong together, and `{missing}` is missing"),
                "give both, or an API token: token = { env = \"OKTA_TOKEN\" }",
            );
            return None;
        }
    };
    let credential = one_of(
        table,
        [token, private_key],
        &["token", "private_key"],
        "write token = { env = \"OKTA_TOKEN\" }, or client_id and private_key = { file = \"okta.pem\" }",
    );
    let application = table.text("application");
    let connection = connection(table);
    Some(OktaConfig { org_url: org_url?, credential: credential?, application, connection })
}

fn google(table: &mut Table<'_, '_>) -> Option<GoogleConfig> {
    let customer = table.text("customer").unwrap_or_else(|| "my_customer".to_owned());
    let subject = table.need_text("subject", "name the administrator to read as: subject = \"admin@example.com\"");
    let credentials = need_secret(table, "credentials", "credentials = { file = \"service-account.json\" }");
    let base_url = address(table, "base_url", Some("https://admin.googleapis.com"));
    let token_url = address(table, "token_url", Some("https://oauth2.googleapis.com/token"));
    let connection = connection(table);
    Some(GoogleConfig {
        customer,
        subject: subject?,
        credentials: credentials?,
        base_url: base_url?,
        token_url: token_url?,
        connection,
    })
}

fn keycloak(table: &mut Table<'_, '_>) -> Option<KeycloakConfig> {
    let base_url = address(table, "base_url", None);
    let realm = table.need_text("realm", "name the realm: realm = \"staff\"");
    let client_id =
        table.need_text("client_id", "name the client whose service account reads: client_id = \"overstay\"");
    let client_secret = need_secret(table, "client_secret", "client_secret = { env = \"KEYCLOAK_CLIENT_SECRET\" }");
    let connection = connection(table);
    Some(KeycloakConfig {
        base_url: base_url?,
        realm: realm?,
        client_id: client_id?,
        client_secret: client_secret?,
        connection,
    })
}

fn scim(table: &mut Table<'_, '_>) -> Option<ScimConfig> {
    let given = table.peek("base_url");
    let base_url = address(table, "base_url", None);
    let token = need_secret(table, "token", "token = { env = \"SCIM_TOKEN\" }");
    let connection = connection(table);
    if let (Some(value), true) = (given, base_url.as_deref().is_some_and(is_identity_center)) {
        value.note(
            "`base_url` is Identity Center's own SCIM endpoint, which lists no more than 50 users",
            "leave this [[idp]] out: [aws] reads all users of Identity Center",
        );
        return None;
    }
    Some(ScimConfig { base_url: base_url?, token: token?, connection })
}

fn ldap(table: &mut Table<'_, '_>) -> Option<LdapConfig> {
    let url = table.need("url", "name the server: url = \"ldaps://dc1.example.com\"").and_then(|value| {
        let text = value.text()?;
        let host = ["ldaps://", "ldap://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        if !host.is_some_and(|host| is_host(host.trim_end_matches('/'))) {
            let message = format!("{} is not the address of an LDAP server", quoted(&text));
            value.note(message, "write ldaps://host, or ldap://host to begin in clear and turn to TLS (StartTLS)");
            return None;
        }
        Some(text.trim_end_matches('/').to_owned())
    });
    let bind_dn = table.need_text("bind_dn", "name who reads: bind_dn = \"cn=overstay,ou=services,dc=example,dc=com\"");
    let password = need_secret(table, "password", "password = { env = \"LDAP_PASSWORD\" }");
    let base_dn = table.need_text("base_dn", "say where people are: base_dn = \"dc=example,dc=com\"");
    let flavor = table.need("flavor", "say whose rules it has: flavor = \"ad\" or \"openldap\"").and_then(|value| {
        value.word("LDAP flavor", &[("ad", LdapFlavor::ActiveDirectory), ("openldap", LdapFlavor::OpenLdap)])
    });
    let connection = connection(table);
    Some(LdapConfig {
        url: url?,
        bind_dn: bind_dn?,
        password: password?,
        base_dn: base_dn?,
        flavor: flavor?,
        connection,
    })
}

/// Whether an address is that of `https://scim.REGION.amazonaws.com/TENANT/scim/v2` (IAM Identity Center SCIM
/// Implementation Developer Guide, "ListUsers": at most 50 results).
fn is_identity_center(url: &str) -> bool {
    let host = url.trim_start_matches("https://").split(['/', ':']).next().unwrap_or_default().to_ascii_lowercase();
    let aws = [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws"];
    host.starts_with("scim.") && aws.iter().any(|domain| host.ends_with(domain))
}

/// A host, and a port if need be; nothing else belongs into the address of an LDAP server here.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let name = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let allowed = |c: char| c.is_ascii_alphanumeric() || ['.', '-', '_'].contains(&c) || (c == ':' && name != host);
    !name.is_empty()
        && name.chars().all(allowed)
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

fn need_secret(table: &mut Table<'_, '_>, key: &'static str, example: &str) -> Option<Secret> {
    table.need(key, &format!("say where it is found: {example}"))?;
    secret(table, key)
}

/// The one credential that is given.
fn one_of<T, const N: usize>(
    table: &Table<'_, '_>,
    given: [Option<T>; N],
    keys: &[&'static str],
    help: &str,
) -> Option<T> {
    let named: Vec<&str> = keys.iter().copied().filter(|key| table.peek(key).is_some()).collect();
    match named.as_slice() {
        [_] => given.into_iter().flatten().next(),
        [] => {
            table.note("nothing says how to prove who is asking", help);
            None
        }
        several => {
            table.note(format!("{} can't be given together", several.join(" and ")), "keep one of them");
            None
        }
    }
}

fn csv(table: &mut Table<'_, '_>) -> Option<CsvIdpConfig> {
    let users = table.need_text("users", "name the users file: users = \"users.csv\"");
    let groups = table.path("groups");
    let members = table.text("members");
    let date_format = date_format(table);
    let mut columns_of = |key, known| table.take(key).and_then(|value| columns(&value, known)).unwrap_or_default();
    let columns = columns_of("columns", &USER_COLUMNS);
    let group_columns = columns_of("group_columns", &GROUP_COLUMNS);
    let member_columns = columns_of("member_columns", &MEMBER_COLUMNS);
    Some(CsvIdpConfig { users: users?.into(), groups, members, date_format, columns, group_columns, member_columns })
}

/// A map from names of ours to headers of theirs.
pub(super) fn columns(value: &Value<'_, '_>, known: &[&str]) -> Option<BTreeMap<String, String>> {
    let entries = value.entries(|key, header| {
        let ours = key.get_ref().as_ref();
        if !known.contains(&ours) {
            let message = format!("unknown column {}", quoted(ours));
            value.problems().note(&key.span(), message, nearest(ours, known));
            return None;
        }
        Some((ours.to_owned(), header.text()?))
    })?;
    Some(entries.into_iter().collect())
}
