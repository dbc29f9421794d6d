//! The sheet of preferences that a sealed link shows, for people who are not signed in.

use std::collections::{BTreeSet, HashSet};

use domain::channel::Channel;
use domain::effects::Actor;
use domain::environment::Env;
use domain::preference::sheet::{self, Listed, Tick};
use domain::workflow::{Does, Workflow};
use serde::{Deserialize, Serialize};
use store::preference::Whose;

use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::links::Leads;
use crate::run::Preferred;
use crate::snapshot::EnvironmentSnapshot;

/// Whose preferences a link shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetLink {
    /// Environment.
    env: i64,
    /// The user.
    user: String,
}

impl Leads for SheetLink {
    const TO: &'static str = "preferences";
}

impl SheetLink {
    pub(crate) fn new(env: Env, user: &str) -> Self {
        Self {
            env: env.0,
            user: user.to_owned(),
        }
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
    /// Where a user says what they prefer; a path alone where nobody said where this server is reached.
    pub fn preference_link(&self, env: Env, user: &str) -> Result<String> {
        let path = self.link_path(&SheetLink::new(env, user))?;
        Ok(match self.links() {
            Some(links) => links.at(&path),
            None => path,
        })
    }

    /// Whose preferences a link shows. One that was not made here is not found.
    pub fn read_preference_link(&self, token: &str) -> Result<SheetLink> {
        self.open_link(token)
    }

    /// The rows of a sheet, by name: workflows that may be turned off, and the channels they go through.
    pub async fn preference_sheet(&self, link: &SheetLink) -> Result<Vec<Row>> {
        let env = Env(link.env);
        let workflows = reaching(&*self.environment(env).await?);
        let preferred = self.preferred(env, link).await?;
        let layers = preferred.layers(&link.user);
        let rows = workflows.into_iter().map(|workflow| Row {
            ticks: sheet::ticks(&layers, &workflow.listed()),
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
        // Changes take turns: what somebody says meanwhile is not written over.
        let mut tx = self.store.change(env).await?;
        let users = std::slice::from_ref(&link.user);
        let documents = store::preference::of(&mut tx, env, None, users).await?;
        let preferred = Preferred::new(documents);
        let layers = preferred.layers(&link.user);
        let wanted = |workflow: &str, channel| {
            let tick = (workflow.to_owned(), channel);
            ticked.shown.contains(&tick).then(|| ticked.on.contains(&tick))
        };
        let document = sheet::ticked(&layers, &listed, wanted);
        if Some(&document) == layers.user {
            return Ok(());
        }
        let text = serde_json::to_string(&document).map_err(|error| Error::Internal(error.to_string()))?;
        let whose = Whose {
            tenant: "",
            user: &link.user,
        };
        store::preference::put(&mut tx, whose, &text, self.now()).await?;
        let (actor, user) = (Actor::User(link.user.clone()), link.user.clone());
        self.audited(tx, actor, "preferences.put", user, None).await
    }

    async fn preferred(&self, env: Env, link: &SheetLink) -> Result<Preferred> {
        let mut reader = self.store.read(env).await?;
        let users = std::slice::from_ref(&link.user);
        let documents = store::preference::of(&mut reader, env, None, users).await?;
        Ok(Preferred::new(documents))
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
