//! Topics: names that users subscribe to.

use domain::environment::Env;

use crate::error::Result;
use crate::{Conn, Page, Tx, on};

/// A topic and how many subscribe to it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Topic {
    /// Its name.
    pub topic: String,
    /// Subscribers.
    pub subscribers: i64,
}

/// Subscribes a user.
pub async fn subscribe(tx: &mut Tx, topic: &str, user: &str, now: i64) -> Result<()> {
    let env = tx.env();
    on!(&mut tx.conn, |c| {
        sqlx::query("INSERT INTO subscribers (environment, topic, user_id, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
            .bind(env.0)
            .bind(topic)
            .bind(user)
            .bind(now)
            .execute(c)
            .await?;
    });
    Ok(())
}

/// Ends a subscription.
pub async fn unsubscribe(tx: &mut Tx, topic: &str, user: &str) -> Result<()> {
    let env = tx.env();
    on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM subscribers WHERE environment = $1 AND topic = $2 AND user_id = $3")
            .bind(env.0)
            .bind(topic)
            .bind(user)
            .execute(c)
            .await?;
    });
    Ok(())
}

/// Subscribers by user id.
pub async fn subscribers(conn: &mut Conn, env: Env, topic: &str, page: &Page) -> Result<Vec<String>> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT user_id FROM subscribers WHERE environment = $1 AND topic = $2 AND ($3 IS NULL OR user_id > $3)
             ORDER BY user_id LIMIT $4",
        )
        .bind(env.0)
        .bind(topic)
        .bind(page.after.as_deref())
        .bind(page.limit)
        .fetch_all(c)
        .await?
    }))
}

/// Topics by name.
pub async fn list(conn: &mut Conn, env: Env, page: &Page) -> Result<Vec<Topic>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT topic, count(*) AS subscribers FROM subscribers WHERE environment = $1 AND ($2 IS NULL OR topic > $2)
             GROUP BY topic ORDER BY topic LIMIT $3",
        )
        .bind(env.0)
        .bind(page.after.as_deref())
        .bind(page.limit)
        .fetch_all(c)
        .await?
    }))
}
