//! A directory over LDAP: Active Directory (and Samba as a domain controller), OpenLDAP, 389 Directory Server.
//!
//! It is read page by page over one encrypted connection. A list that the server cut short, at whatever limit, is a gap, and
//! so is one that is empty: a directory without people is a directory whose people can't be seen.

mod ad;
mod dn;
mod entry;
mod failure;
mod groups;
mod meter;
mod openldap;
mod probe;
mod search;
mod session;
mod time;
mod users;

use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;

use self::failure::Failure;
use self::groups::Groups;
use self::meter::Meter;
use self::session::{Refusal, Session};
use self::users::Users;
use crate::collect::secret::{self, SecretText};
use crate::collect::{Batch, BoxFuture, CollectCx, Collector, Facts, Probe, table};
use crate::config::{LdapConfig, LdapFlavor, Part};
use crate::error::Error;
use crate::model::coverage::NotOffered;
use crate::model::id::IdpName;
use crate::model::{Fact, Gap, GapKind, IdpFacts, IdpGroup, IdpUser, SourceRecord};

/// The word that the config has for the type.
const KIND: &str = "ldap";

/// Reads an identity provider over LDAP.
#[derive(Debug, Clone)]
pub struct LdapIdp {
    name: IdpName,
    config: LdapConfig,
}

/// What is needed to connect, found before anything is sent.
struct Means {
    password: SecretText,
    tls: Option<Arc<ClientConfig>>,
}

/// What was read.
#[derive(Debug, Default)]
struct Found {
    users: Vec<IdpUser>,
    groups: Option<Vec<IdpGroup>>,
    gaps: Vec<Gap>,
    not_offered: Vec<NotOffered>,
    notes: Vec<String>,
}

impl LdapIdp {
    /// A collector for the identity provider of this name.
    pub fn new(name: IdpName, config: LdapConfig) -> Self {
        Self { name, config }
    }

    fn asked(&self) -> Vec<Fact> {
        let mut asked = vec![Fact::IdpUsers];
        if self.config.connection.asks(Part::Groups) {
            asked.push(Fact::IdpGroups);
        }
        asked
    }

    /// What it is, in words.
    fn make(&self) -> &'static str {
        match self.config.flavor {
            LdapFlavor::ActiveDirectory => "Active Directory",
            LdapFlavor::OpenLdap => "LDAP directory",
        }
    }

    async fn means(&self, base: &Path) -> Result<Means, Error> {
        let (config, source, base) = (self.config.clone(), self.source(), base.to_owned());
        table::off_thread(move || {
            let password = secret::resolve(&config.password, "password", &source, &base)?;
            let tls = match &config.connection.ca {
                Some(path) => {
                    let file = table::load(&base, path)?;
                    Some(session::trust(file.raw().path, file.raw().bytes)?)
                }
                None => None,
            };
            Ok(Means { password, tls })
        })
        .await
    }

    async fn read(&self, cx: &CollectCx) -> Result<Batch, Error> {
        let started_at = cx.clock.now();
        let means = self.means(&cx.base).await?;
        cx.progress.phase("reading the directory");
        let meter = Meter::new(cx.clock.clone());
        let opened = Session::open(&self.config, means.tls, means.password.reveal(), meter, cx.progress.clone()).await;
        let (found, meter) = match opened {
            Ok(mut session) => {
                let found = self.gather(&mut session).await;
                (found, session.close().await)
            }
            Err((Refusal::Config(error), _)) => return Err(error),
            Err((Refusal::Failed(step, failure), meter)) => {
                let groups = self.config.connection.asks(Part::Groups).then(Vec::new);
                let at = format!("{step} ({})", self.config.url);
                (Found { groups, gaps: failure.gaps(&self.asked(), &at), ..Found::default() }, meter)
            }
        };
        let Found { users, groups, mut gaps, mut not_offered, notes } = found;
        if groups.is_none() {
            let reason = Part::Groups.left_out();
            not_offered.push(NotOffered { fact: Fact::IdpGroups, reason });
        }
        gaps.sort();
        let record = SourceRecord {
            source: self.source(),
            kind: self.make().to_owned(),
            started_at,
            ended_at: cx.clock.now(),
            asked: self.asked(),
            operations: meter.into_records(),
            files: Vec::new(),
            gaps,
            not_offered,
            notes,
        };
        let facts = IdpFacts::of_people(self.name.clone(), KIND, users, groups);
        Ok(Batch::new(record, Facts::Idp(Box::new(facts))))
    }

    async fn gather(&self, session: &mut Session) -> Found {
        let mut found = Found::default();
        if session.clear {
            found.notes.push(
                "the connection was not encrypted: the server on this machine does not offer StartTLS".to_owned(),
            );
        }
        let (mut users, mut referrals) = (Users::default(), 0);
        let base = self.config.base_dn.as_str();
        match self.config.flavor {
            LdapFlavor::ActiveDirectory => {
                let read = ad::users(session, base, &mut users).await;
                referrals += found.count("ldap:users", read);
                if users.any_disabled() {
                    let read = ad::since(session, base, &mut users).await;
                    referrals += found.count("ldap:change times", read);
                }
            }
            LdapFlavor::OpenLdap => match openldap::users(session, base, &mut users).await {
                Ok(seen) => {
                    referrals += seen.referrals;
                    found.tell_of_openldap(&seen);
                }
                Err(failure) => found.gaps.extend(failure.gaps(&[Fact::IdpUsers], "ldap:users")),
            },
        }
        // Before the deleted ones come to them.
        let living = users.len();
        if living == 0 && found.gaps.is_empty() && users.gaps("").is_empty() {
            found.gaps.extend(nobody("users").gaps(&[Fact::IdpUsers], "ldap:users"));
        }
        let domain = session.root.domain.clone();
        if let (LdapFlavor::ActiveDirectory, true) = (self.config.flavor, self.config.connection.asks(Part::Deleted)) {
            let domain = domain.as_deref().unwrap_or(base);
            found.take_deleted(ad::deleted(session, base, domain, &mut users).await, users.len() - living);
        }
        if self.config.connection.asks(Part::Groups) {
            let home = domain.as_deref().filter(|_| self.config.flavor == LdapFlavor::ActiveDirectory).unwrap_or(base);
            referrals += self.read_groups(session, home, &users, &mut found).await;
        }
        found.tell_of_referrals(referrals);
        found.gaps.extend(users.gaps("ldap:users"));
        found.tell_of_sign_ins(self.config.flavor);
        found.users = users.into_list();
        found
    }

    async fn read_groups(&self, session: &mut Session, home: &str, users: &Users, found: &mut Found) -> u64 {
        let mut groups = Groups::default();
        let read = match self.config.flavor {
            LdapFlavor::ActiveDirectory => ad::groups(session, home, users, &mut groups).await,
            LdapFlavor::OpenLdap => openldap::groups(session, home, users, &mut groups).await,
        };
        let read = match read {
            Ok(_) if groups.is_empty() => Err(nobody("groups")),
            read => read,
        };
        let mut lost = |failure: Failure, at| found.gaps.extend(failure.gaps(&[Fact::IdpGroups], at));
        let referrals = read.unwrap_or_else(|failure| {
            lost(failure, "ldap:groups");
            0
        });
        if let Err(failure) = groups.read_on(session, users).await {
            lost(failure, "ldap:more members");
        }
        let flat = groups.flat(session, home).await;
        found.gaps.extend(flat.gaps);
        found.notes.extend(flat.notes);
        found.groups = Some(flat.groups);
        referrals
    }
}

/// A directory without people or groups is one whose people or groups can't be seen.
fn nobody(what: &str) -> Failure {
    Failure::new(
        GapKind::NotFound,
        format!("the directory shows no {what} at all"),
        match what {
            "users" => "check base_dn, flavor, and that the user of bind_dn may read users below base_dn",
            _ => "let base_dn hold the groups as well, or leave them out with without = [\"groups\"]",
        },
    )
}

impl Found {
    fn count(&mut self, operation: &str, read: Result<u64, Failure>) -> u64 {
        read.unwrap_or_else(|failure| {
            self.gaps.extend(failure.gaps(&[Fact::IdpUsers], operation));
            0
        })
    }

    /// Without a right to the container, Active Directory says that it is not there, or shows it empty. Live users are known
    /// all the same; a deleted one is then merely missing.
    fn take_deleted(&mut self, read: Result<u64, Failure>, shown: usize) {
        match read {
            Ok(_) if shown == 0 => self.notes.push(
                "no deleted user was shown: none was deleted of late, or who reads may not list deleted objects"
                    .to_owned(),
            ),
            Ok(0) => {}
            Ok(elsewhere) => {
                self.notes.push(format!("{elsewhere} deleted users were outside base_dn, and are left out"))
            }
            Err(failure) if failure.is_absence() || failure.kind == GapKind::Denied => self.notes.push(
                "deleted users are not shown: who reads may not list deleted objects; a deleted user reads as missing"
                    .to_owned(),
            ),
            Err(failure) => self.gaps.extend(failure.gaps(&[Fact::IdpUsers], "ldap:deleted users")),
        }
    }

    fn tell_of_openldap(&mut self, seen: &openldap::Seen) {
        self.notes.push(
            "switched off is who has nsAccountLock, or pwdAccountLockedTime for good; LDAP has no attribute for it that \
             all directories use, and whoever is switched off another way reads as active"
                .to_owned(),
        );
        match seen.locked_out {
            0 => {}
            1 => self.notes.push("1 user is locked out for a time, which is no end of access".to_owned()),
            many => self.notes.push(format!("{many} users are locked out for a time, which is no end of access")),
        }
    }

    fn tell_of_referrals(&mut self, referrals: u64) {
        if referrals > 0 {
            self.notes.push(
                "the server referred to other servers for parts below what was asked; they were not followed"
                    .to_owned(),
            );
        }
    }

    fn tell_of_sign_ins(&mut self, flavor: LdapFlavor) {
        let reason = match flavor {
            LdapFlavor::ActiveDirectory => "Active Directory replicates last sign-ins only every 9 to 14 days",
            LdapFlavor::OpenLdap => "not every LDAP server keeps last sign-ins",
        };
        self.not_offered.push(NotOffered { fact: Fact::SignIns, reason: reason.to_owned() });
    }
}

impl Collector for LdapIdp {
    fn source(&self) -> String {
        format!("idp:{}", self.name)
    }

    fn collect<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Result<Batch, Error>> {
        Box::pin(self.read(cx))
    }

    fn probe<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Probe> {
        Box::pin(self.look(cx))
    }
}
