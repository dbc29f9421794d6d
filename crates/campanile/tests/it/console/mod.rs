//! The console and the portal: who signs in, and what is open to them.

mod mail;
mod overview;
mod portal;
mod session;
mod team;
