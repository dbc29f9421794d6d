//! From names to addresses.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::future::BoxFuture;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::{ResolverBuilder, TokioResolver};

/// Longest time an address is believed, whatever its record says: a destination that moves is followed within it.
const MAX_TTL: Duration = Duration::from_mins(5);
/// Longest time a name is believed not to exist.
const MAX_NEGATIVE_TTL: Duration = Duration::from_secs(10);

/// Longest wait for one packet. Two of them fit into the five seconds a lookup has by default.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// The outcome of one lookup, in the making.
pub type Lookup<'a> = BoxFuture<'a, Result<Vec<IpAddr>, LookupError>>;

/// Why a name gave no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// The name does not exist, or has neither an A nor an AAAA record.
    #[error("the host's name does not resolve to an address")]
    NotFound,
    /// No name server gave a usable answer.
    #[error("no name server answered for the host's name")]
    Failed,
}

/// Something that knows the addresses of names.
///
/// Implementations answer with all addresses, unfiltered: the policy is applied to what they return.
pub trait Resolve: Send + Sync + 'static {
    /// All IPv4 and IPv6 addresses of `name`, which has no final dot.
    fn lookup<'a>(&'a self, name: &'a str) -> Lookup<'a>;
}

/// DNS with a small cache that honours the records' own lifetimes. `/etc/hosts` comes first.
pub struct Dns(TokioResolver);

impl Dns {
    /// Asks the name servers the system is configured with. A system without any still has its `/etc/hosts`.
    pub fn system() -> Result<Self, NetError> {
        let builder = TokioResolver::builder_tokio().unwrap_or_else(|error| {
            tracing::warn!(%error, "the system's DNS configuration cannot be read: only /etc/hosts resolves");
            asking(Vec::new())
        });
        build(builder)
    }

    /// Asks one given name server over UDP and TCP.
    pub fn server(addr: SocketAddr) -> Result<Self, NetError> {
        let on_port = |mut connection: ConnectionConfig| {
            connection.port = addr.port();
            connection
        };
        let connections = vec![on_port(ConnectionConfig::udp()), on_port(ConnectionConfig::tcp())];
        build(asking(vec![NameServerConfig::new(addr.ip(), true, connections)]))
    }
}

fn asking(servers: Vec<NameServerConfig>) -> ResolverBuilder<TokioRuntimeProvider> {
    let config = ResolverConfig::from_parts(None, Vec::new(), servers);
    TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
}

fn build(mut builder: ResolverBuilder<TokioRuntimeProvider>) -> Result<Dns, NetError> {
    let options = builder.options_mut();
    options.positive_max_ttl = Some(MAX_TTL);
    options.negative_max_ttl = Some(MAX_NEGATIVE_TTL);
    options.timeout = options.timeout.min(ASK_AGAIN);
    builder.build().map(Dns)
}

impl Resolve for Dns {
    fn lookup<'a>(&'a self, name: &'a str) -> Lookup<'a> {
        Box::pin(async move {
            match self.0.lookup_ip(name).await {
                Ok(found) => Ok(found.iter().collect()),
                Err(error) if error.is_no_records_found() => Err(LookupError::NotFound),
                Err(_) => Err(LookupError::Failed),
            }
        })
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dns")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_name_servers_only_the_hosts_file_resolves() {
        let dns = build(asking(Vec::new())).unwrap();
        assert_eq!(dns.lookup("name.example").await, Err(LookupError::Failed));
        assert!(
            dns.lookup("localhost")
                .await
                .unwrap()
                .iter()
                .all(IpAddr::is_loopback)
        );
    }
}
