//! What can go wrong with a database, in the words a caller can act on. Absence is `Option`, not an error.

/// An error of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Another row is in the way.
    #[error("conflict: {0}")]
    Conflict(String),
    /// The database cannot be reached or cannot write now; the same call may work later.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// The database was lost before it said whether the write is there; it may be.
    #[error("database unavailable: {0}")]
    Unknown(String),
    /// A row does not say what rows of its table say.
    #[error("corrupt row: {0}")]
    Corrupt(String),
    /// Anything else: a defect of ours.
    #[error("database error: {0}")]
    Other(String),
}

/// What store functions answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A row that cannot be read.
    pub(crate) fn corrupt(what: &str, value: &str) -> Self {
        Self::Corrupt(format!("{what} is {value:?}"))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) if database.is_unique_violation() => {
                Self::Conflict(error.to_string())
            }
            sqlx::Error::Database(database) => match database.code().as_deref() {
                // PostgreSQL: connection, resources, operator intervention, system, serialization and deadlock, locks, a transaction idle for too long.
                Some(code) if is_passing_postgres(code) => Self::Unavailable(error.to_string()),
                // SQLite: busy, locked, read-only, I/O, full, cannot open (primary codes in the low byte). Its codes have up to four
                // digits, those of PostgreSQL five.
                Some(code) if code.len() < 5 && code.parse().is_ok_and(is_passing_sqlite) => {
                    Self::Unavailable(error.to_string())
                }
                _ => Self::Other(error.to_string()),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => Self::Unavailable(error.to_string()),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Corrupt(error.to_string()),
            _ => Self::Other(error.to_string()),
        }
    }
}

fn is_passing_postgres(code: &str) -> bool {
    code.len() == 5
        && ["08", "53", "57", "58", "40", "55", "25P03"]
            .iter()
            .any(|class| code.starts_with(class))
}

fn is_passing_sqlite(code: i32) -> bool {
    matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14)
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            rusqlite::Error::SqliteFailure(failure, _) if is_passing_sqlite(failure.extended_code) => {
                Self::Unavailable(error.to_string())
            }
            rusqlite::Error::SqliteFailure(failure, _)
                if failure.code == rusqlite::ErrorCode::ConstraintViolation =>
            {
                Self::Conflict(error.to_string())
            }
            _ => Self::Other(error.to_string()),
        }
    }
}
