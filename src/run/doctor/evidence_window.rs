//! From when on a period can be proven, with the snapshots and logs at hand.

use jiff::SignedDuration;

use crate::config::{CloudTrail, Config};
use crate::error::Error;
use crate::model::Instant;
use crate::store::Store;
use crate::workflow::Shell;
use crate::workflow::snapshot_store::{self, lock_view};

/// The longest time between two looks that a daily collection may leave: a day, and two hours' grace.
const APART: SignedDuration = SignedDuration::from_hours(26);

/// How far back CloudTrail's event history reaches.
const EVENT_HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What there is to prove a period with, in words, one sentence each.
pub(super) fn describe(shell: &Shell, config: &Config) -> Vec<String> {
    let now = shell.clock.now();
    let mut said = match snapshots(shell, config) {
        Ok(said) => said,
        Err(error) => vec![format!("the store can't be read: {error}")],
    };
    match config.aws.as_ref().map(|aws| &aws.cloudtrail) {
        Some(CloudTrail::Lookup) => {
            let since = now.timestamp().checked_sub(EVENT_HISTORY).map_or(now, Instant::new);
            said.push(format!("CloudTrail's event history tells who did what since {since}"));
        }
        Some(CloudTrail::Files(files)) => said.push(match files.covers {
            Some(window) => {
                format!("the trail files are said to hold all records from {} to {}", window.from, window.to)
            }
            None => "what the trail files cover is not stated (cloudtrail.covers)".to_owned(),
        }),
        Some(CloudTrail::Bucket(bucket)) => {
            let since = bucket.since.or(bucket.covers.map(|covers| covers.from));
            let since = since.or_else(|| now.timestamp().checked_sub(EVENT_HISTORY).map(Instant::new).ok());
            said.push(format!(
                "the trail in {} is read since {}; it covers what its digest files prove{}",
                bucket.place,
                since.unwrap_or(now),
                bucket.covers.map_or_else(String::new, |covers| {
                    format!(", and is said to hold all records from {} to {}", covers.from, covers.to)
                })
            ));
        }
        Some(CloudTrail::None) | None => {
            said.push("no CloudTrail is read: who gave and took access, and who used it, is not known".to_owned());
        }
    }
    said
}

fn snapshots(shell: &Shell, config: &Config) -> Result<Vec<String>, Error> {
    let Some(place) = snapshot_store::place(shell, config)? else {
        return Ok(vec![
            "no snapshots are kept: add [store] and collect every day, and a period can be proven from then on"
                .to_owned(),
        ]);
    };
    let none = || format!("no snapshot is kept in {place} yet: the first collection begins it");
    let Some(store) = Store::find(&place)? else { return Ok(vec![none()]) };
    let kept: Vec<Instant> = store.entries()?.iter().map(|entry| entry.at()).collect();
    let mut said = vec![match unbroken(&kept, shell.clock.now()) {
        Some(since) => format!("snapshots show what changed, with no more than 26 hours between two, since {since}"),
        None => match kept.last() {
            Some(last) => format!("the newest snapshot is of {last}: since then nothing was looked at"),
            None => none(),
        },
    }];
    said.extend(store.lock().map(|lock| format!("what is put into {place}: {}", lock_view(lock).words())));
    Ok(said)
}

/// The first of the looks that lead up to now without a longer pause; `kept` is sorted.
fn unbroken(kept: &[Instant], now: Instant) -> Option<Instant> {
    let mut since = None;
    let mut later = now;
    for look in kept.iter().rev() {
        if later.since(*look) > APART {
            break;
        }
        since = Some(*look);
        later = *look;
    }
    since
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_day_breaks_the_chain() {
        let at = |day: &str| format!("2026-09-{day}:00:00Z").parse::<Instant>().unwrap();
        let kept = [at("01T06"), at("02T06"), at("04T06"), at("05T07"), at("06T09")];
        assert_eq!(unbroken(&kept, at("06T12")), Some(at("04T06")));
        assert_eq!(unbroken(&kept, at("07T12")), None);
        assert_eq!(unbroken(&[], at("07T12")), None);
    }
}
