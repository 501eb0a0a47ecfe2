//! A web server for tests of what asks vendors' APIs: routes with answers of our own, and faults put over them.
//!
//! ```ignore
//! let tokens = Tokens::new();
//! let web = Site::new()
//!     .login("/token", &tokens)                                // POST gives token-1, token-2, …; other paths then ask for it
//!     .get("/v1/users", |asked| Reply::json(json!({ "page": asked.value("page") })))
//!     .get("/v1/groups/{id}/members", |asked| Reply::json(json!([asked.part(0)])))
//!     .spoil("/v1/users", Times::Nth(2), |_| Reply::throttled("0.01"))   // or |reply| reply.cut_short(), .after(…), .reset()
//!     .start();                                                // on 127.0.0.1, at a port the system chooses, until dropped
//! assert_eq!(web.requests_of("/v1/users").len(), 3);           // method, path, query, headers, form of every request
//! assert!(web.most_at_once() <= 4);
//! ```

pub(crate) mod http;
pub(crate) mod site;
pub(crate) mod tokens;

mod answers;
pub(crate) mod client;
mod pace;
mod paging;
mod proofs;
mod retries;
mod tls;

pub(crate) use site::{Asked, Reply, Site, Times, Web};
pub(crate) use tokens::Tokens;
