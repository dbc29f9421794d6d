//! The channels that reach people, over real sockets on loopback.

#![allow(
    clippy::disallowed_methods,
    reason = "tests play the peers, which listen and spawn as they like"
)]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod failover;
mod mail;
mod resend;
mod settings;
mod smtp;
mod smtp_server;
mod support;
mod webhooks;
