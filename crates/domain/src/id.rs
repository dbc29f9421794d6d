//! Identifiers: 27 base-62 characters, nearly ordered by time, made without asking anybody.
//!
//! The layout is the KSUID with milliseconds: four bytes of seconds since 2014-05-13, one byte of 1/256 seconds, fifteen
//! further bytes. The order is close to the order of creation, which keeps inserts at the tail of a B-tree; it is *not* an order of
//! commits. Ids are kept and compared without their prefix; the prefix is put on at the edge.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Seconds between the Unix epoch and the KSUID epoch.
const EPOCH_SECONDS: i64 = 1_400_000_000;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Length of the text form.
pub const ID_LENGTH: usize = 27;

/// The bare identifier, as the database keeps it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ksuid([u8; ID_LENGTH]);

impl Ksuid {
    /// Builds the id for an instant (milliseconds since the Unix epoch) from fifteen more bytes.
    pub fn new(now: i64, tail: [u8; 15]) -> Self {
        let mut raw = [0u8; 20];
        raw[..5].copy_from_slice(&Self::tick(now).to_be_bytes()[3..]);
        raw[5..].copy_from_slice(&tail);
        Self(encode(raw))
    }

    /// What an id tells of an instant: 1/256 seconds since the KSUID epoch, in 40 bits.
    pub fn tick(now: i64) -> u64 {
        let seconds = u32::try_from((now.div_euclid(1000) - EPOCH_SECONDS).max(0)).unwrap_or(u32::MAX);
        let fraction = u8::try_from(now.rem_euclid(1000) * 256 / 1000).unwrap_or(u8::MAX);
        (u64::from(seconds) << 8) | u64::from(fraction)
    }

    /// The lowest id of an instant: everything created at or after `now` compares greater or equal.
    pub fn floor(now: i64) -> Self {
        Self::new(now, [0; 15])
    }

    /// Reads the 27 characters; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; ID_LENGTH] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphanumeric).then_some(Self(bytes))
    }

    /// The 27 characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Ksuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Writes 160 bits as 27 base-62 digits, five digits a division.
fn encode(raw: [u8; 20]) -> [u8; ID_LENGTH] {
    const CHUNK: u64 = 62 * 62 * 62 * 62 * 62;
    let mut limbs = [0u32; 5];
    for (limb, bytes) in limbs.iter_mut().zip(raw.chunks_exact(4)) {
        *limb = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    let mut out = [b'0'; ID_LENGTH];
    let mut end = ID_LENGTH;
    while end > 0 {
        let mut rest = 0u64;
        for limb in &mut limbs {
            let part = (rest << 32) | u64::from(*limb);
            *limb = u32::try_from(part / CHUNK).unwrap_or(u32::MAX);
            rest = part % CHUNK;
        }
        let start = end.saturating_sub(5);
        for digit in out[start..end].iter_mut().rev() {
            *digit = ALPHABET[usize::try_from(rest % 62).unwrap_or(0)];
            rest /= 62;
        }
        end = start;
    }
    out
}

/// Makes ids for one plan: an instant and a seed, both given from outside.
///
/// The stream is deterministic for a seed, so that a plan can be replayed. Ids are not secrets; what must not be guessed is
/// never made here. Ids of one plan ascend, and so do those of plans that take turns within one tick: behind the instant stand 24
/// bits of the plan's turn, 24 bits of the id's place in the plan, and 72 random bits.
#[derive(Debug, Clone)]
pub struct Ids {
    now: i64,
    turn: u32,
    place: u32,
    state: u128,
}

impl Ids {
    /// Starts a stream of ids for `now` from a random seed.
    pub fn new(now: i64, seed: u128) -> Self {
        Self {
            now,
            turn: 0,
            place: 0,
            state: seed,
        }
    }

    /// The same for the plan that is the `turn`-th of its tick.
    #[must_use]
    pub fn in_turn(self, turn: u32) -> Self {
        Self { turn, ..self }
    }

    /// The instant of the plan, milliseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.now
    }

    fn word(&mut self) -> u64 {
        // A 128-bit linear congruential step with an xor-shift-rotate output (the PCG family): fast and well spread.
        self.state = self
            .state
            .wrapping_mul(0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645)
            .wrapping_add(0x5851_F42D_4C95_7F2D_1405_7B7E_F767_814F);
        let bytes = self.state.to_be_bytes();
        let high = u64::from_be_bytes([
            bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
        ]);
        let low = u64::from_be_bytes([
            bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15],
        ]);
        (high ^ low).rotate_right(u32::from(bytes[0] >> 2))
    }

    /// A number in [0, 1) for jitter.
    pub fn unit(&mut self) -> f64 {
        f64::from(u32::try_from(self.word() >> 32).unwrap_or(0)) / f64::from(u32::MAX).next_up()
    }

    /// The next id, typed by where it goes.
    pub fn fresh<T: From<Ksuid>>(&mut self) -> T {
        let mut tail = [0u8; 15];
        tail[..3].copy_from_slice(&self.turn.to_be_bytes()[1..]);
        tail[3..6].copy_from_slice(&self.place.to_be_bytes()[1..]);
        tail[6..14].copy_from_slice(&self.word().to_be_bytes());
        tail[14..].copy_from_slice(&self.word().to_be_bytes()[..1]);
        self.place = self.place.wrapping_add(1);
        T::from(Ksuid::new(self.now, tail))
    }
}

/// An id that knows its prefix.
pub trait Prefixed: Sized + From<Ksuid> {
    /// The letters before the underscore.
    const PREFIX: &'static str;

    /// The bare id.
    fn ksuid(&self) -> &Ksuid;

    /// Reads `prefix_` and 27 characters; `None` for anything else.
    fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(Self::PREFIX)?.strip_prefix('_')?;
        Ksuid::parse(rest).map(Self::from)
    }

    /// The 27 characters without prefix, as the database keeps them.
    fn bare(&self) -> &str {
        self.ksuid().as_str()
    }
}

impl DestinationId {
    /// The destination that this thing is.
    pub fn of(thing: &impl Prefixed) -> Self {
        Self(*thing.ksuid())
    }

    /// The thing of this kind that this destination would be.
    pub fn as_a<T: Prefixed>(&self) -> T {
        T::from(self.0)
    }
}

/// Reads an id while it is shown the text, so that a wrong one is refused where it stands.
struct Reading<T>(PhantomData<T>);

impl<T: Prefixed> de::Visitor<'_> for Reading<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an id beginning with {}_", T::PREFIX)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        T::parse(text).ok_or_else(|| E::custom(format_args!("expected an id beginning with {}_", T::PREFIX)))
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ksuid);

        impl From<Ksuid> for $name {
            fn from(id: Ksuid) -> Self { Self(id) }
        }
        impl Prefixed for $name {
            const PREFIX: &'static str = $prefix;
            fn ksuid(&self) -> &Ksuid { &self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!($prefix, "_"))?;
                f.write_str(self.0.as_str())
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> { serializer.collect_str(self) }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Reading(PhantomData))
            }
        }
    )*};
}

ids! {
    /// An environment.
    EnvironmentId = "env";
    /// An application.
    AppId = "app";
    /// An API key.
    KeyId = "key";
    /// A registered public key that user tokens are signed with.
    TokenKeyId = "tkey";
    /// An event.
    EventId = "evt";
    /// A notification.
    NotificationId = "ntf";
    /// A webhook endpoint.
    EndpointId = "ep";
    /// A delivery.
    DeliveryId = "dlv";
    /// One try of a delivery.
    AttemptId = "atm";
    /// A piece of work with a due time.
    TimerId = "tmr";
    /// Somebody who signs in to the console.
    AccountId = "acc";
    /// An invitation into an environment's team.
    InvitationId = "inv";
    /// A token that opens a portal.
    PortalTokenId = "ptk";
    /// An entry of the audit log.
    AuditId = "aud";
    /// What deliveries go to: an endpoint, a channel, a tenant's channel config. It is the id of that thing, whatever its kind.
    DestinationId = "dst";
    /// A channel of an environment.
    ChannelId = "chn";
    /// A tenant's choice of channel.
    ConfigId = "chc";
    /// One recipient going through a workflow.
    RunId = "run";
    /// Activities that are gathered.
    BatchId = "bat";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_later_instants_compare_greater() {
        let mut last = Ksuid::floor(1_700_000_000_000);
        for step in 1..2_000 {
            let next = Ksuid::floor(1_700_000_000_000 + step * 4);
            assert!(next > last, "step {step}");
            last = next;
        }
    }

    #[test]
    fn known_encodings() {
        assert_eq!(encode([0; 20]), *b"000000000000000000000000000");
        assert_eq!(encode([0xff; 20]), *b"aWgEPTl1tmebfsQzFP4bxwgy80V");
    }

    #[test]
    fn prefixes_are_demanded() {
        let id: EventId = Ids::new(1_700_000_000_000, 7).fresh();
        assert_eq!(<EventId as Prefixed>::parse(&id.to_string()), Some(id));
        assert!(<AppId as Prefixed>::parse(&id.to_string()).is_none());
        assert!(<EventId as Prefixed>::parse("evt_short").is_none());
        assert!(<EventId as Prefixed>::parse(&format!("evt_{}é", &id.bare()[..25])).is_none());
    }

    #[test]
    fn ids_ascend_in_a_plan_and_from_turn_to_turn() {
        let mut last = Ksuid::floor(1_700_000_000_000);
        for turn in [0, 1, 2, 255, 256, 70_000] {
            let mut ids = Ids::new(1_700_000_000_000, u128::MAX - u128::from(turn)).in_turn(turn);
            for _ in 0..300 {
                let next = ids.fresh::<EventId>().ksuid().to_owned();
                assert!(next > last, "turn {turn}");
                last = next;
            }
        }
    }

    #[test]
    fn a_stream_repeats_for_its_seed_and_does_not_collide() {
        let (mut a, mut b) = (Ids::new(1, 9), Ids::new(1, 9));
        let mut seen = std::collections::HashSet::new();
        for _ in 0..10_000 {
            let id: EventId = a.fresh();
            assert_eq!(id, b.fresh());
            assert!(seen.insert(id));
        }
        assert!((0..1000).all(|_| (0.0..1.0).contains(&a.unit())));
    }
}
