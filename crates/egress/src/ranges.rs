//! The addresses nobody outside may make us reach.
//!
//! The union of the IANA special-purpose registries (IPv4 and IPv6), the deny lists of other webhook senders and
//! the metadata addresses of clouds that sit in public space. For IPv6 the rule is turned round: only `2000::/3`,
//! the one block of global unicast ever handed out, is open, and the exceptions inside it are listed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A denied network and the words for it.
pub(crate) struct Range {
    network: IpAddr,
    prefix: u8,
    what: &'static str,
}

impl Range {
    const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8, what: &'static str) -> Self {
        Self {
            network: IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
            prefix,
            what,
        }
    }

    const fn v6(head: [u16; 3], prefix: u8, what: &'static str) -> Self {
        Self {
            network: IpAddr::V6(Ipv6Addr::new(head[0], head[1], head[2], 0, 0, 0, 0, 0)),
            prefix,
            what,
        }
    }

    fn contains(&self, ip: IpAddr) -> bool {
        match (self.network, ip) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => {
                let shift = 32 - u32::from(self.prefix);
                network.to_bits().checked_shr(shift) == ip.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(network), IpAddr::V6(ip)) => {
                let shift = 128 - u32::from(self.prefix);
                network.to_bits().checked_shr(shift) == ip.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

static V4: [Range; 16] = [
    Range::v4(0, 0, 0, 0, 8, "this network"),
    Range::v4(10, 0, 0, 0, 8, "a private network"),
    Range::v4(100, 64, 0, 0, 10, "a carrier's shared network"),
    Range::v4(127, 0, 0, 0, 8, "loopback"),
    // Azure's metadata and DNS service, the one such address in public space.
    Range::v4(168, 63, 129, 16, 32, "a cloud's metadata service"),
    Range::v4(169, 254, 0, 0, 16, "link-local"),
    Range::v4(172, 16, 0, 0, 12, "a private network"),
    Range::v4(192, 0, 0, 0, 24, "protocol assignments"),
    Range::v4(192, 0, 2, 0, 24, "documentation"),
    Range::v4(192, 88, 99, 0, 24, "a 6to4 relay"),
    Range::v4(192, 168, 0, 0, 16, "a private network"),
    Range::v4(198, 18, 0, 0, 15, "benchmarking"),
    Range::v4(198, 51, 100, 0, 24, "documentation"),
    Range::v4(203, 0, 113, 0, 24, "documentation"),
    Range::v4(224, 0, 0, 0, 4, "multicast"),
    Range::v4(240, 0, 0, 0, 4, "reserved or broadcast"),
];

static V6: [Range; 4] = [
    // Teredo, ORCHID, benchmarking and the other protocol assignments.
    Range::v6([0x2001, 0, 0], 23, "protocol assignments"),
    Range::v6([0x2001, 0xdb8, 0], 32, "documentation"),
    Range::v6([0x2002, 0, 0], 16, "6to4"),
    Range::v6([0x3fff, 0, 0], 20, "documentation"),
];

static GLOBAL_UNICAST: Range = Range::v6([0x2000, 0, 0], 3, "global unicast");

/// What kind of denied address `ip` is, or `None` where it is an ordinary public one.
///
/// An IPv4-mapped address is to be unwrapped first: it is not in global unicast and would count as denied.
pub(crate) fn denied(ip: IpAddr) -> Option<&'static str> {
    let ranges: &[Range] = match ip {
        IpAddr::V4(_) => &V4,
        IpAddr::V6(_) if GLOBAL_UNICAST.contains(ip) => &V6,
        IpAddr::V6(_) => return Some("outside global unicast"),
    };
    ranges
        .iter()
        .find(|range| range.contains(ip))
        .map(|range| range.what)
}

/// The IPv4 address a translating network would send to on behalf of `ip`: NAT64, 6to4, Teredo and the old
/// IPv4-compatible form.
pub(crate) fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let join = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match ip.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0, 0, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(join(high, low))
        }
        // Teredo stores the client's address inverted.
        [0x2001, 0, .., high, low] => Some(join(!high, !low)),
        _ => None,
    }
}
