//! Every AWS operation this program may call: the one list that makes the calls and from which the IAM policy is written.

use crate::collect::calls::{Called, Key};
use crate::model::{Fact, S3Location};

/// An AWS operation, with what is lost when it can't be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The prefix of its IAM action: `sso`, `identitystore`, `organizations`, `cloudtrail`, `s3` or `sts`.
    pub service: &'static str,
    /// Its name in the API, `ListAccountAssignments`.
    pub name: &'static str,
    /// The parameters that are the same in every call, in words.
    pub parameters: &'static str,
    /// The largest page it gives (`MaxResults`); none when it has no pages.
    pub page_size: Option<i32>,
    /// The facts that are incomplete without it.
    pub loses: &'static [Fact],
    /// The AWS request budget that it draws on; operations with the same word share one.
    pub bucket: &'static str,
    /// Whether `ResourceNotFoundException` is an answer to the question, and no failure.
    pub absence_answers: bool,
}

impl Operation {
    /// The IAM action that allows it, `sso:ListAccountAssignments`. Only S3's are not all called as its operations are.
    pub fn action(&self) -> String {
        let name = if *self == LIST_OBJECTS { "ListBucket" } else { self.name };
        format!("{}:{name}", self.service)
    }
}

impl Operation {
    /// How many a second, where the config allows `rate`.
    pub(super) fn pace(&self, rate: u32) -> u32 {
        match self.service {
            "cloudtrail" => rate.min(2),
            S3 => rate.max(S3_RATE),
            _ => rate,
        }
    }
}

impl Called for Operation {
    fn vendor(&self) -> &'static str {
        "AWS"
    }

    fn action(&self) -> String {
        Self::action(self)
    }

    fn key(&self) -> Key {
        (self.service, self.name, self.parameters)
    }

    fn bucket(&self) -> &'static str {
        self.bucket
    }

    fn loses(&self) -> &'static [Fact] {
        self.loses
    }

    fn absence_answers(&self) -> bool {
        self.absence_answers
    }
}

/// Identity Center throttles all of sso-admin together (20 requests a second).
const SSO_ADMIN: &str = "sso-admin";
const ORGANIZATIONS: &str = "organizations";
/// The service of a trail's bucket, which speaks XML.
pub(super) const S3: &str = "s3";
/// S3 takes 5,500 reads a second for each prefix (Amazon S3 user guide, "Optimizing Amazon S3 performance"), so that the pace of
/// the others would only cost time; this leaves nearly all of it to others.
const S3_RATE: u32 = 200;

const fn sso(name: &'static str, page_size: Option<i32>, loses: &'static [Fact]) -> Operation {
    let parameters = if page_size.is_some() { "MaxResults=100" } else { "" };
    Operation { service: "sso", name, parameters, page_size, loses, bucket: SSO_ADMIN, absence_answers: false }
}

/// The identity store throttles each operation by itself (20 requests a second), so each name is a bucket.
const fn store(name: &'static str, page_size: Option<i32>, loses: &'static [Fact]) -> Operation {
    let parameters = if page_size.is_some() { "MaxResults=100" } else { "" };
    Operation { service: "identitystore", name, parameters, page_size, loses, bucket: name, absence_answers: false }
}

const fn organizations(name: &'static str, page_size: Option<i32>) -> Operation {
    let parameters = if page_size.is_some() { "MaxResults=20" } else { "" };
    Operation {
        service: "organizations",
        name,
        parameters,
        page_size,
        loses: &[Fact::Accounts],
        bucket: ORGANIZATIONS,
        absence_answers: false,
    }
}

/// An operation that is asked about things that may not be there.
const fn perhaps(operation: Operation) -> Operation {
    Operation { absence_answers: true, ..operation }
}

/// A second count of what an operation lists. It stands in the records by itself, so that items add up to facts.
const fn again(operation: Operation) -> Operation {
    Operation { parameters: "MaxResults=100, second count", loses: &[], ..operation }
}

/// Who is asking. Needs no permission.
pub(super) const GET_CALLER_IDENTITY: Operation = Operation {
    service: "sts",
    name: "GetCallerIdentity",
    parameters: "",
    page_size: None,
    loses: &[],
    bucket: "sts",
    absence_answers: false,
};
/// The Identity Center instances in reach, in every Region.
pub(super) const LIST_INSTANCES: Operation =
    Operation { parameters: "MaxResults=100, RegionScope=ALL_REGIONS", ..sso("ListInstances", Some(100), ALL) };
/// The same for servers that do not know `RegionScope` yet.
pub(super) const LIST_INSTANCES_HERE: Operation = sso("ListInstances", Some(100), ALL);
/// The permission sets.
pub(super) const LIST_PERMISSION_SETS: Operation = sso(
    "ListPermissionSets",
    Some(100),
    &[Fact::PermissionSets, Fact::Boundaries, Fact::Assignments, Fact::Provisioning],
);
/// A permission set's name, description and session length.
pub(super) const DESCRIBE_PERMISSION_SET: Operation = sso("DescribePermissionSet", None, &[Fact::PermissionSets]);
/// AWS managed policies of a permission set.
pub(super) const LIST_MANAGED_POLICIES: Operation =
    sso("ListManagedPoliciesInPermissionSet", Some(100), &[Fact::PermissionSets]);
/// Customer managed policies of a permission set.
pub(super) const LIST_CUSTOMER_POLICIES: Operation =
    sso("ListCustomerManagedPolicyReferencesInPermissionSet", Some(100), &[Fact::PermissionSets]);
/// The inline policy of a permission set.
pub(super) const GET_INLINE_POLICY: Operation = sso("GetInlinePolicyForPermissionSet", None, &[Fact::PermissionSets]);
/// The permissions boundary of a permission set.
pub(super) const GET_BOUNDARY: Operation =
    perhaps(sso("GetPermissionsBoundaryForPermissionSet", None, &[Fact::Boundaries]));
/// The accounts a permission set is deployed to.
pub(super) const LIST_PROVISIONED: Operation =
    sso("ListAccountsForProvisionedPermissionSet", Some(100), &[Fact::Assignments, Fact::Provisioning]);
/// Those of them whose role is not the latest version.
pub(super) const LIST_OUTDATED: Operation = Operation {
    parameters: "MaxResults=100, ProvisioningStatus=LATEST_PERMISSION_SET_NOT_PROVISIONED",
    ..sso("ListAccountsForProvisionedPermissionSet", Some(100), &[Fact::Provisioning])
};
/// Who has a permission set on an account.
pub(super) const LIST_ASSIGNMENTS: Operation = sso("ListAccountAssignments", Some(100), &[Fact::Assignments]);
/// What a principal has; only the second enumeration asks, and no fact hangs on it.
pub(super) const LIST_ASSIGNMENTS_FOR_PRINCIPAL: Operation = sso("ListAccountAssignmentsForPrincipal", Some(100), &[]);
/// The directory's users.
pub(super) const LIST_USERS: Operation = store("ListUsers", Some(100), &[Fact::DirectoryUsers]);
/// The directory's groups.
pub(super) const LIST_GROUPS: Operation = store("ListGroups", Some(100), &[Fact::DirectoryGroups, Fact::Memberships]);
/// The members of a group.
pub(super) const LIST_MEMBERSHIPS: Operation = perhaps(store("ListGroupMemberships", Some(100), &[Fact::Memberships]));
/// A user by id, when an assignment names one that the listing lacks.
pub(super) const DESCRIBE_USER: Operation = perhaps(store("DescribeUser", None, &[Fact::DirectoryUsers]));
/// A group by id, likewise.
pub(super) const DESCRIBE_GROUP: Operation = perhaps(store("DescribeGroup", None, &[Fact::DirectoryGroups]));
/// The organization and its management account.
pub(super) const DESCRIBE_ORGANIZATION: Operation = organizations("DescribeOrganization", None);
/// The delegated administrators, of whatever service.
pub(super) const LIST_DELEGATED: Operation = organizations("ListDelegatedAdministrators", Some(20));
/// The accounts.
pub(super) const LIST_ACCOUNTS: Operation = organizations("ListAccounts", Some(20));
/// The name of an organizational unit, for the accounts below it.
pub(super) const DESCRIBE_UNIT: Operation = organizations("DescribeOrganizationalUnit", None);
/// Events of the last 90 days, by name. CloudTrail allows two a second in a Region, whatever else is allowed.
pub(super) const LOOKUP_EVENTS: Operation = Operation {
    service: "cloudtrail",
    name: "LookupEvents",
    parameters: "MaxResults=50, the last 90 days, by event name",
    page_size: Some(50),
    loses: &[Fact::CloudTrail],
    bucket: "cloudtrail",
    absence_answers: false,
};
/// The files and folders of a trail's bucket.
pub(super) const LIST_OBJECTS: Operation = Operation {
    service: S3,
    name: "ListObjectsV2",
    parameters: "",
    page_size: Some(1000),
    loses: &[Fact::CloudTrail],
    bucket: S3,
    absence_answers: false,
};
/// A file of a trail's bucket.
pub(super) const GET_OBJECT: Operation = Operation { name: "GetObject", page_size: None, ..LIST_OBJECTS };
/// Users, counted again at the end.
pub(super) const RECOUNT_USERS: Operation = again(LIST_USERS);
/// Groups, counted again at the end.
pub(super) const RECOUNT_GROUPS: Operation = again(LIST_GROUPS);
/// Permission sets, counted again at the end.
pub(super) const RECOUNT_PERMISSION_SETS: Operation = again(LIST_PERMISSION_SETS);

/// Everything AWS tells; without the instance all of it is lost.
pub(super) const ALL: &[Fact] = &[
    Fact::Accounts,
    Fact::DirectoryUsers,
    Fact::DirectoryGroups,
    Fact::Memberships,
    Fact::PermissionSets,
    Fact::Boundaries,
    Fact::Assignments,
    Fact::Provisioning,
];

/// The only operations this program can call on AWS.
pub const OPERATIONS: &[Operation] = &[
    GET_CALLER_IDENTITY,
    LIST_INSTANCES,
    LIST_INSTANCES_HERE,
    LIST_PERMISSION_SETS,
    DESCRIBE_PERMISSION_SET,
    LIST_MANAGED_POLICIES,
    LIST_CUSTOMER_POLICIES,
    GET_INLINE_POLICY,
    GET_BOUNDARY,
    LIST_PROVISIONED,
    LIST_OUTDATED,
    LIST_ASSIGNMENTS,
    LIST_ASSIGNMENTS_FOR_PRINCIPAL,
    LIST_USERS,
    LIST_GROUPS,
    LIST_MEMBERSHIPS,
    DESCRIBE_USER,
    DESCRIBE_GROUP,
    DESCRIBE_ORGANIZATION,
    LIST_DELEGATED,
    LIST_ACCOUNTS,
    DESCRIBE_UNIT,
    LOOKUP_EVENTS,
    LIST_OBJECTS,
    GET_OBJECT,
    RECOUNT_USERS,
    RECOUNT_GROUPS,
    RECOUNT_PERMISSION_SETS,
];

/// The least-privilege IAM policy for these operations, as JSON. Of them only those on a trail's bucket can be limited to a
/// resource that is known beforehand, and they are not in it where no bucket is named. A key that the files are encrypted
/// with is not known: `kms:Decrypt` on it is left to the reader. `beside` are statements for what is not read, if anything: they
/// stand by themselves.
pub fn iam_policy(trail: Option<&S3Location>, region: Option<&str>, beside: Vec<serde_json::Value>) -> String {
    let mut statements = vec![serde_json::json!({
        "Sid": "OverstayReadOnly",
        "Effect": "Allow",
        "Action": actions(|operation| operation.service != S3),
        "Resource": "*",
    })];
    if let Some(trail) = trail {
        let bucket = trail.arn(region);
        statements.push(serde_json::json!({
            "Sid": "OverstayTrailBucket",
            "Effect": "Allow",
            "Action": actions(|operation| operation.service == S3),
            "Resource": [bucket, format!("{bucket}/{}*", trail.prefix())],
        }));
    }
    statements.extend(beside);
    let policy = serde_json::json!({ "Version": "2012-10-17", "Statement": statements });
    format!("{policy:#}\n")
}

fn actions(of: impl Fn(&Operation) -> bool) -> Vec<String> {
    let mut actions: Vec<String> = OPERATIONS.iter().filter(|one| of(one)).map(Operation::action).collect();
    actions.sort();
    actions.dedup();
    actions
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nothing_can_be_changed() {
        for operation in OPERATIONS {
            let reads = ["List", "Get", "Describe", "Lookup"].iter().any(|verb| operation.name.starts_with(verb));
            assert!(reads, "{}", operation.action());
        }
    }

    #[test]
    fn entries_can_be_told_apart() {
        let keys: BTreeSet<_> = OPERATIONS.iter().map(Operation::key).collect();
        assert_eq!(keys.len(), OPERATIONS.len());
    }

    /// Sid, actions and resources of each statement.
    fn statements(trail: Option<&S3Location>) -> Vec<(String, Vec<String>, serde_json::Value)> {
        let policy: serde_json::Value = serde_json::from_str(&iam_policy(trail, None, vec![])).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let statement = |one: &serde_json::Value| {
            let actions = one["Action"].as_array().unwrap().iter().map(text).collect();
            (text(&one["Sid"]), actions, one["Resource"].clone())
        };
        policy["Statement"].as_array().unwrap().iter().map(statement).collect()
    }

    #[test]
    fn the_policy_names_every_action_once_and_s3s_for_one_bucket_only() {
        let place: S3Location = "s3://org-trail/AWSLogs".parse().unwrap();
        let [reads, bucket] = statements(Some(&place)).try_into().unwrap();
        let all: Vec<&String> = reads.1.iter().chain(&bucket.1).collect();
        let expected: BTreeSet<String> = OPERATIONS.iter().map(Operation::action).collect();
        assert_eq!((all.len(), all.into_iter().cloned().collect::<BTreeSet<_>>()), (expected.len(), expected));
        assert!(reads.1.is_sorted() && reads.1.contains(&"identitystore:ListGroupMemberships".to_owned()));
        assert_eq!(bucket.1, ["s3:GetObject", "s3:ListBucket"]);
        assert_eq!(bucket.2, serde_json::json!(["arn:aws:s3:::org-trail", "arn:aws:s3:::org-trail/AWSLogs/*"]));
        let [alone] = statements(None).try_into().unwrap();
        assert_eq!(alone, reads);
    }

    #[test]
    fn every_fact_of_aws_hangs_on_an_operation() {
        for fact in ALL {
            let named = OPERATIONS
                .iter()
                .filter(|operation| operation.name != "ListInstances")
                .any(|operation| operation.loses.contains(fact));
            assert!(named, "{fact}");
        }
    }
}
