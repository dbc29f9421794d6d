//! One file per noun: request and answer types, then the handlers.

pub(crate) mod apps;
pub(crate) mod audit;
pub(crate) mod cold;
pub(crate) mod deliveries;
pub(crate) mod environment;
pub(crate) mod event_types;
pub(crate) mod events;
pub(crate) mod feed;
pub(crate) mod keys;
pub(crate) mod notifications;
pub(crate) mod stream;
pub(crate) mod tenants;
pub(crate) mod topics;
pub(crate) mod users;
pub(crate) mod webhooks;
