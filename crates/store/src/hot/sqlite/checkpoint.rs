//! The write-ahead log on its way into the database, on a thread of its own: a commit does not wait until it is there.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::Mutex;

use crate::error::{Error, Result};

/// How often the write-ahead log is moved into the database at most, if it was written to. Flushes of the log and of the database wait for
/// each other, so a commit is delayed least by little at a time.
const SOONEST: Duration = Duration::from_millis(100);
/// How often it is looked at in any case.
const LATEST: Duration = Duration::from_secs(1);
/// Pages that are much for one round: 1 MiB.
const MUCH: i64 = 256;
/// How many times as long as a round took the next one waits, up to [`LATEST`]: where it takes long, the disk is left to the writers.
const REST: u32 = 10;
/// Pages (4 KiB) in the log that force its restart: 64 MiB.
const RESTART_AT: i64 = 16_384;
/// Most passes of one round: each takes what was written during the one before, as long as that is less every time. Once nothing is
/// left and nobody reads from the log, the next write begins it anew, in place, and flushing a file that does not grow is quicker.
const PASSES: usize = 10;

/// Moves the write-ahead log into the database beside the writers; where it grew too long all the same, takes one turn to restart it.
/// Ends when the writer's thread does.
pub(super) fn checkpoints(path: &Path, turn: &Mutex<()>, ended: &Receiver<()>) {
    let file = PathBuf::from(format!("{}-wal", path.display()));
    let touched = || std::fs::metadata(&file).and_then(|file| file.modified()).ok();
    let mut connection = None;
    let mut seen = None;
    let (mut wait, mut log) = (LATEST, Log::default());
    while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        let now = touched();
        if now == seen {
            wait = LATEST;
            continue;
        }
        let began = Instant::now();
        wait = match checkpoint(path, &mut connection, turn) {
            Ok(pages) => {
                seen = now;
                let begun = begun(&file);
                let before = std::mem::replace(&mut log, Log { begun, pages });
                until_next(wait, log.came_since(&before), began.elapsed())
            }
            Err(error) => {
                tracing::warn!(%error, "a checkpoint failed; the next one tries again");
                connection = None;
                LATEST
            }
        }
    }
}

/// How far the log was written after a round.
#[derive(Debug, Default)]
struct Log {
    begun: Option<Beginning>,
    pages: i64,
}

impl Log {
    fn came_since(&self, before: &Self) -> i64 {
        if self.begun == before.begun {
            self.pages - before.pages
        } else {
            self.pages
        }
    }
}

/// What changes whenever the log begins anew: the sequence number and the salts in its header.
type Beginning = [u8; 12];

/// Opens the log beside `SQLite`, which locks the database and its index but not this file: closing it gives up no lock.
fn begun(file: &Path) -> Option<Beginning> {
    let mut header = [0; 24];
    File::open(file)
        .and_then(|mut log| log.read_exact(&mut header))
        .ok()?;
    header[12..].try_into().ok()
}

/// How long to wait after a round for which so many pages came and which took so long, when the wait before it was `before`.
fn until_next(before: Duration, came: i64, took: Duration) -> Duration {
    let wait = if came > MUCH { before / 2 } else { before * 2 };
    wait.max(took * REST).clamp(SOONEST, LATEST)
}

fn checkpoint(path: &Path, connection: &mut Option<Connection>, turn: &Mutex<()>) -> Result<i64> {
    let connection = match connection {
        Some(open) => open,
        None => connection.insert(Connection::open(path)?),
    };
    // Short: while this waits for a reader to leave, it may hold the writers' turn.
    connection.busy_timeout(Duration::from_millis(200))?;
    move_log(turn, |mode| pages(connection, mode))
}

/// Runs a checkpoint and answers how many pages are in the log.
fn pages(connection: &Connection, mode: &str) -> Result<i64> {
    let pragma = format!("PRAGMA wal_checkpoint({mode})");
    match connection.query_row(&pragma, [], |row| row.get("log"))? {
        // As it answers while another process moves the log.
        -1 => Err(Error::Unavailable(
            "the log is being moved by another process".into(),
        )),
        log => Ok(log),
    }
}

/// One round, which answers how many pages the log has. `checkpoint` takes a mode and answers the same.
fn move_log(turn: &Mutex<()>, mut checkpoint: impl FnMut(&str) -> Result<i64>) -> Result<i64> {
    let (mut before, mut came) = (0, i64::MAX);
    for _ in 0..PASSES {
        let log = checkpoint("PASSIVE")?;
        if log >= RESTART_AT {
            let _turn = turn.blocking_lock();
            return checkpoint("RESTART");
        }
        // Nothing came, or a write has begun the log anew, or writers are as quick as this.
        if log <= before || log - before >= came {
            return Ok(log);
        }
        (before, came) = (log, log - before);
    }
    Ok(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log with `rows` commits in it, and the connection that wrote them.
    fn written(path: &Path, rows: u32) -> Connection {
        let writer = Connection::open(path).expect("a database");
        writer
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE facts (fact TEXT) STRICT;")
            .expect("a table");
        (0..rows).for_each(|_| write(&writer));
        writer
    }

    fn write(writer: &Connection) {
        writer
            .execute("INSERT INTO facts (fact) VALUES (?1)", [&"f".repeat(2_000)])
            .expect("a row");
    }

    #[test]
    fn what_comes_while_the_log_is_moved_does_not_keep_it_from_beginning_anew() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("facts.db");
        let writer = written(&path, 50);
        let mover = Connection::open(&path).expect("a second connection");
        let reader = Connection::open(&path).expect("a third connection");
        let mut busy = 3;
        let mut passes = 0;
        let moved = move_log(&Mutex::default(), |mode| {
            passes += 1;
            if busy == 0 {
                return pages(&mover, mode);
            }
            busy -= 1;
            // A reader keeps what comes from now on out of this pass, as if it had come in the middle of it.
            reader
                .execute_batch("BEGIN; SELECT count(*) FROM facts;")
                .expect("a snapshot");
            (0..=busy).for_each(|_| write(&writer));
            let log = pages(&mover, mode);
            reader.execute_batch("COMMIT").expect("an end");
            log
        });
        assert!((4..=PASSES).contains(&passes), "{passes} passes");
        let file = directory.path().join("facts.db-wal");
        let log = |pages| Log {
            begun: begun(&file),
            pages,
        };
        let before = log(moved.expect("moved"));
        assert!(before.pages > 50, "{before:?}");
        write(&writer);
        let after = log(pages(&mover, "PASSIVE").expect("a count"));
        assert!(after.pages < 10, "{after:?}");
        assert_eq!(after.came_since(&before), after.pages);
        // Where a reader keeps it from beginning anew, it goes on.
        write(&writer);
        reader
            .execute_batch("BEGIN; SELECT count(*) FROM facts;")
            .expect("a snapshot");
        let read = log(pages(&mover, "PASSIVE").expect("a count"));
        write(&writer);
        let later = log(pages(&mover, "PASSIVE").expect("a count"));
        assert!(later.pages > read.pages, "{later:?} after {read:?}");
        assert_eq!(later.came_since(&read), later.pages - read.pages);
    }

    #[test]
    fn much_is_moved_soon_and_little_late() {
        let mut wait = LATEST;
        let mut after = |came, took| {
            wait = until_next(wait, came, Duration::from_millis(took));
            wait.as_millis()
        };
        assert_eq!([(); 5].map(|()| after(MUCH + 1, 2)), [500, 250, 125, 100, 100]);
        assert_eq!(after(MUCH + 1, 40), 400);
        assert_eq!(after(MUCH + 1, 400), 1_000);
        assert_eq!(after(MUCH + 1, 2), 500);
        assert_eq!([(); 2].map(|()| after(MUCH, 2)), [1_000, 1_000]);
    }

    /// How many passes a round takes when this many pages come during each.
    fn passes(come: impl Fn(i64) -> i64) -> usize {
        let (mut log, mut passes) = (1_000, 0);
        let moved = move_log(&Mutex::default(), |mode| {
            assert_eq!(mode, "PASSIVE");
            passes += 1;
            log += come(log);
            Ok(log)
        });
        assert_eq!(moved.expect("moved"), log);
        passes
    }

    #[test]
    fn writers_who_are_as_quick_are_not_chased() {
        assert_eq!(passes(|_| 0), 2);
        assert_eq!(passes(|_| 100), 3);
        assert_eq!(passes(|log| (2_000 - log) / 4), PASSES);
    }

    #[test]
    fn a_log_that_grew_too_long_is_restarted_in_the_writers_turn() {
        let turn = Mutex::default();
        let mut modes = Vec::new();
        let moved = move_log(&turn, |mode| {
            assert_eq!(turn.try_lock().is_err(), mode == "RESTART");
            modes.push(mode.to_owned());
            Ok(RESTART_AT)
        });
        assert_eq!(moved.expect("moved"), RESTART_AT);
        assert_eq!(modes, ["PASSIVE", "RESTART"]);
    }
}
