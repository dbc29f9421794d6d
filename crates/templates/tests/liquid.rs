//! What authors write, and what it prints.

use serde_json::{Value, json};
use templates::{Cause, Condition, Escape, Expression, Layout, Limits, Partials, Template};

fn context() -> Value {
    json!({
        "data": {
            "title": "a & <b>", "type": "pull_request", "score": 85.0, "half": 8.5, "count": 3, "none": null,
            "topics": ["api", "auth", "db"], "at": "2026-03-01T10:00:00Z", "yes": true, "empty": "",
            "nested": {"a": {"b": "deep"}}, "with-dash": "d", "nullable": "n", "big": 18_446_744_073_709_551_615_u64
        },
        "activities": [
            {"data": {"type": "issue", "score": 3}},
            {"data": {"type": "commit", "score": 7}},
        ],
        "tenant": {"name": "Acme"},
        "nullable": "kept",
        "total_activities": 2,
    })
}

fn render_with(source: &str, escape: Escape, partials: &Partials) -> String {
    let template =
        Template::parse(source, escape, partials).unwrap_or_else(|error| panic!("{source}: {error}"));
    let shown = template.render(&context(), &Limits::default());
    shown.unwrap_or_else(|error| panic!("{source}: {error}"))
}

fn plain(source: &str) -> String {
    render_with(source, Escape::Plain, &Partials::default())
}

fn all_plain(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(plain(source), *expected, "{source}");
    }
}

#[test]
fn m04_m06_the_batch_mail_heading() {
    assert_eq!(
        plain("{{ total_activities }} new observations in {{ tenant.name }}"),
        "2 new observations in Acme"
    );
}

#[test]
fn m05_loops_filters_and_paths() {
    all_plain(&[
        (
            "{% for a in activities %}{{ a.data.type | capitalize }} ({{ a.data.score }}){% unless forloop.last %}, {% endunless %}{% endfor %}",
            "Issue (3), Commit (7)",
        ),
        (
            "Topics: {{ data.topics | join: \", \" }}",
            "Topics: api, auth, db",
        ),
        (
            "{{ data.nested.a.b }}{{ data['nested'].a[\"b\"] }}{{ data.with-dash }}",
            "deepdeepd",
        ),
        (
            "{{ data.topics[1] }}{{ data.topics.first }}{{ data.topics[-1] }}",
            "authapidb",
        ),
        (
            "{% for t in data.topics limit:1 offset:1 %}{{ t }}{% endfor %}",
            "auth",
        ),
        (
            "{% for t in data.topics reversed %}{{ forloop.index }}{{ t }} {% endfor %}",
            "1db 2auth 3api ",
        ),
        (
            "{% for i in (1..3) %}{{ i }}{% endfor %}{% for i in (3..1) %}x{% else %}-{% endfor %}",
            "123-",
        ),
        (
            "{% for i in (1..9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}",
            "13",
        ),
        (
            "{% for i in (1..2) %}{% for j in (1..2) %}{{ forloop.parentloop.index }}{{ forloop.index }} {% endfor %}{% endfor %}",
            "11 12 21 22 ",
        ),
        (
            "{% for pair in data.nested %}{{ pair[0] }}={{ pair[1].b }}{% endfor %}",
            "a=deep",
        ),
        ("{{ activities | map: 'data.type' | join }}", "issue commit"),
        (
            "{{ activities | where: 'data.score', 7 | map: 'data.type' | first }}",
            "commit",
        ),
        ("{{ activities | sum: 'data.score' }}", "10"),
        (
            "{{ data.topics | size }}{{ data.topics.size }}{{ data.title.size }}",
            "337",
        ),
        (
            "{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}",
            "aba",
        ),
        ("{% increment n %}{% increment n %}{% decrement m %}", "01-1"),
        ("{% echo data.type | upcase %}", "PULL_REQUEST"),
    ]);
}

#[test]
fn m05_conditions_and_variables() {
    all_plain(&[
        (
            "{% if data.score > 70 and data.count == 3 %}y{% else %}n{% endif %}",
            "y",
        ),
        (
            "{% if data.count > 9 %}a{% elsif data.yes %}b{% else %}c{% endif %}",
            "b",
        ),
        ("{% unless data.yes %}a{% else %}b{% endunless %}", "b"),
        (
            "{% case data.type %}{% when 'issue', 'pull_request' %}1{% else %}2{% endcase %}",
            "1",
        ),
        (
            "{% case data.type %} {% when 'x' or 'y' %}1{% else %}2{% endcase %}",
            "2",
        ),
        (
            "{% if data.topics contains 'api' %}y{% endif %}{% if data.title contains '&' %}z{% endif %}",
            "yz",
        ),
        (
            "{% if data.empty == blank %}b{% endif %}{% if data.empty == empty %}e{% endif %}",
            "be",
        ),
        (
            "{% if data.none == nil %}n{% endif %}{% if data.missing == nil %}m{% endif %}",
            "nm",
        ),
        ("{% assign x = data.count | plus: 1 %}{{ x }}", "4"),
        (
            "{% capture x %}{{ data.count }}!{% endcapture %}{{ x }}{{ x }}",
            "3!3!",
        ),
        (
            "{% comment %}{{ not | valid {% endcomment %}a{% raw %}{{ b }}{% endraw %}{% # note %}c",
            "a{{ b }}c",
        ),
        ("a {{- ' b ' -}} c {%- if true -%} d {%- endif -%} e", "a b cde"),
        ("{{ nullable }}{{ data.nullable }}", "keptn"),
    ]);
}

#[test]
fn m05_what_is_missing_is_empty() {
    all_plain(&[
        (
            "[{{ data.missing }}][{{ data.a.b.c }}][{{ nowhere.at.all }}][{{ data.none }}]",
            "[][][][]",
        ),
        (
            "{% if data.missing %}y{% else %}n{% endif %}{% if data.missing > 3 %}y{% else %}n{% endif %}",
            "nn",
        ),
        ("{% for x in data.missing %}x{% else %}none{% endfor %}", "none"),
        (
            "{{ data.missing | default: 'an engineer' }}{{ data.empty | default: 'N/A' }}",
            "an engineerN/A",
        ),
        (
            "{{ data.a.b | upcase | append: 'x' }}{{ data.missing | size }}{{ data.missing | join: ',' }}",
            "x0",
        ),
        ("{{ data.missing | date: '%Y' }}", ""),
        ("{{ data.topics[9] }}{{ data.topics.nope }}", ""),
    ]);
}

#[test]
fn m05_numbers_print_as_people_write_them() {
    all_plain(&[
        (
            "{{ data.half }} {{ data.count }} {{ data.big }}",
            "8.5 3 18446744073709551615",
        ),
        ("{{ data.score | round }} {{ data.half | times: 2 }}", "85 17"),
        (
            "{{ 7 | divided_by: 2 }} {{ 7 | divided_by: 2.0 }} {{ 7 | modulo: 4 }}",
            "3 3.5 3",
        ),
        ("{{ data.count | pluralize: 'item', 'items' }}", "items"),
    ]);
}

#[test]
fn m05_dates() {
    all_plain(&[
        ("{{ data.at | date: '%e %B %Y, %H:%M' }}", " 1 March 2026, 10:00"),
        ("{{ data.at | date: '%H:%M', 'Europe/Zurich' }}", "11:00"),
        ("{{ 0 | date: '%Y' }}{{ 'soon' | date: '%Y' }}", "1970soon"),
    ]);
}

#[test]
fn e20_e21_texts_with_something_in_place_of_what_is_missing() {
    all_plain(&[
        (
            "Session escalated by {{ data.engineer_name | default: \"an engineer\" }}",
            "Session escalated by an engineer",
        ),
        (
            "Ticket: {{ data.ticket_number | default: 'N/A' }}\nClient: {{ tenant.name }}",
            "Ticket: N/A\nClient: Acme",
        ),
    ]);
}

#[test]
fn s07_outputs_are_escaped_unless_raw_is_last() {
    let none = Partials::default();
    let shown = |source: &str, escape| render_with(source, escape, &none);
    assert_eq!(
        shown("<i>{{ data.title }}</i>", Escape::Html),
        "<i>a &amp; &lt;b&gt;</i>"
    );
    assert_eq!(shown("*{{ data.title }}*", Escape::Mrkdwn), "*a &amp; &lt;b&gt;*");
    assert_eq!(shown("{{ data.title }}", Escape::Plain), "a & <b>");
    assert_eq!(shown("{{ data.title | raw }}", Escape::Html), "a & <b>");
    assert_eq!(shown("{{- data.title|raw -}}", Escape::Html), "a & <b>");
    assert_eq!(
        shown("{{ data.title | raw | upcase }}", Escape::Html),
        "A &amp; &lt;B&gt;"
    );
    assert_eq!(shown("{{ '<}}>' }}", Escape::Html), "&lt;}}&gt;");
    assert_eq!(
        shown("{{ data.title | escape }}", Escape::Html),
        "a &amp; &lt;b&gt;"
    );
    assert_eq!(shown("{% cycle '<', '>' %}", Escape::Html), "&lt;");
    assert_eq!(
        shown(
            "{% capture x %}<b>{{ data.title }}</b>{% endcapture %}{{ x | raw }}",
            Escape::Html
        ),
        "<b>a &amp; &lt;b&gt;</b>"
    );
    assert_eq!(
        shown("{{ '<\n>' | newline_to_br }}", Escape::Html),
        "&lt;<br />\n&gt;"
    );
    let json = shown(
        "{\"t\": \"{{ data.title }}\\n\", \"all\": {{ data.topics | json }}}",
        Escape::Json,
    );
    let read: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read, json!({"t": "a & <b>\n", "all": ["api", "auth", "db"]}));
}

#[test]
fn s07_the_slack_message() {
    let source = "{{ data.type | words | capitalize }}: Score {{ data.score | round }}/100\n*Topics:* {{ data.topics | join: \", \" }}";
    assert_eq!(
        render_with(source, Escape::Mrkdwn, &Partials::default()),
        "Pull request: Score 85/100\n*Topics:* api, auth, db"
    );
}

#[test]
fn partials_and_layouts() {
    let partials: Partials = [
        ("card", "<b>{{ title }}</b>{{ hidden }}"),
        ("sees", "{{ title }}{{ own }}{{ item }}"),
        ("page", "<html>{{ content }}|{{ tenant.name }}</html>"),
    ]
    .into_iter()
    .collect();
    partials.check(Escape::Html).unwrap();
    assert_eq!(
        render_with(
            "{% assign hidden = 1 %}{% render 'card', title: data.title %}",
            Escape::Html,
            &partials
        ),
        "<b>a &amp; &lt;b&gt;</b>"
    );
    let source = "{% assign own = 1 %}{% for item in (7..8) %}{% include 'sees', title: 't' %}{% endfor %}";
    assert_eq!(render_with(source, Escape::Html, &partials), "t17t18");
    let layout = Layout::parse(partials.get("page").unwrap(), Escape::Html, &partials).unwrap();
    let page = layout.wrap("<p>x</p>", &context(), &Limits::default()).unwrap();
    assert_eq!(page, "<html><p>x</p>|Acme</html>");
    assert!(Layout::parse("no", Escape::Html, &partials).is_err());
}

#[test]
fn conditions_stand_alone() {
    let holds = |source: &str| {
        let condition = Condition::parse(source).unwrap();
        condition.holds(&context(), &Limits::default()).unwrap()
    };
    assert!(holds("data.score > 70 and data.type == 'pull_request'"));
    assert!(!holds("data.missing"));
    assert!(Condition::parse("").is_err());
    assert!(Condition::parse("a | upcase").is_err());
    assert!(Condition::parse("a %}{% endif %}{% if b").is_err());
    assert_eq!(
        Condition::parse("data.a > b").unwrap().variables(),
        ["b", "data.a"]
    );
}

#[test]
fn expressions_give_values() {
    let value = |source: &str| {
        let expression = Expression::parse(source).unwrap();
        expression.evaluate(&context(), &Limits::default()).unwrap()
    };
    assert_eq!(value("data.topics | slice: 0, 2"), json!(["api", "auth"]));
    assert_eq!(
        value("activities[1]"),
        json!({"data": {"type": "commit", "score": 7}})
    );
    assert_eq!(value("data.missing"), Value::Null);
    assert!(Expression::parse("a | nope").is_err());
    assert!(Expression::parse("a }}{{ b").is_err());
}

#[test]
fn variables_are_paths_of_the_context() {
    let source = "{{ data.title | append: tenant.name }}{% for a in activities %}{{ a.data.type }}{{ forloop.index }}{% endfor %}\
        {% assign x = data.count %}{{ x }}{% if y.z == 'a.b' %}{% endif %}{{ data[key] }}{{ data.topics.size }}{{ 'c.d' }}";
    let template = Template::parse(source, Escape::Plain, &Partials::default()).unwrap();
    assert_eq!(
        template.variables(),
        [
            "activities",
            "activities[].data.type",
            "data.count",
            "data.title",
            "data.topics",
            "data[]",
            "key",
            "tenant.name",
            "y.z"
        ]
    );
}

#[test]
fn a_failed_render_names_its_place() {
    let partials: Partials = [("bad", "\n {{ 1 | divided_by: zero }}")].into_iter().collect();
    let error = |source: &str| {
        let template = Template::parse(source, Escape::Plain, &partials).unwrap();
        template.render(&context(), &Limits::default()).unwrap_err()
    };
    let failed = error("a\n  {{ 1 | divided_by: data.missing }}");
    assert_eq!(
        (failed.cause.clone(), failed.line, failed.column),
        (Cause::Value, 2, 3)
    );
    assert!(failed.to_string().starts_with("line 2, column 3: "), "{failed}");
    let failed = error("{% render 'bad' %}");
    assert_eq!(
        (failed.partial.as_deref(), failed.line, failed.column),
        (Some("bad"), 2, 2)
    );
    let template = Template::parse("x", Escape::Plain, &partials).unwrap();
    assert_eq!(
        template.render(&json!([]), &Limits::default()).unwrap_err().cause,
        Cause::Context
    );
}
