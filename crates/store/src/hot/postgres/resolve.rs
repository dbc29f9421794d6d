//! After a lost connection: what it wrote all the same, read back over another one.
//!
//! A plan is there when one row of it is: they are written together. An outcome is there when its delivery gave up the lease it came
//! under and counts the attempt; a rescue, which also ends leases, counts another one.

use domain::effects::{Receipt, Written};
use domain::id::Prefixed;
use sqlx::postgres::{PgArguments, PgConnection};

use super::columns::{Places, columns};
use super::{Trouble, Work};
use crate::hot::{Answer, Completed, Settled};

columns! { Witnesses<'a> of Witness { item: i32 = "int", id: &'a str = "text", } }
columns! { Deliveries<'a> of Delivery { item: i32 = "int", destination: &'a str = "text", id: &'a str = "text", } }
columns! { Claims<'a> of Claim {
    item: i32 = "int", environment: i64 = "bigint", scope: &'a str = "text", key: &'a str = "text", answer: &'a str = "text",
} }
columns! { Outcomes<'a> of Outcome {
    item: i32 = "int", destination: &'a str = "text", id: &'a str = "text", fence: i64 = "bigint", attempts: i32 = "int",
    started_at: Option<i64> = "bigint",
} }

#[derive(Default)]
struct Sought<'a> {
    events: Witnesses<'a>,
    audit: Witnesses<'a>,
    timers: Witnesses<'a>,
    deliveries: Deliveries<'a>,
    claims: Claims<'a>,
    outcomes: Outcomes<'a>,
}

impl<'a> Sought<'a> {
    fn add(&mut self, item: i32, work: &'a Work) {
        match work {
            Work::Plan(plan) => {
                if let Some(event) = plan.events.first() {
                    self.events.push(Witness {
                        item,
                        id: event.id.bare(),
                    });
                } else if let Some(line) = plan.audit.first() {
                    self.audit.push(Witness {
                        item,
                        id: line.id.bare(),
                    });
                } else if let Some(delivery) = plan.deliveries.first() {
                    self.deliveries.push(Delivery {
                        item,
                        destination: delivery.destination.bare(),
                        id: delivery.id.bare(),
                    });
                } else if let Some(timer) = plan.timers.first() {
                    self.timers.push(Witness {
                        item,
                        id: timer.id.bare(),
                    });
                } else if let Some(claim) = plan.claims.first() {
                    let environment = plan.env.0;
                    self.claims.push(Claim {
                        item,
                        environment,
                        scope: &claim.scope,
                        key: &claim.key,
                        answer: &claim.answer,
                    });
                }
            }
            Work::Outcome(Completed { completion, .. }) => self.outcomes.push(Outcome {
                item,
                destination: completion.destination.bare(),
                id: completion.delivery.bare(),
                fence: completion.lease.fence,
                attempts: completion.attempts,
                started_at: completion.attempt.as_ref().map(|attempt| attempt.started_at),
            }),
        }
    }

    fn arguments(&self) -> Result<PgArguments, sqlx::error::BoxDynError> {
        let mut arguments = PgArguments::default();
        self.events.bind(&mut arguments)?;
        self.audit.bind(&mut arguments)?;
        self.timers.bind(&mut arguments)?;
        self.deliveries.bind(&mut arguments)?;
        self.claims.bind(&mut arguments)?;
        self.outcomes.bind(&mut arguments)?;
        Ok(arguments)
    }
}

fn statement() -> String {
    let places = &mut Places::default();
    let (events, audit, timers) = (
        Witnesses::unnest("w", places),
        Witnesses::unnest("w", places),
        Witnesses::unnest("w", places),
    );
    let (deliveries, claims, outcomes) = (
        Deliveries::unnest("w", places),
        Claims::unnest("w", places),
        Outcomes::unnest("w", places),
    );
    format!(
        "SELECT w.item, e.position FROM {events} JOIN events e ON e.id = w.id
         UNION ALL SELECT w.item, 0 FROM {audit} JOIN audit a ON a.id = w.id
         UNION ALL SELECT w.item, 0 FROM {timers} JOIN timers t ON t.id = w.id
         UNION ALL SELECT w.item, 0 FROM {deliveries} JOIN deliveries d ON d.destination = w.destination AND d.id = w.id
         UNION ALL SELECT w.item, 0 FROM {claims}
           JOIN claims k ON k.environment = w.environment AND k.scope = w.scope AND k.key = w.key AND k.answer = w.answer
         UNION ALL SELECT w.item, coalesce(h.failures, 0) FROM {outcomes}
           JOIN deliveries d ON d.destination = w.destination AND d.id = w.id
             AND (d.fence > w.fence OR (d.fence = w.fence AND d.owner IS NULL))
             AND d.attempts = w.attempts AND (w.started_at IS NULL OR d.last_attempt_at = w.started_at)
           LEFT JOIN endpoint_health h ON h.endpoint = w.destination"
    )
}

/// The answers of those items that are written.
pub(super) async fn written(
    connection: &mut PgConnection,
    items: &[&Work],
) -> Result<Vec<Option<Answer>>, Trouble> {
    let mut sought = Sought::default();
    for (item, number) in items.iter().zip(0..) {
        sought.add(number, item);
    }
    let arguments = sought
        .arguments()
        .map_err(|error| Trouble::Failed(crate::Error::Other(error.to_string())))?;
    let rows: Vec<(i32, i64)> = sqlx::query_as_with(sqlx::AssertSqlSafe(statement()), arguments)
        .fetch_all(connection)
        .await?;
    let mut answers: Vec<_> = items.iter().map(|_| None).collect();
    for (item, number) in rows {
        let item = usize::try_from(item).unwrap_or_default();
        answers[item] = Some(match items[item] {
            Work::Plan(..) => Answer::Plan(Receipt::Written(Written {
                position: number,
                feed: Vec::new(),
            })),
            Work::Outcome(..) => Answer::Outcome(Settled {
                applied: true,
                failures: number,
            }),
        });
    }
    Ok(answers)
}

/// Whether a transaction is committed; `None` while that is not decided, or long forgotten.
pub(super) async fn is_committed(
    connection: &mut PgConnection,
    transaction: i64,
) -> Result<Option<bool>, Trouble> {
    let status: Vec<Option<String>> = sqlx::query_scalar("SELECT pg_xact_status($1::text::xid8)")
        .bind(transaction.to_string())
        .fetch_all(connection)
        .await?;
    Ok(match status.into_iter().flatten().next().as_deref() {
        Some("committed") => Some(true),
        Some("aborted") => Some(false),
        _ => None,
    })
}
