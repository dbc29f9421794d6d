//! The crate from outside, over real sockets on loopback.

#![allow(
    clippy::disallowed_methods,
    reason = "tests play the peers, which connect and spawn as they like"
)]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod addresses;
mod dns;
mod framing;
mod hostile;
mod pool;
mod spellings;
mod support;
mod tls;
