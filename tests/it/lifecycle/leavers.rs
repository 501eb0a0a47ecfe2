//! Leavers: when were they gone, when did access end, and was it in time.

use overstay::model::event::{Action, LogKind};
use overstay::model::{Event, Fact, HrStatus, IdpStatus, Known, UserStatus};

use super::story::{Story, Told, by_admin, by_user, scim};
use crate::rules::org::{Org, at, hr_record, user_id};

const LEAVERS: &str = "leavers.csv";
const BREACH: &str = "leaver-sla-breach";

/// `a` may read in prod, and `b` stays for the whole story.
fn org() -> Org {
    Org::new().person("a").person("b").group("readers", &["a", "b"]).grouped("readers", "Read", "prod")
}

/// The identity provider switched `a` off then.
fn disabled(story: Story, when: &str) -> Story {
    story.then(when, |org| org.gone("a", Some(when)))
}

/// A status that AWS does not tell.
fn not_told() -> Known<UserStatus> {
    Known::Unknown("it is not told".to_owned())
}

/// The identity provider switched somebody off then.
fn disabled_person(story: Story, who: &'static str, when: &str) -> Story {
    let when = when.to_owned();
    story.then(&when.clone(), move |org| org.gone(who, Some(&when)))
}

/// Provisioning switched `a` off in Identity Center then.
fn deprovisioned(story: Story, when: &str) -> Story {
    story.then(when, |org| org.disabled_in_aws("a"))
}

fn cells(told: &Told, names: &[&str]) -> Vec<String> {
    let row = told.only(LEAVERS);
    names.iter().map(|name| row[*name].clone()).collect()
}

#[test]
fn looks_of_the_same_evening_pass_with_their_times() {
    let story = disabled(Story::new(org()), "2026-08-10T16:00:00Z");
    let told = deprovisioned(story, "2026-08-10T16:20:00Z").tell();
    let columns =
        ["result", "source", "idp_disabled_at", "idp_disabled_basis", "idc_disabled_at", "idc_disabled_latest"];
    assert_eq!(
        cells(&told, &columns),
        ["pass", "idp", "2026-08-10T16:00:00Z", "record", "2026-08-09T19:50:00Z", "2026-08-10T20:00:00Z"]
    );
    assert_eq!(
        cells(&told, &["elapsed_hours_min", "elapsed_hours_max", "end_tested"]),
        ["0.0", "4.0", "sign-in blocked"]
    );
    told.report.clean(BREACH);
    assert_eq!(told.report.result(BREACH).population, 1);
}

#[test]
fn a_record_that_contradicts_itself_shows_neither_presence_nor_absence() {
    let unclear = |org: Org, so: bool| {
        org.edit_idp("a", move |user| {
            user.contradiction = so.then(|| "`enabled` is `yes` and `deleted` is `x`".to_owned())
        })
    };
    let gone = |between: bool| {
        let story = Story::new(org()).then("2026-08-08T12:00:00Z", move |org| unclear(org, between));
        let story = story.then("2026-08-12T12:00:00Z", move |org| unclear(org, false).gone("a", None));
        cells(&story.tell(), &["gone_at", "gone_latest"])
    };
    assert_eq!(gone(false), ["2026-08-11T19:50:00Z", "2026-08-12T20:00:00Z"]);
    assert_eq!(gone(true), ["2026-08-07T19:50:00Z", "2026-08-12T20:00:00Z"], "since some time after it was clear");
}

#[test]
fn an_event_gives_the_minute() {
    let story = disabled(Story::new(org()), "2026-08-10T16:00:00Z");
    let story = deprovisioned(story, "2026-08-10T16:20:00Z");
    let told = story.trail(vec![scim("2026-08-10T16:20:00Z", Action::UserDisabled, "a")]).tell();
    let columns = [
        "idc_disabled_at",
        "idc_disabled_latest",
        "idc_disabled_basis",
        "elapsed_hours_max",
        "event_ids",
        "activity_after",
    ];
    let expected =
        ["2026-08-10T16:20:00Z", "2026-08-10T16:20:00Z", "event", "0.3", "UserDisabled-a-2026-08-10T16:20:00Z", "no"];
    assert_eq!(cells(&told, &columns), expected);
    // Nobody took up a role, so no session lived on.
    assert_eq!(cells(&told, &["access_end_upper_bound", "last_activity_at"]), ["2026-08-10T16:20:00Z", ""]);
}

#[test]
fn missing_days_turn_a_pass_into_an_open_question() {
    let story = disabled(Story::new(org()), "2026-08-10T16:00:00Z");
    let story = deprovisioned(story, "2026-08-10T16:20:00Z");
    let told = story.clone().missing("2026-08-10").tell();
    // The next look is 28 hours after leaving.
    assert_eq!(cells(&told, &["result", "elapsed_hours_max"]), ["indeterminate", "28.0"]);
    assert_eq!(told.report.result(BREACH).undecided, 1);
    told.report.silent(BREACH);
    // A log that tells the time needs no look.
    let events = vec![scim("2026-08-10T16:20:00Z", Action::UserDisabled, "a")];
    let with_log = story.clone().missing("2026-08-10").trail(events.clone()).tell();
    assert_eq!(cells(&with_log, &["result"]), ["pass"]);
    let hole =
        story.missing("2026-08-10").trail(events).uncovered("2026-08-10T12:00:00Z", "2026-08-11T12:00:00Z").tell();
    assert_eq!(cells(&hole, &["result", "activity_after"]), ["indeterminate", "unknown"]);
}

/// Nobody tells whether `c` may sign in; so they are not blocked since before they came.
#[test]
fn a_user_whose_status_is_not_told_is_not_blocked_for_not_having_been_there() {
    let story = Story::new(org()).then("2026-07-10T09:00:00Z", |mut org| {
        org.idps[0].users.push(crate::rules::org::idp_user("c"));
        let mut made = Org::new().person("c").aws.users.remove(0);
        made.status = not_told();
        org.aws.users.push(made);
        org.direct("c", "Read", "prod")
    });
    let left = disabled_person(story, "c", "2026-08-10T16:00:00Z");
    let held = left.tell();
    assert_eq!(cells(&held, &["result", "idc_disabled_at", "idc_disabled_latest"]), ["fail", "", ""]);
    let told = left.then("2026-08-14T09:00:00Z", |mut org| {
        org.aws.users.retain(|user| user.id != user_id("c"));
        org.aws.assignments.retain(|assignment| assignment.principal.id() != user_id("c").as_str());
        org
    });
    // Of use until the look of the 13th, by what was held: it may have been blocked, and nothing says so.
    let columns = ["result", "idc_disabled_at", "idc_disabled_latest", "elapsed_hours_max"];
    assert_eq!(cells(&told.tell(), &columns), ["indeterminate", "unknown", "2026-08-14T20:00:00Z", "100.0"]);
}

#[test]
fn looks_that_could_not_see_the_end_accuse_nobody() {
    let story = disabled(Story::new(org()), "2026-08-10T16:00:00Z");
    let taken = |mut org: Org| {
        org.aws.memberships.retain(|membership| membership.user != user_id("a"));
        org
    };
    assert_eq!(cells(&story.clone().then("2026-08-10T16:20:00Z", taken).tell(), &["result"]), ["pass"]);
    // From that day on no look reads memberships: what was held on the day before may be held today, or not.
    let lossy = story.clone().then("2026-08-10T16:20:00Z", |org| taken(org).gap(Fact::Memberships)).tell();
    let columns = ["result", "elapsed_hours_min", "elapsed_hours_max", "grants_still_held"];
    assert_eq!(cells(&lossy, &columns), ["indeterminate", "0.0", "unknown", "unknown"]);
    lossy.report.silent(BREACH);
    // Sign-in was blocked in time, and looks that missed users showed for a while only that groups are kept.
    let blocked = story.then("2026-08-10T16:20:00Z", |org| org.disabled_in_aws("a"));
    let unseen = |org: Org| org.gap(Fact::DirectoryUsers).edit_user("a", |user| user.status = not_told());
    let lossy = blocked.then("2026-08-10T18:00:00Z", unseen);
    let late = lossy.then("2026-08-14T09:00:00Z", |mut org| {
        org.aws.users.retain(|user| user.id != user_id("a"));
        taken(org)
    });
    assert_eq!(cells(&late.tell(), &["result"]), ["indeterminate"]);
}

#[test]
fn gone_for_thirty_days_and_still_assigned_fails() {
    let told = disabled(Story::new(org()), "2026-08-31T20:00:00Z").tell();
    let columns = [
        "result",
        "end_tested",
        "elapsed_hours_min",
        "elapsed_hours_max",
        "grants_still_held",
        "access_end_upper_bound",
    ];
    assert_eq!(cells(&told, &columns), ["fail", "grants removed", "720.0", "unknown", "1", ""]);
    let found = told.report.only(BREACH);
    assert_eq!(found.subject, "a");
    assert!(found.detail.contains("at least 720.0 hours"), "{}", found.detail);
}

#[test]
fn removed_too_late_fails_even_though_it_is_clean_today() {
    let story = disabled(Story::new(org()), "2026-08-10T16:00:00Z");
    let told = deprovisioned(story, "2026-08-14T09:00:00Z").tell();
    // The look of the 13th still shows it enabled: 75.8 hours at least.
    assert_eq!(cells(&told, &["result", "elapsed_hours_min"]), ["fail", "75.8"]);
    assert_eq!(told.report.only(BREACH).subject, "a");
}

#[test]
fn losing_the_groups_is_an_end_as_well() {
    let story = disabled(Story::new(org()), "2026-08-10T16:00:00Z");
    let told = story.then("2026-08-10T17:00:00Z", |mut org| {
        org.aws.memberships.retain(|membership| membership.user != user_id("a"));
        org
    });
    let row = told.tell();
    assert_eq!(
        cells(&row, &["result", "end_tested", "last_grant_removed_latest", "idc_disabled_at"]),
        ["pass", "grants removed", "2026-08-10T20:00:00Z", ""]
    );
}

#[test]
fn access_that_was_given_again_for_a_while_leaves_the_leaver_open() {
    let org = org();
    let story = disabled(Story::new(org.clone()), "2026-08-10T16:00:00Z");
    let story = story.then("2026-08-10T17:00:00Z", |mut org| {
        org.aws.memberships.retain(|membership| membership.user != user_id("a"));
        org
    });
    let again = |when, action| Event {
        user: Some(user_id("a").to_string()),
        account: Some(org.account_id("prod").to_string()),
        permission_set: Some(crate::rules::org::set_arn("Read").to_string()),
        ..by_admin(when, action)
    };
    let events = vec![
        again("2026-08-20T21:00:00Z", Action::AssignmentCreated),
        again("2026-08-21T09:00:00Z", Action::AssignmentDeleted),
    ];
    let told = story.clone().trail(events.clone()).tell();
    assert_eq!(cells(&told, &["result", "end_tested"]), ["indeterminate", "grants removed"]);
    assert!(told.only(LEAVERS)["notes"].contains("given again"));
    // Who could not sign in then had no use of it.
    let blocked = deprovisioned(story, "2026-08-12T09:00:00Z").trail(events).tell();
    assert_eq!(cells(&blocked, &["result", "notes"]), ["pass", ""]);
}

#[test]
fn who_is_deleted_everywhere_is_named_from_the_past() {
    let story = Story::new(org()).then("2026-08-10T16:00:00Z", |mut org| {
        org.idps[0].users.retain(|user| user.user_name != "a@example.org");
        org.aws.users.retain(|user| user.id != user_id("a"));
        org.aws.memberships.retain(|membership| membership.user != user_id("a"));
        org.idps[0].groups.as_mut().unwrap()[0].members.retain(|member| member.as_str() != "0b-a");
        org
    });
    let told = story.tell();
    let columns = ["person", "user_id", "source", "result", "gone_at", "gone_latest", "basis"];
    let expected = ["a", "u-a", "idp", "indeterminate", "2026-08-09T19:50:00Z", "2026-08-10T20:00:00Z", "snapshots"];
    assert_eq!(cells(&told, &columns), expected);
}

#[test]
fn the_close_of_the_last_day_starts_the_clock_and_the_leap_day_counts() {
    let mut record = hr_record("a", HrStatus::Terminated);
    // The close of 28 February 2028 in New York.
    record.end = Some(at("2028-02-29T05:00:00Z"));
    let story = Story::new(org().hr("a", HrStatus::Active).hr("b", HrStatus::Active)).period(
        "2028-01-01..2028-03-31",
        "2027-12-31T20:00:00Z",
        "2028-03-31T20:00:00Z",
    );
    let story = story.then("2028-02-20T12:00:00Z", |mut org| {
        org.hr.as_mut().unwrap().records[0] = record.clone();
        org
    });
    let in_time = deprovisioned(story.clone(), "2028-02-29T19:00:00Z").tell();
    let columns = ["source", "terminated_at", "result", "elapsed_hours_max", "idp_disabled_at"];
    assert_eq!(cells(&in_time, &columns), ["hr", "2028-02-29T05:00:00Z", "pass", "15.0", ""]);
    // The 29th lies between: on 1 March it is more than a day.
    let late = deprovisioned(story, "2028-03-01T12:00:00Z").tell();
    assert_eq!(cells(&late, &["result", "elapsed_hours_max"]), ["indeterminate", "39.0"]);
}

#[test]
fn who_returns_and_leaves_again_is_two_leavers() {
    let story = disabled(Story::new(org()), "2026-07-10T16:00:00Z");
    let story = deprovisioned(story, "2026-07-10T16:20:00Z");
    let enabled = |org: Org| {
        org.edit_idp("a", |user| (user.status, user.status_changed_at) = (IdpStatus::Active, Known::Absent))
            .edit_user("a", |user| user.status = Known::Value(UserStatus::Enabled))
    };
    let returned = story.then("2026-08-03T08:00:00Z", enabled);
    // What the record said while they were away is kept. Of the return looks alone tell, unless a log does.
    assert_eq!(cells(&returned.clone().tell(), &["result", "returned_at"]), ["pass", "2026-08-03T20:00:00Z"]);
    let log = vec![
        Event { user: Some("0b-a".to_owned()), ..by_admin("2026-07-10T16:00:00Z", Action::UserDisabled) },
        Event { user: Some("0b-a".to_owned()), ..by_admin("2026-08-03T08:00:00Z", Action::UserEnabled) },
    ];
    let returned = returned.idp_log(LogKind::EntraAudit, log);
    let columns = ["result", "returned_at", "end_tested"];
    assert_eq!(cells(&returned.clone().tell(), &columns), ["pass", "2026-08-03T08:00:00Z", "sign-in blocked"]);
    let twice = disabled(returned, "2026-09-01T16:00:00Z").tell();
    let results: Vec<String> = twice.rows(LEAVERS).into_iter().map(|row| row["result"].clone()).collect();
    assert_eq!(results, ["pass", "fail"]);
    assert_eq!(twice.report.found(BREACH).len(), 1);
}

#[test]
fn an_engagement_on_the_heels_of_another_is_no_leaving() {
    let mut contractor = hr_record("a", HrStatus::Terminated);
    contractor.end = Some(at("2026-08-01T00:00:00Z"));
    let mut employee = hr_record("a", HrStatus::Active);
    employee.start = Some(at("2026-08-01T00:00:00Z"));
    let stays = Story::new(org().hr_with(contractor.clone()).hr_with(employee.clone()));
    assert_eq!(stays.tell().rows(LEAVERS), []);
    employee.start = Some(at("2026-08-11T00:00:00Z"));
    let paused = Story::new(org().hr_with(contractor).hr_with(employee)).tell();
    // Ten days in which nothing was taken away.
    let columns = ["result", "terminated_at", "returned_at", "end_tested", "elapsed_hours_min"];
    assert_eq!(cells(&paused, &columns), ["fail", "2026-08-01T00:00:00Z", "2026-08-11T00:00:00Z", "returned", "235.8"]);
}

#[test]
fn a_clock_that_runs_ahead_is_told_and_widens() {
    let story = disabled(Story::new(org()), "2026-08-10T16:00:00Z");
    let story = deprovisioned(story, "2026-08-10T19:00:00Z");
    // CloudTrail's clock says a minute after the look that saw it.
    let told = story.trail(vec![scim("2026-08-10T20:01:00Z", Action::UserDisabled, "a")]).tell();
    let columns = ["idc_disabled_at", "idc_disabled_latest", "idc_disabled_basis"];
    assert_eq!(cells(&told, &columns), ["2026-08-10T20:00:00Z", "2026-08-10T20:01:00Z", "event"]);
    assert!(told.only(LEAVERS)["notes"].starts_with("Two clocks disagree"));
}

#[test]
fn use_after_leaving_is_found_and_use_before_it_bounds_the_last_session() {
    let story = deprovisioned(disabled(Story::new(org()), "2026-08-10T16:00:00Z"), "2026-08-10T16:20:00Z");
    let blocked = scim("2026-08-10T16:20:00Z", Action::UserDisabled, "a");
    let before =
        story.clone().trail(vec![blocked.clone(), by_user("2026-08-10T15:50:00Z", Action::RoleUsed, "a")]).tell();
    // Its session of an hour outlives the blocking by half an hour.
    let columns = ["activity_after", "last_activity_at", "access_end_upper_bound"];
    assert_eq!(cells(&before, &columns), ["no", "2026-08-10T15:50:00Z", "2026-08-10T16:50:00Z"]);
    before.report.silent("activity-after-leaving");
    let after = story.trail(vec![blocked, by_user("2026-08-10T16:10:00Z", Action::RoleUsed, "a")]).tell();
    assert_eq!(cells(&after, &columns), ["yes", "2026-08-10T16:10:00Z", "2026-08-10T17:10:00Z"]);
    assert_eq!(after.report.only("activity-after-leaving").subject, "a");
}

#[test]
fn without_a_log_the_last_session_is_as_long_as_it_can_be() {
    let story = deprovisioned(disabled(Story::new(org()), "2026-08-10T16:00:00Z"), "2026-08-10T16:20:00Z");
    // Eight hours of the portal and one of the role after the look.
    assert_eq!(
        cells(&story.tell(), &["access_end_upper_bound", "activity_after"]),
        ["2026-08-11T05:00:00Z", "unknown"]
    );
}

#[test]
fn access_that_ended_before_they_left_is_not_proven_unused_without_a_log() {
    let story = deprovisioned(Story::new(org()), "2026-08-08T16:00:00Z");
    let story = disabled(story, "2026-08-10T16:00:00Z");
    let columns = ["result", "elapsed_hours_max", "activity_after", "last_activity_at"];
    assert_eq!(cells(&story.tell(), &columns), ["pass", "0.0", "unknown", "unknown"]);
    let told = story.trail(vec![scim("2026-08-08T16:00:00Z", Action::UserDisabled, "a")]).tell();
    assert_eq!(cells(&told, &columns), ["pass", "0.0", "no", ""]);
}

#[test]
fn a_roster_that_lists_who_works_loses_who_leaves() {
    let org = org().hr("a", HrStatus::Active).hr("b", HrStatus::Active).hr_lists_active_only();
    let story = Story::new(org).then("2026-08-10T12:00:00Z", |mut org| {
        org.hr.as_mut().unwrap().records.remove(0);
        org
    });
    let told = deprovisioned(story, "2026-08-10T13:00:00Z").tell();
    let columns = ["source", "gone_at", "gone_latest", "basis", "terminated_at", "result"];
    let expected = ["hr", "2026-08-09T19:50:00Z", "2026-08-10T20:00:00Z", "snapshots", "unknown", "indeterminate"];
    assert_eq!(cells(&told, &columns), expected);
}

#[test]
fn a_roster_with_a_lost_row_decides_nothing() {
    let mut record = hr_record("a", HrStatus::Terminated);
    record.end = Some(at("2026-08-01T00:00:00Z"));
    let story = Story::new(org().hr_with(record).hr("b", HrStatus::Active));
    assert_eq!(cells(&story.tell(), &["result"]), ["fail"]);
    let lossy = story.then("2026-09-30T00:00:00Z", |org| org.gap(Fact::HrRecords)).tell();
    assert_eq!(cells(&lossy, &["result"]), ["indeterminate"]);
    lossy.report.not_clean(BREACH);
}

#[test]
fn who_left_at_the_close_of_a_day_left_on_that_day() {
    let with_end = |end: &str| {
        let mut record = hr_record("a", HrStatus::Terminated);
        record.end = Some(at(end));
        let org = org().hr("b", HrStatus::Active).hr_with(record);
        let story = Story::new(org).period("2026-07-01..2026-07-31", "2026-06-30T20:00:00Z", "2026-08-02T20:00:00Z");
        story.tell().rows(LEAVERS).len()
    };
    // The last day of the period, and the day before it.
    assert_eq!((with_end("2026-08-01T00:00:00Z"), with_end("2026-07-01T00:00:00Z")), (1, 0));
    assert_eq!(with_end("2026-08-02T00:00:00Z"), 0);
}

#[test]
fn who_left_before_the_period_is_none_of_its_leavers() {
    let story = Story::new(org().gone("a", Some("2026-05-10T16:00:00Z")).disabled_in_aws("a"));
    assert_eq!(story.tell().rows(LEAVERS), []);
}

#[test]
fn a_return_between_two_snapshots_proves_nothing_without_a_record() {
    // Disabled at 13:00, seen open at 20:00, and enabled again before the next snapshot.
    let log = |when, action| Event { user: Some("0b-a".to_owned()), ..by_admin(when, action) };
    let events =
        vec![log("2026-08-10T13:00:00Z", Action::UserDisabled), log("2026-08-11T19:00:00Z", Action::UserEnabled)];
    let told = |org: Org| Story::new(org).idp_log(LogKind::EntraAudit, events.clone()).tell();
    let columns = ["result", "end_tested", "elapsed_hours_min", "elapsed_hours_max"];
    assert_eq!(cells(&told(org()), &columns), ["indeterminate", "returned", "6.8", "30.0"]);
    let recorded = told(org().member_since("readers", "a", "2026-01-01T00:00:00Z"));
    assert_eq!(cells(&recorded, &columns), ["fail", "returned", "30.0", "30.0"]);
}
