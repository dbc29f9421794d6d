//! The write-ahead log on its way into the database, on a thread of its own: a commit never waits for it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::Mutex;

use crate::error::Result;

/// How often the write-ahead log is moved into the database, if it was written to.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);
/// Pages (4 KiB) in the log that force its restart: 64 MiB.
const RESTART_AT: i64 = 16_384;

/// Moves the write-ahead log into the database beside the writers; where it grew too long all the same, takes one turn to restart it.
/// Ends when the writer's thread does.
pub(super) fn checkpoints(path: &Path, turn: &Mutex<()>, ended: &Receiver<()>) {
    let log = PathBuf::from(format!("{}-wal", path.display()));
    let touched = || std::fs::metadata(&log).and_then(|log| log.modified()).ok();
    let mut connection = None;
    let mut seen = None;
    while ended.recv_timeout(CHECKPOINT_EVERY) == Err(RecvTimeoutError::Timeout) {
        let now = touched();
        if now == seen {
            continue;
        }
        match checkpoint(path, &mut connection, turn) {
            Ok(()) => seen = now,
            Err(error) => {
                tracing::warn!(%error, "a checkpoint failed; the next one tries again");
                connection = None;
            }
        }
    }
}

fn checkpoint(path: &Path, connection: &mut Option<Connection>, turn: &Mutex<()>) -> Result<()> {
    let connection = match connection {
        Some(open) => open,
        None => connection.insert(Connection::open(path)?),
    };
    // Short: while this waits for a reader to leave, it may hold the writers' turn.
    connection.busy_timeout(Duration::from_millis(200))?;
    let checkpoint = |mode: &str| {
        let pragma = format!("PRAGMA wal_checkpoint({mode})");
        connection.query_row(&pragma, [], |row| row.get::<_, i64>("log"))
    };
    if checkpoint("PASSIVE")? >= RESTART_AT {
        let _turn = turn.blocking_lock();
        checkpoint("RESTART")?;
    }
    Ok(())
}
