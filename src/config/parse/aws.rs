//! `[aws]`.

use crate::config::problems::Seen;
use crate::config::read::Table;
use crate::config::value::Value;
use crate::config::words::quoted;
use crate::config::{AwsConfig, CloudTrail, Enumeration, TrailBucket, TrailFiles};
use crate::model::{Plane, S3Location};

/// AWS gives sso-admin 20 requests a second; two are left to others.
const REQUESTS_PER_SECOND: u32 = 18;

pub(super) fn aws(table: &mut Table<'_, '_>) -> Option<AwsConfig> {
    let region = table.take("region").and_then(|value| region(&value));
    let profile = table.text("profile");
    let role_arn = table.take("role_arn").and_then(|value| role_arn(&value));
    let member_role = table.take("member_role").and_then(|value| role_name(&value));
    let planes = table.take("planes").and_then(|value| planes(&value));
    let enumeration = table.take("enumeration").and_then(|value| {
        let words = [("provisioned", Enumeration::Provisioned), ("exhaustive", Enumeration::Exhaustive)];
        value.word("enumeration", &words)
    });
    let pace = table.take("requests_per_second").and_then(|value| value.number(1..=1000));
    let cloudtrail = table.take("cloudtrail").and_then(|value| value.table("`cloudtrail`", cloudtrail));
    let token = table.take("scim_token_expires").and_then(|value| value.last_day()).map(|(_, close)| close);
    Some(AwsConfig {
        region,
        profile,
        role_arn,
        member_role,
        planes: planes.unwrap_or_else(|| Plane::BUILT.to_vec()),
        enumeration: enumeration.unwrap_or(Enumeration::Provisioned),
        requests_per_second: pace.and_then(|pace| pace.try_into().ok()).unwrap_or(REQUESTS_PER_SECOND),
        cloudtrail: cloudtrail.unwrap_or(CloudTrail::None),
        scim_token_expires: token,
    })
}

/// Checks the form only: AWS adds Regions.
pub(super) fn region(value: &Value<'_, '_>) -> Option<String> {
    let text = value.text()?;
    let parts: Vec<&str> = text.split('-').collect();
    let number = parts.last().is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if parts.len() < 3 || !number || parts.contains(&"") || !text.bytes().all(plain) {
        let message = format!("{} is not the code of an AWS Region", quoted(&text));
        value.note(message, "write the code, such as \"us-east-1\"");
        return None;
    }
    Some(text)
}

pub(super) fn role_arn(value: &Value<'_, '_>) -> Option<String> {
    let text = value.text()?;
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let valid = match parts.as_slice() {
        ["arn", partition, "iam", "", account, resource] => {
            partition.starts_with("aws")
                && account.parse::<crate::model::id::AccountId>().is_ok()
                && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty())
        }
        _ => false,
    };
    if !valid {
        let message = format!("{} is not the ARN of an IAM role", quoted(&text));
        value.note(message, "write \"arn:aws:iam::123456789012:role/Name\"");
        return None;
    }
    Some(text)
}

/// IAM role names have 1 to 64 characters, letters and digits and `_+=,.@-` (IAM API reference, CreateRole).
fn role_name(value: &Value<'_, '_>) -> Option<String> {
    let text = value.text()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if text.len() > 64 || !text.bytes().all(plain) {
        let message = format!("{} is not the name of an IAM role", quoted(&text));
        value.note(message, "write the name alone, without an ARN or path: it is assumed in each account");
        return None;
    }
    Some(text)
}

fn planes(value: &Value<'_, '_>) -> Option<Vec<Plane>> {
    let words = Plane::ALL.map(|plane| (plane.as_str(), plane));
    let mut seen = Seen::default();
    let mut planes = value.full_list(|item| {
        let plane = item.word("plane", &words)?;
        if !Plane::BUILT.contains(&plane) {
            item.note(
                format!("plane `{plane}` is not built into this version"),
                "leave it out; what is left out is stated as a limit on the cover",
            );
            return None;
        }
        seen.once(item.problems(), plane.as_str(), item.span(), &format!("plane `{plane}`")).then_some(plane)
    })?;
    planes.sort_unstable();
    Some(planes)
}

fn cloudtrail(table: &mut Table<'_, '_>) -> Option<CloudTrail> {
    const HELP: &str =
        "write { lookup = true }, { files = \"trail/**/*.json.gz\" } or { s3 = \"s3://bucket/AWSLogs\" }";
    let lookup = table.take("lookup");
    let files = table.take("files");
    let s3 = table.take("s3");
    let covers = table.take("covers");
    let since = table.take("since");
    let accounts = table.take("accounts");
    let regions = table.take("regions");
    if let (Some(covers), None, None) = (&covers, &files, &s3) {
        covers.note("`covers` is about `files` and `s3`", "remove it; what the event history covers is known");
        return None;
    }
    if s3.is_none()
        && let Some(key) = [&since, &accounts, &regions].into_iter().flatten().next()
    {
        key.note("`since`, `accounts` and `regions` are about `s3`", "remove it");
        return None;
    }
    let covers = match covers {
        Some(covers) => Some(covers.days()?),
        None => None,
    };
    match (lookup, files, s3) {
        (Some(lookup), None, None) => {
            if lookup.boolean()? {
                return Some(CloudTrail::Lookup);
            }
            lookup.note("`lookup` can only be true", "remove `cloudtrail` if its events are not to be read");
            None
        }
        (None, Some(files), None) => Some(CloudTrail::Files(TrailFiles { pattern: files.text()?, covers })),
        (None, None, Some(s3)) => {
            let place = s3.text()?;
            let Ok(place) = place.parse::<S3Location>() else {
                s3.note(format!("{} is not an S3 location", quoted(&place)), HELP);
                return None;
            };
            let begins = match &since {
                Some(since) => Some(since.first_day()?),
                None => None,
            };
            if let (Some(since), Some(begins), Some(covers)) = (&since, begins, covers)
                && covers.from < begins
            {
                since.note("`covers` begins before `since`", "read from the first day on that `covers` states");
                return None;
            }
            let accounts = match accounts {
                Some(accounts) => Some(accounts.full_list(|item| item.account())?),
                None => None,
            };
            let regions = match regions {
                Some(regions) => Some(regions.full_list(|item| item.pattern())?),
                None => None,
            };
            Some(CloudTrail::Bucket(TrailBucket { place, since: begins, covers, accounts, regions }))
        }
        _ => {
            table.note("`cloudtrail` needs exactly one of `lookup`, `files` and `s3`", HELP);
            None
        }
    }
}
