//! `campanile login`: a link that signs the operator of this machine in to the console, straight from the database, for whoever may read it.

use clap::Args;
use serde_json::json;

use super::{Settings, keys, say};

#[derive(Debug, Args)]
pub(super) struct Login {
    #[command(flatten)]
    settings: Settings,
}

/// Prints a link that counts once, for a quarter of an hour.
pub(super) async fn run(command: Login, json: bool) -> anyhow::Result<()> {
    let config = command.settings.load()?;
    let ctx = keys::context(&command.settings).await?;
    ctx.ensure_default().await?;
    let code = ctx.operator_code().await?;
    let mut url = ctx.sign_in_link(&code);
    if config.server.public_url.is_none() {
        url = format!("http://{}{url}", config.server.listen);
    }
    say(json, &json!({"url": url}), || url.clone())
}
