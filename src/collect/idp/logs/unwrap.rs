//! What log tools wrap around an entry.

use serde_json::Value;

/// Deeper than this nobody wraps: a search's result that holds an envelope that holds the entry.
const DEPTH: usize = 4;

/// The entry itself: out of a search's `result`, out of the text that was indexed (`_raw`), out of an event bridge's `detail`.
pub(super) fn unwrapped(mut entry: Value) -> Value {
    for _ in 0..DEPTH {
        match inner(&mut entry) {
            Some(inside) => entry = inside,
            None => break,
        }
    }
    entry
}

fn inner(entry: &mut Value) -> Option<Value> {
    let fields = entry.as_object_mut()?;
    if let Some(Value::String(raw)) = fields.get("_raw")
        && let Ok(inside @ Value::Object(_)) = serde_json::from_str(raw)
    {
        return Some(inside);
    }
    // Okta's events have a `result` too, below `outcome`; at the top it is a wrapper only when it is an object.
    ["result", "event", "detail"].iter().find_map(|name| {
        let inside = fields.get_mut(*name).filter(|value| value.is_object())?;
        Some(inside.take())
    })
}
