//! One file per noun: request and answer types, then the handlers.

pub(crate) mod apps;
pub(crate) mod audit;
pub(crate) mod channels;
pub(crate) mod cold;
pub(crate) mod configs;
pub(crate) mod deliveries;
pub(crate) mod environment;
pub(crate) mod event_types;
pub(crate) mod events;
pub(crate) mod feed;
pub(crate) mod keys;
pub(crate) mod messages;
pub(crate) mod notifications;
pub(crate) mod preferences;
pub(crate) mod resources;
pub(crate) mod runs;
pub(crate) mod stream;
pub(crate) mod suppressions;
pub(crate) mod templates;
pub(crate) mod tenants;
pub(crate) mod topics;
pub(crate) mod traces;
pub(crate) mod users;
pub(crate) mod webhooks;
pub(crate) mod workflows;
