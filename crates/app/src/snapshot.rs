//! Configuration in memory: lazy snapshots of environments and applications, bounded in number.
//!
//! A snapshot carries the version it was read at; a commit checks it, so a plan can be made from memory without ever acting on what
//! is no longer true. For reads and for credentials there is `Snapshots::watch`: once a second it looks whether anything changed.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use channels::people::Sender;
use domain::channel::Channel;
use domain::effects::{Part, Uses};
use domain::endpoint::{EndpointStatus, Subscription};
use domain::environment::{Env, Settings};
use domain::event_type::Catalogue;
use domain::id::{AppId, ChannelId, DestinationId, EnvironmentId, Prefixed, TokenKeyId};
use domain::retry::Policy;
use domain::signature::{Secrets, Signer};
use domain::token::{Algorithm, Keyring, PublicKey};
use futures_util::future::BoxFuture;
use moka::future::Cache;
use store::channel::ChannelRow;
use store::endpoint::Endpoint;
use store::version;

use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::kept::Kept;
use crate::lanes::{Carrier, Destination, Lane, Webhook};
use crate::workflow::{Ready, Workflows};

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
    /// Declared workflows.
    pub workflows: Workflows,
    /// The channels that are set up.
    pub channels: HashMap<Channel, ChannelId>,
    /// How mails look, as the email channel says.
    pub branding: serde_json::Value,
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
    environments: Kept<Env, Arc<EnvironmentSnapshot>>,
    apps: Kept<(Env, AppId), Option<Arc<AppSnapshot>>>,
    uids: Kept<(Env, Arc<str>), AppId>,
    tenants: Kept<(Env, Arc<str>), Option<AppId>>,
    platforms: Kept<Env, Arc<PlatformSnapshot>>,
    /// Versions that were current once: runs keep theirs. What they say never changes.
    pub(crate) old_workflows: Kept<(Env, Arc<str>, i64), Arc<Ready>>,
    keys: Kept<[u8; 32], Arc<store::key::Key>>,
    kids: Kept<Arc<str>, Env>,
    changes: AtomicI64,
}

const HOUR: Duration = Duration::from_secs(3_600);

impl Snapshots {
    pub(crate) fn new() -> Self {
        Self {
            environments: Kept::new(Cache::builder().max_capacity(1_000)),
            apps: Kept::new(Cache::builder().max_capacity(20_000).time_to_idle(HOUR)),
            uids: Kept::new(Cache::builder().max_capacity(50_000).time_to_idle(HOUR)),
            tenants: Kept::new(Cache::builder().max_capacity(50_000).time_to_idle(HOUR)),
            platforms: Kept::new(Cache::builder().max_capacity(1_000)),
            old_workflows: Kept::new(Cache::builder().max_capacity(1_000).time_to_idle(HOUR)),
            keys: Kept::new(Cache::builder().max_capacity(50_000).time_to_idle(HOUR)),
            kids: Kept::new(Cache::builder().max_capacity(10_000).time_to_idle(HOUR)),
            changes: AtomicI64::new(-1),
        }
    }

    /// Forgets everything: something changed.
    pub fn forget_all(&self) {
        self.environments.forget_all();
        self.apps.forget_all();
        self.uids.forget_all();
        self.tenants.forget_all();
        self.platforms.forget_all();
        self.keys.forget_all();
        self.kids.forget_all();
    }

    fn forget(&self, env: Env, part: Part) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            match part {
                Part::Environment => {
                    self.environments.forget(&env).await;
                    self.tenants.forget_all();
                    self.keys.forget_all();
                    self.kids.forget_all();
                }
                Part::Platform => self.platforms.forget(&env).await,
                Part::App(app) => self.apps.forget(&(env, app)).await,
            }
        })
    }
}

impl Ctx {
    /// Forgets what a change of configuration made untrue. Called after the change is committed.
    pub async fn changed(&self, env: Env, parts: &[Part]) {
        self.forget(env, parts).await;
        self.lanes.distrust();
        self.live.check_all();
    }

    /// Forgets parts that a plan was refused for. Who is connected and where lanes lead is not looked at: most refusals are an item
    /// that changed, and a change of configuration is announced by whoever makes it, or found by [`Ctx::watch`].
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
        self.read_environment(env).await
    }

    /// Here and below what is not the usual way is boxed, by a function that is not `async` itself: these futures have kilobytes and
    /// would be part of every request's, and their code part of every room that awaits them.
    fn read_environment(&self, env: Env) -> BoxFuture<'_, Result<Arc<EnvironmentSnapshot>>> {
        let load = async move { self.load_environment(env).await.map(Arc::new) };
        Box::pin(self.snapshots.environments.load(env, load))
    }

    async fn load_environment(&self, env: Env) -> Result<EnvironmentSnapshot> {
        let mut reader = self.store.read(env).await?;
        let version = version::get(&mut reader, env, Part::Environment).await?;
        let found = store::environment::get(&mut reader, env)
            .await?
            .ok_or(Error::NotFound("environment"))?;
        let types = store::event_type::all(&mut reader, env).await?;
        let workflows = store::workflow::all(&mut reader, env).await?;
        let awaited = store::workflow::awaited(&mut reader, env).await?;
        let channels = store::channel::all(&mut reader, env).await?;
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
            workflows: Workflows::new(workflows, awaited),
            branding: channels
                .iter()
                .find(|row| row.channel == Channel::Email)
                .and_then(|row| serde_json::from_str::<serde_json::Value>(&row.settings).ok())
                .map(|mut settings| settings["branding"].take())
                .unwrap_or_default(),
            channels: channels.into_iter().map(|row| (row.channel, row.id)).collect(),
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
        self.read_app(env, id).await
    }

    fn read_app(&self, env: Env, id: AppId) -> BoxFuture<'_, Result<Option<Arc<AppSnapshot>>>> {
        Box::pin(self.snapshots.apps.load((env, id), self.load_app(env, id)))
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
        self.snapshots.uids.forget(&(env, name.into())).await;
        self.snapshots.apps.forget(&(env, id)).await;
        match self.app_of_uid(env, name).await? {
            Some(other) if other != id => self.app(env, other).await?.ok_or(Error::NotFound("application")),
            _ => Err(Error::NotFound("application")),
        }
    }

    async fn app_of_uid(&self, env: Env, uid: &str) -> Result<Option<AppId>> {
        let key: (Env, Arc<str>) = (env, uid.into());
        if let Some(found) = self.snapshots.uids.get(&key).await {
            return Ok(Some(found));
        }
        self.read_uid(env, uid).await
    }

    fn read_uid<'a>(&'a self, env: Env, uid: &'a str) -> BoxFuture<'a, Result<Option<AppId>>> {
        let find = async move {
            let found = store::app::get_by_uid(&mut *self.store.read(env).await?, env, uid).await?;
            Ok(found.map(|app| app.id))
        };
        Box::pin(self.snapshots.uids.find((env, uid.into()), find))
    }

    /// The application a tenant owns, if it was needed already.
    pub async fn tenant_app(&self, env: Env, tenant: &str) -> Result<Option<Arc<AppSnapshot>>> {
        let key: (Env, Arc<str>) = (env, tenant.into());
        let found = if let Some(found) = self.snapshots.tenants.get(&key).await {
            found
        } else {
            self.read_tenant(env, tenant).await?
        };
        match found {
            Some(id) => self.app(env, id).await,
            None => Ok(None),
        }
    }

    fn read_tenant<'a>(&'a self, env: Env, tenant: &'a str) -> BoxFuture<'a, Result<Option<AppId>>> {
        let load = async move {
            let mut reader = self.store.read(env).await?;
            let found = store::app::get_by_tenant(&mut reader, env, tenant).await?;
            Ok(found.map(|app| app.id))
        };
        Box::pin(self.snapshots.tenants.load((env, tenant.into()), load))
    }

    /// The endpoints that platform-visible events of an environment reach.
    pub async fn platform(&self, env: Env) -> Result<Arc<PlatformSnapshot>> {
        if let Some(found) = self.snapshots.platforms.get(&env).await {
            return Ok(found);
        }
        self.read_platform(env).await
    }

    fn read_platform(&self, env: Env) -> BoxFuture<'_, Result<Arc<PlatformSnapshot>>> {
        let load = async move {
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
        Box::pin(self.snapshots.platforms.load(env, load))
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

    /// A lane, its destination as it is now. `None` when there is no such destination any more.
    pub async fn lane(&self, id: DestinationId) -> Result<Option<Arc<Lane>>> {
        if let Some(lane) = self.lanes.get(id).filter(|lane| !lane.is_stale()) {
            return Ok(Some(lane));
        }
        self.read_lane(id).await
    }

    fn read_lane(&self, id: DestinationId) -> BoxFuture<'_, Result<Option<Arc<Lane>>>> {
        Box::pin(self.load_lane(id))
    }

    async fn load_lane(&self, id: DestinationId) -> Result<Option<Arc<Lane>>> {
        let generation = self.lanes.generation();
        let mut reader = self.store.read_all().await?;
        let destination = if let Some(found) = store::endpoint::find(&mut reader, id.as_a()).await? {
            self.destination(&found, self.now())?
        } else if let Some(found) = store::channel::find(&mut reader, id.as_a()).await? {
            self.channel_destination(&found)?
        } else if let Some(found) = store::channel_config::find(&mut reader, id.as_a()).await? {
            drop(reader);
            self.config_destination(&found).await?
        } else {
            self.lanes.forget(id);
            return Ok(None);
        };
        Ok(Some(self.lanes.learn(destination, generation)))
    }

    /// What sending to an endpoint takes.
    pub fn destination(&self, endpoint: &Endpoint, now: i64) -> Result<Destination> {
        let secrets = self.open_secrets(endpoint)?;
        let webhook = Webhook {
            app: endpoint.subscription.app,
            target: self
                .dialer
                .policy()
                .check_url(&endpoint.url)
                .map_err(|refused| refused.to_string()),
            signer: Signer::new(secrets.live(now)),
            signer_until: secrets.next_expiry(now),
            secrets,
        };
        Ok(Destination {
            id: DestinationId::of(&endpoint.id()),
            env: endpoint.subscription.env,
            carrier: Carrier::Webhook(Box::new(webhook)),
            policy: Policy::parse(&endpoint.retry_policy).unwrap_or_default(),
            rate_limit: endpoint.rate_limit.and_then(|rate| u32::try_from(rate).ok()),
            at_once: None,
            status: endpoint.subscription.status,
        })
    }

    /// What sending through a channel takes.
    fn channel_destination(&self, row: &ChannelRow) -> Result<Destination> {
        let settings = self.channel_settings(row)?;
        let sender = Sender::new(row.channel.as_str(), &settings, &self.clients);
        let policy = settings["retry_policy"].as_str().and_then(Policy::parse);
        Ok(Destination {
            id: DestinationId::of(&row.id),
            env: row.env,
            policy: policy.unwrap_or(Policy::Short),
            rate_limit: settings["rate_limit"]
                .as_u64()
                .and_then(|rate| u32::try_from(rate).ok()),
            at_once: sender.as_ref().ok().and_then(Sender::at_once),
            status: EndpointStatus::Active,
            carrier: Carrier::of(sender),
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
        self.read_key(hash).await
    }

    fn read_key(&self, hash: [u8; 32]) -> BoxFuture<'_, Result<Option<Arc<store::key::Key>>>> {
        let find = async move {
            let found = store::key::find(&mut *self.store.read_all().await?, &hash).await?;
            Ok(found.map(Arc::new))
        };
        Box::pin(self.snapshots.keys.find(hash, find))
    }
}

impl Ctx {
    /// The environment whose key a token names.
    pub(crate) async fn environment_of_kid(&self, kid: &str) -> Result<Option<Env>> {
        if let Some(found) = self.snapshots.kids.get(kid).await {
            return Ok(Some(found));
        }
        self.read_kid(kid).await
    }

    fn read_kid<'a>(&'a self, kid: &'a str) -> BoxFuture<'a, Result<Option<Env>>> {
        Box::pin(self.snapshots.kids.find(kid.into(), self.load_kid(kid)))
    }

    async fn load_kid(&self, kid: &str) -> Result<Option<Env>> {
        let mut reader = self.store.read_all().await?;
        if let Some(id) = <EnvironmentId as Prefixed>::parse(kid) {
            let all = store::environment::list(&mut reader).await?;
            let found = all.into_iter().find(|found| found.id == id);
            return Ok(found.map(|found| found.env));
        }
        match <TokenKeyId as Prefixed>::parse(kid) {
            Some(id) => Ok(store::key::find_token_key(&mut reader, id).await?),
            None => Ok(None),
        }
    }
}

/// The place an environment's token secret is sealed for.
pub(crate) fn token_secret_place(id: &EnvironmentId) -> String {
    format!("environments/{}/token_secret", id.bare())
}

fn secrets_place(endpoint: &Endpoint) -> String {
    format!("endpoints/{}/secrets", endpoint.id().bare())
}
