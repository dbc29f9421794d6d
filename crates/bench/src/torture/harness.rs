//! One run: servers, receiver, client and followers around a fault, then the settling and the checks.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value;
use tokio::task::JoinSet;

use super::check::{self, KIND};
use super::client::{self, APP, Client};
use super::follower::Follower;
use super::inbox::Inbox;
use super::ledger::{Ledger, Violation};
use super::observed::Observed;
use super::{observe, settle};
use crate::http::Api;
use crate::postgres::Cluster;
use crate::receiver::Receiver;
use crate::server::{Database, Server, Spec};
use crate::setup::{self, Webhook};
use crate::workers::Workers;

/// A restarted server must be ready this soon.
const READY: Duration = Duration::from_secs(2);
const PUBLISHERS: usize = 6;
const PEOPLE: usize = 8;

/// How hard a run is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pressure {
    /// Events a second.
    pub(crate) rate: f64,
    /// How long settling may take.
    pub(crate) settle: Duration,
    /// Chance.
    pub(crate) seed: u64,
}

/// A run in progress.
pub(crate) struct Harness {
    /// How each node starts.
    pub(crate) specs: Vec<Spec>,
    /// The nodes; none while one is down.
    pub(crate) servers: Vec<Option<Server>>,
    /// What arrived.
    pub(crate) inbox: Arc<Inbox>,
    /// What was sent.
    pub(crate) ledger: Arc<Ledger>,
    /// The client.
    pub(crate) client: Arc<Client>,
    /// The receiver of the webhook.
    pub(crate) receiver: Receiver,
    /// The webhook that always matches.
    pub(crate) webhook: Webhook,
    /// Chance.
    pub(crate) rng: StdRng,
    /// What a reader of the result should know.
    pub(crate) notes: Vec<String>,
    /// How hard it is.
    pub(crate) pressure: Pressure,
    slowest: Duration,
    restarts: u32,
    followers: Vec<(String, Arc<Follower>)>,
    tasks: JoinSet<()>,
    following: JoinSet<()>,
    _workers: Workers,
}

/// What a run came to.
pub(crate) struct Verdict {
    /// Counts, in a line.
    pub(crate) summary: String,
    /// What a reader should know.
    pub(crate) notes: Vec<String>,
    /// Broken promises.
    pub(crate) violations: Vec<Violation>,
}

impl Harness {
    /// Starts `nodes` servers on one fresh database, and everything around them.
    pub(crate) async fn start(
        binary: &Path,
        scratch: &Path,
        database: &Database,
        nodes: usize,
        pressure: Pressure,
    ) -> Result<Self> {
        let specs = specs(binary, scratch, database, nodes)?;
        let mut servers = Vec::new();
        for spec in &specs {
            servers.push(Some(spec.start().await?));
        }
        let api = Api {
            addr: specs[0].listen,
            key: specs[0].key.clone(),
        };
        let workers = Workers::start(1)?;
        let inbox = Arc::new(Inbox::default());
        let receiver = Receiver::start(workers.handles(), Arc::clone(&inbox) as _)?;
        setup::app(&api, APP).await?;
        setup::event_type(&api, KIND, "app").await?;
        // Every type: state changes come back through it as well.
        let webhook = setup::webhook(&api, APP, &receiver.url("/inbox"), &[], Some("five")).await?;
        inbox.trust(&webhook.secret)?;
        let users = client::people(&api, PEOPLE).await?;
        let ledger = Arc::new(Ledger::default());
        let addrs = specs.iter().map(|spec| spec.listen).collect();
        let client = Client::new(
            addrs,
            api.key.clone(),
            Arc::clone(&ledger),
            users.clone(),
            pressure.rate,
        );
        let mut harness = Self {
            specs,
            servers,
            inbox,
            ledger,
            client,
            receiver,
            webhook,
            rng: StdRng::seed_from_u64(pressure.seed),
            notes: Vec::new(),
            pressure,
            slowest: Duration::ZERO,
            restarts: 0,
            followers: Vec::new(),
            tasks: JoinSet::new(),
            following: JoinSet::new(),
            _workers: workers,
        };
        harness.follow(&users).await?;
        harness.tasks = harness.client.start(pressure.seed, PUBLISHERS, PEOPLE / 2);
        Ok(harness)
    }

    /// The followers listen on the last node: a fault that pauses one pauses the first.
    async fn follow(&mut self, users: &[String]) -> Result<()> {
        let last = self.specs.last().context("at least one node")?;
        for user in users {
            let follower = Follower::new(last.listen, last.key.clone(), user.clone());
            self.following.spawn(Arc::clone(&follower).follow());
            self.followers.push((user.clone(), follower));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok(())
    }

    /// A client of this node for reading.
    pub(crate) fn api(&self, node: usize) -> Api {
        Api {
            addr: self.specs[node].listen,
            key: self.specs[node].key.clone(),
        }
    }

    /// Waits, with luck, between these many seconds.
    pub(crate) async fn wait(&mut self, from: f64, to: f64) {
        let seconds = self.rng.random_range(from..to.max(from + 0.001));
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    }

    /// `kill -9`.
    pub(crate) async fn kill(&mut self, node: usize) -> Result<()> {
        match self.servers[node].take() {
            Some(server) => server.kill().await,
            None => Ok(()),
        }
    }

    /// Starts a killed node on the same data, which must be quick.
    pub(crate) async fn restart(&mut self, node: usize) -> Result<()> {
        let server = self.specs[node].start().await?;
        self.restarts += 1;
        self.slowest = self.slowest.max(server.ready_after);
        if server.ready_after > READY {
            self.complain("restart took too long", format!("{:?}", server.ready_after));
        }
        self.servers[node] = Some(server);
        Ok(())
    }

    /// Whether a node ended by itself.
    pub(crate) fn ended(&mut self, node: usize) -> bool {
        self.servers[node].as_mut().is_none_or(Server::ended)
    }

    /// A promise was seen broken.
    pub(crate) fn complain(&self, rule: &'static str, detail: impl Into<String>) {
        self.ledger.book().broken.push(Violation::new(rule, detail));
    }

    /// Waits until writes are acknowledged again; `false` after `patience`.
    pub(crate) async fn acked_again(&self, patience: Duration) -> bool {
        let before = self.ledger.book().acked;
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if self.ledger.book().acked > before {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }

    /// Lets everything come to rest and checks it.
    pub(crate) async fn finish(mut self) -> Result<Verdict> {
        self.client.stop.cancel();
        while let Some(task) = self.tasks.join_next().await {
            task.context("a task of the client")?;
        }
        for node in 0..self.specs.len() {
            if self.ended(node) {
                self.servers[node] = None;
                self.restart(node).await?;
            }
        }
        self.inbox.misbehave_every.store(0, Ordering::Relaxed);
        settle::settle(&mut self).await?;
        let seen = self.observe().await?;
        let mut violations = check::check(&self.ledger.book(), &seen);
        violations.extend(self.inbox.read(|pages| pages.broken.clone()));
        let summary = self.summary(&seen);
        let verdict = Verdict {
            summary,
            notes: std::mem::take(&mut self.notes),
            violations,
        };
        for server in self.servers.drain(..).flatten() {
            server.stop().await?;
        }
        Ok(verdict)
    }

    async fn observe(&mut self) -> Result<Observed> {
        let api = self.api(self.specs.len() - 1);
        let mut seen = Observed {
            stored: observe::events(&api).await?,
            ..Observed::default()
        };
        // What is stored without a known answer must be delivered as well.
        let begun = Instant::now();
        while begun.elapsed() < self.pressure.settle
            && seen.stored.iter().any(|event| !self.inbox.took(&event.id))
        {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        for (user, follower) in &self.followers {
            let (feed, _) = observe::feed(&api, user).await?;
            let begun = Instant::now();
            while follower.followed().seq < feed.seq && begun.elapsed() < Duration::from_secs(30) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            seen.followed.insert(user.clone(), follower.followed());
            seen.feeds.insert(user.clone(), feed);
        }
        self.following.abort_all();
        (seen.arrived, seen.state_events) = self
            .inbox
            .read(|pages| (pages.arrived.clone(), pages.state_events.clone()));
        Ok(seen)
    }

    fn summary(&self, seen: &Observed) -> String {
        let book = self.ledger.book();
        let acked = book
            .events
            .values()
            .filter(|entry| entry.event_id.is_some())
            .count();
        let noticed = book
            .notifications
            .values()
            .filter(|entry| entry.id.is_some())
            .count();
        let changes: usize = book.notifications.values().map(|entry| entry.changes.len()).sum();
        let duplicates = self.inbox.read(|pages| pages.duplicates);
        let (mut returns, mut resets) = (0, 0);
        for followed in seen.followed.values() {
            returns += followed.returns;
            resets += followed.resets;
        }
        format!(
            "{acked} events, {noticed} notifications, {changes} changes acknowledged; {} answers lost; {duplicates} \
             duplicate deliveries; {} restarts, slowest {:.0} ms; followers came back {returns} times, {resets} resets; \
             statuses {:?}",
            book.lost,
            self.restarts,
            self.slowest.as_secs_f64() * 1e3,
            book.statuses
        )
    }
}

fn specs(binary: &Path, scratch: &Path, database: &Database, nodes: usize) -> Result<Vec<Spec>> {
    let mut specs: Vec<Spec> = Vec::new();
    for node in 0..nodes {
        let name = format!("node-{node}");
        let mut spec = Spec::new(binary, scratch, &name, database.clone())?.with_fixed_port()?;
        if let Some(first) = specs.first() {
            spec.key.clone_from(&first.key);
        }
        specs.push(spec);
    }
    Ok(specs)
}

/// The database of one run: the one inside, or a new one in the cluster.
pub(crate) fn fresh_database(cluster: Option<&Cluster>, name: &str) -> Result<Database> {
    match cluster {
        None => Ok(Database::Sqlite),
        Some(cluster) => Ok(Database::Postgres(cluster.create_database(name)?)),
    }
}

/// The rows of a JSON list.
pub(crate) fn rows(page: &Value) -> &[Value] {
    page["data"].as_array().map(Vec::as_slice).unwrap_or_default()
}
