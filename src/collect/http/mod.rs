//! The one way to ask a vendor's web API: paced, authorised, tried again where that helps, page by page, and never at another
//! address than the configured one.
//!
//! A collector declares its calls as [`Endpoint`]s, connects an [`Http`] with its [`Setup`], and asks with [`Http::read`] for one
//! answer and [`Http::pages`] for a listing; [`Http::for_all`] asks many things at once. What fails is a
//! [`CallError`](super::calls::CallError), to be put into [`Gaps`](super::calls::Gaps) with the endpoint.

mod auth;
mod client;
mod endpoint;
mod judge;
mod jwt;
mod many;
mod reply;
mod request;

pub use auth::{Credential, Grant, Proof};
pub use client::{Http, Limits, Setup};
pub use endpoint::{Bucket, Endpoint};
pub use jwt::Signer;
pub use reply::Reply;
pub use request::{Next, Request};
