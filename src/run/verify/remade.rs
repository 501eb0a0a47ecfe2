//! Whether a pack's conclusions follow from what is in it: everything is concluded again, and compared byte for byte.

use super::folder::Folder;
use crate::config::Config;
use crate::error::Error;
use crate::evidence::RunId;
use crate::evidence::bag::{CONFIG, IPE, MANIFEST, SNAPSHOT, TAG_MANIFEST, is_payload};
use crate::evidence::ipe::Recorded;
use crate::evidence::verify::{Check, Defect, Told};
use crate::model::Period;
use crate::render::pack::compare;
use crate::snapshot::{self, Snapshot};
use crate::workflow::{conclude, period};

/// What a pack was made from.
pub(super) struct Inputs {
    pub(super) snapshot: Snapshot,
    pub(super) config: Config,
    pub(super) period: Option<Period>,
    recorded: Recorded,
    run: RunId,
}

/// What the pack says of itself, the two checks, and what it was made from where that reads.
pub(super) fn check(folder: &Folder) -> Result<(Told, Vec<Check>, Option<Inputs>), Error> {
    let mut defects = Vec::new();
    let ipe = folder.text(IPE)?;
    let told = ipe.as_deref().map(Recorded::told).unwrap_or_default();
    let inputs = read(folder, ipe, &mut defects)?;
    let ours = env!("CARGO_PKG_VERSION");
    let other = !told.made_by.is_empty() && told.made_by != ours;
    let wrong = |name, what: &str, defects: Vec<Defect>| {
        if other {
            let why = format!(
                "{what}: overstay {} made the pack, this is {ours}, and only that version can tell whether it should be so",
                told.made_by
            );
            return Check::not_made(name, why, defects);
        }
        Check::of(name, defects, String::new(), what.to_owned())
    };
    let Some(inputs) = inputs else {
        // What is no snapshot is none for any version.
        let why = "without snapshot, config and provenance nothing can be concluded again".to_owned();
        let checks = vec![
            wrong("inputs", "what the pack was made from does not read", defects),
            Check::not_made("conclusions", why, Vec::new()),
        ];
        return Ok((told, checks, None));
    };
    let first = if defects.is_empty() {
        let passed = "the snapshot's seal holds, the config reads, and the run's id follows from them".to_owned();
        Check::of("inputs", defects, passed, String::new())
    } else {
        wrong("inputs", "what the pack was made from does not go together", defects)
    };
    let (defects, files) = differences(folder, &inputs)?;
    let second = if defects.is_empty() {
        let passed = format!("concluded again from snapshot and config, all {files} files are the same byte for byte");
        Check::of("conclusions", defects, passed, String::new())
    } else {
        wrong("conclusions", "concluded again from snapshot and config, the pack is another", defects)
    };
    Ok((told, vec![first, second], Some(inputs)))
}

/// Reads what the pack was made from; none when a part of it does not read.
fn read(folder: &Folder, ipe: Option<Vec<u8>>, defects: &mut Vec<Defect>) -> Result<Option<Inputs>, Error> {
    let mut there = |name: &str, bytes: Option<Vec<u8>>| {
        if bytes.is_none() {
            defects.push(Defect::of(name, "is not there"));
        }
        bytes
    };
    let (snapshot, config) = (there(SNAPSHOT, folder.snapshot()?), there(CONFIG, folder.text(CONFIG)?));
    let ipe = there(IPE, ipe);
    let mut noted = |defect: Defect| defects.push(defect);
    let snapshot = snapshot.and_then(|bytes| {
        snapshot::read(bytes).map_err(|e| noted(Defect::of(SNAPSHOT, format!("does not read: {e}")))).ok()
    });
    let config = config.and_then(|bytes| match String::from_utf8(bytes) {
        Ok(text) => parsed(&text).map_err(|wrong| wrong.into_iter().for_each(&mut noted)).ok(),
        Err(_) => {
            noted(Defect::of(CONFIG, "is not UTF-8 text"));
            None
        }
    });
    let recorded = ipe.and_then(|bytes| Recorded::read(&bytes).map_err(&mut noted).ok());
    let (Some(snapshot), Some(config), Some(recorded)) = (snapshot, config, recorded) else { return Ok(None) };
    let period = match recorded.days.map(|days| period::of(days, &config)).transpose() {
        Ok(period) => period,
        Err(e) => {
            noted(Defect::of(IPE, format!("does not read: {e}")));
            return Ok(None);
        }
    };
    if let (Some(period), None) = (period, snapshot.history()) {
        let what = format!("has no history, and {IPE} says that the pack is about the period {period}");
        noted(Defect::of(SNAPSHOT, what));
    }
    // What a snapshot's history ends with is the snapshot itself.
    let last = snapshot.history().map(|history| history.looks.last().map(|look| (look.started_at, look.ended_at)));
    if last.is_some_and(|last| last != Some((snapshot.started_at(), snapshot.ended_at()))) {
        noted(Defect::of(SNAPSHOT, "carries a history that does not end with it"));
    }
    let run = RunId::new(snapshot.digest(), &config.text, recorded.as_of, period);
    if run.as_str() != recorded.run_id {
        let what = format!(
            "says that the run is {}, and from snapshot, config, as-of and period follows {}",
            recorded.run_id,
            run.as_str()
        );
        noted(Defect::of(IPE, what));
    }
    Ok(Some(Inputs { snapshot, config, period, recorded, run }))
}

fn parsed(text: &str) -> Result<Config, Vec<Defect>> {
    Config::parse(text, CONFIG).map_err(|wrong| {
        let defect = |diagnostic: crate::diagnostic::Diagnostic| {
            let before = text.get(..diagnostic.span.start).unwrap_or_default();
            let line = before.bytes().filter(|byte| *byte == b'\n').count() as u64 + 1;
            Defect::at(CONFIG, line, format!("does not read: {}", diagnostic.message))
        };
        wrong.into_iter().map(defect).collect()
    })
}

/// Where the pack is not what it would be if it were made again, and of how many files it is made.
fn differences(folder: &Folder, inputs: &Inputs) -> Result<(Vec<Defect>, usize), Error> {
    let Inputs { snapshot, config, period, recorded, run } = inputs;
    let compared = conclude(snapshot, config, recorded.as_of, *period, |assessment| {
        compare(assessment, run, &recorded.facts, folder.root())
    })?;
    let mut defects = compared.defects;
    // Of another file there is another digest: that says nothing more.
    let is_manifest = |defect: &Defect| [MANIFEST, TAG_MANIFEST].contains(&defect.file.as_str());
    if !defects.iter().all(is_manifest) {
        defects.retain(|defect| !is_manifest(defect));
    }
    let besides = folder.files().keys().filter(|name| is_payload(name) && !compared.files.contains(*name));
    defects.extend(besides.map(|name| Defect::of(name, "is no file that overstay writes")));
    Ok((defects, compared.files.len()))
}
