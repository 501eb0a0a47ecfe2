//! Why S3 could not do something, in one sentence: what, where, and what to do.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::action::{Action, GET};
use crate::aws::failure::{Failure, explicit_deny, root_cause};
use crate::error::Error;
use crate::model::S3Location;

const CREDENTIALS_HINT: &str = "sign in (`aws sso login`), set `profile` under [store] or the AWS_* variables, check with \
                                `aws sts get-caller-identity`";

/// What was asked of S3 when it failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) action: &'a Action,
    pub(super) location: &'a S3Location,
    /// The path below the place.
    pub(super) path: &'a str,
    /// The Region that was asked.
    pub(super) region: Option<&'a str>,
    /// Whether the config says it.
    pub(super) stated: bool,
}

/// Where the answer says that the bucket is, if that is elsewhere than in the Region that was asked.
///
/// S3 says so with 301 `PermanentRedirect` or 400 `AuthorizationHeaderMalformed`, in the header `x-amz-bucket-region` or as
/// `Region` of the error (Amazon S3 API reference, "Error responses" and HeadBucket).
pub(super) fn elsewhere<E>(error: &SdkError<E, HttpResponse>, asked: Option<&str>) -> Option<String> {
    let answer = error.raw_response()?;
    if !matches!(answer.status().as_u16(), 301 | 307 | 400) {
        return None;
    }
    let body = String::from_utf8_lossy(answer.body().bytes().unwrap_or_default());
    let in_body = || body.split_once("<Region>")?.1.split_once("</Region>").map(|(region, _)| region);
    let region = answer.headers().get("x-amz-bucket-region").or_else(in_body)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (!region.is_empty() && region.bytes().all(plain) && Some(region) != asked).then(|| region.to_owned())
}

/// The name of a refusal.
pub(super) fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> &str {
    error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default()
}

/// Whether S3 does not allow it.
pub(super) fn is_denied<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    matches!(code(error), "AccessDenied" | "AllAccessDisabled")
}

impl Asked<'_> {
    /// The error of a call that failed.
    pub(super) fn error<E>(&self, error: &SdkError<E, HttpResponse>) -> Error
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        if let Some(region) = elsewhere(error, self.region) {
            return self.wrong_region(&region);
        }
        match Failure::of(error) {
            Failure::Refused { status, code, message, .. } => {
                self.refused(status, &code.unwrap_or_default(), &message.unwrap_or_default())
            }
            Failure::Unusable => self.malformed("the answer was cut short or is not S3's"),
            Failure::Unreachable { why, .. } => self.unreachable(&why),
            Failure::NoCredentials { why, .. } => {
                self.service(format!("no usable AWS credentials: {why}"), CREDENTIALS_HINT)
            }
            Failure::NotSent(why) => self.service(
                format!("the request could not be sent: {why}"),
                "check `region` under [store], AWS_ENDPOINT_URL and the endpoint settings of the profile",
            ),
        }
    }

    /// The error of an answer that broke off while it was read.
    pub(super) fn broken(&self, error: &(dyn StdError + 'static)) -> Error {
        self.unreachable(&root_cause(error))
    }

    /// The error of an answer that can't be right.
    pub(super) fn malformed(&self, why: &str) -> Error {
        self.service(why.to_owned(), "run again; if it stays, see what stands between here and S3")
    }

    fn unreachable(&self, why: &str) -> Error {
        self.service(
            format!("S3 could not be reached: {why}"),
            "check the network, the proxy and AWS_ENDPOINT_URL, then run again",
        )
    }

    fn refused(&self, status: u16, code: &str, message: &str) -> Error {
        let Self { action, location, .. } = self;
        match code {
            "NoSuchBucket" => self.usage(
                format!("there is no bucket {}", location.bucket()),
                "make the bucket, with Object Lock if snapshots are to be safe from everybody, or correct [store] url",
            ),
            "PermanentRedirect" | "TemporaryRedirect" | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException" => self.usage(
                format!("the bucket {} is in another Region ({code})", location.bucket()),
                "write the bucket's `region` under [store]",
            ),
            "AccessDenied" if message.contains("kms:") => self.service(
                "the bucket's KMS key can't be used".to_owned(),
                "allow kms:GenerateDataKey and kms:Decrypt on that key to whoever runs this",
            ),
            _ if code.starts_with("KMS") => self.service(
                format!("the bucket's KMS key can't be used ({code})"),
                "check that the key is enabled, and allow kms:GenerateDataKey and kms:Decrypt on it to whoever runs this",
            ),
            "AccessDenied" | "AllAccessDisabled" => {
                let absent = if **action == GET {
                    "; S3 says the same of what is not there as long as s3:ListBucket is not allowed"
                } else {
                    ""
                };
                self.service(
                    format!("S3 denied {}{}", action.name, explicit_deny(message)),
                    &format!(
                        "allow {} on {} to whoever runs this (`overstay doctor --policy` prints all that the store needs){absent}",
                        action.name,
                        self.resource()
                    ),
                )
            }
            "ExpiredToken" | "TokenRefreshRequired" | "RequestExpired" => {
                self.service("the AWS credentials expired".to_owned(), "renew them (`aws sso login`) and run again")
            }
            "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidToken" | "AuthFailure"
            | "MissingSecurityHeader" => {
                self.service(format!("AWS does not accept the credentials ({code})"), CREDENTIALS_HINT)
            }
            "RequestTimeTooSkewed" => {
                self.service("this machine's clock is too far from S3's".to_owned(), "set the clock")
            }
            "InvalidObjectState" => self.service(
                "it was moved to an archive class that is not read at once".to_owned(),
                "restore it in S3, and let no lifecycle rule archive the store",
            ),
            "SlowDown" | "RequestLimitExceeded" | "Throttling" => {
                self.service("S3 still throttled it after every try".to_owned(), "run again later")
            }
            "NotImplemented" => self.service(
                "the server does not know how to write without overwriting (If-None-Match)".to_owned(),
                "keep the store in Amazon S3, or in a folder",
            ),
            _ if status >= 500 => self.service(
                format!("S3 failed with HTTP {status}{}", in_brackets(code)),
                "run again; if it stays, see the AWS Health Dashboard",
            ),
            _ => {
                let why = if message.is_empty() { String::new() } else { format!(": {message}") };
                self.service(
                    format!("S3 refused it with HTTP {status}{}{why}", in_brackets(code)),
                    "check [store] and the endpoint settings",
                )
            }
        }
    }

    fn wrong_region(&self, region: &str) -> Error {
        let bucket = self.location.bucket();
        if self.stated {
            let asked = self.region.unwrap_or_default();
            return self.usage(
                format!("the bucket {bucket} is in {region}, and [store] says {asked}"),
                &format!("write region = \"{region}\" under [store]"),
            );
        }
        self.usage(
            format!("the bucket {bucket} is said to be in {region}, and then elsewhere"),
            "write the bucket's `region` under [store]",
        )
    }

    /// What it is about, for people.
    fn place(&self) -> String {
        format!("{}{}", self.location, self.path).trim_end_matches('/').to_owned()
    }

    /// What it is about, for a policy.
    fn resource(&self) -> String {
        self.action.resource(self.location, self.region, self.path)
    }

    fn service(&self, why: String, hint: &str) -> Error {
        let message = format!("cannot {} {}: {why}", self.action.doing, self.place());
        Error::Service { message, hint: hint.to_owned() }
    }

    fn usage(&self, why: String, hint: &str) -> Error {
        let message = format!("cannot {} {}: {why}", self.action.doing, self.place());
        Error::Usage { message, hint: hint.to_owned() }
    }
}

fn in_brackets(code: &str) -> String {
    if code.is_empty() { String::new() } else { format!(" ({code})") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::bucket::action::{LIST, PUT};

    fn told(action: &Action, code: &str, message: &str) -> Error {
        let location: S3Location = "s3://audit/overstay".parse().unwrap();
        let asked = Asked { action, location: &location, path: "store.json", region: Some("eu-west-1"), stated: false };
        asked.refused(403, code, message)
    }

    #[test]
    fn a_denial_names_action_and_resource() {
        let error = told(&PUT, "AccessDenied", "");
        assert_eq!(error.to_string(), "cannot write s3://audit/overstay/store.json: S3 denied s3:PutObject");
        assert!(error.hint().contains("allow s3:PutObject on arn:aws:s3:::audit/overstay/store.json"));
        assert!(told(&GET, "AccessDenied", "").hint().contains("s3:ListBucket"));
        let denied = "x is not authorized to perform: s3:PutObject with an explicit deny in a resource-based policy";
        assert!(
            told(&PUT, "AccessDenied", denied)
                .to_string()
                .ends_with("with an explicit deny in a resource-based policy")
        );
    }

    #[test]
    fn a_key_in_trouble_is_no_missing_permission() {
        for (code, message) in [("AccessDenied", "is not authorized to perform: kms:Decrypt"), ("KMS.Disabled", "")] {
            assert!(told(&GET, code, message).hint().contains("kms:Decrypt"), "{code}");
        }
    }

    #[test]
    fn the_configs_fault_is_told_from_the_worlds() {
        use crate::exit::Status;
        assert_eq!(told(&LIST, "NoSuchBucket", "").status(), Status::Usage);
        for code in ["AccessDenied", "ExpiredToken", "InvalidAccessKeyId", "SlowDown", "InternalError", ""] {
            assert_eq!(told(&LIST, code, "").status(), Status::Failure, "{code}");
        }
    }
}
