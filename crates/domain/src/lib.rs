//! Nouns, ids and rules as pure functions. No IO, no async, no clock and no dice: time and randomness come as parameters.

pub mod delivery;
pub mod effects;
pub mod endpoint;
pub mod environment;
pub mod event;
pub mod event_type;
pub mod feed;
pub mod id;
pub mod notification;
pub mod publish;
pub mod retry;
pub mod signature;
pub mod text;
pub mod time;
pub mod token;
