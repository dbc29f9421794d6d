//! Conditions: what holds, why, how they are written, and what is refused when they are declared.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
#![allow(clippy::needless_pass_by_value, reason = "what `json!` makes is handed over")]

use domain::condition::{Compared, Condition, Evaluation, Operator};
use domain::text::{Fault, Faults};
use domain::time::rfc3339;
use proptest::prelude::*;
use serde_json::{Value, json};

/// 2026-02-07T10:00:00Z.
const NOW: i64 = 1_770_458_400_000;

fn condition(form: &Value) -> Condition {
    serde_json::from_value(form.clone()).unwrap_or_else(|error| panic!("{form}: {error}"))
}

fn refused(form: &Value) -> String {
    serde_json::from_value::<Condition>(form.clone())
        .unwrap_err()
        .to_string()
}

fn faults(form: &Value) -> Vec<Fault> {
    let mut faults = Faults::default();
    condition(form).check("/if", &mut faults);
    faults.finish().err().unwrap_or_default()
}

fn known() -> Value {
    json!({
        "data": {
            "significanceScore": 85,
            "ratio": 0.5,
            "big": 9_007_199_254_740_993_u64,
            "kind": "Push",
            "title": "Größe: 3 Äpfel",
            "topics": ["deploy", "Incident", 3],
            "none": null,
            "blank": "",
            "list": [],
            "map": {"a": 1},
            "flag": false,
            "owner": "ada",
            "due": "2026-02-07T11:30:00Z",
            "due_east": "2026-02-07T12:30:00+01:00",
            "past": "2026-02-07T08:30:00Z",
            "numeric_text": "85",
        },
        "recipient": {"id": "ada", "locale": "de-CH"},
        "steps": {"mail": {"state": "sent"}},
        "total_activities": 3,
    })
}

fn holds(form: &Value) -> bool {
    let condition = condition(form);
    let evaluation = condition.evaluate(&known(), NOW);
    assert_eq!(condition.holds(&known(), NOW), evaluation.holds);
    evaluation.holds
}

fn leaf(path: &str, is: &str, value: Value) -> Value {
    json!({"path": path, "is": is, "value": value})
}

#[track_caller]
fn table(path: &str, rows: &[(&str, Value, bool)]) {
    for (is, value, expected) in rows {
        assert_eq!(
            holds(&leaf(path, is, value.clone())),
            *expected,
            "{path} {is} {value}"
        );
    }
}

#[test]
fn e03_dispatch_is_gated_by_the_score() {
    let gate = condition(&json!({"path": "data.significanceScore", "is": "at_least", "value": 70}));
    for (score, passes) in [(85, true), (70, true), (69, false)] {
        let known = json!({"data": {"significanceScore": score}});
        assert_eq!(gate.holds(&known, NOW), passes, "{score}");
    }
    for data in [
        json!({}),
        json!({"significanceScore": "85"}),
        json!({"significanceScore": null}),
        json!(7),
    ] {
        assert!(!gate.holds(&json!({"data": data}), NOW), "{data}");
    }
}

#[test]
fn equality_is_of_values() {
    table(
        "data.significanceScore",
        &[
            ("equals", json!(85), true),
            ("equals", json!(85.0), true),
            ("equals", json!("85"), false),
            ("not_equals", json!(85), false),
            ("not_equals", json!("85"), true),
        ],
    );
    table(
        "data.big",
        &[
            ("equals", json!(9_007_199_254_740_993_u64), true),
            ("equals", json!(9_007_199_254_740_992_u64), false),
            ("equals", json!(9_007_199_254_740_992.0), false),
        ],
    );
    table(
        "data.map",
        &[
            ("equals", json!({"a": 1.0}), true),
            ("equals", json!({"a": 1, "b": 2}), false),
        ],
    );
    table(
        "data.kind",
        &[("equals", json!("Push"), true), ("equals", json!("push"), false)],
    );
    table(
        "data.flag",
        &[("equals", json!(false), true), ("equals", json!(0), false)],
    );
    table(
        "data.none",
        &[("equals", Value::Null, true), ("not_equals", json!("x"), true)],
    );
    table(
        "data.gone",
        &[
            ("equals", Value::Null, true),
            ("equals", json!(""), false),
            ("not_equals", json!("x"), true),
        ],
    );
}

#[test]
fn order_is_of_numbers_and_times() {
    table(
        "data.significanceScore",
        &[
            ("above", json!(84.9), true),
            ("above", json!(85), false),
            ("at_least", json!(85), true),
            ("below", json!(85.5), true),
            ("at_most", json!(84), false),
            ("at_least", json!("2026-02-07T10:00:00Z"), false),
        ],
    );
    table(
        "data.big",
        &[
            ("above", json!(9_007_199_254_740_992_u64), true),
            ("above", json!(-1), true),
        ],
    );
    table(
        "data.due",
        &[
            ("above", json!("2026-02-07T11:29:59Z"), true),
            ("at_most", json!("2026-02-07T12:30:00+01:00"), true),
            ("above", json!("2026"), false),
            ("above", json!(5), false),
        ],
    );
    // Texts have no order, whichever way one asks.
    for is in ["above", "at_least", "below", "at_most"] {
        assert!(
            !holds(&leaf("data.kind", is, json!("2026-02-07T11:29:59Z"))),
            "{is}"
        );
        assert!(!holds(&leaf("data.numeric_text", is, json!(70))), "{is}");
        assert!(!holds(&leaf("data.gone", is, json!(0))), "{is}");
    }
}

#[test]
fn texts_are_looked_into() {
    table(
        "data.title",
        &[
            ("contains", json!("3 Ä"), true),
            ("contains", json!("äpfel"), false),
            ("not_contains", json!("äpfel"), true),
            ("starts_with", json!("Größe"), true),
            ("ends_with", json!("Äpfel"), true),
            ("ends_with", json!("Größe"), false),
            ("matches", json!(r"^Größe: \d+ \w+$"), true),
            ("matches", json!("^äpfel"), false),
            ("contains_any", json!(["Birnen", "Äpfel"]), true),
            ("contains_all", json!(["Größe", "Birnen"]), false),
            ("starts_with", json!(3), false),
        ],
    );
    table(
        "data.significanceScore",
        &[
            ("contains", json!("8"), false),
            ("not_contains", json!("8"), true),
        ],
    );
    for (is, value) in [
        ("equals", json!("GRÖSSE: 3 ÄPFEL")),
        ("contains", json!("äPFEL")),
        ("starts_with", json!("gRÖßE")),
        ("ends_with", json!("äpfel")),
        ("matches", json!("äpfel$")),
        ("in", json!(["x", "größe: 3 äpfel"])),
        ("contains_any", json!(["äpfel"])),
        ("contains_all", json!(["größe", "äpfel"])),
    ] {
        let folded = json!({"path": "data.title", "is": is, "value": value, "ignore_case": true});
        let plain = json!({"path": "data.title", "is": is, "value": value});
        // A sharp s is no double s: lower case is compared, nothing is rewritten.
        assert_eq!(holds(&folded), is != "equals", "{is}");
        assert!(!holds(&plain), "{is}");
    }
}

#[test]
fn lists_are_looked_into() {
    table(
        "data.topics",
        &[
            ("contains", json!("deploy"), true),
            ("contains", json!("dep"), false),
            ("contains", json!(3.0), true),
            ("not_contains", json!("dep"), true),
            ("contains_any", json!(["x", 3]), true),
            ("contains_any", json!(["x", "incident"]), false),
            ("contains_all", json!(["deploy", "Incident"]), true),
            ("contains_all", json!(["deploy", "x"]), false),
            ("size_is", json!(3), true),
            ("size_at_least", json!(4), false),
            ("size_at_most", json!(3), true),
            ("in", json!([["deploy", "Incident", 3]]), true),
        ],
    );
    table(
        "data.kind",
        &[
            ("in", json!(["Push", "x"]), true),
            ("in", json!(["push"]), false),
            ("not_in", json!(["push"]), true),
            ("size_is", json!(4), true),
        ],
    );
    table("data.title", &[("size_is", json!(14), true)]);
    table(
        "data.gone",
        &[
            ("in", json!(["x"]), false),
            ("not_in", json!(["x"]), true),
            ("contains_any", json!(["x"]), false),
            ("size_at_most", json!(9), false),
        ],
    );
}

#[test]
fn long_lists_are_compared_by_the_same_rule() {
    let values: Vec<Value> = (0..5_000)
        .map(|n| json!({"n": n, "t": format!("T{n}")}))
        .collect();
    let asked: Vec<Value> = (4_000..4_100)
        .map(|n| json!({"t": format!("t{n}"), "n": f64::from(n)}))
        .collect();
    let known = json!({"data": {"list": values}});
    let ask = |is: &str, asked: &[Value], fold: bool| {
        condition(&json!({"path": "data.list", "is": is, "value": asked, "ignore_case": fold}))
            .holds(&known, NOW)
    };
    assert!(ask("contains_all", &asked, true));
    assert!(!ask("contains_any", &asked, false));
    let mut more = asked;
    more.push(json!({"n": 5_000, "t": "t5000"}));
    assert!(!ask("contains_all", &more, true));
    assert!(ask("contains_any", &more, true));
}

#[test]
fn emptiness_is_told_apart_from_absence() {
    let states = |path: &str| {
        ["exists", "missing", "empty", "not_empty"].map(|is| holds(&json!({"path": path, "is": is})))
    };
    for (path, expected) in [
        ("data.kind", [true, false, false, true]),
        ("data.flag", [true, false, false, true]),
        ("data.map", [true, false, false, true]),
        ("data.blank", [true, false, true, false]),
        ("data.list", [true, false, true, false]),
        ("data.none", [false, true, true, false]),
        ("data.gone", [false, true, true, false]),
    ] {
        assert_eq!(states(path), expected, "{path}");
    }
}

#[test]
fn times_are_compared_with_now() {
    table(
        "data.due",
        &[
            ("after", json!("now"), true),
            ("before", json!("now"), false),
            ("before", json!("2026-02-07T11:30:00.001Z"), true),
            ("after", json!("2026-02-07T11:30:00Z"), false),
            ("within", json!("90m"), true),
            ("within", json!("89m"), false),
            ("within", json!("soon"), false),
        ],
    );
    table(
        "data.past",
        &[
            ("within", json!("PT90M"), true),
            ("within", json!("89m"), false),
            ("before", json!("now"), true),
        ],
    );
    table("data.due_east", &[("within", json!("90m"), true)]);
    table(
        "data.kind",
        &[("within", json!("90m"), false), ("after", json!("now"), false)],
    );
}

#[test]
fn the_right_side_can_stand_elsewhere() {
    assert!(holds(&leaf(
        "data.owner",
        "equals",
        json!({"path": "recipient.id"})
    )));
    assert!(!holds(&leaf(
        "data.kind",
        "equals",
        json!({"path": "recipient.id"})
    )));
    assert!(holds(&leaf("data.due", "after", json!({"path": "data.past"}))));
    assert!(holds(&leaf(
        "recipient.id",
        "not_in",
        json!({"path": "data.topics"})
    )));
    // What is not there is no list, so nothing can be said of it.
    assert!(!holds(&leaf(
        "recipient.id",
        "not_in",
        json!({"path": "data.gone"})
    )));
    // A map that only looks like a place stands for itself.
    assert!(!holds(&leaf(
        "data.owner",
        "equals",
        json!({"path": "recipient.id", "x": 1})
    )));
}

#[test]
fn groups_hold_as_they_say() {
    let (yes, no) = (json!({"data.owner": "ada"}), json!({"data.owner": "bob"}));
    for (form, expected) in [
        (json!({"all": [yes, yes]}), true),
        (json!({"all": [yes, no]}), false),
        (json!({"any": [no, yes]}), true),
        (json!({"any": [no, no]}), false),
        (json!({"not": no}), true),
        (json!({"not": {"any": [no, yes]}}), false),
        (
            json!({"all": [{"not": no}, {"any": [no, {"steps.mail.state": {"in": ["sent", "read"]}}]}]}),
            true,
        ),
    ] {
        assert_eq!(holds(&form), expected, "{form}");
    }
}

#[test]
fn an_evaluation_says_what_decided_it() {
    let because = |form: Value| -> Vec<(String, bool)> {
        let Evaluation { because, .. } = condition(&form).evaluate(&known(), NOW);
        because.into_iter().map(|leaf| (leaf.path, leaf.holds)).collect()
    };
    let said = |path: &str, holds: bool| (path.to_owned(), holds);
    let (yes, no) = (json!({"data.owner": "ada"}), json!({"data.kind": "x"}));
    let (also, neither) = (json!({"recipient.id": "ada"}), json!({"data.blank": "x"}));
    assert_eq!(
        because(json!({"all": [yes, no, also, neither]})),
        [said("data.kind", false), said("data.blank", false)]
    );
    assert_eq!(
        because(json!({"all": [yes, also]})),
        [said("data.owner", true), said("recipient.id", true)]
    );
    assert_eq!(
        because(json!({"any": [no, yes, also]})),
        [said("data.owner", true)]
    );
    assert_eq!(
        because(json!({"any": [no, neither]})),
        [said("data.kind", false), said("data.blank", false)]
    );
    assert_eq!(
        because(json!({"not": {"any": [no, yes]}})),
        [said("data.owner", true)]
    );
    let many: Vec<_> = (0..60).map(|_| no.clone()).collect();
    assert_eq!(because(json!({"all": many})).len(), 20);
}

#[test]
fn an_evaluation_shows_values_and_cuts_long_ones() {
    let evaluation =
        condition(&json!({"data.score": {">=": 70}})).evaluate(&json!({"data": {"score": 69}}), NOW);
    assert_eq!(
        serde_json::to_value(&evaluation).unwrap(),
        json!({"holds": false, "because": [
            {"path": "data.score", "operator": "at_least", "expected": 70, "actual": 69, "holds": false},
        ]})
    );
    let gone = condition(&json!({"path": "data.gone", "is": "exists"})).evaluate(&known(), NOW);
    assert_eq!(
        gone.because,
        [Compared {
            path: "data.gone".into(),
            operator: "exists".into(),
            expected: None,
            actual: None,
            holds: false
        }]
    );
    let long = json!({"data": {"text": "ä".repeat(5_000), "list": vec!["x"; 5_000]}});
    for path in ["data.text", "data.list"] {
        let shown = condition(&leaf(path, "equals", json!("y".repeat(200)))).evaluate(&long, NOW);
        let actual = shown.because[0].actual.as_ref().unwrap().as_str().unwrap();
        assert_eq!(actual.chars().count(), 201);
        assert!(actual.ends_with('…'));
        assert_eq!(shown.because[0].expected, Some(json!("y".repeat(200))));
    }
}

#[test]
fn short_forms_become_the_long_one() {
    let leaves = |parts: Value| json!({"all": parts});
    for (short, long) in [
        (
            json!({"data.kind": "push"}),
            leaf("data.kind", "equals", json!("push")),
        ),
        (
            json!({"data.n": {"gte": 70}}),
            leaf("data.n", "at_least", json!(70)),
        ),
        (json!({"data.n": null}), leaf("data.n", "equals", Value::Null)),
        (
            json!({"data.n": {"exists": true}}),
            json!({"path": "data.n", "is": "exists"}),
        ),
        (
            json!({"data.n": {"exists": false}}),
            json!({"path": "data.n", "is": "missing"}),
        ),
        (
            json!({"data.n": {"empty": false}}),
            json!({"path": "data.n", "is": "not_empty"}),
        ),
        (
            json!({"data.o": {"path": "recipient.id"}}),
            leaf("data.o", "equals", json!({"path": "recipient.id"})),
        ),
        (
            json!({"data.k": {"contains": "x", "ignore_case": true}}),
            json!({"path": "data.k", "is": "contains", "value": "x", "ignore_case": true}),
        ),
        (
            json!({"data.a": {"above": 1, "below": 9}, "data.b": true}),
            leaves(json!([
                leaf("data.a", "above", json!(1)),
                leaf("data.a", "below", json!(9)),
                leaf("data.b", "equals", json!(true)),
            ])),
        ),
        (
            json!({"not": {"data.kind": "push"}}),
            json!({"not": leaf("data.kind", "equals", json!("push"))}),
        ),
    ] {
        let read = condition(&short);
        assert_eq!(serde_json::to_value(&read).unwrap(), long, "{short}");
        assert_eq!(read, condition(&long));
        assert!(faults(&short).is_empty());
    }
}

#[test]
fn what_is_no_condition_is_refused_in_words() {
    for (form, why) in [
        (json!(true), "a condition: one of all"),
        (json!([]), "a condition: one of all"),
        (json!({}), "says something"),
        (json!({"all": [], "any": []}), "all and any"),
        (json!({"all": {}}), "sequence"),
        (json!({"path": "data.x", "value": 1}), "`is` is missing"),
        (json!({"is": "equals", "value": 1}), "`path` is missing"),
        (
            json!({"path": "data.x", "is": "equals", "value": 1, "data.y": 2}),
            "a comparison and a short comparison",
        ),
        (json!({"path": "data..x", "is": "exists"}), "is not a path"),
        (
            json!({"path": "data.x", "is": "equals", "value": {"path": "data["}}),
            "is not a path",
        ),
        (json!({"data.x": {}}), "compared with nothing"),
        (json!({"data.x": {"ignore_case": true}}), "compared with nothing"),
        (json!({"path": "data.x", "is": 7}), "string"),
    ] {
        let error = refused(&form);
        assert!(error.contains(why), "{form}: {error}");
    }
    let twice = serde_json::from_str::<Condition>(r#"{"path": "data.x", "path": "data.y", "is": "exists"}"#);
    assert!(twice.unwrap_err().to_string().contains("duplicate field `path`"));
}

#[track_caller]
fn one_fault(form: &Value, pointer: &str, code: &str, words: &str) {
    let faults = faults(form);
    assert_eq!(faults.len(), 1, "{form}: {faults:?}");
    let fault = &faults[0];
    assert_eq!(
        (fault.pointer.as_str(), fault.code),
        (pointer, code),
        "{form}: {}",
        fault.detail
    );
    assert!(fault.detail.contains(words), "{form}: {}", fault.detail);
}

#[test]
fn faults_name_the_place_as_the_author_wrote_it() {
    let bad = json!({"path": "data.x", "is": "like", "value": 1});
    one_fault(&bad, "/if/is", "unknown", "known: equals, not_equals");
    one_fault(
        &json!({"all": [{"data.y": 1}, {"any": [bad]}]}),
        "/if/all/1/any/0/is",
        "unknown",
        "`like`",
    );
    one_fault(&json!({"not": bad}), "/if/not/is", "unknown", "`like`");
    one_fault(
        &json!({"data.x": {"like": 1}}),
        "/if/data.x/like",
        "unknown",
        "`like`",
    );
    one_fault(
        &json!({"data.x": {"above": "much"}, "data.y": 1}),
        "/if/data.x/above",
        "format",
        "a number",
    );
    one_fault(
        &json!({"user.x": 1}),
        "/if/user.x",
        "unknown",
        "known: data, recipient",
    );
    one_fault(
        &json!({"user[\"a/b~\"]": 1}),
        "/if/user[\"a~1b~0\"]",
        "unknown",
        "known: data, recipient",
    );
    one_fault(
        &leaf("data.x", "equals", json!({"path": "user.id"})),
        "/if/value/path",
        "unknown",
        "user.id",
    );
}

#[test]
fn faults_of_values_say_what_is_asked_for() {
    for (is, value, code, words) in [
        ("above", json!("2026"), "format", "a number, or a time"),
        ("starts_with", json!(3), "format", "a text"),
        ("matches", json!("a("), "format", "unclosed group"),
        ("matches", json!(r"(?:\w{500}){500}"), "format", "too large"),
        ("matches", json!(r"(a)\1"), "format", "backreferences"),
        ("matches", json!("a".repeat(1_001)), "too_long", "1000"),
        ("matches", json!({"path": "data.y"}), "unfitting", "written out"),
        ("in", json!("x"), "format", "a list"),
        ("in", json!([]), "required", "at least one"),
        ("in", json!(vec![1; 1_001]), "too_many", "1000"),
        ("size_is", json!(-1), "format", "whole number"),
        ("before", json!("tomorrow"), "format", "or now"),
        ("within", json!("2 hours"), "format", "length of time"),
        ("within", json!(7_200), "format", "length of time"),
        ("exists", json!(true), "unfitting", "takes no value"),
    ] {
        one_fault(&leaf("data.x", is, value), "/if/value", code, words);
    }
    one_fault(
        &json!({"path": "data.x", "is": "equals"}),
        "/if/value",
        "required",
        "any value",
    );
    one_fault(
        &json!({"path": "data.x", "is": "above", "value": 1, "ignore_case": true}),
        "/if/ignore_case",
        "unfitting",
        "compare texts",
    );
    one_fault(&json!({"all": []}), "/if/all", "required", "at least one");
    one_fault(&json!({"any": []}), "/if/any", "required", "at least one");
}

#[test]
fn conditions_are_bounded() {
    let nested = |depth: usize| (0..depth).fold(json!({"data.x": 1}), |inner, _| json!({"not": inner}));
    assert!(faults(&nested(10)).is_empty());
    one_fault(
        &nested(11),
        &format!("/if{}", "/not".repeat(11)),
        "too_deep",
        "10",
    );
    let wide = |leaves: usize| json!({"any": vec![json!({"data.x": 1}); leaves]});
    assert!(faults(&wide(100)).is_empty());
    one_fault(&wide(101), "/if/any/100", "too_many", "100");
    one_fault(&wide(500), "/if/any/100", "too_many", "100");
    one_fault(
        &json!({"data.x": "y".repeat(70_000)}),
        "/if",
        "too_large",
        "65536",
    );
}

#[test]
fn a_condition_that_was_not_checked_is_false_and_nothing_worse() {
    for form in [
        json!({"path": "data.x", "is": "like", "value": 1}),
        json!({"path": "data.kind", "is": "matches", "value": "a("}),
        json!({"path": "data.kind", "is": "matches"}),
        json!({"path": "data.kind", "is": "in"}),
        json!({"path": "data.kind", "is": "matches", "value": {"path": "data.kind"}}),
    ] {
        assert!(!holds(&form), "{form}");
    }
}

#[test]
fn a_pattern_takes_time_in_proportion_to_the_text() {
    let known = json!({"data": {"text": format!("{}b", "a".repeat(60_000)), "long": "a".repeat(70_000)}});
    let tried =
        |path: &str, pattern: &str| condition(&leaf(path, "matches", json!(pattern))).holds(&known, NOW);
    assert!(!tried("data.text", "^(a+)+$"));
    assert!(tried("data.text", "^(a|a)*b$"));
    // Beyond 64 KiB nothing is tried.
    assert!(!tried("data.long", "a"));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-100..100i64).prop_map(Value::from),
        (-100..100i32).prop_map(|n| Value::from(f64::from(n) / 2.0)),
        any::<f64>().prop_map(Value::from),
        "[a-cA-C(\\[*]{0,3}".prop_map(Value::from),
        Just(Value::from("2h")),
        Just(Value::from("now")),
        any::<i64>().prop_map(|ms| Value::from(rfc3339(ms))),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c]", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_condition() -> impl Strategy<Value = Value> {
    let words: Vec<_> = Operator::ALL.into_iter().map(Operator::word).collect();
    let leaf = (
        prop::sample::select(words),
        any_value(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(is, value, fold, there)| {
            let path = if there { "data.x" } else { "data.x.a[0]" };
            json!({"path": path, "is": is, "value": value, "ignore_case": fold})
        });
    leaf.prop_recursive(3, 12, 3, |inner| {
        let parts = prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            parts.clone().prop_map(|parts| json!({"all": parts})),
            parts.prop_map(|parts| json!({"any": parts})),
            inner.prop_map(|part| json!({"not": part})),
        ]
    })
}

proptest! {
    #[test]
    fn no_value_makes_an_evaluation_panic(form in any_condition(), x in any_value(), now in any::<i64>()) {
        let condition = condition(&form);
        let known = json!({"data": {"x": x}});
        let evaluation = condition.evaluate(&known, now);
        prop_assert_eq!(evaluation.holds, condition.holds(&known, now));
        let opposite = serde_json::from_value::<Condition>(json!({"not": form})).unwrap();
        prop_assert_eq!(opposite.holds(&known, now), !evaluation.holds);
        condition.check("", &mut Faults::default());
    }

    #[test]
    fn what_is_kept_is_read_back(form in any_condition()) {
        let condition = condition(&form);
        let kept = serde_json::to_value(&condition).unwrap();
        let again: Condition = serde_json::from_value(kept.clone()).unwrap();
        prop_assert_eq!(serde_json::to_value(&again).unwrap(), kept);
        prop_assert_eq!(again, condition);
    }

    #[test]
    fn one_by_one_and_all_at_once_agree(
        list in prop::collection::vec(any_value(), 17..40),
        asked in prop::collection::vec(any_value(), 17..40),
        fold in any::<bool>(),
    ) {
        let known = json!({"data": {"x": list}});
        let ask = |is: &str, value: Value| {
            let form = json!({"path": "data.x", "is": is, "value": value, "ignore_case": fold});
            condition(&form).holds(&known, NOW)
        };
        let found = asked.iter().filter(|value| ask("contains_any", json!([value]))).count();
        prop_assert_eq!(ask("contains_any", json!(asked)), found > 0);
        prop_assert_eq!(ask("contains_all", json!(asked)), found == asked.len());
    }
}
