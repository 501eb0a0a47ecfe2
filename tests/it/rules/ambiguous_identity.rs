use overstay::model::{DeclaredLink, Fact};

use super::org::{Org, idp_user};
use super::report::{needs, same_id};

const RULE: &str = "ambiguous-identity";

/// `a` and `c` have two records each by email, `b` has one.
fn org() -> Org {
    let mut org = Org::new().by_hand("a").by_hand("b").by_hand("c").idp_only(0, "b");
    for (name, email) in [("a1", "a"), ("a2", "a"), ("c1", "c"), ("c2", "c")] {
        let mut user = idp_user(name);
        user.email = Some(format!("{email}@example.org"));
        org.idps[0].users.push(user);
    }
    org
}

#[test]
fn two_candidates_are_named_and_one_is_clean() {
    let report = org().report();
    assert_eq!(report.subjects(RULE), ["a", "c"]);
    assert!(report.found(RULE)[0].detail.contains("a1@example.org"), "{:?}", report.found(RULE));
    Org::new().person("b").report().clean(RULE);
}

#[test]
fn two_users_that_claim_one_record_are_both_named() {
    let org =
        Org::new().by_hand("a").by_hand("b").idp_only(0, "x").edit_idp("x", |user| user.email = Some("s@x.org".into()));
    let shared = |org: Org, name: &str| org.edit_user(name, |user| user.email = Some("s@x.org".into()));
    assert_eq!(shared(shared(org, "a"), "b").report().subjects(RULE), ["a", "b"]);
}

#[test]
fn missing_facts_are_never_clean() {
    needs(RULE, &Org::new().person("b"), &[Fact::DirectoryUsers, Fact::IdpUsers]);
}

#[test]
fn a_declared_link_settles_it() {
    let mut org = org();
    for name in ["a", "c"] {
        org.links.push(DeclaredLink {
            identity_center_user: format!("{name}@example.org"),
            idp_user: format!("{name}1@example.org"),
            employee_id: None,
            origin: "links.csv, row 2".into(),
        });
    }
    org.report().clean(RULE);
}

#[test]
fn the_fingerprint_outlives_more_candidates() {
    let mut more = org();
    let mut third = idp_user("a3");
    third.email = Some("a@example.org".into());
    more.idps[0].users.push(third);
    same_id(RULE, &org(), &more);
}
