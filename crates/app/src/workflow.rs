//! Workflows: declared, read, deleted.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::effects::Part;
use domain::environment::Env;
use domain::text::{Fault, Faults};
use domain::workflow::{self, Does, Pattern, Program, Workflow};
use futures_util::future::BoxFuture;
use serde_json::Value;
use store::Change;
use store::workflow::Version;
use templates::Partials;

use crate::auth::Caller;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::texts::Texts;
use crate::write::managed;

/// Most workflows of an environment.
const MOST_WORKFLOWS: i64 = 1_000;
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
        let is_new = before.is_none();
        if let Some(before) = before.filter(is_same) {
            return Ok(Ok((before, false)));
        }
        if is_new && store::workflow::count(tx, env).await? >= MOST_WORKFLOWS {
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
