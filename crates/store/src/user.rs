//! People.

use std::collections::{BTreeSet, HashSet};

use domain::environment::Env;

use crate::error::Result;
use crate::{Conn, Page, Tx, on};

/// A person, by the caller's own id.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct User {
    /// The caller's id.
    pub id: String,
    /// Display name.
    pub name: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Language tag.
    pub locale: Option<String>,
    /// IANA time zone.
    pub time_zone: Option<String>,
    /// 1 when reachable; an inactive user gets nothing.
    pub active: i64,
    /// The caller's metadata, as JSON.
    pub metadata: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub updated_at: i64,
}

const COLUMNS: &str = "id, name, email, phone, locale, time_zone, active, metadata, created_at, updated_at";

/// Writes a user whole; `created_at` of one that exists stays.
pub async fn put(tx: &mut Tx, user: &User) -> Result<()> {
    let env = tx.env();
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO users (environment, id, name, email, phone, locale, time_zone, active, metadata, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             ON CONFLICT (environment, id) DO UPDATE SET name = $3, email = $4, phone = $5, locale = $6, time_zone = $7,
               active = $8, metadata = $9, updated_at = $11",
        )
        .bind(env.0)
        .bind(user.id.as_str())
        .bind(user.name.as_deref())
        .bind(user.email.as_deref())
        .bind(user.phone.as_deref())
        .bind(user.locale.as_deref())
        .bind(user.time_zone.as_deref())
        .bind(user.active)
        .bind(user.metadata.as_deref())
        .bind(user.created_at)
        .bind(user.updated_at)
        .execute(c)
        .await?;
    });
    Ok(())
}

/// One user.
pub async fn get(conn: &mut Conn, env: Env, id: &str) -> Result<Option<User>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM users WHERE environment = $1 AND id = $2"
    ));
    Ok(on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(id)
        .fetch_optional(c)
        .await?))
}

/// Users by id.
pub async fn list(conn: &mut Conn, env: Env, page: &Page) -> Result<Vec<User>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM users WHERE environment = $1 AND ($2 IS NULL OR id > $2) ORDER BY id LIMIT $3"
    ));
    Ok(on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(page.after.as_deref())
            .bind(page.limit)
            .fetch_all(c)
            .await?
    }))
}

/// Those of these users that somebody described, in no particular order.
pub async fn many(conn: &mut Conn, env: Env, users: &[String]) -> Result<Vec<User>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM users WHERE environment = $1 AND id {}",
        conn.among("$2")
    ));
    let list = serde_json::to_string(users).unwrap_or_default();
    Ok(on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(list)
        .fetch_all(c)
        .await?))
}

/// What forgetting a user did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// Whether there was anything; else roll back.
    pub found: bool,
    /// The number it took in the user's feed, if there is one.
    pub seq: Option<i64>,
}

/// Forgets a user: the person, memberships, subscriptions, installations and the whole feed.
pub async fn delete(tx: &mut Tx, id: &str, now: i64) -> Result<Forgotten> {
    let env = tx.env();
    // The feed first: its row is the lock of everything in it. Its head stays, and nothing before it can be asked for: a client that
    // still follows is told to start anew.
    let seq: Option<i64> = on!(&mut tx.conn, |c| sqlx::query_scalar(
        "UPDATE feeds SET seq = seq + 1, floor = seq + 1, unread = 0, unseen = 0,
           changed_at = CASE WHEN changed_at < $3 THEN $3 ELSE changed_at END
         WHERE environment = $1 AND user_id = $2 RETURNING seq",
    )
    .bind(env.0)
    .bind(id)
    .bind(now)
    .fetch_optional(c)
    .await?);
    let mut rows = 0;
    for sql in [
        "DELETE FROM users WHERE environment = $1 AND id = $2",
        "DELETE FROM members WHERE environment = $1 AND user_id = $2",
        "DELETE FROM subscribers WHERE environment = $1 AND user_id = $2",
        "DELETE FROM installations WHERE environment = $1 AND user_id = $2",
        "DELETE FROM preferences WHERE environment = $1 AND user_id = $2",
        "DELETE FROM states WHERE environment = $1 AND user_id = $2",
        "DELETE FROM counters WHERE environment = $1 AND user_id = $2",
        "DELETE FROM marks WHERE environment = $1 AND user_id = $2",
    ] {
        rows += on!(&mut tx.conn, |c| sqlx::query(sql)
            .bind(env.0)
            .bind(id)
            .execute(c)
            .await?
            .rows_affected());
    }
    Ok(Forgotten { found: rows > 0, seq })
}

/// Of these users, those who may be reached: not inactive, and, where asked for, with this application installed.
///
/// A user nobody has described yet may be reached.
pub async fn reachable(
    conn: &mut Conn,
    env: Env,
    users: &[String],
    installed: Option<&str>,
) -> Result<Vec<String>> {
    let list = serde_json::to_string(users).unwrap_or_default();
    let among = conn.among("$2");
    // Two plain questions: one that asks both takes the server longer to plan than to answer.
    let inactive = format!("SELECT id FROM users WHERE environment = $1 AND active = 0 AND id {among}");
    let inactive: HashSet<String> = on!(conn, |c| sqlx::query_scalar(sqlx::AssertSqlSafe(inactive))
        .bind(env.0)
        .bind(&list)
        .fetch_all(c)
        .await?)
    .into_iter()
    .collect();
    let mut reachable: BTreeSet<&str> = users.iter().map(String::as_str).collect();
    reachable.retain(|user| !inactive.contains(*user));
    if let Some(app) = installed {
        let sql = format!(
            "SELECT user_id FROM installations WHERE environment = $1 AND app = $3 AND user_id {among}"
        );
        let installed: HashSet<String> = on!(conn, |c| sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(env.0)
            .bind(&list)
            .bind(app)
            .fetch_all(c)
            .await?)
        .into_iter()
        .collect();
        reachable.retain(|user| installed.contains(*user));
    }
    Ok(reachable.into_iter().map(str::to_owned).collect())
}
