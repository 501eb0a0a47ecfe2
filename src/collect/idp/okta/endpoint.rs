//! Every call of Okta's Management API that is made. Read only: nothing but `GET`, and the token request.

use crate::collect::http::{Bucket, Endpoint};
use crate::model::Fact;

/// Whose API it is, in messages.
const OKTA: &str = "Okta";

/// Okta counts by path and organisation, and tells with each answer what is left: that decides (Okta, "Rate limits"). These
/// keep a collection from beginning with all of it, and what one path has left from slowing down the others.
const fn bucket(name: &'static str) -> Bucket {
    Bucket { name, requests: 50, seconds: 1 }
}

static USER_LIST: Bucket = bucket("users");
static ONE_USER: Bucket = bucket("users/{id}");
static GROUP_LIST: Bucket = bucket("groups");
static ONE_GROUP: Bucket = bucket("groups/{id}");
static APP_LIST: Bucket = bucket("apps");
static ONE_APP: Bucket = bucket("apps/{id}");
static POLICY_BUCKET: Bucket = bucket("policies");
static LOG_BUCKET: Bucket = bucket("logs");
static LOGIN: Bucket = Bucket { name: "token", requests: 2, seconds: 1 };

const USERS_PERMISSION: &str = "the scope okta.users.read and the Read-only Administrator role";
const GROUPS_PERMISSION: &str =
    "the scope okta.groups.read and the Read-only Administrator role, or leave it out with without = [\"groups\"]";
const APPS_PERMISSION: &str =
    "the scope okta.apps.read and the Read-only Administrator role, or leave it out with without = [\"application\"]";
const FACTORS_PERMISSION: &str = "the scope okta.users.read and the Read-only Administrator role, or leave it out with without = [\"second-factors\"]";
const PUSH_PERMISSION: &str = "the scopes okta.apps.read and okta.groups.read and the Read-only Administrator role, or leave it out with without = [\"groups\"]";
const LOGS_PERMISSION: &str =
    "the scope okta.logs.read and the Read-only Administrator role, or leave it out with without = [\"events\"]";
const POLICIES_PERMISSION: &str = "the scope okta.policies.read and the Read-only Administrator role, or leave it out with without = [\"second-factors\"]";

const APPLICATION: &[Fact] = &[Fact::IdpApplication, Fact::ProvisioningJob];

/// All users. The plain list leaves deactivated ones out; a search does not (Okta Management API, `listUsers`).
pub(super) static USERS: Endpoint =
    Endpoint::new(OKTA, "GET /api/v1/users", &USER_LIST, &[Fact::IdpUsers, Fact::SignIns], USERS_PERMISSION)
        .with("search=status pr");

/// Deactivated users by a filter, whose answers are current where those of a search may lag.
pub(super) static DEACTIVATED: Endpoint =
    Endpoint::new(OKTA, "GET /api/v1/users", &USER_LIST, &[Fact::IdpUsers], USERS_PERMISSION)
        .with("filter=status eq \"DEPROVISIONED\"");

/// One user, whom something else names and the list lacks.
pub(super) static USER: Endpoint =
    Endpoint::new(OKTA, "GET /api/v1/users/{id}", &ONE_USER, &[Fact::IdpUsers], USERS_PERMISSION).perhaps();

/// All groups.
pub(super) static GROUPS: Endpoint =
    Endpoint::new(OKTA, "GET /api/v1/groups", &GROUP_LIST, &[Fact::IdpGroups], GROUPS_PERMISSION);

/// A group's members.
pub(super) static MEMBERS: Endpoint =
    Endpoint::new(OKTA, "GET /api/v1/groups/{groupId}/users", &ONE_GROUP, &[Fact::IdpGroups], GROUPS_PERMISSION)
        .perhaps();

/// Applications by the beginning of their label.
pub(super) static APPS: Endpoint =
    Endpoint::new(OKTA, "GET /api/v1/apps", &APP_LIST, APPLICATION, APPS_PERMISSION).with("includeNonDeleted=true");

/// An application.
pub(super) static APP: Endpoint =
    Endpoint::new(OKTA, "GET /api/v1/apps/{appId}", &ONE_APP, APPLICATION, APPS_PERMISSION).perhaps();

/// The users of an application.
pub(super) static APP_USERS: Endpoint = Endpoint::new(
    OKTA,
    "GET /api/v1/apps/{appId}/users",
    &ONE_APP,
    // They are the ones whose second factors are asked for.
    &[Fact::IdpApplication, Fact::SecondFactors],
    APPS_PERMISSION,
);

/// The groups that are assigned to an application.
pub(super) static APP_GROUPS: Endpoint =
    Endpoint::new(OKTA, "GET /api/v1/apps/{appId}/groups", &ONE_APP, &[Fact::IdpApplication], APPS_PERMISSION);

/// The groups that are pushed to an application.
pub(super) static PUSHES: Endpoint =
    Endpoint::new(OKTA, "GET /api/v1/apps/{appId}/group-push/mappings", &ONE_APP, APPLICATION, PUSH_PERMISSION);

/// The rules of a policy.
pub(super) static POLICY_RULES: Endpoint = Endpoint::new(
    OKTA,
    "GET /api/v1/policies/{policyId}/rules",
    &POLICY_BUCKET,
    &[Fact::SecondFactors],
    POLICIES_PERMISSION,
);

/// The application's own sign-on policy.
pub(super) static POLICY: Endpoint =
    Endpoint::new(OKTA, "GET /api/v1/policies/{policyId}", &POLICY_BUCKET, &[Fact::SecondFactors], POLICIES_PERMISSION);

/// The organisation's policies for sessions.
pub(super) static SESSION_POLICIES: Endpoint =
    Endpoint::new(OKTA, "GET /api/v1/policies", &POLICY_BUCKET, &[Fact::SecondFactors], POLICIES_PERMISSION)
        .with("type=OKTA_SIGN_ON");

/// The second factors of a user.
pub(super) static FACTORS: Endpoint =
    Endpoint::new(OKTA, "GET /api/v1/users/{userId}/factors", &ONE_USER, &[Fact::SecondFactors], FACTORS_PERMISSION)
        .perhaps();

/// The system log.
pub(super) static LOGS: Endpoint =
    Endpoint::new(OKTA, "GET /api/v1/logs", &LOG_BUCKET, &[Fact::IdpEvents, Fact::ProvisioningLog], LOGS_PERMISSION);

/// Where a service app gets its token.
pub(super) static TOKEN: Endpoint = Endpoint::new(
    OKTA,
    "POST /oauth2/v1/token",
    &LOGIN,
    &[],
    "the scopes under \"Okta API Scopes\" of the service app",
)
.of("login");

/// Every call, in the order in which a collection makes them.
pub static ENDPOINTS: &[&Endpoint] = &[
    &TOKEN,
    &USERS,
    &DEACTIVATED,
    &USER,
    &GROUPS,
    &MEMBERS,
    &APPS,
    &APP,
    &APP_USERS,
    &APP_GROUPS,
    &PUSHES,
    &POLICY,
    &POLICY_RULES,
    &SESSION_POLICIES,
    &FACTORS,
    &LOGS,
];
