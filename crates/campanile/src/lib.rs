//! The binary's parts: commands, wiring, lifecycle, embedded pages. As a library, so that tests start the very server the binary runs.

pub mod command;
mod demo;
mod json;
mod leftover;
mod listener;
mod logging;
mod pages;
mod path;
mod server;
mod simulation;
mod telemetry;

pub use server::{Options, Server};
