//! Feeds: what a plan found must still hold; every change takes the user's next number and moves the counters.

use domain::effects::{Effects, FeedWritten};
use domain::environment::Env;
use domain::feed::{Counters, FeedEffect, KnownState, Mark, NewState, Scope, Times};
use domain::id::Prefixed;
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use crate::error::Result;

/// Whether feeds, states and the timer are still as the plan found them.
pub(super) fn holds(c: &Connection, effects: &Effects) -> Result<bool> {
    let env = effects.env;
    for effect in &effects.feed {
        let moved = match effect {
            FeedEffect::Change { user, before, .. } => !stands(c, env, user, before)?,
            FeedEffect::Settle {
                user,
                notification,
                seq,
                ..
            } => {
                let now: Option<i64> = c
                    .prepare_cached(
                        "SELECT seq FROM states
                         WHERE environment = ?1 AND user_id = ?2 AND notification = ?3 AND read_at IS NULL",
                    )?
                    .query_row(params![env.0, user, notification.bare()], |row| row.get(0))
                    .optional()?;
                now != Some(*seq)
            }
            _ => false,
        };
        if moved {
            return Ok(false);
        }
    }
    let Some(fired) = &effects.fired else {
        return Ok(true);
    };
    Ok(
        c.prepare_cached("SELECT EXISTS (SELECT 1 FROM timers WHERE id = ?1 AND owner = ?2 AND fence = ?3)")?
            .query_row(
                params![fired.id.bare(), fired.lease.owner.0, fired.lease.fence],
                |row| row.get(0),
            )?,
    )
}

/// Whether a state did not change, nor its scope get a mark, since a plan read it.
fn stands(c: &Connection, env: Env, user: &str, before: &KnownState) -> Result<bool> {
    Ok(c.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM states s
         LEFT JOIN counters k ON k.environment = s.environment AND k.user_id = s.user_id AND k.app = s.app
           AND k.tenant = coalesce(s.tenant, '')
         WHERE s.environment = ?1 AND s.user_id = ?2 AND s.notification = ?3 AND s.seq = ?4
           AND coalesce(max(k.read_seq, k.seen_seq), 0) <= ?5)",
    )?
    .query_row(
        params![env.0, user, before.notification.bare(), before.seq, before.head],
        |row| row.get(0),
    )?)
}

/// Writes one change; answers the number it took, if it took one.
pub(super) fn write(c: &Connection, env: Env, effect: &FeedEffect, now: i64) -> Result<Option<FeedWritten>> {
    match effect {
        FeedEffect::Arrive(state) => arrive(c, env, state, now),
        FeedEffect::Change { user, before, after } => change(c, (env, user), before, after, now).map(Some),
        FeedEffect::MarkAll {
            user,
            mark,
            scope,
            at,
        } => mark_all(c, (env, user), *mark, scope, *at, now),
        FeedEffect::Settle {
            user,
            notification,
            times,
            ..
        } => {
            c.prepare_cached(
                "UPDATE states SET read_at = ?4, seen_at = ?5 WHERE environment = ?1 AND user_id = ?2 AND notification = ?3",
            )?
            .execute(params![env.0, user, notification.bare(), times.read_at, times.seen_at])?;
            Ok(None)
        }
        FeedEffect::Settled { user, mark } => {
            c.prepare_cached(
                "UPDATE marks SET settled = 1 WHERE environment = ?1 AND user_id = ?2 AND seq = ?3",
            )?
            .execute(params![env.0, user, mark])?;
            Ok(None)
        }
    }
}

/// Takes the user's next number and moves the counters of the whole feed.
fn advance(c: &Connection, env: Env, user: &str, unread: i64, unseen: i64, now: i64) -> Result<FeedWritten> {
    let mut statement = c.prepare_cached(
        "INSERT INTO feeds (environment, user_id, seq, unread, unseen, changed_at) VALUES (?1, ?2, 1, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET seq = seq + 1, unread = unread + ?3, unseen = unseen + ?4, changed_at = max(changed_at, ?5)
         RETURNING seq, unread, unseen",
    )?;
    Ok(
        statement.query_row(params![env.0, user, unread, unseen, now], |row| {
            Ok(FeedWritten {
                seq: row.get(0)?,
                counters: Counters {
                    unread: row.get(1)?,
                    unseen: row.get(2)?,
                },
            })
        })?,
    )
}

/// Moves the counters of one scope of the feed.
fn count(
    c: &Connection,
    env: Env,
    (user, app, tenant): (&str, &str, &str),
    unread: i64,
    unseen: i64,
) -> Result<()> {
    c.prepare_cached(
        "INSERT INTO counters (environment, user_id, app, tenant, unread, unseen) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET unread = unread + ?5, unseen = unseen + ?6",
    )?
    .execute(params![env.0, user, app, tenant, unread, unseen])?;
    Ok(())
}

fn arrive(c: &Connection, env: Env, state: &NewState, now: i64) -> Result<Option<FeedWritten>> {
    let there: bool = c
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM states WHERE environment = ?1 AND user_id = ?2 AND notification = ?3)")?
        .query_row(params![env.0, state.user, state.notification.bare()], |row| row.get(0))?;
    if there {
        return Ok(None);
    }
    let written = advance(c, env, &state.user, 1, 1, now)?;
    c.prepare_cached(
        "INSERT INTO states (environment, user_id, notification, id, app, tenant, priority, seq, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        env.0,
        state.user,
        state.notification.bare(),
        state.delivery.bare(),
        state.app.bare(),
        state.tenant,
        state.priority as i16,
        written.seq,
        state.created_at,
        state.expires_at,
    ])?;
    count(
        c,
        env,
        (
            &state.user,
            state.app.bare(),
            state.tenant.as_deref().unwrap_or(""),
        ),
        1,
        1,
    )?;
    Ok(Some(written))
}

fn change(
    c: &Connection,
    (env, user): (Env, &str),
    before: &KnownState,
    after: &Times,
    now: i64,
) -> Result<FeedWritten> {
    let unread = i64::from(after.counts_unread()) - i64::from(before.times.counts_unread());
    let unseen = i64::from(after.counts_unseen()) - i64::from(before.times.counts_unseen());
    let written = advance(c, env, user, unread, unseen, now)?;
    c.prepare_cached(
        "UPDATE states SET seq = ?4, seen_at = ?5, read_at = ?6, clicked_at = ?7, dismissed_at = ?8, expired_at = ?9,
           deleted_at = ?10
         WHERE environment = ?1 AND user_id = ?2 AND notification = ?3",
    )?
    .execute(params![
        env.0,
        user,
        before.notification.bare(),
        written.seq,
        after.seen_at,
        after.read_at,
        after.clicked_at,
        after.dismissed_at,
        after.expired_at,
        after.deleted_at,
    ])?;
    count(
        c,
        env,
        (user, before.app.bare(), before.tenant.as_deref().unwrap_or("")),
        unread,
        unseen,
    )?;
    Ok(written)
}

/// One change with a watermark; nothing when nothing in the scope was unread (or unseen).
fn mark_all(
    c: &Connection,
    (env, user): (Env, &str),
    mark: Mark,
    scope: &Scope,
    at: i64,
    now: i64,
) -> Result<Option<FeedWritten>> {
    let (app, tenant) = (scope.app.as_ref().map(Prefixed::bare), scope.tenant.as_deref());
    let within =
        "environment = ?1 AND user_id = ?2 AND (?3 IS NULL OR app = ?3) AND (?4 IS NULL OR tenant = ?4)";
    let counted = |sql: CachedStatement<'_>| -> Result<(i64, i64)> {
        let mut sql = sql;
        Ok(sql.query_row(params![env.0, user, app, tenant], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?)
    };
    let (unread, unseen) = counted(c.prepare_cached(&format!(
        "SELECT coalesce(sum(unread), 0), coalesce(sum(unseen), 0) FROM counters WHERE {within}"
    ))?)?;
    let (less_unread, set) = match mark {
        Mark::Read => (unread, "unread = 0, unseen = 0, read_seq = ?5, read_at = ?6"),
        Mark::Seen => (0, "unseen = 0, seen_seq = ?5, seen_at = ?6"),
    };
    if less_unread == 0 && unseen == 0 {
        return Ok(None);
    }
    let written = advance(c, env, user, -less_unread, -unseen, now)?;
    c.prepare_cached(&format!("UPDATE counters SET {set} WHERE {within}"))?
        .execute(params![env.0, user, app, tenant, written.seq, at])?;
    let word = mark.as_str();
    c.prepare_cached(
        "INSERT INTO marks (environment, user_id, seq, mark, app, tenant, at, settled) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    // Only what is read is told to applications, so only that is settled.
    .execute(params![env.0, user, written.seq, word, app, tenant, at, mark == Mark::Seen])?;
    Ok(Some(written))
}
