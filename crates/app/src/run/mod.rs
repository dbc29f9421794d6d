//! Runs: planned from everything that must be known of an event, of its workflow and of its recipients.

mod reached;
mod scene;
mod voice;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::effects::{Effects, Tally};
use domain::event::Event;
use domain::id::{BatchId, EventId, Ids};
use domain::run::{Close, NewRun, RunEffect, RunState, RunStatus, StepLog, StepOutcome};
use domain::workflow::{self, Became, Does, HeldStep, Slots, Start, Walked};
use serde_json::{Value, json};
use store::Reader;
use store::batch::Batch;
use store::run::Run;

use crate::ctx::Ctx;
use crate::error::Result;

pub(crate) use reached::Preferred;
pub use scene::Scene;

use reached::Reached;

/// Activities of a batch that are rendered when the step does not say how many.
const RENDERED: u32 = 100;

/// What was gathered in a batch.
#[derive(Debug)]
pub struct Gathered {
    /// The data of those activities that are rendered, in the order in which they came.
    activities: Vec<Value>,
    /// How many there are.
    total: i64,
}

impl Ctx {
    /// Whether a start may go on under its workflow's limit: the count that keeps its place, or gives it up with the last slice.
    pub async fn take_turn(&self, reader: &mut Reader, scene: &Scene, is_last: bool) -> Result<Turn> {
        let Some((name, limit)) = workflow::slots(&scene.ready.spec, &scene.context) else {
            return Ok(Turn::Free(None));
        };
        let found = store::tally::many(reader, scene.env, std::slice::from_ref(&name)).await?;
        let seen = found.into_iter().next().map(|(_, state)| state);
        let read = seen.as_deref().map(serde_json::from_str::<Slots>);
        let before = read.transpose().ok().flatten().unwrap_or_default();
        let mut slots = before.clone();
        if !slots.take(scene.event.id, limit, self.now()) {
            return Ok(Turn::Wait);
        }
        if is_last {
            slots.leave(scene.event.id);
        }
        let becomes = serde_json::to_string(&slots).ok();
        Ok(Turn::Free((slots != before).then_some(Tally {
            name,
            seen,
            becomes,
        })))
    }

    /// Plans the runs of those of these users who have none yet, each as far as it goes now.
    pub async fn begin_runs(
        &self,
        reader: &mut Reader,
        scene: &Scene,
        start: &Start,
        mut users: Vec<String>,
    ) -> Result<Effects> {
        let env = scene.env;
        let mut ids = self.ids();
        let mut effects = scene.effects(&ids);
        if let Some(key) = &start.cancellation_key {
            users = called_off(reader, scene, (key, start.called_before), users, &mut effects).await?;
        }
        let started: HashSet<String> =
            store::run::started(reader, env, scene.event.id, &scene.ready.spec.key, &users)
                .await?
                .into_iter()
                .collect();
        users.retain(|user| !started.contains(user));
        users.sort_unstable();
        users.dedup();
        if users.is_empty() {
            return Ok(effects);
        }
        let mut reached = self.reached(reader, scene, &users).await?;
        let counted = reached.tallies.clone();
        loop {
            let mut effects = effects.clone();
            for user in &users {
                let run = NewRun {
                    cancellation_key: start.cancellation_key.clone(),
                    ..scene.new_run(user, &mut ids)
                };
                let state = RunState {
                    depth: start.depth,
                    ..RunState::default()
                };
                let kept_out = scene.kept_out(user, &reached);
                let walked = match kept_out {
                    Some(reason) => left_out(reason, &ids),
                    None => scene.walk(&run, &reached, state, None, &mut ids),
                };
                reached.count(&walked.tallies);
                scene.take(run, From::default(), walked, &mut effects, &mut ids);
            }
            if !self.meets_suppressed(reader, &effects, &mut reached).await? {
                return Ok(effects);
            }
            reached.tallies.clone_from(&counted);
        }
    }

    /// Whether a plan's mails go where nothing is to be sent any more, which is known only of addresses that are rendered: plan it again,
    /// knowing that.
    async fn meets_suppressed(
        &self,
        reader: &mut Reader,
        effects: &Effects,
        reached: &mut Reached,
    ) -> Result<bool> {
        let found = self.suppressed(reader, effects).await?;
        let meets = !found.is_empty();
        reached.suppressed.extend(found);
        Ok(meets)
    }

    /// Plans how a run goes on: where `closes` is a batch, with what was gathered there.
    pub async fn continue_run(
        &self,
        reader: &mut Reader,
        scene: &Scene,
        run: &Run,
        closes: Option<&Batch>,
    ) -> Result<Effects> {
        let gathers = closes.map(|batch| batch.id).or(run.gathers);
        let gathered = match gathers {
            Some(batch) => Some(self.gathered(reader, scene, batch, run).await?),
            None => None,
        };
        let close = closes.map(|batch| Close {
            batch: batch.id,
            items: batch.items,
            gathers: run.gathers,
        });
        if gathered.as_ref().is_some_and(|gathered| gathered.total == 0) {
            let mut effects = ended(run, RunStatus::Cancelled, self.now());
            effects.closes = close;
            return Ok(effects);
        }
        let mut ids = self.ids();
        let users = [run.user.clone()];
        let mut reached = self.reached(reader, scene, &users).await?;
        reached.held = held(reader, run).await?;
        reached.became = became(reader, run, &reached.held).await?;
        let kept = kept(run);
        let from = From {
            revision: Some(run.revision),
            gathers,
        };
        let mut effects = loop {
            let walked = match scene.kept_out(&run.user, &reached) {
                Some(reason) => {
                    let mut walked = left_out(reason, &ids);
                    let log = std::mem::replace(&mut walked.state, run.state.clone()).log;
                    walked.state.log.extend(log);
                    walked
                }
                None => scene.walk(&kept, &reached, run.state.clone(), gathered.as_ref(), &mut ids),
            };
            let mut effects = scene.effects(&ids);
            scene.take(kept.clone(), from, walked, &mut effects, &mut ids);
            if !self.meets_suppressed(reader, &effects, &mut reached).await? {
                break effects;
            }
        };
        effects.closes = close;
        Ok(effects)
    }

    /// What a batch gathered; its step says how much of it is rendered.
    async fn gathered(
        &self,
        reader: &mut Reader,
        scene: &Scene,
        batch: BatchId,
        run: &Run,
    ) -> Result<Gathered> {
        let step = batch_step(run);
        let shown = scene
            .ready
            .program_of(&run.user)
            .steps()
            .find_map(|other| match &other.does {
                Does::Batch(batch) if Some(other.name.as_str()) == step => batch.render,
                _ => None,
            });
        let (limit, last) = match shown.unwrap_or(workflow::Shown::First(RENDERED)) {
            workflow::Shown::First(limit) => (limit, false),
            workflow::Shown::Last(limit) => (limit, true),
        };
        let (ids, total) =
            store::batch::activities(reader, scene.env, (batch, run.id), i64::from(limit), last).await?;
        let events: HashMap<EventId, Event> = store::event::find_many(reader, scene.env, &ids)
            .await?
            .into_iter()
            .map(|event| (event.id, event))
            .collect();
        let activities = ids.iter().filter_map(|id| events.get(id)).map(activity).collect();
        Ok(Gathered { activities, total })
    }
}

/// Ends a run where it stands.
pub fn ended(run: &Run, status: RunStatus, now: i64) -> Effects {
    let mut effects = Effects::new(run.env, now);
    effects.runs.push(RunEffect {
        run: kept(run),
        revision: Some(run.revision),
        status,
        state: serde_json::to_string(&run.state).unwrap_or_default(),
        joins: Vec::new(),
        gathers: None,
        awaits: None,
    });
    effects
}

/// A run as plans have it.
fn kept(run: &Run) -> NewRun {
    NewRun {
        id: run.id,
        env: run.env,
        workflow: Arc::from(run.workflow.as_str()),
        version: run.version,
        event: run.event,
        user: run.user.clone(),
        tenant: run.tenant.clone(),
        actor: run.actor.clone(),
        part: run.part.clone(),
        cancellation_key: run.cancellation_key.clone(),
    }
}

/// Where the steps of a run stand that were held up before, by their names: each is followed to where it was gathered with others.
async fn held(reader: &mut Reader, run: &Run) -> Result<HashMap<String, HeldStep>> {
    let mut held = HashMap::new();
    for entry in &run.state.log {
        let Some(part) = entry.run else { continue };
        let Some(mut part) = store::run::get(reader, run.env, part).await? else {
            continue;
        };
        let mut seen = HashSet::from([part.id]);
        while let (RunStatus::Batched, Some(batch)) = (part.status, part.batch) {
            match store::run::of_held(reader, run.env, batch, &part.part).await? {
                Some(next) if seen.insert(next.id) => part = next,
                _ => break,
            }
        }
        let last = part.log().last().cloned();
        // One that was gathered stands until somebody goes on for it.
        let ended = !matches!(part.status, RunStatus::Waiting | RunStatus::Batched);
        held.extend(last.map(|last| {
            let step = HeldStep {
                run: part.id,
                ended,
                entry: last,
            };
            (entry.step.clone(), step)
        }));
    }
    Ok(held)
}

/// What became of what the steps of a run sent, by their names: a message's state, of several the first one's; a notification's status.
async fn became(
    reader: &mut Reader,
    run: &Run,
    held: &HashMap<String, HeldStep>,
) -> Result<HashMap<String, Became>> {
    let mut became = HashMap::new();
    let log = || {
        let log = run.state.log.iter();
        log.map(|entry| held.get(&entry.step).map_or(entry, |held| &held.entry))
    };
    let sent: HashMap<_, _> = log()
        .filter_map(|entry| Some((entry.deliveries.first()?, &entry.step)))
        .collect();
    if !sent.is_empty() {
        let ids: Vec<_> = sent.keys().map(|id| **id).collect();
        for message in store::message::many(reader, run.env, &ids).await? {
            if let Some(step) = sent.get(&message.delivery) {
                became.insert((*step).clone(), Became::message(message.state));
            }
        }
    }
    for entry in log() {
        let Some(id) = entry.notification else { continue };
        if let Some(item) = store::feed::item(reader, run.env, &run.user, id).await? {
            became.insert(entry.step.clone(), Became::notification(&item.times));
        }
    }
    Ok(became)
}

/// Those of these users for whom what was started by this key was not called off since this event. The commit refuses where somebody does so
/// meanwhile.
async fn called_off(
    reader: &mut Reader,
    scene: &Scene,
    (key, called_before): (&str, Option<i64>),
    mut users: Vec<String>,
    effects: &mut Effects,
) -> Result<Vec<String>> {
    let own = domain::id::Prefixed::bare(&scene.own.app.id);
    let workflow = &scene.ready.spec.key;
    let names = |user: Option<&str>| ["", own].map(|app| workflow::cancelled(app, workflow, key, user));
    let all = users.iter().flat_map(|user| names(Some(user)));
    let all: Vec<String> = all.chain(names(None)).collect();
    let found = store::tally::many(reader, scene.env, &all).await?;
    let found: HashMap<String, String> = found.into_iter().collect();
    let is_off = |name: &String| {
        let call: Option<i64> = found.get(name).and_then(|number| number.parse().ok());
        // Numbers are times where the clocks agree; who was started by another workflow did not look.
        call.is_some_and(|call| called_before.map_or(call >= scene.event.created_at, |before| call > before))
    };
    let everybody = names(None).iter().any(is_off);
    users.retain(|user| !everybody && !names(Some(user)).iter().any(is_off));
    effects.tallies.extend(all.into_iter().map(|name| Tally {
        seen: found.get(&name).cloned(),
        becomes: None,
        name,
    }));
    Ok(users)
}

/// What a workflow's limit says to a start.
#[derive(Debug)]
pub enum Turn {
    /// It may go on; the count moves on with it.
    Free(Option<Tally>),
    /// As many as may be are under way.
    Wait,
}

/// Where a plan takes a run up.
#[derive(Clone, Copy, Default)]
struct From {
    /// The revision it was read at; `None` when it is new.
    revision: Option<i64>,
    /// The batch whose activities it goes on with.
    gathers: Option<BatchId>,
}

/// A recipient whom nothing reaches, and why.
fn left_out(reason: &str, ids: &Ids) -> Walked {
    let mut walked = Walked {
        ended: Some(RunStatus::Completed),
        ..Walked::default()
    };
    walked.state.log.push(StepLog {
        step: String::new(),
        does: "recipient".to_owned(),
        at: ids.now(),
        outcome: StepOutcome::Skipped,
        why: Some(json!({"reason": reason})),
        deliveries: Vec::new(),
        notification: None,
        run: None,
        until: None,
    });
    walked
}

/// An event as an activity of a batch.
fn activity(event: &Event) -> Value {
    json!({
        "id": event.id,
        "data": serde_json::from_str::<Value>(&event.data).unwrap_or_default(),
        "occurred_at": domain::time::rfc3339(event.occurred_at),
    })
}

/// The step whose batch a run went into last. (What is held up is gathered too, and shown as that step says.)
fn batch_step(run: &Run) -> Option<&str> {
    let mut log = run.state.log.iter().rev();
    let is_batch = |entry: &&StepLog| entry.outcome == StepOutcome::Batched && entry.does == "batch";
    Some(log.find(is_batch)?.step.as_str())
}
