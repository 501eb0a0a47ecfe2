//! Routes, faults and the record of what was asked.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::Tokens;
use super::http::{Answer, Delivery, Handler, Incoming, Server};

/// One request as the server saw it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// The path, decoded.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    parts: Vec<String>,
}

impl Asked {
    fn of(incoming: &Incoming) -> Self {
        let mut words = incoming.line.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let url = reqwest::Url::parse(&format!("http://site{target}")).unwrap();
        let decode = |text: &str| reqwest::Url::parse(&format!("http://site/?{}", text.replace('+', "%2B"))).unwrap();
        let path = decode(url.path()).query_pairs().map(|(name, _)| name.into_owned()).collect();
        Self {
            method: method.to_owned(),
            path,
            query: url.query_pairs().into_owned().collect(),
            headers: incoming.headers.clone(),
            body: incoming.body.clone(),
            parts: Vec::new(),
        }
    }

    /// A query parameter.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// What stood in the n-th `{}` of the route.
    pub(crate) fn part(&self, n: usize) -> &str {
        &self.parts[n]
    }

    /// The fields of a form.
    pub(crate) fn form(&self) -> BTreeMap<String, String> {
        let text = String::from_utf8_lossy(&self.body);
        reqwest::Url::parse(&format!("http://site/?{text}")).unwrap().query_pairs().into_owned().collect()
    }
}

/// An answer, and how it leaves.
#[derive(Debug, Clone)]
pub(crate) struct Reply(Answer);

impl Reply {
    fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        let (delivery, delay) = (Delivery::Whole, Duration::ZERO);
        Self(Answer { status, content_type, headers: Vec::new(), body, delivery, delay })
    }

    /// 200 with JSON.
    pub(crate) fn json(body: Value) -> Self {
        Self::status(200, body)
    }

    /// JSON.
    pub(crate) fn status(status: u16, body: Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", body.to_string().into_bytes())
    }

    /// A web page.
    pub(crate) fn html(status: u16) -> Self {
        Self::new(status, "text/html", b"<html><body><h1>Sorry</h1></body></html>".to_vec())
    }

    /// These very bytes.
    pub(crate) fn bytes(body: &[u8]) -> Self {
        Self::new(200, "application/json", body.to_vec())
    }

    /// 429 with `Retry-After`.
    pub(crate) fn throttled(retry_after: &str) -> Self {
        Self::status(429, json!({ "error": { "code": "TooManyRequests", "message": "Slow down." } }))
            .header("retry-after", retry_after)
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }

    /// Leaves later.
    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.0.delay = delay;
        self
    }

    /// Loses its end.
    pub(crate) fn cut_short(mut self) -> Self {
        self.0.delivery = Delivery::Truncated;
        self
    }

    /// Never leaves: the connection is reset.
    pub(crate) fn reset(mut self) -> Self {
        self.0.delivery = Delivery::Reset;
        self
    }

    /// Never leaves: the connection stays open.
    pub(crate) fn never(mut self) -> Self {
        self.0.delivery = Delivery::Never;
        self
    }

    /// Leaves compressed.
    pub(crate) fn zipped(mut self) -> Self {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&self.0.body).unwrap();
        self.0.body = encoder.finish().unwrap();
        self.header("content-encoding", "gzip")
    }
}

/// Which requests of a route a fault meets, counted from 1.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Times {
    Every,
    First(u32),
    Nth(u32),
    From(u32),
}

impl Times {
    fn meets(self, number: u32) -> bool {
        match self {
            Self::Every => true,
            Self::First(count) => number <= count,
            Self::Nth(n) => number == n,
            Self::From(n) => number >= n,
        }
    }
}

type Answering = Box<dyn Fn(&Asked) -> Reply + Send + Sync>;
type Bending = Box<dyn Fn(Reply) -> Reply + Send + Sync>;

struct Route {
    method: &'static str,
    pattern: String,
    answer: Answering,
    /// Whether a token is taken here.
    open: bool,
}

struct Fault {
    pattern: String,
    times: Times,
    bend: Bending,
    seen: AtomicU32,
}

/// A site being described.
#[derive(Default)]
pub(crate) struct Site {
    routes: Vec<Route>,
    faults: Vec<Fault>,
    tokens: Option<Tokens>,
    asked: Mutex<Vec<Asked>>,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Site {
    /// A site without routes: everything is 404.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Answers `GET`s of a path, in which `{}` stands for one segment.
    pub(crate) fn get(self, pattern: &str, answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        self.route("GET", pattern, false, Box::new(answer))
    }

    /// Answers `POST`s of a path, without asking for a token.
    pub(crate) fn post(self, pattern: &str, answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        self.route("POST", pattern, true, Box::new(answer))
    }

    /// Gives tokens to `POST`s of a path, and asks for them everywhere else.
    pub(crate) fn login(self, pattern: &str, tokens: &Tokens) -> Self {
        self.login_unless(pattern, tokens, |_| None)
    }

    /// The same, unless there is another answer to a request.
    pub(crate) fn login_unless(
        mut self,
        pattern: &str,
        tokens: &Tokens,
        refuse: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        self.tokens = Some(tokens.clone());
        let tokens = tokens.clone();
        self.post(pattern, move |asked| refuse(asked).unwrap_or_else(|| tokens.give()))
    }

    fn route(mut self, method: &'static str, pattern: &str, open: bool, answer: Answering) -> Self {
        self.routes.push(Route { method, pattern: pattern.to_owned(), answer, open });
        self
    }

    /// Puts a fault over a path: of these requests, another answer leaves than the one there would be.
    pub(crate) fn spoil(
        mut self,
        pattern: &str,
        times: Times,
        bend: impl Fn(Reply) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let (pattern, bend) = (pattern.to_owned(), Box::new(bend));
        self.faults.push(Fault { pattern, times, bend, seen: AtomicU32::new(0) });
        self
    }

    /// Opens it.
    pub(crate) fn start(self) -> Web {
        let site = Arc::new(self);
        Web { server: Server::start(Arc::clone(&site)), site }
    }

    fn reply(&self, asked: &mut Asked) -> Reply {
        let found = self.routes.iter().find_map(|route| {
            let parts = parts(&route.pattern, &asked.path)?;
            (route.method == asked.method).then_some((route, parts))
        });
        let Some((route, parts)) = found else {
            return Reply::status(404, json!({ "error": "not_found" }));
        };
        asked.parts = parts;
        let refused = self.tokens.as_ref().filter(|_| !route.open).and_then(|tokens| tokens.take(asked));
        refused.unwrap_or_else(|| (route.answer)(asked))
    }
}

fn parts(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    let mut parts = Vec::new();
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return Some(parts),
            (Some("{}"), Some(part)) => parts.push(part.to_owned()),
            (Some(one), Some(other)) if one == other => {}
            _ => return None,
        }
    }
}

impl Handler for Site {
    fn answer(&self, request: &Incoming) -> Answer {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        let mut asked = Asked::of(request);
        let mut reply = self.reply(&mut asked);
        for fault in self.faults.iter().filter(|fault| parts(&fault.pattern, &asked.path).is_some()) {
            let number = fault.seen.fetch_add(1, Ordering::SeqCst) + 1;
            if fault.times.meets(number) {
                reply = (fault.bend)(reply);
            }
        }
        self.asked.lock().unwrap().push(asked);
        reply.0
    }

    fn left(&self) {
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// An open site.
pub(crate) struct Web {
    server: Server,
    site: Arc<Site>,
}

impl Web {
    /// Its address, without a slash at its end.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// Every request so far, in the order of arrival.
    pub(crate) fn requests(&self) -> Vec<Asked> {
        self.site.asked.lock().unwrap().clone()
    }

    /// Requests of one path, in which `{}` stands for one segment.
    pub(crate) fn requests_of(&self, pattern: &str) -> Vec<Asked> {
        self.requests().into_iter().filter(|asked| parts(pattern, &asked.path).is_some()).collect()
    }

    /// The most requests that were under way at one time.
    pub(crate) fn most_at_once(&self) -> usize {
        self.site.most.load(Ordering::SeqCst)
    }
}
