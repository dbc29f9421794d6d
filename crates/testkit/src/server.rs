//! The real server, started for one test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::Ctx;
use campanile::{Options, Server};
use config::Config;
use http::Method;
use tokio::runtime::Runtime;

use crate::PATIENCE;
use crate::call::{Call, Http};
use crate::clock::Hand;
use crate::database::{Database, Place};
use crate::socket::SocketCall;
use crate::sse::EventSource;

/// The key the default environment has in every test.
const KEY: &str = "sk_test_of_the_default_environment";

/// A server that is about to be started.
#[expect(
    missing_debug_implementations,
    reason = "what changes the configuration has no form to show"
)]
#[must_use = "a server runs once started"]
pub struct Builder {
    database: Database,
    change: Change,
}

/// What a test says otherwise than the defaults.
type Change = Box<dyn FnOnce(&mut Config) + Send>;

impl Builder {
    /// With another configuration.
    pub fn with(self, change: impl FnOnce(&mut Config) + Send + 'static) -> Self {
        Self {
            change: Box::new(change),
            ..self
        }
    }

    /// Starts it.
    pub async fn start(self) -> TestServer {
        TestServer::launch(self.database, self.change).await
    }
}

/// A server, its data and its clock. Ends with the test; [`TestServer::finish`] also demands that no work is left.
#[derive(Debug)]
pub struct TestServer {
    http: Http,
    hand: Hand,
    config: Config,
    // Dropped in this order: first the program, then its data.
    running: Option<Running>,
    place: Arc<Place>,
}

#[derive(Debug)]
struct Running {
    server: Server,
    /// Of its own, so that it can be taken away from under the program.
    runtime: Runtime,
}

/// What is not done yet, as the database has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Left {
    /// Deliveries that are being sent, or whose outcome is not written yet.
    leased: i64,
    /// Deliveries that are due.
    due: i64,
    /// Timers that are due.
    timers: i64,
}

impl TestServer {
    /// On `SQLite`.
    pub async fn start() -> Self {
        Self::start_on(Database::Sqlite).await
    }

    /// On either database.
    pub async fn start_on(database: Database) -> Self {
        Self::on(database).start().await
    }

    /// On either database, to be configured.
    pub fn on(database: Database) -> Builder {
        Builder {
            database,
            change: Box::new(|_| {}),
        }
    }

    async fn launch(database: Database, change: Change) -> Self {
        let _ = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
            .with_test_writer()
            .try_init();
        let hand = Hand::new();
        let place = Arc::new(Place::new(database, hand.now()).await);
        let mut config = Config::default();
        config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.server.data = place.directory.path().to_owned();
        config.server.shutdown_grace = config::Millis::seconds(10);
        config.egress.allow = vec!["127.0.0.0/8".parse().expect("a network")];
        // Flushes cost time and show nothing here: the torture test kills the program for real.
        config.database.synchronous = config::Synchronous::Normal;
        if let Some(url) = place.url() {
            config.database.url = Some(database_url(&url));
        }
        change(&mut config);
        let mut server = Self {
            http: Http::new(),
            hand,
            config,
            running: None,
            place,
        };
        server.run().await;
        server
    }

    async fn run(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let options = Options {
            clock: self.hand.clock(),
            bootstrap_key: Some(KEY.to_owned()),
        };
        let config = self.config.clone();
        let started = runtime
            .spawn(async move { Server::start(&config, options).await })
            .await;
        let server = started
            .expect("the start does not panic")
            .expect("the server starts");
        self.running = Some(Running { server, runtime });
    }

    /// Another node on the same database, with the same clock. `PostgreSQL` only.
    pub async fn join(&self) -> Self {
        assert!(
            self.config.database.url.is_some(),
            "one process uses a file at a time"
        );
        let (hand, config, place) = (self.hand.clone(), self.config.clone(), Arc::clone(&self.place));
        let mut other = Self {
            http: Http::new(),
            hand,
            config,
            running: None,
            place,
        };
        other.run().await;
        other
    }

    /// Stops as a signal does, and starts again on the same data.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.run().await;
    }

    /// The same with another configuration.
    pub async fn restart_with(&mut self, change: impl FnOnce(&mut Config)) {
        self.stop().await;
        change(&mut self.config);
        self.run().await;
    }

    /// Stops as a signal does.
    pub async fn stop(&mut self) {
        let Running { server, runtime } = self.running.take().expect("the server runs");
        runtime
            .spawn(server.stop())
            .await
            .expect("the stop does not panic");
        runtime.shutdown_background();
    }

    /// Takes the runtime away from under the program: whatever it was about to do, it does not. What was queued for the database may
    /// still be written.
    pub async fn crash(&mut self) {
        let Running { server, runtime } = self.running.take().expect("the server runs");
        let rest = Arc::downgrade(server.ctx());
        drop(server);
        runtime.shutdown_background();
        let deadline = Instant::now() + PATIENCE;
        while rest.strong_count() > 0 {
            assert!(
                Instant::now() < deadline,
                "something holds on to the crashed server"
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Starts again after a stop or a crash.
    pub async fn start_again(&mut self) {
        self.run().await;
    }

    /// The environment's key.
    pub fn key(&self) -> &'static str {
        KEY
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("the server runs")
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.running().server.address()
    }

    /// Where metrics are, if they have an address of their own.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.running().server.metrics_address()
    }

    /// What the verbs work with.
    pub fn ctx(&self) -> &Arc<Ctx> {
        self.running().server.ctx()
    }

    /// What it was started with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Runs something where the server runs.
    pub async fn inside<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        self.running().runtime.spawn(work).await.expect("no panic")
    }

    /// A call with the environment's key.
    pub fn call(&self, method: Method, path: &str) -> Call {
        Call::new(self.http.clone(), self.running().server.url(), method, path).key(KEY)
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// `POST` with a JSON body.
    pub fn post(&self, path: &str, body: &serde_json::Value) -> Call {
        self.call(Method::POST, path).json(body)
    }

    /// `PUT` with a JSON body.
    pub fn put(&self, path: &str, body: &serde_json::Value) -> Call {
        self.call(Method::PUT, path).json(body)
    }

    /// `PATCH` with a JSON body.
    pub fn patch(&self, path: &str, body: &serde_json::Value) -> Call {
        self.call(Method::PATCH, path).json(body)
    }

    /// `DELETE`.
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    /// A WebSocket; `query` begins with `?` or is empty.
    pub fn socket(&self, query: &str) -> SocketCall {
        SocketCall::new(self.address(), query)
    }

    /// Server-sent events, or the status they were refused with.
    pub async fn sse(&self, query: &str, key: &str, last: Option<&str>) -> Result<EventSource, u16> {
        EventSource::open(&self.http, &self.running().server.url(), query, key, last).await
    }

    /// Milliseconds since the Unix epoch, by the clock that is turned.
    pub fn now(&self) -> i64 {
        self.hand.now()
    }

    /// Turns the clock, and runs nothing.
    pub async fn turn(&self, milliseconds: i64) {
        let now = self.hand.now() + milliseconds;
        self.hand.set(now);
        self.place.turn(now).await;
    }

    /// Runs every pass once.
    pub async fn run_due(&self) {
        let engine = Arc::clone(self.running().server.engine());
        self.inside(async move { engine.run_due().await })
            .await
            .expect("the passes run");
    }

    /// Turns the clock and brings everything that is due then to its end.
    pub async fn turn_and_settle(&self, milliseconds: i64) {
        self.turn(milliseconds).await;
        self.settle().await;
    }

    /// Brings everything that is due now to its end: attempts, retries, timers. What an open circuit or a rate holds back stays.
    pub async fn settle(&self) {
        let deadline = Instant::now() + PATIENCE;
        let (mut before, mut same) = (None, 0);
        loop {
            self.run_due().await;
            let left = self.left().await;
            let idle = self.running().server.engine().is_idle() && left.leased == 0 && left.timers == 0;
            if idle && left.due == 0 {
                return;
            }
            same = if idle && before == Some(left) { same + 1 } else { 0 };
            if same >= 20 {
                return;
            }
            assert!(Instant::now() < deadline, "work does not end: {left:?}");
            before = Some(left);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Runs every pass a few times, whatever other nodes may still hold.
    pub async fn settle_others(&self) {
        for _ in 0..3 {
            self.run_due().await;
        }
    }

    async fn left(&self) -> Left {
        let now = self.now();
        let due = format!(
            "SELECT count(*) FROM deliveries d LEFT JOIN endpoints e ON e.id = d.destination
             WHERE coalesce(e.status, 'active') = 'active' AND d.finished_at IS NULL AND d.owner IS NULL AND d.due_at <= {now}"
        );
        let leased = "SELECT count(*) FROM deliveries WHERE finished_at IS NULL AND owner IS NOT NULL";
        // In the order in which work moves on: timers make deliveries, which are leased. So what moves meanwhile is seen once at least.
        let timers = self
            .number(&format!("SELECT count(*) FROM timers WHERE due_at <= {now}"))
            .await;
        let due = self.number(&due).await;
        let leased = self.number(leased).await;
        Left { leased, due, timers }
    }

    /// One number, read past the server by plain SQL.
    pub async fn number(&self, sql: &str) -> i64 {
        self.place.number(sql).await
    }

    /// Runs plain SQL past the server.
    pub async fn execute(&self, sql: &str) {
        self.place.execute(sql).await;
    }

    /// Writes a timer that is due, in the default environment.
    pub async fn timer(&self, kind: domain::effects::TimerKind, state: &str) {
        let (id, now) = (self.ctx().ids().fresh::<domain::id::TimerId>(), self.now());
        let (id, kind) = (domain::id::Prefixed::bare(&id), kind as i16);
        self.execute(&format!(
            "INSERT INTO timers (id, environment, kind, subject, state, due_at, created_at)
             VALUES ('{id}', 1, {kind}, 'a test', '{state}', {now}, {now})"
        ))
        .await;
    }

    /// Brings everything to its end and demands silence: no delivery open, no timer waiting.
    pub async fn finish(mut self) {
        self.settle().await;
        // A timer that met a change of configuration fires again a second later.
        for _ in 0..3 {
            if self.number("SELECT count(*) FROM timers").await > 0 {
                self.turn_and_settle(1_000).await;
            }
        }
        let open = self
            .number("SELECT count(*) FROM deliveries WHERE finished_at IS NULL")
            .await;
        let timers = self.number("SELECT count(*) FROM timers").await;
        assert_eq!((open, timers), (0, 0), "deliveries and timers are left over");
        self.stop().await;
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if let Some(Running { server, runtime }) = self.running.take() {
            drop(server);
            runtime.shutdown_background();
        }
    }
}

/// The configuration that these settings make, such as `("DATABASE__URL", "postgres://…")`.
pub fn configured(settings: &[(&str, &str)]) -> Config {
    let variables = settings
        .iter()
        .map(|(name, value)| (format!("CAMPANILE__{name}"), (*value).to_owned()));
    let sources = config::Sources {
        env: variables.collect(),
        ..config::Sources::default()
    };
    Config::load(sources).expect("settings")
}

/// The setting `database.url`.
pub fn database_url(url: &str) -> config::DatabaseUrl {
    configured(&[("DATABASE__URL", url)])
        .database
        .url
        .expect("was set")
}

/// The setting `server.public_url`.
pub fn public_url(url: &str) -> config::BaseUrl {
    let loaded = configured(&[("SERVER__PUBLIC_URL", url)]);
    loaded.server.public_url.expect("was set")
}
