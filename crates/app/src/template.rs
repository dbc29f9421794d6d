//! Templates: texts that workflows name, as a partial or as a layout around a mail.

use domain::effects::Part;
use domain::text::{Fault, Faults};
use store::template::Template;
use templates::{Escape, Partials};

use crate::auth::Caller;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::workflow::{named_by, partials};
use crate::write::managed;

/// Most templates of an environment.
const MOST: usize = 500;
/// Longest source, in characters.
const MOST_SOURCE: usize = 64 * 1024;

/// What is wrong with a template among all there are.
pub(crate) fn faults(name: &str, source: &str, all: &Partials) -> Result<(), Vec<Fault>> {
    let mut faults = Faults::default();
    faults.line("/name", name, 100);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    faults.require(
        name.chars().all(fits),
        "/name",
        "format",
        "must be made of letters, digits, `-`, `_` and `.`",
    );
    faults.text("/source", source, MOST_SOURCE);
    if let Err(error) = templates::Template::parse(source, Escape::Html, all) {
        faults.push("/source", "template", error.to_string());
    }
    faults.finish()
}

/// Refuses more templates than an environment has.
pub(crate) fn bounded(all: &Partials) -> Result<()> {
    if all.names().count() > MOST {
        return Err(Error::Conflict {
            code: "too_many_templates",
            detail: format!("an environment has at most {MOST}"),
        });
    }
    Ok(())
}

impl Ctx {
    /// Writes a template, and a new version of every workflow that names it: runs that began keep the words they began with.
    /// Refused, and nothing is written, where it or one of those workflows cannot be read then.
    pub async fn put_template(&self, caller: &Caller, name: &str, source: &str) -> Result<(Template, bool)> {
        let env = managed(caller)?;
        let mut tx = self.store.change(env).await?;
        let before = store::template::get(&mut tx, env, name).await?;
        let is_new = before.is_none();
        if let Some(before) = before.filter(|before| before.source == source) {
            return Ok((before, false));
        }
        let mut all = partials(&mut tx).await?;
        all.insert(name, source);
        bounded(&all)?;
        faults(name, source, &all).map_err(Error::Invalid)?;
        store::template::put(&mut tx, name, source, self.now()).await?;
        let broken = |fault: Fault| Fault {
            pointer: "/source".to_owned(),
            ..fault
        };
        let renewed = self.renew_workflows(&mut tx, &all).await?;
        let renewed = renewed.map_err(|faults| Error::Invalid(faults.into_iter().map(broken).collect()))?;
        let made = store::template::get(&mut tx, env, name).await?;
        let made = made.ok_or_else(|| Error::Internal("a template was written and is not there".into()))?;
        let detail = serde_json::json!({"workflows": renewed});
        self.audited(tx, caller.actor(), "template.put", name, Some(detail))
            .await?;
        self.changed(env, &[Part::Environment]).await;
        Ok((made, is_new))
    }

    /// Takes a template away. Refused while a workflow names it.
    pub async fn delete_template(&self, caller: &Caller, name: &str) -> Result<()> {
        let env = managed(caller)?;
        let mut tx = self.store.change(env).await?;
        let all = partials(&mut tx).await?;
        for version in store::workflow::all(&mut tx, env).await? {
            if named_by(&version.spec, &all).get(name).is_some() {
                return Err(Error::Conflict {
                    code: "template_in_use",
                    detail: format!("the workflow {} names it", version.spec.key),
                });
            }
        }
        if store::template::delete(&mut tx, name).await? {
            self.audit(&mut tx, caller.actor(), "template.delete", name, None)
                .await?;
        }
        tx.commit().await?;
        self.changed(env, &[Part::Environment]).await;
        Ok(())
    }
}
