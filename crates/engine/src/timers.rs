//! Timers: work in slices. What a slice does and where the timer stands afterwards are one commit.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use app::ctx::Bodies;
use app::delivery::Recovery;
use app::notice::Notice;
use app::withdrawal::Withdrawal;
use domain::delivery::Cause;
use domain::effects::{Effects, Shown, TimerKind, TimerMove};
use domain::feed::FeedEffect;
use domain::id::{DestinationId, EventId, Prefixed};
use domain::notification::Audience;
use domain::publish::{self, Expansion, Reach, Settling};
use futures_util::{FutureExt, StreamExt};
use store::Page;
use store::event::Visible;
use store::timer::Timer;

use crate::Result;
use crate::run::Engine;
use crate::unsure::Leased;

/// Timers claimed at once.
const TOGETHER: i64 = 64;
/// Timers fired side by side.
const AT_ONCE: usize = 16;
/// Feeds written in one commit, and rows looked at for one: what one turn among the writers may take.
const SLICE: i64 = 200;

impl Engine {
    /// Fires every timer that is due.
    pub(crate) async fn fire_timers(self: &Arc<Self>) -> Result<()> {
        let unfired = std::mem::take(&mut *self.unfired.lock());
        for timer in unfired {
            self.postpone_or_keep(timer).await;
        }
        while self.may_claim() && !self.stopping.is_cancelled() {
            let mut tx = self.ctx.store.write_all().await?;
            let timers = store::timer::claim(&mut tx, self.turn(), TOGETHER, self.ctx.now()).await?;
            if let Err(error) = tx.commit().await {
                self.doubt(timers.into_iter().map(Leased::Timer));
                return Err(error.into());
            }
            if timers.is_empty() {
                let mut reader = self.ctx.store.read_all().await?;
                if let Some(next) = store::timer::next_due(&mut reader, self.ctx.now()).await? {
                    self.wake_at(next, |engine| &engine.fire);
                }
                return Ok(());
            }
            // Side by side: what they commit goes in groups.
            futures_util::stream::iter(timers)
                .for_each_concurrent(AT_ONCE, |timer| self.fire_or_postpone(timer))
                .await;
        }
        Ok(())
    }

    async fn fire_or_postpone(self: &Arc<Self>, timer: Timer) {
        // A panic is a defect, but no reason for a timer to stay leased to a process that has forgotten it.
        let fired = AssertUnwindSafe(self.fire_timer(&timer)).catch_unwind().await;
        let panicked = |_| Err(app::Error::Internal("it panicked".to_owned()));
        self.ended(timer, fired.unwrap_or_else(panicked)).await;
    }

    /// Lets a timer fire again that could not do what it is for.
    pub(crate) async fn ended(&self, timer: Timer, fired: Result<()>) {
        let Err(why) = fired else { return };
        let why = why.to_string();
        tracing::warn!(error = why, timer = %timer.id, subject = %timer.subject, "a timer failed; it fires again");
        self.postpone_or_keep(timer).await;
    }

    async fn fire_timer(self: &Arc<Self>, timer: &Timer) -> Result<()> {
        match timer.kind {
            TimerKind::Expand => self.expand(timer, read(timer)?).await,
            TimerKind::Settle => self.settle(timer, read(timer)?).await,
            TimerKind::Recover => self.recover(timer, read(timer)?).await,
            TimerKind::Withdraw => self.withdraw(timer, read(timer)?).await,
            TimerKind::Start => self.start_workflow(timer, read(timer)?).await,
            TimerKind::Run => self.wake(timer, read(timer)?).await,
            TimerKind::Close => self.close_batch(timer, read(timer)?).await,
            TimerKind::Fetch => self.fetch(timer, read(timer)?).await,
            TimerKind::Wake => self.wake_waiting(timer, read(timer)?).await,
            TimerKind::Notice => self.send_notice(timer, read(timer)?).await,
        }
    }

    /// Sends a mail of the server. One that was sent and not noted goes again: better two links than none.
    async fn send_notice(&self, timer: &Timer, notice: Notice) -> Result<()> {
        let next = self.ctx.send_notice(timer.env, notice).await?;
        let mut tx = self.ctx.store.write(timer.env).await?;
        let next = next.as_ref().map(|(state, due_at)| (state.as_str(), *due_at));
        store::timer::advance(&mut tx, timer, next).await?;
        Ok(tx.commit().await?)
    }

    /// Lets a timer that failed fire again; where even that cannot be written, the next pass tries.
    async fn postpone_or_keep(&self, timer: Timer) {
        if let Err(error) = self.postpone(&timer).await {
            tracing::warn!(%error, timer = %timer.id, "a timer could not be postponed yet");
            self.unfired.lock().push(timer);
        }
    }

    /// Lets a timer that failed fire again in a while, as it stands. `false` when it is not leased like this.
    pub(crate) async fn postpone(&self, timer: &Timer) -> Result<bool> {
        self.fire_again(timer, &timer.state, self.ctx.now() + 1_000).await
    }

    /// Lets a timer fire again then, as it stands.
    pub(crate) async fn wait_until(&self, timer: &Timer, due_at: i64) -> Result<()> {
        self.fire_again(timer, &timer.state, due_at).await.map(drop)
    }

    /// Lets a timer fire again then, in this state. `false` when it is not leased like this.
    pub(crate) async fn fire_again(&self, timer: &Timer, state: &str, due_at: i64) -> Result<bool> {
        let mut tx = self.ctx.store.write(timer.env).await?;
        let was_leased = store::timer::advance(&mut tx, timer, Some((state, due_at))).await?;
        tx.commit().await?;
        Ok(was_leased)
    }

    /// Commits a slice together with the timer's move. A lost lease or a stale plan writes nothing: the timer fires again.
    pub(crate) async fn commit(
        &self,
        timer: &Timer,
        mut effects: Effects,
        next: Option<String>,
    ) -> Result<()> {
        let now = self.ctx.now();
        effects.fired = Some(TimerMove {
            id: timer.id,
            lease: timer.lease,
            next: next.map(|state| (state, now)),
        });
        let (bodies, uses) = (Bodies::of_plan(&effects), effects.uses.clone());
        match self.ctx.commit(effects, bodies).await? {
            domain::effects::Receipt::Stale => {
                let parts: Vec<_> = uses.iter().map(|uses| uses.part).collect();
                self.ctx.forget(timer.env, &parts).await;
                // At once: what it read moved on because somebody else came first, who is done.
                self.wait_until(timer, self.ctx.now()).await
            }
            _ => Ok(()),
        }
    }

    /// Brings a notification to the next slice of its audience.
    async fn expand(&self, timer: &Timer, mut state: Expansion) -> Result<()> {
        let env = timer.env;
        let mut reader = self.ctx.store.read(env).await?;
        let found = store::notification::get(&mut reader, env, state.notification).await?;
        let own = match &found {
            Some(found) => self.ctx.app(env, found.app).await?,
            None => None,
        };
        let (Some(content), Some(own)) = (found, own) else {
            return self.commit(timer, Effects::new(env, self.ctx.now()), None).await;
        };
        let page = Page {
            limit: SLICE,
            after: state.after.clone(),
        };
        let users = match &state.audience {
            Audience::Users(users) => {
                let after = page.after.as_deref().unwrap_or("");
                users
                    .iter()
                    .filter(|user| user.as_str() > after)
                    .take(SLICE.unsigned_abs() as usize)
                    .cloned()
                    .collect()
            }
            Audience::Tenant { tenant, role } => {
                let roles: Vec<_> = role.iter().map(|role| role.as_str()).collect();
                let members = store::tenant::members(&mut reader, env, tenant, &roles, &page).await?;
                members
                    .into_iter()
                    .map(|member| member.user_id)
                    .collect::<Vec<_>>()
            }
            Audience::Topic(topic) => store::topic::subscribers(&mut reader, env, topic, &page).await?,
        };
        let more = users.len() as u64 >= SLICE.unsigned_abs();
        let installed = self
            .ctx
            .environment(env)
            .await?
            .settings
            .require_installation
            .then_some(content.app.bare());
        let reachable = store::user::reachable(&mut reader, env, &users, installed).await?;
        drop(reader);
        let mut ids = self.ctx.ids();
        let mut effects = Effects::new(env, ids.now());
        state.reached += reachable.len() as u64;
        state.after = users.into_iter().next_back();
        // One that is over before it arrived anywhere is brought to nobody.
        if content.expires_at.is_none_or(|at| at > ids.now()) {
            effects.feed = reachable
                .into_iter()
                .map(|user| publish::arrive(&content, user, &mut ids))
                .collect();
        }
        effects.shown.push(Shown {
            content: Arc::new(content),
            new: false,
            app: own.label(),
        });
        self.commit(
            timer,
            effects,
            more.then(|| serde_json::to_string(&state).unwrap_or_default()),
        )
        .await
    }

    /// Rewrites the next slice of states below a "mark all read", telling their applications.
    async fn settle(&self, timer: &Timer, state: Settling) -> Result<()> {
        let env = timer.env;
        let mut reader = self.ctx.store.read(env).await?;
        let Some(mark) = store::feed::unsettled(&mut reader, env, &state.user).await? else {
            return self.commit(timer, Effects::new(env, self.ctx.now()), None).await;
        };
        // Another timer of this user may have come to the end of the mark this one was at.
        let after = if state.mark == mark.seq { state.after } else { 0 };
        let items = store::feed::below(&mut reader, env, &state.user, after, &mark, SLICE).await?;
        drop(reader);
        let more = items.len() as u64 >= SLICE.unsigned_abs();
        let after = items.last().map_or(0, |item| item.seq);
        let mut ids = self.ctx.ids();
        let mut effects = Effects::new(env, ids.now());
        for item in items.iter().filter(|item| item.times.read_at.is_some()) {
            let own = self.ctx.app(env, item.notification.app).await?;
            let reach = Reach {
                own: own.as_ref().map_or(&[], |own| &own.subscriptions),
                ..Reach::default()
            };
            if let Some(own) = &own
                && !effects.uses.contains(&own.uses())
            {
                effects.uses.push(own.uses());
            }
            let known = store::feed::known(item, &store::feed::Head::default());
            publish::settle(env, &state.user, &known, reach, &mut ids, &mut effects);
        }
        if !more {
            effects.feed.push(FeedEffect::Settled {
                user: state.user.clone(),
                mark: mark.seq,
            });
        }
        // Another mark may wait behind this one: the timer ends only when it finds none.
        let next = Settling {
            mark: mark.seq,
            after,
            ..state
        };
        self.commit(
            timer,
            effects,
            Some(serde_json::to_string(&next).unwrap_or_default()),
        )
        .await
    }

    /// Delivers again the next slice of what an endpoint missed.
    async fn recover(&self, timer: &Timer, mut state: Recovery) -> Result<()> {
        let env = timer.env;
        let own = self.ctx.app(env, state.app).await?;
        let subscription = own.as_ref().and_then(|own| {
            own.subscriptions
                .iter()
                .find(|subscription| subscription.id == state.endpoint)
        });
        let (Some(own), Some(subscription)) = (&own, subscription) else {
            return self.commit(timer, Effects::new(env, self.ctx.now()), None).await;
        };
        let visible = Visible {
            app: Some(state.app),
            tenant: own.app.tenant.clone(),
            platform: own.app.tenant.is_none(),
        };
        let mut reader = self.ctx.store.read(env).await?;
        let events =
            store::event::published(&mut reader, env, &visible, &state.after, &state.until, SLICE).await?;
        let wanted: Vec<EventId> = events
            .iter()
            .filter(|event| subscription.wants(event))
            .map(|event| event.id)
            .collect();
        let unsent = store::delivery::unsent(&mut reader, env, state.endpoint, &wanted).await?;
        drop(reader);
        let mut ids = self.ctx.ids();
        let mut effects = Effects::new(env, ids.now());
        effects.uses.push(own.uses());
        for event in events.iter().filter(|event| unsent.contains(&event.id)) {
            effects.deliveries.push(publish::to_endpoint(
                event,
                subscription,
                Cause::Recovered,
                &mut ids,
            ));
        }
        state.delivered += effects.deliveries.len() as u64;
        let more = events.len() as u64 >= SLICE.unsigned_abs();
        if let Some(last) = events.last() {
            state.after = last.id.bare().to_owned();
        }
        self.commit(
            timer,
            effects,
            more.then(|| serde_json::to_string(&state).unwrap_or_default()),
        )
        .await
    }

    /// Withdraws the next slice of what waits for an endpoint that takes no more, telling its application first.
    async fn withdraw(&self, timer: &Timer, mut state: Withdrawal) -> Result<()> {
        let env = timer.env;
        if let Some(told) = state.tell.take() {
            let mut ids = self.ctx.ids();
            let event = publish::own_event(
                (env, told.app),
                &told.kind,
                None,
                Vec::new(),
                &told.data,
                &mut ids,
            );
            let own = self.ctx.app(env, told.app).await?;
            let reach = Reach {
                own: own.as_ref().map_or(&[], |own| &own.subscriptions),
                ..Reach::default()
            };
            let uses = own.iter().map(|own| own.uses()).collect();
            let effects = publish::event(event, reach, uses, &mut ids);
            return self
                .commit(
                    timer,
                    effects,
                    Some(serde_json::to_string(&state).unwrap_or_default()),
                )
                .await;
        }
        let now = self.ctx.now();
        let mut tx = self.ctx.store.write(env).await?;
        // Enabled again meanwhile: what waits for it now is meant for it.
        let (endpoint, ended) = (DestinationId::of(&state.endpoint), state.ended);
        if state.config.is_none() && store::endpoint::takes_deliveries(&mut tx, endpoint).await? {
            return advance(tx, timer, None).await;
        }
        let place = (endpoint, state.config);
        let gone = store::delivery::withdraw(&mut tx, place, ended, &state.reason, SLICE, now).await?;
        if state.config.is_some() {
            // What is left is that of others; what comes yet ends when it is claimed.
            return advance(tx, timer, (gone > 0).then_some((timer.state.as_str(), now))).await;
        }
        // What somebody else is withdrawing may still be given up.
        let open = store::delivery::environment(&mut tx, endpoint).await?.is_some();
        let at = if gone > 0 { now } else { now + 1_000 };
        advance(tx, timer, open.then_some((timer.state.as_str(), at))).await
    }
}

/// Ends a slice together with the timer's move; where its lease is lost, nothing of it is written.
async fn advance(mut tx: store::Tx, timer: &Timer, next: Option<(&str, i64)>) -> Result<()> {
    if store::timer::advance(&mut tx, timer, next).await? {
        Ok(tx.commit().await?)
    } else {
        Ok(tx.rollback().await?)
    }
}

fn read<T: serde::de::DeserializeOwned>(timer: &Timer) -> Result<T> {
    serde_json::from_str(&timer.state).map_err(|error| {
        app::Error::Internal(format!("the state of timer {} cannot be read: {error}", timer.id))
    })
}
