//! A plan: its checks, then its rows.

use domain::delivery::NewDelivery;
use domain::effects::{AuditEntry, Claim, Effects, NewTimer, Receipt, TimerMove, Written};
use domain::environment::Env;
use domain::event::Event;
use domain::id::Prefixed;
use domain::message::NewMessage;
use domain::notification::Notification;
use rusqlite::{Connection, OptionalExtension, params};

use super::{feed, run};
use crate::error::Result;
use crate::hot::Born;
use crate::version::part_key;

/// Writes a plan, its checks first.
pub(super) fn plan(c: &Connection, effects: &Effects) -> Result<Receipt> {
    let env = effects.env;
    for uses in &effects.uses {
        let version: Option<i64> = c
            .prepare_cached("SELECT version FROM versions WHERE environment = ?1 AND part = ?2")?
            .query_row(params![env.0, part_key(&uses.part)], |row| row.get(0))
            .optional()?;
        if version.unwrap_or(0) != uses.version {
            return Ok(Receipt::Stale);
        }
    }
    for (index, claim) in effects.claims.iter().enumerate() {
        if let Some((same, answer)) = claimed(c, env, claim, effects.now)? {
            return Ok(Receipt::Duplicate {
                claim: index,
                same,
                answer,
            });
        }
    }
    if !feed::holds(c, effects)? || !run::holds(c, effects)? {
        return Ok(Receipt::Stale);
    }
    let mut written = Written::default();
    for claim in &effects.claims {
        insert_claim(c, env, claim)?;
    }
    for event in &effects.events {
        let position = insert_event(c, event)?;
        if written.position == 0 {
            written.position = position;
        }
    }
    for delivery in &effects.deliveries {
        insert_delivery(c, delivery)?;
    }
    for shown in effects.shown.iter().filter(|shown| shown.new) {
        insert_notification(c, &shown.content)?;
    }
    for effect in &effects.feed {
        written.feed.push(feed::write(c, env, effect, effects.now)?);
    }
    for effect in &effects.runs {
        run::write(c, env, effect, effects.now)?;
    }
    for tally in &effects.tallies {
        run::count(c, env, tally, effects.now)?;
    }
    if let Some(close) = &effects.closes {
        run::close(c, env, close, effects.now)?;
    }
    for timer in &effects.timers {
        insert_timer(c, env, timer, effects.now)?;
    }
    if let Some(fired) = &effects.fired {
        move_timer(c, fired)?;
    }
    for entry in &effects.audit {
        insert_audit(c, env, entry, effects.now)?;
    }
    Ok(Receipt::Written(written))
}

/// The answer of whoever used the key before, unless that was too long ago.
fn claimed(c: &Connection, env: Env, claim: &Claim, now: i64) -> Result<Option<(bool, String)>> {
    let found: Option<(Vec<u8>, String, i64)> = c
        .prepare_cached(
            "SELECT hash, answer, expires_at FROM claims WHERE environment = ?1 AND scope = ?2 AND key = ?3",
        )?
        .query_row(params![env.0, claim.scope, claim.key], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    Ok(found
        .filter(|(_, _, expires_at)| *expires_at > now)
        .map(|(hash, answer, _)| (hash == claim.hash, answer)))
}

fn insert_claim(c: &Connection, env: Env, claim: &Claim) -> Result<()> {
    c.prepare_cached(
        "INSERT OR REPLACE INTO claims (environment, scope, key, hash, answer, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![env.0, claim.scope, claim.key, claim.hash, claim.answer, claim.expires_at])?;
    Ok(())
}

fn insert_event(c: &Connection, event: &Event) -> Result<i64> {
    let users = (!event.users.is_empty()).then(|| serde_json::to_string(&event.users).unwrap_or_default());
    let mut statement = c.prepare_cached(
        "INSERT INTO events (id, environment, app, type, category, entity_type, entity_id, tenant, users, data,
           public_type, version, public_data, visibility, external_id, occurred_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )?;
    statement.execute(params![
        event.id.bare(),
        event.env.0,
        event.app.bare(),
        &*event.kind,
        event.category.as_deref(),
        event.entity.as_ref().map(|entity| entity.kind.as_str()),
        event.entity.as_ref().map(|entity| entity.id.as_str()),
        event.tenant,
        users,
        &*event.data,
        event.outside.kind.as_deref(),
        &*event.outside.version,
        event.outside.data.as_deref(),
        event.visibility.as_str(),
        event.external_id,
        event.occurred_at,
        event.created_at,
    ])?;
    for user in &event.users {
        c.prepare_cached(
            "INSERT OR IGNORE INTO event_users (environment, user_id, event) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![event.env.0, user, event.id.bare()])?;
    }
    Ok(c.last_insert_rowid())
}

fn insert_delivery(c: &Connection, delivery: &NewDelivery) -> Result<()> {
    let born = Born::of(delivery);
    c.prepare_cached(
        "INSERT INTO deliveries (destination, id, environment, app, event, cause, state, due_at, owner, fence, created_at, finished_at, error)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        delivery.destination.bare(),
        delivery.id.bare(),
        delivery.env.0,
        delivery.app.bare(),
        delivery.event.bare(),
        delivery.cause as i16,
        born.state.number(),
        born.due_at,
        delivery.lease.map(|lease| lease.owner.0),
        delivery.lease.map_or(0, |lease| lease.fence),
        delivery.created_at,
        born.finished_at,
        delivery.skipped,
    ])?;
    match &delivery.message {
        Some(message) => insert_message(c, delivery, message),
        None => Ok(()),
    }
}

fn insert_message(c: &Connection, delivery: &NewDelivery, message: &NewMessage) -> Result<()> {
    c.prepare_cached(
        "INSERT INTO messages (environment, delivery, destination, channel, run, workflow, step, user_id, tenant, recipient, config,
           content, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        delivery.env.0,
        delivery.id.bare(),
        delivery.destination.bare(),
        message.channel as i16,
        message.run.bare(),
        &*message.workflow,
        &*message.step,
        message.user,
        message.tenant,
        message.recipient,
        message.config.as_ref().map(Prefixed::bare),
        &*message.content,
        delivery.created_at,
    ])?;
    Ok(())
}

fn insert_notification(c: &Connection, n: &Notification) -> Result<()> {
    c.prepare_cached(
        "INSERT INTO notifications (id, environment, app, tenant, event, event_id, title, body, link, actions, priority,
           metadata, external_id, expires_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?
    .execute(params![
        n.id.bare(),
        n.env.0,
        n.app.bare(),
        n.tenant,
        n.event,
        n.event_id.as_ref().map(Prefixed::bare),
        n.title,
        n.body,
        n.link,
        n.actions.as_deref(),
        n.priority as i16,
        n.metadata.as_deref(),
        n.external_id,
        n.expires_at,
        n.created_at,
    ])?;
    Ok(())
}

fn insert_timer(c: &Connection, env: Env, timer: &NewTimer, now: i64) -> Result<()> {
    c.prepare_cached(
        "INSERT INTO timers (id, environment, kind, subject, state, due_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![timer.id.bare(), env.0, timer.kind as i16, timer.subject, timer.state, timer.due_at, now])?;
    Ok(())
}

fn move_timer(c: &Connection, fired: &TimerMove) -> Result<()> {
    match &fired.next {
        Some((state, due_at)) => c
            .prepare_cached("UPDATE timers SET state = ?2, due_at = ?3, owner = NULL WHERE id = ?1")?
            .execute(params![fired.id.bare(), state, due_at])?,
        None => c
            .prepare_cached("DELETE FROM timers WHERE id = ?1")?
            .execute(params![fired.id.bare()])?,
    };
    Ok(())
}

fn insert_audit(c: &Connection, env: Env, entry: &AuditEntry, now: i64) -> Result<()> {
    let (kind, actor) = crate::audit::actor_columns(&entry.actor);
    c.prepare_cached(
        "INSERT INTO audit (id, environment, at, actor_kind, actor, action, subject, detail, origin)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        entry.id.bare(),
        env.0,
        now,
        kind,
        actor,
        entry.action,
        entry.subject,
        entry.detail,
        entry.origin
    ])?;
    Ok(())
}
