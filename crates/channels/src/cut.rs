//! Texts that are too long for where they go.

use std::borrow::Cow;

/// The mark of what was left out.
const ELLIPSIS: char = '…';

/// `text` within `max` characters: cut at its end, with an ellipsis as the last of them.
pub fn to_chars(text: &str, max: usize) -> Cow<'_, str> {
    cut(text, max, |text, keep| {
        text.char_indices().nth(keep).map(|(at, _)| at)
    })
}

/// Like [`to_chars`], for text with Slack's marks in it: an entity (`&amp;`) or a link (`<https://…|here>`) is left out whole.
pub fn to_mrkdwn(text: &str, max: usize) -> Cow<'_, str> {
    cut(text, max, |text, keep| {
        let end = text.char_indices().nth(keep)?.0;
        let kept = &text[..end];
        let link = kept.rfind('<').filter(|at| !kept[*at..].contains('>'));
        let entity = kept.rfind('&').filter(|at| {
            let rest = &kept[*at..];
            rest.len() <= LONGEST_ENTITY && !rest.contains([';', ' '])
        });
        Some(link.or(entity).unwrap_or(end))
    })
}

/// `&quot` and its like: what stands at the end of a cut text without its semicolon.
const LONGEST_ENTITY: usize = 6;

/// `text` within `max` bytes of UTF-8.
pub fn to_bytes(text: &str, max: usize) -> Cow<'_, str> {
    if text.len() <= max {
        return Cow::Borrowed(text);
    }
    let mut end = max.saturating_sub(ELLIPSIS.len_utf8());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(marked(&text[..end]))
}

fn cut(text: &str, max: usize, end: impl Fn(&str, usize) -> Option<usize>) -> Cow<'_, str> {
    if text.len() <= max || text.chars().count() <= max {
        return Cow::Borrowed(text);
    }
    match max.checked_sub(1).and_then(|keep| end(text, keep)) {
        Some(end) => Cow::Owned(marked(&text[..end])),
        None => Cow::Borrowed(""),
    }
}

fn marked(kept: &str) -> String {
    let mut text = kept.trim_end().to_owned();
    text.push(ELLIPSIS);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c04_long_text_ends_with_an_ellipsis_within_its_limit() {
        assert_eq!(to_chars("grün", 4), "grün");
        assert_eq!(to_chars("grüner", 4), "grü…");
        assert_eq!(to_chars("ab cd", 4), "ab…");
        assert_eq!(to_chars("abc", 0), "");
        assert_eq!(to_chars("🔔🔔🔔", 2), "🔔…");
        assert_eq!(to_bytes("grüner", 6), "gr…");
        assert_eq!(to_bytes("grün", 5), "grün");
    }

    #[test]
    fn marks_are_cut_whole() {
        assert_eq!(to_mrkdwn("a &amp; b", 9), "a &amp; b");
        assert_eq!(to_mrkdwn("a &amp; b", 6), "a…");
        assert_eq!(to_mrkdwn("see <https://a.example|here> now", 20), "see…");
        assert_eq!(to_mrkdwn("see <a|b> and more", 14), "see <a|b> and…");
        assert_eq!(to_mrkdwn("R&D departments", 10), "R&D depar…");
    }
}
