//! Runs: one recipient going through one workflow.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::environment::Env;
use crate::id::{BatchId, DeliveryId, EventId, NotificationId, RunId, TimerId};
use crate::workflow::Awaits;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum RunStatus {
    /// Waits at a step.
    Waiting = 0,
    /// Went through every step.
    Completed = 1,
    /// Its activity went into a batch that another run began; that one goes on for both.
    Batched = 2,
    /// Was called off.
    Cancelled = 3,
    /// Could not go on: the workflow it began with is gone, or defective.
    Failed = 4,
}

impl RunStatus {
    /// Every status, in the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Completed,
        Self::Batched,
        Self::Cancelled,
        Self::Failed,
    ];

    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::Batched => "batched",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Reads the number in tables.
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// Whether nothing more will happen by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Waiting)
    }
}

/// What became of a step, with what decided it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepLog {
    /// The step's name.
    pub step: String,
    /// What it does, such as `email`.
    pub does: String,
    /// When, milliseconds since the Unix epoch.
    pub at: i64,
    /// What became of it.
    pub outcome: StepOutcome,
    /// What decided it, where something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<serde_json::Value>,
    /// The deliveries it made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<DeliveryId>,
    /// The notification it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification: Option<NotificationId>,
    /// The run that the step goes on as, by itself, where it is held up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// Until when it waits, milliseconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// It did what it is for.
    Done,
    /// It was left out, for a reason.
    Skipped,
    /// It waits.
    Waiting,
    /// Its activity was gathered.
    Batched,
    /// It is held up, and goes on by itself while the run goes on without it.
    Held,
    /// It could not be done.
    Failed,
}

impl StepOutcome {
    /// Every outcome.
    pub const ALL: [Self; 6] = [
        Self::Done,
        Self::Skipped,
        Self::Waiting,
        Self::Batched,
        Self::Held,
        Self::Failed,
    ];

    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Waiting => "waiting",
            Self::Batched => "batched",
            Self::Held => "held",
            Self::Failed => "failed",
        }
    }
}

/// What a run remembers between its steps: kept as JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RunState {
    /// The place in the program where it goes on.
    pub at: usize,
    /// What became of the steps so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<StepLog>,
    /// When a message was first asked for that is held up, milliseconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<i64>,
    /// How many workflows triggered each other up to here.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub depth: u32,
    /// What steps found out, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub found: BTreeMap<String, serde_json::Value>,
}

/// A run about to be written.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Its id.
    pub id: RunId,
    /// Environment.
    pub env: Env,
    /// Key of its workflow.
    pub workflow: Arc<str>,
    /// The version it began with, and keeps.
    pub version: i64,
    /// The event it follows from.
    pub event: EventId,
    /// Its recipient.
    pub user: String,
    /// Tenant it happens in.
    pub tenant: Option<String>,
    /// Who caused it.
    pub actor: Option<String>,
    /// The one step it takes, where that was held up in another run; else empty.
    pub part: String,
    /// What its caller calls it off by.
    pub cancellation_key: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A run as a plan leaves it: a new one, or one that went on.
#[derive(Debug, Clone)]
pub struct RunEffect {
    /// The run.
    pub run: NewRun,
    /// The revision it was read at; `None` when it is new. Another one means that it moved: the plan is refused.
    pub revision: Option<i64>,
    /// Where it stands now.
    pub status: RunStatus,
    /// What it remembers, as JSON.
    pub state: String,
    /// The batches that it opens for others to join, and the one that its own activity goes into.
    pub joins: Vec<Join>,
    /// The batch whose activities it goes on with from here on.
    pub gathers: Option<BatchId>,
    /// What it waits for that others do.
    pub awaits: Option<Awaits>,
}

/// An activity on its way into a batch: it joins the open one, or opens a new one.
#[derive(Debug, Clone)]
pub struct Join {
    /// Which batches it may join: workflow, step, recipient and key.
    pub group: String,
    /// What is demanded of the group; refused, when it is not so any more, and planned again.
    pub demands: Demand,
    /// The batch it opens, where none is open.
    pub opens: BatchId,
    /// The timer that closes that one.
    pub timer: TimerId,
    /// When that one closes, milliseconds since the Unix epoch.
    pub closes_at: i64,
    /// A sliding window moves on with every activity: by so much from now, but not beyond so much from its beginning (milliseconds).
    pub slides: Option<(i64, i64)>,
    /// Activities with which it closes at once.
    pub close_at: Option<u32>,
}

/// What a join demands of the group it joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Nothing.
    Nothing,
    /// That a batch is open.
    Open,
    /// That none is open: the first goes on at once.
    None,
}

/// A batch that closes: what was gathered goes on. Refused when something joined since it was read.
#[derive(Debug, Clone)]
pub struct Close {
    /// The batch.
    pub batch: BatchId,
    /// Activities in it when it was read.
    pub items: i64,
    /// What the run that goes on for it had gathered before.
    pub gathers: Option<BatchId>,
}
