//! The program against an AWS of our own: nothing lost, nothing asked twice, and what fails is said.

mod access;
mod complete;
mod events;
mod failing;
mod paging;
mod recovering;
mod trail;
