//! The live line: WebSocket and server-sent events.

mod closing;
mod events;
mod feed;
mod resume;
mod slow;
mod sse;
