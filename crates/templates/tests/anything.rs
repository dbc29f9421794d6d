//! Whatever is written and whatever the data, nothing panics and no data becomes markup.

use proptest::prelude::*;
use serde_json::{Value, json};
use templates::{Condition, Escape, Limits, Partials, Template};

const PIECES: [&str; 44] = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{{-",
    "-}}",
    "{%-",
    "-%}",
    " ",
    "data",
    ".",
    "x",
    "[",
    "]",
    "0",
    "-1",
    "1.5",
    "'",
    "\"",
    "|",
    ":",
    ",",
    "(",
    ")",
    "..",
    "==",
    "if",
    "endif",
    "for",
    "endfor",
    "in",
    "assign",
    "=",
    "capture",
    "endcapture",
    "raw",
    "endraw",
    "comment",
    "endcomment",
    "upcase",
    "join",
    "else",
    "é",
    "\n",
];

/// Whole elements, so that much of what is made can be read and is rendered.
const ELEMENTS: [&str; 24] = [
    "{{ data }}",
    "{{ data.s | upcase }}",
    "{{ data.l | sort | reverse | join: data.s }}",
    "{{ data.n | divided_by: data.m }}",
    "{{ data.n | times: data.m | round: 2 }}",
    "{{ data.s | truncate: data.n, data.t }}",
    "{{ data.s | slice: data.n, data.m }}",
    "{{ data.s | split: data.t | join: data.s }}",
    "{{ data.s | date: data.t }}",
    "{{ data.n | date: '%Y %Z %z %p' }}",
    "{{ data.s | strip_html | escape_once | url_decode }}",
    "{{ data.s | replace_last: data.t, data.s }}",
    "{{ data.l | where: data.s, data.t | json }}",
    "{{ data.s[data.n] }}{{ data.l[data.m] }}",
    "{% if data.s < data.n or data.l contains data.s %}",
    "{% else %}",
    "{% endif %}",
    "{% for x in data.l limit: data.n %}",
    "{{ x }}{{ forloop.rindex }}",
    "{% endfor %}",
    "{% for i in (data.n..data.m) %}",
    "{% assign y = data.s | append: y | truncatewords: data.n, data.s %}{{ y }}",
    "{% capture z %}",
    "{% endcapture %}{{ z }}",
];

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        (-3_i64..9).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[<>&'\"/é%\\-0-9a ]{0,12}".prop_map(Value::from),
    ]
}

prop_compose! {
    fn context()(
        s in value(), t in value(), n in value(), m in value(),
        l in proptest::collection::vec(value(), 0..6),
    ) -> Value {
        json!({"data": {"s": s, "t": t, "n": n, "m": m, "l": l}})
    }
}

fn joined(pieces: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(pieces), 0..most).prop_map(|pieces| pieces.concat())
}

fn try_all(source: &str, context: &Value) {
    let partials: Partials = [("data", source)].into_iter().collect();
    for escape in [
        Escape::Html,
        Escape::Mrkdwn,
        Escape::Markdown,
        Escape::Json,
        Escape::Plain,
    ] {
        match Template::parse(source, escape, &partials) {
            Ok(template) => {
                template.variables();
                let _ = template.render(context, &Limits::default());
            }
            Err(error) => assert!(error.line > 0 && error.column > 0 && !error.message.is_empty()),
        }
    }
    let _ = Condition::parse(source);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(source in any::<String>(), context in context()) {
        try_all(&source, &context);
        try_all(&format!("{{{{{source}}}}}"), &context);
        try_all(&format!("{{% if {source} %}}{{% endif %}}"), &context);
    }

    #[test]
    fn any_pieces_are_read_or_refused(source in joined(&PIECES, 24), context in context()) {
        try_all(&source, &context);
        try_all(&format!("{{{{{source}}}}}"), &context);
    }

    #[test]
    fn any_elements_are_rendered_or_refused(source in joined(&ELEMENTS, 12), context in context()) {
        try_all(&source, &context);
    }

    #[test]
    fn s07_data_is_never_markup(source in joined(&ELEMENTS, 8), context in context()) {
        for escape in [Escape::Html, Escape::Mrkdwn] {
            let Ok(template) = Template::parse(&source, escape, &Partials::default()) else { continue };
            if let Ok(shown) = template.render(&context, &Limits::default()) {
                prop_assert!(!shown.contains(['<', '>']), "{source}: {shown}");
                prop_assert!(escape == Escape::Mrkdwn || !shown.contains(['"', '\'']), "{source}: {shown}");
            }
        }
    }

    #[test]
    fn s07_text_printed_reads_back_as_it_was(text in any::<String>()) {
        let context = json!({"data": text});
        let shown = |escape| {
            let template = Template::parse("{{ data }}", escape, &Partials::default()).unwrap();
            template.render(&context, &Limits::default()).unwrap()
        };
        prop_assert_eq!(shown(Escape::Plain), text.clone());
        let mrkdwn = shown(Escape::Mrkdwn).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        prop_assert_eq!(mrkdwn, text.clone());
        let json = format!("\"{}\"", shown(Escape::Json));
        prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn a_text_without_marks_stands_for_itself(source in "[^{]{0,200}") {
        let template = Template::parse(&source, Escape::Html, &Partials::default()).unwrap();
        prop_assert_eq!(template.render(&json!({}), &Limits::default()).unwrap(), source);
    }
}
