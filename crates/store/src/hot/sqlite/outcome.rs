//! Outcomes of attempts: each changes its delivery while its lease holds, logs the attempt, and counts for its endpoint.

use domain::delivery::{Attempt, Completion, HealthEffect, Verdict};
use domain::id::Prefixed;
use rusqlite::{Connection, params};

use crate::error::Result;
use crate::hot::{Completed, Settled};

/// Writes an attempt's outcome while its lease holds.
pub(super) fn outcome(c: &Connection, completed: &Completed) -> Result<Settled> {
    let completion = &*completed.completion;
    if move_on(c, completed)? == 0 {
        return Ok(Settled {
            applied: false,
            failures: 0,
        });
    }
    if let Some(carried) = &completion.carried {
        c.prepare_cached(
            "UPDATE messages SET provider = ?3, provider_id = ?4 WHERE environment = ?1 AND delivery = ?2",
        )?
        .execute(params![
            completion.env.0,
            completion.delivery.bare(),
            carried.provider,
            carried.id
        ])?;
    }
    if completion.log_attempt
        && let Some(attempt) = &completion.attempt
    {
        log_attempt(c, completed, attempt)?;
    }
    Ok(Settled {
        applied: true,
        failures: health(c, completion)?,
    })
}

/// Changes the delivery itself; answers 0 when the lease is lost.
fn move_on(c: &Connection, completed: &Completed) -> Result<usize> {
    let completion = &*completed.completion;
    let Completion {
        attempts,
        attempt,
        verdict,
        at,
        ..
    } = completion;
    let state = verdict.state(*attempts);
    let due_at = match verdict {
        Verdict::Retry(due) | Verdict::Released(due) => Some(*due),
        _ => None,
    };
    let finished_at = state.is_final().then_some(*at);
    // Where the attempt gets a row, its answer stands there.
    let (response, packed) = if completion.log_attempt {
        (None, None)
    } else {
        completed.answer()
    };
    Ok(match attempt {
        Some(attempt) => c
            .prepare_cached(
                "UPDATE deliveries SET state = ?5, attempts = ?6, due_at = ?7, owner = NULL, finished_at = ?8,
                   first_attempt_at = coalesce(first_attempt_at, ?9), last_attempt_at = ?9, duration_ms = ?10,
                   status_code = ?11, response = ?12, packed = ?15, error = ?13
                 WHERE environment = ?14 AND destination = ?1 AND id = ?2 AND owner = ?3 AND fence = ?4 AND finished_at IS NULL",
            )?
            .execute(params![
                completion.destination.bare(),
                completion.delivery.bare(),
                completion.lease.owner.0,
                completion.lease.fence,
                state.number(),
                attempts,
                due_at,
                finished_at,
                attempt.started_at,
                attempt.duration_ms,
                attempt.status_code,
                response,
                attempt.error,
                completion.env.0,
                packed,
            ])?,
        None => c
            .prepare_cached(
                "UPDATE deliveries SET state = ?5, due_at = ?6, owner = NULL, finished_at = ?7, error = coalesce(?9, error)
                 WHERE environment = ?8 AND destination = ?1 AND id = ?2 AND owner = ?3 AND fence = ?4 AND finished_at IS NULL",
            )?
            .execute(params![
                completion.destination.bare(),
                completion.delivery.bare(),
                completion.lease.owner.0,
                completion.lease.fence,
                state.number(),
                due_at,
                finished_at,
                completion.env.0,
                completion.reason,
            ])?,
    })
}

fn log_attempt(c: &Connection, completed: &Completed, attempt: &Attempt) -> Result<()> {
    let (completion, (response, packed)) = (&completed.completion, completed.answer());
    c.prepare_cached(
        "INSERT INTO attempts (delivery, number, id, environment, started_at, duration_ms, outcome, status_code, response, error, packed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        completion.delivery.bare(),
        attempt.number,
        attempt.id.bare(),
        completion.env.0,
        attempt.started_at,
        attempt.duration_ms,
        crate::delivery::attempt_outcome(attempt, completion.verdict),
        attempt.status_code,
        response,
        attempt.error,
        packed,
    ])?;
    Ok(())
}

fn health(c: &Connection, completion: &Completion) -> Result<i64> {
    let endpoint = completion.destination.bare();
    match completion.health {
        HealthEffect::None => Ok(0),
        HealthEffect::Success => {
            c.prepare_cached("UPDATE endpoint_health SET failures = 0, first_failure_at = NULL WHERE endpoint = ?1 AND failures > 0")?
                .execute(params![endpoint])?;
            Ok(0)
        }
        HealthEffect::Failure | HealthEffect::Gone => Ok(c
            .prepare_cached(
                "INSERT INTO endpoint_health (endpoint, environment, failures, first_failure_at, last_failure_at)
                 VALUES (?1, ?2, 1, ?3, ?3)
                 ON CONFLICT DO UPDATE SET failures = failures + 1, first_failure_at = coalesce(first_failure_at, ?3),
                   last_failure_at = ?3
                 RETURNING failures",
            )?
            .query_row(params![endpoint, completion.env.0, completion.at], |row| row.get(0))?),
    }
}
