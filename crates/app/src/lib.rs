//! The verbs, each one transaction: publish, mark, subscribe, acknowledge ... and what they work with.

pub mod apps;
pub mod auth;
pub mod bootstrap;
pub mod channel;
pub mod channel_config;
pub mod cipher;
pub mod ctx;
pub mod delivery;
pub mod environment;
mod error;
pub mod event;
pub mod event_type;
mod kept;
pub mod keys;
pub mod lanes;
pub mod live;
pub mod notification;
pub mod origin;
pub mod outbox;
pub mod people;
pub mod preference;
pub mod resource;
pub mod run;
pub mod simulation;
pub mod snapshot;
pub mod template;
mod texts;
pub mod trace;
pub mod unsubscribe;
pub mod webhook;
pub mod withdrawal;
pub mod workflow;
mod write;

pub use ctx::{Clock, Ctx, Limits};
pub use error::{Error, Result};
pub use write::Once;
