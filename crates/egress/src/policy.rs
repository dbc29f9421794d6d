//! Which addresses may be reached: deny by default, opened by the operator network by network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use ipnet::{IpNet, Ipv4Net};

use crate::ranges;
use crate::refused::Refused;
use crate::target::{Host, Target};

/// The rule every destination is held against.
///
/// Everything that is not an ordinary public address is denied. `allow` opens networks again, for receivers inside
/// the operator's own; `own` lists the addresses this program listens on, which stay closed even where `allow`
/// covers them, so that a webhook cannot be pointed at our own API.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    allow: Vec<IpNet>,
    own: Vec<SocketAddr>,
}

impl Policy {
    /// A policy that opens `allow` and keeps `own` closed. An unspecified address in `own` (`0.0.0.0`, `::`) stands
    /// for every address of this machine.
    pub fn new(allow: impl IntoIterator<Item = IpNet>, own: impl IntoIterator<Item = SocketAddr>) -> Self {
        Self {
            allow: allow.into_iter().map(unmap).collect(),
            own: own.into_iter().collect(),
        }
    }

    /// Whether an address may be reached at all, whatever the port.
    ///
    /// An IPv4-mapped IPv6 address is judged as the IPv4 address it is. One that only embeds an IPv4 address (NAT64,
    /// 6to4, Teredo) is denied unless `allow` covers it *and* the address inside passes by itself.
    pub fn check_ip(&self, ip: IpAddr) -> Result<(), Refused> {
        let ip = ip.to_canonical();
        if !self.allows(ip)
            && let Some(what) = ranges::denied(ip)
        {
            return Err(Refused::new(
                "address_denied",
                format!("this server does not send to {ip} ({what})"),
            ));
        }
        match ip {
            IpAddr::V6(v6) => ranges::embedded_v4(v6)
                .filter(|_| !ip.is_loopback() && !ip.is_unspecified())
                .map_or(Ok(()), |v4| self.check_ip(v4.into())),
            IpAddr::V4(_) => Ok(()),
        }
    }

    /// Whether this address and port may be reached: [`check_ip`](Self::check_ip), and not one of our own.
    pub fn check_addr(&self, addr: SocketAddr) -> Result<(), Refused> {
        self.check_ip(addr.ip())?;
        if self.is_own(addr) {
            return Err(Refused::new("address_own", "this server does not send to itself"));
        }
        Ok(())
    }

    /// Reads a URL as whoever stores it means it, and refuses what can be refused without asking a name server.
    ///
    /// The host is normalised first, as any client would (`0x7f000001`, `127.1` and full-width digits are all
    /// `127.0.0.1`), then checked. A name passes here, except `localhost`; what it resolves to is checked by
    /// [`Dialer::check_resolved`](crate::Dialer::check_resolved) and again at every connection.
    pub fn check_url(&self, url: &str) -> Result<Target, Refused> {
        let target = Target::parse(url)?;
        self.check_host(target.host(), target.port())?;
        Ok(target)
    }

    /// The same for a host that stands by itself, such as a mail server's.
    pub fn check_host(&self, host: &Host, port: u16) -> Result<(), Refused> {
        match host {
            Host::Ip(ip) => self.check_addr(SocketAddr::new(*ip, port)),
            Host::Name(name) if is_localhost(name) && !self.allows_loopback() => {
                Err(Refused::new("name_denied", "localhost is this server itself"))
            }
            Host::Name(_) => Ok(()),
        }
    }

    fn allows(&self, ip: IpAddr) -> bool {
        self.allow.iter().any(|network| network.contains(&ip))
    }

    fn allows_loopback(&self) -> bool {
        self.allows(Ipv4Addr::LOCALHOST.into()) || self.allows(Ipv6Addr::LOCALHOST.into())
    }

    fn is_own(&self, addr: SocketAddr) -> bool {
        let ip = addr.ip().to_canonical();
        self.own
            .iter()
            .filter(|own| own.port() == addr.port())
            .any(|own| {
                let own = own.ip().to_canonical();
                own == ip || ip.is_unspecified() || (own.is_unspecified() && is_this_machine(ip))
            })
    }
}

/// An operator may write `::ffff:10.0.0.0/104` for `10.0.0.0/8`; addresses are compared unmapped.
fn unmap(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else { return network };
    let mapped = v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96));
    mapped
        .and_then(|(addr, prefix)| Ipv4Net::new(addr, prefix).ok())
        .map_or(network, IpNet::V4)
}

fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether `ip` belongs to one of this machine's interfaces: the system then picks the address itself as the source
/// of a route to it. Connecting a UDP socket asks that question without sending anything.
fn is_this_machine(ip: IpAddr) -> bool {
    let any: IpAddr = if ip.is_ipv4() {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        Ipv6Addr::UNSPECIFIED.into()
    };
    ip.is_loopback()
        || UdpSocket::bind((any, 0))
            .and_then(|socket| {
                socket.connect((ip, 9))?;
                socket.local_addr()
            })
            .is_ok_and(|source| source.ip() == ip)
}
