//! Leavers of a period as rows.

use super::{Leaver, LeaverRow};
use crate::evidence::tables::{hr_link, hr_link_notes, instant, known, list, tri, unknown};
use crate::model::Interval;
use crate::reconcile::timeline::{Departure, hours};
use crate::reconcile::{Ledger, Timelines};

/// Everyone who left in the period, as often as they did.
pub(super) fn departed(ledger: &Ledger<'_>, timelines: &Timelines<'_>) -> Vec<Leaver> {
    timelines.departures().iter().map(|departure| leaver(ledger, timelines, departure)).collect()
}

fn leaver(ledger: &Ledger<'_>, timelines: &Timelines<'_>, departure: &Departure<'_>) -> Leaver {
    let (users, numbers) = timelines.life(departure.life).map_or((String::new(), String::new()), |life| {
        (list(life.users.iter().map(|user| user.to_string())), list(timelines.employee_ids(ledger, life)))
    });
    let earliest = |at: Option<Interval>| at.map_or_else(String::new, |at| instant(at.earliest()));
    let latest = |at: Option<Interval>| at.map_or_else(String::new, |at| instant(at.latest()));
    let basis = |at: Option<Interval>| at.map_or_else(String::new, |at| at.basis().as_str().to_owned());
    let person = timelines.life(departure.life).and_then(|life| ledger.people().get(life.person?));
    let held = departure.held.len();
    let row = LeaverRow {
        person: timelines.name_of(ledger, departure.life).to_owned(),
        employee_id: numbers,
        user_id: users,
        source: departure.source.as_str().to_owned(),
        terminated_at: departure.terminated.map_or_else(String::new, |at| instant(at.instant())),
        idp_disabled_at: earliest(departure.idp_disabled),
        idp_disabled_latest: latest(departure.idp_disabled),
        idc_disabled_at: earliest(departure.blocked),
        idc_disabled_latest: latest(departure.blocked),
        last_grant_removed_at: earliest(departure.removed),
        last_grant_removed_latest: latest(departure.removed),
        last_activity_at: known(&departure.activity.last),
        activity_after: tri(departure.activity.after_leaving),
        access_end_upper_bound: known(&departure.access_end),
        elapsed_hours_min: hours(departure.elapsed.least),
        elapsed_hours_max: departure.elapsed.most.map_or_else(unknown, hours),
        elapsed_business_hours_max: super::business_hours(
            ledger.calendar(),
            Some(departure.since),
            departure.end.latest(),
        ),
        sla: ledger.config().policy.leaver_sla.to_string(),
        end_tested: departure.tested.as_str().to_owned(),
        result: departure.result.as_str().to_owned(),
        grants_still_held: if departure.held_whole || held > 0 { held.to_string() } else { unknown() },
        basis: departure.since.basis().as_str().to_owned(),
        event_ids: list(departure.events.iter().cloned()),
        gone_at: instant(departure.since.earliest()),
        gone_latest: instant(departure.since.latest()),
        returned_at: latest(departure.returned),
        idp_disabled_basis: basis(departure.idp_disabled),
        idc_disabled_basis: basis(departure.blocked),
        last_grant_removed_basis: basis(departure.removed),
        notes: departure.notes.join(" "),
        hr_link: person.map_or_else(String::new, |person| hr_link(ledger, person)),
        hr_link_notes: person.map_or_else(String::new, hr_link_notes),
    };
    Leaver { row, result: departure.result.as_str() }
}
