//! Channel configs: set up, changed, tested and ended by a tenant's admins.

use std::time::Duration;

use channels::outcome::{Outcome, Verdict};
use channels::people::{Outgoing, Sender};
use domain::channel::Channel;
use domain::channel_config::{ConfigKind, EventsEnabled, Leads, check};
use domain::effects::Actor;
use domain::endpoint::EndpointStatus;
use domain::environment::Env;
use domain::id::{ConfigId, DeliveryId, DestinationId, Prefixed};
use domain::retry::Policy;
use domain::text::Faults;
use serde_json::{Value, json};
use store::Reader;
use store::channel_config::ConfigRow;

use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::lanes::{Carrier, Destination};
use crate::withdrawal::Withdrawal;
use crate::write::{Once, answered, once};

/// The word of a config in "not found".
pub const CONFIG: &str = "Config";
/// Configs of one tenant.
const MOST_CONFIGS: usize = 50;
/// How long a test may take.
const TEST_DEADLINE: Duration = Duration::from_secs(10);

/// A config, opened.
#[derive(Debug, Clone)]
pub struct Config {
    /// Its id.
    pub id: ConfigId,
    /// The tenant whose admins chose it.
    pub tenant: String,
    /// Its kind.
    pub kind: ConfigKind,
    /// Where it leads.
    pub leads: Leads,
    /// Whether it is used.
    pub is_active: bool,
    /// The events it is for.
    pub events: EventsEnabled,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Milliseconds since the Unix epoch.
    pub updated_at: i64,
}

impl Config {
    /// Whether it is used for an event.
    pub(crate) fn wants(&self, event: &str) -> bool {
        self.is_active && self.events.get(event) == Some(&true)
    }
}

/// A tenant, for somebody who may manage its channels.
#[derive(Debug, Clone)]
pub struct TenantAdmin {
    /// Environment.
    pub env: Env,
    /// The tenant.
    pub tenant: String,
    /// Who.
    pub actor: Actor,
}

/// What a new config says.
#[derive(Debug, Clone)]
pub struct NewConfig {
    /// Its kind.
    pub kind: ConfigKind,
    /// Where it leads.
    pub leads: Leads,
    /// Whether it is used.
    pub is_active: bool,
    /// The events it is for; all that there are when absent.
    pub events: Option<EventsEnabled>,
}

/// What changes in a config; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ConfigChange {
    /// Another URL, or none.
    pub webhook_url: Option<Option<String>>,
    /// Other addresses.
    pub email_addresses: Option<Vec<String>>,
    /// Whether it is used.
    pub is_active: Option<bool>,
    /// Other events.
    pub events: Option<EventsEnabled>,
}

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// Whether it was taken.
    pub success: bool,
    /// What happened, in words.
    pub message: String,
}

impl Ctx {
    /// The configs of a tenant, in the order in which they were made.
    pub async fn configs(&self, reader: &mut Reader, env: Env, tenant: &str) -> Result<Vec<Config>> {
        let rows = store::channel_config::of_tenant(reader, env, tenant).await?;
        rows.iter().map(|row| self.open_config(row)).collect()
    }

    /// Sets a config up. The flag tells whether it is new: under a used key the first one is answered.
    pub async fn create_config(
        &self,
        admin: &TenantAdmin,
        new: NewConfig,
        key: Option<&Once>,
    ) -> Result<(Config, bool)> {
        let known = self.config_names(admin.env).await?;
        let all = || known.iter().map(|name| (name.clone(), true)).collect();
        let now = self.now();
        let config = Config {
            id: self.ids().fresh(),
            tenant: admin.tenant.clone(),
            kind: new.kind,
            leads: new.leads,
            is_active: new.is_active,
            events: new.events.unwrap_or_else(all),
            created_at: now,
            updated_at: now,
        };
        self.check_config(&config, &known)?;
        let mut tx = self.store.change(admin.env).await?;
        if let Some(first) = once(&mut tx, key, now).await? {
            let id = <ConfigId as Prefixed>::parse(&first).ok_or(Error::NotFound(CONFIG))?;
            let found = store::channel_config::get(&mut tx, admin.env, &admin.tenant, id).await?;
            return Ok((self.open_config(&found.ok_or(Error::NotFound(CONFIG))?)?, false));
        }
        let others = store::channel_config::of_tenant(&mut tx, admin.env, &admin.tenant).await?;
        if others.len() >= MOST_CONFIGS {
            return Err(Error::Conflict {
                code: "too_many_configs",
                detail: format!("a tenant has at most {MOST_CONFIGS}"),
            });
        }
        store::channel_config::put(&mut tx, &self.seal_config(admin.env, &config)?).await?;
        answered(&mut tx, key, &config.id.to_string()).await?;
        let detail = json!({"tenant": admin.tenant, "channel": config.kind.as_str()});
        self.audited(
            tx,
            admin.actor.clone(),
            "config.create",
            config.id.to_string(),
            Some(detail),
        )
        .await?;
        Ok((config, true))
    }

    /// Changes what is said of a config, and nothing else.
    pub async fn update_config(
        &self,
        admin: &TenantAdmin,
        id: ConfigId,
        change: ConfigChange,
    ) -> Result<Config> {
        let known = self.config_names(admin.env).await?;
        let mut tx = self.store.change(admin.env).await?;
        let found = store::channel_config::get(&mut tx, admin.env, &admin.tenant, id).await?;
        let mut config = self.open_config(&found.ok_or(Error::NotFound(CONFIG))?)?;
        let named = change.events.is_some();
        config.leads.webhook_url = change.webhook_url.unwrap_or(config.leads.webhook_url);
        config.leads.email_addresses = change.email_addresses.unwrap_or(config.leads.email_addresses);
        config.is_active = change.is_active.unwrap_or(config.is_active);
        config.events = change.events.unwrap_or(config.events);
        config.updated_at = self.now();
        // What a workflow no longer speaks of may stay where it was said before.
        let own: Vec<String> = config.events.keys().cloned().collect();
        self.check_config(&config, if named { &known } else { &own })?;
        store::channel_config::put(&mut tx, &self.seal_config(admin.env, &config)?).await?;
        self.audited(tx, admin.actor.clone(), "config.update", id.to_string(), None)
            .await?;
        self.lanes.distrust();
        Ok(config)
    }

    /// Ends a config; what waits for it ends with it.
    pub async fn delete_config(&self, admin: &TenantAdmin, id: ConfigId) -> Result<()> {
        let mut tx = self.store.change(admin.env).await?;
        let found = store::channel_config::get(&mut tx, admin.env, &admin.tenant, id).await?;
        let channel = self
            .open_config(&found.ok_or(Error::NotFound(CONFIG))?)?
            .kind
            .channel();
        store::channel_config::delete(&mut tx, &admin.tenant, id).await?;
        let mut withdrawal = Withdrawal::deleted(DestinationId::of(&id).as_a());
        if channel.has_addresses() {
            // It has no lane of its own.
            let lane = store::channel::get(&mut tx, admin.env, channel).await?;
            withdrawal.endpoint = lane.map_or(withdrawal.endpoint, |lane| DestinationId::of(&lane.id).as_a());
            withdrawal.config = Some(id);
        }
        self.withdraw_later(&mut tx, withdrawal).await?;
        self.audited(tx, admin.actor.clone(), "config.delete", id.to_string(), None)
            .await?;
        self.lanes.distrust();
        self.lanes.fire();
        Ok(())
    }

    /// Sends a test message where a config leads, at once and once. A mail goes to the first address only.
    pub async fn test_config(&self, admin: &TenantAdmin, id: ConfigId) -> Result<Tested> {
        let found = {
            let mut reader = self.store.read(admin.env).await?;
            store::channel_config::get(&mut reader, admin.env, &admin.tenant, id).await?
        };
        let config = self.open_config(&found.ok_or(Error::NotFound(CONFIG))?)?;
        let failed = |message: &str| Tested {
            success: false,
            message: message.to_owned(),
        };
        let name = config.kind.name();
        let recipient = match config.kind {
            ConfigKind::Email => match config.leads.email_addresses.first() {
                Some(address) => Some(address.as_str()),
                None => return Ok(failed("No email addresses configured")),
            },
            _ if config.leads.webhook_url.is_none() => return Ok(failed("No webhook URL configured")),
            _ => None,
        };
        let is_mail = config.kind == ConfigKind::Email;
        let mut reader = self.store.read(admin.env).await?;
        if store::suppression::holds(&mut reader, admin.env, config.kind.channel(), recipient).await? {
            return Ok(failed("Email delivery failed"));
        }
        drop(reader);
        let sent = match self.config_sender(admin.env, &config).await? {
            Some(sender) => {
                self.send_test(&config, &sender, recipient.unwrap_or_default())
                    .await
            }
            None => None,
        };
        let success =
            sent.is_some_and(|outcome| matches!(outcome.verdict, Verdict::Sent | Verdict::Accepted));
        let message = match (success, is_mail) {
            (true, true) => "Test email sent".to_owned(),
            (false, true) => "Email delivery failed".to_owned(),
            (true, false) => format!("Test message sent to {name}"),
            (false, false) => format!("{name} webhook failed"),
        };
        let (subject, detail) = (config.id.to_string(), json!({"success": success}));
        let tx = self.write(admin.env).await?;
        self.audited(tx, admin.actor.clone(), "config.test", subject, Some(detail))
            .await?;
        Ok(Tested { success, message })
    }

    async fn send_test(&self, config: &Config, sender: &Sender, recipient: &str) -> Option<Outcome> {
        let delivery: DeliveryId = self.ids().fresh();
        let content = test_content(config.kind);
        let outgoing = Outgoing {
            content: content.as_bytes(),
            recipient,
            delivery_id: &delivery.to_string(),
            anew_after: 0,
            deadline: TEST_DEADLINE,
            now: self.now(),
        };
        Some(sender.send(outgoing).await)
    }

    /// What sends where a config leads; `None` where its channel is off.
    async fn config_sender(&self, env: Env, config: &Config) -> Result<Option<Sender>> {
        let channel = config.kind.channel();
        let row = store::channel::get(&mut *self.store.read(env).await?, env, channel).await?;
        let settings = row.map(|row| self.channel_settings(&row)).transpose()?;
        let settings = match (channel, settings) {
            (Channel::Email, None) => return Ok(None),
            (Channel::Email, Some(settings)) => settings,
            (_, settings) => post_settings(config, settings.as_ref()),
        };
        Ok(Sender::new(channel.as_str(), &settings, &self.clients).ok())
    }

    /// What sending to a config's webhook takes.
    pub(crate) async fn config_destination(&self, row: &ConfigRow) -> Result<Destination> {
        let config = self.open_config(row)?;
        let channel = config.kind.channel();
        let environment =
            store::channel::get(&mut *self.store.read(row.env).await?, row.env, channel).await?;
        let settings = environment.map(|row| self.channel_settings(&row)).transpose()?;
        let policy = settings
            .as_ref()
            .and_then(|settings| Policy::parse(settings["retry_policy"].as_str()?));
        let sender = Sender::new(
            channel.as_str(),
            &post_settings(&config, settings.as_ref()),
            &self.clients,
        );
        Ok(Destination {
            id: DestinationId::of(&row.id),
            env: row.env,
            carrier: Carrier::of(sender),
            policy: policy.unwrap_or(Policy::Short),
            rate_limit: None,
            at_once: None,
            status: EndpointStatus::Active,
        })
    }

    /// The events that the tenants' own channels are turned on and off for: those of the workflows that reach them.
    pub async fn config_names(&self, env: Env) -> Result<Vec<String>> {
        let environment = self.environment(env).await?;
        let specs = environment.workflows.all().map(|ready| &ready.spec);
        let mut names: Vec<String> = specs
            .flat_map(|spec| spec.config_names().map(str::to_owned))
            .collect();
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    fn check_config(&self, config: &Config, known: &[String]) -> Result<()> {
        let mut faults = Faults::default();
        check(config.kind, &config.leads, &config.events, known, &mut faults);
        if let Some(url) = config.leads.webhook_url.as_deref().filter(|url| !url.is_empty())
            && let Err(refused) = self.dialer.policy().check_url(url)
        {
            faults.push("/webhook_url", refused.code(), refused.to_string());
        }
        faults.finish().map_err(Error::Invalid)
    }

    fn open_config(&self, row: &ConfigRow) -> Result<Config> {
        let broken = || Error::Internal(format!("the config {} cannot be read", row.id));
        let text = self.cipher.open(&place(row.id), &row.settings)?;
        Ok(Config {
            id: row.id,
            tenant: row.tenant.clone(),
            kind: row.kind,
            leads: serde_json::from_slice(&text).map_err(|_| broken())?,
            is_active: row.is_active,
            events: serde_json::from_str(&row.events).map_err(|_| broken())?,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }

    fn seal_config(&self, env: Env, config: &Config) -> Result<ConfigRow> {
        let leads = serde_json::to_vec(&config.leads).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(ConfigRow {
            id: config.id,
            env,
            tenant: config.tenant.clone(),
            kind: config.kind,
            settings: self.cipher.seal(&place(config.id), &leads)?,
            is_active: config.is_active,
            events: json!(config.events).to_string(),
            created_at: config.created_at,
            updated_at: config.updated_at,
        })
    }
}

/// The place a config's settings are sealed for.
fn place(id: ConfigId) -> String {
    format!("channel_configs/{}/settings", id.bare())
}

/// The settings of a channel that posts to a config's URL; the sandbox, where the environment chose it.
fn post_settings(config: &Config, environment: Option<&Value>) -> Value {
    let provider = environment.and_then(|settings| settings.get("provider"));
    match provider {
        Some(provider) => json!({"provider": provider}),
        None => json!({"url": config.leads.webhook_url}),
    }
}

/// What a test says.
fn test_content(kind: ConfigKind) -> String {
    let (title, body) = (
        "Test notification",
        "This is a test notification. Your integration is working!",
    );
    let content = match kind {
        ConfigKind::Email => json!({"subject": title, "text": body}),
        ConfigKind::SlackWebhook => json!(channels::slack::simple(title, body, None, "")),
        ConfigKind::TeamsWebhook => json!(channels::teams::simple(title, body, None, "")),
    };
    content.to_string()
}
