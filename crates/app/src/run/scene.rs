//! The scene: what all runs of one event and one workflow share.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::channel::Channel;
use domain::delivery::Cause;
use domain::effects::{Effects, Part, Shown, Uses};
use domain::environment::Env;
use domain::event::{Event, EventInput, EventLimits};
use domain::id::{AppId, BatchId, DestinationId, EventId, Ids, Prefixed};
use domain::publish;
use domain::run::{NewRun, RunEffect, RunState, RunStatus};
use domain::workflow::{self, Does, Facts, Target, Walked, Way, walk};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use store::run::Run;
use store::user::User;
use templates::email::Branding;

use crate::channel_config::Config;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::event::Around;
use crate::links::Links;
use crate::snapshot::{AppSnapshot, EnvironmentSnapshot};
use crate::workflow::Ready;

use super::reached::{Counted, Reached};
use super::voice::Voice;
use super::{From, Gathered, activity};

/// What all runs of one event and one workflow share.
#[derive(Debug)]
pub struct Scene {
    pub(super) env: Env,
    /// The version of the workflow.
    pub ready: Arc<Ready>,
    /// The event.
    pub event: Event,
    pub(super) own: Arc<AppSnapshot>,
    pub(super) environment: Arc<EnvironmentSnapshot>,
    pub(super) tenant: Option<String>,
    pub(super) actor: Option<String>,
    /// Where events that its steps publish go.
    pub(super) around: Option<Around>,
    pub(super) limits: EventLimits,
    pub(super) branding: Branding,
    /// Makes the links in mails, by which recipients end them and say what they prefer.
    pub(super) links: Option<Links>,
    /// What conditions and templates see, all but the recipient.
    pub context: Value,
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
            links: Some(self.links()).filter(Links::are_public),
            tenant,
            actor,
            around,
            limits: self.limits.event,
            context,
        }))
    }
}

/// Activities among which one is looked for in whose name a run can go on.
const LEADING: i64 = 100;

impl Ctx {
    /// The scene in which a run goes on, with a batch that `closes` where one does: that of its event. Where its own activity was called off, or
    /// its application is no more or may not reach the recipient, it is that of the first activity gathered with it of which this is not so.
    pub async fn scene_of(&self, run: &Run, closes: Option<BatchId>) -> Result<Option<Scene>> {
        let Some(batch) = closes.or(run.gathers) else {
            return self.scene_at(run, run.event).await;
        };
        let mut reader = self.store.read(run.env).await?;
        let place = (batch, run.id);
        let (ids, total) = store::batch::activities(&mut reader, run.env, place, LEADING, false).await?;
        let events = store::event::find_many(&mut reader, run.env, &ids).await?;
        drop(reader);
        let leads = ids.contains(&run.event) || (!run.called_off && total > LEADING);
        let own = leads.then_some(run.event);
        let apps: HashMap<EventId, AppId> = events.iter().map(|event| (event.id, event.app)).collect();
        let (mut tried, mut fallback) = (HashSet::new(), None);
        for id in own.into_iter().chain(ids) {
            if apps.get(&id).is_some_and(|app| !tried.insert(*app)) {
                continue;
            }
            let Some(scene) = self.scene_at(run, id).await? else {
                continue;
            };
            if self.may_reach(&scene, &run.user).await? {
                return Ok(Some(scene));
            }
            fallback = fallback.or(Some(scene));
        }
        Ok(fallback)
    }

    async fn scene_at(&self, run: &Run, event: EventId) -> Result<Option<Scene>> {
        let version = (run.workflow.as_str(), run.version);
        self.scene((run.env, event), version, run.actor.clone()).await
    }

    /// Whether a scene's application may reach a user.
    async fn may_reach(&self, scene: &Scene, user: &str) -> Result<bool> {
        if user.is_empty() || !scene.environment.settings.require_installation {
            return Ok(true);
        }
        let mut reader = self.store.read(scene.env).await?;
        let (users, app) = ([user.to_owned()], Prefixed::bare(&scene.own.app.id));
        let reachable = store::user::reachable(&mut reader, scene.env, &users, Some(app)).await?;
        Ok(!reachable.is_empty())
    }
}

impl Scene {
    /// Whether something happens once for the tenant, which is known.
    pub fn reaches_tenant(&self) -> bool {
        self.tenant.is_some() && self.ready.reaches_tenant()
    }

    pub(super) fn effects(&self, ids: &Ids) -> Effects {
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

    pub(super) fn new_run(&self, user: &str, ids: &mut Ids) -> NewRun {
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
    pub(super) fn input(&self, kind: &str, data: &Value, user: &str) -> Result<EventInput, String> {
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
    pub(super) fn counted(&self, id: &str, user: Option<&User>, counted: &mut Counted) {
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
    pub(super) fn known(&self, id: &str, user: Option<&User>) -> Value {
        let mut context = self.context.clone();
        context["recipient"] = if id.is_empty() {
            Value::Null
        } else {
            person(id, user)
        };
        context
    }

    /// Where the tenant's own channels lead: what its admins set up for this event and did not turn off.
    pub(super) fn way_of_tenant(&self, channel: Channel, configs: &[Config]) -> Way {
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

    /// Whether only the tenant's members are reached: where the workflow says so, or the tenant's own application speaks.
    pub(super) fn members_only(&self) -> bool {
        self.ready.spec.members_only || self.own.app.tenant.is_some()
    }

    /// Why somebody is not reached at all, if so.
    pub(super) fn kept_out(&self, user: &str, reached: &Reached) -> Option<&'static str> {
        if user.is_empty() {
            return None;
        }
        if !self.ready.spec.include_actor && self.actor.as_deref() == Some(user) {
            return Some("actor");
        }
        if reached.users.get(user).is_some_and(|user| user.active == 0) {
            return Some("inactive");
        }
        if self.members_only() && !reached.members.contains(user) {
            return Some("not_member");
        }
        let installed = reached.installed.as_ref();
        installed
            .is_some_and(|installed| !installed.contains(user))
            .then_some("not_installed")
    }

    pub(super) fn walk(
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
            suppressed: &reached.suppressed,
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
            became: &reached.became,
            held: &reached.held,
            told: &voice,
        };
        walk(&facts, state, ids)
    }

    /// Takes what a walk led to among the effects of a plan.
    pub(super) fn take(&self, run: NewRun, from: From, walked: Walked, effects: &mut Effects, ids: &mut Ids) {
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
            let awaited = self.environment.workflows.awaited(&event.kind);
            effects.timers.extend(workflow::wakes(&event, awaited, ids));
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
                joins: held.join.into_iter().collect(),
                gathers: from.gathers,
                awaits: None,
            });
        }
        effects.runs.push(RunEffect {
            run,
            revision: from.revision,
            status: walked.ended.unwrap_or(RunStatus::Waiting),
            state: serde_json::to_string(&walked.state).unwrap_or_default(),
            joins: walked.joins,
            gathers: from.gathers,
            awaits: walked.awaits,
        });
    }
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
