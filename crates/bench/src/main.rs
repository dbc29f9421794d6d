//! The measuring programs and the torture. See `bench --help`.
//!
//! `bench run` measures the release binary against the targets of docs/figures.md; `bench torture` kills it,
//! starves it and turns its clock, and proves from outside that nothing acknowledged was lost. Both drive the real
//! binary as a child process on loopback, end by themselves, and kill only what they started.
#![expect(
    clippy::disallowed_methods,
    reason = "these bans guard the server; this program stands outside it, with its own clock, dice and sockets"
)]
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures are printed with three digits; counts are far below 2^52"
)]

mod clock;
mod counting;
mod http;
mod load;
mod machine;
mod measures;
mod open_loop;
mod postgres;
mod process;
mod receiver;
mod report;
mod server;
mod setup;
mod torture;
mod wire;
mod workers;
mod ws;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures and tortures the release binary.
#[derive(Debug, Parser)]
#[command(name = "bench", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure the server and print one table beside its targets.
    Run(measures::Options),
    /// Kill and starve the server while a client keeps a ledger, then compare.
    Torture(torture::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    let Cli { command } = Cli::parse();
    let work = async {
        match command {
            Command::Run(options) => measures::run(options).await,
            Command::Torture(options) => torture::run(options).await,
        }
    };
    // Leaving by an interrupt drops the work, and with it every child process and directory.
    let outcome = tokio::select! {
        outcome = work => outcome,
        () = interrupt() => Err(anyhow::anyhow!("interrupted")),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// An interrupt from the terminal, or a request to end.
async fn interrupt() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Prints a result, which is this program's purpose.
#[allow(
    clippy::print_stdout,
    reason = "results go to standard output, progress to standard error"
)]
pub(crate) fn say(text: &str) {
    println!("{text}");
}
