//! Statistics: how much happened, minute by minute, for whoever looks after the server. Counted in memory and written now and then: a crash loses
//! some seconds of it, and nothing but this.

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i16)]
pub enum Counted {
    /// An event that was published.
    Event = 0,
    /// A notification that reached a feed.
    Notification = 1,
    /// A delivery that was taken.
    Sent = 2,
    /// An attempt after which another one follows.
    Retried = 3,
    /// A delivery that failed for good.
    Failed = 4,
    /// A delivery whose retries are used up.
    Exhausted = 5,
}

impl Counted {
    /// Everything that is counted.
    pub const ALL: [Self; 6] = [
        Self::Event,
        Self::Notification,
        Self::Sent,
        Self::Retried,
        Self::Failed,
        Self::Exhausted,
    ];

    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "events",
            Self::Notification => "notifications",
            Self::Sent => "deliveries.sent",
            Self::Retried => "attempts.failed",
            Self::Failed => "deliveries.failed",
            Self::Exhausted => "deliveries.exhausted",
        }
    }

    /// The number that tables keep.
    pub fn number(self) -> i16 {
        self as i16
    }
}

/// What a table keeps of a bucket of durations: beyond the numbers of what is [`Counted`].
const BUCKETS: i16 = 100;
/// Buckets of durations: the last is for everything that takes longer.
pub const LAST_BUCKET: u8 = 20;

/// The bucket of a duration in milliseconds: bucket n holds what takes less than 2^n ms and not less than half of that.
pub fn bucket(milliseconds: i64) -> u8 {
    let milliseconds = u64::try_from(milliseconds).unwrap_or(0);
    let bits = u8::try_from(u64::BITS - milliseconds.leading_zeros()).unwrap_or(LAST_BUCKET);
    bits.min(LAST_BUCKET)
}

/// The number that tables keep for a bucket.
pub fn bucket_number(bucket: u8) -> i16 {
    BUCKETS + i16::from(bucket)
}

/// The bucket of a number, where it is one's.
pub fn bucket_of(number: i16) -> Option<u8> {
    u8::try_from(number.checked_sub(BUCKETS)?)
        .ok()
        .filter(|bucket| *bucket <= LAST_BUCKET)
}

/// The duration in milliseconds below which this share of what was counted lies, as far as buckets tell: within a bucket, evenly spread.
pub fn quantile(buckets: &[u64; LAST_BUCKET as usize + 1], share: f64) -> Option<f64> {
    let all: u64 = buckets.iter().sum();
    if all == 0 {
        return None;
    }
    let wanted = share.clamp(0.0, 1.0) * float(all);
    let mut below = 0.0;
    for (bucket, count) in buckets.iter().enumerate().filter(|(_, count)| **count > 0) {
        let count = float(*count);
        if below + count >= wanted {
            let until = 2_f64.powi(i32::try_from(bucket).unwrap_or(0));
            let from = if bucket == 0 { 0.0 } else { until / 2.0 };
            return Some(from + (until - from) * ((wanted - below) / count));
        }
        below += count;
    }
    None
}

#[expect(clippy::cast_precision_loss, reason = "counts of a chart")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_fall_into_buckets() {
        for (milliseconds, expected) in [
            (-5, 0),
            (0, 0),
            (1, 1),
            (2, 2),
            (3, 2),
            (4, 3),
            (1_000, 10),
            (i64::MAX, LAST_BUCKET),
        ] {
            assert_eq!(bucket(milliseconds), expected, "{milliseconds}");
            assert_eq!(bucket_of(bucket_number(expected)), Some(expected));
        }
        for counted in Counted::ALL {
            assert_eq!(bucket_of(counted.number()), None);
        }
    }

    #[test]
    fn a_quantile_lies_in_its_bucket() {
        let mut buckets = [0; LAST_BUCKET as usize + 1];
        assert_eq!(quantile(&buckets, 0.5), None);
        buckets[2] = 99;
        buckets[10] = 1;
        let at = |share| quantile(&buckets, share).unwrap_or_default();
        assert!((2.0..4.0).contains(&at(0.5)), "{}", at(0.5));
        assert!((512.0..=1_024.0).contains(&at(0.999)), "{}", at(0.999));
        assert!((at(1.0) - 1_024.0).abs() < 0.001);
    }
}
