//! What went wrong with a call, in one sentence, with what to do about it and whether trying again can help.

use std::time::Duration;

use serde::Deserialize;

use super::operation::{Operation, S3};
use crate::aws::failure::{Failure, explicit_deny};
use crate::collect::calls::{CallError, Patience, Verdict};
use crate::model::GapKind;

/// The members of an AWS JSON error that the typed errors don't all have.
#[derive(Debug, Default, Deserialize)]
struct ErrorBody {
    #[serde(rename = "Reason")]
    reason: Option<String>,
    #[serde(rename = "RetryAfterSeconds")]
    retry_after: Option<f64>,
}

/// The longest wait a service may ask for.
const LONGEST_WAIT: f64 = 60.0;

/// Judges a failure of `operation`.
pub(super) fn judge(operation: &Operation, failure: Failure) -> Verdict {
    match failure {
        Failure::Refused { status, code, message, body } => {
            refused(operation, status, code, message.unwrap_or_default(), &body)
        }
        Failure::Unusable => {
            let what = if operation.service == S3 { "not what it should be" } else { "not JSON" };
            let reason = format!("the answer was cut short, empty or {what}");
            verdict(Patience::Some, CallError::malformed(operation, &reason))
        }
        Failure::Unreachable { why, timed_out } => verdict(
            if timed_out { Patience::Short } else { Patience::Some },
            CallError {
                kind: GapKind::Network,
                reason: format!("AWS could not be reached: {why}"),
                hint: "check the network, the proxy and AWS_ENDPOINT_URL, then run again".to_owned(),
                code: None,
            },
        ),
        Failure::NotSent(why) => unsent(
            Patience::None,
            CallError {
                kind: GapKind::Network,
                reason: format!("the request could not be sent: {why}"),
                hint: "check aws.region, AWS_ENDPOINT_URL and the endpoint settings of the profile".to_owned(),
                code: None,
            },
        ),
        Failure::NoCredentials { why, slip } => unsent(
            if slip { Patience::Short } else { Patience::None },
            CallError {
                kind: GapKind::Credentials,
                reason: format!("no usable AWS credentials: {why}"),
                hint: CREDENTIALS_HINT.to_owned(),
                code: None,
            },
        ),
    }
}

const CREDENTIALS_HINT: &str =
    "sign in (`aws sso login`), set aws.profile or the AWS_* variables, check with `aws sts get-caller-identity`";

fn verdict(patience: Patience, error: CallError) -> Verdict {
    Verdict::new(patience, error)
}

fn unsent(patience: Patience, error: CallError) -> Verdict {
    Verdict { sent: false, ..Verdict::new(patience, error) }
}

fn refused(operation: &Operation, status: u16, code: Option<String>, message: String, body: &[u8]) -> Verdict {
    let parsed: Option<ErrorBody> = serde_json::from_slice(body).ok();
    let is_json = parsed.is_some();
    let detail = parsed.unwrap_or_default();
    let action = operation.action();
    // A name may come with a namespace, `com.amazonaws…#AccessDeniedException`.
    let code = code.map(|code| code.rsplit('#').next().unwrap_or_default().to_owned());
    let name = code.as_deref().unwrap_or_default();
    let tell = |kind: GapKind, reason: String, hint: String| CallError { kind, reason, hint, code: code.clone() };

    // An account instance of Identity Center has users and groups, and no permission sets or account assignments.
    if name == "ValidationException" && message.contains("not supported for this Identity Center instance") {
        return verdict(
            Patience::None,
            tell(
                GapKind::NotFound,
                "this is an account instance of Identity Center, which has no permission sets".to_owned(),
                "run with credentials of the management account, or of the delegated administrator for Identity Center, \
                 so that the organization instance is read"
                    .to_owned(),
            ),
        );
    }
    // A key in trouble hides behind AccessDenied, ResourceNotFound, Validation and Throttling alike.
    if let Some(reason) = detail.reason.filter(|reason| reason.starts_with("KMS_")) {
        return verdict(
            Patience::None,
            tell(
                GapKind::Kms,
                format!("the instance's customer managed KMS key can't be used ({reason})"),
                "allow kms:Decrypt on that key to the caller, in the key's policy and in its own, and check that the key is enabled"
                    .to_owned(),
            ),
        );
    }
    match name {
        "AccessDeniedException" | "AccessDenied" | "AccessDeniedForDependencyException" | "UnauthorizedOperation" => {
            verdict(
                Patience::None,
                tell(
                    GapKind::Denied,
                    format!("AWS denied {}{}", denied(&action, &message), explicit_deny(&message)),
                    denied_hint(operation, &action, &message),
                ),
            )
        }
        "ThrottlingException" | "Throttling" | "TooManyRequestsException" | "RequestLimitExceeded"
        | "ThrottledException" | "SlowDown" => throttled(operation, detail.retry_after, code),
        _ if status == 429 => throttled(operation, detail.retry_after, code),
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => verdict(
            Patience::None,
            tell(
                GapKind::Credentials,
                "the AWS credentials expired".to_owned(),
                "renew them (`aws sso login`) and run again; a long collection needs credentials that renew themselves"
                    .to_owned(),
            ),
        ),
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "InvalidAccessKeyId"
        | "InvalidToken"
        | "AuthFailure" => verdict(
            Patience::None,
            tell(
                GapKind::Credentials,
                format!("AWS does not accept the credentials ({name})"),
                CREDENTIALS_HINT.to_owned(),
            ),
        ),
        "ResourceNotFoundException" => verdict(
            Patience::None,
            tell(
                GapKind::NotFound,
                format!("what {action} asked about does not exist"),
                "run again: it was probably removed meanwhile".to_owned(),
            ),
        ),
        "NoSuchBucket" => verdict(
            Patience::None,
            tell(
                GapKind::NotFound,
                "there is no such bucket".to_owned(),
                "check the name of the bucket in cloudtrail = { s3 = … }".to_owned(),
            ),
        ),
        "NoSuchKey" => verdict(
            Patience::None,
            tell(
                GapKind::NotFound,
                "the file was listed, and was gone when it was to be read".to_owned(),
                "find out who removes files of the trail, and run again".to_owned(),
            ),
        ),
        "InvalidObjectState" => verdict(
            Patience::None,
            tell(
                GapKind::Unreadable,
                "the file was moved to an archive, from which it has to be restored first".to_owned(),
                "restore it, or read from a later day on: cloudtrail = { s3 = …, since = … }".to_owned(),
            ),
        ),
        _ if name.starts_with("KMS.") => verdict(
            Patience::None,
            tell(
                GapKind::Kms,
                format!("the KMS key of the trail's files can't be used ({name})"),
                "check that the key is there and enabled".to_owned(),
            ),
        ),
        "AWSOrganizationsNotInUseException" => verdict(
            Patience::None,
            tell(
                GapKind::NotFound,
                "the account is not part of an organization".to_owned(),
                "run it from the organization's management account, or from a delegated administrator for Identity Center"
                    .to_owned(),
            ),
        ),
        _ if status >= 500 => Verdict {
            sent: true,
            wait: seconds(detail.retry_after),
            // A page of HTML comes from something in between, or from a server that doesn't know the operation.
            patience: if is_json || !name.is_empty() { Patience::Long } else { Patience::Short },
            error: tell(
                GapKind::Server,
                if name.is_empty() {
                    format!("the service failed with HTTP {status}")
                } else {
                    format!("the service failed with HTTP {status} ({name})")
                },
                "run again; if it stays, see the AWS Health Dashboard".to_owned(),
            ),
        },
        _ => verdict(
            Patience::None,
            tell(
                GapKind::Server,
                if name.is_empty() {
                    format!("the service refused the request with HTTP {status}")
                } else if message.is_empty() {
                    format!("the service refused the request ({name})")
                } else {
                    format!("the service refused the request ({name}: {message})")
                },
                "check aws.region and the endpoint settings".to_owned(),
            ),
        ),
    }
}

/// What was denied: S3 asks for a file's key on the caller's behalf, and says so in its message.
fn denied(action: &str, message: &str) -> String {
    if message.contains("kms:Decrypt") { format!("{action} for want of kms:Decrypt") } else { action.to_owned() }
}

fn denied_hint(operation: &Operation, action: &str, message: &str) -> String {
    if operation.service != S3 && message.contains("kms:Decrypt") {
        return "allow kms:Decrypt on the key of Identity Center, in the caller's policy and in the key's policy in the management account"
            .to_owned();
    }
    if operation.service == S3 {
        return format!(
            "allow {action} to the caller in its own policy and, where the bucket is another account's, in the bucket's policy too; \
             where the files are encrypted with a KMS key, allow kms:Decrypt on that key likewise \
             (`overstay doctor --policy` prints the whole policy)"
        );
    }
    format!("allow {action} to the caller (`overstay doctor --policy` prints the whole policy)")
}

fn throttled(operation: &Operation, retry_after: Option<f64>, code: Option<String>) -> Verdict {
    Verdict {
        sent: true,
        patience: Patience::Throttle,
        wait: seconds(retry_after),
        error: CallError {
            kind: GapKind::Throttled,
            reason: format!("AWS still throttled {} after every try", operation.action()),
            hint: if operation.service == S3 {
                "run again when other tools that read the bucket are quiet".to_owned()
            } else {
                "lower aws.requests_per_second, or run again when other tools that read Identity Center are quiet"
                    .to_owned()
            },
            code,
        },
    }
}

fn seconds(asked: Option<f64>) -> Option<Duration> {
    asked.and_then(|seconds| Duration::try_from_secs_f64(seconds.clamp(0.0, LONGEST_WAIT)).ok())
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
