//! CloudTrail's event history: what happened in the last 90 days, asked for by the names of the events that are about access.
//!
//! `LookupEvents` takes one attribute at a time, gives the newest first, 50 to a page, and two pages a second. Asking by name
//! keeps out what nobody needs: listings, which are most of what Identity Center records.

use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use aws_smithy_types::DateTime;
use jiff::SignedDuration;
use serde::Deserialize;

use super::operation::LOOKUP_EVENTS;
use super::paged::{PagedOperation, paged};
use super::session::Client;
use crate::collect::calls::{CallError, Gaps};
use crate::collect::cloudtrail::{Condenser, Converted, DELAY, Record, convert};
use crate::model::event::{LogKind, Window};
use crate::model::{EventLog, Fact, GapKind, Instant};

/// How far back the event history reaches (AWS CloudTrail user guide, "Viewing event history").
const REACH: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The events asked for. Several services share some of the names; what is not about access is left out after reading.
const NAMES: &[&str] = &[
    "AddMemberToGroup",
    "AttachCustomerManagedPolicyReferenceToPermissionSet",
    "AttachManagedPolicyToPermissionSet",
    "Authenticate",
    "CreateAccountAssignment",
    "CreateBearerToken",
    "CreateGroup",
    "CreateGroupMembership",
    "CreatePermissionSet",
    "CreateUser",
    "DeleteAccountAssignment",
    "DeleteBearerToken",
    "DeleteGroup",
    "DeleteGroupMembership",
    "DeleteInlinePolicyFromPermissionSet",
    "DeletePermissionSet",
    "DeletePermissionsBoundaryFromPermissionSet",
    "DeleteUser",
    "DetachCustomerManagedPolicyReferenceFromPermissionSet",
    "DetachManagedPolicyFromPermissionSet",
    "DisableUser",
    "EnableUser",
    "Federate",
    "GetRoleCredentials",
    "PatchGroup",
    "PatchUser",
    "PutGroup",
    "PutInlinePolicyToPermissionSet",
    "PutPermissionsBoundaryToPermissionSet",
    "PutUser",
    "RemoveMemberFromGroup",
    "UpdateGroup",
    "UpdatePermissionSet",
    "UpdateUser",
    "UserAuthentication",
];

/// What the event history told.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) log: EventLog,
    pub(super) gaps: Gaps,
    pub(super) notes: Vec<String>,
}

/// Reads the event history of the Region that the client is in, up to `now`.
pub(super) async fn read(client: &Client, now: Instant) -> Looked {
    let back = |span| Instant::new(now.timestamp().checked_sub(span).unwrap_or(now.timestamp()));
    let window = Window { from: back(REACH), to: back(DELAY) };
    let mut gaps = Gaps::default();
    let mut events = Condenser::default();
    for name in NAMES {
        let mut odd = None;
        let each = |texts: Vec<String>| {
            for text in texts {
                match event(&text) {
                    Converted::Event(event) => events.add(*event),
                    Converted::Elsewhere => {}
                    Converted::Unreadable(reason) => {
                        odd.get_or_insert(reason);
                    }
                }
            }
        };
        let end = lookup(client, name, window.from, now).each_page(each).await;
        if let Err(error) = end {
            gaps.add(&LOOKUP_EVENTS, name, &error);
        }
        if let Some(reason) = odd {
            let hint = "what it says is not counted; report it if it stays".to_owned();
            gaps.add(&LOOKUP_EVENTS, name, &CallError { kind: GapKind::Malformed, reason, hint, code: None });
        }
    }
    let (events, dropped) = events.finish();
    let mut notes = vec![format!(
        "CloudTrail's event history was read in {} from {} on; it keeps 90 days, and member accounts keep their own",
        client.region(),
        window.from
    )];
    if dropped > 0 {
        notes.push(format!(
            "of the uses of a permission set by one user on one day the first and the last are kept; {dropped} between were dropped"
        ));
    }
    // A name that was not read whole may hide anything, at any time.
    let covered = if gaps.lack(Fact::CloudTrail) { Vec::new() } else { vec![window] };
    let log = EventLog { source: "aws".to_owned(), kind: LogKind::CloudTrail, covered, events };
    Looked { log, gaps, notes }
}

/// Asks for one page, to see whether it may be asked for.
pub(super) async fn probe(client: &Client, now: Instant) -> Result<(), CallError> {
    client.calls.progress().plan(1);
    lookup(client, "CreateAccountAssignment", now, now).fetch(None).await.map(drop)
}

/// The events with this name, each as the JSON text of its record.
fn lookup<'c>(client: &'c Client, name: &'c str, from: Instant, to: Instant) -> impl PagedOperation<Item = String> {
    let time = |at: Instant| DateTime::from_secs(at.timestamp().as_second());
    paged(
        client,
        &LOOKUP_EVENTS,
        move |size, token| {
            let name =
                LookupAttribute::builder().attribute_key(LookupAttributeKey::EventName).attribute_value(name).build();
            let request = client.cloudtrail.lookup_events().set_lookup_attributes(name.ok().map(|name| vec![name]));
            let request = request.start_time(time(from)).end_time(time(to));
            request.set_max_results(size).set_next_token(token).send()
        },
        |answer| {
            let events = answer.events.unwrap_or_default();
            // An event without its record becomes one that can't be read, and is reported.
            let texts = events.into_iter().map(|event| event.cloud_trail_event.unwrap_or_default()).collect();
            (texts, answer.next_token)
        },
    )
}

fn event(text: &str) -> Converted {
    let mut json = serde_json::Deserializer::from_str(text);
    match Record::deserialize(&mut json) {
        Ok(record) => convert(&record, || LOOKUP_EVENTS.action()),
        Err(_) => Converted::Unreadable("an event of the event history is not a CloudTrail record".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_asked_once_each() {
        assert!(NAMES.is_sorted() && NAMES.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
