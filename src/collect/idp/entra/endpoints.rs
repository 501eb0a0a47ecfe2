//! Every call that is made, with what it costs, what allows it, and what is lost without it.
//!
//! Pages are read one after another, members of many groups at once. Graph also takes twenty questions in one `POST`, which
//! would save no budget (each counts as if it were alone) and would be the only request that is no `GET`.

use crate::collect::http::{Bucket, Endpoint};
use crate::model::Fact;

const VENDOR: &str = "Microsoft Graph";

/// The directory. Graph gives tenants of 50 users and more 5,000 resource units in ten seconds, and our requests cost two at most
/// (Microsoft Graph, "Microsoft Graph service-specific throttling limits", identity and access).
static DIRECTORY: Bucket = Bucket { name: "directory", requests: 2400, seconds: 10 };
/// Audit and provisioning logs: five requests in ten seconds for an application in a tenant (the same page).
static LOGS: Bucket = Bucket { name: "logs", requests: 5, seconds: 10 };
/// Reports on what is registered; the same number, counted apart.
static REPORTS: Bucket = Bucket { name: "reports", requests: 5, seconds: 10 };
/// Listings with sign-ins: ten requests a minute (the same page).
static SIGN_IN: Bucket = Bucket { name: "sign-ins", requests: 10, seconds: 60 };
/// Conditional Access policies: one request a second (the same page).
static POLICY: Bucket = Bucket { name: "policies", requests: 3, seconds: 3 };
/// Schedules of memberships. The page names no number for them; this one is modest.
static GOVERNANCE: Bucket = Bucket { name: "governance", requests: 100, seconds: 10 };
/// Tokens.
static LOGIN: Bucket = Bucket { name: "login", requests: 60, seconds: 60 };

const fn get(
    name: &'static str,
    bucket: &'static Bucket,
    loses: &'static [Fact],
    permission: &'static str,
) -> Endpoint {
    Endpoint::new(VENDOR, name, bucket, loses, permission)
}

const USER_READ: &str = "the application permission User.Read.All";
const MEMBER_READ: &str = "the application permission GroupMember.Read.All";
const APPLICATION_READ: &str = "the application permission Application.Read.All";
const SYNCHRONIZATION_READ: &str = "the application permission Synchronization.Read.All";
const LOG_READ: &str = "the application permissions AuditLog.Read.All and Directory.Read.All";
const REPORT_READ: &str = "the application permission AuditLog.Read.All";
const SCHEDULE_READ: &str = "the application permission PrivilegedAssignmentSchedule.Read.AzureADGroup";
const POLICY_READ: &str = "the application permission Policy.Read.All";

pub(super) static TOKEN: Endpoint =
    Endpoint::new("Microsoft Entra ID", "POST /oauth2/v2.0/token", &LOGIN, &[], "").of("login");
pub(super) static RUNNER: Endpoint =
    Endpoint::new("GitHub Actions", "GET (runner's token)", &LOGIN, &[], "").of("runner");

pub(super) static USERS: Endpoint = get("GET /v1.0/users", &DIRECTORY, &[Fact::IdpUsers], USER_READ);
pub(super) static LEAVE_DATES: Endpoint = get(
    "GET /v1.0/users",
    &DIRECTORY,
    &[Fact::EmploymentDates],
    "the application permission User-LifeCycleInfo.Read.All",
)
.with("employeeLeaveDateTime");
pub(super) static SIGN_INS: Endpoint =
    get("GET /v1.0/users", &SIGN_IN, &[Fact::SignIns], REPORT_READ).with("signInActivity");
pub(super) static DELETED: Endpoint =
    get("GET /v1.0/directory/deletedItems/microsoft.graph.user", &DIRECTORY, &[Fact::IdpUsers], USER_READ);
pub(super) static GROUPS: Endpoint = get("GET /v1.0/groups", &DIRECTORY, &[Fact::IdpGroups], MEMBER_READ);
pub(super) static MEMBERS: Endpoint =
    get("GET /v1.0/groups/{id}/members", &DIRECTORY, &[Fact::IdpGroups], MEMBER_READ).perhaps();
pub(super) static PRINCIPALS: Endpoint =
    get("GET /v1.0/servicePrincipals", &DIRECTORY, &[Fact::IdpApplication], APPLICATION_READ);
pub(super) static PRINCIPAL: Endpoint =
    get("GET /v1.0/servicePrincipals/{id}", &DIRECTORY, &[Fact::IdpApplication], APPLICATION_READ).perhaps();
pub(super) static ASSIGNED: Endpoint = get(
    "GET /v1.0/servicePrincipals/{id}/appRoleAssignedTo",
    &DIRECTORY,
    &[Fact::IdpApplication, Fact::Activations],
    APPLICATION_READ,
);
/// A group that is gone by now has no members.
pub(super) static ACTIVATIONS: Endpoint = get(
    "GET /v1.0/identityGovernance/privilegedAccess/group/assignmentScheduleInstances",
    &GOVERNANCE,
    &[Fact::Activations],
    SCHEDULE_READ,
)
.perhaps();
pub(super) static JOBS: Endpoint = get(
    "GET /v1.0/servicePrincipals/{id}/synchronization/jobs",
    &DIRECTORY,
    &[Fact::ProvisioningJob],
    SYNCHRONIZATION_READ,
);
pub(super) static SCHEMA: Endpoint = get(
    "GET /v1.0/servicePrincipals/{id}/synchronization/jobs/{id}/schema",
    &DIRECTORY,
    &[Fact::ProvisioningJob],
    SYNCHRONIZATION_READ,
);
pub(super) static PROVISIONING: Endpoint =
    get("GET /v1.0/auditLogs/provisioning", &LOGS, &[Fact::ProvisioningLog], LOG_READ);
pub(super) static AUDITS: Endpoint = get("GET /v1.0/auditLogs/directoryAudits", &LOGS, &[Fact::IdpEvents], LOG_READ);
pub(super) static FIRST_AUDIT: Endpoint =
    get("GET /v1.0/auditLogs/directoryAudits", &LOGS, &[Fact::IdpEvents], LOG_READ).with("the first entry");
pub(super) static REGISTRATIONS: Endpoint = get(
    "GET /v1.0/reports/authenticationMethods/userRegistrationDetails",
    &REPORTS,
    &[Fact::SecondFactors],
    REPORT_READ,
);
pub(super) static POLICIES: Endpoint =
    get("GET /v1.0/identity/conditionalAccess/policies", &POLICY, &[Fact::SecondFactors], POLICY_READ);
pub(super) static DEFAULTS: Endpoint =
    get("GET /v1.0/policies/identitySecurityDefaultsEnforcementPolicy", &POLICY, &[Fact::SecondFactors], POLICY_READ);

/// All of them.
pub static ENDPOINTS: &[&Endpoint] = &[
    &TOKEN,
    &RUNNER,
    &USERS,
    &LEAVE_DATES,
    &SIGN_INS,
    &DELETED,
    &GROUPS,
    &MEMBERS,
    &PRINCIPALS,
    &PRINCIPAL,
    &ASSIGNED,
    &ACTIVATIONS,
    &JOBS,
    &SCHEMA,
    &PROVISIONING,
    &AUDITS,
    &FIRST_AUDIT,
    &REGISTRATIONS,
    &POLICIES,
    &DEFAULTS,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nothing_but_tokens_is_posted_and_every_read_says_what_allows_it() {
        let mut seen = BTreeSet::new();
        for endpoint in ENDPOINTS {
            assert!(seen.insert((endpoint.name, endpoint.parameters)), "{} is listed twice", endpoint.name);
            let read = endpoint.name.starts_with("GET /v1.0/");
            assert!(read || endpoint.bucket == &LOGIN, "{}", endpoint.name);
            assert_eq!(read, !endpoint.loses.is_empty() && endpoint.permission.contains(".Read."), "{}", endpoint.name);
            assert!(!endpoint.permission.contains("Write"), "{}", endpoint.name);
        }
    }
}
