//! Start, stop, kill; what scripts and containers rely on; what is generated is fresh.

mod binary;
mod commands;
mod generated;
mod restart;
mod secrets;
