//! Configuration: one TOML file, environment variables, flags; the last word wins.
//!
//! Every key is written once, in `sections.rs`, with its documentation, type, default and range. Loading, the
//! printed configuration and the reference file all follow from that list, so none of them can drift.
//!
//! [`Config::load`] is pure: the file's text, the environment and the flags are passed in, and every problem
//! is reported at once. Nothing here knows what a setting does; a relation between two keys is checked in
//! `relations.rs`, everything else where the key is declared.

mod keys;
mod load;
mod master_key;
mod plain;
mod print;
mod problem;
mod reference;
mod relations;
mod sections;
mod settings;
mod sources;
mod units;

pub use master_key::{KeyError, MasterKey, master_key};
pub use print::{Entry, entries, print};
pub use problem::{Problem, Source, explain};
pub use reference::reference;
pub use sections::{
    Config, Database, Delivery, Demo, Egress, Limits, Log, Metrics, Retention, Secrets, Server, Stream,
    Tokens,
};
pub use settings::{BaseUrl, DatabaseUrl, LogFilter, LogFormat, Name, Origin, Synchronous, UserAgent};
pub use sources::{File, Flag, Sources, environment};
pub use units::{Bytes, Days, Millis};
