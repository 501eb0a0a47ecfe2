//! The report's page on a period.

use super::story::{Story, scim};
use crate::rules::org::Org;
use overstay::model::event::Action;

#[test]
fn it_counts_outcomes_shows_times_and_says_what_nothing_covers() {
    let org = Org::new().person("a").person("b").group("readers", &["a", "b"]).grouped("readers", "Read", "prod");
    let story = Story::new(org).then("2026-08-10T16:00:00Z", |org| org.gone("a", Some("2026-08-10T16:00:00Z")));
    let story = story.then("2026-08-10T16:20:00Z", |org| org.disabled_in_aws("a"));
    let story = story.then("2026-08-31T20:00:00Z", |org| org.gone("b", Some("2026-08-31T20:00:00Z")));
    let story = story.trail(vec![scim("2026-08-10T16:20:00Z", Action::UserDisabled, "a")]);
    let page = story.clone().missing("2026-07-15").uncovered("2026-09-03T00:00:00Z", "2026-09-04T00:00:00Z").page();
    for words in [
        "The period 2026-07-01..2026-09-30",
        "from 92 snapshots",
        "No CloudTrail from 2026-09-03T00:00:00Z to 2026-09-04T00:00:00Z.",
        "No snapshot from 2026-07-14T20:00:00Z to 2026-07-16T19:50:00Z.",
        "Leavers whose access lasted too long",
        "Still able to sign in, and holds: Read on prod via readers",
        "<td>20 min</td><td>no bound</td>",
    ] {
        assert!(page.contains(words), "no {words}");
    }
    assert!(story.page().contains("Snapshots were taken daily, and CloudTrail covers the whole period."));
}
