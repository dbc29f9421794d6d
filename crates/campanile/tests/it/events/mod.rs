//! Events: published, refused, published once, listed, and how they look outside.

mod batch;
mod filters;
mod once;
mod outside;
mod refused;
mod types;
mod verbatim;
