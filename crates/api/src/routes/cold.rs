//! The routes of what is configured rather than published: who is who, and where things go.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{apps, audit, deliveries, environment, event_types, keys, tenants, topics, users, webhooks};
use crate::document::{limited, once};
use crate::state::Api;

/// Routes relative to `/api/v1`.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    people()
        .merge(once(limited(webhooks())))
        .merge(once(configured()))
}

fn configured() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        // Applications and keys.
        .routes(routes!(apps::create, apps::list))
        .routes(routes!(apps::get, apps::update, apps::delete))
        .routes(routes!(apps::installations))
        .routes(routes!(apps::install, apps::uninstall))
        .routes(routes!(keys::create_for_app, keys::list_of_app))
        .routes(routes!(keys::revoke_of_app))
        .routes(routes!(keys::create, keys::list))
        .routes(routes!(keys::revoke))
        .routes(routes!(keys::create_token_key, keys::list_token_keys))
        .routes(routes!(keys::delete_token_key))
        .routes(routes!(keys::rotate_token_secret))
        // The environment.
        .routes(routes!(event_types::create, event_types::list))
        .routes(routes!(
            event_types::get,
            event_types::update,
            event_types::delete
        ))
        .routes(routes!(environment::get, environment::update))
        .routes(routes!(audit::list))
}

fn people() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(users::list))
        .routes(routes!(users::put, users::get, users::delete))
        .routes(routes!(users::token))
        .routes(routes!(users::installations))
        .routes(routes!(tenants::list))
        .routes(routes!(tenants::put, tenants::get, tenants::delete))
        .routes(routes!(tenants::application))
        .routes(routes!(tenants::members))
        .routes(routes!(tenants::put_member, tenants::delete_member))
        .routes(routes!(topics::list))
        .routes(routes!(topics::subscribe, topics::subscribers))
        .routes(routes!(topics::unsubscribe))
}

fn webhooks() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(webhooks::create, webhooks::list))
        .routes(routes!(webhooks::get, webhooks::update, webhooks::delete))
        .routes(routes!(webhooks::rotate_secret))
        .routes(routes!(webhooks::test))
        .routes(routes!(webhooks::recover))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::get))
        .routes(routes!(deliveries::retry))
}
