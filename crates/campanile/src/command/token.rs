//! `campanile token`: a token that speaks for a user.

use clap::Args;
use http::Method;
use serde_json::json;

use super::call::Caller;
use super::{Remote, say, text};
use crate::path::segment;

#[derive(Debug, Args)]
pub(super) struct Token {
    #[command(flatten)]
    remote: Remote,
    /// The user.
    user: String,
    /// A tenant the token names.
    #[arg(long)]
    tenant: Option<String>,
    /// Seconds until it expires.
    #[arg(long)]
    expires_in: Option<i64>,
}

/// Mints a token and prints it.
pub(super) async fn run(command: Token, json: bool) -> anyhow::Result<()> {
    let caller = Caller::new(&command.remote)?;
    let mut body = json!({});
    if let Some(tenant) = command.tenant {
        body["tenant"] = json!(tenant);
    }
    if let Some(seconds) = command.expires_in {
        body["expires_in"] = json!(seconds);
    }
    let path = format!("/api/v1/users/{}/token", segment(&command.user));
    let answer = caller.call(Method::POST, &path, &body).await?;
    let token = text(&answer, "token")?.to_owned();
    say(json, &answer, || token)
}
