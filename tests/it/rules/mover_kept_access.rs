use overstay::model::Fact;
use overstay::model::finding::Severity;

use super::org::{Org, idp_id, user_id};
use crate::lifecycle::story::Story;

const RULE: &str = "mover-kept-access";

const POLICY: &str = "[[access]]\nmatch = { department = \"Engineering\" }\npermission_set = \"Read\"\naccounts = [\"prod\"]\n\
                      [[access]]\nmatch = { department = \"DevOps\" }\npermission_set = \"Admin\"\naccounts = [\"prod\"]";

/// `a`, `b` and `c` are in Engineering and may read.
fn org() -> Org {
    let mut org = Org::new().config(POLICY).person("a").person("b").person("c").group("readers", &["a", "b", "c"]);
    for name in ["a", "b", "c"] {
        org = org.edit_idp(name, |user| user.department = Some("Engineering".to_owned()));
    }
    org.grouped("readers", "Read", "prod")
}

fn moved(story: Story, name: &str) -> Story {
    story.then("2026-08-03T09:00:00Z", |org| org.edit_idp(name, |user| user.department = Some("DevOps".to_owned())))
}

fn taken_out(org: Org, name: &str) -> Org {
    let mut org = org;
    org.aws.memberships.retain(|membership| membership.user != user_id(name));
    org.idps[0].groups.as_mut().unwrap()[0].members.retain(|member| *member != idp_id(name));
    org
}

#[test]
fn who_kept_it_is_named_before_and_after_who_did_not() {
    let story = moved(moved(moved(Story::new(org()), "a"), "b"), "c");
    let story = story.then("2026-08-05T09:00:00Z", |org| taken_out(org, "b"));
    let told = story.tell();
    assert_eq!(told.report.subjects(RULE), ["a", "c"]);
    let found = &told.report.found(RULE)[0];
    assert_eq!((found.severity, found.grants), (Severity::Medium, 1));
    assert!(found.detail.starts_with("Department changed from `Engineering` to `DevOps` between"), "{}", found.detail);
    let results: Vec<(String, String)> = told
        .rows("movers.csv")
        .into_iter()
        .filter(|row| row["attribute"] == "department")
        .map(|row| (row["person"].clone(), row["result"].clone()))
        .collect();
    let expected = [("a", "fail"), ("b", "pass"), ("c", "fail")].map(|(who, how)| (who.to_owned(), how.to_owned()));
    assert_eq!(results, expected);
}

#[test]
fn what_was_removed_in_time_or_is_allowed_is_clean() {
    let in_time = moved(Story::new(org()), "a").then("2026-08-05T09:00:00Z", |org| taken_out(org, "a"));
    in_time.tell().report.clean(RULE);
    let both = "[[access]]\nmatch = { department = \"DevOps\" }\npermission_set = \"Read\"\naccounts = [\"prod\"]";
    moved(Story::new(org().config(both)), "a").tell().report.clean(RULE);
}

#[test]
fn privileged_access_is_worse_and_a_fresh_move_is_undecided() {
    let admin = moved(Story::new(org().access("a", "Admin", "prod").config(
        "[[access]]\nmatch = { department = \"Engineering\" }\npermission_set = \"Admin\"\naccounts = [\"management\"]",
    )), "a");
    assert_eq!(admin.tell().report.only(RULE).severity, Severity::Medium, "Admin is allowed in DevOps");
    let fresh = Story::new(org())
        .then("2026-09-28T09:00:00Z", |org| org.edit_idp("a", |user| user.department = Some("DevOps".to_owned())));
    let told = fresh.tell();
    told.report.silent(RULE);
    assert_eq!(told.report.result(RULE).undecided, 1);
}

#[test]
fn missing_facts_are_never_clean() {
    org().report().not_evaluated(RULE);
    let quiet = || Story::new(org());
    quiet().tell().report.clean(RULE);
    for fact in [Fact::IdpUsers, Fact::Memberships, Fact::Assignments, Fact::PermissionSets] {
        quiet().then("2026-09-30T00:00:00Z", |org| org.gap(fact)).tell().report.not_clean(RULE);
    }
    let without_policy = Story::new(Org::new().person("a").access("a", "Read", "prod"));
    without_policy.tell().report.not_evaluated(RULE);
}
