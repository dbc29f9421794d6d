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
/// Milliseconds between two looks for leases of the dead where nobody died meanwhile: one that was counted dead may yet commit some.
const LOOK: i64 = 60_000;
/// Destinations whose leases of the dead are freed in one turn among the writers.
const TOGETHER: usize = 128;

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
    /// When leases of the dead were looked for last, by the clock that all nodes share; 0 while that is owed.
    looked_at: i64,
}

impl Node {
    /// Enters the table of nodes. On `SQLite` every earlier process is gone, so its leases are freed at once.
    pub(crate) async fn register(ctx: &Ctx, settings: &Settings) -> Result<Self> {
        let node = Self {
            shared: ctx.store.is_shared(),
            state: Mutex::new(enter(ctx, settings).await?),
        };
        // On `SQLite` nobody else will; elsewhere the pass tries again.
        match node.rescue(ctx).await {
            Err(error) if node.shared => {
                tracing::warn!(%error, "what dead nodes had leased could not be freed yet");
            }
            rescued => rescued?,
        }
        Ok(node)
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

    /// What an attempt may take that would take so long: its lease must outlive it.
    pub(crate) fn within(&self, deadline: Duration) -> Duration {
        if !self.shared {
            return deadline;
        }
        let left = self.state.lock().until.saturating_duration_since(Instant::now());
        deadline.min(left.saturating_sub(MARGIN))
    }

    /// Counts nodes dead whose time is over, and frees what they had leased.
    async fn rescue(&self, ctx: &Ctx) -> Result<()> {
        let (now, _) = told(ctx).await?;
        let all_but = (!self.shared).then(|| self.owner());
        let mut tx = ctx.store.write_all().await?;
        let buried = store::node::bury(&mut tx, now, all_but).await?;
        let living = store::node::living(&mut tx).await?;
        tx.commit().await?;
        if self.owes_a_look(buried, living.len(), now) {
            free(ctx, now).await?;
            self.state.lock().looked_at = now;
        }
        Ok(())
    }

    /// Notes who is left; answers whether leases of the dead are to be looked for now.
    fn owes_a_look(&self, buried: u64, living: usize, now: i64) -> bool {
        let mut state = self.state.lock();
        state.alone = living <= 1;
        if buried > 0 {
            state.looked_at = 0;
        }
        (now - state.looked_at).abs() >= LOOK
    }

    pub(crate) async fn leave(&self, ctx: &Ctx) -> Result<()> {
        let mut tx = ctx.store.write_all().await?;
        store::node::leave(&mut tx, self.owner()).await?;
        Ok(tx.commit().await?)
    }
}

/// Registers by the clock that all nodes share; answers the new owner and the end of its lease.
async fn enter(ctx: &Ctx, settings: &Settings) -> Result<State> {
    let until = Instant::now() + settings.lease;
    let (now, clock_off) = told(ctx).await?;
    let mut tx = ctx.store.write_all().await?;
    let owner = store::node::register(&mut tx, &settings.node, now + lease(settings), now).await?;
    tx.commit().await?;
    Ok(State {
        owner,
        until,
        clock_off,
        alone: false,
        looked_at: 0,
    })
}

/// The time by the database's clock where it has one, and whether this machine's is off it.
async fn told(ctx: &Ctx) -> Result<(i64, bool)> {
    let database = store::node::clock(&mut *ctx.store.read_all().await?).await?;
    let own = ctx.now();
    let now = database.unwrap_or(own);
    Ok((now, (now - own).abs() > CLOCK_TOLERANCE))
}

fn lease(settings: &Settings) -> i64 {
    i64::try_from(settings.lease.as_millis()).unwrap_or(30_000)
}

/// Frees what processes that are no more had leased.
async fn free(ctx: &Ctx, now: i64) -> Result<()> {
    let orphaned = store::delivery::orphaned(&mut *ctx.store.read_all().await?).await?;
    let mut deliveries = 0;
    for some in orphaned.chunks(TOGETHER) {
        let mut tx = ctx.store.write_all().await?;
        deliveries += store::delivery::rescue(&mut tx, some, now).await?;
        tx.commit().await?;
    }
    let mut tx = ctx.store.write_all().await?;
    let timers = store::timer::rescue(&mut tx).await?;
    tx.commit().await?;
    if deliveries + timers > 0 {
        tracing::info!(
            deliveries,
            timers,
            "rescued what a process that is no more had leased"
        );
    }
    Ok(())
}

impl Engine {
    /// Lengthens this node's lease. A node that was itself counted dead begins a new life.
    ///
    /// It looks at no delivery: however many there are, a heartbeat takes no longer.
    pub(crate) async fn beat(&self) -> Result<()> {
        if !self.node.shared {
            return Ok(());
        }
        let until = Instant::now() + self.settings.lease;
        let (now, off) = told(&self.ctx).await?;
        if off != std::mem::replace(&mut self.node.state.lock().clock_off, off) {
            tracing::warn!(
                off,
                "this machine's clock and the database's differ by more than 2 s; nothing is claimed while they do"
            );
        }
        let mut tx = self.ctx.store.write_all().await?;
        let living = store::node::heartbeat(&mut tx, self.node.owner(), now + lease(&self.settings)).await?;
        tx.commit().await?;
        if living {
            self.node.state.lock().until = until;
            return Ok(());
        }
        tracing::warn!("this node was counted dead; its leases are lost and it begins anew");
        let entered = enter(&self.ctx, &self.settings).await?;
        if !self.stopping.is_cancelled() {
            self.ctx.lanes.set_owner(entered.owner);
        }
        *self.node.state.lock() = entered;
        Ok(())
    }

    /// Frees the leases of nodes that missed their heartbeats.
    pub(crate) async fn rescue(&self) -> Result<()> {
        if self.node.shared {
            self.node.rescue(&self.ctx).await?;
        }
        Ok(())
    }

    /// Whether this node may claim now.
    pub fn may_claim(&self) -> bool {
        self.node.may_attempt(self.settings.deadline)
    }
}
