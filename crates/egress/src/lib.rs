//! The only way bytes leave: an HTTP client with an address policy, one deadline and size caps.
//!
//! A webhook URL is written by a stranger and fetched from inside our network, so every request is two
//! risks: that it reaches a machine it must not, and that whoever answers holds us up. This crate takes
//! both away before any other code sees a socket.
//!
//! - [`Policy`] says which addresses may be reached. It is asked twice: when a URL is stored
//!   ([`Policy::check_url`], [`Dialer::check_resolved`]) so that the person gets a clear answer, and for every
//!   address of every connection ([`Dialer::dial`]), which is the check that counts: a name may move.
//! - [`Dialer`] resolves, checks and connects, and gives a socket pinned to a checked address. HTTP and SMTP both
//!   connect through it.
//! - [`Client`] sends one HTTP/1.1 request under one deadline and reads a bounded answer. It keeps connections
//!   alive in a small pool, never follows a redirect, and never sends a request twice unless it knows that no
//!   byte of the first try was written.
//! - [`smtp::Relay`] hands mail to one mail server, and says how far it came where it failed.
//!
//! Deliberately absent: proxies (also from the environment), HTTP/2, cookies, decompression, redirects. Each of
//! them is a way around the policy or the caps. Nothing here logs a body, a header value or the path of a URL.

mod client;
mod connection;
mod dial;
mod failure;
mod policy;
mod pool;
mod ranges;
mod refused;
mod resolve;
pub mod smtp;
mod target;
mod tls;
mod wire;

pub use client::{Answer, Client, Settings, SetupError};
pub use dial::{Dialer, Resolution};
pub use failure::{Failure, FailureKind};
pub use policy::Policy;
pub use refused::Refused;
pub use resolve::{Dns, Lookup, LookupError, Resolve};
pub use target::{Host, Target};
pub use tls::{certificates, client_config as tls_client_config};
