//! The sink of the measures: counts what is new, counts what came twice, and notes how long it was on its way.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use hdrhistogram::Histogram;
use parking_lot::Mutex;

use crate::clock;
use crate::receiver::{self, Answer, Incoming, Sink};
use crate::wire;

const SHARDS: usize = 16;

/// Counts requests; the path says how to answer them.
pub(crate) struct Counting {
    hasher: RandomState,
    seen: Vec<Mutex<HashSet<u64>>>,
    unique: AtomicU64,
    duplicates: AtomicU64,
    last: AtomicU64,
    timing: AtomicBool,
    latency: Mutex<HashMap<String, Histogram<u64>>>,
}

/// A histogram of nanoseconds up to ten minutes, to three digits.
pub(crate) fn histogram() -> Histogram<u64> {
    let mut histogram = Histogram::new(3).expect("three digits are within its bounds");
    histogram.auto(true);
    histogram
}

/// Milliseconds at a quantile.
pub(crate) fn millis(histogram: &Histogram<u64>, quantile: f64) -> f64 {
    histogram.value_at_quantile(quantile) as f64 / 1e6
}

impl Default for Counting {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            seen: (0..SHARDS).map(|_| Mutex::default()).collect(),
            unique: AtomicU64::new(0),
            duplicates: AtomicU64::new(0),
            last: AtomicU64::new(0),
            timing: AtomicBool::new(false),
            latency: Mutex::default(),
        }
    }
}

impl Counting {
    /// Deliveries seen for the first time, by path and `webhook-id`.
    pub(crate) fn unique(&self) -> u64 {
        self.unique.load(Ordering::Relaxed)
    }

    /// Deliveries seen again.
    pub(crate) fn duplicates(&self) -> u64 {
        self.duplicates.load(Ordering::Relaxed)
    }

    /// The moment of the newest first delivery.
    pub(crate) fn last(&self) -> u64 {
        self.last.load(Ordering::Relaxed)
    }

    /// Forgets everything and begins to note latencies, or stops.
    pub(crate) fn reset(&self, timing: bool) {
        self.seen.iter().for_each(|shard| *shard.lock() = HashSet::new());
        for counter in [&self.unique, &self.duplicates, &self.last] {
            counter.store(0, Ordering::Relaxed);
        }
        self.timing.store(timing, Ordering::Relaxed);
        self.latency.lock().clear();
    }

    /// The latencies to a path noted since the last reset, in nanoseconds.
    pub(crate) fn latency(&self, path: &str) -> Histogram<u64> {
        self.latency.lock().get(path).cloned().unwrap_or_else(histogram)
    }

    /// Waits until `count` deliveries are new, or `patience` passes without a new one. Answers how many there are.
    pub(crate) async fn settle(&self, count: u64, patience: Duration) -> u64 {
        let mut seen = self.unique();
        let mut at = clock::now();
        while seen < count && clock::now() - at < u64::try_from(patience.as_nanos()).unwrap_or(u64::MAX) {
            tokio::time::sleep(Duration::from_millis(2)).await;
            if self.unique() > seen {
                seen = self.unique();
                at = clock::now();
            }
        }
        self.unique()
    }

    fn count(&self, path: &str, id: &[u8]) -> bool {
        let key = self.hasher.hash_one((path, id));
        let shard = usize::try_from(key % SHARDS as u64).unwrap_or(0);
        self.seen[shard].lock().insert(key)
    }

    fn note_latency(&self, path: &str, body: &[u8]) {
        let Some(sent) = clock::read_mark(body).filter(|sent| *sent > 0) else {
            return;
        };
        let taken = clock::now().saturating_sub(sent);
        let mut latency = self.latency.lock();
        let of_path = latency.entry(path.to_owned()).or_insert_with(histogram);
        let _ = of_path.record(taken);
    }
}

/// The path that answers after [`LATE`].
pub(crate) const SLOW: &str = "/bad/slow";
/// The path that never answers.
pub(crate) const NEVER: &str = "/bad/never";
/// The path that drips a byte a second.
pub(crate) const DRIP: &str = "/bad/drip";
/// The path with an endless body.
pub(crate) const ENDLESS: &str = "/bad/endless";
/// The path that answers with as much as the server keeps.
pub(crate) const LONG: &str = "/long";
/// The path that answers with nothing, as the measured ones do.
pub(crate) const SHORT: &str = "/short";

/// Destinations beside the measured ones: what comes there is not counted.
const BESIDE: [&str; 6] = [SLOW, NEVER, DRIP, ENDLESS, LONG, SHORT];

const LATE: Duration = Duration::from_secs(8);

/// As long an answer as the server keeps.
static KEPT: LazyLock<String> = LazyLock::new(|| receiver::lines(16 << 10));

impl Sink for Counting {
    fn take(&self, incoming: &Incoming<'_>) -> Answer {
        match wire::header(incoming.head, b"webhook-id") {
            // The generator's own, straight into this receiver; it counts the answers itself.
            None => {}
            Some(_) if BESIDE.contains(&incoming.path) => {}
            Some(id) if self.count(incoming.path, id) => {
                self.unique.fetch_add(1, Ordering::Relaxed);
                self.last.fetch_max(clock::now(), Ordering::Relaxed);
                if self.timing.load(Ordering::Relaxed) {
                    self.note_latency(incoming.path, incoming.body);
                }
            }
            Some(_) => _ = self.duplicates.fetch_add(1, Ordering::Relaxed),
        }
        match incoming.path {
            SLOW => Answer::After(LATE),
            NEVER => Answer::Never,
            DRIP => Answer::Drip,
            ENDLESS => Answer::Endless,
            LONG => Answer::Status(200, &KEPT),
            _ => Answer::Ok,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(sink: &Counting, path: &str, id: &str) {
        let head = format!("POST {path} HTTP/1.1\r\nwebhook-id: {id}\r\n\r\n");
        sink.take(&Incoming {
            path,
            head: head.as_bytes(),
            body: b"{}",
        });
    }

    #[test]
    fn one_event_counts_once_at_each_endpoint() {
        let sink = Counting::default();
        take(&sink, "/hook/1", "evt_1");
        take(&sink, "/hook/2", "evt_1");
        take(&sink, "/hook/1", "evt_1");
        take(&sink, "/bad/never", "evt_1");
        sink.take(&Incoming {
            path: "/direct",
            head: b"POST /direct HTTP/1.1\r\n\r\n",
            body: b"",
        });
        assert_eq!((sink.unique(), sink.duplicates()), (2, 1));
        sink.reset(true);
        assert_eq!((sink.unique(), sink.duplicates(), sink.last()), (0, 0, 0));
    }
}
