//! Feeds as they are read. (They are written by the group commit.)

use std::sync::Arc;

use domain::environment::Env;
use domain::feed::{Counters, KnownState, Status, Times, Watermarks};
use domain::id::{AppId, DeliveryId, NotificationId, Prefixed};
use domain::notification::{Notification, Priority};

use crate::error::{Error, Result};
use crate::{Conn, Page, app, on};

/// One notification as one user has it.
#[derive(Debug, Clone)]
pub struct Item {
    /// Content.
    pub notification: Arc<Notification>,
    /// Uid and name of the application that created it.
    pub app: (Option<String>, String),
    /// The in-app delivery.
    pub delivery: DeliveryId,
    /// Whose.
    pub user: String,
    /// Its last change.
    pub seq: i64,
    /// Its times, watermarks applied.
    pub times: Times,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    user_id: String,
    seq: i64,
    seen_at: Option<i64>,
    read_at: Option<i64>,
    clicked_at: Option<i64>,
    dismissed_at: Option<i64>,
    expired_at: Option<i64>,
    deleted_at: Option<i64>,
    read_mark: i64,
    read_mark_at: i64,
    seen_mark: i64,
    seen_mark_at: i64,
    notification: String,
    environment: i64,
    app: String,
    app_uid: Option<String>,
    app_name: String,
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

const COLUMNS: &str = "s.id, s.user_id, s.seq, s.seen_at, s.read_at, s.clicked_at, s.dismissed_at, s.expired_at, s.deleted_at,
    coalesce(k.read_seq, 0) AS read_mark, coalesce(k.read_at, 0) AS read_mark_at,
    coalesce(k.seen_seq, 0) AS seen_mark, coalesce(k.seen_at, 0) AS seen_mark_at,
    s.notification, s.environment, s.app, a.uid AS app_uid, coalesce(a.name, '') AS app_name, n.tenant, n.event, n.event_id,
    n.title, n.body, n.link, n.actions, n.priority, n.metadata, n.external_id, n.expires_at, s.created_at";
const FROM: &str = "FROM states s
    JOIN notifications n ON n.environment = s.environment AND n.id = s.notification
    LEFT JOIN apps a ON a.environment = s.environment AND a.id = s.app
    LEFT JOIN counters k ON k.environment = s.environment AND k.user_id = s.user_id AND k.app = s.app
      AND k.tenant = coalesce(s.tenant, '')";
/// Whether a state is unread, watermarks applied.
const UNREAD: &str = "(s.read_at IS NULL AND s.expired_at IS NULL AND s.dismissed_at IS NULL AND s.seq >= coalesce(k.read_seq, 0))";

impl TryFrom<Row> for Item {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let marks = Watermarks {
            read_seq: row.read_mark,
            read_at: row.read_mark_at,
            seen_seq: row.seen_mark,
            seen_at: row.seen_mark_at,
        };
        let times = Times {
            seen_at: row.seen_at,
            read_at: row.read_at,
            clicked_at: row.clicked_at,
            dismissed_at: row.dismissed_at,
            expired_at: row.expired_at,
            deleted_at: row.deleted_at,
        };
        let notification = Notification {
            id: app::id(&row.notification)?,
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
        };
        Ok(Self {
            notification: Arc::new(notification),
            app: (row.app_uid, row.app_name),
            delivery: app::id(&row.id)?,
            user: row.user_id,
            seq: row.seq,
            times: times.under(row.seq, &marks),
        })
    }
}

/// Where a feed stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Head {
    /// The last number of its sequence.
    pub seq: i64,
    /// Changes up to here were pruned: nobody can be told of them any more.
    pub floor: i64,
    /// Unread.
    pub unread: i64,
    /// Unread and not yet seen.
    pub unseen: i64,
}

impl Head {
    /// The numbers on the bell.
    pub fn counters(&self) -> Counters {
        Counters {
            unread: self.unread,
            unseen: self.unseen,
        }
    }
}

/// Where a user's feed stands; all zero before its first change.
pub async fn head(conn: &mut Conn, env: Env, user: &str) -> Result<Head> {
    let head: Option<Head> = on!(conn, |c| {
        sqlx::query_as("SELECT seq, floor, unread, unseen FROM feeds WHERE environment = $1 AND user_id = $2")
            .bind(env.0)
            .bind(user)
            .fetch_optional(c)
            .await?
    });
    Ok(head.unwrap_or_default())
}

/// The counters of one part of a feed.
pub async fn counters(
    conn: &mut Conn,
    env: Env,
    user: &str,
    app: Option<AppId>,
    tenant: Option<&str>,
) -> Result<Counters> {
    let (unread, unseen) = on!(conn, |c| {
        sqlx::query_as::<_, (i64, i64)>(
            "SELECT CAST(coalesce(sum(unread), 0) AS BIGINT), CAST(coalesce(sum(unseen), 0) AS BIGINT) FROM counters
             WHERE environment = $1 AND user_id = $2 AND ($3 IS NULL OR app = $3) AND ($4 IS NULL OR tenant = $4)",
        )
        .bind(env.0)
        .bind(user)
        .bind(app.as_ref().map(Prefixed::bare))
        .bind(tenant)
        .fetch_one(c)
        .await?
    });
    Ok(Counters { unread, unseen })
}

/// Which items.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only with this status.
    pub status: Option<Status>,
    /// Only of this application.
    pub app: Option<AppId>,
    /// Only of this priority.
    pub priority: Option<Priority>,
    /// Only of this tenant.
    pub tenant: Option<String>,
}

fn status_condition(status: Option<Status>) -> String {
    match status {
        None => "1 = 1".to_owned(),
        Some(Status::Unread) => UNREAD.to_owned(),
        Some(Status::Read) => {
            format!(
                "(NOT {UNREAD} AND s.expired_at IS NULL AND s.dismissed_at IS NULL AND s.clicked_at IS NULL)"
            )
        }
        Some(Status::Clicked) => {
            "(s.clicked_at IS NOT NULL AND s.dismissed_at IS NULL AND s.expired_at IS NULL)".to_owned()
        }
        Some(Status::Dismissed) => "(s.dismissed_at IS NOT NULL AND s.expired_at IS NULL)".to_owned(),
        Some(Status::Expired) => "s.expired_at IS NOT NULL".to_owned(),
    }
}

/// Items of a user, newest first, without the first `skip` of them.
pub async fn list(
    conn: &mut Conn,
    env: Env,
    user: &str,
    filter: &Filter,
    page: &Page,
    skip: i64,
) -> Result<Vec<Item>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} {FROM} WHERE s.environment = $1 AND s.user_id = $2 AND s.deleted_at IS NULL
           AND ($3 IS NULL OR s.notification < $3) AND ($4 IS NULL OR s.app = $4) AND ($5 IS NULL OR s.priority = $5)
           AND ($6 IS NULL OR s.tenant = $6) AND {}
         ORDER BY s.notification DESC LIMIT $7 OFFSET $8",
        status_condition(filter.status)
    ));
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(user)
            .bind(page.after.as_deref())
            .bind(filter.app.as_ref().map(Prefixed::bare))
            .bind(filter.priority.map(|priority| priority as i16))
            .bind(filter.tenant.as_deref())
            .bind(page.limit)
            .bind(skip)
            .fetch_all(c)
            .await?
    });
    rows.into_iter().map(Item::try_from).collect()
}

/// Items of a user, unread first, then newest first (F12). `app` bounds it to what one application created.
pub async fn unread_first(
    conn: &mut Conn,
    env: Env,
    user: &str,
    app: Option<AppId>,
    skip: i64,
    limit: i64,
) -> Result<Vec<Item>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} {FROM} WHERE s.environment = $1 AND s.user_id = $2 AND s.deleted_at IS NULL AND ($3 IS NULL OR s.app = $3)
         ORDER BY CASE WHEN {UNREAD} THEN 0 ELSE 1 END, s.notification DESC LIMIT $4 OFFSET $5"
    ));
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(user)
            .bind(app.as_ref().map(Prefixed::bare))
            .bind(limit)
            .bind(skip)
            .fetch_all(c)
            .await?
    });
    rows.into_iter().map(Item::try_from).collect()
}

/// One item of a user, deleted or not.
pub async fn item(conn: &mut Conn, env: Env, user: &str, id: NotificationId) -> Result<Option<Item>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} {FROM} WHERE s.environment = $1 AND s.user_id = $2 AND s.notification = $3"
    ));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(env.0)
        .bind(user)
        .bind(id.bare())
        .fetch_optional(c)
        .await?);
    row.map(Item::try_from).transpose()
}

/// A state with the feed's head, from one snapshot: what a change is planned from.
pub fn known(item: &Item, head: &Head) -> KnownState {
    KnownState {
        notification: item.notification.id,
        app: item.notification.app,
        tenant: item.notification.tenant.clone(),
        seq: item.seq,
        times: item.times,
        head: head.seq,
    }
}

/// "Mark all" as a client is told of it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Marked {
    /// The number it took.
    pub seq: i64,
    /// `read` or `seen`.
    pub mark: String,
    /// Bare id of the application it was limited to.
    pub app: Option<String>,
    /// The tenant it was limited to.
    pub tenant: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
}

/// Changes of a feed after a number.
#[derive(Debug)]
pub struct Changes {
    /// Items whose last change is later, in order.
    pub items: Vec<Item>,
    /// Marks that are later, in order.
    pub marks: Vec<Marked>,
    /// Everything up to here is told.
    pub through: i64,
}

/// What changed after `after` and up to `head`, at most about `limit` changes; `through` tells how far the answer reaches.
pub async fn changes(
    conn: &mut Conn,
    env: Env,
    user: &str,
    after: i64,
    head: i64,
    limit: i64,
) -> Result<Changes> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} {FROM} WHERE s.environment = $1 AND s.user_id = $2 AND s.seq > $3 AND s.seq <= $4 ORDER BY s.seq LIMIT $5"
    ));
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(user)
            .bind(after)
            .bind(head)
            .bind(limit)
            .fetch_all(c)
            .await?
    });
    let items = rows.into_iter().map(Item::try_from).collect::<Result<Vec<_>>>()?;
    let full = i64::try_from(items.len()).unwrap_or(i64::MAX) >= limit;
    let through = if full {
        items.last().map_or(head, |item| item.seq)
    } else {
        head
    };
    let marks: Vec<Marked> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT seq, mark, app, tenant, at FROM marks
             WHERE environment = $1 AND user_id = $2 AND seq > $3 AND seq <= $4 ORDER BY seq",
        )
        .bind(env.0)
        .bind(user)
        .bind(after)
        .bind(through)
        .fetch_all(c)
        .await?
    });
    Ok(Changes {
        items,
        marks,
        through,
    })
}

/// A feed that moved, as [`moved`] lists them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Moved {
    /// When it changed last, milliseconds since the Unix epoch.
    pub changed_at: i64,
    /// Environment.
    pub environment: i64,
    /// Whose.
    pub user_id: String,
    /// How far it has come.
    pub seq: i64,
}

/// Feeds that changed since, in the order of their changes; the next page begins behind `after`.
pub async fn moved(conn: &mut Conn, since: i64, after: Option<&Moved>, limit: i64) -> Result<Vec<Moved>> {
    let (at, environment, user) = after.map_or((since, 0, ""), |last| {
        (last.changed_at, last.environment, last.user_id.as_str())
    });
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT changed_at, environment, user_id, seq FROM feeds
             WHERE (changed_at, environment, user_id) > ($1, $2, $3) ORDER BY changed_at, environment, user_id LIMIT $4",
        )
        .bind(at)
        .bind(environment)
        .bind(user)
        .bind(limit)
        .fetch_all(c)
        .await?
    }))
}

/// States whose time is over: `(environment, user, notification)`.
pub async fn expired(conn: &mut Conn, now: i64, limit: i64) -> Result<Vec<(Env, String, NotificationId)>> {
    let rows: Vec<(i64, String, String)> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT environment, user_id, notification FROM states
             WHERE expires_at IS NOT NULL AND expired_at IS NULL AND clicked_at IS NULL AND dismissed_at IS NULL AND deleted_at IS NULL
               AND expires_at <= $1
             ORDER BY expires_at LIMIT $2",
        )
        .bind(now)
        .bind(limit)
        .fetch_all(c)
        .await?
    });
    rows.into_iter()
        .map(|(env, user, id)| Ok((Env(env), user, app::id(&id)?)))
        .collect()
}

/// When the next state is over, milliseconds since the Unix epoch.
pub async fn next_expiry(conn: &mut Conn) -> Result<Option<i64>> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT min(expires_at) FROM states
             WHERE expires_at IS NOT NULL AND expired_at IS NULL AND clicked_at IS NULL AND dismissed_at IS NULL AND deleted_at IS NULL",
        )
        .fetch_one(c)
        .await?
    }))
}

/// The oldest "mark all read" of a user that is not settled yet.
pub async fn unsettled(conn: &mut Conn, env: Env, user: &str) -> Result<Option<Marked>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT seq, mark, app, tenant, at FROM marks WHERE environment = $1 AND user_id = $2 AND settled = 0 ORDER BY seq LIMIT 1",
        )
        .bind(env.0)
        .bind(user)
        .fetch_optional(c)
        .await?
    }))
}

/// One slice of the states below a mark whose rows do not say yet that they are read, in the order of their changes.
pub async fn below(
    conn: &mut Conn,
    env: Env,
    user: &str,
    after: i64,
    mark: &Marked,
    limit: i64,
) -> Result<Vec<Item>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} {FROM} WHERE s.environment = $1 AND s.user_id = $2 AND s.seq > $3 AND s.seq < $4
           AND s.read_at IS NULL AND s.expired_at IS NULL AND s.deleted_at IS NULL
           AND ($5 IS NULL OR s.app = $5) AND ($6 IS NULL OR s.tenant = $6) ORDER BY s.seq LIMIT $7"
    ));
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(sql)
            .bind(env.0)
            .bind(user)
            .bind(after)
            .bind(mark.seq)
            .bind(mark.app.as_deref())
            .bind(mark.tenant.as_deref())
            .bind(limit)
            .fetch_all(c)
            .await?
    });
    rows.into_iter().map(Item::try_from).collect()
}
