//! The lists of sso-admin that the sweep works through, a page at a time.

use aws_sdk_ssoadmin::types;

use super::convert::id;
use super::operation::{LIST_ASSIGNMENTS, LIST_OUTDATED, Operation};
use super::session::Client;
use crate::collect::calls::CallError;
use crate::collect::calls::Page;
use crate::model::id::{AccountId, InstanceArn, PermissionSetArn};

/// One page of permission sets. `operation` is the first listing or the second count.
pub(super) async fn sets_page(
    client: &Client,
    operation: &Operation,
    instance: &InstanceArn,
    token: Option<String>,
) -> Result<Page<Option<PermissionSetArn>>, CallError> {
    let send = || {
        let request = client.sso.list_permission_sets().instance_arn(instance.as_str());
        request.set_max_results(operation.page_size).set_next_token(token.clone()).send()
    };
    client
        .calls
        .page(operation, send, |answer| {
            let sets = answer.permission_sets.unwrap_or_default();
            (sets.iter().map(|arn| id(Some(arn))).collect(), answer.next_token)
        })
        .await
}

/// One page of the accounts a permission set is deployed to. `operation` is the whole list or the outdated ones.
pub(super) async fn deployed_page(
    client: &Client,
    operation: &Operation,
    instance: &InstanceArn,
    set: &PermissionSetArn,
    token: Option<String>,
) -> Result<Page<Option<AccountId>>, CallError> {
    let status = (*operation == LIST_OUTDATED).then_some(types::ProvisioningStatus::LatestPermissionSetNotProvisioned);
    let send = || {
        let request = client.sso.list_accounts_for_provisioned_permission_set();
        request
            .instance_arn(instance.as_str())
            .permission_set_arn(set.as_str())
            .set_provisioning_status(status.clone())
            .set_max_results(operation.page_size)
            .set_next_token(token.clone())
            .send()
    };
    client
        .calls
        .page(operation, send, |answer| {
            let accounts = answer.account_ids.unwrap_or_default();
            (accounts.iter().map(|account| id(Some(account))).collect(), answer.next_token)
        })
        .await
}

/// One page of who has a permission set on an account.
pub(super) async fn assignments_page(
    client: &Client,
    instance: &InstanceArn,
    set: &PermissionSetArn,
    account: &AccountId,
    token: Option<String>,
) -> Result<Page<types::AccountAssignment>, CallError> {
    let operation = &LIST_ASSIGNMENTS;
    let send = || {
        let request = client.sso.list_account_assignments();
        request
            .instance_arn(instance.as_str())
            .permission_set_arn(set.as_str())
            .account_id(account.as_str())
            .set_max_results(operation.page_size)
            .set_next_token(token.clone())
            .send()
    };
    client
        .calls
        .page(operation, send, |answer| (answer.account_assignments.unwrap_or_default(), answer.next_token))
        .await
}
