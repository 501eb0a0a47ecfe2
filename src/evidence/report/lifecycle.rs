//! How the period went: outcomes per lifecycle test, how long things took, what no log covers, and how each failed leaver went.

use std::cmp::Reverse;

use jiff::SignedDuration;
use serde::Serialize;

use super::chart::{Segment, bar};
use super::cover::Seen;
use super::pictures::{self, LeaverPicture, TrendPicture};
use crate::evidence::counted;
use crate::model::event::{Action, Window};
use crate::model::history::{Look, STATE};
use crate::model::windows::without;
use crate::model::{Deadline, Elapsed, Event, Fact, History, Instant, Interval, Period};
use crate::reconcile::events::trail_windows;
use crate::reconcile::timeline::{Departure, EndTested};
use crate::reconcile::{Ledger, Timelines};
use crate::snapshot::Coverage;

/// Looks that are further apart than this leave a hole: a daily look, and an hour or two.
const DAILY: SignedDuration = SignedDuration::from_hours(26);
/// More holes than this are counted.
const HOLES_SHOWN: usize = 20;
/// More failed leavers than this have no timeline in the report; `leavers.csv` has all times.
const TIMELINES_SHOWN: usize = 20;

/// The period.
#[derive(Debug, Serialize)]
pub struct LifecycleView {
    /// Its days, `2026-07-01..2026-09-30`.
    pub period: String,
    /// How many snapshots it rests on, in words.
    pub looks: String,
    /// What is to be known of listings that somebody kept; empty without any.
    pub listings: String,
    /// Outcomes per test.
    pub tests: Vec<LifecycleTest>,
    /// Stretches of the period that no log or no look covers, in words.
    pub holes: Vec<String>,
    /// Holes that are not shown.
    pub holes_rest: usize,
    /// How each leaver went whose access outlived them for too long, the longest first.
    pub timelines: Vec<LeaverTimeline>,
    /// Timelines that are not shown.
    pub timelines_rest: usize,
    /// Leavers with access, per snapshot.
    pub trend: TrendPicture,
}

/// A lifecycle test with its outcomes.
#[derive(Debug, Serialize)]
pub struct LifecycleTest {
    /// What is tested.
    pub title: &'static str,
    /// Against what.
    pub sla: String,
    /// How many; with `≥` where not all of the period was seen, and `?` where nothing was.
    pub population: String,
    /// Certainly in time.
    pub pass: u64,
    /// Certainly not.
    pub fail: u64,
    /// Not decided by what is known.
    pub undecided: u64,
    /// Not judged, for nothing to judge by.
    pub not_evaluated: u64,
    /// Half of them took no longer than this; empty where no time is measured.
    pub median: String,
    /// All but one in twenty took no longer than this.
    pub p95: String,
    /// Failed, undecided and passed as parts of the population.
    pub bar: Vec<Segment>,
    /// The file that has the rows.
    pub file: &'static str,
}

/// How one leaver went.
#[derive(Debug, Serialize)]
pub struct LeaverTimeline {
    /// The name.
    pub person: String,
    /// For how long access outlived them, in words.
    pub lasted: String,
    /// What happened, in the order of time.
    pub steps: Vec<Step>,
    /// The same as a picture.
    pub picture: LeaverPicture,
}

/// Something that happened.
#[derive(Debug, Serialize)]
pub struct Step {
    /// When, in words.
    pub when: String,
    /// What.
    pub what: String,
    /// How the time is known.
    pub basis: &'static str,
}

/// The period's view; none without a period.
pub(super) fn lifecycle(ledger: &Ledger<'_>) -> Option<LifecycleView> {
    let (timelines, period) = (ledger.timelines()?, ledger.period()?);
    let snapshots: Vec<&Look> = timelines.history().looks.iter().filter(|look| !look.listing).collect();
    let mut holes = uncovered(ledger, &snapshots, period);
    let holes_rest = holes.len().saturating_sub(HOLES_SHOWN);
    holes.truncate(HOLES_SHOWN);
    let mut failed: Vec<&Departure<'_>> =
        timelines.departures().iter().filter(|departure| departure.result == Deadline::Missed).collect();
    let name = |departure: &Departure<'_>| timelines.name_of(ledger, departure.life).to_owned();
    failed.sort_by_cached_key(|departure| (Reverse(departure.elapsed.least), name(departure)));
    Some(LifecycleView {
        period: period.to_string(),
        looks: counted(snapshots.len(), "snapshot"),
        listings: listings(timelines.history()),
        tests: tests(ledger, timelines, period),
        holes,
        holes_rest,
        trend: pictures::trend(timelines, period),
        timelines_rest: failed.len().saturating_sub(TIMELINES_SHOWN),
        timelines: failed.iter().take(TIMELINES_SHOWN).map(|left| timeline(ledger, timelines, left)).collect(),
    })
}

/// How many listings the period rests on besides, and how they are to be read.
fn listings(history: &History) -> String {
    match history.looks.iter().filter(|look| look.listing).count() {
        0 => String::new(),
        count => format!(
            "Besides, {} that somebody kept: evidence that access was there, and never that it was not. What rests on one has \
             the basis `listing`, and nothing passes by it.",
            counted(count, "listing")
        ),
    }
}

fn tests(ledger: &Ledger<'_>, timelines: &Timelines<'_>, period: Period) -> Vec<LifecycleTest> {
    let policy = &ledger.config().policy;
    let see = |facts: &[Fact], changes| seen(ledger, timelines, period, facts, changes);
    // Rosters and identity providers both tell who left or moved: those that were asked.
    let asked_for = |facts: &[Fact]| -> Vec<Fact> {
        facts.iter().copied().filter(|fact| ledger.snapshot().coverage(*fact) != Coverage::NotAsked).collect()
    };
    let gone = see(&asked_for(&[Fact::IdpUsers, Fact::HrRecords]), false);
    let given = see(&[Fact::DirectoryUsers, Fact::Memberships, Fact::Assignments], true);
    let asked = given.min(see(&[Fact::IdpGroups], true));
    let changed = see(&asked_for(&[Fact::IdpUsers, Fact::IdpGroups, Fact::HrRecords]), true);
    let leavers = timelines.departures().iter().map(|departure| (Some(departure.result), Some(departure.elapsed.most)));
    let joiners = timelines.joinings().iter().filter_map(|joining| joining.provisioned);
    let joiners = joiners.map(|(elapsed, deadline)| (Some(deadline), Some(elapsed.most)));
    let grants = timelines.joinings().iter().filter(|joining| joining.holding.is_some());
    let grants = grants.map(|joining| (joining.approval.result, None));
    let movers = timelines.moves().iter();
    let movers = movers.map(|moved| (moved.result, moved.elapsed.map(|elapsed| elapsed.most)));
    vec![
        outcomes("Access of leavers ended in time", policy.leaver_sla.to_string(), "leavers.csv", leavers, gone),
        outcomes("Grants were provisioned in time", policy.sync_sla.to_string(), "joiners.csv", joiners, asked),
        outcomes("Grants were approved beforehand", String::new(), "joiners.csv", grants, given),
        outcomes(
            "Movers lost what the new role does not allow",
            policy.mover_sla.to_string(),
            "movers.csv",
            movers,
            changed,
        ),
    ]
}

/// How much of the period was seen of what these facts tell: from its beginning on, or from the first snapshot that read them
/// whole. What changed shows between two of those, and in one of them not at all.
fn seen(ledger: &Ledger<'_>, timelines: &Timelines<'_>, period: Period, facts: &[Fact], changes: bool) -> Seen {
    let today = Seen::of(facts.iter().map(|fact| ledger.snapshot().coverage(*fact)));
    let looks = timelines.history().looks.iter();
    let whole: Vec<&Look> = looks.filter(|look| facts.iter().all(|fact| look.whole.contains(fact))).collect();
    match whole.first() {
        _ if changes && whole.len() < 2 => Seen::Nothing,
        Some(first) if first.started_at <= period.from() => today,
        _ => today.min(Seen::Part),
    }
}

/// Counts outcomes, and the times where there are any: each a longest time, or none where there is no bound.
fn outcomes(
    title: &'static str,
    sla: String,
    file: &'static str,
    rows: impl Iterator<Item = (Option<Deadline>, Option<Option<SignedDuration>>)>,
    seen: Seen,
) -> LifecycleTest {
    let (mut pass, mut fail, mut undecided, mut not_evaluated) = (0, 0, 0, 0);
    let mut times: Vec<Option<SignedDuration>> = Vec::new();
    for (outcome, time) in rows {
        match outcome {
            Some(Deadline::Met) => pass += 1,
            Some(Deadline::Missed) => fail += 1,
            Some(Deadline::Undecided) => undecided += 1,
            None => not_evaluated += 1,
        }
        times.extend(time);
    }
    // What has no bound is longer than all that has one.
    times.sort_by_key(|time| (time.is_none(), *time));
    let population = pass + fail + undecided + not_evaluated;
    LifecycleTest {
        title,
        sla,
        population: seen.counted(population),
        pass,
        fail,
        undecided,
        not_evaluated,
        median: percentile(&times, 50),
        p95: percentile(&times, 95),
        bar: bar(&[(fail, "bad"), (undecided, "undecided"), (pass, "good")], population),
        file,
    }
}

/// The nearest-rank percentile: the first of the sorted times that at least so many of a hundred do not exceed.
fn percentile(times: &[Option<SignedDuration>], percent: usize) -> String {
    let rank = (times.len() * percent).div_ceil(100);
    match rank.checked_sub(1).and_then(|at| times.get(at)) {
        None => String::new(),
        Some(None) => "no bound".to_owned(),
        Some(Some(time)) => words(*time),
    }
}

/// A time as people say it.
fn words(time: SignedDuration) -> String {
    match time.as_mins() {
        minutes @ ..120 => format!("{minutes} min"),
        minutes @ 120..4320 => format!("{:.1} h", minutes as f64 / 60.0),
        minutes => format!("{:.1} days", minutes as f64 / 1440.0),
    }
}

/// What of the period CloudTrail does not cover, and what lies between looks that are too far apart.
fn uncovered(ledger: &Ledger<'_>, looks: &[&Look], period: Period) -> Vec<String> {
    let end = period.end().min(ledger.as_of());
    let trail = without(Window { from: period.from(), to: end }, &trail_windows(ledger.snapshot().events()));
    let mut said: Vec<String> =
        trail.into_iter().map(|hole| format!("No CloudTrail from {} to {}.", hole.from, hole.to)).collect();
    let any = unseen(looks, period, end);
    said.extend(any.iter().map(|(from, to)| format!("No snapshot from {from} to {to}.")));
    for fact in STATE.into_iter().filter(|fact| ledger.snapshot().coverage(*fact) != Coverage::NotAsked) {
        let whole: Vec<&Look> = looks.iter().copied().filter(|look| look.whole.contains(&fact)).collect();
        let of_fact = unseen(&whole, period, end).into_iter().filter(|hole| !any.contains(hole));
        said.extend(
            of_fact.map(|(from, to)| format!("No snapshot that read {} whole from {from} to {to}.", fact.describe())),
        );
    }
    if end < period.end() && period.end().since(end) > DAILY {
        said.push(format!("The period ends at {}; nothing is known of it after {end}.", period.end()));
    }
    said
}

/// Times of the period without a look, before the first and after the last one included.
fn unseen(looks: &[&Look], period: Period, end: Instant) -> Vec<(Instant, Instant)> {
    let (Some(first), Some(last)) = (looks.first(), looks.last()) else { return vec![(period.from(), end)] };
    let mut holes = Vec::new();
    if first.started_at > period.from() {
        holes.push((period.from(), first.started_at));
    }
    for pair in looks.windows(2) {
        let [before, after] = pair else { continue };
        if after.ended_at.since(before.ended_at) > DAILY && after.started_at > period.from() {
            holes.push((before.ended_at, after.started_at));
        }
    }
    if end.since(last.ended_at) > DAILY {
        holes.push((last.ended_at, end));
    }
    holes
}

fn timeline(ledger: &Ledger<'_>, timelines: &Timelines<'_>, departure: &Departure<'_>) -> LeaverTimeline {
    let mut steps: Vec<(Interval, String)> = Vec::new();
    steps.extend(departure.terminated.map(|at| (at, "The engagement ended, by the roster".to_owned())));
    steps.extend(departure.idp_disabled.map(|at| (at, "Disabled in the identity provider".to_owned())));
    steps.extend(departure.blocked.map(|at| (at, "Sign-in blocked in Identity Center".to_owned())));
    steps.extend(departure.removed.map(|at| (at, "The last grant removed".to_owned())));
    steps.extend(departure.returned.map(|at| (at, "Came back".to_owned())));
    steps.extend(departure.activity.after.iter().map(|event| {
        let at = Interval::exact(event.at, crate::model::time::Basis::Event);
        (at, used(timelines, event))
    }));
    if departure.tested == EndTested::Open {
        let held =
            departure.held.iter().take(5).map(|holding| timelines.describe(holding)).collect::<Vec<_>>().join("; ");
        steps.push((departure.end, format!("Still able to sign in, and holds: {held}")));
    }
    steps.sort_by_key(|(at, _)| (at.latest().or(at.earliest()), at.earliest()));
    let when = |at: &Interval| match (at.earliest(), at.latest()) {
        (Some(earliest), Some(latest)) if earliest == latest => latest.to_string(),
        (Some(earliest), Some(latest)) => format!("between {earliest} and {latest}"),
        (Some(earliest), None) => format!("{earliest} and later"),
        (None, Some(latest)) => format!("before {latest}"),
        (None, None) => "at an unknown time".to_owned(),
    };
    let Elapsed { least, most } = departure.elapsed;
    LeaverTimeline {
        picture: pictures::leaver(departure, ledger.config().policy.leaver_sla, ledger.known_until()),
        person: timelines.name_of(ledger, departure.life).to_owned(),
        lasted: match most {
            Some(most) if most == least => format!("Access outlived them by {}.", words(least)),
            Some(most) => format!("Access outlived them by {} at least, and {} at most.", words(least), words(most)),
            None => format!("Access outlives them by {} so far.", words(least)),
        },
        steps: steps
            .iter()
            .map(|(at, what)| Step { when: when(at), what: what.clone(), basis: at.basis().as_str() })
            .collect(),
    }
}

/// What somebody did, with what and where it is told.
fn used(timelines: &Timelines<'_>, event: &Event) -> String {
    let account = event.account.as_deref().map(|id| {
        let name = id.parse().ok().and_then(|id| timelines.account_name(&id));
        format!(" on {}", name.unwrap_or(id))
    });
    let set = event.permission_set.as_deref().map(|set| {
        let name = set.parse().ok().and_then(|arn| timelines.set_name(&arn));
        format!("{}{}", name.unwrap_or(set), account.unwrap_or_default())
    });
    match (event.action, set) {
        (Action::SignedIn, _) => "Signed in after leaving".to_owned(),
        (_, Some(what)) => format!("Used {what} after leaving"),
        (_, None) => "Used access after leaving".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_occurred_and_the_unbounded_are_the_longest() {
        let mut times: Vec<Option<SignedDuration>> =
            (1..=20).map(|hour| Some(SignedDuration::from_hours(hour))).collect();
        assert_eq!((percentile(&times, 50), percentile(&times, 95)), ("10.0 h".to_owned(), "19.0 h".to_owned()));
        times.extend([None, None]);
        assert_eq!(percentile(&times, 95), "no bound");
        assert_eq!(percentile(&[], 50), "");
        assert_eq!(percentile(&[Some(SignedDuration::from_mins(20))], 95), "20 min");
    }

    #[test]
    fn outcomes_are_counted_each_once() {
        let hour = Some(Some(SignedDuration::from_hours(1)));
        let rows = [
            (Some(Deadline::Met), hour),
            (Some(Deadline::Missed), Some(None)),
            (None, None),
            (Some(Deadline::Undecided), hour),
        ];
        let test = outcomes("t", String::new(), "f", rows.into_iter(), Seen::All);
        assert_eq!((test.population.as_str(), test.pass, test.fail), ("4", 1, 1));
        assert_eq!((test.undecided, test.not_evaluated), (1, 1));
        let none = |seen| outcomes("t", String::new(), "f", std::iter::empty(), seen).population;
        assert_eq!([Seen::All, Seen::Part, Seen::Nothing].map(none), ["0", "≥ 0", "?"]);
        assert_eq!(test.bar.iter().map(|segment| segment.tone).collect::<Vec<_>>(), ["bad", "undecided", "good"]);
    }
}
