//! Accounts: who signs in to the console, what they may do, and the browsers they are signed in with. They stand above the environments, so
//! whoever reads or writes them looks at all of these.

use domain::access::{Access, Role};
use domain::environment::Env;
use domain::id::{AccountId, Prefixed};

use crate::error::{Error, Result};
use crate::{Conn, Page, Tx, app, on};

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Their id.
    pub id: AccountId,
    /// Their mail address, in small letters; nobody's where it is the operator of the machine.
    pub email: Option<String>,
    /// What they are called.
    pub name: Option<String>,
    /// Whether they operate every environment, those to come as well.
    pub is_operator: bool,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// When they were last here, give or take some minutes; milliseconds since the Unix epoch.
    pub seen_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    email: Option<String>,
    name: Option<String>,
    is_operator: i64,
    created_at: i64,
    seen_at: Option<i64>,
}

impl TryFrom<Row> for Account {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: app::id(&row.id)?,
            email: row.email,
            name: row.name,
            is_operator: row.is_operator != 0,
            created_at: row.created_at,
            seen_at: row.seen_at,
        })
    }
}

const COLUMNS: &str = "id, email, name, is_operator, created_at, seen_at";

async fn one(conn: &mut Conn, condition: &'static str, value: &str) -> Result<Option<Account>> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM accounts WHERE {condition}"));
    let row: Option<Row> = on!(conn, |c| sqlx::query_as(sql)
        .bind(value)
        .fetch_optional(c)
        .await?);
    row.map(Account::try_from).transpose()
}

/// One account.
pub async fn get(conn: &mut Conn, id: AccountId) -> Result<Option<Account>> {
    one(conn, "id = $1", id.bare()).await
}

/// The account of a mail address.
pub async fn by_email(conn: &mut Conn, email: &str) -> Result<Option<Account>> {
    one(conn, "email = $1", email).await
}

/// The account of whoever operates the machine.
pub async fn of_machine(conn: &mut Conn) -> Result<Option<Account>> {
    one(
        conn,
        "is_operator = 1 AND email IS NULL AND id > $1 ORDER BY id LIMIT 1",
        "",
    )
    .await
}

/// Writes an account; `false` when its address has one.
pub async fn insert(tx: &mut Tx, account: &Account) -> Result<bool> {
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO accounts (id, email, name, is_operator, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(account.id.bare())
        .bind(account.email.as_deref())
        .bind(account.name.as_deref())
        .bind(i64::from(account.is_operator))
        .bind(account.created_at)
        .execute(c)
        .await?
        .rows_affected()
    });
    Ok(rows == 1)
}

/// What an account may do somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Where.
    pub env: Env,
    /// What.
    pub access: Access,
}

fn access(role: &str, tenant: String) -> Result<Access> {
    let role = Role::from_word(role).ok_or_else(|| Error::corrupt("role", role))?;
    Ok(Access {
        role,
        tenant: Some(tenant).filter(|tenant| !tenant.is_empty()),
    })
}

/// Everything an account may do, by environment; what is for a whole one comes first.
pub async fn given(conn: &mut Conn, account: AccountId) -> Result<Vec<Given>> {
    let rows: Vec<(i64, String, String)> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT environment, role, tenant FROM access WHERE account = $1 ORDER BY environment, tenant",
        )
        .bind(account.bare())
        .fetch_all(c)
        .await?
    });
    let given = |(env, role, tenant): (i64, String, String)| {
        Ok(Given {
            env: Env(env),
            access: access(&role, tenant)?,
        })
    };
    rows.into_iter().map(given).collect()
}

/// Gives an account a role in an environment; another one where it has one there.
pub async fn give(tx: &mut Tx, env: Env, account: AccountId, access: &Access, now: i64) -> Result<()> {
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO access (environment, account, tenant, role, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (environment, account, tenant) DO UPDATE SET role = $4",
        )
        .bind(env.0)
        .bind(account.bare())
        .bind(access.tenant.as_deref().unwrap_or(""))
        .bind(access.role.as_str())
        .bind(now)
        .execute(c)
        .await?;
    });
    Ok(())
}

/// Takes everything from an account that it may do in an environment; `false` when that was nothing.
pub async fn take(tx: &mut Tx, env: Env, account: AccountId) -> Result<bool> {
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM access WHERE environment = $1 AND account = $2")
            .bind(env.0)
            .bind(account.bare())
            .execute(c)
            .await?
            .rows_affected()
    });
    Ok(rows > 0)
}

/// Somebody of an environment's team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mate {
    /// Who.
    pub account: Account,
    /// What they may do.
    pub access: Access,
}

#[derive(sqlx::FromRow)]
struct MateRow {
    #[sqlx(flatten)]
    account: Row,
    role: String,
    tenant: String,
}

/// Where a page of [`team`] ended: the account and its tenant.
pub fn mate_key(mate: &Mate) -> String {
    format!(
        "{} {}",
        mate.account.id.bare(),
        mate.access.tenant.as_deref().unwrap_or("")
    )
}

/// The team of an environment, by account. Who operates every environment is in none.
pub async fn team(conn: &mut Conn, env: Env, page: &Page) -> Result<Vec<Mate>> {
    let rows: Vec<MateRow> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT a.id, a.email, a.name, a.is_operator, a.created_at, a.seen_at, g.role, g.tenant
             FROM access g JOIN accounts a ON a.id = g.account
             WHERE g.environment = $1 AND ($2 IS NULL OR g.account || ' ' || g.tenant > $2)
             ORDER BY g.account, g.tenant LIMIT $3",
        )
        .bind(env.0)
        .bind(page.after.as_deref())
        .bind(page.limit)
        .fetch_all(c)
        .await?
    });
    let mate = |row: MateRow| {
        Ok(Mate {
            account: row.account.try_into()?,
            access: access(&row.role, row.tenant)?,
        })
    };
    rows.into_iter().map(mate).collect()
}

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub account: Account,
    /// When it was last used, give or take some minutes; milliseconds since the Unix epoch.
    pub seen_at: i64,
    /// When it ends, milliseconds since the Unix epoch.
    pub expires_at: i64,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    #[sqlx(flatten)]
    account: Row,
    session_seen_at: i64,
    expires_at: i64,
}

/// The session of this SHA-256.
pub async fn session(conn: &mut Conn, hash: &[u8; 32]) -> Result<Option<Session>> {
    let row: Option<SessionRow> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT a.id, a.email, a.name, a.is_operator, a.created_at, a.seen_at, s.seen_at AS session_seen_at, s.expires_at
             FROM sessions s JOIN accounts a ON a.id = s.account WHERE s.hash = $1",
        )
        .bind(hash.as_slice())
        .fetch_optional(c)
        .await?
    });
    let session = |row: SessionRow| {
        Ok(Session {
            account: row.account.try_into()?,
            seen_at: row.session_seen_at,
            expires_at: row.expires_at,
        })
    };
    row.map(session).transpose()
}

/// Signs a browser in.
pub async fn begin_session(
    tx: &mut Tx,
    hash: &[u8; 32],
    account: AccountId,
    now: i64,
    expires_at: i64,
) -> Result<()> {
    on!(&mut tx.conn, |c| {
        sqlx::query("INSERT INTO sessions (hash, account, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $3, $4)")
            .bind(hash.as_slice())
            .bind(account.bare())
            .bind(now)
            .bind(expires_at)
            .execute(c)
            .await?;
    });
    seen(tx, hash, account, now).await
}

/// Notes that somebody is here.
pub async fn seen(tx: &mut Tx, hash: &[u8; 32], account: AccountId, now: i64) -> Result<()> {
    on!(&mut tx.conn, |c| {
        sqlx::query("UPDATE sessions SET seen_at = $2 WHERE hash = $1")
            .bind(hash.as_slice())
            .bind(now)
            .execute(c)
            .await?;
    });
    on!(&mut tx.conn, |c| {
        sqlx::query("UPDATE accounts SET seen_at = $2 WHERE id = $1")
            .bind(account.bare())
            .bind(now)
            .execute(c)
            .await?;
    });
    Ok(())
}

/// Signs a browser out; `false` when it was not signed in.
pub async fn end_session(tx: &mut Tx, hash: &[u8; 32]) -> Result<bool> {
    let rows = on!(&mut tx.conn, |c| {
        sqlx::query("DELETE FROM sessions WHERE hash = $1")
            .bind(hash.as_slice())
            .execute(c)
            .await?
            .rows_affected()
    });
    Ok(rows > 0)
}

/// Keeps a code that signs an account in once.
pub async fn insert_code(
    tx: &mut Tx,
    hash: &[u8; 32],
    account: AccountId,
    now: i64,
    expires_at: i64,
) -> Result<()> {
    on!(&mut tx.conn, |c| {
        sqlx::query(
            "INSERT INTO sign_in_codes (hash, account, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(hash.as_slice())
        .bind(account.bare())
        .bind(now)
        .bind(expires_at)
        .execute(c)
        .await?;
    });
    Ok(())
}

/// How many codes of an account still count.
pub async fn codes(conn: &mut Conn, account: AccountId, now: i64) -> Result<i64> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar("SELECT count(*) FROM sign_in_codes WHERE account = $1 AND expires_at > $2")
            .bind(account.bare())
            .bind(now)
            .fetch_one(c)
            .await?
    }))
}

/// Takes a code away and answers whom it signs in, if it still does: of many who use it at once, one does.
pub async fn use_code(tx: &mut Tx, hash: &[u8; 32], now: i64) -> Result<Option<Account>> {
    let found: Option<(String, i64)> = on!(&mut tx.conn, |c| {
        sqlx::query_as("DELETE FROM sign_in_codes WHERE hash = $1 RETURNING account, expires_at")
            .bind(hash.as_slice())
            .fetch_optional(c)
            .await?
    });
    match found {
        Some((account, expires_at)) if expires_at > now => get(tx, app::id(&account)?).await,
        _ => Ok(None),
    }
}

/// Forgets sessions, codes, invitations and portal tokens that are over, a slice at a time; answers how many rows went.
pub async fn prune(tx: &mut Tx, limit: i64, now: i64) -> Result<u64> {
    let mut rows = 0;
    for (table, key) in [
        ("sessions", "hash"),
        ("sign_in_codes", "hash"),
        ("invitations", "id"),
        ("portal_tokens", "id"),
    ] {
        let sql = sqlx::AssertSqlSafe(format!(
            "DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE expires_at <= $1 LIMIT $2)"
        ));
        rows += on!(&mut tx.conn, |c| sqlx::query(sql)
            .bind(now)
            .bind(limit)
            .execute(c)
            .await?
            .rows_affected());
    }
    Ok(rows)
}
