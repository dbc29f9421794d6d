//! Notifications: created by applications.

use axum::Json;
use axum::extract::State;
use domain::notification::{Action, NotificationInput, Priority, Role};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::tenants::RoleView;
use crate::extract::{Input, OwnApp};
use crate::problem::{Answer, ProblemView};
use crate::state::Api;
use crate::words;

/// A notification to create. It names `users`, a `tenant` (its members) or a `topic` (its subscribers).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NotificationBody {
    /// Recipients by id, at most 10,000.
    pub users: Option<Vec<String>>,
    /// Recipients by membership; beside `users` or `topic` only the tenant it happened in.
    pub tenant: Option<String>,
    /// Only members with this role.
    #[schema(value_type = Option<RoleView>)]
    pub role: Option<Role>,
    /// Recipients by subscription.
    pub topic: Option<String>,
    /// Title.
    pub title: String,
    /// Body.
    pub body: Option<String>,
    /// Where a click leads: a path, or an http, https or mailto link.
    pub link: Option<String>,
    /// Buttons, at most 10.
    #[serde(default)]
    pub actions: Vec<ActionView>,
    /// How much it matters; `normal` when absent.
    #[serde(default)]
    #[schema(value_type = words::Priority, required = false)]
    pub priority: Priority,
    /// Anything your own pages need.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Box<RawValue>>,
    /// RFC 3339; from then on it is expired.
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
    /// Your own id: the same id is created once within 30 days.
    pub external_id: Option<String>,
    /// Name of what happened, for icons and filters.
    pub event: Option<String>,
    /// The event it follows from.
    #[schema(value_type = Option<String>)]
    pub event_id: Option<domain::id::EventId>,
}

/// Something a person can do about it.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionView {
    /// Name that a click reports.
    pub id: String,
    /// What the button says.
    pub label: String,
    /// Where it leads.
    pub url: Option<String>,
}

impl From<NotificationBody> for NotificationInput {
    fn from(body: NotificationBody) -> Self {
        let actions = body.actions.into_iter();
        Self {
            users: body.users,
            tenant: body.tenant,
            role: body.role,
            topic: body.topic,
            title: body.title,
            body: body.body,
            link: body.link,
            actions: actions
                .map(|action| Action {
                    id: action.id,
                    label: action.label,
                    url: action.url,
                })
                .collect(),
            priority: body.priority,
            metadata: body.metadata,
            expires_at: body.expires_at,
            external_id: body.external_id,
            event: body.event,
            event_id: body.event_id,
        }
    }
}

/// A notification was created.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedView {
    /// Its id.
    pub notification_id: String,
    /// Its id again, as in lists.
    pub id: String,
    /// Users reached already; `null` when the audience is reached in the background, and where it was created before.
    pub recipients: Option<usize>,
    /// Whether it was created before, under the same `external_id` or `Idempotency-Key`.
    pub duplicate: bool,
}

/// Create a notification.
///
/// Few named users have it in their feeds when this is answered; larger audiences are reached in the background.
#[utoipa::path(post, path = "/apps/{app}/notifications", tag = "notifications",
    params(("app" = String, Path, description = "Id or uid of the application")),
    request_body = NotificationBody,
    responses((status = 201, body = CreatedView), (status = 200, body = CreatedView), (status = "4XX", body = ProblemView), (status = "5XX", body = ProblemView)))]
pub(crate) async fn create(
    State(api): State<Api>,
    own: OwnApp,
    input: Input<NotificationBody>,
) -> Answer<(StatusCode, Json<CreatedView>)> {
    api.count(&own.caller, "notifications", 1).await?;
    let actor = own.caller.actor();
    let created = api
        .ctx
        .notify(&own.app, input.value.into(), actor, input.once.as_ref())
        .await?;
    let id = created.id.to_string();
    let status = if created.duplicate {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let view = CreatedView {
        notification_id: id.clone(),
        id,
        recipients: created.recipients,
        duplicate: created.duplicate,
    };
    Ok((status, Json(view)))
}
