//! `campanile serve`.

use std::io::IsTerminal;
use std::process::ExitCode;

use config::Config;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use super::{note, say};
use crate::logging;
use crate::server::{Options, Server};

/// Serves until a signal; a second one ends at once.
pub(super) async fn run(config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    logging::start(&config.log);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let server = Server::start(
        config,
        Options {
            bootstrap_key: bootstrap_key(),
            ..Options::default()
        },
    )
    .await?;
    let url = server.url();
    // A server serves also where nobody reads that it does.
    let _ = say(json, &json!({"ready": url}), || format!("ready {url}"));
    // A link is for who sits there: it has no place in the log of a service.
    if config.pages.console
        && std::io::stderr().is_terminal()
        && server.demo().is_none()
        && let Some(link) = server.first_sign_in().await?
    {
        note(format_args!(
            "sign in to the console, once and within a quarter of an hour: {link} (`campanile login` makes another link)"
        ));
    }
    if let Some(demo) = server.demo() {
        let _ = say(json, &demo.shown(), || demo.explained());
    }
    tracing::info!(%url, version = env!("CARGO_PKG_VERSION"), "serving");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: finishing what is under way; a second signal ends at once");
    tokio::select! {
        () = server.stop() => Ok(ExitCode::SUCCESS),
        _ = terminate.recv() => Ok(ExitCode::FAILURE),
        _ = interrupt.recv() => Ok(ExitCode::FAILURE),
    }
}

/// The key that a container gives its first environment.
#[expect(
    clippy::disallowed_methods,
    reason = "a secret that has no place in a configuration file"
)]
fn bootstrap_key() -> Option<String> {
    std::env::var("CAMPANILE_BOOTSTRAP_KEY")
        .ok()
        .filter(|key| !key.is_empty())
}
