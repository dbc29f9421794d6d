//! Mails: from blocks to HTML and text, as real products write them.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
#![allow(clippy::needless_pass_by_value, reason = "what `json!` makes is handed over")]

use proptest::prelude::*;
use serde_json::{Value, json};
use templates::email::{Branding, Email, Link, Look, Mail, Source};
use templates::{Limits, Partials};

fn source(form: Value) -> Source {
    serde_json::from_value(form).unwrap()
}

fn parsed(form: Value) -> Email {
    Email::parse(&source(form), &Partials::default()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn look(branding: &Branding) -> Look<'_> {
    Look {
        branding,
        lang: "en",
        base_url: None,
        links: &[],
    }
}

fn rendered(form: Value, context: Value) -> Mail {
    let branding = Branding::default();
    parsed(form)
        .render(&context, &look(&branding), &Limits::default())
        .unwrap()
}

/// Everything a mail is made of; the samples of products are written with it.
fn digest() -> Value {
    json!({
        "subject": "{{ total_activities }} new observations in {{ tenant.name }}",
        "preheader": "The last five minutes",
        "blocks": [
            {"type": "heading", "text": "{{ total_activities }} new observations in {{ tenant.name }}"},
            {"type": "list", "each": "activities", "as": "activity", "blocks": [
                {"type": "callout", "color": "#6366f1", "blocks": [
                    {"type": "text", "text": "**{{ activity.data.kind | capitalize }}** (Score: {{ activity.data.score }})\nTopics: {{ activity.data.topics | join: \", \" }}"},
                ]},
            ]},
            {"type": "button", "label": "View workspace", "url": "https://lightfast.ai/workspace/{{ data.workspace }}"},
            {"type": "divider"},
            {"type": "fields", "fields": [{"label": "Workspace", "value": "{{ data.workspace }}"}, {"label": "None", "value": "{{ data.none }}"}]},
            {"type": "if", "condition": "data.note", "blocks": [{"type": "text", "text": "{{ data.note }}", "muted": true}]},
        ],
    })
}

fn observed() -> Value {
    json!({
        "total_activities": 2, "tenant": {"name": "Acme & Sons"},
        "data": {"workspace": "w_1", "note": "<script>alert(1)</script> *not bold* [x](javascript:alert(1))"},
        "activities": [
            {"data": {"kind": "deployment", "score": 85, "topics": ["build", "infra"]}},
            {"data": {"kind": "pull request", "score": 71, "topics": ["<b>"]}},
        ],
    })
}

#[test]
fn m04_m05_m06_one_source_makes_both_parts() {
    let mail = rendered(digest(), observed());
    assert_eq!(mail.subject, "2 new observations in Acme & Sons");
    let html = mail.html.unwrap();
    assert!(html.contains("Acme &amp; Sons</h1>"), "{html}");
    assert_eq!(html.matches("border-left:3px solid #6366f1").count(), 2);
    assert!(
        html.contains(">Deployment</strong> (Score: 85)<br>Topics: build, infra"),
        "{html}"
    );
    assert!(html.contains("Topics: &lt;b&gt;"), "{html}");
    assert!(html.contains(r#"href="https://lightfast.ai/workspace/w_1""#));
    assert!(
        !html.contains("<script>") && !html.contains("javascript:alert(1)\""),
        "{html}"
    );
    assert!(
        html.contains("&lt;script&gt;alert(1)&lt;/script&gt; *not bold*"),
        "{html}"
    );
    assert!(!html.contains(">None<"), "an empty field is left out");
    assert!(html.contains("prefers-color-scheme:dark") && html.contains(r#"content="light dark""#));
    assert!(html.find("The last five minutes").unwrap() < html.find("</h1>").unwrap());
    assert_eq!(
        mail.text.split("\n\n").take(4).collect::<Vec<_>>(),
        [
            "2 new observations in Acme & Sons\n=================================",
            "| Deployment (Score: 85)\n| Topics: build, infra",
            "| Pull request (Score: 71)\n| Topics: <b>",
            "View workspace: https://lightfast.ai/workspace/w_1",
        ]
    );
    assert!(
        mail.text.lines().all(|line| line.trim_end() == line),
        "{}",
        mail.text
    );
}

/// M12: a dark card with the product's own colours and footer.
#[test]
fn m12_a_tenant_has_a_look_of_its_own() {
    let branding: Branding = serde_json::from_value(json!({
        "name": "ResolutionFlow", "font": "IBM Plex Sans, sans-serif", "padding": 20, "radius": 12, "dark": null,
        "colors": {"background": "#0f1115", "card": "rgba(24, 26, 31, 0.8)", "border": "rgba(255, 255, 255, 0.06)",
            "text": "#8891a0", "heading": "#f8fafc", "link": "#06b6d4", "accent": "#06b6d4", "footer": "#5a6170"},
        "footer_text": "— ResolutionFlow",
    }))
    .unwrap();
    let email = parsed(json!({
        "subject": "[ResolutionFlow] {{ data.title }}",
        "blocks": [
            {"type": "heading", "text": "{{ data.title }}", "level": 2},
            {"type": "text", "text": "{{ data.body }}\n\n[View in ResolutionFlow](https://app.example/pilot/7)"},
        ],
    }));
    let context =
        json!({"data": {"title": "Session escalated by Ada", "body": "Reason: No answer\nProblem: VPN"}});
    let unsubscribe = [Link {
        label: "Unsubscribe".into(),
        url: "https://app.example/u".into(),
    }];
    let look = Look {
        links: &unsubscribe,
        ..look(&branding)
    };
    let mail = email.render(&context, &look, &Limits::default()).unwrap();
    let html = mail.html.unwrap();
    for part in [
        "background-color:rgba(24,26,31,0.8)",
        "border:1px solid rgba(255,255,255,0.06)",
        "border-radius:12px",
        "padding:20px",
        "color:#8891a0",
        "Reason: No answer<br>Problem: VPN",
        r#"style="color:#06b6d4""#,
        "— ResolutionFlow<br><a class=\"f\" href=\"https://app.example/u\"",
        "color:#5a6170",
        "'IBM Plex Sans',sans-serif",
        r#"<meta name="color-scheme" content="dark">"#,
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
    assert!(
        mail.text
            .ends_with("-- \n— ResolutionFlow\nUnsubscribe: https://app.example/u\n"),
        "{}",
        mail.text
    );
}

#[test]
fn html_by_its_author_gets_a_text_part() {
    let form = json!({"subject": "x", "html": "<p>Hello {{ data.name }}</p><p><a href=\"https://a.example\">go</a></p>"});
    let mail = rendered(form, json!({"data": {"name": "<Ada>"}}));
    assert_eq!(
        mail.html.unwrap(),
        "<p>Hello &lt;Ada&gt;</p><p><a href=\"https://a.example\">go</a></p>"
    );
    assert_eq!(mail.text, "Hello <Ada>\n\ngo (https://a.example)\n");
    let both = rendered(
        json!({"subject": "x", "html": "<p>a</p>", "text": "b {{ data.x }}  "}),
        json!({"data": {"x": 1}}),
    );
    assert_eq!(both.text, "b 1\n");
    let alone = rendered(json!({"subject": "a\nb", "text": "c"}), json!({}));
    assert_eq!(
        (alone.subject.as_str(), alone.html, alone.text.as_str()),
        ("a b", None, "c\n")
    );
}

#[test]
fn every_fault_is_told_by_its_place() {
    let faulty = source(json!({"subject": " ", "blocks": [
        {"type": "heading", "text": "{{ x", "level": 9},
        {"type": "callout"},
        {"type": "list", "each": "a | nosuch", "as": "1x", "blocks": [{"type": "text", "text": "{% if %}"}]},
        {"type": "if", "condition": "a ==", "blocks": []},
    ]}));
    let faults = Email::parse(&faulty, &Partials::default()).unwrap_err();
    let places: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(
        places,
        [
            "/subject",
            "/blocks/0/level",
            "/blocks/0/text",
            "/blocks/1",
            "/blocks/2/each",
            "/blocks/2/blocks/0/text",
            "/blocks/2/as",
            "/blocks/3/condition",
        ]
    );
    for form in [
        json!({"subject": "x"}),
        json!({"subject": "x", "blocks": []}),
        json!({"subject": "x", "blocks": [{"type": "divider"}], "html": "y"}),
        json!({"subject": "x", "html": "y", "layout": "nosuch"}),
        json!({"subject": "x", "text": "y", "layout": "nosuch"}),
    ] {
        assert!(
            Email::parse(&source(form.clone()), &Partials::default()).is_err(),
            "{form}"
        );
    }
}

#[test]
fn a_list_without_end_ends_at_the_limit() {
    let form = json!({"subject": "x", "blocks": [{"type": "list", "each": "data.a", "blocks": [
        {"type": "list", "each": "data.a", "blocks": [{"type": "text", "text": "{{ item }}"}]},
    ]}]});
    let many = json!({"data": {"a": vec![1; 2_000]}});
    let branding = Branding::default();
    let refused = parsed(form).render(&many, &look(&branding), &Limits::default());
    assert!(refused.is_err());
}

#[test]
fn a_list_shows_what_stands_for_nothing() {
    let form = json!({"subject": "x", "blocks": [{"type": "list", "each": "data.a",
        "blocks": [{"type": "text", "text": "{{ forloop.index }}: {{ item }}"}],
        "empty": [{"type": "text", "text": "Nothing"}]}]});
    assert_eq!(rendered(form.clone(), json!({"data": {}})).text, "Nothing\n");
    assert_eq!(
        rendered(form, json!({"data": {"a": ["x", "y"]}})).text,
        "1: x\n\n2: y\n"
    );
}

proptest! {
    /// Whatever data says, it makes no element, no attribute and no link of its own.
    #[test]
    fn data_is_never_markup(text in "\\PC{0,40}", sign in "[<>\"'&`*_\\[\\](){}\\\\|~#!:-]{0,12}") {
        let form = json!({"subject": "s", "blocks": [
            {"type": "heading", "text": "{{ data.x }}"},
            {"type": "text", "text": "a {{ data.x }} b"},
            {"type": "button", "label": "{{ data.x }}", "url": "https://a.example/{{ data.x | url_encode }}"},
            {"type": "fields", "fields": [{"label": "l", "value": "{{ data.x }}"}]},
        ]});
        let plain = rendered(form.clone(), json!({"data": {"x": "x"}})).html.unwrap();
        let other = rendered(form, json!({"data": {"x": format!("x{sign}{text}")}})).html.unwrap();
        let tags = |html: &str| html.matches('<').count() - html.matches("<br>").count();
        prop_assert_eq!(tags(&plain), tags(&other), "{}", other);
    }

    /// HTML that is none is read to its end.
    #[test]
    fn any_text_is_read_as_html(html in "[<>/a-z \"'=!&;#-]{0,200}") {
        let _ = templates::email::from_html(&html);
    }
}
