//! Which Identity Center instance to read.

use std::collections::BTreeMap;

use aws_sdk_ssoadmin::types::{InstanceMetadata, InstanceStatus};

use super::convert::{id, text};
use super::operation::{LIST_INSTANCES, LIST_INSTANCES_HERE, Operation};
use super::organizations::management_account;
use super::paged::PagedOperation;
use super::session::Client;
use super::sso_lists;
use crate::collect::calls::CallError;
use crate::model::{GapKind, Instance, Known};

/// Finds the instance (`sso:ListInstances`) in whatever Region it is.
pub(super) async fn find(client: &Client, notes: &mut Vec<String>) -> Result<Instance, CallError> {
    let found = match instances(client, &LIST_INSTANCES).await {
        // Servers that don't know the parameter refuse it; then the Region at hand is all there is to ask.
        Err(error) if error.code.as_deref() == Some("ValidationException") => {
            notes.push("the service does not know RegionScope, so only the Region at hand was searched".to_owned());
            instances(client, &LIST_INSTANCES_HERE).await?
        }
        found => found?,
    };
    // An instance in several Regions may be listed in each; one that is going or never came holds nothing to read.
    let candidates: BTreeMap<String, InstanceMetadata> = found
        .into_iter()
        .filter(|instance| {
            !matches!(instance.status(), Some(InstanceStatus::CreateFailed | InstanceStatus::DeleteInProgress))
        })
        .filter_map(|instance| Some((text(instance.instance_arn())?.to_owned(), instance)))
        .collect();
    match candidates.len() {
        0 => Err(CallError {
            kind: GapKind::NotFound,
            reason: format!("no Identity Center instance in {}", client.region()),
            hint:
                "set aws.region to the Region of your Identity Center instance, and use credentials of its organization"
                    .to_owned(),
            code: None,
        }),
        1 => one(client, candidates.values()),
        _ => {
            let management = management_account(client).await.ok();
            let owned =
                |instance: &&InstanceMetadata| management.is_some() && id(instance.owner_account_id()) == management;
            // Only the organization's own instance gives access to accounts; the others are account instances.
            if candidates.values().filter(owned).count() == 1 {
                one(client, candidates.values().filter(owned))
            } else {
                Err(several(&candidates))
            }
        }
    }
}

fn several(candidates: &BTreeMap<String, InstanceMetadata>) -> CallError {
    let list: Vec<String> = candidates
        .iter()
        .map(|(arn, instance)| {
            let owner = text(instance.owner_account_id()).unwrap_or("an unknown account");
            format!("{arn} of {owner}")
        })
        .collect();
    CallError {
        kind: GapKind::NotFound,
        reason: format!("several Identity Center instances, and none is known to be the organization's: {}", list.join(", ")),
        hint: "allow organizations:DescribeOrganization, or set aws.region to the Region that holds only the organization's instance"
            .to_owned(),
        code: None,
    }
}

fn one<'a>(client: &Client, mut instances: impl Iterator<Item = &'a InstanceMetadata>) -> Result<Instance, CallError> {
    let instance = instances.next();
    let read = |instance: &InstanceMetadata| {
        Some(Instance {
            arn: id(instance.instance_arn())?,
            identity_store: id(instance.identity_store_id())?,
            owner_account: id(instance.owner_account_id())
                .map_or_else(|| Known::Unknown("AWS did not tell".to_owned()), Known::Value),
            region: text(instance.primary_region()).unwrap_or(client.region()).to_owned(),
        })
    };
    instance
        .and_then(read)
        .ok_or_else(|| CallError::malformed(&LIST_INSTANCES, "an instance without an ARN or an identity store"))
}

async fn instances(client: &Client, operation: &Operation) -> Result<Vec<InstanceMetadata>, CallError> {
    let mut found = Vec::new();
    sso_lists::instances(client, operation).each_page(|page| found.extend(page)).await?;
    Ok(found)
}
