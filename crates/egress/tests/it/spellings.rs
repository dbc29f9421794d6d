//! W3: URLs and hosts written so that one parser sees another host than the next, and random ones.

use std::net::{IpAddr, Ipv4Addr};

use egress::{Host, Policy};
use proptest::prelude::*;

use crate::support::policy;

/// URLs that must be refused, and the code that says why.
const REFUSED: &[(&str, &str)] = &[
    // Addresses in disguise.
    ("http://127.0.0.1/", "address_denied"),
    ("http://127.0.0.1:8080/", "address_denied"),
    ("HTTP://127.0.0.1/", "address_denied"),
    ("hTTpS://127.0.0.1/", "address_denied"),
    ("http://127.1/", "address_denied"),
    ("http://127.0.1/", "address_denied"),
    ("http://127.0.0.1./", "address_denied"),
    ("http://0x7f000001/", "address_denied"),
    ("http://0X7F000001/", "address_denied"),
    ("http://0x7f.1/", "address_denied"),
    ("http://0x7f.0x0.0x0.0x1/", "address_denied"),
    ("http://2130706433/", "address_denied"),
    ("http://017700000001/", "address_denied"),
    ("http://0177.0.0.1/", "address_denied"),
    ("http://0177.0.0.01/", "address_denied"),
    ("http://0/", "address_denied"),
    ("http://0x0/", "address_denied"),
    ("http://0x/", "address_denied"),
    ("http://0.0/", "address_denied"),
    ("http://10.1/", "address_denied"),
    ("http://3232235777/", "address_denied"),
    ("http://0xa9fea9fe/", "address_denied"),
    ("http://2852039166/", "address_denied"),
    ("http://0251.0376.0251.0376/", "address_denied"),
    ("http://169.254.43518/", "address_denied"),
    ("http://%31%32%37.0.0.1/", "address_denied"),
    ("http://127%2e0%2e0%2e1/", "address_denied"),
    // Full-width and other digits and dots.
    ("http://１２７.0.0.1/", "address_denied"),
    ("http://127。0。0。1/", "address_denied"),
    ("http://127．0．0．1/", "address_denied"),
    ("http://127｡0｡0｡1/", "address_denied"),
    ("http://①②⑦.⓪.⓪.①/", "address_denied"),
    ("http://𝟙𝟚𝟟.0.0.1/", "address_denied"),
    ("http://0ｘ7f000001/", "address_denied"),
    // IPv6.
    ("http://[::1]/", "address_denied"),
    ("http://[::1]:80/", "address_denied"),
    (
        "http://[0000:0000:0000:0000:0000:0000:0000:0001]/",
        "address_denied",
    ),
    ("http://[0:0:0:0:0:ffff:127.0.0.1]/", "address_denied"),
    (
        "http://[0000:0000:0000:0000:0000:ffff:7f00:0001]/",
        "address_denied",
    ),
    ("http://[::FFFF:7F00:1]/", "address_denied"),
    ("http://[::ffff:169.254.169.254]/", "address_denied"),
    ("http://[64:ff9b::a9fe:a9fe]/", "address_denied"),
    ("http://[fe80::1]/", "address_denied"),
    ("http://[fd00:ec2::254]/", "address_denied"),
    ("http://[fe80::1%25eth0]/", "url_host"),
    ("http://[fe80::1%eth0]/", "url_host"),
    ("http://[::1/", "url_host"),
    ("http://::1/", "url_host"),
    ("http://[127.0.0.1]/", "url_host"),
    ("http://[::ffff:0127.0.0.1]/", "url_host"),
    // Names for this machine.
    ("http://localhost/", "name_denied"),
    ("http://localhost:8080/", "name_denied"),
    ("http://LOCALHOST/", "name_denied"),
    ("http://localhost./", "name_denied"),
    ("http://LocalHost./", "name_denied"),
    ("http://ｌｏｃａｌｈｏｓｔ/", "name_denied"),
    ("http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "name_denied"),
    ("http://%6c%6f%63%61%6c%68%6f%73%74/", "name_denied"),
    ("http://a.localhost/", "name_denied"),
    ("http://a.b.localhost./", "name_denied"),
    // User-info.
    ("http://user@example.com/", "url_user_info"),
    ("http://user:pass@example.com/", "url_user_info"),
    ("http://:pass@example.com/", "url_user_info"),
    ("http://@example.com/", "url_user_info"),
    ("http://:@example.com/", "url_user_info"),
    ("http://@[::1]/", "url_user_info"),
    ("http://1:2@[::1]/", "url_user_info"),
    ("http://example.com@127.0.0.1/", "url_user_info"),
    ("http://127.0.0.1@example.com/", "url_user_info"),
    ("http://example.com:80@127.0.0.1:8080/", "url_user_info"),
    ("http:@127.0.0.1/", "url_user_info"),
    ("http:///@127.0.0.1/", "url_user_info"),
    // Other schemes.
    ("file:///etc/passwd", "url_scheme"),
    ("gopher://127.0.0.1:6379/_x", "url_scheme"),
    ("ftp://example.com/", "url_scheme"),
    ("ws://example.com/", "url_scheme"),
    ("unix:///run/docker.sock", "url_scheme"),
    ("javascript:alert(1)", "url_scheme"),
    ("data:text/plain,x", "url_scheme"),
    ("httpss://example.com/", "url_scheme"),
    // Fragments, ports, lengths.
    ("http://example.com/#x", "url_fragment"),
    ("http://example.com/#", "url_fragment"),
    ("http://example.com#@127.0.0.1/", "url_fragment"),
    ("http://example.com:0/", "url_port"),
    ("http://example.com:65536/", "url_port"),
    ("http://example.com:-1/", "url_port"),
    ("http://example.com:8o/", "url_port"),
    // What the URL standard would repair.
    ("", "url_malformed"),
    ("example.com", "url_malformed"),
    ("//example.com/", "url_malformed"),
    ("/hook", "url_malformed"),
    (" http://example.com/", "url_malformed"),
    ("http://example.com/ ", "url_malformed"),
    ("http://example.com/a b", "url_malformed"),
    ("http://exam\tple.com/", "url_malformed"),
    ("http://example.com\n/", "url_malformed"),
    ("http://example.com\r\nhost: x/", "url_malformed"),
    ("http://example.com/\0", "url_malformed"),
    ("http://example.com\u{a0}/", "url_malformed"),
    ("http:\\\\example.com\\", "url_malformed"),
    ("http://example.com\\@127.0.0.1/", "url_malformed"),
    // Hosts that are none.
    ("http://", "url_host"),
    ("http:///", "url_host"),
    ("http://./", "url_host"),
    ("http://../", "url_host"),
    ("http://a..b/", "url_host"),
    ("http://.example.com/", "url_host"),
    ("http://example.com../", "url_host"),
    ("http://exa%00mple.com/", "url_host"),
    ("http://exa%20mple.com/", "url_host"),
    ("http://exa%2fmple.com/", "url_host"),
    ("http://exa%40mple.com/", "url_host"),
    ("http://exa'mple.com/", "url_host"),
    ("http://exa*mple.com/", "url_host"),
    ("http://exa,mple.com/", "url_host"),
    ("http://1.2.3.4.5/", "url_host"),
    ("http://256.1.1.1/", "url_host"),
    ("http://1.2.3.08/", "url_host"),
    ("http://4294967296/", "url_host"),
    ("http://0x100000000/", "url_host"),
    ("http://127.0.0.1.a.1/", "url_host"),
    ("http://xn--/", "url_host"),
];

/// URLs that must pass, with the host they are understood to mean.
const ACCEPTED: &[(&str, &str)] = &[
    ("http://example.com/", "example.com"),
    ("https://example.com", "example.com"),
    ("HTTPS://EXAMPLE.com:8443/Hook?x=%20y", "example.com"),
    ("https://example.com./hook", "example.com"),
    ("https://bücher.example/", "xn--bcher-kva.example"),
    ("https://a_b.example/", "a_b.example"),
    ("http://8.8.8.8/", "8.8.8.8"),
    ("http://0x08080808/", "8.8.8.8"),
    ("http://134744072/", "8.8.8.8"),
    ("http://[2606:4700::1111]:8080/", "[2606:4700::1111]"),
    ("http://[::ffff:8.8.8.8]/", "8.8.8.8"),
    ("http://metadata.google.internal/", "metadata.google.internal"),
    ("http://receiver:8080/", "receiver"),
    ("http://localhost.example.com/", "localhost.example.com"),
    ("http://notlocalhost/", "notlocalhost"),
    ("http://example.com/a@b:c", "example.com"),
    ("http://example.com?x@y", "example.com"),
    ("http://example.com/%7Euser/|^", "example.com"),
    ("http://127.0.0.1.nip.io/", "127.0.0.1.nip.io"),
];

#[test]
fn hosts_in_disguise_are_refused() {
    for (url, code) in REFUSED {
        let refused = Policy::default().check_url(url).expect_err(url);
        assert_eq!(refused.code(), *code, "{url:?}: {refused}");
    }
}

#[test]
fn ordinary_urls_are_accepted() {
    for (url, host) in ACCEPTED {
        let target = Policy::default()
            .check_url(url)
            .unwrap_or_else(|refused| panic!("{url:?}: {refused}"));
        assert_eq!(target.host().to_string(), *host, "{url:?}");
    }
}

#[test]
fn ports_and_tls_follow_from_the_url() {
    for (url, port, tls) in [
        ("http://a.example/", 80, false),
        ("https://a.example/", 443, true),
        ("http://a.example:443/", 443, false),
        ("https://a.example:8443/", 8443, true),
    ] {
        let target = Policy::default().check_url(url).unwrap();
        assert_eq!((target.port(), target.is_tls()), (port, tls), "{url}");
    }
}

#[test]
fn urls_are_bounded() {
    let url = |length: usize| format!("https://a.example/{}", "x".repeat(length - 18));
    Policy::default().check_url(&url(2048)).unwrap();
    assert_eq!(
        Policy::default().check_url(&url(2049)).unwrap_err().code(),
        "url_too_long"
    );
    let label = "a".repeat(63);
    Policy::default()
        .check_url(&format!("http://{label}.example/"))
        .unwrap();
    assert_eq!(
        Policy::default()
            .check_url(&format!("http://{label}a.example/"))
            .unwrap_err()
            .code(),
        "url_host"
    );
    let name = format!("{label}.{label}.{label}.{label}");
    assert_eq!(
        Policy::default()
            .check_url(&format!("http://{name}/"))
            .unwrap_err()
            .code(),
        "url_host"
    );
}

#[test]
fn localhost_is_open_where_loopback_is() {
    for network in ["127.0.0.0/8", "::1/128"] {
        for url in [
            "http://localhost/",
            "http://localhost./",
            "http://app.localhost:3000/",
        ] {
            policy(&[network]).check_url(url).expect(url);
        }
    }
    policy(&["10.0.0.0/8"])
        .check_url("http://localhost/")
        .unwrap_err();
}

#[test]
fn neither_debug_nor_a_refusal_shows_the_path() {
    let target = Policy::default()
        .check_url("https://hooks.example/T0/s3cret?key=s3cret")
        .unwrap();
    assert_eq!(format!("{target:?}"), "Target(https://hooks.example:443/…)");
    let refused = Policy::default()
        .check_url("https://10.0.0.1/s3cret")
        .unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("s3cret"));
}

/// Every way `ip` can be written in a URL.
fn spelled(ip: Ipv4Addr) -> Vec<String> {
    let [a, b, c, d] = ip.octets();
    let bits = ip.to_bits();
    let (low24, low16) = (bits & 0xff_ffff, bits & 0xffff);
    let (high, low) = (bits >> 16, low16);
    let full_width = |text: String| -> String {
        let wide = |c: char| char::from_u32(u32::from(c) - u32::from('0') + u32::from('０')).unwrap();
        text.chars()
            .map(|c| if c.is_ascii_digit() { wide(c) } else { c })
            .collect()
    };
    vec![
        ip.to_string(),
        format!("{ip}."),
        format!("{bits}"),
        format!("{bits:#x}"),
        format!("0{bits:o}"),
        format!("{a}.{low24}"),
        format!("{a:#x}.{low24:#x}"),
        format!("{a}.{b}.{low16}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("{a:#x}.{b}.0{c:o}.{d:#X}").replace("0X", "0x"),
        full_width(ip.to_string()),
        ip.to_string().replace('.', "。"),
        format!("[::ffff:{ip}]"),
        format!("[0:0:0:0:0:ffff:{high:x}:{low:x}]"),
        format!("[::{ip}]"),
        format!("[64:ff9b::{ip}]"),
        format!("[2002:{high:x}:{low:x}::1]"),
        format!("[2001:0:1:1:1:1:{:x}:{:x}]", high ^ 0xffff, low ^ 0xffff),
    ]
}

/// An opinion on IPv4 that shares no code with the crate's.
fn is_denied_v4(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || matches!((a, b), (0 | 240.., _) | (100, 64..=127) | (198, 18 | 19))
}

fn denied_v4() -> impl Strategy<Value = Ipv4Addr> {
    let inside = |base: [u8; 4], host_bits: u32| {
        let base = u32::from_be_bytes(base);
        (0..1_u32 << host_bits).prop_map(move |host| Ipv4Addr::from_bits(base | host))
    };
    prop_oneof![
        inside([0, 0, 0, 0], 24),
        inside([10, 0, 0, 0], 24),
        inside([100, 64, 0, 0], 22),
        inside([127, 0, 0, 0], 24),
        inside([169, 254, 0, 0], 16),
        inside([172, 16, 0, 0], 20),
        inside([192, 168, 0, 0], 16),
        inside([198, 18, 0, 0], 17),
        inside([224, 0, 0, 0], 28),
        inside([240, 0, 0, 0], 28),
    ]
}

/// Characters URLs and addresses are made of, and some that are folded into them.
const HOST_LIKE: &str = "[0-9a-fA-FxX.:%\\[\\]@/\\\\#?_*0-9a-z０-９。．｡①-⑨ⓐ-ⓩß -]{0,40}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_spelling_of_a_denied_address_passes(ip in denied_v4()) {
        for host in spelled(ip) {
            prop_assert!(Policy::default().check_url(&format!("http://{host}/")).is_err(), "{}", host);
        }
    }

    #[test]
    fn the_plain_and_the_mapped_form_share_their_fate(bits: u32) {
        let ip = Ipv4Addr::from_bits(bits);
        let passes = Policy::default().check_ip(ip.into()).is_ok();
        prop_assert_eq!(passes, Policy::default().check_ip(ip.to_ipv6_mapped().into()).is_ok());
        prop_assert!(!(passes && is_denied_v4(ip)));
    }

    #[test]
    fn no_host_makes_it_panic_or_pass_wrongly(host in HOST_LIKE, rest in "\\PC{0,20}") {
        if let Ok(target) = Policy::default().check_url(&format!("http://{host}{rest}")) {
            match target.host() {
                Host::Ip(IpAddr::V4(ip)) => prop_assert!(!is_denied_v4(*ip), "{}", ip),
                Host::Ip(IpAddr::V6(ip)) => prop_assert_eq!(ip.segments()[0] >> 13, 1, "{}", ip),
                Host::Name(name) => {
                    prop_assert!(name.parse::<IpAddr>().is_err());
                    prop_assert!(&**name != "localhost" && !name.ends_with('.'));
                }
            }
        }
    }

    #[test]
    fn no_text_at_all_makes_it_panic(text in "\\PC{0,80}") {
        let _ = Policy::default().check_url(&text);
        let _ = Host::parse(&text);
    }
}
