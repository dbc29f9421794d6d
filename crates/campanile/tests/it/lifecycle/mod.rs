//! Start, stop, kill; what scripts and containers rely on; what is generated is fresh.

pub(crate) mod binary;
mod commands;
mod generated;
mod restart;
mod secrets;
