//! What a transaction of feeds writes: every table in one statement, each row once.

use std::sync::OnceLock;

use domain::effects::TimerMove;
use domain::feed::{Mark, NewState, Scope, Times};
use domain::id::Prefixed;
use domain::notification::Notification;
use sqlx::Arguments;
use sqlx::postgres::{PgArguments, PgConnection};

use super::Trouble;
use super::columns::{Places, columns};
use super::known::{Counter, Feed};

columns! { Notifications<'a> of NewNotification {
    id: &'a str = "text", environment: i64 = "bigint", app: &'a str = "text", tenant: Option<&'a str> = "text",
    event: Option<&'a str> = "text", event_id: Option<&'a str> = "text", title: &'a str = "text", body: Option<&'a str> = "text",
    link: Option<&'a str> = "text", actions: Option<&'a str> = "text", priority: i16 = "smallint",
    metadata: Option<&'a str> = "text", external_id: Option<&'a str> = "text", expires_at: Option<i64> = "bigint",
    created_at: i64 = "bigint",
} }
columns! { Feeds<'a> of FeedRow {
    environment: i64 = "bigint", user_id: &'a str = "text", seq: i64 = "bigint", unread: i64 = "bigint", unseen: i64 = "bigint",
    changed_at: i64 = "bigint",
} }
columns! { Scopes<'a> of ScopeRow {
    environment: i64 = "bigint", user_id: &'a str = "text", app: String = "text", tenant: String = "text", unread: i64 = "bigint",
    unseen: i64 = "bigint", read_seq: i64 = "bigint", read_at: i64 = "bigint", seen_seq: i64 = "bigint", seen_at: i64 = "bigint",
} }
columns! { Arrivals<'a> of Arrival {
    environment: i64 = "bigint", user_id: &'a str = "text", notification: &'a str = "text", id: &'a str = "text",
    app: &'a str = "text", tenant: Option<&'a str> = "text", priority: i16 = "smallint", seq: i64 = "bigint",
    created_at: i64 = "bigint", expires_at: Option<i64> = "bigint",
} }
columns! { Changes<'a> of Change {
    environment: i64 = "bigint", user_id: &'a str = "text", notification: &'a str = "text", seq: i64 = "bigint",
    seen_at: Option<i64> = "bigint", read_at: Option<i64> = "bigint", clicked_at: Option<i64> = "bigint",
    dismissed_at: Option<i64> = "bigint", expired_at: Option<i64> = "bigint", deleted_at: Option<i64> = "bigint",
} }
columns! { Settles<'a> of Settle {
    environment: i64 = "bigint", user_id: &'a str = "text", notification: &'a str = "text", read_at: Option<i64> = "bigint",
    seen_at: Option<i64> = "bigint",
} }
columns! { Marks<'a> of MarkRow {
    environment: i64 = "bigint", user_id: &'a str = "text", seq: i64 = "bigint", mark: &'a str = "text", app: Option<&'a str> = "text",
    tenant: Option<&'a str> = "text", at: i64 = "bigint", settled: i64 = "bigint",
} }
columns! { Settled<'a> of SettledMark { environment: i64 = "bigint", user_id: &'a str = "text", seq: i64 = "bigint", } }
columns! { Moves<'a> of Move { id: &'a str = "text", state: &'a str = "text", due_at: i64 = "bigint", } }

/// Rows to write.
#[derive(Default)]
pub(super) struct Writes<'a> {
    notifications: Notifications<'a>,
    feeds: Feeds<'a>,
    scopes: Scopes<'a>,
    arrivals: Arrivals<'a>,
    changes: Changes<'a>,
    settles: Settles<'a>,
    marks: Marks<'a>,
    settled: Settled<'a>,
    moves: Moves<'a>,
    done: Vec<&'a str>,
}

/// Which tables a transaction writes. The statement has no more parts than are needed: every part costs time, also for no rows.
#[derive(Clone, Copy)]
struct Parts([bool; 6]);

/// One for each combination of parts.
static STATEMENTS: [OnceLock<String>; 64] = [const { OnceLock::new() }; 64];

impl Parts {
    fn statement(self) -> &'static str {
        let index = self
            .0
            .into_iter()
            .fold(0, |index, bit| index * 2 + usize::from(bit));
        STATEMENTS[index].get_or_init(|| self.text())
    }

    /// In the order in which [`Writes::arguments`] binds.
    fn text(self) -> String {
        let places = &mut Places::default();
        let texts: [fn(&mut Places) -> String; 6] = [shown, counted, arrived, changed, marked, fired];
        let parts: Vec<_> = texts
            .iter()
            .zip(self.0)
            .filter(|(_, wanted)| *wanted)
            .map(|(text, _)| text(places))
            .collect();
        format!("WITH {} SELECT 1", parts.join(",\n"))
    }
}

fn shown(places: &mut Places) -> String {
    let notifications = Notifications::unnest("n", places);
    format!(
        "notification AS (
           INSERT INTO notifications (id, environment, app, tenant, event, event_id, title, body, link, actions, priority, metadata,
             external_id, expires_at, created_at)
           SELECT id, environment, app, tenant, event, event_id, title, body, link, actions, priority, metadata, external_id,
             expires_at, created_at FROM {notifications})"
    )
}

fn counted(places: &mut Places) -> String {
    let (feeds, scopes) = (Feeds::unnest("u", places), Scopes::unnest("k", places));
    format!(
        "feed AS (
           UPDATE feeds f SET seq = u.seq, unread = u.unread, unseen = u.unseen, changed_at = greatest(f.changed_at, u.changed_at)
           FROM {feeds} WHERE f.environment = u.environment AND f.user_id = u.user_id),
         counter AS (
           INSERT INTO counters (environment, user_id, app, tenant, unread, unseen, read_seq, read_at, seen_seq, seen_at)
           SELECT environment, user_id, app, tenant, unread, unseen, read_seq, read_at, seen_seq, seen_at FROM {scopes}
           ON CONFLICT (environment, user_id, app, tenant) DO UPDATE SET unread = excluded.unread, unseen = excluded.unseen,
             read_seq = excluded.read_seq, read_at = excluded.read_at, seen_seq = excluded.seen_seq, seen_at = excluded.seen_at)"
    )
}

fn arrived(places: &mut Places) -> String {
    let arrivals = Arrivals::unnest("s", places);
    format!(
        "arrived AS (
           INSERT INTO states (environment, user_id, notification, id, app, tenant, priority, seq, created_at, expires_at)
           SELECT environment, user_id, notification, id, app, tenant, priority, seq, created_at, expires_at FROM {arrivals})"
    )
}

/// A state may be settled and changed in one transaction: the change holds its settled times too, so it alone is written.
fn changed(places: &mut Places) -> String {
    let (changes, settles) = (Changes::unnest("u", places), Settles::unnest("u", places));
    let same = "s.environment = u.environment AND s.user_id = u.user_id AND s.notification = u.notification";
    format!(
        "change AS (SELECT * FROM {changes}),
         changed AS (
           UPDATE states s SET seq = u.seq, seen_at = u.seen_at, read_at = u.read_at, clicked_at = u.clicked_at,
             dismissed_at = u.dismissed_at, expired_at = u.expired_at, deleted_at = u.deleted_at
           FROM change u WHERE {same}),
         settle AS (
           UPDATE states s SET read_at = u.read_at, seen_at = u.seen_at
           FROM {settles} WHERE {same} AND NOT EXISTS (
             SELECT 1 FROM change c
             WHERE c.environment = u.environment AND c.user_id = u.user_id AND c.notification = u.notification))"
    )
}

fn marked(places: &mut Places) -> String {
    let (marks, settled) = (Marks::unnest("m", places), Settled::unnest("u", places));
    format!(
        "mark AS (
           INSERT INTO marks (environment, user_id, seq, mark, app, tenant, at, settled)
           SELECT environment, user_id, seq, mark, app, tenant, at, settled FROM {marks}),
         settled AS (
           UPDATE marks m SET settled = 1 FROM {settled}
           WHERE m.environment = u.environment AND m.user_id = u.user_id AND m.seq = u.seq)"
    )
}

fn fired(places: &mut Places) -> String {
    let (moves, done) = (Moves::unnest("u", places), places.array("text"));
    format!(
        "moved AS (
           UPDATE timers t SET state = u.state, due_at = u.due_at, owner = NULL FROM {moves} WHERE t.id = u.id),
         done AS (DELETE FROM timers WHERE id = ANY ({done}))"
    )
}

impl<'a> Writes<'a> {
    pub(super) fn fired(&mut self, fired: &'a TimerMove) {
        match &fired.next {
            Some((state, due_at)) => self.moves.push(Move {
                id: fired.id.bare(),
                state,
                due_at: *due_at,
            }),
            None => self.done.push(fired.id.bare()),
        }
    }

    pub(super) fn notification(&mut self, n: &'a Notification) {
        self.notifications.push(NewNotification {
            id: n.id.bare(),
            environment: n.env.0,
            app: n.app.bare(),
            tenant: n.tenant.as_deref(),
            event: n.event.as_deref(),
            event_id: n.event_id.as_ref().map(Prefixed::bare),
            title: &n.title,
            body: n.body.as_deref(),
            link: n.link.as_deref(),
            actions: n.actions.as_deref(),
            priority: n.priority as i16,
            metadata: n.metadata.as_deref(),
            external_id: n.external_id.as_deref(),
            expires_at: n.expires_at,
            created_at: n.created_at,
        });
    }

    pub(super) fn feed(&mut self, (environment, user_id): (i64, &'a str), feed: &Feed, changed_at: i64) {
        let Feed {
            seq, unread, unseen, ..
        } = *feed;
        self.feeds.push(FeedRow {
            environment,
            user_id,
            seq,
            unread,
            unseen,
            changed_at,
        });
    }

    pub(super) fn counter(
        &mut self,
        (environment, user_id): (i64, &'a str),
        app: String,
        tenant: String,
        counter: &Counter,
    ) {
        let Counter {
            unread,
            unseen,
            read: (read_seq, read_at),
            seen: (seen_seq, seen_at),
            ..
        } = *counter;
        self.scopes.push(ScopeRow {
            environment,
            user_id,
            app,
            tenant,
            unread,
            unseen,
            read_seq,
            read_at,
            seen_seq,
            seen_at,
        });
    }

    pub(super) fn arrive(&mut self, environment: i64, state: &'a NewState, seq: i64) {
        self.arrivals.push(Arrival {
            environment,
            user_id: &state.user,
            notification: state.notification.bare(),
            id: state.delivery.bare(),
            app: state.app.bare(),
            tenant: state.tenant.as_deref(),
            priority: state.priority as i16,
            seq,
            created_at: state.created_at,
            expires_at: state.expires_at,
        });
    }

    pub(super) fn change(&mut self, user: (i64, &'a str), notification: &'a str, seq: i64, times: &Times) {
        let (environment, user_id) = user;
        let Times {
            seen_at,
            read_at,
            clicked_at,
            dismissed_at,
            expired_at,
            deleted_at,
        } = *times;
        self.changes.push(Change {
            environment,
            user_id,
            notification,
            seq,
            seen_at,
            read_at,
            clicked_at,
            dismissed_at,
            expired_at,
            deleted_at,
        });
    }

    pub(super) fn settle(
        &mut self,
        environment: i64,
        user_id: &'a str,
        notification: &'a str,
        times: &Times,
    ) {
        let Times { read_at, seen_at, .. } = *times;
        self.settles.push(Settle {
            environment,
            user_id,
            notification,
            read_at,
            seen_at,
        });
    }

    pub(super) fn mark(
        &mut self,
        environment: i64,
        user_id: &'a str,
        seq: i64,
        mark: Mark,
        scope: &'a Scope,
        at: i64,
    ) {
        self.marks.push(MarkRow {
            environment,
            user_id,
            seq,
            mark: mark.as_str(),
            app: scope.app.as_ref().map(Prefixed::bare),
            tenant: scope.tenant.as_deref(),
            at,
            // Only what is read is told to applications, so only that is settled.
            settled: i64::from(mark == Mark::Seen),
        });
    }

    pub(super) fn settled(&mut self, environment: i64, user_id: &'a str, seq: i64) {
        self.settled.push(SettledMark {
            environment,
            user_id,
            seq,
        });
    }

    fn parts(&self) -> Parts {
        Parts([
            !self.notifications.is_empty(),
            !self.feeds.is_empty() || !self.scopes.is_empty(),
            !self.arrivals.is_empty(),
            !self.changes.is_empty() || !self.settles.is_empty(),
            !self.marks.is_empty() || !self.settled.is_empty(),
            !self.moves.is_empty() || !self.done.is_empty(),
        ])
    }

    /// In the order of the statement's parts.
    fn arguments(&self, Parts(parts): Parts) -> Result<PgArguments, sqlx::error::BoxDynError> {
        let [shown, counted, arrived, changed, marked, fired] = parts;
        let mut arguments = PgArguments::default();
        if shown {
            self.notifications.bind(&mut arguments)?;
        }
        if counted {
            self.feeds.bind(&mut arguments)?;
            self.scopes.bind(&mut arguments)?;
        }
        if arrived {
            self.arrivals.bind(&mut arguments)?;
        }
        if changed {
            self.changes.bind(&mut arguments)?;
            self.settles.bind(&mut arguments)?;
        }
        if marked {
            self.marks.bind(&mut arguments)?;
            self.settled.bind(&mut arguments)?;
        }
        if fired {
            self.moves.bind(&mut arguments)?;
            arguments.add(&self.done[..])?;
        }
        Ok(arguments)
    }

    pub(super) async fn run(&self, connection: &mut PgConnection) -> Result<(), Trouble> {
        let parts = self.parts();
        if parts.0.iter().all(|wanted| !wanted) {
            return Ok(());
        }
        let arguments = self
            .arguments(parts)
            .map_err(|error| Trouble::Failed(crate::Error::Other(error.to_string())))?;
        let sql = sqlx::AssertSqlSafe(parts.statement());
        sqlx::query_with(sql, arguments).execute(connection).await?;
        Ok(())
    }
}
