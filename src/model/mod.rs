//! The nouns of access evidence. No I/O, no clock, no vendor types.
//!
//! | word | meaning |
//! |---|---|
//! | [`Person`](crate::reconcile::Person) | a human or service, as linked from HR records, IdP users and Identity Center users |
//! | [`DirectoryUser`], [`DirectoryGroup`] | a user or group in the Identity Center identity store |
//! | Entitlement | what can be held: here a permission set on an account |
//! | [`Assignment`] | AWS's record: a principal (user or group) has an entitlement |
//! | [`Grant`](crate::reconcile::Grant) | a person holds an entitlement by one path: direct, or via one group |
//! | [`Standing`](standing::Standing) | active, not started, suspended, disabled, deleted, ended, orphan or unknown |
//! | [`Known`] | a value, its known absence, or the reason it is unknown |
//! | [`Finding`](finding::Finding) | a rule's statement about one subject, with evidence |
//! | [`Exception`](exception::Exception) | accepted risk with an owner and an end |

pub mod account;
pub mod application;
pub mod approval;
pub mod calendar;
pub mod control;
pub mod coverage;
pub mod event;
pub mod exception;
pub mod facts;
pub mod finding;
pub mod history;
pub mod id;
pub mod interval;
pub mod known;
pub mod pattern;
pub mod period;
pub mod permission_set;
pub mod person;
pub mod plane;
pub mod s3;
pub mod standing;
pub mod time;
pub mod windows;

pub use account::{Account, AccountClass, AccountState};
pub use application::IdpApplication;
pub use approval::Approval;
pub use calendar::{Calendar, Holiday};
pub use coverage::{Fact, Gap, GapKind, NotOffered, OperationRecord, SourceRecord};
pub use event::{Event, EventLog};
pub use facts::{
    Assignment, AwsFacts, DirectoryGroup, DirectoryUser, ExternalId, Instance, Membership, Principal, PrincipalKind,
    Provisioned, UserStatus,
};
pub use history::History;
pub use interval::{Deadline, Elapsed, Interval};
pub use known::Known;
pub use pattern::Pattern;
pub use period::{Days, Period};
pub use permission_set::{PermissionSet, Tier};
pub use person::{
    Activation, DeclaredLink, HrFacts, HrRecord, HrStatus, IdKey, IdpFacts, IdpGroup, IdpStatus, IdpUser, SecondFactor,
};
pub use plane::Plane;
pub use s3::S3Location;
pub use time::{AsOf, Instant, Span};
