//! The sandbox: takes any message and sends none. Whoever looks finds it with its delivery; nothing is kept here.

use std::time::Duration;

use crate::outcome::{Outcome, Verdict};

/// The outcome of a message that was only to be looked at.
pub fn send(delivery_id: &str) -> Outcome {
    Outcome {
        provider: Some("sandbox".to_owned()),
        provider_id: Some(format!("sandbox_{delivery_id}")),
        ..Outcome::taken(Verdict::Sent, Duration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sandbox_takes_anything() {
        let outcome = send("dlv_1");
        assert_eq!(outcome.verdict, Verdict::Sent);
        assert_eq!(outcome.provider_id.as_deref(), Some("sandbox_dlv_1"));
    }
}
