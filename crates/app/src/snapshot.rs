//! Configuration in memory: lazy snapshots of environments and applications, bounded in number.
//!
//! A snapshot carries the version it was read at; a commit checks it, so a plan can be made from memory without ever acting on what
//! is no longer true. For reads and for credentials there is `Snapshots::watch`: once a second it looks whether anything changed.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::effects::{Part, Uses};
use domain::endpoint::Subscription;
use domain::environment::{Env, Settings};
use domain::event_type::Catalogue;
use domain::id::{AppId, EndpointId, EnvironmentId, Prefixed, TokenKeyId};
use domain::retry::Policy;
use domain::signature::{Secrets, Signer};
use domain::token::{Algorithm, Keyring, PublicKey};
use moka::future::Cache;
use store::endpoint::Endpoint;
use store::version;

use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::lanes::{Destination, Lane};

/// An environment's settings, event types and token keys.
#[derive(Debug)]
pub struct EnvironmentSnapshot {
    /// Its number.
    pub env: Env,
    /// Its id.
    pub id: EnvironmentId,
    /// Its name.
    pub name: String,
    /// The version it was read at.
    pub version: i64,
    /// What its operator chose.
    pub settings: Settings,
    /// Registered event types.
    pub catalogue: Catalogue,
    /// What user tokens are verified with.
    pub keyring: Keyring,
}

/// An application and its endpoints.
#[derive(Debug)]
pub struct AppSnapshot {
    /// The application.
    pub app: store::app::App,
    /// The version it was read at.
    pub version: i64,
    /// Its endpoints.
    pub subscriptions: Vec<Arc<Subscription>>,
}

impl AppSnapshot {
    /// This snapshot as something a plan used.
    pub fn uses(&self) -> Uses {
        Uses {
            part: Part::App(self.app.id),
            version: self.version,
        }
    }

    /// Uid and name, for those who listen.
    pub fn label(&self) -> (Option<String>, String) {
        (self.app.uid.clone(), self.app.name.clone())
    }
}

/// The endpoints that platform-visible events reach.
#[derive(Debug)]
pub struct PlatformSnapshot {
    /// The version it was read at.
    pub version: i64,
    /// Endpoints of every application that is not a tenant's own.
    pub subscriptions: Vec<Arc<Subscription>>,
}

/// What is in memory.
#[derive(Debug)]
pub struct Snapshots {
    environments: Cache<Env, Arc<EnvironmentSnapshot>>,
    apps: Cache<(Env, AppId), Option<Arc<AppSnapshot>>>,
    uids: Cache<(Env, Arc<str>), Option<AppId>>,
    tenants: Cache<(Env, Arc<str>), Option<AppId>>,
    platforms: Cache<Env, Arc<PlatformSnapshot>>,
    keys: Cache<[u8; 32], Arc<store::key::Key>>,
    kids: Cache<Arc<str>, Env>,
    changes: AtomicI64,
}

impl Snapshots {
    pub(crate) fn new() -> Self {
        let hour = Duration::from_secs(3_600);
        Self {
            environments: Cache::builder().max_capacity(1_000).build(),
            apps: Cache::builder().max_capacity(20_000).time_to_idle(hour).build(),
            uids: Cache::builder().max_capacity(50_000).time_to_idle(hour).build(),
            tenants: Cache::builder().max_capacity(50_000).time_to_idle(hour).build(),
            platforms: Cache::builder().max_capacity(1_000).build(),
            keys: Cache::builder().max_capacity(50_000).time_to_idle(hour).build(),
            kids: Cache::builder().max_capacity(10_000).time_to_idle(hour).build(),
            changes: AtomicI64::new(-1),
        }
    }

    /// Forgets everything: something changed.
    pub fn forget_all(&self) {
        self.environments.invalidate_all();
        self.apps.invalidate_all();
        self.uids.invalidate_all();
        self.tenants.invalidate_all();
        self.platforms.invalidate_all();
        self.keys.invalidate_all();
        self.kids.invalidate_all();
    }

    async fn forget(&self, env: Env, part: Part) {
        match part {
            Part::Environment => {
                self.environments.invalidate(&env).await;
                self.tenants.invalidate_all();
                self.keys.invalidate_all();
                self.kids.invalidate_all();
            }
            Part::Platform => self.platforms.invalidate(&env).await,
            Part::App(app) => self.apps.invalidate(&(env, app)).await,
        }
    }
}

/// Wraps what happened while a snapshot was read for several callers at once.
fn shared(error: Arc<Error>) -> Error {
    Arc::unwrap_or_clone(error)
}

impl Ctx {
    /// Forgets what a change of configuration made untrue. Called after the change is committed.
    pub async fn changed(&self, env: Env, parts: &[Part]) {
        self.forget(env, parts).await;
        self.lanes.distrust();
        self.live.check_all();
    }

    /// Forgets parts that a plan was refused for. Who is connected and where lanes lead is not looked at: most refusals are a feed that
    /// moved, and a change of configuration is announced by whoever makes it, or found by [`Ctx::watch`].
    pub async fn forget(&self, env: Env, parts: &[Part]) {
        for part in parts {
            self.snapshots.forget(env, *part).await;
        }
    }

    /// Looks whether configuration changed anywhere; forgets everything if it did. Answers whether it did.
    pub async fn watch(&self) -> Result<bool> {
        let changes = version::changes(&mut *self.store.read_all().await?).await?;
        let before = self.snapshots.changes.swap(changes, Ordering::AcqRel);
        if before == changes {
            return Ok(false);
        }
        self.snapshots.forget_all();
        self.lanes.distrust();
        self.live.check_all();
        Ok(true)
    }

    /// An environment's snapshot.
    pub async fn environment(&self, env: Env) -> Result<Arc<EnvironmentSnapshot>> {
        if let Some(found) = self.snapshots.environments.get(&env).await {
            return Ok(found);
        }
        let load = async { self.load_environment(env).await.map(Arc::new) };
        // Here and below what is not the usual way is boxed: these futures have kilobytes and would be part of every request's.
        Box::pin(self.snapshots.environments.try_get_with(env, load))
            .await
            .map_err(shared)
    }

    async fn load_environment(&self, env: Env) -> Result<EnvironmentSnapshot> {
        let mut reader = self.store.read(env).await?;
        let version = version::get(&mut reader, env, Part::Environment).await?;
        let found = store::environment::get(&mut reader, env)
            .await?
            .ok_or(Error::NotFound("environment"))?;
        let types = store::event_type::all(&mut reader, env).await?;
        let mut keyring = self.keyring(&found)?;
        for key in store::key::token_keys(&mut reader, env).await? {
            let public = Algorithm::parse(&key.algorithm)
                .and_then(|algorithm| PublicKey::parse(algorithm, &key.public_key).ok());
            if let Some(public) = public {
                keyring = keyring
                    .with_public_key(&key.id.to_string(), public)
                    .map_err(|error| Error::Internal(error.to_string()))?;
            }
        }
        Ok(EnvironmentSnapshot {
            env,
            id: found.id,
            name: found.name,
            version,
            settings: found.settings,
            catalogue: Catalogue::new(types),
            keyring,
        })
    }

    /// The secrets user tokens are signed with. The key of the HMAC is the text the operator sees, as JWT libraries expect.
    fn keyring(&self, environment: &store::environment::Environment) -> Result<Keyring> {
        let broken = |error: domain::token::KeyError| Error::Internal(error.to_string());
        let place = token_secret_place(&environment.id);
        let secret = self.cipher.open(&place, &environment.token_secret)?;
        let keyring = Keyring::new(&environment.id.to_string(), &secret).map_err(broken)?;
        match &environment.previous_token_secret {
            Some(previous) => keyring
                .with_previous(&self.cipher.open(&place, previous)?)
                .map_err(broken),
            None => Ok(keyring),
        }
    }

    /// An application's snapshot; `None` when there is no such application.
    pub async fn app(&self, env: Env, id: AppId) -> Result<Option<Arc<AppSnapshot>>> {
        if let Some(found) = self.snapshots.apps.get(&(env, id)).await {
            return Ok(found);
        }
        Box::pin(
            self.snapshots
                .apps
                .try_get_with((env, id), self.load_app(env, id)),
        )
        .await
        .map_err(shared)
    }

    async fn load_app(&self, env: Env, id: AppId) -> Result<Option<Arc<AppSnapshot>>> {
        let generation = self.lanes.generation();
        let mut reader = self.store.read(env).await?;
        let version = version::get(&mut reader, env, Part::App(id)).await?;
        let Some(app) = store::app::get(&mut reader, env, id).await? else {
            return Ok(None);
        };
        let page = store::Page {
            limit: 10_000,
            after: None,
        };
        let endpoints = store::endpoint::list(&mut reader, env, id, &page).await?;
        let subscriptions = self.learn(endpoints, generation)?;
        Ok(Some(Arc::new(AppSnapshot {
            app,
            version,
            subscriptions,
        })))
    }

    /// The application that a path names by id or by the caller's own uid.
    pub async fn named_app(&self, env: Env, name: &str) -> Result<Arc<AppSnapshot>> {
        // No application is called what a database cannot keep.
        if name.contains('\0') {
            return Err(Error::NotFound("application"));
        }
        let id = match <AppId as Prefixed>::parse(name) {
            Some(id) => Some(id),
            None => self.app_of_uid(env, name).await?,
        };
        let Some(id) = id else {
            return Err(Error::NotFound("application"));
        };
        if let Some(found) = self.app(env, id).await? {
            return Ok(found);
        }
        // A uid may look like an id; and a uid that moved to another application is found again.
        self.snapshots.uids.invalidate(&(env, name.into())).await;
        self.snapshots.apps.invalidate(&(env, id)).await;
        match self.app_of_uid(env, name).await? {
            Some(other) if other != id => self.app(env, other).await?.ok_or(Error::NotFound("application")),
            _ => Err(Error::NotFound("application")),
        }
    }

    async fn app_of_uid(&self, env: Env, uid: &str) -> Result<Option<AppId>> {
        let key: (Env, Arc<str>) = (env, uid.into());
        if let Some(Some(found)) = self.snapshots.uids.get(&key).await {
            return Ok(Some(found));
        }
        let find = async {
            let found = store::app::get_by_uid(&mut *self.store.read(env).await?, env, uid)
                .await?
                .map(|app| app.id);
            if found.is_some() {
                self.snapshots.uids.insert(key, found).await;
            }
            Ok(found)
        };
        Box::pin(find).await
    }

    /// The application a tenant owns, if it was needed already.
    pub async fn tenant_app(&self, env: Env, tenant: &str) -> Result<Option<Arc<AppSnapshot>>> {
        let key: (Env, Arc<str>) = (env, tenant.into());
        let found = if let Some(found) = self.snapshots.tenants.get(&key).await {
            found
        } else {
            let load = async {
                let mut reader = self.store.read(env).await?;
                Ok(store::app::get_by_tenant(&mut reader, env, tenant)
                    .await?
                    .map(|app| app.id))
            };
            Box::pin(self.snapshots.tenants.try_get_with(key, load))
                .await
                .map_err(shared)?
        };
        match found {
            Some(id) => self.app(env, id).await,
            None => Ok(None),
        }
    }

    /// The endpoints that platform-visible events of an environment reach.
    pub async fn platform(&self, env: Env) -> Result<Arc<PlatformSnapshot>> {
        if let Some(found) = self.snapshots.platforms.get(&env).await {
            return Ok(found);
        }
        let load = async {
            let generation = self.lanes.generation();
            let mut reader = self.store.read(env).await?;
            let version = version::get(&mut reader, env, Part::Platform).await?;
            let endpoints = store::endpoint::platform(&mut reader, env).await?;
            let subscriptions = self.learn(endpoints, generation)?;
            Ok(Arc::new(PlatformSnapshot {
                version,
                subscriptions,
            }))
        };
        Box::pin(self.snapshots.platforms.try_get_with(env, load))
            .await
            .map_err(shared)
    }

    /// Tells the lanes what is now known of these endpoints.
    fn learn(&self, endpoints: Vec<Endpoint>, generation: u64) -> Result<Vec<Arc<Subscription>>> {
        let now = self.now();
        endpoints
            .into_iter()
            .map(|endpoint| {
                self.lanes.learn(self.destination(&endpoint, now)?, generation);
                Ok(Arc::new(endpoint.subscription))
            })
            .collect()
    }

    /// The lane of an endpoint, its destination as it is now. `None` when there is no such endpoint any more.
    pub async fn lane(&self, id: EndpointId) -> Result<Option<Arc<Lane>>> {
        if let Some(lane) = self.lanes.get(id).filter(|lane| !lane.is_stale()) {
            return Ok(Some(lane));
        }
        Box::pin(self.load_lane(id)).await
    }

    async fn load_lane(&self, id: EndpointId) -> Result<Option<Arc<Lane>>> {
        let generation = self.lanes.generation();
        let Some(found) = store::endpoint::find(&mut *self.store.read_all().await?, id).await? else {
            self.lanes.forget(id);
            return Ok(None);
        };
        let destination = self.destination(&found, self.now())?;
        Ok(Some(self.lanes.learn(destination, generation)))
    }

    /// What sending to an endpoint takes.
    pub fn destination(&self, endpoint: &Endpoint, now: i64) -> Result<Destination> {
        let secrets = self.open_secrets(endpoint)?;
        Ok(Destination {
            id: endpoint.id(),
            env: endpoint.subscription.env,
            app: endpoint.subscription.app,
            target: self
                .dialer
                .policy()
                .check_url(&endpoint.url)
                .map_err(|refused| refused.to_string()),
            signer: Signer::new(secrets.live(now)),
            signer_until: secrets.next_expiry(now),
            secrets,
            policy: Policy::parse(&endpoint.retry_policy).unwrap_or_default(),
            rate_limit: endpoint.rate_limit.and_then(|rate| u32::try_from(rate).ok()),
            status: endpoint.subscription.status,
        })
    }

    /// An endpoint's signing secrets.
    pub fn open_secrets(&self, endpoint: &Endpoint) -> Result<Secrets> {
        let text = self.cipher.open(&secrets_place(endpoint), &endpoint.secrets)?;
        let text = String::from_utf8(text).map_err(|_| Error::Internal("a secret is not text".into()))?;
        Secrets::parse(&text).map_err(|error| Error::Internal(error.to_string()))
    }

    /// Seals an endpoint's signing secrets into it.
    pub fn seal_secrets(&self, endpoint: &mut Endpoint, secrets: &Secrets) -> Result<()> {
        endpoint.secrets = self
            .cipher
            .seal(&secrets_place(endpoint), secrets.expose().as_bytes())?;
        Ok(())
    }

    /// The key of this hash, from memory if it was used before.
    pub(crate) async fn key_of(&self, hash: [u8; 32]) -> Result<Option<Arc<store::key::Key>>> {
        if let Some(found) = self.snapshots.keys.get(&hash).await {
            return Ok(Some(found));
        }
        let find = async {
            let found = store::key::find(&mut *self.store.read_all().await?, &hash)
                .await?
                .map(Arc::new);
            if let Some(key) = &found {
                self.snapshots.keys.insert(hash, Arc::clone(key)).await;
            }
            Ok(found)
        };
        Box::pin(find).await
    }
}

impl Ctx {
    /// The environment whose key a token names.
    pub(crate) async fn environment_of_kid(&self, kid: &str) -> Result<Option<Env>> {
        if let Some(found) = self.snapshots.kids.get(kid).await {
            return Ok(Some(found));
        }
        Box::pin(self.load_kid(kid)).await
    }

    async fn load_kid(&self, kid: &str) -> Result<Option<Env>> {
        let mut reader = self.store.read_all().await?;
        let found = if let Some(id) = <EnvironmentId as Prefixed>::parse(kid) {
            store::environment::list(&mut reader)
                .await?
                .into_iter()
                .find(|found| found.id == id)
                .map(|found| found.env)
        } else if let Some(id) = <TokenKeyId as Prefixed>::parse(kid) {
            store::key::find_token_key(&mut reader, id).await?
        } else {
            None
        };
        if let Some(env) = found {
            self.snapshots.kids.insert(kid.into(), env).await;
        }
        Ok(found)
    }
}

/// The place an environment's token secret is sealed for.
pub(crate) fn token_secret_place(id: &EnvironmentId) -> String {
    format!("environments/{}/token_secret", id.bare())
}

fn secrets_place(endpoint: &Endpoint) -> String {
    format!("endpoints/{}/secrets", endpoint.id().bare())
}
