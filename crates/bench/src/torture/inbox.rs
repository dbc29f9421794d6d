//! The torture's webhook: verifies each delivery, keeps what it brought, and now and then answers badly.

use std::collections::hash_map::{DefaultHasher, Entry};
use std::collections::{HashMap, HashSet};
use std::hash::{Hash as _, Hasher as _};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::watch;

use super::ledger::Violation;
use super::observed::{Arrived, StateEvent};
use super::signature;
use crate::receiver::{Answer, Incoming, Sink};
use crate::wire;

/// How far the timestamp of a signature may be from our clock.
const TOLERANCE: u64 = 300;
/// How many complaints of one run are kept.
const COMPLAINTS: usize = 200;

/// What a held delivery is answered the first time, and when it comes again.
pub(crate) const FIRST_ANSWER: &str = "answered to the paused node";
/// See [`FIRST_ANSWER`].
pub(crate) const SECOND_ANSWER: &str = "answered to the rescuer";

/// Everything that arrived.
pub(crate) struct Inbox {
    key: Mutex<Vec<u8>>,
    pages: Mutex<Pages>,
    /// Answer every so many-th request badly; 0 for never.
    pub(crate) misbehave_every: AtomicU32,
    count: AtomicU32,
    /// Whether timestamps are compared with our clock, which a torture of clocks must not do.
    pub(crate) check_time: AtomicBool,
    gate: watch::Sender<bool>,
}

/// What is kept of them.
#[derive(Default)]
pub(crate) struct Pages {
    /// By `webhook-id`.
    pub(crate) arrived: HashMap<String, Arrived>,
    /// State changes.
    pub(crate) state_events: HashSet<StateEvent>,
    /// Promises broken by what arrived.
    pub(crate) broken: Vec<Violation>,
    /// Deliveries that came once more after they were taken.
    pub(crate) duplicates: u64,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// One user's change, or a creation with everyone it names.
#[derive(Deserialize)]
struct StateChange {
    notification_id: String,
    #[serde(default)]
    user_id: Option<String>,
    #[serde(default)]
    user_ids: Vec<String>,
}

impl Default for Inbox {
    fn default() -> Self {
        Self {
            key: Mutex::default(),
            pages: Mutex::default(),
            misbehave_every: AtomicU32::new(50),
            count: AtomicU32::new(0),
            check_time: AtomicBool::new(true),
            gate: watch::Sender::new(false),
        }
    }
}

impl Inbox {
    /// Deliveries are signed with this secret.
    pub(crate) fn trust(&self, secret: &str) -> anyhow::Result<()> {
        *self.key.lock() = signature::key(secret)?;
        Ok(())
    }

    /// Reads the pages.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Pages) -> T) -> T {
        read(&self.pages.lock())
    }

    /// Whether this `webhook-id` was taken.
    pub(crate) fn took(&self, id: &str) -> bool {
        self.pages
            .lock()
            .arrived
            .get(id)
            .is_some_and(|arrived| arrived.taken > 0)
    }

    /// How often this `webhook-id` came.
    pub(crate) fn came(&self, id: &str) -> u32 {
        self.pages
            .lock()
            .arrived
            .get(id)
            .map_or(0, |arrived| arrived.came)
    }

    /// Answers what is held.
    pub(crate) fn release(&self) {
        self.gate.send_replace(true);
    }

    fn note(&self, incoming: &Incoming<'_>) -> Result<Noted, Violation> {
        let header = |name: &str| {
            let value = wire::header(incoming.head, name.as_bytes());
            value
                .and_then(|value| std::str::from_utf8(value).ok())
                .unwrap_or_default()
        };
        let (id, at) = (header("webhook-id"), header("webhook-timestamp"));
        if !signature::verifies(
            &self.key.lock(),
            id,
            at,
            incoming.body,
            header("webhook-signature"),
        ) {
            return Err(Violation::new(
                "signature does not verify",
                format!("{id} at {at}"),
            ));
        }
        self.check_timestamp(id, at)?;
        let envelope: Envelope<'_> = serde_json::from_slice(incoming.body)
            .map_err(|error| Violation::new("webhook is not an envelope", format!("{id}: {error}")))?;
        if envelope.id != id {
            return Err(Violation::new(
                "webhook-id is not the envelope's",
                format!("{id}, {}", envelope.id),
            ));
        }
        let mut pages = self.pages.lock();
        if let Ok(change) = serde_json::from_str::<StateChange>(envelope.data.get()) {
            for user in change.user_ids.into_iter().chain(change.user_id) {
                pages
                    .state_events
                    .insert((change.notification_id.clone(), user, envelope.kind.clone()));
            }
        }
        let came = pages.arrive(id, &envelope, incoming.body)?;
        Ok(Noted {
            id: id.to_owned(),
            held: envelope.data.get().contains(HELD),
            came,
        })
    }

    fn check_timestamp(&self, id: &str, at: &str) -> Result<(), Violation> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let at = at
            .parse::<u64>()
            .map_err(|_| Violation::new("bad webhook-timestamp", format!("{id}: {at}")))?;
        if self.check_time.load(Ordering::Relaxed) && now.abs_diff(at) > TOLERANCE {
            return Err(Violation::new(
                "webhook-timestamp is off",
                format!("{id}: {at}, it is {now}"),
            ));
        }
        Ok(())
    }

    fn answer(&self, noted: &Noted) -> Answer {
        if noted.held {
            return match noted.came {
                1 => Answer::Held(200, FIRST_ANSWER, self.gate.subscribe()),
                _ => Answer::Status(200, SECOND_ANSWER),
            };
        }
        let every = self.misbehave_every.load(Ordering::Relaxed);
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        match number.checked_rem(every) {
            Some(0) if (number / every).is_multiple_of(2) => Answer::Status(500, "not now"),
            Some(0) => Answer::Cut,
            _ => Answer::Ok,
        }
    }
}

/// Stands in the `data` of an event whose first answer is to be held.
pub(crate) const HELD: &str = r#""held":true"#;

struct Noted {
    id: String,
    held: bool,
    came: u32,
}

impl Pages {
    /// Answers how often it has come now.
    fn arrive(&mut self, id: &str, envelope: &Envelope<'_>, body: &[u8]) -> Result<u32, Violation> {
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        let body_hash = hasher.finish();
        match self.arrived.entry(id.to_owned()) {
            Entry::Vacant(free) => {
                let (kind, data) = (envelope.kind.clone(), envelope.data.get().to_owned());
                free.insert(Arrived {
                    taken: 0,
                    came: 1,
                    body_hash,
                    kind,
                    data,
                });
                Ok(1)
            }
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                known.came += 1;
                self.duplicates += u64::from(known.taken > 0);
                if known.body_hash == body_hash {
                    Ok(known.came)
                } else {
                    Err(Violation::new("one webhook-id, two bodies", id.to_owned()))
                }
            }
        }
    }
}

impl Sink for Inbox {
    fn take(&self, incoming: &Incoming<'_>) -> Answer {
        match self.note(incoming) {
            Ok(noted) => {
                let answer = self.answer(&noted);
                if !matches!(answer, Answer::Status(500, _) | Answer::Cut)
                    && let Some(arrived) = self.pages.lock().arrived.get_mut(&noted.id)
                {
                    arrived.taken += 1;
                }
                answer
            }
            Err(violation) => {
                let mut pages = self.pages.lock();
                if pages.broken.len() < COMPLAINTS {
                    pages.broken.push(violation);
                }
                Answer::Ok
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use hmac::{Hmac, KeyInit as _, Mac as _};

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn inbox() -> Inbox {
        let inbox = Inbox::default();
        inbox.misbehave_every.store(0, Ordering::Relaxed);
        inbox.trust(SECRET).expect("secret");
        inbox
    }

    fn deliver(inbox: &Inbox, id: &str, at: u64, body: &str) -> Answer {
        let mut mac =
            Hmac::<sha2::Sha256>::new_from_slice(&signature::key(SECRET).expect("key")).expect("mac");
        mac.update(format!("{id}.{at}.{body}").as_bytes());
        let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
        let head = format!(
            "POST /inbox HTTP/1.1\r\nwebhook-id: {id}\r\nwebhook-timestamp: {at}\r\nwebhook-signature: v1,{signature}\r\n\r\n"
        );
        inbox.take(&Incoming {
            path: "/inbox",
            head: head.as_bytes(),
            body: body.as_bytes(),
        })
    }

    fn now() -> u64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970")
            .as_secs()
    }

    fn rules(inbox: &Inbox) -> Vec<&'static str> {
        inbox.read(|pages| pages.broken.iter().map(|violation| violation.rule).collect())
    }

    const BODY: &str = r#"{"id":"evt_1","type":"torture.event","data":{ "n":"a" }}"#;

    #[test]
    fn a_good_delivery_is_kept_with_its_bytes_and_repeats_are_counted() {
        let inbox = inbox();
        deliver(&inbox, "evt_1", now(), BODY);
        deliver(&inbox, "evt_1", now() + 1, BODY);
        assert!(inbox.took("evt_1") && rules(&inbox).is_empty());
        assert_eq!(
            inbox
                .read(|pages| (pages.duplicates, pages.arrived["evt_1"].data.clone()))
                .1,
            r#"{ "n":"a" }"#
        );
        assert_eq!(
            (inbox.read(|pages| pages.duplicates), inbox.came("evt_1")),
            (1, 2)
        );
    }

    #[test]
    fn a_repeat_with_another_body_is_a_violation() {
        let inbox = inbox();
        deliver(&inbox, "evt_1", now(), BODY);
        deliver(&inbox, "evt_1", now(), &BODY.replace("{ ", "{"));
        assert_eq!(rules(&inbox), ["one webhook-id, two bodies"]);
    }

    #[test]
    fn bad_signatures_times_and_ids_are_violations() {
        let inbox = inbox();
        inbox.take(&Incoming {
            path: "/",
            head: b"POST / HTTP/1.1\r\nwebhook-id: evt_1\r\n\r\n",
            body: b"{}",
        });
        deliver(&inbox, "evt_1", now() - 3600, BODY);
        deliver(&inbox, "evt_2", now(), BODY);
        assert_eq!(
            rules(&inbox),
            [
                "signature does not verify",
                "webhook-timestamp is off",
                "webhook-id is not the envelope's"
            ]
        );
        assert!(!inbox.took("evt_1"));
    }

    #[test]
    fn a_refused_delivery_is_not_taken() {
        let inbox = inbox();
        inbox.misbehave_every.store(1, Ordering::Relaxed);
        assert!(matches!(
            deliver(&inbox, "evt_1", now(), BODY),
            Answer::Status(500, _)
        ));
        assert!(matches!(deliver(&inbox, "evt_1", now(), BODY), Answer::Cut));
        assert!(!inbox.took("evt_1") && inbox.came("evt_1") == 2);
    }

    #[test]
    fn state_changes_are_noted_and_held_events_wait_once() {
        let inbox = inbox();
        let body =
            r#"{"id":"evt_s","type":"notification.read","data":{"notification_id":"ntf_1","user_id":"u"}}"#;
        deliver(&inbox, "evt_s", now(), body);
        let event = ("ntf_1".to_owned(), "u".to_owned(), "notification.read".to_owned());
        assert!(inbox.read(|pages| pages.state_events.contains(&event)));
        let held = r#"{"id":"evt_h","type":"torture.event","data":{"n":"h","held":true}}"#;
        assert!(matches!(
            deliver(&inbox, "evt_h", now(), held),
            Answer::Held(200, FIRST_ANSWER, _)
        ));
        assert!(matches!(
            deliver(&inbox, "evt_h", now(), held),
            Answer::Status(200, SECOND_ANSWER)
        ));
    }
}
