//! The report's page on a period.

use overstay::model::Event;
use overstay::model::event::Action;

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
        "The period 2026-07-01..2026-09-30",
        "from 92 snapshots",
        "No CloudTrail from 2026-09-03T00:00:00Z to 2026-09-04T00:00:00Z.",
        "No snapshot from 2026-07-14T20:00:00Z to 2026-07-16T19:50:00Z.",
        "Leavers whose access lasted too long",
        "Used Read on prod after leaving",
        "Access outlives them by 30.0 days so far.",
        "Still able to sign in, and holds: Read on prod via readers",
        "<td>20 min</td><td>no bound</td>",
    ] {
        assert!(page.contains(words), "no {words}");
    }
    let [longest, shorter] = ["41.0 days so far", "30.0 days so far"].map(|words| page.find(words).unwrap());
    assert!(longest < shorter, "the longest comes first");
    assert!(story.page().contains("Snapshots were taken daily, and CloudTrail covers the whole period."));
}
