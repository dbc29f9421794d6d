//! Filters on texts. A length is a number of characters.

use liquid_core::model::{Value, ValueView};

use super::{Fault, made, text_at, text_of};
use crate::escape::Escape;
use crate::meter::Meter;

type Made = Result<Value, Fault>;

pub(super) fn append(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    Ok(made(format!("{}{}", text_of(input), text_at(arguments, 0))))
}

pub(super) fn prepend(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    Ok(made(format!("{}{}", text_at(arguments, 0), text_of(input))))
}

/// The first letter large, the others small, as Liquid has it.
pub(super) fn capitalize(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    Ok(made(capitalized(&text_of(input))))
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    let Some(first) = characters.next() else {
        return String::new();
    };
    first.to_uppercase().collect::<String>() + &characters.as_str().to_lowercase()
}

/// The first letter of each word large: `pull_request` stays one word; see `words`.
pub(super) fn titlecase(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    let text = text_of(input);
    let words: Vec<String> = text.split(' ').map(capitalized).collect();
    Ok(made(words.join(" ")))
}

/// A name of programs as words: `pull_request.merged` becomes `pull request merged`.
pub(super) fn words(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    let spaced = text_of(input).replace(['_', '-', '.', '/'], " ");
    Ok(made(spaced.split_whitespace().collect::<Vec<_>>().join(" ")))
}

pub(super) fn downcase(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    Ok(made(text_of(input).to_lowercase()))
}

pub(super) fn upcase(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    Ok(made(text_of(input).to_uppercase()))
}

pub(super) fn strip(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    Ok(made(text_of(input).trim()))
}

pub(super) fn lstrip(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    Ok(made(text_of(input).trim_start()))
}

pub(super) fn rstrip(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    Ok(made(text_of(input).trim_end()))
}

pub(super) fn strip_newlines(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    Ok(made(text_of(input).replace(['\n', '\r'], "")))
}

/// As last filter of an output in HTML, the text is escaped before; see `chain::Mode`.
pub(super) fn newline_to_br(input: &dyn ValueView, _: &[Value], meter: &Meter) -> Made {
    let text = text_of(input).replace("\r\n", "\n");
    meter.spend(text.matches('\n').count() * 7)?;
    Ok(made(text.replace('\n', "<br />\n")))
}

pub(super) fn escape(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    Ok(made(Escape::Html.escape(&text_of(input))))
}

/// Escapes what is no entity already.
pub(super) fn escape_once(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    let text = text_of(input);
    let (mut out, mut rest) = (String::with_capacity(text.len()), &*text);
    while let Some(at) = rest.find('&') {
        let entity = entity_length(&rest[at..]);
        Escape::Html.push(&rest[..at], &mut out);
        out.push_str(if entity == 0 {
            "&amp;"
        } else {
            &rest[at..at + entity]
        });
        rest = &rest[at + entity.max(1)..];
    }
    Escape::Html.push(rest, &mut out);
    Ok(made(out))
}

/// How long the entity is that `text` begins with, 0 if it is none.
fn entity_length(text: &str) -> usize {
    let Some(end) = text.bytes().take(12).position(|byte| byte == b';') else {
        return 0;
    };
    let name = &text[1..end];
    let digits = name.strip_prefix('#');
    let known = match digits.map(|digits| digits.strip_prefix(['x', 'X']).ok_or(digits)) {
        Some(Ok(hex)) => !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        Some(Err(decimal)) => !decimal.is_empty() && decimal.bytes().all(|byte| byte.is_ascii_digit()),
        None => !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()),
    };
    if known { end + 1 } else { 0 }
}

/// Takes tags, comments, scripts and styles out.
pub(super) fn strip_html(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    let text = text_of(input);
    let lower = text.to_ascii_lowercase();
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    while let Some(open) = lower[at..].find('<').map(|found| at + found) {
        out.push_str(&text[at..open]);
        let rest = &lower[open..];
        let end = ["<script", "<style", "<!--"]
            .iter()
            .zip(["</script>", "</style>", "-->"])
            .find(|(start, _)| rest.starts_with(*start))
            .map_or(">", |(_, end)| end);
        let Some(close) = rest.find(end) else {
            at = open + 1;
            out.push('<');
            // Without an end there is no tag from here on.
            if end == ">" {
                break;
            }
            continue;
        };
        at = open + close + end.len();
    }
    out.push_str(&text[at..]);
    Ok(made(out))
}

pub(super) fn replace(input: &dyn ValueView, arguments: &[Value], meter: &Meter) -> Made {
    let (text, from, to) = (text_of(input), text_at(arguments, 0), text_at(arguments, 1));
    meter.spend(text.matches(&*from).count().saturating_mul(to.len()))?;
    Ok(made(text.replace(&*from, &to)))
}

pub(super) fn replace_first(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    let (text, from, to) = (text_of(input), text_at(arguments, 0), text_at(arguments, 1));
    Ok(made(text.replacen(&*from, &to, 1)))
}

pub(super) fn replace_last(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    let (text, from, to) = (text_of(input), text_at(arguments, 0), text_at(arguments, 1));
    Ok(made(match text.rfind(&*from) {
        Some(at) => format!("{}{to}{}", &text[..at], &text[at + from.len()..]),
        None => text.into_owned(),
    }))
}

pub(super) fn remove(input: &dyn ValueView, arguments: &[Value], meter: &Meter) -> Made {
    replace(input, &arguments[..1], meter)
}

pub(super) fn remove_first(input: &dyn ValueView, arguments: &[Value], meter: &Meter) -> Made {
    replace_first(input, &arguments[..1], meter)
}

pub(super) fn remove_last(input: &dyn ValueView, arguments: &[Value], meter: &Meter) -> Made {
    replace_last(input, &arguments[..1], meter)
}

/// At most so many characters (50), the ellipsis (three full stops) among them.
pub(super) fn truncate(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    let text = text_of(input);
    let most = super::number::count(arguments, 0, 50)?;
    let ellipsis = arguments
        .get(1)
        .map_or("...".into(), |value| text_of(value.as_view()));
    if text.chars().count() <= most {
        return Ok(made(text));
    }
    let kept = most.saturating_sub(ellipsis.chars().count());
    let kept: String = text.chars().take(kept).collect();
    Ok(made(kept + &ellipsis))
}

/// At most so many words (15), then the ellipsis.
pub(super) fn truncatewords(input: &dyn ValueView, arguments: &[Value], _: &Meter) -> Made {
    let text = text_of(input);
    let most = super::number::count(arguments, 0, 15)?.max(1);
    let ellipsis = arguments
        .get(1)
        .map_or("...".into(), |value| text_of(value.as_view()));
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() <= most {
        return Ok(made(text));
    }
    Ok(made(words[..most].join(" ") + &ellipsis))
}

/// The parts between the separators; an empty separator parts all characters. Empty parts at the end are left out.
pub(super) fn split(input: &dyn ValueView, arguments: &[Value], meter: &Meter) -> Made {
    let (text, separator) = (text_of(input), text_at(arguments, 0));
    let parts = if separator.is_empty() {
        text.chars().count()
    } else {
        text.matches(&*separator).count() + 1
    };
    // Each part is a value of its own, which takes far more memory than its letters.
    meter.spend(parts.saturating_mul(std::mem::size_of::<Value>()))?;
    let mut values: Vec<Value> = if separator.is_empty() {
        text.chars().map(made).collect()
    } else {
        text.split(&*separator).map(made).collect()
    };
    while values.last().is_some_and(|value| text_of(value).is_empty()) {
        values.pop();
    }
    Ok(Value::Array(values))
}

/// For a part of a query: a space becomes `+`.
pub(super) fn url_encode(input: &dyn ValueView, _: &[Value], meter: &Meter) -> Made {
    encode(input, meter, true)
}

/// For a part of a path: a space becomes `%20`.
pub(super) fn url_escape(input: &dyn ValueView, _: &[Value], meter: &Meter) -> Made {
    encode(input, meter, false)
}

fn encode(input: &dyn ValueView, meter: &Meter, form: bool) -> Made {
    use std::fmt::Write;
    let text = text_of(input);
    meter.spend(text.len() * 3)?;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' if form => out.push('+'),
            // Writing to a string never fails.
            byte => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    Ok(made(out))
}

pub(super) fn url_decode(input: &dyn ValueView, _: &[Value], _: &Meter) -> Made {
    let text = text_of(input);
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let hex = bytes
            .get(at + 1..at + 3)
            .filter(|digits| bytes[at] == b'%' && digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        out.push(match (hex, bytes[at]) {
            (None, b'+') => b' ',
            (Some(byte), _) | (None, byte) => byte,
        });
        at += if hex.is_some() { 3 } else { 1 };
    }
    Ok(made(String::from_utf8_lossy(&out)))
}
