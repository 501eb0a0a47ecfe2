//! Every action of S3 that the store may take: the one list from which calls are named and the IAM policy is written.
//!
//! The store is ours, so this list may write where the collectors' may not. It never overwrites, and never goes round a lock:
//! there is no `s3:BypassGovernanceRetention` in it.

use serde_json::{Value, json};

use crate::model::S3Location;

/// An action, as IAM names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Action {
    /// `s3:PutObject`.
    pub(super) name: &'static str,
    /// What cannot be done without it, before a place: `write`.
    pub(super) doing: &'static str,
    /// What IAM allows it on.
    on: On,
    /// Whether nothing but removing what is old takes it.
    to_prune: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    /// The objects of the store.
    Objects,
    /// The keys of the bucket that begin as the store's do.
    Keys,
    /// The bucket as a whole.
    Bucket,
}

const fn action(name: &'static str, doing: &'static str, on: On) -> Action {
    Action { name, doing, on, to_prune: false }
}

const fn to_prune(name: &'static str, doing: &'static str, on: On) -> Action {
    Action { name, doing, on, to_prune: true }
}

/// Adds an object.
pub(super) const PUT: Action = action("s3:PutObject", "write", On::Objects);
/// Reads one.
pub(super) const GET: Action = action("s3:GetObject", "read", On::Objects);
/// Lists keys.
pub(super) const LIST: Action = action("s3:ListBucket", "list", On::Keys);
/// Tells how the bucket locks what is put into it.
pub(super) const LOCK: Action = action("s3:GetBucketObjectLockConfiguration", "see Object Lock of", On::Bucket);
/// Lists what there is of a key.
pub(super) const VERSIONS: Action = to_prune("s3:ListBucketVersions", "list the versions of", On::Keys);
/// Tells until when a version is locked.
pub(super) const RETENTION: Action = to_prune("s3:GetObjectRetention", "see the retention of", On::Objects);
/// Tells whether somebody put a legal hold on a version.
pub(super) const LEGAL_HOLD: Action = to_prune("s3:GetObjectLegalHold", "see legal holds on", On::Objects);
/// Removes a version.
pub(super) const DELETE: Action = to_prune("s3:DeleteObjectVersion", "remove", On::Objects);

/// The only actions that the store can take.
pub(super) const ACTIONS: [Action; 8] = [PUT, GET, LIST, LOCK, VERSIONS, RETENTION, LEGAL_HOLD, DELETE];

/// The statements of an IAM policy that allow these actions on a place in S3 and nothing else; those that pruning needs stand by
/// themselves, to be left out where nothing may be removed.
pub fn policy(location: &S3Location, region: Option<&str>) -> Vec<Value> {
    let (bucket, objects) = (location.arn(region), arn(location, region, "*"));
    let mut statements = Vec::new();
    for (name, to_prune) in [("OverstayStore", false), ("OverstayStorePrune", true)] {
        for (kind, on, resource) in
            [("Objects", On::Objects, &objects), ("Keys", On::Keys, &bucket), ("Bucket", On::Bucket, &bucket)]
        {
            let of_kind = ACTIONS.iter().filter(|action| action.to_prune == to_prune && action.on == on);
            let mut actions: Vec<&str> = of_kind.map(|action| action.name).collect();
            actions.sort_unstable();
            if actions.is_empty() {
                continue;
            }
            let sid = format!("{name}{kind}");
            statements.push(if on == On::Keys && !location.prefix().is_empty() {
                let only = json!({ "StringLike": { "s3:prefix": location.key("*") } });
                json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource, "Condition": only })
            } else {
                json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource })
            });
        }
    }
    statements
}

impl Action {
    /// The ARN of what has to be allowed for a path below the place.
    pub(super) fn resource(&self, location: &S3Location, region: Option<&str>, path: &str) -> String {
        match self.on {
            On::Objects => arn(location, region, path),
            On::Keys | On::Bucket => location.arn(region),
        }
    }
}

/// The ARN of what is below the place.
fn arn(location: &S3Location, region: Option<&str>, path: &str) -> String {
    format!("{}/{}", location.arn(region), location.key(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(url: &str, region: Option<&str>) -> Vec<(String, String, Value)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let all = policy(&url.parse().unwrap(), region);
        all.iter().map(|one| (text(&one["Sid"]), text(&one["Resource"]), one["Condition"].clone())).collect()
    }

    #[test]
    fn a_policy_goes_no_further_than_the_prefix() {
        let all = statements("s3://audit/a/b", None);
        let sids: Vec<&str> = all.iter().map(|(sid, ..)| sid.as_str()).collect();
        assert_eq!(
            sids,
            [
                "OverstayStoreObjects",
                "OverstayStoreKeys",
                "OverstayStoreBucket",
                "OverstayStorePruneObjects",
                "OverstayStorePruneKeys"
            ]
        );
        for (sid, resource, condition) in all {
            if sid.ends_with("Objects") {
                assert_eq!(resource, "arn:aws:s3:::audit/a/b/*");
            } else {
                assert_eq!(resource, "arn:aws:s3:::audit");
            }
            assert_eq!(condition == Value::Null, !sid.ends_with("Keys"), "{sid}");
            if sid.ends_with("Keys") {
                assert_eq!(condition["StringLike"]["s3:prefix"], "a/b/*");
            }
        }
    }

    #[test]
    fn a_policy_names_every_action_once() {
        let all = policy(&"s3://audit".parse().unwrap(), None);
        let mut named: Vec<&str> =
            all.iter().flat_map(|one| one["Action"].as_array().unwrap()).map(|name| name.as_str().unwrap()).collect();
        named.sort_unstable();
        let mut expected = ACTIONS.map(|action| action.name);
        expected.sort_unstable();
        assert_eq!(named, expected);
    }

    #[test]
    fn nothing_is_written_over_unlocked_or_arranged() {
        for action in ACTIONS {
            let reads = ["Get", "List"].iter().any(|verb| action.name.starts_with(&format!("s3:{verb}")));
            assert!(reads || ["s3:PutObject", "s3:DeleteObjectVersion"].contains(&action.name), "{}", action.name);
        }
    }

    #[test]
    fn other_partitions_have_their_own_names() {
        assert_eq!(statements("s3://audit", Some("cn-north-1"))[0].1, "arn:aws-cn:s3:::audit/*");
        assert_eq!(statements("s3://audit", Some("us-gov-west-1"))[0].1, "arn:aws-us-gov:s3:::audit/*");
        assert_eq!(statements("s3://audit", Some("eu-west-1"))[0].1, "arn:aws:s3:::audit/*");
    }
}
