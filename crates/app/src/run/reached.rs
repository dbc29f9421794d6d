//! What is known of the recipients of a slice.

use std::collections::{HashMap, HashSet};

use domain::effects::Tally;
use domain::preference::{Layers, Preferences};
use domain::workflow::{Became, HeldStep};
use store::Reader;
use store::user::User;

use crate::channel_config::Config;
use crate::ctx::Ctx;
use crate::error::Result;

use super::scene::Scene;

/// What a slice of recipients prefers, and what their environment and their tenant prefer for them.
#[derive(Default)]
pub(crate) struct Preferred(HashMap<(bool, String), Preferences>);

impl Preferred {
    /// A document that cannot be read says nothing: it was checked when it was written.
    pub(crate) fn new(documents: Vec<store::preference::Document>) -> Self {
        let read = documents.into_iter().filter_map(|(tenant, user, document)| {
            let document = serde_json::from_str(&document).ok()?;
            Some(((!tenant.is_empty(), user), document))
        });
        Self(read.collect())
    }

    pub(crate) fn layers(&self, user: &str) -> Layers<'_> {
        let get = |in_tenant: bool, user: &str| self.0.get(&(in_tenant, user.to_owned()));
        Layers {
            environment: get(false, ""),
            tenant: get(true, ""),
            user: get(false, user),
            user_in_tenant: get(true, user),
        }
    }
}

/// What is known of recipients.
pub(super) struct Reached {
    pub(super) preferences: Preferred,
    /// Those whom somebody described.
    pub(super) users: HashMap<String, User>,
    /// Those who are members of the tenant, where only such are reached.
    pub(super) members: HashSet<String>,
    /// Those who installed the application, where that is asked for.
    pub(super) installed: Option<HashSet<String>>,
    /// Of the groups whose first activity goes on at once, those with an open batch.
    pub(super) open: HashSet<String>,
    /// What throttles have counted.
    pub(super) tallies: HashMap<String, String>,
    /// The tenant's own channels, where its own run is among these.
    pub(super) configs: Vec<Config>,
    /// What became of what earlier steps sent, by their names.
    pub(super) became: HashMap<String, Became>,
    /// Where steps stand that were held up before, by their names.
    pub(super) held: HashMap<String, HeldStep>,
    /// Of the addresses that a plan's mails went to, those that get nothing any more.
    pub(super) suppressed: HashSet<String>,
}

impl Reached {
    /// Lets the next recipient of the plan see what this one counted.
    pub(super) fn count(&mut self, tallies: &[Tally]) {
        for tally in tallies {
            let becomes = tally.becomes.clone().map(|state| (tally.name.clone(), state));
            self.tallies.extend(becomes);
        }
    }
}

/// What only the database knows of a program's steps.
#[derive(Default)]
pub(super) struct Counted {
    /// Groups of batches whose first activity goes on at once.
    pub(super) groups: Vec<String>,
    /// What throttles count.
    pub(super) tallies: Vec<String>,
}

impl Ctx {
    /// What is known of these recipients of a scene.
    pub(super) async fn reached(
        &self,
        reader: &mut Reader,
        scene: &Scene,
        users: &[String],
    ) -> Result<Reached> {
        let env = scene.env;
        let found = store::user::many(reader, env, users).await?;
        let installed = if scene.environment.settings.require_installation {
            let app = Some(domain::id::Prefixed::bare(&scene.own.app.id));
            let reachable = store::user::reachable(reader, env, users, app).await?;
            Some(reachable.into_iter().collect())
        } else {
            None
        };
        let users_by_id: HashMap<String, User> =
            found.into_iter().map(|user| (user.id.clone(), user)).collect();
        let mut counted = Counted::default();
        for user in users {
            scene.counted(user, users_by_id.get(user), &mut counted);
        }
        let open = if counted.groups.is_empty() {
            Vec::new()
        } else {
            store::batch::open_groups(reader, env, &counted.groups, self.now()).await?
        };
        let tallies = if counted.tallies.is_empty() {
            Vec::new()
        } else {
            store::tally::many(reader, env, &counted.tallies).await?
        };
        let tenant = scene.tenant.as_deref();
        let configs = match tenant.filter(|_| users.iter().any(String::is_empty)) {
            Some(tenant) => self.configs(reader, env, tenant).await?,
            None => Vec::new(),
        };
        let preferences = store::preference::of(reader, env, tenant, users).await?;
        let members = match tenant.filter(|_| scene.members_only()) {
            Some(tenant) => store::tenant::members_among(reader, env, tenant, users).await?,
            None => Vec::new(),
        };
        Ok(Reached {
            members: members.into_iter().collect(),
            preferences: Preferred::new(preferences),
            open: open.into_iter().collect(),
            tallies: tallies.into_iter().collect(),
            configs,
            became: HashMap::new(),
            held: HashMap::new(),
            suppressed: HashSet::new(),
            users: users_by_id,
            installed,
        })
    }
}
