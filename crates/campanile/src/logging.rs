//! Structured logs, on standard error: standard output belongs to what a command answers.

use config::{Log, LogFormat};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::util::SubscriberInitExt;

/// Begins logging as configured. A second call (in tests) changes nothing.
pub(crate) fn start(log: &Log) {
    let filter = EnvFilter::try_new(log.level.as_str()).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    let _ = match log.format {
        LogFormat::Json => builder.json().finish().try_init(),
        LogFormat::Text => builder.finish().try_init(),
    };
}
