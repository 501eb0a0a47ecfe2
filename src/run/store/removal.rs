//! What goes out of the store: what is old and under no pack, and what nobody's pack rests on any more.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use crate::error::Error;
use crate::exit::Status;
use crate::model::{Instant, Span};
use crate::store::{Citation, Entry, Hold, Store};
use crate::workflow::Shell;

fn before(now: Instant, older_than: Span) -> Result<Instant, Error> {
    now.timestamp().checked_sub(older_than.duration()).map(Instant::new).map_err(|_| Error::Usage {
        message: format!("{older_than} before {now} is not in the calendar"),
        hint: "give a shorter time with --older-than".to_owned(),
    })
}

/// Removes what was taken longer than `older_than` before `now`, but for what packs rest on and what is locked.
pub(super) fn prune(shell: &Shell, store: &Store, now: Instant, older_than: Span, yes: bool) -> Result<Status, Error> {
    // A lock ends by the clock, whatever a rehearsal says.
    let found = store.prunable(before(now, older_than)?, shell.clock.now())?;
    for (entry, citation) in &found.cited {
        shell.say(&format!("kept: {}, on which run {}", store.locate(entry), rests(citation)));
    }
    for (entry, hold) in &found.held {
        shell.say(&format!("kept: {}, {}", store.locate(entry), held(hold)));
    }
    let Some(what) = counted(&found.free) else {
        shell.say(&format!("Nothing to remove: no other snapshot is older than {older_than}"));
        return Ok(Status::Clean);
    };
    if !yes {
        if !std::io::stdin().is_terminal() {
            return Err(Error::Usage {
                message: format!("this would remove {what}, and nobody can be asked"),
                hint: "give --yes if that is meant".to_owned(),
            });
        }
        if !confirmed(&format!("Remove {what}? [y/N] "), &mut std::io::stdin().lock()) {
            shell.say("Nothing was removed");
            return Ok(Status::Clean);
        }
    }
    for (done, entry) in found.free.iter().enumerate() {
        if let Err(error) = store.remove(entry) {
            shell.say(&format!("Removed {done} of {what}; then it failed"));
            return Err(error);
        }
        Shell::print(&store.locate(entry))?;
    }
    store.clean()?;
    shell.say(&format!("Removed {what}"));
    Ok(Status::Clean)
}

/// Takes back what a run's pack keeps from being removed.
pub(super) fn release(shell: &Shell, store: &Store, run_id: &str, yes: bool) -> Result<Status, Error> {
    let of_run: Vec<Citation> = store.citations()?.into_iter().filter(|citation| citation.run_id == run_id).collect();
    let unknown = || Error::Usage {
        message: format!("no pack of run {run_id} rests on snapshots of the store at {}", store.place()),
        hint: "`overstay store prune` names the runs whose packs keep snapshots".to_owned(),
    };
    if let Some(citation) = of_run.iter().find(|citation| is_here(citation)).filter(|_| !yes) {
        return Err(Error::Usage {
            message: format!("the pack of run {run_id} may still be in use: there is something at {}", citation.pack),
            hint: "remove the pack first, or give --yes if its snapshots may go all the same".to_owned(),
        });
    }
    let held = store.release(run_id, shell.clock.now())?.ok_or_else(unknown)?;
    if let Some(hold) = held.first() {
        return Err(Error::Service {
            message: format!("the store's note that run {run_id} rests on snapshots stays: it is {}", self::held(hold)),
            hint: "the lock has to end first; nothing goes round it".to_owned(),
        });
    }
    shell.say(&format!(
        "Nothing of the store is kept for run {run_id} any more; `overstay store prune` removes what is old"
    ));
    Ok(Status::Clean)
}

/// Whether there is something where the pack was written.
fn is_here(citation: &Citation) -> bool {
    Path::new(&citation.pack).exists()
}

/// What rests on a snapshot, after the word `run`.
fn rests(Citation { run_id, pack, .. }: &Citation) -> String {
    if Path::new(pack).exists() {
        return format!("{run_id} rests, whose pack is {pack}");
    }
    format!(
        "{run_id} rests, whose pack was written to {pack} and is not there on this machine; if it is gone for good, \
         `overstay store release {run_id}` lets it go"
    )
}

/// What forbids to remove something, after a comma.
fn held(hold: &Hold) -> String {
    match hold {
        Hold::Free => "not locked".to_owned(),
        Hold::Until(until, mode) => format!("locked until {until} ({mode})"),
        Hold::Legal => "under a legal hold".to_owned(),
        Hold::Unknown(why) => format!("perhaps locked: {why}"),
    }
}

/// How many snapshots and listings, and from when; nothing for none.
fn counted(entries: &[Entry]) -> Option<String> {
    let listings = entries.iter().filter(|entry| entry.is_listing()).count();
    let (first, last) = (entries.iter().map(Entry::at).min()?, entries.iter().map(Entry::at).max()?);
    let number = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {one}s")),
    };
    let parts = [number(entries.len() - listings, "snapshot"), number(listings, "imported listing")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    Some(format!("{}, from {first} to {last}", parts.join(" and ")))
}

/// Asks, and takes nothing but yes for a yes.
fn confirmed(question: &str, answers: &mut impl BufRead) -> bool {
    let mut stderr = anstream::stderr();
    let _ = write!(stderr, "{question}").and_then(|()| stderr.flush());
    let mut answer = String::new();
    answers.read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "Yes" | "YES")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for (answer, yes) in
            [("y\n", true), ("yes\n", true), ("\n", false), ("", false), ("no\n", false), ("yn\n", false)]
        {
            assert_eq!(confirmed("", &mut answer.as_bytes()), yes, "{answer:?}");
        }
    }
}
