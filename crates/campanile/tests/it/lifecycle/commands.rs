//! The commands as their users meet them: in pipes, behind proxies, with odd names, in terminals that are closed.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use testkit::{Answer, Receiver, TestServer};

use super::binary::{campanile, failed, good, signal};

/// A command that speaks to this server.
/// Tells a command where the server is, and the key.
fn reaching<'a>(command: &'a mut Command, server: &TestServer) -> &'a mut Command {
    command
        .env("CAMPANILE_URL", format!("http://{}", server.address()))
        .env("CAMPANILE_KEY", server.key())
}

fn client(server: &TestServer, arguments: &[&str]) -> Command {
    let mut command = campanile();
    reaching(&mut command, server).args(arguments);
    command
}

fn run(server: &TestServer, arguments: &[&str]) -> Output {
    client(server, arguments).output().unwrap()
}

/// Ends with success and says nothing of a panic.
#[track_caller]
fn ended_quietly(child: Child) {
    let output = child.wait_with_output().unwrap();
    let panicked = String::from_utf8_lossy(&output.stderr).contains("panicked");
    assert!(output.status.success() && !panicked, "{output:?}");
}

/// Standard output that nobody reads, as behind a `head` that has ended.
fn unread(command: &mut Command) -> &mut Command {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.stdout(writer)
}

async fn events(server: &TestServer, app: &testkit::App) -> usize {
    let list = server.get(&app.path("/events")).await.ok(200);
    let published = list["data"].as_array().unwrap().iter();
    published
        .filter(|event| !event["type"].as_str().unwrap().starts_with("notification."))
        .count()
}

/// Whom a notification is for is asked before anything is published; members of a tenant are somebody.
#[tokio::test]
async fn publish_notifies_somebody_or_does_nothing() {
    let server = TestServer::start().await;
    let app = server.app("shop").await;
    let publish = |more: &[&str]| {
        run(
            &server,
            &[&["publish", "--app", "shop", "t", "--notify", "T"], more].concat(),
        )
    };
    assert!(failed(&publish(&[])).contains("--notify needs --user or --tenant"));
    assert_eq!(events(&server, &app).await, 0);
    server.put("/api/v1/tenants/acme", &json!({})).await.ok(200);
    server
        .put("/api/v1/tenants/acme/members/ada", &json!({"role": "owner"}))
        .await
        .ok(200);
    good(&publish(&["--tenant", "acme"]));
    good(&publish(&["--user", "ada", "--user", "bob"]));
    server.settle().await;
    for (user, count) in [("ada", 2), ("bob", 1)] {
        assert_eq!(server.feed(user).await["data"].as_array().unwrap().len(), count);
    }
    // What was done before it failed is said, so that nobody does it again.
    let long = "x".repeat(1_000);
    let half = failed(&run(
        &server,
        &[
            "publish", "--app", "shop", "t", "--user", "ada", "--notify", &long,
        ],
    ));
    assert!(half.contains("evt_") && half.contains("is published"), "{half}");
    assert_eq!(events(&server, &app).await, 3);
    server.finish().await;
}

/// Every command names applications and users by whatever they are called.
#[tokio::test]
async fn odd_names_are_names() {
    let server = TestServer::start().await;
    let app = server.app("a?b#c%2Fd e+f").await;
    good(&run(&server, &["publish", "--app", &app.uid, "t"]));
    assert_eq!(events(&server, &app).await, 1);
    let mut listen = listening(&server, &app, &[]);
    signal(&listen.child, "-TERM");
    assert!(listen.child.wait().unwrap().success());
    let token = good(&run(&server, &["token", "ada/1?x"]));
    server.get("/api/v1/notifications").key(&token).await.ok(200);
    server.finish().await;
}

/// A process with what it answers; killed when dropped.
struct Running {
    child: Child,
    lines: Option<BufReader<std::process::ChildStdout>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A receiver that said where it receives: from then on it has an endpoint.
/// It ends with its terminal, even if whoever runs these tests is told to outlive theirs.
fn listening(server: &TestServer, app: &testkit::App, more: &[&str]) -> Running {
    let mut command = Command::new("env");
    command
        .args(["--default-signal=HUP", env!("CARGO_BIN_EXE_campanile")])
        .args(["listen", "--app", &app.uid])
        .args(more);
    receiving(reaching(&mut command, server))
}

fn receiving(command: &mut Command) -> Running {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.contains("receiving at"), "{line}");
    let lines = child.stdout.take().map(BufReader::new);
    Running { child, lines }
}

/// An address that is free now.
fn free() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// `listen` receives at any path, and takes its endpoint away however it ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listen_receives_anywhere_and_leaves_nothing_behind() {
    let server = TestServer::start().await;
    let shop = server.app("shop").await;
    // Signatures hold by the clock of whoever receives.
    server.turn(app::Clock::System.now() - server.now()).await;
    let webhooks = async || server.get(&shop.path("/webhooks")).await.ok(200)["data"].clone();
    for ending in ["-HUP", "-TERM", "-INT"] {
        let at = free();
        let url = format!("http://{at}/hooks/in?from=campanile");
        let mut listen = listening(&server, &shop, &["--at", &at, "--public-url", &url]);
        assert_eq!(webhooks().await[0]["url"], url);
        server.publish_kind(&shop, "t").await;
        server.settle().await;
        let deliveries = format!(
            "/webhooks/{}/deliveries",
            webhooks().await[0]["id"].as_str().unwrap()
        );
        let deliveries = server.get(&shop.path(&deliveries)).await.ok(200);
        assert_eq!(deliveries["data"][0]["status"], "sent", "{deliveries}");
        let mut line = String::new();
        listen.lines.as_mut().unwrap().read_line(&mut line).unwrap();
        assert!(line.contains("verified  t"), "{line}");
        signal(&listen.child, ending);
        assert!(listen.child.wait().unwrap().success(), "{ending}");
        assert_eq!(webhooks().await, json!([]), "{ending}");
    }
    // Nobody reads what is received.
    let mut listen = listening(&server, &shop, &[]);
    drop(listen.lines.take());
    server.publish_kind(&shop, "t").await;
    assert!(listen.child.wait().unwrap().success());
    assert_eq!(webhooks().await, json!([]));
    server.finish().await;
}

/// Who started it with `nohup` wants it to outlive its terminal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listen_is_not_ended_by_a_terminal_it_was_told_to_outlive() {
    let server = TestServer::start().await;
    let shop = server.app("shop").await;
    server.turn(app::Clock::System.now() - server.now()).await;
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            r#"trap '' HUP; exec "$0" "$@""#,
            env!("CARGO_BIN_EXE_campanile"),
        ])
        .args(["listen", "--app", "shop"]);
    let mut listen = receiving(reaching(&mut command, &server));
    signal(&listen.child, "-HUP");
    server.publish_kind(&shop, "t").await;
    let mut line = String::new();
    listen.lines.as_mut().unwrap().read_line(&mut line).unwrap();
    assert!(line.contains("verified  t"), "{line}");
    signal(&listen.child, "-TERM");
    assert!(listen.child.wait().unwrap().success());
    server.finish().await;
}

/// Interrupted while its endpoint is being made, `listen` waits to take it away, and does not wait when it is interrupted again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listen_is_interrupted_while_its_endpoint_is_made() {
    for impatient in [false, true] {
        let server = Receiver::start().await;
        let endpoint = json!({"id": "ep_x", "secret": format!("whsec_{}", "a".repeat(32))});
        let (made, release) = Answer::status(201).body(endpoint.to_string()).held();
        server.answer_next([made]);
        let url = server.url_at("");
        let mut child = campanile()
            .args(["listen", "--url", &url, "--key", "sk_x", "--app", "shop"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        server.wait(1).await;
        signal(&child, "-INT");
        let (mut said, mut told) = (BufReader::new(child.stderr.take().unwrap()), String::new());
        said.read_line(&mut told).unwrap();
        assert!(told.contains("waiting for the answer"), "{told}");
        if impatient {
            signal(&child, "-INT");
            said.read_to_string(&mut told).unwrap();
            assert!(told.contains("an endpoint may be left behind"), "{told}");
            assert_eq!(child.wait().unwrap().code(), Some(1));
            drop(release);
        } else {
            drop(release);
            assert!(child.wait().unwrap().success());
            assert!(server.nth(1).await.path.ends_with("/webhooks/ep_x"));
        }
    }
}

/// What `listen` received and could not write is not lost without a word; its endpoint is taken away all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listen_says_what_it_cannot_write() {
    let server = TestServer::start().await;
    let shop = server.app("shop").await;
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let child = client(&server, &["listen", "--app", "shop"])
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let webhooks = async || server.get(&shop.path("/webhooks")).await.ok(200)["data"].clone();
    while webhooks().await == json!([]) {
        tokio::task::yield_now().await;
    }
    server.publish_kind(&shop, "t").await;
    let told = failed(&child.wait_with_output().unwrap());
    assert!(told.contains("standard output cannot be written"), "{told}");
    assert_eq!(webhooks().await, json!([]));
    server.finish().await;
}

/// Commands that answer by their exit code do so also where nobody reads what they say.
#[test]
fn a_closed_pipe_changes_no_answer() {
    let data = tempfile::tempdir().unwrap();
    let normal = ("CAMPANILE__DATABASE__SYNCHRONOUS", "normal");
    for (arguments, (name, value), code) in [
        (
            &["config", "check"][..],
            ("CAMPANILE__SERVER__LISTEN", "nowhere"),
            1,
        ),
        (&["config", "check"], normal, 0),
        (&["doctor"], normal, 1),
        (&["doctor", "--json"], normal, 1),
    ] {
        let mut command = campanile();
        command
            .args(arguments)
            .env("CAMPANILE__SERVER__DATA", data.path())
            .env(name, value);
        let status = unread(&mut command).status().unwrap();
        assert_eq!(status.code(), Some(code), "{arguments:?}");
    }
}

/// A notification that no answer came for may have been created, which is not told as if it were known.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publish_says_whether_it_knows_who_was_notified() {
    let server = Receiver::start().await;
    let url = server.url_at("");
    let refusal = json!({"code": "invalid", "detail": "no"}).to_string();
    for (second, told) in [
        (Answer::hang_up(), "whether anybody is notified is not known"),
        (Answer::status(504), "whether anybody is notified is not known"),
        (Answer::status(422).body(refusal), "but nobody is notified"),
    ] {
        let published = Answer::status(200).body(json!({"event_id": "evt_x"}).to_string());
        server.answer_next([published, second]);
        let mut command = campanile();
        command.args(["publish", "--url", &url, "--key", "sk_x", "--app", "shop", "t"]);
        command.args(["--user", "ada", "--notify", "T"]);
        let half = failed(&command.output().unwrap());
        assert!(
            half.contains("evt_x is published") && half.contains(told),
            "{half}"
        );
    }
}

/// A reader that has seen enough is no failure.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_pipe_ends_a_command_quietly() {
    let server = TestServer::start().await;
    let app = server.app("shop").await;
    let data = tempfile::tempdir().unwrap();
    let data = data.path().to_str().unwrap();
    for arguments in [
        &["openapi"][..],
        &["config", "reference"],
        &["keys", "create", "--data", data],
        &["keys", "list", "--data", data],
        &["publish", "--app", "shop", "t"],
        &["tail"],
    ] {
        let mut command = client(&server, arguments);
        let child = unread(&mut command).stderr(Stdio::piped()).spawn().unwrap();
        if arguments[0] == "tail" {
            while server.ctx().live.count() == 0 {
                tokio::task::yield_now().await;
            }
            server.publish_kind(&app, "t").await;
        }
        ended_quietly(child);
    }
    server.finish().await;
}

/// What comes from a proxy in between is told with its status.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_not_ours_is_told_with_its_status() {
    let proxy = Receiver::start().await;
    let publish = || {
        let url = proxy.url_at("");
        let mut command = campanile();
        command.args(["publish", "--url", &url, "--key", "sk_x", "--app", "shop", "t"]);
        failed(&command.output().unwrap())
    };
    let page = "<html>\n<h1>Bad Gateway</h1>";
    proxy.answer(Answer::status(502).body(page));
    let told = publish();
    assert!(
        told.contains("502") && told.contains("<html> <h1>Bad Gateway"),
        "{told}"
    );
    proxy.answer(Answer::status(200).body(page));
    assert!(publish().contains("200 came back, not from Campanile"));
    proxy.answer(Answer::status(503));
    assert!(publish().contains("503 came back, not from Campanile: an empty page"));
}

/// A kind of key that an application's cannot be is refused before anything is made; all keys are listed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_of_the_kind_that_was_asked_for() {
    let server = TestServer::start().await;
    let app = server.app("shop").await;
    let data = server.config().server.data.clone();
    let keys = |more: &[&str]| {
        let place = ["--data", data.to_str().unwrap(), "--json"];
        let mut command = campanile();
        command.arg("keys").args(more).args(place).output().unwrap()
    };
    for kind in ["public", "secret"] {
        let told = failed(&keys(&["create", "--kind", kind, "--app", "shop"]));
        assert!(told.contains("--kind application"), "{told}");
    }
    assert!(failed(&keys(&["create", "--kind", "application"])).contains("needs --app"));
    let kind = |output: &Output| serde_json::from_str::<Value>(&good(output)).unwrap()["kind"].clone();
    assert_eq!(kind(&keys(&["create", "--app", "shop"])), "application");
    assert_eq!(
        kind(&keys(&["create", "--app", "shop", "--kind", "application"])),
        "application"
    );
    assert_eq!(kind(&keys(&["create"])), "secret");
    assert_eq!(kind(&keys(&["create", "--kind", "public"])), "public");
    for _ in 0..100 {
        server.post(&app.path("/keys"), &json!({})).await.ok(201);
    }
    let listed = good(&keys(&["list", "--app", "shop"]));
    let ids: std::collections::BTreeSet<_> = listed.lines().collect();
    assert_eq!((listed.lines().count(), ids.len()), (103, 103));
    server.finish().await;
}

/// `tail` keeps the path below which a server is reached.
#[test]
fn tail_keeps_the_path_of_the_server() {
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/notify/", proxy.local_addr().unwrap());
    let child = campanile()
        .args(["tail", "--url", &url, "--key", "sk_x"])
        .stderr(Stdio::piped())
        .spawn();
    let (mut stream, _) = proxy.accept().unwrap();
    let mut asked = [0; 64];
    stream.read_exact(&mut asked).unwrap();
    drop(stream);
    let asked = String::from_utf8_lossy(&asked);
    assert!(asked.starts_with("GET /notify/api/v1/events/stream "), "{asked}");
    failed(&child.unwrap().wait_with_output().unwrap());
}

/// The commands that the demo shows are copied into a shell, wherever the program is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demos_commands_run_from_any_directory() {
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let directory = place.path().join("it's a bell");
    std::fs::create_dir(&directory).unwrap();
    let program = directory.join("campanile");
    std::fs::hard_link(env!("CARGO_BIN_EXE_campanile"), &program).unwrap();
    let mut child = Command::new(&program)
        .args([
            "--json",
            "serve",
            "--demo",
            "--listen",
            "127.0.0.1:0",
            "--egress-allow",
            "127.0.0.0/8",
            "--data",
        ])
        .arg(directory.join("data"))
        .env("CAMPANILE__LOG__LEVEL", "warn")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = child.stdout.take().map(BufReader::new);
    let mut demo = Running { child, lines };
    let lines = demo.lines.as_mut().unwrap().lines();
    let lines: Vec<Value> = lines
        .take(2)
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    let shell = |line: &str| Command::new("sh").args(["-c", line]).output().unwrap();
    let commands = lines[1]["commands"].as_array().unwrap();
    let published = shell(commands[0]["command"].as_str().unwrap());
    for command in &commands[1..] {
        good(&shell(&format!(
            "{} --help",
            command["command"].as_str().unwrap()
        )));
    }
    signal(&demo.child, "-TERM");
    assert!(demo.child.wait().unwrap().success());
    assert!(good(&published).starts_with("evt_"));
}

/// An environment as files: looked at without a server, applied, read back, shown where it differs.
#[tokio::test]
async fn an_environment_is_files() {
    let server = TestServer::start().await;
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    let path = directory.path().to_str().unwrap();
    write(
        "all.yaml",
        "kind: event_type\nname: user.joined\ncategory: user\n---\nkind: preferences\nchannels:\n  sms: off\n",
    );
    write(
        "hello.yaml",
        "kind: workflow\nkey: hello\nsteps:\n  - name: bell\n    in_app:\n      title: Hello {{ recipient.id }}\n",
    );
    write(
        "mail.yaml",
        "kind: channel\nchannel: email\nfrom: a@b.example\nproviders:\n  - name: post\n    kind: smtp\n    host: 127.0.0.1\n    tls: none\n    username: u\n    password: ${TEST_MAIL_PASSWORD}\n",
    );
    write("notes.txt", "not YAML: [");
    let mut looked = campanile();
    assert!(good(&looked.args(["validate", path]).output().unwrap()).starts_with("4 documents"));
    assert!(failed(&run(&server, &["apply", path])).contains("TEST_MAIL_PASSWORD is not set"));
    let apply = |more: &[&str]| {
        let mut command = client(&server, &[&["apply", path], more].concat());
        command.env("TEST_MAIL_PASSWORD", "pass").output().unwrap()
    };
    assert!(good(&apply(&["--dry-run"])).contains("4 would change"));
    let text = good(&apply(&[]));
    assert!(
        text.contains("created   workflow hello") && text.contains("4 changed"),
        "{text}"
    );
    assert!(good(&apply(&[])).starts_with("0 changed"));
    let written = tempfile::tempdir().unwrap();
    let folder = written.path().to_str().unwrap();
    assert!(good(&run(&server, &["pull", folder])).contains("workflows/hello.yaml"));
    assert!(good(&run(&server, &["apply", folder, "--prune"])).starts_with("0 changed"));
    write(
        "hello.yaml",
        "kind: workflow\nkey: hello\nsteps:\n  - name: bell\n    in_app:\n      title: \"{{ recipient.id\"\n",
    );
    let mut looked = campanile();
    let output = looked.args(["validate", path]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        !output.status.success() && told.contains("hello.yaml at /steps/0/in_app/title"),
        "{told}"
    );
    let refused = failed(&apply(&[]));
    assert!(
        refused.contains("nothing was applied") && refused.contains("hello.yaml at /steps/0"),
        "{refused}"
    );
    write("hello.yaml", "kind: workflow\n  key: x\n");
    assert!(failed(&apply(&[])).contains("hello.yaml"));
    assert!(failed(&run(&server, &["apply", "/nowhere"])).contains("/nowhere"));
}

/// What would happen, by files alone: a line for each moment, and what would be read.
#[tokio::test]
async fn a_simulation_needs_no_server() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    write(
        "hello.yaml",
        "kind: workflow\nkey: hello\nsteps:\n  - name: wait\n    delay: {for: 10m}\n  - name: bell\n    in_app: {title: 'Hello {{ data.name }}'}\n",
    );
    write(
        "script.yaml",
        "from: '2026-03-02T09:00:00Z'\nlasts: 1h\nevents:\n  - {workflow: hello, recipients: [ada], data: {name: Ada}}\n",
    );
    let simulate = |more: &[&str]| {
        let mut command = campanile();
        command
            .arg("simulate")
            .arg(directory.path())
            .args(more)
            .output()
            .unwrap()
    };
    let script = directory.path().join("script.yaml");
    let text = good(&simulate(&["--script", script.to_str().unwrap()]));
    for line in [
        "2026-03-02T09:00:00.000Z  ada  hello: wait waiting until 2026-03-02T09:10:00.000Z",
        "2026-03-02T09:10:00.000Z  ada  hello: bell done",
        "ada's bell: Hello Ada",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let json = good(&simulate(&[
        "--workflow",
        "hello",
        "--recipient",
        "ada",
        "--data",
        "{\"name\": \"Eve\"}",
        "--json",
    ]));
    let told: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(told["notifications"][0]["title"], "Hello Eve");
    assert!(failed(&simulate(&["--workflow", "bye"])).contains("/events/0: workflow not found"));
    write("hello.yaml", "kind: workflow\nkey: hello\nsteps: []\n");
    assert!(failed(&simulate(&["--workflow", "hello"])).contains("hello.yaml at /steps"));
}
