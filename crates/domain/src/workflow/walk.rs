//! The walk: from a place in a program on, as far as it goes now.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::name_of;
use super::program::{Op, Program};
use super::spec::{Batch, Branch, Delay, Does, FetchMethod, InApp, Limit, Step, Trigger, Webhook};
use super::start::{Recipient, Start, select};
use crate::channel::Channel;
use crate::delivery::{Cause, NewDelivery};
use crate::effects::{NewTimer, Tally, TimerKind};
use crate::environment::TextLimits;
use crate::event::Event;
use crate::id::{ConfigId, DestinationId, EventId, Ids, RunId};
use crate::message::NewMessage;
use crate::notification::Notification;
use crate::path::Path;
use crate::run::{Demand, Join, NewRun, RunState, RunStatus, StepLog, StepOutcome};

/// Steps one walk takes at most: branches cannot lead back, so this only bounds what a program may be.
const MOST_STEPS: usize = 1_000;
/// Workflows that trigger each other, one behind the other: a circle ends here.
const MOST_DEPTH: u32 = 8;
/// A defect of ours: what a step does and how it is rendered are one thing.
const MISMATCH: &str = "it was rendered as something else";

/// A step's texts, rendered.
#[derive(Debug, Clone, PartialEq)]
pub enum Rendered {
    /// A notification's.
    InApp {
        /// Title.
        title: String,
        /// Body.
        body: Option<String>,
        /// Where a click leads.
        link: Option<String>,
        /// Buttons, as JSON.
        actions: Option<String>,
        /// Metadata, as JSON.
        metadata: Option<String>,
    },
    /// A message's.
    Message {
        /// The address, where the step names one of its own.
        to: Option<String>,
        /// The content as its channel reads it, all but the address.
        content: Value,
    },
    /// An event's data.
    Data(Value),
    /// A request.
    Request(Asked),
}

/// A request as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Where it goes.
    pub url: String,
    /// How.
    pub method: FetchMethod,
    /// With these headers.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// With this body.
    #[serde(default)]
    pub body: Option<String>,
    /// How long an answer is waited for, milliseconds.
    pub timeout: i64,
}

/// What the timer of a fetch remembers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fetching {
    /// The run that waits for it.
    pub run: RunId,
    /// The step that asks.
    pub step: String,
    /// Attempts so far.
    #[serde(default)]
    pub attempts: u32,
    /// What is asked.
    pub asked: Asked,
}

/// Where a channel leads for a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// To these.
    Open(Vec<Target>),
    /// Nowhere, for this reason.
    Closed(&'static str),
}

/// One place a channel leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Whose lane carries it.
    pub destination: DestinationId,
    /// The address there; `None` where the recipient has none.
    pub address: Option<String>,
    /// The tenant's config that names it.
    pub config: Option<ConfigId>,
}

/// What preferences and quiet hours say of a message now.
#[derive(Debug, Clone, PartialEq)]
pub enum Leave {
    /// It may go.
    Send,
    /// It is not sent, for this reason.
    Skip(Value),
    /// It waits until then, milliseconds since the Unix epoch, for this reason.
    Hold(i64, Value),
    /// It is gathered with others, until then if it is the first of them, for this reason.
    Gather(i64, Value),
}

/// What preferences are asked about a message.
#[derive(Debug, Clone, Copy)]
pub struct Leaving<'a> {
    /// The channel it goes through.
    pub channel: Channel,
    /// Whether it stands for what was held up already.
    pub gathered: bool,
    /// When it was first asked for, milliseconds since the Unix epoch.
    pub asked_at: i64,
    /// What conditions see.
    pub known: &'a Value,
    /// Milliseconds since the Unix epoch.
    pub now: i64,
}

/// What a walk is told by those who know: templates, channels, preferences.
pub trait Told {
    /// Renders a step's texts.
    fn render(&self, step: &Step, context: &Value) -> Result<Rendered, String>;
    /// Where a channel leads. Channels of many have no address but their destination.
    fn way(&self, channel: Channel) -> Way;
    /// Whether a message may go now.
    fn leave(&self, leaving: &Leaving<'_>) -> Leave;
    /// An event of this type as the environment knows it, in the name of the run's application and tenant.
    fn event(&self, kind: &str, data: Value, id: EventId) -> Result<Event, String>;
    /// The event that triggers another workflow, and the version of that one that is current.
    fn trigger(&self, workflow: &str, data: Value, id: EventId) -> Result<(Event, i64), String>;
}

/// Everything a walk must know.
#[expect(missing_debug_implementations, reason = "who is asked has no form to show")]
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The run.
    pub run: &'a NewRun,
    /// Its workflow's steps.
    pub program: &'a Program,
    /// The event it follows from.
    pub event: &'a Event,
    /// What conditions and templates see: `data`, `recipient`, `tenant`, `actor`, `event`, and in a batch `activities`.
    pub context: &'a Value,
    /// The recipient's time zone.
    pub zone: &'a str,
    /// Longest texts of a notification.
    pub limits: TextLimits,
    /// Of the groups whose first activity goes on at once, those with an open batch.
    pub open: &'a HashSet<String>,
    /// What throttles have counted, by what they count.
    pub tallies: &'a HashMap<String, String>,
    /// Who is asked.
    pub told: &'a dyn Told,
}

/// Where a walk led.
#[derive(Debug, Default)]
pub struct Walked {
    /// What the run remembers.
    pub state: RunState,
    /// Whether it ended; `None` while it waits.
    pub ended: Option<RunStatus>,
    /// Notifications that arrive in the recipient's feed.
    pub notifications: Vec<Notification>,
    /// Deliveries.
    pub deliveries: Vec<NewDelivery>,
    /// The batch its activity goes into.
    pub join: Option<Join>,
    /// When it goes on.
    pub timer: Option<NewTimer>,
    /// Steps that are held up and go on by themselves.
    pub held: Vec<Held>,
    /// Counts that move on.
    pub tallies: Vec<Tally>,
    /// Events for those who subscribed to them.
    pub published: Vec<Event>,
    /// Events that trigger other workflows.
    pub triggered: Vec<Event>,
    /// The starts of those.
    pub starts: Vec<NewTimer>,
}

/// A step that is held up: it goes on as a run of its own, which takes this step alone.
#[derive(Debug)]
pub struct Held {
    /// That run's id.
    pub run: RunId,
    /// The step's name.
    pub part: String,
    /// What the run remembers.
    pub state: RunState,
    /// The batch its activity goes into, where it is gathered with others.
    pub join: Option<Join>,
    /// When it goes on, where it is not.
    pub timer: Option<NewTimer>,
}

/// Takes steps from where the run stands until it ends or waits.
pub fn walk(facts: &Facts<'_>, state: RunState, ids: &mut Ids) -> Walked {
    let mut walk = Walk {
        facts,
        context: facts.context.clone(),
        out: Walked {
            state,
            ..Walked::default()
        },
        ids,
    };
    walk.recall();
    for _ in 0..MOST_STEPS {
        let at = walk.out.state.at;
        let goes_on = match facts.program.op(at) {
            None => break,
            Some(Op::Jump(to)) => {
                walk.out.state.at = *to;
                true
            }
            Some(Op::Branch(step, ways)) => walk.branch(step, ways),
            Some(Op::Do(step)) => walk.step(step),
        };
        if !goes_on {
            return walk.out;
        }
        if !facts.run.part.is_empty() {
            break;
        }
    }
    walk.out.ended = Some(RunStatus::Completed);
    walk.out
}

struct Walk<'a, 'b> {
    facts: &'b Facts<'a>,
    context: Value,
    out: Walked,
    ids: &'b mut Ids,
}

impl Walk<'_, '_> {
    /// Lets conditions see what earlier steps became.
    fn recall(&mut self) {
        self.context["run"] = json!({"id": self.facts.run.id, "workflow": &*self.facts.run.workflow});
        self.context["steps"] = json!({});
        for entry in &self.out.state.log {
            self.context["steps"][entry.step.as_str()] = seen(entry);
        }
        self.context["found"] = json!(self.out.state.found);
    }

    fn note(&mut self, step: &Step, outcome: StepOutcome, why: Option<Value>) -> &mut StepLog {
        let entry = StepLog {
            step: step.name.clone(),
            does: step.does.word().to_owned(),
            at: self.ids.now(),
            outcome,
            why,
            deliveries: Vec::new(),
            notification: None,
            run: None,
            until: None,
        };
        self.context["steps"][step.name.as_str()] = seen(&entry);
        let log = &mut self.out.state.log;
        log.push(entry);
        let last = log.len() - 1;
        &mut log[last]
    }

    /// Leaves a step behind; `true`, so that the walk goes on.
    fn next(&mut self) -> bool {
        self.out.state.at += 1;
        true
    }

    fn skip(&mut self, step: &Step, why: Value) -> bool {
        self.note(step, StepOutcome::Skipped, Some(why));
        self.next()
    }

    fn fail(&mut self, step: &Step, why: &str) -> bool {
        self.note(
            step,
            StepOutcome::Failed,
            Some(json!({"reason": "failed", "error": why})),
        );
        self.next()
    }

    /// Takes a step; `false` when the run waits there.
    fn step(&mut self, step: &Step) -> bool {
        if let Some(condition) = &step.condition {
            let found = condition.evaluate(&self.context, self.ids.now());
            if !found.holds {
                return self.skip(step, json!({"reason": "condition", "because": found.because}));
            }
        }
        match &step.does {
            Does::InApp(in_app) => self.in_app(step, in_app),
            Does::Email(_) => self.message(step, Channel::Email),
            Does::Slack(_) => self.message(step, Channel::Slack),
            Does::Teams(_) => self.message(step, Channel::Teams),
            Does::Batch(batch) => self.batch(step, batch),
            Does::Delay(delay) => self.delay(step, delay),
            Does::Throttle(limit) => self.throttle(step, limit),
            Does::Branch(_) => self.next(),
            Does::Webhook(webhook) => self.webhook(step, webhook),
            Does::Trigger(trigger) => self.trigger(step, trigger),
            Does::Fetch(_) => self.fetch(step),
        }
    }

    /// The data a step makes; that of the run's own event, where it says none.
    fn data(&self, step: &Step, said: Option<&Value>) -> Result<Value, String> {
        if said.is_none() {
            return Ok(self.context["data"].clone());
        }
        match self.facts.told.render(step, &self.context)? {
            Rendered::Data(data) => Ok(data),
            _ => Err(MISMATCH.to_owned()),
        }
    }

    fn webhook(&mut self, step: &Step, webhook: &Webhook) -> bool {
        let id = self.ids.fresh();
        let data = self.data(step, webhook.data.as_ref());
        match data.and_then(|data| self.facts.told.event(&webhook.event, data, id)) {
            Ok(event) => {
                self.out.published.push(event);
                self.note(step, StepOutcome::Done, Some(json!({"event": id})));
                self.next()
            }
            Err(why) => self.fail(step, &why),
        }
    }

    fn trigger(&mut self, step: &Step, trigger: &Trigger) -> bool {
        let depth = self.out.state.depth + 1;
        if depth > MOST_DEPTH {
            let why = format!("workflows trigger each other at most {MOST_DEPTH} deep");
            return self.fail(step, &why);
        }
        let id = self.ids.fresh();
        let data = self.data(step, trigger.data.as_ref());
        let (event, version) =
            match data.and_then(|data| self.facts.told.trigger(&trigger.workflow, data, id)) {
                Ok(made) => made,
                Err(why) => return self.fail(step, &why),
            };
        let run = self.facts.run;
        let own = || vec![Recipient::User(run.user.clone())];
        let recipients = match select(&trigger.recipients, &self.context) {
            named if !named.is_empty() => Some(named),
            _ => (trigger.recipients.is_empty() && !run.user.is_empty()).then(own),
        };
        let start = Start {
            recipients,
            actor: run.actor.clone(),
            cancellation_key: run.cancellation_key.clone(),
            depth,
            ..Start::of(trigger.workflow.clone(), version, id)
        };
        self.out.triggered.push(event);
        self.out.starts.push(start.timer(self.ids));
        self.note(step, StepOutcome::Done, Some(json!({"event": id})));
        self.next()
    }

    /// Asks, and waits for the answer; goes on when it is there.
    fn fetch(&mut self, step: &Step) -> bool {
        if let Some(found) = self.out.state.found.get(&step.name) {
            let status = found["status"].as_i64();
            let is_good = status.is_some_and(|status| (200..300).contains(&status));
            let why = match found["error"].as_str() {
                Some(error) => json!({"reason": "failed", "error": error}),
                None => json!({"status": status}),
            };
            let outcome = if is_good {
                StepOutcome::Done
            } else {
                StepOutcome::Failed
            };
            self.note(step, outcome, Some(why));
            return self.next();
        }
        if self.was(step, StepOutcome::Waiting) {
            // Woken by something else: its own timer brings the answer.
            return false;
        }
        let asked = match self.facts.told.render(step, &self.context) {
            Ok(Rendered::Request(asked)) => asked,
            Ok(_) => return self.fail(step, MISMATCH),
            Err(why) => return self.fail(step, &why),
        };
        let state = Fetching {
            run: self.facts.run.id,
            step: step.name.clone(),
            attempts: 0,
            asked,
        };
        self.note(step, StepOutcome::Waiting, None);
        self.out.timer = Some(NewTimer {
            id: self.ids.fresh(),
            kind: TimerKind::Fetch,
            subject: self.facts.run.id.to_string(),
            state: serde_json::to_string(&state).unwrap_or_default(),
            due_at: self.ids.now(),
        });
        false
    }

    fn branch(&mut self, step: &Step, ways: &[usize]) -> bool {
        let Does::Branch(Branch { arms, .. }) = &step.does else {
            return self.next();
        };
        let now = self.ids.now();
        let held = step
            .condition
            .as_ref()
            .is_none_or(|condition| condition.evaluate(&self.context, now).holds);
        let taken = arms
            .iter()
            .position(|arm| held && arm.condition.evaluate(&self.context, now).holds);
        let way = taken.map_or_else(|| json!("otherwise"), |arm| json!(arm));
        self.note(step, StepOutcome::Done, Some(json!({"way": way})));
        self.out.state.at = ways[taken.unwrap_or(arms.len())];
        true
    }

    /// What preferences and quiet hours say. `Err` tells whether the walk goes on.
    fn leave(&mut self, step: &Step, channel: Channel) -> Result<(), bool> {
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
                self.out.join = Some(join);
                self.out.ended = Some(RunStatus::Batched);
                Err(false)
            }
        }
    }

    /// Waits until then, at this step.
    fn wait(&mut self, step: &Step, until: i64, why: Option<Value>) -> bool {
        self.note(step, StepOutcome::Waiting, why).until = Some(until);
        self.out.timer = Some(self.timer(self.facts.run.id, until));
        false
    }

    /// The timer that lets a run go on.
    fn timer(&mut self, run: RunId, until: i64) -> NewTimer {
        NewTimer {
            id: self.ids.fresh(),
            kind: TimerKind::Run,
            subject: run.to_string(),
            state: json!({"run": run}).to_string(),
            due_at: until,
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
            log: Vec::new(),
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

    fn in_app(&mut self, step: &Step, in_app: &InApp) -> bool {
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

    fn message(&mut self, step: &Step, channel: Channel) -> bool {
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
        let mut sent = Vec::new();
        for target in targets {
            let to = to.clone().or(target.address);
            if to.is_none() && channel.has_addresses() {
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
        if sent.is_empty() {
            return self.withhold(step, channel, json!({"reason": "no_address"}));
        }
        self.note(step, StepOutcome::Done, None).deliveries = sent;
        self.next()
    }

    /// Does not send, and keeps why in a delivery of its own.
    fn withhold(&mut self, step: &Step, channel: Channel, why: Value) -> bool {
        let message = self.new_message(step, channel, None, String::new());
        // Nothing waits for it, so it needs no destination that exists.
        let nowhere = DestinationId::of(&self.facts.run.id);
        let reason = why["reason"].as_str().unwrap_or("skipped").to_owned();
        let delivery = self.deliver(nowhere, message, Some(reason));
        self.note(step, StepOutcome::Skipped, Some(why))
            .deliveries
            .push(delivery);
        self.next()
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

    fn delay(&mut self, step: &Step, delay: &Delay) -> bool {
        let now = self.ids.now();
        if let Some(until) = self.waits_until(step) {
            // Woken before its time by something else: its own timer comes yet.
            if until > now {
                return false;
            }
            self.note(step, StepOutcome::Done, None);
            return self.next();
        }
        let until = match (&delay.span, &delay.until_from) {
            (Some(span), _) => Some(now.saturating_add(span.ms())),
            (None, Some(path)) => path
                .get(&self.context)
                .and_then(Value::as_str)
                .and_then(crate::time::parse_rfc3339),
            (None, None) => None,
        };
        match until.filter(|until| *until > now) {
            Some(until) => self.wait(step, until, None),
            None => self.skip(step, json!({"reason": "no_wait"})),
        }
    }

    /// Whether the run stopped at this step like that before, and now comes back to it.
    fn was(&self, step: &Step, outcome: StepOutcome) -> bool {
        let mut before = self.out.state.log.iter().filter(|entry| entry.step == step.name);
        before.any(|entry| entry.outcome == outcome)
    }

    /// Until when the run waits at this step, where it does.
    fn waits_until(&self, step: &Step) -> Option<i64> {
        let mut before = self.out.state.log.iter().rev();
        before
            .find(|entry| entry.step == step.name && entry.outcome == StepOutcome::Waiting)?
            .until
    }

    /// Takes one of what a throttle lets through; where none is left, the run ends.
    fn throttle(&mut self, step: &Step, limit: &Limit) -> bool {
        let now = self.ids.now();
        let (name, key) = counted(step, limit, self.facts.run, &self.context);
        let seen = self.facts.tallies.get(&name).cloned();
        let read = seen.as_deref().map(serde_json::from_str).transpose();
        let taken = limit
            .throttle()
            .take(read.ok().flatten().unwrap_or_default(), now);
        if !taken.allowed {
            let next = crate::time::rfc3339(taken.next_free_at);
            let why = json!({"reason": "throttle", "key": key, "next_at": next});
            self.note(step, StepOutcome::Skipped, Some(why));
            self.out.ended = Some(RunStatus::Completed);
            return false;
        }
        let becomes = serde_json::to_string(&taken.state).unwrap_or_default();
        self.out.tallies.push(Tally { name, seen, becomes });
        self.note(step, StepOutcome::Done, None);
        self.next()
    }

    fn batch(&mut self, step: &Step, batch: &Batch) -> bool {
        let now = self.ids.now();
        let (group, key) = group(step, batch, self.facts.run, &self.context);
        let demands = match (batch.first_at_once, self.facts.open.contains(&group)) {
            (false, _) => Demand::Nothing,
            (true, true) => Demand::Open,
            (true, false) => Demand::None,
        };
        self.out.join = Some(Join {
            group,
            demands,
            opens: self.ids.fresh(),
            timer: self.ids.fresh(),
            closes_at: batch.window.closes_at(now, now, self.facts.zone),
            slides: batch.window.slides(),
            close_at: batch.close_at,
        });
        if demands == Demand::None {
            self.note(step, StepOutcome::Done, Some(json!({"key": key, "first": true})));
            return self.next();
        }
        self.note(step, StepOutcome::Batched, Some(json!({"key": key})));
        // Whoever goes on when it closes goes on behind this step.
        self.out.state.at += 1;
        self.out.ended = Some(RunStatus::Batched);
        false
    }
}

/// Which batches a step's activity may join, in a form of one length, and the key that is part of it.
pub fn group(step: &Step, batch: &Batch, run: &NewRun, context: &Value) -> (String, String) {
    let key = key(batch.key.as_ref(), context);
    (grouped("batch", step, run, &key), key)
}

/// What a throttle counts, in a form of one length, and the key that is part of it.
pub fn counted(step: &Step, limit: &Limit, run: &NewRun, context: &Value) -> (String, String) {
    let key = key(limit.key.as_ref(), context);
    if limit.shared {
        let everybody = NewRun {
            user: String::new(),
            ..run.clone()
        };
        return (grouped("throttle", step, &everybody, &key), key);
    }
    (grouped("throttle", step, run, &key), key)
}

/// The value of a key, as text; empty where there is none.
pub(super) fn key(path: Option<&Path>, context: &Value) -> String {
    match path.and_then(|path| path.get(context)) {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// What distinguishes a batch from others, in a form of one length.
fn grouped(kind: &str, step: &Step, run: &NewRun, key: &str) -> String {
    let tenant = run.tenant.as_deref().unwrap_or_default();
    name_of(&[kind, &*run.workflow, &step.name, &run.user, tenant, key])
}

/// A step as conditions see it.
fn seen(entry: &StepLog) -> Value {
    json!({
        "state": match entry.outcome {
            StepOutcome::Done => "sent",
            StepOutcome::Skipped => "skipped",
            StepOutcome::Waiting => "waiting",
            StepOutcome::Batched => "batched",
            StepOutcome::Held => "held",
            StepOutcome::Failed => "failed",
        },
        "reason": entry.why.as_ref().and_then(|why| why.get("reason")),
    })
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
