//! Linking, grants and rules on generated organisations of 200, 2,000 and 20,000 users: time must grow linearly.
//!
//! Run with `cargo bench`.
#![expect(clippy::expect_used, reason = "a benchmark that cannot make its input should stop")]

mod organisation;

use divan::Bencher;
use overstay::assess::assess;
use overstay::config::Config;
use overstay::evidence::RunId;
use overstay::evidence::ipe::RunFacts;
use overstay::model::AsOf;
use overstay::reconcile::reconcile;
use overstay::render::pack::{self, Overwrite};
use overstay::rules::evaluate;
use overstay::snapshot::Snapshot;

const SIZES: [usize; 3] = [200, 2_000, 20_000];

fn main() {
    divan::main();
}

/// Everything right of the snapshot up to the assessment.
#[divan::bench(args = SIZES, sample_count = 20)]
fn link_grant_and_judge(bencher: Bencher<'_, '_>, users: usize) {
    let (snapshot, config) = (organisation(users), config());
    let as_of = AsOf::new(snapshot.ended_at());
    bencher.bench(|| {
        let ledger = reconcile(&snapshot, &config, as_of, None);
        assess(&ledger, evaluate(&ledger)).findings().len()
    });
}

/// Everything right of the snapshot, the pack on disk included.
#[divan::bench(args = SIZES, sample_count = 10)]
fn audit_to_pack(bencher: Bencher<'_, '_>, users: usize) {
    let (snapshot, config) = (organisation(users), config());
    let as_of = AsOf::new(snapshot.ended_at());
    let folder = tempfile::tempdir().expect("a folder");
    let facts = RunFacts { started_at: snapshot.ended_at(), command: "bench".to_owned() };
    bencher.bench(|| {
        let ledger = reconcile(&snapshot, &config, as_of, None);
        let assessment = assess(&ledger, evaluate(&ledger));
        let run = RunId::new(snapshot.digest(), &config.text, as_of, None);
        pack::write(&assessment, &run, &facts, &folder.path().join("pack"), Overwrite::Replace)
    });
}

/// The same, held against the pack on disk instead of written.
#[divan::bench(args = SIZES, sample_count = 10)]
fn verify_a_pack(bencher: Bencher<'_, '_>, users: usize) {
    let (snapshot, config) = (organisation(users), config());
    let as_of = AsOf::new(snapshot.ended_at());
    let folder = tempfile::tempdir().expect("a folder");
    let pack = folder.path().join("pack");
    let facts = RunFacts { started_at: snapshot.ended_at(), command: "bench".to_owned() };
    let run = RunId::new(snapshot.digest(), &config.text, as_of, None);
    let ledger = reconcile(&snapshot, &config, as_of, None);
    let assessment = assess(&ledger, evaluate(&ledger));
    pack::write(&assessment, &run, &facts, &pack, Overwrite::Refuse).expect("the pack is written");
    bencher.bench(|| {
        let ledger = reconcile(&snapshot, &config, as_of, None);
        let assessment = assess(&ledger, evaluate(&ledger));
        let compared = pack::compare(&assessment, &run, &facts, &pack).expect("the pack is read");
        assert!(compared.defects.is_empty(), "a pack is the same when it is made again");
    });
}

/// Linking, people and grants alone.
#[divan::bench(args = SIZES, sample_count = 20)]
fn link_and_grant(bencher: Bencher<'_, '_>, users: usize) {
    let (snapshot, config) = (organisation(users), config());
    let as_of = AsOf::new(snapshot.ended_at());
    bencher.bench(|| reconcile(&snapshot, &config, as_of, None).people().len());
}

/// Reading a sealed snapshot, and sealing it.
#[divan::bench(args = SIZES, sample_count = 20)]
fn read_a_snapshot(bencher: Bencher<'_, '_>, users: usize) {
    let bytes = organisation(users).bytes().to_vec();
    bencher
        .with_inputs(|| bytes.clone())
        .bench_values(|bytes| overstay::snapshot::read(bytes).map(|s| s.digest().len()));
}

fn organisation(users: usize) -> Snapshot {
    organisation::on(users, organisation::at("2026-09-30T17:00:00Z"), |_| {})
}

fn config() -> Config {
    let mut text = String::new();
    for group in 0..20 {
        text.push_str(&format!(
            "[[access]]\nmatch = {{ group = \"group-{group}\" }}\npermission_set = \"set-*\"\naccounts = [\"account-*\"]\n"
        ));
    }
    Config::parse(&text, "overstay.toml").expect("the config is valid")
}
