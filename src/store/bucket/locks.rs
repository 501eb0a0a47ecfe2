//! Object Lock, and removing what it does not hold.

use std::collections::BTreeSet;

use aws_sdk_s3::types::{ObjectLockEnabled, ObjectLockLegalHoldStatus};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::action::{DELETE, LEGAL_HOLD, LOCK, RETENTION, VERSIONS};
use super::client::S3;
use super::error::{code, is_denied};
use crate::error::Error;
use crate::model::Instant;
use crate::store::files::{Hold, Lock};

/// What there is of a key.
#[derive(Debug, Default)]
struct Versions {
    /// The ids of what was put.
    objects: Vec<String>,
    /// The ids of marks that say it is deleted.
    markers: Vec<String>,
}

impl S3 {
    /// How the bucket locks what is put into it. What can't be seen is unknown, and no error.
    pub(super) async fn lock(&self) -> Lock {
        let told = self.ask(|s3| s3.get_object_lock_configuration().bucket(self.location.bucket()).send()).await;
        let config = match told {
            Ok(answer) => answer.object_lock_configuration,
            Err(error) if code(&error) == "ObjectLockConfigurationNotFoundError" => return Lock::Off,
            Err(error) => return Lock::Unknown(self.error(&LOCK, "", &error).to_string()),
        };
        let Some(config) = config.filter(|config| config.object_lock_enabled == Some(ObjectLockEnabled::Enabled))
        else {
            return Lock::Off;
        };
        let default = config.rule.and_then(|rule| rule.default_retention);
        let mode = default.as_ref().and_then(|default| default.mode.as_ref());
        match (&default, mode) {
            (Some(default), Some(mode)) => {
                let told = |time: Option<i32>| time.filter(|time| *time > 0);
                Lock::Default { mode: mode.as_str().to_owned(), days: told(default.days), years: told(default.years) }
            }
            _ => Lock::NoDefault,
        }
    }

    /// What forbids that a key is removed at `now`: what holds any version of it.
    pub(super) async fn hold(&self, key: &str, now: Instant) -> Result<Hold, Error> {
        let mut found = Hold::Free;
        for version in self.versions(key).await?.objects {
            let hold = match self.legal_hold(key, &version).await? {
                Hold::Free => self.retention(key, &version, now).await?,
                hold => hold,
            };
            if weight(&hold) > weight(&found) {
                found = hold;
            }
        }
        Ok(found)
    }

    async fn legal_hold(&self, key: &str, version: &str) -> Result<Hold, Error> {
        let told = self
            .ask(|s3| {
                let get = s3.get_object_legal_hold().bucket(self.location.bucket());
                get.key(self.location.key(key)).version_id(version).send()
            })
            .await;
        match told {
            Ok(answer) => {
                let status = answer.legal_hold.and_then(|hold| hold.status);
                Ok(if status == Some(ObjectLockLegalHoldStatus::On) { Hold::Legal } else { Hold::Free })
            }
            Err(error) if is_absent(&error) => Ok(Hold::Free),
            Err(error) if is_denied(&error) => Ok(Hold::Unknown(self.error(&LEGAL_HOLD, key, &error).to_string())),
            Err(error) => Err(self.error(&LEGAL_HOLD, key, &error)),
        }
    }

    async fn retention(&self, key: &str, version: &str, now: Instant) -> Result<Hold, Error> {
        let told = self
            .ask(|s3| {
                let get = s3.get_object_retention().bucket(self.location.bucket());
                get.key(self.location.key(key)).version_id(version).send()
            })
            .await;
        let retention = match told {
            Ok(answer) => answer.retention,
            Err(error) if is_absent(&error) => return Ok(Hold::Free),
            Err(error) if is_denied(&error) => {
                return Ok(Hold::Unknown(self.error(&RETENTION, key, &error).to_string()));
            }
            Err(error) => return Err(self.error(&RETENTION, key, &error)),
        };
        let Some(until) = retention.as_ref().and_then(|retention| retention.retain_until_date) else {
            return Ok(Hold::Free);
        };
        let until = Instant::from_epoch_seconds(until.secs())
            .ok_or_else(|| self.malformed(&RETENTION, key, "it is locked until a time that is not in the calendar"))?;
        let mode = retention.and_then(|retention| retention.mode).map(|mode| mode.as_str().to_owned());
        Ok(if until > now { Hold::Until(until, mode.unwrap_or_default()) } else { Hold::Free })
    }

    /// Removes all there is of a key, version by version: to delete without one only hides. Marks go last, so that nothing hidden
    /// comes to light meanwhile. Never goes round a lock.
    pub(super) async fn remove(&self, key: &str) -> Result<(), Error> {
        let Versions { objects, markers } = self.versions(key).await?;
        for version in objects.into_iter().chain(markers) {
            let removed = self.ask(|s3| {
                let delete = s3.delete_object().bucket(self.location.bucket());
                delete.key(self.location.key(key)).version_id(&version).send()
            });
            match removed.await {
                Ok(_) => {}
                Err(error) if matches!(code(&error), "NoSuchVersion" | "NoSuchKey") => {}
                Err(error) => return Err(self.error(&DELETE, key, &error)),
            }
        }
        Ok(())
    }

    /// What there is of a key. In a bucket that keeps no versions it is one, of the id `null`.
    async fn versions(&self, key: &str) -> Result<Versions, Error> {
        let full = self.location.key(key);
        let mut found = Versions::default();
        let (mut next_key, mut next_version) = (None, None);
        let mut seen = BTreeSet::new();
        loop {
            let listed = self.ask(|s3| {
                s3.list_object_versions()
                    .bucket(self.location.bucket())
                    .prefix(&full)
                    .set_key_marker(next_key.clone())
                    .set_version_id_marker(next_version.clone())
                    .send()
            });
            let page = listed.await.map_err(|error| self.error(&VERSIONS, key, &error))?;
            let ours = |of: Option<&str>| of == Some(full.as_str());
            let objects = page.versions().iter().filter(|one| ours(one.key()));
            found.objects.extend(objects.filter_map(|one| one.version_id().map(str::to_owned)));
            let markers = page.delete_markers().iter().filter(|one| ours(one.key()));
            found.markers.extend(markers.filter_map(|one| one.version_id().map(str::to_owned)));
            match page.is_truncated() {
                Some(false) => return Ok(found),
                Some(true) => {}
                None => return Err(self.malformed(&VERSIONS, key, "the list does not say whether it is whole")),
            }
            (next_key, next_version) = (page.next_key_marker, page.next_version_id_marker);
            if next_key.is_none() || !seen.insert((next_key.clone(), next_version.clone())) {
                return Err(self.malformed(&VERSIONS, key, "the list goes round, or ends before it is whole"));
            }
        }
    }
}

/// Whether a refusal says that there is no such lock, or nothing to lock any more.
fn is_absent<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    match code(error) {
        "NoSuchObjectLockConfiguration" | "NoSuchKey" | "NoSuchVersion" => true,
        // "Bucket is missing Object Lock Configuration".
        "InvalidRequest" => error.message().is_some_and(|message| message.to_lowercase().contains("lock")),
        _ => false,
    }
}

/// Which of two says more: what is known to hold wins over what is not known, and the longest time over shorter ones.
fn weight(hold: &Hold) -> (u8, Option<Instant>) {
    match hold {
        Hold::Free => (0, None),
        Hold::Unknown(_) => (1, None),
        Hold::Until(until, _) => (2, Some(*until)),
        Hold::Legal => (3, None),
    }
}
