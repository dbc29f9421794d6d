//! The guarded connector: resolve, check, connect, in one go and to the address that was checked.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, timeout_at};

use crate::failure::{Failure, FailureKind, Fault};
use crate::policy::Policy;
use crate::refused::Refused;
use crate::resolve::{LookupError, Resolve};
use crate::target::{Host, Target};

/// How long an address may keep us waiting before the next one is tried beside it (RFC 8305).
const STAGGER: Duration = Duration::from_millis(250);
/// A name with a thousand addresses is not a reason to make a thousand connections.
const MAX_ADDRESSES: usize = 8;

/// What asking the name servers said about a URL that is about to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// At least one address may be reached.
    Reachable,
    /// The name gave no address in time. It may later, so this is the caller's to decide.
    Unresolved,
}

/// Makes connections, and only to addresses the policy lets pass.
///
/// There is no way to hand it a resolved address: a name is resolved here, each of its addresses is checked, and
/// the socket is connected to one that passed. Between check and use no second lookup happens.
#[derive(Clone)]
pub struct Dialer {
    policy: Arc<Policy>,
    resolver: Arc<dyn Resolve>,
    connect_timeout: Duration,
}

impl Dialer {
    /// A dialer that gives resolving and connecting `connect_timeout` each, within the deadline of the call.
    pub fn new(policy: Policy, resolver: Arc<dyn Resolve>, connect_timeout: Duration) -> Self {
        Self {
            policy: Arc::new(policy),
            resolver,
            connect_timeout,
        }
    }

    /// The same way of connecting under another policy: the hosts an operator configures may stand where the URLs of
    /// strangers must not lead.
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        Self {
            policy: Arc::new(policy),
            ..self.clone()
        }
    }

    /// The policy connections are held against.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Connects to `host`, refusing it when the policy leaves none of its addresses.
    pub async fn dial(&self, host: &Host, port: u16, deadline: Instant) -> Result<TcpStream, Failure> {
        let start = Instant::now();
        self.connect(host, port, deadline)
            .await
            .map_err(|fault| fault.before_sending(start.elapsed()))
    }

    /// Resolves a target's host when its URL is stored, so that a name that only leads to denied addresses is refused
    /// with a reason then and not at the first delivery. It replaces no check: every connection makes its own.
    pub async fn check_resolved(&self, target: &Target, deadline: Instant) -> Result<Resolution, Refused> {
        match self.addresses(target.host(), target.port(), deadline).await {
            Ok(_) => Ok(Resolution::Reachable),
            Err(NoAddress::Refused(refused)) => Err(refused),
            Err(NoAddress::Lookup(_) | NoAddress::Late) => Ok(Resolution::Unresolved),
        }
    }

    pub(crate) async fn connect(
        &self,
        host: &Host,
        port: u16,
        deadline: Instant,
    ) -> Result<TcpStream, Fault> {
        let addresses = self.addresses(host, port, deadline).await?;
        let stream = timeout_at(self.limit(deadline), first_to_connect(&addresses))
            .await
            .map_err(|_| Fault::new(FailureKind::Timeout, "no connection was made in time"))?
            .map_err(|error| Fault::new(FailureKind::Connect, connect_detail(&error)))?;
        // Requests are written whole; waiting to fill a packet would only delay their last one.
        stream
            .set_nodelay(true)
            .map_err(|_| Fault::new(FailureKind::Connect, "the connection broke at once"))?;
        Ok(stream)
    }

    /// The addresses of `host` that may be reached, never none.
    async fn addresses(
        &self,
        host: &Host,
        port: u16,
        deadline: Instant,
    ) -> Result<Vec<SocketAddr>, NoAddress> {
        let name = match host {
            Host::Ip(ip) => {
                let addr = SocketAddr::new(ip.to_canonical(), port);
                return self
                    .policy
                    .check_addr(addr)
                    .map(|()| vec![addr])
                    .map_err(NoAddress::Refused);
            }
            Host::Name(name) => name,
        };
        let found = timeout_at(self.limit(deadline), self.resolver.lookup(name))
            .await
            .map_err(|_| NoAddress::Late)?
            .map_err(NoAddress::Lookup)?;
        if found.is_empty() {
            return Err(NoAddress::Lookup(LookupError::NotFound));
        }
        let allowed = self.allowed(found, port);
        if allowed.is_empty() {
            Err(NoAddress::Refused(Refused::resolved()))
        } else {
            Ok(allowed)
        }
    }

    /// Keeps what the policy allows, IPv4 first: where IPv6 is broken it is mostly broken silently.
    fn allowed(&self, found: Vec<IpAddr>, port: u16) -> Vec<SocketAddr> {
        let mut addresses: Vec<_> = found
            .into_iter()
            .map(|ip| SocketAddr::new(ip.to_canonical(), port))
            .filter(|addr| self.policy.check_addr(*addr).is_ok())
            .collect();
        addresses.sort_by_key(SocketAddr::is_ipv6);
        addresses.truncate(MAX_ADDRESSES);
        addresses
    }

    fn limit(&self, deadline: Instant) -> Instant {
        deadline.min(Instant::now() + self.connect_timeout)
    }
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialer")
            .field("policy", &self.policy)
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}

enum NoAddress {
    Refused(Refused),
    Lookup(LookupError),
    Late,
}

impl From<NoAddress> for Fault {
    fn from(reason: NoAddress) -> Self {
        match reason {
            NoAddress::Refused(refused) => refused.into(),
            NoAddress::Lookup(error) => Self::new(FailureKind::Resolve, error.to_string()),
            NoAddress::Late => Self::new(FailureKind::Timeout, "the host's name did not resolve in time"),
        }
    }
}

/// Races the addresses, all of them checked, giving each a head start over the next; a failure starts the next at once.
async fn first_to_connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut waiting = addresses.iter().copied();
    let mut racing = FuturesUnordered::new();
    let mut last_error = io::Error::from(io::ErrorKind::AddrNotAvailable);
    loop {
        if let Some(next) = waiting.next() {
            racing.push(connect(next));
        } else if racing.is_empty() {
            return Err(last_error);
        }
        tokio::select! {
            Some(connected) = racing.next() => match connected {
                Ok(stream) => return Ok(stream),
                Err(error) => last_error = error,
            },
            () = sleep(STAGGER), if waiting.len() > 0 => {}
        }
    }
}

/// What the kernel takes in ahead of us: a few answers as long as we keep. A receiver that sends without end then waits for us.
const AHEAD: u32 = 64 << 10;

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that connects, to addresses the policy let pass"
)]
async fn connect(to: SocketAddr) -> io::Result<TcpStream> {
    let socket = if to.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    socket.set_recv_buffer_size(AHEAD)?;
    socket.connect(to).await
}

fn connect_detail(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "the connection was refused",
        io::ErrorKind::ConnectionReset => "the connection was reset",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "the host is unreachable",
        io::ErrorKind::TimedOut => "the host did not answer",
        _ => "the connection failed",
    }
}
