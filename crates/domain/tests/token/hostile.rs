//! The hostile tokens: the code expected, a name, and the token, one row each.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use domain::token::MAX_TOKEN_BYTES;
use serde_json::{Value, json};

use crate::forge::*;

/// Name, token, expected code.
pub(crate) type Row = (&'static str, String, &'static str);

macro_rules! rows {
    ($($code:ident $name:literal: $token:expr;)*) => { vec![$(($name, $token, stringify!($code))),*] };
}

/// Tokens whose header is the attack.
pub(crate) fn headers() -> Vec<Row> {
    let good = good_claims().to_string();
    let unsigned = |alg: &str| format!("{}.{}.", b64(header(alg, ENV)), b64(&good));
    let with_kid = |kid: &str| hs(SECRET, &header("HS256", kid), &good);
    let confused = |key: &[u8]| hs(key, &header("HS256", "host-rsa"), &good);
    let jwk = r#""jwk":{"kty":"oct","k":"dGVzdC1vbmx5LXNlY3JldC1vZi1hbm90aGVyLWVudmlyb25tZW50"}"#;
    rows! {
        token_algorithm "none": unsigned("none");
        token_algorithm "None": unsigned("None");
        token_algorithm "NONE": unsigned("NONE");
        token_algorithm "nOnE": unsigned("nOnE");
        token_algorithm "none with a signature": hs(SECRET, &header("none", ENV), &good);
        token_algorithm "empty alg": hs(SECRET, &header("", ENV), &good);
        token_algorithm "no alg": hs(SECRET, &json!({ "kid": ENV }).to_string(), &good);
        token_algorithm "alg is a list": hs(SECRET, &json!({ "alg": ["HS256"], "kid": ENV }).to_string(), &good);
        token_algorithm "hs256 in lower case": hs(SECRET, &header("hs256", ENV), &good);
        token_algorithm "HS512": hs(SECRET, &header("HS512", ENV), &good);
        token_algorithm "PS256 with the RSA key": rs(&header("PS256", "host-rsa"), &good);
        token_algorithm "ES256": hs(SECRET, &header("ES256", "host-ed"), &good);
        token_algorithm "HS256 keyed with the RSA PEM": confused(RSA_PUBLIC.as_bytes());
        token_algorithm "HS256 keyed with the trimmed PEM": confused(RSA_PUBLIC.trim().as_bytes());
        token_algorithm "HS256 keyed with the RSA DER": confused(&der(RSA_PUBLIC));
        token_algorithm "HS256 keyed with the Ed25519 PEM": hs(ED_PUBLIC.as_bytes(), &header("HS256", "host-ed"), &good);
        token_signature "HS256 keyed with the PEM, naming the environment": hs(RSA_PUBLIC.as_bytes(), &header("HS256", ENV), &good);
        token_algorithm "RS256 naming the environment's secret": rs(&header("RS256", ENV), &good);
        token_algorithm "EdDSA naming the RSA key": ed(&header("EdDSA", "host-rsa"), &good);
        token_algorithm "RS256 naming the Ed25519 key": rs(&header("RS256", "host-ed"), &good);
        token_key_unknown "no kid": hs(SECRET, &json!({ "alg": "HS256" }).to_string(), &good);
        token_key_unknown "unknown kid": with_kid("host-2");
        token_key_unknown "kid of another environment": with_kid(OTHER_ENV);
        token_key_unknown "kid in another case": hs(SECRET, &header("HS256", &ENV.to_uppercase()), &good);
        token_key_unknown "kid climbs": with_kid("../../../../dev/null");
        token_key_unknown "kid climbs without a slash": with_kid("a..b");
        token_key_unknown "kid is SQL": with_kid("x' UNION SELECT 'secret' --");
        token_key_unknown "kid is a command": with_kid("env|/bin/sh");
        token_key_unknown "kid with NUL": with_kid("env_1\0");
        token_key_unknown "kid with a trailing space": with_kid(&format!("{ENV} "));
        token_key_unknown "kid is empty": with_kid("");
        token_key_unknown "kid is too long": with_kid(&"k".repeat(129));
        token_key_unknown "kid is a number": hs(SECRET, &json!({ "alg": "HS256", "kid": 1 }).to_string(), &good);
        token_malformed "jku": headed(r#""jku":"https://evil.example/keys""#);
        token_malformed "x5u": headed(r#""x5u":"https://evil.example/cert""#);
        token_malformed "x5c": headed(r#""x5c":["MIIB"]"#);
        token_malformed "jwk": headed(jwk);
        token_malformed "jwk, signed with it": hs(OTHER_SECRET, &format!(r#"{{"alg":"HS256","kid":"{ENV}",{jwk}}}"#), &good);
        token_malformed "crit": headed(r#""crit":["exp"]"#);
        token_malformed "empty crit": headed(r#""crit":[]"#);
        token_malformed "b64 false": headed(r#""b64":false,"crit":["b64"]"#);
        token_malformed "b64 false without crit": headed(r#""b64":false"#);
        token_malformed "nested token": headed(r#""cty":"JWT""#);
        token_malformed "compressed": headed(r#""zip":"DEF""#);
        token_malformed "typ of another kind": headed(r#""typ":"dpop+jwt""#);
        token_malformed "typ is null": headed(r#""typ":null"#);
        token_malformed "alg twice": headed(r#""alg":"none""#);
        token_malformed "kid twice": headed(&format!(r#""kid":"{OTHER_ENV}""#));
        token_malformed "alg twice, once escaped": headed(r#""\u0061lg":"none""#);
        token_malformed "header is a list": hs(SECRET, r#"["HS256"]"#, &good);
        token_malformed "header with something behind it": hs(SECRET, &format!("{}{{}}", header("HS256", ENV)), &good);
        token_malformed "header with a BOM": hs(SECRET, &format!("\u{feff}{}", header("HS256", ENV)), &good);
        token_malformed "header is deep": headed(&format!(r#""x":{}{}"#, "[".repeat(50), "]".repeat(50)));
    }
}

/// Tokens whose spelling or signature is the attack.
pub(crate) fn spellings() -> Vec<Row> {
    let (hs_token, rs_token, ed_token) = (good_hs(), good_rs(), good_ed());
    let (head, payload, signature) = parts(&hs_token);
    let raw = URL_SAFE_NO_PAD.decode(&signature).unwrap();
    let other = but("sub", json!("admin"));
    rows! {
        token_malformed "empty": String::new();
        token_malformed "a raw user id": "user-1".to_owned();
        token_malformed "two dots alone": "..".to_owned();
        token_malformed "two parts": format!("{head}.{payload}");
        token_malformed "a fourth part": format!("{hs_token}.{signature}");
        token_malformed "a dot at the end": format!("{hs_token}.");
        token_malformed "a dot in front": format!(".{hs_token}");
        token_malformed "five parts, as encrypted tokens have": format!("{head}.{payload}.{signature}.a.b");
        token_signature "no signature": format!("{head}.{payload}.");
        token_signature "no payload": format!("{head}..{signature}");
        token_malformed "no header": format!(".{payload}.{signature}");
        token_signature "signature cut by a byte": respelled(&hs_token, |_| b64(&raw[..31]));
        token_signature "signature cut to half": respelled(&hs_token, |_| b64(&raw[..16]));
        token_malformed "signature cut by a character": hs_token[..hs_token.len() - 1].to_owned();
        token_signature "signature with a byte more": respelled(&hs_token, |_| b64([&raw[..], &[0]].concat()));
        token_signature "signature in hexadecimal": respelled(&hs_token, |_| raw.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat());
        token_signature "signature of zeros": respelled(&hs_token, |_| b64([0; 32]));
        token_signature "Ed25519 signature of zeros": respelled(&ed_token, |_| b64([0; 64]));
        token_signature "RSA signature of zeros": respelled(&rs_token, |_| b64([0; 256]));
        token_signature "RSA signature with a zero in front": respelled(&rs_token, |s| b64([&[0], &URL_SAFE_NO_PAD.decode(s).unwrap()[..]].concat()));
        token_signature "Ed25519 signature with S plus the order": respelled(&ed_token, ed_plus_order);
        token_signature "RSA over SHA-512": rs_sha512(&header("RS256", "host-rsa"), &good_claims().to_string());
        token_malformed "padded": respelled(&hs_token, |_| URL_SAFE.encode(&raw));
        token_malformed "padding of another length": format!("{hs_token}==");
        token_malformed "the other alphabet": other_alphabet();
        token_malformed "trailing bits, HMAC": respelled(&hs_token, trailing_bits);
        token_malformed "trailing bits, RSA": respelled(&rs_token, trailing_bits);
        token_malformed "trailing bits, Ed25519": respelled(&ed_token, trailing_bits);
        token_malformed "space in front": format!(" {hs_token}");
        token_malformed "newline behind": format!("{hs_token}\n");
        token_malformed "newline in the signature": respelled(&hs_token, |s| format!("{}\n{}", &s[..20], &s[20..]));
        token_malformed "NUL behind": format!("{hs_token}\0");
        token_malformed "Bearer left in": format!("Bearer {hs_token}");
        token_malformed "letters of full width": hs_token.replace('e', "ｅ");
        token_signature "payload of another token": format!("{head}.{}.{signature}", parts(&other).1);
        token_signature "another environment's secret": hs(OTHER_SECRET, &header("HS256", ENV), good_claims().to_string());
        token_signature "an empty secret": hs(b"", &header("HS256", ENV), good_claims().to_string());
        token_malformed "8 KiB and a byte": "a".repeat(MAX_TOKEN_BYTES + 1);
        token_malformed "signed well, too long": but("pad", json!("x".repeat(8000)));
        token_signature "bad claims and a bad signature": hs(OTHER_SECRET, &header("HS256", ENV), "{}");
    }
}

/// Tokens that are signed well and whose claims are the attack.
pub(crate) fn claims() -> Vec<Row> {
    let fixed = format!(r#""sub":"u","exp":{}"#, NOW + 60);
    let with = |member: &str| verbatim(format!("{{{fixed},{member}}}"));
    let exp = |exp: &str| verbatim(format!(r#"{{"sub":"u","exp":{exp}}}"#));
    rows! {
        token_claims "no exp": but("exp", Value::Null);
        token_claims "exp is null": exp("null");
        token_claims "exp is a text": but("exp", json!((NOW + 60).to_string()));
        token_claims "exp is true": but("exp", json!(true));
        token_claims "exp is a list": but("exp", json!([NOW + 60]));
        token_claims "exp is negative": but("exp", json!(-1));
        token_claims "exp in milliseconds": but("exp", json!(NOW_MS + 60_000));
        token_claims "exp is 2^63": exp("9223372036854775808");
        token_claims "exp is 1e300": exp("1e300");
        token_malformed "exp is 1e400": exp("1e400");
        token_malformed "exp is NaN": exp("NaN");
        token_malformed "exp is Infinity": exp("Infinity");
        token_malformed "exp with a leading zero": exp(&format!("0{}", NOW + 60));
        token_expired "exp is now and the leeway over": but_two(("exp", NOW - 5), ("iat", NOW - 60));
        token_expired "exp is zero": exp("0");
        token_expired "expired an hour ago": but_two(("exp", NOW - 3600), ("iat", NOW - 7200));
        token_lifetime "a second too long": but("exp", json!(NOW + 7 * 86_400 + 1));
        token_lifetime "ten years": but("exp", json!(NOW + 10 * 365 * 86_400));
        token_lifetime "too long, without iat": verbatim(json!({ "sub": "u", "exp": NOW + 7 * 86_400 + 6 }).to_string());
        token_lifetime "long ago made to end soon": but("iat", json!(NOW - 8 * 86_400));
        token_lifetime "iat is zero": but("iat", json!(0));
        token_not_yet "nbf ahead": but("nbf", json!(NOW + 6));
        token_claims "nbf is a text": but("nbf", json!("0"));
        token_not_yet "iat ahead": but("iat", json!(NOW + 6));
        token_not_yet "iat far ahead, exp behind it": but_two(("iat", NOW + 1_000_000), ("exp", NOW + 1_000_060));
        token_claims "iat is a text": but("iat", json!("now"));
        token_claims "exp before iat": but_two(("exp", NOW + 1), ("iat", NOW + 4));
        token_claims "exp is iat": but_two(("exp", NOW + 4), ("iat", NOW + 4));
        token_audience "aud of others": but("aud", json!(["billing", "crm"]));
        token_audience "aud in another case": but("aud", json!("Campanile"));
        token_audience "aud of another environment": but("aud", json!(OTHER_ENV));
        token_audience "aud contains ours as a part": but("aud", json!("campanile.evil.example"));
        token_claims "aud is empty": but("aud", json!([]));
        token_claims "aud is an object": but("aud", json!({ "campanile": true }));
        token_claims "aud holds a number": but("aud", json!(["campanile", 1]));
        token_claims "aud has too many": but("aud", json!(vec!["campanile"; 17]));
        token_environment "env of another environment": but("env", json!(OTHER_ENV));
        token_environment "env is empty": but("env", json!(""));
        token_claims "env is a number": but("env", json!(1));
        token_claims "no sub": but("sub", Value::Null);
        token_claims "sub is empty": but("sub", json!(""));
        token_claims "sub is blank": but("sub", json!("  "));
        token_claims "sub of 257 characters": but("sub", json!("u".repeat(257)));
        token_claims "sub is a number": but("sub", json!(1));
        token_claims "sub is a list": but("sub", json!(["user-1"]));
        token_claims "sub is an object": but("sub", json!({ "$ne": "" }));
        token_claims "sub with a newline": but("sub", json!("user\n1"));
        token_claims "sub with NUL": but("sub", json!("user\u{0}"));
        token_claims "sub with a C1 control": but("sub", json!("user\u{85}"));
        token_claims "tenant is a number": but("tenant", json!(7));
        token_claims "tenant is null": with(r#""tenant":null"#);
        token_claims "tenant is too long": but("tenant", json!("t".repeat(257)));
        token_claims "jti is a list": but("jti", json!(["j"]));
        token_malformed "sub twice": with(r#""sub":"admin""#);
        token_malformed "sub twice, once escaped": with(r#""s\u0075b":"admin""#);
        token_malformed "exp twice": with(r#""exp":1"#);
        token_malformed "a member twice within a member": with(r#""x":{"a":1,"a":2}"#);
        token_malformed "claims are a list": verbatim("[]");
        token_malformed "claims are a text": verbatim(r#""user-1""#);
        token_malformed "claims are nothing": verbatim("");
        token_malformed "claims are no JSON": verbatim(format!("{{{fixed}"));
        token_malformed "something behind the claims": verbatim(format!("{{{fixed}}}x"));
        token_malformed "NUL behind the claims": verbatim(format!("{{{fixed}}}\0"));
        token_malformed "a comma too many": verbatim(format!("{{{fixed},}}"));
        token_malformed "a comment": verbatim(format!("{{{fixed}/**/}}"));
        token_malformed "not UTF-8": verbatim(b"{\"sub\":\"\xff\",\"exp\":1770458460}");
        token_malformed "UTF-16": verbatim([0xff, 0xfe, b'{', 0, b'}', 0]);
        token_malformed "a lone surrogate": with(r#""x":"\ud800""#);
        token_malformed "lists in lists": with(&format!(r#""x":{}{}"#, "[".repeat(20), "]".repeat(20)));
        token_malformed "lists in lists, thousands": with(&format!(r#""x":{}"#, "[".repeat(4000)));
    }
}

fn ed_plus_order(signature: &str) -> String {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut carry = 0u16;
    for (byte, add) in bytes[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    b64(bytes)
}

/// A token whose signature has a `-` or `_`, spelled with `+` and `/`.
fn other_alphabet() -> String {
    (0..1000)
        .map(|n| but("jti", json!(n.to_string())))
        .find(|token| parts(token).2.contains(['-', '_']))
        .map(|token| respelled(&token, |s| s.replace('-', "+").replace('_', "/")))
        .unwrap()
}

/// The token with its signature spelled otherwise.
fn respelled(token: &str, spell: impl Fn(&str) -> String) -> String {
    let (header, payload, signature) = parts(token);
    format!("{header}.{payload}.{}", spell(&signature))
}

/// The same signature with the unused bits of its last character set.
fn trailing_bits(signature: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = signature.split_at(signature.len() - 1);
    let value = ALPHABET.find(last).unwrap();
    format!("{rest}{}", &ALPHABET[value + 1..=value + 1])
}
