use super::super::operation::{LIST_ASSIGNMENTS, LIST_USERS};
use super::*;

fn answer(status: u16, code: &str, message: &str, body: &str) -> Verdict {
    judge(
        &LIST_ASSIGNMENTS,
        Failure::Refused {
            status,
            code: (!code.is_empty()).then(|| code.to_owned()),
            message: Some(message.to_owned()),
            body: body.as_bytes().to_vec(),
        },
    )
}

#[test]
fn a_denial_names_the_action_to_allow() {
    let verdict = answer(400, "AccessDeniedException", "User: arn is not authorized", "{}");
    assert_eq!(verdict.error.kind, GapKind::Denied);
    assert_eq!(verdict.patience, Patience::None);
    assert!(verdict.error.hint.contains("sso:ListAccountAssignments"));
}

#[test]
fn an_explicit_deny_is_told() {
    let message = "User: arn:x is not authorized to perform: sso:L on resource: y with an explicit deny in a service control policy: arn:z";
    let verdict = answer(400, "AccessDeniedException", message, "{}");
    assert!(verdict.error.reason.ends_with("with an explicit deny in a service control policy"));
}

#[test]
fn a_key_in_trouble_is_no_missing_permission() {
    for code in ["AccessDeniedException", "ThrottlingException", "ResourceNotFoundException"] {
        let verdict = answer(400, code, "", r#"{"Reason":"KMS_AccessDeniedException"}"#);
        assert_eq!(verdict.error.kind, GapKind::Kms);
        assert!(verdict.error.hint.contains("kms:Decrypt"));
    }
}

#[test]
fn throttling_waits_as_long_as_the_service_asks() {
    let verdict = answer(400, "ThrottlingException", "", r#"{"RetryAfterSeconds":3}"#);
    assert_eq!(verdict.error.kind, GapKind::Throttled);
    assert_eq!(verdict.patience, Patience::Throttle);
    assert_eq!(verdict.wait, Some(Duration::from_secs(3)));
    let verdict = answer(400, "TooManyRequestsException", "", r#"{"RetryAfterSeconds":1e9}"#);
    assert_eq!(verdict.wait, Some(Duration::from_secs(60)));
    assert_eq!(answer(429, "", "", "").patience, Patience::Throttle);
}

#[test]
fn credentials_are_not_tried_again() {
    for code in ["ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId"] {
        let verdict = answer(403, code, "", "{}");
        assert_eq!(verdict.error.kind, GapKind::Credentials);
        assert_eq!(verdict.patience, Patience::None);
    }
}

#[test]
fn a_failing_service_is_given_time_and_a_page_of_html_is_not() {
    assert_eq!(answer(500, "InternalServerException", "", "{}").patience, Patience::Long);
    assert_eq!(answer(500, "", "", "<html>").patience, Patience::Short);
    assert_eq!(answer(500, "", "", "<html>").error.kind, GapKind::Server);
}

#[test]
fn success_that_can_not_be_read_is_malformed() {
    let verdict = judge(&LIST_USERS, Failure::Unusable);
    assert_eq!(verdict.error.kind, GapKind::Malformed);
    assert_eq!(verdict.patience, Patience::Some);
}

#[test]
fn namespaces_of_error_names_are_dropped() {
    let verdict = answer(400, "com.amazonaws.sso#ResourceNotFoundException", "", "{}");
    assert!(verdict.error.is_not_found());
}

#[test]
fn advice_follows_the_words_of_the_refusal() {
    let message = "User: arn:x is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:y";
    let key = answer(400, "AccessDeniedException", message, "{}");
    assert!(key.error.hint.starts_with("allow kms:Decrypt on the key"), "{}", key.error.hint);
    let message = "The operation is not supported for this Identity Center instance";
    let instance = answer(400, "ValidationException", message, "{}");
    assert!(instance.error.reason.contains("account instance"), "{}", instance.error.reason);
    assert!(instance.error.hint.contains("organization instance"), "{}", instance.error.hint);
}
