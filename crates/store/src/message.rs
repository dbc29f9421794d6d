//! Messages: what deliveries to people carry. (They are written by the group commit.)

use std::collections::HashMap;

use domain::channel::Channel;
use domain::delivery::DeliveryState;
use domain::environment::Env;
use domain::id::{DeliveryId, DestinationId, EventId, Ksuid, Prefixed, RunId};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use crate::error::{Error, Result};
use crate::{Conn, Page, app, on};

/// The contents of these deliveries, by delivery.
pub async fn contents(
    conn: &mut Conn,
    env: Env,
    deliveries: &[DeliveryId],
) -> Result<HashMap<DeliveryId, String>> {
    let mut found = HashMap::new();
    for slice in deliveries.chunks(500) {
        // Bare ids are letters and digits by their type, so they may stand in the text.
        let list: Vec<_> = slice.iter().map(|id| format!("'{}'", id.bare())).collect();
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT delivery, content FROM messages WHERE environment = $1 AND delivery IN ({})",
            list.join(", ")
        ));
        let rows: Vec<(String, String)> = on!(conn, |c| sqlx::query_as(sql)
            .persistent(false)
            .bind(env.0)
            .fetch_all(c)
            .await?);
        for (id, content) in rows {
            found.insert(app::id(&id)?, content);
        }
    }
    Ok(found)
}

/// Of these deliveries, those that a tenant's channel config was to lead, which is no more.
pub async fn without_config(conn: &mut Conn, env: Env, deliveries: &[DeliveryId]) -> Result<Vec<DeliveryId>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT m.delivery FROM messages m WHERE m.environment = $1 AND m.delivery {} AND m.config IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM channel_configs c WHERE c.environment = $1 AND c.id = m.config)",
        conn.among("$2")
    ));
    let list: Vec<_> = deliveries.iter().map(Prefixed::bare).collect();
    let rows: Vec<String> = on!(conn, |c| sqlx::query_scalar(sql)
        .bind(env.0)
        .bind(serde_json::json!(list).to_string())
        .fetch_all(c)
        .await?);
    rows.iter().map(|id| app::id(id)).collect()
}

/// A message with what became of it.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its delivery.
    pub delivery: DeliveryId,
    /// Where it goes.
    pub destination: DestinationId,
    /// Through which channel.
    pub channel: Channel,
    /// The run it comes from.
    pub run: RunId,
    /// The event that run follows from.
    pub event: EventId,
    /// The workflow of that run.
    pub workflow: String,
    /// The step of that workflow.
    pub step: String,
    /// Whom it is for.
    pub user: Option<String>,
    /// Tenant it happened in.
    pub tenant: Option<String>,
    /// The address it goes to.
    pub recipient: Option<String>,
    /// What is sent, as JSON.
    pub content: String,
    /// Who carried it.
    pub provider: Option<String>,
    /// The provider's own id of it.
    pub provider_id: Option<String>,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts made.
    pub attempts: i64,
    /// When it is tried next, milliseconds since the Unix epoch.
    pub due_at: Option<i64>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub finished_at: Option<i64>,
    /// Why it was not sent, or what went wrong last.
    pub error: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    delivery: String,
    destination: String,
    channel: i16,
    run: String,
    event: String,
    workflow: String,
    step: String,
    user_id: Option<String>,
    tenant: Option<String>,
    recipient: Option<String>,
    content: String,
    provider: Option<String>,
    provider_id: Option<String>,
    state: i16,
    attempts: i64,
    due_at: Option<i64>,
    created_at: i64,
    finished_at: Option<i64>,
    error: Option<String>,
}

impl TryFrom<Row> for Message {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            delivery: app::id(&row.delivery)?,
            destination: app::id(&row.destination)?,
            channel: Channel::from_number(row.channel)
                .ok_or_else(|| Error::corrupt("channel of message", &row.channel.to_string()))?,
            run: app::id(&row.run)?,
            event: app::id(&row.event)?,
            state: DeliveryState::from_number(row.state)
                .ok_or_else(|| Error::corrupt("state of delivery", &row.state.to_string()))?,
            workflow: row.workflow,
            step: row.step,
            user: row.user_id,
            tenant: row.tenant,
            recipient: row.recipient,
            content: row.content,
            provider: row.provider,
            provider_id: row.provider_id,
            attempts: row.attempts,
            due_at: row.due_at,
            created_at: row.created_at,
            finished_at: row.finished_at,
            error: row.error,
        })
    }
}

const COLUMNS: &str = "m.delivery, m.destination, m.channel, m.run, d.event, m.workflow, m.step, m.user_id, m.tenant, m.recipient,
    m.content, m.provider, m.provider_id, d.state, CAST(d.attempts AS BIGINT) AS attempts, d.due_at, d.created_at, d.finished_at, d.error";

const FROM: &str = "FROM messages m
    JOIN deliveries d ON d.environment = m.environment AND d.destination = m.destination AND d.id = m.delivery";

/// What a list of messages is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Through this channel.
    pub channel: Option<Channel>,
    /// For this user.
    pub user: Option<String>,
    /// From this workflow.
    pub workflow: Option<String>,
    /// From this run.
    pub run: Option<RunId>,
    /// That stand so.
    pub state: Option<DeliveryState>,
    /// Carried by this provider.
    pub provider: Option<String>,
    /// Only what ended without reaching anybody: failed, exhausted or cancelled.
    pub undelivered: bool,
    /// Planned not before, milliseconds since the Unix epoch.
    pub from: Option<i64>,
    /// Planned before, milliseconds since the Unix epoch.
    pub to: Option<i64>,
}

/// One message.
pub async fn get(conn: &mut Conn, env: Env, delivery: DeliveryId) -> Result<Option<Message>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} {FROM} WHERE m.environment = $1 AND m.delivery = $2"
    ));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(delivery.bare())
        .fetch_optional(c)
        .await?);
    row.map(Message::try_from).transpose()
}

/// The message that a provider knows by this id.
pub async fn carried(
    conn: &mut Conn,
    env: Env,
    provider: &str,
    provider_id: &str,
) -> Result<Option<Message>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} {FROM} WHERE +m.environment = $1 AND m.provider = $2 AND m.provider_id = $3"
    ));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(provider)
        .bind(provider_id)
        .fetch_optional(c)
        .await?);
    row.map(Message::try_from).transpose()
}

/// These messages.
pub async fn many(conn: &mut Conn, env: Env, deliveries: &[DeliveryId]) -> Result<Vec<Message>> {
    let list = serde_json::json!(deliveries.iter().map(Prefixed::bare).collect::<Vec<_>>()).to_string();
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} {FROM} WHERE m.environment = $1 AND m.delivery {}",
        conn.among("$2")
    ));
    let rows: Vec<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(list)
        .fetch_all(c)
        .await?);
    rows.into_iter().map(Message::try_from).collect()
}

/// Messages, newest first.
pub async fn list(conn: &mut Conn, env: Env, filter: &Filter, page: &Page) -> Result<Vec<Message>> {
    let rows: Vec<Row> = matching(conn, COLUMNS, env, filter, page).await?;
    rows.into_iter().map(Message::try_from).collect()
}

/// Their deliveries alone, newest first.
pub async fn ids(conn: &mut Conn, env: Env, filter: &Filter, page: &Page) -> Result<Vec<DeliveryId>> {
    let rows: Vec<(String,)> = matching(conn, "m.delivery", env, filter, page).await?;
    rows.iter().map(|(id,)| app::id(id)).collect()
}

async fn matching<T>(
    conn: &mut Conn,
    columns: &'static str,
    env: Env,
    filter: &Filter,
    page: &Page,
) -> Result<Vec<T>>
where
    T: for<'r> sqlx::FromRow<'r, SqliteRow> + for<'r> sqlx::FromRow<'r, PgRow> + Send + Unpin,
{
    let undelivered = if filter.undelivered {
        "AND d.state IN (5, 6, 7)"
    } else {
        ""
    };
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {columns} {FROM} WHERE m.environment = $1 AND ($2 IS NULL OR m.delivery < $2) AND ($3 IS NULL OR m.channel = $3)
           AND ($4 IS NULL OR m.user_id = $4) AND ($5 IS NULL OR m.workflow = $5) AND ($6 IS NULL OR m.run = $6)
           AND ($7 IS NULL OR d.state = $7) AND ($8 IS NULL OR m.provider = $8)
           AND ($10 IS NULL OR m.delivery >= $10) AND ($11 IS NULL OR m.delivery < $11) {undelivered}
         ORDER BY m.delivery DESC LIMIT $9"
    ));
    let floor = |at: Option<i64>| at.map(|at| Ksuid::floor(at).as_str().to_owned());
    Ok(on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(page.after.as_deref())
            .bind(filter.channel.map(|channel| channel as i16))
            .bind(filter.user.as_deref())
            .bind(filter.workflow.as_deref())
            .bind(filter.run.as_ref().map(Prefixed::bare))
            .bind(filter.state.map(DeliveryState::number))
            .bind(filter.provider.as_deref())
            .bind(page.limit)
            .bind(floor(filter.from))
            .bind(floor(filter.to))
            .fetch_all(c)
            .await?
    }))
}
