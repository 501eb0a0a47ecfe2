//! Every call of Google's Admin SDK that is made. Read only: nothing but `GET`, and the token request.

use crate::collect::http::{Bucket, Endpoint};
use crate::model::Fact;

/// Whose API it is, in messages.
const GOOGLE: &str = "Google";

/// The Directory API gives 2,400 requests a minute to each user of a project (Admin SDK, Directory API "Limits and quotas").
static DIRECTORY: Bucket = Bucket { name: "directory", requests: 2_000, seconds: 60 };

/// The Reports API gives 250 filtered queries a minute (Admin SDK, Reports API "Limits and quotas").
static REPORTS: Bucket = Bucket { name: "reports", requests: 200, seconds: 60 };

static LOGIN: Bucket = Bucket { name: "login", requests: 60, seconds: 60 };

/// What reads users.
pub(super) const USER_SCOPE: &str = "https://www.googleapis.com/auth/admin.directory.user.readonly";
/// What reads groups and their members.
pub(super) const GROUP_SCOPE: &str = "https://www.googleapis.com/auth/admin.directory.group.readonly";
/// What reads the admin log.
pub(super) const AUDIT_SCOPE: &str = "https://www.googleapis.com/auth/admin.reports.audit.readonly";

const USERS_PERMISSION: &str = "the scope …/auth/admin.directory.user.readonly by domain-wide delegation, and its subject a role \
                                that may read users";
const GROUPS_PERMISSION: &str = "the scope …/auth/admin.directory.group.readonly by domain-wide delegation, and its subject a \
                                 role that may read groups";
const AUDIT_PERMISSION: &str = "the scope …/auth/admin.reports.audit.readonly by domain-wide delegation, and its subject a role \
                                that may see reports";

/// All users who are not deleted.
pub(super) static USERS: Endpoint = Endpoint::new(
    GOOGLE,
    "GET /admin/directory/v1/users",
    &DIRECTORY,
    &[Fact::IdpUsers, Fact::SignIns, Fact::SecondFactors],
    USERS_PERMISSION,
);

/// Users who were deleted in the last 20 days or so.
pub(super) static DELETED: Endpoint =
    Endpoint::new(GOOGLE, "GET /admin/directory/v1/users", &DIRECTORY, &[Fact::IdpUsers], USERS_PERMISSION)
        .with("showDeleted=true");

/// All groups.
pub(super) static GROUPS: Endpoint =
    Endpoint::new(GOOGLE, "GET /admin/directory/v1/groups", &DIRECTORY, &[Fact::IdpGroups], GROUPS_PERMISSION);

/// A group's own members.
pub(super) static MEMBERS: Endpoint = Endpoint::new(
    GOOGLE,
    "GET /admin/directory/v1/groups/{groupKey}/members",
    &DIRECTORY,
    &[Fact::IdpGroups],
    GROUPS_PERMISSION,
)
.perhaps();

/// What administrators did.
pub(super) static ACTIVITIES: Endpoint = Endpoint::new(
    GOOGLE,
    "GET /admin/reports/v1/activity/users/all/applications/admin",
    &REPORTS,
    &[Fact::IdpEvents],
    AUDIT_PERMISSION,
);

/// Where the service account gets its token.
pub(super) static TOKEN: Endpoint = Endpoint::new(GOOGLE, "POST /token", &LOGIN, &[], "").of("login");

/// Every call, in the order in which a collection makes them.
pub static ENDPOINTS: &[&Endpoint] = &[&TOKEN, &USERS, &DELETED, &GROUPS, &MEMBERS, &ACTIVITIES];
