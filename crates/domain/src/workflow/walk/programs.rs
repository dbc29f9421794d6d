//! Steps that reach programs: webhooks, other workflows, answers that are fetched.

use serde_json::{Value, json};

use crate::effects::{NewTimer, TimerKind};
use crate::run::StepOutcome;
use crate::workflow::spec::{Step, Trigger, Webhook};
use crate::workflow::start::{Recipient, Start, select};

use super::told::{Fetching, Rendered};
use super::{MISMATCH, MOST_DEPTH, Walk};

impl Walk<'_, '_> {
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

    pub(super) fn webhook(&mut self, step: &Step, webhook: &Webhook) -> bool {
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

    pub(super) fn trigger(&mut self, step: &Step, trigger: &Trigger) -> bool {
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
    pub(super) fn fetch(&mut self, step: &Step) -> bool {
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
            found: None,
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
}
