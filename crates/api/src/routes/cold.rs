//! The routes of what is configured rather than published: who is who, and where things go.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{
    apps, audit, catalogue, channels, configs, deliveries, environment, event_types, keys, messages, portal,
    preferences, resources, runs, session, statistics, suppressions, team, templates, tenants, topics,
    traces, users, webhooks, workflows,
};
use crate::document::{limited, once};
use crate::state::Api;

/// Routes relative to `/api/v1`.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    people()
        .merge(once(limited(webhooks())))
        .merge(once(configured()))
        .merge(once(workflows()))
        .merge(console())
}

/// Who signs in, and what others set up themselves.
fn console() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(session::get, session::delete))
        .routes(routes!(session::sign_in))
        .routes(routes!(session::mail))
        .routes(routes!(session::portal))
        .routes(routes!(team::list))
        .routes(routes!(team::update, team::delete))
        .routes(routes!(team::invite, team::invitations))
        .routes(routes!(team::uninvite))
        .routes(routes!(portal::get))
        .routes(routes!(portal::close))
        .merge(once(
            OpenApiRouter::new()
                .routes(routes!(portal::of_tenant))
                .routes(routes!(portal::of_app)),
        ))
}

/// What happens for an event or a trigger, and what became of it.
fn workflows() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(workflows::list))
        .routes(routes!(workflows::put, workflows::get, workflows::delete))
        .routes(routes!(workflows::versions))
        .routes(routes!(workflows::version))
        .routes(routes!(templates::list))
        .routes(routes!(templates::put, templates::get, templates::delete))
        .routes(routes!(resources::put, resources::get))
        .routes(routes!(channels::list))
        .routes(routes!(channels::put, channels::get, channels::delete))
        .routes(routes!(suppressions::list))
        .routes(routes!(
            suppressions::put,
            suppressions::get,
            suppressions::delete
        ))
        .routes(routes!(configs::list, configs::create))
        .routes(routes!(configs::choices))
        .routes(routes!(configs::update, configs::delete))
        .routes(routes!(runs::list))
        .routes(routes!(runs::get))
        .routes(routes!(traces::event))
        .routes(routes!(traces::user))
        .routes(routes!(messages::list))
        .routes(routes!(messages::get))
        .routes(routes!(messages::retry))
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
        .routes(routes!(statistics::get))
}

fn people() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(users::list))
        .routes(routes!(users::put, users::get, users::delete))
        .routes(routes!(users::token))
        .routes(routes!(users::installations))
        .merge(limited(OpenApiRouter::new().routes(routes!(configs::test))))
        .routes(routes!(messages::retry_many))
        .routes(routes!(workflows::cancel))
        .routes(routes!(workflows::preview))
        .routes(routes!(preferences::put_default, preferences::get_default))
        .routes(routes!(preferences::put_tenant, preferences::get_tenant))
        .routes(routes!(
            preferences::put_user,
            preferences::patch_user,
            preferences::get_user
        ))
        .routes(routes!(preferences::choices))
        .routes(routes!(preferences::link))
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
        .routes(routes!(catalogue::list))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::get))
        .routes(routes!(deliveries::retry))
}
