//! Workflows: what happens for an event or a trigger, step by step, for each recipient.
//!
//! An author declares a [`Workflow`]; a version of it is laid out as a [`Program`]; a run is one recipient at one place of it. [`walk`] is
//! the plan: from a place on, and from everything that must be known, it takes steps until the run ends or must wait, and says what
//! follows. It is pure: texts are rendered by who is handed to it.

/// The type of the event that a trigger is.
pub const TRIGGERED: &str = "workflow.triggered";

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

mod awaited;
mod check;
mod program;
mod spec;
mod start;
mod walk;

pub use awaited::{Awaits, Became, Becomes, Pattern, hears};
pub use check::{check, places};
pub use program::{Op, Program};
pub use spec::{
    ActionSource, Arm, AwaitedEvent, Batch, Branch, Concurrency, Delay, Does, Email, EventTrigger, Fetch,
    FetchMethod, InApp, Limit, Locales, Post, Selector, Shown, Source, Step, Trigger, WaitFor, Webhook,
    Workflow, translated,
};
pub use start::{
    Recipient, Slots, Start, Waking, actor, calls_off, cancelled, context, refused, select, slots, starts,
    tenant, wakes,
};
pub use walk::{
    Asked, Facts, Fetching, Held, HeldStep, Leave, Leaving, Rendered, Target, Told, Walked, Way, counted,
    group, walk,
};

/// What distinguishes one thing that is counted from all others, in a form of one length.
fn name_of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // With their lengths: different parts never make the same whole.
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
}
