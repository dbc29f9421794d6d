//! The engine as a whole: which pass runs when, and how it stops.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use app::Ctx;
use domain::delivery::{Completion, Owner};
use egress::Client;
use futures_util::FutureExt;
use http::HeaderValue;
use parking_lot::Mutex;
use store::timer::Timer;
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Result;
use crate::alarm::Alarm;
use crate::deliver::Delivery;
use crate::node::Node;
use crate::pretend::Pretend;
use crate::unsure::Unsure;

/// Programs asked at the same time on behalf of runs.
const FETCHES: usize = 64;
/// For what is written after the grace is over.
const LAST: Duration = Duration::from_secs(5);

/// What the operator's configuration says to the engine.
#[derive(Debug, Clone)]
pub struct Settings {
    /// For one attempt, from name lookup to the last byte read.
    pub deadline: Duration,
    /// How long a node's leases outlive its last heartbeat.
    pub lease: Duration,
    /// Failed attempts in a row that disable an endpoint.
    pub disable_after: i64,
    /// How the server calls itself.
    pub user_agent: HeaderValue,
    /// This node's name, for people.
    pub node: String,
    /// What is said to come back instead of asking anybody: in a simulation.
    pub pretend: Option<Pretend>,
}

/// Everything the passes work with.
#[derive(Debug)]
pub struct Engine {
    pub(crate) ctx: Arc<Ctx>,
    pub(crate) client: Client,
    pub(crate) settings: Settings,
    pub(crate) node: Node,
    pub(crate) tasks: TaskTracker,
    /// The lanes are also called from the writer's thread, which is no task.
    pub(crate) runtime: Handle,
    /// First signal: claim nothing more, finish what is under way.
    pub(crate) stopping: CancellationToken,
    /// Wakes the claims.
    pub(crate) look: Alarm,
    /// Wakes the timers.
    pub(crate) fire: Alarm,
    /// Outcomes that could not be written yet.
    pub(crate) unwritten: Mutex<Vec<Completion>>,
    /// What may be leased to this node without its knowing.
    pub(crate) unsure: Mutex<Vec<Unsure>>,
    /// Claims made so far.
    pub(crate) claims: AtomicI64,
    /// Timers that failed and could not be postponed yet.
    pub(crate) unfired: Mutex<Vec<Timer>>,
    /// The bare id of the run that waits which was looked at last.
    pub(crate) waits: Mutex<String>,
    /// Turns to ask programs on behalf of runs.
    pub(crate) fetching: Arc<Semaphore>,
    /// When the last look for feeds that other nodes moved began.
    pub(crate) looked: AtomicI64,
}

impl Engine {
    /// Registers this process as a node, frees what earlier ones held, and starts every pass.
    pub async fn start(
        ctx: Arc<Ctx>,
        client: Client,
        settings: Settings,
        stopping: CancellationToken,
    ) -> Result<Arc<Self>> {
        let node = Node::register(&ctx, &settings).await?;
        let engine = Arc::new(Self {
            ctx,
            client,
            settings,
            node,
            tasks: TaskTracker::new(),
            runtime: Handle::current(),
            stopping,
            look: Alarm::new(),
            fire: Alarm::new(),
            unwritten: Mutex::default(),
            unsure: Mutex::default(),
            claims: AtomicI64::new(0),
            unfired: Mutex::default(),
            waits: Mutex::default(),
            fetching: Arc::new(Semaphore::new(FETCHES)),
            looked: AtomicI64::new(i64::MAX),
        });
        engine
            .ctx
            .lanes
            .attach(Arc::new(Delivery(Arc::downgrade(&engine))));
        engine.ctx.lanes.set_owner(engine.node.owner());
        engine.spawn_passes();
        Ok(engine)
    }

    fn spawn_passes(self: &Arc<Self>) {
        let second = Duration::from_secs(1);
        self.every(
            "claim",
            second,
            Some(|engine| &engine.look.wakes),
            |engine| async move { engine.claim().await },
        );
        self.every(
            "timers",
            second,
            Some(|engine| &engine.fire.wakes),
            |engine| async move { engine.fire_timers().await },
        );
        self.every(
            "expire",
            second,
            None,
            |engine| async move { engine.expire().await },
        );
        self.every(
            "watch",
            second,
            None,
            |engine| async move { engine.watch().await },
        );
        self.every("waits", second, None, |engine| async move {
            engine.look_after_waits().await
        });
        self.every("beat", self.settings.lease / 6, None, |engine| async move {
            engine.beat().await
        });
        self.every("rescue", self.settings.lease / 6, None, |engine| async move {
            engine.rescue().await
        });
        self.every("prune", Duration::from_secs(60), None, |engine| async move {
            engine.prune().await
        });
        self.every(
            "rewrite",
            second,
            None,
            |engine| async move { engine.rewrite().await },
        );
        self.every("unsure", second, None, |engine| async move {
            engine.settle_doubts().await
        });
        self.every("sweep", Duration::from_secs(30), None, |engine| async move {
            engine.sweep()
        });
        self.every("statistics", Duration::from_secs(10), None, |engine| async move {
            engine.ctx.write_statistics().await
        });
        if self.ctx.store.is_shared() {
            self.every("moved", second, None, |engine| async move {
                engine.tell_moved().await
            });
            self.spawn(Arc::clone(self).call_others());
            self.spawn(Arc::clone(self).hear_others());
        }
        let engine = Arc::clone(self);
        self.spawn(async move { engine.follow_events().await });
    }

    /// Runs a pass again and again: after `period`, or earlier when it is woken.
    fn every<F, Fut>(
        self: &Arc<Self>,
        name: &'static str,
        period: Duration,
        wake: Option<fn(&Self) -> &Notify>,
        pass: F,
    ) where
        F: Fn(Arc<Self>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<()>> + Send,
    {
        let engine = Arc::clone(self);
        self.spawn(async move {
            loop {
                // Subscribed before looking: what is written meanwhile wakes the next round.
                let woken = async {
                    match wake {
                        Some(wake) => wake(&engine).notified().await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    biased;
                    () = engine.stopping.cancelled() => return,
                    () = woken => {}
                    () = tokio::time::sleep(period) => {}
                }
                // A pass may run at any time, so one that panics is run again like one that fails.
                let failure = match AssertUnwindSafe(pass(Arc::clone(&engine))).catch_unwind().await {
                    Ok(Ok(())) => continue,
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => "it panicked".to_owned(),
                };
                tracing::warn!(pass = name, failure, "a pass failed; the next one tries again");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
    }

    /// Runs a task to its end, even after the first signal.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn_on(task, &self.runtime);
    }

    /// Brings everything that is due now one step closer: what tests call instead of waiting.
    pub async fn run_due(self: &Arc<Self>) -> Result<()> {
        self.watch().await?;
        self.beat().await?;
        self.rescue().await?;
        self.expire().await?;
        self.fire_timers().await?;
        self.look_after_waits().await?;
        self.claim().await?;
        self.ctx.write_statistics().await?;
        self.prune().await
    }

    /// Brings everything that is due now to its end; for a simulation, where nothing is ever held up from outside.
    pub async fn come_to_rest(self: &Arc<Self>) -> Result<()> {
        loop {
            self.run_due().await?;
            let mut reader = self.ctx.store.read_all().await?;
            let now = self.ctx.now();
            let timer = store::timer::next_due(&mut reader, i64::MIN).await?;
            let delivery = store::delivery::next_due(&mut reader).await?;
            drop(reader);
            let is_due = [timer, delivery].into_iter().flatten().any(|at| at <= now);
            if !is_due && self.is_idle() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// When the next thing is due, milliseconds since the Unix epoch.
    pub async fn next_due(&self) -> Result<Option<i64>> {
        let mut reader = self.ctx.store.read_all().await?;
        let timer = store::timer::next_due(&mut reader, i64::MIN).await?;
        let delivery = store::delivery::next_due(&mut reader).await?;
        Ok([timer, delivery].into_iter().flatten().min())
    }

    /// Whether nothing is under way and nothing waits in memory.
    pub fn is_idle(&self) -> bool {
        self.ctx.lanes.in_flight() == 0 && self.ctx.lanes.queued() == 0
    }

    /// After the first signal: gives back what waits, lets attempts under way end until `grace` is over, then leaves.
    pub async fn stop(self: &Arc<Self>, grace: Duration) {
        // What is published from here on waits in the database.
        self.ctx.lanes.set_owner(Owner(0));
        self.give_back(self.ctx.lanes.drain(), self.ctx.now());
        self.tasks.close();
        let under_way = async {
            // What was promised room before: its commit brings it to its lane yet.
            while self.ctx.lanes.promised() > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            self.tasks.wait().await;
        };
        if tokio::time::timeout(grace, under_way).await.is_err() {
            tracing::warn!(
                in_flight = self.ctx.lanes.in_flight(),
                "some attempts did not end in time; they count as unknown"
            );
        }
        // What a pass that was under way still claimed, and outcomes that could not be written.
        self.give_back(self.ctx.lanes.drain(), self.ctx.now());
        let last = async {
            self.rewrite().await?;
            self.tasks.wait().await;
            self.ctx.write_statistics().await?;
            self.node.leave(&self.ctx).await
        };
        match tokio::time::timeout(LAST, last).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "this node could not sign off; its leases end by themselves");
            }
            Err(_) => tracing::warn!("the database does not answer; this node's leases end by themselves"),
        }
    }

    /// Looks for changes of configuration made by other nodes or from the command line.
    async fn watch(&self) -> Result<()> {
        self.ctx.watch().await.map(drop)
    }

    #[expect(clippy::unnecessary_wraps, reason = "a pass like the others")]
    fn sweep(&self) -> Result<()> {
        self.ctx.lanes.sweep();
        self.client.sweep();
        Ok(())
    }
}
