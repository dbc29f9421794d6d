//! A notification as one user has it: the same shape in lists, answers and on the live line.

use domain::feed::{Counters, Status};
use domain::id::{AppId, Ksuid};
use domain::notification::Priority;
use domain::time::rfc3339;
use serde::Serialize;
use serde_json::value::RawValue;
use store::feed::{Item, Marked};
use utoipa::ToSchema;

use crate::words;

/// A notification as one user has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemView {
    /// Id of the notification.
    pub id: String,
    /// Id of its in-app delivery to this user.
    pub delivery_id: String,
    /// The number of its last change in the user's sequence.
    pub seq: i64,
    /// Whose.
    pub user_id: String,
    /// The application that created it.
    pub app: ItemApp,
    /// Tenant it happened in.
    pub tenant: Option<String>,
    /// Name of what happened.
    pub event: Option<String>,
    /// The event it follows from.
    pub event_id: Option<String>,
    /// The creator's own id.
    pub external_id: Option<String>,
    /// Title.
    pub title: String,
    /// Body.
    pub body: Option<String>,
    /// Where a click leads.
    pub link: Option<String>,
    /// Buttons: `{id, label, url}` each.
    #[schema(value_type = Vec<Object>)]
    pub actions: Box<RawValue>,
    /// How much it matters.
    #[schema(value_type = words::Priority)]
    pub priority: Priority,
    /// The creator's metadata.
    #[schema(value_type = Object)]
    pub metadata: Box<RawValue>,
    /// Where it stands with its user.
    #[schema(value_type = words::NotificationStatus)]
    pub status: Status,
    /// Whether it was read.
    pub is_read: bool,
    /// Whether it was removed from the feed.
    pub deleted: bool,
    /// When it arrived.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was first shown.
    #[schema(format = DateTime)]
    pub seen_at: Option<String>,
    /// When it was read.
    #[schema(format = DateTime)]
    pub read_at: Option<String>,
    /// When it was followed.
    #[schema(format = DateTime)]
    pub clicked_at: Option<String>,
    /// When it was put away.
    #[schema(format = DateTime)]
    pub dismissed_at: Option<String>,
    /// When it will be over.
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
    /// When it was over.
    #[schema(format = DateTime)]
    pub expired_at: Option<String>,
}

/// The application that created a notification.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemApp {
    /// Its id.
    pub id: String,
    /// Its own id at the caller.
    pub uid: Option<String>,
    /// Its name.
    pub name: String,
}

/// JSON text that was checked when it came in; anything else is `null`.
fn raw(text: Option<&str>, absent: &str) -> Box<RawValue> {
    let text = text.unwrap_or(absent).to_owned();
    RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

impl From<&Item> for ItemView {
    fn from(item: &Item) -> Self {
        let content = &item.notification;
        let times = &item.times;
        Self {
            id: content.id.to_string(),
            delivery_id: item.delivery.to_string(),
            seq: item.seq,
            user_id: item.user.clone(),
            app: ItemApp {
                id: content.app.to_string(),
                uid: item.app.0.clone(),
                name: item.app.1.clone(),
            },
            tenant: content.tenant.clone(),
            event: content.event.clone(),
            event_id: content.event_id.map(|id| id.to_string()),
            external_id: content.external_id.clone(),
            title: content.title.clone(),
            body: content.body.clone(),
            link: content.link.clone(),
            actions: raw(content.actions.as_deref(), "[]"),
            priority: content.priority,
            metadata: raw(content.metadata.as_deref(), "{}"),
            status: times.status(),
            is_read: times.read_at.is_some(),
            deleted: times.deleted_at.is_some(),
            created_at: rfc3339(content.created_at),
            seen_at: times.seen_at.map(rfc3339),
            read_at: times.read_at.map(rfc3339),
            clicked_at: times.clicked_at.map(rfc3339),
            dismissed_at: times.dismissed_at.map(rfc3339),
            expires_at: content.expires_at.map(rfc3339),
            expired_at: times.expired_at.map(rfc3339),
        }
    }
}

/// Numbers on the bell.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct CountersView {
    /// Unread.
    pub unread: i64,
    /// Unread and not yet shown in an open bell.
    pub unseen: i64,
}

impl From<Counters> for CountersView {
    fn from(counters: Counters) -> Self {
        Self {
            unread: counters.unread,
            unseen: counters.unseen,
        }
    }
}

/// "Mark all": every item of its scope whose own `seq` is below the mark's counts as read (or seen).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MarkView {
    /// The number it took in the user's sequence.
    pub seq: i64,
    /// `read` or `seen`.
    #[schema(value_type = words::MarkStatus)]
    pub status: String,
    /// Only items of this application.
    pub app: Option<String>,
    /// Only items of this tenant.
    pub tenant: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
}

impl From<&Marked> for MarkView {
    fn from(mark: &Marked) -> Self {
        Self {
            seq: mark.seq,
            status: mark.mark.clone(),
            app: mark
                .app
                .as_deref()
                .and_then(Ksuid::parse)
                .map(|id| AppId::from(id).to_string()),
            tenant: mark.tenant.clone(),
            at: rfc3339(mark.at),
        }
    }
}
