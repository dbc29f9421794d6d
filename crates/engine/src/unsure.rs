//! What may be leased to this node without its knowing: the database was lost before it said whether a commit holds.
//!
//! It is given back again and again, until that was done or the transaction has surely ended without it: whoever is not told of a commit
//! cannot tell one that failed from one that is yet to come. No lease is ever given out twice, so nothing else is taken away.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::delivery::{Completion, Owner};
use store::timer::Timer;

use crate::Result;
use crate::run::Engine;

/// Longer than the server goes on with a transaction whose connection was lost: its own limits are half a minute together.
const SURELY_OVER: Duration = Duration::from_secs(90);

/// What a lease is of.
#[derive(Debug)]
pub(crate) enum Leased {
    /// A delivery, with what gives it back.
    Delivery(Box<Completion>),
    Timer(Timer),
}

/// Something that may be leased to this node, until then.
pub(crate) type Unsure = (Leased, Instant);

impl Engine {
    /// Whose the next claim is: with a number of its own, so that no lease is given out twice though a claim be rolled back.
    pub(crate) fn turn(&self) -> (Owner, i64) {
        let before = self.claims.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        (self.node.owner(), before + 1)
    }

    /// Notes what may be leased to this node.
    pub(crate) fn doubt(&self, leased: impl IntoIterator<Item = Leased>) {
        let until = Instant::now() + SURELY_OVER;
        self.unsure
            .lock()
            .extend(leased.into_iter().map(|leased| (leased, until)));
    }

    /// Gives back what may be leased to this node.
    pub(crate) async fn settle_doubts(self: &Arc<Self>) -> Result<()> {
        let unsure = std::mem::take(&mut *self.unsure.lock());
        for (leased, until) in unsure {
            match leased {
                Leased::Delivery(back) => self.give_back_unsure(back, until).await,
                Leased::Timer(timer) => {
                    if !matches!(self.postpone(&timer).await, Ok(true)) {
                        self.still_unsure(Leased::Timer(timer), until);
                    }
                }
            }
        }
        Ok(())
    }

    async fn give_back_unsure(self: &Arc<Self>, back: Box<Completion>, until: Instant) {
        let (engine, again) = (Arc::clone(self), back.clone());
        let finished = Box::new(move |settled: store::Result<store::Settled>| {
            if !settled.is_ok_and(|settled| settled.applied) {
                engine.still_unsure(Leased::Delivery(again), until);
            }
        });
        self.ctx.store.complete(back, finished).await;
    }

    fn still_unsure(&self, leased: Leased, until: Instant) {
        if Instant::now() < until {
            self.unsure.lock().push((leased, until));
        }
    }
}
