//! One module per channel, one file per provider: what is sent, and how an answer is read.
//!
//! Webhooks stand by themselves ([`webhook`]). The channels that reach people share one entry, [`people`], one form of
//! what came of it, [`outcome`], and one form of what is sent, [`message`].

mod answer;
pub mod callback;
pub mod cut;
pub mod email;
pub mod message;
pub mod outcome;
pub mod people;
mod post;
pub mod sandbox;
pub mod settings;
pub mod slack;
pub mod teams;
pub mod webhook;
