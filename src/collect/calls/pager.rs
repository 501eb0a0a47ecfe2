//! Paging that can't be fooled: a list is whole only when the service says so, and a service that goes round in circles is found out.

use std::collections::HashSet;

use super::{CallError, Called};

/// One page as the service returns it.
#[derive(Debug)]
pub struct RawPage<T> {
    /// What is on it; an empty page may have a next one.
    pub items: Vec<T>,
    /// The token of the next page. Some services write "no more" as an empty text.
    pub next: Option<String>,
}

/// One page, and whether there is a next one.
#[derive(Debug)]
pub struct Page<T> {
    /// Its items; kept even when the next page can't be requested.
    pub items: Vec<T>,
    /// The pager of the next page, none at the end of the list, or why the list can't be read to its end.
    pub rest: Result<Option<Pager>, CallError>,
}

/// Where a listing stands.
#[derive(Debug, Default)]
pub struct Pager {
    token: Option<String>,
    /// Tokens may be 64 KiB long, so their hashes are kept.
    seen: HashSet<u64>,
    pages: u32,
    /// Empty pages in a row.
    empty: u32,
    /// Whether an empty page is the last one.
    bounded: bool,
}

/// More pages than any directory can have: 100,000 pages of 100.
const PAGE_BUDGET: u32 = 100_000;
/// Filters leave some pages empty, and never so many one after the other.
const EMPTY_BUDGET: u32 = 1_000;

impl Pager {
    /// The beginning of a listing. An empty page ends a bounded one: some services link such a listing's end to itself, for
    /// those who wait for more (Okta, "System Log API", polling).
    pub fn new(bounded: bool) -> Self {
        Self { bounded, ..Self::default() }
    }

    /// The token to ask with.
    pub fn token(&self) -> Option<String> {
        self.token.clone()
    }

    /// Moves on to the page that `next` names.
    fn advance(mut self, called: &dyn Called, next: Option<String>, empty: bool) -> Result<Option<Self>, CallError> {
        let Some(token) = next.filter(|token| !(token.is_empty() || empty && self.bounded)) else {
            return Ok(None);
        };
        self.pages += 1;
        self.empty = if empty { self.empty + 1 } else { 0 };
        if self.empty >= EMPTY_BUDGET {
            return Err(CallError::malformed(called, "the service gave one empty page after the other"));
        }
        if !self.seen.insert(hash(&token)) {
            return Err(CallError::malformed(called, "the service repeated a page token"));
        }
        if self.pages >= PAGE_BUDGET {
            return Err(CallError::malformed(called, "the service gave more pages than the list can have"));
        }
        self.token = Some(token);
        Ok(Some(self))
    }

    /// Takes the answer to one request.
    pub fn accept<T>(self, called: &dyn Called, answer: Result<RawPage<T>, CallError>) -> Page<T> {
        match answer {
            Ok(page) => Page { rest: self.advance(called, page.next, page.items.is_empty()), items: page.items },
            Err(error) => Page { items: Vec::new(), rest: Err(error) },
        }
    }
}

fn hash(token: &str) -> u64 {
    use std::hash::{DefaultHasher, Hasher};
    let mut hasher = DefaultHasher::new();
    hasher.write(token.as_bytes());
    hasher.finish()
}

/// Reads a list page after page. What was read before an error is kept: `each` has it by then.
pub async fn list<T, F>(
    called: &dyn Called,
    fetch: impl Fn(Option<String>) -> F,
    mut each: impl FnMut(Vec<T>),
) -> Result<(), CallError>
where
    F: Future<Output = Result<RawPage<T>, CallError>>,
{
    let mut pager = Pager::default();
    loop {
        let answer = fetch(pager.token()).await;
        let page = pager.accept(called, answer);
        each(page.items);
        match page.rest? {
            Some(next) => pager = next,
            None => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Op;
    use super::*;
    use crate::model::GapKind;

    const LIST: Op = Op("List", &[]);

    /// Lists from a fake service that gives the page a token names.
    fn listed(pages: impl Fn(Option<&str>) -> (Vec<u32>, Option<String>)) -> (Vec<u32>, Result<(), CallError>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut all = Vec::new();
        let result = runtime.block_on(list(
            &LIST,
            |token| {
                let (items, next) = pages(token.as_deref());
                std::future::ready(Ok(RawPage { items, next }))
            },
            |items| all.extend(items),
        ));
        (all, result)
    }

    #[test]
    fn short_and_empty_pages_go_on_while_there_is_a_token() {
        let (all, result) = listed(|token| match token {
            None => (vec![1, 2], Some("a".to_owned())),
            Some("a") => (vec![], Some("b".to_owned())),
            Some("b") => (vec![3], Some(String::new())),
            Some(other) => panic!("asked for {other}"),
        });
        assert_eq!(all, [1, 2, 3]);
        assert!(result.is_ok());
    }

    #[test]
    fn a_repeated_token_is_an_error_and_keeps_what_was_read() {
        let (all, result) = listed(|token| match token {
            None => (vec![1], Some("a".to_owned())),
            Some("a") => (vec![2], Some("b".to_owned())),
            Some(_) => (vec![3], Some("a".to_owned())),
        });
        assert_eq!(all, [1, 2, 3]);
        let error = result.unwrap_err();
        assert_eq!(error.kind, GapKind::Malformed);
        assert_eq!(error.reason, "the service repeated a page token");
    }

    #[test]
    fn an_empty_page_ends_a_bounded_listing_only() {
        let page = |items: Vec<u32>| Ok(RawPage { items, next: Some("more".to_owned()) });
        assert!(Pager::new(true).accept(&LIST, page(vec![1])).rest.unwrap().is_some());
        assert!(Pager::new(true).accept(&LIST, page(vec![])).rest.unwrap().is_none());
        assert!(Pager::new(false).accept(&LIST, page(vec![])).rest.unwrap().is_some());
    }

    #[test]
    fn endless_empty_pages_are_found_out() {
        let (all, result) = listed(|token| {
            let number: u32 = token.map_or(0, |token| token.parse().unwrap());
            (
                if number.is_multiple_of(900) && number < 5_000 { vec![number] } else { vec![] },
                Some((number + 1).to_string()),
            )
        });
        assert_eq!(all, [0, 900, 1800, 2700, 3600, 4500]);
        assert_eq!(result.unwrap_err().reason, "the service gave one empty page after the other");
    }

    #[test]
    fn endless_fresh_tokens_hit_the_budget() {
        let (all, result) = listed(|token| {
            let number: u64 = token.map_or(0, |token| token.parse().unwrap());
            (vec![0], Some((number + 1).to_string()))
        });
        assert_eq!(all.len(), PAGE_BUDGET as usize);
        assert_eq!(result.unwrap_err().kind, GapKind::Malformed);
    }
}
