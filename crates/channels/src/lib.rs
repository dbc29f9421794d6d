//! One module per channel, one file per provider: what is sent, and how an answer is read.

pub mod webhook;
