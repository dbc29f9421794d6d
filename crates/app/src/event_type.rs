//! Registering event types.

use domain::effects::Part;
use domain::environment::Env;
use domain::event_type::{EventType, RESERVED, Visibility, is_reserved};
use domain::text::{Fault, Faults};
use store::Change;

use crate::auth::Caller;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::write::{Once, answered, managed, once};

/// Changes; `None` leaves things as they are.
#[derive(Debug, Clone, Default)]
pub struct EventTypePatch {
    /// The category it belongs to.
    pub category: Option<String>,
    /// `Some(None)` takes the title away.
    pub title: Option<Option<String>>,
    /// For people.
    pub description: Option<String>,
    /// `Some(None)` takes the schema away.
    pub schema: Option<Option<serde_json::Value>>,
    /// Dated version.
    pub version: Option<String>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// `Some(None)` gives it the same name outside.
    pub public_name: Option<Option<String>>,
    /// `Some(None)` lets all fields leave.
    pub public_fields: Option<Option<Vec<String>>>,
}

impl EventTypePatch {
    fn apply(self, spec: &mut EventType) {
        fn set<T>(field: &mut T, change: Option<T>) {
            if let Some(value) = change {
                *field = value;
            }
        }
        set(&mut spec.category, self.category);
        set(&mut spec.title, self.title);
        set(&mut spec.description, self.description);
        set(&mut spec.schema, self.schema);
        set(&mut spec.version, self.version);
        set(&mut spec.visibility, self.visibility);
        set(&mut spec.public_name, self.public_name);
        set(&mut spec.public_fields, self.public_fields);
    }
}

/// Most fields of a payload that may be named as public.
const MOST_FIELDS: usize = 500;

/// What is wrong with a type, for its author.
pub(crate) fn faults(spec: &EventType) -> Result<(), Vec<Fault>> {
    spec.check()?;
    let mut faults = Faults::default();
    if spec.public_name.as_deref().is_some_and(is_reserved) {
        faults.push("/public_name", "reserved", RESERVED);
    }
    let fields = spec.public_fields.as_deref().unwrap_or_default();
    faults.require(
        fields.len() <= MOST_FIELDS,
        "/public_fields",
        "too_many",
        "must name at most 500 fields",
    );
    for (index, field) in fields.iter().take(MOST_FIELDS).enumerate() {
        faults.line(&format!("/public_fields/{index}"), field, 200);
    }
    faults.finish()
}

fn check(spec: &EventType) -> Result<()> {
    faults(spec).map_err(Error::Invalid)
}

impl Ctx {
    /// Registers a type. The same type again is answered as it is; the flag tells whether it is new.
    pub async fn create_event_type(
        &self,
        caller: &Caller,
        spec: EventType,
        key: Option<&Once>,
    ) -> Result<(EventType, bool)> {
        let env = managed(caller)?;
        check(&spec)?;
        let now = self.now();
        let spec = EventType {
            created_at: now,
            updated_at: now,
            ..spec
        };
        let mut tx = self.store.change(env).await?;
        if let Some(name) = once(&mut tx, key, now).await? {
            let first = store::event_type::get(&mut tx, env, &name).await?;
            return first
                .map(|first| (first, false))
                .ok_or(Error::NotFound("event type"));
        }
        if let Some(before) = store::event_type::get(&mut tx, env, &spec.name).await? {
            let (created_at, updated_at) = (before.created_at, before.updated_at);
            if (EventType {
                created_at,
                updated_at,
                ..spec.clone()
            }) == before
            {
                // Only a key is worth a commit, which every node would hear of as a change.
                if key.is_some() {
                    answered(&mut tx, key, &before.name).await?;
                    tx.commit().await?;
                }
                return Ok((before, false));
            }
            let detail = format!(
                "an event type named {} is registered; change it with PATCH",
                spec.name
            );
            return Err(Error::Conflict {
                code: "event_type_exists",
                detail,
            });
        }
        answered(&mut tx, key, &spec.name).await?;
        self.write_event_type(tx, (caller, env), &spec, "event_type.create")
            .await?;
        Ok((spec, true))
    }

    /// Registers a type; with `replace` one of this name becomes what is said here. The flag tells whether it is new.
    pub async fn put_event_type(
        &self,
        caller: &Caller,
        spec: EventType,
        replace: bool,
    ) -> Result<(EventType, bool)> {
        let known = store::event_type::get(
            &mut *self.store.read(managed(caller)?).await?,
            caller.env(),
            &spec.name,
        )
        .await?;
        if known.is_none() || !replace {
            return self.create_event_type(caller, spec, None).await;
        }
        let patch = EventTypePatch {
            category: Some(spec.category),
            title: Some(spec.title),
            description: Some(spec.description),
            schema: Some(spec.schema),
            version: Some(spec.version),
            visibility: Some(spec.visibility),
            public_name: Some(spec.public_name),
            public_fields: Some(spec.public_fields),
        };
        Ok((self.update_event_type(caller, &spec.name, patch).await?, false))
    }

    /// Changes a type.
    pub async fn update_event_type(
        &self,
        caller: &Caller,
        name: &str,
        patch: EventTypePatch,
    ) -> Result<EventType> {
        let env = managed(caller)?;
        let mut tx = self.store.change(env).await?;
        let before = store::event_type::get(&mut tx, env, name)
            .await?
            .ok_or(Error::NotFound("event type"))?;
        let mut spec = before.clone();
        patch.apply(&mut spec);
        if spec == before {
            return Ok(before);
        }
        check(&spec)?;
        spec.updated_at = self.now();
        self.write_event_type(tx, (caller, env), &spec, "event_type.update")
            .await?;
        Ok(spec)
    }

    async fn write_event_type(
        &self,
        mut tx: Change,
        (caller, env): (&Caller, Env),
        spec: &EventType,
        action: &'static str,
    ) -> Result<()> {
        store::event_type::put(&mut tx, spec).await?;
        self.audited(tx, caller.actor(), action, spec.name.clone(), None)
            .await?;
        self.changed(env, &[Part::Environment]).await;
        Ok(())
    }

    /// Forgets a type; events published under it stay as they are.
    pub async fn delete_event_type(&self, caller: &Caller, name: &str) -> Result<()> {
        let env = managed(caller)?;
        let mut faults = Faults::default();
        faults.line("/name", name, 200);
        faults.finish().map_err(Error::Invalid)?;
        let mut tx = self.store.change(env).await?;
        if store::event_type::delete(&mut tx, name).await? {
            self.audit(&mut tx, caller.actor(), "event_type.delete", name, None)
                .await?;
        }
        tx.commit().await?;
        self.changed(env, &[Part::Environment]).await;
        Ok(())
    }
}
