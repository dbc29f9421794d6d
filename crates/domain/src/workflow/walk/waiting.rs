//! Steps at which a run waits: for a time, or for what others do.

use serde_json::{Value, json};

use crate::effects::{NewTimer, TimerKind};
use crate::id::{Prefixed, RunId};
use crate::run::{StepLog, StepOutcome};
use crate::workflow::awaited::{Awaits, Becomes, named};
use crate::workflow::spec::{AwaitedEvent, Delay, Step, WaitFor};

use super::{Walk, text_at};

impl Walk<'_, '_> {
    /// Waits until then, at this step.
    pub(super) fn wait(&mut self, step: &Step, until: i64, why: Option<Value>) -> bool {
        self.note(step, StepOutcome::Waiting, why).until = Some(until);
        self.out.timer = Some(self.timer(self.facts.run.id, until));
        false
    }

    /// The timer that lets a run go on.
    pub(super) fn timer(&mut self, run: RunId, until: i64) -> NewTimer {
        NewTimer {
            id: self.ids.fresh(),
            kind: TimerKind::Run,
            subject: run.to_string(),
            state: json!({"run": run}).to_string(),
            due_at: until,
        }
    }

    pub(super) fn delay(&mut self, step: &Step, delay: &Delay) -> bool {
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

    /// Until when the run waits at this step, where it does.
    fn waits_until(&self, step: &Step) -> Option<i64> {
        let mut before = self.out.state.log.iter().rev();
        before
            .find(|entry| entry.step == step.name && entry.outcome == StepOutcome::Waiting)?
            .until
    }

    /// Waits for what others do. Who finds that an event has happened says so among what was found; what a step sent has become is known when
    /// the run goes on; the timer comes when neither is so.
    pub(super) fn wait_for(&mut self, step: &Step, wait: &WaitFor) -> bool {
        let now = self.ids.now();
        if let Some(found) = self.out.state.found.get(&step.name) {
            let why = found.clone();
            self.note(step, StepOutcome::Done, Some(why));
            return self.next();
        }
        if let Some(word) = self.has_become(wait) {
            let found = json!({"happened": true, "became": word});
            self.find(step, found.clone());
            self.note(step, StepOutcome::Done, Some(found));
            return self.next();
        }
        let awaits = match self.awaited(wait) {
            Ok(awaits) => awaits,
            Err(reason) => {
                self.find(step, json!({"happened": false}));
                return self.skip(step, json!({"reason": reason}));
            }
        };
        match self.waits_until(step) {
            Some(until) if until <= now => {
                self.find(step, json!({"happened": false}));
                self.note(step, StepOutcome::Done, Some(json!({"happened": false})));
                return self.next();
            }
            // Woken before its time by something else.
            Some(_) => self.out.awaits = Some(awaits),
            None => {
                self.out.awaits = Some(awaits);
                return self.wait(step, now.saturating_add(wait.span.ms()), None);
            }
        }
        false
    }

    fn find(&mut self, step: &Step, found: Value) {
        self.out.state.found.insert(step.name.clone(), found);
        self.context["found"] = json!(self.out.state.found);
    }

    /// What has become of what an earlier step sent, where that is waited for.
    fn has_become(&self, wait: &WaitFor) -> Option<&'static str> {
        let became = self.facts.became.get(wait.step.as_ref()?)?;
        Some(Becomes::furthest(became.reached, Becomes::mask(&wait.becomes))?.as_str())
    }

    /// What a step waits for; else why it cannot.
    fn awaited(&self, wait: &WaitFor) -> Result<Awaits, &'static str> {
        if let Some(event) = &wait.event {
            let what = self.awaited_event(event).ok_or("no_value")?;
            return Ok(Awaits { what, becomes: 0 });
        }
        let mut log = self.out.state.log.iter().rev();
        let sends = |entry: &&StepLog| matches!(entry.outcome, StepOutcome::Done | StepOutcome::Held);
        let entry = log.find(|entry| Some(&entry.step) == wait.step.as_ref() && sends(entry));
        let what = match entry {
            Some(entry) if entry.outcome == StepOutcome::Held => self.sent_when_held(entry),
            Some(entry) => sent(entry),
            None => None,
        };
        Ok(Awaits {
            what: what.ok_or("nothing_sent")?.to_owned(),
            becomes: Becomes::mask(&wait.becomes),
        })
    }

    /// What a step sent that was held up; while it is held up yet, the run that takes it.
    fn sent_when_held<'e>(&'e self, held: &'e StepLog) -> Option<&'e str> {
        match self.facts.held.get(&held.step) {
            None => held.run.as_ref().map(Prefixed::bare),
            Some(step) if step.entry.outcome == StepOutcome::Done => sent(&step.entry),
            Some(step) if step.ended => None,
            Some(step) => Some(step.run.bare()),
        }
    }

    fn awaited_event(&self, event: &AwaitedEvent) -> Option<String> {
        let values = event.matches.values().map(|path| text_at(path, &self.context));
        let values = values.collect::<Option<Vec<_>>>()?;
        Some(named(&event.kind, event.matches.keys(), &values))
    }
}

/// The notification or the message that a step sent.
fn sent(entry: &StepLog) -> Option<&str> {
    let notification = entry.notification.as_ref().map(Prefixed::bare);
    notification.or_else(|| Some(entry.deliveries.first()?.bare()))
}
