//! Lists and reads the files of a trail, many at once, each held in memory for as long as it is read.

use std::sync::Arc;

use super::super::operation::{GET_OBJECT, LIST_OBJECTS};
use super::super::session::Client;
use super::LARGEST;
use super::layout::before;
use super::place::{Object, Place};
use super::target::Target;
use crate::collect::calls::{CallError, Crew, Gaps, Job, Pager, RawPage};
use crate::collect::cloudtrail::digest::{self, Digest, Keys};
use crate::collect::cloudtrail::name::{Kind, around, kind, stamp};
use crate::collect::cloudtrail::reading::{Content, One, Reading, gap, one};
use crate::model::event::Window;
use crate::model::windows::common;
use crate::model::{Gap, GapKind, Instant};

/// What was gathered of one target.
#[derive(Default)]
pub(super) struct Share {
    digests: Vec<Digest>,
    /// Files of records that were listed.
    pub(super) listed: u64,
    /// Whether the list of them came to its end.
    pub(super) ended: bool,
    /// Whether calls that only read are recorded.
    pub(super) reads: bool,
    /// The delivery of the last one listed.
    last: Option<Instant>,
}

/// What is gathered of all targets.
#[derive(Default)]
pub(super) struct Harvest {
    /// Of each target, in their order.
    pub(super) shares: Vec<Share>,
    pub(super) reading: Reading,
    pub(super) gaps: Gaps,
    /// Files that are not named as CloudTrail names them.
    pub(super) strange: u64,
    /// Whether digests may not be listed.
    pub(super) no_digests: bool,
}

impl Harvest {
    /// Lists and reads the files of all targets that were delivered within `window`.
    pub(super) async fn gather(client: &Arc<Client>, place: &Arc<Place>, targets: &[Target], window: Window) -> Self {
        let shares = targets.iter().map(|_| Share { ended: true, ..Share::default() }).collect();
        let mut harvest = Self { shares, ..Self::default() };
        // Digests first: what they name was delivered before they were, so it is there to be listed after them.
        for kind in [Kind::Digest, Kind::Records] {
            harvest.read(client, place, targets, window, kind).await;
        }
        harvest
    }

    /// Lists and reads all files of one kind.
    async fn read(&mut self, client: &Arc<Client>, place: &Arc<Place>, targets: &[Target], window: Window, of: Kind) {
        let records = of == Kind::Records;
        client.calls.progress().phase(if records {
            "reading the trail's files"
        } else {
            "reading the trail's digest files"
        });
        let mut crew: Crew<Task> = Crew::new(client);
        let task = |target: usize, what: What| Task { place: Arc::clone(place), target, what };
        for (at, target) in targets.iter().enumerate() {
            let folder = if records { Some(&target.records) } else { target.digests.as_ref() };
            let Some(folder) = folder else { continue };
            let region = region_folder(folder, &target.region);
            let (prefix, after) = (folder.clone(), before(region, window.from));
            crew.add(task(at, What::List { prefix, after, pager: Pager::default() }));
        }
        while let Some(done) = crew.next().await {
            let target = done.target;
            match done.came {
                Came::Page { prefix, after, pager, answer } => {
                    let page = pager.accept(&LIST_OBJECTS, answer);
                    match page.rest {
                        Ok(None) => {}
                        Ok(Some(pager)) => {
                            crew.add_first(task(target, What::List { prefix: prefix.clone(), after, pager }));
                        }
                        Err(error) => self.not_listed(target, &place.shown(&prefix), records, &error),
                    }
                    for object in page.items {
                        if let Some(what) = self.listed(target, place, object, of) {
                            crew.add(task(target, what));
                        }
                    }
                }
                Came::Records(_, Ok(one)) => {
                    if let Some(share) = self.shares.get_mut(target) {
                        share.reads |= one.has_reads();
                    }
                    self.reading.add(*one);
                }
                Came::Records(shown, Err(error)) => {
                    self.gaps.add(&GET_OBJECT, &shown, &error);
                    self.reading.add_unread(&shown);
                }
                Came::Digest(_, Ok(Ok(digest))) => {
                    if let Some(share) = self.shares.get_mut(target) {
                        share.digests.push(digest);
                    }
                }
                Came::Digest(_, Ok(Err(gap))) => self.reading.add_gap(gap),
                Came::Digest(shown, Err(error)) => self.gaps.add(&GET_OBJECT, &shown, &error),
            }
        }
    }

    /// A file was listed; gives what is to be done with it.
    fn listed(&mut self, target: usize, place: &Place, object: Object, of: Kind) -> Option<What> {
        // Whatever else lies in the folder is not CloudTrail's.
        if kind(&object.key) != of || stamp(&object.key).is_none() {
            self.strange += 1;
            return None;
        }
        if of == Kind::Records
            && let Some(share) = self.shares.get_mut(target)
        {
            share.listed += 1;
            share.last = share.last.max(stamp(&object.key));
        }
        if object.size.is_some_and(|size| size > LARGEST) {
            let shown = place.shown(&object.key);
            let reason = format!("the file is larger than {} MiB, as none of a trail is", LARGEST / 1024 / 1024);
            self.reading.add_gap(gap(GapKind::Malformed, shown.clone(), reason, "look what it is, and take it away"));
            self.reading.add_unread(&shown);
            return None;
        }
        Some(if of == Kind::Records { What::Records(object.key) } else { What::Digest(object.key) })
    }

    /// A list ended before its end.
    fn not_listed(&mut self, target: usize, at: &str, records: bool, error: &CallError) {
        let Some(share) = self.shares.get_mut(target) else { return };
        if !records {
            // Digests prove what the files cover; without leave to list them nothing is lost but the proof.
            if error.kind == GapKind::Denied && share.digests.is_empty() {
                self.no_digests = true;
            } else {
                self.gaps.add(&LIST_OBJECTS, at, error);
            }
            return;
        }
        share.ended = false;
        self.gaps.add(&LIST_OBJECTS, at, error);
        let from = share.last.map_or(Instant::new(jiff::Timestamp::MIN), |last| around(last).from);
        self.reading.add_hole(Window { from, to: Instant::new(jiff::Timestamp::MAX) });
    }

    /// Whether there is any digest.
    pub(super) fn has_digests(&self) -> bool {
        self.shares.iter().any(|share| !share.digests.is_empty())
    }

    /// What digests prove of a target; what they disprove becomes gaps and holes.
    pub(super) fn check(&mut self, at: usize, window: Window, keys: &Keys) -> Proof {
        let Some(share) = self.shares.get_mut(at) else { return Proof::default() };
        let digests = std::mem::take(&mut share.digests);
        let count = digests.len();
        // Of a list that has no end nobody knows what it lacks.
        let span = share.ended.then_some(window);
        let checked = digest::check(digests, self.reading.contents(), span, false, keys);
        for gap in checked.gaps {
            self.reading.add_gap(gap);
        }
        for hole in checked.holes {
            self.reading.add_hole(hole);
        }
        let windows = if span.is_some() { common(&checked.proven, &[window]) } else { Vec::new() };
        Proof { windows, digests: count, matched: checked.matched, verified: checked.verified }
    }
}

/// What digests prove.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// Stretches of which no file is missing, before holes are cut out.
    pub(super) windows: Vec<Window>,
    /// How many digests there are.
    pub(super) digests: usize,
    /// How many files they describe as they are.
    pub(super) matched: usize,
    /// How many of the digests CloudTrail is known to have signed.
    pub(super) verified: usize,
}

/// The Region's folder in a prefix that may end below it.
fn region_folder<'p>(prefix: &'p str, region: &str) -> &'p str {
    let folder = format!("/{region}/");
    prefix.rfind(&folder).and_then(|at| prefix.get(..at + folder.len())).unwrap_or(prefix)
}

/// Something to do in the bucket.
struct Task {
    place: Arc<Place>,
    target: usize,
    what: What,
}

enum What {
    /// One page of a list.
    List {
        prefix: String,
        after: String,
        pager: Pager,
    },
    Records(String),
    Digest(String),
}

struct Done {
    target: usize,
    came: Came,
}

/// What came of it; files by where they are.
enum Came {
    Page { prefix: String, after: String, pager: Pager, answer: Result<RawPage<Object>, CallError> },
    Records(String, Result<Box<One>, CallError>),
    Digest(String, Result<Result<Digest, Gap>, CallError>),
}

impl Job for Task {
    type Team = Client;
    type Outcome = Done;

    async fn run(self, team: Arc<Client>) -> Done {
        let Self { place, target, what } = self;
        let came = match what {
            What::List { prefix, after, pager } => {
                let answer = place.files(&team, &prefix, &after, &pager).await;
                Came::Page { prefix, after, pager, answer }
            }
            What::Records(key) => {
                let shown = place.shown(&key);
                let read = match place.content(&team, &key).await {
                    Ok(body) => {
                        let shown = shown.clone();
                        Ok(aside(move || Box::new(one(&shown, &Content::Bytes(&body.bytes)))).await)
                    }
                    Err(error) => Err(error),
                };
                Came::Records(shown, read)
            }
            What::Digest(key) => {
                let shown = place.shown(&key);
                let read = match place.content(&team, &key).await {
                    Ok(body) => {
                        let shown = shown.clone();
                        Ok(aside(move || digest::read(&shown, &Content::Bytes(&body.bytes), body.signature)).await)
                    }
                    Err(error) => Err(error),
                };
                Came::Digest(shown, read)
            }
        };
        Done { target, came }
    }
}

/// Unpacks on a thread of its own: the calls that are paced must not wait for it.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // It is never aborted, so it panicked: a bug, which belongs to whoever waits.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
