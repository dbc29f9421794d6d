//! `campanile simulate`: what would happen, by the files of an environment and a script, without a server and without sending anything.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, bail};
use app::simulation::{Script, Simulate};
use clap::Args;
use serde_json::{Value, json};

use super::resources::{Document, read, told as told_faults};
use super::say;
use crate::simulation::Simulator;

/// Files, and what happens.
#[derive(Debug, Args)]
pub(super) struct Simulation {
    /// YAML files of the environment, or directories of them, as `apply` takes them.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// YAML file that says who there is (`users`, `tenants`, `topics`) and what happens (`events`).
    #[arg(long, value_name = "FILE", required_unless_present = "workflow")]
    script: Option<PathBuf>,
    /// Trigger this workflow, in place of a script.
    #[arg(long, value_name = "KEY", conflicts_with = "script")]
    workflow: Option<String>,
    /// Whom the trigger reaches. May be given again.
    #[arg(long, value_name = "USER", requires = "workflow")]
    recipient: Vec<String>,
    /// The trigger's data, as JSON.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    data: String,
    /// How long it is watched, such as 2d.
    #[arg(long, value_name = "SPAN")]
    lasts: Option<String>,
}

pub(super) async fn run(command: Simulation, json: bool) -> anyhow::Result<()> {
    let documents: Vec<_> = read(&command.paths)?
        .into_iter()
        // A script may lie among the files it is played on.
        .filter(|document| document.said.get("kind").is_some())
        .collect();
    let mut script = command.script()?;
    script.resources = documents.iter().map(|document| document.said.clone()).collect();
    let client = egress::Client::new(egress::Settings::default())?;
    let simulator = Simulator::new(std::env::temp_dir(), app::Limits::default(), client);
    let played = simulator.simulate(script).await;
    let told = match played {
        Ok(told) => told,
        Err(app::Error::Invalid(faults)) => bail!("{}", faulty(&documents, faults)),
        Err(error) => return Err(error.into()),
    };
    say(json, &told, || words(&told))
}

impl Simulation {
    fn script(&self) -> anyhow::Result<Script> {
        let lasts = self
            .lasts
            .as_deref()
            .map(domain::duration::Span::parse)
            .transpose();
        let lasts = lasts.map_err(|error| anyhow::anyhow!("--lasts: {error}"))?;
        let mut script = match (&self.script, &self.workflow) {
            (Some(path), _) => {
                let place = path.display().to_string();
                let mut found = read(std::slice::from_ref(path))?;
                if found.len() != 1 {
                    bail!("{place} must be one document");
                }
                let said = found.remove(0).said;
                serde_path_to_error::deserialize(said).map_err(|error| anyhow::anyhow!("{place}: {error}"))?
            }
            (None, Some(workflow)) => {
                let data: Value = serde_json::from_str(&self.data).context("--data must be JSON")?;
                let mut event = json!({"workflow": workflow, "data": data});
                if !self.recipient.is_empty() {
                    event["recipients"] = json!(self.recipient);
                }
                let users = self.recipient.iter();
                Script {
                    users: users
                        .map(|user| json!({"id": user, "email": format!("{user}@example.com")}))
                        .collect(),
                    events: vec![event],
                    ..Script::default()
                }
            }
            (None, None) => bail!("--script or --workflow says what happens"),
        };
        script.lasts = lasts.or(script.lasts);
        Ok(script)
    }
}

/// What is wrong, each at its document, or at its place of the script.
fn faulty(documents: &[Document], faults: Vec<domain::text::Fault>) -> String {
    let faults: Vec<_> = faults
        .into_iter()
        .map(|fault| (fault.pointer, fault.detail))
        .collect();
    format!("nothing was played:\n{}", told_faults(documents, &faults))
}

/// What happened, a line each, and then what was shown and sent.
fn words(told: &Value) -> String {
    let list = |name: &str| told[name].as_array().map_or(&[][..], Vec::as_slice);
    let word = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let mut text = format!("from {} until {}", word(told, "from"), word(told, "until"));
    for row in list("timeline") {
        let _ = write!(text, "\n{}  ", word(row, "at"));
        let _ = match row["what"].as_str() {
            Some("event") => write!(text, "event {}", word(row, "type")),
            Some("step") => write!(
                text,
                "{}  {}: {} {}",
                whose(&word(row, "user_id")),
                word(row, "workflow"),
                word(row, "step"),
                word(row, "outcome")
            ),
            Some("attempt") => write!(
                text,
                "{} to {}: {}",
                word(row, "channel"),
                word(row, "recipient"),
                word(row, "outcome")
            ),
            _ => write!(text, "webhook {}", word(row, "outcome")),
        };
        if let Some(until) = row["until"].as_str() {
            let _ = write!(text, " until {until}");
        }
        if !row["why"].is_null() {
            let _ = write!(text, ", {}", super::explain::reason(&row["why"]));
        }
    }
    for item in list("notifications") {
        let _ = write!(
            text,
            "\n\n{}'s bell: {}",
            word(item, "user_id"),
            word(item, "title")
        );
        if let Some(body) = item["body"].as_str() {
            let _ = write!(text, "\n{body}");
        }
    }
    for message in list("messages")
        .iter()
        .filter(|message| message["status"] != "skipped")
    {
        let content = &message["content"];
        let _ = write!(
            text,
            "\n\n{} to {} ({}): {}",
            word(message, "channel"),
            word(message, "recipient"),
            word(message, "status"),
            word(content, "subject")
        );
        match content["text"].as_str() {
            Some(body) => {
                let _ = write!(text, "\n{}", body.trim_end());
            }
            None => {
                let _ = write!(text, "\n{content}");
            }
        }
    }
    text
}

fn whose(user: &str) -> &str {
    if user.is_empty() { "(the tenant)" } else { user }
}
