//! The hot path on `PostgreSQL`: two writers, one round trip a group.
//!
//! A group's plain work (events, deliveries, timers, audit lines, outcomes) is one statement that commits by itself (`publish`, `outcome`).
//! What touches feeds, notifications or a fired timer takes a transaction of a few statements (`feed`). Neither depends on how many items
//! the group holds. No answer is given before the server said that the commit is done; when the connection is lost before it says so, what
//! was written is read back over another one (`resolve`).

mod apply;
mod columns;
mod feed;
mod known;
mod outcome;
mod publish;
mod resolve;
mod runs;
mod session;
mod statement;
mod write;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::effects::Effects;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::{Answer, Completed, Done, Finished, GROUP, Item, Message, Vital, Writer};
use crate::error::Error;
use session::{Ended, Session};

const WRITERS: usize = 2;
/// Longest work of a group on one connection; a little more than the server gives it.
const WORK: Duration = Duration::from_secs(5);
/// From here on, items of a group that failed are not tried one by one any more.
const ENOUGH: Duration = Duration::from_secs(8);
/// Tries of a group that others were in the way of, or whose connection was lost.
const TRIES: usize = 3;

/// Why a piece of work was not done.
#[derive(Debug)]
enum Trouble {
    /// The database cannot be reached; nothing was sent.
    Away(Error),
    /// The connection is lost; what was sent may be committed, now or soon.
    Lost,
    /// The connection was lost while this transaction committed; these are the answers if it did.
    Unsure {
        /// The transaction.
        transaction: i64,
        /// One for each item.
        answers: Vec<Option<Answer>>,
    },
    /// Others were in the way; rolled back, and worth another try as it is.
    Again(Error),
    /// Refused; rolled back.
    Failed(Error),
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => match database.code().as_deref() {
                // The server takes the connection away, perhaps after the commit.
                Some(code) if code.starts_with("08") || code.starts_with("57P") => Self::Lost,
                // Serialization, deadlock, and the statement's own wish (see `publish`).
                Some("40001" | "40P01" | "22012") => Self::Again(error.into()),
                _ => Self::Failed(error.into()),
            },
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Encode(_) => Self::Failed(error.into()),
            _ => Self::Lost,
        }
    }
}

/// What an item asks for, which may be looked at from several places at once.
#[derive(Debug)]
enum Work {
    Plan(Box<Effects>),
    Outcome(Completed),
}

/// Who is told, which may not.
enum Listener {
    Plan(Done),
    Outcome(Finished),
}

fn part(item: Item) -> (Work, Listener) {
    match item {
        Item::Plan(effects, done) => (Work::Plan(effects), Listener::Plan(done)),
        Item::Outcome(completed, finished) => (Work::Outcome(completed), Listener::Outcome(finished)),
    }
}

/// The other way round. Work and listener of different kinds never meet.
fn join(work: Work, listener: Listener) -> Item {
    match (work, listener) {
        (Work::Plan(effects), Listener::Plan(done)) => Item::Plan(effects, done),
        (Work::Outcome(completed), Listener::Outcome(finished)) => Item::Outcome(completed, finished),
        _ => unreachable!("an item is put together from its own parts"),
    }
}

/// What both writers take from, one after the other.
struct Queue {
    receiver: Mutex<mpsc::Receiver<Message>>,
    /// Who waits for the end: told by being dropped with the last writer.
    closing: parking_lot::Mutex<Vec<oneshot::Sender<()>>>,
}

/// Starts the writers.
pub(crate) fn start(options: &PgConnectOptions, roles: bool) -> Writer {
    let (writer, receiver) = Writer::channel();
    let queue = Arc::new(Queue {
        receiver: Mutex::new(receiver),
        closing: parking_lot::Mutex::default(),
    });
    for _ in 0..WRITERS {
        let writer = Committer {
            session: Session::new(options, roles),
            queue: Arc::clone(&queue),
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "`Store::close` ends the writers and waits for them"
        )]
        tokio::spawn(async move {
            let _vital = Vital;
            writer.run().await;
        });
    }
    writer
}

impl Queue {
    /// Adds what waits to a group; waits for the first item of an empty one. `false` when nothing will ever come.
    async fn fill(&self, group: &mut Vec<Item>) -> bool {
        if group.is_empty() {
            let mut receiver = self.receiver.lock().await;
            while group.is_empty() {
                let Some(message) = receiver.recv().await else {
                    return false;
                };
                self.take(message, group, &mut receiver);
            }
            self.drain(group, &mut receiver);
        } else if let Ok(mut receiver) = self.receiver.try_lock() {
            // Held by a writer that waits for the first item: then there is nothing to take.
            self.drain(group, &mut receiver);
        }
        true
    }

    fn drain(&self, group: &mut Vec<Item>, receiver: &mut mpsc::Receiver<Message>) {
        while group.len() < GROUP
            && let Ok(message) = receiver.try_recv()
        {
            self.take(message, group, receiver);
        }
    }

    fn take(&self, message: Message, group: &mut Vec<Item>, receiver: &mut mpsc::Receiver<Message>) {
        match message {
            Message::Item(item) => group.push(item),
            Message::Close(answer) => {
                // What is queued is still written, what comes now is refused.
                receiver.close();
                self.closing.lock().push(answer);
            }
        }
    }
}

struct Committer {
    session: Session,
    queue: Arc<Queue>,
}

impl Committer {
    async fn run(mut self) {
        let mut group = Vec::with_capacity(GROUP);
        while self.queue.fill(&mut group).await {
            metrics::histogram!("campanile_commit_group_size").record(group.len() as f64);
            let started = Instant::now();
            let (rich, plain): (Vec<_>, Vec<_>) = group.drain(..).partition(feed::is_rich);
            group.extend(self.part(plain, false).await);
            for part in feed::slices(rich) {
                group.extend(self.part(part, true).await);
            }
            metrics::histogram!("campanile_commit_seconds").record(started.elapsed().as_secs_f64());
        }
        self.session.close().await;
    }

    /// Commits a part of a group and answers its items, all but those that wait for the next group.
    async fn part(&mut self, items: Vec<Item>, rich: bool) -> Vec<Item> {
        let mut later = Vec::new();
        if items.is_empty() {
            return later;
        }
        let (work, listeners): (Vec<_>, Vec<_>) = items.into_iter().map(part).unzip();
        let answers = self.answers(&work, rich).await;
        for ((work, listener), answer) in work.into_iter().zip(listeners).zip(answers) {
            match (answer, join(work, listener)) {
                (Ok(Some(answer)), item) => answer.give(item),
                (Ok(None), item) => later.push(item),
                (Err(error), item) => item.fail(error),
            }
        }
        later
    }

    /// The group as a whole; where that fails, and not for the database's absence, one by one.
    async fn answers(&mut self, items: &[Work], rich: bool) -> Vec<Given> {
        let started = Instant::now();
        let mut given: Vec<Option<Given>> = items.iter().map(|_| None).collect();
        if let Err((why, all)) = self.whole(items, rich, &mut given).await {
            let open = given.iter().filter(|given| given.is_none()).count();
            if open > 1 && !all {
                tracing::warn!(error = %why, items = open, "a group was rolled back; replaying it one by one");
            }
            for (item, given) in items.iter().zip(&mut given).filter(|(_, given)| given.is_none()) {
                if open == 1 || all || started.elapsed() > ENOUGH {
                    *given = Some(Err(why.clone()));
                    continue;
                }
                let mut single = [None];
                let tried = self.whole(std::slice::from_ref(item), rich, &mut single).await;
                let [single] = single;
                *given = single.or_else(|| tried.err().map(|(why, _)| Err(why)));
            }
        }
        given.into_iter().map(|given| given.unwrap_or(Ok(None))).collect()
    }

    /// Fills in what is found out; fails with the reason why the rest is not, and whether that holds for every item alike.
    async fn whole(
        &mut self,
        items: &[Work],
        rich: bool,
        given: &mut [Option<Given>],
    ) -> Result<(), (Error, bool)> {
        let mut last = Error::Unavailable("the connection was lost".into());
        for _ in 0..TRIES {
            let (places, open): (Vec<_>, Vec<_>) = items
                .iter()
                .enumerate()
                .filter(|(place, _)| given[*place].is_none())
                .unzip();
            let mut fill = |answers: Vec<Given>| {
                for (place, answer) in places.iter().zip(answers) {
                    given[*place] = Some(answer);
                }
            };
            match self.once(&open, rich).await {
                Ok(answers) => {
                    fill(answers.into_iter().map(Ok).collect());
                    return Ok(());
                }
                Err(Trouble::Again(error)) => last = error,
                Err(Trouble::Failed(error)) => return Err((error, false)),
                Err(Trouble::Away(error)) => return Err((error, true)),
                // A transaction that was not told to commit does not.
                Err(Trouble::Lost) if rich => {}
                Err(Trouble::Lost) => {
                    let (ended, found) = self.read_back(&open).await.map_err(|error| (error, true))?;
                    for (place, answer) in places.iter().zip(found) {
                        given[*place] = answer.map(|answer| Ok(Some(answer)));
                    }
                    if ended == Ended::Perhaps {
                        return Err((unknown(), true));
                    }
                }
                Err(Trouble::Unsure { transaction, answers }) => {
                    match self
                        .is_committed(transaction)
                        .await
                        .map_err(|error| (error, true))?
                    {
                        Some(true) => {
                            fill(answers.into_iter().map(Ok).collect());
                            return Ok(());
                        }
                        Some(false) => {}
                        None => return Err((unknown(), true)),
                    }
                }
            }
        }
        Err((last, false))
    }

    /// One try.
    async fn once(&mut self, items: &[&Work], rich: bool) -> Result<Vec<Option<Answer>>, Trouble> {
        let environments = session::environments(items);
        let opened = bounded(WORK, self.session.connection(&environments)).await;
        let done = match opened {
            Ok(connection) if rich => feed::run(connection, items).await,
            Ok(connection) => bounded(WORK, publish::run(connection, items))
                .await
                .map(|committed| committed.answers),
            Err(trouble) => Err(trouble),
        };
        match &done {
            Err(Trouble::Lost | Trouble::Unsure { .. }) => self.session.lose(),
            Err(Trouble::Again(_) | Trouble::Failed(_)) if rich => self.session.roll_back().await,
            _ => {}
        }
        done
    }

    /// What a lost connection wrote all the same.
    async fn read_back(&mut self, items: &[&Work]) -> crate::Result<(Ended, Vec<Option<Answer>>)> {
        let ended = self.session.recover().await.map_err(|_| unknown())?;
        let environments = session::environments(items);
        let found = bounded(WORK, async {
            resolve::written(self.session.connection(&environments).await?, items).await
        });
        found.await.map(|found| (ended, found)).map_err(|_| unknown())
    }

    /// Whether a transaction whose connection was lost is committed; `None` when that cannot be told.
    async fn is_committed(&mut self, transaction: i64) -> crate::Result<Option<bool>> {
        self.session.recover().await.map_err(|_| unknown())?;
        let committed = bounded(WORK, async {
            resolve::is_committed(self.session.connection(&BTreeSet::new()).await?, transaction).await
        });
        committed.await.map_err(|_| unknown())
    }
}

fn unknown() -> Error {
    Error::Unknown("the connection was lost; whether the write is there is not known".into())
}

/// Bounds a piece of work: beyond the limit its end is unknown, as if the connection were lost.
async fn bounded<T>(limit: Duration, work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or(Err(Trouble::Lost))
}

/// What an item is told; nothing yet where it waits for the next group.
type Given = crate::Result<Option<Answer>>;
