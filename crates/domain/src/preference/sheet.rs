//! The sheet: preferences as somebody sees and ticks them, workflow by workflow and channel by channel.

use serde_json::Value;

use super::{Ask, Choice, Decision, Layers, Preferences, Setting};
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

/// The boxes of a workflow.
pub fn ticks(layers: &Layers<'_>, workflow: &Listed<'_>) -> Vec<Tick> {
    let tick = |channel: &Channel| {
        let on = comes(layers, workflow, *channel);
        let mut other = layers.user.cloned().unwrap_or_default();
        say(&mut other, workflow.key, *channel, !on);
        let said = Layers {
            user: Some(&other),
            ..*layers
        };
        Tick {
            channel: *channel,
            on,
            fixed: comes(&said, workflow, *channel) == on,
        }
    };
    workflow.channels.iter().map(tick).collect()
}

/// What a user prefers once they ticked these boxes of these workflows: as little as possible is said anew, and nothing of boxes that were
/// not shown.
pub fn ticked(
    layers: &Layers<'_>,
    workflows: &[Listed<'_>],
    wanted: impl Fn(&str, Channel) -> Option<bool>,
) -> Preferences {
    let mut document = layers.user.cloned().unwrap_or_default();
    for workflow in workflows {
        for tick in ticks(layers, workflow) {
            let want = wanted(workflow.key, tick.channel).filter(|want| *want != tick.on);
            if let Some(want) = want.filter(|_| !tick.fixed) {
                say(&mut document, workflow.key, tick.channel, want);
            }
        }
    }
    document
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
    let ask = Ask {
        workflow: workflow.key,
        categories: workflow.categories,
        channel,
        app: None,
        critical: false,
        gathered: true,
        asked_at: 0,
        zone: "UTC",
        known: &Value::Null,
    };
    !matches!(layers.decide(&ask, 0), Decision::Skip { .. })
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
    let setting = Setting {
        choice: if on { Choice::On } else { Choice::Off },
        required: false,
    };
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

    const NEWS: Listed<'_> = Listed {
        key: "news",
        categories: &[],
        channels: &[Channel::InApp, Channel::Email],
    };

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
                let said = ticked(&layers, &[NEWS], wanted);
                let after = Layers {
                    user: Some(&said),
                    ..layers
                };
                for (before, after) in ticks(&layers, &NEWS).into_iter().zip(ticks(&after, &NEWS)) {
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
        assert_eq!(ticked(&layers, &[NEWS], |_, _| Some(true)), user);
        let required = read(json!({"channels": {"email": {"send": "off", "required": true}}}));
        let layers = Layers {
            environment: Some(&required),
            ..layers
        };
        assert!(ticks(&layers, &NEWS)[1].fixed);
        assert_eq!(
            ticked(&layers, &[NEWS], |_, _| None),
            user,
            "what was not shown says nothing"
        );
        assert_eq!(ticked(&layers, &[NEWS], |_, _| Some(true)), user);
    }

    #[test]
    fn what_may_come_can_be_turned_off() {
        let condition = json!({"workflows": {"news": {"channels": {"email": {"if": {"path": "data.score", "is": "at_least", "value": 70}}}}}});
        let environment = read(condition);
        let layers = Layers {
            environment: Some(&environment),
            ..Layers::default()
        };
        assert_eq!(
            (ticks(&layers, &NEWS)[1].on, ticks(&layers, &NEWS)[1].fixed),
            (true, false)
        );
        let said = ticked(&layers, &[NEWS], |_, channel| Some(channel != Channel::Email));
        assert_eq!(
            said,
            read(json!({"workflows": {"news": {"channels": {"email": "off"}}}}))
        );
    }
}
