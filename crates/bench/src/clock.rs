//! One clock for generator and receiver, and the mark that carries a moment through the server.
//!
//! Both ends live in this process, so a count of nanoseconds since its start is a time both understand; the wall
//! clock, which may jump, has no part in any figure.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::wire;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// What stands before the twenty digits of a moment in a body.
const MARK: &str = "bench_at=";
/// How many digits a moment has.
const DIGITS: usize = 20;

/// Nanoseconds since this process first asked.
pub(crate) fn now() -> u64 {
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// The instant of a moment, for sleeping until it.
pub(crate) fn instant(moment: u64) -> Instant {
    *START + Duration::from_nanos(moment)
}

/// A mark with an empty moment, for the template of a body.
pub(crate) fn empty_mark() -> String {
    format!("{MARK}{}", "0".repeat(DIGITS))
}

/// Where the digits of a mark begin.
pub(crate) fn mark_slot(bytes: &[u8]) -> Option<usize> {
    let slot = wire::find(bytes, MARK.as_bytes())? + MARK.len();
    (bytes.len() >= slot + DIGITS).then_some(slot)
}

/// Writes a moment into its slot.
pub(crate) fn write_mark(bytes: &mut [u8], slot: usize, moment: u64) {
    let mut rest = moment;
    for digit in bytes[slot..slot + DIGITS].iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
}

/// The moment a body carries.
pub(crate) fn read_mark(bytes: &[u8]) -> Option<u64> {
    let slot = mark_slot(bytes)?;
    std::str::from_utf8(&bytes[slot..slot + DIGITS])
        .ok()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_survives_its_way_through_a_body() {
        let mut body = format!(r#"{{"data":{{"at":"{}"}}}}"#, empty_mark()).into_bytes();
        let slot = mark_slot(&body).expect("slot");
        write_mark(&mut body, slot, 1_234_567_890_123);
        assert_eq!(read_mark(&body), Some(1_234_567_890_123));
        assert_eq!(read_mark(b"bench_at=12"), None);
    }
}
