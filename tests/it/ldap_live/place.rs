//! A folder with certificates, and a collector that is pointed at a server.
#![expect(clippy::disallowed_methods, reason = "tests write certificates and passwords, and read the clock")]

use std::path::Path;
use std::process::Command;

use overstay::collect::idp::ldap::LdapIdp;
use overstay::collect::{Clock, CollectCx, Collector, Facts, Probe, Progress};
use overstay::config::{Connection, LdapConfig, LdapFlavor, Part, Secret};
use overstay::error::Error;
use overstay::model::id::IdpUserId;
use overstay::model::{Gap, IdpFacts, IdpGroup, IdpUser, Instant, SourceRecord};
use tempfile::TempDir;

/// A folder of one's own, with an authority, another one, and a server's certificate for 127.0.0.1 and localhost.
pub(super) struct Place {
    dir: TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        let place = Self { dir: TempDir::new().unwrap() };
        place.authority("ca");
        place.authority("other-ca");
        let request = ["req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "request.pem"];
        place.openssl(&[&request[..], &["-subj", "/CN=localhost"]].concat());
        place.write("names", "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n");
        let sign = ["x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
        place.openssl(&[&sign[..], &["-out", "server.pem", "-days", "2", "-extfile", "names"]].concat());
        place
    }

    fn authority(&self, name: &str) {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.pem"));
        let make =
            ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", &key, "-out", &certificate];
        self.openssl(&[&make[..], &["-subj", &format!("/CN={name}")]].concat());
    }

    fn openssl(&self, arguments: &[&str]) {
        run(Command::new("openssl").args(arguments).current_dir(self.path()));
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn file(&self, name: &str) -> String {
        self.path().join(name).display().to_string()
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    pub(super) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }
}

/// Runs a program to its end, which must be a good one.
pub(super) fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| {
        panic!(
            "these tests need the Debian packages slapd, samba, samba-ad-provision and openssl: {command:?}: {error}"
        );
    });
    assert!(
        output.status.success(),
        "{command:?}:\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// How a server is to be read.
pub(super) struct Ask<'p> {
    place: &'p Place,
    config: LdapConfig,
}

/// What came of reading.
pub(super) struct Told {
    pub(super) facts: IdpFacts,
    pub(super) record: SourceRecord,
}

impl<'p> Ask<'p> {
    pub(super) fn new(place: &'p Place, url: &str, flavor: LdapFlavor, base_dn: &str) -> Self {
        let config = LdapConfig {
            url: url.to_owned(),
            bind_dn: String::new(),
            password: Secret::File("password".into()),
            base_dn: base_dn.to_owned(),
            flavor,
            connection: Connection { ca: Some("ca.pem".into()), ..Connection::default() },
        };
        Self { place, config }
    }

    pub(super) fn by(mut self, bind_dn: &str, password: &str) -> Self {
        self.place.write("password", password);
        self.config.bind_dn = bind_dn.to_owned();
        self
    }

    pub(super) fn trusting(mut self, ca: Option<&str>) -> Self {
        self.config.connection.ca = ca.map(Into::into);
        self
    }

    pub(super) fn without(mut self, part: Part) -> Self {
        self.config.connection.without.push(part);
        self
    }

    fn collector(&self) -> LdapIdp {
        LdapIdp::new("directory".parse().unwrap(), self.config.clone())
    }

    fn cx(&self) -> CollectCx {
        let clock = Clock::new(|| Instant::new(jiff::Timestamp::now()));
        CollectCx { clock, progress: Progress::silent(), base: self.place.path().to_owned() }
    }

    pub(super) fn try_read(&self) -> Result<Told, Error> {
        let batch = block(self.collector().collect(&self.cx()))?;
        let Facts::Idp(facts) = batch.facts else { panic!("{:?}", batch.facts) };
        Ok(Told { facts: *facts, record: batch.record })
    }

    pub(super) fn read(&self) -> Told {
        self.try_read().unwrap()
    }

    pub(super) fn probe(&self) -> Probe {
        block(self.collector().probe(&self.cx()))
    }
}

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(future)
}

impl Told {
    /// Read whole; without this nothing else it says is worth a test.
    #[track_caller]
    pub(super) fn whole(self) -> Self {
        assert_eq!(self.record.gaps, [], "{:#?}", self.record);
        self
    }

    /// The one gap.
    #[track_caller]
    pub(super) fn gap(&self, fact: overstay::model::Fact) -> &Gap {
        let gaps: Vec<&Gap> = self.record.gaps.iter().filter(|gap| gap.fact == fact).collect();
        let [gap] = gaps[..] else { panic!("{:#?}", self.record.gaps) };
        gap
    }

    #[track_caller]
    pub(super) fn user(&self, name: &str) -> &IdpUser {
        let mut users = self.facts.users.iter().filter(|user| user.user_name == name);
        let user = users.next().unwrap_or_else(|| panic!("there is no {name}"));
        assert!(users.next().is_none(), "two are called {name}");
        user
    }

    #[track_caller]
    fn group(&self, name: &str) -> &IdpGroup {
        self.facts.groups.as_ref().unwrap().iter().find(|group| group.name == name).unwrap()
    }

    /// The members of a group by their user names, sorted; those who are so through another group are marked.
    #[track_caller]
    pub(super) fn members(&self, group: &str) -> Vec<String> {
        let group = self.group(group);
        let name = |id: &IdpUserId| self.facts.users.iter().find(|user| user.id == *id).unwrap().user_name.clone();
        let mark = |id: &IdpUserId| if group.has_directly(id) { "" } else { "*" };
        let mut members: Vec<String> = group.members.iter().map(|id| format!("{}{}", name(id), mark(id))).collect();
        members.sort();
        members
    }

    /// How often an operation was asked.
    pub(super) fn requests(&self, operation: &str) -> u64 {
        self.record.operations.iter().find(|record| record.operation == operation).map_or(0, |record| record.requests)
    }

    #[track_caller]
    pub(super) fn notes(&self, text: &str) {
        assert!(self.record.notes.iter().any(|note| note.contains(text)), "{:#?} lacks {text}", self.record.notes);
    }
}
