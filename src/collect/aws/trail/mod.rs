//! CloudTrail from a trail's bucket: the files of the accounts and Regions whose events count, of the days asked for, and the
//! digest files that prove that none is missing. What a file tells is understood as if it lay on a disk.

mod harvest;
mod layout;
mod place;
mod target;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_cloudtrail::types::PublicKey;
use aws_smithy_types::DateTime;
use jiff::SignedDuration;

use super::operation::{LIST_OBJECTS, LIST_PUBLIC_KEYS};
use super::paged::{PagedOperation, paged};
use super::session::Client;
use crate::collect::calls::{CallError, Gaps};
use crate::collect::cloudtrail::digest::Keys;
use crate::collect::cloudtrail::name::{Kind, kind, stamp};
use crate::collect::cloudtrail::reading::gap;
use crate::config::TrailBucket;
use crate::model::coverage::InputFile;
use crate::model::event::{LogKind, Window};
use crate::model::windows::{common, join, without};
use crate::model::{Event, EventLog, Fact, Gap, GapKind, Instant};

use harvest::{Harvest, Proof, Share};
use place::{Object, Place};
pub(super) use target::Home;
use target::{Target, Targets};

/// How far back files are read where the config does not say: as far as the event history reaches.
const REACH: SignedDuration = SignedDuration::from_hours(90 * 24);

/// No file of a trail is nearly as large; what is would have to be held in memory.
const LARGEST: u64 = 256 * 1024 * 1024;

/// What the bucket told.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) log: EventLog,
    /// All files as one; none where there was nothing to read.
    pub(super) file: Option<InputFile>,
    /// What was refused or failed.
    pub(super) gaps: Gaps,
    /// What is missing, altered or can't be understood.
    pub(super) more: Vec<Gap>,
    pub(super) notes: Vec<String>,
}

/// Reads a trail's bucket, up to `now`.
pub(super) async fn read(client: &Arc<Client>, config: &TrailBucket, home: Home<'_>, now: Instant) -> Read {
    let window = Window { from: begin(config, now), to: now };
    let place = match Place::open(client, &config.place).await {
        Ok((place, _)) => Arc::new(place),
        Err(error) => {
            let mut gaps = Gaps::default();
            gaps.add(&LIST_OBJECTS, &config.place.to_string(), &error);
            return Read { log: log(Vec::new(), Vec::new()), file: None, gaps, more: Vec::new(), notes: Vec::new() };
        }
    };
    let targets = target::find(client, &place, config, home).await;
    let harvest = Harvest::gather(client, &place, &targets.list, window).await;
    let keys = if harvest.has_digests() { keys(client, window).await } else { Ok(Keys::new()) };
    Conclusion { config, place: &place, home, window, keys }.draw(harvest, targets)
}

/// The keys with which CloudTrail signed digests in the client's Region.
async fn keys(client: &Client, window: Window) -> Result<Keys, CallError> {
    let time = |at: Instant| DateTime::from_secs(at.timestamp().as_second());
    let listing = paged(
        client,
        &LIST_PUBLIC_KEYS,
        |_, token| {
            let request = client.cloudtrail.list_public_keys();
            request.start_time(time(window.from)).end_time(time(window.to)).set_next_token(token).send()
        },
        |answer| (answer.public_key_list.unwrap_or_default(), answer.next_token),
    );
    let mut keys = Keys::new();
    let each = |page: Vec<PublicKey>| {
        let signing = |key: PublicKey| Some((key.fingerprint?, key.value?.into_inner()));
        keys.extend(page.into_iter().filter_map(signing));
    };
    listing.each_page(each).await?;
    Ok(keys)
}

/// The beginning of the first day that is read.
fn begin(config: &TrailBucket, now: Instant) -> Instant {
    let back = || now.timestamp().checked_sub(REACH).map_or(now, Instant::new);
    let from = config.since.or(config.covers.map(|covers| covers.from)).unwrap_or_else(back);
    format!("{}T00:00:00Z", from.date()).parse().unwrap_or(from)
}

fn log(covered: Vec<Window>, events: Vec<Event>) -> EventLog {
    EventLog { source: "aws".to_owned(), kind: LogKind::CloudTrail, covered, events }
}

/// Whether the bucket can be listed, and a file of it be read; nothing of the latter where none was found.
pub(super) async fn probe(
    client: &Client,
    config: &TrailBucket,
) -> (Result<(), CallError>, Option<Result<(), CallError>>) {
    let (place, files) = match Place::open(client, &config.place).await {
        Ok(opened) => opened,
        Err(error) => return (Err(error), None),
    };
    let of_trail = |file: &&Object| {
        kind(&file.key) != Kind::Other && stamp(&file.key).is_some() && file.size.is_some_and(|size| size <= LARGEST)
    };
    let Some(file) = files.iter().find(of_trail) else { return (Ok(()), None) };
    client.calls.progress().plan(1);
    (Ok(()), Some(place.content(client, &file.key).await.map(drop)))
}

/// Whether the keys of digests may be listed.
pub(super) async fn probe_keys(client: &Client, now: Instant) -> Result<(), CallError> {
    keys(client, Window { from: now, to: now }).await.map(drop)
}

/// What conclusions are drawn with.
struct Conclusion<'a> {
    config: &'a TrailBucket,
    place: &'a Place,
    home: Home<'a>,
    window: Window,
    keys: Result<Keys, CallError>,
}

impl Conclusion<'_> {
    fn draw(&self, mut harvest: Harvest, targets: Targets) -> Read {
        let proof = self.prove(&mut harvest, &targets);
        let mut notes = self.read_what(&targets);
        let mut more = Vec::new();
        let of_owner: Vec<&Share> = each(&targets, &harvest)
            .filter(|(target, _)| self.is_owners(&target.account, &target.region))
            .map(|(_, share)| share)
            .collect();
        let (listed, reads) = (of_owner.iter().any(|share| share.listed > 0), of_owner.iter().any(|share| share.reads));
        for (target, share) in each(&targets, &harvest) {
            if share.listed > 0 || !share.ended {
                continue;
            }
            let folder = self.place.shown(&target.records);
            let reason = format!("no file of records from {} on is there", self.window.from.date());
            // An account may have a folder of its own trail and one of the organization's.
            if !listed && self.is_owners(&target.account, &target.region) {
                let hint = "name the bucket of a trail that records the management account, or an earlier day in cloudtrail.since";
                more.push(gap(GapKind::NotFound, folder, reason, hint));
            } else {
                notes.push(format!("{folder}: {reason}"));
            }
        }
        if harvest.strange > 0 {
            let count = harvest.strange;
            notes.push(format!("{count} files are not named as CloudTrail names its own, and were not read"));
        }
        let no_digests = harvest.no_digests;
        let told = harvest.reading.finish(self.config.place.to_string());
        let whole = |windows: &[Window]| -> Vec<Window> {
            windows.iter().flat_map(|window| without(*window, &told.holes)).collect()
        };
        let proven = if reads { whole(&proof.windows) } else { Vec::new() };
        let stated = whole(self.config.covers.as_slice());
        notes.push(self.proven_what(&proof, &proven, no_digests));
        if !reads && !proof.windows.is_empty() {
            notes.push(
                "no call that only reads is recorded: the trail seems to record changes alone, and its silence proves nothing"
                    .to_owned(),
            );
        }
        if let Some(covers) = self.config.covers {
            notes
                .push(format!("`covers` states that the files hold all records from {} to {}", covers.from, covers.to));
        }
        // Where folders could not be listed, whole Regions may be unread.
        let found = !targets.list.is_empty() && !targets.gaps.lack(Fact::CloudTrail);
        let covered = if found { join(proven.into_iter().chain(stated).collect()) } else { Vec::new() };
        let mut gaps = targets.gaps;
        gaps.extend(harvest.gaps);
        more.extend(targets.more);
        more.extend(told.gaps);
        notes.extend(targets.notes);
        notes.extend(told.notes);
        let file = (told.file.bytes > 0).then_some(told.file);
        Read { log: log(covered, told.events), file, gaps, more, notes }
    }

    fn is_owners(&self, account: &str, region: &str) -> bool {
        self.home.owner.is_some_and(|owner| owner.as_str() == account) && region == self.home.region
    }

    /// What the digests of all accounts that count prove together.
    fn prove(&self, harvest: &mut Harvest, targets: &Targets) -> Proof {
        let region = self.home.region;
        let none = Keys::new();
        let mut all = Proof::default();
        let mut windows: BTreeMap<&str, Vec<Window>> = BTreeMap::new();
        for (at, target) in targets.list.iter().enumerate() {
            // The keys are those of the instance's Region.
            let keys = self.keys.as_ref().ok().filter(|_| target.region == region).unwrap_or(&none);
            let proof = harvest.check(at, self.window, keys);
            all.digests += proof.digests;
            all.matched += proof.matched;
            all.verified += proof.verified;
            let counts = targets.needed.as_ref().is_some_and(|needed| needed.contains(&target.account));
            if counts && target.region == region {
                windows.entry(&target.account).or_default().extend(proof.windows);
            }
        }
        let has_all = |needed: &BTreeSet<String>| needed.iter().all(|account| targets.has(account, region));
        if targets.needed.as_ref().is_some_and(has_all) {
            let together = windows.into_values().map(join).reduce(|one, other| common(&one, &other));
            all.windows = together.unwrap_or_default();
        }
        all
    }

    fn read_what(&self, targets: &Targets) -> Vec<String> {
        let names = |all: BTreeSet<&str>| all.into_iter().collect::<Vec<_>>().join(", ");
        let accounts = names(targets.list.iter().map(|target| target.account.as_str()).collect());
        let regions = names(targets.list.iter().map(|target| target.region.as_str()).collect());
        if targets.list.is_empty() {
            return Vec::new();
        }
        let others = match targets.passed_over {
            0 => String::new(),
            1 => "; those of 1 other account were not (cloudtrail.accounts)".to_owned(),
            count => format!("; those of {count} other accounts were not (cloudtrail.accounts)"),
        };
        vec![format!(
            "the trail's files in {} ({}) of {accounts} in {regions} were read from {} on{others}",
            self.config.place,
            self.place.region(),
            self.window.from.date()
        )]
    }

    /// What digests prove, in words.
    fn proven_what(&self, proof: &Proof, proven: &[Window], denied: bool) -> String {
        let Proof { digests, matched, verified, .. } = proof;
        if *digests == 0 {
            let why = if denied { "may not be listed" } else { "are not there" };
            return format!(
                "CloudTrail's digest files {why}, so that nothing but cloudtrail.covers says what the trail's files cover"
            );
        }
        let stretches: Vec<String> =
            proven.iter().map(|window| format!("from {} to {}", window.from, window.to)).collect();
        let stretches = if stretches.is_empty() { "for no stretch of time".to_owned() } else { stretches.join(", ") };
        let signed = match &self.keys {
            Err(error) => format!("the digests' signatures were not verified: {}", error.reason),
            Ok(_) if *verified == 0 => {
                "the digests' signatures were not verified: they or their keys are not there".to_owned()
            }
            Ok(_) => format!("the signatures of {verified} of the digests were verified"),
        };
        format!(
            "{digests} digest files of CloudTrail describe {matched} of the files as they are, and show that none is missing \
             {stretches}; {signed}"
        )
    }
}

/// Every target with what was gathered of it.
fn each<'a>(targets: &'a Targets, harvest: &'a Harvest) -> impl Iterator<Item = (&'a Target, &'a Share)> {
    targets.list.iter().zip(&harvest.shares)
}
