//! The period of an audit, and what earlier snapshots tell of it.

use std::path::Path;

use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::shell::Shell;
use super::snapshot_store;
use crate::config::Config;
use crate::error::Error;
use crate::evidence::RunId;
use crate::evidence::stored::{longest_gap, time};
use crate::model::history::STATE;
use crate::model::{Days, Fact, History, Instant, Period, Span};
use crate::snapshot::{Coverage, HistoryBuilder, Snapshot};
use crate::store::{Citation, Entry, Listing, Store};

/// The period of these days, in the zone of `[calendar]`, else UTC.
///
/// # Errors
/// When it leaves the calendar.
pub(crate) fn of(days: Days, config: &Config) -> Result<Period, Error> {
    let zone = match &config.calendar {
        // The config's parser knows the zone from the same database.
        Some(calendar) => TimeZoneDatabase::bundled()
            .get(&calendar.time_zone)
            .map_err(|e| Error::Internal(format!("the zone {}: {e}", calendar.time_zone)))?,
        None => TimeZone::UTC,
    };
    Period::new(days, &zone).ok_or_else(|| Error::Usage {
        message: "the period leaves the calendar".to_owned(),
        hint: "let it end before the year 9999 does".to_owned(),
    })
}

/// The snapshot with what the store's snapshots tell of the period, and the store that was read for it.
///
/// A snapshot that carries a history already is a pack's: it is taken as it is, and no store is read, so that the pack can be
/// made again from itself.
///
/// # Errors
/// When the snapshot is from before the period, or one of the store's does not read.
pub(crate) fn with_history(
    shell: &Shell,
    config: &Config,
    snapshot: Snapshot,
    period: Period,
) -> Result<(Snapshot, Option<Store>), Error> {
    if snapshot.ended_at() < period.from() {
        return Err(Error::Usage {
            message: format!("the snapshot is of {}, before the period {period} begins", snapshot.ended_at()),
            hint: "give a snapshot from the period or after it".to_owned(),
        });
    }
    if let Some(history) = snapshot.history() {
        tell(shell, history, period);
        return Ok((snapshot, None));
    }
    let place = snapshot_store::place(shell, config)?;
    if place.is_none() {
        shell.say("note: the config has no [store], so the period is judged without earlier snapshots");
    }
    let store = place.map(|place| Store::open(&place)).transpose()?;
    let mut builder = HistoryBuilder::new();
    let mut kept: Vec<(u32, Listing)> = Vec::new();
    if let Some(store) = &store {
        let entries = store.entries()?;
        let end = end(config, period);
        let listings = store.listings()?;
        let mut listings = Store::window(&listings, period.from(), end).iter().peekable();
        let earlier = earlier(shell, store, &entries, period, &snapshot)?;
        // Nothing that came after the snapshot is in its history, nor is it itself.
        let before = |entry: &&Entry| entry.at() <= snapshot.ended_at() && !entry.has_digest(snapshot.digest());
        let window = Store::window(&entries, period.from(), end);
        let looks: Vec<&Entry> = earlier.iter().chain(window).filter(before).collect();
        let mut snapshots = store.read_each(&looks);
        for same_second in looks.chunk_by(|a, b| a.at() == b.at()) {
            let at = same_second.first().map_or(period.from(), |entry| entry.at());
            while let Some(entry) = listings.next_if(|entry| entry.at() <= at) {
                kept.extend(listed(&mut builder, store, entry, &snapshot)?);
            }
            look(&mut builder, snapshots.by_ref().take(same_second.len()), &snapshot)?;
        }
        for entry in listings {
            kept.extend(listed(&mut builder, store, entry, &snapshot)?);
        }
    }
    builder.look(&snapshot);
    for (at, listing) in &kept {
        show(shell, &mut builder, (*at, listing), &snapshot);
    }
    let history = builder.build();
    tell(shell, &history, period);
    let snapshot = snapshot.with_history(history).map_err(|e| Error::Internal(e.to_string()))?;
    Ok((snapshot, store))
}

/// The end of the time whose looks a period rests on.
///
/// Access that should end with the period may take its time; what became of it is seen in the looks after.
pub(crate) fn end(config: &Config, period: Period) -> Instant {
    let policy = &config.policy;
    let grace = policy.leaver_sla.max(policy.mover_sla).max(policy.sync_sla).duration();
    period.end().timestamp().saturating_add(grace).map_or(period.end(), Instant::new)
}

/// How far back from the last snapshot before a period it is looked for others that read whole what it did not.
const LOOK_BACK: Span = Span::days(7);
/// And how many of them are tried.
const TRIED: usize = 14;

/// Snapshots from before the one that shows how it was when the period began, where that one did not read everything whole:
/// back to the last that makes up for it, as far as it is looked.
fn earlier<'e>(
    shell: &Shell,
    store: &Store,
    entries: &'e [Entry],
    period: Period,
    last: &Snapshot,
) -> Result<&'e [Entry], Error> {
    let count = entries.partition_point(|entry| entry.at() < period.from());
    let Some((newest, older)) = entries.get(..count).and_then(<[Entry]>::split_last) else { return Ok(&[]) };
    if newest.at() > last.ended_at() || newest.has_digest(last.digest()) {
        return Ok(&[]);
    }
    let mut lacking: Vec<Fact> = STATE.into_iter().filter(|fact| last.coverage(*fact) != Coverage::NotAsked).collect();
    let is_lacking = |snapshot: &Snapshot, fact: &Fact| snapshot.coverage(*fact) != Coverage::Complete;
    let before = store.read(newest)?;
    lacking.retain(|fact| is_lacking(&before, fact));
    if lacking.is_empty() {
        return Ok(&[]);
    }
    let list = |facts: &[Fact]| facts.iter().map(|fact| fact.describe()).collect::<Vec<_>>().join(", ");
    shell.say(&format!(
        "The last snapshot before the period, of {}, did not read everything whole: {}",
        newest.at(),
        list(&lacking)
    ));
    let mut first = older.len();
    for (at, entry) in older.iter().enumerate().rev().take(TRIED) {
        if lacking.is_empty() || newest.at().since(entry.at()) > LOOK_BACK.duration() {
            break;
        }
        let snapshot = store.read(entry)?;
        let known = lacking.len();
        lacking.retain(|fact| is_lacking(&snapshot, fact));
        if lacking.len() < known {
            first = at;
        }
    }
    let earlier = older.get(first..).unwrap_or_default();
    if let Some(entry) = earlier.first() {
        shell.say(&format!("  those from {} on are read for it", entry.at()));
    }
    if !lacking.is_empty() {
        shell.say(&format!("  in no snapshot of the {LOOK_BACK} before it whole: {}", list(&lacking)));
    }
    Ok(earlier)
}

/// Takes in the stored snapshots of one second, which names alone do not put in order.
fn look(
    builder: &mut HistoryBuilder,
    same_second: impl Iterator<Item = Result<Snapshot, Error>>,
    last: &Snapshot,
) -> Result<(), Error> {
    let mut snapshots: Vec<Snapshot> = same_second.collect::<Result<_, _>>()?;
    // Names tell the second and no more.
    snapshots.retain(|snapshot| snapshot.ended_at() <= last.ended_at());
    snapshots.sort_by_key(Snapshot::ended_at);
    for snapshot in &snapshots {
        builder.look(snapshot);
    }
    Ok(())
}

/// Takes in that a listing was kept, and reads it.
fn listed(
    builder: &mut HistoryBuilder,
    store: &Store,
    entry: &Entry,
    last: &Snapshot,
) -> Result<Option<(u32, Listing)>, Error> {
    if entry.at() > last.ended_at() {
        return Ok(None);
    }
    let listing = store.listing(entry)?;
    Ok(Some((builder.listed_at(listing.as_of(), listing.sha256()), listing)))
}

/// Takes in what a listing shows, with the names that the snapshot gives and no look contradicts.
fn show(shell: &Shell, builder: &mut HistoryBuilder, (at, listing): (u32, &Listing), last: &Snapshot) {
    let (grants, left_out) = listing.resolve(last, &builder.names(at));
    let unknown = if left_out == 0 {
        String::new()
    } else {
        format!(
            "; {left_out} left out, of users, groups or permission sets that this snapshot knows no single one by that name of, \
             or that another may have been called so then"
        )
    };
    shell.say(&format!(
        "Listing {}, kept by somebody, of {}: {} grants{unknown}",
        listing.name(),
        listing.as_of(),
        grants.len()
    ));
    builder.show(at, grants);
}

/// Tells people how well the period was looked at.
fn tell(shell: &Shell, history: &History, period: Period) {
    let times: Vec<Instant> = history.looks.iter().map(|look| look.ended_at).collect();
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return };
    let looks = if times.len() == 1 { "1 look".to_owned() } else { format!("{} looks", times.len()) };
    shell.say(&format!("Period {period}: {looks}, from {first} to {last}"));
    if *first > period.from() {
        shell.say(&format!("  nothing shows how it was before {first}"));
    }
    if *last < period.end() {
        shell.say(&format!("  nothing shows how it is after {last}, before the period ends"));
    }
    if let Some((from, to)) = longest_gap(&times) {
        shell.say(&format!("  the longest time without a look: {}, from {from} to {to}", time(to.since(from))));
    }
}

/// Notes in the store that a pack rests on its snapshots, so that they are kept.
///
/// # Errors
/// When the store can't be written to.
pub(crate) fn cite(store: &Store, snapshot: &Snapshot, run: &RunId, pack: &Path) -> Result<(), Error> {
    let looks = snapshot.history().map_or(&[][..], |history| &history.looks);
    let mut snapshots: Vec<String> = looks.iter().map(|look| look.digest.clone()).collect();
    snapshots.sort();
    let pack = std::path::absolute(pack).unwrap_or_else(|_| pack.to_owned()).display().to_string();
    store.cite(&Citation { run_id: run.as_str().to_owned(), pack, snapshots })
}
