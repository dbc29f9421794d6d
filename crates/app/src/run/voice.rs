//! Who answers a walk for one recipient: with texts, channels, preferences, events.

use std::collections::HashSet;

use domain::channel::Channel;
use domain::event::{Entity, Event, EventInput};
use domain::id::{DestinationId, EventId};
use domain::local::first_zone;
use domain::preference::sheet::{Listed, Sheet};
use domain::preference::{Ask, Decision, Layers};
use domain::workflow::{self, Does, Leave, Leaving, Rendered, Step, Target, Told, Way};
use serde_json::{Value, json};
use store::user::User;

use crate::channel_config::Config;
use crate::error::{Error, Result};
use crate::event::accept;
use crate::preference_sheet::SheetLink;
use crate::texts::Dress;
use crate::unsubscribe::Unsubscription;

use super::scene::Scene;

/// Answers a walk for one recipient.
pub(super) struct Voice<'a> {
    pub(super) scene: &'a Scene,
    /// The recipient's id; empty where the run is the tenant's.
    pub(super) user: &'a str,
    /// The recipient, where somebody described them.
    pub(super) known: Option<&'a User>,
    /// Milliseconds since the Unix epoch.
    pub(super) now: i64,
    pub(super) layers: Layers<'a>,
    /// Addresses that get nothing any more, as they are compared.
    pub(super) suppressed: &'a HashSet<String>,
    /// The tenant's own channels, where the run is the tenant's.
    pub(super) configs: Option<&'a [Config]>,
}

impl Voice<'_> {
    pub(super) fn zone(&self) -> &str {
        first_zone([self.known.and_then(|user| user.time_zone.as_deref())])
    }

    /// Whether it is for the recipient to say that they want no more of these mails.
    fn may_be_ended(&self) -> bool {
        let spec = &self.scene.ready.spec;
        let sheet = Sheet {
            layers: self.layers,
            in_tenant: self.scene.tenant.is_some(),
        };
        let workflow = Listed {
            key: &spec.key,
            categories: &spec.categories,
            channels: &[Channel::Email],
        };
        // Asked of defaults that require something alone: all else can be said otherwise.
        !spec.critical && (!self.layers.require() || sheet.ended(&workflow, Channel::Email).is_some())
    }
}

impl Told for Voice<'_> {
    fn render(&self, step: &Step, context: &Value) -> Result<Rendered, String> {
        // Whoever else a step writes to gets no links that speak for the recipient.
        let is_own = matches!(&step.does, Does::Email(email) if email.to.is_none()) && self.configs.is_none();
        let links = self.scene.links.as_ref().filter(|_| is_own);
        let (spec, env) = (&self.scene.ready.spec, self.scene.env);
        let tenant = self.scene.tenant.as_deref();
        let may_end = links.filter(|_| self.may_be_ended());
        let dress = Dress {
            branding: &self.scene.branding,
            lang: self.known.and_then(|user| user.locale.as_deref()).unwrap_or("en"),
            unsubscribe: may_end.and_then(|links| {
                links
                    .to(&Unsubscription::new(env, self.user, tenant, &spec.key))
                    .ok()
            }),
            preferences: links.and_then(|links| links.to(&SheetLink::new(env, self.user, tenant)).ok()),
        };
        self.scene.ready.texts.render(step, context, &dress)
    }

    fn way(&self, channel: Channel) -> Way {
        if let Some(configs) = self.configs {
            return self.scene.way_of_tenant(channel, configs);
        }
        let Some(id) = self.scene.environment.channels.get(&channel) else {
            return Way::Closed("channel_off");
        };
        let address = match channel {
            Channel::Email => self.known.and_then(|user| user.email.clone()),
            Channel::Sms | Channel::Voice => self.known.and_then(|user| user.phone.clone()),
            _ => None,
        };
        Way::Open(vec![Target {
            destination: DestinationId::of(id),
            address,
            config: None,
        }])
    }

    fn is_suppressed(&self, _: Channel, address: &str) -> bool {
        self.suppressed.contains(&domain::callback::compared(address))
    }

    fn event(&self, kind: &str, data: Value, id: EventId) -> Result<Event, String> {
        let scene = self.scene;
        let input = scene.input(kind, &data, self.user)?;
        accept(
            &input,
            &scene.own,
            id,
            &scene.environment,
            &scene.limits,
            self.now,
        )
        .map_err(|error| error.to_string())
    }

    fn trigger(&self, workflow: &str, data: Value, id: EventId) -> Result<(Event, i64), String> {
        let scene = self.scene;
        let ready = scene.environment.workflows.get(workflow);
        let ready = ready
            .filter(|ready| ready.spec.active)
            .ok_or_else(|| format!("there is no active workflow {workflow}"))?;
        if let Some(why) = workflow::refused(&ready.spec, &data) {
            return Err(why);
        }
        let input = EventInput {
            entity: Some(Entity {
                kind: "workflow".into(),
                id: workflow.to_owned(),
            }),
            ..scene.input(workflow::TRIGGERED, &data, self.user)?
        };
        let source = (scene.env, scene.own.app.id);
        let event = domain::event::accept_own(&input, source, id, &scene.limits, self.now);
        let event = event.map_err(|refusal| Error::from(refusal).to_string())?;
        Ok((event, ready.version))
    }

    fn leave(&self, leaving: &Leaving<'_>) -> Leave {
        if self.configs.is_some() {
            return Leave::Send;
        }
        let spec = &self.scene.ready.spec;
        let ask = Ask {
            workflow: &spec.key,
            categories: &spec.categories,
            channel: leaving.channel,
            app: self.scene.own.app.uid.as_deref(),
            critical: spec.critical,
            gathered: leaving.gathered,
            asked_at: leaving.asked_at,
            zone: self.zone(),
            known: leaving.known,
        };
        let decision = self.layers.decide(&ask, leaving.now);
        let why = json!(decision.why());
        match decision {
            Decision::Send { .. } => Leave::Send,
            Decision::Skip { .. } => Leave::Skip(why),
            Decision::Hold {
                until,
                as_digest: false,
                ..
            } => Leave::Hold(until, why),
            Decision::Hold { until, .. } | Decision::Digest { until, .. } => Leave::Gather(until, why),
        }
    }
}
