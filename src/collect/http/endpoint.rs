//! What may be asked of a vendor: every call is declared once, with its budget, what is lost without it, and what allows it.

use std::time::Duration;

use crate::collect::calls::{Called, Key};
use crate::model::Fact;

/// A request budget of a vendor; endpoints with the same one share it.
#[derive(Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name; unique within the vendor.
    pub name: &'static str,
    /// So many requests …
    pub requests: u32,
    /// … in any stretch of so many seconds.
    pub seconds: u32,
}

impl Bucket {
    /// The stretch of time in which its requests are counted.
    pub(super) fn window(&self) -> Duration {
        Duration::from_secs(u64::from(self.seconds))
    }
}

/// A call of a vendor's API, with what is lost when it can't be made. Doctor, the docs and the collector read the same list.
#[derive(Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Whose it is, in words: `Okta`.
    pub vendor: &'static str,
    /// Its name in records and messages: `GET /v1.0/users`.
    pub name: &'static str,
    /// The parameters that are the same in every call, in words; tells two uses of one name apart.
    pub parameters: &'static str,
    /// The server it is asked of: one that can't be reached is left alone, and says nothing about another.
    pub server: &'static str,
    /// The request budget that it draws on.
    pub bucket: &'static Bucket,
    /// The facts that are incomplete without it.
    pub loses: &'static [Fact],
    /// What allows it, as the object of "grant it …": `the application permission User.Read.All`.
    pub permission: &'static str,
    /// Whether 404 is an answer to the question, and no failure.
    pub absence_answers: bool,
}

impl Endpoint {
    /// An endpoint without fixed parameters, of which 404 is a failure.
    pub const fn new(
        vendor: &'static str,
        name: &'static str,
        bucket: &'static Bucket,
        loses: &'static [Fact],
        permission: &'static str,
    ) -> Self {
        Self { vendor, name, parameters: "", server: "api", bucket, loses, permission, absence_answers: false }
    }

    /// The same with fixed parameters.
    pub const fn with(self, parameters: &'static str) -> Self {
        Self { parameters, ..self }
    }

    /// The same asked of another server than the API's: the one that gives tokens.
    pub const fn of(self, server: &'static str) -> Self {
        Self { server, ..self }
    }

    /// The same asked about things that may not be there.
    pub const fn perhaps(self) -> Self {
        Self { absence_answers: true, ..self }
    }
}

impl Called for Endpoint {
    fn vendor(&self) -> &'static str {
        self.vendor
    }

    fn action(&self) -> String {
        self.name.to_owned()
    }

    fn key(&self) -> Key {
        (self.server, self.name, self.parameters)
    }

    fn bucket(&self) -> &'static str {
        self.bucket.name
    }

    fn loses(&self) -> &'static [Fact] {
        self.loses
    }

    fn absence_answers(&self) -> bool {
        self.absence_answers
    }
}
