//! Counting what happens, for whoever looks after the server: in memory, and written every few seconds.

use std::sync::atomic::{AtomicI64, Ordering};

use dashmap::DashMap;
use domain::channel::Channel;
use domain::effects::Effects;
use domain::environment::Env;
use domain::feed::FeedEffect;
use domain::statistics::{Counted, bucket, bucket_number};
use store::statistics::Amount;

use crate::ctx::Ctx;
use crate::error::Result;

/// Amounts that are not written yet.
#[derive(Debug, Default)]
pub struct Statistics(DashMap<(Env, i16, Channel), AtomicI64>);

impl Statistics {
    fn add(&self, env: Env, counted: i16, channel: Channel, amount: i64) {
        let key = (env, counted, channel);
        if let Some(found) = self.0.get(&key) {
            found.fetch_add(amount, Ordering::Relaxed);
            return;
        }
        self.0
            .entry(key)
            .or_default()
            .fetch_add(amount, Ordering::Relaxed);
    }

    /// Counts what a commit wrote.
    pub(crate) fn written(&self, effects: &Effects) {
        let events = effects.events.len();
        let arrives = |effect: &&FeedEffect| matches!(effect, FeedEffect::Arrive(_));
        let notifications = effects.feed.iter().filter(arrives).count();
        for (counted, amount) in [(Counted::Event, events), (Counted::Notification, notifications)] {
            if amount > 0 {
                let amount = i64::try_from(amount).unwrap_or(i64::MAX);
                self.add(effects.env, counted.number(), Channel::InApp, amount);
            }
        }
    }

    /// Counts what came of an attempt that took so many milliseconds.
    pub fn attempted(&self, env: Env, channel: Channel, counted: Counted, milliseconds: i64) {
        self.add(env, counted.number(), channel, 1);
        self.add(env, bucket_number(bucket(milliseconds)), channel, 1);
    }

    /// Takes what is not written yet.
    fn take(&self) -> Vec<Amount> {
        let taken = self.0.iter().map(|entry| {
            let (env, counted, channel) = *entry.key();
            Amount {
                env,
                counted,
                channel,
                amount: entry.value().swap(0, Ordering::Relaxed),
            }
        });
        taken.filter(|amount| amount.amount > 0).collect()
    }
}

impl Ctx {
    /// Writes what was counted. What cannot be written is counted with the next look.
    pub async fn write_statistics(&self) -> Result<()> {
        let amounts = self.statistics.take();
        if amounts.is_empty() {
            return Ok(());
        }
        let written = self.add_statistics(&amounts).await;
        if written.is_err() {
            for amount in &amounts {
                self.statistics
                    .add(amount.env, amount.counted, amount.channel, amount.amount);
            }
        }
        written
    }

    async fn add_statistics(&self, amounts: &[Amount]) -> Result<()> {
        let mut tx = self.store.write_all().await?;
        store::statistics::add(&mut tx, amounts, self.now()).await?;
        Ok(tx.commit().await?)
    }
}
