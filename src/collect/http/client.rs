//! The client: one connection pool, one origin, one token.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use reqwest::{RequestBuilder, Url, redirect, tls};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use super::auth::Auth;
use super::judge::{Failure, is_web_page, judge};
use super::{Credential, Endpoint, Next, Reply, Request};
use crate::collect::CollectCx;
use crate::collect::calls::{CallError, Calls, Pager, RetryPolicy, window_quota};
use crate::collect::table::plain_error;
use crate::config::Connection;
use crate::error::Error;
use crate::model::{GapKind, OperationRecord};

/// Whom to ask, and how.
#[derive(Debug)]
pub struct Setup<'a> {
    /// `idp:NAME`, for messages about its config.
    pub source: &'a str,
    /// The API's address, as the config has it.
    pub base_url: &'a str,
    /// How requests are authorised.
    pub credential: Credential,
    /// Every call that may be made, those for tokens included.
    pub endpoints: &'static [&'static Endpoint],
    /// How it is reached.
    pub connection: &'a Connection,
    /// Requests under way at once, where the config doesn't say.
    pub at_once: u32,
    /// What else is limited; other values than the default are for tests.
    pub limits: Limits,
}

/// How long and how much.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For a connection to come about.
    pub connect: Duration,
    /// Between two pieces of an answer.
    pub read: Duration,
    /// For a whole answer.
    pub total: Duration,
    /// Bytes of an answer, unpacked.
    pub largest: usize,
    /// How failures are tried again.
    pub retry: RetryPolicy,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(60),
            total: Duration::from_secs(300),
            largest: 64 << 20,
            retry: RetryPolicy::default(),
        }
    }
}

/// The body of a refusal is read up to here.
const REFUSAL: usize = 64 << 10;

/// Asks one vendor.
pub struct Http {
    pub(super) client: reqwest::Client,
    pub(super) calls: Calls,
    base: Url,
    auth: Auth,
    permits: Semaphore,
    largest: usize,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

impl Http {
    /// Makes the client; asks nobody yet.
    ///
    /// # Errors
    /// When the address or the file with certificates is none.
    pub fn connect(setup: Setup<'_>, cx: &CollectCx) -> Result<Arc<Self>, Error> {
        let Setup { source, base_url, credential, endpoints, connection, at_once, limits } = setup;
        let wrong = |message: String, help: &str| plain_error(source, message, help.to_owned());
        let base = Url::parse(base_url).ok().filter(|url| url.has_host() && !url.cannot_be_a_base());
        let base = base.ok_or_else(|| wrong(format!("`{base_url}` is not an address"), "write it from https:// on"))?;
        // The one provider; another part of the program may have installed it before.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .tls_version_min(tls::Version::TLS_1_2)
            .connect_timeout(limits.connect)
            .read_timeout(limits.read)
            .timeout(limits.total);
        // What listens on this machine is not behind a proxy.
        if base.host_str().is_some_and(|host| ["127.0.0.1", "[::1]", "localhost"].contains(&host)) {
            builder = builder.no_proxy();
        }
        if let Some(ca) = &connection.ca {
            builder = builder.tls_certs_only(certificates(&cx.base.join(ca)).map_err(|why| {
                wrong(format!("`ca`: {} {why}", ca.display()), "name a PEM file with the certificates to trust")
            })?);
        }
        let client = builder.build().map_err(|error| {
            wrong(
                format!("no TLS client can be made: {}", root_cause(&error)),
                "check `ca` and the system's certificates",
            )
        })?;
        let at_once = usize::try_from(connection.at_once.unwrap_or(at_once)).unwrap_or(usize::MAX).clamp(1, 64);
        let mut retry = limits.retry;
        if let Some(longest) = connection.longest_wait {
            retry.longest_asked = longest.duration().unsigned_abs();
        }
        let budgets: BTreeMap<_, _> = endpoints
            .iter()
            .map(|endpoint| (endpoint.bucket.name, window_quota(endpoint.bucket.requests, endpoint.bucket.window())))
            .collect();
        Ok(Arc::new(Self {
            client,
            calls: Calls::new(budgets, at_once, retry, cx),
            base,
            auth: Auth::new(credential),
            permits: Semaphore::new(at_once),
            largest: limits.largest,
        }))
    }

    /// A request for what is at these segments below the API's address. Segments are escaped.
    pub fn get(&self, endpoint: &'static Endpoint, segments: &[&str]) -> Request {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        Request { endpoint, url, headers: Vec::new(), bounded: false, first_page: false }
    }

    /// Gets a token, if one is asked for, and nothing else.
    ///
    /// # Errors
    /// When none is given.
    pub async fn sign_in(&self) -> Result<(), CallError> {
        self.auth.bearer(self).await.map(|_| ())
    }

    /// Asks for one answer.
    ///
    /// # Errors
    /// When no try brings it.
    pub async fn read<T: DeserializeOwned>(&self, request: &Request) -> Result<T, CallError> {
        let endpoint = request.endpoint;
        let answer =
            self.calls.call(endpoint, || self.send::<T>(request), |failure| self.judge(endpoint, failure)).await;
        answer.map(|(answer, _)| answer)
    }

    /// Asks for a listing, page after page. `split` takes the items and the next page out of an answer; `each` gets the items of
    /// one page at a time, so that only one page is held. What was read before an error is kept: `each` has it by then.
    ///
    /// # Errors
    /// When a page can't be read, or the listing goes round in circles or to another server.
    pub async fn pages<P, T>(
        &self,
        first: Request,
        mut split: impl FnMut(P, &Reply) -> (Vec<T>, Next),
        mut each: impl FnMut(Vec<T>),
    ) -> Result<(), CallError>
    where
        P: DeserializeOwned,
    {
        let endpoint = first.endpoint;
        let mut pager = Pager::new(first.bounded);
        loop {
            let request = match pager.token() {
                Some(next) => first.at(self.parse(endpoint, &next)?),
                None => first.clone(),
            };
            let mut astray = None;
            let answer = self.calls.page(
                endpoint,
                || self.send::<P>(&request),
                |failure| self.judge(endpoint, failure),
                |(answer, reply)| {
                    let (items, next) = split(answer, &reply);
                    let next = self.next(&first, &request, next).unwrap_or_else(|error| {
                        astray = Some(error);
                        None
                    });
                    (items, next.map(String::from))
                },
            );
            let page = pager.accept(endpoint, answer.await);
            each(page.items);
            if let Some(error) = astray {
                return Err(error);
            }
            match page.rest? {
                Some(further) if !first.first_page => pager = further,
                Some(_) | None => return Ok(()),
            }
        }
    }

    /// What was asked so far, sorted.
    pub fn records(&self) -> Vec<OperationRecord> {
        self.calls.records()
    }

    fn parse(&self, endpoint: &'static Endpoint, next: &str) -> Result<Url, CallError> {
        Url::parse(next).map_err(|_| CallError::malformed(endpoint, "the next page's address is none"))
    }

    /// The address of the next page, which must be where the token may be sent.
    fn next(&self, first: &Request, now: &Request, next: Next) -> Result<Option<Url>, CallError> {
        let endpoint = first.endpoint;
        match next {
            Next::End => Ok(None),
            Next::Parameter(name, value) => Ok(Some(first.with_parameter(name, &value))),
            Next::Link(link) => {
                let url = now.url.join(&link);
                let url = url.map_err(|_| CallError::malformed(endpoint, "the next page's address is none"))?;
                if url.origin() != self.base.origin() {
                    let elsewhere = url.origin().ascii_serialization();
                    return Err(CallError::malformed(
                        endpoint,
                        &format!("the next page is said to be at {elsewhere}, and the token is not sent there"),
                    ));
                }
                Ok(Some(url))
            }
        }
    }

    fn judge(&self, endpoint: &'static Endpoint, failure: Failure) -> crate::collect::calls::Verdict {
        judge(endpoint, failure, self.calls.clock().now())
    }

    /// Sends a request once.
    async fn send<T: DeserializeOwned>(&self, request: &Request) -> Result<(T, Reply), Failure> {
        let bearer = self.auth.bearer(self).await.map_err(Failure::NotSent)?;
        let mut builder = self.client.get(request.url.clone()).header(ACCEPT, "application/json");
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(bearer) = &bearer {
            let value = HeaderValue::try_from(bearer.header());
            let mut value = value.map_err(|_| Failure::NotSent(unsendable()))?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        let secret = bearer.as_ref().map(|bearer| bearer.token.reveal().to_owned());
        let permit = self.permits.acquire().await;
        let answer = self.fetch(builder, self.auth.renewable(), secret).await;
        drop(permit);
        match &answer {
            Ok((_, reply)) => self.heed(request.endpoint, reply, false),
            Err(Failure::Answered { reply, .. }) => {
                if let (401, Some(bearer)) = (reply.status, &bearer) {
                    self.auth.refused(bearer).await;
                }
                self.heed(request.endpoint, reply, matches!(reply.status, 429 | 503));
            }
            Err(_) => {}
        }
        answer
    }

    /// Slows down before the service has to say no, and leaves a tenth of its allowance to others; goes quiet when it said no.
    fn heed(&self, endpoint: &Endpoint, reply: &Reply, refused: bool) {
        let now = self.calls.clock().now();
        let pause = if refused {
            reply.wait(now)
        } else {
            let spare = |limit: u64| (limit / 10).max(self.calls.at_once() as u64).min(limit / 2);
            let allowance = reply.allowance(now).filter(|told| told.limit > 0 && told.remaining <= spare(told.limit));
            allowance.map(|told| told.reset)
        };
        if let Some(pause) = pause {
            self.calls.hold(endpoint.bucket.name, pause);
        }
    }

    /// Sends what was built and reads the answer, whatever it is for.
    pub(super) async fn fetch<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        renewable: bool,
        secret: Option<String>,
    ) -> Result<(T, Reply), Failure> {
        let mut response = request.send().await.map_err(|error| failed(&error))?;
        let reply = Reply { status: response.status().as_u16(), headers: response.headers().clone() };
        let success = response.status().is_success();
        let largest = if success { self.largest } else { REFUSAL };
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= largest => body.extend_from_slice(&chunk),
                Ok(Some(_)) if success => {
                    let why = format!("the answer is larger than {largest} bytes");
                    return Err(Failure::Unusable { why, again: false });
                }
                // Of a refusal its beginning will do.
                Ok(Some(_) | None) => break,
                Err(_) if !success => break,
                Err(error) if error.is_timeout() => return Err(failed(&error)),
                Err(_) => return Err(Failure::Unusable { why: "the answer was cut short".to_owned(), again: true }),
            }
        }
        if !success {
            return Err(Failure::Answered { reply: Box::new(reply), body, renewable, secret });
        }
        Ok((decode(&reply, &body)?, reply))
    }
}

fn unsendable() -> CallError {
    CallError {
        kind: GapKind::Credentials,
        reason: "the token has characters that can't be sent".to_owned(),
        hint: "store the token again, as one line of plain characters".to_owned(),
        code: None,
    }
}

/// Reads an answer. What is wrong with it is told by place, and never with a piece of it.
fn decode<T: DeserializeOwned>(reply: &Reply, body: &[u8]) -> Result<T, Failure> {
    use serde_json::error::Category;
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let why = match error.classify() {
            _ if is_web_page(reply, body) => {
                "a web page came instead of JSON: the address in the config is not the API's, or a proxy answered"
                    .to_owned()
            }
            Category::Eof | Category::Io => "the answer was cut short or empty".to_owned(),
            Category::Syntax => format!("the answer is not JSON ({place})"),
            Category::Data => format!("the answer has not the documented shape ({place})"),
        };
        Failure::Unusable { why, again: error.classify() != Category::Data }
    })
}

fn failed(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::Unreachable { why: "no answer in time".to_owned(), timed_out: true };
    }
    if error.is_builder() {
        return Failure::NotSent(CallError {
            kind: GapKind::Network,
            reason: "the request could not be made".to_owned(),
            hint: "check the address and the headers in the config".to_owned(),
            code: None,
        });
    }
    Failure::Unreachable { why: root_cause(error), timed_out: false }
}

/// The innermost error's words; the outer ones name the whole address.
fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let innermost = std::iter::successors(Some(error), |error| (*error).source()).last();
    let text = innermost.map(ToString::to_string).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
}

fn certificates(path: &std::path::Path) -> Result<Vec<reqwest::Certificate>, String> {
    #[expect(clippy::disallowed_methods, reason = "collectors read the files that the config names")]
    let pem = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("is not there; it was looked for at `{}`", path.display()),
        _ => format!("can't be read ({error})"),
    })?;
    let list = reqwest::Certificate::from_pem_bundle(&pem).map_err(|_| "is not a PEM file".to_owned())?;
    if list.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(list) }
}
