//! Workflows: declared, triggered, ended.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::effects::{Part, Receipt};
use domain::environment::Env;
use domain::event::{Event, EventInput};
use domain::id::EventId;
use domain::text::Faults;
use domain::workflow::{self, Program, Recipient, Start, Workflow};
use serde_json::value::RawValue;
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
    pub(crate) fn new(spec: Workflow, version: i64) -> Self {
        let (program, tenant_program) = (Program::new(&spec.steps), Program::new(&spec.tenant_steps));
        let steps = program.steps().chain(tenant_program.steps());
        let texts = Texts::compile(&spec, steps, &Partials::default(), &mut Faults::default());
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
}

impl Workflows {
    /// Makes every workflow ready.
    pub(crate) fn new(versions: impl IntoIterator<Item = Version>) -> Self {
        let mut workflows = Self::default();
        for Version { spec, version, .. } in versions {
            let ready = Arc::new(Ready::new(spec, version));
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
}

/// The application in whose name an environment's own key triggers.
const OWN_APP: &str = "workflows";

impl Ctx {
    /// Declares a workflow; the same again is answered as it is. The flag tells whether this is a new version.
    pub async fn put_workflow(&self, caller: &Caller, spec: Workflow) -> Result<(Version, bool)> {
        let env = managed(caller)?;
        workflow::check(&spec).map_err(Error::Invalid)?;
        let mut faults = Faults::default();
        let (program, tenant_program) = (Program::new(&spec.steps), Program::new(&spec.tenant_steps));
        let steps = program.steps().chain(tenant_program.steps());
        Texts::compile(&spec, steps, &Partials::default(), &mut faults);
        faults.finish().map_err(Error::Invalid)?;
        let now = self.now();
        let mut tx = self.store.change(env).await?;
        let before = store::workflow::get(&mut tx, env, &spec.key).await?;
        if let Some(before) = before.filter(|before| before.spec == spec) {
            return Ok((before, false));
        }
        if store::workflow::all(&mut tx, env).await?.len() >= MOST_WORKFLOWS {
            return Err(Error::Conflict {
                code: "too_many_workflows",
                detail: format!("an environment has at most {MOST_WORKFLOWS}"),
            });
        }
        store::workflow::put(&mut tx, &spec, now).await?;
        let made = store::workflow::get(&mut tx, env, &spec.key).await?;
        let made = made.ok_or_else(|| Error::Internal("a workflow was written and is not there".into()))?;
        let detail = serde_json::json!({"version": made.version});
        self.audited(tx, caller.actor(), "workflow.put", spec.key, Some(detail))
            .await?;
        self.changed(env, &[Part::Environment]).await;
        Ok((made, true))
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
        Box::pin(self.old_workflow(env, key, version)).await
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
                workflow: key.to_owned(),
                version: ready.version,
                event: id,
                recipients: input.recipients.clone(),
                actor: input.actor.clone(),
                at: 0,
                after: None,
                begun: 0,
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

    async fn old_workflow(&self, env: Env, key: &str, version: i64) -> Result<Option<Arc<Ready>>> {
        let key: (Env, Arc<str>, i64) = (env, key.into(), version);
        let load = async {
            let mut reader = self.store.read(env).await?;
            let found = store::workflow::version(&mut reader, env, &key.1, version).await?;
            Ok(found.map(|found| Arc::new(Ready::new(found.spec, found.version))))
        };
        self.snapshots.old_workflows.find(key.clone(), load).await
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

fn data_refused(spec: &Workflow, event: &Event) -> Option<String> {
    spec.schema.as_ref()?;
    let data = serde_json::from_str(&event.data).ok()?;
    workflow::refused(spec, &data)
}
