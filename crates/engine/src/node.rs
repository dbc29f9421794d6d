//! This process as a node: its lease, its heartbeat, and the rescue of what dead ones held.

use std::time::{Duration, Instant};

use app::Ctx;
use domain::delivery::Owner;
use parking_lot::Mutex;

use crate::Result;
use crate::run::{Engine, Settings};

/// A clock further off the database's than this claims nothing.
pub(crate) const CLOCK_TOLERANCE: i64 = 2_000;
/// What must be left of the lease beyond an attempt's deadline.
const MARGIN: Duration = Duration::from_secs(5);

/// This incarnation of the process.
#[derive(Debug)]
pub(crate) struct Node {
    shared: bool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    owner: Owner,
    /// By the machine's monotonic clock, which nobody turns and which goes on while the process is stopped.
    until: Instant,
    clock_off: bool,
    /// No other node lives.
    alone: bool,
}

impl Node {
    /// Enters the table of nodes. On `SQLite` every earlier process is gone, so its leases are freed at once.
    pub(crate) async fn register(ctx: &Ctx, settings: &Settings) -> Result<Self> {
        Ok(Self {
            shared: ctx.store.is_shared(),
            state: Mutex::new(enter(ctx, settings).await?),
        })
    }

    pub(crate) fn owner(&self) -> Owner {
        self.state.lock().owner
    }

    /// Whether no other node lived when this one last looked.
    pub(crate) fn is_alone(&self) -> bool {
        self.state.lock().alone
    }

    /// Whether an attempt of this length may start: its lease must outlive it.
    pub(crate) fn may_attempt(&self, deadline: Duration) -> bool {
        if !self.shared {
            return true;
        }
        let state = self.state.lock();
        !state.clock_off && Instant::now() + deadline + MARGIN <= state.until
    }

    pub(crate) async fn leave(&self, ctx: &Ctx) -> Result<()> {
        let mut tx = ctx.store.write_all().await?;
        store::node::leave(&mut tx, self.owner()).await?;
        Ok(tx.commit().await?)
    }
}

/// Registers and rescues, by the clock that all nodes share; answers the new owner and the end of its lease.
async fn enter(ctx: &Ctx, settings: &Settings) -> Result<State> {
    let until = Instant::now() + settings.lease;
    let database = store::node::clock(&mut *ctx.store.read_all().await?).await?;
    let (now, clock_off) = told(ctx.now(), database);
    let mut tx = ctx.store.write_all().await?;
    let lease = i64::try_from(settings.lease.as_millis()).unwrap_or(30_000);
    let owner = store::node::register(&mut tx, &settings.node, now + lease, now).await?;
    let alone = rescue(&mut tx, now, (!ctx.store.is_shared()).then_some(owner)).await?;
    tx.commit().await?;
    Ok(State {
        owner,
        until,
        clock_off,
        alone,
    })
}

/// The time by the database's clock where it has one, and whether this machine's is off it.
fn told(own: i64, database: Option<i64>) -> (i64, bool) {
    let now = database.unwrap_or(own);
    (now, (now - own).abs() > CLOCK_TOLERANCE)
}

/// Answers whether only one node is left.
async fn rescue(tx: &mut store::Tx, now: i64, all_but: Option<Owner>) -> Result<bool> {
    let living = store::node::bury(tx, now, all_but).await?;
    let deliveries = store::delivery::rescue(tx, &living, now).await?;
    let timers = store::timer::rescue(tx, &living).await?;
    if deliveries + timers > 0 {
        tracing::info!(
            deliveries,
            timers,
            "rescued what a process that is no more had leased"
        );
    }
    Ok(living.len() <= 1)
}

impl Engine {
    /// Lengthens this node's lease and frees those of the dead. A node that was itself counted dead begins a new life.
    pub(crate) async fn beat(&self) -> Result<()> {
        if !self.node.shared {
            return Ok(());
        }
        let started = Instant::now();
        let database = store::node::clock(&mut *self.ctx.store.read_all().await?).await?;
        let (now, off) = told(self.ctx.now(), database);
        if off != std::mem::replace(&mut self.node.state.lock().clock_off, off) {
            tracing::warn!(
                off,
                "this machine's clock and the database's differ by more than 2 s; nothing is claimed while they do"
            );
        }
        let lease = i64::try_from(self.settings.lease.as_millis()).unwrap_or(30_000);
        let mut tx = self.ctx.store.write_all().await?;
        let living = store::node::heartbeat(&mut tx, self.node.owner(), now + lease).await?;
        if living {
            let alone = rescue(&mut tx, now, None).await?;
            tx.commit().await?;
            let mut state = self.node.state.lock();
            (state.until, state.alone) = (started + self.settings.lease, alone);
            return Ok(());
        }
        tx.rollback().await?;
        tracing::warn!("this node was counted dead; its leases are lost and it begins anew");
        let entered = enter(&self.ctx, &self.settings).await?;
        if !self.stopping.is_cancelled() {
            self.ctx.lanes.set_owner(entered.owner);
        }
        *self.node.state.lock() = entered;
        Ok(())
    }

    /// Whether this node may claim now.
    pub fn may_claim(&self) -> bool {
        self.node.may_attempt(self.settings.deadline)
    }
}
