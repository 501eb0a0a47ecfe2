//! Whose files are read: the events that count are recorded in the account that Identity Center belongs to, in its Region, and
//! what its delegated administrators do in theirs.

use std::collections::BTreeSet;

use super::super::operation::LIST_OBJECTS;
use super::super::session::Client;
use super::layout::{DIGESTS, RECORDS, Root, root};
use super::place::Place;
use crate::collect::calls::{CallError, Gaps};
use crate::collect::cloudtrail::name::{is_account, is_organization};
use crate::collect::cloudtrail::reading::gap;
use crate::config::TrailBucket;
use crate::model::id::AccountId;
use crate::model::{Fact, Gap, GapKind};

/// Where Identity Center is.
#[derive(Debug, Clone, Copy)]
pub(in crate::collect::aws) struct Home<'a> {
    /// The account it belongs to.
    pub(in crate::collect::aws) owner: Option<&'a AccountId>,
    /// Its delegated administrators; none where they are not known.
    pub(in crate::collect::aws) delegated: Option<&'a [AccountId]>,
    /// Its Region.
    pub(in crate::collect::aws) region: &'a str,
}

/// The files of one account in one Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) account: String,
    pub(super) region: String,
    /// What keys of records begin with.
    pub(super) records: String,
    /// What keys of digests begin with; none where there is no such folder, or the prefix leaves it out.
    pub(super) digests: Option<String>,
}

/// What there is to read.
#[derive(Debug, Default)]
pub(super) struct Targets {
    pub(super) list: Vec<Target>,
    /// Without whose files silence says nothing; none where that is not known.
    pub(super) needed: Option<BTreeSet<String>>,
    /// Accounts that the bucket has and that are not read.
    pub(super) passed_over: usize,
    pub(super) gaps: Gaps,
    pub(super) more: Vec<Gap>,
    pub(super) notes: Vec<String>,
}

impl Targets {
    /// Whether an account's files in the instance's Region are among those to read.
    pub(super) fn has(&self, account: &str, region: &str) -> bool {
        self.list.iter().any(|target| target.account == account && target.region == region)
    }
}

/// Looks for the files to read.
pub(super) async fn find(client: &Client, place: &Place, config: &TrailBucket, home: Home<'_>) -> Targets {
    let mut targets = Targets::default();
    let prefix = config.place.prefix();
    let root = match root(prefix) {
        Ok(root) => root,
        Err(other) => {
            let reason = format!("`{other}` is no folder of CloudTrail's records");
            targets.more.push(gap(GapKind::NotFound, config.place.to_string(), reason, LOOKED_FOR));
            return targets;
        }
    };
    let fixed = match &root {
        Root::Above => None,
        Root::Account(account) | Root::Records { account, .. } => Some(account.clone()),
    };
    let wanted = Wanted { config, home, fixed };
    targets.needed = wanted.accounts().filter(|_| home.delegated.is_some() || wanted.is_chosen());
    let found = match &root {
        Root::Above => targets.accounts(client, place, prefix).await,
        Root::Account(account) => vec![(account.clone(), prefix.to_owned())],
        Root::Records { account, region } => {
            targets.below(client, place, &wanted, account, region.as_deref()).await;
            Vec::new()
        }
    };
    let mut others = BTreeSet::new();
    for (account, folder) in found {
        if wanted.account(&account) {
            targets.account(client, place, &wanted, &account, &folder).await;
        } else {
            others.insert(account);
        }
    }
    targets.passed_over = others.len();
    targets.say_what_is_missing(&wanted);
    targets
}

const LOOKED_FOR: &str = "name the folder that has AWSLogs in it, or AWSLogs/ACCOUNT/CloudTrail/REGION as far as you like: \
                          cloudtrail = { s3 = \"s3://bucket/AWSLogs\" }";

/// Which of the files are wanted.
struct Wanted<'a> {
    config: &'a TrailBucket,
    home: Home<'a>,
    /// The account that the prefix names.
    fixed: Option<String>,
}

impl Wanted<'_> {
    fn account(&self, account: &str) -> bool {
        match (&self.config.accounts, &self.fixed) {
            (Some(patterns), _) => patterns.iter().any(|pattern| pattern.matches(account)),
            (None, Some(fixed)) => fixed == account,
            (None, None) => self.accounts().is_some_and(|accounts| accounts.contains(account)),
        }
    }

    /// Whether the operator said whose files count.
    fn is_chosen(&self) -> bool {
        self.config.accounts.is_some() || self.fixed.is_some()
    }

    fn region(&self, region: &str) -> bool {
        match &self.config.regions {
            Some(patterns) => patterns.iter().any(|pattern| pattern.matches(region)),
            None => region == self.home.region,
        }
    }

    /// The instance's account, and of its delegated administrators those that the operator did not leave out.
    fn accounts(&self) -> Option<BTreeSet<String>> {
        let owner = self.home.owner?.to_string();
        let chosen = |account: &&AccountId| match (&self.config.accounts, &self.fixed) {
            (Some(patterns), _) => patterns.iter().any(|pattern| pattern.matches(account.as_str())),
            (None, Some(fixed)) => fixed == account.as_str(),
            (None, None) => true,
        };
        let delegated = self.home.delegated.unwrap_or_default().iter().filter(chosen).map(ToString::to_string);
        Some(delegated.chain([owner]).collect())
    }
}

impl Targets {
    /// The folders of a folder; what can't be listed is a gap.
    async fn folders(&mut self, client: &Client, place: &Place, prefix: &str) -> Vec<String> {
        let listed = place.folders(client, prefix).await;
        listed.unwrap_or_else(|error| {
            self.lost(&place.shown(prefix), &error);
            Vec::new()
        })
    }

    fn lost(&mut self, at: &str, error: &CallError) {
        self.gaps.add(&LIST_OBJECTS, at, error);
    }

    /// Accounts with their folders, wherever the prefix ends above them.
    async fn accounts(&mut self, client: &Client, place: &Place, prefix: &str) -> Vec<(String, String)> {
        let mut folder = prefix.to_owned();
        let mut names = self.folders(client, place, &folder).await;
        if names.iter().any(|name| name == "AWSLogs") {
            folder.push_str("AWSLogs/");
            names = self.folders(client, place, &folder).await;
        }
        let mut found = Vec::new();
        for name in &names {
            if is_account(name) {
                found.push((name.clone(), format!("{folder}{name}/")));
            } else if is_organization(name) {
                let within = format!("{folder}{name}/");
                let accounts = self.folders(client, place, &within).await;
                let accounts = accounts.into_iter().filter(|account| is_account(account));
                found.extend(accounts.map(|account| (account.clone(), format!("{within}{account}/"))));
            }
        }
        if found.is_empty() && self.more.is_empty() && !self.gaps.lack(Fact::CloudTrail) {
            let there = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
            let reason = format!("neither AWSLogs nor the folder of an account is there, but {there}");
            self.more.push(gap(GapKind::NotFound, place.shown(&folder), reason, LOOKED_FOR));
        }
        found
    }

    /// The files of an account.
    async fn account(&mut self, client: &Client, place: &Place, wanted: &Wanted<'_>, account: &str, folder: &str) {
        let kinds = self.folders(client, place, folder).await;
        if !kinds.iter().any(|kind| kind == RECORDS) {
            return;
        }
        let has_digests = kinds.iter().any(|kind| kind == DIGESTS);
        let records = format!("{folder}{RECORDS}/");
        for region in self.folders(client, place, &records).await {
            if wanted.region(&region) {
                self.list.push(Target {
                    account: account.to_owned(),
                    records: format!("{records}{region}/"),
                    digests: has_digests.then(|| format!("{folder}{DIGESTS}/{region}/")),
                    region,
                });
            }
        }
    }

    /// The files below a prefix that ends within an account's records.
    async fn below(
        &mut self,
        client: &Client,
        place: &Place,
        wanted: &Wanted<'_>,
        account: &str,
        region: Option<&str>,
    ) {
        let prefix = wanted.config.place.prefix();
        let target = |region: &str, records: String| Target {
            account: account.to_owned(),
            region: region.to_owned(),
            records,
            digests: None,
        };
        match region {
            Some(region) => self.list.push(target(region, prefix.to_owned())),
            None => {
                for region in self.folders(client, place, prefix).await {
                    if wanted.region(&region) {
                        self.list.push(target(&region, format!("{prefix}{region}/")));
                    }
                }
            }
        }
        self.notes.push(format!(
            "{} leaves out the folder {DIGESTS} beside it, so that nothing shows whether files of the trail are missing",
            wanted.config.place
        ));
    }

    fn say_what_is_missing(&mut self, wanted: &Wanted<'_>) {
        let home = wanted.home;
        if self.gaps.lack(Fact::CloudTrail) || !self.more.is_empty() {
            return;
        }
        let at = wanted.config.place.to_string();
        let chosen = wanted.is_chosen();
        let Some(owner) = home.owner else {
            if !chosen {
                let reason = "it is not known which account Identity Center belongs to".to_owned();
                let hint =
                    "name the accounts whose files count: cloudtrail = { s3 = …, accounts = [\"123456789012\"] }";
                self.more.push(gap(GapKind::NotFound, at, reason, hint));
            }
            return;
        };
        if self.list.is_empty() || !chosen && !self.has(owner.as_str(), home.region) {
            let whose = if chosen { "any account asked for".to_owned() } else { format!("account {owner}") };
            let reason = format!(
                "no folder {RECORDS}/{} of {whose} is there, where events of Identity Center are recorded",
                home.region
            );
            let hint = "name the bucket of a trail that records the management account in that Region";
            self.more.push(gap(GapKind::NotFound, at, reason, hint));
            return;
        }
        if self.needed.is_none() {
            self.notes.push(
                "it is not known who administers Identity Center besides its own account, and whose files count: silence of the \
                 trail proves nothing, unless cloudtrail.covers states it or cloudtrail.accounts names the accounts"
                    .to_owned(),
            );
        }
        for account in self.needed.clone().unwrap_or_default() {
            if !self.has(&account, home.region) {
                self.notes.push(format!(
                    "account {account}, a delegated administrator, has no files in {} that were read: silence \
                     of the trail proves nothing, unless cloudtrail.covers states it or cloudtrail.accounts leaves the account out",
                    home.region
                ));
            }
        }
    }
}
