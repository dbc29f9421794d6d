//! Signing in to the console: codes that are used once, the browsers that used one, and what whoever sits there may do.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::access::{Access, Door, Role};
use domain::effects::Actor;
use domain::environment::Env;
use domain::id::EnvironmentId;
use store::Tx;
use store::account::{Account, Given};

use crate::auth::{Caller, sha256};
use crate::ctx::{Ctx, random};
use crate::error::{Error, Result};
use crate::notice::Words;

/// Milliseconds that the operator's link and one in a mail sign in.
const LINK: i64 = 15 * 60_000;
/// Links that may be under way to an account at the same time.
const LINKS: i64 = 3;
/// Milliseconds after which a browser must sign in anew, whatever it did meanwhile.
const SESSION: i64 = 30 * 86_400_000;
/// Milliseconds after which a browser that was not used must sign in anew.
const IDLE: i64 = 7 * 86_400_000;
/// Milliseconds within which it is not noted again that a browser was used.
const SEEN: i64 = 5 * 60_000;

/// A secret that is shown once and kept as its SHA-256.
pub(crate) fn secret(prefix: &str) -> (String, [u8; 32]) {
    let text = format!("{prefix}_{}", URL_SAFE_NO_PAD.encode(random::<32>()));
    let hash = sha256(text.as_bytes());
    (text, hash)
}

/// A browser that just signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// What its cookie says, the only time it is known.
    pub cookie: String,
    /// Milliseconds since the Unix epoch.
    pub expires_at: i64,
}

/// A part of the console that is open to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Environment.
    pub env: Env,
    /// Its id.
    pub id: EnvironmentId,
    /// Its name.
    pub name: String,
    /// What they may do there.
    pub access: Access,
}

/// Who sits at a browser, and what is open to them.
#[derive(Debug, Clone)]
pub struct Seated {
    /// Who.
    pub account: Account,
    /// When the browser must sign in anew, milliseconds since the Unix epoch.
    pub expires_at: i64,
    /// What is open to them: whole environments first.
    pub open: Vec<Open>,
    /// What calls that change something must say beside the cookie.
    pub csrf: String,
}

/// What calls of a browser that change something must say beside the cookie, which a page elsewhere cannot know.
fn csrf(cookie: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(format!("csrf {cookie}").as_bytes()))
}

impl Seated {
    /// The part of the console that a call names by its environment's id and, for who is an admin of several, by its tenant; else the first.
    pub fn enter(&self, environment: Option<&str>, tenant: Option<&str>) -> Result<&Open> {
        let named = |open: &&Open| {
            environment.is_none_or(|id| open.id.to_string() == id)
                && tenant.is_none_or(|tenant| {
                    let own = open.access.tenant.as_deref();
                    own.is_none_or(|own| own == tenant)
                })
        };
        let none = || Error::Forbidden("no such environment is open to this account".into());
        self.open.iter().find(named).ok_or_else(none)
    }

    /// As whom somebody calls who entered this part of the console.
    pub fn caller(&self, open: &Open) -> Caller {
        let (env, by, expires_at) = (open.env, Actor::Account(self.account.id), Some(self.expires_at));
        match &open.access.tenant {
            Some(tenant) => Caller::Portal {
                env,
                by,
                door: Door::Tenant(tenant.clone()),
                read_only: false,
                expires_at,
            },
            None => Caller::Environment {
                env,
                by,
                role: open.access.role,
                expires_at,
            },
        }
    }
}

fn refused(code: &'static str, detail: &str) -> Error {
    Error::Unauthenticated {
        code,
        detail: detail.into(),
    }
}

impl Ctx {
    /// Makes a code that signs in whoever operates this machine, once and for a quarter of an hour.
    pub async fn operator_code(&self) -> Result<String> {
        let now = self.now();
        let mut tx = self.store.write_all().await?;
        let account = self.account_of_machine(&mut tx, now).await?;
        let (code, hash) = secret("code");
        store::account::insert_code(&mut tx, &hash, account.id, now, now + LINK).await?;
        tx.commit().await?;
        Ok(code)
    }

    /// The account of whoever operates this machine, made where there is none.
    async fn account_of_machine(&self, tx: &mut Tx, now: i64) -> Result<Account> {
        if let Some(account) = store::account::of_machine(tx).await? {
            return Ok(account);
        }
        let account = Account {
            id: self.ids().fresh(),
            email: None,
            name: Some("Operator".into()),
            is_operator: true,
            created_at: now,
            seen_at: None,
        };
        store::account::insert(tx, &account).await?;
        Ok(account)
    }

    /// Whether nobody ever signed in: a new install says how.
    pub async fn is_unvisited(&self) -> Result<bool> {
        let mut reader = self.store.read_all().await?;
        let operator = store::account::of_machine(&mut reader).await?;
        Ok(operator.is_none_or(|operator| operator.seen_at.is_none()))
    }

    /// The page to which a code leads; its path alone where nobody said where this server is reached. The code stands behind a `#`, so that it
    /// is in no log on the way.
    pub fn sign_in_link(&self, code: &str) -> String {
        let base = self.limits.public_url.as_deref().unwrap_or_default();
        format!("{}/login#code={code}", base.trim_end_matches('/'))
    }

    /// Mails a link that signs in whoever has this address, where somebody has it. Nobody is told whether.
    pub async fn mail_link(&self, email: &str) -> Result<()> {
        let now = self.now();
        let mut reader = self.store.read_all().await?;
        let Some(account) = store::account::by_email(&mut reader, &email.to_lowercase()).await? else {
            return Ok(());
        };
        let given = store::account::given(&mut reader, account.id).await?;
        let open = store::account::codes(&mut reader, account.id, now).await?;
        drop(reader);
        if open >= LINKS {
            return Ok(());
        }
        for env in given.into_iter().map(|given| given.env) {
            if !self.sends_notices(env).await? {
                continue;
            }
            let (code, hash) = secret("code");
            let mut tx = self.store.write_all().await?;
            store::account::insert_code(&mut tx, &hash, account.id, now, now + LINK).await?;
            let words = Words {
                title: "Sign in",
                text: "Here is your link. It counts once, for a quarter of an hour.",
                label: "Sign in",
                url: &self.sign_in_link(&code),
            };
            let mut tx = tx.within(env);
            let to = account.email.as_deref().unwrap_or_default();
            self.write_notice(&mut tx, to, words).await?;
            tx.commit().await?;
            self.lanes.fire();
            return Ok(());
        }
        tracing::warn!("a link to sign in was asked for, and no environment of that account sends mail");
        Ok(())
    }

    /// Signs a browser in by a code: of a link, or of an invitation.
    pub async fn sign_in(&self, code: &str) -> Result<SignedIn> {
        let (hash, now) = (sha256(code.as_bytes()), self.now());
        let mut tx = self.store.write_all().await?;
        let account = match store::account::use_code(&mut tx, &hash, now).await? {
            Some(account) => account,
            None => self.accept(&mut tx, &hash, now).await?.ok_or_else(|| {
                let detail = "this link was used already, or its time is over: ask for another";
                refused("code_unknown", detail)
            })?,
        };
        let (cookie, hash) = secret("cs");
        let expires_at = now + SESSION;
        store::account::begin_session(&mut tx, &hash, account.id, now, expires_at).await?;
        tx.commit().await?;
        Ok(SignedIn { cookie, expires_at })
    }

    /// Who sits at the browser with this cookie.
    pub async fn seated(&self, cookie: &str) -> Result<Seated> {
        let (hash, now) = (sha256(cookie.as_bytes()), self.now());
        let gone = || refused("session_missing", "nobody is signed in");
        let mut reader = self.store.read_all().await?;
        let session = store::account::session(&mut reader, &hash)
            .await?
            .ok_or_else(gone)?;
        let expires_at = session.expires_at.min(session.seen_at + IDLE);
        if expires_at <= now {
            return Err(gone());
        }
        let given = store::account::given(&mut reader, session.account.id).await?;
        let environments = store::environment::list(&mut reader).await?;
        drop(reader);
        if now - session.seen_at > SEEN {
            let mut tx = self.store.write_all().await?;
            store::account::seen(&mut tx, &hash, session.account.id, now).await?;
            tx.commit().await?;
        }
        Ok(Seated {
            expires_at: session.expires_at,
            open: open(&session.account, &environments, &given),
            account: session.account,
            csrf: csrf(cookie),
        })
    }

    /// Signs a browser out.
    pub async fn sign_out(&self, cookie: &str) -> Result<()> {
        let mut tx = self.store.write_all().await?;
        store::account::end_session(&mut tx, &sha256(cookie.as_bytes())).await?;
        Ok(tx.commit().await?)
    }
}

/// What is open to an account.
fn open(account: &Account, environments: &[store::environment::Environment], given: &[Given]) -> Vec<Open> {
    let mut open = Vec::new();
    for environment in environments {
        let whole = account.is_operator.then_some(Access {
            role: Role::Operator,
            tenant: None,
        });
        let of_it = given.iter().filter(|given| given.env == environment.env);
        let accesses = of_it.map(|given| given.access.clone());
        open.extend(whole.into_iter().chain(accesses).map(|access| Open {
            env: environment.env,
            id: environment.id,
            name: environment.name.clone(),
            access,
        }));
    }
    open.sort_by_key(|open| open.access.tenant.is_some());
    open
}
