//! W3: every denied address, as a literal and as what a name resolves to; with neighbours that must pass.

use std::net::IpAddr;
use std::time::Duration;

use egress::{Client, FailureKind, Host, Policy, Resolution, Settings};
use tokio::time::Instant;

use crate::support::{Names, OK, Peer, policy, post, settings};

/// First, last and some address between of every denied range, and known services inside them.
const DENIED: &[&str] = &[
    // 0/8
    "0.0.0.0",
    "0.0.0.1",
    "0.1.2.3",
    "0.255.255.255",
    // 10/8
    "10.0.0.0",
    "10.0.0.1",
    "10.96.0.1",
    "10.255.255.255",
    // 100.64/10, with Alibaba's metadata
    "100.64.0.0",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    // 127/8
    "127.0.0.0",
    "127.0.0.1",
    "127.0.0.2",
    "127.0.0.53",
    "127.1.1.1",
    "127.255.255.255",
    // 169.254/16, with the metadata services of AWS, GCP, Azure and ECS
    "169.254.0.0",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "169.254.169.123",
    "169.254.255.255",
    // Azure's wire server
    "168.63.129.16",
    // 172.16/12
    "172.16.0.0",
    "172.16.0.1",
    "172.17.0.1",
    "172.31.255.255",
    // 192.0.0/24, with Oracle's metadata
    "192.0.0.0",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.0.192",
    "192.0.0.255",
    // 192.0.2/24
    "192.0.2.0",
    "192.0.2.1",
    "192.0.2.255",
    // 192.88.99/24
    "192.88.99.0",
    "192.88.99.1",
    "192.88.99.255",
    // 192.168/16
    "192.168.0.0",
    "192.168.0.1",
    "192.168.1.1",
    "192.168.255.255",
    // 198.18/15
    "198.18.0.0",
    "198.18.0.1",
    "198.19.255.255",
    // 198.51.100/24
    "198.51.100.0",
    "198.51.100.7",
    "198.51.100.255",
    // 203.0.113/24
    "203.0.113.0",
    "203.0.113.7",
    "203.0.113.255",
    // 224/4
    "224.0.0.0",
    "224.0.0.1",
    "224.0.0.251",
    "233.252.0.1",
    "239.255.255.250",
    "239.255.255.255",
    // 240/4 and broadcast
    "240.0.0.0",
    "240.0.0.1",
    "250.1.2.3",
    "255.255.255.254",
    "255.255.255.255",
    // Unspecified and loopback
    "::",
    "::1",
    "0000:0000:0000:0000:0000:0000:0000:0001",
    // IPv4-compatible
    "::2",
    "::0.0.1.1",
    "::127.0.0.1",
    "::10.0.0.1",
    "::8.8.8.8",
    "::169.254.169.254",
    // IPv4-mapped
    "::ffff:0.0.0.0",
    "::ffff:127.0.0.1",
    "0000:0000:0000:0000:0000:ffff:7f00:0001",
    "::ffff:7f00:1",
    "::ffff:10.1.2.3",
    "::ffff:100.64.0.1",
    "::ffff:169.254.169.254",
    "::ffff:172.16.5.5",
    "::ffff:192.168.1.1",
    "::ffff:198.18.0.1",
    "::ffff:224.0.0.1",
    "::ffff:255.255.255.255",
    // IPv4-translated (SIIT)
    "::ffff:0:127.0.0.1",
    "::ffff:0:8.8.8.8",
    // NAT64
    "64:ff9b::",
    "64:ff9b::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b::8.8.8.8",
    "64:ff9b::ffff:ffff",
    "64:ff9b:1::",
    "64:ff9b:1::10.0.0.1",
    "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
    // Discard
    "100::",
    "100::1",
    "100::ffff:ffff:ffff:ffff",
    "100:0:0:1::1",
    // Below and above global unicast
    "200::1",
    "1fff:ffff::1",
    "4000::1",
    "5f00::1",
    "5f00:ffff::1",
    "8000::1",
    "c000::1",
    "e000::1",
    "f000::1",
    // Teredo and the other protocol assignments
    "2001::",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:0:ffff:ffff:ffff:ffff:80ff:fffe",
    "2001:1::1",
    "2001:1::2",
    "2001:2::1",
    "2001:2:0:ffff::1",
    "2001:3::1",
    "2001:4:112::1",
    "2001:10::1",
    "2001:1f:ffff::1",
    "2001:20::1",
    "2001:2f:ffff::1",
    "2001:30::1",
    "2001:1ff:ffff::1",
    // Documentation
    "2001:db8::",
    "2001:db8::1",
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff::",
    "3fff::1",
    "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
    // 6to4
    "2002::",
    "2002::1",
    "2002:7f00:1::",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "2002:a9fe:a9fe::1",
    "2002:c0a8:101::1",
    "2002:808:808::808:808",
    "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    // Unique local, with AWS's metadata and DNS
    "fc00::",
    "fc00::1",
    "fd00::1",
    "fd00:ec2::254",
    "fd00:ec2::253",
    "fd12:3456:789a::1",
    "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    // Link-local
    "fe80::",
    "fe80::1",
    "fe80::a9fe:a9fe",
    "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    // Site-local
    "fec0::",
    "fec0::1",
    "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    // Multicast
    "ff00::",
    "ff01::1",
    "ff02::1",
    "ff02::fb",
    "ff05::2",
    "ff0e::1",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
];

/// Ordinary addresses, most of them right beside a denied range.
const PUBLIC: &[&str] = &[
    "1.0.0.0",
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "168.63.129.17",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.3.0",
    "192.88.98.255",
    "192.88.100.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.99.255",
    "198.51.101.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "2000::1",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2001:db7:ffff::1",
    "2001:db9::1",
    "2003::1",
    "2400:cb00:2048::1",
    "2606:4700:4700::1111",
    "2a00:1450:4001:829::200e",
    "3ffe:ffff::1",
    "3fff:1000::1",
];

fn ip(text: &str) -> IpAddr {
    text.parse()
        .unwrap_or_else(|_| panic!("{text} is not an address"))
}

fn url_of(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => format!("https://{ip}/hook"),
        IpAddr::V6(ip) => format!("https://[{ip}]/hook"),
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

#[test]
fn every_denied_address_is_refused_when_the_url_is_stored() {
    assert!(DENIED.len() >= 150, "the table holds {}", DENIED.len());
    let policy = Policy::default();
    for text in DENIED {
        let refused = policy.check_ip(ip(text)).expect_err(text);
        assert_eq!(refused.code(), "address_denied", "{text}");
        let refused = policy.check_url(&url_of(ip(text))).expect_err(text);
        assert_eq!(refused.code(), "address_denied", "{text}");
    }
}

#[test]
fn public_addresses_pass() {
    let policy = Policy::default();
    for text in PUBLIC {
        policy.check_ip(ip(text)).expect(text);
        policy.check_url(&url_of(ip(text))).expect(text);
    }
}

#[tokio::test]
async fn every_denied_address_is_refused_when_connecting() {
    for text in DENIED {
        let resolver = Names::one("evil.example", vec![ip(text)]);
        let dialer = egress::Dialer::new(Policy::default(), resolver, Duration::from_secs(5));
        for host in [Host::Ip(ip(text)), Host::parse("evil.example").unwrap()] {
            let failure = dialer.dial(&host, 443, soon()).await.expect_err(text);
            assert_eq!(failure.kind, FailureKind::Refused, "{text}: {failure}");
            assert!(!failure.sent, "{text}");
        }
        let target = dialer.policy().check_url("https://evil.example/").unwrap();
        let refused = dialer.check_resolved(&target, soon()).await.expect_err(text);
        assert_eq!(refused.code(), "address_denied", "{text}");
        assert!(
            !refused.to_string().contains(text),
            "tells what the name resolved to: {refused}"
        );
    }
}

#[tokio::test]
async fn public_addresses_pass_when_resolved() {
    for text in PUBLIC {
        let resolver = Names::one("good.example", vec![ip(text)]);
        let dialer = egress::Dialer::new(Policy::default(), resolver, Duration::from_secs(5));
        let target = dialer.policy().check_url("https://good.example/").unwrap();
        assert_eq!(
            dialer.check_resolved(&target, soon()).await,
            Ok(Resolution::Reachable),
            "{text}"
        );
    }
}

#[tokio::test]
async fn without_leave_nothing_reaches_loopback() {
    let v4 = Peer::answering(OK).await;
    let v6 = Peer::on((std::net::Ipv6Addr::LOCALHOST, v4.addr.port()), |_| async {}).await;
    let all = [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "0.0.0.0",
        "::",
        "::ffff:0.0.0.0",
        "127.0.0.2",
    ];
    let all = all.map(ip).to_vec();
    let resolver = Names::one("evil.example", all.clone());
    let dialer = egress::Dialer::new(Policy::default(), resolver, Duration::from_secs(5));
    let hosts = all
        .into_iter()
        .map(Host::Ip)
        .chain([Host::parse("evil.example").unwrap()]);
    for host in hosts {
        let failure = dialer.dial(&host, v4.addr.port(), soon()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Refused, "{host}: {failure}");
    }
    assert_eq!((v4.connections(), v6.connections()), (0, 0));
}

#[test]
fn allowed_networks_open_only_themselves() {
    let policy = policy(&["10.1.0.0/16", "fd00:1::/32", "::ffff:172.20.0.0/112"]);
    for text in [
        "10.1.2.3",
        "::ffff:10.1.2.3",
        "fd00:1::9",
        "172.20.0.1",
        "::ffff:172.20.0.1",
        "8.8.8.8",
    ] {
        policy.check_ip(ip(text)).expect(text);
    }
    for text in [
        "10.2.0.1",
        "172.21.0.1",
        "fd00:2::1",
        "64:ff9b::10.1.2.3",
        "2002:a01:203::1",
        "::10.1.2.3",
    ] {
        policy.check_ip(ip(text)).expect_err(text);
    }
}

#[test]
fn a_translator_must_be_allowed_and_what_it_translates_to_as_well() {
    let nat64 = policy(&["64:ff9b::/96", "2002::/16", "2001::/32"]);
    nat64.check_ip(ip("64:ff9b::8.8.8.8")).unwrap();
    nat64.check_ip(ip("2002:808:808::1")).unwrap();
    // Teredo writes the address inverted: ...f7f7:f7f7 is 8.8.8.8, ...80ff:fffe is 127.0.0.1.
    nat64
        .check_ip(ip("2001:0:4136:e378:8000:63bf:f7f7:f7f7"))
        .unwrap();
    for text in [
        "64:ff9b::127.0.0.1",
        "64:ff9b::169.254.169.254",
        "2002:7f00:1::1",
        "2001:0:1:1:1:1:80ff:fffe",
    ] {
        nat64.check_ip(ip(text)).expect_err(text);
    }
    let everything = policy(&["0.0.0.0/0", "::/0"]);
    for text in DENIED {
        everything.check_ip(ip(text)).expect(text);
    }
}

#[tokio::test]
async fn our_own_listen_address_stays_closed_even_where_loopback_is_open() {
    let own = Peer::answering(OK).await;
    let other = Peer::answering(OK).await;
    let loopback = [
        "127.0.0.0/8".parse().unwrap(),
        "0.0.0.0/8".parse().unwrap(),
        "::/127".parse().unwrap(),
    ];
    for listening in [
        format!("0.0.0.0:{}", own.addr.port()),
        own.addr.to_string(),
        format!("[::]:{}", own.addr.port()),
    ] {
        let policy = Policy::new(loopback, [listening.parse().unwrap()]);
        for host in ["127.0.0.1", "0.0.0.0", "[::ffff:127.0.0.1]"] {
            let refused = policy
                .check_url(&format!("http://{host}:{}/", own.addr.port()))
                .expect_err(host);
            assert_eq!(refused.code(), "address_own", "{listening} {host}");
        }
        let resolver = Names::one("me.example", vec![ip("127.0.0.1")]);
        let client = Client::new(Settings {
            policy,
            resolver: Some(resolver),
            ..settings()
        })
        .unwrap();
        let url = format!("http://me.example:{}/", own.addr.port());
        let failure = post(&client, &url, Duration::from_secs(5)).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Refused);
        assert_eq!(
            post(&client, &other.url(), Duration::from_secs(5))
                .await
                .unwrap()
                .status,
            200
        );
    }
    assert_eq!(own.connections(), 0);
}

#[tokio::test]
async fn a_wildcard_listener_covers_every_interface_of_the_machine() {
    // 127.9.9.9 stands for any interface address: local, and not the one that was configured.
    let policy = Policy::new(
        ["127.0.0.0/8".parse().unwrap()],
        ["0.0.0.0:8080".parse().unwrap()],
    );
    let refused = policy.check_addr("127.9.9.9:8080".parse().unwrap()).unwrap_err();
    assert_eq!(refused.code(), "address_own");
    policy.check_addr("127.9.9.9:8081".parse().unwrap()).unwrap();
    policy.check_addr("8.8.8.8:8080".parse().unwrap()).unwrap();
}
