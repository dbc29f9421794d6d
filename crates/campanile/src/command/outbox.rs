//! `campanile outbox`: the outbox in a product's own database.

use std::fmt::Write as _;

use clap::Subcommand;
use domain::time::rfc3339;
use serde_json::json;

use super::say;

/// Refused events that are shown.
const SHOWN: i64 = 20;

/// What is done with it.
#[derive(Debug, Subcommand)]
pub(super) enum Outbox {
    /// Put the schema `campanile` with the function `campanile.publish` into a product's database, or bring it up to date.
    Install {
        /// The product's PostgreSQL: postgres://…
        url: String,
    },
    /// Take it out again.
    Remove {
        /// The product's PostgreSQL: postgres://…
        url: String,
        /// Also while events are in it, which are lost then.
        #[arg(long)]
        force: bool,
    },
    /// Tell what waits in it and what was refused.
    Status {
        /// The product's PostgreSQL: postgres://…
        url: String,
    },
    /// Let what was refused be read again.
    Retry {
        /// The product's PostgreSQL: postgres://…
        url: String,
    },
}

pub(super) async fn run(command: Outbox, json: bool) -> anyhow::Result<()> {
    match command {
        Outbox::Install { url } => {
            store::outbox::install(&url).await?;
            say(json, &json!({"installed": true}), || {
                "installed; name the same database to the server as outbox.url".to_owned()
            })
        }
        Outbox::Remove { url, force } => {
            let removed = store::outbox::remove(&url, force).await?;
            say(json, &json!({"removed": removed}), || {
                if removed { "removed" } else { "there was none" }.to_owned()
            })
        }
        Outbox::Status { url } => {
            let status = store::outbox::status(&url, SHOWN).await?;
            let last: Vec<_> = status
                .last
                .iter()
                .map(|(number, kind, id, error)| json!({"number": number, "type": kind, "id": id, "error": error}))
                .collect();
            let oldest = status.oldest.map(rfc3339);
            let value = json!({"waiting": status.waiting, "oldest": oldest, "refused": status.refused, "last_refused": last});
            say(json, &value, || {
                let mut text = format!("{} wait", status.waiting);
                if let Some(oldest) = &oldest {
                    let _ = write!(text, ", since {oldest}");
                }
                let _ = write!(text, "; {} refused", status.refused);
                for (number, kind, id, error) in &status.last {
                    let _ = write!(text, "\n{number}  {kind}  {id}: {error}");
                }
                text
            })
        }
        Outbox::Retry { url } => {
            let retried = store::outbox::retry(&url).await?;
            say(json, &json!({"retried": retried}), || {
                format!("{retried} are read again")
            })
        }
    }
}
