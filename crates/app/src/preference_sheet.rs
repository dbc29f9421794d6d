//! The sheet of preferences that a sealed link shows, for people who are not signed in.

use std::collections::{BTreeSet, HashSet};

use domain::channel::Channel;
use domain::effects::Actor;
use domain::environment::Env;
use domain::preference::sheet::{Listed, Said, Sheet, Tick};
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
    /// Its boxes.
    pub ticks: Vec<Tick>,
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
        let sheet = sheet(&preferred, link.whose());
        let rows = workflows.into_iter().map(|workflow| Row {
            ticks: sheet.ticks(&workflow.listed()),
            name: if workflow.spec.name.is_empty() {
                workflow.spec.key.clone()
            } else {
                workflow.spec.name
            },
            workflow: workflow.spec.key,
            description: workflow.spec.description,
        });
        let mut rows: Vec<Row> = rows.collect();
        rows.sort_by_key(|row| row.name.to_lowercase());
        Ok(rows)
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

/// What is said of a user, everywhere or in a tenant.
async fn preferred(conn: &mut Conn, env: Env, (user, tenant): (&str, Option<&str>)) -> Result<Preferred> {
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
