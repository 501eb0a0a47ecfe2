//! Where a trail's files lie in its bucket: `AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/`, and for an organization's trail
//! `AWSLogs/ORGANIZATION/ACCOUNT/…` (AWS CloudTrail user guide, "Finding your CloudTrail log files").

use crate::collect::cloudtrail::name::is_account;
use crate::model::Instant;

/// The folder of records within an account's.
pub(super) const RECORDS: &str = "CloudTrail";
/// The folder of digests within an account's.
pub(super) const DIGESTS: &str = "CloudTrail-Digest";

/// What a prefix means, wherever it ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// It ends at the folder of accounts, or above it.
    Above,
    /// It ends at an account's folder.
    Account(String),
    /// It ends at an account's folder of records, or below it.
    Records {
        /// The account.
        account: String,
        /// The Region, if it ends there or below.
        region: Option<String>,
    },
}

/// Understands a prefix, which is empty or ends with `/`.
///
/// # Errors
/// The folder that is none of records.
pub(super) fn root(prefix: &str) -> Result<Root, String> {
    let folders: Vec<&str> = prefix.split('/').filter(|folder| !folder.is_empty()).collect();
    let start = folders.iter().rposition(|folder| *folder == "AWSLogs").unwrap_or(0);
    let mut below = folders.into_iter().skip(start).skip_while(|folder| !is_account(folder));
    let Some(account) = below.next() else { return Ok(Root::Above) };
    match below.next() {
        None => Ok(Root::Account(account.to_owned())),
        Some(RECORDS) => Ok(Root::Records { account: account.to_owned(), region: below.next().map(ToOwned::to_owned) }),
        Some(other) => Err(other.to_owned()),
    }
}

/// The key that stands before everything delivered on the day of `from` or later, in a Region's folder.
pub(super) fn before(folder: &str, from: Instant) -> String {
    format!("{folder}{}", from.date().replace('-', "/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_may_end_at_any_level() {
        let account = || "111122223333".to_owned();
        let records = |region: Option<&str>| Root::Records { account: account(), region: region.map(str::to_owned) };
        for (prefix, expected) in [
            ("", Root::Above),
            ("team/", Root::Above),
            ("AWSLogs/", Root::Above),
            ("999999999999/AWSLogs/", Root::Above),
            ("x/AWSLogs/o-abcdefghij/", Root::Above),
            ("AWSLogs/111122223333/", Root::Account(account())),
            ("AWSLogs/o-abcdefghij/111122223333/", Root::Account(account())),
            ("copied/111122223333/", Root::Account(account())),
            ("AWSLogs/111122223333/CloudTrail/", records(None)),
            ("AWSLogs/111122223333/CloudTrail/us-east-1/", records(Some("us-east-1"))),
            ("AWSLogs/111122223333/CloudTrail/us-east-1/2026/09/", records(Some("us-east-1"))),
        ] {
            assert_eq!(root(prefix), Ok(expected), "{prefix}");
        }
        assert_eq!(root("AWSLogs/111122223333/Config/us-east-1/"), Err("Config".to_owned()));
    }

    #[test]
    fn days_sort_as_their_folders() {
        let key = before("a/CloudTrail/us-east-1/", "2026-09-01T00:00:00Z".parse().unwrap());
        assert_eq!(key, "a/CloudTrail/us-east-1/2026/09/01");
        assert!(
            key.as_str() < "a/CloudTrail/us-east-1/2026/09/01/x"
                && key.as_str() > "a/CloudTrail/us-east-1/2026/08/31/x"
        );
    }
}
