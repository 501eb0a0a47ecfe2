//! Every call of Keycloak's Admin REST API that is made. Nothing but `GET`, and the token request.

use crate::collect::http::{Bucket, Endpoint};
use crate::model::Fact;

const KEYCLOAK: &str = "Keycloak";

/// Keycloak names no limits; this spares its database.
static REQUESTS: Bucket = Bucket { name: "keycloak", requests: 50, seconds: 1 };
static LOGIN: Bucket = Bucket { name: "token", requests: 2, seconds: 1 };

const USERS_ROLE: &str = "the role view-users of realm-management";
const GROUPS_ROLE: &str =
    "the roles query-groups and view-users of realm-management, or leave it out with without = [\"groups\"]";
const EVENTS_ROLE: &str = "the role view-events of realm-management, or leave it out with without = [\"events\"]";

/// All users of the realm.
pub(super) static USERS: Endpoint =
    Endpoint::new(KEYCLOAK, "GET /admin/realms/{realm}/users", &REQUESTS, &[Fact::IdpUsers], USERS_ROLE);

/// How many there are.
pub(super) static COUNT: Endpoint =
    Endpoint::new(KEYCLOAK, "GET /admin/realms/{realm}/users/count", &REQUESTS, &[Fact::IdpUsers], USERS_ROLE);

/// The groups at the top.
pub(super) static GROUPS: Endpoint =
    Endpoint::new(KEYCLOAK, "GET /admin/realms/{realm}/groups", &REQUESTS, &[Fact::IdpGroups], GROUPS_ROLE);

/// The groups in a group.
pub(super) static CHILDREN: Endpoint = Endpoint::new(
    KEYCLOAK,
    "GET /admin/realms/{realm}/groups/{id}/children",
    &REQUESTS,
    &[Fact::IdpGroups],
    GROUPS_ROLE,
);

/// A group's own members.
pub(super) static MEMBERS: Endpoint = Endpoint::new(
    KEYCLOAK,
    "GET /admin/realms/{realm}/groups/{id}/members",
    &REQUESTS,
    &[Fact::IdpGroups],
    GROUPS_ROLE,
);

/// Whether the realm saves what administrators do.
pub(super) static EVENTS_CONFIG: Endpoint =
    Endpoint::new(KEYCLOAK, "GET /admin/realms/{realm}/events/config", &REQUESTS, &[Fact::IdpEvents], EVENTS_ROLE);

/// What administrators did.
pub(super) static EVENTS: Endpoint =
    Endpoint::new(KEYCLOAK, "GET /admin/realms/{realm}/admin-events", &REQUESTS, &[Fact::IdpEvents], EVENTS_ROLE)
        .with("resourceTypes=USER,GROUP,GROUP_MEMBERSHIP");

/// Where the client's service account gets its token.
pub(super) static TOKEN: Endpoint = Endpoint::new(
    KEYCLOAK,
    "POST /realms/{realm}/protocol/openid-connect/token",
    &LOGIN,
    &[],
    "a service account with roles of realm-management",
)
.of("login");

/// Every call, in the order in which a collection makes them.
pub static ENDPOINTS: &[&Endpoint] = &[&TOKEN, &USERS, &COUNT, &GROUPS, &CHILDREN, &MEMBERS, &EVENTS_CONFIG, &EVENTS];
