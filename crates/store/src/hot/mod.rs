//! Group commit: one writer (on `PostgreSQL` two) commits what queued while the last commit ran. It never waits to gather.
//!
//! What is written here is written whole or not at all, plan by plan: a plan that fails its own check (a used key, stale
//! configuration, a state that changed) fails alone and before its first write. Any other error rolls the group back and replays it
//! one by one. The answer of each goes to its `Done`, on the writer's thread, after the commit: there and nowhere else a committed
//! delivery is handed to its lane, so that a caller who went away cannot lose it.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use domain::delivery::{Completion, DeliveryState, NewDelivery};
use domain::effects::{Effects, Receipt};
use tokio::sync::{mpsc, oneshot};

use crate::error::{Error, Result};
use crate::packed;

/// Most items one commit takes.
const GROUP: usize = 512;
/// Items that may wait; beyond, callers are told to come back.
const QUEUE: usize = 16_384;

/// Held by a writer for as long as it works. A writer that panics takes the process with it: what is committed is safe, a restart
/// finds it, and a server that can never write again must not go on looking well.
struct Vital;

impl Drop for Vital {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("the writer panicked; the process ends");
            std::process::abort();
        }
    }
}

/// Receives the answer of a plan on the writer's thread, so it must be quick.
pub type Done = Box<dyn FnOnce(&Effects, Result<Receipt>) + Send>;
/// Receives the answer of an outcome on the writer's thread.
pub type Finished = Box<dyn FnOnce(Result<Settled>) + Send>;

/// What became of an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// Whether the lease still held; else nothing was written.
    pub applied: bool,
    /// Failures in a row at the endpoint, this one included; 0 after a success.
    pub failures: i64,
}

/// How a delivery begins.
struct Born {
    state: DeliveryState,
    due_at: Option<i64>,
    finished_at: Option<i64>,
}

impl Born {
    fn of(delivery: &NewDelivery) -> Self {
        let state = match (&delivery.skipped, delivery.lease) {
            (Some(_), _) => DeliveryState::Skipped,
            (None, Some(_)) => DeliveryState::Sending,
            (None, None) => DeliveryState::Pending,
        };
        let ends = state.is_final();
        Self {
            state,
            due_at: (!ends).then_some(delivery.created_at),
            finished_at: ends.then_some(delivery.created_at),
        }
    }
}

/// An outcome as it waits. Its answer is packed before, where it keeps no other waiting.
#[derive(Debug)]
pub(crate) struct Completed {
    completion: Box<Completion>,
    packed: Option<Vec<u8>>,
}

impl Completed {
    fn new(completion: Box<Completion>) -> Self {
        let answer = completion
            .attempt
            .as_ref()
            .and_then(|attempt| attempt.response.as_deref());
        let packed = answer.and_then(packed::pack);
        Self { completion, packed }
    }

    /// The columns `response` and `packed`: at most one of them holds the attempt's answer.
    fn answer(&self) -> (Option<&str>, Option<&[u8]>) {
        match (&self.packed, &self.completion.attempt) {
            (Some(packed), _) => (None, Some(packed)),
            (None, Some(attempt)) => (attempt.response.as_deref(), None),
            (None, None) => (None, None),
        }
    }
}

pub(crate) enum Item {
    Plan(Box<Effects>, Done),
    Outcome(Completed, Finished),
}

impl Item {
    /// Answers with an error.
    fn fail(self, error: Error) {
        match self {
            Self::Plan(effects, done) => done(&effects, Err(error)),
            Self::Outcome(_, finished) => finished(Err(error)),
        }
    }
}

/// What an item is told after its commit.
#[derive(Debug)]
pub(crate) enum Answer {
    Plan(Receipt),
    Outcome(Settled),
}

impl Answer {
    fn give(self, item: Item) {
        match (item, self) {
            (Item::Plan(effects, done), Self::Plan(receipt)) => done(&effects, Ok(receipt)),
            (Item::Outcome(_, finished), Self::Outcome(settled)) => finished(Ok(settled)),
            (item, _) => item.fail(Error::Other("an answer of the wrong kind".into())),
        }
    }
}

/// The sending side of the group commit.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Message>,
}

pub(crate) enum Message {
    Item(Item),
    Close(oneshot::Sender<()>),
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writer")
    }
}

impl Writer {
    fn channel() -> (Self, mpsc::Receiver<Message>) {
        let (queue, receiver) = mpsc::channel(QUEUE);
        (Self { queue }, receiver)
    }

    /// Queues a plan; when the queue is full the answer is `Unavailable` at once.
    fn plan(&self, effects: Box<Effects>, done: Done) {
        self.send(Item::Plan(effects, done));
    }

    fn send(&self, item: Item) {
        use mpsc::error::TrySendError::{Closed, Full};
        match self.queue.try_send(Message::Item(item)) {
            Err(Full(Message::Item(item))) => {
                item.fail(Error::Unavailable("too many writes are waiting".into()));
            }
            Err(Closed(Message::Item(item))) => {
                item.fail(Error::Unavailable("the server is stopping".into()));
            }
            Ok(()) | Err(_) => {}
        }
    }

    /// Writes what is queued, then ends the writer.
    pub(crate) async fn close(&self) {
        let (answer, closed) = oneshot::channel();
        if self.queue.send(Message::Close(answer)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

impl crate::Store {
    /// Commits a plan; `done` gets the receipt after the commit.
    pub fn commit(&self, effects: Box<Effects>, done: Done) {
        self.hot.plan(effects, done);
    }

    /// Commits an outcome. Waits for room in the queue rather than refuse: an outcome is worth keeping.
    pub async fn complete(&self, completion: Box<Completion>, finished: Finished) {
        let completed = Completed::new(completion);
        if let Err(unsent) = self
            .hot
            .queue
            .send(Message::Item(Item::Outcome(completed, finished)))
            .await
            && let Message::Item(item) = unsent.0
        {
            item.fail(Error::Unavailable("the server is stopping".into()));
        }
    }
}
