//! Working through the plans of a transaction one after the other, in memory, as one writer would.

use domain::effects::{Effects, FeedWritten};
use domain::feed::{Counters, FeedEffect, KnownState, Mark, NewState, Scope, Times};
use domain::id::Prefixed;

use super::known::{Known, State, User};
use super::write::Writes;

impl<'a> Known<'a> {
    /// Works through a plan; `None`, and nothing changed, when what it was made from moved.
    pub(super) fn apply(
        &mut self,
        plan: &'a Effects,
        writes: &mut Writes<'a>,
    ) -> Option<Vec<Option<FeedWritten>>> {
        let env = plan.env.0;
        let holds = plan.feed.iter().all(|effect| match effect {
            FeedEffect::Change { user, before, .. } => self.stands((env, user), before),
            FeedEffect::Settle {
                user,
                notification,
                seq,
                ..
            } => {
                let unsettled = State {
                    seq: *seq,
                    read: false,
                };
                self.states.get(&((env, user.as_str()), notification.bare())) == Some(&unsettled)
            }
            _ => true,
        });
        let fired = plan.fired.as_ref();
        if !holds || fired.is_some_and(|fired| !self.timers.remove(fired.id.bare())) {
            return None;
        }
        if let Some(fired) = fired {
            writes.fired(fired);
        }
        for shown in plan.shown.iter().filter(|shown| shown.new) {
            writes.notification(&shown.content);
        }
        Some(
            plan.feed
                .iter()
                .map(|effect| self.effect(env, plan.now, effect, writes))
                .collect(),
        )
    }

    /// Whether a state did not change, nor its scope get a mark, since a plan read it.
    fn stands(&self, user: User<'a>, before: &'a KnownState) -> bool {
        let state = self.states.get(&(user, before.notification.bare()));
        let scope = scope(before.app.bare(), before.tenant.as_deref());
        let counter = self.counters.get(&user).and_then(|counters| counters.get(&scope));
        let marked = counter.map_or(0, |counter| counter.read.0.max(counter.seen.0));
        state.is_some_and(|state| state.seq == before.seq) && marked <= before.head
    }

    fn effect(
        &mut self,
        env: i64,
        now: i64,
        effect: &'a FeedEffect,
        writes: &mut Writes<'a>,
    ) -> Option<FeedWritten> {
        match effect {
            FeedEffect::Arrive(state) => self.arrive(env, now, state, writes),
            FeedEffect::Change { user, before, after } => {
                self.change((env, user), now, before, after, writes)
            }
            FeedEffect::MarkAll {
                user,
                mark,
                scope,
                at,
            } => {
                let written = self.mark_all((env, user), now, *mark, scope, *at)?;
                writes.mark(env, user, written.seq, *mark, scope, *at);
                Some(written)
            }
            FeedEffect::Settle {
                user,
                notification,
                seq,
                times,
            } => {
                let settled = State {
                    seq: *seq,
                    read: true,
                };
                self.states.insert(((env, user), notification.bare()), settled);
                writes.settle(env, user, notification.bare(), times);
                None
            }
            FeedEffect::Settled { user, mark } => {
                writes.settled(env, user, *mark);
                None
            }
        }
    }

    /// Takes the feed's next number and moves its counters.
    fn advance(&mut self, user: User<'a>, now: i64, unread: i64, unseen: i64) -> Option<FeedWritten> {
        let feed = self.feeds.get_mut(&user)?;
        feed.seq += 1;
        feed.unread += unread;
        feed.unseen += unseen;
        feed.changed_at = Some(feed.changed_at.map_or(now, |at| at.max(now)));
        Some(FeedWritten {
            seq: feed.seq,
            counters: Counters {
                unread: feed.unread,
                unseen: feed.unseen,
            },
        })
    }

    fn count(&mut self, user: User<'a>, (app, tenant): (&str, Option<&str>), unread: i64, unseen: i64) {
        let counters = self.counters.entry(user).or_default();
        let counter = counters.entry(scope(app, tenant)).or_default();
        counter.unread += unread;
        counter.unseen += unseen;
        counter.changed = true;
    }

    fn arrive(
        &mut self,
        env: i64,
        now: i64,
        state: &'a NewState,
        writes: &mut Writes<'a>,
    ) -> Option<FeedWritten> {
        let user = (env, state.user.as_str());
        let key = (user, state.notification.bare());
        if self.states.contains_key(&key) {
            return None;
        }
        let written = self.advance(user, now, 1, 1)?;
        let arrived = State {
            seq: written.seq,
            read: false,
        };
        self.states.insert(key, arrived);
        self.count(user, (state.app.bare(), state.tenant.as_deref()), 1, 1);
        writes.arrive(env, state, written.seq);
        Some(written)
    }

    fn change(
        &mut self,
        user: User<'a>,
        now: i64,
        before: &'a KnownState,
        after: &'a Times,
        writes: &mut Writes<'a>,
    ) -> Option<FeedWritten> {
        let unread = i64::from(after.counts_unread()) - i64::from(before.times.counts_unread());
        let unseen = i64::from(after.counts_unseen()) - i64::from(before.times.counts_unseen());
        let written = self.advance(user, now, unread, unseen)?;
        let changed = State {
            seq: written.seq,
            read: after.read_at.is_some(),
        };
        self.states.insert((user, before.notification.bare()), changed);
        self.count(
            user,
            (before.app.bare(), before.tenant.as_deref()),
            unread,
            unseen,
        );
        writes.change(user, before.notification.bare(), written.seq, after);
        Some(written)
    }

    /// One change with a watermark; nothing when nothing in the scope was unread (or unseen).
    fn mark_all(
        &mut self,
        user: User<'a>,
        now: i64,
        mark: Mark,
        scope: &Scope,
        at: i64,
    ) -> Option<FeedWritten> {
        let counters = self.counters.get_mut(&user)?;
        let within = |(app, tenant): &(String, String)| {
            scope.app.as_ref().is_none_or(|wanted| wanted.bare() == app)
                && scope.tenant.as_ref().is_none_or(|wanted| wanted == tenant)
        };
        let touched: Vec<_> = counters
            .iter_mut()
            .filter(|(key, _)| within(key))
            .map(|(_, counter)| counter)
            .collect();
        let unread = if mark == Mark::Read {
            touched.iter().map(|counter| counter.unread).sum()
        } else {
            0
        };
        let unseen = touched.iter().map(|counter| counter.unseen).sum::<i64>();
        let seq = self.feeds.get(&user)?.seq + 1;
        if unread == 0 && unseen == 0 {
            return None;
        }
        for counter in touched {
            counter.changed = true;
            counter.unseen = 0;
            match mark {
                Mark::Read => (counter.unread, counter.read) = (0, (seq, at)),
                Mark::Seen => counter.seen = (seq, at),
            }
        }
        self.advance(user, now, -unread, -unseen)
    }

    /// Hands over the feeds and counters that changed.
    pub(super) fn touched(self, writes: &mut Writes<'a>) {
        for (user, feed) in self.feeds {
            if let Some(changed_at) = feed.changed_at {
                writes.feed(user, &feed, changed_at);
            }
        }
        for (user, counters) in self.counters {
            for ((app, tenant), counter) in counters.into_iter().filter(|(_, counter)| counter.changed) {
                writes.counter(user, app, tenant, &counter);
            }
        }
    }
}

/// What the counters of a feed go by.
fn scope(app: &str, tenant: Option<&str>) -> (String, String) {
    (app.to_owned(), tenant.unwrap_or_default().to_owned())
}
