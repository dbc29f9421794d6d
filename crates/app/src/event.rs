//! Publishing events.

use std::sync::Arc;

use domain::effects::{Claim, Part, Receipt, Uses};
use domain::environment::Env;
use domain::event::{Entity, Event, EventInput, EventLimits};
use domain::event_type::Visibility;
use domain::id::{EventId, Prefixed};
use domain::publish::{self, Reach};
use domain::text::Fault;
use domain::workflow;
use smallvec::{SmallVec, smallvec};

use crate::auth::sha256;
use crate::ctx::{Bodies, Ctx};
use crate::error::{Error, Result};
use crate::snapshot::{AppSnapshot, EnvironmentSnapshot, PlatformSnapshot};
use crate::write::{Once, REMEMBERED};

/// Times a plan is made again when configuration moved under it, before the caller is told to come back.
pub(crate) const REPLANS: usize = 8;

/// A published event, or the earlier one that this one repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Its id.
    pub id: EventId,
    /// Whether it was published before under the same key.
    pub duplicate: bool,
}

/// The configuration around one event: kept alive while a plan borrows from it.
#[derive(Debug)]
pub(crate) struct Around {
    own: Arc<AppSnapshot>,
    tenant: Option<Arc<AppSnapshot>>,
    platform: Option<Arc<PlatformSnapshot>>,
}

impl Around {
    pub(crate) async fn load(ctx: &Ctx, own: Arc<AppSnapshot>, event: &Event) -> Result<Self> {
        let mut around = Self::within(ctx, own, event.tenant.as_deref()).await?;
        if event.visibility == Visibility::Platform {
            around.platform = Some(ctx.platform(event.env).await?);
        }
        Ok(around)
    }

    /// Around whatever event an application publishes in this tenant.
    pub(crate) async fn any(ctx: &Ctx, own: Arc<AppSnapshot>, tenant: Option<&str>) -> Result<Self> {
        let platform = ctx.platform(own.app.env).await?;
        let around = Self::within(ctx, own, tenant).await?;
        Ok(Self {
            platform: Some(platform),
            ..around
        })
    }

    /// Around what only the application and the tenant see.
    async fn within(ctx: &Ctx, own: Arc<AppSnapshot>, tenant: Option<&str>) -> Result<Self> {
        let other = tenant.filter(|tenant| own.app.tenant.as_deref() != Some(*tenant));
        let tenant = match other {
            Some(tenant) => ctx.tenant_app(own.app.env, tenant).await?,
            None => None,
        };
        Ok(Self {
            tenant,
            ..Self::of_own(own)
        })
    }

    /// Around an event of the server's own, which its application alone sees.
    pub(crate) fn of_own(own: Arc<AppSnapshot>) -> Self {
        Self {
            own,
            tenant: None,
            platform: None,
        }
    }

    pub(crate) fn reach(&self) -> Reach<'_> {
        Reach {
            own: &self.own.subscriptions,
            tenant: self.tenant.as_ref().map_or(&[], |app| &app.subscriptions),
            platform: self
                .platform
                .as_ref()
                .map_or(&[], |platform| &platform.subscriptions),
        }
    }

    pub(crate) fn uses(&self, environment: &EnvironmentSnapshot) -> SmallVec<[Uses; 3]> {
        let mut uses = smallvec![
            Uses {
                part: Part::Environment,
                version: environment.version
            },
            self.own.uses()
        ];
        uses.extend(self.tenant.as_ref().map(|app| app.uses()));
        uses.extend(self.platform.as_ref().map(|platform| Uses {
            part: Part::Platform,
            version: platform.version,
        }));
        uses
    }
}

impl Ctx {
    /// Publishes an event: afterwards it is in the database, and so is every delivery that follows from it.
    ///
    /// `once` is the caller's `Idempotency-Key`; an `id` of the caller's own inside the input counts as well.
    pub async fn publish(
        self: &Arc<Self>,
        app: &Arc<AppSnapshot>,
        mut input: EventInput,
        once: Option<&Once>,
    ) -> Result<Published> {
        let env = app.app.env;
        let mut ids = self.ids();
        let id = ids.fresh();
        within_tenant(app, &mut input.tenant)?;
        let mut own = Arc::clone(app);
        for _ in 0..REPLANS {
            let environment = self.environment(env).await?;
            if input.tenant.is_none() {
                input.tenant = self
                    .tenant_of_entity(env, &environment, input.entity.as_ref())
                    .await?;
            }
            let event = accept(&input, &own, id, &environment, &self.limits.event, ids.now())?;
            let around = Around::load(self, Arc::clone(&own), &event).await?;
            let claims = claims(&event, once, ids.now());
            let workflows = &environment.workflows;
            let mut timers = workflow::starts(&event, workflows.of_event(&event.kind), &mut ids);
            timers.extend(workflow::wakes(&event, workflows.awaited(&event.kind), &mut ids));
            let mut effects = publish::event(event, around.reach(), around.uses(&environment), &mut ids);
            effects.claims = claims;
            effects.timers = timers;
            let (bodies, uses) = (Bodies::of_plan(&effects), effects.uses.clone());
            match self.commit(effects, bodies).await? {
                Receipt::Written(_) => return Ok(Published { id, duplicate: false }),
                Receipt::Duplicate {
                    same: true, answer, ..
                } => return first(&answer),
                Receipt::Duplicate { claim, .. } => return Err(reused(claim, once)),
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

    /// The tenant of what an event is about, where the environment says that such things belong to one and an earlier event named it.
    async fn tenant_of_entity(
        &self,
        env: Env,
        environment: &EnvironmentSnapshot,
        entity: Option<&Entity>,
    ) -> Result<Option<String>> {
        let kinds = &environment.settings.tenant_entities;
        let Some(entity) = entity.filter(|entity| kinds.contains(&entity.kind)) else {
            return Ok(None);
        };
        let mut reader = self.store.read(env).await?;
        Ok(store::event::tenant_of_entity(&mut reader, env, (&entity.kind, &entity.id)).await?)
    }

    /// Forgets what a plan used that is no longer true.
    pub(crate) async fn stale(&self, env: Env, uses: &[Uses]) {
        let parts: SmallVec<[Part; 3]> = uses.iter().map(|uses| uses.part).collect();
        self.forget(env, &parts).await;
    }

    /// Publishes up to a thousand events side by side; each good one is accepted, each bad one reported by index.
    pub async fn publish_batch(
        self: &Arc<Self>,
        app: &Arc<AppSnapshot>,
        inputs: Vec<Result<EventInput, Vec<Fault>>>,
        once: Option<&Once>,
    ) -> Vec<Result<Published>> {
        let mut tasks = Vec::with_capacity(inputs.len());
        for (index, input) in inputs.into_iter().enumerate() {
            let (ctx, app) = (Arc::clone(self), Arc::clone(app));
            let once = once.map(|once| Once {
                key: format!("{}#{index}", once.key),
                ..once.clone()
            });
            tasks.push(async move {
                match input {
                    Ok(input) => ctx.publish(&app, input, once.as_ref()).await,
                    Err(faults) => Err(Error::Invalid(faults)),
                }
            });
        }
        join_all(tasks).await
    }
}

/// The event as the environment says it is now: a plan names that version, so the event is made again with every plan.
pub(crate) fn accept(
    input: &EventInput,
    own: &AppSnapshot,
    id: EventId,
    environment: &EnvironmentSnapshot,
    limits: &EventLimits,
    now: i64,
) -> Result<Event> {
    let mut event = domain::event::accept(
        input,
        (own.app.env, own.app.id),
        id,
        &environment.catalogue,
        environment.settings.require_registered_types,
        limits,
        now,
    )?;
    if own.app.tenant.is_some() && event.visibility == Visibility::Platform {
        event.visibility = Visibility::App;
    }
    Ok(event)
}

/// A tenant's own application speaks for that tenant and no other, and to nobody outside it.
pub(crate) fn within_tenant(app: &AppSnapshot, tenant: &mut Option<String>) -> Result<()> {
    match (&app.app.tenant, tenant.as_deref()) {
        (Some(own), None) => *tenant = Some(own.clone()),
        (Some(own), Some(named)) if own != named => {
            let detail = "this application belongs to another tenant";
            return Err(Error::invalid("/tenant", "other_tenant", detail));
        }
        _ => {}
    }
    Ok(())
}

/// Drives every future at once, so that the whole batch falls into few commits; answers in order.
async fn join_all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures
        .into_iter()
        .map(|future| (Box::pin(future), None))
        .collect();
    std::future::poll_fn(|cx| {
        let mut ready = true;
        for (future, output) in &mut pending {
            if output.is_none() {
                match future.as_mut().poll(cx) {
                    std::task::Poll::Ready(value) => *output = Some(value),
                    std::task::Poll::Pending => ready = false,
                }
            }
        }
        if ready {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    pending.into_iter().filter_map(|(_, output)| output).collect()
}

/// The keys under which this event is published once: the caller's `Idempotency-Key` and the caller's own event id.
fn claims(event: &Event, once: Option<&Once>, now: i64) -> SmallVec<[Claim; 2]> {
    let answer = event.id.to_string();
    let mut claims = SmallVec::new();
    claims.extend(once.map(|once| once.claim(answer.clone(), now)));
    if let Some(own) = &event.external_id {
        claims.push(Claim {
            scope: format!("event/{}", event.app.bare()),
            key: own.clone(),
            hash: sha256(format!("{}\n{}", event.kind, event.data).as_bytes()),
            answer,
            expires_at: now + 30 * REMEMBERED,
        });
    }
    claims
}

pub(crate) fn first(answer: &str) -> Result<Published> {
    let id = <EventId as Prefixed>::parse(answer)
        .ok_or_else(|| Error::Internal("a claim answers no event".into()))?;
    Ok(Published { id, duplicate: true })
}

fn reused(claim: usize, once: Option<&Once>) -> Error {
    if once.is_some() && claim == 0 {
        return Error::key_reused();
    }
    Error::Conflict {
        code: "event_id_reused",
        detail: "an event with this id and another type or data was published".into(),
    }
}
