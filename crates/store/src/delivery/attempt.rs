//! Attempts, as the log shows them. (They are written by the group commit.)

use domain::delivery::{Attempt, Verdict};
use domain::environment::Env;
use domain::id::{DeliveryId, Prefixed};

use crate::error::Result;
use crate::{Conn, on, packed};

/// Words of how an attempt ended.
pub const OUTCOMES: [&str; 4] = ["sent", "error", "failed", "unknown"];

/// The word an attempt's row keeps.
pub(crate) fn attempt_outcome(attempt: &Attempt, verdict: Verdict) -> &'static str {
    let [sent, error, failed, unknown] = OUTCOMES;
    match verdict {
        Verdict::Sent => sent,
        _ if attempt.unknown => unknown,
        Verdict::Failed => failed,
        _ => error,
    }
}

/// A try, as the log shows it.
#[derive(Debug, Clone)]
pub struct LoggedAttempt {
    /// Bare id.
    pub id: String,
    /// 1 for the first.
    pub number: i64,
    /// Milliseconds since the Unix epoch.
    pub started_at: i64,
    /// Milliseconds.
    pub duration_ms: i64,
    /// `sent`, `error`, `unknown` or `failed`.
    pub outcome: String,
    /// Status of the answer.
    pub status_code: Option<i64>,
    /// The beginning of the answer.
    pub response: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    id: String,
    number: i64,
    started_at: i64,
    duration_ms: i64,
    outcome: String,
    status_code: Option<i64>,
    response: Option<String>,
    packed: Option<Vec<u8>>,
    error: Option<String>,
}

impl From<AttemptRow> for LoggedAttempt {
    fn from(row: AttemptRow) -> Self {
        Self {
            number: row.number,
            started_at: row.started_at,
            duration_ms: row.duration_ms,
            outcome: row.outcome,
            status_code: row.status_code,
            response: packed::answer(&row.id, row.response, row.packed.as_deref()),
            error: row.error,
            id: row.id,
        }
    }
}

/// The attempts of a delivery that have rows, first to last. A delivery sent at once keeps its only attempt in itself.
pub async fn attempts(conn: &mut Conn, env: Env, delivery: DeliveryId) -> Result<Vec<LoggedAttempt>> {
    let rows: Vec<AttemptRow> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, number, started_at, duration_ms, outcome, status_code, response, packed, error FROM attempts
             WHERE environment = $1 AND delivery = $2 ORDER BY number, id",
        )
        .bind(env.0)
        .bind(delivery.bare())
        .fetch_all(c)
        .await?
    });
    Ok(rows.into_iter().map(LoggedAttempt::from).collect())
}
