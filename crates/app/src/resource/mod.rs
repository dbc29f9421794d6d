//! Resources: what an environment is made of, as documents. Applied together, all or nothing; read back as they were written.

mod document;

use std::collections::HashSet;

use domain::channel::Channel;
use domain::difference::{Difference, differences};
use domain::effects::Part;
use domain::environment::Env;
use domain::event_type::EventType;
use domain::text::Fault;
use serde::Serialize;
use serde_json::{Value, json};
use store::preference::Whose;
use store::{Change, Conn};
use templates::Partials;

use crate::auth::Caller;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::template;
use crate::write::managed;

pub use document::{Kind, validate};
use document::{Resource, Said, at, declared, document, read};

/// Most resources of one call.
const MOST: usize = 3_000;

/// What became of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It is new.
    Created,
    /// It is otherwise than before.
    Updated,
    /// It is as it was.
    Unchanged,
    /// It was taken away.
    Deleted,
}

/// A resource after it was applied.
#[derive(Debug, Clone)]
pub struct Applied {
    /// Its kind.
    pub kind: Kind,
    /// Its name among those of its kind; the kind's own word where there is only one.
    pub name: String,
    /// What became of it.
    pub became: Became,
    /// Where it is otherwise than before.
    pub differences: Vec<Difference>,
}

/// How documents are applied.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// Only says what would become of them.
    pub dry_run: bool,
    /// Takes away what they do not name: event types, templates, channels, workflows.
    pub prune: bool,
}

/// Every resource of an environment, in the order in which they are applied, with its name. Secrets are hidden.
async fn all(conn: &mut Conn, env: Env) -> Result<Vec<(Kind, String, Value)>> {
    let mut found = Vec::new();
    let mut add = |kind: Kind, name: &str, said: Value| {
        found.push((kind, name.to_owned(), document(kind, name, &said)));
    };
    if let Some(environment) = store::environment::get(conn, env).await? {
        add(Kind::Environment, "environment", json!(environment.settings));
    }
    for spec in store::event_type::all(conn, env).await? {
        add(Kind::EventType, &spec.name, json!(spec));
    }
    for template in store::template::all(conn, env).await? {
        add(Kind::Template, &template.name, json!({"source": template.source}));
    }
    for row in store::channel::all(conn, env).await? {
        let settings = serde_json::from_str(&row.settings).unwrap_or_default();
        add(Kind::Channel, row.channel.as_str(), settings);
    }
    if let Some(text) = store::preference::get(conn, env, Whose::default()).await? {
        let said = serde_json::from_str(&text).unwrap_or_default();
        add(Kind::Preferences, "preferences", said);
    }
    for version in store::workflow::all(conn, env).await? {
        add(Kind::Workflow, &version.spec.key, json!(version.spec));
    }
    Ok(found)
}

impl Ctx {
    /// Every resource of a caller's environment as a document, as `apply` takes it. Secrets are hidden; applied like this they stay what they are.
    pub async fn resources(&self, caller: &Caller) -> Result<Vec<Value>> {
        let env = managed(caller)?;
        let found = all(&mut *self.store.read(env).await?, env).await?;
        Ok(found.into_iter().map(|(_, _, document)| document).collect())
    }

    /// Makes an environment what documents say: all of them in one transaction, or none. The same again changes nothing.
    pub async fn apply(&self, caller: &Caller, documents: &[Value], manner: Manner) -> Result<Vec<Applied>> {
        let env = managed(caller)?;
        if documents.len() > MOST {
            let detail = format!("must be at most {MOST} at a time");
            return Err(Error::invalid("/resources", "too_many", detail));
        }
        let mut faults = Vec::new();
        let resources = read(documents, &mut faults);
        let mut tx = self.store.change(env).await?;
        let before = all(&mut tx, env).await?;
        let named: HashSet<_> = resources
            .iter()
            .map(|resource| (resource.kind, resource.name.as_str()))
            .collect();
        let gone =
            |kind: Kind, name: &str| manner.prune && kind.is_pruned() && !named.contains(&(kind, name));
        // Everything is read among all the templates that there will be.
        let kept = before
            .iter()
            .filter(|(kind, name, _)| *kind == Kind::Template && !gone(*kind, name))
            .filter_map(|(_, name, document)| Some((name.as_str(), document["source"].as_str()?)));
        let partials: Partials = kept.chain(declared(&resources)).collect();
        template::bounded(&partials)?;
        let rewritten = self
            .write_resources(&mut tx, (&resources, &before), &partials, &mut faults)
            .await?;
        // Workflows go before the templates they name, and come after them.
        for (kind, name, _) in before.iter().rev().filter(|(kind, name, _)| gone(*kind, name)) {
            self.take_away(&mut tx, *kind, name).await?;
        }
        for resource in &resources {
            if let Said::Workflow(spec) = &resource.said {
                let declared = self.declare_workflow(&mut tx, spec, &partials).await?;
                faults.extend(at(&resource.pointer, declared.err().unwrap_or_default()));
            }
        }
        if faults.is_empty() {
            let renewed = self.renew_workflows(&mut tx, &partials).await?;
            faults.extend(at("/resources", renewed.err().unwrap_or_default()));
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let after = all(&mut tx, env).await?;
        let applied = compared(&before, &after, &rewritten);
        let changed: Vec<_> = applied
            .iter()
            .filter(|applied| applied.became != Became::Unchanged)
            .map(|applied| json!([applied.kind, applied.name, applied.became]))
            .collect();
        if !manner.dry_run && !changed.is_empty() {
            self.audited(
                tx,
                caller.actor(),
                "resources.apply",
                "environment",
                Some(json!(changed)),
            )
            .await?;
            self.changed(env, &[Part::Environment]).await;
        }
        Ok(applied)
    }

    /// Writes what documents say otherwise than before, all but workflows, and notes what is wrong with them. Answers which were written.
    async fn write_resources(
        &self,
        tx: &mut Change,
        (resources, before): (&[Resource], &[(Kind, String, Value)]),
        partials: &Partials,
        faults: &mut Vec<Fault>,
    ) -> Result<HashSet<(Kind, String)>> {
        let mut rewritten = HashSet::new();
        for resource in resources
            .iter()
            .filter(|resource| resource.kind != Kind::Workflow)
        {
            if let Err(wrong) = resource.said.check(partials) {
                faults.extend(at(&resource.pointer, wrong));
                continue;
            }
            let form = resource.said.form();
            let same = |form| document(resource.kind, &resource.name, &form);
            let stands = form
                .map(same)
                .is_some_and(|form| before.iter().any(|(.., known)| *known == form));
            if stands {
                continue;
            }
            match self.write_resource(tx, resource).await? {
                Ok(true) => drop(rewritten.insert((resource.kind, resource.name.clone()))),
                Ok(false) => {}
                Err(wrong) => faults.extend(at(&resource.pointer, wrong)),
            }
        }
        Ok(rewritten)
    }

    /// Writes what a document says, which was checked, as part of a change; the flag tells whether anything is otherwise than before. What is wrong
    /// with a channel comes as its faults.
    async fn write_resource(&self, tx: &mut Change, resource: &Resource) -> Result<Result<bool, Vec<Fault>>> {
        let (env, now) = (tx.env(), self.now());
        match &resource.said {
            Said::Environment(settings) => {
                store::environment::update(tx, settings).await?;
            }
            Said::EventType(spec) => {
                let before = store::event_type::get(tx, env, &spec.name).await?;
                let spec = EventType {
                    created_at: before.map_or(now, |before| before.created_at),
                    updated_at: now,
                    ..spec.clone()
                };
                store::event_type::put(tx, &spec).await?;
            }
            Said::Template(form) => store::template::put(tx, &form.name, &form.source, now).await?,
            Said::Channel(channel, settings) => {
                let written = self.write_channel(tx, *channel, settings.clone()).await?;
                return Ok(written.map(|(_, changed)| changed));
            }
            Said::Preferences(document) => {
                let text = json!(document).to_string();
                store::preference::put(tx, Whose::default(), &text, now).await?;
            }
            Said::Workflow(_) => return Ok(Ok(false)),
        }
        Ok(Ok(true))
    }

    async fn take_away(&self, tx: &mut Change, kind: Kind, name: &str) -> Result<()> {
        match kind {
            Kind::EventType => store::event_type::delete(tx, name).await?,
            Kind::Template => store::template::delete(tx, name).await?,
            Kind::Channel => match Channel::from_word(name) {
                Some(channel) => store::channel::delete(tx, channel).await?,
                None => false,
            },
            Kind::Workflow => store::workflow::delete(tx, name, self.now()).await?,
            Kind::Environment | Kind::Preferences => false,
        };
        Ok(())
    }
}

/// What became of every resource, in the order in which they are applied.
fn compared(
    before: &[(Kind, String, Value)],
    after: &[(Kind, String, Value)],
    rewritten: &HashSet<(Kind, String)>,
) -> Vec<Applied> {
    let find = |among: &[(Kind, String, Value)], kind: Kind, name: &str| {
        let found = among.iter().find(|(k, n, _)| (*k, n.as_str()) == (kind, name));
        found.map(|(_, _, document)| document.clone())
    };
    let mut applied: Vec<_> = after
        .iter()
        .map(|(kind, name, document)| {
            let old = find(before, *kind, name);
            let differences = differences(old.as_ref().unwrap_or(&Value::Null), document);
            let became = match old {
                None => Became::Created,
                // A secret that is another one does not show.
                Some(_) if differences.is_empty() && !rewritten.contains(&(*kind, name.clone())) => {
                    Became::Unchanged
                }
                Some(_) => Became::Updated,
            };
            Applied {
                kind: *kind,
                name: name.clone(),
                became,
                differences,
            }
        })
        .collect();
    for (kind, name, document) in before {
        if find(after, *kind, name).is_none() {
            applied.push(Applied {
                kind: *kind,
                name: name.clone(),
                became: Became::Deleted,
                differences: differences(document, &Value::Null),
            });
        }
    }
    applied
}
