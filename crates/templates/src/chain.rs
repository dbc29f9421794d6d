//! Checks a value with its filters before the Liquid parser sees it, and decides how an output is escaped.

use crate::escape::Escape;
use crate::filters;
use crate::lex::{Fault, Kind, Token};
use crate::pieces::did_you_mean;

/// What becomes of the value of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It is escaped for the channel.
    Escaped,
    /// It stands as it is.
    Raw,
    /// It is escaped for HTML, then its line breaks become `<br />`.
    Breaks,
}

/// How the output with these tokens is escaped, and how many of them the value is made of. A last filter that only says
/// how to escape is not among them.
pub(crate) fn mode(tokens: &[Token<'_>], escape: Escape) -> (Mode, usize) {
    let last = tokens.iter().rposition(|token| token.kind == Kind::Sign("|"));
    let name = last.and_then(|bar| match &tokens[bar + 1..] {
        [
            Token {
                kind: Kind::Word(name),
                ..
            },
        ] => Some((bar, *name)),
        _ => None,
    });
    match name {
        Some((bar, "raw")) => (Mode::Raw, bar),
        Some((_, "json")) if escape == Escape::Json => (Mode::Raw, tokens.len()),
        Some((bar, "newline_to_br")) if escape == Escape::Html => (Mode::Breaks, bar),
        // It is escaped anyway: twice would show the entities.
        Some((bar, "escape" | "escape_once")) if escape == Escape::Html => (Mode::Escaped, bar),
        _ => (Mode::Escaped, tokens.len()),
    }
}

/// Checks the filters behind a value: their names, and how many arguments they are given. `end` is the byte behind all.
pub(crate) fn check(tokens: &[Token<'_>], end: usize) -> Result<(), Fault> {
    let mut parts = tokens.split(|token| token.kind == Kind::Sign("|"));
    let value = parts.next().unwrap_or_default();
    if value.is_empty() {
        let at = tokens.first().map_or(end, |token| token.at);
        return Err((at, "a value is missing".to_owned()));
    }
    let mut behind = &tokens[value.len()..];
    for part in parts {
        let at = behind.get(1).map_or(end, |token| token.at);
        check_filter(part, at)?;
        behind = &behind[part.len() + 1..];
    }
    Ok(())
}

/// Checks one filter, whose name should stand at `at`.
fn check_filter(part: &[Token<'_>], at: usize) -> Result<(), Fault> {
    let Some((
        Token {
            kind: Kind::Word(name),
            ..
        },
        rest,
    )) = part.split_first()
    else {
        return Err((at, "behind `|` stands the name of a filter".to_owned()));
    };
    let Some(filter) = filters::find(name) else {
        let all = filters::FILTERS.iter().map(|filter| filter.name);
        return Err((
            at,
            format!("there is no filter `{name}`{}", did_you_mean(name, all)),
        ));
    };
    let given = match rest.split_first() {
        None => 0,
        Some((colon, arguments)) if colon.kind == Kind::Sign(":") => count(arguments, colon.at)?,
        Some((token, _)) => {
            let message = format!(
                "{} cannot stand here; is a `:` missing behind `{name}`?",
                token.kind.shown()
            );
            return Err((token.at, message));
        }
    };
    if given < filter.least || given > filter.most {
        return Err((at, arity(filter, given)));
    }
    Ok(())
}

/// Counts the arguments behind the colon at `at`.
fn count(arguments: &[Token<'_>], at: usize) -> Result<usize, Fault> {
    let mut last = at;
    let mut given = 0;
    for argument in arguments.split(|token| token.kind == Kind::Sign(",")) {
        let Some(first) = argument.first() else {
            return Err((last, "an argument is missing".to_owned()));
        };
        if let Some(colon) = argument.iter().find(|token| token.kind == Kind::Sign(":")) {
            return Err((
                first.at.min(colon.at),
                "filters take no named arguments".to_owned(),
            ));
        }
        last = argument.last().map_or(first.at, |token| token.at);
        given += 1;
    }
    Ok(given)
}

fn arity(filter: &filters::Filter, given: usize) -> String {
    let (least, most) = (filter.least, filter.most);
    let wanted = match (least, most) {
        (0, 0) => "no argument".to_owned(),
        (1, 1) => "one argument".to_owned(),
        (0, most) => format!("at most {most}"),
        (least, most) if least == most => format!("{least} arguments"),
        (least, most) => format!("{least} to {most} arguments"),
    };
    format!("`{}` takes {wanted}, not {given}", filter.name)
}

/// Refuses filters where Liquid takes only plain values.
pub(crate) fn no_filters(tokens: &[Token<'_>]) -> Result<(), Fault> {
    match tokens.iter().find(|token| token.kind == Kind::Sign("|")) {
        Some(bar) => Err((
            bar.at,
            "filters cannot stand here; give the value a name with `assign` first".to_owned(),
        )),
        None => Ok(()),
    }
}
