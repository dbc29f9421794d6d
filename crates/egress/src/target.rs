//! A destination, parsed once and ready for the hot path.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::{HeaderValue, Uri};
use rustls::pki_types::ServerName;
use url::Url;

use crate::refused::Refused;

/// Longest URL taken, in bytes.
const MAX_URL: usize = 2048;

/// A host as a URL or a mail configuration names it, normalised.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A literal address, IPv4-mapped ones as the IPv4 address they are.
    Ip(IpAddr),
    /// A DNS name in ASCII lower case, without the final dot.
    Name(Box<str>),
}

impl Host {
    /// Reads a host written by hand, with the normalisation browsers use: `127.1` is an address, `BÜCHER.example` a
    /// name in punycode. IPv6 addresses stand in brackets.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        url::Host::parse(text)
            .map_err(|_| bad_host())
            .and_then(Self::from_url)
    }

    fn from_url<S: AsRef<str>>(host: url::Host<S>) -> Result<Self, Refused> {
        match host {
            url::Host::Ipv4(ip) => Ok(Self::Ip(ip.into())),
            url::Host::Ipv6(ip) => Ok(Self::Ip(IpAddr::V6(ip).to_canonical())),
            url::Host::Domain(name) => {
                let name = name.as_ref();
                let name = name.strip_suffix('.').unwrap_or(name);
                if is_dns_name(name) {
                    Ok(Self::Name(name.into()))
                } else {
                    Err(bad_host())
                }
            }
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(IpAddr::V4(ip)) => ip.fmt(f),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
            Self::Name(name) => name.fmt(f),
        }
    }
}

/// Whom a connection is to: requests with an equal origin may share one.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) host: Host,
    pub(crate) port: u16,
    /// The name the peer's certificate must carry; `None` without TLS.
    pub(crate) tls: Option<ServerName<'static>>,
}

/// An `http` or `https` URL that passed [`Policy::check_url`](crate::Policy::check_url).
///
/// Cheap to clone, and holds everything a request needs in the form it needs it. Its `Debug` shows the origin only:
/// webhook URLs often carry a secret in their path.
#[derive(Clone)]
pub struct Target(Arc<Inner>);

struct Inner {
    origin: Arc<Origin>,
    path: Uri,
    host_header: HeaderValue,
}

impl Target {
    /// Reads a URL without asking the policy about its host.
    pub(crate) fn parse(text: &str) -> Result<Self, Refused> {
        let url = parse_url(text)?;
        let secure = url.scheme() == "https";
        let host = Host::from_url(url.host().ok_or_else(bad_host)?)?;
        let port = url.port_or_known_default().unwrap_or(0);
        if port == 0 {
            return Err(Refused::new("url_port", "port 0 is not a port one can send to"));
        }
        let authority = url
            .port()
            .map_or_else(|| host.to_string(), |port| format!("{host}:{port}"));
        let path = url.query().map_or_else(
            || url.path().to_owned(),
            |query| format!("{}?{query}", url.path()),
        );
        Ok(Self(Arc::new(Inner {
            path: path.parse().map_err(|_| malformed())?,
            host_header: authority.parse().map_err(|_| bad_host())?,
            origin: Arc::new(Origin {
                tls: secure.then(|| server_name(&host)).transpose()?,
                host,
                port,
            }),
        })))
    }

    /// The host requests go to.
    pub fn host(&self) -> &Host {
        &self.0.origin.host
    }

    /// The port requests go to, the scheme's own where the URL names none.
    pub fn port(&self) -> u16 {
        self.0.origin.port
    }

    /// Whether the connection is encrypted.
    pub fn is_tls(&self) -> bool {
        self.0.origin.tls.is_some()
    }

    pub(crate) fn origin(&self) -> &Arc<Origin> {
        &self.0.origin
    }

    /// Path and query, in the form of a request line.
    pub(crate) fn path(&self) -> &Uri {
        &self.0.path
    }

    pub(crate) fn host_header(&self) -> &HeaderValue {
        &self.0.host_header
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls() { "https" } else { "http" };
        write!(f, "Target({scheme}://{}:{}/…)", self.host(), self.port())
    }
}

/// The syntactic rules. White space, control characters and backslashes are refused although the URL standard
/// repairs them: what was repaired reads differently to the next parser.
fn parse_url(text: &str) -> Result<Url, Refused> {
    if text.len() > MAX_URL {
        return Err(Refused::new(
            "url_too_long",
            format!("the URL is longer than {MAX_URL} bytes"),
        ));
    }
    if text
        .chars()
        .any(|c| c == '\\' || c.is_whitespace() || c.is_control())
    {
        return Err(malformed());
    }
    let url = Url::parse(text).map_err(|error| match error {
        url::ParseError::InvalidPort => {
            Refused::new("url_port", "the URL's port is not a number up to 65535")
        }
        url::ParseError::RelativeUrlWithoutBase => malformed(),
        _ => bad_host(),
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refused::new(
            "url_scheme",
            "the URL's scheme must be http or https",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
        return Err(Refused::new(
            "url_user_info",
            "the URL must not carry a user name or password",
        ));
    }
    if url.fragment().is_some() {
        return Err(Refused::new(
            "url_fragment",
            "the URL must not have a fragment (#...)",
        ));
    }
    Ok(url)
}

/// What stands between `//` and the path. The parser drops an empty user name (`http://@host`), we do not take one.
fn authority(text: &str) -> &str {
    let rest = text
        .split_once(':')
        .map_or(text, |(_, rest)| rest)
        .trim_start_matches('/');
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

fn is_dns_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

pub(crate) fn server_name(host: &Host) -> Result<ServerName<'static>, Refused> {
    match host {
        Host::Ip(ip) => Ok(ServerName::from(*ip)),
        Host::Name(name) => ServerName::try_from(name.to_string()).map_err(|_| bad_host()),
    }
}

fn malformed() -> Refused {
    Refused::new("url_malformed", "this is not a URL of the form https://host/path")
}

fn bad_host() -> Refused {
    Refused::new("url_host", "the URL's host is neither a host name nor an address")
}
