//! From a request to an answer: who asks for what, whether they may, what goes wrong, and the record of it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::faults::Effect;
use super::pages::{self, Cut};
use super::{Outcome, Request, Shared, cloudtrail, identity_store, organizations, s3, sso_admin, sts};
use crate::web::http::{Answer, Delivery, Incoming};

const JSON: &str = "application/x-amz-json-1.1";

/// What an operation tells.
pub(super) struct Reply {
    pub(super) body: Value,
    pub(super) items: Option<usize>,
}

impl Reply {
    pub(super) fn one(body: Value) -> Self {
        Self { body, items: None }
    }

    pub(super) fn list(body: Value, items: usize) -> Self {
        Self { body, items: Some(items) }
    }
}

/// An error as AWS puts it.
#[derive(Debug, Clone)]
pub(super) struct Denial {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) reason: Option<&'static str>,
}

impl Denial {
    pub(super) fn new(code: &str, message: &str) -> Self {
        Self { code: code.to_owned(), message: message.to_owned(), reason: None }
    }

    pub(super) fn validation(message: &str) -> Self {
        Self::new("ValidationException", message)
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new("ResourceNotFoundException", &format!("{what} not found."))
    }

    fn json(&self) -> Value {
        let mut body = json!({ "__type": self.code, "Message": self.message });
        if let Some(reason) = self.reason {
            body["Reason"] = reason.into();
        }
        body
    }
}

struct Call {
    service: &'static str,
    operation: String,
    body: Value,
    region: String,
}

/// Answers one request and records it.
pub(super) fn answer(shared: &Shared, incoming: &Incoming) -> Answer {
    let at = Instant::now();
    let call = match understand(incoming) {
        Ok(call) => call,
        Err(wrong) => {
            shared.anomaly(wrong.clone());
            return refuse("unknown", &Denial::new("UnknownOperationException", &wrong), 404);
        }
    };
    let mut answer = Answer {
        status: 200,
        content_type: JSON,
        headers: Vec::new(),
        body: Vec::new(),
        delivery: Delivery::Whole,
        delay: shared.latency,
    };
    let outcome = act(shared, &call, incoming, at, &mut answer);
    let request = Request { operation: call.operation, body: call.body, region: call.region, at, outcome };
    shared.requests.lock().unwrap().push(request);
    answer
}

fn understand(incoming: &Incoming) -> Result<Call, String> {
    let region = region_of(incoming).unwrap_or_default();
    if let Some((operation, body)) = s3::understand(incoming) {
        return Ok(Call { service: "s3", operation, body, region });
    }
    if !incoming.line.starts_with("POST / ") {
        return Err(format!("`{}` is no request of an AWS JSON or query protocol", incoming.line));
    }
    let Some(target) = incoming.header("x-amz-target") else {
        let body = sts::form(&incoming.body);
        let action = body.get("Action").and_then(Value::as_str);
        let action = action.ok_or("neither X-Amz-Target nor Action")?;
        return Ok(Call { service: "sts", operation: format!("sts:{action}"), body, region });
    };
    let (prefix, name) = target.split_once('.').ok_or_else(|| format!("target `{target}`"))?;
    let service = match prefix {
        "SWBExternalService" => "sso",
        "AWSIdentityStore" => "identitystore",
        "AWSOrganizationsV20161128" => "organizations",
        "CloudTrail_20131101" => "cloudtrail",
        _ => return Err(format!("target `{target}`")),
    };
    let body = serde_json::from_slice(&incoming.body).map_err(|error| format!("{target}: body: {error}"))?;
    Ok(Call { service, operation: format!("{service}:{name}"), body, region })
}

/// Access key, Region and service of the `Authorization` header.
fn credential(incoming: &Incoming) -> Option<(&str, &str, &str)> {
    let header = incoming.header("authorization")?.strip_prefix("AWS4-HMAC-SHA256 ")?;
    let scope = header.split(", ").find_map(|part| part.trim().strip_prefix("Credential="))?;
    let mut parts = scope.split('/');
    let (key, _date, region, service) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some((key, region, service))
}

fn region_of(incoming: &Incoming) -> Option<String> {
    credential(incoming).map(|(_, region, _)| region.to_owned())
}

fn act(shared: &Shared, call: &Call, incoming: &Incoming, at: Instant, answer: &mut Answer) -> Outcome {
    if let Err(denial) = authenticate(shared, call, incoming) {
        return refused(call, &denial, answer);
    }
    if shared.throttle.as_ref().is_some_and(|throttle| !throttle.admit(&call.operation, at)) {
        *answer = refuse(call.service, &Denial::new("ThrottlingException", "Rate exceeded"), 400);
        answer.delay = shared.latency;
        return Outcome::Throttled;
    }
    let effects: Vec<&Effect> =
        shared.faults.iter().filter_map(|fault| fault.hit(&call.operation, &call.body)).collect();
    let mut spoilt = effects.first().map(|effect| effect.name());
    for effect in &effects {
        match effect {
            Effect::Slow(delay) => answer.delay += *delay,
            Effect::Refuse(code) => return refused(call, &Denial::new(code, message_of(code)), answer),
            Effect::DeniedByKms => {
                let reason = if call.service == "sso" { "KMS_AccessDeniedException" } else { "KMS_ACCESS_DENIED" };
                let text = "The ciphertext refers to a customer master key that you may not use.";
                let denial = Denial { reason: Some(reason), ..Denial::new("AccessDeniedException", text) };
                return refused(call, &denial, answer);
            }
            Effect::ErrorJson(status) => {
                *answer = refuse(call.service, &Denial::new("InternalServerException", "Try again."), *status);
                return Outcome::Spoilt(effect.name());
            }
            Effect::ErrorHtml(status) => {
                answer.status = *status;
                answer.content_type = "text/html";
                answer.body = b"<html><body><h1>Service Unavailable</h1></body></html>".to_vec();
                return Outcome::Spoilt(effect.name());
            }
            Effect::Reset => answer.delivery = Delivery::Reset,
            Effect::Truncated => answer.delivery = Delivery::Truncated,
            Effect::Hang => answer.delivery = Delivery::Never,
            _ => {}
        }
    }
    let reply = match handle(shared, call, &effects, answer) {
        Ok(reply) => reply,
        Err(denial) => {
            let outcome = refused(call, &denial, answer);
            if denial.code == "PermanentRedirect" {
                let region = shared.world.bucket.as_ref().map(|bucket| bucket.region.clone());
                answer.headers.extend(region.map(|region| ("x-amz-bucket-region", region)));
            }
            return outcome;
        }
    };
    for effect in &effects {
        match effect {
            Effect::EmptyBody => answer.body.clear(),
            Effect::HalfJson => answer.body.truncate(answer.body.len() / 2),
            // These answer in full, only later or in other pieces.
            _ if effect.pages_only() || matches!(effect, Effect::Slow(_)) => spoilt = None,
            _ => {}
        }
    }
    spoilt.map_or(Outcome::Answered { items: reply.items }, Outcome::Spoilt)
}

fn authenticate(shared: &Shared, call: &Call, incoming: &Incoming) -> Result<(), Denial> {
    let Some((key, _, service)) = credential(incoming) else {
        shared.anomaly(format!("{}: not signed", call.operation));
        return Err(Denial::new("MissingAuthenticationTokenException", "Missing Authentication Token"));
    };
    if service != call.service {
        shared.anomaly(format!("{}: signed for `{service}`", call.operation));
    }
    if !shared.access_keys.lock().unwrap().contains(key) {
        let text = "The security token included in the request is invalid.";
        return Err(Denial::new("UnrecognizedClientException", text));
    }
    Ok(())
}

/// Puts the answer's body and gives what it tells.
fn handle(shared: &Shared, call: &Call, effects: &[&Effect], answer: &mut Answer) -> Result<Reply, Denial> {
    let limit = pages::most(&call.operation);
    let cut = Cut {
        operation: &call.operation,
        body: &call.body,
        limit: shared.page_limit.map_or(limit, |most| limit.min(most)),
        effects: effects.to_vec(),
    };
    let (_, name) = call.operation.split_once(':').unwrap_or_default();
    if call.service == "s3" {
        let handled = s3::handle(shared, name, &call.region, &call.body, effects);
        let (reply, body) =
            handled.unwrap_or_else(|| Err(Denial::new("MethodNotAllowed", "No such operation here.")))?;
        (answer.content_type, answer.body) = ("application/xml", body);
        return Ok(reply);
    }
    let handled = match call.service {
        "sso" => sso_admin::handle(shared, name, &call.region, &cut),
        "identitystore" => identity_store::handle(shared, name, &call.region, &cut),
        "organizations" => organizations::handle(shared, name, &cut),
        "cloudtrail" => cloudtrail::handle(shared, name, &call.region, &cut),
        _ => sts::handle(shared, name, &call.body),
    };
    let reply = handled.unwrap_or_else(|| {
        shared.anomaly(format!("{}: no such operation here", call.operation));
        Err(Denial::new("UnknownOperationException", &call.operation))
    })?;
    answer.body = if call.service == "sts" {
        answer.content_type = "text/xml";
        reply.body.as_str().unwrap_or_default().as_bytes().to_vec()
    } else {
        reply.body.to_string().into_bytes()
    };
    Ok(reply)
}

fn refused(call: &Call, denial: &Denial, answer: &mut Answer) -> Outcome {
    let delay = answer.delay;
    let status = match call.service {
        "sts" => 403,
        "s3" => s3::error(denial).0,
        _ => 400,
    };
    *answer = refuse(call.service, denial, status);
    answer.delay = delay;
    Outcome::Refused(denial.code.clone())
}

fn refuse(service: &str, denial: &Denial, status: u16) -> Answer {
    let (content_type, body) = match service {
        "sts" => ("text/xml", sts::error(denial)),
        "s3" => ("application/xml", s3::error(denial).1),
        _ => (JSON, denial.json().to_string()),
    };
    Answer {
        status,
        content_type,
        headers: Vec::new(),
        body: body.into_bytes(),
        delivery: Delivery::Whole,
        delay: Duration::ZERO,
    }
}

fn message_of(code: &str) -> &'static str {
    match code {
        "AccessDeniedException" => "User: arn:aws:iam::100000000000:user/auditor is not authorized to perform this",
        "ExpiredTokenException" => "The security token included in the request is expired",
        "ThrottlingException" => "Rate exceeded",
        _ => "The request failed.",
    }
}
