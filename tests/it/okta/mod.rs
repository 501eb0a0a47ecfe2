//! Okta: an organisation that there is not, and what the collector makes of it.

mod entering;
mod facts;
mod faults;
mod limits;
pub(crate) mod org;
mod program;
mod run;
pub(crate) mod site;
