//! The lists of sso-admin.

use aws_sdk_ssoadmin::types;

use super::convert::id;
use super::operation::{
    LIST_ASSIGNMENTS, LIST_ASSIGNMENTS_FOR_PRINCIPAL, LIST_CUSTOMER_POLICIES, LIST_INSTANCES, LIST_MANAGED_POLICIES,
    LIST_OUTDATED, Operation,
};
use super::paged::{PagedOperation, paged};
use super::session::Client;
use crate::model::Principal;
use crate::model::id::{AccountId, InstanceArn, PermissionSetArn};

/// The instances. `operation` is the search in all Regions or in the client's own.
pub(super) fn instances<'c>(
    client: &'c Client,
    operation: &'c Operation,
) -> impl PagedOperation<Item = types::InstanceMetadata> {
    let scope = (*operation == LIST_INSTANCES).then_some(types::RegionScope::AllRegions);
    paged(
        client,
        operation,
        move |size, token| {
            let request = client.sso.list_instances().set_region_scope(scope.clone());
            request.set_max_results(size).set_next_token(token).send()
        },
        |answer| (answer.instances.unwrap_or_default(), answer.next_token),
    )
}

/// The permission sets. `operation` is the first listing or the second count.
pub(super) fn permission_sets<'c>(
    client: &'c Client,
    operation: &'c Operation,
    instance: &'c InstanceArn,
) -> impl PagedOperation<Item = Option<PermissionSetArn>> {
    paged(
        client,
        operation,
        |size, token| {
            let request = client.sso.list_permission_sets().instance_arn(instance.as_str());
            request.set_max_results(size).set_next_token(token).send()
        },
        |answer| {
            let sets = answer.permission_sets.unwrap_or_default();
            (sets.iter().map(|arn| id(Some(arn))).collect(), answer.next_token)
        },
    )
}

/// The AWS managed policies of a permission set.
pub(super) fn managed_policies<'c>(
    client: &'c Client,
    instance: &'c InstanceArn,
    set: &'c PermissionSetArn,
) -> impl PagedOperation<Item = types::AttachedManagedPolicy> {
    paged(
        client,
        &LIST_MANAGED_POLICIES,
        |size, token| {
            let request = client.sso.list_managed_policies_in_permission_set();
            let request = request.instance_arn(instance.as_str()).permission_set_arn(set.as_str());
            request.set_max_results(size).set_next_token(token).send()
        },
        |answer| (answer.attached_managed_policies.unwrap_or_default(), answer.next_token),
    )
}

/// The customer managed policies of a permission set.
pub(super) fn customer_policies<'c>(
    client: &'c Client,
    instance: &'c InstanceArn,
    set: &'c PermissionSetArn,
) -> impl PagedOperation<Item = types::CustomerManagedPolicyReference> {
    paged(
        client,
        &LIST_CUSTOMER_POLICIES,
        |size, token| {
            let request = client.sso.list_customer_managed_policy_references_in_permission_set();
            let request = request.instance_arn(instance.as_str()).permission_set_arn(set.as_str());
            request.set_max_results(size).set_next_token(token).send()
        },
        |answer| (answer.customer_managed_policy_references.unwrap_or_default(), answer.next_token),
    )
}

/// The accounts a permission set is deployed to. `operation` is the whole list or the outdated ones.
pub(super) fn deployments<'c>(
    client: &'c Client,
    operation: &'c Operation,
    instance: &'c InstanceArn,
    set: &'c PermissionSetArn,
) -> impl PagedOperation<Item = Option<AccountId>> {
    let status = (*operation == LIST_OUTDATED).then_some(types::ProvisioningStatus::LatestPermissionSetNotProvisioned);
    paged(
        client,
        operation,
        move |size, token| {
            let request = client.sso.list_accounts_for_provisioned_permission_set();
            let request = request.instance_arn(instance.as_str()).permission_set_arn(set.as_str());
            request.set_provisioning_status(status.clone()).set_max_results(size).set_next_token(token).send()
        },
        |answer| {
            let accounts = answer.account_ids.unwrap_or_default();
            (accounts.iter().map(|account| id(Some(account))).collect(), answer.next_token)
        },
    )
}

/// The assignments of a permission set on an account.
pub(super) fn assignments<'c>(
    client: &'c Client,
    instance: &'c InstanceArn,
    set: &'c PermissionSetArn,
    account: &'c AccountId,
) -> impl PagedOperation<Item = types::AccountAssignment> {
    paged(
        client,
        &LIST_ASSIGNMENTS,
        |size, token| {
            let request = client.sso.list_account_assignments().instance_arn(instance.as_str());
            let request = request.permission_set_arn(set.as_str()).account_id(account.as_str());
            request.set_max_results(size).set_next_token(token).send()
        },
        |answer| (answer.account_assignments.unwrap_or_default(), answer.next_token),
    )
}

/// The assignments of a principal; a user's hold those of their groups as well.
pub(super) fn assignments_of<'c>(
    client: &'c Client,
    instance: &'c InstanceArn,
    principal: &'c Principal,
) -> impl PagedOperation<Item = types::AccountAssignmentForPrincipal> {
    paged(
        client,
        &LIST_ASSIGNMENTS_FOR_PRINCIPAL,
        |size, token| {
            let kind = types::PrincipalType::from(principal.kind().as_str());
            let request = client.sso.list_account_assignments_for_principal().instance_arn(instance.as_str());
            let request = request.principal_type(kind).principal_id(principal.id());
            request.set_max_results(size).set_next_token(token).send()
        },
        |answer| (answer.account_assignments.unwrap_or_default(), answer.next_token),
    )
}
