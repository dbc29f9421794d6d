//! One suite of the store's public functions, run on both databases. It takes the place of compile-time checked queries.
//!
//! On `PostgreSQL` every case gets a database of its own on the server that `CAMPANILE_TEST_POSTGRES` names.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::cast_possible_wrap, reason = "numbers of tests are small")]
#![expect(clippy::too_many_lines, reason = "a case is a story, told in one piece")]

mod answers;
mod configuration;
mod database;
mod delivery;
mod events;
mod feed;
mod history;
mod line;
mod migration;
mod prune;
mod publish;
mod runs;
mod security;
mod trouble;
mod work;
