//! `campanile keys` and `campanile environments`: straight at the database, for whoever may read it.

use std::sync::Arc;

use anyhow::{Context, bail};
use app::{Clock, Ctx};
use channels::people::Clients;
use clap::{Args, Subcommand, ValueEnum};
use domain::effects::Actor;
use domain::environment::{Env, Settings as EnvironmentSettings};
use domain::id::{KeyId, Prefixed};
use domain::time::rfc3339;
use serde_json::json;
use store::Page;
use store::key::{Key, Kind};

use super::{Settings, note, say};

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Make a key and print it, the only time it is shown.
    Create {
        #[command(flatten)]
        at: At,
        /// What it may do: `application` with --app, else `secret` unless told otherwise.
        #[arg(long, value_enum)]
        kind: Option<KeyKind>,
        /// Its application (id or uid), for an application's key.
        #[arg(long)]
        app: Option<String>,
        /// For people.
        #[arg(long)]
        name: Option<String>,
        /// Seconds until it expires.
        #[arg(long)]
        expires_in: Option<i64>,
    },
    /// List keys.
    List {
        #[command(flatten)]
        at: At,
        /// Those of an application (id or uid); without, those of the environment itself.
        #[arg(long)]
        app: Option<String>,
    },
    /// Revoke a key; a running server obeys within two seconds.
    Revoke {
        #[command(flatten)]
        at: At,
        /// The key's id (key_…).
        id: String,
        /// Its application (id or uid), for an application's key.
        #[arg(long)]
        app: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Environments {
    /// Make an environment.
    Create {
        #[command(flatten)]
        settings: Settings,
        /// Its name.
        name: String,
    },
    /// List environments.
    List {
        #[command(flatten)]
        settings: Settings,
    },
}

/// Which environment of which database.
#[derive(Debug, Clone, Args)]
pub(super) struct At {
    #[command(flatten)]
    settings: Settings,
    /// Name or id of the environment.
    #[arg(long, default_value = "default")]
    environment: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum KeyKind {
    /// Everything in the environment (sk_).
    Secret,
    /// What an application may (ak_).
    Application,
    /// Names the environment beside a user token (pk_).
    Public,
}

impl From<KeyKind> for Kind {
    fn from(kind: KeyKind) -> Self {
        match kind {
            KeyKind::Secret => Self::Secret,
            KeyKind::Application => Self::Application,
            KeyKind::Public => Self::Public,
        }
    }
}

/// The verbs' context on the configured database, without serving.
pub(super) async fn context(settings: &Settings) -> anyhow::Result<Arc<Ctx>> {
    let config = settings.load()?;
    let database = config.server.data.join("campanile.db");
    if config.database.url.is_none() && !database.exists() {
        let place = database.display();
        note(format_args!(
            "there is no database at {place} yet, so one is made; --data or --config names another place"
        ));
    }
    std::fs::create_dir_all(&config.server.data)?;
    let master = config::master_key(&config.secrets, &config.server.data, app::ctx::random())?;
    let store = store::Store::open(&crate::server::store_settings(&config))
        .await
        .context("the database cannot be opened")?;
    let client = egress::Client::new(egress::Settings::default())?;
    let cipher = app::cipher::Cipher::new(master.reveal());
    Ok(Ctx::new(
        store,
        Clock::System,
        cipher,
        Clients::same(&client),
        crate::server::limits(&config),
    ))
}

impl At {
    async fn open(&self) -> anyhow::Result<(Arc<Ctx>, Env)> {
        let ctx = context(&self.settings).await?;
        ctx.ensure_default().await?;
        let env = ctx.find_environment(&self.environment).await?;
        let env = env.with_context(|| format!("there is no environment {}", self.environment))?;
        Ok((ctx, env))
    }
}

async fn app_of(ctx: &Ctx, env: Env, name: Option<&str>) -> anyhow::Result<Option<domain::id::AppId>> {
    match name {
        Some(name) => Ok(Some(ctx.named_app(env, name).await?.app.id)),
        None => Ok(None),
    }
}

/// What a new key is: those of an application are of one kind, and no others are.
fn kind_of(kind: Option<KeyKind>, app: Option<&str>) -> anyhow::Result<Kind> {
    match (kind, app) {
        (None | Some(KeyKind::Application), Some(_)) => Ok(Kind::Application),
        (Some(_), Some(_)) => bail!("keys with --app are of --kind application; leave out one of the two"),
        (Some(KeyKind::Application), None) => bail!("an application's key needs --app"),
        (kind, None) => Ok(kind.unwrap_or(KeyKind::Secret).into()),
    }
}

pub(super) async fn run(command: Keys, json: bool) -> anyhow::Result<()> {
    match command {
        Keys::Create {
            at,
            kind,
            app,
            name,
            expires_in,
        } => {
            let kind = kind_of(kind, app.as_deref())?;
            let (ctx, env) = at.open().await?;
            let app = app_of(&ctx, env, app.as_deref()).await?;
            let fresh = ctx
                .create_key(Actor::Operator, (env, app), kind, name, expires_in)
                .await?;
            say(
                json,
                &json!({"id": fresh.key.id, "key": fresh.text, "kind": kind.as_str()}),
                || fresh.text.clone(),
            )
        }
        Keys::List { at, app } => {
            let (ctx, env) = at.open().await?;
            let app = app_of(&ctx, env, app.as_deref()).await?;
            list(&ctx, env, app, json).await
        }
        Keys::Revoke { at, id, app } => {
            let (ctx, env) = at.open().await?;
            let app = app_of(&ctx, env, app.as_deref()).await?;
            let id = <KeyId as Prefixed>::parse(&id).context("a key's id begins with key_")?;
            ctx.revoke_key(Actor::Operator, (env, app), id).await?;
            say(json, &json!({"revoked": id}), || format!("revoked {id}"))
        }
    }
}

/// Keys read at once.
const TOGETHER: i64 = 100;

/// Answers every key, newest first.
async fn list(ctx: &Ctx, env: Env, app: Option<domain::id::AppId>, json: bool) -> anyhow::Result<()> {
    let mut reader = ctx.store.read(env).await?;
    let mut page = Page {
        limit: TOGETHER,
        after: None,
    };
    loop {
        let keys = store::key::list(&mut reader, env, app, &page).await?;
        for key in &keys {
            show(key, json)?;
        }
        match keys.last() {
            Some(last) => page.after = Some(last.id.bare().to_owned()),
            None => return Ok(()),
        }
    }
}

fn show(key: &Key, json: bool) -> anyhow::Result<()> {
    let value = json!({
        "id": key.id, "kind": key.kind.as_str(), "hint": key.hint, "name": key.name,
        "created_at": rfc3339(key.created_at), "expires_at": key.expires_at.map(rfc3339),
        "revoked_at": key.revoked_at.map(rfc3339),
    });
    say(json, &value, || {
        let (id, kind, hint) = (key.id, key.kind.as_str(), &key.hint);
        let name = key.name.as_deref().unwrap_or("");
        let state = if key.revoked_at.is_some() { "revoked" } else { "" };
        format!("{id}  {kind:11}  {hint}  {name}  {state}")
    })
}

pub(super) async fn environments(command: Environments, json: bool) -> anyhow::Result<()> {
    match command {
        Environments::Create { settings, name } => {
            let ctx = context(&settings).await?;
            ctx.ensure_default().await?;
            let env = ctx
                .create_environment(&name, EnvironmentSettings::clone(&ctx.limits.environment))
                .await?;
            let id = ctx.environment(env).await?.id;
            say(json, &json!({"id": id, "name": name}), || format!("{id}  {name}"))
        }
        Environments::List { settings } => {
            let ctx = context(&settings).await?;
            ctx.ensure_default().await?;
            for found in store::environment::list(&mut *ctx.store.read_all().await?).await? {
                let value =
                    json!({"id": found.id, "name": found.name, "created_at": rfc3339(found.created_at)});
                say(json, &value, || format!("{}  {}", found.id, found.name))?;
            }
            Ok(())
        }
    }
}
