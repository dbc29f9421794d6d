//! HTTP and WebSocket: routes, extractors, problems, OpenAPI. No logic: each handler takes the authorised thing, does one verb, answers.

mod browser;
mod callback;
mod document;
mod extract;
mod fields;
mod item;
mod leaf;
mod limit;
mod origin;
mod page;
mod parameters;
mod preference_sheet;
mod problem;
mod router;
mod routes;
mod seats;
mod session;
mod state;
mod unsubscribe;
mod words;

pub use router::{openapi, router};
pub use state::{Api, Settings};
