//! Samba as a domain controller: the same questions as to Active Directory, against a server of others.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use overstay::collect::CheckOutcome;
use overstay::config::{LdapFlavor, Part};
use overstay::model::person::IdKey;
use overstay::model::{Fact, GapKind, IdpStatus, Instant, Known};
use serde_json::Value;

use super::place::{Ask, Place, run};
use super::slapd::answers;

/// More than a page, and more than Active Directory would send at once.
const MANY: usize = 1200;
const BASE: &str = "OU=Staff,DC=corp,DC=example,DC=com";
const DOMAIN: &str = "DC=corp,DC=example,DC=com";
const PASSWORD: &str = "Pass-word.of.1.user";
const URL: &str = "ldaps://localhost";

/// A domain with its controller, which is killed when dropped.
struct Samba {
    place: Place,
    child: Child,
    /// What Samba's own programs read of it.
    expected: Value,
}

impl Samba {
    fn start() -> Self {
        for port in [389, 636, 3268, 3269] {
            if let Err(error) = TcpListener::bind(("127.0.0.1", port)) {
                panic!("Samba needs port {port} of 127.0.0.1 for itself, which only root can give: {error}");
            }
        }
        let place = Place::new();
        let options = |command: &mut Command| {
            for option in ["interfaces=lo", "bind interfaces only=yes", "vfs objects="] {
                command.arg(format!("--option={option}"));
            }
            command.arg(format!("--option=posix:eadb={}", place.file("eadb.tdb")));
        };
        let mut provision = Command::new("samba-tool");
        provision.args(["domain", "provision", "--realm=CORP.EXAMPLE.COM", "--domain=CORP", "--server-role=dc"]);
        provision.args(["--dns-backend=NONE", "--host-name=dc1"]).arg(format!("--adminpass={PASSWORD}"));
        options(provision.arg(format!("--targetdir={}", place.file("dc"))));
        run(&mut provision);
        place.write("domain.py", include_str!("domain.py"));
        let (database, config) = (place.file("dc/private/sam.ldb"), place.file("dc/etc/smb.conf"));
        // Samba's modules belong to the system's Python, whatever else is called python3 here.
        let output = Command::new("/usr/bin/python3")
            .args([&place.file("domain.py"), &database, &MANY.to_string(), &config, PASSWORD])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let expected = serde_json::from_slice(&output.stdout).unwrap();
        let mut command = Command::new("samba");
        command.args(["-i", "-M", "single", "-s", &config, "--option=server services=ldap"]);
        for (option, file) in [("log file", "log"), ("tls cafile", "ca.pem"), ("tls certfile", "server.pem")] {
            command.arg(format!("--option={option}={}", place.file(file)));
        }
        command.arg(format!("--option=tls keyfile={}", place.file("key.pem")));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        assert!(answers(&mut child, 636), "samba does not start: {}", place.read("log"));
        Self { place, child, expected }
    }

    /// As a user without rights of their own.
    fn ask(&self) -> Ask<'_> {
        Ask::new(&self.place, URL, LdapFlavor::ActiveDirectory, BASE).by("reader@corp.example.com", PASSWORD)
    }

    /// As an administrator, who may list what was deleted.
    fn ask_as_administrator(&self) -> Ask<'_> {
        self.ask().by("administrator@corp.example.com", PASSWORD)
    }

    fn time(&self, key: &str) -> Known<Instant> {
        Known::read(Instant::from_epoch_seconds(self.expected[key].as_i64().unwrap()))
    }
}

impl Drop for Samba {
    fn drop(&mut self) {
        // Whether it had ended already makes no difference.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "needs Samba as a domain controller, root, and ports 389 and 636: .ci/run"]
fn a_domain_is_read() {
    let samba = Samba::start();
    users(&samba);
    groups(&samba);
    deleted(&samba);
    refusals(&samba);
}

fn users(samba: &Samba) {
    let told = samba.ask().read().whole();
    // With ann, bare, boss, long and off; the computer, the reader and who is elsewhere are none of them.
    assert_eq!(told.facts.users.len(), MANY + 5);
    assert_eq!(told.requests("ldap:users"), 3);
    told.notes("no deleted user was shown");

    let ann = told.user("ann@example.com");
    assert_eq!(ann.id.as_str(), samba.expected["guid"]["ann"].as_str().unwrap());
    assert_eq!(ann.email.as_deref(), Some("ann.smith@example.com"));
    assert_eq!(ann.aliases, ["ann@example.com"]);
    assert_eq!(ann.display_name.as_deref(), Some("Ann Smith"));
    assert_eq!(ann.employee_id.as_deref(), Some("0017"));
    assert_eq!(ann.user_type.as_deref(), Some("Contractor"));
    assert_eq!((ann.department.as_deref(), ann.title.as_deref()), (Some("Research"), Some("Head")));
    assert_eq!(ann.manager.as_deref(), Some("boss@example.com"));
    assert_eq!((ann.status, &ann.end), (IdpStatus::Active, &Known::Value("2025-10-05T00:00:00Z".parse().unwrap())));
    let [(IdKey::OnPremisesImmutableId, anchor)] = &ann.keys[..] else { panic!("{:?}", ann.keys) };
    assert_eq!(data_encoding::BASE64.decode(anchor.as_bytes()).unwrap().len(), 16);

    let off = told.user("off@example.com");
    assert_eq!((off.status, &off.end), (IdpStatus::Disabled, &Known::Absent));
    assert_eq!(off.status_changed_at, samba.time("off_since"));
    assert_eq!(told.facts.users.iter().filter(|user| user.status == IdpStatus::Disabled).count(), 1);

    let bare = told.user("bare@corp.example.com");
    assert_eq!((&bare.email, &bare.display_name, &bare.employee_id), (&None, &None, &None));
    let long = told.user("名前.ünï@example.com");
    assert!(long.display_name.as_ref().unwrap().starts_with("Ünïcödé 名前 Ünïcödé"));
}

fn groups(samba: &Samba) {
    let told = samba.ask().read().whole();
    assert_eq!(told.members("Everybody").len(), MANY);
    // Through two groups, one of which is in a ring with the other; who is outside the base is not known here.
    assert_eq!(told.members("Outer"), ["ann@example.com", "bare@corp.example.com*", "off@example.com*"]);
    assert_eq!(told.members("Inner"), ["bare@corp.example.com", "off@example.com"]);
    // By primary group, which no list of members has.
    assert_eq!(told.members("Domain Users").len(), MANY + 5);
    assert_eq!(told.members("Domain Folk").len(), MANY + 5);
    assert!(told.members("Domain Folk").iter().all(|name| name.ends_with('*')));
    told.notes("being neither users that were read nor groups");
    told.notes("foreign security principals");
    assert_eq!(samba.ask().without(Part::Groups).read().whole().facts.groups, None);
}

fn deleted(samba: &Samba) {
    let told = samba.ask_as_administrator().read().whole();
    assert_eq!(told.facts.users.len(), MANY + 6);
    let gone = told.user("gone@corp.example.com");
    assert_eq!(gone.id.as_str(), samba.expected["guid"]["gone"].as_str().unwrap());
    assert_eq!((gone.status, &gone.status_changed_at), (IdpStatus::Deleted, &samba.time("gone_since")));
    told.notes("1 deleted users were outside base_dn");
    let told = samba.ask_as_administrator().without(Part::Deleted).read().whole();
    assert_eq!(told.facts.users.len(), MANY + 5);
    // The whole domain: with the reader, who is elsewhere, and Samba's own.
    let all = Ask::new(&samba.place, "ldap://localhost", LdapFlavor::ActiveDirectory, DOMAIN);
    let told = all.by("administrator@corp.example.com", PASSWORD).read().whole();
    told.user("gone-too@corp.example.com");
    assert_eq!(told.user("krbtgt@corp.example.com").status, IdpStatus::Disabled);
    assert!(told.members("Outer").contains(&"elsewhere@corp.example.com".to_owned()));
}

fn refusals(samba: &Samba) {
    let reason = |ask: Ask<'_>| {
        let told = ask.read();
        let gap = told.gap(Fact::IdpUsers).clone();
        (gap.kind, gap.reason)
    };
    let refused = |cause: &str| (GapKind::Credentials, format!("the server refuses the bind: {cause}"));
    assert_eq!(reason(samba.ask().by("reader@corp.example.com", "wrong")), refused("wrong name or password"));
    assert_eq!(reason(samba.ask().by("off@corp.example.com", PASSWORD)), refused("the user is disabled"));
    let (kind, told) = reason(samba.ask().trusting(Some("other-ca.pem")));
    assert_eq!((kind, told.contains("no authority")), (GapKind::Network, true), "{told}");
    let nowhere = Ask::new(&samba.place, URL, LdapFlavor::ActiveDirectory, "OU=Nowhere,DC=corp,DC=example,DC=com");
    assert_eq!(reason(nowhere.by("reader@corp.example.com", PASSWORD)).0, GapKind::NotFound);
    let other = Ask::new(&samba.place, URL, LdapFlavor::OpenLdap, BASE).by("reader@corp.example.com", PASSWORD);
    assert_eq!(other.try_read().err().unwrap().hint(), "write flavor = \"ad\", or the url of another server");

    let probe = samba.ask().probe();
    assert!(probe.checks.iter().all(|check| check.outcome == CheckOutcome::Fine), "{:#?}", probe.checks);
    let tried: Vec<&str> = probe.checks.iter().map(|check| check.what.as_str()).collect();
    assert_eq!(tried, ["ldap:connect", "ldap:bind", "ldap:users", "ldap:groups", "ldap:deleted users"]);
    assert!(probe.told.contains(&("server", "dc1.corp.example.com".to_owned())), "{:?}", probe.told);
    assert!(probe.told.contains(&("domain", DOMAIN.to_owned())), "{:?}", probe.told);
}
