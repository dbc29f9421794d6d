//! What the tests of the whole program stand on: the real server on port 0, a clock to turn, a receiver whose answers can be changed,
//! clients that know how long a test may wait. Development only.
//!
//! "Run everything that is due" is a call ([`TestServer::run_due`], [`TestServer::settle`]), not a sleep. Every answer is held against
//! what all answers have in common, so that a 500 or a refusal of another shape fails whichever test met it.

mod browser;
mod call;
mod clock;
mod database;
mod receiver;
mod server;
mod signature;
mod socket;
mod sse;
mod world;

pub use browser::Browser;
pub use call::{Call, Client, Reply};
pub use database::{Database, Product};
pub use receiver::{Answer, Received, Receiver};
pub use server::{Builder, TestServer, configured, database_url, public_url};
pub use signature::{secret_bytes, sign};
pub use socket::{Socket, SocketCall};
pub use sse::{EventSource, Told};
pub use world::{App, Webhook};

/// How long a test waits for what must come. Generous: machines are slow, and what never comes fails all the same.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// Runs the same bodies on both databases: `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($database:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "some bodies need no more than the prelude")]
            use super::*;

            $(#[$meta])*
            async fn body($database: $crate::Database) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                Box::pin(body($crate::Database::Sqlite)).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                Box::pin(body($crate::Database::Postgres)).await;
            }
        }
    )*};
}
