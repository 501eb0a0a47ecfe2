//! A directory of our own on the loopback that says what a test wants: what servers of others do seldom, or never when asked to.

mod faults;
mod server;
