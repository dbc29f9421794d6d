//! The receiver of webhooks: answers at once, or as badly as asked.
//!
//! What a request means is its [`Sink`]'s business; this file reads requests and writes answers with as few
//! instructions as it can, because it shares the cores with the measured server.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use anyhow::{Context as _, Result};
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::wire;

/// One request as it came.
pub(crate) struct Incoming<'a> {
    /// The target of the request line.
    pub(crate) path: &'a str,
    /// The bytes up to and with the blank line.
    pub(crate) head: &'a [u8],
    /// The body.
    pub(crate) body: &'a [u8],
}

/// What the sender gets.
#[derive(Clone)]
pub(crate) enum Answer {
    /// 200 at once.
    Ok,
    /// This status with this body at once.
    Status(u16, &'static str),
    /// The same when the wait is over.
    After(Duration),
    /// This status and body once the gate shows `true`.
    Held(u16, &'static str, watch::Receiver<bool>),
    /// The connection is cut.
    Cut,
    /// Nothing, ever.
    Never,
    /// One byte of a head each second.
    Drip,
    /// 200 and a body without end.
    Endless,
}

/// What reads the requests.
pub(crate) trait Sink: Send + Sync + 'static {
    /// Takes one request and says how to answer it.
    fn take(&self, incoming: &Incoming<'_>) -> Answer;
}

/// A listening receiver, closed when dropped.
pub(crate) struct Receiver {
    addr: SocketAddr,
    handles: Vec<Handle>,
    sink: Arc<dyn Sink>,
    open: Mutex<Option<CancellationToken>>,
}

impl Receiver {
    /// Listens on a free port of loopback; connections are spread over `handles`.
    pub(crate) fn start(handles: &[Handle], sink: Arc<dyn Sink>) -> Result<Self> {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).context("the receiver's port")?;
        let receiver = Self {
            addr: listener.local_addr()?,
            handles: handles.to_vec(),
            sink,
            open: Mutex::new(None),
        };
        receiver.serve(listener);
        Ok(receiver)
    }

    /// Where it listens.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The URL of a path on it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// Closes the port and every connection: senders are refused.
    pub(crate) fn down(&self) {
        if let Some(open) = self.open.lock().take() {
            open.cancel();
        }
    }

    /// Listens again on the same port.
    pub(crate) async fn up(&self) -> Result<()> {
        self.down();
        for _ in 0..100 {
            if let Ok(listener) = listen(self.addr) {
                self.serve(listener);
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::bail!("the receiver's port {} stays taken", self.addr)
    }

    fn serve(&self, listener: TcpListener) {
        let open = CancellationToken::new();
        *self.open.lock() = Some(open.clone());
        let (handles, sink) = (self.handles.clone(), Arc::clone(&self.sink));
        let ended = open.clone();
        tokio::spawn(async move {
            ended
                .run_until_cancelled(accept(listener, handles, sink, open))
                .await;
        });
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.down();
    }
}

fn listen(addr: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(1024)
}

async fn accept(listener: TcpListener, handles: Vec<Handle>, sink: Arc<dyn Sink>, open: CancellationToken) {
    let mut number = 0;
    loop {
        // Out of files: the senders wait until some are free again.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        // A socket answers to the reactor of the thread that registered it, so it is registered anew there.
        let Ok(stream) = stream.into_std() else { continue };
        let (sink, open) = (Arc::clone(&sink), open.clone());
        handles[number % handles.len()].spawn(async move {
            let Ok(stream) = TcpStream::from_std(stream) else {
                return;
            };
            // However a connection ends, the sender's view of it is what counts.
            let _ = open.run_until_cancelled(converse(stream, sink)).await;
        });
        number += 1;
    }
}

async fn converse(mut stream: TcpStream, sink: Arc<dyn Sink>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer: Vec<u8> = Vec::with_capacity(16 * 1024);
    let mut out = Vec::with_capacity(1024);
    loop {
        if stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
        let mut taken = 0;
        while let Some((head, end)) = wire::framed(&buffer[taken..]) {
            let message = &buffer[taken..taken + end];
            let path = std::str::from_utf8(wire::target(&message[..head])).unwrap_or_default();
            let answer = sink.take(&Incoming {
                path,
                head: &message[..head],
                body: &message[head..],
            });
            taken += end;
            match answer {
                Answer::Ok => out.extend_from_slice(OK),
                Answer::Status(status, body) => out.extend_from_slice(&answer_bytes(status, body)),
                Answer::Cut => return Ok(()),
                bad => misbehave(&mut stream, bad).await?,
            }
        }
        buffer.drain(..taken);
        if !out.is_empty() {
            stream.write_all(&out).await?;
            out.clear();
        }
    }
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

fn answer_bytes(status: u16, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} Answer\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

async fn misbehave(stream: &mut TcpStream, answer: Answer) -> std::io::Result<()> {
    match answer {
        Answer::After(wait) => {
            tokio::time::sleep(wait).await;
            stream.write_all(OK).await
        }
        Answer::Held(status, body, mut gate) => {
            // A gate that is gone opens: the run is over.
            let _ = gate.wait_for(|open| *open).await;
            stream.write_all(&answer_bytes(status, body)).await
        }
        Answer::Drip => drip(stream).await,
        Answer::Endless => endless(stream).await,
        _ => wait_for_close(stream).await,
    }
}

/// Holds the connection until the sender gives it up.
async fn wait_for_close(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut scratch = [0; 256];
    while stream.read(&mut scratch).await? > 0 {}
    Err(std::io::ErrorKind::UnexpectedEof.into())
}

async fn drip(stream: &mut TcpStream) -> std::io::Result<()> {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\nx-drip: "
        .iter()
        .chain(std::iter::repeat(&b'a'));
    for byte in head {
        stream.write_all(&[*byte]).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}

/// So many bytes of a log. Each line has an id of its own, so that it does not compress to nothing.
pub(crate) fn lines(bytes: usize) -> String {
    let mut dice = StdRng::seed_from_u64(bytes as u64);
    let mut text = String::new();
    while text.len() < bytes {
        let (id, took): (u128, u8) = (dice.random(), dice.random());
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            r#"{{"level":"info","request_id":"{id:032x}","took_ms":{took}}}"#
        );
    }
    text.truncate(bytes);
    text
}

static PIECE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n{}",
        lines(32 << 10)
    )
    .into()
});

/// The first piece is more than the server keeps. A pause before the next keeps this program from being the load it measures.
async fn endless(stream: &mut TcpStream) -> std::io::Result<()> {
    loop {
        stream.write_all(&PIECE).await?;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
