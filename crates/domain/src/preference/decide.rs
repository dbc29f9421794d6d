//! The decision, and what made it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Choice, Layer, Preferences, Setting, Topic, below};
use crate::channel::Channel;
use crate::condition::Compared;
use crate::quiet_hours::LONGEST_MS;

/// The documents that have a say, those that exist.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layers<'a> {
    /// The environment's defaults.
    pub environment: Option<&'a Preferences>,
    /// The tenant's defaults.
    pub tenant: Option<&'a Preferences>,
    /// The user's own.
    pub user: Option<&'a Preferences>,
    /// The user's own for that tenant.
    pub user_in_tenant: Option<&'a Preferences>,
}

/// A message that would go.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Key of its workflow.
    pub workflow: &'a str,
    /// The workflow's categories.
    pub categories: &'a [String],
    /// The channel it would go through.
    pub channel: Channel,
    /// `uid` of the application it comes from.
    pub app: Option<&'a str>,
    /// Whether nothing may hold it up.
    pub critical: bool,
    /// Whether it is a digest already, and is not gathered again.
    pub gathered: bool,
    /// When it was first asked for, milliseconds since the Unix epoch: what was held back long enough goes.
    pub asked_at: i64,
    /// The recipient's time zone, else the tenant's, else `UTC` (see [`crate::local::first_zone`]).
    pub zone: &'a str,
    /// What conditions see.
    pub known: &'a Value,
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// It goes.
    Send {
        /// What let it.
        why: Why,
    },
    /// It does not go.
    Skip {
        /// What withheld it.
        why: Why,
    },
    /// It goes later.
    Hold {
        /// When, milliseconds since the Unix epoch.
        until: i64,
        /// Whether it goes together with whatever else is held.
        as_digest: bool,
        /// What holds it.
        why: Why,
    },
    /// It is gathered with others.
    Digest {
        /// When they go, milliseconds since the Unix epoch, if it is the first of them.
        until: i64,
        /// What gathers it.
        why: Why,
    },
}

impl Decision {
    /// What made it.
    pub fn why(&self) -> &Why {
        match self {
            Self::Send { why } | Self::Skip { why } | Self::Hold { why, .. } | Self::Digest { why, .. } => {
                why
            }
        }
    }
}

/// What made a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// Of what kind it is.
    pub reason: Reason,
    /// The layer it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    /// Where it stands in that layer's document: a JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Whether layers above have no say.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// The comparisons that decided, where it is a condition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Compared>,
}

/// What kind of thing made a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The workflow is critical.
    Critical,
    /// Nobody says anything about it.
    Default,
    /// A setting.
    Preference,
    /// The quiet hours.
    QuietHours,
    /// The frequency of the channel.
    Digest,
}

impl Why {
    fn bare(reason: Reason) -> Self {
        Self {
            reason,
            layer: None,
            rule: None,
            required: false,
            because: Vec::new(),
        }
    }

    fn at(reason: Reason, layer: Layer, rule: &str) -> Self {
        Self {
            layer: Some(layer),
            rule: Some(rule.to_owned()),
            ..Self::bare(reason)
        }
    }
}

/// Whether a message is wanted at all, whenever it comes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether it is.
    pub wanted: bool,
    /// What says so.
    pub why: Why,
}

impl<'a> Layers<'a> {
    /// What becomes of a message at `now` (milliseconds since the Unix epoch).
    pub fn decide(&self, ask: &Ask<'_>, now: i64) -> Decision {
        let Verdict { wanted, why } = self.verdict(ask, now);
        if !wanted {
            return Decision::Skip { why };
        }
        if ask.critical {
            return Decision::Send { why };
        }
        if !ask.gathered
            && let Some((until, why)) = self.digest(ask, now)
        {
            return Decision::Digest { until, why };
        }
        let longest = ask.asked_at.saturating_add(LONGEST_MS);
        match self.quiet(ask, now).filter(|_| now < longest) {
            Some((until, as_digest, why)) => Decision::Hold {
                until: until.min(longest),
                as_digest: as_digest && !ask.gathered,
                why,
            },
            None => Decision::Send { why },
        }
    }

    /// Whether the defaults require anything.
    pub fn require(&self) -> bool {
        let defaults = [self.environment, self.tenant];
        defaults.into_iter().flatten().any(Preferences::requires)
    }

    /// Whether a message is wanted at all.
    pub fn verdict(&self, ask: &Ask<'_>, now: i64) -> Verdict {
        let verdict = |wanted, why| Verdict { wanted, why };
        if ask.critical {
            return verdict(true, Why::bare(Reason::Critical));
        }
        let voices = heard(self.voices(ask, now));
        let standing = |off: &&Voice<'a>| !voices.iter().any(|on| on.overrides(off));
        let weight = |voice: &&Voice<'a>| (voice.setting.required, voice.layer, voice.place);
        let withheld = voices
            .iter()
            .filter(|voice| !voice.on)
            .filter(standing)
            .max_by_key(weight);
        let let_through = || voices.iter().filter(|voice| voice.on).max_by_key(weight);
        match withheld.or_else(let_through) {
            Some(voice) => verdict(voice.on, voice.why(ask, now)),
            None => verdict(true, Why::bare(Reason::Default)),
        }
    }

    /// The documents with their layers, the weakest first.
    fn each(&self) -> impl DoubleEndedIterator<Item = (Layer, &'a Preferences)> + use<'a> {
        let layers = [
            (Layer::Environment, self.environment),
            (Layer::Tenant, self.tenant),
            (Layer::User, self.user),
            (Layer::UserInTenant, self.user_in_tenant),
        ];
        layers
            .into_iter()
            .filter_map(|(layer, document)| Some((layer, document?)))
    }

    /// Every setting that speaks of a message.
    fn voices(&self, ask: &Ask<'_>, now: i64) -> Vec<Voice<'a>> {
        let mut voices = Vec::new();
        for (layer, document) in self.each() {
            let mut add = |place, setting: Option<&'a Setting>| {
                voices.extend(setting.map(|setting| Voice {
                    layer,
                    place,
                    setting,
                    on: match &setting.choice {
                        Choice::On => true,
                        Choice::Off => false,
                        Choice::If(condition) => condition.holds(ask.known, now),
                    },
                }));
            };
            let mut topic = |topic: Option<&'a Topic>, whole, channel| {
                add(whole, topic.and_then(|topic| topic.setting.as_ref()));
                add(channel, topic.and_then(|topic| topic.channels.get(&ask.channel)));
            };
            topic(
                document.workflows.get(ask.workflow),
                Place::Workflow,
                Place::WorkflowChannel,
            );
            for (at, category) in ask.categories.iter().enumerate() {
                topic(
                    document.categories.get(category),
                    Place::Category(at),
                    Place::CategoryChannel(at),
                );
            }
            add(Place::Channel, document.channels.get(&ask.channel));
            add(Place::App, ask.app.and_then(|app| document.apps.get(app)));
        }
        voices
    }

    /// Until when the message is gathered: not into quiet hours, since the digest would wait there anyway.
    fn digest(&self, ask: &Ask<'_>, now: i64) -> Option<(i64, Why)> {
        let mut frequencies = self
            .each()
            .rev()
            .filter_map(|(layer, document)| Some((layer, *document.digest.get(&ask.channel)?)));
        let (layer, frequency) = frequencies.next()?;
        let closes = frequency.closes_at(now, ask.zone)?;
        let until = self.quiet(ask, closes).map_or(closes, |(until, ..)| until);
        let rule = format!("/digest/{}", ask.channel.as_str());
        Some((until, Why::at(Reason::Digest, layer, &rule)))
    }

    /// Until when it is quiet, and whether what is held is gathered.
    fn quiet(&self, ask: &Ask<'_>, now: i64) -> Option<(i64, bool, Why)> {
        let mut quiet = self
            .each()
            .rev()
            .filter_map(|(layer, document)| Some((layer, document.quiet_hours.as_ref()?)));
        let (layer, quiet) = quiet.next()?;
        let until = quiet.held_until(ask.channel, ask.zone, now)?;
        Some((
            until,
            quiet.gather,
            Why::at(Reason::QuietHours, layer, "/quiet_hours"),
        ))
    }
}

/// What a setting speaks of; later ones are more exact. Categories are told apart by their place in the workflow's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    App,
    Channel,
    Category(usize),
    CategoryChannel(usize),
    Workflow,
    WorkflowChannel,
}

impl Place {
    /// Whether it names everything that the other names, or something within it.
    fn is_as_exact_as(self, other: Self) -> bool {
        match (self, other) {
            (Self::WorkflowChannel, other) => other != Self::App,
            (Self::Workflow, other) => matches!(other, Self::Workflow | Self::Category(_)),
            (Self::CategoryChannel(one), Self::CategoryChannel(other) | Self::Category(other)) => {
                one == other
            }
            (Self::CategoryChannel(_), other) => other == Self::Channel,
            (one, other) => one == other,
        }
    }
}

/// A setting that speaks of a message.
struct Voice<'a> {
    layer: Layer,
    place: Place,
    setting: &'a Setting,
    on: bool,
}

impl Voice<'_> {
    /// Whether this is an `on` that an `off` gives way to.
    fn overrides(&self, off: &Self) -> bool {
        self.on && self.layer >= off.layer && self.place.is_as_exact_as(off.place)
    }

    fn why(&self, ask: &Ask<'_>, now: i64) -> Why {
        let channel = ask.channel.as_str();
        let topic = |kind: &str, name: &str| below(&format!("/{kind}"), name);
        let category = |at: usize| topic("categories", &ask.categories[at]);
        let rule = match self.place {
            Place::App => topic("apps", ask.app.unwrap_or_default()),
            Place::Channel => format!("/channels/{channel}"),
            Place::Category(at) => category(at),
            Place::CategoryChannel(at) => format!("{}/channels/{channel}", category(at)),
            Place::Workflow => topic("workflows", ask.workflow),
            Place::WorkflowChannel => format!("{}/channels/{channel}", topic("workflows", ask.workflow)),
        };
        let because = match &self.setting.choice {
            Choice::If(condition) => condition.evaluate(ask.known, now).because,
            Choice::On | Choice::Off => Vec::new(),
        };
        Why {
            required: self.setting.required && self.layer.is_default(),
            because,
            ..Why::at(Reason::Preference, self.layer, &rule)
        }
    }
}

/// Those that count: nobody above a required setting has a say against it.
fn heard(mut voices: Vec<Voice<'_>>) -> Vec<Voice<'_>> {
    let required = voices
        .iter()
        .filter(|voice| voice.setting.required && voice.layer.is_default());
    let bounds: Vec<(Layer, bool)> = required.map(|voice| (voice.layer, voice.on)).collect();
    voices.retain(|voice| {
        !bounds
            .iter()
            .any(|(layer, on)| voice.layer > *layer && voice.on != *on)
    });
    voices
}
