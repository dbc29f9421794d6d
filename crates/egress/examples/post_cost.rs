//! Measures what a POST costs the sending thread, beside the cheapest thing that could be called a POST: writing the
//! same bytes to a kept socket and reading once. Run with `--release`; the receiver has a thread of its own.
//!
//! `cargo run --release -p egress --example post_cost [seconds]`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measuring program for the terminal"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "it stands outside the server, and needs a floor to compare with"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use egress::{Client, Policy, Settings};
use http::{HeaderMap, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
    date: Tue, 01 Jan 2030 00:00:00 GMT\r\ncontent-length: 2\r\n\r\n{}";
const BODY: usize = 400;

fn main() {
    let seconds = std::env::args().nth(1).map_or(3, |text| text.parse().unwrap());
    let receiver = start_receiver();
    for tasks in [1, 16, 50] {
        runtime().block_on(measure("floor", tasks, seconds, move || floor(receiver, seconds)));
        let client = Client::new(Settings {
            policy: Policy::new(["127.0.0.0/8".parse().unwrap()], []),
            ..Settings::default()
        })
        .unwrap();
        let url = format!("http://{receiver}/hook");
        let target = client.policy().check_url(&url).unwrap();
        runtime().block_on(measure("egress", tasks, seconds, move || {
            let (client, target, body) = (client.clone(), target.clone(), Bytes::from(vec![b'x'; BODY]));
            async move {
                let end = Instant::now() + Duration::from_secs(seconds);
                let mut sent = 0;
                while Instant::now() < end {
                    let deadline = Instant::now() + Duration::from_secs(15);
                    let answer = client
                        .post(&target, headers(), body.clone(), deadline)
                        .await
                        .unwrap();
                    assert_eq!(answer.status, 200);
                    sent += 1;
                }
                sent
            }
        }));
    }
}

/// Runs `work` in many tasks on this thread and prints the thread's own time for each unit of it.
async fn measure<F: Future<Output = u64> + Send + 'static>(
    what: &str,
    tasks: u32,
    seconds: u64,
    work: impl Fn() -> F,
) {
    let before = Spent::now();
    let running: Vec<_> = (0..tasks).map(|_| tokio::spawn(work())).collect();
    let mut units = 0;
    for task in running {
        units += task.await.unwrap();
    }
    let spent = Spent::now();
    let each = |before: u64, after: u64| (after - before) / units;
    println!(
        "{what:>7} {tasks:>3} tasks {:>7}/s   CPU {:>6} ns   user {:>6} ns   system {:>6} ns",
        units / seconds,
        each(before.on_cpu, spent.on_cpu),
        each(before.user, spent.user),
        each(before.system, spent.system),
    );
}

async fn floor(receiver: SocketAddr, seconds: u64) -> u64 {
    let mut stream = TcpStream::connect(receiver).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let head = "POST /hook HTTP/1.1\r\nhost: 127.0.0.1:12345\r\ncontent-type: application/json\r\n\r\n";
    let request: Arc<[u8]> = [head.as_bytes(), &[b'x'; BODY + 180]].concat().into();
    let mut answer = [0; 1024];
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut sent = 0;
    while Instant::now() < end {
        stream.write_all(&request).await.unwrap();
        assert!(stream.read(&mut answer).await.unwrap() > 0);
        sent += 1;
    }
    sent
}

fn headers() -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    for (name, value) in [
        ("webhook-id", "msg_2abcdefghijklmnopqrstuvwxyz0"),
        ("webhook-timestamp", "1893456000"),
        (
            "webhook-signature",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        ("content-type", "application/json"),
        ("user-agent", "Campanile/0.1"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
}

fn start_receiver() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let addr = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        runtime().block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(receive(stream));
            }
        });
    });
    addr
}

/// Answers whatever fills one read: the requests here are small and written at once.
async fn receive(mut stream: TcpStream) {
    stream.set_nodelay(true).unwrap();
    let mut request = [0; 4096];
    while matches!(stream.read(&mut request).await, Ok(1..)) {
        if stream.write_all(ANSWER).await.is_err() {
            break;
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// What the kernel has booked on this thread, in nanoseconds.
struct Spent {
    on_cpu: u64,
    user: u64,
    system: u64,
}

impl Spent {
    fn now() -> Self {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let tick = |field: usize| fields[field].parse::<u64>().unwrap() * 10_000_000;
        let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        Self {
            on_cpu: schedule.split_whitespace().next().unwrap().parse().unwrap(),
            user: tick(11),
            system: tick(12),
        }
    }
}
