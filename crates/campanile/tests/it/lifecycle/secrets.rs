//! What is secret is in no file and in no log, though both were written at length.

use std::path::Path;
use std::process::Stdio;

use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, Receiver};

use super::binary::{KEY, Process, campanile};

/// Every byte under a directory, but not of the master key.
fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_none_or(|extension| extension != "key") {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

/// A09, O10: keys, signing secrets and tokens are stored hashed or sealed, and no log line shows one at the most talkative level.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_are_in_no_file_and_no_log() {
    let data = tempfile::tempdir().unwrap();
    let log = data.path().join("log");
    let mut serve = campanile();
    serve
        .env("CAMPANILE__LOG__LEVEL", "trace")
        .stderr(Stdio::from(std::fs::File::create(&log).unwrap()));
    let process = Process::spawn(serve, data.path());
    let http = process.call();
    let receiver = Receiver::start().await;
    receiver.answer_next([Answer::status(500)]);
    let text = |reply: &Value, field: &str| reply[field].as_str().unwrap().to_owned();
    let mut secrets = vec![KEY.to_owned()];
    http.post("/api/v1/apps", &json!({"uid": "shop", "name": "Shop"}))
        .await
        .ok(201);
    let once = "the same key again";
    for _ in 0..2 {
        // The answer is kept for the next caller with the key: sealed.
        let made = http
            .post("/api/v1/apps/shop/keys", &json!({"name": "ci"}))
            .once(once)
            .await
            .ok(201);
        secrets.push(text(&made, "key"));
    }
    let hook = http
        .post(
            "/api/v1/apps/shop/webhooks",
            &json!({"url": receiver.url_at("/in?token=in-the-url")}),
        )
        .await
        .ok(201);
    secrets.push(text(&hook, "secret"));
    let rotate = format!("/api/v1/apps/shop/webhooks/{}/rotate-secret", text(&hook, "id"));
    secrets.push(text(&http.post(&rotate, &json!({})).await.ok(200), "secret"));
    http.call(Method::PUT, "/api/v1/users/ada")
        .json(&json!({}))
        .await
        .ok(200);
    let token = text(
        &http.post("/api/v1/users/ada/token", &json!({})).await.ok(200),
        "token",
    );
    secrets.push(token.clone());
    // In a query: where it is taken, and where it is refused.
    for (path, status) in [("/api/v1/events/stream", 426), ("/api/v1/notifications", 400)] {
        let call = http.get(&format!("{path}?token={token}")).key(&token);
        call.await.ok(status);
    }
    http.get("/api/v1/apps")
        .key("sk_nobody_has_this_one")
        .await
        .refused(401, "key_unknown");
    secrets.push("sk_nobody_has_this_one".to_owned());
    http.post(
        "/api/v1/apps/shop/events",
        &json!({"type": "t", "data": {"public": "what-was-published"}}),
    )
    .await
    .ok(200);
    receiver.wait(1).await;
    process.end();
    let files = files(data.path());
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(
        files.iter().any(|(_, bytes)| holds(bytes, "what-was-published")),
        "it is looked for where things are kept"
    );
    assert!(
        std::fs::metadata(&log).unwrap().len() > 1_000,
        "it was logged at length"
    );
    for (name, bytes) in &files {
        for secret in &secrets {
            let bare = secret.trim_start_matches("whsec_");
            assert!(!holds(bytes, bare), "{secret} stands in {name}");
        }
    }
}
