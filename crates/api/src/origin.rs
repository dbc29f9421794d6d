//! From where a request came, for the audit log.

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use http::HeaderMap;
use ipnet::IpNet;

/// The address of whoever asked: the peer's, or, where the peer is a trusted proxy, the last one in its headers that is none.
///
/// Read from the right: what stands further left than the first stranger was written by the stranger.
pub(crate) fn origin(request: &Request<Body>, trusted: &[IpNet]) -> Box<str> {
    let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() else {
        return "unknown".into();
    };
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let mut found = peer.ip().to_canonical();
    if is_trusted(&found) {
        for hop in forwarded(request.headers()).into_iter().rev() {
            let Some(hop) = hop else { break };
            found = hop;
            if !is_trusted(&found) {
                break;
            }
        }
    }
    found.to_string().into()
}

/// Every hop that `Forwarded` names, or `X-Forwarded-For` where there is none; `None` for one that is no address.
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let all = |name: &str| {
        let values = headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok());
        values.collect::<Vec<_>>().join(",")
    };
    let standard = all("forwarded");
    if !standard.is_empty() {
        let hop = |element: &str| {
            let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
            pairs
                .find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))
                .and_then(|(_, value)| address(value))
        };
        return standard.split(',').map(hop).collect();
    }
    let usual = all("x-forwarded-for");
    usual
        .split(',')
        .filter(|hop| !hop.trim().is_empty())
        .map(address)
        .collect()
}

/// An address as proxies write it: bare, in quotes, in brackets, with a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = text.parse().ok();
    let in_brackets = || text.strip_prefix('[')?.split(']').next()?.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.or_else(with_port)
        .or_else(in_brackets)
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).unwrap();
        let peer = SocketAddr::new(peer.parse().unwrap(), 5_000);
        request.extensions_mut().insert(ConnectInfo(peer));
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        origin(&request, &trusted).into()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let x = "x-forwarded-for";
        for (peer, headers, expected) in [
            ("203.0.113.9", &[(x, "198.51.100.1")][..], "203.0.113.9"),
            ("10.1.1.1", &[], "10.1.1.1"),
            ("10.1.1.1", &[(x, "198.51.100.1")], "198.51.100.1"),
            ("::ffff:10.1.1.1", &[(x, "198.51.100.1")], "198.51.100.1"),
            // What the stranger wrote himself stands left of his own address.
            (
                "10.1.1.1",
                &[(x, "192.0.2.66, 198.51.100.1, 10.2.2.2")],
                "198.51.100.1",
            ),
            (
                "10.1.1.1",
                &[(x, "192.0.2.66"), (x, "198.51.100.1")],
                "198.51.100.1",
            ),
            ("10.1.1.1", &[(x, "nonsense, 10.2.2.2")], "10.2.2.2"),
            ("10.1.1.1", &[(x, "")], "10.1.1.1"),
            (
                "10.1.1.1",
                &[(
                    "forwarded",
                    "for=192.0.2.66;proto=https, For=\"[2001:db8::7]:4711\"",
                )],
                "2001:db8::7",
            ),
            (
                "fd00::1",
                &[("forwarded", "proto=https;for=198.51.100.1:80")],
                "198.51.100.1",
            ),
            (
                "10.1.1.1",
                &[("forwarded", "for=unknown"), (x, "198.51.100.1")],
                "10.1.1.1",
            ),
        ] {
            assert_eq!(from(peer, headers), expected, "{peer} {headers:?}");
        }
    }
}
