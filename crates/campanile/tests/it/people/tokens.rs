//! F06, F07: user tokens over HTTP. (The forty hostile tokens are a table in `domain`.)

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::Signer as _;
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use testkit::{TestServer, both};

const ED25519: &str = include_str!("../../../../domain/tests/keys/ed25519.pem");
const ED25519_PUBLIC: &str = include_str!("../../../../domain/tests/keys/ed25519.pub.pem");
const RSA: &str = include_str!("../../../../domain/tests/keys/rsa.pem");
const RSA_PUBLIC: &str = include_str!("../../../../domain/tests/keys/rsa.pub.pem");

fn signed(alg: &str, kid: &str, user: &str, now: i64) -> String {
    let claims = json!({"sub": user, "iat": now / 1_000, "exp": now / 1_000 + 3_600});
    let header = json!({"alg": alg, "kid": kid, "typ": "JWT"});
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    )
}

fn der(pem: &str) -> Vec<u8> {
    STANDARD
        .decode(
            pem.split("-----")
                .nth(2)
                .unwrap()
                .split_whitespace()
                .collect::<String>(),
        )
        .unwrap()
}

/// A token signed with the test's Ed25519 key.
pub(crate) fn eddsa(kid: &str, user: &str, now: i64) -> String {
    let signed = signed("EdDSA", kid, user, now);
    let key = ed25519_dalek::SigningKey::from_pkcs8_der(&der(ED25519)).unwrap();
    format!(
        "{signed}.{}",
        URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes())
    )
}

fn rs256(kid: &str, user: &str, now: i64) -> String {
    let signed = signed("RS256", kid, user, now);
    let pair = ring::signature::RsaKeyPair::from_pkcs8(&der(RSA)).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    let random = ring::rand::SystemRandom::new();
    pair.sign(
        &ring::signature::RSA_PKCS1_SHA256,
        &random,
        signed.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn hs256(secret: &[u8], kid: &str, user: &str, now: i64) -> String {
    let signed = signed("HS256", kid, user, now);
    let tag = Hmac::<Sha256>::new_from_slice(secret)
        .unwrap()
        .chain_update(&signed)
        .finalize()
        .into_bytes();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}

async fn register(server: &TestServer, algorithm: &str, pem: &str) -> String {
    let made = server
        .post(
            "/api/v1/token-keys",
            &json!({"algorithm": algorithm, "public_key": pem}),
        )
        .await
        .ok(201);
    made["id"].as_str().unwrap().to_owned()
}

fn claims(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

both! {
    /// F06, F07: minted by the server; speaks for its user and nobody else; ends.
    async fn f06_f07_a_minted_token(database) {
        let mut server = TestServer::start_on(database).await;
        let minted = server.post("/api/v1/users/ada/token", &json!({"tenant": "acme", "expires_in": 600})).await.ok(200);
        assert_eq!(minted["expires_at"], "2026-02-07T10:10:00.000Z");
        let token = minted["token"].as_str().unwrap().to_owned();
        assert_eq!((&claims(&token)["sub"], &claims(&token)["tenant"]), (&json!("ada"), &json!("acme")));
        server.restart().await;
        let get = |path: &str| server.get(path).key(&token);
        get("/api/v1/notifications").await.ok(200);
        for name in ["me", "ada"] {
            get(&format!("/api/v1/users/{name}/notifications")).await.ok(200);
        }
        get("/api/v1/users/bob/notifications").await.refused(404, "not_found");
        get("/api/v1/notifications?user=bob").await.refused(404, "not_found");
        for path in ["/api/v1/apps", "/api/v1/users/ada", "/api/v1/keys", "/api/v1/audit"] {
            get(path).await.refused(403, "forbidden");
        }
        server.turn(600_000 + 5_000).await;
        get("/api/v1/notifications").await.refused(401, "token_expired");
        // An hour unless told otherwise; seven days at most.
        let usual = server.call(http::Method::POST, "/api/v1/users/ada/token").await.ok(200);
        assert_eq!(usual["expires_at"], "2026-02-07T11:10:05.000Z");
        for expires_in in [0, -1, 7 * 86_400 + 1] {
            server.post("/api/v1/users/ada/token", &json!({"expires_in": expires_in})).await.refused(422, "invalid");
        }
        server.finish().await;
    }

    /// F06: signed by the host product: RS256 and EdDSA with registered keys, until they are taken away.
    async fn f06_registered_keys(database) {
        let mut server = TestServer::start_on(database).await;
        let (ed, rsa) = (register(&server, "EdDSA", ED25519_PUBLIC).await, register(&server, "RS256", RSA_PUBLIC).await);
        let now = server.now();
        let tokens = [eddsa(&ed, "ada", now), rs256(&rsa, "ada", now)];
        for round in 0..2 {
            for token in &tokens {
                server.get("/api/v1/notifications").key(token).await.ok(200);
            }
            // The other key, the other algorithm, no key.
            for (token, code) in [
                (eddsa(&rsa, "ada", now), "token_algorithm"),
                (rs256(&ed, "ada", now), "token_algorithm"),
                (hs256(RSA_PUBLIC.as_bytes(), &rsa, "ada", now), "token_algorithm"),
                (eddsa("nobody", "ada", now), "token_key_unknown"),
                (eddsa(&ed, "ada", now - 3_700_000), "token_expired"),
                (eddsa(&ed, "ada", now + 60_000), "token_not_yet"),
                (tokens[0].replacen("eyJ", "eyK", 1), "token_malformed"),
                (format!("{}AA", tokens[0]), "token_malformed"),
            ] {
                let reply = server.get("/api/v1/notifications").key(&token).await;
                assert_eq!(reply.status, 401, "{reply}");
                assert!(reply.json()["code"] == code || code == "token_malformed", "{code}: {reply}");
            }
            if round == 0 {
                server.restart().await;
            }
        }
        let list = server.get("/api/v1/token-keys").await.ok(200);
        assert_eq!(list["data"].as_array().unwrap().len(), 2);
        server.delete(&format!("/api/v1/token-keys/{ed}")).await.ok(204);
        server.get("/api/v1/notifications").key(&tokens[0]).await.refused(401, "token_key_unknown");
        server.get("/api/v1/notifications").key(&tokens[1]).await.ok(200);
        server.finish().await;
    }

    /// F06: HS256 with the environment's secret; after a rotation the one before counts until the next.
    async fn f06_the_environments_secret_and_its_rotation(database) {
        let server = TestServer::start_on(database).await;
        let kid = server.get("/api/v1/environment").await.ok(200)["id"].as_str().unwrap().to_owned();
        let minted = server.token("ada").await;
        let rotate = async || {
            let reply = server.call(http::Method::POST, "/api/v1/token-secret/rotate").await.ok(200);
            reply["secret"].as_str().unwrap().to_owned()
        };
        let get = |token: &str| server.get("/api/v1/notifications").key(token);
        let first = rotate().await;
        let own = hs256(first.as_bytes(), &kid, "ada", server.now());
        get(&own).await.ok(200);
        get(&minted).await.ok(200);
        get(&hs256(b"guessed", &kid, "ada", server.now())).await.refused(401, "token_signature");
        let second = rotate().await;
        assert_ne!(first, second);
        get(&own).await.ok(200);
        get(&minted).await.refused(401, "token_signature");
        get(&hs256(second.as_bytes(), &kid, "ada", server.now())).await.ok(200);
        server.finish().await;
    }

    /// A public key opens nothing by itself; beside a token it names the environment.
    async fn a_public_key_beside_a_token(database) {
        let server = TestServer::start_on(database).await;
        let made = server.post("/api/v1/keys", &json!({"kind": "public"})).await.ok(201);
        let public = made["key"].as_str().unwrap().to_owned();
        assert!(public.starts_with("pk_"));
        let token = server.token("ada").await;
        let get = |key: &str| server.get("/api/v1/notifications").key(&token).header("campanile-key", key);
        get(&public).await.ok(200);
        for wrong in ["pk_unknown", "", "nonsense"] {
            assert_eq!(get(wrong).await.status, 401, "{wrong}");
        }
        get(server.key()).await.refused(401, "token_environment");
        let other = server.ctx().create_environment("other", domain::environment::Settings::default());
        let other = other.await.unwrap();
        let key = server.ctx().create_key(domain::effects::Actor::Operator, (other, None), store::key::Kind::Public, None, None).await.unwrap();
        get(&key.text).await.refused(401, "token_environment");
        server.delete(&format!("/api/v1/keys/{}", made["id"].as_str().unwrap())).await.ok(204);
        get(&public).await.refused(401, "key_revoked");
        server.finish().await;
    }
}

/// What cannot be a public key is refused, a private one most of all.
#[tokio::test]
async fn f06_what_cannot_be_a_registered_key() {
    let server = TestServer::start().await;
    let weak = include_str!("../../../../domain/tests/keys/rsa1024.pub.pem");
    let curve = include_str!("../../../../domain/tests/keys/p256.pub.pem");
    let table = [
        ("RS256", ED25519_PUBLIC),
        ("EdDSA", RSA_PUBLIC),
        ("RS256", RSA),
        ("EdDSA", ED25519),
        ("RS256", weak),
        ("RS256", curve),
        ("RS256", "nonsense"),
        ("RS256", ""),
        ("HS256", "secret"),
        ("none", RSA_PUBLIC),
        ("ES256", curve),
    ];
    for (algorithm, pem) in table {
        let reply = server
            .post(
                "/api/v1/token-keys",
                &json!({"algorithm": algorithm, "public_key": pem}),
            )
            .await;
        reply.refused(422, "invalid");
    }
    assert_eq!(server.get("/api/v1/token-keys").await.ok(200)["data"], json!([]));
    server.finish().await;
}
