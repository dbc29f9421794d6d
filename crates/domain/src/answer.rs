//! What a receiver answered, as it is kept.

use std::borrow::Cow;

/// From how many bytes on an answer is compressed: a shorter one takes no page of its own in a database.
const COMPRESSED_FROM: usize = 512;
/// The longest text one stands for, bytes: more than is ever read of an answer, so that a broken one cannot ask for the memory.
const LONGEST: usize = 1 << 20;

/// The first byte: text as it is.
const PLAIN: u8 = b't';
/// The first byte: LZ4 in one block, behind the length of the text in four bytes, little endian.
const LZ4: u8 = b'z';

/// The beginning of an answer, small: error pages repeat themselves, and what is kept of each attempt is written and flushed with its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer(Vec<u8>);

/// Bytes that are no kept answer.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an answer as it is kept")]
pub struct NotAnAnswer;

impl Answer {
    /// Of the text of an answer.
    pub fn of(text: &str) -> Self {
        let compressed = (COMPRESSED_FROM..=LONGEST)
            .contains(&text.len())
            .then(|| lz4_flex::compress_prepend_size(text.as_bytes()))
            .filter(|compressed| compressed.len() < text.len());
        let (kind, bytes) = match &compressed {
            Some(compressed) => (LZ4, compressed.as_slice()),
            None => (PLAIN, text.as_bytes()),
        };
        let mut kept = Vec::with_capacity(1 + bytes.len());
        kept.push(kind);
        kept.extend_from_slice(bytes);
        Self(kept)
    }

    /// What a database keeps.
    pub fn kept(&self) -> &[u8] {
        &self.0
    }

    /// The text of what a database kept.
    pub fn text(kept: &[u8]) -> Result<String, NotAnAnswer> {
        let (kind, bytes) = kept.split_first().ok_or(NotAnAnswer)?;
        let bytes = match *kind {
            PLAIN => Cow::Borrowed(bytes),
            LZ4 => Cow::Owned(decompressed(bytes)?),
            _ => return Err(NotAnAnswer),
        };
        std::str::from_utf8(&bytes)
            .map(str::to_owned)
            .map_err(|_| NotAnAnswer)
    }
}

fn decompressed(bytes: &[u8]) -> Result<Vec<u8>, NotAnAnswer> {
    let (length, block) = lz4_flex::block::uncompressed_size(bytes).map_err(|_| NotAnAnswer)?;
    if length > LONGEST {
        return Err(NotAnAnswer);
    }
    lz4_flex::decompress(block, length).map_err(|_| NotAnAnswer)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Text without a pattern: ten letters, in the order of a generator of pseudo-random numbers.
    fn noise(length: usize) -> String {
        let mut state = 1_u64;
        let mut letter = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(33 + u8::try_from((state >> 33) % 94).unwrap())
        };
        (0..length).map(|_| letter()).collect()
    }

    #[test]
    fn a_page_is_kept_in_less_than_it_is() {
        let page = "<tr><td>502</td><td>Bad Gateway</td></tr>\n".repeat(400);
        let kept = Answer::of(&page);
        assert!(kept.kept().len() < page.len() / 10, "{} bytes", kept.kept().len());
        assert_eq!(Answer::text(kept.kept()).as_deref(), Ok(page.as_str()));
    }

    #[test]
    fn what_does_not_get_smaller_is_kept_as_it_is() {
        for text in [String::new(), "ok".repeat(100), noise(16 << 10)] {
            let kept = Answer::of(&text);
            assert_eq!(kept.kept().len(), 1 + text.len());
            assert_eq!(Answer::text(kept.kept()), Ok(text));
        }
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        let mut vast = u32::MAX.to_le_bytes().to_vec();
        vast.insert(0, LZ4);
        for broken in [&b""[..], b"z", b"zabc", b"z\x10\0\0\0", b"t\xff", b"?text", &vast] {
            assert_eq!(Answer::text(broken), Err(NotAnAnswer), "{broken:?}");
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in ".{0,2000}") {
            prop_assert_eq!(Answer::text(Answer::of(&text).kept()), Ok(text));
        }

        #[test]
        fn no_bytes_panic(kept in proptest::collection::vec(any::<u8>(), 0..200), kind in prop_oneof![Just(PLAIN), Just(LZ4)]) {
            let _ = Answer::text(&[&[kind], kept.as_slice()].concat());
        }
    }
}
