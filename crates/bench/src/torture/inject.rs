//! Failing flushes and a full disk, by `strace` on the running server.
//!
//! The tracer attaches at a random instant, and from then on *every* such call of every thread fails. So a write
//! that was sent after the tracer was in place and is acknowledged while it is there cannot be durable, which is the
//! promise under test. A count of calls (`when=20+`) would not do: strace counts each thread for itself.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::faults::Schedule;
use super::harness::Harness;
use crate::process;

/// A kind of call that fails.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Injection {
    /// The calls, as strace names them.
    calls: &'static str,
    /// The error they give.
    error: &'static str,
    /// In words.
    what: &'static str,
}

/// Every flush fails.
pub(crate) const FLUSHES: Injection = Injection {
    calls: "fdatasync,fsync",
    error: "EIO",
    what: "every flush fails",
};
/// Every write into a file at a place fails; the log and sockets use other calls.
pub(crate) const WRITES: Injection = Injection {
    calls: "pwrite64,pwritev",
    error: "ENOSPC",
    what: "the disk is full",
};

/// Harms a few times: the odd rounds die in the middle, the even ones must survive or die honestly.
pub(crate) async fn strike(harness: &mut Harness, injection: Injection, schedule: Schedule) -> Result<()> {
    let rounds = schedule.rounds.clamp(2, 10);
    let (mut recovered, mut struck) = (0, 0);
    for round in 1..=rounds {
        harness.wait(0.5, 0.5 + schedule.seconds).await;
        let pid = harness.servers[0].as_ref().context("the server is up")?.pid;
        let tracer = attach(pid, injection).await?;
        harness.ledger.book().close(injection.what);
        harness.wait(1.0, 2.0).await;
        harness.ledger.book().open();
        if round % 2 == 1 {
            harness.kill(0).await?;
            struck += detach(tracer).await?;
        } else {
            struck += detach(tracer).await?;
            let ended = harness.ended(0);
            recovered += u32::from(!ended && harness.acked_again(Duration::from_secs(3)).await);
            harness.kill(0).await?;
        }
        harness.restart(0).await?;
    }
    if struck == 0 {
        bail!("no call failed: the server does not use {}", injection.calls);
    }
    harness.notes.push(format!(
        "{}: {rounds} times, {struck} calls failed; without a restart it wrote again {recovered} of {} times",
        injection.what,
        rounds / 2
    ));
    harness.wait(1.0, 1.0 + schedule.seconds).await;
    Ok(())
}

struct Tracer {
    child: Child,
    log: tempfile::NamedTempFile,
}

async fn attach(pid: u32, injection: Injection) -> Result<Tracer> {
    let Injection { calls, error, .. } = injection;
    let log = tempfile::NamedTempFile::new()?;
    let mut child = Command::new("strace")
        .args(["-f", "-p", &pid.to_string(), "-e", &format!("trace={calls}")])
        .args(["-e", &format!("inject={calls}:error={error}")])
        .arg("-o")
        .arg(log.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("cannot run strace; Debian: apt-get install strace")?;
    let stderr = child.stderr.take().context("strace has a standard error")?;
    let mut lines = BufReader::new(stderr).lines();
    let attached = async {
        while let Ok(Some(line)) = lines.next_line().await {
            if line.contains("attached") {
                return Ok(());
            }
            if line.contains("ptrace") {
                bail!("{line} (tracing needs root, or /proc/sys/kernel/yama/ptrace_scope at 0)");
            }
        }
        bail!("strace ended before it was attached")
    };
    tokio::time::timeout(Duration::from_secs(10), attached)
        .await
        .context("strace does not attach")??;
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    // The line comes after the first thread; the others follow within this time.
    tokio::time::sleep(Duration::from_millis(100)).await;
    Ok(Tracer { child, log })
}

/// Lets the server go; answers how many calls failed.
async fn detach(mut tracer: Tracer) -> Result<usize> {
    if let Some(pid) = tracer.child.id() {
        // Gone already where the server was killed.
        let _ = process::signal(pid, Signal::INT);
    }
    if tokio::time::timeout(Duration::from_secs(5), tracer.child.wait())
        .await
        .is_err()
    {
        tracer.child.kill().await?;
    }
    let text = std::fs::read_to_string(tracer.log.path()).unwrap_or_default();
    Ok(text.matches("(INJECTED)").count())
}
