//! Answers as text.

/// An answer as text that both databases can keep: no U+0000, what is not UTF-8 replaced.
pub(crate) fn text(body: &[u8], truncated: bool) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    let mut text = String::from_utf8_lossy(body).replace('\0', "\u{fffd}");
    if truncated {
        text.push('…');
    }
    Some(text)
}
