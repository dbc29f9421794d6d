//! The words and signs between `{{` and `}}` or `{%` and `%}`.
//!
//! Everything is looked at here before the Liquid parser sees it: that one descends into brackets without an end, takes
//! for granted that numbers fit, and tells where an error lies only as text.

/// One word or sign, with the byte of the source where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'s> {
    pub(crate) at: usize,
    pub(crate) kind: Kind<'s>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind<'s> {
    /// A name: of a variable, a filter, a tag's word.
    Word(&'s str),
    /// A text in quotes, without them.
    Text(&'s str),
    /// A number, whole or not.
    Number(&'s str),
    /// One of the signs of [`SIGNS`].
    Sign(&'static str),
}

impl Kind<'_> {
    /// As an author would write it in a sentence.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Word(word) | Self::Number(word) => format!("`{}`", brief(word)),
            Self::Text(text) => format!("the text \"{}\"", brief(text)),
            Self::Sign(sign) => format!("`{sign}`"),
        }
    }
}

fn brief(text: &str) -> String {
    let mut shown: String = text.chars().take(30).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// A fault at a byte of the source.
pub(crate) type Fault = (usize, String);

/// Longer ones first, so that `==` is not two `=`.
const SIGNS: [&str; 17] = [
    "==", "!=", "<>", "<=", ">=", "..", "<", ">", "=", "|", ":", ",", ".", "[", "]", "(", ")",
];

/// Deep enough for any path, and far from where a recursive parser fails.
const BRACKETS: usize = 4;

/// A 64-bit number has at most 19 digits; the 19th may be too much.
const DIGITS: usize = 18;

/// Splits `inner`, which begins at the byte `at` of the source.
pub(crate) fn tokens(inner: &str, at: usize) -> Result<Vec<Token<'_>>, Fault> {
    let (mut found, mut from, mut open) = (Vec::new(), 0, Vec::new());
    while let Some(c) = inner[from..].chars().next() {
        if c.is_whitespace() {
            // The parser behind knows no other white space.
            if !matches!(c, ' ' | '\t' | '\n' | '\r') {
                return Err((at + from, "only plain spaces may stand here".to_owned()));
            }
            from += c.len_utf8();
            continue;
        }
        let (kind, length) = token(&inner[from..]).map_err(|message| (at + from, message))?;
        if let Kind::Sign(sign) = kind {
            nest(&mut open, sign).map_err(|message| (at + from, message))?;
        }
        found.push(Token { at: at + from, kind });
        from += length;
    }
    match open.last() {
        Some(sign) => Err((at + inner.len(), format!("`{sign}` is not closed"))),
        None => Ok(found),
    }
}

fn nest(open: &mut Vec<&'static str>, sign: &'static str) -> Result<(), String> {
    match sign {
        "[" | "(" => {
            open.push(sign);
            if open.len() > BRACKETS {
                return Err(format!("brackets are nested deeper than {BRACKETS} levels"));
            }
        }
        "]" | ")" => {
            let opening = if sign == "]" { "[" } else { "(" };
            if open.pop() != Some(opening) {
                return Err(format!("`{sign}` closes nothing"));
            }
        }
        _ => {}
    }
    Ok(())
}

fn token(rest: &str) -> Result<(Kind<'_>, usize), String> {
    let first = rest.as_bytes()[0];
    match first {
        b'\'' | b'"' => text(rest, char::from(first)),
        b'0'..=b'9' => number(rest),
        b'+' | b'-' if rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => number(rest),
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            Ok((Kind::Word(&rest[..length]), length))
        }
        _ => SIGNS
            .iter()
            .find(|sign| rest.starts_with(**sign))
            .map(|sign| (Kind::Sign(sign), sign.len()))
            .ok_or_else(|| unexpected(rest)),
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

fn unexpected(rest: &str) -> String {
    let c = rest.chars().next().unwrap_or(' ');
    match c {
        '“' | '”' | '‘' | '’' | '„' => {
            format!("use a straight quotation mark (' or \") instead of {c}")
        }
        '&' => "write `and` instead of `&`".to_owned(),
        '+' | '-' | '*' | '/' | '%' => {
            format!(
                "`{c}` cannot stand here; use the filters `plus`, `minus`, `times`, `divided_by`, `modulo`"
            )
        }
        '{' => "`{` cannot stand here: an output or a tag cannot stand inside another".to_owned(),
        c => format!("`{}` cannot stand here", c.escape_debug()),
    }
}

fn text(rest: &str, quote: char) -> Result<(Kind<'_>, usize), String> {
    match rest[1..].find(quote) {
        Some(end) => Ok((Kind::Text(&rest[1..=end]), end + 2)),
        None => Err(format!("the text that begins with {quote} here does not end")),
    }
}

fn number(rest: &str) -> Result<(Kind<'_>, usize), String> {
    let signed = usize::from(matches!(rest.as_bytes()[0], b'+' | b'-'));
    let digits = |from: usize| rest[from..].bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(signed);
    let mut length = signed + whole;
    // `1..5` is a range, not a number that ends in a full stop.
    if rest[length..].starts_with('.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if whole > DIGITS {
        return Err(format!("a number has at most {DIGITS} digits"));
    }
    if rest[length..].starts_with(is_word) {
        return Err("a name does not begin with a digit".to_owned());
    }
    Ok((Kind::Number(&rest[..length]), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(inner: &str) -> Vec<Kind<'_>> {
        tokens(inner, 0)
            .unwrap()
            .into_iter()
            .map(|token| token.kind)
            .collect()
    }

    fn fault(inner: &str) -> (usize, String) {
        tokens(inner, 10).unwrap_err()
    }

    #[test]
    fn m05_paths_filters_and_ranges_are_split() {
        assert_eq!(
            kinds(r#"data.a-b[0] | join: ", ""#),
            [
                Kind::Word("data"),
                Kind::Sign("."),
                Kind::Word("a-b"),
                Kind::Sign("["),
                Kind::Number("0"),
                Kind::Sign("]"),
                Kind::Sign("|"),
                Kind::Word("join"),
                Kind::Sign(":"),
                Kind::Text(", "),
            ]
        );
        assert_eq!(
            kinds("(1..-2.5) <= '}}'"),
            [
                Kind::Sign("("),
                Kind::Number("1"),
                Kind::Sign(".."),
                Kind::Number("-2.5"),
                Kind::Sign(")"),
                Kind::Sign("<="),
                Kind::Text("}}"),
            ]
        );
    }

    #[test]
    fn faults_name_their_place() {
        assert_eq!(fault("a | b: 'x").0, 17);
        assert_eq!(fault("a ! b").0, 12);
        assert!(fault("99999999999999999999").1.contains("18 digits"));
        assert!(fault(&"[".repeat(60_000)).1.contains("deeper"));
        assert!(fault("a]").1.contains("closes nothing"));
        assert!(fault("(a]").1.contains("closes nothing"));
        assert_eq!(fault("a[b").0, 13);
        assert!(fault("a + b").1.contains("plus"));
        assert!(fault("“a”").1.contains("straight"));
        assert!(fault("a\u{a0}b").1.contains("spaces"));
        assert!(fault("1a").1.contains("digit"));
    }
}
