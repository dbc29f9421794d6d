//! The walk: from a place in a program on, as far as it goes now.

mod people;
mod programs;
mod told;
mod waiting;

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use crate::channel::Channel;
use crate::delivery::NewDelivery;
use crate::effects::{NewTimer, Tally};
use crate::environment::TextLimits;
use crate::event::Event;
use crate::id::{Ids, RunId};
use crate::notification::Notification;
use crate::path::Path;
use crate::run::{Demand, Join, NewRun, RunState, RunStatus, StepLog, StepOutcome};
use crate::workflow::awaited::{Awaits, Became};
use crate::workflow::name_of;
use crate::workflow::program::{Op, Program};
use crate::workflow::spec::{Batch, Branch, Does, Limit, Step};

pub use told::{Asked, Fetching, Leave, Leaving, Rendered, Target, Told, Way};

/// Steps one walk takes at most: branches cannot lead back, so this only bounds what a program may be.
const MOST_STEPS: usize = 1_000;
/// Workflows that trigger each other, one behind the other: a circle ends here.
const MOST_DEPTH: u32 = 8;
/// A defect of ours: what a step does and how it is rendered are one thing.
const MISMATCH: &str = "it was rendered as something else";

/// Everything a walk must know.
#[expect(missing_debug_implementations, reason = "who is asked has no form to show")]
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The run.
    pub run: &'a NewRun,
    /// Its workflow's steps.
    pub program: &'a Program,
    /// The event it follows from.
    pub event: &'a Event,
    /// What conditions and templates see: `data`, `recipient`, `tenant`, `actor`, `event`, and in a batch `activities`.
    pub context: &'a Value,
    /// The recipient's time zone.
    pub zone: &'a str,
    /// Longest texts of a notification.
    pub limits: TextLimits,
    /// Of the groups whose first activity goes on at once, those with an open batch.
    pub open: &'a HashSet<String>,
    /// What throttles have counted, by what they count.
    pub tallies: &'a HashMap<String, String>,
    /// What became of what earlier steps sent, by their names.
    pub became: &'a HashMap<String, Became>,
    /// Where the steps stand that were held up before, by their names.
    pub held: &'a HashMap<String, HeldStep>,
    /// Who is asked.
    pub told: &'a dyn Told,
}

/// Where a step stands that was held up before, and goes on by itself.
#[derive(Debug, Clone)]
pub struct HeldStep {
    /// The run that takes it by now: its own, or one that it was gathered into.
    pub run: RunId,
    /// Whether that run has ended.
    pub ended: bool,
    /// What became of the step there.
    pub entry: StepLog,
}

/// Where a walk led.
#[derive(Debug, Default)]
pub struct Walked {
    /// What the run remembers.
    pub state: RunState,
    /// Whether it ended; `None` while it waits.
    pub ended: Option<RunStatus>,
    /// Notifications that arrive in the recipient's feed.
    pub notifications: Vec<Notification>,
    /// Deliveries.
    pub deliveries: Vec<NewDelivery>,
    /// The batches that it opens for others to join, and the one its own activity goes into.
    pub joins: Vec<Join>,
    /// When it goes on.
    pub timer: Option<NewTimer>,
    /// What it waits for that others do.
    pub awaits: Option<Awaits>,
    /// Steps that are held up and go on by themselves.
    pub held: Vec<Held>,
    /// Counts that move on.
    pub tallies: Vec<Tally>,
    /// Events for those who subscribed to them.
    pub published: Vec<Event>,
    /// Events that trigger other workflows.
    pub triggered: Vec<Event>,
    /// The starts of those.
    pub starts: Vec<NewTimer>,
}

/// A step that is held up: it goes on as a run of its own, which takes this step alone.
#[derive(Debug)]
pub struct Held {
    /// That run's id.
    pub run: RunId,
    /// The step's name.
    pub part: String,
    /// What the run remembers.
    pub state: RunState,
    /// The batch its activity goes into, where it is gathered with others.
    pub join: Option<Join>,
    /// When it goes on, where it is not.
    pub timer: Option<NewTimer>,
}

/// Takes steps from where the run stands until it ends or waits.
pub fn walk(facts: &Facts<'_>, state: RunState, ids: &mut Ids) -> Walked {
    let mut walk = Walk {
        facts,
        context: facts.context.clone(),
        out: Walked {
            state,
            ..Walked::default()
        },
        ids,
    };
    walk.recall();
    for _ in 0..MOST_STEPS {
        let at = walk.out.state.at;
        let goes_on = match facts.program.op(at) {
            None => break,
            Some(Op::Jump(to)) => {
                walk.out.state.at = *to;
                true
            }
            Some(Op::Branch(step, ways)) => walk.branch(step, ways),
            Some(Op::Do(step)) => walk.step(step),
        };
        if !goes_on {
            return walk.out;
        }
        if !facts.run.part.is_empty() {
            break;
        }
    }
    walk.out.ended = Some(RunStatus::Completed);
    walk.out
}

struct Walk<'a, 'b> {
    facts: &'b Facts<'a>,
    context: Value,
    out: Walked,
    ids: &'b mut Ids,
}

impl Walk<'_, '_> {
    /// Lets conditions see what earlier steps, and what they sent, became.
    fn recall(&mut self) {
        self.context["run"] = json!({"id": self.facts.run.id, "workflow": &*self.facts.run.workflow});
        self.context["steps"] = json!({});
        for entry in &self.out.state.log {
            self.context["steps"][entry.step.as_str()] = seen(entry);
        }
        for (step, became) in self.facts.became {
            self.context["steps"][step.as_str()]["state"] = json!(became.state);
        }
        self.context["found"] = json!(self.out.state.found);
    }

    fn note(&mut self, step: &Step, outcome: StepOutcome, why: Option<Value>) -> &mut StepLog {
        let entry = StepLog {
            step: step.name.clone(),
            does: step.does.word().to_owned(),
            at: self.ids.now(),
            outcome,
            why,
            deliveries: Vec::new(),
            notification: None,
            run: None,
            until: None,
        };
        self.context["steps"][step.name.as_str()] = seen(&entry);
        let log = &mut self.out.state.log;
        log.push(entry);
        let last = log.len() - 1;
        &mut log[last]
    }

    /// Leaves a step behind; `true`, so that the walk goes on.
    fn next(&mut self) -> bool {
        self.out.state.at += 1;
        true
    }

    fn skip(&mut self, step: &Step, why: Value) -> bool {
        self.note(step, StepOutcome::Skipped, Some(why));
        self.next()
    }

    fn fail(&mut self, step: &Step, why: &str) -> bool {
        self.note(
            step,
            StepOutcome::Failed,
            Some(json!({"reason": "failed", "error": why})),
        );
        self.next()
    }

    /// Takes a step; `false` when the run waits there.
    fn step(&mut self, step: &Step) -> bool {
        // Who comes back to where it waited is not asked again whether to go there.
        let waited = !self.facts.run.part.is_empty()
            || matches!(step.does, Does::Delay(_) | Does::WaitFor(_) | Does::Fetch(_))
                && self.was(step, StepOutcome::Waiting);
        if let Some(condition) = step.condition.as_ref().filter(|_| !waited) {
            let found = condition.evaluate(&self.context, self.ids.now());
            if !found.holds {
                return self.skip(step, json!({"reason": "condition", "because": found.because}));
            }
        }
        match &step.does {
            Does::InApp(in_app) => self.in_app(step, in_app),
            Does::Email(_) => self.message(step, Channel::Email),
            Does::Slack(_) => self.message(step, Channel::Slack),
            Does::Teams(_) => self.message(step, Channel::Teams),
            Does::Batch(batch) => self.batch(step, batch),
            Does::Delay(delay) => self.delay(step, delay),
            Does::Throttle(limit) => self.throttle(step, limit),
            Does::Branch(_) => self.next(),
            Does::Webhook(webhook) => self.webhook(step, webhook),
            Does::Trigger(trigger) => self.trigger(step, trigger),
            Does::Fetch(_) => self.fetch(step),
            Does::WaitFor(wait) => self.wait_for(step, wait),
        }
    }

    fn branch(&mut self, step: &Step, ways: &[usize]) -> bool {
        let Does::Branch(Branch { arms, .. }) = &step.does else {
            return self.next();
        };
        let now = self.ids.now();
        let held = step
            .condition
            .as_ref()
            .is_none_or(|condition| condition.evaluate(&self.context, now).holds);
        let taken = arms
            .iter()
            .position(|arm| held && arm.condition.evaluate(&self.context, now).holds);
        let way = taken.map_or_else(|| json!("otherwise"), |arm| json!(arm));
        self.note(step, StepOutcome::Done, Some(json!({"way": way})));
        self.out.state.at = ways[taken.unwrap_or(arms.len())];
        true
    }

    /// Whether the run stopped at this step like that before, and now comes back to it.
    fn was(&self, step: &Step, outcome: StepOutcome) -> bool {
        let mut before = self.out.state.log.iter().filter(|entry| entry.step == step.name);
        before.any(|entry| entry.outcome == outcome)
    }

    /// Takes one of what a throttle lets through; where none is left, the run ends.
    fn throttle(&mut self, step: &Step, limit: &Limit) -> bool {
        let now = self.ids.now();
        let (name, key) = counted(step, limit, self.facts.run, &self.context);
        let seen = self.facts.tallies.get(&name).cloned();
        let read = seen.as_deref().map(serde_json::from_str).transpose();
        let taken = limit
            .throttle()
            .take(read.ok().flatten().unwrap_or_default(), now);
        if !taken.allowed {
            let next = crate::time::rfc3339(taken.next_free_at);
            let why = json!({"reason": "throttle", "key": key, "next_at": next});
            self.note(step, StepOutcome::Skipped, Some(why));
            self.out.ended = Some(RunStatus::Completed);
            return false;
        }
        let becomes = serde_json::to_string(&taken.state).ok();
        self.out.tallies.push(Tally { name, seen, becomes });
        self.note(step, StepOutcome::Done, None);
        self.next()
    }

    fn batch(&mut self, step: &Step, batch: &Batch) -> bool {
        let now = self.ids.now();
        let (group, key) = group(step, batch, self.facts.run, &self.context);
        let demands = match (batch.first_at_once, self.facts.open.contains(&group)) {
            (false, _) => Demand::Nothing,
            (true, true) => Demand::Open,
            (true, false) => Demand::None,
        };
        self.out.joins.push(Join {
            group,
            demands,
            opens: self.ids.fresh(),
            timer: self.ids.fresh(),
            closes_at: batch.window.closes_at(now, now, self.facts.zone),
            slides: batch.window.slides(),
            close_at: batch.close_at,
        });
        if demands == Demand::None {
            self.note(step, StepOutcome::Done, Some(json!({"key": key, "first": true})));
            return self.next();
        }
        self.note(step, StepOutcome::Batched, Some(json!({"key": key})));
        // Whoever goes on when it closes goes on behind this step.
        self.out.state.at += 1;
        self.out.ended = Some(RunStatus::Batched);
        false
    }
}

/// Which batches a step's activity may join, in a form of one length, and the key that is part of it.
pub fn group(step: &Step, batch: &Batch, run: &NewRun, context: &Value) -> (String, String) {
    let key = key(batch.key.as_ref(), context);
    (grouped("batch", step, run, &key), key)
}

/// What a throttle counts, in a form of one length, and the key that is part of it.
pub fn counted(step: &Step, limit: &Limit, run: &NewRun, context: &Value) -> (String, String) {
    let key = key(limit.key.as_ref(), context);
    if limit.shared {
        let everybody = NewRun {
            user: String::new(),
            ..run.clone()
        };
        return (grouped("throttle", step, &everybody, &key), key);
    }
    (grouped("throttle", step, run, &key), key)
}

/// The value of a key, as text; empty where there is none.
pub(super) fn key(path: Option<&Path>, context: &Value) -> String {
    path.and_then(|path| text_at(path, context)).unwrap_or_default()
}

/// The value that stands there, as text.
pub(super) fn text_at(path: &Path, context: &Value) -> Option<String> {
    match path.get(context)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// What distinguishes a batch from others, in a form of one length.
fn grouped(kind: &str, step: &Step, run: &NewRun, key: &str) -> String {
    let tenant = run.tenant.as_deref().unwrap_or_default();
    name_of(&[kind, &*run.workflow, &step.name, &run.user, tenant, key])
}

/// A step as conditions see it.
fn seen(entry: &StepLog) -> Value {
    json!({
        "state": match entry.outcome {
            StepOutcome::Done => "sent",
            StepOutcome::Skipped => "skipped",
            StepOutcome::Waiting => "waiting",
            StepOutcome::Batched => "batched",
            StepOutcome::Held => "held",
            StepOutcome::Failed => "failed",
        },
        "reason": entry.why.as_ref().and_then(|why| why.get("reason")),
    })
}
