//! The audit log: who did what, when, from where.

use domain::effects::{Actor, AuditEntry};
use domain::environment::Env;
use domain::id::Prefixed;

use crate::error::Result;
use crate::{Conn, Page, Tx, on};

/// How an actor stands in the table: a kind and, for some, a name.
pub(crate) fn actor_columns(actor: &Actor) -> (&'static str, Option<&str>) {
    let name = match actor {
        Actor::Key(key) => Some(key.bare()),
        Actor::User(user) => Some(user.as_str()),
        Actor::Account(account) => Some(account.bare()),
        Actor::Portal(token) => Some(token.bare()),
        Actor::Operator | Actor::Server => None,
    };
    (actor.kind(), name)
}

/// A line as it is read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Line {
    /// Bare id.
    pub id: String,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// `key`, `user`, `account`, `portal`, `operator` or `server`.
    pub actor_kind: String,
    /// Bare id of a key, an account or a portal token, or a user's id.
    pub actor: Option<String>,
    /// What.
    pub action: String,
    /// To what.
    pub subject: String,
    /// More, as JSON.
    pub detail: Option<String>,
    /// From where.
    pub origin: Option<String>,
}

/// Which lines.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this action.
    pub action: Option<String>,
    /// Only this actor.
    pub actor: Option<String>,
    /// Only about this.
    pub subject: Option<String>,
    /// Not before, milliseconds since the Unix epoch.
    pub from: Option<i64>,
    /// Before, milliseconds since the Unix epoch.
    pub to: Option<i64>,
}

/// Writes a line in the transaction of what it tells.
pub async fn insert(tx: &mut Tx, entry: &AuditEntry, now: i64) -> Result<()> {
    let env = tx.env();
    let (kind, actor) = actor_columns(&entry.actor);
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO audit (id, environment, at, actor_kind, actor, action, subject, detail, origin)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(entry.id.bare())
        .bind(env.0)
        .bind(now)
        .bind(kind)
        .bind(actor)
        .bind(entry.action)
        .bind(entry.subject.as_str())
        .bind(entry.detail.as_deref())
        .bind(entry.origin.as_deref())
        .execute(c)
        .await?;
    });
    Ok(())
}

/// Lines, newest first.
pub async fn list(conn: &mut Conn, env: Env, filter: &Filter, page: &Page) -> Result<Vec<Line>> {
    let after = page.after.as_deref();
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, at, actor_kind, actor, action, subject, detail, origin FROM audit
             WHERE environment = $1 AND ($2 IS NULL OR id < $2) AND ($3 IS NULL OR action = $3)
               AND ($4 IS NULL OR actor = $4) AND ($5 IS NULL OR subject = $5)
               AND ($6 IS NULL OR at >= $6) AND ($7 IS NULL OR at < $7)
             ORDER BY id DESC LIMIT $8",
        )
        .bind(env.0)
        .bind(after)
        .bind(filter.action.as_deref())
        .bind(filter.actor.as_deref())
        .bind(filter.subject.as_deref())
        .bind(filter.from)
        .bind(filter.to)
        .bind(page.limit)
        .fetch_all(c)
        .await?
    }))
}
