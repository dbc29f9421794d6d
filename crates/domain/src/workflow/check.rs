//! What is wrong with a declared workflow, told when it is declared and never when it runs.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::spec::{
    Batch, Branch, Delay, Does, Email, Fetch, InApp, Locales, Post, Selector, Step, WaitFor, Workflow,
    translated,
};
use crate::event_type::{RESERVED, check_name, is_reserved};
use crate::path::Path;
use crate::text::{Fault, Faults};

/// Most steps of a workflow, those of its branches included.
const MOST_STEPS: usize = 100;
/// Branches within branches.
const MOST_DEPTH: usize = 5;
/// Most event types, selectors, categories, arms each.
const MOST: usize = 50;
/// Longest template, in characters.
const MOST_SOURCE: usize = 64 * 1024;

/// Checks everything but its templates, by JSON pointer.
pub fn check(workflow: &Workflow) -> Result<(), Vec<Fault>> {
    let mut check = Check::default();
    check.head(workflow);
    check.recipients(workflow);
    check.steps("/steps", &workflow.steps, 0);
    check.of_tenant = true;
    check.steps("/tenant_steps", &workflow.tenant_steps, 0);
    check.faults.require(
        !workflow.steps.is_empty() || !workflow.tenant_steps.is_empty(),
        "/steps",
        "required",
        "must have at least one step",
    );
    check.faults.finish()
}

/// Where each step stands, as a JSON pointer, by its name.
pub fn places(workflow: &Workflow) -> HashMap<String, String> {
    fn gather(pointer: &str, steps: &[Step], places: &mut HashMap<String, String>) {
        for (index, step) in steps.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            if let Does::Branch(branch) = &step.does {
                for (arm, way) in branch.arms.iter().enumerate() {
                    gather(&format!("{pointer}/branch/arms/{arm}/steps"), &way.steps, places);
                }
                gather(&format!("{pointer}/branch/otherwise"), &branch.otherwise, places);
            }
            places.insert(step.name.clone(), pointer);
        }
    }
    let mut places = HashMap::new();
    gather("/steps", &workflow.steps, &mut places);
    gather("/tenant_steps", &workflow.tenant_steps, &mut places);
    places
}

#[derive(Default)]
struct Check {
    faults: Faults,
    names: HashSet<String>,
    /// What the steps so far do, by their names.
    before: HashMap<String, &'static str>,
    /// Whether the steps looked at are taken once for the tenant.
    of_tenant: bool,
}

impl Check {
    fn head(&mut self, workflow: &Workflow) {
        let faults = &mut self.faults;
        faults.line("/key", &workflow.key, 100);
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        faults.require(
            workflow.key.chars().all(fits),
            "/key",
            "format",
            "must be made of letters, digits, `-`, `_` and `.`",
        );
        faults.text("/name", &workflow.name, 200);
        faults.text("/description", &workflow.description, 2_000);
        for (what, count) in [
            ("/events", workflow.events.len()),
            ("/recipients", workflow.recipients.len()),
            ("/otherwise", workflow.otherwise.len()),
            ("/categories", workflow.categories.len()),
        ] {
            faults.require(count <= MOST, what, "too_many", "must have at most 50 entries");
        }
        for (index, trigger) in workflow.events.iter().enumerate() {
            check_name(faults, &format!("/events/{index}/type"), &trigger.kind);
            if let Some(condition) = &trigger.condition {
                condition.check(&format!("/events/{index}/if"), faults);
            }
        }
        for (index, category) in workflow.categories.iter().enumerate() {
            faults.line(&format!("/categories/{index}"), category, 100);
        }
        if let Some(Err(error)) = workflow.schema.as_ref().map(jsonschema::validator_for) {
            faults.push(
                "/schema",
                "schema",
                format!("is not a valid JSON Schema: {error}"),
            );
        }
        if let Some(concurrency) = &workflow.concurrency {
            faults.require(
                (1..=1_000).contains(&concurrency.limit),
                "/concurrency/limit",
                "range",
                "must be 1 to 1000",
            );
        }
    }

    fn recipients(&mut self, workflow: &Workflow) {
        for (list, selectors) in [
            ("recipients", &workflow.recipients),
            ("otherwise", &workflow.otherwise),
        ] {
            for (index, selector) in selectors.iter().enumerate() {
                self.selector(&format!("/{list}/{index}"), selector);
            }
        }
        self.faults.require(
            workflow.otherwise.is_empty() || !workflow.recipients.is_empty(),
            "/otherwise",
            "without_recipients",
            "says whom to reach when `recipients` names nobody, so there must be `recipients`",
        );
    }

    fn selector(&mut self, pointer: &str, selector: &Selector) {
        let said = [
            !selector.users.is_empty(),
            selector.users_from.is_some(),
            selector.tenant.is_some(),
            selector.tenant_from.is_some(),
            selector.topic.is_some(),
            selector.topic_from.is_some(),
        ];
        let faults = &mut self.faults;
        faults.require(
            said.into_iter().filter(|said| *said).count() == 1,
            pointer,
            "one_of",
            "must have exactly one of users, users_from, tenant, tenant_from, topic, topic_from",
        );
        faults.require(
            selector.roles.is_empty() || selector.tenant.is_some() || selector.tenant_from.is_some(),
            &format!("{pointer}/roles"),
            "without_tenant",
            "narrows a tenant, so there must be one",
        );
        faults.require(
            selector.users.len() <= 1_000,
            &format!("{pointer}/users"),
            "too_many",
            "must name at most 1000 users",
        );
        for (index, user) in selector.users.iter().take(1_000).enumerate() {
            faults.user(&format!("{pointer}/users/{index}"), user);
        }
        for (field, id) in [("tenant", &selector.tenant), ("topic", &selector.topic)] {
            if let Some(id) = id {
                faults.key(&format!("{pointer}/{field}"), id);
            }
        }
    }

    fn steps(&mut self, pointer: &str, steps: &[Step], depth: usize) {
        for (index, step) in steps.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            if self.names.len() == MOST_STEPS {
                self.faults.push(
                    &pointer,
                    "too_many",
                    format!("a workflow has at most {MOST_STEPS} steps"),
                );
                return;
            }
            self.step(&pointer, step, depth);
        }
    }

    fn step(&mut self, pointer: &str, step: &Step, depth: usize) {
        let at = format!("{pointer}/name");
        self.faults.line(&at, &step.name, 100);
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        self.faults.require(
            step.name.chars().all(fits),
            &at,
            "format",
            "must be made of letters, digits, `-` and `_`: conditions name it",
        );
        if !self.names.insert(step.name.clone()) {
            let detail = format!("another step is called `{}`", step.name);
            self.faults.push(at, "duplicate", detail);
        }
        if let Some(condition) = &step.condition {
            condition.check(&format!("{pointer}/if"), &mut self.faults);
        }
        let pointer = format!("{pointer}/{}", step.does.word());
        let fits = match &step.does {
            Does::InApp(_) => !self.of_tenant,
            Does::Slack(_) | Does::Teams(_) => self.of_tenant,
            _ => true,
        };
        self.faults.require(
            fits,
            &pointer,
            "unfitting",
            "in_app stands in `steps`, which each recipient takes; slack and teams stand in `tenant_steps`",
        );
        match &step.does {
            Does::InApp(in_app) => self.texts(&pointer, &**in_app, &in_app.locales, Self::in_app),
            Does::Email(email) => self.texts(&pointer, &**email, &email.locales, Self::email),
            Does::Slack(post) | Does::Teams(post) => self.texts(&pointer, &**post, &post.locales, Self::post),
            Does::Batch(batch) => self.batch(&pointer, batch),
            Does::Delay(delay) => self.delay(&pointer, delay),
            Does::Throttle(limit) => {
                limit.throttle().check(&pointer, &mut self.faults);
                self.key(&pointer, limit.key.as_ref());
            }
            Does::Branch(branch) => self.branch(&pointer, branch, depth),
            Does::Webhook(webhook) => {
                check_name(&mut self.faults, &format!("{pointer}/event"), &webhook.event);
                if is_reserved(&webhook.event) {
                    self.faults.push(format!("{pointer}/event"), "reserved", RESERVED);
                }
                self.data(&format!("{pointer}/data"), webhook.data.as_ref());
            }
            Does::Trigger(trigger) => {
                self.faults
                    .line(&format!("{pointer}/workflow"), &trigger.workflow, 100);
                for (index, selector) in trigger.recipients.iter().take(MOST).enumerate() {
                    self.selector(&format!("{pointer}/recipients/{index}"), selector);
                }
                self.data(&format!("{pointer}/data"), trigger.data.as_ref());
            }
            Does::Fetch(fetch) => self.fetch(&pointer, fetch),
            Does::WaitFor(wait) => self.wait_for(&pointer, wait),
        }
        self.before.insert(step.name.clone(), step.does.word());
    }

    fn wait_for(&mut self, pointer: &str, wait: &WaitFor) {
        self.faults.require(
            wait.event.is_some() != wait.step.is_some(),
            pointer,
            "one_of",
            "must have either `event` or `step`",
        );
        if let Some(event) = &wait.event {
            check_name(&mut self.faults, &format!("{pointer}/event/type"), &event.kind);
            let at = format!("{pointer}/event/match");
            self.faults.require(
                (1..=10).contains(&event.matches.len()),
                &at,
                "range",
                "must have 1 to 10 places, so that it is known whose event it is",
            );
            for (theirs, own) in event.matches.iter().take(10) {
                let root = theirs.as_str().split(['.', '[']).next().unwrap_or_default();
                self.faults.require(
                    matches!(root, "data" | "event" | "tenant"),
                    &format!("{at}/{}", theirs.as_str()),
                    "unknown",
                    "must stand in data, event or tenant of the event that is waited for",
                );
                own.check(&format!("{at}/{}", theirs.as_str()), &mut self.faults);
            }
        }
        let becomes = format!("{pointer}/becomes");
        self.faults.require(
            wait.step.is_some() != wait.becomes.is_empty(),
            &becomes,
            "one_of",
            "says what a `step` is to become, and stands beside one",
        );
        let Some(name) = &wait.step else { return };
        let notifies = match self.before.get(name) {
            Some(&"in_app") => true,
            Some(&("email" | "slack" | "teams")) => false,
            _ => {
                let detail = format!("`{name}` is no step before this one that sends something");
                return self.faults.push(format!("{pointer}/step"), "unknown", detail);
            }
        };
        let fits = wait
            .becomes
            .iter()
            .all(|one| one.is_of_notification() == notifies);
        self.faults.require(
            fits,
            &becomes,
            "unfitting",
            "is seen, read, clicked or dismissed for in_app, and sent, delivered or failed for messages",
        );
    }

    /// Data that a step makes: an object.
    fn data(&mut self, pointer: &str, data: Option<&serde_json::Value>) {
        let Some(data) = data else { return };
        self.faults
            .require(data.is_object(), pointer, "shape", "must be an object");
        self.faults.require(
            data.to_string().len() <= MOST_SOURCE,
            pointer,
            "too_large",
            "must have at most 64 KiB as JSON",
        );
    }

    fn fetch(&mut self, pointer: &str, fetch: &Fetch) {
        self.source(&format!("{pointer}/url"), Some(&fetch.url));
        self.faults.require(
            !fetch.url.trim().is_empty(),
            &format!("{pointer}/url"),
            "required",
            "must not be empty",
        );
        self.faults.require(
            fetch.headers.len() <= 20,
            &format!("{pointer}/headers"),
            "too_many",
            "must be at most 20",
        );
        for (name, value) in fetch.headers.iter().take(20) {
            let pointer = format!("{pointer}/headers/{name}");
            let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
            self.faults.require(
                !name.is_empty() && name.chars().all(is_token),
                &pointer,
                "format",
                "must be named as a header is",
            );
            self.source(&pointer, Some(value));
        }
        let body = fetch.body.as_ref();
        self.faults.require(
            body.is_none_or(|body| body.to_string().len() <= MOST_SOURCE),
            &format!("{pointer}/body"),
            "too_large",
            "must have at most 64 KiB as JSON",
        );
        self.faults.require(
            fetch
                .timeout
                .is_none_or(|timeout| (100..=30_000).contains(&timeout.ms())),
            &format!("{pointer}/timeout"),
            "range",
            "must be 100 milliseconds to 30 seconds",
        );
    }

    /// Checks a step as it is for everybody, and as it is in each other language.
    fn texts<S: Serialize + DeserializeOwned>(
        &mut self,
        pointer: &str,
        step: &S,
        locales: &Locales,
        check: fn(&mut Self, &str, &S),
    ) {
        check(self, pointer, step);
        self.faults.require(
            locales.len() <= MOST,
            &format!("{pointer}/locales"),
            "too_many",
            "must be at most 50 languages",
        );
        for (tag, own) in locales.iter().take(MOST) {
            let pointer = format!("{pointer}/locales/{tag}");
            self.faults.line(&pointer, tag, 35);
            match translated(step, own) {
                Ok(translated) => check(self, &pointer, &translated),
                Err(why) => self.faults.push(pointer, "shape", why),
            }
        }
    }

    fn source(&mut self, pointer: &str, source: Option<&String>) {
        if let Some(source) = source {
            self.faults.text(pointer, source, MOST_SOURCE);
        }
    }

    fn in_app(&mut self, pointer: &str, in_app: &InApp) {
        self.source(&format!("{pointer}/title"), Some(&in_app.title));
        self.source(&format!("{pointer}/body"), in_app.body.as_ref());
        self.source(&format!("{pointer}/link"), in_app.link.as_ref());
        self.faults.require(
            !in_app.title.trim().is_empty(),
            &format!("{pointer}/title"),
            "required",
            "must not be empty",
        );
        self.faults.require(
            in_app.actions.len() <= 10,
            &format!("{pointer}/actions"),
            "too_many",
            "must be at most 10 buttons",
        );
        for (index, action) in in_app.actions.iter().take(10).enumerate() {
            self.faults
                .line(&format!("{pointer}/actions/{index}/id"), &action.id, 100);
        }
        if let Some(event) = &in_app.event {
            self.faults.line(&format!("{pointer}/event"), event, 200);
        }
    }

    fn email(&mut self, pointer: &str, email: &Email) {
        self.source(&format!("{pointer}/subject"), Some(&email.subject));
        self.source(&format!("{pointer}/html"), email.html.as_ref());
        self.source(&format!("{pointer}/text"), email.text.as_ref());
        self.source(&format!("{pointer}/thread"), email.thread.as_ref());
        self.source(&format!("{pointer}/preheader"), email.preheader.as_ref());
        self.source(&format!("{pointer}/reply_to"), email.reply_to.as_ref());
        self.faults.require(
            email.attachments.len() <= 20,
            &format!("{pointer}/attachments"),
            "too_many",
            "must be at most 20 files",
        );
        for (index, file) in email.attachments.iter().take(20).enumerate() {
            let said = |name: &str| file[name].as_str().is_some_and(|text| !text.is_empty());
            self.faults.require(
                said("filename") && said("content"),
                &format!("{pointer}/attachments/{index}"),
                "required",
                "must have a filename, and content in base64",
            );
        }
        let blocks = email.blocks.as_ref();
        self.faults.require(
            blocks.is_none_or(|blocks| blocks.to_string().len() <= MOST_SOURCE),
            &format!("{pointer}/blocks"),
            "too_large",
            "must have at most 64 KiB as JSON",
        );
    }

    /// What is counted by a key is looked up before the run is walked: the key cannot be what its steps find out.
    fn key(&mut self, pointer: &str, key: Option<&Path>) {
        let is_known = key.is_none_or(|key| {
            let root = key.as_str().split(['.', '[']).next().unwrap_or_default();
            matches!(root, "data" | "event" | "tenant" | "actor" | "recipient")
        });
        self.faults.require(
            is_known,
            &format!("{pointer}/key"),
            "unknown",
            "must stand in data, event, tenant, actor or recipient",
        );
    }

    fn post(&mut self, pointer: &str, post: &Post) {
        self.source(&format!("{pointer}/title"), Some(&post.title));
        self.source(&format!("{pointer}/body"), post.body.as_ref());
        self.source(&format!("{pointer}/link"), post.link.as_ref());
        self.source(&format!("{pointer}/link_label"), post.link_label.as_ref());
        self.faults.require(
            !post.title.trim().is_empty(),
            &format!("{pointer}/title"),
            "required",
            "must not be empty",
        );
        let form = post.blocks.as_ref();
        self.faults.require(
            form.is_none_or(|form| form.to_string().len() <= MOST_SOURCE),
            &format!("{pointer}/blocks"),
            "too_large",
            "must have at most 64 KiB as JSON",
        );
        self.faults.require(
            form.is_none() || (post.body.is_none() && post.link.is_none()),
            pointer,
            "one_of",
            "must have either blocks, or body and link",
        );
    }

    fn batch(&mut self, pointer: &str, batch: &Batch) {
        self.key(pointer, batch.key.as_ref());
        batch.window.check(&format!("{pointer}/window"), &mut self.faults);
        self.faults.require(
            batch.close_at.is_none_or(|items| (2..=10_000).contains(&items)),
            &format!("{pointer}/close_at"),
            "range",
            "must be 2 to 10000",
        );
    }

    fn delay(&mut self, pointer: &str, delay: &Delay) {
        self.faults.require(
            delay.span.is_some() != delay.until_from.is_some(),
            pointer,
            "one_of",
            "must have either `for` or `until_from`",
        );
    }

    fn branch(&mut self, pointer: &str, branch: &Branch, depth: usize) {
        self.faults.require(
            depth < MOST_DEPTH,
            pointer,
            "too_deep",
            "branches stand at most 5 deep",
        );
        self.faults.require(
            (1..=MOST).contains(&branch.arms.len()),
            &format!("{pointer}/arms"),
            "range",
            "must have 1 to 50 arms",
        );
        if depth >= MOST_DEPTH {
            return;
        }
        for (index, arm) in branch.arms.iter().take(MOST).enumerate() {
            let pointer = format!("{pointer}/arms/{index}");
            arm.condition.check(&format!("{pointer}/if"), &mut self.faults);
            self.steps(&format!("{pointer}/steps"), &arm.steps, depth + 1);
        }
        self.steps(&format!("{pointer}/otherwise"), &branch.otherwise, depth + 1);
    }
}
