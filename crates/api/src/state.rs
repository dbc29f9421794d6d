//! What every handler shares.

use std::sync::Arc;
use std::time::Duration;

use app::Ctx;
use app::simulation::Simulate;
use ipnet::IpNet;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::limit::Limiter;
use crate::seats::Seats;

/// What the operator's configuration says to the API.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Bytes of a body.
    pub body_limit: usize,
    /// Bytes of a batch.
    pub batch_body_limit: usize,
    /// Events of a batch.
    pub batch_events: usize,
    /// Rows of a page.
    pub page_max: i64,
    /// Where the world finds this server.
    pub public_url: Option<String>,
    /// Proxies whose word about a caller's address counts.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins that browsers may call from; `*` is any.
    pub cors_origins: Vec<String>,
    /// Silence after which a listener is asked whether it is there.
    pub heartbeat: Duration,
    /// How long it may take to say so.
    pub pong_timeout: Duration,
    /// Signals that may wait for one listener.
    pub queue: usize,
    /// Listeners on this node.
    pub max_listeners: usize,
    /// Requests answered at the same time.
    pub in_flight: usize,
    /// Bodies of one user's requests that may be waited for at the same time.
    pub waiting_bodies_per_user: usize,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            body_limit: 1 << 20,
            batch_body_limit: 16 << 20,
            batch_events: 1_000,
            page_max: 100,
            public_url: None,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            heartbeat: Duration::from_secs(30),
            pong_timeout: Duration::from_secs(10),
            queue: 256,
            max_listeners: 20_000,
            in_flight: 2_048,
            waiting_bodies_per_user: 64,
            body_timeout: Duration::from_secs(30),
        }
    }
}

/// The state of every handler.
#[derive(Debug, Clone)]
pub struct Api {
    /// What the verbs work with.
    pub ctx: Arc<Ctx>,
    /// What the operator chose.
    pub settings: Arc<Settings>,
    /// Rate limits of application keys.
    pub(crate) limiter: Arc<Limiter>,
    /// Room for requests.
    pub(crate) room: Arc<Semaphore>,
    /// Room for the bodies that one user's requests wait for.
    pub(crate) seats: Arc<Seats>,
    /// Plays scripts; nobody does within a simulation.
    pub(crate) simulator: Option<Arc<dyn Simulate>>,
    /// First signal: sockets are told to go elsewhere.
    pub stopping: CancellationToken,
}

impl Api {
    /// Puts the state together.
    pub fn new(ctx: Arc<Ctx>, settings: Settings, stopping: CancellationToken) -> Self {
        Self {
            ctx,
            room: Arc::new(Semaphore::new(settings.in_flight)),
            settings: Arc::new(settings),
            limiter: Arc::default(),
            seats: Arc::default(),
            simulator: None,
            stopping,
        }
    }

    /// Lets callers try what would happen.
    #[must_use]
    pub fn with_simulator(self, simulator: Arc<dyn Simulate>) -> Self {
        Self {
            simulator: Some(simulator),
            ..self
        }
    }
}
