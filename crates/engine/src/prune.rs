//! Pruning, behind the publishers: slice after slice, each one turn.

use crate::Result;
use crate::run::Engine;

/// Rows of a kind that go in one slice.
const SLICE: i64 = 100;

/// Milliseconds that is kept how much happened: a month.
const STATISTICS: i64 = 31 * 86_400_000;

impl Engine {
    /// Deletes what every environment no longer keeps.
    pub(crate) async fn prune(&self) -> Result<()> {
        if !self.may_claim() {
            return Ok(());
        }
        for (env, retention) in store::prune::environments(&mut *self.ctx.store.read_all().await?).await? {
            while !self.stopping.is_cancelled() {
                let mut tx = self.ctx.store.write(env).await?;
                let pruned = store::prune::slice(&mut tx, &retention, SLICE, self.ctx.now()).await?;
                tx.commit().await?;
                metrics::counter!("campanile_pruned_rows_total").increment(pruned.rows);
                for (user, seq) in &pruned.moved {
                    self.ctx.live.moved(env, user, *seq);
                    self.ctx.wrote.notify_one();
                }
                if pruned.rows == 0 {
                    break;
                }
            }
        }
        loop {
            let mut tx = self.ctx.store.write_all().await?;
            let now = self.ctx.now();
            let gone = store::prune::claims(&mut tx, SLICE, now).await?
                + store::account::prune(&mut tx, SLICE, now).await?
                + store::statistics::prune(&mut tx, SLICE, now - STATISTICS).await?;
            tx.commit().await?;
            if gone == 0 || self.stopping.is_cancelled() {
                return Ok(());
            }
        }
    }
}
