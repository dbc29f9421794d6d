//! The text of a group's one statement, and the rows that it takes.
//!
//! Keys first, then rows for the winners: what fails a check is named in `out`, and every insert leaves out the items named there. Joins
//! between the arrays are avoided (`<> ALL (ARRAY(…))` of a list that is nearly always empty), because a group may hold many rows and the
//! plan is made once for all groups.

use std::sync::OnceLock;

use super::columns::{Places, columns};
use super::outcome;

columns! { Uses<'a> of Use { n: i32 = "int", environment: i64 = "bigint", part: &'a str = "text", version: i64 = "bigint", } }
columns! { Relies of Rely { item: i32 = "int", used: i32 = "int", } }
columns! { Claims<'a> of Claim {
    item: i32 = "int", n: i16 = "smallint", environment: i64 = "bigint", scope: &'a str = "text", key: &'a str = "text",
    hash: &'a [u8] = "bytea", answer: &'a str = "text", expires_at: i64 = "bigint",
} }
columns! { Events<'a> of Event {
    item: i32 = "int", id: &'a str = "text", environment: i64 = "bigint", app: &'a str = "text", kind: &'a str = "text",
    category: Option<&'a str> = "text", entity_type: Option<&'a str> = "text", entity_id: Option<&'a str> = "text",
    tenant: Option<&'a str> = "text", users: Option<String> = "text", data: &'a str = "text", public_type: Option<&'a str> = "text",
    version: &'a str = "text", public_data: Option<&'a str> = "text", visibility: &'a str = "text",
    external_id: Option<&'a str> = "text", occurred_at: i64 = "bigint", created_at: i64 = "bigint",
} }
columns! { EventUsers<'a> of EventUser {
    item: i32 = "int", environment: i64 = "bigint", user_id: &'a str = "text", event: &'a str = "text",
} }
columns! { Deliveries<'a> of Delivery {
    item: i32 = "int", destination: &'a str = "text", id: &'a str = "text", environment: i64 = "bigint", app: &'a str = "text",
    event: &'a str = "text", cause: i16 = "smallint", state: i16 = "smallint", due_at: Option<i64> = "bigint",
    owner: Option<i64> = "bigint", fence: i64 = "bigint", created_at: i64 = "bigint", finished_at: Option<i64> = "bigint",
    error: Option<&'a str> = "text",
} }
columns! { Messages<'a> of Message {
    item: i32 = "int", environment: i64 = "bigint", delivery: &'a str = "text", destination: &'a str = "text", channel: i16 = "smallint",
    run: &'a str = "text", workflow: &'a str = "text", step: &'a str = "text", user_id: Option<&'a str> = "text",
    tenant: Option<&'a str> = "text", recipient: Option<&'a str> = "text", config: Option<&'a str> = "text", content: &'a str = "text",
    created_at: i64 = "bigint",
} }
columns! { Timers<'a> of Timer {
    item: i32 = "int", id: &'a str = "text", environment: i64 = "bigint", kind: i16 = "smallint", subject: &'a str = "text",
    state: &'a str = "text", due_at: i64 = "bigint", created_at: i64 = "bigint",
} }
columns! { Audit<'a> of Line {
    item: i32 = "int", id: &'a str = "text", environment: i64 = "bigint", at: i64 = "bigint", actor_kind: &'a str = "text",
    actor: Option<&'a str> = "text", action: &'a str = "text", subject: &'a str = "text", detail: Option<&'a str> = "text",
    origin: Option<&'a str> = "text",
} }

/// What a group holds. The statement has no more parts than are needed: an idle server's is short, a busy one's is for many.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of its own")]
pub(super) struct Parts {
    pub(super) uses: bool,
    pub(super) claims: bool,
    pub(super) events: bool,
    pub(super) messages: bool,
    pub(super) more: bool,
    pub(super) outcomes: bool,
    pub(super) carried: bool,
}

/// One for each combination of parts.
static STATEMENTS: [OnceLock<String>; 128] = [const { OnceLock::new() }; 128];

impl Parts {
    pub(super) fn statement(self) -> &'static str {
        let bits = [
            self.uses,
            self.claims,
            self.events,
            self.messages,
            self.more,
            self.outcomes,
            self.carried,
        ];
        let index = bits
            .into_iter()
            .fold(0, |index, bit| index * 2 + usize::from(bit));
        STATEMENTS[index].get_or_init(|| self.text())
    }

    /// `out` names the items that failed a check; the last query tells of them and of what was applied.
    fn text(self) -> String {
        let places = &mut Places::default();
        let mut parts = Vec::new();
        let mut rows = vec!["SELECT 0, 0, pg_current_xact_id()::text::bigint, NULL::bytea, NULL::text"];
        let mut out = vec!["SELECT 0 AS item WHERE false"];
        if self.uses {
            parts.push(uses(places));
            rows.push("SELECT 1, item, 0, NULL, NULL FROM stale");
            out.push("SELECT item FROM stale");
        }
        if self.claims {
            parts.push(claims(places, self.uses));
            rows.extend(["SELECT 2, item, n, hash, answer FROM held", LOST]);
            out.extend(["SELECT item FROM blocked", "SELECT item FROM lost"]);
        }
        parts.push(format!("out AS ({})", out.join(" UNION ALL ")));
        if self.events {
            parts.push(events(places));
        }
        if self.messages {
            parts.push(messages(places));
        }
        if self.more {
            parts.push(more(places));
        }
        if self.outcomes {
            parts.push(outcome::statement(places, self.carried));
            rows.extend([
                "SELECT 4, item, 0, NULL, NULL FROM applied",
                "SELECT 5, 0, failures, NULL, endpoint FROM health",
            ]);
        }
        format!("WITH {} {}", parts.join(",\n"), rows.join(" UNION ALL "))
    }
}

const WINS: &str = "item <> ALL (ARRAY(SELECT item FROM out))";

/// `1 / 0` where an item lost one of its keys to somebody who took it at the same moment, but got another: the whole group is rolled
/// back and tried again, and then finds the lost key taken.
const LOST: &str = "SELECT 3, item, 1 / (CASE WHEN (SELECT count(*) FROM wanted WHERE item = ANY (ARRAY(SELECT item FROM lost)))
     > (SELECT count(*) FROM missing) THEN 0 ELSE 1 END), NULL, NULL FROM lost";

fn uses(places: &mut Places) -> String {
    let (uses, relies) = (Uses::unnest("u", places), Relies::unnest("r", places));
    format!(
        "moved AS (
           SELECT u.n FROM {uses} LEFT JOIN versions v ON v.environment = u.environment AND v.part = u.part
           WHERE coalesce(v.version, 0) <> u.version),
         stale AS (SELECT DISTINCT r.item FROM {relies} WHERE r.used = ANY (ARRAY(SELECT n FROM moved)))"
    )
}

fn claims(places: &mut Places, uses: bool) -> String {
    let (claims, now, later) = (
        Claims::unnest("c", places),
        places.value("bigint"),
        places.array("int"),
    );
    let stale = if uses {
        "SELECT item FROM stale UNION ALL"
    } else {
        ""
    };
    format!(
        "claim AS (SELECT * FROM {claims}),
         held AS (
           SELECT c.item, c.n, k.hash, k.answer FROM claim c
           JOIN claims k ON k.environment = c.environment AND k.scope = c.scope AND k.key = c.key
           WHERE k.expires_at > {now}),
         blocked AS ({stale} SELECT item FROM held UNION ALL SELECT unnest({later})),
         wanted AS (SELECT * FROM claim WHERE item <> ALL (ARRAY(SELECT item FROM blocked))),
         taken AS (
           INSERT INTO claims (environment, scope, key, hash, answer, expires_at)
           SELECT environment, scope, key, hash, answer, expires_at FROM wanted ORDER BY environment, scope, key
           ON CONFLICT (environment, scope, key) DO UPDATE
             SET hash = excluded.hash, answer = excluded.answer, expires_at = excluded.expires_at
             WHERE claims.expires_at <= {now}
           RETURNING environment, scope, key),
         missing AS (SELECT environment, scope, key FROM wanted EXCEPT SELECT environment, scope, key FROM taken),
         lost AS (
           SELECT DISTINCT w.item FROM missing m
           JOIN wanted w ON w.environment = m.environment AND w.scope = m.scope AND w.key = m.key)"
    )
}

fn events(places: &mut Places) -> String {
    let (events, deliveries) = (Events::unnest("e", places), Deliveries::unnest("d", places));
    format!(
        "event AS (
           INSERT INTO events (id, environment, app, type, category, entity_type, entity_id, tenant, users, data, public_type,
             version, public_data, visibility, external_id, occurred_at, created_at)
           SELECT id, environment, app, kind, category, entity_type, entity_id, tenant, users, data, public_type,
             version, public_data, visibility, external_id, occurred_at, created_at FROM {events} WHERE {WINS}),
         delivery AS (
           INSERT INTO deliveries (destination, id, environment, app, event, cause, state, due_at, owner, fence, created_at, finished_at,
             error)
           SELECT destination, id, environment, app, event, cause, state, due_at, owner, fence, created_at, finished_at, error
           FROM {deliveries} WHERE {WINS})"
    )
}

fn messages(places: &mut Places) -> String {
    let messages = Messages::unnest("m", places);
    format!(
        "message AS (
           INSERT INTO messages (environment, delivery, destination, channel, run, workflow, step, user_id, tenant, recipient, config,
             content, created_at)
           SELECT environment, delivery, destination, channel, run, workflow, step, user_id, tenant, recipient, config, content,
             created_at FROM {messages} WHERE {WINS})"
    )
}

fn more(places: &mut Places) -> String {
    let (users, timers, audit) = (
        EventUsers::unnest("e", places),
        Timers::unnest("t", places),
        Audit::unnest("a", places),
    );
    format!(
        "event_user AS (
           INSERT INTO event_users (environment, user_id, event)
           SELECT environment, user_id, event FROM {users} WHERE {WINS} ON CONFLICT DO NOTHING),
         timer AS (
           INSERT INTO timers (id, environment, kind, subject, state, due_at, created_at)
           SELECT id, environment, kind, subject, state, due_at, created_at FROM {timers} WHERE {WINS}),
         line AS (
           INSERT INTO audit (id, environment, at, actor_kind, actor, action, subject, detail, origin)
           SELECT id, environment, at, actor_kind, actor, action, subject, detail, origin FROM {audit} WHERE {WINS})"
    )
}
