//! What text and JSON may come in: both databases must be able to keep it.
//!
//! `PostgreSQL` stores neither U+0000 nor lone surrogates, and a JSON number beyond a double cannot be compared. They are refused
//! before planning, so that no write fails later for what was visible at the door.

use serde::{Deserialize, Serialize};

/// One thing wrong with an input, at a JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// JSON pointer into the body, `""` for the whole.
    pub pointer: String,
    /// Stable word for programs.
    pub code: &'static str,
    /// Sentence for people.
    pub detail: String,
}

impl Fault {
    /// A fault at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            detail: detail.into(),
        }
    }
}

/// Names the user of a token, and nobody else.
pub const ME: &str = "me";

/// Whether a text can be a caller's own identifier at all: 1 to 256 printable characters.
pub fn is_name(text: &str) -> bool {
    (1..=256).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// Gathers every fault of an input, so that a caller mends them all at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault.
    pub fn push(&mut self, pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) {
        self.0.push(Fault::new(pointer, code, detail));
    }

    /// Notes a fault when `ok` is false.
    pub fn require(&mut self, ok: bool, pointer: &str, code: &'static str, detail: &str) {
        if !ok {
            self.push(pointer, code, detail);
        }
    }

    /// Checks a required line of text: 1 to `max` characters, no control characters.
    pub fn line(&mut self, pointer: &str, value: &str, max: usize) {
        let length = value.chars().count();
        if length == 0 || value.trim().is_empty() {
            self.push(pointer, "required", "must not be empty");
        } else if length > max {
            self.push(
                pointer,
                "too_long",
                format!("must have at most {max} characters, has {length}"),
            );
        } else if value.chars().any(char::is_control) {
            self.push(
                pointer,
                "control_character",
                "must not contain control characters",
            );
        }
    }

    /// Checks free text: at most `max` characters; line breaks and tabs are welcome, other control characters are not.
    pub fn text(&mut self, pointer: &str, value: &str, max: usize) {
        let length = value.chars().count();
        if length > max {
            self.push(
                pointer,
                "too_long",
                format!("must have at most {max} characters, has {length}"),
            );
        } else if value
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            self.push(
                pointer,
                "control_character",
                "must not contain control characters",
            );
        }
    }

    /// Checks a caller's own identifier: 1 to 256 printable characters.
    pub fn key(&mut self, pointer: &str, value: &str) {
        self.line(pointer, value, 256);
    }

    /// Checks a mail address, as far as its form alone tells whether it is one.
    pub fn address(&mut self, pointer: &str, address: &str) {
        self.line(pointer, address, 320);
        let parts = address.split_once('@');
        let fits =
            parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'));
        self.require(
            fits && !address.contains(char::is_whitespace),
            pointer,
            "format",
            "must be a mail address",
        );
    }

    /// Checks the caller's own id of a user. In paths and queries `me` is whoever holds the token: a user of that name could not be named.
    pub fn user(&mut self, pointer: &str, id: &str) {
        self.key(pointer, id);
        self.require(
            id != ME,
            pointer,
            "reserved",
            "must not be `me`: that is whoever a user token speaks for",
        );
    }

    /// `Ok` when nothing was noted.
    pub fn finish(self) -> Result<(), Vec<Fault>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

/// Checks raw JSON text for what a database cannot keep and for nesting deeper than `max_depth`.
///
/// The text must already be well-formed JSON in UTF-8.
pub fn check_json(raw: &str, max_depth: usize) -> Result<(), Fault> {
    let bytes = raw.as_bytes();
    let (mut depth, mut at) = (0usize, 0usize);
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => {
                depth += 1;
                if depth > max_depth {
                    let detail = format!("is nested deeper than {max_depth} levels");
                    return Err(Fault::new("", "too_deep", detail));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                at = check_string(bytes, at + 1)?;
                continue;
            }
            b'-' | b'0'..=b'9' => {
                at = check_number(raw, at)?;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

/// Walks a string from behind its opening quote to behind its closing one.
fn check_string(bytes: &[u8], mut at: usize) -> Result<usize, Fault> {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return Ok(at + 1),
            b'\\' if bytes.get(at + 1) == Some(&b'u') => {
                at = check_escape(bytes, at)?;
                continue;
            }
            b'\\' => at += 1,
            0 => return Err(nul()),
            _ => {}
        }
        at += 1;
    }
    Ok(at)
}

fn nul() -> Fault {
    Fault::new(
        "",
        "nul_character",
        "contains the character U+0000, which cannot be stored",
    )
}

/// Reads `\uXXXX` (and its partner), returning the place behind it.
fn check_escape(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    let lone = || {
        Fault::new(
            "",
            "lone_surrogate",
            "contains half of a surrogate pair, which cannot be stored",
        )
    };
    let unit = |from: usize| {
        let digits = bytes
            .get(from..from + 4)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        digits.and_then(|digits| u32::from_str_radix(digits, 16).ok())
    };
    match unit(at + 2) {
        Some(0) => Err(nul()),
        Some(0xD800..=0xDBFF) => match (bytes.get(at + 6..at + 8), unit(at + 8)) {
            (Some(b"\\u"), Some(0xDC00..=0xDFFF)) => Ok(at + 12),
            _ => Err(lone()),
        },
        Some(0xDC00..=0xDFFF) => Err(lone()),
        _ => Ok(at + 6),
    }
}

fn check_number(raw: &str, at: usize) -> Result<usize, Fault> {
    let rest = &raw[at..];
    let end = rest
        .find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'))
        .unwrap_or(rest.len());
    let number = &rest[..end];
    // Ordinary numbers need no parsing: fewer than 16 characters without an exponent always fit.
    let plain = number.len() < 16 && !number.contains(['e', 'E']);
    if plain || number.parse::<f64>().is_ok_and(f64::is_finite) && number.len() <= 400 {
        return Ok(at + end);
    }
    Err(Fault::new(
        "",
        "number_range",
        "contains a number that is out of range",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_a_database_cannot_keep_is_refused() {
        let code = |raw: &str| check_json(raw, 4).err().map(|fault| fault.code);
        assert_eq!(code(r#"{"a":"\u0000"}"#), Some("nul_character"));
        assert_eq!(code(r#"{"a":"\ud800"}"#), Some("lone_surrogate"));
        assert_eq!(code(r#"{"a":"\udc00x"}"#), Some("lone_surrogate"));
        assert_eq!(code(r#"{"a":"\ud83d\ude00"}"#), None);
        assert_eq!(code(r#"{"a":"\\u0000 is text"}"#), None);
        assert_eq!(code("[1e999]"), Some("number_range"));
        assert_eq!(code("[-12.5e3, 123456789012345678]"), None);
        assert_eq!(code("[[[[1]]]]"), None);
        assert_eq!(code("[[[[[1]]]]]"), Some("too_deep"));
        assert_eq!(code(r#"{"a":"[[[[[[[["}"#), None);
    }

    #[test]
    fn lines_are_checked_in_characters() {
        let check = |value: &str| {
            let mut faults = Faults::default();
            faults.line("/a", value, 3);
            faults.finish().err().map(|faults| faults[0].code)
        };
        assert_eq!(check("äöü"), None);
        assert_eq!(check("äöüx"), Some("too_long"));
        assert_eq!(check("  "), Some("required"));
        assert_eq!(check("a\nb"), Some("control_character"));
    }
}
