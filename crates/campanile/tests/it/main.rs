//! The whole program, driven from outside: what a caller, a receiver and a listener see.
//!
//! One binary, so that everything is linked once. A test names what it shows: ids of `requirements.md` (`e24`, `f12`, ...) and of the tests
//! of `reliability.md` (`w5`, `r1`, ...) stand at the front of its name.
#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "tests: a panic is how they fail, and a story is told in one piece"
)]

mod changes;
mod console;
mod cors;
mod events;
mod feed;
mod lifecycle;
#[path = "../../../store/tests/conformance/line.rs"]
mod line;
mod live;
mod manners;
mod matrix;
mod nodes;
mod outbox;
mod people;
mod webhooks;
mod workflows;
