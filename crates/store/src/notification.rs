//! Content of notifications.

use std::sync::Arc;

use domain::environment::Env;
use domain::id::{NotificationId, Prefixed};
use domain::notification::{Notification, Priority};

use crate::error::{Error, Result};
use crate::{Conn, app, on};

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    environment: i64,
    app: String,
    tenant: Option<String>,
    event: Option<String>,
    event_id: Option<String>,
    title: String,
    body: Option<String>,
    link: Option<String>,
    actions: Option<String>,
    priority: i16,
    metadata: Option<String>,
    external_id: Option<String>,
    expires_at: Option<i64>,
    created_at: i64,
}

impl TryFrom<Row> for Notification {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: app::id(&row.id)?,
            env: Env(row.environment),
            app: app::id(&row.app)?,
            tenant: row.tenant,
            event: row.event,
            event_id: row.event_id.as_deref().map(app::id).transpose()?,
            title: row.title,
            body: row.body,
            link: row.link,
            actions: row.actions.map(Arc::from),
            priority: Priority::from_number(row.priority),
            metadata: row.metadata.map(Arc::from),
            external_id: row.external_id,
            expires_at: row.expires_at,
            created_at: row.created_at,
        })
    }
}

/// One notification.
pub async fn get(conn: &mut Conn, env: Env, id: NotificationId) -> Result<Option<Notification>> {
    let row: Option<Row> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, environment, app, tenant, event, event_id, title, body, link, actions, priority, metadata, external_id,
               expires_at, created_at
             FROM notifications WHERE environment = $1 AND id = $2",
        )
        .bind(env.0)
        .bind(id.bare())
        .fetch_optional(c)
        .await?
    });
    row.map(Notification::try_from).transpose()
}
