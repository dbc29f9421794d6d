//! Runs and batches: what a plan found must still hold; an activity joins the open batch of its group, or opens one.

use domain::effects::{Effects, Tally, TimerKind};
use domain::environment::Env;
use domain::id::Prefixed;
use domain::run::{Close, Demand, Join, RunEffect};
use rusqlite::{Connection, OptionalExtension, params};

use crate::batch::{OpenBatch, close_timer};
use crate::error::Result;

/// Whether runs and batches are still as the plan found them.
pub(super) fn holds(c: &Connection, effects: &Effects) -> Result<bool> {
    for effect in &effects.runs {
        if let Some(revision) = effect.revision {
            let now: Option<i64> = c
                .prepare_cached("SELECT revision FROM runs WHERE id = ?1 AND environment = ?2")?
                .query_row(params![effect.run.id.bare(), effects.env.0], |row| row.get(0))
                .optional()?;
            if now != Some(revision) {
                return Ok(false);
            }
        }
        for join in effect.joins.iter().filter(|join| join.demands != Demand::Nothing) {
            let open = open_batch(c, effects.env, &join.group)?.filter(|batch| !batch.is_over(effects.now));
            if open.is_some() != (join.demands == Demand::Open) {
                return Ok(false);
            }
        }
    }
    for tally in &effects.tallies {
        let now: Option<String> = c
            .prepare_cached("SELECT state FROM tallies WHERE environment = ?1 AND name = ?2")?
            .query_row(params![effects.env.0, tally.name], |row| row.get(0))
            .optional()?;
        if now != tally.seen {
            return Ok(false);
        }
    }
    let Some(Close { batch, items, .. }) = &effects.closes else {
        return Ok(true);
    };
    Ok(
        c.prepare_cached("SELECT EXISTS (SELECT 1 FROM batches WHERE id = ?1 AND environment = ?2 AND items = ?3 AND closed_at IS NULL)")?
            .query_row(params![batch.bare(), effects.env.0, items], |row| row.get(0))?,
    )
}

/// Writes a run, new or moved, and lets its activity join.
pub(super) fn write(c: &Connection, env: Env, effect: &RunEffect, now: i64) -> Result<()> {
    let mut batch = None;
    for join in &effect.joins {
        batch = self::join(c, env, join, now)?.or(batch);
    }
    let finished_at = effect.status.is_final().then_some(now);
    let run = &effect.run;
    let gathers = effect.gathers.as_ref().map(Prefixed::bare);
    let awaits = effect.awaits.as_ref();
    let (awaits, becomes) = (
        awaits.map(|awaits| &awaits.what),
        awaits.map(|awaits| awaits.becomes),
    );
    if effect.revision.is_some() {
        c.prepare_cached(
            "UPDATE runs SET status = ?3, revision = revision + 1, batch = coalesce(?4, batch), state = ?5, finished_at = ?6,
               gathers = coalesce(?7, gathers), awaits = ?8, becomes = ?9
             WHERE id = ?1 AND environment = ?2",
        )?
        .execute(params![
            run.id.bare(),
            env.0,
            effect.status as i16,
            batch,
            effect.state,
            finished_at,
            gathers,
            awaits,
            becomes
        ])?;
        return Ok(());
    }
    c.prepare_cached(
        "INSERT INTO runs (id, environment, workflow, version, event, user_id, tenant, actor, part, status, batch, gathers, state, created_at,
           finished_at, cancellation_key, awaits, becomes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    )?
    .execute(params![
        run.id.bare(),
        env.0,
        &*run.workflow,
        run.version,
        run.event.bare(),
        run.user,
        run.tenant,
        run.actor,
        run.part,
        effect.status as i16,
        batch,
        gathers,
        effect.state,
        now,
        finished_at,
        run.cancellation_key,
        awaits,
        becomes,
    ])?;
    Ok(())
}

/// Moves a count on.
pub(super) fn count(c: &Connection, env: Env, tally: &Tally, now: i64) -> Result<()> {
    let Some(becomes) = &tally.becomes else {
        return Ok(());
    };
    c.prepare_cached(
        "INSERT INTO tallies (environment, name, state, updated_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (environment, name) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at",
    )?
    .execute(params![env.0, tally.name, becomes, now])?;
    Ok(())
}

/// Closes a batch.
pub(super) fn close(c: &Connection, env: Env, close: &Close, now: i64) -> Result<()> {
    let gathers = close.gathers.as_ref().map(Prefixed::bare);
    c.prepare_cached(
        "UPDATE batches SET is_open = 0, closed_at = ?3, gathers = ?4 WHERE id = ?1 AND environment = ?2",
    )?
    .execute(params![close.batch.bare(), env.0, now, gathers])?;
    Ok(())
}

fn open_batch(c: &Connection, env: Env, group: &str) -> Result<Option<OpenBatch>> {
    Ok(c.prepare_cached(
        "SELECT id, timer, items, opened_at, closes_at FROM batches WHERE environment = ?1 AND grouped = ?2 AND is_open = 1",
    )?
    .query_row(params![env.0, group], |row| {
        Ok(OpenBatch {
            id: row.get(0)?,
            timer: row.get(1)?,
            items: row.get(2)?,
            opened_at: row.get(3)?,
            closes_at: row.get(4)?,
        })
    })
    .optional()?)
}

/// The bare id of the batch that was joined; `None` for the first of a group that goes on at once.
fn join(c: &Connection, env: Env, join: &Join, now: i64) -> Result<Option<String>> {
    let Some(mut batch) = open_batch(c, env, &join.group)? else {
        return open(c, env, join, now);
    };
    if batch.is_over(now) {
        c.prepare_cached("UPDATE batches SET is_open = 0 WHERE id = ?1")?
            .execute(params![batch.id])?;
        return open(c, env, join, now);
    }
    let is_open = batch.join(join, now);
    c.prepare_cached("UPDATE batches SET items = ?2, closes_at = ?3, is_open = ?4 WHERE id = ?1")?
        .execute(params![batch.id, batch.items, batch.closes_at, is_open])?;
    c.prepare_cached("UPDATE timers SET due_at = ?2 WHERE id = ?1 AND due_at <> ?2")?
        .execute(params![batch.timer, batch.closes_at])?;
    Ok(Some(batch.id))
}

fn open(c: &Connection, env: Env, join: &Join, now: i64) -> Result<Option<String>> {
    let items = i64::from(join.demands != Demand::None);
    c.prepare_cached(
        "INSERT INTO batches (id, environment, grouped, timer, items, opened_at, closes_at, is_open) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)",
    )?
    .execute(params![join.opens.bare(), env.0, join.group, join.timer.bare(), items, now, join.closes_at])?;
    let (subject, state) = close_timer(join.opens);
    c.prepare_cached(
        "INSERT INTO timers (id, environment, kind, subject, state, due_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![join.timer.bare(), env.0, TimerKind::Close as i16, subject, state, join.closes_at, now])?;
    Ok((items > 0).then(|| join.opens.bare().to_owned()))
}
