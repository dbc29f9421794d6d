//! Preferences: who decides what reaches whom, and what is said about it.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use domain::channel::Channel;
use domain::preference::{Ask, Decision, Frequency, Layer, Layers, Preferences, Reason};
use domain::quiet_hours::LONGEST_MS;
use domain::text::Faults;
use domain::time::rfc3339;
use proptest::prelude::*;
use serde_json::{Value, json};

/// 2026-02-07T10:00:00Z, a Saturday.
const NOW: i64 = 1_770_458_400_000;

fn document(form: &Value) -> Preferences {
    serde_json::from_value(form.clone()).unwrap_or_else(|error| panic!("{form}: {error}"))
}

/// Documents of the four layers, the weakest first; `null` for none.
struct Set([Option<Preferences>; 4]);

fn set(forms: [Value; 4]) -> Set {
    Set(forms.map(|form| (!form.is_null()).then(|| document(&form))))
}

fn user(form: Value) -> Set {
    set([Value::Null, Value::Null, form, Value::Null])
}

impl Set {
    fn layers(&self) -> Layers<'_> {
        let [environment, tenant, user, user_in_tenant] = self.0.each_ref().map(Option::as_ref);
        Layers {
            environment,
            tenant,
            user,
            user_in_tenant,
        }
    }

    /// `on` or `off`, and where that stands.
    fn says(&self, ask: &Ask<'_>) -> String {
        let verdict = self.layers().verdict(ask, NOW);
        let why = verdict.why;
        let word = if verdict.wanted { "on" } else { "off" };
        match (why.layer, why.rule) {
            (Some(layer), Some(rule)) => {
                let layer = serde_json::to_value(layer).unwrap();
                format!("{word} {}{rule}", layer.as_str().unwrap())
            }
            _ => word.to_owned(),
        }
    }
}

/// A mail of the workflow `deploys`, which is one of `ops` and of `news`.
fn mail<'a>(categories: &'a [String], known: &'a Value) -> Ask<'a> {
    Ask {
        workflow: "deploys",
        categories,
        channel: Channel::Email,
        app: Some("billing"),
        critical: false,
        gathered: false,
        asked_at: NOW,
        zone: "UTC",
        known,
    }
}

fn categories() -> [String; 2] {
    ["ops".to_owned(), "news".to_owned()]
}

#[track_caller]
fn says(set: &Set, expected: &str) {
    let (categories, known) = (categories(), json!({"data": {"score": 85}}));
    assert_eq!(set.says(&mail(&categories, &known)), expected);
}

#[test]
fn what_nobody_speaks_of_is_on() {
    says(&user(Value::Null), "on");
    says(&user(json!({})), "on");
    says(
        &user(json!({"workflows": {"other": "off"}, "channels": {"sms": "off"}, "apps": {"shop": "off"}})),
        "on",
    );
}

#[test]
fn p02_p03_each_kind_of_setting_is_obeyed() {
    for (form, rule) in [
        (json!({"workflows": {"deploys": "off"}}), "/workflows/deploys"),
        (
            json!({"workflows": {"deploys": {"channels": {"email": "off"}}}}),
            "/workflows/deploys/channels/email",
        ),
        (json!({"categories": {"ops": "off"}}), "/categories/ops"),
        (
            json!({"categories": {"news": {"channels": {"email": "off"}}}}),
            "/categories/news/channels/email",
        ),
        (json!({"channels": {"email": "off"}}), "/channels/email"),
        (json!({"channels": {"email": false}}), "/channels/email"),
        (json!({"apps": {"billing": "off"}}), "/apps/billing"),
    ] {
        says(&user(form), &format!("off user{rule}"));
    }
}

#[test]
fn p05_email_that_is_off_is_off() {
    says(
        &user(json!({"channels": {"email": "off"}, "workflows": {"deploys": "on"}})),
        "off user/channels/email",
    );
    says(
        &user(json!({"channels": {"email": "off"}, "categories": {"ops": "on"}})),
        "off user/channels/email",
    );
    // Defaults that are more exact do not bring it back.
    let defaults = json!({"workflows": {"deploys": {"channels": {"email": "on"}}}});
    says(
        &set([
            defaults.clone(),
            defaults,
            json!({"channels": {"email": "off"}}),
            Value::Null,
        ]),
        "off user/channels/email",
    );
}

#[test]
fn within_a_document_the_more_exact_wins() {
    for (form, expected) in [
        (
            json!({"channels": {"email": "off"}, "workflows": {"deploys": {"channels": {"email": "on"}}}}),
            "on user/workflows/deploys/channels/email",
        ),
        (
            json!({"channels": {"email": "off"}, "categories": {"ops": {"channels": {"email": "on"}}}}),
            "on user/categories/ops/channels/email",
        ),
        (
            json!({"categories": {"ops": "off"}, "workflows": {"deploys": "on"}}),
            "on user/workflows/deploys",
        ),
        (
            json!({"categories": {"ops": "on"}, "workflows": {"deploys": "off"}}),
            "off user/workflows/deploys",
        ),
        (
            json!({"workflows": {"deploys": {"send": "off", "channels": {"email": "on"}}}}),
            "on user/workflows/deploys/channels/email",
        ),
        (
            json!({"workflows": {"deploys": {"send": "on", "channels": {"email": "off"}}}}),
            "off user/workflows/deploys/channels/email",
        ),
        (
            json!({"workflows": {"deploys": "off"}, "categories": {"ops": {"channels": {"email": "on"}}}}),
            "off user/workflows/deploys",
        ),
        (
            json!({"workflows": {"deploys": "on"}, "categories": {"ops": {"channels": {"email": "off"}}}}),
            "off user/categories/ops/channels/email",
        ),
        (
            json!({"workflows": {"deploys": {"channels": {"email": "on"}}}, "categories": {"ops": {"channels": {"email": "off"}}}}),
            "on user/workflows/deploys/channels/email",
        ),
    ] {
        says(&user(form), expected);
    }
}

#[test]
fn one_category_that_is_off_is_enough() {
    says(
        &user(json!({"categories": {"ops": "on", "news": "off"}})),
        "off user/categories/news",
    );
    says(
        &user(json!({"categories": {"ops": {"channels": {"email": "on"}}, "news": "off"}})),
        "off user/categories/news",
    );
    says(
        &user(json!({"categories": {"ops": "off", "news": "off"}, "workflows": {"deploys": "on"}})),
        "on user/workflows/deploys",
    );
}

#[test]
fn p06_an_application_that_is_off_is_off_everywhere() {
    says(
        &user(json!({"apps": {"billing": "off"}, "workflows": {"deploys": {"channels": {"email": "on"}}}})),
        "off user/apps/billing",
    );
    says(
        &set([
            Value::Null,
            json!({"apps": {"billing": "off"}}),
            json!({"apps": {"billing": "on"}}),
            Value::Null,
        ]),
        "on user/apps/billing",
    );
}

#[test]
fn the_stronger_layer_wins() {
    let (on, off) = (
        json!({"channels": {"email": "on"}}),
        json!({"channels": {"email": "off"}}),
    );
    let null = || Value::Null;
    for (forms, expected) in [
        (
            [off.clone(), null(), null(), null()],
            "off environment/channels/email",
        ),
        (
            [off.clone(), on.clone(), null(), null()],
            "on tenant/channels/email",
        ),
        (
            [off.clone(), on.clone(), off.clone(), null()],
            "off user/channels/email",
        ),
        (
            [off.clone(), on.clone(), off.clone(), on.clone()],
            "on user_in_tenant/channels/email",
        ),
        (
            [on.clone(), null(), null(), off.clone()],
            "off user_in_tenant/channels/email",
        ),
    ] {
        says(&set(forms), expected);
    }
}

#[test]
fn opening_names_what_it_opens() {
    let broad = json!({"channels": {"email": "on"}});
    let exact = json!({"workflows": {"deploys": {"channels": {"email": "off"}}}});
    says(
        &set([Value::Null, exact.clone(), broad, Value::Null]),
        "off tenant/workflows/deploys/channels/email",
    );
    says(
        &set([
            Value::Null,
            exact,
            json!({"workflows": {"deploys": {"channels": {"email": "on"}}}}),
            Value::Null,
        ]),
        "on user/workflows/deploys/channels/email",
    );
    // A document says nothing about what it does not name: the rest of the defaults stays.
    says(
        &set([
            json!({"categories": {"news": "off"}}),
            Value::Null,
            json!({"workflows": {"other": "on"}}),
            Value::Null,
        ]),
        "off environment/categories/news",
    );
}

#[test]
fn what_is_required_cannot_be_contradicted() {
    let required = |send: &str| json!({"categories": {"ops": {"send": send, "required": true}}});
    let null = || Value::Null;
    let off = json!({"channels": {"email": "off"}, "workflows": {"deploys": {"channels": {"email": "off"}}}});
    let on = json!({"workflows": {"deploys": {"channels": {"email": "on"}}}});
    says(
        &set([required("on"), null(), off.clone(), off.clone()]),
        "on environment/categories/ops",
    );
    says(
        &set([null(), required("on"), off.clone(), null()]),
        "on tenant/categories/ops",
    );
    says(
        &set([required("off"), on.clone(), on.clone(), on.clone()]),
        "off environment/categories/ops",
    );
    says(
        &set([required("off"), required("on"), on.clone(), null()]),
        "off environment/categories/ops",
    );
    // It binds those above, not the one who says it.
    let mixed =
        json!({"categories": {"ops": {"send": "on", "required": true}}, "channels": {"email": "off"}});
    says(
        &set([mixed.clone(), null(), null(), null()]),
        "off environment/channels/email",
    );
    says(
        &set([mixed, null(), json!({"channels": {"email": "on"}}), null()]),
        "on environment/categories/ops",
    );
    // Users require nothing.
    let own = json!({"channels": {"email": {"send": "off", "required": true}}});
    says(
        &set([null(), null(), own, json!({"channels": {"email": "on"}})]),
        "on user_in_tenant/channels/email",
    );
}

#[test]
fn conditions_decide_and_say_why() {
    let form = |least: i64| json!({"channels": {"email": {"if": {"data.score": {"at_least": least}}}}});
    says(&user(form(70)), "on user/channels/email");
    says(&user(form(90)), "off user/channels/email");
    let (categories, known) = (categories(), json!({"data": {"score": 85}}));
    let set = user(form(90));
    let decision = set.layers().decide(&mail(&categories, &known), NOW);
    assert_eq!(
        serde_json::to_value(&decision).unwrap(),
        json!({"decision": "skip", "why": {
            "reason": "preference",
            "layer": "user",
            "rule": "/channels/email",
            "because": [{"path": "data.score", "operator": "at_least", "expected": 90, "actual": 85, "holds": false}],
        }})
    );
    assert_eq!(
        serde_json::from_value::<Decision>(serde_json::to_value(&decision).unwrap()).unwrap(),
        decision
    );
}

#[test]
fn critical_messages_pass_everything() {
    let quiet = json!({"windows": [{"during": "00:00-23:00"}]});
    let all = json!({
        "channels": {"email": {"send": "off", "required": true}},
        "apps": {"billing": "off"},
        "digest": {"email": "1h"},
        "quiet_hours": quiet,
    });
    let set = set([all.clone(), all.clone(), all.clone(), all]);
    let (categories, known) = (categories(), json!({}));
    let ask = Ask {
        critical: true,
        ..mail(&categories, &known)
    };
    let Decision::Send { why } = set.layers().decide(&ask, NOW) else {
        panic!()
    };
    assert_eq!(why.reason, Reason::Critical);
}

/// The decision in short: `send`, `skip`, `hold 12:00`, `gather 12:00` (held, and then as one), `digest 12:00`.
fn becomes(set: &Set, change: impl Fn(&mut Ask<'_>), now: i64) -> String {
    let (categories, known) = (categories(), json!({}));
    let mut ask = mail(&categories, &known);
    change(&mut ask);
    let time = |until: i64| rfc3339(until)[8..16].to_owned();
    match set.layers().decide(&ask, now) {
        Decision::Send { .. } => "send".to_owned(),
        Decision::Skip { .. } => "skip".to_owned(),
        Decision::Hold {
            until,
            as_digest: false,
            ..
        } => format!("hold {}", time(until)),
        Decision::Hold { until, .. } => format!("gather {}", time(until)),
        Decision::Digest { until, .. } => format!("digest {}", time(until)),
    }
}

#[test]
fn p04_each_channel_has_its_frequency() {
    let gather = |frequency: &str| user(json!({"digest": {"email": frequency, "slack": "immediate"}}));
    let plain = |_: &mut Ask<'_>| {};
    assert_eq!(becomes(&gather("5m"), plain, NOW), "digest 07T10:05");
    assert_eq!(becomes(&gather("immediate"), plain, NOW), "send");
    assert_eq!(becomes(&gather("daily at 09:00"), plain, NOW), "digest 08T09:00");
    assert_eq!(
        becomes(&gather("weekly mon 09:00"), plain, NOW),
        "digest 09T09:00"
    );
    assert_eq!(
        becomes(&gather("mon-fri at 09:00"), |ask| ask.zone = "Europe/Berlin", NOW),
        "digest 09T08:00"
    );
    assert_eq!(
        becomes(&gather("5m"), |ask| ask.channel = Channel::Slack, NOW),
        "send"
    );
    assert_eq!(
        becomes(&gather("5m"), |ask| ask.channel = Channel::Sms, NOW),
        "send"
    );
    assert_eq!(becomes(&gather("5m"), |ask| ask.gathered = true, NOW), "send");
    let off = user(json!({"digest": {"email": "5m"}, "channels": {"email": "off"}}));
    assert_eq!(becomes(&off, plain, NOW), "skip");
    // The uppermost layer that says how often is obeyed.
    let digest = |frequency: &str| json!({"digest": {"email": frequency}});
    let layered = set([digest("1h"), digest("2h"), digest("immediate"), Value::Null]);
    assert_eq!(becomes(&layered, plain, NOW), "send");
}

#[test]
fn quiet_hours_hold_and_can_gather() {
    let nights = |gather: bool| {
        user(json!({"quiet_hours": {"windows": [{"during": "09:00-12:00"}], "gather": gather}}))
    };
    let plain = |_: &mut Ask<'_>| {};
    assert_eq!(becomes(&nights(false), plain, NOW), "hold 07T12:00");
    assert_eq!(becomes(&nights(true), plain, NOW), "gather 07T12:00");
    assert_eq!(
        becomes(&nights(true), |ask| ask.gathered = true, NOW),
        "hold 07T12:00"
    );
    assert_eq!(becomes(&nights(false), plain, NOW + 2 * 3_600_000), "send");
    assert_eq!(
        becomes(&nights(false), |ask| ask.zone = "Asia/Kathmandu", NOW),
        "send"
    );
    assert_eq!(
        becomes(&nights(false), |ask| ask.channel = Channel::InApp, NOW),
        "send"
    );
    // No windows are an answer, too.
    let none = set([
        json!({"quiet_hours": {"windows": [{"during": "09:00-12:00"}]}}),
        Value::Null,
        json!({"quiet_hours": {"windows": []}}),
        Value::Null,
    ]);
    assert_eq!(becomes(&none, plain, NOW), "send");
}

#[test]
fn a_digest_does_not_close_into_quiet_hours() {
    let both = |frequency: &str| {
        user(json!({
            "digest": {"email": frequency},
            "quiet_hours": {"windows": [{"during": "10:03-12:00"}]},
        }))
    };
    let plain = |_: &mut Ask<'_>| {};
    assert_eq!(becomes(&both("2m"), plain, NOW), "digest 07T10:02");
    assert_eq!(becomes(&both("5m"), plain, NOW), "digest 07T12:00");
    // What comes while it is quiet is gathered until the end as well.
    assert_eq!(becomes(&both("5m"), plain, NOW + 600_000), "digest 07T12:00");
}

#[test]
fn nothing_is_held_again_and_again() {
    let always = user(json!({"quiet_hours": {"windows": [{"during": "00:00-24:00"}]}}));
    let plain = |_: &mut Ask<'_>| {};
    assert_eq!(becomes(&always, plain, NOW), "hold 14T10:00");
    assert_eq!(becomes(&always, plain, NOW + LONGEST_MS - 1), "hold 14T10:00");
    assert_eq!(becomes(&always, plain, NOW + LONGEST_MS), "send");
}

#[test]
fn frequencies_are_read_and_written() {
    for (text, printed) in [
        ("immediate", "immediate"),
        ("5m", "5m"),
        ("PT1H", "1h"),
        ("1h 30m", "90m"),
        ("daily at 09:00", "daily at 09:00"),
        ("daily 09:00", "daily at 09:00"),
        ("weekly mon 09:00", "weekly mon at 09:00"),
        ("mon at 09:00", "weekly mon at 09:00"),
        ("mon-fri at 17:30", "mon-fri at 17:30"),
        ("sat,sun 08:00", "sat,sun at 08:00"),
    ] {
        let frequency = Frequency::parse(text).unwrap();
        assert_eq!(frequency.to_string(), printed);
        assert_eq!(Frequency::parse(printed), Ok(frequency));
    }
    for text in [
        "",
        "never",
        "hourly",
        "daily",
        "daily at",
        "weekly 09:00",
        "weekly mon-fri 09:00",
        "daily at 9",
        "daily at 24:00",
    ] {
        assert!(Frequency::parse(text).is_err(), "{text}");
    }
}

fn faults(form: &Value, layer: Layer) -> Vec<(String, &'static str)> {
    let mut faults = Faults::default();
    document(form).check("", layer, &mut faults);
    let faults = faults.finish().err().unwrap_or_default();
    faults
        .into_iter()
        .map(|fault| (fault.pointer, fault.code))
        .collect()
}

#[test]
fn faults_name_their_place() {
    let one = |pointer: &str, code: &'static str| vec![(pointer.to_owned(), code)];
    let bad = json!({"if": {"path": "data.x", "is": "like", "value": 1}});
    for (form, expected) in [
        (
            json!({"channels": {"email": bad}}),
            one("/channels/email/if/is", "unknown"),
        ),
        (
            json!({"workflows": {"a/b": bad}}),
            one("/workflows/a~1b/if/is", "unknown"),
        ),
        (
            json!({"categories": {"ops": {"channels": {"sms": bad}}}}),
            one("/categories/ops/channels/sms/if/is", "unknown"),
        ),
        (json!({"apps": {"x": bad}}), one("/apps/x/if/is", "unknown")),
        (json!({"apps": {"": "off"}}), one("/apps/", "required")),
        (json!({"digest": {"email": "10s"}}), one("/digest/email", "range")),
        (
            json!({"digest": {"webhook": "1h"}}),
            one("/digest/webhook", "unfitting"),
        ),
        (
            json!({"quiet_hours": {"windows": [{"during": "00:00-24:00"}]}}),
            one("/quiet_hours/windows", "always"),
        ),
        (
            json!({"channels": {"email": {"send": "on", "required": true}}}),
            one("/channels/email/required", "unfitting"),
        ),
    ] {
        assert_eq!(faults(&form, Layer::User), expected, "{form}");
    }
    let required = json!({"channels": {"email": {"send": "on", "required": true}}});
    assert_eq!(faults(&required, Layer::Tenant), []);
    assert_eq!(faults(&required, Layer::UserInTenant).len(), 1);
}

#[test]
fn documents_are_bounded() {
    let workflows = |count: usize| {
        let entries = (0..count).map(|n| (format!("w{n}"), json!("off")));
        json!({"workflows": entries.collect::<serde_json::Map<_, _>>()})
    };
    assert_eq!(faults(&workflows(500), Layer::User), []);
    assert_eq!(
        faults(&workflows(501), Layer::User),
        [("/workflows".to_owned(), "too_many")]
    );
    assert_eq!(
        faults(&json!({"apps": {"x".repeat(70_000): "off"}}), Layer::User),
        [(String::new(), "too_large")]
    );
}

#[test]
fn what_is_no_document_is_refused_in_words() {
    for (form, why) in [
        (json!({"channels": {"mail": "off"}}), "in_app"),
        (json!({"channels": {"email": "maybe"}}), "neither `on` nor `off`"),
        (json!({"channels": {"email": 1}}), "on, off, or a map"),
        (json!({"channels": {"email": {}}}), "a setting says"),
        (
            json!({"channels": {"email": {"required": true}}}),
            "a setting says",
        ),
        (
            json!({"channels": {"email": {"send": "on", "if": {"data.x": 1}}}}),
            "not both",
        ),
        (
            json!({"channels": {"email": {"channels": {"sms": "on"}}}}),
            "under a workflow",
        ),
        (json!({"channels": {"email": {"send": {}}}}), "on or off"),
        (
            json!({"workflows": {"x": {"email": "off"}}}),
            "unknown field `email`",
        ),
        (json!({"workflows": {"x": {}}}), "a setting says"),
        (json!({"workflow": {}}), "unknown field `workflow`"),
        (json!({"digest": {"email": "often"}}), "no frequency"),
    ] {
        let error = serde_json::from_value::<Preferences>(form.clone())
            .unwrap_err()
            .to_string();
        assert!(error.contains(why), "{form}: {error}");
    }
}

#[test]
fn documents_are_kept_in_one_form() {
    let form = json!({
        "workflows": {
            "a": "off",
            "b": {"send": "on", "channels": {"sms": {"if": {"path": "data.x", "is": "equals", "value": 1}}}},
            "c": {"channels": {"email": "off"}},
        },
        "categories": {"security": {"send": "on", "required": true}},
        "channels": {"email": "on"},
        "digest": {"email": "daily at 09:00"},
        "apps": {"billing": "off"},
        "quiet_hours": {"windows": [{"during": "22:00-07:00"}]},
    });
    assert_eq!(serde_json::to_value(document(&form)).unwrap(), form);
    assert_eq!(serde_json::to_value(document(&json!({}))).unwrap(), json!({}));
    let sugar = json!({"channels": {"email": true, "sms": {"send": false}}});
    assert_eq!(
        serde_json::to_value(document(&sugar)).unwrap(),
        json!({"channels": {"email": "on", "sms": "off"}})
    );
}

fn any_document() -> impl Strategy<Value = Value> {
    let setting = || {
        prop_oneof![
            Just(json!("on")),
            Just(json!("off")),
            Just(json!({"send": "on", "required": true})),
            Just(json!({"send": "off", "required": true})),
        ]
    };
    let topic = || {
        prop_oneof![
            setting(),
            setting().prop_map(|email| json!({"channels": {"email": email}})),
            (any::<bool>(), setting())
                .prop_map(|(on, email)| json!({"send": on, "channels": {"email": email}})),
        ]
    };
    let maybe = |name: &'static str, inside: BoxedStrategy<Value>, key: &'static str| {
        prop::option::of(inside).prop_map(move |found| found.map(|found| (name, json!({key: found}))))
    };
    let parts = (
        maybe("workflows", topic().boxed(), "deploys"),
        maybe("categories", topic().boxed(), "ops"),
        maybe("channels", setting().boxed(), "email"),
        maybe("apps", setting().boxed(), "billing"),
    );
    parts.prop_map(|(a, b, c, d)| {
        let parts = [a, b, c, d].into_iter().flatten();
        Value::Object(parts.map(|(name, part)| (name.to_owned(), part)).collect())
    })
}

proptest! {
    /// Nobody needs to know the defaults to be left alone: a user's `off` for the channel, with nothing of theirs against it, holds
    /// against all defaults that are not required.
    #[test]
    fn p05_off_holds_against_any_defaults(environment in any_document(), tenant in any_document()) {
        let lenient = |form: Value| -> Value {
            serde_json::from_str(&form.to_string().replace(r#""required":true"#, r#""required":false"#)).unwrap()
        };
        let set = set([lenient(environment), lenient(tenant), json!({"channels": {"email": "off"}}), Value::Null]);
        let (categories, known) = (categories(), json!({}));
        prop_assert!(!set.layers().verdict(&mail(&categories, &known), NOW).wanted);
    }

    /// What decided is really there and really says so.
    #[test]
    fn a_verdict_names_what_says_so(
        environment in any_document(), tenant in any_document(), own in any_document(), here in any_document(),
    ) {
        let forms = [environment, tenant, own, here];
        let set = set(forms.clone());
        let (categories, known) = (categories(), json!({}));
        let verdict = set.layers().verdict(&mail(&categories, &known), NOW);
        match verdict.why.layer {
            None => prop_assert!(verdict.wanted && verdict.why.reason == Reason::Default),
            Some(layer) => {
                let kept = serde_json::to_value(document(&forms[layer as usize])).unwrap();
                let found = kept.pointer(&verdict.why.rule.unwrap()).unwrap();
                let said = found.get("send").unwrap_or(found);
                prop_assert_eq!(said == "on", verdict.wanted);
            }
        }
    }

    /// An `on` more never withholds, an `off` more never lets through.
    #[test]
    fn settings_do_what_they_say(forms in prop::array::uniform4(any_document()), on in any::<bool>()) {
        let (categories, known) = (categories(), json!({}));
        let ask = mail(&categories, &known);
        let wanted = |forms: &[Value; 4]| set(forms.clone()).layers().verdict(&ask, NOW).wanted;
        prop_assume!(forms[3].pointer("/workflows/deploys").is_none_or(Value::is_object));
        let before = wanted(&forms);
        let mut changed = forms;
        changed[3]["workflows"]["deploys"]["channels"]["email"] = json!(on);
        let after = wanted(&changed);
        prop_assert!(after == before || after == on);
    }
}
