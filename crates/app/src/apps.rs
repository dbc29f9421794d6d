//! Applications and installations.

use domain::effects::{Actor, Part};
use domain::environment::Env;
use domain::id::AppId;
use domain::text::Faults;
use store::app::App;

use crate::auth::Caller;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::people::{keys, user_key};
use crate::withdrawal::Withdrawal;
use crate::write::{Once, answered, managed, once};

/// What a caller says of an application.
#[derive(Debug, Clone)]
pub struct NewApp {
    /// The caller's own id.
    pub uid: Option<String>,
    /// For people.
    pub name: String,
    /// The caller's metadata, as JSON.
    pub metadata: Option<String>,
}

/// Changes; `None` leaves things as they are.
#[derive(Debug, Clone, Default)]
pub struct AppPatch {
    /// `Some(None)` takes the uid away.
    pub uid: Option<Option<String>>,
    /// For people.
    pub name: Option<String>,
    /// `Some(None)` takes the metadata away.
    pub metadata: Option<Option<String>>,
}

fn check(uid: Option<&str>, name: &str) -> Result<()> {
    let mut faults = Faults::default();
    faults.line("/name", name, 200);
    if let Some(uid) = uid {
        faults.key("/uid", uid);
        faults.require(
            !uid.starts_with("app_"),
            "/uid",
            "format",
            "must not begin with app_",
        );
        faults.require(!uid.contains('/'), "/uid", "format", "must not contain a slash");
    }
    faults.finish().map_err(Error::Invalid)
}

impl Ctx {
    /// Makes an application, or answers the one that has this uid already. The flag tells which.
    pub async fn create_app(&self, caller: &Caller, new: NewApp, key: Option<&Once>) -> Result<(App, bool)> {
        let env = managed(caller)?;
        check(new.uid.as_deref(), &new.name)?;
        let now = self.now();
        let app = App {
            id: self.ids().fresh(),
            env,
            uid: new.uid,
            tenant: None,
            name: new.name,
            metadata: new.metadata,
            created_at: now,
            updated_at: now,
        };
        let mut tx = self.write(env).await?;
        if let Some(first) = once(&mut tx, key, now).await? {
            let id = <AppId as domain::id::Prefixed>::parse(&first);
            let found = match id {
                Some(id) => store::app::get(&mut tx, env, id).await?,
                None => None,
            };
            return found
                .map(|app| (app, false))
                .ok_or(Error::NotFound("application"));
        }
        if !store::app::insert(&mut tx, &app).await? {
            let uid = app.uid.as_deref().unwrap_or_default();
            let found = store::app::get_by_uid(&mut tx, env, uid)
                .await?
                .ok_or(Error::NotFound("application"))?;
            answered(&mut tx, key, &found.id.to_string()).await?;
            tx.commit().await?;
            return Ok((found, false));
        }
        answered(&mut tx, key, &app.id.to_string()).await?;
        self.audited(tx, caller.actor(), "app.create", app.id.to_string(), None)
            .await?;
        self.changed(env, &[Part::App(app.id)]).await;
        Ok((app, true))
    }

    /// Changes an application.
    pub async fn update_app(&self, caller: &Caller, id: AppId, patch: AppPatch) -> Result<App> {
        let env = managed(caller)?;
        let mut tx = self.store.change(env).await?;
        let mut app = store::app::get(&mut tx, env, id)
            .await?
            .ok_or(Error::NotFound("application"))?;
        if let Some(uid) = patch.uid {
            app.uid = uid;
        }
        if let Some(name) = patch.name {
            app.name = name;
        }
        if let Some(metadata) = patch.metadata {
            app.metadata = metadata;
        }
        check(app.uid.as_deref(), &app.name)?;
        app.updated_at = self.now();
        store::app::update(&mut tx, &app)
            .await
            .map_err(|error| match error {
                store::Error::Conflict(_) => Error::Conflict {
                    code: "uid_taken",
                    detail: "another application has this uid".into(),
                },
                other => other.into(),
            })?;
        self.audited(tx, caller.actor(), "app.update", id.to_string(), None)
            .await?;
        self.snapshots.forget_all();
        self.changed(env, &[Part::App(id)]).await;
        Ok(app)
    }

    /// Deletes an application; deleting one that is not there is done already.
    pub async fn delete_app(&self, caller: &Caller, name: &str) -> Result<()> {
        let env = managed(caller)?;
        let found = match self.named_app(env, name).await {
            Ok(found) => found,
            Err(Error::NotFound(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        let id = found.app.id;
        let mut tx = self.store.change(env).await?;
        store::app::delete(&mut tx, id, self.now()).await?;
        // Read here: another node may have made one that this one has not heard of.
        let page = store::Page {
            limit: i64::MAX,
            after: None,
        };
        for endpoint in store::endpoint::list(&mut tx, env, id, &page).await? {
            self.withdraw_later(&mut tx, Withdrawal::deleted(endpoint.id()))
                .await?;
        }
        self.audited(tx, caller.actor(), "app.delete", id.to_string(), None)
            .await?;
        self.snapshots.forget_all();
        self.changed(env, &[Part::App(id), Part::Platform, Part::Environment])
            .await;
        self.lanes.fire();
        Ok(())
    }

    /// The webhook application of a tenant, made when first needed.
    pub async fn application_of_tenant(&self, caller: &Caller, tenant: &str) -> Result<App> {
        self.application_for_tenant(caller.actor(), managed(caller)?, tenant)
            .await
    }

    /// The same for whoever may look after the tenant's webhooks.
    pub async fn application_for_tenant(&self, actor: Actor, env: Env, tenant: &str) -> Result<App> {
        let mut faults = Faults::default();
        faults.key("/tenant", tenant);
        faults.finish().map_err(Error::Invalid)?;
        if let Some(found) = self.tenant_app(env, tenant).await? {
            return Ok(found.app.clone());
        }
        let now = self.now();
        let mut tx = self.store.change(env).await?;
        let known = store::tenant::get(&mut tx, env, tenant)
            .await?
            .ok_or(Error::NotFound("tenant"))?;
        // Addressed by the tenant's own id, where that can be a uid and nobody else has it.
        let free = check(Some(&known.id), "any").is_ok()
            && store::app::get_by_uid(&mut tx, env, &known.id).await?.is_none();
        let app = App {
            id: self.ids().fresh(),
            env,
            uid: free.then(|| known.id.clone()),
            tenant: Some(known.id.clone()),
            name: known.name.unwrap_or(known.id),
            metadata: None,
            created_at: now,
            updated_at: now,
        };
        if !store::app::insert(&mut tx, &app).await? {
            let found = store::app::get_by_tenant(&mut tx, env, tenant).await?;
            return found.ok_or(Error::NotFound("application"));
        }
        // Plans that found no application for this tenant are made again.
        store::version::bump(&mut tx, Part::Environment).await?;
        self.audited(tx, actor, "app.create", app.id.to_string(), None)
            .await?;
        self.changed(env, &[Part::Environment, Part::App(app.id)]).await;
        Ok(app)
    }

    /// Lets an application reach a user, or takes the leave back. The user themselves or an environment key may.
    pub async fn install(
        &self,
        caller: &Caller,
        env: Env,
        app: AppId,
        user: &str,
        installed: bool,
    ) -> Result<()> {
        let own = matches!(caller, Caller::User { claims, .. } if claims.sub == user);
        if !own {
            managed(caller)?;
        }
        keys(&[("/user", user)])?;
        if installed {
            user_key("/user", user)?;
        }
        let mut tx = self.write(env).await?;
        let action = if installed {
            store::app::install(&mut tx, app, user, self.now()).await?;
            "installation.create"
        } else {
            store::app::uninstall(&mut tx, app, user).await?;
            "installation.delete"
        };
        let detail = serde_json::json!({"user": user});
        self.audited(tx, caller.actor(), action, app.to_string(), Some(detail))
            .await
    }
}
