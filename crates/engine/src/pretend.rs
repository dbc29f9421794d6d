//! Pretending: in a simulation nothing leaves, and the world is said to have answered.

use std::collections::BTreeMap;
use std::time::Duration;

use channels::webhook::Outcome;
use domain::delivery::Carried;
use domain::retry::{Judgement, Reaction};
use serde_json::{Value, json};

/// What the world is said to answer.
#[derive(Debug, Clone, Default)]
pub struct Pretend {
    /// What a step that fetches something finds, by its name.
    pub found: BTreeMap<String, Value>,
    /// So many attempts of each delivery fail before one succeeds.
    pub failing_attempts: u32,
}

impl Pretend {
    /// What came of an attempt that was not made.
    pub(crate) fn send(&self, attempts: i32) -> (Outcome, Option<Carried>) {
        let fails = u32::try_from(attempts).is_ok_and(|attempts| attempts < self.failing_attempts);
        let outcome = Outcome {
            judgement: if fails {
                Judgement::Retry { throttle: false }
            } else {
                Judgement::Sent
            },
            reaction: Reaction::Took,
            status: None,
            response: None,
            error: fails.then(|| "it is said to fail in this simulation".to_owned()),
            retry_after: None,
            elapsed: Duration::ZERO,
        };
        let carried = Carried {
            provider: "simulation".to_owned(),
            id: None,
        };
        (outcome, Some(carried))
    }

    /// What a step is said to have found.
    pub(crate) fn found(&self, step: &str) -> Value {
        let said = self.found.get(step).cloned();
        said.unwrap_or_else(|| json!({"error": "nothing is fetched in a simulation, and `found` does not say what it would be"}))
    }
}
