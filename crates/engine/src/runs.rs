//! Runs: started for everybody they reach, slice by slice; let go on when what they wait for has come; gone on with what was gathered.

use app::ctx::Bodies;
use app::run::{Scene, Turn, ended};
use domain::effects::{Effects, Receipt};
use domain::environment::Env;
use domain::event::Event;
use domain::id::{BatchId, Prefixed, RunId};
use domain::run::{Close, RunStatus};
use domain::workflow::{Awaits, Recipient, Start, Waking, context, hears, refused, select};
use serde::Deserialize;
use serde_json::{Value, json};
use store::run::Run;
use store::timer::Timer;
use store::{Page, Reader};

use crate::Result;
use crate::run::Engine;

/// Runs begun in one commit: what one turn among the writers may take, several rows each.
const SLICE: usize = 50;
/// Runs that wait for what others do, looked at at a time.
const WAKES: i64 = 200;
/// How often one look goes on behind the last: a wait costs as much while nothing happens.
const LOOKS: usize = 25;
/// How often a run is planned anew that somebody else moves meanwhile.
const REPLANS: usize = 10;
/// How long a start waits where as many of its key as may be are under way.
const TURN_MS: i64 = 1_000;

/// What a timer of a run remembers.
#[derive(Debug, Deserialize)]
pub(crate) struct Waiting {
    run: RunId,
}

/// What a timer of a batch remembers.
#[derive(Debug, Deserialize)]
pub(crate) struct Closing {
    batch: BatchId,
}

/// Users to begin runs for, and where the start stands after them; `None` at its end.
struct Slice {
    users: Vec<String>,
    next: Option<Start>,
}

impl Engine {
    /// Begins the next slice of a workflow's runs.
    pub(crate) async fn start_workflow(&self, timer: &Timer, state: Start) -> Result<()> {
        let env = timer.env;
        let place = (env, state.event);
        let version = (state.workflow.as_str(), state.version);
        let scene = self.ctx.scene(place, version, state.actor.clone()).await?;
        let Some(scene) = scene else {
            return self.commit(timer, Effects::new(env, self.ctx.now()), None).await;
        };
        if let Some(why) = refused(&scene.ready.spec, &scene.context["data"]) {
            tracing::warn!(event = %state.event, workflow = state.workflow, why, "a workflow's schema refuses the data of an event");
            return self.commit(timer, Effects::new(env, self.ctx.now()), None).await;
        }
        let recipients = recipients(&state, &scene);
        let (is_first, start) = (state.begun == 0, state.clone());
        let mut reader = self.ctx.store.read(env).await?;
        let slice = self.slice(&mut reader, env, state, &recipients).await?;
        let turn = self
            .ctx
            .take_turn(&mut reader, &scene, slice.next.is_none())
            .await?;
        let Turn::Free(tally) = turn else {
            drop(reader);
            return self.wait_until(timer, self.ctx.now() + TURN_MS).await;
        };
        let mut users = slice.users;
        if is_first && scene.reaches_tenant() {
            users.push(String::new());
        }
        let mut effects = self.ctx.begin_runs(&mut reader, &scene, &start, users).await?;
        drop(reader);
        effects.tallies.extend(tally);
        let next = slice.next.map(|mut next| {
            next.begun += effects.runs.len() as u64;
            serde_json::to_string(&next).unwrap_or_default()
        });
        effects.feed.sort_by(|a, b| a.user().cmp(b.user()));
        self.commit(timer, effects, next).await
    }

    /// The next users of a start.
    async fn slice(
        &self,
        reader: &mut Reader,
        env: Env,
        mut state: Start,
        recipients: &[Recipient],
    ) -> Result<Slice> {
        let mut users = Vec::new();
        while users.len() < SLICE {
            let Some(recipient) = recipients.get(state.at) else {
                return Ok(Slice { users, next: None });
            };
            let room = SLICE - users.len();
            let found = self
                .members(reader, env, recipient, state.after.as_deref(), room)
                .await?;
            // A full page may have another behind it.
            if found.len() < room {
                (state.at, state.after) = (state.at + 1, None);
            } else {
                state.after = found.last().cloned();
            }
            users.extend(found);
        }
        Ok(Slice {
            users,
            next: Some(state),
        })
    }

    /// Up to so many users of one recipient, after the last one.
    async fn members(
        &self,
        reader: &mut Reader,
        env: Env,
        recipient: &Recipient,
        after: Option<&str>,
        room: usize,
    ) -> Result<Vec<String>> {
        let page = Page {
            limit: i64::try_from(room).unwrap_or(1),
            after: after.map(str::to_owned),
        };
        let one = |user: &String| {
            if after.is_some() {
                Vec::new()
            } else {
                vec![user.clone()]
            }
        };
        match recipient {
            Recipient::User(user) => Ok(one(user)),
            Recipient::Id(id) => {
                let is_tenant = store::user::get(reader, env, id).await?.is_none()
                    && store::tenant::get(reader, env, id).await?.is_some();
                if is_tenant {
                    members(reader, env, id, &[], &page).await
                } else {
                    Ok(one(id))
                }
            }
            Recipient::Tenant { tenant, roles } => members(reader, env, tenant, roles, &page).await,
            Recipient::Topic(topic) => Ok(store::topic::subscribers(reader, env, topic, &page).await?),
        }
    }

    /// Lets a run go on whose time has come.
    pub(crate) async fn wake(&self, timer: &Timer, state: Waiting) -> Result<()> {
        let (env, now) = (timer.env, self.ctx.now());
        let mut reader = self.ctx.store.read(env).await?;
        let run = store::run::get(&mut reader, env, state.run).await?;
        let Some(run) = run.filter(|run| !run.status.is_final()) else {
            return self.commit(timer, Effects::new(env, now), None).await;
        };
        let until = run.state.log.last().and_then(|entry| entry.until);
        // A clock that was put back: it is not time yet, and no other timer comes.
        if let Some(until) = until.filter(|until| *until > now && *until <= timer.due_at) {
            drop(reader);
            return self.wait_until(timer, until).await;
        }
        // An event that happened before the time was over counts, though nobody was let go on for it yet.
        let awaits = run.awaits.as_ref().filter(|awaits| awaits.becomes == 0);
        if let Some(event) = awaits.filter(|_| until.is_some_and(|until| until <= now))
            && store::wait::is_on_its_way(&mut reader, env, &event.what).await?
        {
            drop(reader);
            return self.wait_until(timer, now + TURN_MS).await;
        }
        drop(reader);
        self.move_on(timer, run, None).await
    }

    /// Lets a run go on, with what a step of it found out, where one did.
    pub(crate) async fn go_on(&self, timer: &Timer, id: RunId, found: Option<(String, Value)>) -> Result<()> {
        let env = timer.env;
        let run = store::run::get(&mut *self.ctx.store.read(env).await?, env, id).await?;
        match run.filter(|run| !run.status.is_final()) {
            Some(run) => self.move_on(timer, run, found).await,
            None => self.commit(timer, Effects::new(env, self.ctx.now()), None).await,
        }
    }

    async fn move_on(&self, timer: &Timer, mut run: Run, found: Option<(String, Value)>) -> Result<()> {
        run.state.found.extend(found);
        let effects = self.onward(&run).await?;
        self.commit(timer, effects, None).await
    }

    /// How a run goes on from where it stands; where nothing is left of what it needs, it ends.
    async fn onward(&self, run: &Run) -> Result<Effects> {
        let Some(scene) = self.ctx.scene_of(run, None).await? else {
            return Ok(ended(run, RunStatus::Failed, self.ctx.now()));
        };
        let mut reader = self.ctx.store.read(run.env).await?;
        self.ctx.continue_run(&mut reader, &scene, run, None).await
    }

    /// Lets those runs go on that wait for an event and may hear it, slice by slice.
    pub(crate) async fn wake_waiting(&self, timer: &Timer, mut state: Waking) -> Result<()> {
        let env = timer.env;
        let mut reader = self.ctx.store.read(env).await?;
        let event = store::event::find(&mut reader, env, state.event).await?;
        let runs = store::wait::awaiting(&mut reader, env, &state.names, &state.after, WAKES).await?;
        drop(reader);
        let Some(event) = event else {
            return self.commit(timer, Effects::new(env, self.ctx.now()), None).await;
        };
        let app = self.ctx.app(env, event.app).await?;
        let speaks_for = app.as_ref().and_then(|app| app.app.tenant.as_deref());
        let context = context(&event);
        let seen = json!({"happened": true, "event": context["event"], "data": context["data"]});
        let last = runs.last().filter(|_| runs.len() as u64 >= WAKES.unsigned_abs());
        state.after = last.map(|id| id.bare().to_owned()).unwrap_or_default();
        let is_awaited = |run: &Run, awaits: &Awaits| {
            let facts = (run.event, run.tenant.as_deref(), &run.state);
            awaits.becomes == 0 && state.names.contains(&awaits.what) && hears(facts, &event, speaks_for)
        };
        // One that fails keeps no other from going on; the timer fires again for it.
        let mut failed = None;
        for run in runs {
            let went_on = self.wake_for((env, run), &event, is_awaited, &seen).await;
            failed = went_on.err().or(failed);
        }
        if let Some(error) = failed {
            return Err(error);
        }
        let next = (!state.after.is_empty()).then(|| serde_json::to_string(&state).unwrap_or_default());
        self.commit(timer, Effects::new(env, self.ctx.now()), next).await
    }

    /// Lets a run go on for an event, unless it is one of the activities that it goes on with.
    async fn wake_for(
        &self,
        (env, id): (Env, RunId),
        event: &Event,
        is_awaited: impl Fn(&Run, &Awaits) -> bool,
        seen: &Value,
    ) -> Result<()> {
        let mut reader = self.ctx.store.read(env).await?;
        let run = store::run::get(&mut reader, env, id).await?;
        if let Some(batch) = run.and_then(|run| run.gathers)
            && store::batch::holds(&mut reader, env, batch, event.id).await?
        {
            return Ok(());
        }
        drop(reader);
        self.has_happened((env, id), is_awaited, Some(seen)).await
    }

    /// Lets those runs go on that wait until something they sent has become what they wait for. Looks at so many of them, and goes on there next
    /// time.
    pub(crate) async fn look_after_waits(&self) -> Result<()> {
        for _ in 0..LOOKS {
            let after = self.waits.lock().clone();
            let waits = store::wait::many(&mut *self.ctx.store.read_all().await?, &after, WAKES).await?;
            let next = waits
                .last()
                .filter(|_| waits.len() as u64 >= WAKES.unsigned_abs());
            let next = next.map(|last| last.run.bare().to_owned());
            let is_last = next.is_none();
            *self.waits.lock() = next.unwrap_or_default();
            for wait in waits.into_iter().filter(|wait| wait.is_over) {
                let is_awaited = |_: &Run, awaits: &Awaits| *awaits == wait.awaits;
                let place = (wait.env, wait.run);
                if let Err(error) = self.has_happened(place, is_awaited, None).await {
                    tracing::warn!(%error, run = %wait.run, "a run that waits could not go on; the next look tries again");
                }
            }
            if is_last {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Lets a run go on that still waits for this, with what its step found. One that somebody else moved meanwhile is looked at again.
    async fn has_happened(
        &self,
        (env, id): (Env, RunId),
        is_awaited: impl Fn(&Run, &Awaits) -> bool,
        found: Option<&Value>,
    ) -> Result<()> {
        for _ in 0..REPLANS {
            let run = store::run::get(&mut *self.ctx.store.read(env).await?, env, id).await?;
            let waits = |run: &Run| {
                let awaits = run.awaits.as_ref().filter(|_| !run.status.is_final());
                awaits.is_some_and(|awaits| is_awaited(run, awaits))
            };
            let Some(mut run) = run.filter(waits) else {
                return Ok(());
            };
            let step = run.state.log.last().map(|entry| entry.step.clone());
            run.state.found.extend(step.zip(found.cloned()));
            let effects = self.onward(&run).await?;
            let (bodies, uses) = (Bodies::of_plan(&effects), effects.uses.clone());
            if self.ctx.commit(effects, bodies).await? != Receipt::Stale {
                return Ok(());
            }
            let parts: Vec<_> = uses.iter().map(|uses| uses.part).collect();
            self.ctx.forget(env, &parts).await;
        }
        Err(app::Error::Unavailable(
            "a run that waits keeps moving; it is looked at again".into(),
        ))
    }

    /// Closes a batch, and lets its first run go on for all.
    pub(crate) async fn close_batch(&self, timer: &Timer, state: Closing) -> Result<()> {
        let (env, now) = (timer.env, self.ctx.now());
        let nothing = Effects::new(env, now);
        let mut reader = self.ctx.store.read(env).await?;
        let Some(batch) = store::batch::get(&mut reader, env, state.batch).await? else {
            return self.commit(timer, nothing, None).await;
        };
        if batch.closes_at > now {
            drop(reader);
            // It slid on since it was due.
            return self.wait_until(timer, batch.closes_at).await;
        }
        let run = store::run::first(&mut reader, env, batch.id).await?;
        drop(reader);
        let scene = match &run {
            Some(run) => self.ctx.scene_of(run, Some(batch.id)).await?,
            None => None,
        };
        let (Some(run), Some(scene)) = (run, scene) else {
            // Nothing was gathered, or nothing is left of what it was gathered for.
            let closes = Some(Close {
                batch: batch.id,
                items: batch.items,
                gathers: None,
            });
            return self.commit(timer, Effects { closes, ..nothing }, None).await;
        };
        let mut reader = self.ctx.store.read(env).await?;
        let effects = self
            .ctx
            .continue_run(&mut reader, &scene, &run, Some(&batch))
            .await?;
        drop(reader);
        self.commit(timer, effects, None).await
    }
}

/// Whom a start is for: those a trigger named, else those the workflow names, else those it names otherwise.
fn recipients(state: &Start, scene: &Scene) -> Vec<Recipient> {
    let named = state.recipients.as_ref().filter(|named| !named.is_empty());
    if let Some(named) = named {
        return named.clone();
    }
    let found = select(&scene.ready.spec.recipients, &scene.context);
    if found.is_empty() {
        select(&scene.ready.spec.otherwise, &scene.context)
    } else {
        found
    }
}

async fn members(
    reader: &mut Reader,
    env: Env,
    tenant: &str,
    roles: &[domain::notification::Role],
    page: &Page,
) -> Result<Vec<String>> {
    let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let found = store::tenant::members(reader, env, tenant, &roles, page).await?;
    Ok(found.into_iter().map(|member| member.user_id).collect())
}
