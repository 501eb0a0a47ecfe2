//! The envelopes that log tools put around an entry.

use serde_json::Value;

/// The deepest nesting that is unwrapped: a search result that holds an envelope that holds the entry.
const DEPTH: usize = 4;

/// The entry itself: out of a search's `result`, out of indexed text (`_raw`, `message`, `event.original`), out of `detail` of
/// Amazon EventBridge, out of `CloudTrailEvent` of `aws cloudtrail lookup-events`.
pub(in crate::collect) fn unwrapped(mut entry: Value) -> Value {
    for _ in 0..DEPTH {
        match inner(&mut entry) {
            Some(inside) => entry = inside,
            None => break,
        }
    }
    entry
}

fn inner(entry: &mut Value) -> Option<Value> {
    // A CloudTrail record and an entry of Okta's log are entries, whatever fields they have besides.
    if entry.get("eventVersion").is_some() || entry.get("published").is_some() {
        return None;
    }
    for text in ["/_raw", "/CloudTrailEvent", "/event/original", "/message"] {
        if let Some(Value::String(raw)) = entry.pointer(text)
            && let Ok(inside @ Value::Object(_)) = serde_json::from_str(raw)
        {
            return Some(inside);
        }
    }
    let fields = entry.as_object_mut()?;
    ["result", "event", "detail"].iter().find_map(|name| {
        let inside = fields.get_mut(*name).filter(|value| value.is_object())?;
        Some(inside.take())
    })
}
