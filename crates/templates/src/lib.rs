//! Liquid templates for messages.
//!
//! Pure: no IO, no clock; it knows no other room. Everything that can be wrong with a source is found when it is read, with
//! line and column, so that a message never fails for it when it is due. A render is bounded: its output, the turns of its
//! loops, and its work altogether ([`Limits`]). What a template prints is escaped for its channel ([`Escape`]).

mod chain;
mod compile;
pub mod email;
mod error;
mod escape;
mod filters;
mod lex;
mod locale;
mod meter;
mod nodes;
mod partials;
mod pieces;
mod scope;
mod template;
mod variables;

pub use error::{Cause, Exceeded, RenderError, SyntaxError};
pub use escape::Escape;
pub use locale::Localized;
pub use meter::Limits;
pub use partials::{Layout, Partials};
pub use template::{Condition, Expression, Template};
