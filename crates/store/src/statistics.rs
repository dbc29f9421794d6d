//! How much happened, minute by minute.

use domain::channel::Channel;
use domain::environment::Env;

use crate::error::Result;
use crate::{Conn, Tx, on};

/// An amount that is added to a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// Environment.
    pub env: Env,
    /// What is counted, as a number of `domain::statistics`.
    pub counted: i16,
    /// Through which channel; the feed's for what has none.
    pub channel: Channel,
    /// How much of it.
    pub amount: i64,
}

/// Milliseconds of a minute.
const MINUTE: i64 = 60_000;

/// Adds what happened to the minute it is now.
pub async fn add(tx: &mut Tx, amounts: &[Amount], now: i64) -> Result<()> {
    for amount in amounts {
        on!(&mut tx.conn, |c| {
            sqlx::query(
                "INSERT INTO statistics (environment, minute, counted, channel, amount) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (environment, minute, counted, channel) DO UPDATE SET amount = statistics.amount + $5",
            )
            .bind(amount.env.0)
            .bind(now.div_euclid(MINUTE))
            .bind(amount.counted)
            .bind(amount.channel as i16)
            .bind(amount.amount)
            .execute(c)
            .await?;
        });
    }
    Ok(())
}

/// What was counted in a step of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Step {
    /// The number of the step, from the first.
    pub step: i64,
    /// What was counted.
    pub counted: i16,
    /// The number of the channel.
    pub channel: i16,
    /// How much of it.
    pub amount: i64,
}

/// What happened from one minute until before another, in steps of so many minutes.
pub async fn steps(conn: &mut Conn, env: Env, (from, to): (i64, i64), minutes: i64) -> Result<Vec<Step>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT (minute - $2) / $4 AS step, counted, channel, CAST(sum(amount) AS BIGINT) AS amount
             FROM statistics WHERE environment = $1 AND minute >= $2 AND minute < $3
             GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        )
        .bind(env.0)
        .bind(from)
        .bind(to)
        .bind(minutes)
        .fetch_all(c)
        .await?
    }))
}

/// How much waits to be sent in an environment, as far as `most`.
pub async fn backlog(conn: &mut Conn, env: Env, most: i64, now: i64) -> Result<i64> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE environment = $1 AND due_at <= $2 LIMIT $3) AS waiting",
        )
        .bind(env.0)
        .bind(now)
        .bind(most)
        .fetch_one(c)
        .await?
    }))
}

/// Forgets minutes before this one; answers how many rows went.
pub async fn prune(tx: &mut Tx, limit: i64, before: i64) -> Result<u64> {
    Ok(on!(&mut tx.conn, |c| {
        sqlx::query(
            "DELETE FROM statistics WHERE (environment, minute, counted, channel) IN (
               SELECT environment, minute, counted, channel FROM statistics WHERE minute < $1 LIMIT $2)",
        )
        .bind(before.div_euclid(MINUTE))
        .bind(limit)
        .execute(c)
        .await?
        .rows_affected()
    }))
}
