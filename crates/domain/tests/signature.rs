//! Standard Webhooks: the published vectors, the refusals of the reference library's own tests, rotation, and the envelope.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use domain::signature::{
    MAX_OLD_SECRETS, RotateError, Secret, SecretError, Secrets, SignedHeaders, Signer, TOLERANCE_S, Verifier,
    VerifyError, envelope, sign, sign_all, verify,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const SYMMETRIC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PRIVATE: &str =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const PUBLIC: &str = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const AT: i64 = 1_614_265_330;
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const V1: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const V1A: &str =
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";

fn secret(text: &str) -> Secret {
    Secret::parse(text).unwrap()
}

fn nth(n: u8) -> Secret {
    Secret::generate([n; 32])
}

/// Verifies the first vector's request with some headers replaced.
fn check(
    keys: &[Verifier],
    id: Option<&str>,
    timestamp: Option<&str>,
    signature: Option<&str>,
) -> Result<(), VerifyError> {
    verify(
        keys,
        &SignedHeaders {
            id,
            timestamp,
            signature,
        },
        BODY,
        AT,
        TOLERANCE_S,
    )
}

fn check_signature(signature: &str) -> Result<(), VerifyError> {
    check(
        &[Verifier::parse(SYMMETRIC).unwrap()],
        Some(ID),
        Some("1614265330"),
        Some(signature),
    )
}

#[test]
fn published_vectors() {
    assert_eq!(sign(&secret(SYMMETRIC), ID, AT, BODY), V1);
    assert_eq!(sign(&secret(PRIVATE), ID, AT, BODY), V1A);
    let body = br#"{"email":"test@example.com","username":"test_user"}"#;
    assert_eq!(
        sign(
            &secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            1_649_367_553,
            body
        ),
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="
    );
    assert_eq!(secret(PRIVATE).public_text().as_deref(), Some(PUBLIC));
    assert_eq!(secret(SYMMETRIC).public_text(), None);
}

#[test]
fn a_signature_of_either_kind_is_verified() {
    for (key, signature) in [(SYMMETRIC, V1), (PRIVATE, V1A), (PUBLIC, V1A)] {
        let keys = [Verifier::parse(key).unwrap()];
        assert_eq!(
            check(&keys, Some(ID), Some("1614265330"), Some(signature)),
            Ok(()),
            "{key}"
        );
        let other = if signature == V1 { V1A } else { V1 };
        assert_eq!(
            check(&keys, Some(ID), Some("1614265330"), Some(other)),
            Err(VerifyError::NoMatch),
            "{key}"
        );
    }
}

#[test]
fn a_prefix_is_optional() {
    let bare = SYMMETRIC.strip_prefix("whsec_").unwrap();
    assert_eq!(secret(bare), secret(SYMMETRIC));
    assert_eq!(sign(&secret(bare), ID, AT, BODY), V1);
}

#[test]
fn missing_and_empty_headers_are_refused() {
    let keys = [Verifier::parse(SYMMETRIC).unwrap()];
    for absent in [None, Some("")] {
        let (id, at, signature) = (Some(ID), Some("1614265330"), Some(V1));
        assert_eq!(
            check(&keys, absent, at, signature),
            Err(VerifyError::MissingHeader("webhook-id"))
        );
        assert_eq!(
            check(&keys, id, absent, signature),
            Err(VerifyError::MissingHeader("webhook-timestamp"))
        );
        assert_eq!(
            check(&keys, id, at, absent),
            Err(VerifyError::MissingHeader("webhook-signature"))
        );
    }
}

#[test]
fn timestamps_are_whole_seconds_within_the_tolerance() {
    let keys = [Verifier::parse(SYMMETRIC).unwrap()];
    for bad in [
        "hello",
        "-1",
        "+1614265330",
        "1614265330.0",
        " 1614265330",
        "1614265330 ",
        "01614265330",
        "1e9",
        "0x60",
        "1_614",
        "99999999999999999999",
        "١",
        "0",
    ] {
        assert_eq!(
            check(&keys, Some(ID), Some(bad), Some(V1)),
            Err(VerifyError::InvalidTimestamp),
            "{bad}"
        );
    }
    for (ahead, expected) in [
        (-301, Err(VerifyError::TooOld)),
        (-300, Ok(())),
        (0, Ok(())),
        (300, Ok(())),
        (301, Err(VerifyError::TooNew)),
        (i64::MAX - AT, Err(VerifyError::TooNew)),
    ] {
        let timestamp = AT + ahead;
        let signature = sign(&secret(SYMMETRIC), ID, timestamp, BODY);
        assert_eq!(
            check(&keys, Some(ID), Some(&timestamp.to_string()), Some(&signature)),
            expected,
            "{ahead}"
        );
    }
}

#[test]
fn signatures_that_are_refused() {
    let (_, encoded) = V1.split_once(',').unwrap();
    for bad in [
        "v1,invalid signature".to_owned(),
        "v1,".to_owned(),
        "v1".to_owned(),
        ",".to_owned(),
        " ".to_owned(),
        encoded.to_owned(),
        V1[..8].to_owned(),
        V1[..V1.len() - 1].to_owned(),
        format!("{V1}="),
        format!("v2,{encoded}"),
        format!("V1,{encoded}"),
        format!("v1a,{encoded}"),
        format!("v1:{encoded}"),
        format!("v1,{V1}"),
        format!("v1, {encoded}"),
        V1.replace('+', "-").replace('/', "_"),
        V1.replace("OE=", "OF="),
        V1.replace("OE=", "OI="),
        V1.to_lowercase(),
        V1.replace(',', " "),
        V1.replacen('g', "h", 1),
        V1.replace("v1,", "v1,AAAA"),
        sign(&nth(1), ID, AT, BODY),
        sign(&secret(SYMMETRIC), ID, AT, b""),
        sign(&secret(SYMMETRIC), "msg_2", AT, BODY),
        sign(&secret(SYMMETRIC), ID, AT + 1, BODY),
        format!("{}{V1}", "v1,AAAA ".repeat(32)),
    ] {
        assert_eq!(check_signature(&bad), Err(VerifyError::NoMatch), "{bad}");
    }
    assert_eq!(
        check(&[], Some(ID), Some("1614265330"), Some(V1)),
        Err(VerifyError::NoMatch)
    );
}

#[test]
fn one_of_several_signatures_is_enough() {
    let others = [
        sign(&nth(1), ID, AT, BODY),
        "v2,AAAA".to_owned(),
        V1A.to_owned(),
        "nonsense".to_owned(),
        String::new(),
    ];
    assert_eq!(check_signature(&others.join(" ")), Err(VerifyError::NoMatch));
    assert_eq!(check_signature(&format!("{} {V1}", others.join(" "))), Ok(()));
    assert_eq!(check_signature(&format!("{V1} {}", others.join(" "))), Ok(()));
    let header = sign_all(&[nth(1), secret(PRIVATE), secret(SYMMETRIC)], ID, AT, BODY);
    assert_eq!(header, format!("{} {V1A} {V1}", sign(&nth(1), ID, AT, BODY)));
    assert_eq!(check_signature(&header), Ok(()));
}

#[test]
fn secrets_are_parsed_strictly() {
    use base64::Engine as _;
    let text = |prefix: &str, length: usize| {
        format!(
            "{prefix}{}",
            base64::engine::general_purpose::STANDARD.encode(vec![7u8; length])
        )
    };
    for length in [24, 25, 32, 64, 75] {
        assert_eq!(secret(&text("whsec_", length)).expose(), text("whsec_", length));
    }
    for length in [0, 1, 23, 76, 100] {
        assert_eq!(
            Secret::parse(&text("whsec_", length)),
            Err(SecretError::Length),
            "{length}"
        );
    }
    for length in [0, 24, 31, 33, 63, 65] {
        assert_eq!(
            Secret::parse(&text("whsk_", length)),
            Err(SecretError::Length),
            "{length}"
        );
        assert_eq!(
            Verifier::parse(&text("whpk_", length)).unwrap_err(),
            SecretError::Length,
            "{length}"
        );
    }
    // The halves of two keys; a point that is none; a point of small order.
    assert_eq!(Secret::parse(&text("whsk_", 64)), Err(SecretError::Key));
    assert_eq!(
        Verifier::parse(&format!("whpk_{}=", "Ag".repeat(21) + "A")).unwrap_err(),
        SecretError::Key
    );
    assert_eq!(
        Verifier::parse(&format!("whpk_{}=", "A".repeat(43))).unwrap_err(),
        SecretError::Key
    );
    for bad in [
        "whsec_!",
        "whpk_AAAA",
        "sk_live",
        "whsec_ MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ] {
        assert_eq!(Secret::parse(bad), Err(SecretError::Encoding), "{bad}");
    }
    assert_eq!(Secret::parse(PUBLIC), Err(SecretError::Encoding));
    assert_eq!(Secret::parse(""), Err(SecretError::Length));
    assert_eq!(secret(&text("whsk_", 32)), Secret::generate_ed25519([7; 32]));
}

#[test]
fn generated_secrets_read_back() {
    for made in [Secret::generate([3; 32]), Secret::generate_ed25519([3; 32])] {
        assert_eq!(secret(&made.expose()), made);
    }
    assert!(Secret::generate([3; 32]).expose().starts_with("whsec_"));
    assert!(Secret::generate_ed25519([3; 32]).expose().starts_with("whsk_"));
    assert_ne!(Secret::generate([3; 32]), Secret::generate_ed25519([3; 32]));
    assert_ne!(nth(1), nth(2));
}

#[test]
fn debug_shows_no_secret() {
    let all = Secrets::new(secret(SYMMETRIC))
        .rotate(secret(PRIVATE), 1000, 0)
        .unwrap();
    let shown = format!(
        "{all:?} {:?} {:?} {:?}",
        Signer::new(all.live(0)),
        Verifier::parse(SYMMETRIC).unwrap(),
        Verifier::parse(PRIVATE).unwrap()
    );
    assert_eq!(
        shown,
        "Secrets { current: whsk_[redacted], old: [(whsec_[redacted], 1000)] } Signer(2 keys) Verifier(v1) Verifier(v1a)"
    );
}

/// Whether a receiver that knows one secret takes what an endpoint with these secrets sends at `now`.
fn taken_by(receiver: &Secret, secrets: &Secrets, now: i64) -> bool {
    let seconds = now.div_euclid(1000) + AT;
    let header = Signer::new(secrets.live(now)).sign(ID, seconds, BODY);
    let timestamp = seconds.to_string();
    let headers = SignedHeaders {
        id: Some(ID),
        timestamp: Some(&timestamp),
        signature: Some(&header),
    };
    verify(&[Verifier::from(receiver)], &headers, BODY, seconds, TOLERANCE_S).is_ok()
}

#[test]
fn rotation_overlaps_for_the_grace_in_both_directions() {
    const DAY: i64 = 86_400_000;
    for (old, new) in [
        (secret(SYMMETRIC), secret(PRIVATE)),
        (secret(PRIVATE), secret(SYMMETRIC)),
        (nth(1), nth(2)),
        (
            Secret::generate_ed25519([1; 32]),
            Secret::generate_ed25519([2; 32]),
        ),
    ] {
        let secrets = Secrets::new(old.clone()).rotate(new.clone(), DAY, 5000).unwrap();
        assert_eq!(secrets.next_expiry(5000), Some(5000 + DAY));
        for now in [5000, 5000 + DAY / 2, 4999 + DAY] {
            assert!(taken_by(&old, &secrets, now) && taken_by(&new, &secrets, now));
        }
        let over = 5000 + DAY;
        assert!(!taken_by(&old, &secrets, over) && taken_by(&new, &secrets, over));
        assert_eq!(secrets.next_expiry(over), None);
        let cut = secrets.expire_old();
        assert!(!taken_by(&old, &cut, 5000) && taken_by(&new, &cut, 5000));
    }
}

#[test]
fn a_grace_of_zero_ends_the_old_secret_at_once() {
    for grace in [0, -1] {
        let secrets = Secrets::new(nth(1)).rotate(nth(2), grace, 0).unwrap();
        assert_eq!(secrets, Secrets::new(nth(2)));
        assert!(!taken_by(&nth(1), &secrets, 0));
    }
}

#[test]
fn an_eleventh_old_secret_is_refused() {
    let mut secrets = Secrets::new(nth(0));
    for n in 1..=10 {
        secrets = secrets.rotate(nth(n), 1000 * i64::from(n), 0).unwrap();
    }
    assert_eq!(
        (secrets.live(0).count(), secrets.old.len()),
        (11, MAX_OLD_SECRETS)
    );
    assert!(taken_by(&nth(0), &secrets, 0) && taken_by(&nth(10), &secrets, 0));
    assert_eq!(secrets.rotate(nth(11), 1000, 999), Err(RotateError::TooMany));
    // No grace adds no old secret; an expired one makes room and is forgotten.
    assert_eq!(secrets.rotate(nth(11), 0, 999).unwrap().live(999).count(), 11);
    let later = secrets.rotate(nth(11), 1000, 1000).unwrap();
    assert_eq!(later.old.len(), MAX_OLD_SECRETS);
    assert!(!taken_by(&nth(0), &later, 1000) && taken_by(&nth(1), &later, 1000));
    assert_eq!(later.live(1000).next(), Some(&nth(11)));
}

#[test]
fn rotating_to_a_known_secret() {
    let secrets = Secrets::new(nth(1)).rotate(nth(2), 1000, 0).unwrap();
    assert_eq!(secrets.rotate(nth(2), 1000, 0), Err(RotateError::Unchanged));
    // Back again: the secret is current and no longer old, so it does not expire.
    let back = secrets.rotate(nth(1), 1000, 500).unwrap();
    assert_eq!(back.old, [(nth(2), 1500)]);
    assert!(taken_by(&nth(1), &back, 5000));
    let forever = secrets.rotate(nth(3), i64::MAX, 500).unwrap();
    assert_eq!(forever.old[0].1, i64::MAX);
}

#[test]
fn secrets_are_stored_as_one_text() {
    let secrets = Secrets::new(nth(1))
        .rotate(secret(PRIVATE), 1000, 0)
        .unwrap()
        .rotate(nth(2), 500, 7)
        .unwrap();
    assert_eq!(Secrets::parse(&secrets.expose()).unwrap(), secrets);
    assert_eq!(Secrets::parse("whsec_x"), Err(SecretError::Encoding));
    assert_eq!(
        Secrets::parse(r#"{"current":"whsec_AAAA","old":[]}"#),
        Err(SecretError::Length)
    );
}

#[test]
fn the_envelope_keeps_the_bytes_of_the_data() {
    let data = "{ \"b\":1.0,\n\t\"a\" : \"\\u00e9é\" , \"n\":12345678901234567890.10 }";
    let made = envelope(
        "evt_2ZbT1gQmV0c8F7n3YpLxKdWuR4s",
        "observation.captured",
        1_770_458_400_000,
        "2026-02-07",
        data,
    );
    assert_eq!(
        made,
        format!(
            "{{\"id\":\"evt_2ZbT1gQmV0c8F7n3YpLxKdWuR4s\",\"type\":\"observation.captured\",\
             \"timestamp\":\"2026-02-07T10:00:00.000Z\",\"version\":\"2026-02-07\",\"data\":{data}}}"
        )
    );
    assert!(made.capacity() == made.len(), "one allocation of the right size");
}

/// Signs, verifies, and refuses the same with one bit changed or added.
fn round_trip(secret: &Secret, at: i64, body: &[u8], flip: prop::sample::Index) {
    let (timestamp, header) = (at.to_string(), sign(secret, ID, at, body));
    let headers = SignedHeaders {
        id: Some(ID),
        timestamp: Some(&timestamp),
        signature: Some(&header),
    };
    let keys = [Verifier::from(secret)];
    assert_eq!(verify(&keys, &headers, body, at, TOLERANCE_S), Ok(()));
    let mut changed = [body, &[0]].concat();
    let bit = flip.index(changed.len() * 8);
    changed[bit / 8] ^= 1 << (bit % 8);
    assert_eq!(
        verify(&keys, &headers, &changed, at, TOLERANCE_S),
        Err(VerifyError::NoMatch)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_signed_and_verified_with_ed25519(
        body in prop::collection::vec(any::<u8>(), 0..2000),
        seed in any::<[u8; 32]>(),
        flip in any::<prop::sample::Index>(),
        at in 1..9_999_999_999i64,
    ) {
        round_trip(&Secret::generate_ed25519(seed), at, &body, flip);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_signed_and_verified(
        body in prop::collection::vec(any::<u8>(), 0..2000),
        seed in any::<[u8; 32]>(),
        flip in any::<prop::sample::Index>(),
        at in 1..9_999_999_999i64,
    ) {
        round_trip(&Secret::generate(seed), at, &body, flip);
    }

    /// The reference reads the clock by itself, so this test has to as well.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "the reference crate compares with the real clock")]
    fn the_reference_crate_agrees(
        body in ".{0,500}",
        key in prop::collection::vec(any::<u8>(), 24..=64),
        id in "msg_[A-Za-z0-9]{27}",
        age in -290..290i64,
    ) {
        let now = i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()).unwrap();
        let reference = standardwebhooks::Webhook::from_bytes(key.clone()).unwrap();
        let ours = Secret::parse(&{
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(&key)
        }).unwrap();
        let at = now - age;
        let header = sign(&ours, &id, at, body.as_bytes());
        prop_assert_eq!(&header, &reference.sign(&id, at, body.as_bytes()).unwrap());
        let mut headers = http::HeaderMap::new();
        headers.insert("webhook-id", id.parse().unwrap());
        headers.insert("webhook-timestamp", at.to_string().parse().unwrap());
        headers.insert("webhook-signature", format!("{V1A} {header}").parse().unwrap());
        prop_assert!(reference.verify(body.as_bytes(), &headers).is_ok());
    }

    #[test]
    fn any_headers_are_judged_calmly(id in ".{0,40}", timestamp in ".{0,20}", signature in ".{0,120}", now in any::<i64>()) {
        let keys = [Verifier::parse(SYMMETRIC).unwrap(), Verifier::parse(PUBLIC).unwrap()];
        let headers = SignedHeaders { id: Some(&id), timestamp: Some(&timestamp), signature: Some(&signature) };
        prop_assert!(verify(&keys, &headers, BODY, now, TOLERANCE_S).is_err());
    }

    #[test]
    fn any_text_is_parsed_calmly(text in ".{0,120}", prefix in prop::sample::select(vec!["", "whsec_", "whsk_", "whpk_"])) {
        let _ = Secret::parse(&format!("{prefix}{text}"));
        let _ = Verifier::parse(&format!("{prefix}{text}"));
        let _ = Secrets::parse(&text);
    }

    #[test]
    fn any_envelope_is_json(id in ".{0,30}", type_ in ".{0,30}", version in ".{0,30}", text in ".{0,50}", at in any::<i64>()) {
        let data = json!({ "text": text });
        let read: Value = serde_json::from_str(&envelope(&id, &type_, at, &version, &data.to_string())).unwrap();
        let timestamp = domain::time::rfc3339(at);
        prop_assert_eq!(read, json!({ "id": id, "type": type_, "timestamp": timestamp, "version": version, "data": data }));
    }
}
