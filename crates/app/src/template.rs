//! Templates: texts that workflows name, as a partial or as a layout around a mail.

use domain::effects::Part;
use domain::text::{Fault, Faults};
use store::Change;
use store::template::Template;
use templates::Escape;

use crate::auth::Caller;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::workflow::{named_by, partials};
use crate::write::managed;

/// Most templates of an environment.
const MOST: usize = 500;
/// Longest source, in characters.
const MOST_SOURCE: usize = 64 * 1024;

/// What is wrong with a template by itself.
fn check(name: &str, source: &str) -> Result<(), Vec<Fault>> {
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
    faults.finish()
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
        self.write_template(&mut tx, name, source)
            .await?
            .map_err(Error::Invalid)?;
        let partials = partials(&mut tx).await?;
        let broken = |fault: Fault| Fault {
            pointer: "/source".to_owned(),
            ..fault
        };
        let renewed = self.renew_workflows(&mut tx, &partials).await?;
        let renewed = renewed.map_err(|faults| Error::Invalid(faults.into_iter().map(broken).collect()))?;
        let made = store::template::get(&mut tx, env, name).await?;
        let made = made.ok_or_else(|| Error::Internal("a template was written and is not there".into()))?;
        let detail = serde_json::json!({"workflows": renewed});
        self.audited(tx, caller.actor(), "template.put", name, Some(detail))
            .await?;
        self.changed(env, &[Part::Environment]).await;
        Ok((made, is_new))
    }

    /// Writes a template as part of a change. What is wrong with it comes as its faults.
    pub(crate) async fn write_template(
        &self,
        tx: &mut Change,
        name: &str,
        source: &str,
    ) -> Result<Result<(), Vec<Fault>>> {
        let env = tx.env();
        if let Err(faults) = check(name, source) {
            return Ok(Err(faults));
        }
        store::template::put(tx, name, source, self.now()).await?;
        let all = partials(tx).await?;
        if all.names().count() > MOST {
            return Err(Error::Conflict {
                code: "too_many_templates",
                detail: format!("the environment {} has at most {MOST}", env.0),
            });
        }
        let alone = all.named_by([source]);
        let read = templates::Template::parse(source, Escape::Html, &alone);
        Ok(read
            .map(drop)
            .map_err(|error| vec![Fault::new("/source", "template", error.to_string())]))
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
