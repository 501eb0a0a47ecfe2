//! Runs all collectors of a config and seals the result.

use tokio::task::JoinSet;

use super::collectors::collectors;
use super::preflight::check_terms;
use super::shell::Shell;
use crate::collect::CollectCx;
use crate::config::Config;
use crate::error::Error;
use crate::snapshot::Snapshot;

/// Reads every source at once and seals what they bring.
///
/// # Errors
/// When a file or column is missing, or `--offline` forbids what the config asks for.
pub(crate) async fn gather(shell: &Shell, config: &Config) -> Result<Snapshot, Error> {
    let live: Vec<String> = config.live_sources().into_iter().map(|(source, _)| source).collect();
    if shell.offline && !live.is_empty() {
        return Err(Error::Usage {
            message: format!("--offline forbids the network, and the config has {}", live.join(", ")),
            hint: "give a collected snapshot with --snapshot, or leave --offline out".to_owned(),
        });
    }
    let collectors = collectors(config);
    if collectors.is_empty() {
        return Err(Error::Usage {
            message: format!("{} names nothing to read", config.file),
            hint: "give it at least one of [aws], [[idp]] and [hr]; `overstay init` shows how".to_owned(),
        });
    }
    let started_at = shell.clock.now();
    check_terms(config, started_at)?;
    let cx = CollectCx { clock: shell.clock.clone(), progress: shell.progress.clone(), base: shell.base() };
    let mut tasks = JoinSet::new();
    for collector in collectors {
        let cx = cx.clone();
        tasks.spawn(async move { collector.collect(&cx).await });
    }
    let (mut batches, mut wrong) = (Vec::new(), Vec::new());
    while let Some(joined) = tasks.join_next().await {
        match joined.map_err(|e| Error::Internal(format!("a collector stopped: {e}")))? {
            Ok(batch) => batches.push(batch),
            // Everything the user must put right is told at once.
            Err(Error::Input(diagnostics)) => wrong.extend(diagnostics),
            Err(other) => return Err(other),
        }
    }
    shell.progress.finish();
    if !wrong.is_empty() {
        return Err(Error::Input(wrong));
    }
    batches.sort_by(|a, b| a.record.source.cmp(&b.record.source));
    Snapshot::seal(batches, started_at, shell.clock.now()).map_err(|e| Error::Internal(e.to_string()))
}
