//! Deliveries: claimed, rescued, read. (They are written by the group commit.)

mod attempt;
mod rescue;

use std::collections::HashSet;

use domain::delivery::{DeliveryState, Lease, Owner};
use domain::environment::Env;
use domain::id::{AppId, ConfigId, DeliveryId, DestinationId, EndpointId, EventId, Ksuid, Prefixed};

use crate::error::{Error, Result};
use crate::{Conn, Page, Tx, app, on, packed};

pub(crate) use attempt::attempt_outcome;
pub use attempt::{LoggedAttempt, OUTCOMES, attempts};
pub use rescue::{Orphaned, orphaned, rescue};

/// A delivery as the log shows it.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Environment.
    pub env: Env,
    /// The application that owns the destination.
    pub app: AppId,
    /// The destination.
    pub endpoint: EndpointId,
    /// What is delivered.
    pub event: EventId,
    /// Its type as it looks outside; `None` once the event is pruned.
    pub event_type: Option<String>,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts made.
    pub attempts: i32,
    /// When it is tried next, milliseconds since the Unix epoch.
    pub due_at: Option<i64>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub first_attempt_at: Option<i64>,
    /// Milliseconds since the Unix epoch.
    pub last_attempt_at: Option<i64>,
    /// Milliseconds since the Unix epoch.
    pub finished_at: Option<i64>,
    /// Of the last attempt.
    pub duration_ms: Option<i64>,
    /// Of the last answer.
    pub status_code: Option<i64>,
    /// The beginning of the last answer.
    pub response: Option<String>,
    /// Why it failed, or why it was not sent.
    pub error: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    environment: i64,
    app: String,
    destination: String,
    event: String,
    event_type: Option<String>,
    state: i16,
    attempts: i64,
    due_at: Option<i64>,
    created_at: i64,
    first_attempt_at: Option<i64>,
    last_attempt_at: Option<i64>,
    finished_at: Option<i64>,
    duration_ms: Option<i64>,
    status_code: Option<i64>,
    response: Option<String>,
    packed: Option<Vec<u8>>,
    error: Option<String>,
}

fn state(number: i16) -> Result<DeliveryState> {
    DeliveryState::from_number(number)
        .ok_or_else(|| Error::corrupt("state of a delivery", &number.to_string()))
}

impl TryFrom<Row> for Delivery {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: app::id(&row.id)?,
            env: Env(row.environment),
            app: app::id(&row.app)?,
            endpoint: app::id(&row.destination)?,
            event: app::id(&row.event)?,
            event_type: row.event_type,
            state: state(row.state)?,
            attempts: i32::try_from(row.attempts).unwrap_or(i32::MAX),
            due_at: row.due_at,
            created_at: row.created_at,
            first_attempt_at: row.first_attempt_at,
            last_attempt_at: row.last_attempt_at,
            finished_at: row.finished_at,
            duration_ms: row.duration_ms,
            status_code: row.status_code,
            response: packed::answer(&row.id, row.response, row.packed.as_deref()),
            error: row.error,
        })
    }
}

const COLUMNS: &str = "d.id, d.environment, d.app, d.destination, d.event, coalesce(e.public_type, e.type) AS event_type, d.state,
    d.attempts, d.due_at, d.created_at, d.first_attempt_at, d.last_attempt_at, d.finished_at, d.duration_ms, d.status_code, d.error";
const FROM: &str = "FROM deliveries d LEFT JOIN events e ON e.environment = d.environment AND e.id = d.event";

/// What every look at deliveries begins with.
fn select() -> String {
    format!(
        "SELECT {COLUMNS}, {}, {} {FROM}",
        kept("response"),
        kept("packed")
    )
}

/// An answer is kept once: in its delivery or, where the attempt has a row, there. Every attempt but the first has one; a node of the version
/// before `packed` leaves that column as it was.
fn kept(column: &str) -> String {
    format!(
        "CASE WHEN d.response IS NULL AND (d.packed IS NULL OR d.attempts > 1) AND d.status_code IS NOT NULL
           THEN (SELECT a.{column} FROM attempts a WHERE a.environment = d.environment AND a.delivery = d.id
             AND a.status_code IS NOT NULL ORDER BY a.number DESC, a.id DESC LIMIT 1)
           ELSE d.{column} END AS {column}"
    )
}

/// One delivery of an endpoint.
pub async fn get(
    conn: &mut Conn,
    env: Env,
    endpoint: EndpointId,
    id: DeliveryId,
) -> Result<Option<Delivery>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{} WHERE d.environment = $1 AND d.destination = $2 AND d.id = $3",
        select()
    ));
    let row: Option<Row> = on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(endpoint.bare())
            .bind(id.bare())
            .fetch_optional(c)
            .await?
    });
    row.map(Delivery::try_from).transpose()
}

/// Which deliveries.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<DeliveryState>,
    /// Only of this event.
    pub event: Option<EventId>,
}

/// Whether an application's endpoint, there or deleted, was ever delivered to.
pub async fn is_from(conn: &mut Conn, env: Env, app: AppId, endpoint: EndpointId) -> Result<bool> {
    let found: Option<i64> = on!(conn, |c| {
        sqlx::query_scalar("SELECT CAST(1 AS BIGINT) FROM deliveries WHERE environment = $1 AND destination = $2 AND app = $3 LIMIT 1")
            .bind(env.0)
            .bind(endpoint.bare())
            .bind(app.bare())
            .fetch_optional(c)
            .await?
    });
    Ok(found.is_some())
}

/// An endpoint's log, newest first.
pub async fn list(
    conn: &mut Conn,
    env: Env,
    endpoint: EndpointId,
    filter: &Filter,
    page: &Page,
) -> Result<Vec<Delivery>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{} WHERE d.environment = $1 AND d.destination = $2 AND ($3 IS NULL OR d.id < $3)
           AND ($4 IS NULL OR d.state = $4) AND ($5 IS NULL OR d.event = $5) ORDER BY d.id DESC LIMIT $6",
        select()
    ));
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(endpoint.bare())
            .bind(page.after.as_deref())
            .bind(filter.state.map(DeliveryState::number))
            .bind(filter.event.as_ref().map(Prefixed::bare))
            .bind(page.limit)
            .fetch_all(c)
            .await?
    });
    rows.into_iter().map(Delivery::try_from).collect()
}

/// What an event's publishing planned for an endpoint, by the event's id and the time it was received. Their ids were made in the same
/// plan, so little is looked through.
pub async fn of_event(
    conn: &mut Conn,
    env: Env,
    endpoint: EndpointId,
    (event, received_at): (EventId, i64),
) -> Result<Vec<Delivery>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{} WHERE d.environment = $1 AND d.destination = $2 AND d.id >= $3 AND d.id < $4 AND d.event = $5 ORDER BY d.id",
        select()
    ));
    let (begin, end) = (Ksuid::floor(received_at), Ksuid::floor(received_at + 1_000));
    let rows: Vec<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(endpoint.bare())
        .bind(begin.as_str())
        .bind(end.as_str())
        .bind(event.bare())
        .fetch_all(c)
        .await?);
    rows.into_iter().map(Delivery::try_from).collect()
}

/// A destination with work that is due.
#[derive(Debug, Clone)]
pub struct Due {
    /// The destination.
    pub destination: DestinationId,
    /// When its earliest delivery that nobody leased was or is due, milliseconds since the Unix epoch; `None` when all are being sent.
    pub due_at: Option<i64>,
}

/// Destinations with open deliveries, in their order after `after`: found by skipping through the index, so that a dead destination's
/// hundred thousand rows cost one step.
pub async fn destinations(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<Due>> {
    let rows: Vec<(String, Option<i64>)> = on!(conn, |c| {
        sqlx::query_as(
            "WITH RECURSIVE open (destination, n) AS (
               SELECT (SELECT min(destination) FROM deliveries WHERE finished_at IS NULL AND destination > $1), 1
               UNION ALL
               SELECT (SELECT min(d.destination) FROM deliveries d WHERE d.finished_at IS NULL AND d.destination > open.destination),
                      open.n + 1
               FROM open WHERE open.destination IS NOT NULL AND open.n < $2
             )
             SELECT destination, (SELECT min(d.due_at) FROM deliveries d
               WHERE d.destination = open.destination AND d.finished_at IS NULL AND d.owner IS NULL)
             FROM open WHERE destination IS NOT NULL",
        )
        .bind(after)
        .bind(limit)
        .fetch_all(c)
        .await?
    });
    rows.into_iter()
        .map(|(id, due_at)| {
            Ok(Due {
                destination: app::id(&id)?,
                due_at,
            })
        })
        .collect()
}

/// A delivery this node may now attempt.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its id.
    pub id: DeliveryId,
    /// Environment.
    pub env: Env,
    /// What is delivered.
    pub event: EventId,
    /// Attempts made before.
    pub attempts: i32,
    /// Of these, attempts before the last retry by hand: they do not count against the retries.
    pub spent_before: i32,
    /// The first of them, milliseconds since the Unix epoch.
    pub first_attempt_at: Option<i64>,
    /// When it was planned, milliseconds since the Unix epoch.
    pub created_at: i64,
    /// The right to attempt it.
    pub lease: Lease,
}

/// Id, environment, event, attempts, attempts spent before, first attempt, creation, fence.
type ClaimedRow = (String, i64, String, i64, i64, Option<i64>, i64, i64);

/// Leases up to `limit` due deliveries of one destination to `owner`, in a turn that counts the owner's claims from 1: what was leased in one
/// that was rolled back is never leased alike again.
pub async fn claim(
    tx: &mut Tx,
    destination: DestinationId,
    (owner, turn): (Owner, i64),
    limit: i64,
    now: i64,
) -> Result<Vec<Claimed>> {
    let skip = tx.skip_locked();
    let sql = sqlx::AssertSqlSafe(format!(
        "WITH due AS MATERIALIZED (
           SELECT id FROM deliveries WHERE destination = $2 AND finished_at IS NULL AND owner IS NULL AND due_at <= $3
           ORDER BY due_at LIMIT $4 {skip})
         UPDATE deliveries SET state = 1, owner = $1, fence = fence + $5
         WHERE destination = $2 AND finished_at IS NULL AND owner IS NULL AND id IN (SELECT id FROM due)
         RETURNING id, environment, event, attempts, spent_before, first_attempt_at, created_at, fence"
    ));
    let rows: Vec<ClaimedRow> = on!(&mut tx.conn, |c| {
        sqlx::query_as(sql)
            .bind(owner.0)
            .bind(destination.bare())
            .bind(now)
            .bind(limit)
            .bind(turn)
            .fetch_all(c)
            .await?
    });
    let mut claimed = rows
        .into_iter()
        .map(
            |(id, env, event, attempts, spent_before, first_attempt_at, created_at, fence)| {
                Ok(Claimed {
                    id: app::id(&id)?,
                    env: Env(env),
                    event: app::id(&event)?,
                    attempts: i32::try_from(attempts).unwrap_or(i32::MAX),
                    spent_before: i32::try_from(spent_before).unwrap_or(0),
                    first_attempt_at,
                    created_at,
                    lease: Lease { owner, fence },
                })
            },
        )
        .collect::<Result<Vec<_>>>()?;
    claimed.sort_by_key(|claimed| claimed.id);
    Ok(claimed)
}

/// When the next open delivery is due, be it leased or not, milliseconds since the Unix epoch. Looks at every open one.
pub async fn next_due(conn: &mut Conn) -> Result<Option<i64>> {
    let sql = "SELECT min(due_at) FROM deliveries WHERE finished_at IS NULL";
    Ok(on!(conn, |c| sqlx::query_scalar(sql).fetch_one(c).await?))
}

/// The environment of a destination's open deliveries, for one of which nothing else is known any more; `None` when none is open.
pub async fn environment(conn: &mut Conn, destination: DestinationId) -> Result<Option<Env>> {
    let found: Option<i64> = on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT environment FROM deliveries WHERE destination = $1 AND finished_at IS NULL LIMIT 1",
        )
        .bind(destination.bare())
        .fetch_optional(c)
        .await?
    });
    Ok(found.map(Env))
}

/// Withdraws up to `limit` open deliveries of a destination, with the reason; those that a tenant's config led there, where one is named.
/// Answers how many.
pub async fn withdraw(
    tx: &mut Tx,
    (destination, config): (DestinationId, Option<ConfigId>),
    state: DeliveryState,
    reason: &str,
    limit: i64,
    now: i64,
) -> Result<u64> {
    let env = tx.env();
    let sql = sqlx::AssertSqlSafe(format!(
        "WITH open AS MATERIALIZED (
           SELECT d.id FROM deliveries d WHERE d.destination = $1 AND d.finished_at IS NULL
             AND ($6 = '' OR EXISTS (SELECT 1 FROM messages m WHERE m.environment = $7 AND m.delivery = d.id AND m.config = $6))
           LIMIT $2 {})
         UPDATE deliveries SET state = $3, finished_at = $4, due_at = NULL, owner = NULL, error = $5
         WHERE destination = $1 AND finished_at IS NULL AND id IN (SELECT id FROM open)",
        tx.skip_locked()
    ));
    Ok(on!(&mut tx.conn, |c| {
        sqlx::query(sql)
            .bind(destination.bare())
            .bind(limit)
            .bind(state.number())
            .bind(now)
            .bind(reason)
            .bind(config.as_ref().map_or("", Prefixed::bare))
            .bind(env.0)
            .execute(c)
            .await?
            .rows_affected()
    }))
}

/// Gives an attempt that is kept in its delivery alone a row, before something else takes its place there.
async fn keep_attempt(tx: &mut Tx, destination: DestinationId, id: DeliveryId) -> Result<()> {
    let env = tx.env();
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO attempts (delivery, number, id, environment, started_at, duration_ms, outcome, status_code, response, packed,
               error)
             SELECT d.id, d.attempts, d.id, d.environment, coalesce(d.last_attempt_at, d.created_at), coalesce(d.duration_ms, 0),
               CASE WHEN d.state IN (3, 4) THEN 'sent' ELSE 'error' END, d.status_code, d.response, d.packed, d.error
             FROM deliveries d
             WHERE d.environment = $1 AND d.destination = $2 AND d.id = $3 AND d.owner IS NULL AND d.attempts > 0
               AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.delivery = d.id AND a.number = d.attempts)",
        )
        .bind(env.0)
        .bind(destination.bare())
        .bind(id.bare())
        .execute(c)
        .await?;
    });
    Ok(())
}

/// Moves a delivery on that a provider took, by what that one told afterwards. `false` when it does not stand as it was read.
pub async fn moved(
    tx: &mut Tx,
    (destination, id): (DestinationId, DeliveryId),
    (from, to): (DeliveryState, DeliveryState),
    error: Option<&str>,
) -> Result<bool> {
    let env = tx.env();
    keep_attempt(tx, destination, id).await?;
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query(
            "UPDATE deliveries SET state = $5, error = $6
             WHERE environment = $1 AND destination = $2 AND id = $3 AND state = $4 AND owner IS NULL",
        )
        .bind(env.0)
        .bind(destination.bare())
        .bind(id.bare())
        .bind(from.number())
        .bind(to.number())
        .bind(error)
        .execute(c)
        .await?
        .rows_affected()
    });
    Ok(rows > 0)
}

/// Makes a delivery due again, with a fresh set of retries if it was finished. `false` when there is none, or it is being sent.
pub async fn retry(tx: &mut Tx, destination: DestinationId, id: DeliveryId, now: i64) -> Result<bool> {
    let env = tx.env();
    keep_attempt(tx, destination, id).await?;
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query(
            "UPDATE deliveries SET state = CASE WHEN attempts > 0 THEN 2 ELSE 0 END, due_at = $4, finished_at = NULL, first_attempt_at = NULL,
               response = NULL, packed = NULL, error = NULL, spent_before = attempts
             WHERE environment = $1 AND destination = $2 AND id = $3 AND owner IS NULL",
        )
        .bind(env.0)
        .bind(destination.bare())
        .bind(id.bare())
        .bind(now)
        .execute(c)
        .await?
        .rows_affected()
    });
    Ok(rows > 0)
}

/// A delivery's id is made within this of its event's publication, in milliseconds, unless it was asked for later.
const PUBLISHING: i64 = 1_000;

/// Of these events, those that this endpoint has not been sent.
///
/// A published event's delivery is made with it, so its id lies in the event's time and the log is read only there; what was delivered
/// for another reason has an index of its own.
pub async fn unsent(
    conn: &mut Conn,
    env: Env,
    endpoint: EndpointId,
    events: &[EventId],
) -> Result<Vec<EventId>> {
    let mut missing = Vec::new();
    for slice in events.chunks(500) {
        let sent = sent(conn, env, endpoint, slice).await?;
        missing.extend(slice.iter().filter(|event| !sent.contains(event.bare())));
    }
    Ok(missing)
}

async fn sent(
    conn: &mut Conn,
    env: Env,
    endpoint: EndpointId,
    events: &[EventId],
) -> Result<HashSet<String>> {
    // Bare ids are letters and digits by their type, so they may stand in the text.
    let list: Vec<_> = events.iter().map(|event| format!("'{}'", event.bare())).collect();
    let list = list.join(", ");
    let times = sqlx::AssertSqlSafe(format!(
        "SELECT min(created_at), max(created_at) FROM events WHERE environment = $1 AND id IN ({list})"
    ));
    let (first, last): (Option<i64>, Option<i64>) = on!(conn, |c| sqlx::query_as(times)
        .persistent(false)
        .bind(env.0)
        .fetch_one(c)
        .await?);
    let from = Ksuid::floor(first.unwrap_or(0) - PUBLISHING);
    let until = Ksuid::floor(last.unwrap_or(0) + PUBLISHING);
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT event FROM deliveries
         WHERE environment = $1 AND destination = $2 AND id >= $3 AND id < $4 AND event IN ({list}) AND state IN (0, 1, 2, 3, 4)
         UNION SELECT event FROM deliveries
         WHERE environment = $1 AND destination = $2 AND cause <> 0 AND event IN ({list}) AND state IN (0, 1, 2, 3, 4)"
    ));
    let sent: Vec<String> = on!(conn, |c| {
        sqlx::query_scalar(sql)
            .persistent(false)
            .bind(env.0)
            .bind(endpoint.bare())
            .bind(from.as_str())
            .bind(until.as_str())
            .fetch_all(c)
            .await?
    });
    Ok(sent.into_iter().collect())
}
