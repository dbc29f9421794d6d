//! The sheet: preferences as somebody sees and ticks them, workflow by workflow and channel by channel.

use serde_json::Value;

use super::{Ask, Choice, Decision, Layers, Preferences, Setting, Topic};
use crate::channel::Channel;

/// A workflow, as a sheet needs it.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its categories.
    pub categories: &'a [String],
    /// The channels that its steps go through.
    pub channels: &'a [Channel],
}

/// A box to tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// The channel.
    pub channel: Channel,
    /// Whether messages come.
    pub on: bool,
    /// Whether it is not for the user to say.
    pub fixed: bool,
}

/// What is turned on or off at one stroke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch<'a> {
    /// Everything that goes through a channel.
    Channel(Channel),
    /// Everything of a category.
    Category(&'a str),
    /// Everything from an application, by its `uid`.
    App(&'a str),
}

impl Switch<'_> {
    /// What a document says of this alone.
    fn alone(self, document: &Preferences) -> Preferences {
        let mut alone = Preferences::default();
        match self {
            Self::Channel(channel) => {
                let said = document.channels.get(&channel);
                alone
                    .channels
                    .extend(said.map(|setting| (channel, setting.clone())));
            }
            Self::Category(name) => {
                let said = document
                    .categories
                    .get(name)
                    .and_then(|topic| topic.setting.clone());
                let topic = Topic {
                    setting: said,
                    ..Topic::default()
                };
                alone.categories.insert(name.to_owned(), topic);
            }
            Self::App(uid) => {
                let said = document.apps.get(uid);
                alone
                    .apps
                    .extend(said.map(|setting| (uid.to_owned(), setting.clone())));
            }
        }
        alone
    }

    /// A document that says this alone.
    fn says(self, on: bool) -> Preferences {
        let setting = Setting::of(on);
        let mut document = Preferences::default();
        match self {
            Self::Channel(channel) => {
                document.channels.insert(channel, setting);
            }
            Self::Category(name) => {
                let topic = Topic {
                    setting: Some(setting),
                    ..Topic::default()
                };
                document.categories.insert(name.to_owned(), topic);
            }
            Self::App(uid) => {
                document.apps.insert(uid.to_owned(), setting);
            }
        }
        document
    }

    /// Whether what this is about comes, as far as these say.
    fn holds(self, layers: [Option<&Preferences>; 4]) -> bool {
        let alone = layers.map(|document| document.map(|document| self.alone(&unconditional(document))));
        let [environment, tenant, user, user_in_tenant] = &alone;
        let layers = Layers {
            environment: environment.as_ref(),
            tenant: tenant.as_ref(),
            user: user.as_ref(),
            user_in_tenant: user_in_tenant.as_ref(),
        };
        let (channel, app, categories) = match self {
            Self::Channel(channel) => (channel, None, Vec::new()),
            Self::Category(name) => (Channel::InApp, None, vec![name.to_owned()]),
            Self::App(uid) => (Channel::InApp, Some(uid), Vec::new()),
        };
        let ask = Ask {
            app,
            ..asked("", &categories, channel)
        };
        !matches!(layers.decide(&ask, 0), Decision::Skip { .. })
    }
}

/// Whether something comes, and whether that is for the user to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Whether it comes.
    pub on: bool,
    /// Whether it is not for the user to say.
    pub fixed: bool,
}

/// Whose preferences are shown and said: those of a user, be it everywhere or in one tenant.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sheet<'a> {
    /// What is said so far.
    pub layers: Layers<'a>,
    /// Whether it is that of one tenant: what the user says for that tenant alone counts, and is said anew where it must be.
    pub in_tenant: bool,
}

/// What a user prefers once they said something.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    /// Everywhere.
    pub user: Preferences,
    /// In the tenant.
    pub user_in_tenant: Preferences,
}

impl<'a> Sheet<'a> {
    /// The boxes of a workflow.
    pub fn ticks(&self, workflow: &Listed<'_>) -> Vec<Tick> {
        let tick = |channel: &Channel| {
            let on = comes(&self.layers, workflow, *channel);
            let other = self.said(workflow, *channel, !on);
            Tick {
                channel: *channel,
                on,
                fixed: comes(&self.with(&other).layers, workflow, *channel) == on,
            }
        };
        workflow.channels.iter().map(tick).collect()
    }

    /// How a switch stands.
    pub fn position(&self, switch: Switch<'_>) -> Position {
        let Layers {
            environment,
            tenant,
            user,
            user_in_tenant,
        } = self.layers;
        let on = switch.holds([environment, tenant, user, user_in_tenant]);
        let other = switch.says(!on);
        let in_tenant = self.in_tenant.then_some(&other);
        Position {
            on,
            fixed: switch.holds([environment, tenant, Some(&other), in_tenant]) == on,
        }
    }

    /// What a user prefers once they ticked these boxes of these workflows: as little as possible is said anew, and nothing of boxes that
    /// were not shown.
    pub fn ticked(&self, workflows: &[Listed<'_>], wanted: impl Fn(&str, Channel) -> Option<bool>) -> Said {
        let mut said = self.as_it_was();
        for workflow in workflows {
            for tick in self.ticks(workflow) {
                let want = wanted(workflow.key, tick.channel).filter(|want| *want != tick.on);
                if let Some(want) = want.filter(|_| !tick.fixed) {
                    said = self.with(&said).said(workflow, tick.channel, want);
                }
            }
        }
        said
    }

    /// What a user prefers once they want no more of a workflow through a channel; `None` where that is not for them to say.
    pub fn ended(&self, workflow: &Listed<'_>, channel: Channel) -> Option<Said> {
        let said = self.said(workflow, channel, false);
        (!comes(&self.with(&said).layers, workflow, channel)).then_some(said)
    }

    /// What a user prefers now.
    pub fn as_it_was(&self) -> Said {
        Said {
            user: self.layers.user.cloned().unwrap_or_default(),
            user_in_tenant: self.layers.user_in_tenant.cloned().unwrap_or_default(),
        }
    }

    /// What a user prefers once they said this of one channel of a workflow: everywhere, and in the tenant where they said otherwise there.
    fn said(&self, workflow: &Listed<'_>, channel: Channel, on: bool) -> Said {
        let mut said = self.as_it_was();
        say(&mut said.user, workflow.key, channel, on);
        if self.in_tenant && comes(&self.with(&said).layers, workflow, channel) != on {
            say(&mut said.user_in_tenant, workflow.key, channel, on);
        }
        said
    }

    /// The sheet with this said.
    fn with<'b>(&self, said: &'b Said) -> Sheet<'b>
    where
        'a: 'b,
    {
        Sheet {
            layers: Layers {
                user: Some(&said.user),
                user_in_tenant: self.in_tenant.then_some(&said.user_in_tenant),
                ..self.layers
            },
            in_tenant: self.in_tenant,
        }
    }
}

/// Whether a workflow's messages may come through a channel: sooner or later, and under whatever condition.
fn comes(layers: &Layers<'_>, workflow: &Listed<'_>, channel: Channel) -> bool {
    let [environment, tenant, user, user_in_tenant] = [
        layers.environment,
        layers.tenant,
        layers.user,
        layers.user_in_tenant,
    ]
    .map(|document| document.map(unconditional));
    let layers = Layers {
        environment: environment.as_ref(),
        tenant: tenant.as_ref(),
        user: user.as_ref(),
        user_in_tenant: user_in_tenant.as_ref(),
    };
    let ask = asked(workflow.key, workflow.categories, channel);
    !matches!(layers.decide(&ask, 0), Decision::Skip { .. })
}

/// Asks whether something comes, sooner or later.
fn asked<'a>(workflow: &'a str, categories: &'a [String], channel: Channel) -> Ask<'a> {
    Ask {
        workflow,
        categories,
        channel,
        app: None,
        critical: false,
        gathered: true,
        asked_at: 0,
        zone: "UTC",
        known: &Value::Null,
    }
}

/// What is said under a condition, as if the condition held.
fn unconditional(document: &Preferences) -> Preferences {
    let mut document = document.clone();
    let topics = document
        .workflows
        .values_mut()
        .chain(document.categories.values_mut());
    let of_topics = topics.flat_map(|topic| topic.setting.iter_mut().chain(topic.channels.values_mut()));
    let all = of_topics
        .chain(document.channels.values_mut())
        .chain(document.apps.values_mut());
    for setting in all {
        if let Choice::If(_) = setting.choice {
            setting.choice = Choice::On;
        }
    }
    document
}

fn say(document: &mut Preferences, workflow: &str, channel: Channel, on: bool) {
    let setting = Setting::of(on);
    let topic = document.workflows.entry(workflow.to_owned()).or_default();
    topic.channels.insert(channel, setting);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(document: Value) -> Preferences {
        serde_json::from_value(document).expect("a document")
    }

    fn everywhere(layers: Layers<'_>) -> Sheet<'_> {
        Sheet {
            layers,
            in_tenant: false,
        }
    }

    const NEWS: Listed<'_> = Listed {
        key: "news",
        categories: &[],
        channels: &[Channel::InApp, Channel::Email],
    };

    #[test]
    fn a_switch_stands_as_the_layers_say() {
        let environment = read(json!({
            "channels": {"email": {"send": "off", "required": true}, "sms": "off"},
            "categories": {"security": {"send": "on", "required": true}, "news": {"channels": {"email": "off"}}},
            "apps": {"crm": "off"},
        }));
        let user = read(
            json!({"channels": {"slack": "off", "teams": {"if": {"field": "data.n", "gt": 1}}}, "categories": {"tips": "off"}}),
        );
        let sheet = everywhere(Layers {
            environment: Some(&environment),
            user: Some(&user),
            ..Layers::default()
        });
        let at = |switch| {
            let Position { on, fixed } = sheet.position(switch);
            (on, fixed)
        };
        assert_eq!(at(Switch::Channel(Channel::Email)), (false, true));
        assert_eq!(at(Switch::Channel(Channel::Sms)), (false, false));
        assert_eq!(at(Switch::Channel(Channel::Slack)), (false, false));
        assert_eq!(at(Switch::Channel(Channel::Teams)), (true, false));
        assert_eq!(at(Switch::Channel(Channel::Push)), (true, false));
        assert_eq!(at(Switch::Category("security")), (true, true));
        assert_eq!(at(Switch::Category("news")), (true, false));
        assert_eq!(at(Switch::Category("tips")), (false, false));
        assert_eq!(at(Switch::App("crm")), (false, false));
        assert_eq!(at(Switch::App("cms")), (true, false));
    }

    #[test]
    fn what_is_ticked_is_what_comes() {
        let defaults = [
            json!({}),
            json!({"channels": {"email": "off"}}),
            json!({"workflows": {"news": "off"}}),
            json!({"workflows": {"news": {"channels": {"email": {"send": "off", "required": true}}}}}),
        ];
        let own = [
            json!({}),
            json!({"channels": {"email": "off"}}),
            json!({"workflows": {"news": {"channels": {"email": "on"}}}}),
        ];
        for (environment, user) in defaults
            .iter()
            .flat_map(|one| own.iter().map(move |other| (one, other)))
        {
            let (environment, user) = (read(environment.clone()), read(user.clone()));
            let layers = Layers {
                environment: Some(&environment),
                user: Some(&user),
                ..Layers::default()
            };
            for want in [[false, false], [false, true], [true, false], [true, true]] {
                let wanted = |_: &str, channel| Some(want[usize::from(channel == Channel::Email)]);
                let sheet = everywhere(layers);
                let said = sheet.ticked(&[NEWS], wanted);
                let after = sheet.with(&said);
                for (before, after) in sheet.ticks(&NEWS).into_iter().zip(after.ticks(&NEWS)) {
                    let expected = if before.fixed {
                        Some(before.on)
                    } else {
                        wanted("news", before.channel)
                    };
                    assert_eq!(Some(after.on), expected, "{environment:?} {user:?} {before:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_as_it_was_is_not_said() {
        let user = read(json!({"digest": {"email": "daily at 09:00"}}));
        let layers = Layers {
            user: Some(&user),
            ..Layers::default()
        };
        let said = |layers, wanted: Option<bool>| everywhere(layers).ticked(&[NEWS], |_, _| wanted).user;
        assert_eq!(said(layers, Some(true)), user);
        let required = read(json!({"channels": {"email": {"send": "off", "required": true}}}));
        let layers = Layers {
            environment: Some(&required),
            ..layers
        };
        assert!(everywhere(layers).ticks(&NEWS)[1].fixed);
        assert_eq!(said(layers, None), user, "what was not shown says nothing");
        assert_eq!(said(layers, Some(true)), user);
    }

    #[test]
    fn what_may_come_can_be_turned_off() {
        let condition = json!({"workflows": {"news": {"channels": {"email": {"if": {"path": "data.score", "is": "at_least", "value": 70}}}}}});
        let environment = read(condition);
        let layers = Layers {
            environment: Some(&environment),
            ..Layers::default()
        };
        let sheet = everywhere(layers);
        let mail = sheet.ticks(&NEWS)[1];
        assert_eq!((mail.on, mail.fixed), (true, false));
        let said = sheet.ticked(&[NEWS], |_, channel| Some(channel != Channel::Email));
        assert_eq!(
            said.user,
            read(json!({"workflows": {"news": {"channels": {"email": "off"}}}}))
        );
    }

    #[test]
    fn what_is_said_for_one_tenant_is_said_otherwise_there() {
        let on = read(json!({"workflows": {"news": {"channels": {"email": "on"}}}}));
        let off = read(json!({"workflows": {"news": {"channels": {"email": "off"}}}}));
        let layers = Layers {
            user: Some(&off),
            user_in_tenant: Some(&on),
            ..Layers::default()
        };
        let sheet = Sheet {
            layers,
            in_tenant: true,
        };
        let said = sheet.ended(&NEWS, Channel::Email).expect("it is theirs to say");
        assert_eq!((&said.user, &said.user_in_tenant), (&off, &off));
        assert_eq!(sheet.with(&said).ended(&NEWS, Channel::Email), Some(said.clone()));
        let back = sheet.with(&said).ticked(&[NEWS], |_, _| Some(true));
        assert_eq!((&back.user, &back.user_in_tenant), (&on, &on));
        let required = read(json!({"channels": {"email": {"send": "on", "required": true}}}));
        let layers = Layers {
            tenant: Some(&required),
            ..layers
        };
        let sheet = Sheet { layers, ..sheet };
        assert_eq!(sheet.ended(&NEWS, Channel::Email), None);
        assert!(sheet.ticks(&NEWS)[1].fixed);
    }
}
