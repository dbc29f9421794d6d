//! Preferences: written whole, checked before.

use domain::environment::Env;
use domain::preference::{Layer, Preferences};
use domain::text::{Fault, Faults};
use serde_json::Value;
use store::preference::Whose;

use crate::ctx::Ctx;
use crate::error::{Error, Result};
use domain::effects::Actor;

impl Ctx {
    /// Writes what somebody prefers, in place of what they said before. It counts for the next message; what is held up asks again when
    /// its time comes.
    pub async fn put_preferences(
        &self,
        env: Env,
        actor: Actor,
        whose: Whose<'_>,
        document: &Preferences,
    ) -> Result<()> {
        faults(document, whose).map_err(Error::Invalid)?;
        let text = written(document)?;
        let mut tx = self.store.write(env).await?;
        store::preference::lock(&mut tx, whose.user).await?;
        if store::preference::get(&mut tx, env, whose).await?.as_ref() == Some(&text) {
            return Ok(tx.rollback().await?);
        }
        store::preference::put(&mut tx, whose, &text, self.now()).await?;
        let of = serde_json::json!({"tenant": whose.tenant, "user": whose.user});
        self.audited(tx, actor, "preferences.put", whose.user, Some(of))
            .await
    }

    /// Changes what a user prefers by a JSON merge patch (RFC 7396) of their document, and answers the whole. Nothing that is said at once is lost.
    pub async fn patch_preferences(
        &self,
        env: Env,
        actor: Actor,
        whose: Whose<'_>,
        patch: &Value,
    ) -> Result<Preferences> {
        let mut tx = self.store.write(env).await?;
        store::preference::lock(&mut tx, whose.user).await?;
        let before = store::preference::get(&mut tx, env, whose).await?;
        let said = before.as_deref().map_or(Ok(Value::Null), serde_json::from_str);
        let mut said = said.map_err(|error| unreadable(&error))?;
        merge(&mut said, patch);
        let document: Preferences = serde_path_to_error::deserialize(&said).map_err(|error| {
            let pointer = crate::pointer(error.path());
            Error::invalid(&pointer, "shape", error.into_inner().to_string())
        })?;
        faults(&document, whose).map_err(Error::Invalid)?;
        let text = written(&document)?;
        if before.as_ref() == Some(&text) {
            tx.rollback().await?;
            return Ok(document);
        }
        store::preference::put(&mut tx, whose, &text, self.now()).await?;
        let of = serde_json::json!({"tenant": whose.tenant, "user": whose.user});
        self.audited(tx, actor, "preferences.put", whose.user, Some(of))
            .await?;
        Ok(document)
    }

    /// What somebody prefers; empty when they said nothing.
    pub async fn preferences(&self, env: Env, whose: Whose<'_>) -> Result<Preferences> {
        let found = store::preference::get(&mut *self.store.read(env).await?, env, whose).await?;
        let read = found.map(|text| serde_json::from_str(&text)).transpose();
        Ok(read.map_err(|error| unreadable(&error))?.unwrap_or_default())
    }
}

fn unreadable(error: &serde_json::Error) -> Error {
    Error::Internal(format!("preferences cannot be read: {error}"))
}

/// A JSON merge patch (RFC 7396): objects are merged, null takes away, everything else replaces.
fn merge(into: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        into.clone_from(patch);
        return;
    };
    if !into.is_object() {
        *into = Value::Object(serde_json::Map::new());
    }
    let Value::Object(fields) = into else { return };
    for (name, value) in patch {
        if value.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// A document as it is kept.
pub(crate) fn written(document: &Preferences) -> Result<String> {
    serde_json::to_string(document).map_err(|error| Error::Internal(error.to_string()))
}

/// What is wrong with what somebody says they prefer.
pub(crate) fn faults(document: &Preferences, whose: Whose<'_>) -> Result<(), Vec<Fault>> {
    let mut faults = Faults::default();
    document.check("", layer(whose), &mut faults);
    faults.finish()
}

fn layer(whose: Whose<'_>) -> Layer {
    match (whose.tenant.is_empty(), whose.user.is_empty()) {
        (true, true) => Layer::Environment,
        (false, true) => Layer::Tenant,
        (true, false) => Layer::User,
        (false, false) => Layer::UserInTenant,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The examples of RFC 7396, appendix A.
    #[test]
    fn patches_merge_as_the_rfc_says() {
        for (mut original, patch, result) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (
                json!({"a":{"b":"c"}}),
                json!({"a":{"b":"d","c":null}}),
                json!({"a":{"b":"d"}}),
            ),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a":"b"}), json!(["c"]), json!(["c"])),
            (json!({"a":"foo"}), json!(null), json!(null)),
            (json!({"a":"foo"}), json!("bar"), json!("bar")),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (
                json!({}),
                json!({"a":{"bb":{"ccc":null}}}),
                json!({"a":{"bb":{}}}),
            ),
        ] {
            merge(&mut original, &patch);
            assert_eq!(original, result);
        }
    }
}
