//! Long lists of members, pages that never end, busy servers, and connections that are lost.
#![expect(clippy::disallowed_methods, reason = "tests write a password")]

use overstay::collect::idp::ldap::LdapIdp;
use overstay::collect::{Clock, CollectCx, Collector, Facts, Progress};
use overstay::config::{Connection, LdapConfig, LdapFlavor, Secret};
use overstay::model::{Fact, Gap, GapKind, IdpFacts, SourceRecord};
use tempfile::TempDir;

use super::server::{Say, Search, Server, entry};
use crate::web::client::{noon, run};

const DOMAIN: &str = "DC=corp,DC=example";

fn read(server: &Server, flavor: LdapFlavor) -> (IdpFacts, SourceRecord) {
    let place = TempDir::new().unwrap();
    std::fs::write(place.path().join("password"), "secret").unwrap();
    let config = LdapConfig {
        url: server.url(),
        bind_dn: "cn=reader".to_owned(),
        password: Secret::File("password".into()),
        base_dn: DOMAIN.to_owned(),
        flavor,
        connection: Connection::default(),
    };
    let cx = CollectCx { clock: Clock::fixed(noon()), progress: Progress::silent(), base: place.path().to_owned() };
    let batch = run(LdapIdp::new("directory".parse().unwrap(), config).collect(&cx)).unwrap();
    let Facts::Idp(facts) = batch.facts else { panic!() };
    (*facts, batch.record)
}

fn gap(record: &SourceRecord, fact: Fact) -> &Gap {
    let gaps: Vec<&Gap> = record.gaps.iter().filter(|gap| gap.fact == fact).collect();
    let [gap] = gaps[..] else { panic!("{:#?}", record.gaps) };
    gap
}

fn guid(number: u8) -> [u8; 16] {
    [number; 16]
}

fn ad_user(number: u8) -> Say {
    let name = format!("user{number}");
    entry(
        &format!("CN={name},{DOMAIN}"),
        &[
            ("objectGUID", &[&guid(number)]),
            ("sAMAccountName", &[name.as_bytes()]),
            ("userAccountControl", &[b"512"]),
            ("accountExpires", &[b"0"]),
        ],
    )
}

/// A domain with five users and one group, whose members come as `members` says.
fn domain(members: impl Fn(&Search) -> Vec<Say> + Send + Sync + 'static) -> Server {
    Server::start(true, move |search, _| {
        if search.wants("userAccountControl") {
            (1..=5).map(ad_user).chain([Say::Done(0, b"")]).collect()
        } else if search.attributes.iter().any(|one| one.starts_with("member") || one == "objectClass") {
            members(search)
        } else {
            vec![Say::Done(0, b"")]
        }
    })
}

fn group(attributes: &[(&str, &[&[u8]])]) -> Say {
    let guid = guid(99);
    let head: [(&str, &[&[u8]]); 2] = [("objectGUID", &[&guid]), ("cn", &[b"Long"])];
    entry(&format!("CN=Long,{DOMAIN}"), &[&head[..], attributes].concat())
}

const MEMBERS: [&[u8]; 5] = [
    b"CN=user1,DC=corp,DC=example",
    b"CN=user2,DC=corp,DC=example",
    b"CN=user3,DC=corp,DC=example",
    b"CN=user4,DC=corp,DC=example",
    b"CN=user5,DC=corp,DC=example",
];

#[test]
fn a_list_of_members_that_comes_in_parts_is_read_to_its_end() {
    let server = domain(|search| {
        let part = if search.wants("member") {
            group(&[("member", &[]), ("member;range=0-1", &MEMBERS[..2])])
        } else if search.wants("member;range=2-*") {
            group(&[("member;range=2-3", &MEMBERS[2..4])])
        } else {
            assert!(search.wants("member;range=4-*"), "{search:?}");
            group(&[("member;range=4-*", &MEMBERS[4..])])
        };
        vec![part, Say::Done(0, b"")]
    });
    let (facts, record) = read(&server, LdapFlavor::ActiveDirectory);
    assert_eq!(record.gaps, []);
    assert_eq!(facts.groups.unwrap()[0].members.len(), 5);
    let asked: Vec<String> = server.searches().into_iter().map(|search| search.base).collect();
    assert_eq!(asked.iter().filter(|base| base.starts_with("CN=Long")).count(), 2);
}

#[test]
fn a_list_of_members_that_breaks_off_is_a_gap() {
    for second in [Some("member;range=0-1"), None] {
        let server = domain(move |search| {
            let part = match second {
                _ if search.wants("member") => group(&[("member;range=0-1", &MEMBERS[..2])]),
                Some(again) => group(&[(again, &MEMBERS[..2])]),
                None => group(&[]),
            };
            vec![part, Say::Done(0, b"")]
        });
        let (facts, record) = read(&server, LdapFlavor::ActiveDirectory);
        let gap = gap(&record, Fact::IdpGroups);
        assert_eq!((gap.kind, gap.at.as_str()), (GapKind::Malformed, "ldap:more members"));
        assert_eq!(facts.groups.unwrap()[0].members.len(), 2);
    }
}

#[test]
fn a_member_of_another_domain_may_be_a_group_and_is_a_gap() {
    let with = |member: &'static [u8], answer: Say, code: u8| {
        let server = domain(move |search| {
            if search.wants("objectClass") {
                return vec![answer.clone(), Say::Done(code, b"")];
            }
            vec![group(&[("member", &[MEMBERS[0], member])]), Say::Done(0, b"")]
        });
        read(&server, LdapFlavor::ActiveDirectory).1
    };
    let other = b"CN=Folk,DC=other,DC=example";
    for (answer, code) in [(Say::Reference, 0), (Say::Reference, 10)] {
        let record = with(other, answer, code);
        let gap = gap(&record, Fact::IdpGroups);
        assert_eq!(gap.at, "ldap:other members (CN=Folk,DC=other,DC=example)");
        assert!(gap.reason.contains("another domain"), "{gap:?}");
    }
    let found = entry("CN=Folk,DC=other,DC=example", &[("objectClass", &[b"top", b"group"])]);
    assert!(gap(&with(other, found, 0), Fact::IdpGroups).reason.contains("stands outside"));
    // A person elsewhere is nobody here, and nobody comes in through them.
    let person = entry("CN=Folk,DC=other,DC=example", &[("objectClass", &[b"top", b"user"])]);
    assert_eq!(with(other, person, 0).gaps, []);
    let record = with(b"CN=S-1-5-11,CN=ForeignSecurityPrincipals,DC=corp,DC=example", Say::Reference, 0);
    assert_eq!(record.gaps, []);
    assert!(record.notes.iter().any(|note| note.contains("foreign security principals")), "{:?}", record.notes);
}

fn person(number: usize) -> Say {
    let uid = format!("user{number}");
    entry(&format!("uid={uid},{DOMAIN}"), &[("entryUUID", &[uid.as_bytes()]), ("uid", &[uid.as_bytes()])])
}

/// A directory whose users come as `users` says; its one group is whole.
fn directory(users: impl Fn(&Search, usize) -> Vec<Say> + Send + Sync + 'static) -> (IdpFacts, SourceRecord, usize) {
    let server = Server::start(false, move |search, before| {
        if search.wants("pwdAccountLockedTime") {
            return users(search, before);
        }
        let group = entry(&format!("cn=g,{DOMAIN}"), &[("entryUUID", &[b"g"]), ("cn", &[b"g"])]);
        vec![group, Say::Done(0, b"")]
    });
    let (facts, record) = read(&server, LdapFlavor::OpenLdap);
    let asked = server.searches().iter().filter(|search| search.wants("pwdAccountLockedTime")).count();
    assert!(record.gaps.iter().all(|gap| gap.fact == Fact::IdpUsers), "{:#?}", record.gaps);
    (facts, record, asked)
}

#[test]
fn a_busy_server_is_asked_for_the_same_page_again() {
    let (facts, record, asked) = directory(|search, before| match (before, search.cookie.as_deref()) {
        (0, Some(b"")) => vec![person(1), Say::Done(0, b"next")],
        (1, Some(b"next")) => vec![Say::Done(51, b"")],
        (2, Some(b"next")) => vec![person(2), Say::Done(0, b"")],
        other => panic!("{other:?}"),
    });
    assert_eq!(record.gaps, []);
    assert_eq!((facts.users.len(), asked), (2, 3));
    let users = record.operations.iter().find(|record| record.operation == "ldap:users").unwrap();
    assert_eq!((users.requests, users.pages, users.items, users.retries, users.failures), (3, 2, 2, 1, 1));
}

#[test]
fn a_connection_that_is_lost_is_a_gap_and_what_came_is_kept() {
    let server = Server::start(false, |_, _| vec![person(1), person(2), Say::Close]);
    let (facts, record) = read(&server, LdapFlavor::OpenLdap);
    let gap = gap(&record, Fact::IdpUsers);
    assert_eq!((gap.kind, gap.at.as_str()), (GapKind::Network, "ldap:users"));
    assert!(gap.reason.contains("before its answer was whole"), "{gap:?}");
    assert_eq!(facts.users.len(), 2);
    assert!(record.gaps.iter().any(|gap| gap.fact == Fact::IdpGroups));
}

#[test]
fn pages_without_end_are_given_up() {
    let (facts, record, asked) = directory(|_, _| vec![person(1), Say::Done(0, b"again")]);
    assert!(gap(&record, Fact::IdpUsers).reason.contains("page after page with nothing new"));
    assert_eq!((facts.users.len(), asked), (1, 21));
    // Some pages may be empty, and cookies alike: Samba's are.
    let (facts, record, _) = directory(|_, before| match before {
        0..5 => vec![person(before), Say::Done(0, b"same")],
        5..9 => vec![Say::Done(0, b"same")],
        _ => vec![person(9), Say::Done(0, b"")],
    });
    assert_eq!((facts.users.len(), record.gaps), (6, Vec::new()));
}

#[test]
fn refusals_nonsense_and_references_are_told() {
    let (_, record, _) = directory(|_, _| vec![Say::Done(50, b"")]);
    assert_eq!(gap(&record, Fact::IdpUsers).kind, GapKind::Denied);
    let (facts, record, _) = directory(|_, _| vec![person(1), Say::Nonsense, Say::Done(0, b"")]);
    assert!(gap(&record, Fact::IdpUsers).reason.contains("an entry that can't be understood"));
    assert_eq!(facts.users.len(), 1);
    let (facts, record, _) = directory(|_, _| vec![person(1), Say::Reference, Say::Done(0, b"")]);
    assert_eq!((facts.users.len(), record.gaps), (1, Vec::new()));
    assert!(record.notes.iter().any(|note| note.contains("referred to other servers")), "{:?}", record.notes);
    let silent = entry(&format!("uid=a,{DOMAIN}"), &[("uid", &[b"a"])]);
    let (facts, record, _) = directory(move |_, _| vec![person(1), silent.clone(), Say::Done(0, b"")]);
    assert!(gap(&record, Fact::IdpUsers).at.contains("uid=a,"));
    assert_eq!(facts.users.len(), 1);
}
