//! A connection to a directory: encrypted, bound, and knowing what it speaks with.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, Scope};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::entry::Entry;
use super::failure::Failure;
use super::meter::Meter;
use super::search::{self, Query};
use crate::collect::Progress;
use crate::config::{LdapConfig, LdapFlavor};
use crate::error::Error;
use crate::model::GapKind;

/// How long connecting may take, TLS included.
const CONNECT: Duration = Duration::from_secs(15);
/// How long the server may be silent while an answer is awaited.
pub(super) const SILENCE: Duration = Duration::from_secs(60);
/// What Active Directory says it is (MS-ADTS, 3.1.1.3.4.3.1, `LDAP_CAP_ACTIVE_DIRECTORY_OID`).
const ACTIVE_DIRECTORY: &str = "1.2.840.113556.1.4.800";

/// Why there is no session.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The config does not fit the server, and nothing is read until it does.
    Config(Error),
    /// This step failed.
    Failed(&'static str, Failure),
}

/// What a server says about itself (RFC 4512, 5.1, "root DSE").
#[derive(Debug, Default, Clone)]
pub(super) struct Root {
    /// Its name or make, where it says so.
    pub(super) server: Option<String>,
    /// The domain that it holds, for Active Directory.
    pub(super) domain: Option<String>,
    capabilities: BTreeSet<String>,
}

impl Root {
    fn read(entry: &Entry) -> Self {
        Self {
            server: entry.first_of(&["dnshostname", "vendorname", "vendorversion"]),
            domain: entry.text("defaultnamingcontext"),
            capabilities: entry.texts("supportedcapabilities").collect(),
        }
    }

    fn is_active_directory(&self) -> bool {
        self.capabilities.contains(ACTIVE_DIRECTORY)
    }

    /// Rules of one kind of directory say nothing in another: OpenLDAP answers Active Directory's filters with success and
    /// no entry.
    fn check(&self, config: &LdapConfig) -> Result<(), Error> {
        let (is, write) = match (config.flavor, self.is_active_directory()) {
            (LdapFlavor::ActiveDirectory, false) => ("does not say that it is Active Directory", "openldap"),
            (LdapFlavor::OpenLdap, true) => ("is Active Directory", "ad"),
            _ => return Ok(()),
        };
        Err(Error::Usage {
            message: format!("{} {is}, and the config says otherwise", config.url),
            hint: format!("write flavor = \"{write}\", or the url of another server"),
        })
    }
}

/// A connection that is bound.
pub(super) struct Session {
    pub(super) ldap: Ldap,
    pub(super) root: Root,
    /// Whether nothing is encrypted, which is for this machine only.
    pub(super) clear: bool,
    pub(super) meter: Meter,
    pub(super) progress: Progress,
}

/// Who is trusted to vouch for servers: the authorities of a PEM file.
///
/// # Errors
/// When there is no certificate in it.
pub(super) fn trust(path: &str, pem: &[u8]) -> Result<Arc<ClientConfig>, Error> {
    let mut roots = RootCertStore::empty();
    let certificates: Result<Vec<CertificateDer<'_>>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let (added, _) = roots.add_parsable_certificates(certificates.unwrap_or_default());
    if added == 0 {
        return Err(Error::Usage {
            message: format!("`{path}` holds no certificate in PEM form"),
            hint: "name a file with the authority's certificate, from -----BEGIN CERTIFICATE----- on".to_owned(),
        });
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Internal(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

impl Session {
    /// Connects, encrypts, asks the server what it is, and binds.
    pub(super) async fn open(
        config: &LdapConfig,
        tls: Option<Arc<ClientConfig>>,
        password: &str,
        meter: Meter,
        progress: Progress,
    ) -> Result<Self, (Refusal, Meter)> {
        let (ldap, clear) = match connect(&config.url, tls).await {
            Ok(connected) => connected,
            Err(failure) => return Err((Refusal::Failed("ldap:connect", failure), meter)),
        };
        let mut session = Self { ldap, root: Root::default(), clear, meter, progress };
        match session.introduce(config, password).await {
            Ok(()) => Ok(session),
            Err(refusal) => Err((refusal, session.meter)),
        }
    }

    async fn introduce(&mut self, config: &LdapConfig, password: &str) -> Result<(), Refusal> {
        // Most servers say what they are before anybody binds; then a password is not sent to the wrong one.
        let early = self.ask_root().await.unwrap_or_default();
        if let Some(root) = &early {
            root.check(config).map_err(Refusal::Config)?;
        }
        self.bind(&config.bind_dn, password).await.map_err(|failure| Refusal::Failed("ldap:bind", failure))?;
        let root = match early {
            Some(root) => root,
            None => {
                let hidden = || {
                    Failure::new(
                        GapKind::Denied,
                        "the server does not say what it is",
                        "let the user of bind_dn read the root DSE",
                    )
                };
                let told = self.ask_root().await.and_then(|root| root.ok_or_else(hidden));
                let root = told.map_err(|failure| Refusal::Failed("ldap:root DSE", failure))?;
                root.check(config).map_err(Refusal::Config)?;
                root
            }
        };
        self.root = root;
        Ok(())
    }

    async fn ask_root(&mut self) -> Result<Option<Root>, Failure> {
        let mut found = None;
        let query = Query {
            scope: Scope::Base,
            attributes: &[
                "supportedCapabilities",
                "defaultNamingContext",
                "dnsHostName",
                "vendorName",
                "vendorVersion",
            ],
            ..Query::new("ldap:root DSE", "", "(objectClass=*)")
        };
        search::each(self, &query, |entry| {
            found = Some(Root::read(&entry));
            true
        })
        .await?;
        Ok(found)
    }

    async fn bind(&mut self, dn: &str, password: &str) -> Result<(), Failure> {
        if password.is_empty() {
            // Servers take this for a wish to be nobody, and say yes (RFC 4513, 5.1.2).
            return Err(Failure::new(GapKind::Credentials, "the password is empty", "give the password of bind_dn"));
        }
        self.meter.sent("ldap:bind", "simple");
        self.ldap.with_timeout(SILENCE);
        let answer = self.ldap.simple_bind(dn, password).await;
        let answer = answer.map_err(|error| Failure::of_error(&error)).and_then(|result| match result.rc {
            0 => Ok(()),
            _ => Err(Failure::of_result(&result)),
        });
        self.meter.answered("ldap:bind", answer.is_ok());
        answer
    }

    /// Says goodbye. What comes of it makes no difference.
    pub(super) async fn close(mut self) -> Meter {
        self.ldap.with_timeout(CONNECT);
        let _ = self.ldap.unbind().await;
        self.meter
    }
}

/// A connection and whether it is in clear. `ldap://` turns to TLS before anything is said; where the server can't, that is
/// the end, except on this machine.
async fn connect(url: &str, tls: Option<Arc<ClientConfig>>) -> Result<(Ldap, bool), Failure> {
    let plain = url.starts_with("ldap://");
    let mut settings = LdapConnSettings::new().set_conn_timeout(CONNECT).set_starttls(plain);
    if let Some(tls) = tls {
        settings = settings.set_config(tls);
    }
    let (opened, clear) = match LdapConnAsync::with_settings(settings, url).await {
        Err(LdapError::LdapResult { result }) if plain && result.rc != 0 => {
            if !is_loopback(url) {
                return Err(Failure::new(
                    GapKind::Network,
                    "the server does not turn to TLS (StartTLS), and a password is not sent in clear",
                    "write url = \"ldaps://…\", or give the server a certificate",
                ));
            }
            let settings = LdapConnSettings::new().set_conn_timeout(CONNECT);
            (LdapConnAsync::with_settings(settings, url).await, true)
        }
        opened => (opened, false),
    };
    let (connection, ldap) = opened.map_err(|error| Failure::of_error(&error))?;
    // It ends with the session; what it ended of is told to whoever waits for an answer.
    tokio::spawn(async move {
        let _ = connection.drive().await;
    });
    Ok((ldap, clear))
}

fn is_loopback(url: &str) -> bool {
    let host = url.trim_start_matches("ldap://").split('/').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    ["127.0.0.1", "[::1]", "localhost"].contains(&host)
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for url in ["ldap://127.0.0.1", "ldap://localhost:3890/", "ldap://[::1]:389"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["ldap://127.0.0.1.example.com", "ldap://dc1", "ldap://localhost.example.com:389", "ldap://[::2]"] {
            assert!(!is_loopback(url), "{url}");
        }
    }

    #[test]
    fn the_wrong_flavor_is_refused() {
        let config = |flavor| LdapConfig {
            url: "ldaps://dc1".to_owned(),
            bind_dn: "cn=a".to_owned(),
            password: crate::config::Secret::Env("P".to_owned()),
            base_dn: "dc=x".to_owned(),
            flavor,
            connection: crate::config::Connection::default(),
        };
        let ad = Root::read(&entry("", &[("supportedCapabilities", ACTIVE_DIRECTORY.as_bytes())]));
        let other = Root::read(&entry("", &[("supportedCapabilities", b"1.2.840.113556.1.4.1670")]));
        assert!(ad.check(&config(LdapFlavor::ActiveDirectory)).is_ok());
        assert!(other.check(&config(LdapFlavor::OpenLdap)).is_ok());
        let told = |root: &Root, flavor| root.check(&config(flavor)).unwrap_err();
        assert!(told(&ad, LdapFlavor::OpenLdap).hint().contains("flavor = \"ad\""));
        let told = told(&other, LdapFlavor::ActiveDirectory);
        assert!(told.to_string().contains("does not say that it is Active Directory"), "{told}");
        assert!(told.hint().contains("flavor = \"openldap\""));
    }

    #[test]
    fn a_file_without_a_certificate_is_refused() {
        for pem in [
            "",
            "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n",
            "-----BEGIN CERTIFICATE-----\nAA==\n",
        ] {
            assert!(trust("ca.pem", pem.as_bytes()).unwrap_err().to_string().contains("`ca.pem` holds no certificate"));
        }
    }
}
