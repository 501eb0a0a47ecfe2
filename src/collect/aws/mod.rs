//! AWS: IAM Identity Center's directory and assignments, and the organization around them.
//!
//! Three branches run side by side and wait for nothing of each other: the organization, the identity store, and permission sets with
//! their assignments. Each keeps what it read and records what it could not.

mod call;
mod closing;
mod cloudtrail;
mod convert;
mod cross_check;
mod error;
mod identity_store;
mod instance;
mod operation;
mod organizations;
mod paged;
mod permission_set;
mod probe;
mod session;
mod sso_admin;
mod sso_lists;
mod trail;

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{Batch, BoxFuture, CollectCx, Collector, Facts, Probe};
use crate::config::{AwsConfig, CloudTrail, Enumeration};
use crate::error::Error;
use crate::model::coverage::InputFile;
use crate::model::facts::Recount;
use crate::model::id::AccountId;
use crate::model::{AwsFacts, EventLog, Fact, Gap, GapKind, Instance, Instant, Known, Plane, SourceRecord};

pub use operation::{OPERATIONS, Operation, iam_policy};

use crate::collect::calls::{CallError, Gaps, RetryPolicy};
use identity_store::Directory;
use operation::{GET_CALLER_IDENTITY, LIST_INSTANCES};
use organizations::Organization;
use session::{Caller, Client};
use sso_admin::{Access, Plan};

/// Reads AWS.
#[derive(Debug)]
pub struct AwsCollector {
    config: AwsConfig,
    policy: RetryPolicy,
}

impl AwsCollector {
    /// Reads what `config` asks for.
    pub fn new(config: AwsConfig) -> Self {
        Self { config, policy: RetryPolicy::default() }
    }

    /// The facts asked for.
    fn asked(&self) -> Vec<Fact> {
        let permission_sets = self.reads_permission_sets();
        operation::ALL
            .iter()
            .copied()
            .filter(|fact| match fact {
                Fact::PermissionSets | Fact::Boundaries | Fact::Assignments => permission_sets,
                Fact::Provisioning => permission_sets && self.config.enumeration == Enumeration::Provisioned,
                _ => true,
            })
            .chain(self.reads_events().then_some(Fact::CloudTrail))
            .collect()
    }

    fn looks_up_events(&self) -> bool {
        matches!(self.config.cloudtrail, CloudTrail::Lookup)
    }

    /// Whether events are this collector's to read, from wherever.
    fn reads_events(&self) -> bool {
        matches!(self.config.cloudtrail, CloudTrail::Lookup | CloudTrail::Bucket(_))
    }

    fn reads_permission_sets(&self) -> bool {
        self.config.planes.contains(&Plane::PermissionSet)
    }

    async fn read(&self, cx: &CollectCx) -> Result<Batch, Error> {
        let started_at = cx.clock.now();
        cx.progress.phase("signing in to AWS");
        let client = Client::connect(&self.config, self.policy, cx).await?;
        let mut run = Run {
            asked: self.asked(),
            started_at,
            notes: Vec::new(),
            gaps: Gaps::default(),
            of_trail: Vec::new(),
            files: Vec::new(),
            events: Vec::new(),
        };

        cx.progress.plan(1);
        let caller = match client.caller().await {
            Ok(caller) => Ok(caller),
            // Without credentials nothing can be read; anything else costs only the caller's name.
            Err(error) if error.kind == GapKind::Credentials => {
                run.lost(&GET_CALLER_IDENTITY, &error);
                return Ok(run.batch(&client, cx, None, None));
            }
            Err(error) => Err(error.reason),
        };
        cx.progress.phase("looking for the Identity Center instance");
        let instance = match instance::find(&client, &mut run.notes).await {
            Ok(instance) => instance,
            Err(error) => {
                run.lost(&LIST_INSTANCES, &error);
                return Ok(run.batch(&client, cx, caller.as_ref().ok(), None));
            }
        };
        let client = if instance.region == client.region() {
            client
        } else {
            run.notes.push(format!(
                "the instance's primary Region is {}, not {}; it was read there",
                instance.region,
                client.region()
            ));
            client.in_region(&instance.region)
        };
        let client = Arc::new(client);
        let facts = self.facts(&client, instance, &caller, &mut run).await;
        cx.progress.phase("AWS is read");
        Ok(run.batch(&client, cx, caller.as_ref().ok(), Some(facts)))
    }

    async fn facts(
        &self,
        client: &Arc<Client>,
        instance: Instance,
        caller: &Result<Caller, String>,
        run: &mut Run,
    ) -> AwsFacts {
        let progress = client.calls.progress().clone();
        progress.phase("reading accounts, directory and assignments");
        let (told, listed) = oneshot::channel();
        let plan = match self.config.enumeration {
            Enumeration::Provisioned => Plan::Provisioned,
            Enumeration::Exhaustive => Plan::Exhaustive(listed),
        };
        let (organization, mut directory, access, events) = tokio::join!(
            organizations::read(client, |accounts| {
                // Nobody listens when assignments are enumerated by deployment.
                let _unheard = told.send(accounts);
            }),
            identity_store::read(client, &instance.identity_store),
            async {
                if self.reads_permission_sets() {
                    Some(sso_admin::read(client, &instance.arn, plan).await)
                } else {
                    None
                }
            },
            async { if self.looks_up_events() { Some(cloudtrail::read(client, run.started_at).await) } else { None } }
        );
        if let Some(mut looked) = events {
            run.gaps.extend(looked.gaps);
            run.notes.append(&mut looked.notes);
            run.events.push(looked.log);
        }

        if let CloudTrail::Bucket(bucket) = &self.config.cloudtrail {
            let home = trail::Home {
                owner: instance.owner_account.value().or(organization.management.value()),
                delegated: organization.delegated.value().map(Vec::as_slice),
                region: &instance.region,
            };
            let read = trail::read(client, bucket, home, run.started_at).await;
            run.gaps.extend(read.gaps);
            run.of_trail.extend(read.more);
            run.notes.extend(read.notes);
            run.files.extend(read.file);
            run.events.push(read.log);
        }

        progress.phase("looking up principals that no listing has");
        let assignments = access.as_ref().map_or(&[][..], |access| &access.assignments);
        let store = &instance.identity_store;
        let lookups = closing::look_up(client, store, assignments, &mut directory, &mut run.gaps).await;
        let cross_check = match &access {
            Some(access) if self.config.enumeration == Enumeration::Exhaustive => {
                progress.phase("listing assignments a second way");
                cross_check::run(client, &instance.arn, &directory, access).await
            }
            _ => Known::Absent,
        };
        progress.phase("counting again");
        let recount = closing::recount(client, &instance, &directory, access.as_ref()).await;
        let facts = AwsFacts {
            caller: match caller {
                Ok(caller) => Known::Value(format!("{} {}", caller.account, caller.arn)),
                Err(reason) => Known::Unknown(reason.clone()),
            },
            lookups,
            recount,
            cross_check,
            planes: self.config.planes.clone(),
            ..empty(instance)
        };
        run.assemble(facts, organization, directory, access)
    }
}

impl Collector for AwsCollector {
    fn source(&self) -> String {
        "aws".to_owned()
    }

    fn collect<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Result<Batch, Error>> {
        Box::pin(self.read(cx))
    }

    fn probe<'a>(&'a self, cx: &'a CollectCx) -> BoxFuture<'a, Probe> {
        Box::pin(self.look(cx))
    }
}

fn empty(instance: Instance) -> AwsFacts {
    fn not_read<T>() -> Known<T> {
        Known::Unknown("not read".to_owned())
    }
    AwsFacts {
        instance,
        caller: not_read(),
        management_account: not_read(),
        delegated_admins: not_read(),
        accounts: Vec::new(),
        users: Vec::new(),
        groups: Vec::new(),
        memberships: Vec::new(),
        permission_sets: Vec::new(),
        provisioned: Vec::new(),
        assignments: Vec::new(),
        lookups: Vec::new(),
        recount: Recount { users: not_read(), groups: not_read(), permission_sets: not_read() },
        cross_check: Known::Absent,
        planes: Vec::new(),
    }
}

/// What one run records beside its facts.
struct Run {
    asked: Vec<Fact>,
    started_at: Instant,
    notes: Vec<String>,
    gaps: Gaps,
    /// What the files of a trail's bucket lack.
    of_trail: Vec<Gap>,
    files: Vec<InputFile>,
    events: Vec<EventLog>,
}

impl Run {
    /// Everything asked for is lost.
    fn lost(&mut self, operation: &Operation, error: &CallError) {
        for fact in &self.asked {
            self.gaps.add_fact(*fact, operation, "", error);
        }
    }

    fn assemble(
        &mut self,
        facts: AwsFacts,
        organization: Organization,
        mut directory: Directory,
        access: Option<Access>,
    ) -> AwsFacts {
        self.gaps.extend(organization.gaps);
        self.gaps.extend(directory.gaps);
        self.notes.append(&mut directory.notes);
        let key = |membership: &crate::model::Membership| (membership.group.clone(), membership.user.clone());
        let mut memberships = directory.memberships;
        memberships.sort_by(|a, b| (&a.group, &a.user, &a.created_at).cmp(&(&b.group, &b.user, &b.created_at)));
        memberships.dedup_by_key(|membership| key(membership));
        let mut facts = AwsFacts {
            management_account: organization.management,
            delegated_admins: organization.delegated,
            accounts: organization.accounts,
            users: directory.users.into_values().collect(),
            groups: directory.groups.into_values().collect(),
            memberships,
            ..facts
        };
        if let Some(mut access) = access {
            self.gaps.extend(access.gaps);
            self.notes.append(&mut access.notes);
            facts.permission_sets = access.permission_sets;
            facts.provisioned = access.provisioned;
            facts.assignments = access.assignments;
        }
        facts
    }

    fn batch(self, client: &Client, cx: &CollectCx, caller: Option<&Caller>, facts: Option<AwsFacts>) -> Batch {
        let mut gaps = self.gaps.into_vec(&self.asked);
        gaps.extend(self.of_trail);
        gaps.sort();
        if let (Some(caller), Some(facts)) = (caller, &facts) {
            point_to_the_right_account(&mut gaps, caller, facts);
        }
        let mut notes = self.notes;
        notes.sort();
        Batch {
            record: SourceRecord {
                source: "aws".to_owned(),
                kind: "IAM Identity Center".to_owned(),
                started_at: self.started_at,
                ended_at: cx.clock.now(),
                asked: self.asked,
                operations: client.calls.records(),
                files: self.files,
                gaps,
                not_offered: Vec::new(),
                notes,
            },
            facts: Facts::Aws(facts.map(Box::new)),
            events: self.events,
        }
    }
}

/// A member account is denied whatever its policy says; the hint must not send anyone to that policy.
fn point_to_the_right_account(gaps: &mut [Gap], caller: &Caller, facts: &AwsFacts) {
    let management: Option<&AccountId> = facts.management_account.value().or(facts.instance.owner_account.value());
    let delegated = facts.delegated_admins.value().map(Vec::as_slice);
    // Whose bucket it is has nothing to do with who administers Identity Center.
    let of_aws = |gap: &&mut Gap| gap.kind == GapKind::Denied && !gap.at.starts_with("s3:");
    for gap in gaps.iter_mut().filter(of_aws) {
        if let Some(hint) = right_account(caller, management, delegated, &gap.hint) {
            gap.hint = hint;
        }
    }
}

/// What to tell a member account that was denied instead of `hint`; nothing if the caller is in the right account.
fn right_account(
    caller: &Caller,
    management: Option<&AccountId>,
    delegated: Option<&[AccountId]>,
    hint: &str,
) -> Option<String> {
    let management = management?;
    let is_delegated = delegated.unwrap_or_default().iter().any(|account| account.as_str() == caller.account);
    if caller.account == management.as_str() || is_delegated {
        return None;
    }
    Some(format!(
        "run it from the management account {management} or from the delegated administrator for Identity Center; \
         {} is a member account{}",
        caller.account,
        // A delegated administrator may be kept from seeing that it is one.
        if delegated.is_none() { format!(", unless it is that administrator: then {hint}") } else { String::new() }
    ))
}
