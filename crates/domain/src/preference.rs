//! Preferences: may this reach this person through this channel now, and if not, why.
//!
//! A document says `on`, `off` or a condition for the messages of a workflow, of a category, of a channel, of a workflow or a category in
//! one channel, and of an application; how often a channel may ring ([`Frequency`]); and when it is quiet ([`QuietHours`]). Documents stand
//! in four layers, from the weakest: the environment's defaults, the tenant's defaults, the user's own, the user's own for that tenant.
//! What nobody says anything about is on.
//!
//! **One rule decides.** A message is withheld by an `off`, unless an `on` that is at least as exact stands in the same layer or in one above.
//! A workflow in a channel is the most exact; then come the workflow, a category in a channel, the category, the channel. So within a document
//! the most exact setting wins, and the following hold besides:
//!
//! - Turning a channel off turns it off. An `on` for a workflow says that it may reach the person, not by which channel; only an
//!   `on` that names the channel too lets that workflow through. The same goes for a category.
//! - Closing takes one broad stroke: a user's `off` for a channel also holds against defaults that are more exact. Opening does not: a
//!   user's `on` for a channel leaves alone what the defaults turn off more exactly.
//! - Of several categories, one that is off is enough.
//! - An application that is off is off for every workflow and channel.
//!
//! A setting of the defaults may be `required`: what layers above say to the contrary does not count, for the messages it speaks of. Digests and
//! quiet hours still apply to them; only a critical workflow passes everything. The frequency of a channel and the quiet hours are taken
//! from the uppermost layer that has them, whole.

mod decide;
mod form;
mod frequency;
pub mod sheet;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use decide::{Ask, Decision, Layers, Reason, Verdict, Why};
pub use frequency::Frequency;

use crate::channel::Channel;
use crate::condition::{Condition, fits};
use crate::quiet_hours::QuietHours;
use crate::text::Faults;

/// Longest document as JSON, in bytes.
const MOST_BYTES: usize = 64 * 1024;
/// Entries of workflows, categories and applications each.
const MOST_ENTRIES: usize = 500;

/// What one layer says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Preferences {
    /// By a workflow's key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub workflows: BTreeMap<String, Topic>,
    /// By a category's name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub categories: BTreeMap<String, Topic>,
    /// By channel.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub channels: BTreeMap<Channel, Setting>,
    /// How often a channel may ring.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub digest: BTreeMap<Channel, Frequency>,
    /// By an application's `uid`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub apps: BTreeMap<String, Setting>,
    /// When to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
}

/// What is said of a workflow or a category: as a whole, in single channels, or both.
///
/// Written `off`, or `{send: on, channels: {sms: off}}`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Topic {
    /// As a whole.
    pub setting: Option<Setting>,
    /// In single channels.
    pub channels: BTreeMap<Channel, Setting>,
}

/// One setting. Written `on`, `off`, `{if: condition}`, or `{send: off, required: true}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// What is wanted.
    pub choice: Choice,
    /// Whether layers above have no say.
    pub required: bool,
}

impl Setting {
    /// A plain `on` or `off`.
    pub fn of(on: bool) -> Self {
        Self {
            choice: if on { Choice::On } else { Choice::Off },
            required: false,
        }
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// That it comes.
    On,
    /// That it does not.
    Off,
    /// That it comes when this holds.
    If(Box<Condition>),
}

/// Where a document stands; later ones are stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The environment's defaults.
    Environment,
    /// The tenant's defaults.
    Tenant,
    /// The user's own.
    User,
    /// The user's own for one tenant.
    UserInTenant,
}

impl Layer {
    /// Whether its document is one of defaults, which may be required.
    pub fn is_default(self) -> bool {
        self <= Self::Tenant
    }
}

impl Preferences {
    /// Checks what the form alone does not say, by JSON pointer.
    pub fn check(&self, pointer: &str, layer: Layer, faults: &mut Faults) {
        if !fits(self, MOST_BYTES) {
            faults.push(
                pointer,
                "too_large",
                format!("must have at most {MOST_BYTES} bytes as JSON"),
            );
            return;
        }
        let mut check = Check { layer, faults };
        check.topics(&format!("{pointer}/workflows"), &self.workflows);
        check.topics(&format!("{pointer}/categories"), &self.categories);
        check.channels(&format!("{pointer}/channels"), &self.channels);
        let apps = format!("{pointer}/apps");
        for (app, setting) in check.named(&apps, &self.apps) {
            check.setting(&below(&apps, app), setting);
        }
        for (channel, frequency) in &self.digest {
            let pointer = format!("{pointer}/digest/{}", channel.as_str());
            let fits = *channel != Channel::Webhook;
            check.faults.require(
                fits,
                &pointer,
                "unfitting",
                "webhooks go to programs, which need no digest",
            );
            frequency.check(&pointer, check.faults);
        }
        if let Some(quiet) = &self.quiet_hours {
            quiet.check(&format!("{pointer}/quiet_hours"), check.faults);
        }
    }
}

impl Preferences {
    /// Whether a setting of it is required.
    fn requires(&self) -> bool {
        let topics = self.workflows.values().chain(self.categories.values());
        let of_topics = topics.flat_map(|topic| topic.setting.iter().chain(topic.channels.values()));
        let mut all = of_topics.chain(self.channels.values()).chain(self.apps.values());
        all.any(|setting| setting.required)
    }
}

/// The pointer of an entry.
fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

struct Check<'a> {
    layer: Layer,
    faults: &'a mut Faults,
}

impl Check<'_> {
    /// Checks the names, and gives back as many entries as there may be.
    fn named<'b, T>(
        &mut self,
        pointer: &str,
        entries: &'b BTreeMap<String, T>,
    ) -> impl Iterator<Item = (&'b String, &'b T)> + use<'b, T> {
        let detail = format!("must have at most {MOST_ENTRIES} entries");
        self.faults
            .require(entries.len() <= MOST_ENTRIES, pointer, "too_many", &detail);
        for name in entries.keys().take(MOST_ENTRIES) {
            self.faults.line(&below(pointer, name), name, 256);
        }
        entries.iter().take(MOST_ENTRIES)
    }

    fn topics(&mut self, pointer: &str, topics: &BTreeMap<String, Topic>) {
        for (name, topic) in self.named(pointer, topics) {
            let pointer = below(pointer, name);
            if let Some(setting) = &topic.setting {
                self.setting(&pointer, setting);
            }
            self.channels(&format!("{pointer}/channels"), &topic.channels);
        }
    }

    fn channels(&mut self, pointer: &str, channels: &BTreeMap<Channel, Setting>) {
        for (channel, setting) in channels {
            self.setting(&format!("{pointer}/{}", channel.as_str()), setting);
        }
    }

    fn setting(&mut self, pointer: &str, setting: &Setting) {
        self.faults.require(
            !setting.required || self.layer.is_default(),
            &format!("{pointer}/required"),
            "unfitting",
            "is for the defaults of an environment or a tenant",
        );
        if let Choice::If(condition) = &setting.choice {
            condition.check(&format!("{pointer}/if"), self.faults);
        }
    }
}
