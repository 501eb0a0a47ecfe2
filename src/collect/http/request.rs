//! A request, and the page after it.

use reqwest::Url;

use super::Endpoint;

/// A request for JSON. Only `GET` is ever sent with it.
#[derive(Debug, Clone)]
pub struct Request {
    pub(super) endpoint: &'static Endpoint,
    pub(super) url: Url,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) bounded: bool,
    pub(super) first_page: bool,
}

impl Request {
    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Adds a header, which goes with every further page as well.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Both ends of what is asked for are given, so that a page without entries is the last one, whatever it links to.
    #[must_use]
    pub fn bounded(self) -> Self {
        Self { bounded: true, ..self }
    }

    /// Only the first page is wanted: where a service takes a limit for the size of a page, the listing is not followed.
    #[must_use]
    pub fn first_page(self) -> Self {
        Self { first_page: true, ..self }
    }

    /// What it asks for.
    pub fn endpoint(&self) -> &'static Endpoint {
        self.endpoint
    }

    /// The same at another address.
    pub(super) fn at(&self, url: Url) -> Self {
        Self { url, ..self.clone() }
    }

    /// The address with one query parameter set to another value.
    pub(super) fn with_parameter(&self, name: &str, value: &str) -> Url {
        let mut url = self.url.clone();
        let others = self.url.query_pairs().filter(|(known, _)| known != name);
        url.query_pairs_mut().clear().extend_pairs(others).append_pair(name, value);
        url
    }
}

/// Where the next page is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// There is none.
    End,
    /// At this address, which is followed only within the same origin.
    Link(String),
    /// At the first page's address with this query parameter.
    Parameter(&'static str, String),
}

impl Next {
    /// The page that a link names, if there is one.
    pub fn link(link: Option<String>) -> Self {
        link.filter(|link| !link.is_empty()).map_or(Self::End, Self::Link)
    }

    /// The page that a token names, if there is one. Some services write "no more" as an empty text.
    pub fn token(name: &'static str, token: Option<String>) -> Self {
        token.filter(|token| !token.is_empty()).map_or(Self::End, |token| Self::Parameter(name, token))
    }
}
