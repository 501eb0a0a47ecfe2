//! Telling a person how far a collection is: a bar on a terminal, a line now and then elsewhere, or nothing.

use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Where progress goes. Cheap to clone; counts are shared.
#[derive(Clone, Default)]
pub struct Progress {
    inner: Arc<Inner>,
}

struct Inner {
    counts: Counts,
    output: Output,
    /// Keeps the time, and draws itself where there is a terminal.
    bar: ProgressBar,
    phase: Mutex<String>,
    /// When the last line was written, in milliseconds of the bar's time.
    told: AtomicU64,
}

#[derive(Debug, Default)]
struct Counts {
    planned: AtomicU64,
    done: AtomicU64,
    pages: AtomicU64,
    accounts: AtomicU64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Output {
    Silent,
    Bar,
    Lines,
}

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// How often the bar is redrawn while nothing comes back.
const TICK: Duration = Duration::from_millis(200);

impl Default for Inner {
    fn default() -> Self {
        Self::new(Output::Silent)
    }
}

impl Inner {
    fn new(output: Output) -> Self {
        let bar = match output {
            Output::Silent | Output::Lines => ProgressBar::hidden(),
            Output::Bar => {
                let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
                let style = ProgressStyle::with_template("{spinner} {msg} [{bar:24}] {pos}/{len} calls{prefix}")
                    .unwrap_or_else(|_| ProgressStyle::default_bar());
                bar.set_style(style.progress_chars("=> "));
                bar.enable_steady_tick(TICK);
                bar
            }
        };
        Self { counts: Counts::default(), output, bar, phase: Mutex::default(), told: AtomicU64::new(0) }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress")
            .field("output", &self.inner.output)
            .field("counts", &self.inner.counts)
            .finish_non_exhaustive()
    }
}

impl Progress {
    /// Progress that nobody watches.
    pub fn silent() -> Self {
        Self::default()
    }

    /// A bar on standard error, which should be a terminal.
    pub fn terminal() -> Self {
        Self::with(Output::Bar)
    }

    /// A line on standard error every ten seconds and whenever a phase begins.
    pub fn lines() -> Self {
        Self::with(Output::Lines)
    }

    fn with(output: Output) -> Self {
        Self { inner: Arc::new(Inner::new(output)) }
    }

    /// More calls are known to be needed.
    pub fn plan(&self, calls: u64) {
        let planned = self.inner.counts.planned.fetch_add(calls, Ordering::Relaxed) + calls;
        if self.inner.output == Output::Bar {
            self.inner.bar.set_length(planned);
        }
    }

    /// A call came back.
    pub fn call_done(&self) {
        let done = self.inner.counts.done.fetch_add(1, Ordering::Relaxed) + 1;
        match self.inner.output {
            Output::Silent => {}
            Output::Bar => {
                self.inner.bar.set_prefix(self.details());
                self.inner.bar.set_position(done);
            }
            Output::Lines => {
                let now = millis(self.inner.bar.elapsed());
                let told = self.inner.told.load(Ordering::Relaxed);
                let due = now >= told.saturating_add(millis(LINE_EVERY));
                // Of several calls that come back at once, one writes the line.
                let mine =
                    due && self.inner.told.compare_exchange(told, now, Ordering::Relaxed, Ordering::Relaxed).is_ok();
                if mine {
                    self.line();
                }
            }
        }
    }

    /// A page came back.
    pub fn page(&self) {
        self.inner.counts.pages.fetch_add(1, Ordering::Relaxed);
    }

    /// So many accounts are known.
    pub fn accounts(&self, accounts: u64) {
        self.inner.counts.accounts.store(accounts, Ordering::Relaxed);
    }

    /// A phase begins; `what` is a few words.
    pub fn phase(&self, what: &str) {
        what.clone_into(&mut self.inner.phase.lock().unwrap_or_else(PoisonError::into_inner));
        match self.inner.output {
            Output::Silent => {}
            Output::Bar => self.inner.bar.set_message(what.to_owned()),
            Output::Lines => {
                self.inner.told.store(millis(self.inner.bar.elapsed()), Ordering::Relaxed);
                self.line();
            }
        }
    }

    /// Nothing more will come: takes the bar off the terminal. Dropping the last clone does the same.
    pub fn finish(&self) {
        self.inner.bar.finish_and_clear();
    }

    fn line(&self) {
        let counts = &self.inner.counts;
        let (done, planned) = (counts.done.load(Ordering::Relaxed), counts.planned.load(Ordering::Relaxed));
        let phase = self.inner.phase.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let calls = if done == 0 { String::new() } else { format!(": {done}/{planned} calls{}", self.details()) };
        // Progress that can't be written is not worth failing for.
        let _lost = writeln!(anstream::stderr(), "{phase}{calls}");
    }

    /// Pages, accounts and the time left, as far as there is anything to tell.
    fn details(&self) -> String {
        let counts = &self.inner.counts;
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let mut text = String::new();
        for (count, one, many) in
            [(load(&counts.pages), "page", "pages"), (load(&counts.accounts), "account", "accounts")]
        {
            match count {
                0 => {}
                1 => text.push_str(&format!(", 1 {one}")),
                _ => text.push_str(&format!(", {count} {many}")),
            }
        }
        if let Some(left) = time_left(self.inner.bar.elapsed(), load(&counts.done), load(&counts.planned)) {
            text.push_str(&format!(", {} left", in_words(left)));
        }
        text
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// At the pace so far; not told in the first seconds, when it would only mislead.
fn time_left(elapsed: Duration, done: u64, planned: u64) -> Option<Duration> {
    let left = planned.checked_sub(done).filter(|left| *left > 0)?;
    if elapsed < Duration::from_secs(3) || done == 0 {
        return None;
    }
    Duration::try_from_secs_f64(elapsed.as_secs_f64() / done as f64 * left as f64).ok()
}

fn in_words(time: Duration) -> String {
    match time.as_secs() {
        0..=1 => "a moment".to_owned(),
        seconds @ 2..=99 => format!("{seconds} s"),
        seconds @ 100..=5999 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_the_pace() {
        let ten = Duration::from_secs(10);
        assert_eq!(time_left(ten, 180, 360), Some(ten));
        assert_eq!(time_left(ten, 180, 180), None);
        assert_eq!(time_left(ten, 181, 180), None);
        assert_eq!(time_left(ten, 0, 180), None);
        assert_eq!(time_left(Duration::from_secs(1), 18, 180), None);
    }

    #[test]
    fn times_read_well() {
        let words: Vec<String> = [1, 42, 100, 600, 7260].map(|seconds| in_words(Duration::from_secs(seconds))).into();
        assert_eq!(words, ["a moment", "42 s", "2 min", "10 min", "2 h 1 min"]);
    }

    #[test]
    fn counts_are_shared() {
        let progress = Progress::silent();
        let clone = progress.clone();
        clone.plan(2);
        clone.page();
        clone.accounts(3);
        assert_eq!(progress.details(), ", 1 page, 3 accounts");
    }
}
