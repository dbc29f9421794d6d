//! What the machine itself can do: its flush rate and how many sockets it lets us open.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rustix::process::{Resource, Rlimit};
use serde::Serialize;

/// How fast this file system makes 4 KiB durable.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Flush {
    /// `fdatasync` calls a second, one after the other.
    pub(crate) per_second: f64,
    /// Median time of one append and flush, in milliseconds.
    pub(crate) p50_ms: f64,
    /// The 99th percentile of the same.
    pub(crate) p99_ms: f64,
    /// The file system keeps files in memory, so every figure about durability means nothing here.
    pub(crate) in_memory: bool,
}

/// Appends 4 KiB and flushes it, again and again, for at most `time`.
pub(crate) fn flush_rate(dir: &Path, time: Duration) -> Result<Flush> {
    let path = dir.join("flush-rate");
    let mut file = std::fs::File::create(&path).context("a file for the flush rate")?;
    let page = [0x5a_u8; 4096];
    let begun = Instant::now();
    let mut took = Vec::new();
    while begun.elapsed() < time && took.len() < 5_000 {
        let at = Instant::now();
        file.write_all(&page)?;
        file.sync_data()?;
        took.push(at.elapsed().as_secs_f64() * 1e3);
    }
    let per_second = took.len() as f64 / begun.elapsed().as_secs_f64();
    took.sort_by(f64::total_cmp);
    std::fs::remove_file(&path)?;
    Ok(Flush {
        per_second,
        p50_ms: took[took.len() / 2],
        p99_ms: took[took.len() * 99 / 100],
        in_memory: in_memory(dir),
    })
}

fn in_memory(dir: &Path) -> bool {
    const TMPFS: u64 = 0x0102_1994;
    rustix::fs::statfs(dir).is_ok_and(|fs| u64::try_from(fs.f_type).is_ok_and(|kind| kind == TMPFS))
}

/// A directory of our own, removed at the end, that other accounts may pass through but not read: PostgreSQL refuses
/// to run as root and its cluster lies inside.
pub(crate) fn scratch(dir: Option<&Path>, prefix: &str) -> Result<tempfile::TempDir> {
    let dir = dir.map_or_else(std::env::temp_dir, Path::to_owned);
    tempfile::Builder::new()
        .prefix(prefix)
        .permissions(PermissionsExt::from_mode(0o711))
        .tempdir_in(&dir)
        .with_context(|| format!("a directory in {}", dir.display()))
}

/// Raises the soft limit of open files to the hard one, which child processes inherit. Answers the limit.
pub(crate) fn raise_file_limit() -> u64 {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    match rustix::process::setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum.unwrap_or(u64::MAX),
        Err(_) => limit.current.unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flushes_are_counted() {
        let dir = tempfile::tempdir().expect("dir");
        let flush = flush_rate(dir.path(), Duration::from_millis(50)).expect("flush");
        assert!(flush.per_second > 0.0 && flush.p50_ms > 0.0 && flush.p50_ms <= flush.p99_ms);
    }
}
