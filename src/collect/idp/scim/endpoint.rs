//! What is asked of a SCIM service provider (RFC 7644, 3.4 and 4).

use crate::collect::http::{Bucket, Endpoint};
use crate::model::Fact;

/// No number is agreed between providers; this one is modest.
static BUCKET: Bucket = Bucket { name: "scim", requests: 20, seconds: 1 };
const VENDOR: &str = "the SCIM server";

/// What the provider can do.
pub(super) static PROVIDER: Endpoint =
    Endpoint::new(VENDOR, "GET /ServiceProviderConfig", &BUCKET, &[], "its token the right to read").perhaps();
/// The users.
pub(super) static USERS: Endpoint =
    Endpoint::new(VENDOR, "GET /Users", &BUCKET, &[Fact::IdpUsers], "its token the right to read users");
/// The groups.
pub(super) static GROUPS: Endpoint =
    Endpoint::new(VENDOR, "GET /Groups", &BUCKET, &[Fact::IdpGroups], "its token the right to read groups");

/// Every call that is made.
pub static ENDPOINTS: &[&Endpoint] = &[&PROVIDER, &USERS, &GROUPS];
