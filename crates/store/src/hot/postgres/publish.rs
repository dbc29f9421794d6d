//! The one statement of a group: every check, every row and every outcome of it in one round trip.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::delivery::{HealthEffect, NewDelivery};
use domain::effects::{Effects, Part, Receipt, Written};
use domain::id::Prefixed;
use sqlx::Arguments;
use sqlx::postgres::{PgArguments, PgConnection};

use super::outcome::Outcomes;
use super::statement::{
    Audit, Claim, Claims, Deliveries, Delivery, Event, EventUser, EventUsers, Events, Line, Message,
    Messages, Parts, Relies, Rely, Timer, Timers, Use, Uses,
};
use super::{Trouble, Work};
use crate::error::Error;
use crate::hot::{Answer, Born, Completed, Settled};
use crate::version::part_key;

/// A group as one statement takes it.
#[derive(Default)]
struct Batch<'a> {
    uses: Uses<'a>,
    relies: Relies,
    claims: Claims<'a>,
    /// The latest instant of the group: what expires up to it is expired.
    now: i64,
    /// Items whose key an earlier item of the group takes: they only learn whether it was taken before.
    later: Vec<i32>,
    events: Events<'a>,
    event_users: EventUsers<'a>,
    deliveries: Deliveries<'a>,
    messages: Messages<'a>,
    timers: Timers<'a>,
    audit: Audit<'a>,
    outcomes: Outcomes<'a>,
    known: HashMap<(i64, Part, i64), i32>,
    /// Which item takes a key.
    keys: HashMap<(i64, &'a str, &'a str), i32>,
}

impl<'a> Batch<'a> {
    fn plan(&mut self, item: i32, effects: &'a Effects) {
        let env = effects.env.0;
        self.now = self.now.max(effects.now);
        for uses in &effects.uses {
            let next = i32::try_from(self.known.len()).unwrap_or(i32::MAX) + 1;
            let used = *self.known.entry((env, uses.part, uses.version)).or_insert(next);
            if used == next {
                self.uses.push(Use {
                    n: used,
                    environment: env,
                    part: part_key(&uses.part),
                    version: uses.version,
                });
            }
            self.relies.push(Rely { item, used });
        }
        self.claims(item, effects);
        for event in &effects.events {
            self.event(item, event);
        }
        for delivery in &effects.deliveries {
            self.delivery(item, delivery);
        }
        for timer in &effects.timers {
            self.timers.push(Timer {
                item,
                id: timer.id.bare(),
                environment: env,
                kind: timer.kind as i16,
                subject: &timer.subject,
                state: &timer.state,
                due_at: timer.due_at,
                created_at: effects.now,
            });
        }
        for entry in &effects.audit {
            let (actor_kind, actor) = crate::audit::actor_columns(&entry.actor);
            self.audit.push(Line {
                item,
                id: entry.id.bare(),
                environment: env,
                at: effects.now,
                actor_kind,
                actor,
                action: entry.action,
                subject: &entry.subject,
                detail: entry.detail.as_deref(),
                origin: entry.origin.as_deref(),
            });
        }
    }

    fn delivery(&mut self, item: i32, delivery: &'a NewDelivery) {
        let born = Born::of(delivery);
        self.deliveries.push(Delivery {
            item,
            destination: delivery.destination.bare(),
            id: delivery.id.bare(),
            environment: delivery.env.0,
            app: delivery.app.bare(),
            event: delivery.event.bare(),
            cause: delivery.cause as i16,
            state: born.state.number(),
            due_at: born.due_at,
            owner: delivery.lease.map(|lease| lease.owner.0),
            fence: delivery.lease.map_or(0, |lease| lease.fence),
            created_at: delivery.created_at,
            finished_at: born.finished_at,
            error: delivery.skipped.as_deref(),
        });
        let Some(message) = &delivery.message else { return };
        self.messages.push(Message {
            item,
            environment: delivery.env.0,
            delivery: delivery.id.bare(),
            destination: delivery.destination.bare(),
            channel: message.channel as i16,
            run: message.run.bare(),
            workflow: &message.workflow,
            step: &message.step,
            user_id: message.user.as_deref(),
            tenant: message.tenant.as_deref(),
            recipient: message.recipient.as_deref(),
            config: message.config.as_ref().map(Prefixed::bare),
            content: &message.content,
            created_at: delivery.created_at,
        });
    }

    fn claims(&mut self, item: i32, effects: &'a Effects) {
        let mut first = true;
        for (n, claim) in effects.claims.iter().enumerate() {
            match self.keys.entry((effects.env.0, &claim.scope, &claim.key)) {
                Entry::Vacant(free) => drop(free.insert(item)),
                // The plan names it twice.
                Entry::Occupied(taker) if *taker.get() == item => continue,
                Entry::Occupied(_) => first = false,
            }
            self.claims.push(Claim {
                item,
                n: i16::try_from(n).unwrap_or(i16::MAX),
                environment: effects.env.0,
                scope: &claim.scope,
                key: &claim.key,
                hash: &claim.hash,
                answer: &claim.answer,
                expires_at: claim.expires_at,
            });
        }
        if !first {
            self.later.push(item);
        }
    }

    fn event(&mut self, item: i32, event: &'a domain::event::Event) {
        let users =
            (!event.users.is_empty()).then(|| serde_json::to_string(&event.users).unwrap_or_default());
        self.events.push(Event {
            item,
            id: event.id.bare(),
            environment: event.env.0,
            app: event.app.bare(),
            kind: &event.kind,
            category: event.category.as_deref(),
            entity_type: event.entity.as_ref().map(|entity| entity.kind.as_str()),
            entity_id: event.entity.as_ref().map(|entity| entity.id.as_str()),
            tenant: event.tenant.as_deref(),
            users,
            data: &event.data,
            public_type: event.outside.kind.as_deref(),
            version: &event.outside.version,
            public_data: event.outside.data.as_deref(),
            visibility: event.visibility.as_str(),
            external_id: event.external_id.as_deref(),
            occurred_at: event.occurred_at,
            created_at: event.created_at,
        });
        for user in &event.users {
            self.event_users.push(EventUser {
                item,
                environment: event.env.0,
                user_id: user,
                event: event.id.bare(),
            });
        }
    }

    fn parts(&self) -> Parts {
        Parts {
            uses: !self.uses.is_empty(),
            claims: !self.claims.is_empty(),
            events: !self.events.is_empty() || !self.deliveries.is_empty(),
            messages: !self.messages.is_empty(),
            more: !(self.event_users.is_empty() && self.timers.is_empty() && self.audit.is_empty()),
            outcomes: !self.outcomes.is_empty(),
            carried: self.outcomes.any_carried(),
        }
    }

    /// In the order of the statement's places.
    fn arguments(&self, parts: Parts) -> Result<PgArguments, sqlx::error::BoxDynError> {
        let mut arguments = PgArguments::default();
        if parts.uses {
            self.uses.bind(&mut arguments)?;
            self.relies.bind(&mut arguments)?;
        }
        if parts.claims {
            self.claims.bind(&mut arguments)?;
            arguments.add(self.now)?;
            arguments.add(&self.later[..])?;
        }
        if parts.events {
            self.events.bind(&mut arguments)?;
            self.deliveries.bind(&mut arguments)?;
        }
        if parts.messages {
            self.messages.bind(&mut arguments)?;
        }
        if parts.more {
            self.event_users.bind(&mut arguments)?;
            self.timers.bind(&mut arguments)?;
            self.audit.bind(&mut arguments)?;
        }
        if parts.outcomes {
            self.outcomes.bind(&mut arguments)?;
        }
        Ok(arguments)
    }
}

/// What the statement answered.
pub(super) struct Committed {
    /// The transaction.
    pub(super) position: i64,
    /// One for each item, in order; `None` where it waits for the next group.
    pub(super) answers: Vec<Option<Answer>>,
}

/// Kind, item, number, hash, text.
type Row = (i32, i32, i64, Option<Vec<u8>>, Option<String>);

/// Runs the statement for a group. Outside a transaction that commits it.
pub(super) async fn run(connection: &mut PgConnection, items: &[&Work]) -> Result<Committed, Trouble> {
    let mut batch = Batch::default();
    for (item, number) in items.iter().zip(0..) {
        match item {
            Work::Plan(effects) => batch.plan(number, effects),
            Work::Outcome(completed) => batch.outcomes.add(number, completed),
        }
    }
    let parts = batch.parts();
    let arguments = batch
        .arguments(parts)
        .map_err(|error| Trouble::Failed(Error::Other(error.to_string())))?;
    // To the end, and no further: what comes after the last row is the end of the commit.
    let rows: Vec<Row> = sqlx::query_as_with(parts.statement(), arguments)
        .fetch_all(connection)
        .await?;
    Ok(read(items, &batch.later, rows))
}

/// What the rows say of each item. A plan that no row names is written, an outcome that no row names came too late.
fn read(items: &[&Work], later: &[i32], mut rows: Vec<Row>) -> Committed {
    // What weighs most comes last: stale before used, the first used key before the others, used before waiting.
    rows.sort_unstable_by_key(|row| std::cmp::Reverse((row.0, row.2)));
    let position = rows.last().map_or(0, |row| row.2);
    let mut answers: Vec<_> = items.iter().map(|item| Some(unnamed(item, position))).collect();
    for item in later {
        answers[at(*item)] = None;
    }
    let mut failures = HashMap::new();
    for (kind, item, number, hash, text) in rows.into_iter().filter(|row| row.0 > 0) {
        let item = at(item);
        match (kind, items[item]) {
            (1, _) => answers[item] = Some(Answer::Plan(Receipt::Stale)),
            (2, Work::Plan(effects)) => {
                let claim = usize::try_from(number).unwrap_or_default();
                let same = hash.is_some_and(|hash| hash == effects.claims[claim].hash);
                let answer = text.unwrap_or_default();
                answers[item] = Some(Answer::Plan(Receipt::Duplicate { claim, same, answer }));
            }
            (3, _) => answers[item] = None,
            (4, Work::Outcome(Completed { completion, .. })) => {
                let failures = match completion.health {
                    HealthEffect::None | HealthEffect::Success => 0,
                    HealthEffect::Failure | HealthEffect::Gone => failures
                        .get(completion.destination.bare())
                        .copied()
                        .unwrap_or_default(),
                };
                answers[item] = Some(Answer::Outcome(Settled {
                    applied: true,
                    failures,
                }));
            }
            (5, _) => drop(failures.insert(text.unwrap_or_default(), number)),
            _ => {}
        }
    }
    Committed { position, answers }
}

fn at(item: i32) -> usize {
    usize::try_from(item).unwrap_or_default()
}

fn unnamed(item: &Work, position: i64) -> Answer {
    match item {
        Work::Plan(effects) => {
            let position = if effects.events.is_empty() { 0 } else { position };
            Answer::Plan(Receipt::Written(Written {
                position,
                feed: Vec::new(),
            }))
        }
        Work::Outcome(..) => Answer::Outcome(Settled {
            applied: false,
            failures: 0,
        }),
    }
}
