//! A year of daily snapshots and more: listing them reads names, and a quarter's history reads that quarter.
//!
//! Run with `cargo bench --bench store`. Every day a few memberships and direct assignments are not there that are on others.
#![expect(clippy::expect_used, reason = "a benchmark that cannot make its input should stop")]

mod organisation;

use divan::Bencher;
use overstay::model::Instant;
use overstay::snapshot::HistoryBuilder;
use overstay::store::{Place, Store};
use tempfile::TempDir;

const DAYS: i64 = 400;
const SIZES: [usize; 2] = [200, 2_000];

fn main() {
    divan::main();
}

fn day(number: i64) -> Instant {
    let first = organisation::at("2025-09-15T02:00:00Z").timestamp().as_second();
    Instant::from_epoch_seconds(first + number * 86_400).expect("an instant")
}

fn store(users: usize) -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::create(&Place::Folder(folder.path().to_owned())).expect("a store");
    for number in 0..DAYS {
        let snapshot = organisation::on(users, day(number), |aws| {
            let missing = |at: usize| (at + usize::try_from(number).unwrap_or_default()).is_multiple_of(97);
            let mut at = 0..;
            aws.memberships.retain(|_| at.next().is_none_or(|at| !missing(at)));
            let mut at = 0..;
            aws.assignments.retain(|_| at.next().is_none_or(|at| !missing(at)));
        });
        store.add(&snapshot).expect("it is added");
    }
    (folder, store)
}

/// Names alone.
#[divan::bench(sample_count = 20)]
fn list_400_days(bencher: Bencher<'_, '_>) {
    let (_folder, store) = store(200);
    bencher.bench(|| store.entries().map(|entries| entries.len()));
}

/// What `audit --period` does before anything is concluded.
#[divan::bench(args = SIZES, sample_count = 5)]
fn the_history_of_a_quarter(bencher: Bencher<'_, '_>, users: usize) {
    let (_folder, store) = store(users);
    bencher.bench(|| {
        let entries = store.entries().expect("it lists");
        let mut builder = HistoryBuilder::new();
        let window: Vec<_> = Store::window(&entries, day(200), day(292)).iter().collect();
        for snapshot in store.read_each(&window) {
            builder.look(&snapshot.expect("it reads"));
        }
        builder.build().memberships.len()
    });
}
