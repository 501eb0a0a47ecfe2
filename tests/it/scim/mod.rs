//! SCIM: against scim2-server, which others wrote, and against answers of our own that go wrong.

mod ask;
mod faults;
mod live;
mod server;
