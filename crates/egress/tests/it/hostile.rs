//! W4: receivers that hold on. Each ends by the deadline, with the right kind and little memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use egress::{Answer, Failure, FailureKind};
use http::HeaderMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::support::{AMPLE, OK, Peer, SHORT, client, hold, post, read_request, target};

/// Well over the deadline of these tests, well under a hang.
const BOUND: Duration = Duration::from_secs(4);

/// A peer that reads the request, then does as told.
async fn after_request<F>(behave: impl Fn(TcpStream) -> F + Clone + Send + 'static) -> Peer
where
    F: Future<Output = ()> + Send + 'static,
{
    Peer::start(move |mut stream| {
        let behave = behave.clone();
        async move {
            read_request(&mut stream).await;
            behave(stream).await;
        }
    })
    .await
}

/// Says `text` one byte at a time, then goes on with `x` for ever.
async fn drip(stream: TcpStream, text: &'static [u8]) {
    drip_every(Duration::from_millis(5), stream, text).await;
}

async fn drip_every(pause: Duration, mut stream: TcpStream, text: &'static [u8]) {
    for byte in text.iter().chain(std::iter::repeat(&b'x')) {
        if stream.write_all(&[*byte]).await.is_err() {
            return;
        }
        sleep(pause).await;
    }
}

async fn pour(mut stream: TcpStream, head: &'static [u8], part: &'static [u8], poured: Arc<AtomicUsize>) {
    if stream.write_all(head).await.is_err() {
        return;
    }
    while stream.write_all(part).await.is_ok() {
        poured.fetch_add(part.len(), Ordering::SeqCst);
    }
}

async fn timed(request: impl Future<Output = Result<Answer, Failure>>) -> Result<Answer, Failure> {
    let start = Instant::now();
    let outcome = request.await;
    assert!(start.elapsed() < BOUND, "took {:?}", start.elapsed());
    outcome
}

async fn ends(name: &str, peer: &Peer, kind: FailureKind, status: Option<u16>) -> Failure {
    let client = client();
    let failure = timed(post(&client, &peer.url(), SHORT)).await.expect_err(name);
    assert_eq!(
        (failure.kind, failure.status),
        (kind, status),
        "{name}: {failure}"
    );
    assert_eq!(client.idle_connections(), 0, "{name}");
    failure
}

#[tokio::test]
async fn endless_bodies_are_cut() {
    const PART: &[u8] = &[b'x'; 8192];
    const CHUNK: &[u8] = &{
        let mut chunk = [b'x'; 6 + 4096 + 2];
        let (mark, mut at) = (b"1000\r\n", 0);
        while at < 6 {
            chunk[at] = mark[at];
            at += 1;
        }
        chunk[6 + 4096] = b'\r';
        chunk[6 + 4096 + 1] = b'\n';
        chunk
    };
    let heads: [(&'static [u8], &'static [u8]); 3] = [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n", PART),
        (b"HTTP/1.1 200 OK\r\n\r\n", PART),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", CHUNK),
    ];
    for (head, part) in heads {
        let poured = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&poured);
        let peer = after_request(move |stream| pour(stream, head, part, Arc::clone(&counter))).await;
        let client = client();
        let answer = post(&client, &peer.url(), AMPLE).await.unwrap();
        assert_eq!((answer.status, answer.truncated), (200, true));
        assert_eq!(answer.body.len(), 16 * 1024);
        assert!(answer.body.iter().all(|byte| *byte == b'x'));
        assert_eq!(client.idle_connections(), 0);
        // The connection is gone: the peer cannot pour on.
        sleep(Duration::from_millis(100)).await;
        let so_far = poured.load(Ordering::SeqCst);
        sleep(Duration::from_millis(100)).await;
        assert_eq!(poured.load(Ordering::SeqCst), so_far);
    }
}

#[tokio::test]
async fn the_limit_itself_is_whole_and_one_byte_more_is_not() {
    for (length, truncated, kept) in [(16384, false, 1), (16385, true, 0)] {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        let peer = Peer::answering([head.as_bytes(), &vec![b'x'; length]].concat().leak()).await;
        let client = client();
        let answer = post(&client, &peer.url(), AMPLE).await.unwrap();
        assert_eq!((answer.body.len(), answer.truncated), (16384, truncated));
        assert_eq!(client.idle_connections(), kept);
    }
}

#[tokio::test]
async fn drips_end_with_the_deadline() {
    let peer = after_request(|stream| drip(stream, b"HTTP/1.1 200 OK\r\nx-slow: ")).await;
    let failure = ends("in the head", &peer, FailureKind::Timeout, None).await;
    assert!(failure.sent);
    let whole: [&'static [u8]; 3] = [
        b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n",
    ];
    for head in whole {
        let peer = after_request(move |mut stream| async move {
            stream.write_all(head).await.unwrap();
            drip(stream, b"").await;
        })
        .await;
        let failure = ends("in the body", &peer, FailureKind::Timeout, Some(200)).await;
        assert!(failure.sent && failure.detail.contains("200"), "{failure}");
    }
}

#[tokio::test]
async fn silence_ends_with_the_deadline() {
    let peer = after_request(hold).await;
    assert!(ends("no answer", &peer, FailureKind::Timeout, None).await.sent);
    let peer = after_request(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.unwrap();
        hold(stream).await;
    })
    .await;
    ends("100 and no more", &peer, FailureKind::Timeout, None).await;
    let peer = after_request(|mut stream| async move {
        while stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.is_ok() {
            sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    ends("100 for ever", &peer, FailureKind::Timeout, None).await;
}

#[tokio::test]
async fn a_peer_that_does_not_read_ends_with_the_deadline() {
    let peer = Peer::start(hold).await;
    let client = client();
    let body = Bytes::from(vec![b'x'; 32 << 20]);
    let target = target(&client, &peer.url());
    let request = client.post(&target, HeaderMap::new(), body, Instant::now() + SHORT);
    let failure = timed(request).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.sent),
        (FailureKind::Timeout, true),
        "{failure}"
    );
}

#[tokio::test]
async fn an_early_answer_to_a_large_body_is_taken_and_the_connection_is_not() {
    let peer = Peer::start(|mut stream| async move {
        let _ = stream.read(&mut [0; 1024]).await;
        stream
            .write_all(b"HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig")
            .await
            .unwrap();
        hold(stream).await;
    })
    .await;
    let client = client();
    let body = Bytes::from(vec![b'x'; 32 << 20]);
    let target = target(&client, &peer.url());
    let answer = client
        .post(&target, HeaderMap::new(), body, Instant::now() + AMPLE)
        .await
        .unwrap();
    assert_eq!((answer.status, &answer.body[..]), (413, &b"big"[..]));
    assert_eq!(client.idle_connections(), 0);
}

#[tokio::test]
async fn resets_are_seen_at_once() {
    let peer = after_request(|mut stream| async move {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
            .await
            .unwrap();
        sleep(Duration::from_millis(50)).await;
        stream.set_zero_linger().unwrap();
    })
    .await;
    assert!(
        ends("in the body", &peer, FailureKind::Closed, Some(200))
            .await
            .sent
    );
    let peer = after_request(|stream| async move { stream.set_zero_linger().unwrap() }).await;
    assert!(
        ends("before the answer", &peer, FailureKind::Closed, None)
            .await
            .sent
    );
    let peer = Peer::start(|stream| async move { stream.set_zero_linger().unwrap() }).await;
    ends("at once", &peer, FailureKind::Closed, None).await;
}

#[tokio::test]
async fn nobody_there_is_a_failure_to_connect() {
    let peer = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", peer.local_addr().unwrap());
    drop(peer);
    let failure = timed(post(&client(), &url, SHORT)).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.sent),
        (FailureKind::Connect, false),
        "{failure}"
    );
}

#[tokio::test]
async fn a_deadline_in_the_past_sends_nothing() {
    let peer = Peer::answering(OK).await;
    let client = client();
    let failure = post(&client, &peer.url(), Duration::ZERO).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.sent),
        (FailureKind::Timeout, false),
        "{failure}"
    );
}

/// What this process keeps in memory, in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[tokio::test]
async fn a_thousand_hostile_peers_cost_little_and_delay_nobody() {
    const HOSTILE: usize = 1000;
    // Slow enough that it is the client that is measured, not a thousand peers at work on the same thread.
    let pause = Duration::from_millis(250);
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n";
    let dripping = after_request(move |stream| drip_every(pause, stream, head)).await;
    let good = Peer::answering(OK).await;
    let client = client();
    post(&client, &good.url(), AMPLE).await.unwrap();
    let before = resident();
    let target = target(&client, &dripping.url());
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..HOSTILE {
        let (client, target) = (client.clone(), target.clone());
        requests
            .spawn(async move { crate::support::post_to(&client, &target, Duration::from_mins(5)).await });
    }
    while dripping.connections() < HOSTILE {
        tokio::select! {
            ended = requests.join_next() => panic!("one ended before all had come: {ended:?}"),
            () = sleep(Duration::from_millis(20)) => {}
        }
    }
    sleep(Duration::from_millis(500)).await;
    for _ in 0..20 {
        let answer = post(&client, &good.url(), AMPLE).await.unwrap();
        assert!(answer.elapsed < Duration::from_secs(2), "{:?}", answer.elapsed);
    }
    // The peers live in this process too and cost about half of it.
    let risen = resident().saturating_sub(before);
    assert!(risen < 40 << 20, "{} KiB more in memory", risen >> 10);
    assert_eq!(requests.len(), HOSTILE, "none of them has ended");
}
