//! The open loop: requests leave at their time whether or not earlier ones are answered.
//!
//! Latency counts from the moment a request *should* have left, so a server that stalls cannot hide it by slowing
//! the generator down (coordinated omission). A plain thread keeps the time, because a runtime's timer only knows
//! whole milliseconds.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use hdrhistogram::Histogram;
use parking_lot::Mutex;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::counting::histogram;
use crate::wire;
use crate::workers::Workers;

/// A request with a place for the moment it was due.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    bytes: Vec<u8>,
    slot: Option<usize>,
}

impl Template {
    /// A template of these bytes; the moment goes where [`clock::empty_mark`] stands.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let slot = clock::mark_slot(&bytes);
        Self { bytes, slot }
    }
}

/// How arrivals lie in time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spread {
    /// All the same time apart.
    Even,
    /// Each somewhere in its own slot, at the same places whenever the seed is the same. Two even streams of one rate would
    /// meet at the same distance all through a run, and at another in the next; the ticks of the system are such a stream.
    Strewn(u64),
}

/// Arrivals at a rate.
#[derive(Debug, Clone)]
pub(crate) struct Arrivals {
    /// Where to.
    pub(crate) addr: SocketAddr,
    /// What, in turns.
    pub(crate) templates: Vec<Template>,
    /// Requests a second.
    pub(crate) rate: f64,
    /// How they lie in time.
    pub(crate) spread: Spread,
    /// For how long.
    pub(crate) time: Duration,
    /// Over how many connections.
    pub(crate) connections: usize,
}

/// What came of them.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Due → answered, in nanoseconds, of the requests answered with a 2xx.
    pub(crate) api: Histogram<u64>,
    /// Requests answered with a 2xx.
    pub(crate) ok: u64,
    /// Requests answered otherwise, or not at all.
    pub(crate) failed: u64,
}

struct Line {
    stream: TcpStream,
    due: Mutex<VecDeque<u64>>,
}

#[derive(Default)]
struct Tally {
    ok: u64,
    refused: u64,
    api: Option<Histogram<u64>>,
}

/// Sends all arrivals at their times, then waits up to ten seconds for the answers.
pub(crate) async fn run(workers: &Workers, arrivals: Arrivals) -> Result<Outcome> {
    let stop = CancellationToken::new();
    let mut lines = Vec::new();
    let mut readers = Vec::new();
    for number in 0..arrivals.connections {
        let (ready, line) = tokio::sync::oneshot::channel();
        let (addr, stop) = (arrivals.addr, stop.clone());
        readers.push(workers.handle(number).spawn(async move {
            let stream = TcpStream::connect(addr).await?;
            stream.set_nodelay(true)?;
            stream.writable().await?;
            let line = Arc::new(Line {
                stream,
                due: Mutex::default(),
            });
            let _ = ready.send(Arc::clone(&line));
            let mut tally = Tally {
                api: Some(histogram()),
                ..Tally::default()
            };
            stop.run_until_cancelled(read_answers(&line, &mut tally))
                .await
                .transpose()?;
            std::io::Result::Ok(tally)
        }));
        lines.push(line.await.context("a connection of the generator")?);
    }
    let total = (arrivals.rate * arrivals.time.as_secs_f64()) as u64;
    let senders = lines.clone();
    let unsent = tokio::task::spawn_blocking(move || send_all(&arrivals, &senders, total)).await?;
    await_answers(&lines).await;
    stop.cancel();
    collect(readers, total, unsent).await
}

async fn await_answers(lines: &[Arc<Line>]) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(10) && lines.iter().any(|line| !line.due.lock().is_empty()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn collect(
    readers: Vec<tokio::task::JoinHandle<std::io::Result<Tally>>>,
    total: u64,
    unsent: u64,
) -> Result<Outcome> {
    let mut outcome = Outcome {
        api: histogram(),
        ok: 0,
        failed: 0,
    };
    let mut refused = 0;
    for reader in readers {
        // A line that broke took its unanswered requests with it: they are missing from `ok`.
        let Ok(tally) = reader.await? else { continue };
        outcome.ok += tally.ok;
        refused += tally.refused;
        if let Some(api) = tally.api {
            outcome.api.add(&api)?;
        }
    }
    outcome.failed = total - outcome.ok;
    if outcome.ok == 0 {
        bail!("no arrival was answered with a 2xx ({refused} refused, {unsent} unsent of {total})");
    }
    Ok(outcome)
}

/// Answers how many could not be written.
fn send_all(arrivals: &Arrivals, lines: &[Arc<Line>], total: u64) -> u64 {
    let mut templates = arrivals.templates.clone();
    let begun = clock::now() + 1_000_000;
    let every = 1e9 / arrivals.rate;
    let mut unsent = 0;
    let mut strewn = match arrivals.spread {
        Spread::Even => None,
        Spread::Strewn(seed) => Some(StdRng::seed_from_u64(seed)),
    };
    for number in 0..total {
        let place = strewn.as_mut().map_or(0.0, rand::RngExt::random);
        let due = begun + ((number as f64 + place) * every) as u64;
        if let Some(wait) = clock::instant(due).checked_duration_since(Instant::now()) {
            std::thread::sleep(wait);
        }
        let turn = usize::try_from(number).unwrap_or(0);
        let many = templates.len();
        let template = &mut templates[turn % many];
        if let Some(slot) = template.slot {
            clock::write_mark(&mut template.bytes, slot, due);
        }
        unsent += u64::from(!send(&lines[turn % lines.len()], &template.bytes, due));
    }
    unsent
}

/// Writes a request whole into an almost empty socket buffer; a line that cannot take it is given up.
fn send(line: &Line, bytes: &[u8], due: u64) -> bool {
    line.due.lock().push_back(due);
    if line
        .stream
        .try_write(bytes)
        .is_ok_and(|written| written == bytes.len())
    {
        return true;
    }
    line.due.lock().clear();
    false
}

async fn read_answers(line: &Line, tally: &mut Tally) -> std::io::Result<()> {
    let mut buffer = Vec::with_capacity(16 * 1024);
    loop {
        line.stream.readable().await?;
        match line.stream.try_read_buf(&mut buffer) {
            Ok(0) => {
                line.due.lock().clear();
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error),
        }
        let mut taken = 0;
        while let Some((_, end)) = wire::framed(&buffer[taken..]) {
            let status = wire::status(&buffer[taken..]);
            taken += end;
            let due = line.due.lock().pop_front();
            note(tally, status, due);
        }
        buffer.drain(..taken);
    }
}

fn note(tally: &mut Tally, status: u16, due: Option<u64>) {
    if !(200..300).contains(&status) {
        tally.refused += 1;
        return;
    }
    tally.ok += 1;
    if let (Some(due), Some(api)) = (due, tally.api.as_mut()) {
        // The histogram grows as needed, so no value is out of its range.
        let _ = api.record(clock::now().saturating_sub(due));
    }
}
