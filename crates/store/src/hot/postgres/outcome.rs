//! Outcomes of attempts: each changes its delivery while its lease holds, logs the attempt, and counts for its endpoint.

use domain::delivery::{HealthEffect, Verdict};
use domain::id::Prefixed;

use super::columns::{Places, columns};
use crate::hot::Completed;

columns! {
    /// Outcomes. `number` is absent where the lease was given back untried, `result` where the attempt gets no row.
    Outcomes<'a> of Outcome {
        item: i32 = "int", destination: &'a str = "text", id: &'a str = "text", environment: i64 = "bigint", owner: i64 = "bigint",
        fence: i64 = "bigint", state: i16 = "smallint", attempts: i32 = "int", due_at: Option<i64> = "bigint",
        finished_at: Option<i64> = "bigint", number: Option<i32> = "int", started_at: Option<i64> = "bigint",
        duration_ms: Option<i32> = "int", status_code: Option<i16> = "smallint", response: Option<&'a str> = "text",
        packed: Option<&'a [u8]> = "bytea",
        error: Option<&'a str> = "text", attempt: Option<&'a str> = "text", result: Option<&'a str> = "text",
        health: i16 = "smallint", at: i64 = "bigint", provider: Option<&'a str> = "text", provider_id: Option<&'a str> = "text",
    }
}

/// No news, the end of the failures, one more failure: `health` in the statement.
fn health(effect: HealthEffect) -> i16 {
    match effect {
        HealthEffect::None => 0,
        HealthEffect::Success => 1,
        HealthEffect::Failure | HealthEffect::Gone => 2,
    }
}

impl<'a> Outcomes<'a> {
    /// Whether any of them says who carried a message.
    pub(super) fn any_carried(&self) -> bool {
        self.provider.iter().any(Option::is_some)
    }

    pub(super) fn add(&mut self, item: i32, completed: &'a Completed) {
        let (completion, (response, packed)) = (&completed.completion, completed.answer());
        let attempt = completion.attempt.as_ref();
        let state = completion.verdict.state(completion.attempts);
        self.push(Outcome {
            item,
            destination: completion.destination.bare(),
            id: completion.delivery.bare(),
            environment: completion.env.0,
            owner: completion.lease.owner.0,
            fence: completion.lease.fence,
            state: state.number(),
            attempts: completion.attempts,
            due_at: match completion.verdict {
                Verdict::Retry(due) | Verdict::Released(due) => Some(due),
                _ => None,
            },
            finished_at: state.is_final().then_some(completion.at),
            number: attempt.map(|attempt| attempt.number),
            started_at: attempt.map(|attempt| attempt.started_at),
            duration_ms: attempt.map(|attempt| attempt.duration_ms),
            status_code: attempt.and_then(|attempt| attempt.status_code),
            response,
            packed,
            error: attempt.map_or(completion.reason, |attempt| attempt.error.as_deref()),
            attempt: attempt.map(|attempt| attempt.id.bare()),
            result: attempt
                .filter(|_| completion.log_attempt)
                .map(|attempt| crate::delivery::attempt_outcome(attempt, completion.verdict)),
            health: health(completion.health),
            at: completion.at,
            provider: completion
                .carried
                .as_ref()
                .map(|carried| carried.provider.as_str()),
            provider_id: completion
                .carried
                .as_ref()
                .and_then(|carried| carried.id.as_deref()),
        });
    }
}

/// Who carried a message. Left out where nobody did, since every part costs time.
const CARRIED: &str = "carried AS (
   UPDATE messages m SET provider = a.provider, provider_id = a.provider_id FROM applied a
   WHERE a.provider IS NOT NULL AND m.environment = a.environment AND m.delivery = a.id),";

/// The part of the group's statement that writes outcomes: `applied` names those whose lease held, `health` the endpoints that fail.
///
/// What is finished has no owner, and is not asked whether it is: that would let the server read the index of open deliveries, which is
/// full of what just left it.
///
/// A row can change once in a statement, so an endpoint's outcomes are summed first: failures after the last success count, on top of
/// those before if there was no success. The rows are locked in the order of their ids, so that two writers never wait for each other.
pub(super) fn statement(places: &mut Places, carried: bool) -> String {
    let outcomes = Outcomes::unnest("o", places);
    let carried = if carried { CARRIED } else { "" };
    format!(
        "applied AS (
           UPDATE deliveries d SET state = o.state, due_at = o.due_at, owner = NULL, finished_at = o.finished_at,
             attempts = CASE WHEN o.number IS NULL THEN d.attempts ELSE o.attempts END,
             first_attempt_at = coalesce(d.first_attempt_at, o.started_at),
             last_attempt_at = coalesce(o.started_at, d.last_attempt_at),
             duration_ms = CASE WHEN o.number IS NULL THEN d.duration_ms ELSE o.duration_ms END,
             status_code = CASE WHEN o.number IS NULL THEN d.status_code ELSE o.status_code END,
             response = CASE WHEN o.number IS NULL THEN d.response WHEN o.result IS NULL THEN o.response END,
             packed = CASE WHEN o.number IS NULL THEN d.packed WHEN o.result IS NULL THEN o.packed END,
             error = CASE WHEN o.number IS NULL THEN coalesce(o.error, d.error) ELSE o.error END
           FROM {outcomes}
           WHERE d.environment = o.environment AND d.destination = o.destination AND d.id = o.id AND d.owner = o.owner
             AND d.fence = o.fence
           RETURNING o.*),
         attempt AS (
           INSERT INTO attempts (delivery, number, id, environment, started_at, duration_ms, outcome, status_code, response, packed,
             error)
           SELECT id, number, attempt, environment, started_at, duration_ms, result, status_code, response, packed, error FROM applied
           WHERE result IS NOT NULL),
         {carried}
         told AS (
           SELECT destination, environment, bool_or(health = 1) AS healed, count(*) FILTER (WHERE item > healed_at) AS failures,
             min(at) FILTER (WHERE item > healed_at) AS first_at, max(at) FILTER (WHERE item > healed_at) AS last_at
           FROM (
             SELECT destination, environment, item, health, at,
               coalesce(max(CASE WHEN health = 1 THEN item END) OVER (PARTITION BY destination), -1) AS healed_at
             FROM applied WHERE health > 0) a
           GROUP BY destination, environment),
         health AS (
           INSERT INTO endpoint_health (endpoint, environment, failures, first_failure_at, last_failure_at)
           SELECT t.destination, t.environment, t.failures, t.first_at, t.last_at
           FROM told t LEFT JOIN endpoint_health h ON h.endpoint = t.destination
           WHERE t.failures > 0 OR h.failures > 0
           ORDER BY t.destination
           ON CONFLICT (endpoint) DO UPDATE SET
             failures = excluded.failures
               + CASE WHEN excluded.endpoint = ANY (ARRAY(SELECT destination FROM told WHERE healed)) THEN 0
                 ELSE endpoint_health.failures END,
             first_failure_at = CASE
               WHEN excluded.endpoint = ANY (ARRAY(SELECT destination FROM told WHERE healed)) THEN excluded.first_failure_at
               ELSE coalesce(endpoint_health.first_failure_at, excluded.first_failure_at) END,
             last_failure_at = coalesce(excluded.last_failure_at, endpoint_health.last_failure_at)
           RETURNING endpoint, failures)"
    )
}
