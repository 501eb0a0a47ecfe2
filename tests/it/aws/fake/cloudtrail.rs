//! `cloudtrail`: the event history, by name of event, the newest first.

use serde_json::{Value, json};

use super::Shared;
use super::dispatch::{Denial, Reply};
use super::pages::Cut;

pub(super) fn handle(shared: &Shared, name: &str, region: &str, cut: &Cut<'_>) -> Option<Result<Reply, Denial>> {
    if name == "ListPublicKeys" {
        let keys = &shared.world.public_keys;
        return Some(cut.page(
            "PublicKeyList",
            |at| json!({"Fingerprint": keys[at].0, "Value": keys[at].1}),
            keys.len(),
        ));
    }
    if name != "LookupEvents" {
        return None;
    }
    if shared.world.instance.as_ref().is_none_or(|instance| instance.primary_region != region) {
        // Another Region has a history of its own.
        return Some(cut.page("Events", |_| Value::Null, 0));
    }
    let attributes = cut.body["LookupAttributes"].as_array().cloned().unwrap_or_default();
    let [attribute] = attributes.as_slice() else {
        return Some(Err(Denial::new("InvalidLookupAttributesException", "Give one lookup attribute.")));
    };
    if attribute["AttributeKey"] != "EventName" {
        return Some(Err(Denial::new("InvalidLookupAttributesException", "This server looks up names.")));
    }
    let mut found: Vec<&Value> =
        shared.world.trail.iter().filter(|record| record["eventName"] == attribute["AttributeValue"]).collect();
    found.sort_by_key(|record| std::cmp::Reverse(record["eventTime"].as_str()));
    let event = |at: usize| {
        let record = found[at];
        json!({ "EventId": record["eventID"], "EventName": record["eventName"], "CloudTrailEvent": record.to_string() })
    };
    Some(cut.page("Events", event, found.len()))
}
