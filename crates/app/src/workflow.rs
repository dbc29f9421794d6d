//! Workflows: declared, triggered, ended.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::effects::{Part, Receipt, Tally};
use domain::environment::Env;
use domain::event::{Event, EventInput};
use domain::id::{EventId, Prefixed};
use domain::text::{Fault, Faults};
use domain::workflow::{self, Does, Pattern, Program, Recipient, Start, Workflow};
use futures_util::future::BoxFuture;
use serde_json::Value;
use serde_json::value::RawValue;
use store::Change;
use store::call_off::Off;
use store::workflow::Version;
use templates::Partials;

use crate::apps::NewApp;
use crate::auth::Caller;
use crate::ctx::{Bodies, Ctx};
use crate::error::{Error, Result};
use crate::event::{Published, REPLANS};
use crate::snapshot::AppSnapshot;
use crate::texts::Texts;
use crate::write::{Once, managed};

/// Most workflows of an environment.
const MOST_WORKFLOWS: usize = 1_000;
/// Most recipients a trigger names.
const MOST_RECIPIENTS: usize = 1_000;

/// A version of a workflow, made ready to run.
#[derive(Debug)]
pub struct Ready {
    /// What it says.
    pub spec: Workflow,
    /// Its number.
    pub version: i64,
    /// The steps of each recipient in one row.
    program: Program,
    /// Those that are taken once for the tenant.
    tenant_program: Program,
    /// Its texts, compiled.
    pub(crate) texts: Texts,
}

impl Ready {
    /// Makes a version ready. What is wrong with its texts was refused when it was declared; here it is left out.
    pub(crate) fn new(version: Version) -> Self {
        let partials = version.templates.into_iter().collect();
        Self::read(version.spec, version.version, &partials, &mut Faults::default())
    }

    /// Makes a version ready, and notes what is wrong with its texts.
    pub(crate) fn read(spec: Workflow, version: i64, partials: &Partials, faults: &mut Faults) -> Self {
        let (program, tenant_program) = (Program::new(&spec.steps), Program::new(&spec.tenant_steps));
        let steps = program.steps().chain(tenant_program.steps());
        let texts = Texts::compile(&spec, steps, partials, faults);
        Self {
            spec,
            version,
            program,
            tenant_program,
            texts,
        }
    }

    /// The steps of a recipient; of the tenant itself, where it has no name.
    pub fn program_of(&self, user: &str) -> &Program {
        if user.is_empty() {
            &self.tenant_program
        } else {
            &self.program
        }
    }

    /// Whether a step of it publishes events.
    pub(crate) fn publishes(&self) -> bool {
        let mut steps = self.program.steps().chain(self.tenant_program.steps());
        steps.any(|step| matches!(step.does, Does::Webhook(_)))
    }

    /// Whether something happens once for the tenant.
    pub fn reaches_tenant(&self) -> bool {
        !self.spec.tenant_steps.is_empty()
    }
}

/// The workflows of an environment.
#[derive(Debug, Default)]
pub struct Workflows {
    by_key: BTreeMap<String, Arc<Ready>>,
    by_event: HashMap<String, Vec<Arc<Ready>>>,
    /// Which events somebody may wait for, by type.
    awaited: HashMap<String, Vec<Pattern>>,
}

impl Workflows {
    /// Makes every workflow ready. `awaited` are the patterns of earlier versions too.
    pub(crate) fn new(versions: impl IntoIterator<Item = Version>, awaited: Vec<Pattern>) -> Self {
        let mut workflows = Self::default();
        for pattern in awaited {
            let list = workflows.awaited.entry(pattern.kind.clone()).or_default();
            list.push(pattern);
        }
        for version in versions {
            let ready = Arc::new(Ready::new(version));
            for trigger in &ready.spec.events {
                let list = workflows.by_event.entry(trigger.kind.clone()).or_default();
                if !list.iter().any(|other| other.spec.key == ready.spec.key) {
                    list.push(Arc::clone(&ready));
                }
            }
            workflows.by_key.insert(ready.spec.key.clone(), ready);
        }
        workflows
    }

    /// The current versions.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Ready>> {
        self.by_key.values()
    }

    /// The current version of a workflow.
    pub fn get(&self, key: &str) -> Option<&Arc<Ready>> {
        self.by_key.get(key)
    }

    /// By what an event of this type may be waited for.
    pub(crate) fn awaited(&self, kind: &str) -> impl Iterator<Item = &Pattern> {
        self.awaited.get(kind).map_or(&[][..], Vec::as_slice).iter()
    }

    /// Those that events of this type may start.
    pub(crate) fn of_event(&self, kind: &str) -> impl Iterator<Item = (&Workflow, i64)> {
        let list = self.by_event.get(kind).map_or(&[][..], Vec::as_slice);
        list.iter().map(|ready| (&ready.spec, ready.version))
    }
}

/// What a caller triggers a workflow with.
#[derive(Debug)]
pub struct TriggerInput {
    /// Whom it reaches; the workflow says so when absent.
    pub recipients: Option<Vec<Recipient>>,
    /// Tenant it happens in.
    pub tenant: Option<String>,
    /// The user who caused it.
    pub actor: Option<String>,
    /// What texts and conditions see.
    pub data: Box<RawValue>,
    /// What its caller calls it off by.
    pub cancellation_key: Option<String>,
}

/// The application in whose name an environment's own key triggers.
const OWN_APP: &str = "workflows";

impl Ctx {
    /// Declares a workflow; the same again is answered as it is. The flag tells whether this is a new version.
    pub async fn put_workflow(&self, caller: &Caller, spec: Workflow) -> Result<(Version, bool)> {
        let env = managed(caller)?;
        let mut tx = self.store.change(env).await?;
        let partials = partials(&mut tx).await?;
        let (made, is_new) = self
            .declare_workflow(&mut tx, &spec, &partials)
            .await?
            .map_err(Error::Invalid)?;
        if is_new {
            let detail = serde_json::json!({"version": made.version});
            self.audited(tx, caller.actor(), "workflow.put", spec.key, Some(detail))
                .await?;
            self.changed(env, &[Part::Environment]).await;
        }
        Ok((made, is_new))
    }

    /// Declares a workflow as part of a change; the flag tells whether this is a new version. What is wrong with it comes as its faults.
    pub(crate) async fn declare_workflow(
        &self,
        tx: &mut Change,
        spec: &Workflow,
        partials: &Partials,
    ) -> Result<Result<(Version, bool), Vec<Fault>>> {
        let env = tx.env();
        if let Err(faults) = workflow::check(spec) {
            return Ok(Err(faults));
        }
        let partials = named_by(spec, partials);
        let mut faults = Faults::default();
        Ready::read(spec.clone(), 0, &partials, &mut faults);
        if let Err(faults) = faults.finish() {
            return Ok(Err(faults));
        }
        let before = store::workflow::get(tx, env, &spec.key).await?;
        let is_same = |before: &Version| before.spec == *spec && before.templates == *partials.as_map();
        if let Some(before) = before.filter(is_same) {
            return Ok(Ok((before, false)));
        }
        if store::workflow::all(tx, env).await?.len() >= MOST_WORKFLOWS {
            return Err(Error::Conflict {
                code: "too_many_workflows",
                detail: format!("an environment has at most {MOST_WORKFLOWS}"),
            });
        }
        store::workflow::put(tx, spec, partials.as_map(), self.now()).await?;
        let made = store::workflow::get(tx, env, &spec.key).await?;
        let made = made.ok_or_else(|| Error::Internal("a workflow was written and is not there".into()))?;
        Ok(Ok((made, true)))
    }

    /// Declares anew those workflows whose templates read otherwise by now. Answers their keys, and what is wrong with them.
    pub(crate) async fn renew_workflows(
        &self,
        tx: &mut Change,
        partials: &Partials,
    ) -> Result<Result<Vec<String>, Vec<Fault>>> {
        let (mut renewed, mut wrong) = (Vec::new(), Vec::new());
        let env = tx.env();
        for version in store::workflow::all(tx, env).await? {
            if version.templates == *named_by(&version.spec, partials).as_map() {
                continue;
            }
            match self.declare_workflow(tx, &version.spec, partials).await? {
                Ok(_) => renewed.push(version.spec.key),
                Err(faults) => wrong.extend(faults.into_iter().map(|fault| Fault {
                    pointer: String::new(),
                    detail: format!(
                        "workflow {} at {}: {}",
                        version.spec.key, fault.pointer, fault.detail
                    ),
                    ..fault
                })),
            }
        }
        Ok(if wrong.is_empty() { Ok(renewed) } else { Err(wrong) })
    }

    /// Ends a workflow. Runs that began go on.
    pub async fn delete_workflow(&self, caller: &Caller, key: &str) -> Result<()> {
        let env = managed(caller)?;
        let mut tx = self.store.change(env).await?;
        if store::workflow::delete(&mut tx, key, self.now()).await? {
            self.audit(&mut tx, caller.actor(), "workflow.delete", key, None)
                .await?;
        }
        tx.commit().await?;
        self.changed(env, &[Part::Environment]).await;
        Ok(())
    }

    /// A version of a workflow, made ready: the current one from memory, an older one from the database.
    pub async fn workflow(&self, env: Env, key: &str, version: i64) -> Result<Option<Arc<Ready>>> {
        let environment = self.environment(env).await?;
        if let Some(ready) = environment.workflows.get(key)
            && ready.version == version
        {
            return Ok(Some(Arc::clone(ready)));
        }
        self.old_workflow(env, key, version).await
    }

    /// Starts a workflow by its key: an event of the server's own, which nobody else is sent, and what follows from it.
    pub async fn trigger(
        self: &Arc<Self>,
        caller: &Caller,
        key: &str,
        input: TriggerInput,
        once: Option<&Once>,
    ) -> Result<Published> {
        let env = caller.env();
        let own = self.acting(caller, env).await?;
        let mut ids = self.ids();
        let id: EventId = ids.fresh();
        for _ in 0..REPLANS {
            let environment = self.environment(env).await?;
            let ready = environment
                .workflows
                .get(key)
                .ok_or(Error::NotFound("workflow"))?;
            if !ready.spec.active {
                return Err(Error::Conflict {
                    code: "workflow_inactive",
                    detail: format!("the workflow {key} is not active"),
                });
            }
            let event = self.trigger_event(&own, id, key, &input)?;
            if let Some(why) = data_refused(&ready.spec, &event) {
                return Err(Error::invalid("/data", "schema", why));
            }
            let start = Start {
                recipients: input.recipients.clone(),
                actor: input.actor.clone(),
                cancellation_key: input.cancellation_key.clone(),
                ..Start::of(key.to_owned(), ready.version, id)
            };
            let mut effects = domain::effects::Effects::new(env, ids.now());
            effects.timers.push(start.timer(&mut ids));
            effects.events.push(event);
            effects.uses.push(domain::effects::Uses {
                part: Part::Environment,
                version: environment.version,
            });
            effects
                .claims
                .extend(once.map(|once| once.claim(id.to_string(), ids.now())));
            let uses = effects.uses.clone();
            match self.commit(effects, Bodies::default()).await? {
                Receipt::Written(_) => return Ok(Published { id, duplicate: false }),
                Receipt::Duplicate {
                    same: true, answer, ..
                } => return crate::event::first(&answer),
                Receipt::Duplicate { .. } => return Err(Error::key_reused()),
                Receipt::Stale => self.stale(env, &uses).await,
            }
        }
        Err(Error::Unavailable(
            "configuration keeps changing; try again".into(),
        ))
    }

    /// Calls off what was started by this key before: starts that are not done, runs that wait, activities in batches that somebody goes on with
    /// or will; of these users alone, where some are named. Answers how many runs.
    pub async fn cancel(
        self: &Arc<Self>,
        caller: &Caller,
        key: &str,
        cancellation_key: &str,
        users: &[String],
    ) -> Result<u64> {
        let env = caller.env();
        let mut faults = Faults::default();
        faults.key("/cancellation_key", cancellation_key);
        for (index, user) in users.iter().take(MOST_RECIPIENTS).enumerate() {
            faults.key(&format!("/users/{index}"), user);
        }
        faults.require(
            users.len() <= MOST_RECIPIENTS,
            "/users",
            "too_many",
            "must be at most 1000",
        );
        faults.finish().map_err(Error::Invalid)?;
        let environment = self.environment(env).await?;
        environment
            .workflows
            .get(key)
            .ok_or(Error::NotFound("workflow"))?;
        let app = match caller {
            Caller::Application { app, .. } => Some(*app),
            _ => None,
        };
        let own = app.as_ref().map_or("", Prefixed::bare);
        let name = |user| workflow::cancelled(own, key, cancellation_key, user);
        let names = if users.is_empty() {
            vec![name(None)]
        } else {
            users.iter().map(|user| name(Some(user.as_str()))).collect()
        };
        self.call_off(env, &names).await?;
        let off = Off {
            workflow: key,
            cancellation_key,
            app: own,
            users,
        };
        // Twice, since a run may come out of its batch in between; each by itself, since the group commit takes batches first.
        let mut cancelled = self.cancel_waiting(env, off).await?;
        let mut tx = self.write(env).await?;
        cancelled += store::call_off::batched(&mut tx, off, self.now()).await?;
        tx.commit().await?;
        cancelled += self.cancel_waiting(env, off).await?;
        let mut tx = self.write(env).await?;
        cancelled += store::call_off::gathered(&mut tx, off, self.now()).await?;
        tx.commit().await?;
        let detail = serde_json::json!({"cancellation_key": cancellation_key, "runs": cancelled});
        self.audited(
            self.write(env).await?,
            caller.actor(),
            "workflow.cancel",
            key,
            Some(detail),
        )
        .await?;
        Ok(cancelled)
    }

    async fn cancel_waiting(&self, env: Env, off: Off<'_>) -> Result<u64> {
        let mut tx = self.write(env).await?;
        let cancelled = store::call_off::waiting(&mut tx, off, self.now()).await?;
        tx.commit().await?;
        Ok(cancelled)
    }

    /// Keeps that starts until now are called off: slices that are planned meanwhile are planned again.
    async fn call_off(self: &Arc<Self>, env: Env, names: &[String]) -> Result<()> {
        for _ in 0..REPLANS {
            let mut reader = self.store.read(env).await?;
            let found = store::tally::many(&mut reader, env, names).await?;
            drop(reader);
            let mut found: HashMap<String, String> = found.into_iter().collect();
            let now = self.now();
            let mut effects = domain::effects::Effects::new(env, now);
            effects.tallies.extend(names.iter().map(|name| Tally {
                name: name.clone(),
                seen: found.remove(name),
                becomes: Some(now.to_string()),
            }));
            if self.commit(effects, Bodies::default()).await? != Receipt::Stale {
                return Ok(());
            }
        }
        Err(Error::Unavailable(
            "what is started keeps changing; try again".into(),
        ))
    }

    fn old_workflow(&self, env: Env, key: &str, version: i64) -> BoxFuture<'_, Result<Option<Arc<Ready>>>> {
        let key: (Env, Arc<str>, i64) = (env, key.into(), version);
        let name = Arc::clone(&key.1);
        let load = async move {
            let mut reader = self.store.read(env).await?;
            let found = store::workflow::version(&mut reader, env, &name, version).await?;
            Ok(found.map(|found| Arc::new(Ready::new(found))))
        };
        Box::pin(self.snapshots.old_workflows.find(key, load))
    }

    /// The application in whose name a caller triggers: its own, or one that the environment has for this.
    async fn acting(&self, caller: &Caller, env: Env) -> Result<Arc<AppSnapshot>> {
        if let Caller::Application { app, .. } = caller {
            return self.app(env, *app).await?.ok_or(Error::NotFound("application"));
        }
        match self.named_app(env, OWN_APP).await {
            Err(Error::NotFound(_)) => {}
            found => return found,
        }
        let made = NewApp {
            uid: Some(OWN_APP.to_owned()),
            name: "Workflows".to_owned(),
            metadata: None,
        };
        self.create_app(caller, made, None).await?;
        self.named_app(env, OWN_APP).await
    }

    /// The event that a trigger is.
    fn trigger_event(
        &self,
        own: &AppSnapshot,
        id: EventId,
        key: &str,
        input: &TriggerInput,
    ) -> Result<Event> {
        let named = input.recipients.iter().flatten();
        let users = named.filter_map(|recipient| match recipient {
            Recipient::Id(user) | Recipient::User(user) => Some(user.clone()),
            Recipient::Tenant { .. } | Recipient::Topic(_) => None,
        });
        let event = EventInput {
            kind: workflow::TRIGGERED.to_owned(),
            category: None,
            entity: Some(domain::event::Entity {
                kind: "workflow".into(),
                id: key.to_owned(),
            }),
            tenant: input.tenant.clone(),
            users: users.collect(),
            data: input.data.clone(),
            id: None,
            occurred_at: None,
        };
        let mut faults = Faults::default();
        if let Some(key) = &input.cancellation_key {
            faults.key("/cancellation_key", key);
        }
        if let Some(actor) = &input.actor {
            faults.key("/actor", actor);
        }
        for (index, recipient) in input
            .recipients
            .iter()
            .flatten()
            .take(MOST_RECIPIENTS)
            .enumerate()
        {
            let (Recipient::Id(name)
            | Recipient::User(name)
            | Recipient::Tenant { tenant: name, .. }
            | Recipient::Topic(name)) = recipient;
            faults.key(&format!("/recipients/{index}"), name);
        }
        faults.require(
            input
                .recipients
                .as_ref()
                .is_none_or(|named| named.len() <= MOST_RECIPIENTS),
            "/recipients",
            "too_many",
            "must be at most 1000; subscribe more to a topic",
        );
        faults.finish().map_err(Error::Invalid)?;
        Ok(domain::event::accept_own(
            &event,
            (own.app.env, own.app.id),
            id,
            &self.limits.event,
            self.now(),
        )?)
    }
}

/// Every template of an environment.
pub(crate) async fn partials(tx: &mut Change) -> Result<Partials> {
    let env = tx.env();
    let all = store::template::all(tx, env).await?;
    Ok(all
        .into_iter()
        .map(|template| (template.name, template.source))
        .collect())
}

/// The templates that a workflow's texts name.
pub(crate) fn named_by(spec: &Workflow, partials: &Partials) -> Partials {
    fn gather<'v>(value: &'v Value, texts: &mut Vec<&'v str>, layouts: &mut Vec<&'v str>) {
        match value {
            Value::String(text) => texts.push(text),
            Value::Array(list) => list.iter().for_each(|item| gather(item, texts, layouts)),
            Value::Object(fields) => {
                layouts.extend(fields.get("layout").and_then(Value::as_str));
                fields.values().for_each(|field| gather(field, texts, layouts));
            }
            _ => {}
        }
    }
    let form = serde_json::to_value(spec).unwrap_or_default();
    let (mut texts, mut layouts) = (Vec::new(), Vec::new());
    gather(&form, &mut texts, &mut layouts);
    let layouts: Vec<_> = layouts
        .into_iter()
        .filter_map(|name| Some((name, partials.get(name)?)))
        .collect();
    texts.extend(layouts.iter().map(|(_, source)| *source));
    let mut named = partials.named_by(texts);
    for (name, source) in layouts {
        named.insert(name, source);
    }
    named
}

fn data_refused(spec: &Workflow, event: &Event) -> Option<String> {
    spec.schema.as_ref()?;
    let data = serde_json::from_str(&event.data).ok()?;
    workflow::refused(spec, &data)
}
