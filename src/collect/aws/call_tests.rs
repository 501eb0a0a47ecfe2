use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_sdk_ssoadmin::operation::list_account_assignments::ListAccountAssignmentsError;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;

use super::super::operation::{LIST_ASSIGNMENTS, LIST_USERS};
use super::*;
use crate::collect::Clock;
use crate::model::{GapKind, Instant};

type Answer = Result<u32, SdkError<ListAccountAssignmentsError, HttpResponse>>;

const FAST: RetryPolicy = RetryPolicy {
    base: Duration::from_millis(1),
    longest: Duration::from_millis(2),
    longest_asked: Duration::from_secs(60),
    cut_to: Duration::from_millis(2),
    throttle: 8,
    long: 5,
    some: 3,
    short: 2,
};

fn calls() -> Calls {
    let cx = CollectCx {
        clock: Clock::fixed(Instant::from_epoch_seconds(1_790_000_000).unwrap()),
        progress: Progress::silent(),
        base: std::path::PathBuf::new(),
    };
    Calls::new(100_000, FAST, &cx)
}

fn refusal(status: u16, code: &str) -> Answer {
    let error = ListAccountAssignmentsError::generic(ErrorMetadata::builder().code(code).build());
    let raw = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from("{}"));
    Err(SdkError::service_error(error, raw))
}

fn nobody() -> Answer {
    Err(SdkError::dispatch_failure(ConnectorError::io("connection refused".into())))
}

/// Runs a call whose n-th attempt (from 1) answers as told; gives the result and how many attempts there were.
fn run(calls: &Calls, operation: &Operation, answer: impl Fn(u32) -> Answer) -> (Result<u32, CallError>, u32) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let sent = AtomicU32::new(0);
    let result = runtime.block_on(calls.call(operation, || {
        let number = sent.fetch_add(1, Ordering::Relaxed) + 1;
        std::future::ready(answer(number))
    }));
    (result, sent.into_inner())
}

#[test]
fn a_throttled_call_is_sent_again_and_counted() {
    let calls = calls();
    let (result, sent) = run(&calls, &LIST_ASSIGNMENTS, |number| match number {
        1..=4 => refusal(400, "ThrottlingException"),
        _ => Ok(7),
    });
    assert_eq!((result.unwrap(), sent), (7, 5));
    let [record] = calls.records().try_into().unwrap();
    assert_eq!(record.operation, "sso:ListAccountAssignments");
    assert_eq!((record.requests, record.retries, record.throttles, record.failures), (5, 4, 4, 0));
}

#[test]
fn tries_end() {
    let throttled = run(&calls(), &LIST_ASSIGNMENTS, |_| refusal(400, "ThrottlingException"));
    assert_eq!((throttled.0.unwrap_err().kind, throttled.1), (GapKind::Throttled, 8));
    let failing = run(&calls(), &LIST_ASSIGNMENTS, |_| refusal(500, "InternalServerException"));
    assert_eq!((failing.0.unwrap_err().kind, failing.1), (GapKind::Server, 5));
    let denied = run(&calls(), &LIST_ASSIGNMENTS, |_| refusal(400, "AccessDeniedException"));
    assert_eq!((denied.0.unwrap_err().kind, denied.1), (GapKind::Denied, 1));
    let unreachable = run(&calls(), &LIST_ASSIGNMENTS, |_| nobody());
    assert_eq!((unreachable.0.unwrap_err().kind, unreachable.1), (GapKind::Network, 3));
}

#[test]
fn three_denials_without_a_success_end_an_operation() {
    let calls = calls();
    let denied = |_| refusal(400, "AccessDeniedException");
    for _ in 0..3 {
        assert_eq!(run(&calls, &LIST_ASSIGNMENTS, denied).1, 1);
    }
    let (result, sent) = run(&calls, &LIST_ASSIGNMENTS, denied);
    assert_eq!((result.unwrap_err().kind, sent), (GapKind::Denied, 0));
    assert_eq!(run(&calls, &LIST_USERS, |_| Ok(1)).1, 1);
}

#[test]
fn denials_after_a_success_end_nothing() {
    let calls = calls();
    assert!(run(&calls, &LIST_ASSIGNMENTS, |_| Ok(1)).0.is_ok());
    for _ in 0..5 {
        assert_eq!(run(&calls, &LIST_ASSIGNMENTS, |_| refusal(400, "AccessDeniedException")).1, 1);
    }
}

#[test]
fn lost_credentials_end_everything() {
    let calls = calls();
    let (first, _) = run(&calls, &LIST_ASSIGNMENTS, |_| refusal(400, "ExpiredTokenException"));
    let (second, sent) = run(&calls, &LIST_USERS, |_| Ok(1));
    assert_eq!(sent, 0);
    assert_eq!(first.unwrap_err(), second.unwrap_err());
}

#[test]
fn a_dead_service_is_left_alone() {
    let calls = calls();
    for _ in 0..3 {
        assert_eq!(run(&calls, &LIST_ASSIGNMENTS, |_| nobody()).1, 3);
    }
    assert_eq!(run(&calls, &LIST_ASSIGNMENTS, |_| nobody()).1, 0);
    assert_eq!(run(&calls, &LIST_USERS, |_| Ok(1)).1, 1);
}
