//! What a command answers on standard output, and what it tells people beside it.

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use anyhow::Context;
use serde_json::Value;

/// Whoever read the answers has seen enough, as `head` does: the command ends, and nothing went wrong.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the answers any more")]
pub(super) struct Unread;

/// Answers one line, or a text of several.
pub(super) fn answer(text: impl Display) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Unread.into()),
        written => written.context("standard output cannot be written"),
    }
}

/// Answers a line for people or a value for programs.
pub(super) fn say(json: bool, value: &Value, text: impl FnOnce() -> String) -> anyhow::Result<()> {
    if json { answer(value) } else { answer(text()) }
}

/// The exit code of a command that answers by it, and so also where nobody reads its words.
pub(super) fn verdict(good: bool, said: anyhow::Result<()>) -> anyhow::Result<ExitCode> {
    match said {
        Err(error) if !error.is::<Unread>() => Err(error),
        _ if good => Ok(ExitCode::SUCCESS),
        _ => Ok(ExitCode::FAILURE),
    }
}

/// Tells people something. Where nobody listens, nothing is lost.
pub(super) fn note(text: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "campanile: {text}");
}
