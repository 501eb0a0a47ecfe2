//! Okta, over its Management API.

mod assigned;
mod event;
mod person;
mod policy;
mod wire;
