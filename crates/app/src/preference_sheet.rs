//! The sheet of preferences that a sealed link shows, for people who are not signed in.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use domain::channel::Channel;
use domain::effects::Actor;
use domain::environment::Env;
use domain::preference::Frequency;
use domain::preference::sheet::{Listed, Position, Said, Sheet, Switch, Tick};
use domain::quiet_hours::QuietHours;
use domain::workflow::{Does, Workflow};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Conn;
use store::preference::Whose;

use crate::ctx::Ctx;
use crate::error::Result;
use crate::links::Leads;
use crate::preference::written;
use crate::run::Preferred;
use crate::snapshot::EnvironmentSnapshot;
use crate::trigger::OWN_APP;

/// Applications that are listed: who has more of them asks for single ones.
const APPS: store::Page = store::Page {
    limit: 100,
    after: None,
};

/// Whose preferences a link shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetLink {
    /// Environment.
    env: i64,
    /// The user.
    user: String,
    /// The tenant, where it is about what they prefer there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
}

impl Leads for SheetLink {
    const TO: &'static str = "preferences";
}

impl SheetLink {
    pub(crate) fn new(env: Env, user: &str, tenant: Option<&str>) -> Self {
        Self {
            env: env.0,
            user: user.to_owned(),
            tenant: tenant.map(str::to_owned),
        }
    }

    fn whose(&self) -> (&str, Option<&str>) {
        (&self.user, self.tenant.as_deref())
    }
}

/// A workflow's row of a sheet.
#[derive(Debug, Clone)]
pub struct Row {
    /// Key of the workflow.
    pub workflow: String,
    /// What people call it.
    pub name: String,
    /// More of it.
    pub description: String,
    /// Its categories.
    pub categories: Vec<String>,
    /// Its boxes.
    pub ticks: Vec<Tick>,
}

/// Everything that somebody may say they prefer, and how it stands.
#[derive(Debug, Clone)]
pub struct Choices {
    /// Workflows that may be turned off, by name.
    pub workflows: Vec<Row>,
    /// The channels that these go through.
    pub channels: Vec<(Channel, Position)>,
    /// The categories that these belong to.
    pub categories: Vec<(String, Position)>,
    /// The applications that may reach them: uid, name.
    pub apps: Vec<(String, String, Position)>,
    /// How often channels ring.
    pub digest: BTreeMap<Channel, Frequency>,
    /// When it is quiet.
    pub quiet_hours: Option<QuietHours>,
    /// The time zone they are in, where somebody said so.
    pub time_zone: Option<String>,
}

/// A sheet as it came back: boxes by workflow and channel.
#[derive(Debug, Clone, Default)]
pub struct Ticked {
    /// Those that could be ticked.
    pub shown: HashSet<(String, Channel)>,
    /// Those that were.
    pub on: HashSet<(String, Channel)>,
}

/// A workflow as far as it reaches a user.
struct Reaching {
    spec: Workflow,
    channels: Vec<Channel>,
}

impl Reaching {
    fn listed(&self) -> Listed<'_> {
        Listed {
            key: &self.spec.key,
            categories: &self.spec.categories,
            channels: &self.channels,
        }
    }
}

impl Ctx {
    /// Where a user says what they prefer, everywhere or in one tenant; a path alone where nobody said where this server is reached.
    pub fn preference_link(&self, env: Env, user: &str, tenant: Option<&str>) -> Result<String> {
        self.links().to(&SheetLink::new(env, user, tenant))
    }

    /// Whose preferences a link shows. One that was not made here is not found.
    pub fn read_preference_link(&self, token: &str) -> Result<SheetLink> {
        self.open_link(token)
    }

    /// The rows of a sheet, by name: workflows that may be turned off, and the channels they go through.
    pub async fn preference_sheet(&self, link: &SheetLink) -> Result<Vec<Row>> {
        let env = Env(link.env);
        let workflows = reaching(&*self.environment(env).await?);
        let mut reader = self.store.read(env).await?;
        let preferred = preferred(&mut reader, env, link.whose()).await?;
        Ok(rows(workflows, &sheet(&preferred, link.whose())))
    }

    /// Everything that a user may say they prefer, everywhere or in a tenant.
    pub async fn preference_choices(&self, env: Env, user: &str, tenant: Option<&str>) -> Result<Choices> {
        let whose = (user, tenant);
        let workflows = reaching(&*self.environment(env).await?);
        let mut reader = self.store.read(env).await?;
        let preferred = preferred(&mut reader, env, whose).await?;
        let known = store::user::many(&mut reader, env, &[user.to_owned()]).await?;
        let apps = store::app::list(&mut reader, env, &APPS).await?;
        drop(reader);
        let sheet = sheet(&preferred, whose);
        let workflows = rows(workflows, &sheet);
        let ticks = workflows.iter().flat_map(|row| &row.ticks);
        let channels: BTreeSet<Channel> = ticks.map(|tick| tick.channel).collect();
        let categories: BTreeSet<&String> = workflows.iter().flat_map(|row| &row.categories).collect();
        let named = apps.into_iter().filter(|app| app.tenant.is_none());
        let apps = named.filter_map(|app| {
            let uid = app.uid.filter(|uid| uid != OWN_APP)?;
            let position = sheet.position(Switch::App(&uid));
            Some((uid, app.name, position))
        });
        let layers = sheet.layers;
        let uppermost = [
            layers.user_in_tenant,
            layers.user,
            layers.tenant,
            layers.environment,
        ];
        let digest = channels.iter().filter_map(|channel| {
            let mut said = uppermost.into_iter().flatten();
            let said = said.find_map(|document| document.digest.get(channel))?;
            Some((*channel, *said))
        });
        let mut quiet = uppermost.into_iter().flatten();
        Ok(Choices {
            digest: digest.collect(),
            quiet_hours: quiet.find_map(|document| document.quiet_hours.clone()),
            time_zone: known.into_iter().next().and_then(|user| user.time_zone),
            apps: apps.collect(),
            channels: channels
                .iter()
                .map(|channel| (*channel, sheet.position(Switch::Channel(*channel))))
                .collect(),
            categories: categories
                .into_iter()
                .map(|name| (name.clone(), sheet.position(Switch::Category(name))))
                .collect(),
            workflows,
        })
    }

    /// Takes the boxes of a sheet as they were ticked; again is as once.
    pub async fn tick_preferences(&self, link: &SheetLink, ticked: &Ticked) -> Result<()> {
        let env = Env(link.env);
        let workflows = reaching(&*self.environment(env).await?);
        let listed: Vec<_> = workflows.iter().map(Reaching::listed).collect();
        let wanted = |workflow: &str, channel| {
            let tick = (workflow.to_owned(), channel);
            ticked.shown.contains(&tick).then(|| ticked.on.contains(&tick))
        };
        self.say((env, "preferences.put", None), link.whose(), |sheet| {
            sheet.ticked(&listed, wanted)
        })
        .await
    }

    /// Writes what a user says on their sheet, with an audit line; where they say what they said before, nothing.
    pub(crate) async fn say(
        &self,
        (env, action, detail): (Env, &'static str, Option<Value>),
        (user, tenant): (&str, Option<&str>),
        says: impl FnOnce(&Sheet<'_>) -> Said,
    ) -> Result<()> {
        let mut tx = self.store.write(env).await?;
        store::preference::lock(&mut tx, user).await?;
        let preferred = preferred(&mut tx, env, (user, tenant)).await?;
        let sheet = sheet(&preferred, (user, tenant));
        let (before, said) = (sheet.as_it_was(), says(&sheet));
        if said == before {
            return Ok(tx.rollback().await?);
        }
        let everywhere = ("", &before.user, &said.user);
        let in_tenant = tenant.map(|tenant| (tenant, &before.user_in_tenant, &said.user_in_tenant));
        for (tenant, before, said) in [everywhere].into_iter().chain(in_tenant) {
            if said != before {
                let whose = Whose { tenant, user };
                store::preference::put(&mut tx, whose, &written(said)?, self.now()).await?;
            }
        }
        self.audited(tx, Actor::User(user.to_owned()), action, user, detail)
            .await
    }
}

fn rows(workflows: Vec<Reaching>, sheet: &Sheet<'_>) -> Vec<Row> {
    let rows = workflows.into_iter().map(|workflow| Row {
        ticks: sheet.ticks(&workflow.listed()),
        name: if workflow.spec.name.is_empty() {
            workflow.spec.key.clone()
        } else {
            workflow.spec.name
        },
        workflow: workflow.spec.key,
        description: workflow.spec.description,
        categories: workflow.spec.categories,
    });
    let mut rows: Vec<Row> = rows.collect();
    rows.sort_by_key(|row| row.name.to_lowercase());
    rows
}

/// What is said of a user, everywhere or in a tenant.
pub(crate) async fn preferred(
    conn: &mut Conn,
    env: Env,
    (user, tenant): (&str, Option<&str>),
) -> Result<Preferred> {
    let users = [user.to_owned()];
    let documents = store::preference::of(conn, env, tenant, &users).await?;
    Ok(Preferred::new(documents))
}

fn sheet<'a>(preferred: &'a Preferred, (user, tenant): (&str, Option<&str>)) -> Sheet<'a> {
    Sheet {
        layers: preferred.layers(user),
        in_tenant: tenant.is_some(),
    }
}

/// The workflows that reach users and may be turned off, with the channels they go through that are set up.
fn reaching(environment: &EnvironmentSnapshot) -> Vec<Reaching> {
    let stands = |channel: &Channel| *channel == Channel::InApp || environment.channels.contains_key(channel);
    let listed = environment.workflows.all().filter(|ready| {
        let spec = &ready.spec;
        spec.active && !spec.critical
    });
    let reaching = listed.map(|ready| {
        let channels: BTreeSet<Channel> = ready
            .program_of("somebody")
            .steps()
            .filter_map(|step| match step.does {
                Does::InApp(_) => Some(Channel::InApp),
                Does::Email(_) => Some(Channel::Email),
                _ => None,
            })
            .filter(stands)
            .collect();
        Reaching {
            spec: ready.spec.clone(),
            channels: channels.into_iter().collect(),
        }
    });
    reaching
        .filter(|workflow| !workflow.channels.is_empty())
        .collect()
}
