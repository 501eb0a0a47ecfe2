//! A call of AWS that failed, without its type: who failed, and what was said.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A failure without its type: what there is to judge.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The service answered with an error.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The error's name.
        code: Option<String>,
        /// Its message.
        message: Option<String>,
        /// The whole answer.
        body: Vec<u8>,
    },
    /// The service said yes, but what it said can't be read.
    Unusable,
    /// No answer.
    Unreachable {
        /// What the network said.
        why: String,
        /// Whether time ran out.
        timed_out: bool,
    },
    /// No request was sent: there is nobody to sign for.
    NoCredentials {
        /// What the places said where credentials may be.
        why: String,
        /// Whether one of them failed, rather than having none.
        slip: bool,
    },
    /// No request was sent for another reason, such as an endpoint that is no address.
    NotSent(String),
}

impl Failure {
    /// Takes the type off an error of the SDK.
    pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let refused = |raw: &HttpResponse, code: Option<&str>, message: Option<&str>| {
            let status = raw.status().as_u16();
            if raw.status().is_success() {
                return Self::Unusable;
            }
            Self::Refused {
                status,
                code: code.map(str::to_owned),
                message: message.map(str::to_owned),
                body: raw.body().bytes().unwrap_or_default().to_vec(),
            }
        };
        if let Some(why) = credentials_error(error) {
            return Self::NoCredentials {
                why: root_cause(error),
                slip: matches!(why, CredentialsError::ProviderTimedOut(_) | CredentialsError::ProviderError(_)),
            };
        }
        match error {
            SdkError::ServiceError(context) => {
                let error = context.err();
                refused(context.raw(), error.code(), error.message())
            }
            SdkError::ResponseError(context) => refused(context.raw(), None, None),
            SdkError::TimeoutError(_) => Self::Unreachable { why: "no answer in time".to_owned(), timed_out: true },
            SdkError::DispatchFailure(failure) if !failure.is_user() => {
                Self::Unreachable { why: root_cause(error), timed_out: failure.is_timeout() }
            }
            _ => Self::NotSent(root_cause(error)),
        }
    }
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| (*error).source())
}

fn credentials_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a CredentialsError> {
    chain(error).find_map(|error| error.downcast_ref())
}

/// The innermost error's words: the outer ones only say "dispatch failure" and the like.
pub(crate) fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let innermost = chain(error).last();
    one_line(&innermost.map(ToString::to_string).unwrap_or_default())
}

/// The SDK lists every place it looked at in a line of its own; those that merely aren't in use are left out.
fn one_line(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim().trim_end_matches("Attempted:").trim_end());
    let told: Vec<&str> = lines.filter(|line| !line.contains("was not enabled")).collect();
    told.join(" ").trim_end_matches(['.', ' ']).to_owned()
}

/// Says so when a policy denies it expressly: then allowing it elsewhere won't help.
pub(crate) fn explicit_deny(message: &str) -> String {
    let Some(start) = message.find("with an explicit deny") else {
        return String::new();
    };
    let clause = message.get(start..).unwrap_or_default();
    let end = clause.find([':', '.', ';', '\n']).unwrap_or(clause.len());
    format!(" {}", clause.get(..end).unwrap_or_default().trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_without_credentials_are_left_out() {
        let text = "no credentials found in chain. Attempted:\n  Environment: the credential provider was not enabled: x\n  Profile: broken";
        assert_eq!(one_line(text), "no credentials found in chain. Profile: broken");
        let text = "no credentials found in chain. Attempted:\n  Profile: the credential provider was not enabled";
        assert_eq!(one_line(text), "no credentials found in chain");
    }
}
