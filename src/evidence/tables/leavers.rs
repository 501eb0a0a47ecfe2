//! `leavers.csv`.

mod departed;

use std::io;

use super::{instant, known, list, text};
use crate::assess::Assessment;
use crate::evidence::table::{RowWriter, Table, columns};
use crate::model::standing::Standing;
use crate::model::time::Tri;
use crate::model::{Calendar, Fact, Instant, Interval, Known, UserStatus};
use crate::reconcile::{Ledger, Person};
use crate::snapshot::Coverage;

columns! {
    /// A person who is gone, and how their access ended.
    LeaverRow {
        person: text "the name for people",
        employee_id: list "the number in HR",
        user_id: list "their Identity Center users; empty when they have none",
        source: word "hr or idp: which source says they are gone",
        terminated_at: instant "the end of the engagement according to HR",
        idp_disabled_at: instant "when every identity provider record was disabled, not before",
        idp_disabled_latest: instant "and not after",
        idc_disabled_at: instant "when sign-in was blocked in Identity Center, not before",
        idc_disabled_latest: instant "and not after; empty while it is not blocked",
        last_grant_removed_at: instant "when the last grant was removed, not before",
        last_grant_removed_latest: instant "and not after; empty while one is held",
        last_activity_at: instant "the last use seen; unknown where no log covers the time, empty where one shows none",
        activity_after: word "whether there was use after leaving: yes, no, or unknown where no log covers the time",
        access_end_upper_bound: instant "when the last session had ended at the latest; empty while access goes on",
        elapsed_hours_min: hours "from gone to the end tested, at least",
        elapsed_hours_max: hours "and at most",
        elapsed_business_hours_max: hours "in business time, at most; empty without a calendar",
        sla: text "the time that policy allows",
        end_tested: word "grants removed, sign-in blocked, or returned: they came back before either",
        result: word "pass, fail, indeterminate or not_evaluated",
        grants_still_held: count "rows of grants.csv",
        basis: word "how the time of leaving is known: event, record, snapshots or unknown",
        event_ids: list "log events it rests on",
        gone_at: instant "since when they are gone, not before",
        gone_latest: instant "and not after",
        returned_at: instant "when they came back; empty while they have not",
        idp_disabled_basis: word "how that time is known: event, record, snapshots, listing (a bound rests on a listing that somebody kept) or unknown",
        idc_disabled_basis: word "likewise",
        last_grant_removed_basis: word "likewise",
        notes: text "why it is undecided, or what its times rest on",
        hr_link: list "how HR records were found: declared, by_id, by_email, ambiguous, contradicted or unmatched; empty without a roster",
        hr_link_notes: text "why a link to HR is inconclusive, with the records",
    }
}

/// The table.
pub(super) static TABLE: Table = Table {
    file: "leavers.csv",
    about: "everyone who left in the period, or without a period everyone who is gone; those whose access ended in time included",
    sorted_by: &["person", "user_id", "employee_id", "gone_latest"],
    columns: LeaverRow::COLUMNS,
    rows,
};

/// A leaver with the outcome of the leaver test.
#[derive(Debug)]
pub(crate) struct Leaver {
    /// The row.
    pub(crate) row: LeaverRow,
    /// `pass`, `fail` or `indeterminate`.
    pub(crate) result: &'static str,
}

/// Somebody who left within the period twice has two rows.
fn rows(assessment: &Assessment<'_>, out: &mut RowWriter<'_>) -> io::Result<()> {
    leavers(assessment.ledger()).iter().try_for_each(|leaver| out.row(&leaver.row))
}

/// Everyone who left in the period, or without one everyone who is gone, sorted by name.
pub(crate) fn leavers(ledger: &Ledger<'_>) -> Vec<Leaver> {
    let mut leavers: Vec<Leaver> = match ledger.timelines() {
        Some(timelines) => departed::departed(ledger, timelines),
        None => ledger
            .people()
            .iter()
            .filter(|person| person.standing.standing.is_gone())
            .map(|person| leaver(ledger, person))
            .collect(),
    };
    let key = |leaver: &Leaver| {
        let LeaverRow { person, user_id, employee_id, gone_latest, .. } = &leaver.row;
        (person.clone(), user_id.clone(), employee_id.clone(), gone_latest.clone())
    };
    leavers.sort_by_cached_key(key);
    leavers
}

fn leaver(ledger: &Ledger<'_>, person: &Person) -> Leaver {
    let users: Vec<_> = person.users.iter().filter_map(|at| ledger.user(*at)).collect();
    let linked: Vec<_> = person.idp_users.iter().filter_map(|at| ledger.idp_user(*at)).collect();
    let hr: Vec<_> =
        person.hr_records.iter().filter_map(|at| ledger.snapshot().hr()?.records.get(*at as usize)).collect();
    let held = ledger.grants_of_person(person).len();
    let seen = ledger.snapshot().ended_at();
    let all_disabled = !users.is_empty() && users.iter().all(|user| user.status == Known::Value(UserStatus::Disabled));
    // What is true when read became true some time before; nothing says when, so the reading bounds it.
    let (blocked, removed) = (all_disabled || users.is_empty(), held == 0);
    let since = person.standing.since;
    let sla = ledger.config().policy.leaver_sla;
    // Nothing seen to be held is nothing held only where everything was looked at.
    let looked = [Fact::Assignments, Fact::Memberships, Fact::DirectoryUsers, Fact::DirectoryGroups];
    let whole = looked.into_iter().all(|fact| ledger.snapshot().coverage(fact) == Coverage::Complete);
    let unseen = !whole && held == 0;
    let (blocked, removed) = (blocked && !unseen, removed && !unseen);
    let ended = if blocked || removed { Some(seen) } else { None };
    let (judged, min, max) = judge(since, ended, ledger.as_of(), sla);
    let (result, min) = if unseen { ("not_evaluated", super::unknown()) } else { (judged, min) };
    let idp_gone: Option<Interval> = (person.standing.standing != Standing::Ended).then_some(since).flatten();
    let idp_changed = linked
        .iter()
        .filter(|user| user.status.is_gone())
        .filter_map(|user| user.status_changed_at.value().copied())
        .max();
    // When each record was out of use at the latest; one that tells nothing was so when it was read.
    let idp_latest: Option<Vec<Instant>> =
        linked.iter().map(|user| user.status_changed_at.value().copied().or(user.status_unchanged_since)).collect();
    let idp_latest = idp_latest.and_then(|all| all.into_iter().max());
    let person_name = users
        .iter()
        .find_map(|user| user.display_name.as_deref())
        .or_else(|| linked.iter().find_map(|user| user.display_name.as_deref()))
        .or_else(|| hr.iter().find_map(|record| record.display_name.as_deref()))
        .or_else(|| linked.first().map(|user| user.user_name.as_str()))
        .or_else(|| hr.iter().find_map(|record| record.email.as_deref()));
    let numbers = linked
        .iter()
        .filter_map(|user| user.employee_id.clone())
        .chain(hr.iter().filter_map(|r| r.employee_id.clone()));
    let all_idp_gone = !linked.is_empty() && linked.iter().all(|user| user.status.is_gone());
    let blank = String::new;
    let row = LeaverRow {
        person: text(person_name),
        employee_id: list(numbers),
        user_id: list(users.iter().map(|user| user.id.to_string())),
        source: if person.standing.standing == Standing::Ended { "hr" } else { "idp" }.to_owned(),
        terminated_at: hr.iter().filter_map(|record| record.end).max().map_or_else(blank, |end| end.to_string()),
        idp_disabled_at: if all_idp_gone {
            instant(idp_gone.map_or(idp_changed, |gone| gone.earliest()))
        } else {
            blank()
        },
        idp_disabled_latest: if all_idp_gone { idp_latest.unwrap_or(seen).to_string() } else { blank() },
        idc_disabled_at: if blocked { super::unknown() } else { blank() },
        idc_disabled_latest: if blocked { seen.to_string() } else { blank() },
        last_grant_removed_at: if removed { super::unknown() } else { blank() },
        last_grant_removed_latest: if removed { seen.to_string() } else { blank() },
        last_activity_at: super::unknown(),
        activity_after: super::unknown(),
        access_end_upper_bound: if removed { session_end(ledger, seen) } else { blank() },
        elapsed_hours_min: min,
        elapsed_hours_max: max,
        elapsed_business_hours_max: business_hours(ledger.calendar(), since, ended),
        sla: sla.to_string(),
        end_tested: if removed || !blocked { "grants removed" } else { "sign-in blocked" }.to_owned(),
        result: result.to_owned(),
        grants_still_held: if unseen { super::unknown() } else { held.to_string() },
        basis: since.map_or("unknown", |since| since.basis().as_str()).to_owned(),
        event_ids: blank(),
        gone_at: instant(since.and_then(|since| since.earliest())),
        gone_latest: instant(since.and_then(|since| since.latest())),
        returned_at: blank(),
        idp_disabled_basis: match (all_idp_gone, idp_changed) {
            (false, _) => blank(),
            (true, Some(_)) => "record".to_owned(),
            (true, None) => super::unknown(),
        },
        idc_disabled_basis: if blocked { super::unknown() } else { blank() },
        last_grant_removed_basis: if removed { super::unknown() } else { blank() },
        notes: blank(),
        hr_link: super::hr_link(ledger, person),
        hr_link_notes: super::hr_link_notes(person),
    };
    Leaver { row, result }
}

/// The longest business time that can lie between leaving and the end of access; a time that is not bounded is unknown.
fn business_hours(calendar: &Known<Calendar>, since: Option<Interval>, ended: Option<Instant>) -> String {
    let Known::Value(calendar) = calendar else { return known(&calendar.map(|_| String::new())) };
    let earliest = since.and_then(|since| since.earliest());
    let longest = earliest.zip(ended).and_then(|(from, to)| calendar.between(from, to));
    longest.map_or_else(super::unknown, |time| format!("{:.1}", time.as_secs_f64().max(0.0) / 3600.0))
}

/// Sessions opened until `removed` live on for as long as the longest permission set lets them.
fn session_end(ledger: &Ledger<'_>, removed: Instant) -> String {
    let longest =
        ledger.entitlements().sets().iter().map(|set| set.set.session.value().copied()).collect::<Option<Vec<_>>>();
    let end = longest
        .and_then(|all| all.into_iter().max())
        .and_then(|span| removed.timestamp().checked_add(span.duration()).ok());
    end.map_or_else(super::unknown, |end| Instant::new(end).to_string())
}

/// Pass only if even the longest possible time is within the SLA, fail only if even the shortest exceeds it.
///
/// `ended` is when the access was seen to have ended; it ended somewhere between leaving and then. While it has not, the
/// time runs on to `now`.
fn judge(
    since: Option<Interval>,
    ended: Option<Instant>,
    now: Instant,
    sla: crate::model::Span,
) -> (&'static str, String, String) {
    let hours = |from: Option<Instant>, to: Instant| {
        from.map_or_else(super::unknown, |from| format!("{:.1}", to.since(from).as_secs_f64().max(0.0) / 3600.0))
    };
    let (earliest, latest) = since.map_or((None, None), |since| (since.earliest(), since.latest()));
    match ended {
        Some(seen) => {
            let within =
                since.is_some_and(|since| since.earliest().is_some() && since.older_than(sla, seen) == Tri::No);
            (if within { "pass" } else { "indeterminate" }, "0.0".to_owned(), hours(earliest, seen))
        }
        None => {
            let over = since.is_some_and(|since| since.older_than(sla, now) == Tri::Yes);
            (if over { "fail" } else { "indeterminate" }, hours(latest, now), super::unknown())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;
    use crate::model::time::Basis;

    #[test]
    fn pass_and_fail_need_certainty() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let gone = Some(Interval::exact(at("2026-09-01T00:00:00Z"), Basis::Record));
        let sla = Span::hours(24);
        let result = |since, ended, now: &str| judge(since, ended, at(now), sla).0;
        assert_eq!(result(gone, None, "2026-09-03T00:00:00Z"), "fail");
        assert_eq!(result(gone, None, "2026-09-01T12:00:00Z"), "indeterminate");
        assert_eq!(result(gone, Some(at("2026-09-01T20:00:00Z")), "2026-09-03T00:00:00Z"), "pass");
        assert_eq!(result(gone, Some(at("2026-09-03T00:00:00Z")), "2026-09-03T00:00:00Z"), "indeterminate");
        let seen = Some(Interval::by(at("2026-09-03T00:00:00Z")));
        assert_eq!(result(seen, None, "2026-09-03T00:00:00Z"), "indeterminate");
        assert_eq!(result(None, None, "2026-09-03T00:00:00Z"), "indeterminate");
    }
}
