//! Simulations: what would happen, without its happening. A script is played in a world of its own, by the same engine, with a clock that is turned.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use domain::channel::Channel;
use domain::channel_config::ConfigKind;
use domain::duration::Span;
use domain::environment::Env;
use domain::text::Fault;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::Page;
use store::preference::Whose;

use crate::auth::Caller;
use crate::channel_config::Config;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::write::managed;

/// Most events, users and tenants of a script, each.
const MOST: usize = 100;
/// Most members that a tenant of the environment brings along.
const MEMBERS: i64 = 100;

/// What there is and what happens in a simulation.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// Documents as `apply` takes them.
    pub resources: Vec<Value>,
    /// People: their id alone for those of the environment, or an object with `id`, what `PUT /users/{user}` takes, `preferences`, `preferences_in`
    /// (by tenant), and `suppressed` where their mail address gets nothing any more. Everybody lets every application reach them.
    pub users: Vec<Value>,
    /// Tenants: their id alone for those of the environment, or an object with `id`, what `PUT /tenants/{tenant}` takes, `members` with their
    /// roles, `preferences` and `configs`.
    pub tenants: Vec<Value>,
    /// Subscribers of topics.
    pub topics: BTreeMap<String, Vec<String>>,
    /// What happens: each with `after` (since the beginning) and either `type` and what else an event has, `workflow` and what else a trigger
    /// has, or `mark` (such as `read`) and the `user` who marks so what they have.
    pub events: Vec<Value>,
    /// When it begins; now when absent.
    pub from: Option<String>,
    /// How long it is watched; 30 days when absent.
    pub lasts: Option<Span>,
    /// What is said to come back where a step fetches something, by its name: `status` and `body`.
    pub found: BTreeMap<String, Value>,
    /// So many attempts of each delivery fail before one succeeds.
    pub failing_attempts: u32,
}

/// Plays scripts.
pub trait Simulate: fmt::Debug + Send + Sync {
    /// What happened, what was shown and sent, in the order of the clock.
    fn simulate(&self, script: Script) -> BoxFuture<'_, Result<Value>>;
}

impl Script {
    /// What is wrong with it as a whole.
    pub fn check(&self) -> Result<()> {
        let mut faults = Vec::new();
        for (pointer, count) in [
            ("/events", self.events.len()),
            ("/users", self.users.len()),
            ("/tenants", self.tenants.len()),
            ("/topics", self.topics.len()),
        ] {
            if count > MOST {
                faults.push(Fault::new(pointer, "too_many", format!("must be at most {MOST}")));
            }
        }
        if self.events.is_empty() {
            faults.push(Fault::new(
                "/events",
                "required",
                "must be at least one: what happens?",
            ));
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(faults))
        }
    }
}

impl Ctx {
    /// A script in the place of a caller's environment: with its resources beneath those of the script, and with its people where the script names
    /// them.
    pub async fn script(&self, caller: &Caller, mut script: Script) -> Result<Script> {
        let env = managed(caller)?;
        script.check()?;
        let own: HashSet<_> = script.resources.iter().filter_map(named).collect();
        let resources = self.resources(caller).await?.into_iter();
        let mut all: Vec<_> = resources
            .filter(|document| named(document).is_none_or(|name| !own.contains(&name)))
            .collect();
        all.append(&mut script.resources);
        script.resources = all;
        let (mut users, mut tenants) = (std::mem::take(&mut script.users), Vec::new());
        for (index, tenant) in script.tenants.iter_mut().enumerate() {
            if let Some(id) = tenant.as_str() {
                let pointer = format!("/tenants/{index}");
                let (known, members) = self.known_tenant(env, id, &pointer).await?;
                tenants.push(id.to_owned());
                *tenant = known;
                users.extend(members.into_iter().map(Value::from));
            }
        }
        let mut seen = HashSet::new();
        for (index, user) in users.into_iter().enumerate() {
            let known = match user.as_str() {
                Some(id) => {
                    self.known_user(env, id, &tenants, &format!("/users/{index}"))
                        .await?
                }
                None => user,
            };
            if seen.insert(known["id"].to_string()) {
                script.users.push(known);
            }
        }
        Ok(script)
    }

    async fn known_user(&self, env: Env, id: &str, tenants: &[String], pointer: &str) -> Result<Value> {
        let found = store::user::get(&mut *self.store.read(env).await?, env, id).await?;
        let user =
            found.ok_or_else(|| Error::invalid(pointer, "unknown", format!("there is no user {id}")))?;
        let whose = Whose { tenant: "", user: id };
        let mut known =
            json!({"id": id, "active": user.active != 0, "preferences": self.preferences(env, whose).await?});
        for tenant in tenants {
            let whose = Whose { tenant, user: id };
            known["preferences_in"][tenant] = json!(self.preferences(env, whose).await?);
        }
        let said = [
            ("name", user.name),
            ("email", user.email),
            ("phone", user.phone),
            ("locale", user.locale),
            ("time_zone", user.time_zone),
        ];
        for (name, value) in said {
            set(&mut known, name, value.map(Value::from));
        }
        set(&mut known, "metadata", parsed(user.metadata));
        if let Some(address) = known["email"].as_str() {
            let mut reader = self.store.read(env).await?;
            known["suppressed"] =
                json!(store::suppression::holds(&mut reader, env, Channel::Email, Some(address)).await?);
        }
        Ok(known)
    }

    async fn known_tenant(&self, env: Env, id: &str, pointer: &str) -> Result<(Value, Vec<String>)> {
        let mut reader = self.store.read(env).await?;
        let found = store::tenant::get(&mut reader, env, id).await?;
        let tenant =
            found.ok_or_else(|| Error::invalid(pointer, "unknown", format!("there is no tenant {id}")))?;
        let page = Page {
            limit: MEMBERS,
            after: None,
        };
        let members = store::tenant::members(&mut reader, env, id, &[], &page).await?;
        let names = self.config_names(env).await?;
        let configs = self.configs(&mut reader, env, id).await?.into_iter();
        let configs: Vec<_> = configs.map(|config| known_config(config, &names)).collect();
        drop(reader);
        let whose = Whose { tenant: id, user: "" };
        let roles: Map<String, Value> = members
            .iter()
            .map(|member| (member.user_id.clone(), json!(member.role)))
            .collect();
        let mut known = json!({"id": id, "members": roles, "preferences": self.preferences(env, whose).await?, "configs": configs});
        set(&mut known, "name", tenant.name.map(Value::from));
        set(&mut known, "metadata", parsed(tenant.metadata));
        Ok((known, members.into_iter().map(|member| member.user_id).collect()))
    }
}

/// A tenant's config as a script has it: a webhook's URL is a secret, and nothing is sent there.
fn known_config(config: Config, names: &[String]) -> Value {
    let webhook_url = match config.kind {
        ConfigKind::Email => None,
        ConfigKind::SlackWebhook => Some("https://hooks.slack.com/services/T00000000/B00000000/simulation"),
        ConfigKind::TeamsWebhook => Some("https://teams.example/workflows/simulation"),
    };
    let events = config.events.into_iter().filter(|(name, _)| names.contains(name));
    let events: BTreeMap<_, _> = events.collect();
    let mut known = json!({"channel": config.kind, "is_active": config.is_active, "events_enabled": events});
    set(&mut known, "webhook_url", webhook_url.map(Value::from));
    if !config.leads.email_addresses.is_empty() {
        known["email_addresses"] = json!(config.leads.email_addresses);
    }
    known
}

fn set(value: &mut Value, name: &str, field: Option<Value>) {
    if let Some(field) = field {
        value[name] = field;
    }
}

fn parsed(text: Option<String>) -> Option<Value> {
    serde_json::from_str(&text?).ok()
}

/// Kind and name of a document.
fn named(document: &Value) -> Option<(String, String)> {
    let kind = document["kind"].as_str()?;
    let field = match kind {
        "workflow" => "key",
        "channel" => "channel",
        "event_type" | "template" => "name",
        _ => return Some((kind.to_owned(), String::new())),
    };
    Some((kind.to_owned(), document[field].as_str()?.to_owned()))
}
