//! The hot path on `SQLite`: a thread with one connection and prepared single-row statements.

mod checkpoint;
mod feed;
mod outcome;
mod publish;
mod run;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::{Answer, GROUP, Item, Message, Vital, Writer};
use crate::error::{Error, Result};
use crate::open::Synchronous;

/// Starts the writer's thread and the checkpoint's, which ends with it.
pub(crate) fn start(path: &Path, synchronous: Synchronous, turn: Arc<Mutex<()>>) -> Result<Writer> {
    let (writer, queue) = Writer::channel();
    let connection = connect(path, synchronous)?;
    let thread = Thread {
        path: path.to_owned(),
        synchronous,
        turn: Arc::clone(&turn),
        connection,
    };
    let (alive, ended) = std::sync::mpsc::channel();
    let path = path.to_owned();
    let checkpoint = spawn("checkpoint", move || {
        checkpoint::checkpoints(&path, &turn, &ended);
    })?;
    spawn("commit", move || {
        let vital = Vital;
        let closing = thread.run(queue);
        drop(vital);
        drop::<std::sync::mpsc::Sender<()>>(alive);
        // Whoever waits for the end finds every connection closed.
        let _ = checkpoint.join();
        for answer in closing {
            let _ = answer.send(());
        }
    })?;
    Ok(writer)
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let thread = std::thread::Builder::new()
        .name(format!("campanile-{name}"))
        .spawn(body);
    thread.map_err(|error| Error::Unavailable(format!("no thread for {name}: {error}")))
}

fn connect(path: &Path, synchronous: Synchronous) -> Result<Connection> {
    let connection = Connection::open(path)?;
    let level = if synchronous == Synchronous::Full {
        "FULL"
    } else {
        "NORMAL"
    };
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {level}; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16000;
         PRAGMA temp_store = MEMORY;"
    ))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

struct Thread {
    path: PathBuf,
    synchronous: Synchronous,
    turn: Arc<Mutex<()>>,
    connection: Connection,
}

impl Thread {
    /// Commits until nothing can come any more; answers who waits for that.
    fn run(mut self, mut queue: mpsc::Receiver<Message>) -> Vec<oneshot::Sender<()>> {
        let mut closing = Vec::new();
        let mut group = Vec::with_capacity(GROUP);
        while let Some(first) = queue.blocking_recv() {
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Item(item) => group.push(item),
                    Message::Close(answer) => {
                        // What is queued is still written, what comes now is refused.
                        queue.close();
                        closing.push(answer);
                    }
                }
                next = if group.len() < GROUP {
                    queue.try_recv().ok()
                } else {
                    None
                };
            }
            self.commit(&mut group);
        }
        closing
    }

    /// Commits a group and answers every item.
    fn commit(&mut self, group: &mut Vec<Item>) {
        if group.is_empty() {
            return;
        }
        let turn = Arc::clone(&self.turn);
        let guard = turn.blocking_lock();
        metrics::histogram!("campanile_commit_group_size").record(group.len() as f64);
        let started = Instant::now();
        let answers = self.transaction(group);
        drop(guard);
        metrics::histogram!("campanile_commit_seconds").record(started.elapsed().as_secs_f64());
        match answers {
            Ok(answers) => {
                for (item, answer) in group.drain(..).zip(answers) {
                    answer.give(item);
                }
            }
            Err(error) => self.replay(group, &error),
        }
    }

    /// One by one: the item at fault fails alone.
    fn replay(&mut self, group: &mut Vec<Item>, error: &Error) {
        self.distrust(error);
        if group.len() == 1 {
            group.drain(..).for_each(|item| item.fail(error.clone()));
            return;
        }
        tracing::warn!(%error, items = group.len(), "a group was rolled back; replaying it one by one");
        for item in group.drain(..) {
            let turn = Arc::clone(&self.turn);
            let guard = turn.blocking_lock();
            let answers = self.transaction(std::slice::from_ref(&item));
            drop(guard);
            match answers {
                Ok(mut answers) => answers.remove(0).give(item),
                Err(error) => {
                    self.distrust(&error);
                    item.fail(error);
                }
            }
        }
    }

    /// After a conflict the connection is as good as before.
    fn distrust(&mut self, error: &Error) {
        if !matches!(error, Error::Conflict(_)) {
            self.reopen();
        }
    }

    /// After a failed write nothing the connection holds is trusted: another one reads from the disk again.
    fn reopen(&mut self) {
        match connect(&self.path, self.synchronous) {
            Ok(connection) => self.connection = connection,
            Err(error) => {
                tracing::error!(%error, "the database could not be opened again; trying with the next write");
            }
        }
    }

    fn transaction(&mut self, group: &[Item]) -> Result<Vec<Answer>> {
        let connection = &self.connection;
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let written = apply(connection, group).and_then(|answers| {
            connection.prepare_cached("COMMIT")?.execute([])?;
            Ok(answers)
        });
        if written.is_err() && !connection.is_autocommit() {
            // The rollback may fail with the disk; the connection is then thrown away.
            let _ = connection.execute_batch("ROLLBACK");
        }
        written
    }
}

fn apply(connection: &Connection, group: &[Item]) -> Result<Vec<Answer>> {
    group
        .iter()
        .map(|item| {
            Ok(match item {
                Item::Plan(effects, _) => Answer::Plan(publish::plan(connection, effects)?),
                Item::Outcome(completed, _) => Answer::Outcome(outcome::outcome(connection, completed)?),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The settings of `.cargo/config.toml` that SQLite can tell of; `fdatasync` is asked for beside them.
    #[test]
    fn sqlite_is_built_as_asked() {
        let connection = Connection::open_in_memory().expect("a database");
        let mut statement = connection.prepare("PRAGMA compile_options").expect("a statement");
        let options: Vec<String> = statement
            .query_map([], |row| row.get(0))
            .and_then(Iterator::collect)
            .expect("options");
        assert!(
            options.iter().any(|option| option == "DEFAULT_MEMSTATUS=0"),
            "{options:?}"
        );
        assert!(!options.iter().any(|option| option == "ENABLE_MEMORY_MANAGEMENT"));
    }
}
