//! What is wrong with a source is told when it is read, with its place.

use templates::{Escape, Partials, Template};

fn fault(source: &str) -> (usize, usize, String) {
    let partials: Partials = [
        ("self", "{% render 'self' %}"),
        ("a", "{% render 'b' %}"),
        ("b", "{% include 'a' %}"),
        ("broken", "x\n {{ y | nope }}"),
    ]
    .into_iter()
    .collect();
    match Template::parse(source, Escape::Html, &partials) {
        Ok(_) => panic!("nothing is wrong with {source}"),
        Err(error) => {
            let shown = error.to_string();
            assert!(shown.contains(&format!("line {}, column {}: ", error.line, error.column)));
            (error.line, error.column, shown)
        }
    }
}

#[test]
fn m05_a_syntax_error_is_told_with_line_and_column() {
    for (source, line, column, part) in [
        ("Hello {{ name", 1, 7, "`}}` is missing"),
        ("a\nb {{ x | nope }}", 2, 10, "no filter `nope`"),
        ("{{ x | upcas }}", 1, 8, "is `upcase` meant?"),
        ("{{ }}", 1, 1, "nothing stands"),
        ("{{ x | }}", 1, 8, "name of a filter"),
        ("{{ x | join: }}", 1, 12, "argument is missing"),
        ("{{ x | append }}", 1, 8, "takes one argument, not 0"),
        ("{{ x | upcase: 1 }}", 1, 8, "takes no argument"),
        ("{{ 'open }}", 1, 4, "does not end"),
        ("{{ a b }}", 1, 6, ""),
        ("{{ a..b }}", 1, 5, "cannot stand here"),
        ("{{ a + b }}", 1, 6, "plus"),
        ("ü{% if x %}\n\nüx", 1, 2, "`{% endif %}` is missing"),
        (
            "{% if x %}{% endfor %}",
            1,
            14,
            "cannot close `{% if %}` of line 1",
        ),
        ("{% endif %}", 1, 4, "closes nothing"),
        ("{% if %}a{% endif %}", 1, 7, "missing"),
        ("{% if a = b %}{% endif %}", 1, 9, "`==` meant"),
        ("{% if a == %}{% endif %}", 1, 12, "missing"),
        ("{% if a && b %}{% endif %}", 1, 9, "`and`"),
        ("{% if a %}{% else if b %}{% endif %}", 1, 19, "`elsif` meant"),
        ("{% if a %}{% elseif b %}{% endif %}", 1, 14, "`elsif` meant"),
        ("{% else %}", 1, 4, "no open block"),
        ("{% for %}{% endfor %}", 1, 8, "names its item"),
        ("{% for x of y %}{% endfor %}", 1, 10, "`in` is missing"),
        ("{% for x in y nope %}{% endfor %}", 1, 15, "`limit:`"),
        ("{% for x in y | sort %}{% endfor %}", 1, 15, "assign"),
        ("{% break %}", 1, 4, "in no `for`"),
        ("{% assign x %}", 1, 13, ""),
        ("{% assign x = y | nope %}", 1, 19, "no filter"),
        ("{% case x %}{% endcase %}", 1, 1, "no `when`"),
        ("{% case x %}text{% when 1 %}{% endcase %}", 1, 20, "never shown"),
        ("{% tablerow x in y %}{% endtablerow %}", 1, 4, "not offered"),
        ("{% fro x in y %}", 1, 4, "is `for` meant?"),
        ("{% _raw 1 x %}", 1, 4, "no tag"),
        ("{% raw %}{{ x }}", 1, 1, "endraw"),
        ("{% render 'none' %}", 1, 11, "no partial `none`"),
        ("{% render name %}", 1, 11, "quotation marks"),
        ("{% render 'self' %}", 1, 11, "cannot lie in itself"),
        ("{% render 'a' %}", 1, 12, "cannot lie in itself"),
        ("{% render 'broken' %}", 2, 9, "partial `broken`"),
        ("{{ “x” }}", 1, 4, "straight"),
        ("{{ x | where: a: 1 }}", 1, 15, "named"),
    ] {
        let (at_line, at_column, told) = fault(source);
        assert!(told.contains(part), "{source}: {told}");
        assert_eq!((at_line, at_column), (line, column), "{source}: {told}");
    }
}

#[test]
fn a_source_too_long_or_too_deep_is_refused() {
    assert!(fault(&"x".repeat(64 * 1024 + 1)).2.contains("64 KiB"));
    let deep = "{% if a %}".repeat(33) + &"{% endif %}".repeat(33);
    assert!(fault(&deep).2.contains("deeper than 32"));
    let chain: Partials = (0..20)
        .map(|n| (format!("p{n}"), format!("{{% render 'p{}' %}}", n + 1)))
        .chain([("p20".to_owned(), String::new())])
        .collect();
    let error = Template::parse("{% render 'p0' %}", Escape::Plain, &chain).unwrap_err();
    assert!(error.message.contains("deeper than 8"), "{error}");
}
