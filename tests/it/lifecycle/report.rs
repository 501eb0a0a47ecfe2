//! The report's page on a period.

use overstay::model::event::Action;
use overstay::model::{Event, Fact};

use super::story::{Story, by_user, scim};
use crate::rules::org::Org;

#[test]
fn it_counts_outcomes_shows_times_and_says_what_nothing_covers() {
    let org = Org::new().person("a").person("b").person("c").person("d");
    let org = org.group("readers", &["a", "b", "c", "d"]);
    let org = org.grouped("readers", "Read", "prod");
    let prod = org.account_id("prod").to_string();
    let story = Story::new(org).then("2026-08-10T16:00:00Z", |org| {
        let gone = Some("2026-08-10T16:00:00Z");
        org.gone("a", gone).gone("d", gone)
    });
    let story = story.then("2026-08-10T16:20:00Z", |org| org.disabled_in_aws("a").disabled_in_aws("d"));
    let story = story.then("2026-08-20T20:00:00Z", |org| org.gone("c", Some("2026-08-20T20:00:00Z")));
    let story = story.then("2026-08-31T20:00:00Z", |org| org.gone("b", Some("2026-08-31T20:00:00Z")));
    let used = Event {
        account: Some(prod),
        permission_set: Some("Read".to_owned()),
        ..by_user("2026-08-22T08:00:00Z", Action::RoleUsed, "c")
    };
    let disabled = |user: &str| scim("2026-08-10T16:20:00Z", Action::UserDisabled, user);
    let story = story.trail(vec![disabled("a"), disabled("d"), used]);
    let page = story.clone().missing("2026-07-15").uncovered("2026-09-03T00:00:00Z", "2026-09-04T00:00:00Z").page();
    for words in [
        "Review period 2026-07-01..2026-09-30",
        "Based on 92 snapshots",
        "No CloudTrail from 3 Sep 2026, 00:00 UTC to 4 Sep 2026, 00:00 UTC.",
        "No snapshot from 14 Jul 2026, 20:00 UTC to 16 Jul 2026, 19:50 UTC.",
        "Leavers whose access exceeded the SLA",
        "Used Read on prod after leaving",
        "Access outlives them by 30.0 days so far.",
        "Still able to sign in, and holds: Read on prod via readers",
        "<td>20 min</td><td>no bound</td>",
    ] {
        assert!(page.contains(words), "no {words}");
    }
    let [longest, shorter] = ["41.0 days so far", "30.0 days so far"].map(|words| page.find(words).unwrap());
    assert!(longest < shorter, "the longest comes first");
    assert!(story.page().contains("Complete snapshots were taken daily, and CloudTrail covers the whole period."));
}

/// The populations of the four lifecycle tests.
fn populations(story: &Story) -> Vec<String> {
    let page = story.page();
    let table = page.split("Lifecycle tests of the period").nth(1).unwrap().split("</table>").next().unwrap();
    let rows = table.split("</th><td class=\"num\">").skip(1);
    rows.map(|row| row.split('<').next().unwrap().to_owned()).collect()
}

#[test]
fn a_zero_that_nobody_looked_for_is_none() {
    let org = || Org::new().person("a").group("readers", &["a"]).grouped("readers", "Read", "prod");
    let quarter = ("2026-07-01..2026-09-30", "2026-09-30T20:00:00Z");
    assert_eq!(populations(&Story::new(org())), ["0", "0", "0", "0"]);
    // From August on, the last evening alone, and with a part of it lost.
    let august = Story::new(org()).period(quarter.0, "2026-08-01T20:00:00Z", quarter.1);
    assert_eq!(populations(&august), ["≥ 0", "≥ 0", "≥ 0", "≥ 0"]);
    let evening = Story::new(org()).period(quarter.0, quarter.1, quarter.1);
    assert_eq!(populations(&evening), ["≥ 0", "?", "?", "?"]);
    let lost = Story::new(org()).then("2026-09-30T12:00:00Z", |org| org.gap(Fact::Memberships));
    assert_eq!(populations(&lost), ["0", "≥ 0", "≥ 0", "0"]);
    let unasked = Story::new(org().unasked(Fact::IdpGroups));
    assert_eq!(populations(&unasked), ["0", "?", "0", "0"]);
}

#[test]
fn what_was_looked_at_and_not_read_whole_is_a_hole() {
    let org = Org::new().person("a").group("readers", &["a"]).grouped("readers", "Read", "prod");
    let story = Story::new(org.clone()).trail(vec![]).then("2026-08-10T12:00:00Z", |org| org.gap(Fact::Memberships));
    let page = story.then("2026-08-12T12:00:00Z", |_| org.clone()).page();
    let hole = "No snapshot that read Identity Center group memberships whole from 9 Aug 2026, 20:00 UTC to 12 Aug 2026, 19:50 UTC.";
    assert!(page.contains(hole), "{page}");
    let early =
        Story::new(org).trail(vec![]).period("2026-07-01..2026-09-30", "2026-06-30T20:00:00Z", "2026-09-20T20:00:00Z");
    assert!(
        early
            .page()
            .contains("The period ends at 1 Oct 2026, 00:00 UTC; nothing is known of it after 20 Sep 2026, 20:00 UTC.")
    );
}
