//! Against slapd: more users than a page and than its default limit, nested groups, certificates, refusals.

use overstay::collect::CheckOutcome;
use overstay::config::{LdapFlavor, Part};
use overstay::model::{Fact, GapKind, IdpStatus, Known};

use super::place::Ask;
use super::slapd::{BLIND, LIMITED, MANY, PASSWORD, READER, SUFFIX, Slapd};
use crate::program::Program;

#[test]
#[ignore = "needs slapd and openssl: .ci/run"]
fn everything_is_read_with_tls_from_the_beginning_or_later() {
    let slapd = Slapd::start(true);
    let told = slapd.ask(&slapd.url()).read().whole();
    assert_eq!(told.facts.users.len(), MANY + 6);
    assert_eq!(told.requests("ldap:users"), 3);

    let ann = told.user("ann");
    assert_eq!((ann.email.as_deref(), &ann.aliases[..]), (Some("ann@example.com"), &["a@example.com".to_owned()][..]));
    assert_eq!(ann.employee_id.as_deref(), Some("0017"));
    assert_eq!((ann.department.as_deref(), ann.title.as_deref()), (Some("Research"), Some("Head")));
    assert_eq!((ann.manager.as_deref(), ann.user_type.as_deref()), (Some("bob"), Some("Employee")));
    assert_eq!((ann.status, &ann.end), (IdpStatus::Active, &Known::Absent));

    let bob = told.user("bob");
    assert_eq!(bob.status, IdpStatus::Disabled);
    assert_eq!(bob.status_changed_at, Known::Value("2026-05-01T08:00:00Z".parse().unwrap()));
    assert_eq!(told.user("cy").status, IdpStatus::Active);
    told.notes("1 user is locked out for a time");
    assert_eq!(told.user("dee").end, Known::Value("2025-10-01T00:00:00Z".parse().unwrap()));
    let long = told.user("long").display_name.clone().unwrap();
    assert!(long.starts_with("Ünïcödé 名前") && long.chars().count() > 800, "{long}");
    let bare = told.user("bare");
    assert_eq!((bare.display_name.as_deref(), &bare.email), (Some("Bare, One"), &None));

    assert_eq!(told.members("everybody").len(), MANY);
    assert_eq!(told.members("outer"), ["ann", "bare*", "bob*"]);
    assert_eq!(told.members("inner"), ["bare", "bob"]);
    assert_eq!(told.members("unix"), ["ann", "bare"]);
    assert_eq!(told.members("dangling"), [""; 0]);
    told.notes("2 members of groups count as nobody, being neither users");
    told.notes("1 member of groups counts as nobody, being user names");

    let mut other = slapd.ask(&slapd.tls_url()).read().whole();
    assert_eq!(other.facts, told.facts);
    other = slapd.ask(&slapd.tls_url()).without(Part::Groups).read().whole();
    assert_eq!(other.facts.groups, None);
    assert_eq!(other.record.asked, [Fact::IdpUsers]);
}

#[test]
#[ignore = "needs slapd and openssl: .ci/run"]
fn certificates_of_others_are_refused() {
    let slapd = Slapd::start(true);
    for url in [slapd.url(), slapd.tls_url()] {
        for ca in [Some("other-ca.pem"), None] {
            let told = slapd.ask(&url).trusting(ca).read();
            let gap = told.gap(Fact::IdpUsers);
            assert_eq!(gap.kind, GapKind::Network);
            assert_eq!(gap.reason, "the server's certificate is of no authority that is trusted here", "{url} {ca:?}");
            assert!(gap.at.starts_with("ldap:connect (ldap"), "{}", gap.at);
            assert_eq!(told.gap(Fact::IdpGroups).reason, gap.reason);
            assert!(told.facts.users.is_empty());
        }
    }
    // A name that is not in the certificate.
    let by_other_name = slapd.tls_url().replace("localhost", "127.0.0.2");
    assert!(slapd.ask(&by_other_name).read().gap(Fact::IdpUsers).reason.contains("can't be reached"));
    assert!(slapd.ask(&slapd.url()).trusting(Some("key.pem")).try_read().is_err());
}

#[test]
#[ignore = "needs slapd and openssl: .ci/run"]
fn a_list_that_was_cut_short_is_a_gap() {
    let slapd = Slapd::start(true);
    let told = slapd.ask(&slapd.url()).by(LIMITED, PASSWORD).read();
    let gap = told.gap(Fact::IdpUsers);
    assert_eq!((gap.kind, gap.at.as_str()), (GapKind::Malformed, "ldap:users"));
    assert!(gap.reason.contains("size limit"), "{gap:?}");
    assert!(gap.hint.contains("prtotal"), "{gap:?}");
    assert_eq!(told.facts.users.len(), 500);
    assert!(told.record.gaps.iter().all(|gap| gap.fact == Fact::IdpUsers), "{:#?}", told.record.gaps);
}

#[test]
#[ignore = "needs slapd and openssl: .ci/run"]
fn refusals_are_told_in_words() {
    let slapd = Slapd::start(true);
    let told = slapd.ask(&slapd.url()).by(READER, "wrong pass-word").read();
    let gap = told.gap(Fact::IdpUsers);
    assert_eq!((gap.kind, gap.at.as_str()), (GapKind::Credentials, format!("ldap:bind ({})", slapd.url()).as_str()));
    assert_eq!(gap.reason, "the server refuses the bind: wrong name or password");
    assert!(!format!("{:?}", told.record).contains("pass-word"));

    // Nobody is to be seen: never taken for an empty directory.
    let told = slapd.ask(&slapd.url()).by(BLIND, PASSWORD).read();
    assert_eq!(told.gap(Fact::IdpUsers).kind, GapKind::NotFound);
    assert!(told.gap(Fact::IdpGroups).reason.len() > 10);

    let elsewhere = |base| Ask::new(&slapd.place, &slapd.url(), LdapFlavor::OpenLdap, base).by(READER, PASSWORD).read();
    let told = elsewhere("ou=nowhere,dc=example,dc=com");
    assert_eq!(told.gap(Fact::IdpUsers).reason, "there is no such entry, or who reads may not see it");
    let told = elsewhere("ou=groups,dc=example,dc=com");
    assert_eq!(told.gap(Fact::IdpUsers).reason, "the directory shows no users at all");
    assert_eq!(elsewhere("not a name").gap(Fact::IdpUsers).reason, "the name is not a distinguished name");

    // OpenLDAP would answer the other flavor's questions with nothing, and call it a success.
    let other = Ask::new(&slapd.place, &slapd.url(), LdapFlavor::ActiveDirectory, SUFFIX).by(READER, PASSWORD);
    let error = other.try_read().err().unwrap();
    assert!(error.to_string().contains("does not say that it is Active Directory"), "{error}");
    assert_eq!(error.hint(), "write flavor = \"openldap\", or the url of another server");
}

#[test]
#[ignore = "needs slapd and openssl: .ci/run"]
fn without_tls_only_this_machine_is_asked() {
    let slapd = Slapd::start(false);
    let told = slapd.ask(&slapd.url()).read().whole();
    assert_eq!(told.facts.users.len(), MANY + 6);
    told.notes("the connection was not encrypted");
    let probe = slapd.ask(&slapd.url()).probe();
    assert!(probe.checks.iter().any(|check| check.what == "ldap:connect" && check.outcome == CheckOutcome::Warning));
}

#[test]
#[ignore = "needs slapd and openssl: .ci/run"]
fn the_doctor_finds_out_beforehand() {
    let slapd = Slapd::start(true);
    let outcomes = |ask: Ask<'_>| -> Vec<(String, CheckOutcome)> {
        ask.probe().checks.into_iter().map(|check| (check.what, check.outcome)).collect()
    };
    let fine = |what: &str| (what.to_owned(), CheckOutcome::Fine);
    assert_eq!(
        outcomes(slapd.ask(&slapd.tls_url())),
        [fine("ldap:connect"), fine("ldap:bind"), fine("ldap:users"), fine("ldap:groups")]
    );
    let lost = |what: &str, kind| (what.to_owned(), CheckOutcome::Unreadable(kind));
    assert_eq!(
        outcomes(slapd.ask(&slapd.url()).by(READER, "wrong")),
        [fine("ldap:connect"), lost("ldap:bind", GapKind::Credentials)]
    );
    assert_eq!(outcomes(slapd.ask(&slapd.url()).trusting(None)), [lost("ldap:connect", GapKind::Network)]);
    let blind = outcomes(slapd.ask(&slapd.url()).by(BLIND, PASSWORD));
    assert_eq!(blind[2..], [lost("ldap:users", GapKind::NotFound), lost("ldap:groups", GapKind::NotFound)]);
    let probe = slapd.ask(&slapd.url()).by(BLIND, PASSWORD).probe();
    assert_eq!(probe.lost(), [Fact::IdpUsers, Fact::IdpGroups]);
    assert!(probe.told.contains(&("bound as", BLIND.to_owned())));
}

#[test]
#[ignore = "needs slapd and openssl: .ci/run"]
fn the_program_collects_from_it() {
    let slapd = Slapd::start(true);
    let config = format!(
        "[[idp]]\nname = \"directory\"\ntype = \"ldap\"\nurl = \"{}\"\nflavor = \"openldap\"\nbind_dn = \"{READER}\"\n\
         password = {{ env = \"LDAP_PASSWORD\" }}\nbase_dn = \"{SUFFIX}\"\nca = '{}'\n",
        slapd.tls_url(),
        slapd.place.file("ca.pem")
    );
    let program = |password| Program::new().env("LDAP_PASSWORD", password).file("overstay.toml", &config);
    let whole = program(PASSWORD);
    let ended = whole.run(&["collect", "--out", "a.zst"]);
    assert!(ended.expect(0).stderr.contains("A complete snapshot"), "{}", ended.stderr);
    whole.run(&["doctor"]).expect(0);
    let wrong = program("not-the-pass-word");
    for arguments in [&["collect", "--out", "a.zst"][..], &["doctor"]] {
        let ended = wrong.run(arguments);
        let said = format!("{}{}", ended.expect(3).stdout, ended.stderr);
        assert!(said.contains("the server refuses the bind: wrong name or password"), "{said}");
        assert!(!said.contains("not-the-pass-word"), "{said}");
    }
    let ended = program("").run(&["collect", "--out", "b.zst"]);
    assert!(ended.expect(2).stderr.contains("LDAP_PASSWORD"), "{}", ended.stderr);
}
