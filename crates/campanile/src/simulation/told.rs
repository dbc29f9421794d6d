//! What happened in a simulation, as it is gathered and told.

use std::collections::{BTreeMap, HashSet, VecDeque};

use domain::time::rfc3339;
use serde_json::{Value, json};

use crate::json::list;

/// What happened, as it is gathered.
#[derive(Default)]
pub(super) struct Told {
    /// Events whose traces are still to be read.
    pub(super) follow: VecDeque<String>,
    pub(super) seen: HashSet<String>,
    pub(super) runs: HashSet<String>,
    pub(super) deliveries: Vec<String>,
    pub(super) users: Vec<String>,
    pub(super) timeline: Vec<Value>,
    pub(super) messages: Vec<Value>,
    pub(super) notifications: Vec<Value>,
}

impl Told {
    pub(super) fn event(&mut self, trace: &Value) {
        self.timeline.push(json!({
            "at": trace["created_at"], "what": "event", "event_id": trace["event_id"], "type": trace["type"],
            "workflows": trace["workflows"],
        }));
    }

    pub(super) fn run(&mut self, run: &Value) {
        if !self
            .runs
            .insert(run["id"].as_str().unwrap_or_default().to_owned())
        {
            return;
        }
        let user = run["user_id"].as_str().unwrap_or_default();
        if !user.is_empty() && !self.users.iter().any(|known| known == user) {
            self.users.push(user.to_owned());
        }
        for step in list(run, "steps") {
            let mut entry = json!({
                "at": step["at"], "what": "step", "run_id": run["id"], "user_id": run["user_id"], "workflow": run["workflow"],
                "step": step["step"], "does": step["does"], "outcome": step["outcome"],
            });
            for name in ["why", "until"] {
                if !step[name].is_null() {
                    entry[name] = step[name].clone();
                }
            }
            self.timeline.push(entry);
            let followed = matches!(step["does"].as_str(), Some("trigger" | "webhook"));
            self.follow.extend(
                step["why"]["event"]
                    .as_str()
                    .filter(|_| followed)
                    .map(str::to_owned),
            );
        }
        for delivery in list(run, "deliveries") {
            let id = delivery["id"].as_str().unwrap_or_default().to_owned();
            if !self.deliveries.contains(&id) {
                self.deliveries.push(id);
            }
        }
    }

    pub(super) fn webhook(&mut self, delivery: &Value) {
        self.timeline.push(json!({
            "at": delivery["created_at"], "what": "webhook", "delivery_id": delivery["id"], "outcome": delivery["status"],
        }));
    }

    pub(super) fn message(&mut self, mut message: Value) {
        let mut attempts = message["attempts_log"].take();
        for attempt in attempts.as_array_mut().into_iter().flatten() {
            self.timeline.push(json!({
                "at": attempt["started_at"], "what": "attempt", "delivery_id": message["id"], "channel": message["channel"],
                "recipient": message["recipient"], "step": message["step"], "outcome": attempt["outcome"], "error": attempt["error"],
            }));
        }
        message["attempts_log"] = attempts;
        self.messages.push(message);
    }

    pub(super) fn answer(mut self, from: i64, until: i64) -> Value {
        // What happens in one moment stays in the order in which it was told.
        self.timeline
            .sort_by(|a, b| a["at"].as_str().cmp(&b["at"].as_str()));
        let by_time = |rows: Vec<Value>| {
            let mut by: BTreeMap<(String, usize), Value> = BTreeMap::new();
            for (index, row) in rows.into_iter().enumerate() {
                by.insert(
                    (row["created_at"].as_str().unwrap_or_default().to_owned(), index),
                    row,
                );
            }
            by.into_values().collect::<Vec<_>>()
        };
        json!({
            "from": rfc3339(from),
            "until": rfc3339(until),
            "timeline": self.timeline,
            "messages": by_time(self.messages),
            "notifications": by_time(self.notifications),
        })
    }
}
