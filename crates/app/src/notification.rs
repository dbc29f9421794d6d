//! Creating notifications and changing their states.

use std::sync::Arc;

use domain::effects::{Actor, Claim, Effects, FeedWritten, Receipt, Shown};
use domain::environment::{Env, Settings};
use domain::feed::{Change, Counters, Mark, NotAllowed, Scope};
use domain::id::{AppId, NotificationId, Prefixed};
use domain::notification::{Audience, Notification, NotificationInput};
use domain::publish::{self, AT_ONCE};
use store::feed::Item;

use crate::ctx::{Bodies, Ctx};
use crate::error::{Error, Result};
use crate::event::{Around, REPLANS, within_tenant};
use crate::snapshot::AppSnapshot;
use crate::write::{Once, REMEMBERED};

/// What a missing one is called.
pub const NOTIFICATION: &str = "Notification";

/// A created notification, or the earlier one that this one repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Its id.
    pub id: NotificationId,
    /// Whether it was created before under the same key.
    pub duplicate: bool,
    /// Users reached in the same transaction; `None` when the audience is reached in the background.
    pub recipients: Option<usize>,
}

/// Somebody who looks at a user's feed: the user, or a key that names them.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Environment.
    pub env: Env,
    /// Whose feed.
    pub user: String,
    /// Who looks.
    pub actor: Actor,
    /// An application sees and changes only what it created.
    pub within: Option<AppId>,
}

impl Ctx {
    /// Creates a notification and brings it to its audience: few named users at once, everybody else in the background.
    pub async fn notify(
        self: &Arc<Self>,
        app: &Arc<AppSnapshot>,
        mut input: NotificationInput,
        actor: Actor,
        once: Option<&Once>,
    ) -> Result<Created> {
        let env = app.app.env;
        let mut ids = self.ids();
        let id: NotificationId = ids.fresh();
        within_tenant(app, &mut input.tenant)?;
        let mut own = Arc::clone(app);
        for _ in 0..REPLANS {
            let environment = self.environment(env).await?;
            let (content, audience) = accepted(&input, &own, id, &environment.settings, ids.now())?;
            let installed = environment.settings.require_installation;
            let reachable = self.reachable_now(env, own.app.id, &audience, installed).await?;
            let recipients = reachable.as_ref().map(Vec::len);
            let around = Around::of_own(Arc::clone(&own));
            let mut effects = publish::notification(
                Shown {
                    content: Arc::new(content),
                    new: true,
                    app: own.label(),
                },
                audience,
                reachable,
                around.reach(),
                around.uses(&environment),
                actor.clone(),
                &mut ids,
            );
            claims(&mut effects, input.external_id.as_ref(), app.app.id, id, once);
            let (bodies, uses) = (Bodies::of_plan(&effects), effects.uses.clone());
            match self.commit(effects, bodies).await? {
                Receipt::Written(_) => {
                    return Ok(Created {
                        id,
                        duplicate: false,
                        recipients,
                    });
                }
                Receipt::Duplicate {
                    same: true, answer, ..
                } => return first(&answer),
                Receipt::Duplicate { .. } => return Err(Error::key_reused()),
                Receipt::Stale => {
                    self.stale(env, &uses).await;
                    own = self
                        .app(env, app.app.id)
                        .await?
                        .ok_or(Error::NotFound("application"))?;
                }
            }
        }
        Err(Error::Unavailable(
            "configuration keeps changing; try again".into(),
        ))
    }

    /// The users to reach in the publishing transaction; `None` for an audience that is expanded later.
    async fn reachable_now(
        &self,
        env: Env,
        app: AppId,
        audience: &Audience,
        installed: bool,
    ) -> Result<Option<Vec<String>>> {
        match audience {
            Audience::Users(users) if users.len() <= AT_ONCE => {
                let mut reader = self.store.read(env).await?;
                Ok(Some(
                    store::user::reachable(&mut reader, env, users, installed.then_some(app.bare())).await?,
                ))
            }
            Audience::Tenant { tenant, .. } => {
                let mut reader = self.store.read(env).await?;
                if store::tenant::get(&mut reader, env, tenant).await?.is_none() {
                    return Err(Error::invalid(
                        "/tenant",
                        "unknown_tenant",
                        "is not a known tenant",
                    ));
                }
                Ok(None)
            }
            Audience::Users(_) | Audience::Topic(_) => Ok(None),
        }
    }

    /// Changes one state of a user's feed, once for an `Idempotency-Key`; `action` is the one that was followed, for a click.
    ///
    /// Answers the item as it is afterwards; a change that was so already, or was made under the key before, changes nothing.
    pub async fn change(
        self: &Arc<Self>,
        viewer: &Viewer,
        id: NotificationId,
        change: Change,
        action: Option<&str>,
        once: Option<&Once>,
    ) -> Result<Item> {
        let _turn = self.turns.take(viewer.env, &viewer.user).await;
        for _ in 0..REPLANS {
            let is_done = self.first_answer(viewer.env, once).await?.is_some();
            let (item, head) = self.item(viewer, id).await?;
            let own = item
                .as_ref()
                .is_some_and(|item| viewer.within.is_none_or(|app| app == item.notification.app));
            let Some(item) = item.filter(|item| own && item.times.deleted_at.is_none()) else {
                return Err(Error::NotFound(NOTIFICATION));
            };
            if is_done {
                return Ok(item);
            }
            let wish = (change, action);
            match self.try_change(viewer, &item, head.seq, wish, once).await? {
                Changed::Already => return Ok(item),
                Changed::To(times, written) => {
                    return Ok(Item {
                        times,
                        seq: written.seq,
                        ..item
                    });
                }
                Changed::Moved => {}
            }
        }
        Err(Error::Unavailable("this feed keeps changing; try again".into()))
    }

    /// A user's item and where the feed stands, from one snapshot.
    async fn item(
        &self,
        Viewer { env, user, .. }: &Viewer,
        id: NotificationId,
    ) -> Result<(Option<Item>, store::feed::Head)> {
        let env = *env;
        let mut reader = self.store.read(env).await?;
        let item = store::feed::item(&mut reader, env, user, id).await?;
        Ok((item, store::feed::head(&mut reader, env, user).await?))
    }

    /// Plans and commits a change once; the item may have changed meanwhile.
    async fn try_change(
        self: &Arc<Self>,
        Viewer { env, user, actor, .. }: &Viewer,
        item: &Item,
        head: i64,
        wish: (Change, Option<&str>),
        once: Option<&Once>,
    ) -> Result<Changed> {
        let env = *env;
        let known = store::feed::known(
            item,
            &store::feed::Head {
                seq: head,
                ..store::feed::Head::default()
            },
        );
        let mut ids = self.ids();
        // An application that was deleted since is told nothing; its user may still tidy up.
        let own = self.app(env, known.app).await?;
        let subscriptions = own.as_ref().map_or(&[][..], |own| &own.subscriptions);
        let version = own.as_ref().map_or(0, |own| own.version);
        let reach = publish::Reach {
            own: subscriptions,
            ..publish::Reach::default()
        };
        let planned = publish::change(
            (env, user),
            known,
            wish,
            (reach, version),
            actor.clone(),
            &mut ids,
        );
        // What is so already uses the key up all the same.
        let nothing = once.map(|_| Effects::new(env, ids.now()));
        let Some(mut effects) = planned.map_err(conflict)?.or(nothing) else {
            return Ok(Changed::Already);
        };
        let claim = once.map(|once| once.claim(item.notification.id.to_string(), effects.now));
        effects.claims.extend(claim);
        if own.is_none() {
            effects.uses.clear();
        }
        let after = effects.feed.iter().find_map(|effect| match effect {
            domain::feed::FeedEffect::Change { after, .. } => Some(*after),
            _ => None,
        });
        let (bodies, uses) = (Bodies::of_plan(&effects), effects.uses.clone());
        let Receipt::Written(written) = self.commit(effects, bodies).await? else {
            self.stale(env, &uses).await;
            return Ok(Changed::Moved);
        };
        match (after, written.feed.first()) {
            (None, _) => Ok(Changed::Already),
            (Some(after), Some(Some(change))) => Ok(Changed::To(after, *change)),
            _ => Err(Error::Internal("a change was written without a number".into())),
        }
    }

    /// Marks everything in a scope of a user's feed, as one change. `None` when nothing was left to mark.
    pub async fn mark_all(
        self: &Arc<Self>,
        env: Env,
        user: &str,
        mark: Mark,
        scope: Scope,
        actor: Actor,
    ) -> Result<Option<Counters>> {
        let effects = publish::mark_all(env, user, mark, scope, actor, &mut self.ids());
        match self.commit(effects, Bodies::default()).await? {
            Receipt::Written(written) => {
                let change = written.feed.into_iter().flatten().next();
                Ok(change.map(|change: FeedWritten| change.counters))
            }
            _ => Err(Error::Internal("marking cannot be stale".into())),
        }
    }
}

/// What became of a planned change.
#[derive(Debug)]
enum Changed {
    /// It was so already.
    Already,
    /// It is written.
    To(domain::feed::Times, FeedWritten),
    /// The feed or the configuration moved, or the key was used meanwhile: read again.
    Moved,
}

fn conflict(refused: NotAllowed) -> Error {
    let (from, to) = (refused.from.as_str(), refused.to.as_str());
    Error::Conflict {
        code: "status_conflict",
        detail: format!("a notification that is {from} cannot become {to}"),
    }
}

/// Content and audience as the environment allows them now: a plan names that version.
fn accepted(
    input: &NotificationInput,
    own: &AppSnapshot,
    id: NotificationId,
    settings: &Settings,
    now: i64,
) -> Result<(Notification, Audience)> {
    let place = (own.app.env, own.app.id);
    let (content, audience) =
        domain::notification::accept(input, place, id, &settings.limits, now).map_err(Error::Invalid)?;
    if own.app.tenant.is_some() && !matches!(audience, Audience::Tenant { .. }) {
        let detail = "a tenant's application reaches its tenant's members: leave out users and topic";
        return Err(Error::invalid("", "audience", detail));
    }
    Ok((content, audience))
}

fn claims(
    effects: &mut Effects,
    external: Option<&String>,
    app: AppId,
    id: NotificationId,
    once: Option<&Once>,
) {
    effects.claims.clear();
    if let Some(once) = once {
        effects.claims.push(once.claim(id.to_string(), effects.now));
    }
    if let Some(external) = external {
        effects.claims.push(Claim {
            scope: format!("notification/{}", app.bare()),
            key: external.clone(),
            // The caller's own id stands for the thing, whatever else is said of it.
            hash: [0; 32],
            answer: id.to_string(),
            expires_at: effects.now + 30 * REMEMBERED,
        });
    }
}

fn first(answer: &str) -> Result<Created> {
    let id = <NotificationId as Prefixed>::parse(answer);
    let id = id.ok_or_else(|| Error::Internal("a claim answers no notification".into()))?;
    Ok(Created {
        id,
        duplicate: true,
        recipients: None,
    })
}
