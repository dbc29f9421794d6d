//! User tokens: a table of hostile ones, the good ones of each algorithm, and every single-bit change of those.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod forge;
mod hostile;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::token::{
    Algorithm, Claims, KeyError, Keyring, MAX_TOKEN_BYTES, PublicKey, Rules, TokenError, TokenHeader,
    check_kid, mint, verify,
};
use forge::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn check(token: &str) -> Result<Claims, TokenError> {
    verify(token, &keyring(), NOW_MS, &Rules::default())
}

fn code(token: &str) -> &'static str {
    check(token).map_or_else(|error| error.code(), |_| "accepted")
}

#[test]
fn good_tokens_of_each_algorithm_are_accepted() {
    for token in [good_hs(), good_rs(), good_ed()] {
        let read = check(&token).unwrap();
        assert_eq!(read.sub, "user-1");
        assert_eq!(read.tenant.as_deref(), Some("org-1"));
        assert_eq!((read.exp, read.iat, read.nbf), (NOW + 3600, Some(NOW), Some(NOW)));
        assert_eq!(read.jti.as_deref(), Some("j1"));
        assert_eq!(read.aud, ["campanile"]);
        assert_eq!(read.env.as_deref(), Some(ENV));
    }
}

#[test]
fn variations_that_must_be_accepted() {
    let minimal = json!({ "sub": "u", "exp": NOW + 60 }).to_string();
    let table = [
        (
            "previous secret",
            hs(OLD_SECRET, &header("HS256", ENV), good_claims().to_string()),
        ),
        (
            "no typ",
            hs(
                SECRET,
                &json!({ "alg": "HS256", "kid": ENV }).to_string(),
                &minimal,
            ),
        ),
        ("typ at+jwt", headed(r#""typ":"at+jwt""#)),
        ("typ in lower case", headed(r#""typ":"jwt""#)),
        ("thumbprint of a certificate", headed(r#""x5t":"abc""#)),
        (
            "RFC 9864 name of the algorithm",
            ed(&header("Ed25519", "host-ed"), &minimal),
        ),
        ("minimal claims", verbatim(&minimal)),
        ("aud as a text", but("aud", json!("campanile"))),
        ("aud is the environment", but("aud", json!(["other", ENV]))),
        (
            "exp with a fraction",
            verbatim(format!(r#"{{"sub":"u","exp":{}.75}}"#, NOW + 60)),
        ),
        (
            "exp with an exponent",
            verbatim(format!(r#"{{"sub":"u","exp":{}e1}}"#, (NOW + 60) / 10)),
        ),
        (
            "expired within the leeway",
            but_two(("exp", NOW - 4), ("iat", NOW - 60)),
        ),
        ("nbf within the leeway", but("nbf", json!(NOW + 5))),
        ("iat within the leeway", but("iat", json!(NOW + 5))),
        (
            "exactly the longest lifetime",
            but("exp", json!(NOW + 7 * 86_400)),
        ),
        (
            "256 characters of four bytes",
            but("sub", json!("😀".repeat(256))),
        ),
        ("sub with separators", but("sub", json!("auth0|user/../1 '\""))),
        (
            "white space within the JSON",
            verbatim(format!("{{ \"sub\" : \"u\",\n\t\"exp\": {} }} ", NOW + 60)),
        ),
    ];
    for (name, token) in table {
        assert_eq!(code(&token), "accepted", "{name}: {:?}", check(&token));
    }
}

#[test]
fn hostile_tokens_are_refused_with_their_code() {
    let table = [hostile::headers(), hostile::spellings(), hostile::claims()].concat();
    assert!(table.len() >= 45);
    let wrong: Vec<_> = table
        .iter()
        .filter(|(_, token, expected)| code(token) != *expected)
        .map(|(name, token, expected)| format!("{name}: expected {expected}, got {:?}", check(token)))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        table.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_keyring_without_the_previous_secret_refuses_it() {
    let ring = Keyring::new(ENV, SECRET).unwrap();
    let token = hs(OLD_SECRET, &header("HS256", ENV), good_claims().to_string());
    assert_eq!(
        verify(&token, &ring, NOW_MS, &Rules::default()),
        Err(TokenError::Signature)
    );
}

#[test]
fn two_environments_do_not_take_each_others_tokens() {
    let other = Keyring::new(OTHER_ENV, OTHER_SECRET).unwrap();
    let claims = Claims::new("user-1", None, &other, NOW_MS, 60).unwrap();
    let token = mint(&claims, &other);
    assert_eq!(verify(&token, &other, NOW_MS, &Rules::default()).unwrap(), claims);
    assert_eq!(code(&token), "token_key_unknown");
    // The same secret in two environments by a host's mistake: the claim still tells them apart.
    let twin = Keyring::new(ENV, OTHER_SECRET).unwrap();
    assert_eq!(
        verify(&mint(&claims, &twin), &twin, NOW_MS, &Rules::default()),
        Err(TokenError::Environment)
    );
}

#[test]
fn tokens_signed_by_openssl_are_accepted() {
    // `openssl dgst -sha256 -sign`, `openssl pkeyutl -sign -rawin`, `openssl dgst -sha256 -hmac` over the first two parts.
    let payload = "eyJzdWIiOiJ1c2VyLTEiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6NDEwMjQ0MTIwMH0";
    let tokens = [
        format!("eyJhbGciOiJSUzI1NiIsImtpZCI6Imhvc3QtcnNhIiwidHlwIjoiSldUIn0.{payload}.{OPENSSL_RSA}"),
        format!(
            "eyJhbGciOiJFZERTQSIsImtpZCI6Imhvc3QtZWQiLCJ0eXAiOiJKV1QifQ.{payload}.ImrlFppcONd1u_xQO29Q-m7b_6pzHwWRB6yV_Nw-Vc6xsmV1eCZ6gVM-zp44iZUz3ItgkRqVjUTIqDDFOW1ICg"
        ),
        format!(
            "eyJhbGciOiJIUzI1NiIsImtpZCI6ImVudl8yWmJUMWdRbVYwYzhGN24zWXBMeEtkV3VSNHMiLCJ0eXAiOiJKV1QifQ.{payload}.p-6Y5Sbk8TqTVAwBF8LqiqY7uLXhMIWr_tVogMG9af4"
        ),
    ];
    for token in tokens {
        let claims = verify(&token, &keyring(), 4_102_441_200_000, &Rules::default()).unwrap();
        assert_eq!((claims.sub.as_str(), claims.exp), ("user-1", 4_102_444_800));
    }
}

const OPENSSL_RSA: &str = "GCY9-pT8cwxM5LbxXaAfP6l85xDdrz9_imNKyU5k7KVUksANoQfdRsQYAnk-6z6IOdEdeiJQY1a3T7AoeGFLeNpsTzoEOzh1p32_-1vQYNM1cQMQyo6Ktpq7e63Rg_bGU5GQL2TgsgtEBBP81MYIODcIllJsjjJShYK0Cr0drs_8lA4ae1su30QeHezdFQ6IrSAqnvVcpZ9ik-JjNH8XSE1Psk4ENRvjRUUw3WtVeHARkwhzf8bExmPTUZCpTNsOck_ndQiG_fARpoAocENRbgQV3UKbU05mn2EaHRx5C7nMnq4WxN_eStF25X7GPjPqlaVIqcw8znYy1UuH0-4j4w";

#[test]
fn peek_reads_the_header_alone() {
    let peeked = TokenHeader::peek(&good_rs()).unwrap();
    assert_eq!((peeked.alg, peeked.kid.as_str()), (Algorithm::Rs256, "host-rsa"));
    let unverified = format!("{}.e30.AA", b64(header("HS256", OTHER_ENV)));
    assert_eq!(TokenHeader::peek(&unverified).unwrap().kid, OTHER_ENV);
    for (name, token, code) in hostile::headers() {
        if code == "token_malformed" {
            assert_eq!(TokenHeader::peek(&token).unwrap_err().code(), code, "{name}");
        }
    }
}

#[test]
fn minted_tokens_are_ordinary_ones() {
    let mut claims = Claims::new("user-1", Some("org-1"), &keyring(), NOW_MS + 999, 3600).unwrap();
    assert_eq!((claims.iat, claims.exp), (Some(NOW), NOW + 3600));
    assert_eq!(check(&mint(&claims, &keyring())).unwrap(), claims);
    claims.aud = vec!["crm".to_owned(), ENV.to_owned()];
    claims.jti = Some("j".to_owned());
    assert_eq!(check(&mint(&claims, &keyring())).unwrap(), claims);
    let head = URL_SAFE_NO_PAD
        .decode(parts(&mint(&claims, &keyring())).0)
        .unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&head).unwrap(),
        json!({ "alg": "HS256", "kid": ENV, "typ": "JWT" })
    );
    for (sub, tenant) in [("", None), ("a\nb", None), ("u", Some("")), ("u", Some("t\0"))] {
        assert_eq!(
            Claims::new(sub, tenant, &keyring(), NOW_MS, 60)
                .unwrap_err()
                .code(),
            "token_claims"
        );
    }
}

#[test]
fn rules_are_the_environments() {
    let strict = Rules {
        max_lifetime_ms: 60_000,
        leeway_ms: 0,
    };
    let token = |exp: i64| {
        mint(
            &Claims::new("u", None, &keyring(), NOW_MS, exp).unwrap(),
            &keyring(),
        )
    };
    let at = |token: &str, now_ms: i64| verify(token, &keyring(), now_ms, &strict).map(|claims| claims.exp);
    assert_eq!(at(&token(60), NOW_MS), Ok(NOW + 60));
    assert_eq!(at(&token(61), NOW_MS), Err(TokenError::Lifetime));
    assert_eq!(at(&token(60), NOW_MS + 59_999), Ok(NOW + 60));
    assert_eq!(at(&token(60), NOW_MS + 60_000), Err(TokenError::Expired));
    assert_eq!(at(&token(60), NOW_MS - 1).unwrap_err().code(), "token_not_yet");
    assert!(at(&token(60), i64::MAX).is_err() && at(&token(60), i64::MIN).is_err());
}

/// Every token that differs from `token` in one bit. What is no UTF-8 never reaches the reader.
fn bit_flips(token: &str) -> impl Iterator<Item = String> + '_ {
    (0..token.len() * 8).filter_map(|bit| {
        let mut bytes = token.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        String::from_utf8(bytes).ok()
    })
}

#[test]
fn no_single_bit_can_change() {
    let ring = keyring();
    let short = json!({ "sub": "u", "exp": NOW + 60 }).to_string();
    for token in [
        good_hs(),
        good_rs(),
        ed(r#"{"alg":"EdDSA","kid":"host-ed"}"#, &short),
    ] {
        assert_eq!(code(&token), "accepted");
        for flipped in bit_flips(&token) {
            let result = verify(&flipped, &ring, NOW_MS, &Rules::default());
            assert!(result.is_err(), "{flipped} instead of {token}");
        }
    }
}

#[test]
fn public_keys_that_are_refused() {
    let with_tail = format!("{}\n{}", RSA_PUBLIC.trim(), ED_PUBLIC);
    let table = [
        ("HS256", Algorithm::Hs256, RSA_PUBLIC, KeyError::Algorithm),
        ("RSA private key", Algorithm::Rs256, RSA, KeyError::Private),
        ("Ed25519 private key", Algorithm::EdDsa, ED, KeyError::Private),
        (
            "PKCS #1 public key",
            Algorithm::Rs256,
            include_str!("../keys/rsa.pkcs1.pub.pem"),
            KeyError::Label,
        ),
        (
            "certificate",
            Algorithm::Rs256,
            include_str!("../keys/cert.pem"),
            KeyError::Label,
        ),
        ("RSA for EdDSA", Algorithm::EdDsa, RSA_PUBLIC, KeyError::Mismatch),
        (
            "Ed25519 for RS256",
            Algorithm::Rs256,
            ED_PUBLIC,
            KeyError::Mismatch,
        ),
        (
            "P-256",
            Algorithm::EdDsa,
            include_str!("../keys/p256.pub.pem"),
            KeyError::Mismatch,
        ),
        (
            "1024 bits",
            Algorithm::Rs256,
            include_str!("../keys/rsa1024.pub.pem"),
            KeyError::RsaSize,
        ),
        (
            "exponent 3",
            Algorithm::Rs256,
            include_str!("../keys/rsa_e3.pub.pem"),
            KeyError::RsaNumbers,
        ),
        ("empty", Algorithm::Rs256, "", KeyError::Unreadable),
        (
            "no PEM",
            Algorithm::Rs256,
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A",
            KeyError::Unreadable,
        ),
        (
            "cut off",
            Algorithm::Rs256,
            &RSA_PUBLIC[..200],
            KeyError::Unreadable,
        ),
        ("two keys", Algorithm::Rs256, &with_tail, KeyError::Unreadable),
    ];
    for (name, algorithm, pem, expected) in table {
        assert_eq!(PublicKey::parse(algorithm, pem), Err(expected), "{name}");
    }
}

/// A PEM of an RSA key with these numbers, big-endian.
fn rsa_pem(modulus: &[u8], exponent: &[u8], tail: &[u8]) -> String {
    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        let [.., high, low] = content.len().to_be_bytes();
        [&[tag, 0x82, high, low], content].concat()
    }
    // DER wants the shortest length, so short contents get the short form.
    fn short(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
    }
    let numbers = tlv(
        0x30,
        &[tlv(0x02, modulus), short(0x02, exponent), tail.to_vec()].concat(),
    );
    let algorithm = [
        0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0,
    ];
    let bits = tlv(0x03, &[&[0], &numbers[..]].concat());
    let text = STANDARD.encode(tlv(0x30, &[&algorithm[..], &bits].concat()));
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    )
}

#[test]
fn rsa_numbers_are_checked() {
    const F4: &[u8] = &[1, 0, 1];
    /// A positive integer of this many bits, all of them set.
    fn ones(bits: usize) -> Vec<u8> {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] >>= bytes.len() * 8 - bits;
        if bytes[0] >= 0x80 {
            bytes.insert(0, 0);
        }
        bytes
    }
    let even = [&ones(2048)[..256], &[0xfe]].concat();
    let table: [(&str, String, Result<Algorithm, KeyError>); 12] = [
        ("2048 bits", rsa_pem(&ones(2048), F4, &[]), Ok(Algorithm::Rs256)),
        ("8192 bits", rsa_pem(&ones(8192), F4, &[]), Ok(Algorithm::Rs256)),
        ("2047 bits", rsa_pem(&ones(2047), F4, &[]), Err(KeyError::RsaSize)),
        ("8193 bits", rsa_pem(&ones(8193), F4, &[]), Err(KeyError::RsaSize)),
        ("even modulus", rsa_pem(&even, F4, &[]), Err(KeyError::RsaNumbers)),
        (
            "exponent 1",
            rsa_pem(&ones(2048), &[1], &[]),
            Err(KeyError::RsaNumbers),
        ),
        (
            "exponent 65535",
            rsa_pem(&ones(2048), &[0, 0xff, 0xff], &[]),
            Err(KeyError::RsaNumbers),
        ),
        (
            "even exponent",
            rsa_pem(&ones(2048), &[1, 0, 2], &[]),
            Err(KeyError::RsaNumbers),
        ),
        (
            "exponent of 33 bits",
            rsa_pem(&ones(2048), &[1, 0xff, 0xff, 0xff, 0xff], &[]),
            Ok(Algorithm::Rs256),
        ),
        (
            "exponent of 34 bits",
            rsa_pem(&ones(2048), &[2, 0, 0, 0, 1], &[]),
            Err(KeyError::RsaNumbers),
        ),
        (
            "exponent of 80 bits",
            rsa_pem(&ones(2048), &[1; 10], &[]),
            Err(KeyError::RsaNumbers),
        ),
        (
            "a third number",
            rsa_pem(&ones(2048), F4, &[2, 1, 1]),
            Err(KeyError::Unreadable),
        ),
    ];
    for (name, pem, expected) in table {
        assert_eq!(
            PublicKey::parse(Algorithm::Rs256, &pem).map(|key| key.algorithm()),
            expected,
            "{name}"
        );
    }
}

/// A PEM of an Ed25519 key with these bytes.
fn ed_pem(key: &[u8]) -> String {
    let prefix = [
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
    ];
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        STANDARD.encode([&prefix[..], key].concat())
    )
}

#[test]
fn weak_ed25519_keys_are_refused() {
    let mut identity = [0; 32];
    identity[0] = 1;
    let off_the_curve = [2; 32];
    for weak in [[0; 32], identity, off_the_curve] {
        assert_eq!(
            PublicKey::parse(Algorithm::EdDsa, &ed_pem(&weak)),
            Err(KeyError::Ed25519)
        );
    }
    let good = ed_pem(&der(ED_PUBLIC)[12..]);
    assert_eq!(
        PublicKey::parse(Algorithm::EdDsa, &good),
        PublicKey::parse(Algorithm::EdDsa, ED_PUBLIC)
    );
}

#[test]
fn public_keys_are_read_as_they_are_pasted() {
    for pem in [
        RSA_PUBLIC.replace('\n', "\r\n"),
        format!("\n  {RSA_PUBLIC}\n\n"),
        RSA_PUBLIC.trim().to_owned(),
    ] {
        assert_eq!(
            PublicKey::parse(Algorithm::Rs256, &pem).unwrap().algorithm(),
            Algorithm::Rs256
        );
    }
}

#[test]
fn keyrings_refuse_what_would_be_ambiguous() {
    let key = || PublicKey::parse(Algorithm::EdDsa, ED_PUBLIC).unwrap();
    let ring = Keyring::new(ENV, SECRET)
        .unwrap()
        .with_public_key("a", key())
        .unwrap();
    assert_eq!(
        ring.clone().with_public_key("a", key()).unwrap_err(),
        KeyError::KidTaken
    );
    for kid in [
        "",
        "env_x",
        "a/b",
        "a b",
        "..",
        ".a",
        "a..b",
        "ä",
        "a'",
        &"k".repeat(129),
    ] {
        assert_eq!(check_kid(kid), Err(KeyError::Kid), "{kid}");
        assert_eq!(
            ring.clone().with_public_key(kid, key()).unwrap_err(),
            KeyError::Kid,
            "{kid}"
        );
    }
    for kid in [
        "2026-02",
        "urn:key:1",
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
        "b1.2",
    ] {
        assert_eq!(check_kid(kid), Ok(()), "{kid}");
    }
    for secret in [&b""[..], b"short", &[7; 31], RSA_PUBLIC.as_bytes()] {
        assert_eq!(Keyring::new(ENV, secret).unwrap_err(), KeyError::Secret);
        assert_eq!(ring.clone().with_previous(secret).unwrap_err(), KeyError::Secret);
    }
    assert_eq!(Keyring::new("env/../x", SECRET).unwrap_err(), KeyError::Kid);
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", keyring());
    assert_eq!(
        shown,
        format!("Keyring {{ environment: {ENV:?}, public: [\"host-rsa\", \"host-ed\"], .. }}")
    );
}

#[test]
fn every_error_has_a_code_and_a_sentence() {
    let errors = [
        TokenError::Malformed("x"),
        TokenError::Algorithm("x"),
        TokenError::KeyUnknown("x"),
        TokenError::Signature,
        TokenError::Expired,
        TokenError::NotYet("x"),
        TokenError::Lifetime,
        TokenError::Audience,
        TokenError::Environment,
        TokenError::Claims("x"),
    ];
    let codes: std::collections::BTreeSet<_> = errors.iter().map(TokenError::code).collect();
    assert_eq!(codes.len(), errors.len());
    assert!(
        errors
            .iter()
            .all(|error| error.to_string().starts_with("the token"))
    );
}

proptest! {
    #[test]
    fn any_text_is_refused_calmly(text in "\\PC{0,300}") {
        prop_assert!(check(&text).is_err());
    }

    #[test]
    fn any_three_parts_are_refused_calmly(a in ".{0,60}", b in prop::collection::vec(any::<u8>(), 0..60), c in ".{0,60}") {
        let token = format!("{}.{}.{}", b64(a), b64(b), b64(c));
        prop_assert!(check(&token).is_err());
    }

    #[test]
    fn any_signed_claims_are_judged_calmly(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(check(&verbatim(payload)).is_err());
    }

    #[test]
    fn any_signed_value_in_a_claim_is_judged_calmly(
        name in prop::sample::select(vec!["sub", "tenant", "exp", "iat", "nbf", "jti", "aud", "env"]),
        value in prop_oneof![
            any::<i64>().prop_map(|n| json!(n)),
            any::<f64>().prop_map(|n| json!(n)),
            any::<String>().prop_map(|text| json!(text)),
            any::<bool>().prop_map(|bit| json!(bit)),
        ],
        now in any::<i64>(),
    ) {
        let token = but(name, value);
        let _ = check(&token);
        let _ = verify(&token, &keyring(), now, &Rules::default());
    }

    #[test]
    fn what_is_minted_is_read_back(sub in "[^\\p{Cc}]{1,256}", tenant in prop::option::of("[^\\p{Cc}]{1,256}"), lifetime in 1..604_800i64) {
        prop_assume!(!sub.trim().is_empty() && tenant.as_ref().is_none_or(|tenant| !tenant.trim().is_empty()));
        let claims = Claims::new(&sub, tenant.as_deref(), &keyring(), NOW_MS, lifetime).unwrap();
        let token = mint(&claims, &keyring());
        prop_assume!(token.len() <= MAX_TOKEN_BYTES);
        prop_assert_eq!(check(&token).unwrap(), claims);
    }
}
