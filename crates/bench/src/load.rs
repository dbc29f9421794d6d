//! The closed loop: so many connections, each sends its next request when the last is answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::clock;
use crate::wire;
use crate::workers::Workers;

/// When a closed loop ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    /// After this time.
    For(Duration),
    /// After so many requests, and at the latest after this time.
    Count(u64, Duration),
}

/// What a closed loop did.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Answered {
    /// Requests answered with a 2xx.
    pub(crate) ok: u64,
    /// Requests answered otherwise.
    pub(crate) refused: u64,
    /// The moment of the first request.
    pub(crate) begun: u64,
    /// Seconds from the first request to the last answer.
    pub(crate) seconds: f64,
}

/// Repeats `request` over `connections` until the limit.
pub(crate) async fn closed_loop(
    workers: &Workers,
    addr: SocketAddr,
    request: &Arc<Vec<u8>>,
    connections: usize,
    limit: Limit,
) -> Result<Answered> {
    let (count, time) = match limit {
        Limit::For(time) => (i64::MAX, time),
        Limit::Count(count, time) => (i64::try_from(count)?, time),
    };
    let left = Arc::new(AtomicI64::new(count));
    let begun = clock::now();
    let end = begun + u64::try_from(time.as_nanos())?;
    let tasks: Vec<_> = (0..connections)
        .map(|number| {
            workers
                .handle(number)
                .spawn(repeat(addr, Arc::clone(request), Arc::clone(&left), end))
        })
        .collect();
    let mut all = Answered {
        begun,
        ..Answered::default()
    };
    for task in tasks {
        let (ok, refused) = task.await??;
        all.ok += ok;
        all.refused += refused;
    }
    all.seconds = (clock::now() - begun) as f64 / 1e9;
    if all.ok == 0 {
        bail!(
            "no request was answered with a 2xx ({} were refused)",
            all.refused
        );
    }
    Ok(all)
}

async fn repeat(
    addr: SocketAddr,
    request: Arc<Vec<u8>>,
    left: Arc<AtomicI64>,
    end: u64,
) -> std::io::Result<(u64, u64)> {
    let mut stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(4096);
    let (mut ok, mut refused) = (0, 0);
    while clock::now() < end && left.fetch_sub(1, Ordering::Relaxed) > 0 {
        stream.write_all(&request).await?;
        match read_status(&mut stream, &mut buffer).await? {
            200..300 => ok += 1,
            _ => refused += 1,
        }
    }
    Ok((ok, refused))
}

async fn read_status(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<u16> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if wire::framed(buffer).is_some() {
            return Ok(wire::status(buffer));
        }
    }
}
