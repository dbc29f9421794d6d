//! `campanile backup`: a copy of the database inside, beside a running server.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;

use super::{Settings, say};

/// What to copy, and where to.
#[derive(Debug, Args)]
pub(super) struct Backup {
    #[command(flatten)]
    settings: Settings,
    /// The file to make.
    file: PathBuf,
}

pub(super) async fn run(command: Backup, json: bool) -> anyhow::Result<()> {
    let config = command.settings.load()?;
    if config.database.url.is_some() {
        bail!(
            "this copies the database inside; a PostgreSQL is backed up with its own tools, such as pg_dump"
        );
    }
    let file = &command.file;
    store::backup(&config.server.data, file)
        .await
        .with_context(|| format!("no backup in {}", file.display()))?;
    let bytes = std::fs::metadata(file)?.len();
    let shown = file.display();
    say(json, &json!({"file": shown.to_string(), "bytes": bytes}), || {
        format!(
            "{shown}  {bytes} bytes; its secrets open with the master key of this installation alone: keep that as well"
        )
    })
}
