//! Events as they are read: lists with filters, and the stream by commit position.

use std::sync::Arc;

use domain::environment::Env;
use domain::event::{Entity, Event, Outside};
use domain::event_type::Visibility;
use domain::id::{AppId, EventId, Ksuid, Prefixed};

use crate::conn::answered;
use crate::error::{Error, Result};
use crate::{Conn, Page, app, on};

/// An event and its place in the order of commits.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The event.
    pub event: Event,
    /// On `SQLite` the writer's counter, on `PostgreSQL` the writing transaction.
    pub position: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    position: i64,
    id: String,
    environment: i64,
    app: String,
    #[sqlx(rename = "type")]
    kind: String,
    category: Option<String>,
    entity_type: Option<String>,
    entity_id: Option<String>,
    tenant: Option<String>,
    users: Option<String>,
    data: String,
    public_type: Option<String>,
    version: String,
    public_data: Option<String>,
    visibility: String,
    external_id: Option<String>,
    occurred_at: i64,
    created_at: i64,
}

const COLUMNS: &str = "position, id, environment, app, type, category, entity_type, entity_id, tenant, users, data, public_type, version,
    public_data, visibility, external_id, occurred_at, created_at";

/// Whether an event's type is not one of the server's own (`domain::event_type::is_reserved`).
const NOT_RESERVED: &str =
    "substr(type, 1, 13) <> 'notification.' AND substr(type, 1, 9) NOT IN ('endpoint.', 'workflow.')";

impl TryFrom<Row> for Stored {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let users = match row.users {
            Some(users) => {
                serde_json::from_str(&users).map_err(|_| Error::corrupt("users of an event", &users))?
            }
            None => Vec::new(),
        };
        let event = Event {
            id: app::id(&row.id)?,
            env: Env(row.environment),
            app: app::id(&row.app)?,
            kind: Arc::from(row.kind),
            category: row.category.map(Arc::from),
            entity: row
                .entity_type
                .zip(row.entity_id)
                .map(|(kind, id)| Entity { kind, id }),
            tenant: row.tenant,
            users,
            data: Arc::from(row.data),
            outside: Outside {
                kind: row.public_type.map(Arc::from),
                version: Arc::from(row.version),
                data: row.public_data.map(Arc::from),
            },
            visibility: Visibility::from_word(&row.visibility),
            external_id: row.external_id,
            occurred_at: row.occurred_at,
            created_at: row.created_at,
        };
        Ok(Self {
            event,
            position: row.position,
        })
    }
}

/// A condition on one value inside `data`.
#[derive(Debug, Clone)]
pub struct DataFilter {
    /// The member names from the top.
    pub path: Vec<String>,
    /// The value as text; a string is compared without its quotes.
    pub value: String,
}

/// Which events.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this type.
    pub kind: Option<String>,
    /// Only this category.
    pub category: Option<String>,
    /// Only about this kind of thing.
    pub entity_type: Option<String>,
    /// Only about this thing.
    pub entity_id: Option<String>,
    /// Only of this tenant.
    pub tenant: Option<String>,
    /// Only concerning this user.
    pub user: Option<String>,
    /// Published not before, milliseconds since the Unix epoch.
    pub from: Option<i64>,
    /// Published before, milliseconds since the Unix epoch.
    pub to: Option<i64>,
    /// Values inside `data`.
    pub data: Vec<DataFilter>,
}

/// One event of an application.
pub async fn get(conn: &mut Conn, env: Env, app: AppId, id: EventId) -> Result<Option<Event>> {
    Ok(find(conn, env, id).await?.filter(|event| event.app == app))
}

/// The tenant that the last event about a thing named, where one did.
pub async fn tenant_of_entity(conn: &mut Conn, env: Env, (kind, id): (&str, &str)) -> Result<Option<String>> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT tenant FROM events WHERE environment = $1 AND entity_type = $2 AND entity_id = $3 AND tenant IS NOT NULL
             ORDER BY id DESC LIMIT 1",
        )
        .bind(env.0)
        .bind(kind)
        .bind(id)
        .fetch_optional(c)
        .await?
    }))
}

/// One event.
pub async fn find(conn: &mut Conn, env: Env, id: EventId) -> Result<Option<Event>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM events WHERE environment = $1 AND id = $2"
    ));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(id.bare())
        .fetch_optional(c)
        .await?);
    Ok(row.map(Stored::try_from).transpose()?.map(|stored| stored.event))
}

/// Those of these events that are there, in no particular order.
pub async fn find_many(conn: &mut Conn, env: Env, ids: &[EventId]) -> Result<Vec<Event>> {
    // Bare ids are letters and digits by their type, so they may stand in the text.
    let list: Vec<_> = ids.iter().map(|id| format!("'{}'", id.bare())).collect();
    let mut events = Vec::with_capacity(ids.len());
    for slice in list.chunks(500) {
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM events WHERE environment = $1 AND id IN ({})",
            slice.join(", ")
        ));
        let rows: Vec<Row> = on!(conn, |c| sqlx::query_as(sql)
            .persistent(false)
            .bind(env.0)
            .fetch_all(c)
            .await?);
        for row in rows {
            events.push(Stored::try_from(row)?.event);
        }
    }
    Ok(events)
}

/// Events of an application, or of all of them, newest first.
///
/// Time bounds become bounds of the id, which begins with the time, so that the index serves them.
pub async fn list(
    conn: &mut Conn,
    env: Env,
    app: Option<AppId>,
    filter: &Filter,
    page: &Page,
) -> Result<Vec<Event>> {
    // Written twice, so that the index of an application's events serves it.
    let of_app = if app.is_some() { "app = $2" } else { "$2 = ''" };
    let mut sql = Conditions {
        text: format!("SELECT {COLUMNS} FROM events WHERE environment = $1 AND {of_app}"),
        values: Vec::new(),
    };
    sql.and("type = ?", filter.kind.clone());
    sql.and("category = ?", filter.category.clone());
    sql.and("entity_type = ?", filter.entity_type.clone());
    sql.and("entity_id = ?", filter.entity_id.clone());
    sql.and("tenant = ?", filter.tenant.clone());
    let concerns = "EXISTS (SELECT 1 FROM event_users u WHERE u.environment = $1 AND u.user_id = ? AND u.event = events.id)";
    sql.and(concerns, filter.user.clone());
    sql.and(
        "id >= ?",
        filter.from.map(|from| Ksuid::floor(from).as_str().to_owned()),
    );
    sql.and("id < ?", filter.to.map(|to| Ksuid::floor(to).as_str().to_owned()));
    sql.and("id < ?", page.after.clone());
    for data in filter.data.iter().filter(|data| !data.path.is_empty()) {
        sql.and_data(data, matches!(conn, Conn::Postgres(_)));
    }
    let Conditions { mut text, values } = sql;
    text.push_str(" ORDER BY id DESC LIMIT $3");
    let text = sqlx::AssertSqlSafe(text);
    let rows: Vec<Row> = on!(conn, |c| {
        let mut query = sqlx::query_as(text)
            .bind(env.0)
            .bind(app.as_ref().map_or("", Prefixed::bare).to_owned())
            .bind(page.limit);
        for value in values {
            query = query.bind(value);
        }
        query.fetch_all(c).await?
    });
    rows.into_iter()
        .map(|row| Ok(Stored::try_from(row)?.event))
        .collect()
}

/// A statement that grows by conditions; every value is bound, never spliced. The first three parameters are spoken for.
struct Conditions {
    text: String,
    values: Vec<String>,
}

impl Conditions {
    fn and(&mut self, condition: &str, value: Option<String>) {
        if let Some(value) = value {
            let place = self.bind(value);
            self.text.push_str(" AND ");
            self.text.push_str(&condition.replace('?', &place));
        }
    }

    fn bind(&mut self, value: String) -> String {
        self.values.push(value);
        format!("${}", self.values.len() + 3)
    }

    /// Compares a value inside `data` as text.
    fn and_data(&mut self, data: &DataFilter, postgres: bool) {
        let condition = if postgres {
            let path = self.bind(postgres_path(&data.path));
            format!("(data::json #>> {path}::text[]) = ?")
        } else {
            self.sqlite_walk(&data.path)
        };
        self.and(&condition, Some(data.value.clone()));
    }

    /// One step a name, whatever the name is made of: a path of `SQLite` cannot hold every name.
    fn sqlite_walk(&mut self, path: &[String]) -> String {
        let (mut steps, mut names, mut last) = (Vec::new(), Vec::new(), String::new());
        for (n, name) in path.iter().enumerate() {
            let inner = match n {
                0 => "events.data".to_owned(),
                _ => {
                    format!("CASE WHEN {last}.type IN ('object', 'array') THEN {last}.value ELSE '{{}}' END")
                }
            };
            last = format!("step{n}");
            steps.push(format!("json_each({inner}) {last}"));
            names.push(format!("CAST({last}.key AS TEXT) = {}", self.bind(name.clone())));
        }
        format!(
            "EXISTS (SELECT 1 FROM {} WHERE {}
               AND CASE {last}.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST({last}.value AS TEXT) END = ?)",
            steps.join(", "),
            names.join(" AND ")
        )
    }
}

fn postgres_path(path: &[String]) -> String {
    let names: Vec<_> = path
        .iter()
        .map(|name| format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")))
        .collect();
    format!("{{{}}}", names.join(","))
}

/// Which events a stream carries.
#[derive(Debug, Clone)]
pub struct Visible {
    /// The application that follows; `None` follows as the environment and sees all of it.
    pub app: Option<AppId>,
    /// The tenant whose application it is.
    pub tenant: Option<String>,
    /// Whether it sees platform-visible events of others.
    pub platform: bool,
}

impl Visible {
    /// Whether an event is among them.
    pub fn sees(&self, event: &Event) -> bool {
        let Some(app) = self.app else { return true };
        let theirs = event.app == app
            || (self.platform && event.visibility == Visibility::Platform)
            || (self.tenant.is_some()
                && self.tenant == event.tenant
                && !domain::event_type::is_reserved(&event.kind));
        theirs && event.visibility != Visibility::Internal
    }
}

/// A place in the order of commits. On `PostgreSQL` events of one transaction are told apart by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Counter or transaction.
    pub commit: i64,
    /// Bare id of the event, empty on `SQLite`.
    pub id: String,
}

/// How far a stream may be read, and from where it can be.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Everything up to here is committed for good.
    pub head: Position,
    /// The last commit of which anything was pruned; 0 when nothing was.
    pub floor: i64,
}

/// Stands behind every event of its commit, as no id does.
pub const END: &str = "~";

impl Bounds {
    /// Whether everything behind this position is kept. Of the last commit that lost anything only what lies behind it is.
    pub fn keeps_after(&self, position: &Position) -> bool {
        self.floor == 0
            || position.commit > self.floor
            || (position.commit == self.floor && position.id == END)
    }
}

/// The fact of the database that is an environment's floor.
pub(crate) fn floor_name(env: Env) -> String {
    format!("events_floor/{}", env.0)
}

/// The bounds of an environment's stream of events.
pub async fn bounds(conn: &mut Conn, env: Env) -> Result<Bounds> {
    // The name without an environment is of a time when all had one floor: no environment's is below it.
    let floor: Option<i64> = on!(conn, |c| sqlx::query_scalar(
        "SELECT max(CAST(value AS BIGINT)) FROM meta WHERE name IN ('events_floor', $1)"
    )
    .bind(floor_name(env))
    .fetch_one(c)
    .await?);
    let floor = floor.unwrap_or(0);
    let head = match conn {
        Conn::Sqlite(c) => {
            let commit: i64 = sqlx::query_scalar("SELECT coalesce(max(position), 0) FROM events")
                .fetch_one(&mut **c)
                .await?;
            Position {
                commit,
                id: String::new(),
            }
        }
        // Below the oldest transaction still running nothing can appear any more.
        Conn::Postgres(c) => {
            let oldest =
                sqlx::query_scalar("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1");
            let commit: i64 = answered(async { Ok(oldest.fetch_one(&mut **c).await?) }).await?;
            Position {
                commit,
                id: END.into(),
            }
        }
    };
    Ok(Bounds { head, floor })
}

/// Events after a position, in the order of commits, that a stream carries.
pub async fn after(
    conn: &mut Conn,
    env: Env,
    visible: &Visible,
    after: &Position,
    head: &Position,
    limit: i64,
) -> Result<Vec<Stored>> {
    let columns = COLUMNS;
    let order = match conn {
        Conn::Sqlite(_) => "position > $2 AND position <= $4 AND $3 = $3",
        Conn::Postgres(_) => "(position, id) > ($2, $3) AND position <= $4",
    };
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {columns} FROM events WHERE environment = $1 AND {order}
           AND ($5 IS NULL OR visibility <> 'internal' AND (app = $5 OR ($6 = 1 AND visibility = 'platform')
             OR (tenant = $7 AND {NOT_RESERVED})))
         ORDER BY position, id LIMIT $8"
    ));
    let app = visible.app.as_ref().map(Prefixed::bare);
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(after.commit)
            .bind(after.id.as_str())
            .bind(head.commit)
            .bind(app)
            .bind(i64::from(visible.platform))
            .bind(visible.tenant.as_deref())
            .bind(limit)
            .fetch_all(c)
            .await?
    });
    rows.into_iter().map(Stored::try_from).collect()
}

/// Events an endpoint's owner may recover: published in a time range, of the owner, of its tenant, or platform-visible; oldest first.
pub async fn published(
    conn: &mut Conn,
    env: Env,
    visible: &Visible,
    after_id: &str,
    until_id: &str,
    limit: i64,
) -> Result<Vec<Event>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM events WHERE environment = $1 AND id > $2 AND id < $3
           AND (app = $4 OR ($5 = 1 AND visibility = 'platform')
             OR (tenant = $6 AND {NOT_RESERVED}))
         ORDER BY id LIMIT $7"
    ));
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(after_id)
            .bind(until_id)
            .bind(visible.app.as_ref().map(Prefixed::bare))
            .bind(i64::from(visible.platform))
            .bind(visible.tenant.as_deref())
            .bind(limit)
            .fetch_all(c)
            .await?
    });
    rows.into_iter()
        .map(|row| Ok(Stored::try_from(row)?.event))
        .collect()
}
