//! One cheap call for each operation that a collection would make: what AWS lets us read, before reading it.

use jiff::SignedDuration;

use super::convert::{id, tail, text};
use super::operation::{
    DESCRIBE_GROUP, DESCRIBE_ORGANIZATION, DESCRIBE_PERMISSION_SET, DESCRIBE_UNIT, DESCRIBE_USER, GET_BOUNDARY,
    GET_CALLER_IDENTITY, GET_INLINE_POLICY, GET_OBJECT, LIST_ACCOUNTS, LIST_ASSIGNMENTS,
    LIST_ASSIGNMENTS_FOR_PRINCIPAL, LIST_CUSTOMER_POLICIES, LIST_DELEGATED, LIST_GROUPS, LIST_INSTANCES,
    LIST_MANAGED_POLICIES, LIST_MEMBERSHIPS, LIST_OBJECTS, LIST_OUTDATED, LIST_PERMISSION_SETS, LIST_PROVISIONED,
    LIST_PUBLIC_KEYS, LIST_USERS, LOOKUP_EVENTS, Operation,
};
use super::organizations::{delegated_admins, management_account};
use super::session::{Caller, Client};
use super::{AwsCollector, right_account};
use super::{cloudtrail, instance, trail};
use crate::collect::calls::CallError;
use crate::collect::calls::{Pager, RawPage};
use crate::collect::{Check, CheckOutcome, CollectCx, Collector, Probe};
use crate::config::{AwsConfig, CloudTrail, Enumeration};
use crate::model::id::AccountId;
use crate::model::{Fact, GapKind, Instance, Known, Plane};

/// AWS refuses requests signed further from its own time than this.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// An empty page may have a next one; after so many, a list is taken for empty.
const EMPTY_PAGES: u32 = 5;

impl AwsCollector {
    /// Tries every operation that a collection would call, once.
    pub(super) async fn look(&self, cx: &CollectCx) -> Probe {
        let mut probe = Probe::new(self.source(), "IAM Identity Center", self.asked());
        for plane in Plane::ALL.iter().filter(|plane| !self.config.planes.contains(plane)) {
            let why = if Plane::BUILT.contains(plane) { "left out of aws.planes" } else { "not built yet" };
            probe.not_read.push(format!("{} ({plane}: {why})", plane.describe()));
        }
        cx.progress.phase("signing in to AWS");
        let client = match Client::connect(&self.config, self.policy, cx).await {
            Ok(client) => client,
            Err(error) => return probe.failed(&error),
        };
        let mut prober = Prober { config: &self.config, probe, caller: None };
        prober.run(client, cx).await;
        prober.probe
    }
}

/// What is being found out.
struct Prober<'a> {
    config: &'a AwsConfig,
    probe: Probe,
    caller: Option<Caller>,
}

/// What the organization told of itself.
#[derive(Default)]
struct Surroundings {
    management: Option<AccountId>,
    delegated: Option<Vec<AccountId>>,
    /// Any account, to ask about.
    account: Option<AccountId>,
}

impl Prober<'_> {
    async fn run(&mut self, client: Client, cx: &CollectCx) {
        client.calls.progress().plan(1);
        let caller = client.caller().await;
        let gone = matches!(&caller, Err(error) if error.kind == GapKind::Credentials);
        self.caller = self.note(&GET_CALLER_IDENTITY, caller);
        if let Some(caller) = &self.caller {
            self.probe.told.push(("caller", format!("{} {}", caller.account, caller.arn)));
        }
        self.clock(&client);
        if gone {
            self.lose_everything();
            return;
        }
        cx.progress.phase("trying what a collection would ask AWS");
        let found = instance::find(&client, &mut self.probe.notes).await;
        let around = self.organization(&client).await;
        if let Some(instance) = self.note(&LIST_INSTANCES, found) {
            self.told_instance(&instance, &client);
            let client = if instance.region == client.region() { client } else { client.in_region(&instance.region) };
            self.directory(&client, &instance).await;
            if self.config.planes.contains(&Plane::PermissionSet) {
                self.access(&client, &instance, &around).await;
            }
            match &self.config.cloudtrail {
                CloudTrail::Lookup => {
                    let answer = cloudtrail::probe(&client, cx.clock.now()).await;
                    self.note(&LOOKUP_EVENTS, answer);
                }
                CloudTrail::Bucket(bucket) => {
                    let (listed, read) = trail::probe(&client, bucket).await;
                    let listed = self.note(&LIST_OBJECTS, listed);
                    match read {
                        Some(read) => drop(self.note(&GET_OBJECT, read)),
                        None if listed.is_some() => self.not_tried(&GET_OBJECT, "no file of a trail among the first"),
                        None => self.not_tried(&GET_OBJECT, "no file could be listed"),
                    }
                    let keys = trail::probe_keys(&client, cx.clock.now()).await;
                    self.note_optional(
                        &LIST_PUBLIC_KEYS,
                        keys,
                        "digest files are read, and their signatures not verified",
                    );
                }
                CloudTrail::None | CloudTrail::Files(_) => {}
            }
            let owner = instance.owner_account.value();
            self.point_to_the_right_account(around.management.as_ref().or(owner), around.delegated.as_deref());
        } else {
            self.point_to_the_right_account(around.management.as_ref(), around.delegated.as_deref());
        }
    }

    /// Without credentials no other call is worth its time.
    fn lose_everything(&mut self) {
        let asked = self.probe.asked.clone();
        if let Some(check) = self.probe.checks.iter_mut().find(|check| check.what == GET_CALLER_IDENTITY.action()) {
            check.loses = asked;
        }
    }

    fn clock(&mut self, client: &Client) {
        let Some(ahead) = client.aws_clock.ahead() else { return };
        let seconds = ahead.as_secs();
        let told = match seconds {
            // The header tells whole seconds.
            -1..=1 => "as AWS's".to_owned(),
            _ => format!("{} {} AWS's", length(ahead), if seconds > 0 { "ahead of" } else { "behind" }),
        };
        self.probe.told.push(("clock", told.clone()));
        if ahead.abs() > SKEW {
            self.probe.checks.push(Check {
                outcome: CheckOutcome::Warning,
                detail: format!("this machine's clock is {told}"),
                hint: "set the clock: AWS refuses requests signed more than 5 minutes off, and the evidence bears its times"
                    .to_owned(),
                ..Check::fine("clock")
            });
        }
    }

    fn told_instance(&mut self, instance: &Instance, client: &Client) {
        let owner = match &instance.owner_account {
            Known::Value(owner) => format!(" of account {owner}"),
            Known::Absent | Known::Unknown(_) => String::new(),
        };
        self.probe.told.push(("instance", format!("{}{owner}", instance.arn)));
        self.probe.told.push(("primary Region", instance.region.clone()));
        self.probe.told.push(("identity store", instance.identity_store.to_string()));
        if instance.region != client.region() {
            self.probe.checks.push(Check {
                outcome: CheckOutcome::Warning,
                detail: format!(
                    "the instance's primary Region is {}, not {}; it is read there",
                    instance.region,
                    client.region()
                ),
                hint: format!("write region = \"{}\" under [aws]", instance.region),
                ..Check::fine("aws.region")
            });
        }
    }

    async fn organization(&mut self, client: &Client) -> Surroundings {
        let management = management_account(client).await;
        let management = self.note(&DESCRIBE_ORGANIZATION, management);
        if let Some(management) = &management {
            self.probe.told.push(("management account", management.to_string()));
        }
        let delegated = delegated_admins(client).await;
        let delegated = self.note(&LIST_DELEGATED, delegated);
        // A whole page: the first account is often the management account, which is in no unit to ask about.
        let fetch = |token: Option<String>| async move {
            client.calls.progress().plan(1);
            let send = || {
                let request = client.organizations.list_accounts();
                request.set_max_results(LIST_ACCOUNTS.page_size).set_next_token(token.clone()).send()
            };
            let read = |answer: aws_sdk_organizations::operation::list_accounts::ListAccountsOutput| {
                let accounts = answer.accounts.unwrap_or_default();
                (if accounts.is_empty() { Vec::new() } else { vec![accounts] }, answer.next_token)
            };
            client.calls.page(&LIST_ACCOUNTS, send, read).await
        };
        let accounts = first_of(&LIST_ACCOUNTS, fetch).await;
        let accounts = self.note(&LIST_ACCOUNTS, accounts).flatten().unwrap_or_default();
        let path = accounts.iter().flat_map(|account| account.paths()).flat_map(|path| path.split('/'));
        match path.into_iter().find(|part| part.starts_with("ou-")) {
            Some(unit) => {
                let request =
                    || client.organizations.describe_organizational_unit().organizational_unit_id(unit).send();
                let answer = client.calls.call(&DESCRIBE_UNIT, request).await;
                self.note(&DESCRIBE_UNIT, answer);
            }
            None => self.not_tried(&DESCRIBE_UNIT, "no account in an organizational unit"),
        }
        let account = accounts.iter().find_map(|account| id(account.id())).or_else(|| management.clone());
        Surroundings { management, delegated, account }
    }

    async fn directory(&mut self, client: &Client, instance: &Instance) {
        let store = instance.identity_store.as_str();
        let users = |token: Option<String>| async move {
            let send = || {
                let request = client.store.list_users().identity_store_id(store).max_results(1);
                request.set_next_token(token.clone()).send()
            };
            client.calls.page(&LIST_USERS, send, |answer| (answer.users, answer.next_token)).await
        };
        let user = first_of(&LIST_USERS, users).await;
        let user = self.note(&LIST_USERS, user).flatten();
        match user.as_ref().and_then(|user| text(Some(user.user_id()))) {
            Some(user) => {
                let send = || client.store.describe_user().identity_store_id(store).user_id(user).send();
                let answer = client.calls.call(&DESCRIBE_USER, send).await;
                self.note(&DESCRIBE_USER, answer);
            }
            None => self.not_tried(&DESCRIBE_USER, "no user to try it on"),
        }
        let groups = |token: Option<String>| async move {
            let send = || {
                let request = client.store.list_groups().identity_store_id(store).max_results(1);
                request.set_next_token(token.clone()).send()
            };
            client.calls.page(&LIST_GROUPS, send, |answer| (answer.groups, answer.next_token)).await
        };
        let group = first_of(&LIST_GROUPS, groups).await;
        let group = self.note(&LIST_GROUPS, group).flatten();
        let group = group.as_ref().and_then(|group| text(Some(group.group_id())));
        match group {
            Some(group) => {
                let send = || {
                    let request = client.store.list_group_memberships().identity_store_id(store);
                    request.group_id(group).max_results(1).send()
                };
                let answer = client.calls.call(&LIST_MEMBERSHIPS, send).await;
                self.note(&LIST_MEMBERSHIPS, answer);
                let send = || client.store.describe_group().identity_store_id(store).group_id(group).send();
                let answer = client.calls.call(&DESCRIBE_GROUP, send).await;
                self.note(&DESCRIBE_GROUP, answer);
            }
            None => {
                self.not_tried(&LIST_MEMBERSHIPS, "no group to try it on");
                self.not_tried(&DESCRIBE_GROUP, "no group to try it on");
            }
        }
        // Only the second enumeration asks by principal.
        if self.config.enumeration == Enumeration::Exhaustive && self.config.planes.contains(&Plane::PermissionSet) {
            let operation = &LIST_ASSIGNMENTS_FOR_PRINCIPAL;
            let user = user.as_ref().and_then(|user| text(Some(user.user_id()))).map(|user| ("USER", user));
            match user.or(group.map(|group| ("GROUP", group))) {
                Some((kind, principal)) => {
                    let send = || {
                        let request = client.sso.list_account_assignments_for_principal().max_results(1);
                        let request = request.instance_arn(instance.arn.as_str()).principal_id(principal);
                        request.principal_type(kind.into()).send()
                    };
                    let answer = client.calls.call(operation, send).await;
                    self.note(operation, answer);
                }
                None => self.not_tried(operation, "no user or group to try it on"),
            }
        }
    }

    async fn access(&mut self, client: &Client, instance: &Instance, around: &Surroundings) {
        let arn = instance.arn.as_str();
        let sets = |token: Option<String>| async move {
            let send = || {
                let request = client.sso.list_permission_sets().instance_arn(arn).max_results(1);
                request.set_next_token(token.clone()).send()
            };
            let calls = &client.calls;
            calls
                .page(&LIST_PERMISSION_SETS, send, |answer| {
                    (answer.permission_sets.unwrap_or_default(), answer.next_token)
                })
                .await
        };
        let set = first_of(&LIST_PERMISSION_SETS, sets).await;
        let Some(set) = self.note(&LIST_PERMISSION_SETS, set).flatten() else {
            for operation in self.of_a_set() {
                self.not_tried(&operation, "no permission set to try it on");
            }
            return;
        };
        let (sso, calls) = (&client.sso, &client.calls);
        let answer = calls
            .call(&DESCRIBE_PERMISSION_SET, || {
                sso.describe_permission_set().instance_arn(arn).permission_set_arn(&set).send()
            })
            .await;
        self.note(&DESCRIBE_PERMISSION_SET, answer);
        let answer = calls
            .call(&LIST_MANAGED_POLICIES, || {
                let request = sso.list_managed_policies_in_permission_set().max_results(1);
                request.instance_arn(arn).permission_set_arn(&set).send()
            })
            .await;
        self.note(&LIST_MANAGED_POLICIES, answer);
        let answer = calls
            .call(&LIST_CUSTOMER_POLICIES, || {
                let request = sso.list_customer_managed_policy_references_in_permission_set().max_results(1);
                request.instance_arn(arn).permission_set_arn(&set).send()
            })
            .await;
        self.note(&LIST_CUSTOMER_POLICIES, answer);
        let answer = calls
            .call(&GET_INLINE_POLICY, || {
                sso.get_inline_policy_for_permission_set().instance_arn(arn).permission_set_arn(&set).send()
            })
            .await;
        self.note(&GET_INLINE_POLICY, answer);
        let answer = calls
            .call(&GET_BOUNDARY, || {
                sso.get_permissions_boundary_for_permission_set().instance_arn(arn).permission_set_arn(&set).send()
            })
            .await;
        self.note(&GET_BOUNDARY, answer);
        let mut account = None;
        if self.config.enumeration == Enumeration::Provisioned {
            let status = aws_sdk_ssoadmin::types::ProvisioningStatus::LatestPermissionSetNotProvisioned;
            for (operation, status) in [(&LIST_PROVISIONED, None), (&LIST_OUTDATED, Some(status))] {
                let answer = calls
                    .call(operation, || {
                        let request = sso.list_accounts_for_provisioned_permission_set().max_results(1);
                        let request = request.instance_arn(arn).permission_set_arn(&set);
                        request.set_provisioning_status(status.clone()).send()
                    })
                    .await;
                let there = self.note(operation, answer).and_then(|answer| answer.account_ids().first().cloned());
                account = account.or(there);
            }
        }
        match account.or_else(|| around.account.as_ref().map(ToString::to_string)) {
            Some(account) => {
                let send = || {
                    let request = sso.list_account_assignments().instance_arn(arn).max_results(1);
                    request.permission_set_arn(&set).account_id(&account).send()
                };
                let answer = calls.call(&LIST_ASSIGNMENTS, send).await;
                self.note(&LIST_ASSIGNMENTS, answer);
            }
            None => {
                self.not_tried(&LIST_ASSIGNMENTS, &format!("{} is on no account that could be asked about", tail(&set)))
            }
        }
    }

    /// What is asked about each permission set.
    fn of_a_set(&self) -> Vec<Operation> {
        let mut operations = vec![
            DESCRIBE_PERMISSION_SET,
            LIST_MANAGED_POLICIES,
            LIST_CUSTOMER_POLICIES,
            GET_INLINE_POLICY,
            GET_BOUNDARY,
        ];
        if self.config.enumeration == Enumeration::Provisioned {
            operations.extend([LIST_PROVISIONED, LIST_OUTDATED]);
        }
        operations.push(LIST_ASSIGNMENTS);
        operations
    }

    /// Notes what came of a call and gives the answer on.
    fn note<T>(&mut self, operation: &Operation, result: Result<T, CallError>) -> Option<T> {
        let what = name(operation);
        match result {
            Ok(answer) => {
                self.probe.checks.push(Check::fine(what));
                Some(answer)
            }
            Err(error) if error.is_not_found() && operation.absence_answers => {
                self.probe.checks.push(Check::fine(what));
                None
            }
            Err(error) => {
                let asked = &self.probe.asked;
                let loses: Vec<Fact> = operation.loses.iter().copied().filter(|fact| asked.contains(fact)).collect();
                self.probe.checks.push(Check {
                    what,
                    outcome: CheckOutcome::Unreadable(error.kind),
                    detail: error.reason,
                    hint: error.hint,
                    loses,
                });
                None
            }
        }
    }

    /// Notes what came of a call that a collection does without.
    fn note_optional(&mut self, operation: &Operation, result: Result<(), CallError>, without: &str) {
        let check = Check::fine(name(operation));
        self.probe.checks.push(match result {
            Ok(()) => check,
            Err(error) => Check {
                outcome: CheckOutcome::Warning,
                detail: format!("{}: {without}", error.reason),
                hint: error.hint,
                ..check
            },
        });
    }

    fn not_tried(&mut self, operation: &Operation, why: &str) {
        self.probe.checks.push(Check::not_tried(name(operation), why));
    }

    fn point_to_the_right_account(&mut self, management: Option<&AccountId>, delegated: Option<&[AccountId]>) {
        let Some(caller) = &self.caller else { return };
        for check in &mut self.probe.checks {
            if check.outcome == CheckOutcome::Unreadable(GapKind::Denied)
                && !check.what.starts_with("s3:")
                && let Some(hint) = right_account(caller, management, delegated, &check.hint)
            {
                check.hint = hint;
            }
        }
    }
}

/// How a check calls an operation: by the IAM action that allows it.
fn name(operation: &Operation) -> String {
    let action = operation.action();
    if *operation == LIST_OUTDATED { format!("{action} (outdated ones)") } else { action }
}

/// The first item of a list, which may be behind empty pages.
async fn first_of<T, F>(operation: &Operation, fetch: impl Fn(Option<String>) -> F) -> Result<Option<T>, CallError>
where
    F: Future<Output = Result<RawPage<T>, CallError>>,
{
    let mut pager = Pager::default();
    for _ in 0..EMPTY_PAGES {
        let answer = fetch(pager.token()).await;
        let page = pager.accept(operation, answer);
        if let Some(item) = page.items.into_iter().next() {
            return Ok(Some(item));
        }
        match page.rest? {
            Some(next) => pager = next,
            None => return Ok(None),
        }
    }
    Ok(None)
}

/// `7 minutes`, `2 hours 5 minutes`.
fn length(duration: SignedDuration) -> String {
    let plural = |count: i64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    let seconds = duration.abs().as_secs();
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => plural(seconds, "second"),
        (0, minutes) => plural(minutes, "minute"),
        (hours, 0) => plural(hours, "hour"),
        (hours, minutes) => format!("{} {}", plural(hours, "hour"), plural(minutes, "minute")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_in_the_largest_units() {
        for (seconds, told) in [(2, "2 seconds"), (-61, "1 minute"), (3_600, "1 hour"), (7_500, "2 hours 5 minutes")] {
            assert_eq!(length(SignedDuration::from_secs(seconds)), told);
        }
    }

    #[test]
    fn two_questions_of_one_operation_can_be_told_apart() {
        assert_ne!(name(&LIST_PROVISIONED), name(&LIST_OUTDATED));
    }
}
