//! A running server: opened, served, stopped in two phases.

use std::fs::File;
use std::iter;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use api::Api;
use app::{Clock, Ctx};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use channels::people::Clients;
use config::Config;
use engine::{Engine, Watched};
use http::{HeaderValue, StatusCode};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::demo::Demo;
use crate::listener::{self, Bounds};
use crate::simulation::Simulator;
use crate::{pages, telemetry};

/// How often recorded measures are gathered.
const UPKEEP: Duration = Duration::from_secs(5);

/// What a server is started with beside its configuration.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the time comes from; tests turn it.
    pub clock: Clock,
    /// A key that the default environment shall have.
    pub bootstrap_key: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Clock::System,
            bootstrap_key: None,
        }
    }
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    metrics_address: Option<SocketAddr>,
    ctx: Arc<Ctx>,
    engine: Arc<Engine>,
    api: Api,
    demo: Option<Arc<Demo>>,
    tasks: TaskTracker,
    stopping: CancellationToken,
    grace: Duration,
    /// Held while the process uses the data directory.
    _lock: Option<File>,
}

impl Server {
    /// Opens the database, starts the engine and serves. Answers when requests are taken.
    pub async fn start(config: &Config, options: Options) -> anyhow::Result<Self> {
        let metrics = config.metrics.enabled.then(telemetry::start).flatten();
        let (ctx, lock, listener) = open(config, &options).await?;
        let address = listener.local_addr()?;
        let default = ctx.ensure_default().await?;
        if let Some(key) = &options.bootstrap_key {
            ctx.ensure_key(default, key)
                .await
                .context("CAMPANILE_BOOTSTRAP_KEY")?;
        }
        let stopping = CancellationToken::new();
        let engine = start_engine(config, &ctx, &stopping).await?;
        let simulator = Simulator::new(config.server.data.clone(), limits(config), ctx.client());
        let api = Api::new(Arc::clone(&ctx), api_settings(config), stopping.clone())
            .with_simulator(Arc::new(simulator));
        let demo = if config.demo.enabled {
            Some(Demo::prepare(&ctx, address).await?)
        } else {
            None
        };
        let health = Health {
            ctx: Arc::clone(&ctx),
            engine: Arc::clone(&engine),
            stopping: stopping.clone(),
        };
        let apart = metrics_listener(config).await?;
        let metrics_address = apart.as_ref().map(TcpListener::local_addr).transpose()?;
        let mut metrics_router = Router::new();
        let mut router = Router::new()
            .route("/health/live", get(|| async { "live\n" }))
            .route("/health/ready", get(ready).with_state(health))
            .merge(pages::routes(config.pages.console, &frames(config)))
            .merge(api::router(api.clone()));
        if let Some(handle) = metrics {
            // Without it, what histograms recorded would pile up until somebody asks.
            let stopping = stopping.clone();
            engine.spawn(async move {
                while tokio::time::timeout(UPKEEP, stopping.cancelled()).await.is_err() {
                    handle.run_upkeep();
                }
            });
            let served = Router::new().route("/metrics", get(move || async move { handle.render() }));
            match &apart {
                Some(_) => metrics_router = served,
                None => router = router.merge(served),
            }
        }
        if let Some(demo) = &demo {
            router = router.merge(demo.routes());
        }
        let console = config.pages.console;
        let router =
            router.fallback(move |request: Request| async move { pages::elsewhere(console, &request) });
        let tasks = TaskTracker::new();
        let bounds = Bounds {
            head: config.limits.header_bytes.get(),
        };
        for (listener, router) in
            iter::once((listener, router)).chain(apart.map(|apart| (apart, metrics_router)))
        {
            let (tasks_of_it, stopping) = (tasks.clone(), stopping.clone());
            tasks.spawn(listener::serve(listener, router, bounds, tasks_of_it, stopping));
        }
        Ok(Self {
            address,
            metrics_address,
            ctx,
            engine,
            api,
            demo,
            tasks,
            stopping,
            grace: config.server.shutdown_grace.duration(),
            _lock: lock,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where metrics are served, if they have an address of their own.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// Its URL for callers on this machine.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A link that signs the operator in to the console, where nobody ever did: a new install says how.
    pub async fn first_sign_in(&self) -> anyhow::Result<Option<String>> {
        if !self.ctx.is_unvisited().await? {
            return Ok(None);
        }
        Ok(Some(self.sign_in_link().await?))
    }

    /// A link that signs the operator in to the console, once.
    pub async fn sign_in_link(&self) -> anyhow::Result<String> {
        let link = self.ctx.sign_in_link(&self.ctx.operator_code().await?);
        let is_path = link.starts_with('/');
        Ok(if is_path {
            format!("{}{link}", self.url())
        } else {
            link
        })
    }

    /// What the verbs work with.
    pub fn ctx(&self) -> &Arc<Ctx> {
        &self.ctx
    }

    /// The passes.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// The API's state.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// What `make run` shows beside the server.
    pub fn demo(&self) -> Option<&Arc<Demo>> {
        self.demo.as_ref()
    }

    /// First phase: takes nothing new, finishes what is under way, gives back what waits. The caller may stop waiting at any time: what
    /// was acknowledged is in the database.
    pub async fn stop(self) {
        let until = Instant::now() + self.grace;
        self.stopping.cancel();
        self.tasks.close();
        self.engine.stop(self.grace).await;
        let left = until.saturating_duration_since(Instant::now());
        if tokio::time::timeout(left, self.tasks.wait()).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
        self.ctx.store.close().await;
    }
}

/// The origins whose pages may show the portal in a frame.
fn frames(config: &Config) -> Vec<String> {
    config
        .pages
        .portal_frames
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// The address that metrics have of their own, if they are served at all.
async fn metrics_listener(config: &Config) -> anyhow::Result<Option<TcpListener>> {
    match config.metrics.listen.filter(|_| config.metrics.enabled) {
        Some(address) => {
            let listener = TcpListener::bind(address).await;
            Ok(Some(
                listener.with_context(|| format!("{address} cannot be listened on"))?,
            ))
        }
        None => Ok(None),
    }
}

/// Opens everything that must be there before requests are taken.
async fn open(config: &Config, options: &Options) -> anyhow::Result<(Arc<Ctx>, Option<File>, TcpListener)> {
    let data = &config.server.data;
    std::fs::create_dir_all(data)
        .with_context(|| format!("the data directory {} cannot be made", data.display()))?;
    let lock = if config.database.url.is_none() {
        Some(lock(config)?)
    } else {
        None
    };
    let master = config::master_key(&config.secrets, data, app::ctx::random())?;
    let store = store::Store::open(&store_settings(config))
        .await
        .context("the database cannot be opened")?;
    let listener = TcpListener::bind(config.server.listen)
        .await
        .with_context(|| format!("{} cannot be listened on", config.server.listen))?;
    let client = egress::Client::new(egress_settings(config, listener.local_addr()?)?)?;
    let cipher = app::cipher::Cipher::new(master.reveal());
    let ctx = Ctx::new(
        store,
        options.clock.clone(),
        cipher,
        Clients::same(&client),
        limits(config),
    );
    ctx.check_master_key().await?;
    Ok((ctx, lock, listener))
}

/// One process uses a data directory at a time: two would each think they own every lease.
fn lock(config: &Config) -> anyhow::Result<File> {
    let path = config.server.data.join("campanile.lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            bail!(
                "another process uses the data directory {}",
                config.server.data.display()
            )
        }
        Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

pub(crate) fn store_settings(config: &Config) -> store::Settings {
    store::Settings {
        url: config.database.url.as_ref().map(|url| url.reveal().to_owned()),
        directory: config.server.data.clone(),
        readers: config.database.max_readers,
        synchronous: match config.database.synchronous {
            config::Synchronous::Full => store::Synchronous::Full,
            config::Synchronous::Normal => store::Synchronous::Normal,
        },
    }
}

/// Starts every pass, and reads the outbox if there is one.
async fn start_engine(
    config: &Config,
    ctx: &Arc<Ctx>,
    stopping: &CancellationToken,
) -> anyhow::Result<Arc<Engine>> {
    let settings = engine_settings(config)?;
    let engine = Engine::start(Arc::clone(ctx), ctx.client(), settings, stopping.clone()).await?;
    if let Some(watched) = outbox(config)? {
        engine.watch_outbox(watched);
    }
    Ok(engine)
}

/// The outbox that is read, if there is one.
fn outbox(config: &Config) -> anyhow::Result<Option<Watched>> {
    let Some(url) = &config.outbox.url else {
        return Ok(None);
    };
    Ok(Some(Watched {
        outbox: store::outbox::Outbox::new(url.reveal())?,
        reading: app::outbox::Reading {
            environment: config.outbox.environment.as_str().to_owned(),
            application: config
                .outbox
                .application
                .as_ref()
                .map(|name| name.as_str().to_owned()),
        },
        every: config.outbox.every.duration(),
    }))
}

pub(crate) fn limits(config: &Config) -> app::Limits {
    app::Limits {
        public_url: config.server.public_url.as_ref().map(ToString::to_string),
        event: domain::event::EventLimits {
            data_bytes: config.limits.event_data.get(),
            json_depth: config.limits.json_depth,
            ..domain::event::EventLimits::default()
        },
        token: domain::token::Rules {
            max_lifetime_ms: i64::try_from(config.tokens.max_lifetime.get()).unwrap_or(i64::MAX),
            ..domain::token::Rules::default()
        },
        token_lifetime: i64::try_from(config.tokens.default_lifetime.get() / 1_000).unwrap_or(3_600),
        lanes: app::lanes::LaneLimits {
            memory: config.delivery.lane_memory,
            concurrency: config.delivery.concurrency_per_endpoint,
            in_flight: config.delivery.in_flight,
            breaker: domain::retry::Breaker {
                strain: config.delivery.circuit_failures,
                pause: i64::try_from(config.delivery.circuit_open.get()).unwrap_or(i64::MAX),
            },
        },
        environment: domain::environment::Settings {
            retention: domain::environment::Retention {
                events: config.retention.events.get(),
                notifications: config.retention.notifications.get(),
                deliveries: config.retention.deliveries.get(),
                audit: config.retention.audit.get(),
            },
            ..domain::environment::Settings::default()
        },
    }
}

fn policy(config: &Config, own: SocketAddr) -> egress::Policy {
    egress::Policy::new(
        config.egress.allow.iter().copied(),
        iter::once(own).chain(config.metrics.listen),
    )
}

fn egress_settings(config: &Config, own: SocketAddr) -> anyhow::Result<egress::Settings> {
    let mut settings = egress::Settings {
        policy: policy(config, own),
        connect_timeout: config.egress.connect_timeout.duration(),
        max_body: config.egress.answer_bytes.get(),
        ..egress::Settings::default()
    };
    if let Some(path) = &config.egress.ca_file {
        let pem = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        settings.extra_roots = egress::certificates(&pem)
            .with_context(|| format!("{} holds no certificates", path.display()))?;
    }
    Ok(settings)
}

fn engine_settings(config: &Config) -> anyhow::Result<engine::Settings> {
    Ok(engine::Settings {
        deadline: config.egress.deadline.duration(),
        lease: config.delivery.lease.duration(),
        disable_after: i64::from(config.delivery.disable_after),
        user_agent: HeaderValue::from_str(config.egress.user_agent.as_str())?,
        node: format!("{}@{}", std::process::id(), config.server.listen),
        pretend: None,
    })
}

fn api_settings(config: &Config) -> api::Settings {
    api::Settings {
        body_limit: config.limits.body.get(),
        batch_body_limit: config.limits.batch_body.get(),
        batch_events: config.limits.batch_events,
        page_max: i64::try_from(config.limits.page_max).unwrap_or(100),
        public_url: config.server.public_url.as_ref().map(ToString::to_string),
        trusted_proxies: config.server.trusted_proxies.clone(),
        cors_origins: config
            .server
            .cors_origins
            .iter()
            .map(|origin| origin.as_str().to_owned())
            .collect(),
        heartbeat: config.stream.heartbeat.duration(),
        pong_timeout: config.stream.pong_timeout.duration(),
        queue: config.stream.queue,
        max_listeners: config.stream.max_connections,
        in_flight: config.limits.in_flight,
        waiting_bodies_per_user: config.limits.waiting_bodies_per_user,
        body_timeout: config.limits.body_timeout.duration(),
    }
}

#[derive(Debug, Clone)]
struct Health {
    ctx: Arc<Ctx>,
    engine: Arc<Engine>,
    stopping: CancellationToken,
}

/// Ready while the database answers, leases hold and nobody asked to stop.
async fn ready(State(health): State<Health>) -> Response {
    let problem = if health.stopping.is_cancelled() {
        Some("stopping")
    } else if health.ctx.store.read_all().await.is_err() {
        Some("the database does not answer")
    } else if !health.engine.may_claim() {
        Some("this node holds no lease: its clock or its heartbeat is off")
    } else {
        None
    };
    match problem {
        None => "ready\n".into_response(),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}
