//! The clock an hour ahead, an hour behind, and right again, by libfaketime under the server.
//!
//! Only the wall clock is turned: no machine's monotonic clock jumps. At the end the clock stands two hours ahead, so
//! that whatever was put off under a clock that was ahead is due when the run settles.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::faults::Schedule;
use super::harness::Harness;
use crate::postgres::Cluster;
use crate::setup;

const HOUR: i64 = 3_600;
/// How far a turned clock may be from where it should stand.
const NEAR: u64 = 120;
/// Where systems keep the library; the second holds a directory for each architecture.
const PLACES: [&str; 2] = ["/usr/local/lib/faketime", "/usr/lib"];

/// Turns the clock between kills.
pub(crate) async fn strike(
    harness: &mut Harness,
    schedule: Schedule,
    cluster: Option<&mut Cluster>,
) -> Result<()> {
    let library = find_library()?;
    harness.inbox.check_time.store(false, Ordering::Relaxed);
    let rounds = schedule.rounds.clamp(3, 12);
    for offset in [HOUR, -HOUR, 0]
        .into_iter()
        .cycle()
        .take(usize::try_from(rounds)?)
    {
        turn(harness, &library, offset).await?;
        harness.wait(1.0, 1.0 + schedule.seconds).await;
    }
    harness.client.stop.cancel();
    harness.wait(1.0, 1.5).await;
    // A node whose clock is not the database's claims nothing, so both are turned for the settling.
    if let Some(cluster) = cluster {
        harness.kill(0).await?;
        cluster.stop().await?;
        cluster.set_env(faketime(&library, 2 * HOUR));
        cluster.go().await?;
    }
    turn(harness, &library, 2 * HOUR).await?;
    harness
        .notes
        .push(format!("{rounds} turns of the clock; settled two hours ahead"));
    Ok(())
}

async fn turn(harness: &mut Harness, library: &std::path::Path, offset: i64) -> Result<()> {
    harness.kill(0).await?;
    harness.specs[0].env = faketime(library, offset);
    harness.restart(0).await?;
    let expires = token_expiry(harness).await?;
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let wanted = now + offset + HOUR;
    ensure!(
        wanted.abs_diff(expires) < NEAR,
        "the clock was not turned by {offset} s: a token of an hour expires at {expires}, it is {now}"
    );
    Ok(())
}

/// The server's own opinion of the time: when a token of one hour expires.
async fn token_expiry(harness: &Harness) -> Result<i64> {
    let token = setup::token(&harness.api(0), &harness.client.users[0]).await?;
    let payload = token.split('.').nth(1).context("a token has three parts")?;
    let payload: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?;
    payload["exp"].as_i64().context("a token has exp")
}

fn faketime(library: &std::path::Path, offset: i64) -> Vec<(String, String)> {
    [
        ("LD_PRELOAD", library.to_string_lossy().into_owned()),
        ("FAKETIME", format!("{offset:+}s")),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

fn find_library() -> Result<PathBuf> {
    let mut dirs: Vec<PathBuf> = PLACES.iter().map(PathBuf::from).collect();
    for architecture in std::fs::read_dir(PLACES[1]).into_iter().flatten().flatten() {
        dirs.push(architecture.path().join("faketime"));
    }
    dirs.iter()
        .map(|dir| dir.join("libfaketimeMT.so.1"))
        .find(|path| path.is_file())
        .context("turning the clock needs libfaketime: apt-get install libfaketime")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_have_a_sign() {
        let env = faketime(std::path::Path::new("lib.so"), -HOUR);
        assert!(env.contains(&("FAKETIME".to_owned(), "-3600s".to_owned())));
        assert!(
            faketime(std::path::Path::new("lib.so"), HOUR).contains(&("FAKETIME".into(), "+3600s".into()))
        );
    }
}
