//! What receivers answer, kept small: error pages repeat themselves, and what is kept of an attempt is written and flushed with its outcome,
//! before whatever waits behind it. A long answer stands compressed in `packed`, any other as it is in `response`.

use crate::error::{Error, Result};

/// From how many bytes on an answer is compressed: a shorter one takes no page of its own in a database.
const LONG: usize = 512;
/// The longest text that is ever unpacked, bytes: a spoilt length must not ask for more. The longest answer that a server can be told to
/// keep is 1 MiB, and a byte that is no text becomes three.
const LONGEST: usize = 4 << 20;

/// A long text as LZ4 in one block, behind its length in four bytes, little endian. `None` where it is better kept as it is.
pub(crate) fn pack(text: &str) -> Option<Vec<u8>> {
    (LONG..=LONGEST)
        .contains(&text.len())
        .then(|| lz4_flex::compress_prepend_size(text.as_bytes()))
        .filter(|packed| packed.len() < text.len())
}

/// The answer that `id` keeps in these columns. One that cannot be read is told to the operator and left out: it explains a failure,
/// and a log without one answer is better than none.
pub(crate) fn answer(id: &str, response: Option<String>, packed: Option<&[u8]>) -> Option<String> {
    response.or_else(|| {
        unpack(packed?)
            .inspect_err(|error| tracing::warn!(id, %error, "an answer cannot be read"))
            .ok()
    })
}

fn unpack(packed: &[u8]) -> Result<String> {
    let spoilt = |why: String| Error::Corrupt(format!("a packed answer: {why}"));
    let (length, block) =
        lz4_flex::block::uncompressed_size(packed).map_err(|error| spoilt(error.to_string()))?;
    if length > LONGEST {
        return Err(spoilt(format!("of {length} bytes")));
    }
    let text = lz4_flex::decompress(block, length).map_err(|error| spoilt(error.to_string()))?;
    if text.len() != length {
        return Err(spoilt(format!("{} bytes instead of {length}", text.len())));
    }
    String::from_utf8(text).map_err(|error| spoilt(error.to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As it comes back.
    fn kept(text: &str) -> Option<String> {
        match pack(text) {
            Some(packed) => answer("one", None, Some(&packed)),
            None => answer("one", Some(text.to_owned()), None),
        }
    }

    fn packed(text: &str) -> Vec<u8> {
        pack(text).expect("a long text")
    }

    /// Signs in the order of a generator of pseudo-random numbers: nothing repeats.
    fn noise(length: usize) -> String {
        let mut state = 1_u64;
        let mut sign = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(33 + u8::try_from((state >> 33) % 94).unwrap())
        };
        (0..length).map(|_| sign()).collect()
    }

    #[test]
    fn a_page_takes_little() {
        let page = "<tr><td>502</td><td>Bad Gateway</td></tr>\n".repeat(400);
        let bytes = packed(&page).len();
        assert!(bytes < page.len() / 10, "{bytes} bytes");
        assert_eq!(kept(&page), Some(page));
    }

    #[test]
    fn the_longest_that_can_be_asked_for_comes_back() {
        // A mebibyte that is not text is three of these a byte.
        let text = "\u{fffd}".repeat(1 << 20) + "…";
        assert!(packed(&text).len() < 100_000);
        assert!(kept(&text) == Some(text));
    }

    #[test]
    fn what_is_short_or_does_not_shrink_stays_as_it_is() {
        for text in ["", &"ok".repeat(100), &noise(16 << 10)] {
            assert_eq!(pack(text), None);
        }
    }

    #[test]
    fn what_is_spoilt_is_left_out() {
        let good = packed(&"out of order, ".repeat(100));
        let with_length = |length: u32| [&length.to_le_bytes(), &good[4..]].concat();
        let no_text = lz4_flex::compress_prepend_size(&[0xff; 1_000]);
        let spoilt = [
            Vec::new(),
            vec![1, 2],
            with_length(u32::MAX),
            with_length(1_401),
            with_length(1_399),
            good[..good.len() - 1].to_vec(),
            no_text,
        ];
        for bytes in spoilt {
            assert_eq!(answer("one", None, Some(&bytes)), None, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(words in proptest::collection::vec(".{0,30}", 1..6), times in 1..400_usize) {
            let text = words.concat().repeat(times);
            prop_assert_eq!(kept(&text), Some(text));
        }

        #[test]
        fn no_bytes_panic(length in 0..4096_u32, block in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = answer("one", None, Some(&[&length.to_le_bytes(), block.as_slice()].concat()));
        }

        #[test]
        fn no_changed_byte_panics(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut packed = packed(&"<li>out of order</li>".repeat(60));
            let at = at.index(packed.len());
            packed[at] = byte;
            let _ = answer("one", None, Some(&packed));
        }
    }
}
