//! Probes all sources, and the exit code that follows from their checks.

use tokio::task::JoinSet;

use crate::collect::{Check, CheckOutcome, CollectCx, Probe};
use crate::config::Config;
use crate::error::Error;
use crate::exit::Status;
use crate::workflow::{Shell, collectors};

/// Looks at all sources at once; gives them in the order of the config.
pub(super) async fn probe(shell: &Shell, config: &Config) -> Result<Vec<Probe>, Error> {
    let cx = CollectCx { clock: shell.clock.clone(), progress: shell.progress.clone(), base: shell.base() };
    let live = config.live_sources();
    let mut tasks = JoinSet::new();
    let mut probes = Vec::new();
    for (place, collector) in collectors(config).into_iter().enumerate() {
        let source = collector.source();
        let remote = live.iter().find(|(name, _)| *name == source).filter(|_| shell.offline);
        if let Some((_, kind)) = remote {
            let mut probe = Probe::new(source, kind, Vec::new());
            probe.checks.push(Check::not_tried(*kind, "--offline forbids the network"));
            probes.push((place, probe));
            continue;
        }
        let cx = cx.clone();
        tasks.spawn(async move { (place, collector.probe(&cx).await) });
    }
    while let Some(joined) = tasks.join_next().await {
        probes.push(joined.map_err(|e| Error::Internal(format!("a probe stopped: {e}")))?);
    }
    probes.sort_by_key(|(place, _)| *place);
    Ok(probes.into_iter().map(|(_, probe)| probe).collect())
}

/// What stops a collection wins over what makes it incomplete: nothing would be read at all.
pub(super) fn status(probes: &[Probe]) -> Status {
    let outcomes = || probes.iter().flat_map(|probe| &probe.checks).map(|check| check.outcome);
    if outcomes().any(|outcome| outcome == CheckOutcome::Wrong) {
        Status::Usage
    } else if outcomes().any(|outcome| matches!(outcome, CheckOutcome::Unreadable(_))) {
        Status::Incomplete
    } else {
        Status::Clean
    }
}
