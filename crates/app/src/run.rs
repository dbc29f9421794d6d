//! Runs: planned from everything that must be known of an event, of its workflow and of its recipients.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::channel::Channel;
use domain::delivery::Cause;
use domain::effects::{Effects, Part, Shown, Tally, Uses};
use domain::environment::Env;
use domain::event::{Entity, Event, EventInput, EventLimits};
use domain::id::{BatchId, DestinationId, EventId, Ids};
use domain::local::first_zone;
use domain::preference::{Ask, Decision, Layers, Preferences};
use domain::publish;
use domain::run::{Close, NewRun, RunEffect, RunState, RunStatus, StepLog, StepOutcome};
use domain::workflow::{
    self, Does, Facts, Leave, Leaving, Rendered, Slots, Start, Step, Target, Told, Walked, Way, walk,
};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use store::Reader;
use store::run::{Batch, Run};
use store::user::User;
use templates::email::Branding;

use crate::channel_config::Config;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::event::{Around, accept};
use crate::snapshot::{AppSnapshot, EnvironmentSnapshot};
use crate::texts::Dress;
use crate::unsubscribe::Unsubscribe;
use crate::workflow::Ready;

/// Activities of a batch that are rendered when the step does not say how many.
const RENDERED: u32 = 100;

/// What all runs of one event and one workflow share.
#[derive(Debug)]
pub struct Scene {
    env: Env,
    /// The version of the workflow.
    pub ready: Arc<Ready>,
    /// The event.
    pub event: Event,
    own: Arc<AppSnapshot>,
    environment: Arc<EnvironmentSnapshot>,
    tenant: Option<String>,
    actor: Option<String>,
    /// Where events that its steps publish go.
    around: Option<Around>,
    limits: EventLimits,
    branding: Branding,
    /// Makes the links by which recipients end these mails.
    unsubscribe: Option<Unsubscribe>,
    /// What conditions and templates see, all but the recipient.
    pub context: Value,
}

/// What was gathered in a batch.
#[derive(Debug)]
pub struct Gathered {
    /// The data of those activities that are rendered, in the order in which they came.
    activities: Vec<Value>,
    /// How many there are.
    total: i64,
}

impl Ctx {
    /// Everything that the runs of an event share; `None` when the event, its application or the workflow is no more.
    ///
    /// Opens readers of its own: whoever holds one and waits for another may wait for ever.
    pub async fn scene(
        &self,
        (env, event): (Env, EventId),
        (workflow, version): (&str, i64),
        actor: Option<String>,
    ) -> Result<Option<Scene>> {
        let Some(ready) = self.workflow(env, workflow, version).await? else {
            return Ok(None);
        };
        let found = store::event::find(&mut *self.store.read(env).await?, env, event).await?;
        let Some(event) = found else { return Ok(None) };
        let Some(own) = self.app(env, event.app).await? else {
            return Ok(None);
        };
        let environment = self.environment(env).await?;
        let mut context = workflow::context(&event);
        let tenant = workflow::tenant(&ready.spec, &event, &context);
        let around = if ready.publishes() {
            Some(Around::any(self, Arc::clone(&own), tenant.as_deref()).await?)
        } else {
            None
        };
        let actor = actor.or_else(|| workflow::actor(&ready.spec, &context));
        let mut reader = self.store.read(env).await?;
        if let Some(id) = &tenant {
            let found = store::tenant::get(&mut reader, env, id).await?;
            let (name, metadata) = found
                .map(|tenant| (tenant.name, tenant.metadata))
                .unwrap_or_default();
            context["tenant"] = json!({"id": id, "name": name.as_ref().unwrap_or(id), "metadata": parsed(metadata.as_deref())});
        }
        if let Some(id) = &actor {
            let found = store::user::get(&mut reader, env, id).await?;
            context["actor"] = person(id, found.as_ref());
        }
        Ok(Some(Scene {
            env,
            ready,
            event,
            own,
            branding: branding(&environment.branding, &context["tenant"]),
            environment,
            unsubscribe: self.unsubscribe_links(),
            tenant,
            actor,
            around,
            limits: self.limits.event,
            context,
        }))
    }

    /// Whether a start may go on under its workflow's limit: the count that keeps its place, or gives it up with the last slice.
    pub async fn take_turn(&self, reader: &mut Reader, scene: &Scene, is_last: bool) -> Result<Turn> {
        let Some((name, limit)) = workflow::slots(&scene.ready.spec, &scene.context) else {
            return Ok(Turn::Free(None));
        };
        let found = store::run::tallies(reader, scene.env, std::slice::from_ref(&name)).await?;
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
        let becomes = serde_json::to_string(&slots).unwrap_or_default();
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
        users: &[String],
    ) -> Result<Effects> {
        let env = scene.env;
        let mut ids = self.ids();
        let mut effects = scene.effects(&ids);
        if let Some(key) = &start.cancellation_key {
            let (tallies, is_off) = called_off(reader, scene, key).await?;
            effects.tallies.extend(tallies);
            if is_off {
                return Ok(effects);
            }
        }
        let started: HashSet<String> =
            store::run::started(reader, env, scene.event.id, &scene.ready.spec.key, users)
                .await?
                .into_iter()
                .collect();
        let mut fresh: Vec<String> = users
            .iter()
            .filter(|user| !started.contains(*user))
            .cloned()
            .collect();
        fresh.sort_unstable();
        fresh.dedup();
        if fresh.is_empty() {
            return Ok(effects);
        }
        let mut reached = self.reached(reader, scene, &fresh).await?;
        for user in &fresh {
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
        Ok(effects)
    }

    /// Plans how a run goes on: where `closes` is a batch, with what was gathered there.
    pub async fn continue_run(
        &self,
        reader: &mut Reader,
        scene: &Scene,
        run: &Run,
        closes: Option<&Batch>,
    ) -> Result<Effects> {
        let gathers = closes.map(|batch| batch.id);
        let gathered = match gathers.or(run.gathers) {
            Some(batch) => Some(self.gathered(reader, scene, batch, run).await?),
            None => None,
        };
        let mut ids = self.ids();
        let mut effects = scene.effects(&ids);
        let users = [run.user.clone()];
        let reached = self.reached(reader, scene, &users).await?;
        let kept = NewRun {
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
        };
        let walked = match scene.kept_out(&run.user, &reached) {
            Some(reason) => {
                let mut walked = left_out(reason, &ids);
                let log = std::mem::replace(&mut walked.state, run.state.clone()).log;
                walked.state.log.extend(log);
                walked
            }
            None => scene.walk(&kept, &reached, run.state.clone(), gathered.as_ref(), &mut ids),
        };
        let from = From {
            revision: Some(run.revision),
            gathers: gathers.or(run.gathers),
        };
        scene.take(kept, from, walked, &mut effects, &mut ids);
        effects.closes = closes.map(|batch| Close {
            batch: batch.id,
            items: batch.items,
        });
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
        let (ids, total) = store::run::activities(reader, scene.env, batch, i64::from(limit), last).await?;
        let events: HashMap<EventId, Event> = store::event::find_many(reader, scene.env, &ids)
            .await?
            .into_iter()
            .map(|event| (event.id, event))
            .collect();
        let activities = ids.iter().filter_map(|id| events.get(id)).map(activity).collect();
        Ok(Gathered { activities, total })
    }

    async fn reached(&self, reader: &mut Reader, scene: &Scene, users: &[String]) -> Result<Reached> {
        let env = scene.env;
        let found = store::user::many(reader, env, users).await?;
        let installed = if scene.environment.settings.require_installation {
            let app = Some(domain::id::Prefixed::bare(&scene.own.app.id));
            let reachable = store::user::reachable(reader, env, users, app).await?;
            Some(reachable.into_iter().collect())
        } else {
            None
        };
        let users_by_id: HashMap<String, User> =
            found.into_iter().map(|user| (user.id.clone(), user)).collect();
        let mut counted = Counted::default();
        for user in users {
            scene.counted(user, users_by_id.get(user), &mut counted);
        }
        let open = if counted.groups.is_empty() {
            Vec::new()
        } else {
            store::run::open_groups(reader, env, &counted.groups).await?
        };
        let tallies = if counted.tallies.is_empty() {
            Vec::new()
        } else {
            store::run::tallies(reader, env, &counted.tallies).await?
        };
        let tenant = scene.tenant.as_deref();
        let configs = match tenant.filter(|_| users.iter().any(String::is_empty)) {
            Some(tenant) => self.configs(reader, env, tenant).await?,
            None => Vec::new(),
        };
        let preferences = store::preference::of(reader, env, tenant, users).await?;
        let members = match tenant.filter(|_| scene.ready.spec.members_only) {
            Some(tenant) => store::tenant::members_among(reader, env, tenant, users).await?,
            None => Vec::new(),
        };
        Ok(Reached {
            members: members.into_iter().collect(),
            preferences: Preferred::new(preferences),
            open: open.into_iter().collect(),
            tallies: tallies.into_iter().collect(),
            configs,
            users: users_by_id,
            installed,
        })
    }
}

/// Whether what was started by this key before was called off since this event; and the counts that make the commit refuse where somebody does so
/// meanwhile.
async fn called_off(reader: &mut Reader, scene: &Scene, key: &str) -> Result<(Vec<Tally>, bool)> {
    let own = domain::id::Prefixed::bare(&scene.own.app.id);
    let names = ["", own].map(|app| workflow::cancelled(app, &scene.ready.spec.key, key));
    let found = store::run::tallies(reader, scene.env, &names).await?;
    let (mut tallies, mut is_off) = (Vec::new(), false);
    for name in names {
        let seen = found.iter().find(|(other, _)| *other == name);
        let seen = seen.map(|(_, state)| state.clone());
        let at: i64 = seen.as_deref().and_then(|seen| seen.parse().ok()).unwrap_or(0);
        is_off |= at >= scene.event.created_at;
        tallies.push(Tally {
            name,
            becomes: at.to_string(),
            seen,
        });
    }
    Ok((tallies, is_off))
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

/// What a slice of recipients prefers, and what their environment and their tenant prefer for them.
#[derive(Default)]
struct Preferred(HashMap<(bool, String), Preferences>);

impl Preferred {
    /// A document that cannot be read says nothing: it was checked when it was written.
    fn new(documents: Vec<store::preference::Document>) -> Self {
        let read = documents.into_iter().filter_map(|(tenant, user, document)| {
            let document = serde_json::from_str(&document).ok()?;
            Some(((!tenant.is_empty(), user), document))
        });
        Self(read.collect())
    }

    fn layers(&self, user: &str) -> Layers<'_> {
        let get = |in_tenant: bool, user: &str| self.0.get(&(in_tenant, user.to_owned()));
        Layers {
            environment: get(false, ""),
            tenant: get(true, ""),
            user: get(false, user),
            user_in_tenant: get(true, user),
        }
    }
}

/// What is known of recipients.
struct Reached {
    preferences: Preferred,
    /// Those whom somebody described.
    users: HashMap<String, User>,
    /// Those who are members of the tenant, where only such are reached.
    members: HashSet<String>,
    /// Those who installed the application, where that is asked for.
    installed: Option<HashSet<String>>,
    /// Of the groups whose first activity goes on at once, those with an open batch.
    open: HashSet<String>,
    /// What throttles have counted.
    tallies: HashMap<String, String>,
    /// The tenant's own channels, where its own run is among these.
    configs: Vec<Config>,
}

impl Reached {
    /// Lets the next recipient of the plan see what this one counted.
    fn count(&mut self, tallies: &[Tally]) {
        for tally in tallies {
            self.tallies.insert(tally.name.clone(), tally.becomes.clone());
        }
    }
}

/// What only the database knows of a program's steps.
#[derive(Default)]
struct Counted {
    /// Groups of batches whose first activity goes on at once.
    groups: Vec<String>,
    /// What throttles count.
    tallies: Vec<String>,
}

impl Scene {
    /// Whether something happens once for the tenant, which is known.
    pub fn reaches_tenant(&self) -> bool {
        self.tenant.is_some() && self.ready.reaches_tenant()
    }

    fn unsubscribe_url(&self, user: &str) -> Option<String> {
        let links = self.unsubscribe.as_ref()?;
        links.url(self.env, user, &self.ready.spec.key)
    }

    fn effects(&self, ids: &Ids) -> Effects {
        let mut effects = Effects::new(self.env, ids.now());
        effects.uses.push(Uses {
            part: Part::Environment,
            version: self.environment.version,
        });
        effects.uses.push(self.own.uses());
        if let Some(around) = &self.around {
            effects.uses = around.uses(&self.environment);
        }
        effects
    }

    fn new_run(&self, user: &str, ids: &mut Ids) -> NewRun {
        NewRun {
            id: ids.fresh(),
            env: self.env,
            workflow: Arc::from(self.ready.spec.key.as_str()),
            version: self.ready.version,
            event: self.event.id,
            user: user.to_owned(),
            tenant: self.tenant.clone(),
            actor: self.actor.clone(),
            part: String::new(),
            cancellation_key: None,
        }
    }

    /// An event that a step makes, in the run's tenant.
    fn input(&self, kind: &str, data: &Value, user: &str) -> Result<EventInput, String> {
        let text = data.to_string();
        Ok(EventInput {
            kind: kind.to_owned(),
            category: None,
            entity: None,
            tenant: self.tenant.clone(),
            users: Some(user.to_owned())
                .filter(|user| !user.is_empty())
                .into_iter()
                .collect(),
            data: RawValue::from_string(text).map_err(|error| error.to_string())?,
            id: None,
            occurred_at: None,
        })
    }

    /// What must be asked the database about a recipient's batches and throttles. Their keys stand in what is known before any step.
    fn counted(&self, id: &str, user: Option<&User>, counted: &mut Counted) {
        let run = self.new_run(id, &mut Ids::new(0, 0));
        let mut known = None;
        for step in self.ready.program_of(id).steps() {
            match &step.does {
                Does::Batch(batch) if batch.first_at_once => {
                    let known = known.get_or_insert_with(|| self.known(id, user));
                    counted.groups.push(workflow::group(step, batch, &run, known).0);
                }
                Does::Throttle(limit) => {
                    let known = known.get_or_insert_with(|| self.known(id, user));
                    counted
                        .tallies
                        .push(workflow::counted(step, limit, &run, known).0);
                }
                _ => {}
            }
        }
    }

    /// What conditions and templates see of a recipient's run before its steps.
    fn known(&self, id: &str, user: Option<&User>) -> Value {
        let mut context = self.context.clone();
        context["recipient"] = if id.is_empty() {
            Value::Null
        } else {
            person(id, user)
        };
        context
    }

    /// Where the tenant's own channels lead: what its admins set up for this event and did not turn off.
    fn way_of_tenant(&self, channel: Channel, configs: &[Config]) -> Way {
        let event = self.ready.spec.config_name(&self.event.kind);
        let wanted = |config: &&Config| config.kind.channel() == channel && config.wants(event);
        let lane = self.environment.channels.get(&channel);
        let mut targets = Vec::new();
        for config in configs.iter().filter(wanted) {
            let target = |destination, address| Target {
                destination,
                address,
                config: Some(config.id),
            };
            if !channel.has_addresses() {
                targets.push(target(DestinationId::of(&config.id), None));
                continue;
            }
            let Some(lane) = lane else {
                return Way::Closed("channel_off");
            };
            let addresses = config.leads.email_addresses.iter();
            targets.extend(addresses.map(|address| target(DestinationId::of(lane), Some(address.clone()))));
        }
        if targets.is_empty() {
            return Way::Closed("no_config");
        }
        Way::Open(targets)
    }

    /// Why somebody is not reached at all, if so.
    fn kept_out(&self, user: &str, reached: &Reached) -> Option<&'static str> {
        if user.is_empty() {
            return None;
        }
        if !self.ready.spec.include_actor && self.actor.as_deref() == Some(user) {
            return Some("actor");
        }
        if reached.users.get(user).is_some_and(|user| user.active == 0) {
            return Some("inactive");
        }
        if self.ready.spec.members_only && !reached.members.contains(user) {
            return Some("not_member");
        }
        let installed = reached.installed.as_ref();
        installed
            .is_some_and(|installed| !installed.contains(user))
            .then_some("not_installed")
    }

    fn walk(
        &self,
        run: &NewRun,
        reached: &Reached,
        state: RunState,
        gathered: Option<&Gathered>,
        ids: &mut Ids,
    ) -> Walked {
        let user = reached.users.get(&run.user);
        let mut context = self.known(&run.user, user);
        let own = [activity(&self.event)];
        let (activities, total) = gathered.map_or((&own[..], 1), |gathered| {
            (&gathered.activities[..], gathered.total)
        });
        context["activities"] = json!(activities);
        context["total_activities"] = json!(total);
        let voice = Voice {
            scene: self,
            user: run.user.as_str(),
            known: user,
            now: ids.now(),
            layers: reached.preferences.layers(&run.user),
            configs: run.user.is_empty().then_some(&reached.configs[..]),
        };
        let facts = Facts {
            run,
            program: self.ready.program_of(&run.user),
            event: &self.event,
            context: &context,
            zone: voice.zone(),
            limits: self.environment.settings.limits,
            open: &reached.open,
            tallies: &reached.tallies,
            told: &voice,
        };
        walk(&facts, state, ids)
    }

    /// Takes what a walk led to among the effects of a plan.
    fn take(&self, run: NewRun, from: From, walked: Walked, effects: &mut Effects, ids: &mut Ids) {
        for notification in walked.notifications {
            effects
                .feed
                .push(publish::arrive(&notification, run.user.clone(), ids));
            effects.shown.push(Shown {
                content: Arc::new(notification),
                new: true,
                app: self.own.label(),
            });
        }
        effects.deliveries.extend(walked.deliveries);
        effects.timers.extend(walked.timer);
        effects.timers.extend(walked.starts);
        effects.events.extend(walked.triggered);
        for event in walked.published {
            if let Some(around) = &self.around {
                publish::deliver(
                    &event,
                    around.reach(),
                    Cause::Published,
                    ids,
                    &mut effects.deliveries,
                );
            }
            effects.events.push(event);
        }
        for tally in walked.tallies {
            match effects.tallies.iter_mut().find(|other| other.name == tally.name) {
                Some(first) => first.becomes = tally.becomes,
                None => effects.tallies.push(tally),
            }
        }
        for held in walked.held {
            effects.timers.extend(held.timer);
            effects.runs.push(RunEffect {
                run: NewRun {
                    id: held.run,
                    part: held.part,
                    ..run.clone()
                },
                revision: None,
                status: if held.join.is_some() {
                    RunStatus::Batched
                } else {
                    RunStatus::Waiting
                },
                state: serde_json::to_string(&held.state).unwrap_or_default(),
                join: held.join,
                gathers: from.gathers,
            });
        }
        effects.runs.push(RunEffect {
            run,
            revision: from.revision,
            status: walked.ended.unwrap_or(RunStatus::Waiting),
            state: serde_json::to_string(&walked.state).unwrap_or_default(),
            join: walked.join,
            gathers: from.gathers,
        });
    }
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

/// Answers a walk for one recipient.
struct Voice<'a> {
    scene: &'a Scene,
    /// The recipient's id; empty where the run is the tenant's.
    user: &'a str,
    /// The recipient, where somebody described them.
    known: Option<&'a User>,
    /// Milliseconds since the Unix epoch.
    now: i64,
    layers: Layers<'a>,
    /// The tenant's own channels, where the run is the tenant's.
    configs: Option<&'a [Config]>,
}

impl Voice<'_> {
    fn zone(&self) -> &str {
        first_zone([self.known.and_then(|user| user.time_zone.as_deref())])
    }
}

impl Told for Voice<'_> {
    fn render(&self, step: &Step, context: &Value) -> Result<Rendered, String> {
        let is_mail = matches!(step.does, Does::Email(_)) && self.configs.is_none();
        let user = context["recipient"]["id"]
            .as_str()
            .filter(|_| is_mail && !self.scene.ready.spec.critical);
        let dress = Dress {
            branding: &self.scene.branding,
            lang: self.known.and_then(|user| user.locale.as_deref()).unwrap_or("en"),
            unsubscribe: user.and_then(|user| self.scene.unsubscribe_url(user)),
        };
        self.scene.ready.texts.render(step, context, &dress)
    }

    fn way(&self, channel: Channel) -> Way {
        if let Some(configs) = self.configs {
            return self.scene.way_of_tenant(channel, configs);
        }
        let Some(id) = self.scene.environment.channels.get(&channel) else {
            return Way::Closed("channel_off");
        };
        let address = match channel {
            Channel::Email => self.known.and_then(|user| user.email.clone()),
            Channel::Sms | Channel::Voice => self.known.and_then(|user| user.phone.clone()),
            _ => None,
        };
        Way::Open(vec![Target {
            destination: DestinationId::of(id),
            address,
            config: None,
        }])
    }

    fn event(&self, kind: &str, data: Value, id: EventId) -> Result<Event, String> {
        let scene = self.scene;
        let input = scene.input(kind, &data, self.user)?;
        accept(
            &input,
            &scene.own,
            id,
            &scene.environment,
            &scene.limits,
            self.now,
        )
        .map_err(|error| error.to_string())
    }

    fn trigger(&self, workflow: &str, data: Value, id: EventId) -> Result<(Event, i64), String> {
        let scene = self.scene;
        let ready = scene.environment.workflows.get(workflow);
        let ready = ready
            .filter(|ready| ready.spec.active)
            .ok_or_else(|| format!("there is no active workflow {workflow}"))?;
        if let Some(why) = workflow::refused(&ready.spec, &data) {
            return Err(why);
        }
        let input = EventInput {
            entity: Some(Entity {
                kind: "workflow".into(),
                id: workflow.to_owned(),
            }),
            ..scene.input(workflow::TRIGGERED, &data, self.user)?
        };
        let source = (scene.env, scene.own.app.id);
        let event = domain::event::accept_own(&input, source, id, &scene.limits, self.now);
        let event = event.map_err(|refusal| Error::from(refusal).to_string())?;
        Ok((event, ready.version))
    }

    fn leave(&self, leaving: &Leaving<'_>) -> Leave {
        if self.configs.is_some() {
            return Leave::Send;
        }
        let spec = &self.scene.ready.spec;
        let ask = Ask {
            workflow: &spec.key,
            categories: &spec.categories,
            channel: leaving.channel,
            app: self.scene.own.app.uid.as_deref(),
            critical: spec.critical,
            gathered: leaving.gathered,
            asked_at: leaving.asked_at,
            zone: self.zone(),
            known: leaving.known,
        };
        let decision = self.layers.decide(&ask, leaving.now);
        let why = json!(decision.why());
        match decision {
            Decision::Send { .. } => Leave::Send,
            Decision::Skip { .. } => Leave::Skip(why),
            Decision::Hold {
                until,
                as_digest: false,
                ..
            } => Leave::Hold(until, why),
            Decision::Hold { until, .. } | Decision::Digest { until, .. } => Leave::Gather(until, why),
        }
    }
}

/// An event as an activity of a batch.
fn activity(event: &Event) -> Value {
    json!({
        "id": event.id,
        "data": serde_json::from_str::<Value>(&event.data).unwrap_or_default(),
        "occurred_at": domain::time::rfc3339(event.occurred_at),
    })
}

/// A user as conditions and templates see them.
fn person(id: &str, user: Option<&User>) -> Value {
    json!({
        "id": id,
        "name": user.and_then(|user| user.name.as_deref()),
        "email": user.and_then(|user| user.email.as_deref()),
        "phone": user.and_then(|user| user.phone.as_deref()),
        "locale": user.and_then(|user| user.locale.as_deref()),
        "time_zone": user.and_then(|user| user.time_zone.as_deref()),
        "metadata": parsed(user.and_then(|user| user.metadata.as_deref())),
    })
}

/// How mails look: as the environment says, and over it the tenant in its metadata. What cannot be read there says nothing.
fn branding(environment: &Value, tenant: &Value) -> Branding {
    let own = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let base = own(environment);
    let mut both = base.clone();
    both.extend(own(&tenant["metadata"]["branding"]));
    let read = |fields: serde_json::Map<String, Value>| {
        serde_json::from_value::<Branding>(Value::Object(fields)).ok()
    };
    let mut branding = read(both).or_else(|| read(base)).unwrap_or_default();
    if branding.name.is_empty() {
        tenant["name"]
            .as_str()
            .unwrap_or_default()
            .clone_into(&mut branding.name);
    }
    branding
}

fn parsed(text: Option<&str>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

/// The step whose batch a run went into last.
fn batch_step(run: &Run) -> Option<&str> {
    let gathered = run.state.log.iter().rev();
    let mut gathered = gathered.filter(|entry| entry.outcome == StepOutcome::Batched);
    gathered.next().map(|entry| entry.step.as_str())
}
