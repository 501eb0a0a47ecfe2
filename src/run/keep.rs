//! The store that the config asks for, what goes into it, and snapshots as files beside it.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Shell, explain};
use crate::config::{Config, StoreConfig};
use crate::error::Error;
use crate::model::Instant;
use crate::snapshot::Snapshot;
use crate::store::{BucketPlace, Place, Store};

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

/// Adds a fresh snapshot to the store and returns its place there. `kept_at` is where it has been written to already.
///
/// # Errors
/// When it can't be added. It is not lost then: it is written to the working folder, unless it is kept elsewhere already. When
/// that fails as well, that is said.
pub(crate) fn keep(shell: &Shell, store: &Store, snapshot: &Snapshot, kept_at: Option<&Path>) -> Result<String, Error> {
    match store.add(snapshot) {
        Ok(place) => {
            // What is left of others is in nobody's way; it goes when it can.
            let _ = store.clean();
            Ok(place)
        }
        Err(error) => {
            let path: PathBuf = kept_at.map_or_else(|| default_name(snapshot.ended_at()), Path::to_owned);
            if kept_at.is_none()
                && let Err(neither) = write_atomically(&path, snapshot.bytes())
            {
                // The store is what was asked for, so its error is the one to end with.
                shell.say(&format!("The snapshot could not be stored, and is lost: {}", explain(&neither, false)));
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

/// Writes beside the place and moves it there, so that a reader sees the old file, the new one, or none.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(parent)?;
        let mut file = tempfile::NamedTempFile::new_in(parent)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    };
    write().map_err(|e| Error::io("write", path, e))
}
