//! Webhooks: made, signed, sent, retried, logged, left alone when they are gone.

mod circuit;
mod health;
mod log;
mod manage;
mod reach;
mod recover;
mod retry;
mod rotation;

use serde_json::Value;

/// A time of an answer, in milliseconds since the Unix epoch.
#[track_caller]
fn millis(value: &Value) -> i64 {
    let text = value.as_str().unwrap_or_else(|| panic!("no time: {value}"));
    domain::time::parse_rfc3339(text).unwrap()
}
