//! No template, however it is made, takes a server's time or memory.

use std::fmt::Write;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use templates::{Cause, Escape, Exceeded, Limits, Partials, RenderError, Template};

/// Generous, since tests run without optimisation beside others.
const LONG: Duration = Duration::from_secs(3);

fn context() -> Value {
    json!({
        "text": "x".repeat(10_000),
        "list": (0..2_000).collect::<Vec<_>>(),
        "words": (0..2_000).map(|n| format!("word {n}")).collect::<Vec<_>>(),
    })
}

fn render_with(source: &str, partials: &Partials) -> Result<String, RenderError> {
    let began = Instant::now();
    let template = Template::parse(source, Escape::Html, partials).unwrap_or_else(|error| panic!("{error}"));
    let shown = template.render(&context(), &Limits::default());
    assert!(began.elapsed() < LONG, "{:?}: {source:.200}", began.elapsed());
    if let Ok(shown) = &shown {
        assert!(shown.len() <= Limits::default().output);
    }
    shown
}

fn cause(source: &str) -> Cause {
    match render_with(source, &Partials::default()) {
        Ok(shown) => panic!("{source:.200} printed {} bytes", shown.len()),
        Err(error) => {
            assert!(error.line > 0, "{error}");
            error.cause
        }
    }
}

#[test]
fn loops_end() {
    let iterations = Cause::Limit(Exceeded::Iterations);
    for source in [
        "{% for i in (1..1000000000) %}{% endfor %}",
        "{% for i in (1..9000000000000000) %}x{% endfor %}",
        "{% for i in (-900000000000000000..900000000000000000) %}{% endfor %}",
        "{% for i in (1..100000000000) reversed %}{% endfor %}",
        "{% for i in (1..1000) %}{% for j in (1..1000) %}{% endfor %}{% endfor %}",
        "{% for a in list %}{% for b in list %}{% for c in list %}{% endfor %}{% endfor %}{% endfor %}",
    ] {
        assert_eq!(cause(source), iterations, "{source}");
    }
    let shown = render_with(
        "{% for i in (1..1000000000) limit: 3 %}{{ i }}{% endfor %}",
        &Partials::default(),
    );
    assert_eq!(shown.unwrap(), "123");
}

#[test]
fn output_ends() {
    let output = Cause::Limit(Exceeded::Output);
    for source in [
        "{% for i in (1..1000) %}{{ text }}{% endfor %}",
        "{% for i in (1..50000) %}xxxxxxxxxx{% endfor %}",
    ] {
        assert_eq!(cause(source), output, "{source}");
    }
}

#[test]
fn texts_and_lists_cannot_be_multiplied() {
    let work = Cause::Limit(Exceeded::Work);
    let mut doubled = String::from("{% assign s = 'xxxxxxxxxxxxxxxx' %}");
    for _ in 0..60 {
        doubled.push_str("{% assign s = s | append: s %}");
    }
    let mut replaced = String::from("{% assign s = text %}");
    for _ in 0..10 {
        replaced.push_str("{% assign s = s | replace: 'x', s %}");
    }
    let mut captured = String::from("{% assign s = text %}");
    for _ in 0..40 {
        captured.push_str("{% capture s %}{{ s }}{{ s }}{% endcapture %}");
    }
    let mut joined = String::from("{% assign l = list %}");
    for _ in 0..40 {
        joined.push_str("{% assign l = l | concat: l %}");
    }
    for source in [
        doubled.as_str(),
        &replaced,
        &captured,
        &joined,
        "{% assign s = 'x' %}{% for i in (1..100000) %}{% assign s = s | append: s %}{% endfor %}",
        "{% for i in (1..50000) %}{% assign s = text | upcase %}{% endfor %}",
        "{% for i in (1..50000) %}{% assign s = words | sort_natural | uniq | join: text %}{% endfor %}",
        "{% for i in (1..50000) %}{% assign s = text | split: '' %}{% endfor %}",
        "{{ text | replace: '', text }}",
        "{{ list | join: text }}",
        "{% for i in (1..50000) %}{% if words contains text %}{% endif %}{% endfor %}",
        "{% for i in (1..50000) %}{% capture x %}{{ text }}{% endcapture %}{% endfor %}",
        "{% for i in (1..50000) %}{% for w in words limit: 0 %}{% endfor %}{{ words | where: 'a', text }}{% endfor %}",
    ] {
        assert_eq!(cause(source), work, "{source:.200}");
    }
}

#[test]
fn a_loop_over_what_was_assigned_is_paid_for() {
    let source =
        "{% assign l = words %}{% for i in (1..50000) %}{% for w in l limit: 0 %}{% endfor %}{% endfor %}";
    assert_eq!(cause(source), Cause::Limit(Exceeded::Work));
}

#[test]
fn a_list_of_the_context_walked_many_times_ends() {
    let source = "{% for i in (1..99999) %}{% for w in words limit: 0 %}{% endfor %}{% endfor %}";
    // Whether it is shown or refused, it takes no long time.
    let _ = render_with(source, &Partials::default());
    let _ = render_with(
        "{% for i in (1..99999) %}{{ words.size }}{% endfor %}",
        &Partials::default(),
    );
    let _ = render_with(
        "{% for i in (1..99999) %}{% assign x = words.first %}{% endfor %}",
        &Partials::default(),
    );
}

#[test]
fn partials_that_multiply_end() {
    let mut partials = Partials::default();
    for level in 0..7 {
        let next = format!("{{% render 'p{}' %}}", level + 1);
        partials.insert(format!("p{level}"), next.repeat(50));
    }
    partials.insert("p7", "x");
    let error = render_with("{% render 'p0' %}", &partials).unwrap_err();
    assert!(matches!(error.cause, Cause::Limit(_)), "{error}");
}

#[test]
fn reading_ends() {
    let mut sources = vec![
        "{{".repeat(30_000),
        "{% comment %}".repeat(5_000),
        "{% if a %}".repeat(32) + &"{% if a %}{% endif %}".repeat(2_000) + &"{% endif %}".repeat(32),
        " ".repeat(64 * 1024),
        format!("{{{{ a{} }}}}", "[a".repeat(20_000)),
        format!("{{{{ a{} }}}}", ".a".repeat(30_000)),
        format!("{{{{ a{} }}}}", " | upcase".repeat(7_000)),
        format!("{{% if a{} %}}{{% endif %}}", " and a".repeat(10_000)),
        format!("{{{{ a | {} }}}}", "b".repeat(60_000)),
        "{{ a }}".repeat(9_000),
    ];
    let mut long = String::new();
    for n in 0..3_000 {
        let _ = write!(long, "{{% assign a{n} = a | upcase %}}");
    }
    sources.push(long);
    for source in sources {
        let began = Instant::now();
        if let Ok(template) = Template::parse(&source, Escape::Html, &Partials::default()) {
            let _ = template.render(&context(), &Limits::default());
        }
        assert!(began.elapsed() < LONG, "{:?}: {source:.60}", began.elapsed());
    }
}

#[test]
fn a_deep_context_is_refused() {
    let mut deep = json!(1);
    for _ in 0..500 {
        deep = json!([deep]);
    }
    let template = Template::parse("{{ a }}", Escape::Html, &Partials::default()).unwrap();
    let error = template
        .render(&json!({"a": deep}), &Limits::default())
        .unwrap_err();
    assert_eq!(error.cause, Cause::Context);
}
