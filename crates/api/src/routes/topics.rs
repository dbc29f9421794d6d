//! Topics: names that users subscribe to. A topic is there while somebody does.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::topic::Topic;
use utoipa::ToSchema;

use crate::extract::{Input, Manage, Params, Segments};
use crate::fields::{Name, gone};
use crate::page::{List, Paging, list as page_of};
use crate::problem::{Answer, ProblemView};
use crate::state::Api;

/// Users to subscribe.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubscribersBody {
    /// Ids of 1 to 1,000 users.
    pub users: Vec<String>,
}

/// A topic.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopicView {
    /// Its name.
    pub topic: String,
    /// How many subscribe to it.
    pub subscribers: i64,
}

impl From<Topic> for TopicView {
    fn from(topic: Topic) -> Self {
        Self {
            topic: topic.topic,
            subscribers: topic.subscribers,
        }
    }
}

/// A subscriber.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubscriberView {
    /// The user.
    pub user_id: String,
}

/// List topics, by name.
#[utoipa::path(get, path = "/topics", tag = "topics", params(Paging),
    responses((status = 200, body = List<TopicView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<TopicView>>> {
    let page = paging.page(&api)?;
    let topics = store::topic::list(&mut *api.ctx.store.read(env).await?, env, &page).await?;
    Ok(Json(page_of(
        topics,
        &page,
        |topic| topic.topic.clone(),
        TopicView::from,
    )))
}

/// Subscribe users to a topic. Those who do already stay subscribed.
#[utoipa::path(post, path = "/topics/{topic}/subscribers", tag = "topics",
    params(("topic" = String, Path, description = "Name of the topic")), request_body = SubscribersBody,
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn subscribe(
    State(api): State<Api>,
    manage: Manage,
    Segments(topic): Segments<String>,
    input: Input<SubscribersBody>,
) -> Answer<StatusCode> {
    api.ctx
        .subscribe(&manage.caller, &topic, &input.value.users)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List who subscribes to a topic, by user id.
#[utoipa::path(get, path = "/topics/{topic}/subscribers", tag = "topics",
    params(("topic" = String, Path, description = "Name of the topic"), Paging),
    responses((status = 200, body = List<SubscriberView>), (status = "4XX", body = ProblemView)))]
pub(crate) async fn subscribers(
    State(api): State<Api>,
    Manage { env, .. }: Manage,
    Segments(Name(topic)): Segments<Name>,
    Params(paging): Params<Paging>,
) -> Answer<Json<List<SubscriberView>>> {
    let page = paging.page(&api)?;
    let users = store::topic::subscribers(&mut *api.ctx.store.read(env).await?, env, &topic, &page).await?;
    Ok(Json(page_of(users, &page, Clone::clone, |user_id| {
        SubscriberView { user_id }
    })))
}

/// End a subscription.
#[utoipa::path(delete, path = "/topics/{topic}/subscribers/{user}", tag = "topics",
    params(("topic" = String, Path, description = "Name of the topic"), ("user" = String, Path, description = "Your id of the user")),
    responses((status = 204), (status = "4XX", body = ProblemView)))]
pub(crate) async fn unsubscribe(
    State(api): State<Api>,
    manage: Manage,
    Segments(path): Segments<(String, String)>,
) -> Answer<StatusCode> {
    let (topic, user) = path;
    gone(api.ctx.unsubscribe(&manage.caller, &topic, &user).await)
}
