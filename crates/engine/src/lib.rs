//! The passes: deliver, claim, fire timers, rescue, expire, prune, tell.
//!
//! A pass takes no input, looks at the database, brings it one step closer and returns. It may run at any time, on any node, twice.
//! Each runs on a timer and on a wake-up that carries no data, so a lost wake-up costs latency and nothing else.

mod alarm;
mod claim;
mod deliver;
mod expire;
mod fetch;
mod node;
mod outbox;
mod pretend;
mod prune;
mod run;
mod runs;
mod tell;
mod timers;
mod unsure;

pub use deliver::Delivery;
pub use outbox::Watched;
pub use pretend::Pretend;
pub use run::{Engine, Settings};

/// What a pass answers.
pub(crate) type Result<T> = std::result::Result<T, app::Error>;
