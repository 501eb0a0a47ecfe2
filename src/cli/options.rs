//! From the clap types to the options that the commands take.

use std::path::PathBuf;

use super::{CheckProfile, Discover, DoctorMode, OutputFormat, StoreCommand};
use crate::evidence::check::Profile;
use crate::run::doctor::Show;
use crate::run::init;
use crate::run::store::Task;
use crate::run::verify::Against;
use crate::workflow::Format;

impl From<OutputFormat> for Format {
    fn from(format: OutputFormat) -> Self {
        match format {
            OutputFormat::Text => Self::Text,
            OutputFormat::Json => Self::Json,
        }
    }
}

impl From<CheckProfile> for Profile {
    fn from(profile: CheckProfile) -> Self {
        match profile {
            CheckProfile::Internal => Self::Internal,
            CheckProfile::Aggregate => Self::Aggregate,
        }
    }
}

impl From<StoreCommand> for Task {
    fn from(command: StoreCommand) -> Self {
        match command {
            StoreCommand::List { format } => Self::List { format: format.into() },
            StoreCommand::Status { max_age, look_back, format } => {
                Self::Status { max_age, look_back, format: format.into() }
            }
            StoreCommand::Add { files } => Self::Add { files },
            StoreCommand::Import { file } => Self::Import { file },
            StoreCommand::Release { run_id, yes } => Self::Release { run_id, yes },
            StoreCommand::Prune { older_than, yes } => Self::Prune { older_than, yes },
        }
    }
}

impl From<Discover> for Option<init::Discover> {
    fn from(options: Discover) -> Self {
        let Discover { discover, region, organization, users, groups, members, roster, time_zone } = options;
        discover.then_some(init::Discover { region, organization, users, groups, members, roster, time_zone })
    }
}

/// `--store` without a folder means the store of the config.
impl From<Option<PathBuf>> for Against {
    fn from(folder: Option<PathBuf>) -> Self {
        folder.map_or(Self::Config, Self::Folder)
    }
}

impl From<DoctorMode> for Show {
    fn from(mode: DoctorMode) -> Self {
        match mode {
            DoctorMode { policy: true, .. } => Self::Policy,
            DoctorMode { scopes: true, .. } => Self::Scopes,
            DoctorMode { .. } => Self::Reach,
        }
    }
}
