//! Steps that reach people: may a message go now, and where.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::channel::Channel;
use crate::delivery::{Cause, NewDelivery};
use crate::id::{DestinationId, RunId};
use crate::message::NewMessage;
use crate::notification::Notification;
use crate::run::{Demand, Join, RunState, RunStatus, StepLog, StepOutcome};
use crate::workflow::spec::{InApp, Step};

use super::told::{Leave, Leaving, Rendered, Way};
use super::{Held, MISMATCH, Walk, grouped};

/// Why nothing is sent to an address that gave everything back.
const SUPPRESSED: &str = "suppressed";

impl Walk<'_, '_> {
    /// What preferences and quiet hours say. `Err` tells whether the walk goes on.
    pub(super) fn leave(&mut self, step: &Step, channel: Channel) -> Result<(), bool> {
        let now = self.ids.now();
        let leaving = Leaving {
            channel,
            gathered: self.was(step, StepOutcome::Batched),
            asked_at: self.out.state.asked_at.unwrap_or(now),
            known: &self.context,
            now,
        };
        let leave = self.facts.told.leave(&leaving);
        let is_part = !self.facts.run.part.is_empty();
        match leave {
            Leave::Send => Ok(()),
            Leave::Skip(why) if channel == Channel::InApp => Err(self.skip(step, why)),
            Leave::Skip(why) => Err(self.withhold(step, channel, why)),
            Leave::Hold(until, why) if is_part => Err(self.wait(step, until, Some(why))),
            Leave::Hold(until, why) => Err(self.hold(step, until, why, None)),
            Leave::Gather(until, why) => {
                let join = self.held_join(step, until);
                if !is_part {
                    return Err(self.hold(step, until, why, Some(join)));
                }
                self.note(step, StepOutcome::Batched, Some(why)).until = Some(until);
                self.out.joins.push(join);
                self.out.ended = Some(RunStatus::Batched);
                Err(false)
            }
        }
    }

    /// Lets a step that is held up go on by itself: what follows it does not wait for it.
    fn hold(&mut self, step: &Step, until: i64, why: Value, join: Option<Join>) -> bool {
        let run: RunId = self.ids.fresh();
        let timer = if join.is_none() {
            Some(self.timer(run, until))
        } else {
            None
        };
        let mut state = RunState {
            at: self.out.state.at,
            asked_at: Some(self.ids.now()),
            depth: self.out.state.depth,
            found: self.out.state.found.clone(),
            // Its texts and conditions may ask for what came before it.
            log: self.out.state.log.clone(),
        };
        let outcome = if join.is_some() {
            StepOutcome::Batched
        } else {
            StepOutcome::Waiting
        };
        let noted = self.note(step, StepOutcome::Held, Some(why));
        (noted.until, noted.run) = (Some(until), Some(run));
        state.log.push(StepLog {
            outcome,
            run: None,
            ..noted.clone()
        });
        self.out.held.push(Held {
            run,
            part: step.name.clone(),
            state,
            join,
            timer,
        });
        self.next()
    }

    /// What a step's held messages are gathered in.
    fn held_join(&mut self, step: &Step, until: i64) -> Join {
        Join {
            group: grouped("held", step, self.facts.run, ""),
            demands: Demand::Nothing,
            opens: self.ids.fresh(),
            timer: self.ids.fresh(),
            closes_at: until,
            slides: None,
            close_at: None,
        }
    }

    pub(super) fn in_app(&mut self, step: &Step, in_app: &InApp) -> bool {
        if let Err(goes_on) = self.leave(step, Channel::InApp) {
            return goes_on;
        }
        let rendered = match self.facts.told.render(step, &self.context) {
            Ok(rendered) => rendered,
            Err(why) => return self.fail(step, &why),
        };
        let Rendered::InApp {
            title,
            body,
            link,
            actions,
            metadata,
        } = rendered
        else {
            return self.fail(step, MISMATCH);
        };
        let (facts, now) = (self.facts, self.ids.now());
        let event = in_app
            .event
            .clone()
            .unwrap_or_else(|| facts.event.kind.to_string());
        let notification = Notification {
            id: self.ids.fresh(),
            env: facts.run.env,
            app: facts.event.app,
            tenant: facts.run.tenant.clone(),
            event: Some(event),
            event_id: Some(facts.event.id),
            title: cut(&title, facts.limits.title),
            body: body.map(|body| cut(&body, facts.limits.body)),
            link: link.filter(|link| link.chars().count() <= facts.limits.link),
            actions: actions.map(Arc::from),
            priority: in_app.priority,
            metadata: metadata.map(Arc::from),
            external_id: None,
            expires_at: in_app.expires_in.map(|span| now.saturating_add(span.ms())),
            created_at: now,
        };
        let id = notification.id;
        self.out.notifications.push(notification);
        self.note(step, StepOutcome::Done, None).notification = Some(id);
        self.next()
    }

    pub(super) fn message(&mut self, step: &Step, channel: Channel) -> bool {
        let mut targets = match self.facts.told.way(channel) {
            Way::Open(targets) => targets,
            Way::Closed(reason) => return self.withhold(step, channel, json!({"reason": reason})),
        };
        if let Err(goes_on) = self.leave(step, channel) {
            return goes_on;
        }
        let (to, content) = match self.facts.told.render(step, &self.context) {
            Ok(Rendered::Message { to, content }) => (to, content),
            Ok(_) => return self.fail(step, MISMATCH),
            Err(why) => return self.fail(step, &why),
        };
        if to.is_some() {
            targets.truncate(1);
        }
        let (mut sent, mut suppressed) = (Vec::new(), Vec::new());
        for target in targets {
            let to = to.clone().or(target.address);
            if to.is_none() && channel.has_addresses() {
                continue;
            }
            let is_suppressed = |to: &String| self.facts.told.is_suppressed(channel, to);
            if to.as_ref().is_some_and(is_suppressed) {
                suppressed.push(self.withheld(step, channel, to, SUPPRESSED));
                continue;
            }
            let mut content = content.clone();
            if let Some(to) = &to {
                content["to"] = json!(to);
            }
            let message = NewMessage {
                config: target.config,
                ..self.new_message(step, channel, to, content.to_string())
            };
            sent.push(self.deliver(target.destination, message, None));
        }
        if sent.is_empty() && suppressed.is_empty() {
            return self.withhold(step, channel, json!({"reason": "no_address"}));
        }
        let (outcome, why) = if sent.is_empty() {
            (StepOutcome::Skipped, Some(json!({"reason": SUPPRESSED})))
        } else {
            (StepOutcome::Done, None)
        };
        sent.extend(suppressed);
        self.note(step, outcome, why).deliveries = sent;
        self.next()
    }

    /// Does not send, and keeps why in a delivery of its own.
    fn withhold(&mut self, step: &Step, channel: Channel, why: Value) -> bool {
        let reason = why["reason"].as_str().unwrap_or("skipped").to_owned();
        let delivery = self.withheld(step, channel, None, &reason);
        self.note(step, StepOutcome::Skipped, Some(why))
            .deliveries
            .push(delivery);
        self.next()
    }

    /// A delivery that is not sent, for this reason.
    fn withheld(
        &mut self,
        step: &Step,
        channel: Channel,
        to: Option<String>,
        reason: &str,
    ) -> crate::id::DeliveryId {
        let message = self.new_message(step, channel, to, String::new());
        // Nothing waits for it, so it needs no destination that exists.
        let nowhere = DestinationId::of(&self.facts.run.id);
        self.deliver(nowhere, message, Some(reason.to_owned()))
    }

    fn new_message(
        &self,
        step: &Step,
        channel: Channel,
        recipient: Option<String>,
        content: String,
    ) -> NewMessage {
        let run = self.facts.run;
        NewMessage {
            channel,
            run: run.id,
            workflow: Arc::clone(&run.workflow),
            step: Arc::from(step.name.as_str()),
            user: Some(run.user.clone()).filter(|user| !user.is_empty()),
            tenant: run.tenant.clone(),
            recipient,
            config: None,
            content: Arc::from(content),
        }
    }

    fn deliver(
        &mut self,
        destination: DestinationId,
        message: NewMessage,
        skipped: Option<String>,
    ) -> crate::id::DeliveryId {
        let id = self.ids.fresh();
        self.out.deliveries.push(NewDelivery {
            id,
            env: self.facts.run.env,
            app: self.facts.event.app,
            destination,
            event: self.facts.event.id,
            cause: Cause::Published,
            message: Some(Box::new(message)),
            skipped,
            lease: None,
            created_at: self.ids.now(),
        });
        id
    }
}

/// A text of at most so many characters; a longer one ends in an ellipsis.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}
