//! Runs and batches of a transaction: locked, worked through in memory one plan after the other, written at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::effects::{Effects, TimerKind};
use domain::id::Prefixed;
use domain::run::{Demand, Join, RunEffect};
use sha2::{Digest, Sha256};
use sqlx::postgres::{PgArguments, PgConnection};

use super::Trouble;
use super::columns::{Places, columns};
use crate::batch::{OpenBatch, close_timer};

columns! { New<'a> of NewRow {
    id: &'a str = "text", environment: i64 = "bigint", workflow: &'a str = "text", version: i64 = "bigint", event: &'a str = "text",
    user_id: &'a str = "text", tenant: Option<&'a str> = "text", actor: Option<&'a str> = "text", part: &'a str = "text",
    status: i16 = "smallint", batch: Option<String> = "text", gathers: Option<&'a str> = "text", state: &'a str = "text", created_at: i64 = "bigint",
    finished_at: Option<i64> = "bigint", cancellation_key: Option<&'a str> = "text", awaits: Option<&'a str> = "text",
    becomes: Option<i16> = "smallint",
} }
columns! { Moves<'a> of MoveRow {
    id: &'a str = "text", environment: i64 = "bigint", status: i16 = "smallint", batch: Option<String> = "text", state: &'a str = "text",
    finished_at: Option<i64> = "bigint", gathers: Option<&'a str> = "text", awaits: Option<&'a str> = "text",
    becomes: Option<i16> = "smallint",
} }
columns! { Batches<'a> of BatchRow {
    id: String = "text", environment: i64 = "bigint", grouped: String = "text", timer: String = "text", items: i64 = "bigint",
    opened_at: i64 = "bigint", closes_at: i64 = "bigint", is_open: i64 = "bigint", closed_at: Option<i64> = "bigint",
    gathers: Option<&'a str> = "text",
} }
columns! { Tallies<'a> of TallyRow {
    environment: i64 = "bigint", name: &'a str = "text", state: &'a str = "text", updated_at: i64 = "bigint",
} }
columns! { Timers of TimerRow {
    id: String = "text", environment: i64 = "bigint", kind: i16 = "smallint", subject: String = "text", state: String = "text",
    due_at: i64 = "bigint", created_at: i64 = "bigint",
} }

/// Id, environment, group, timer, activities, beginning, end, whether more may join.
type Row = (String, i64, String, String, i64, i64, i64, i64);

/// A batch as the plans so far leave it.
struct Batch<'a> {
    environment: i64,
    grouped: String,
    open: OpenBatch,
    is_open: bool,
    closed_at: Option<i64>,
    gathers: Option<&'a str>,
    changed: bool,
}

/// What runs and batches depend on, and what becomes of them.
#[derive(Default)]
pub(super) struct Runs<'a> {
    revisions: HashMap<&'a str, i64>,
    /// By id.
    batches: BTreeMap<String, Batch<'a>>,
    /// The open batch of a group.
    groups: HashMap<(i64, &'a str), String>,
    /// Counts as the plans so far leave them.
    tallies: HashMap<(i64, &'a str), String>,
    counted: BTreeMap<(i64, &'a str), (&'a str, i64)>,
    new: New<'a>,
    moves: Moves<'a>,
    timers: Timers,
}

/// Whether a plan has runs or batches in it.
pub(super) fn concerns(plan: &Effects) -> bool {
    !plan.runs.is_empty() || plan.closes.is_some() || !plan.tallies.is_empty()
}

impl<'a> Runs<'a> {
    pub(super) async fn lock(connection: &mut PgConnection, plans: &[&'a Effects]) -> Result<Self, Trouble> {
        let mut runs = Self::default();
        if plans.iter().any(|plan| concerns(plan)) {
            runs.lock_batches(connection, plans).await?;
            runs.read_tallies(connection, plans).await?;
            runs.lock_runs(connection, plans).await?;
        }
        Ok(runs)
    }

    /// Counts, under the locks that were taken for them.
    async fn read_tallies(
        &mut self,
        connection: &mut PgConnection,
        plans: &[&'a Effects],
    ) -> Result<(), Trouble> {
        let counted = plans
            .iter()
            .flat_map(|plan| plan.tallies.iter().map(|tally| (plan.env.0, tally.name.as_str())));
        let names: BTreeSet<(i64, &'a str)> = counted.collect();
        if names.is_empty() {
            return Ok(());
        }
        let (environments, texts): (Vec<_>, Vec<_>) = names.iter().copied().unzip();
        let rows: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT environment, name, state FROM tallies
             WHERE (environment, name) IN (SELECT * FROM unnest($1::bigint[], $2::text[]))",
        )
        .bind(environments)
        .bind(texts)
        .fetch_all(connection)
        .await?;
        for (environment, name, state) in rows {
            let known = names
                .iter()
                .find(|(env, other)| *env == environment && *other == name);
            if let Some(known) = known {
                self.tallies.insert(*known, state);
            }
        }
        Ok(())
    }

    /// Whoever may open a batch takes its group's lock first: two that find none open would both open one. So does whoever counts.
    async fn lock_batches(
        &mut self,
        connection: &mut PgConnection,
        plans: &[&'a Effects],
    ) -> Result<(), Trouble> {
        let groups: BTreeSet<(i64, &'a str)> = plans
            .iter()
            .flat_map(|plan| {
                plan.runs
                    .iter()
                    .flat_map(|effect| &effect.joins)
                    .map(|join| (plan.env.0, join))
            })
            .map(|(env, join)| (env, join.group.as_str()))
            .collect();
        let closing: Vec<_> = plans
            .iter()
            .filter_map(|plan| Some(plan.closes.as_ref()?.batch.bare()))
            .collect();
        let counted = plans
            .iter()
            .flat_map(|plan| plan.tallies.iter().map(|tally| (plan.env.0, tally.name.as_str())));
        let locks: BTreeSet<i64> = groups
            .iter()
            .copied()
            .chain(counted)
            .map(|(env, name)| number(env, name))
            .collect();
        if locks.is_empty() && closing.is_empty() {
            return Ok(());
        }
        sqlx::query("SELECT pg_advisory_xact_lock(n) FROM unnest($1::bigint[]) AS locks (n)")
            .bind(locks.into_iter().collect::<Vec<_>>())
            .execute(&mut *connection)
            .await?;
        let (environments, names): (Vec<_>, Vec<_>) = groups.iter().copied().unzip();
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, environment, grouped, timer, items, opened_at, closes_at, is_open FROM batches
             WHERE closed_at IS NULL AND id = ANY (ARRAY(
               SELECT b.id FROM unnest($1::bigint[], $2::text[]) AS g (environment, grouped)
               JOIN batches b ON b.environment = g.environment AND b.grouped = g.grouped AND b.is_open = 1) || $3::text[])
             ORDER BY id FOR UPDATE",
        )
        .bind(environments)
        .bind(names)
        .bind(closing)
        .fetch_all(connection)
        .await?;
        for (id, environment, grouped, timer, items, opened_at, closes_at, is_open) in rows {
            let group = groups
                .iter()
                .find(|(env, name)| *env == environment && *name == grouped);
            if let Some(group) = group.filter(|_| is_open == 1) {
                self.groups.insert(*group, id.clone());
            }
            let open = OpenBatch {
                id: id.clone(),
                timer,
                items,
                opened_at,
                closes_at,
            };
            let batch = Batch {
                environment,
                grouped,
                open,
                is_open: is_open == 1,
                closed_at: None,
                gathers: None,
                changed: false,
            };
            self.batches.insert(id, batch);
        }
        Ok(())
    }

    async fn lock_runs(
        &mut self,
        connection: &mut PgConnection,
        plans: &[&'a Effects],
    ) -> Result<(), Trouble> {
        let moved: BTreeSet<&'a str> = plans
            .iter()
            .flat_map(|plan| &plan.runs)
            .filter(|effect| effect.revision.is_some())
            .map(|effect| effect.run.id.bare())
            .collect();
        if moved.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = moved.iter().copied().collect();
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT id, revision FROM runs WHERE id = ANY ($1) ORDER BY id FOR UPDATE")
                .bind(ids)
                .fetch_all(connection)
                .await?;
        for (id, revision) in rows {
            if let Some(id) = moved.get(id.as_str()) {
                self.revisions.insert(id, revision);
            }
        }
        Ok(())
    }

    /// Whether runs and batches are still as a plan found them.
    pub(super) fn holds(&self, plan: &Effects) -> bool {
        let stands = |effect: &RunEffect| {
            let revision = self.revisions.get(effect.run.id.bare());
            effect.revision.is_none_or(|expected| revision == Some(&expected))
        };
        let demanded = |join: &Join| {
            let open = self.groups.get(&(plan.env.0, join.group.as_str()));
            let open = open.and_then(|id| self.batches.get(id));
            let is_open = open.is_some_and(|batch| !batch.open.is_over(plan.now));
            join.demands == Demand::Nothing || is_open == (join.demands == Demand::Open)
        };
        let closes = plan.closes.as_ref().is_none_or(|close| {
            let batch = self.batches.get(close.batch.bare());
            batch.is_some_and(|batch| batch.closed_at.is_none() && batch.open.items == close.items)
        });
        let counts = plan.tallies.iter().all(|tally| {
            let now = self.tallies.get(&(plan.env.0, tally.name.as_str()));
            now.map(String::as_str) == tally.seen.as_deref()
        });
        closes
            && counts
            && plan
                .runs
                .iter()
                .all(|effect| stands(effect) && effect.joins.iter().all(demanded))
    }

    /// Works through a plan that holds.
    pub(super) fn apply(&mut self, plan: &'a Effects) {
        for effect in &plan.runs {
            self.effect(plan, effect);
        }
        for tally in &plan.tallies {
            let Some(becomes) = &tally.becomes else { continue };
            let name = (plan.env.0, tally.name.as_str());
            self.tallies.insert(name, becomes.clone());
            self.counted.insert(name, (becomes, plan.now));
        }
        if let Some(close) = &plan.closes
            && let Some(batch) = self.batches.get_mut(close.batch.bare())
        {
            (batch.is_open, batch.closed_at, batch.changed) = (false, Some(plan.now), true);
            batch.gathers = close.gathers.as_ref().map(Prefixed::bare);
            let id = close.batch.bare();
            self.groups.retain(|_, open| open != id);
        }
    }

    fn effect(&mut self, plan: &'a Effects, effect: &'a RunEffect) {
        let mut batch = None;
        for join in &effect.joins {
            batch = self.join(plan, join).or(batch);
        }
        let (run, environment) = (&effect.run, plan.env.0);
        let (id, status) = (run.id.bare(), effect.status as i16);
        let finished_at = effect.status.is_final().then_some(plan.now);
        let gathers = effect.gathers.as_ref().map(Prefixed::bare);
        let awaits = effect.awaits.as_ref().map(|awaits| awaits.what.as_str());
        let becomes = effect.awaits.as_ref().map(|awaits| awaits.becomes);
        if effect.revision.is_some() {
            // Moved once in a transaction: another plan for it is refused.
            self.revisions.remove(id);
            let state = &effect.state;
            return self.moves.push(MoveRow {
                id,
                environment,
                status,
                batch,
                state,
                finished_at,
                gathers,
                awaits,
                becomes,
            });
        }
        self.new.push(NewRow {
            id,
            environment,
            workflow: &run.workflow,
            version: run.version,
            event: run.event.bare(),
            user_id: &run.user,
            tenant: run.tenant.as_deref(),
            actor: run.actor.as_deref(),
            part: &run.part,
            status,
            batch,
            gathers,
            state: &effect.state,
            created_at: plan.now,
            finished_at,
            cancellation_key: run.cancellation_key.as_deref(),
            awaits,
            becomes,
        });
    }

    /// The bare id of the batch that was joined; `None` for the first of a group that goes on at once.
    fn join(&mut self, plan: &Effects, join: &'a Join) -> Option<String> {
        let group = (plan.env.0, join.group.as_str());
        if let Some(id) = self.groups.get(&group).cloned() {
            let batch = self.batches.get_mut(&id)?;
            let is_over = batch.open.is_over(plan.now);
            batch.is_open = !is_over && batch.open.join(join, plan.now);
            batch.changed = true;
            if !batch.is_open {
                self.groups.remove(&group);
            }
            if !is_over {
                return Some(id);
            }
        }
        let id = join.opens.bare().to_owned();
        let items = i64::from(join.demands != Demand::None);
        let batch = Batch {
            environment: plan.env.0,
            grouped: join.group.clone(),
            open: OpenBatch {
                id: id.clone(),
                timer: join.timer.bare().to_owned(),
                items,
                opened_at: plan.now,
                closes_at: join.closes_at,
            },
            is_open: true,
            closed_at: None,
            gathers: None,
            changed: true,
        };
        let (subject, state) = close_timer(join.opens);
        self.timers.push(TimerRow {
            id: batch.open.timer.clone(),
            environment: plan.env.0,
            kind: TimerKind::Close as i16,
            subject,
            state,
            due_at: join.closes_at,
            created_at: plan.now,
        });
        self.groups.insert(group, id.clone());
        self.batches.insert(id.clone(), batch);
        (items > 0).then_some(id)
    }

    /// Writes what became of them.
    pub(super) async fn run(self, connection: &mut PgConnection) -> Result<(), Trouble> {
        write_tallies(connection, &self.counted).await?;
        let mut batches = Batches::default();
        for (id, batch) in self.batches.into_iter().filter(|(_, batch)| batch.changed) {
            batches.push(BatchRow {
                id,
                environment: batch.environment,
                grouped: batch.grouped,
                timer: batch.open.timer,
                items: batch.open.items,
                opened_at: batch.open.opened_at,
                closes_at: batch.open.closes_at,
                is_open: i64::from(batch.is_open),
                closed_at: batch.closed_at,
                gathers: batch.gathers,
            });
        }
        if self.new.is_empty() && self.moves.is_empty() && batches.is_empty() {
            return Ok(());
        }
        let mut arguments = PgArguments::default();
        let bound = self
            .new
            .bind(&mut arguments)
            .and_then(|()| self.moves.bind(&mut arguments))
            .and_then(|()| batches.bind(&mut arguments))
            .and_then(|()| self.timers.bind(&mut arguments));
        bound.map_err(|error| Trouble::Failed(crate::Error::Other(error.to_string())))?;
        let sql = sqlx::AssertSqlSafe(statement());
        sqlx::query_with(sql, arguments).execute(connection).await?;
        Ok(())
    }
}

async fn write_tallies(
    connection: &mut PgConnection,
    counted: &BTreeMap<(i64, &str), (&str, i64)>,
) -> Result<(), Trouble> {
    if counted.is_empty() {
        return Ok(());
    }
    let mut rows = Tallies::default();
    for (&(environment, name), &(state, updated_at)) in counted {
        rows.push(TallyRow {
            environment,
            name,
            state,
            updated_at,
        });
    }
    let mut arguments = PgArguments::default();
    let bound = rows.bind(&mut arguments);
    bound.map_err(|error| Trouble::Failed(crate::Error::Other(error.to_string())))?;
    let rows = Tallies::unnest("t", &mut Places::default());
    let sql = sqlx::AssertSqlSafe(format!(
        "INSERT INTO tallies (environment, name, state, updated_at) SELECT environment, name, state, updated_at FROM {rows}
         ON CONFLICT (environment, name) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at"
    ));
    sqlx::query_with(sql, arguments).execute(connection).await?;
    Ok(())
}

fn statement() -> &'static str {
    static TEXT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    TEXT.get_or_init(|| {
        let places = &mut Places::default();
        let (new, moves) = (New::unnest("r", places), Moves::unnest("u", places));
        let (batches, timers) = (Batches::unnest("b", places), Timers::unnest("t", places));
        format!(
            "WITH run AS (
               INSERT INTO runs (id, environment, workflow, version, event, user_id, tenant, actor, part, status, batch, gathers, state, created_at,
                 finished_at, cancellation_key, awaits, becomes)
               SELECT id, environment, workflow, version, event, user_id, tenant, actor, part, status, batch, gathers, state, created_at,
                 finished_at, cancellation_key, awaits, becomes FROM {new}),
             moved AS (
               UPDATE runs r SET status = u.status, revision = r.revision + 1, batch = coalesce(u.batch, r.batch), state = u.state,
                 finished_at = u.finished_at, gathers = coalesce(u.gathers, r.gathers), awaits = u.awaits, becomes = u.becomes
               FROM {moves} WHERE r.id = u.id AND r.environment = u.environment),
             batch AS (
               INSERT INTO batches (id, environment, grouped, timer, items, opened_at, closes_at, is_open, closed_at, gathers)
               SELECT id, environment, grouped, timer, items, opened_at, closes_at, is_open, closed_at, gathers FROM {batches}
               ON CONFLICT (id) DO UPDATE SET items = excluded.items, closes_at = excluded.closes_at, is_open = excluded.is_open,
                 closed_at = excluded.closed_at, gathers = excluded.gathers
               RETURNING timer, closes_at),
             postponed AS (UPDATE timers t SET due_at = b.closes_at FROM batch b WHERE t.id = b.timer AND t.due_at <> b.closes_at),
             timer AS (
               INSERT INTO timers (id, environment, kind, subject, state, due_at, created_at)
               SELECT t.id, t.environment, t.kind, t.subject, t.state, b.closes_at, t.created_at FROM {timers}
               JOIN batch b ON b.timer = t.id)
             SELECT 1"
        )
    })
}

/// A group's lock. Groups that share one only wait for each other.
fn number(env: i64, group: &str) -> i64 {
    let mut hash = Sha256::new();
    hash.update(env.to_be_bytes());
    hash.update(group.as_bytes());
    let digest = hash.finalize();
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(bytes)
}
