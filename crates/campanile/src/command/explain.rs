//! `campanile explain`: who got what of an event, who did not, and why.

use std::fmt::Write as _;

use clap::Args;
use http::Method;
use serde_json::{Value, json};

use super::call::Caller;
use super::{Remote, say};
use crate::json::list;
use crate::path::segment;

#[derive(Debug, Args)]
pub(super) struct Explain {
    #[command(flatten)]
    remote: Remote,
    /// The event, evt_….
    event: String,
    /// Only what concerns this user.
    #[arg(long)]
    user: Option<String>,
}

/// Asks for the trace of an event and prints it, every page of it.
pub(super) async fn run(command: Explain, json: bool) -> anyhow::Result<()> {
    let caller = Caller::new(&command.remote)?;
    let event = segment(&command.event);
    let path = match &command.user {
        Some(user) => format!("/api/v1/users/{}/trace?event={event}", segment(user)),
        None => format!("/api/v1/events/{event}/trace?limit=100"),
    };
    let mut trace = caller.call(Method::GET, &path, &Value::Null).await?;
    while let Some(cursor) = trace["next_cursor"].as_str() {
        let next = format!(
            "/api/v1/events/{event}/trace?limit=100&cursor={}",
            segment(cursor)
        );
        let mut next = caller.call(Method::GET, &next, &Value::Null).await?;
        for list in ["runs", "other_runs"] {
            let more = next[list].take();
            if let (Some(all), Some(more)) = (trace[list].as_array_mut(), more.as_array()) {
                all.extend(more.iter().cloned());
            }
        }
        trace["next_cursor"] = next["next_cursor"].take();
    }
    say(json, &trace, || told(&trace))
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}

/// A trace for people.
fn told(trace: &Value) -> String {
    let mut text = format!(
        "{} {} at {}",
        word(trace, "event_id"),
        word(trace, "type"),
        word(trace, "created_at")
    );
    for workflow in list(trace, "workflows") {
        let starts = if workflow["starts"] == json!(true) {
            "starts"
        } else {
            "does not start"
        };
        let _ = write!(text, "\nworkflow {} {starts}", word(workflow, "workflow"));
        let found = list(workflow, "triggers").filter(|found| found["holds"] == json!(false));
        for compared in found.flat_map(|found| list(found, "because")) {
            let _ = write!(text, "\n    {}", comparison(compared));
        }
    }
    if trace["runs"].as_array().is_none_or(Vec::is_empty) {
        text.push_str("\nno workflow reached anybody");
    }
    for run in list(trace, "runs") {
        tell_run(&mut text, run);
    }
    if trace["other_runs"]
        .as_array()
        .is_some_and(|others| !others.is_empty())
    {
        text.push_str("\ngone on elsewhere:");
    }
    for run in list(trace, "other_runs") {
        tell_run(&mut text, run);
    }
    for webhook in list(trace, "webhooks") {
        let _ = write!(text, "\nwebhook {}", word(webhook, "webhook_id"));
        let mut sent = list(webhook, "deliveries").peekable();
        if sent.peek().is_none() {
            let why = if webhook["wants"] == json!(true) {
                "nothing was sent"
            } else {
                "does not take this type"
            };
            let _ = write!(text, ": {why}");
        }
        for delivery in sent {
            let _ = write!(text, "\n    {}", delivered(delivery));
        }
    }
    text
}

fn tell_run(text: &mut String, run: &Value) {
    let user = match word(run, "user_id") {
        "" => "(the tenant)",
        user => user,
    };
    let (workflow, status, id) = (word(run, "workflow"), word(run, "status"), word(run, "id"));
    let off = if run["called_off"] == json!(true) {
        ", called off"
    } else {
        ""
    };
    let _ = write!(text, "\n{user}: {workflow}, {status}{off} ({id})");
    for step in list(run, "steps") {
        let _ = write!(
            text,
            "\n    {} {} {}",
            word(step, "step"),
            word(step, "does"),
            word(step, "outcome")
        );
        if let Some(until) = step["until"].as_str() {
            let _ = write!(text, " until {until}");
        }
        if !step["why"].is_null() {
            let _ = write!(text, ": {}", reason(&step["why"]));
        }
        for delivery in list(run, "deliveries").filter(|sent| sent["step"] == step["step"]) {
            let _ = write!(text, "\n        {}", delivered(delivery));
        }
    }
}

fn delivered(delivery: &Value) -> String {
    let mut text = format!("{} {}", word(delivery, "id"), word(delivery, "status"));
    for name in ["recipient", "provider", "error"] {
        if let Some(said) = delivery[name].as_str() {
            let _ = write!(text, ", {said}");
        }
    }
    text
}

/// What decided a step, in words.
pub(super) fn reason(why: &Value) -> String {
    let mut text = word(why, "reason").replace('_', " ");
    if let Some(rule) = why["rule"].as_str() {
        let _ = write!(text, " ({} {rule})", word(why, "layer").replace('_', " "));
    }
    for name in ["key", "next_at", "error"] {
        if let Some(said) = why[name].as_str().filter(|said| !said.is_empty()) {
            let _ = write!(text, ", {} {said}", name.replace('_', " "));
        }
    }
    for compared in list(why, "because") {
        let _ = write!(text, ", {}", comparison(compared));
    }
    text
}

fn comparison(compared: &Value) -> String {
    let shown = |value: &Value| {
        if value.is_null() {
            "nothing".to_owned()
        } else {
            value.to_string()
        }
    };
    let (path, operator) = (
        word(compared, "path"),
        word(compared, "operator").replace('_', " "),
    );
    let expected = shown(&compared["expected"]);
    format!(
        "{path} is {}, not {operator} {expected}",
        shown(&compared["actual"])
    )
}
