//! Registered event types.

use domain::effects::Part;
use domain::environment::Env;
use domain::event_type::{EventType, Visibility};

use crate::error::{Error, Result};
use crate::{Change, Conn, Page, on, version};

#[derive(sqlx::FromRow)]
struct Row {
    name: String,
    category: String,
    title: Option<String>,
    description: String,
    data_schema: Option<String>,
    version: String,
    visibility: String,
    public_name: Option<String>,
    public_fields: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for EventType {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        fn json<T: serde::de::DeserializeOwned>(text: Option<&str>) -> Result<Option<T>> {
            text.map(|text| {
                serde_json::from_str(text).map_err(|_| Error::corrupt("JSON of an event type", text))
            })
            .transpose()
        }
        Ok(Self {
            schema: json(row.data_schema.as_deref())?,
            public_fields: json(row.public_fields.as_deref())?,
            visibility: Visibility::from_word(&row.visibility),
            name: row.name,
            category: row.category,
            title: row.title,
            description: row.description,
            version: row.version,
            public_name: row.public_name,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

const COLUMNS: &str = "name, category, title, description, data_schema, version, visibility, public_name, public_fields, created_at, updated_at";

/// Writes a type whole; `created_at` of one that exists stays.
pub async fn put(tx: &mut Change, spec: &EventType) -> Result<()> {
    let env = tx.env();
    let schema = spec.schema.as_ref().map(ToString::to_string);
    let fields = spec
        .public_fields
        .as_ref()
        .map(|fields| serde_json::json!(fields).to_string());
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO event_types (environment, name, category, description, data_schema, version, visibility, public_name,
               public_fields, created_at, updated_at, title)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (environment, name) DO UPDATE SET category = $3, description = $4, data_schema = $5, version = $6,
               visibility = $7, public_name = $8, public_fields = $9, updated_at = $11, title = $12",
        )
        .bind(env.0)
        .bind(spec.name.as_str())
        .bind(spec.category.as_str())
        .bind(spec.description.as_str())
        .bind(schema.as_deref())
        .bind(spec.version.as_str())
        .bind(spec.visibility.as_str())
        .bind(spec.public_name.as_deref())
        .bind(fields.as_deref())
        .bind(spec.created_at)
        .bind(spec.updated_at)
        .bind(spec.title.as_deref())
        .execute(c)
        .await?;
    });
    version::bump(tx, Part::Environment).await
}

/// One type.
pub async fn get(conn: &mut Conn, env: Env, name: &str) -> Result<Option<EventType>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM event_types WHERE environment = $1 AND name = $2"
    ));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(name)
        .fetch_optional(c)
        .await?);
    row.map(EventType::try_from).transpose()
}

/// Every type of an environment, by name.
pub async fn all(conn: &mut Conn, env: Env) -> Result<Vec<EventType>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM event_types WHERE environment = $1 ORDER BY name"
    ));
    let rows: Vec<Row> = on!(conn, |c| sqlx::query_as(sql).bind(env.0).fetch_all(c).await?);
    rows.into_iter().map(EventType::try_from).collect()
}

/// A page of an environment's types, by name.
pub async fn list(conn: &mut Conn, env: Env, page: &Page) -> Result<Vec<EventType>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM event_types WHERE environment = $1 AND ($2 IS NULL OR name > $2) ORDER BY name LIMIT $3"
    ));
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(page.after.as_deref())
            .bind(page.limit)
            .fetch_all(c)
            .await?
    });
    rows.into_iter().map(EventType::try_from).collect()
}

/// Forgets a type; `false` when there is none. Events published under it stay as they are.
pub async fn delete(tx: &mut Change, name: &str) -> Result<bool> {
    let env = tx.env();
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM event_types WHERE environment = $1 AND name = $2")
            .bind(env.0)
            .bind(name)
            .execute(c)
            .await?
            .rows_affected()
    });
    version::bump(tx, Part::Environment).await?;
    Ok(rows > 0)
}
