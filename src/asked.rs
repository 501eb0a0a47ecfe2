//! From what was typed to what the commands take.

use overstay::cli::{self, OutputFormat, StoreCommand};
use overstay::run::check::Format;
use overstay::run::doctor::Show;
use overstay::run::init::Discover;
use overstay::run::store::Task;

pub(crate) fn form(format: OutputFormat) -> Format {
    match format {
        OutputFormat::Text => Format::Text,
        OutputFormat::Json => Format::Json,
    }
}

pub(crate) fn task(command: StoreCommand) -> Task {
    match command {
        StoreCommand::List { format } => Task::List { format: form(format) },
        StoreCommand::Status { max_age, look_back, format } => {
            Task::Status { max_age, look_back, format: form(format) }
        }
        StoreCommand::Add { files } => Task::Add { files },
        StoreCommand::Import { file } => Task::Import { file },
        StoreCommand::Release { run_id, yes } => Task::Release { run_id, yes },
        StoreCommand::Prune { older_than, yes } => Task::Prune { older_than, yes },
    }
}

pub(crate) fn wanted(asked: cli::Discover) -> Option<Discover> {
    let cli::Discover { discover, region, organization, users, groups, members, roster, time_zone } = asked;
    discover.then_some(Discover { region, organization, users, groups, members, roster, time_zone })
}

/// What `doctor` is to show.
pub(crate) fn shown(policy: bool, scopes: bool) -> Show {
    match (policy, scopes) {
        (true, _) => Show::Policy,
        (false, true) => Show::Scopes,
        (false, false) => Show::Reach,
    }
}
