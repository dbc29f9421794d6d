//! The binary itself, as scripts and containers use it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use testkit::{Answer, Receiver};

pub(super) const KEY: &str = "sk_bootstrap_of_a_container";

pub(crate) fn campanile() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_campanile"));
    command
        .env("CAMPANILE_BOOTSTRAP_KEY", KEY)
        .env("CAMPANILE__LOG__LEVEL", "warn");
    command
}

/// What a command answered that did what it was for.
#[track_caller]
pub(crate) fn good(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The last line a command failed with; it may not have panicked.
#[track_caller]
pub(crate) fn failed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

/// A served process; killed when dropped.
pub(super) struct Process {
    child: Child,
    url: String,
}

impl Process {
    fn serve(data: &Path) -> Self {
        Self::spawn(campanile(), data)
    }

    /// Serves with a command that was prepared.
    pub(super) fn spawn(mut command: Command, data: &Path) -> Self {
        let mut child = command
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--egress-allow",
                "127.0.0.0/8",
                "--data",
            ])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .expect("a line");
        let url = line
            .strip_prefix("ready ")
            .unwrap_or_else(|| panic!("not ready: {line}"))
            .trim()
            .to_owned();
        Self { child, url }
    }

    /// Asks with the command line, which is a client of its own server.
    fn run(&self, arguments: &[&str]) -> Value {
        let output = campanile()
            .env("CAMPANILE_URL", &self.url)
            .env("CAMPANILE_KEY", KEY)
            .args(arguments)
            .arg("--json")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stdout)))
    }

    pub(super) fn call(&self) -> testkit::Client {
        testkit::Client::new(&self.url, KEY)
    }
}

impl Process {
    /// Asks it to end, and waits until it did.
    pub(super) fn end(mut self) {
        signal(&self.child, "-TERM");
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// One line when it serves; the bootstrap key works; a signal ends it with success; a second process on the directory is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_is_a_contract() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Process::serve(data.path());
    let http = process.call();
    assert_eq!(http.get("/health/ready").await.status, 200);
    http.post("/api/v1/apps", &json!({"uid": "shop", "name": "Shop"}))
        .await
        .ok(201);
    let second = campanile()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data.path())
        .output()
        .unwrap();
    assert!(!second.status.success());
    assert!(
        String::from_utf8_lossy(&second.stderr).contains("another process uses the data directory"),
        "{second:?}"
    );
    signal(&process.child, "-TERM");
    assert!(process.child.wait().unwrap().success());
    // Again, on the same data: the key and the application are there.
    let process = Process::serve(data.path());
    let list = process.call().get("/api/v1/apps").await.ok(200);
    assert_eq!(list["data"][0]["uid"], "shop");
    assert!(data.path().join("campanile.db").exists());
}

/// W12: killed with -9 while it sends: started again it sends the same bytes under the same id.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w12_killed_while_sending() {
    let data = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let (held, release) = Answer::status(200).held();
    receiver.answer_next([held]);
    let process = Process::serve(data.path());
    let http = process.call();
    http.post("/api/v1/apps", &json!({"uid": "shop", "name": "Shop"}))
        .await
        .ok(201);
    let webhook = http
        .post("/api/v1/apps/shop/webhooks", &json!({"url": receiver.url()}))
        .await
        .ok(201);
    let published = http
        .post(
            "/api/v1/apps/shop/events",
            &json!({"type": "t", "data": {"n": 1.0}}),
        )
        .await
        .ok(200);
    receiver.wait(1).await;
    signal(&process.child, "-KILL");
    drop(process);
    let process = Process::serve(data.path());
    let received = receiver.wait(2).await;
    assert_eq!(received[1].id(), published["event_id"]);
    assert_eq!(received[1].body, received[0].body);
    assert!(received[1].is_signed_with(webhook["secret"].as_str().unwrap()));
    drop(release);
    assert_eq!(process.call().get("/health/ready").await.status, 200);
}

/// The commands: publish, token, keys, openapi, config, doctor.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_commands_do_what_they_say() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::serve(data.path());
    let http = process.call();
    http.post("/api/v1/apps", &json!({"uid": "shop", "name": "Shop"}))
        .await
        .ok(201);
    let help = campanile().arg("publish").arg("--help").output().unwrap();
    assert!(help.status.success());
    let token = process.run(&["token", "ada"]);
    let text = token["token"].as_str().unwrap();
    http.get("/api/v1/notifications").key(text).await.ok(200);
    let document = campanile().arg("openapi").output().unwrap();
    let printed: Value = serde_json::from_slice(&document.stdout).unwrap();
    let served = http.get("/api/v1/openapi.json").await.ok(200);
    assert_eq!(printed["paths"], served["paths"]);
    let check = campanile().args(["config", "check"]).output().unwrap();
    assert!(check.status.success(), "{check:?}");
    let wrong = campanile()
        .args(["config", "check"])
        .env("CAMPANILE__SERVER__LISTEN", "nowhere")
        .output()
        .unwrap();
    assert!(
        !wrong.status.success() && String::from_utf8_lossy(&wrong.stdout).contains("server.listen"),
        "{wrong:?}"
    );
}

/// A backup is taken beside a running server; started elsewhere it has everything, and tells old clients to start anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_a_restored_backup_is_another_life() {
    let (data, restored) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let process = Process::serve(data.path());
    let http = process.call();
    http.post("/api/v1/apps", &json!({"uid": "shop", "name": "Shop"}))
        .await
        .ok(201);
    http.post(
        "/api/v1/apps/shop/notifications",
        &json!({"users": ["ada"], "title": "before"}),
    )
    .await
    .ok(201);
    let before = http.get("/api/v1/users/ada/feed").await.ok(200);
    let file = restored.path().join("campanile.db");
    let (from, to) = (data.path().to_str().unwrap(), file.to_str().unwrap());
    let made = process.run(&["backup", "--data", from, to]);
    assert_eq!(made["bytes"], json!(std::fs::metadata(&file).unwrap().len()));
    let again = campanile().args(["backup", "--data", from, to]).output().unwrap();
    assert!(
        !again.status.success() && String::from_utf8_lossy(&again.stderr).contains("is there already"),
        "{again:?}"
    );
    http.post(
        "/api/v1/apps/shop/notifications",
        &json!({"users": ["ada"], "title": "after"}),
    )
    .await
    .ok(201);
    process.end();
    std::fs::copy(
        data.path().join("campanile.key"),
        restored.path().join("campanile.key"),
    )
    .unwrap();
    let process = Process::serve(restored.path());
    let http = process.call();
    let feed = http.get("/api/v1/users/ada/feed?after=0").await.ok(200);
    assert_eq!(feed["items"].as_array().unwrap().len(), 1);
    assert_eq!(feed["items"][0]["title"], "before");
    assert_ne!(feed["epoch"], before["epoch"]);
    // The secrets open.
    http.post("/api/v1/users/ada/token", &json!({})).await.ok(200);
    let epoch = before["epoch"].as_str().unwrap();
    let asked = http
        .get(&format!("/api/v1/users/ada/feed?after=1&epoch={epoch}"))
        .await
        .ok(200);
    assert_eq!(asked["reset"], json!(true), "{asked}");
}
