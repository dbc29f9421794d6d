//! All SQL, for both databases: transactions, group commit, migrations.
//!
//! The text of a statement is written once and serves both databases (`on!`). Only the hot path (publish, feed, complete, claim) is written
//! twice, in `hot/sqlite.rs` and `hot/postgres`, because there the way to be fast differs. On `SQLite` every writer takes turns: the
//! group commit thread and the transactions of [`Store::write`] queue at one fair lock.

pub mod account;
pub mod app;
pub mod audit;
mod backup;
pub mod batch;
pub mod call_off;
pub mod callback;
pub mod channel;
pub mod channel_config;
pub mod claim;
mod conn;
pub mod delivery;
pub mod endpoint;
pub mod environment;
mod error;
pub mod event;
pub mod event_type;
pub mod feed;
mod hot;
pub mod invitation;
pub mod key;
pub mod message;
pub mod meta;
mod migrate;
pub mod node;
pub mod notification;
mod open;
pub mod outbox;
mod packed;
pub mod portal;
pub mod preference;
pub mod prune;
pub mod run;
pub mod statistics;
pub mod suppression;
pub mod tally;
pub mod template;
pub mod tenant;
pub mod timer;
pub mod topic;
pub mod user;
pub mod version;
pub mod wait;
mod wake;
pub mod workflow;

pub use backup::backup;
pub use conn::{Conn, Reader, Tx};
pub use error::{Error, Result};
pub use hot::{Done, Finished, Settled};
pub use open::{Settings, Store, Synchronous};
pub use version::Change;
pub use wake::Wakes;

/// One page of a list: at most `limit` rows after the cursor.
#[derive(Debug, Clone)]
pub struct Page {
    /// Most rows to answer.
    pub limit: i64,
    /// The last row of the page before, as its list orders them.
    pub after: Option<String>,
}

impl Page {
    /// Every row of a list that is bounded by itself.
    pub fn whole() -> Self {
        Self {
            limit: i64::from(i32::MAX),
            after: None,
        }
    }
}

/// Evaluates one expression against whichever database the connection belongs to.
macro_rules! on {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::conn::Conn::Sqlite(transaction) => {
                let $c: &mut sqlx::SqliteConnection = &mut *transaction;
                $body
            }
            $crate::conn::Conn::Postgres(transaction) => {
                let $c: &mut sqlx::PgConnection = &mut *transaction;
                // Boxed: what waits for the other database must not make room for this one's questions as well.
                $crate::conn::answered(Box::pin(async { Ok::<_, $crate::Error>($body) })).await?
            }
        }
    };
}
pub(crate) use on;
