//! Searches, page by page. An answer that does not end with success is a failure, however many entries came.

use std::time::Duration;

use ldap3::asn1::{PL, parse_tag};
use ldap3::controls::{PagedResults, RawControl};
use ldap3::{LdapResult, Scope};

use super::entry::Entry;
use super::failure::Failure;
use super::session::{SILENCE, Session};

/// Entries in a page: below what Active Directory (`MaxPageSize`, 1000) and OpenLDAP (500) allow by default.
const PAGE: i32 = 500;
/// The control of RFC 2696.
const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";
/// How long to wait before asking a busy server again.
const PATIENCE: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(9)];
/// Pages in a row that may bring nothing new before the list is taken for endless.
const BARREN: u32 = 20;

/// One question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query<'q> {
    /// What it is called in the record of the collection.
    pub(super) operation: &'static str,
    /// Where it begins.
    pub(super) base: &'q str,
    /// How far it goes.
    pub(super) scope: Scope,
    /// The filter (RFC 4515). Whatever is put into it must be escaped.
    pub(super) filter: &'q str,
    /// What is wanted of each entry.
    pub(super) attributes: &'q [&'q str],
    /// A control without a value that the server must know, by its object identifier.
    pub(super) control: Option<&'static str>,
    /// Whether one entry is enough.
    pub(super) one: bool,
}

impl<'q> Query<'q> {
    /// A question about everything below `base`.
    pub(super) fn new(operation: &'static str, base: &'q str, filter: &'q str) -> Self {
        Self { operation, base, scope: Scope::Subtree, filter, attributes: &["1.1"], control: None, one: false }
    }

    fn controls(&self, cookie: Vec<u8>) -> Vec<RawControl> {
        let mut controls = Vec::new();
        if self.scope == Scope::Subtree {
            let size = if self.one { 1 } else { PAGE };
            controls.push(PagedResults { size, cookie }.into());
        }
        controls.extend(self.control.map(|oid| RawControl { ctype: oid.to_owned(), crit: true, val: None }));
        controls
    }

    fn parameters(&self) -> String {
        format!("base `{}`, filter {}", self.base, self.filter)
    }
}

/// Asks, and hands every entry to `take`, which says whether it is new. Gives how often the server referred to others.
///
/// # Errors
/// When the answer did not end with success; what was handed out is what came before.
pub(super) async fn each(
    session: &mut Session,
    query: &Query<'_>,
    mut take: impl FnMut(Entry) -> bool + Send,
) -> Result<u64, Failure> {
    let parameters = query.parameters();
    let (mut cookie, mut referrals, mut barren, mut tries) = (Vec::new(), 0, 0, PATIENCE.iter());
    loop {
        session.meter.sent(query.operation, &parameters);
        let page = page(session, query, std::mem::take(&mut cookie), &mut take).await;
        session.meter.answered(query.operation, page.result.is_ok());
        session.progress.call_done();
        referrals += page.referrals;
        match page.result {
            Ok(next) => {
                session.meter.page(query.operation, page.entries);
                session.progress.page();
                if next.is_empty() || query.one {
                    return Ok(referrals);
                }
                barren = if page.new > 0 { 0 } else { barren + 1 };
                if barren == BARREN {
                    return Err(Failure::malformed("the server sends page after page with nothing new"));
                }
                cookie = next;
                tries = PATIENCE.iter();
            }
            Err(failure) => {
                // A connection that is gone takes its cookie with it; a busy server keeps both.
                let wait = if failure.kind == crate::model::GapKind::Throttled { tries.next() } else { None };
                let Some(wait) = wait else { return Err(failure) };
                session.meter.again(query.operation);
                cookie = page.cookie;
                tokio::time::sleep(*wait).await;
            }
        }
    }
}

struct Page {
    /// The cookie of the next page, empty at the end.
    result: Result<Vec<u8>, Failure>,
    /// The cookie that it was asked with.
    cookie: Vec<u8>,
    entries: u64,
    new: u64,
    referrals: u64,
}

async fn page(
    session: &mut Session,
    query: &Query<'_>,
    cookie: Vec<u8>,
    take: &mut (impl FnMut(Entry) -> bool + Send),
) -> Page {
    let mut page = Page { result: Ok(Vec::new()), cookie, entries: 0, new: 0, referrals: 0 };
    session.progress.plan(1);
    session.ldap.with_timeout(SILENCE).with_controls(query.controls(page.cookie.clone()));
    let attributes = query.attributes.to_vec();
    let opened = session.ldap.streaming_search(query.base, query.scope, query.filter, attributes).await;
    let mut stream = match opened {
        Ok(stream) => stream,
        Err(error) => {
            page.result = Err(Failure::of_error(&error));
            return page;
        }
    };
    loop {
        match stream.next().await {
            Ok(Some(item)) if item.is_ref() => page.referrals += 1,
            Ok(Some(item)) if item.is_intermediate() => {}
            Ok(Some(item)) => {
                let Some(entry) = Entry::read(item) else {
                    page.result = Err(Failure::malformed("the server sent an entry that can't be understood"));
                    return page;
                };
                page.entries += 1;
                page.new += u64::from(take(entry));
            }
            Ok(None) => break,
            Err(error) => {
                page.result = Err(Failure::of_error(&error));
                return page;
            }
        }
    }
    let end = stream.finish().await;
    page.result = if end.rc == 0 { next_cookie(&end) } else { Err(Failure::of_result(&end)) };
    page
}

/// The cookie in an answer. A server that does not page has sent everything, and gives none.
fn next_cookie(end: &LdapResult) -> Result<Vec<u8>, Failure> {
    let Some(control) = end.ctrls.iter().find(|control| control.1.ctype == PAGED_RESULTS) else {
        return Ok(Vec::new());
    };
    let broken = || Failure::malformed("the server's word on the next page can't be understood");
    let value = control.1.val.as_deref().ok_or_else(broken)?;
    let (_, tag) = parse_tag(value).map_err(|_| broken())?;
    let PL::C(parts) = tag.payload else { return Err(broken()) };
    match parts.into_iter().nth(1).map(|part| part.payload) {
        Some(PL::P(cookie)) => Ok(cookie),
        _ => Err(broken()),
    }
}

#[cfg(test)]
mod tests {
    use ldap3::controls::Control;

    use super::*;

    fn ending(control: Option<RawControl>) -> LdapResult {
        let ctrls = control.into_iter().map(|raw| Control(None, raw)).collect();
        LdapResult { rc: 0, matched: String::new(), text: String::new(), refs: Vec::new(), ctrls }
    }

    #[test]
    fn the_cookie_is_taken_out_of_the_control() {
        let control = |cookie: &[u8]| RawControl::from(PagedResults { size: 0, cookie: cookie.to_vec() });
        assert_eq!(next_cookie(&ending(Some(control(b"7")))), Ok(b"7".to_vec()));
        assert_eq!(next_cookie(&ending(Some(control(b"")))), Ok(Vec::new()));
        assert_eq!(next_cookie(&ending(None)), Ok(Vec::new()));
        let other = RawControl { ctype: "1.2.3".to_owned(), crit: false, val: None };
        assert_eq!(next_cookie(&ending(Some(other))), Ok(Vec::new()));
        for val in [None, Some(Vec::new()), Some(b"x".to_vec()), Some(vec![0x30, 0]), Some(vec![0x30, 3, 2, 1, 0])] {
            let broken = RawControl { ctype: PAGED_RESULTS.to_owned(), crit: false, val };
            assert!(next_cookie(&ending(Some(broken))).is_err());
        }
    }
}
