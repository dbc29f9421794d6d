//! A backup of the database inside, taken while it is in use.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection};

use crate::error::{Error, Result};

/// Copies the database of a data directory, as it is at one instant, into a new file. The copy begins a life of its own: clients who
/// come with what they learned from the original are told to start anew, instead of taking the copy's next changes for ones they know.
pub async fn backup(directory: &Path, to: &Path) -> Result<()> {
    let from = directory.join("campanile.db");
    if to.exists() {
        return Err(Error::Conflict(format!("{} is there already", to.display())));
    }
    let name = to
        .to_str()
        .ok_or_else(|| Error::Other(format!("{} is not UTF-8", to.display())))?;
    let mut original = SqliteConnectOptions::new()
        .filename(&from)
        .connect()
        .await
        .map_err(|error| Error::Unavailable(format!("{}: {error}", from.display())))?;
    sqlx::query("VACUUM INTO $1")
        .bind(name)
        .execute(&mut original)
        .await?;
    original.close().await?;
    // One file, so that it can be moved as one.
    let mut copy = SqliteConnectOptions::new()
        .filename(to)
        .journal_mode(SqliteJournalMode::Delete)
        .connect()
        .await?;
    sqlx::query("UPDATE meta SET value = lower(hex(randomblob(8))) WHERE name = 'epoch'")
        .execute(&mut copy)
        .await?;
    Ok(copy.close().await?)
}
