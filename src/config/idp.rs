//! `[[idp]]`: where people are read from, by type.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::DateFormat;
use crate::model::Span;
use crate::model::event::Window;
use crate::model::id::IdpName;

/// One `[[idp]]`.
#[derive(Debug, Clone)]
pub struct IdpConfig {
    /// Its name; unique.
    pub name: IdpName,
    /// Its type with that type's keys.
    pub source: IdpSource,
    /// Its logs, as files that somebody exported.
    pub logs: Option<LogFiles>,
}

/// `logs` of an identity provider: files of its log, beside or instead of what it tells itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFiles {
    /// Which files, relative to the config: `logs/*.jsonl`.
    pub files: String,
    /// The time of which the operator says that the files hold all entries. Without it their silence proves nothing.
    pub covers: Option<Window>,
    /// The application of AWS, by id or name: of assignments and provisioning only its entries count.
    pub application: Option<String>,
}

/// A type of identity provider with its keys.
#[derive(Debug, Clone)]
pub enum IdpSource {
    /// CSV files.
    Csv(CsvIdpConfig),
    /// Microsoft Entra ID, over Microsoft Graph.
    Entra(EntraConfig),
    /// Okta.
    Okta(OktaConfig),
    /// Google Workspace.
    Google(GoogleConfig),
    /// Keycloak's Admin REST API.
    Keycloak(KeycloakConfig),
    /// Any SCIM 2.0 service provider.
    Scim(ScimConfig),
    /// LDAP or Active Directory.
    Ldap(LdapConfig),
}

impl IdpSource {
    /// Whether it is asked over the network.
    pub fn is_live(&self) -> bool {
        !matches!(self, Self::Csv(_))
    }

    /// The word the config has for the type.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Entra(_) => "entra",
            Self::Okta(_) => "okta",
            Self::Google(_) => "google",
            Self::Keycloak(_) => "keycloak",
            Self::Scim(_) => "scim",
            Self::Ldap(_) => "ldap",
        }
    }
}

/// Where a secret is found when it is needed. The secret itself is never in the config, so nothing that prints the config
/// can print it.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// An environment variable, by its name.
    Env(String),
    /// A file, relative to the config. Blanks at its end don't count.
    File(PathBuf),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "environment variable {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
        }
    }
}

/// A part of what a live source can tell that may be left out (`without = […]`): each needs a permission or a licence of
/// its own, or costs many requests. Users can't be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Groups and their members.
    Groups,
    /// Last sign-ins.
    SignIns,
    /// Hire and leave dates.
    Dates,
    /// Users deleted a short while ago.
    Deleted,
    /// The AWS application: who is assigned, and what was provisioned.
    Application,
    /// The settings of the provisioning job.
    Provisioning,
    /// Which second factors are registered, and whether the application asks for one.
    SecondFactors,
    /// Memberships of groups that are assigned to the application and end by themselves.
    Activations,
    /// The log of lifecycle events.
    Events,
}

impl Part {
    /// Every part with its word.
    pub const ALL: [(&'static str, Self); 9] = [
        ("groups", Self::Groups),
        ("sign-ins", Self::SignIns),
        ("dates", Self::Dates),
        ("deleted", Self::Deleted),
        ("application", Self::Application),
        ("provisioning", Self::Provisioning),
        ("second-factors", Self::SecondFactors),
        ("activations", Self::Activations),
        ("events", Self::Events),
    ];

    /// Why nothing of it is told, where the config leaves it out.
    pub fn left_out(self) -> String {
        format!("left out by `without = [\"{}\"]`", self.as_str())
    }

    /// The word the config has for it.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, part)| *part == self).map_or("", |(word, _)| word)
    }
}

/// How a live source is reached: keys that every type over the network has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// Certificates to trust instead of the system's, a PEM file relative to the config.
    pub ca: Option<PathBuf>,
    /// Requests under way at once (`requests_at_once`); the source's own default if absent.
    pub at_once: Option<u32>,
    /// The longest wait that is granted when the source asks for one (`longest_wait`); ten minutes if absent.
    pub longest_wait: Option<Span>,
    /// What not to ask for.
    pub without: Vec<Part>,
}

impl Connection {
    /// Whether a part is asked for.
    pub fn asks(&self, part: Part) -> bool {
        !self.without.contains(&part)
    }
}

/// `type = "entra"`.
#[derive(Debug, Clone)]
pub struct EntraConfig {
    /// The tenant's id or one of its domains.
    pub tenant_id: String,
    /// The app registration that reads.
    pub client_id: String,
    /// How it proves itself.
    pub credential: EntraCredential,
    /// The enterprise application of AWS: its display name, object id or application id.
    pub application: Option<String>,
    /// Microsoft Graph, `https://graph.microsoft.com` unless the cloud is a national one.
    pub base_url: String,
    /// Where tokens come from, `https://login.microsoftonline.com` unless the cloud is a national one.
    pub login_url: String,
    /// How it is reached.
    pub connection: Connection,
}

/// How an Entra app registration proves itself.
#[derive(Debug, Clone)]
pub enum EntraCredential {
    /// `client_secret`.
    ClientSecret(Secret),
    /// `certificate`: a PEM file with the certificate and its RSA private key.
    Certificate(Secret),
    /// `federated_token`: a token of another issuer that the app registration trusts.
    FederatedToken(Secret),
    /// `federated_token = "github"`: the token is asked for from the GitHub Actions runner.
    GitHubActions,
}

/// `type = "okta"`.
#[derive(Debug, Clone)]
pub struct OktaConfig {
    /// The organisation's address, `https://example.okta.com`.
    pub org_url: String,
    /// How we prove ourselves.
    pub credential: OktaCredential,
    /// The AWS application: its label or id.
    pub application: Option<String>,
    /// How it is reached.
    pub connection: Connection,
}

/// How Okta's API is entered.
#[derive(Debug, Clone)]
pub enum OktaCredential {
    /// `token`: an API token (SSWS).
    Token(Secret),
    /// `client_id` and `private_key`: an OAuth service app that signs with its key (PEM).
    PrivateKey {
        /// The service app.
        client_id: String,
        /// Its private key.
        key: Secret,
        /// The key's id (`key_id`), which Okta needs when the app has several keys.
        key_id: Option<String>,
    },
}

/// `type = "google"`.
#[derive(Debug, Clone)]
pub struct GoogleConfig {
    /// The customer's id, or `my_customer`.
    pub customer: String,
    /// The administrator in whose name the service account reads (domain-wide delegation).
    pub subject: String,
    /// The service account's key file (JSON).
    pub credentials: Secret,
    /// The Admin SDK, `https://admin.googleapis.com`.
    pub base_url: String,
    /// Where tokens come from, `https://oauth2.googleapis.com/token`.
    pub token_url: String,
    /// How it is reached.
    pub connection: Connection,
}

/// `type = "keycloak"`.
#[derive(Debug, Clone)]
pub struct KeycloakConfig {
    /// The server, with `/auth` where old ones have it.
    pub base_url: String,
    /// The realm.
    pub realm: String,
    /// The client whose service account reads.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// How it is reached.
    pub connection: Connection,
}

/// `type = "scim"`.
#[derive(Debug, Clone)]
pub struct ScimConfig {
    /// The service provider's base, such as `https://example.com/scim/v2`.
    pub base_url: String,
    /// A bearer token.
    pub token: Secret,
    /// How it is reached.
    pub connection: Connection,
}

/// `type = "ldap"`.
#[derive(Debug, Clone)]
pub struct LdapConfig {
    /// `ldaps://host`, or `ldap://host` with StartTLS.
    pub url: String,
    /// Who binds.
    pub bind_dn: String,
    /// Their password.
    pub password: Secret,
    /// Where the search begins.
    pub base_dn: String,
    /// Whose attributes and rules it has.
    pub flavor: LdapFlavor,
    /// How it is reached.
    pub connection: Connection,
}

/// Whose attributes and matching rules an LDAP directory has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LdapFlavor {
    /// Active Directory, or Samba as a domain controller.
    ActiveDirectory,
    /// OpenLDAP, or 389 Directory Server.
    OpenLdap,
}

/// `type = "csv"`. Paths are as written, relative to the config file.
#[derive(Debug, Clone)]
pub struct CsvIdpConfig {
    /// The users file.
    pub users: PathBuf,
    /// The groups file.
    pub groups: Option<PathBuf>,
    /// The memberships file, or a `dir/*.csv` pattern with one file per group.
    pub members: Option<String>,
    /// How the users file writes its dates (`date_format`).
    pub date_format: DateFormat,
    /// Our column name → their header, in the users file.
    pub columns: BTreeMap<String, String>,
    /// The same for the groups file.
    pub group_columns: BTreeMap<String, String>,
    /// The same for the members file.
    pub member_columns: BTreeMap<String, String>,
}
