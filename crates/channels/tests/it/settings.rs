//! Settings: what is wrong is said at its place, and what is absent is off.

use channels::people::{CHANNELS, Clients, Sender, SettingsError, channel};
use egress::{Client, Policy, Settings};
use serde_json::{Value, json};

use crate::support::{clients, mail_settings};

fn faults(channel: &str, settings: &Value) -> Vec<(String, &'static str)> {
    match Sender::new(channel, settings, &clients()) {
        Err(SettingsError::Faulty(faults)) => faults
            .into_iter()
            .map(|fault| (fault.pointer, fault.code))
            .collect(),
        other => panic!("{settings}: {other:?}"),
    }
}

#[test]
fn a17_a_channel_without_settings_is_off() {
    for settings in [
        json!(null),
        json!({}),
        json!({"providers": []}),
        json!({"subject_prefix": "x"}),
    ] {
        let error = Sender::new("email", &settings, &clients()).unwrap_err();
        assert_eq!(error, SettingsError::Off, "{settings}");
    }
    assert_eq!(
        Sender::new("pigeon", &json!({}), &clients()).unwrap_err(),
        SettingsError::UnknownChannel
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn m01_each_fault_is_said_at_its_place() {
    let smtp = |changes: Value| {
        let mut provider = json!({"kind": "smtp", "host": "mail.example"});
        for (field, value) in changes.as_object().unwrap() {
            provider[field] = value.clone();
        }
        mail_settings(&json!([provider]))
    };
    let resend =
        |key: &str, base: &str| mail_settings(&json!([{"kind": "resend", "key": key, "base_url": base}]));
    for (settings, pointer, code) in [
        (json!([]), "", "type"),
        (json!({"providers": [{"kind": "sandbox"}]}), "/from", "required"),
        (json!({"from": "a@b.example"}), "/providers", "required"),
        (
            json!({"from": "a@b.example", "providers": {}}),
            "/providers",
            "type",
        ),
        (
            json!({"from": {"address": "nobody"}, "providers": [{"kind": "sandbox"}]}),
            "/from/address",
            "address",
        ),
        (
            json!({"from": "a@b\n.example", "providers": [{"kind": "sandbox"}]}),
            "/from",
            "address",
        ),
        (mail_settings(&json!([{}])), "/providers/0/kind", "required"),
        (
            mail_settings(&json!([{"kind": "pigeon"}])),
            "/providers/0/kind",
            "choice",
        ),
        (mail_settings(&json!(["smtp"])), "/providers/0", "type"),
        (
            mail_settings(&json!([{"kind": "sandbox"}, {"kind": "sandbox"}])),
            "/providers/1/name",
            "duplicate",
        ),
        (
            mail_settings(&json!([{"kind": "sandbox", "key": "x"}])),
            "/providers/0/key",
            "unknown",
        ),
        (smtp(json!({"host": null})), "/providers/0/host", "required"),
        (smtp(json!({"host": "two words"})), "/providers/0/host", "host"),
        (
            smtp(json!({"host": "10.0.0.1"})),
            "/providers/0/host",
            "address_denied",
        ),
        (smtp(json!({"port": 0})), "/providers/0/port", "range"),
        (smtp(json!({"port": "587"})), "/providers/0/port", "range"),
        (smtp(json!({"tls": "yes"})), "/providers/0/tls", "choice"),
        (
            smtp(json!({"username": "u"})),
            "/providers/0/password",
            "required",
        ),
        (
            smtp(json!({"password": "p"})),
            "/providers/0/username",
            "required",
        ),
        (
            smtp(json!({"auth": "plain"})),
            "/providers/0/username",
            "required",
        ),
        (smtp(json!({"hello": "two words"})), "/providers/0/hello", "hello"),
        (smtp(json!({"usrename": "u"})), "/providers/0/usrename", "unknown"),
        (
            resend("sk_123456", "https://a.example"),
            "/providers/0/key",
            "key",
        ),
        (resend("re_1", "https://a.example"), "/providers/0/key", "key"),
        (resend("", "https://a.example"), "/providers/0/key", "required"),
        (
            resend("re_123456", "http://10.0.0.1"),
            "/providers/0/base_url",
            "address_denied",
        ),
        (
            resend("re_123456", "ftp://a.example"),
            "/providers/0/base_url",
            "url_scheme",
        ),
    ] {
        let found = faults("email", &settings);
        assert!(
            found.contains(&(pointer.to_owned(), code)),
            "{settings}: {found:?} lacks {pointer} {code}"
        );
    }
}

#[test]
fn every_fault_is_said_at_once() {
    let settings = json!({"from": "nobody", "subject_prefix": "a\nb", "providers": 3});
    let found = faults("email", &settings);
    assert!(found.len() >= 2, "{found:?}");
}

#[test]
fn s09_s10_urls_are_checked_when_they_are_stored() {
    for channel in ["slack", "teams"] {
        assert_eq!(
            faults(channel, &json!({"url": "not a url"})),
            [("/url".to_owned(), "url_malformed")]
        );
        assert_eq!(
            faults(channel, &json!({"url": "https://192.168.0.1/x"})),
            [("/url".to_owned(), "address_denied")]
        );
        assert_eq!(
            faults(channel, &json!({"provider": "x"})),
            [("/provider".to_owned(), "choice")]
        );
        assert!(
            Sender::new(channel, &json!(null), &clients()).is_ok(),
            "each recipient has its own URL"
        );
    }
    assert_eq!(
        faults("slack", &json!({"token": "xoxp-1234567"})),
        [("/token".to_owned(), "token")]
    );
}

#[test]
fn s10_a_retired_connector_is_warned_of() {
    let warnings = |url: &str| {
        Sender::new("teams", &json!({"url": url}), &clients())
            .unwrap()
            .warnings()
    };
    assert_eq!(
        warnings("https://contoso.webhook.office.com/webhookb2/x").len(),
        1
    );
    assert!(warnings("https://prod-1.westeurope.logic.azure.com/workflows/x").is_empty());
}

#[test]
fn c02_channels_are_found_by_their_word() {
    for one in &CHANNELS {
        assert_eq!(channel(one.word).unwrap().word, one.word);
    }
    let slack = |settings: Value| Sender::new("slack", &settings, &clients()).unwrap();
    assert!(slack(json!({"token": "xoxb-1234567"})).supports_interactivity());
    assert!(!slack(json!({"url": "https://hooks.slack.example/x"})).supports_interactivity());
    assert!(
        !slack(json!({"url": "https://hooks.slack.example/x"}))
            .channel()
            .deadline
            .is_zero()
    );
}

#[test]
fn the_operators_hosts_may_stand_where_strangers_urls_may_not_lead() {
    let given = Client::new(Settings::default()).unwrap();
    let clients = Clients {
        operated: given.with_policy(Policy::new(["10.0.0.0/8".parse().unwrap()], [])),
        given,
    };
    let smtp = mail_settings(&json!([{"kind": "smtp", "host": "10.0.0.25"}]));
    assert!(Sender::new("email", &smtp, &clients).is_ok());
    let slack = json!({"url": "http://10.0.0.25/x"});
    assert!(Sender::new("slack", &slack, &clients).is_err());
}

#[test]
fn secrets_are_not_printed() {
    let settings = mail_settings(&json!([
        {"kind": "smtp", "host": "mail.example", "username": "ann", "password": "hush-hush"},
        {"kind": "resend", "key": "re_hush_hush"},
    ]));
    let slack = json!({"token": "xoxb-hush-hush"});
    let hook = json!({"url": "https://hooks.slack.example/services/hush-hush"});
    for (channel, settings) in [("email", settings), ("slack", slack), ("teams", hook)] {
        let printed = format!("{:?}", Sender::new(channel, &settings, &clients()).unwrap());
        assert!(!printed.contains("hush"), "{printed}");
    }
}
