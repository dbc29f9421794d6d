//! A crowd of sockets that comes back by itself, and the storm when all come back at once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{Bench, Stand, sockets};
use crate::clock;
use crate::counting::histogram;
use crate::report::Row;
use crate::workers::Workers;
use crate::ws::{self, Frame, Socket};

/// How many may be in the middle of a handshake: a browser's reload storm is wider than any listen queue.
const AT_ONCE: usize = 512;

/// Many sockets, closed when dropped.
pub(super) struct Crowd {
    state: Arc<State>,
    stop: CancellationToken,
}

struct State {
    addr: SocketAddr,
    opening: Semaphore,
    open: AtomicUsize,
    heard: AtomicUsize,
    latency: Mutex<Histogram<u64>>,
    complaint: Mutex<Option<String>>,
}

/// The frames that open a line; a cursor is an application's, a `seq` a user's.
#[derive(Deserialize)]
struct Opening {
    #[serde(rename = "type")]
    kind: String,
    seq: Option<u64>,
    cursor: Option<String>,
    epoch: Option<String>,
}

impl Crowd {
    /// Begins to open one socket for each bearer.
    pub(super) fn open(workers: &Workers, addr: SocketAddr, bearers: Vec<String>) -> Self {
        let state = Arc::new(State {
            addr,
            opening: Semaphore::new(AT_ONCE),
            open: AtomicUsize::new(0),
            heard: AtomicUsize::new(0),
            latency: Mutex::new(histogram()),
            complaint: Mutex::default(),
        });
        let stop = CancellationToken::new();
        for (number, bearer) in bearers.into_iter().enumerate() {
            let (state, stop) = (Arc::clone(&state), stop.clone());
            let member = async move {
                stop.run_until_cancelled(state.stay(number, &bearer)).await;
            };
            workers.handle(number).spawn(member);
        }
        Self { state, stop }
    }

    /// Waits until `count` are open and in step.
    pub(super) async fn wait(&self, count: usize, patience: Duration) -> Result<()> {
        let begun = Instant::now();
        while self.state.open.load(Ordering::Relaxed) < count {
            let open = self.state.open.load(Ordering::Relaxed);
            let complaint = self.state.complaint.lock().clone().unwrap_or_default();
            ensure!(
                begun.elapsed() < patience,
                "{open} of {count} sockets after {patience:?}; last: {complaint}"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// Waits until all sockets together heard `count` events; answers how many they heard.
    pub(super) async fn heard_by(&self, count: usize, patience: Duration) -> usize {
        let begun = Instant::now();
        while self.state.heard.load(Ordering::Relaxed) < count && begun.elapsed() < patience {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.state.heard.load(Ordering::Relaxed)
    }

    /// Publish → heard, of every socket and event, in nanoseconds.
    pub(super) fn latency(&self) -> Histogram<u64> {
        self.state.latency.lock().clone()
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl State {
    /// Keeps one socket open, with what it has seen in hand, through every break.
    async fn stay(&self, number: usize, bearer: &str) {
        let mut resume = String::new();
        loop {
            if let Err(error) = self.visit(number, bearer, &mut resume).await {
                *self.complaint.lock() = Some(error.to_string());
            }
            // All were cut at one instant; a client worth its name spreads its return a little.
            tokio::time::sleep(Duration::from_millis(rand::random_range(20..200))).await;
        }
    }

    async fn visit(&self, number: usize, bearer: &str, resume: &mut String) -> std::io::Result<()> {
        let path = format!("/api/v1/events/stream{resume}");
        let permit = self.opening.acquire().await.map_err(std::io::Error::other)?;
        let mut socket = ws::connect(self.addr, &path, bearer, Some(sockets::source(number))).await?;
        self.greet(&mut socket, resume).await?;
        drop(permit);
        self.open.fetch_add(1, Ordering::Relaxed);
        let ended = self.listen(&mut socket).await;
        self.open.fetch_sub(1, Ordering::Relaxed);
        ended
    }

    /// Reads until the line is in step: the greeting, and after a break also the end of what was missed.
    async fn greet(&self, socket: &mut Socket, resume: &mut String) -> std::io::Result<()> {
        let returning = !resume.is_empty();
        loop {
            let Frame::Text(text) = socket.next().await? else {
                return Err(std::io::Error::other("closed while greeting"));
            };
            let frame: Opening = serde_json::from_slice(&text)?;
            if let (Some(position), Some(epoch)) = (frame.position(), &frame.epoch) {
                *resume = format!("?after={position}&epoch={epoch}");
            }
            match frame.kind.as_str() {
                "hello" if !returning => return Ok(()),
                "synced" | "reset" => return Ok(()),
                _ => {}
            }
        }
    }

    async fn listen(&self, socket: &mut Socket) -> std::io::Result<()> {
        loop {
            match socket.next().await? {
                Frame::Text(text) => {
                    if let Some(sent) = clock::read_mark(&text) {
                        let late = clock::now().saturating_sub(sent);
                        // The histogram grows as needed, so no value is out of its range.
                        let _ = self.latency.lock().record(late);
                        self.heard.fetch_add(1, Ordering::Relaxed);
                    }
                }
                Frame::Close(code) => return Err(std::io::Error::other(format!("closed with {code}"))),
            }
        }
    }
}

impl Opening {
    fn position(&self) -> Option<String> {
        self.cursor
            .clone()
            .or_else(|| self.seq.map(|seq| seq.to_string()))
    }
}

/// Kills the server under the crowd, starts it again, and waits until all are back.
pub(super) async fn measure(bench: &mut Bench, stand: Stand, crowd: &Crowd, count: usize) -> Result<Stand> {
    let Stand { spec, server, api } = stand;
    server.kill().await?;
    let begun = Instant::now();
    while crowd.state.open.load(Ordering::Relaxed) > 0 {
        ensure!(
            begun.elapsed() < Duration::from_secs(10),
            "sockets of a dead server stay open"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let server = spec.start().await?;
    let ready = Instant::now();
    crowd.wait(count, Duration::from_mins(2)).await?;
    let seconds = ready.elapsed().as_secs_f64();
    let note = format!(
        "after kill -9; restart took {:.0} ms",
        server.ready_after.as_secs_f64() * 1e3
    );
    let row = Row::new('d', format!("{count} sockets back and in step"), seconds, "s").at_most(10.0);
    bench.add(row.note(note));
    Ok(Stand { spec, server, api })
}
