//! As much of S3 as the store asks for: one bucket, in memory, with versions, Object Lock and faults.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use crate::web::http::{Answer, Delivery, Handler, Incoming, Server};

/// The name of the bucket.
pub(super) const BUCKET: &str = "audit-log";

/// How the bucket locks what is put into it.
#[derive(Debug, Clone)]
pub(super) enum Locking {
    /// It can't.
    Off,
    /// It can, and does not by itself.
    NoDefault,
    /// Until an instant.
    Until(&'static str),
    /// Until an instant, by somebody's legal hold.
    Legal,
}

/// What the server does beside answering.
pub(super) struct Setup {
    pub(super) locking: Locking,
    /// The Region that the bucket is in.
    pub(super) region: &'static str,
    /// How many keys a page has.
    pub(super) page: usize,
    pub(super) faults: Vec<Fault>,
}

impl Default for Setup {
    fn default() -> Self {
        Self { locking: Locking::Off, region: "us-east-1", page: 1000, faults: Vec::new() }
    }
}

impl Setup {
    pub(super) fn fault(fault: Fault) -> Self {
        Self { faults: vec![fault], ..Self::default() }
    }

    pub(super) fn locking(locking: Locking) -> Self {
        Self { locking, ..Self::default() }
    }
}

/// Which requests of an operation are spoilt.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    Every,
    /// The first so many.
    First(usize),
    /// All after so many.
    After(usize),
}

/// What is done to an answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Effect {
    /// An error instead, of this status and code.
    Refuse(u16, &'static str),
    /// An error instead, that says where the bucket is.
    Elsewhere(&'static str),
    /// The last third of the answer is missing.
    Truncated,
    /// A byte of it is another.
    Corrupt,
    /// A list has the token that it was asked with.
    SameToken,
    /// A list says that it goes on, and not where.
    NoToken,
    /// What is asked for is done, and another error told, as if the answer to a first try was lost.
    Done(u16, &'static str),
}

/// A fault.
pub(super) struct Fault {
    operation: &'static str,
    /// What the key has to contain.
    key: &'static str,
    when: When,
    effect: Effect,
}

impl Fault {
    pub(super) fn new(operation: &'static str, when: When, effect: Effect) -> Self {
        Self { operation, key: "", when, effect }
    }

    pub(super) fn on(self, key: &'static str) -> Self {
        Self { key, ..self }
    }
}

/// A version of an object; without bytes it is a mark that the object is deleted.
#[derive(Debug, Clone)]
struct Version {
    id: String,
    bytes: Option<Vec<u8>>,
}

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Vec<Version>>,
    made: usize,
    hits: Vec<usize>,
    requests: Vec<(String, String)>,
    anomalies: Vec<String>,
    at_once: usize,
    most_at_once: usize,
}

struct Shared {
    setup: Setup,
    state: Mutex<State>,
}

/// A request, taken apart.
struct Asked<'a> {
    operation: &'static str,
    key: String,
    query: BTreeMap<String, String>,
    incoming: &'a Incoming,
}

/// A running server. Dropping it stops it, and fails the test if the store did what it never should.
pub(super) struct FakeS3 {
    server: Server,
    shared: Arc<Shared>,
}

impl FakeS3 {
    pub(super) fn start() -> Self {
        Self::start_with(Setup::default())
    }

    pub(super) fn start_with(setup: Setup) -> Self {
        let hits = vec![0; setup.faults.len()];
        let state = Mutex::new(State { hits, ..State::default() });
        let shared = Arc::new(Shared { setup, state });
        Self { server: Server::start(Arc::clone(&shared)), shared }
    }

    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    fn state<T>(&self, read: impl FnOnce(&mut State) -> T) -> T {
        read(&mut self.shared.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What can be read, by key.
    pub(super) fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        self.state(|state| {
            let current = |versions: &Vec<Version>| versions.last().and_then(|version| version.bytes.clone());
            state.objects.iter().filter_map(|(key, versions)| Some((key.clone(), current(versions)?))).collect()
        })
    }

    /// The keys of snapshots.
    pub(super) fn snapshots(&self) -> Vec<String> {
        self.objects().into_keys().filter(|key| key.contains("snapshots/")).collect()
    }

    /// How many versions there are of everything, marks of deletion included.
    pub(super) fn versions(&self) -> usize {
        self.state(|state| state.objects.values().map(Vec::len).sum())
    }

    /// Puts a version over what is there, as only somebody else would.
    pub(super) fn meddle(&self, key: &str, bytes: Option<&[u8]>) {
        self.state(|state| state.add(key, bytes.map(<[u8]>::to_vec)));
    }

    /// How many requests were being answered at once, at most.
    pub(super) fn most_at_once(&self) -> usize {
        self.state(|state| state.most_at_once)
    }

    /// How often an operation was asked for.
    pub(super) fn count(&self, operation: &str) -> usize {
        self.state(|state| state.requests.iter().filter(|(asked, _)| asked == operation).count())
    }
}

impl Drop for FakeS3 {
    fn drop(&mut self) {
        self.server.stop();
        if !std::thread::panicking() {
            let anomalies = self.state(|state| std::mem::take(&mut state.anomalies));
            assert!(anomalies.is_empty(), "{anomalies:#?}");
        }
    }
}

impl State {
    fn add(&mut self, key: &str, bytes: Option<Vec<u8>>) {
        self.made += 1;
        let id = format!("v{:04}", self.made);
        self.objects.entry(key.to_owned()).or_default().push(Version { id, bytes });
    }

    fn current(&self, key: &str) -> Option<&Vec<u8>> {
        self.objects.get(key)?.last()?.bytes.as_ref()
    }
}

impl Handler for Shared {
    fn answer(&self, incoming: &Incoming) -> Answer {
        let asked = Asked::of(incoming);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.requests.push((asked.operation.to_owned(), asked.key.clone()));
        state.at_once += 1;
        state.most_at_once = state.most_at_once.max(state.at_once);
        if let Some(what) = asked.anomaly() {
            state.anomalies.push(what);
        }
        if asked.region() != self.setup.region {
            return elsewhere(self.setup.region);
        }
        let mut effect = None;
        for (place, fault) in self.setup.faults.iter().enumerate() {
            if fault.operation == asked.operation && asked.key.contains(fault.key) {
                state.hits[place] += 1;
                let hit = match fault.when {
                    When::Every => true,
                    When::First(count) => state.hits[place] <= count,
                    When::After(count) => state.hits[place] > count,
                };
                effect = effect.or(hit.then_some(fault.effect));
            }
        }
        // Long enough that whoever asks for several at once is seen to.
        Answer { delay: Duration::from_millis(20), ..self.spoilt(&asked, &mut state, effect) }
    }

    fn left(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).at_once -= 1;
    }
}

impl Shared {
    fn spoilt(&self, asked: &Asked<'_>, state: &mut State, effect: Option<Effect>) -> Answer {
        match effect {
            Some(Effect::Refuse(status, code)) => refusal(status, code),
            Some(Effect::Elsewhere(region)) => elsewhere(region),
            Some(Effect::Done(status, code)) => {
                self.respond(asked, state);
                refusal(status, code)
            }
            Some(Effect::Truncated) => Answer { delivery: Delivery::Truncated, ..self.respond(asked, state) },
            Some(Effect::Corrupt) => {
                let mut answer = self.respond(asked, state);
                answer.body.iter_mut().take(1).for_each(|byte| *byte ^= 1);
                answer
            }
            Some(Effect::SameToken) => {
                let token = asked.query.get("continuation-token").map_or("again", String::as_str);
                list(&[], true, Some(token))
            }
            Some(Effect::NoToken) => list(&[], true, None),
            None => self.respond(asked, state),
        }
    }

    fn respond(&self, asked: &Asked<'_>, state: &mut State) -> Answer {
        let key = asked.key.as_str();
        match asked.operation {
            "PutObject" if state.current(key).is_some() => refusal(412, "PreconditionFailed"),
            "PutObject" => {
                state.add(key, Some(asked.incoming.body.clone()));
                xml(200, String::new())
            }
            "GetObject" => match state.current(key) {
                Some(bytes) => Answer {
                    headers: vec![("x-amz-checksum-sha256", BASE64.encode(&Sha256::digest(bytes)))],
                    content_type: "application/octet-stream",
                    body: bytes.clone(),
                    ..xml(200, String::new())
                },
                None => refusal(404, "NoSuchKey"),
            },
            "ListObjectsV2" => {
                let prefix = asked.query.get("prefix").map_or("", String::as_str);
                let after = asked.query.get("continuation-token").map_or("", String::as_str);
                let keys = state.objects.keys().filter(|key| state.current(key).is_some());
                let keys: Vec<&str> =
                    keys.map(String::as_str).filter(|key| key.starts_with(prefix) && *key > after).collect();
                let page = &keys[..keys.len().min(self.setup.page)];
                let more = page.len() < keys.len();
                list(page, more, page.last().copied().filter(|_| more))
            }
            "GetObjectLockConfiguration" => self.lock(),
            "ListObjectVersions" => {
                let prefix = asked.query.get("prefix").map_or("", String::as_str);
                let mut body = String::from("<ListVersionsResult><IsTruncated>false</IsTruncated>");
                for (key, versions) in state.objects.iter().filter(|(key, _)| key.starts_with(prefix)) {
                    for Version { id, bytes } in versions {
                        let name = if bytes.is_some() { "Version" } else { "DeleteMarker" };
                        body += &format!("<{name}><Key>{key}</Key><VersionId>{id}</VersionId></{name}>");
                    }
                }
                xml(200, body + "</ListVersionsResult>")
            }
            "GetObjectRetention" => match &self.setup.locking {
                Locking::Until(until) => xml(
                    200,
                    format!("<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>"),
                ),
                _ => refusal(404, "NoSuchObjectLockConfiguration"),
            },
            "GetObjectLegalHold" => match &self.setup.locking {
                Locking::Legal => xml(200, "<LegalHold><Status>ON</Status></LegalHold>".to_owned()),
                _ => refusal(404, "NoSuchObjectLockConfiguration"),
            },
            "DeleteObject" => {
                let version = &asked.query["versionId"];
                let versions = state.objects.entry(key.to_owned()).or_default();
                versions.retain(|known| known.id != *version);
                if versions.is_empty() {
                    state.objects.remove(key);
                }
                xml(204, String::new())
            }
            other => panic!("{other} is not an operation of the store's"),
        }
    }

    fn lock(&self) -> Answer {
        let rule = match &self.setup.locking {
            Locking::Off => return refusal(404, "ObjectLockConfigurationNotFoundError"),
            Locking::NoDefault => "",
            Locking::Until(_) | Locking::Legal => {
                "<Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>400</Days></DefaultRetention></Rule>"
            }
        };
        let on = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>";
        xml(200, format!("<ObjectLockConfiguration>{on}{rule}</ObjectLockConfiguration>"))
    }
}

impl<'a> Asked<'a> {
    fn of(incoming: &'a Incoming) -> Self {
        let mut words = incoming.line.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let url = reqwest::Url::parse(&format!("http://s3{target}")).unwrap();
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let path = url.path().trim_start_matches('/');
        let key = path.strip_prefix(BUCKET).expect("the bucket").trim_start_matches('/').to_owned();
        let has = |name: &str| query.contains_key(name);
        let operation = match method {
            "PUT" if !key.is_empty() => "PutObject",
            "DELETE" if !key.is_empty() => "DeleteObject",
            "GET" if has("object-lock") => "GetObjectLockConfiguration",
            "GET" if has("versions") => "ListObjectVersions",
            "GET" if has("retention") => "GetObjectRetention",
            "GET" if has("legal-hold") => "GetObjectLegalHold",
            "GET" if has("list-type") => "ListObjectsV2",
            "GET" if !key.is_empty() => "GetObject",
            _ => panic!("{} is not a request of the store's", incoming.line),
        };
        Self { operation, key, query, incoming }
    }

    /// What the store never does.
    fn anomaly(&self) -> Option<String> {
        let line = &self.incoming.line;
        if self.incoming.header("x-amz-bypass-governance-retention").is_some() {
            return Some(format!("it goes round a lock: {line}"));
        }
        match self.operation {
            "PutObject" if self.incoming.header("if-none-match") != Some("*") => Some(format!("it overwrites: {line}")),
            "PutObject" if self.incoming.header("x-amz-sdk-checksum-algorithm") != Some("SHA256") => {
                Some(format!("a bucket with Object Lock would refuse it: {line}"))
            }
            "PutObject" => {
                let sum = BASE64.encode(&Sha256::digest(&self.incoming.body));
                let told = self.incoming.header("x-amz-checksum-sha256");
                (told != Some(sum.as_str())).then(|| format!("the checksum is {told:?} and not {sum}: {line}"))
            }
            "DeleteObject" if !self.query.contains_key("versionId") => Some(format!("it only hides: {line}")),
            _ => None,
        }
    }

    /// The Region that it is signed for.
    fn region(&self) -> &str {
        let scope = self.incoming.header("authorization").and_then(|text| text.split("Credential=").nth(1));
        scope.and_then(|scope| scope.split('/').nth(2)).unwrap_or_default()
    }
}

fn xml(status: u16, body: String) -> Answer {
    Answer {
        status,
        content_type: "application/xml",
        headers: Vec::new(),
        body: body.into_bytes(),
        delivery: Delivery::Whole,
        delay: Duration::ZERO,
    }
}

fn refusal(status: u16, code: &str) -> Answer {
    xml(status, format!("<Error><Code>{code}</Code><Message>{code}, says the server</Message></Error>"))
}

fn elsewhere(region: &str) -> Answer {
    Answer { headers: vec![("x-amz-bucket-region", region.to_owned())], ..refusal(301, "PermanentRedirect") }
}

fn list(keys: &[&str], more: bool, token: Option<&str>) -> Answer {
    let mut body = format!("<ListBucketResult><KeyCount>{}</KeyCount><IsTruncated>{more}</IsTruncated>", keys.len());
    if let Some(token) = token {
        body += &format!("<NextContinuationToken>{token}</NextContinuationToken>");
    }
    for key in keys {
        body += &format!("<Contents><Key>{key}</Key></Contents>");
    }
    xml(200, body + "</ListBucketResult>")
}
