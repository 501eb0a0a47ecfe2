//! `overstay collect`: sources → a sealed snapshot.

use std::path::{Path, PathBuf};

use tokio::task::JoinSet;

use super::keep::{self, default_name, write_atomically};
use super::{Shell, check_terms, check_writable, unread};
use crate::collect::approvals::ApprovalsCsv;
use crate::collect::aws::AwsCollector;
use crate::collect::cloudtrail::TrailCollector;
use crate::collect::holidays::HolidaysCsv;
use crate::collect::hr::csv::HrCsv;
use crate::collect::idp::csv::CsvIdp;
use crate::collect::idp::entra::EntraIdp;
use crate::collect::idp::google::Google;
use crate::collect::idp::keycloak::Keycloak;
use crate::collect::idp::ldap::LdapIdp;
use crate::collect::idp::logs::WithLogs;
use crate::collect::idp::okta::Okta;
use crate::collect::idp::scim::Scim;
use crate::collect::links::LinksCsv;
use crate::collect::{CollectCx, Collector};
use crate::config::{CloudTrail, Config, IdpSource};
use crate::error::Error;
use crate::exit::Status;
use crate::snapshot::Snapshot;

/// The collectors that a config asks for.
pub(crate) fn collectors(config: &Config) -> Vec<Box<dyn Collector>> {
    let mut list: Vec<Box<dyn Collector>> = Vec::new();
    if let Some(aws) = &config.aws {
        list.push(Box::new(AwsCollector::new(aws.clone())));
        if let CloudTrail::Files(files) = &aws.cloudtrail {
            list.push(Box::new(TrailCollector::new(files.clone())));
        }
    }
    for idp in &config.idps {
        let collector: Box<dyn Collector> = match &idp.source {
            IdpSource::Csv(csv) => Box::new(CsvIdp::new(idp.name.clone(), csv.clone())),
            IdpSource::Entra(entra) => Box::new(EntraIdp::new(idp.name.clone(), entra.clone())),
            IdpSource::Google(google) => Box::new(Google::new(idp.name.clone(), google.clone())),
            IdpSource::Okta(okta) => Box::new(Okta::new(idp.name.clone(), okta.clone())),
            IdpSource::Scim(scim) => Box::new(Scim::new(idp.name.clone(), scim.clone())),
            IdpSource::Ldap(ldap) => Box::new(LdapIdp::new(idp.name.clone(), ldap.clone())),
            IdpSource::Keycloak(keycloak) => Box::new(Keycloak::new(idp.name.clone(), keycloak.clone())),
        };
        list.push(match &idp.logs {
            Some(logs) => Box::new(WithLogs::new(collector, logs.clone())),
            None => collector,
        });
    }
    if let Some(hr) = &config.hr {
        list.push(Box::new(HrCsv::new(hr.clone())));
    }
    if let Some(links) = &config.identities.links {
        list.push(Box::new(LinksCsv::new(links.clone())));
    }
    if let Some(approvals) = &config.approvals {
        list.push(Box::new(ApprovalsCsv::new(approvals.clone())));
    }
    if let Some(calendar) = &config.calendar
        && let Some(holidays) = &calendar.holidays
    {
        list.push(Box::new(HolidaysCsv::new(holidays.clone(), calendar.date_format.clone())));
    }
    list
}

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

/// Collects and writes the snapshot.
///
/// # Errors
/// As the config and the files demand.
pub async fn run(shell: &Shell, out: Option<PathBuf>, force: bool) -> Result<Status, Error> {
    let config = shell.load_config()?;
    if let Some(out) = out.as_deref() {
        refuse_existing(out, force)?;
    }
    let store = keep::open(shell, &config)?;
    if out.is_some() || store.is_none() {
        check_writable(out.as_deref().unwrap_or(Path::new("overstay.snapshot.json.zst")))?;
    }
    let snapshot = gather(shell, &config).await?;
    let file = match (out, &store) {
        (Some(out), _) => Some(out),
        (None, None) => Some(default_name(snapshot.ended_at())),
        (None, Some(_)) => None,
    };
    if let Some(file) = &file {
        refuse_existing(file, force)?;
        write_atomically(file, snapshot.bytes())?;
    }
    let stored = store.map(|store| keep::keep(shell, &store, &snapshot, file.as_deref())).transpose()?;
    shell.say_sources(&snapshot);
    for line in unread(&snapshot) {
        shell.say(&line);
    }
    shell.say(&format!(
        "{} snapshot, digest {}",
        if snapshot.is_complete() { "A complete" } else { "An incomplete" },
        snapshot.digest()
    ));
    if let Some(place) = file.map(|file| file.display().to_string()).or(stored) {
        Shell::print(&place)?;
    }
    Ok(if snapshot.is_complete() { Status::Clean } else { Status::Incomplete })
}

fn refuse_existing(path: &Path, force: bool) -> Result<(), Error> {
    if path.exists() && !force { Err(Error::OutputExists(path.to_owned())) } else { Ok(()) }
}
