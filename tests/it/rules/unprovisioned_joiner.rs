use overstay::assess::assess;
use overstay::config::Config;
use overstay::model::event::{Action, LogKind};
use overstay::model::finding::Severity;
use overstay::model::history::{History, Look, Spell, Track};
use overstay::model::{AsOf, Event, Fact, IdpStatus, Known};
use overstay::reconcile::reconcile;

use super::org::{NOW, Org, at, event, idp_id};
use super::report::{Report, needs, needs_whole, same_id};

const RULE: &str = "unprovisioned-joiner";
const POLICY: &str = "[[access]]\nmatch = { group = \"ENG\" }\npermission_set = \"Read\"\naccounts = [\"prod\"]\n\
                      owner = \"o@example.org\"";

fn added(day: u32, user: &str) -> Event {
    let mut added = event(&format!("2026-09-{day:02}T00:00:00Z"), Action::MemberAdded);
    added.id = format!("{day} {user}");
    (added.user, added.group) = (Some(idp_id(user).to_string()), Some("0c-eng".to_owned()));
    added
}

fn logged(org: Org, events: Vec<Event>) -> Org {
    org.events("idp:entra", LogKind::EntraAudit, events)
}

fn clean() -> Org {
    Org::new().person("b").group("eng", &["b"]).grouped("eng", "Read", "prod").config(POLICY)
}

/// `a` has no user, `c` has one and is not in the group; `b` has both.
fn unlogged() -> Org {
    let org = Org::new().idp_only(0, "a").person("b").person("c").config(POLICY);
    let mut org = org.group("eng", &["b"]).grouped("eng", "Read", "prod");
    org.idps[0].groups.as_mut().unwrap()[0].members = ["a", "b", "c"].map(idp_id).to_vec();
    org
}

fn org() -> Org {
    logged(unlogged(), vec![added(1, "a"), added(2, "c")])
}

#[test]
fn whoever_waits_is_named() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE).iter().all(|found| found.severity == Severity::Low));
    assert!(report.found(RULE)[0].detail.contains("has no Identity Center user"), "{}", report.found(RULE)[0].detail);
    assert!(report.found(RULE)[1].detail.contains("is not in eng"), "{}", report.found(RULE)[1].detail);
    clean().report().clean(RULE);
}

#[test]
fn since_when_is_not_guessed() {
    let report = unlogged().report();
    report.silent(RULE);
    assert_eq!(report.result(RULE).undecided, 2);
}

#[test]
fn within_the_time_that_provisioning_may_take_nobody_waits_too_long() {
    let mut late = added(1, "a");
    late.at = at("2026-09-30T16:30:00Z");
    let org = logged(unlogged(), vec![late, added(2, "c")]);
    assert_eq!(org.report().subjects(RULE), ["c"]);
    assert_eq!(org.config("[policy]\nsync_sla = \"20m\"").report().subjects(RULE), ["a", "c"]);
}

#[test]
fn whoever_was_enabled_after_joining_waits_since_then() {
    let org = org().edit_idp("a", |user| {
        user.status_changed_at = Known::Value(at("2026-09-30T16:45:00Z"));
    });
    assert_eq!(org.report().subjects(RULE), ["c"]);
}

#[test]
fn what_lies_outside_of_the_application_is_said() {
    let org = org().application(0, |app| app.users = vec![idp_id("b")]);
    let report = org.report();
    assert!(
        report.found(RULE)[0].detail.contains("assigned to the AWS application"),
        "{}",
        report.found(RULE)[0].detail
    );
}

#[test]
fn members_whom_nobody_provisions_do_not_wait() {
    let mut nested = org();
    nested.idps[0].kind = "entra".into();
    nested.idps[0].groups.as_mut().unwrap()[0].nested = vec![idp_id("a")];
    assert_eq!(nested.report().subjects(RULE), ["c"]);
    let gone = org().edit_idp("a", |user| user.status = IdpStatus::Disabled).gone("c", None);
    gone.report().clean(RULE);
    let ended = logged(unlogged(), vec![]).config("[policy]\nsync_sla = \"40m\"");
    assert_eq!(ended.report().result(RULE).population, 3);
}

#[test]
fn a_user_who_may_be_this_person_leaves_doubt() {
    let org = org().by_hand("x").by_hand("y");
    let org = ["x", "y"]
        .into_iter()
        .fold(org, |org, name| org.edit_user(name, |user| user.email = Some("a@example.org".into())));
    let report = org.report();
    assert_eq!(report.subjects(RULE), ["c"]);
    assert_eq!(report.result(RULE).undecided, 1);
}

#[test]
fn without_an_entry_that_names_a_group_there_is_nothing_to_judge_by() {
    Org::new().person("b").group("eng", &["b"]).report().not_evaluated(RULE);
    let by_title = Org::new().person("b").config(&POLICY.replace("group = \"ENG\"", "title = \"x\""));
    by_title.report().not_evaluated(RULE);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(
        RULE,
        &clean(),
        &[Fact::IdpUsers, Fact::IdpGroups, Fact::DirectoryUsers, Fact::DirectoryGroups, Fact::Memberships],
    );
    needs_whole(RULE, &clean(), &[Fact::DeclaredLinks]);
}

#[test]
fn the_fingerprint_outlives_what_is_lacking() {
    let with_user = Org::new().person("a").person("b").person("c").config(POLICY);
    let mut with_user = with_user.group("eng", &["b"]).grouped("eng", "Read", "prod");
    with_user.idps[0].groups.as_mut().unwrap()[0].members = ["a", "b", "c"].map(idp_id).to_vec();
    same_id(RULE, &org(), &logged(with_user, vec![added(1, "a"), added(2, "c")]));
}

#[test]
fn an_earlier_look_that_showed_the_membership_tells_since_when() {
    let look = |when: &str| Look {
        started_at: at(when),
        ended_at: at(when),
        digest: format!("digest of {when}"),
        whole: Vec::new(),
        listing: false,
    };
    let member = |user: &str, first: u32| Track {
        key: ("entra".parse().unwrap(), "0c-eng".parse().unwrap(), idp_id(user)),
        spells: vec![Spell { first, last: 1, value: () }],
    };
    let history = History {
        looks: vec![look("2026-09-20T00:00:00Z"), look(NOW)],
        idp_memberships: vec![member("a", 0), member("c", 1)],
        ..History::default()
    };
    let snapshot = unlogged().seal().with_history(history).unwrap();
    let config = Config::parse(POLICY, "fixture.toml").unwrap();
    let ledger = reconcile(&snapshot, &config, AsOf::new(at(NOW)), None);
    let report = Report::of(&assess(&ledger, overstay::rules::evaluate(&ledger)));
    assert!(report.only(RULE).detail.contains("since 2026-09-20"), "{}", report.only(RULE).detail);
    assert_eq!(report.subjects(RULE), ["a"]);
    assert_eq!(report.result(RULE).undecided, 1, "c was first seen in the group now");
}
