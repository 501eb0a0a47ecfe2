//! The faults are what the SDK sees.

use std::time::{Duration, Instant};

use aws_sdk_ssoadmin::error::{ProvideErrorMetadata, SdkError};

use super::fake::faults::{Effect, Fault, When};
use super::fake::world::World;
use super::fake::world::samples::Size;
use super::fake::{FakeAws, Outcome, Setup};
use super::sdk::Sdk;

const OPERATION: &str = "sso:ListPermissionSets";

struct Seen {
    server: FakeAws,
    sdk: Sdk,
    arn: String,
}

impl Seen {
    fn with(effect: Effect, when: When) -> Self {
        let setup = Setup { page_limit: Some(6), ..Setup::fault(Fault::new(OPERATION, when, effect)) };
        let server = FakeAws::start_with(World::sized(Size::SMALL), setup);
        let arn = server.world().instance.as_ref().unwrap().arn.clone();
        Self { sdk: Sdk::new(&server.url(), "us-east-1"), arn, server }
    }

    async fn list(
        &self,
        token: Option<String>,
    ) -> Result<
        (usize, Option<String>),
        SdkError<aws_sdk_ssoadmin::operation::list_permission_sets::ListPermissionSetsError>,
    > {
        let call = self.sdk.sso.list_permission_sets().instance_arn(&self.arn).set_next_token(token);
        call.send().await.map(|page| (page.permission_sets().len(), page.next_token.clone()))
    }

    /// Pages by their sizes, up to ten.
    async fn pages(&self) -> Vec<usize> {
        let (mut sizes, mut token) = (Vec::new(), None);
        while sizes.len() < 10 {
            let (size, next) = self.list(token).await.unwrap();
            sizes.push(size);
            token = next;
            if token.is_none() {
                break;
            }
        }
        sizes
    }
}

#[tokio::test]
async fn pages_can_be_cut_in_other_ways() {
    assert_eq!(Seen::with(Effect::ShortPages(4), When::Every).pages().await, [4, 4, 4, 3]);
    assert_eq!(Seen::with(Effect::EmptyPages, When::Every).pages().await, [0, 6, 0, 6, 0, 3]);
    assert_eq!(Seen::with(Effect::ShortPages(1), When::Nth(2)).pages().await, [6, 1, 6, 2]);
    assert_eq!(Seen::with(Effect::TokenLoop, When::Every).pages().await, [6, 6, 3, 6, 6, 3, 6, 6, 3, 6]);
    let repeated = Seen::with(Effect::RepeatToken, When::Every);
    assert_eq!(repeated.pages().await.len(), 10);
    let (_, first) = repeated.list(None).await.unwrap();
    let (_, second) = repeated.list(first.clone()).await.unwrap();
    assert_eq!(first, second);
    assert!(matches!(repeated.server.requests()[0].outcome, Outcome::Answered { items: Some(6) }));
}

#[tokio::test]
async fn answers_can_be_broken() {
    for (effect, name) in [
        (Effect::Truncated, "truncated body"),
        (Effect::HalfJson, "half of the JSON"),
        (Effect::EmptyBody, "empty body"),
        (Effect::Reset, "connection reset"),
        (Effect::ErrorHtml(503), "server error, HTML"),
        (Effect::ErrorJson(500), "server error, JSON"),
    ] {
        let lenient = matches!(effect, Effect::EmptyBody);
        let seen = Seen::with(effect, When::First(1));
        // The SDK takes an empty body for an empty answer; whoever uses it must not.
        assert_eq!(seen.list(None).await.is_ok(), lenient, "{name}");
        assert_eq!(seen.server.requests()[0].outcome, Outcome::Spoilt(name));
        assert_eq!(seen.list(None).await.unwrap().0, 6, "after {name}");
    }
}

#[tokio::test]
async fn a_reset_of_a_connection_in_use_is_one_request_and_one_error() {
    let seen = Seen::with(Effect::Reset, When::Nth(2));
    assert!(seen.list(None).await.is_ok());
    assert!(seen.list(None).await.is_err(), "the HTTP client must not try again by itself");
    assert!(seen.list(None).await.is_ok());
    assert_eq!(seen.server.requests().len(), 3);
}

#[tokio::test]
async fn errors_have_their_codes_and_reasons() {
    let expired = Seen::with(Effect::Refuse("ExpiredTokenException"), When::From(2));
    assert!(expired.list(None).await.is_ok());
    for _ in 0..2 {
        assert_eq!(expired.list(None).await.unwrap_err().code(), Some("ExpiredTokenException"));
    }
    assert_eq!(expired.server.requests()[2].outcome, Outcome::Refused("ExpiredTokenException".into()));
    let kms = Seen::with(Effect::DeniedByKms, When::Every);
    let denied = kms.list(None).await.unwrap_err().into_service_error();
    let reason = match &denied {
        aws_sdk_ssoadmin::operation::list_permission_sets::ListPermissionSetsError::AccessDeniedException(denied) => {
            denied.reason().map(|reason| reason.as_str().to_owned())
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(reason.as_deref(), Some("KMS_AccessDeniedException"));
}

#[tokio::test]
async fn answers_can_be_late_or_never_come() {
    let slow = Seen::with(Effect::Slow(Duration::from_millis(40)), When::Every);
    let before = Instant::now();
    assert_eq!(slow.list(None).await.unwrap().0, 6);
    assert!(before.elapsed() >= Duration::from_millis(40));
    let hung = Seen::with(Effect::Hang, When::Every);
    assert!(tokio::time::timeout(Duration::from_millis(60), hung.list(None)).await.is_err());
}

#[tokio::test]
async fn a_fault_can_be_of_one_subject_or_of_a_whole_service() {
    let world = World::tidy();
    let set = world.permission_sets[1].arn.clone();
    let setup = Setup {
        faults: vec![
            Fault::new("sso:*", When::Every, Effect::Refuse("AccessDeniedException")).containing(&set),
            Fault::new("*", When::From(3), Effect::Refuse("ExpiredTokenException")),
        ],
        ..Setup::default()
    };
    let server = FakeAws::start_with(world, setup);
    let sdk = Sdk::new(&server.url(), "us-east-1");
    let arn = server.world().instance.as_ref().unwrap().arn.clone();
    let describe = |set: &str| sdk.sso.describe_permission_set().instance_arn(&arn).permission_set_arn(set).send();
    assert!(describe(&server.world().permission_sets[0].arn).await.is_ok());
    assert_eq!(describe(&set).await.unwrap_err().code(), Some("AccessDeniedException"));
    assert_eq!(sdk.sts.get_caller_identity().send().await.unwrap_err().code(), Some("ExpiredToken"));
}
