//! The store that the config names, and how a fresh snapshot is added to it.

use std::path::{Path, PathBuf};

use super::files::write_atomically;
use super::shell::Shell;
use crate::config::{Config, StoreConfig};
use crate::error::Error;
use crate::evidence::stored::LockView;
use crate::model::Instant;
use crate::snapshot::Snapshot;
use crate::store::{BucketPlace, Lock, Place, Store};

/// Where the store is; none when the config has no `[store]`.
///
/// # Errors
/// When it is in S3, and `--offline` forbids the network.
pub(crate) fn place(shell: &Shell, config: &Config) -> Result<Option<Place>, Error> {
    let bucket = match &config.store {
        None => return Ok(None),
        Some(StoreConfig::Directory(folder)) => return Ok(Some(Place::Folder(shell.base().join(folder)))),
        Some(StoreConfig::S3(bucket)) => bucket,
    };
    // The role of [aws] only reads; whoever may assume it may also keep the store, unless the config says otherwise.
    let aws = config.aws.as_ref();
    let place = Place::Bucket(BucketPlace {
        location: bucket.location.clone(),
        region: bucket.region.clone(),
        near: aws.and_then(|aws| aws.region.clone()),
        profile: bucket.profile.clone().or_else(|| aws.and_then(|aws| aws.profile.clone())),
        role_arn: bucket.role_arn.clone(),
    });
    if shell.offline {
        return Err(Error::Usage {
            message: format!("--offline forbids the network, and the store is {place}"),
            hint: "leave --offline out; a pack that was made for a period is made again from itself, without the store"
                .to_owned(),
        });
    }
    Ok(Some(place))
}

/// The store, ready to be written to; none when the config has no `[store]`.
///
/// # Errors
/// When it can't be written to: before anything is collected for it, since a collection can take an hour.
pub(crate) fn open(shell: &Shell, config: &Config) -> Result<Option<Store>, Error> {
    place(shell, config)?.map(|place| Store::create(&place)).transpose()
}

/// Adds a fresh snapshot to the store and returns its place there. `saved_at` is where it has been written to already.
///
/// # Errors
/// When it can't be added. It is not lost then: it is written to the working folder, unless it is kept elsewhere already. When
/// that fails as well, that is said.
pub(crate) fn add(shell: &Shell, store: &Store, snapshot: &Snapshot, saved_at: Option<&Path>) -> Result<String, Error> {
    match store.add(snapshot) {
        Ok(place) => {
            // What is left of others is in nobody's way; it goes when it can.
            let _ = store.clean();
            Ok(place)
        }
        Err(error) => {
            let path: PathBuf = saved_at.map_or_else(|| default_name(snapshot.ended_at()), Path::to_owned);
            if saved_at.is_none()
                && let Err(neither) = write_atomically(&path, snapshot.bytes())
            {
                // The store is what was asked for, so its error is the one to end with.
                shell.say(&format!("The snapshot could not be stored, and is lost: {}", neither.render(false)));
                return Err(error);
            }
            shell.say(&format!(
                "The snapshot could not be stored; it is at {}, for `overstay store add`",
                path.display()
            ));
            Err(error)
        }
    }
}

/// What a snapshot is called that was given no name.
pub(crate) fn default_name(ended_at: Instant) -> PathBuf {
    PathBuf::from(format!("overstay-{}.snapshot.json.zst", ended_at.to_string().replace([':', '-'], "")))
}

/// How a bucket locks what is put into it.
pub(crate) fn lock_view(lock: Lock) -> LockView {
    match lock {
        Lock::Default { mode, days, years } => LockView { mode: Some(mode), days, years, ..LockView::new("locked") },
        Lock::NoDefault => LockView::new("no_default"),
        Lock::Off => LockView::new("off"),
        Lock::Unknown(reason) => LockView { reason: Some(reason), ..LockView::new("unknown") },
    }
}
