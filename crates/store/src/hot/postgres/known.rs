//! What the changes of feeds depend on, read under the feeds' locks.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::effects::Effects;
use domain::feed::FeedEffect;
use domain::id::Prefixed;
use sqlx::postgres::PgConnection;

use super::Trouble;

/// Whose feed.
pub(super) type User<'a> = (i64, &'a str);
/// Whose feed, which notification.
pub(super) type StateKey<'a> = (User<'a>, &'a str);

/// A feed under its lock.
#[derive(Default)]
pub(super) struct Feed {
    pub(super) seq: i64,
    pub(super) unread: i64,
    pub(super) unseen: i64,
    /// When it changed in this transaction.
    pub(super) changed_at: Option<i64>,
}

/// The counters and watermarks of one scope of a feed.
#[derive(Default)]
pub(super) struct Counter {
    pub(super) unread: i64,
    pub(super) unseen: i64,
    pub(super) read: (i64, i64),
    pub(super) seen: (i64, i64),
    pub(super) changed: bool,
}

/// Where a state stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    pub(super) seq: i64,
    /// Whether its own row says that it is read, whatever marks say.
    pub(super) read: bool,
}

/// What the changes depend on, as it stands under the locks.
#[derive(Default)]
pub(super) struct Known<'a> {
    pub(super) feeds: HashMap<User<'a>, Feed>,
    /// By application and tenant.
    pub(super) counters: HashMap<User<'a>, BTreeMap<(String, String), Counter>>,
    /// Those states that the plans' checks ask for.
    pub(super) states: HashMap<StateKey<'a>, State>,
    /// Timers whose lease holds.
    pub(super) timers: HashSet<&'a str>,
}

impl<'a> Known<'a> {
    pub(super) async fn lock(connection: &mut PgConnection, plans: &[&'a Effects]) -> Result<Self, Trouble> {
        let mut known = Self::default();
        let (users, arriving) = users(plans);
        if !users.is_empty() {
            known.lock_feeds(connection, &users).await?;
            let missing: Vec<_> = arriving
                .into_iter()
                .filter(|user| !known.feeds.contains_key(user))
                .collect();
            if !missing.is_empty() {
                insert_feeds(connection, &missing).await?;
                known.lock_feeds(connection, &missing).await?;
            }
            known.read_states(connection, &states(plans)).await?;
            known.read_counters(connection, &users).await?;
        }
        known.lock_timers(connection, plans).await?;
        Ok(known)
    }

    async fn lock_feeds(&mut self, connection: &mut PgConnection, users: &[User<'a>]) -> Result<(), Trouble> {
        let (environments, names) = split(users);
        let rows: Vec<(i64, i64, i64, i64)> = sqlx::query_as(
            "SELECT u.n, f.seq, f.unread, f.unseen
             FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS u (environment, user_id, n)
             JOIN feeds f ON f.environment = u.environment AND f.user_id = u.user_id
             ORDER BY f.environment, f.user_id FOR UPDATE OF f",
        )
        .bind(environments)
        .bind(names)
        .fetch_all(connection)
        .await?;
        for (n, seq, unread, unseen) in rows {
            if let Some(user) = nth(users, n) {
                self.feeds.insert(
                    *user,
                    Feed {
                        seq,
                        unread,
                        unseen,
                        changed_at: None,
                    },
                );
            }
        }
        Ok(())
    }

    async fn read_states(
        &mut self,
        connection: &mut PgConnection,
        keys: &[StateKey<'a>],
    ) -> Result<(), Trouble> {
        if keys.is_empty() {
            return Ok(());
        }
        let environments: Vec<_> = keys.iter().map(|((environment, _), _)| *environment).collect();
        let users: Vec<_> = keys.iter().map(|((_, user), _)| *user).collect();
        let notifications: Vec<_> = keys.iter().map(|(_, notification)| *notification).collect();
        let rows: Vec<(i64, i64, bool)> = sqlx::query_as(
            "SELECT k.n, s.seq, s.read_at IS NOT NULL
             FROM unnest($1::bigint[], $2::text[], $3::text[]) WITH ORDINALITY AS k (environment, user_id, notification, n)
             JOIN states s ON s.environment = k.environment AND s.user_id = k.user_id AND s.notification = k.notification",
        )
        .bind(environments)
        .bind(users)
        .bind(notifications)
        .fetch_all(connection)
        .await?;
        for (n, seq, read) in rows {
            if let Some(key) = nth(keys, n) {
                self.states.insert(*key, State { seq, read });
            }
        }
        Ok(())
    }

    async fn read_counters(
        &mut self,
        connection: &mut PgConnection,
        users: &[User<'a>],
    ) -> Result<(), Trouble> {
        type Row = (i64, String, String, i64, i64, i64, i64, i64, i64);
        let (environments, names) = split(users);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT u.n, k.app, k.tenant, k.unread, k.unseen, k.read_seq, k.read_at, k.seen_seq, k.seen_at
             FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS u (environment, user_id, n)
             JOIN counters k ON k.environment = u.environment AND k.user_id = u.user_id",
        )
        .bind(environments)
        .bind(names)
        .fetch_all(connection)
        .await?;
        for (n, app, tenant, unread, unseen, read_seq, read_at, seen_seq, seen_at) in rows {
            let Some(user) = nth(users, n) else { continue };
            let counter = Counter {
                unread,
                unseen,
                read: (read_seq, read_at),
                seen: (seen_seq, seen_at),
                changed: false,
            };
            self.counters
                .entry(*user)
                .or_default()
                .insert((app, tenant), counter);
        }
        Ok(())
    }

    async fn lock_timers(
        &mut self,
        connection: &mut PgConnection,
        plans: &[&'a Effects],
    ) -> Result<(), Trouble> {
        let fired: BTreeMap<&'a str, _> = plans
            .iter()
            .filter_map(|plan| plan.fired.as_ref())
            .map(|fired| (fired.id.bare(), fired))
            .collect();
        if fired.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = fired.keys().copied().collect();
        let rows: Vec<(String, Option<i64>, i64)> =
            sqlx::query_as("SELECT id, owner, fence FROM timers WHERE id = ANY ($1) ORDER BY id FOR UPDATE")
                .bind(ids)
                .fetch_all(connection)
                .await?;
        for (id, owner, fence) in rows {
            if let Some((id, fired)) = fired.get_key_value(id.as_str())
                && owner == Some(fired.lease.owner.0)
                && fence == fired.lease.fence
            {
                self.timers.insert(id);
            }
        }
        Ok(())
    }
}

/// Everybody whose feed the plans concern, and those to whom something arrives, in the order of their keys.
fn users<'a>(plans: &[&'a Effects]) -> (Vec<User<'a>>, Vec<User<'a>>) {
    let (mut users, mut arriving) = (BTreeSet::new(), BTreeSet::new());
    for plan in plans {
        for effect in &plan.feed {
            let user = (plan.env.0, effect.user());
            users.insert(user);
            if matches!(effect, FeedEffect::Arrive(_)) {
                arriving.insert(user);
            }
        }
    }
    (users.into_iter().collect(), arriving.into_iter().collect())
}

/// The states that the plans' checks ask for. A new notification has none yet, so what arrives with it is not asked for.
fn states<'a>(plans: &[&'a Effects]) -> Vec<StateKey<'a>> {
    let mut keys = Vec::new();
    for plan in plans {
        let new = plan.shown.iter().any(|shown| shown.new);
        for effect in &plan.feed {
            match effect {
                FeedEffect::Arrive(_) if new => {}
                FeedEffect::Arrive(state) => {
                    keys.push(((plan.env.0, effect.user()), state.notification.bare()));
                }
                FeedEffect::Change { before, .. } => {
                    keys.push(((plan.env.0, effect.user()), before.notification.bare()));
                }
                FeedEffect::Settle { notification, .. } => {
                    keys.push(((plan.env.0, effect.user()), notification.bare()));
                }
                FeedEffect::MarkAll { .. } | FeedEffect::Settled { .. } => {}
            }
        }
    }
    keys
}

/// What an ordinality, which begins at 1, points to.
fn nth<T>(list: &[T], n: i64) -> Option<&T> {
    list.get(usize::try_from(n - 1).ok()?)
}

fn split<'a>(users: &[User<'a>]) -> (Vec<i64>, Vec<&'a str>) {
    users.iter().copied().unzip()
}

/// Makes empty feeds for users that have none yet.
async fn insert_feeds(connection: &mut PgConnection, users: &[User<'_>]) -> Result<(), Trouble> {
    let (environments, names) = split(users);
    sqlx::query(
        "INSERT INTO feeds (environment, user_id, seq, unread, unseen, changed_at)
         SELECT environment, user_id, 0, 0, 0, 0 FROM unnest($1::bigint[], $2::text[]) AS u (environment, user_id)
         ORDER BY environment, user_id ON CONFLICT DO NOTHING",
    )
    .bind(environments)
    .bind(names)
    .execute(connection)
    .await?;
    Ok(())
}
