//! W4: answers that are not what HTTP/1.1 says. Each ends at once and with the right kind.

use egress::FailureKind::{self, Closed, Protocol};
use egress::{Client, Settings};
use tokio::io::AsyncWriteExt;

use crate::support::{AMPLE, Peer, client, post, read_request, settings};

/// A peer that reads the request, says `answer`, and closes.
async fn saying(answer: Vec<u8>) -> Peer {
    let answer: &'static [u8] = answer.leak();
    Peer::start(move |mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(answer).await;
        // Half-closes and waits, so that unread bytes do not turn the close into a reset.
        let _ = stream.shutdown().await;
        read_request(&mut stream).await;
    })
    .await
}

/// What must come of an answer that is wrong: the kind, and the status if its head was still good.
async fn fails(name: &str, answer: impl Into<Vec<u8>>, kind: FailureKind, status: Option<u16>) {
    let peer = saying(answer.into()).await;
    let client = client();
    let failure = post(&client, &peer.url(), AMPLE).await.expect_err(name);
    assert_eq!(
        (failure.kind, failure.status),
        (kind, status),
        "{name}: {failure}"
    );
    assert!(failure.sent, "{name}");
    assert_eq!(
        failure.detail.contains("200"),
        status.is_some(),
        "{name}: {failure}"
    );
    assert_eq!((client.idle_connections(), peer.connections()), (0, 1), "{name}");
}

fn with_headers(headers: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{headers}content-length: 0\r\n\r\n")
}

#[tokio::test]
async fn heads_that_are_none() {
    fails("nothing", "", Closed, None).await;
    fails("half a head", "HTTP/1.1 200 OK\r\ncontent-len", Closed, None).await;
    fails("http/0.9", "<html>hello</html>", Protocol, None).await;
    fails("a shell", "SSH-2.0-OpenSSH_9.6\r\n", Protocol, None).await;
    fails("http/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Protocol, None).await;
    fails("http/3", "HTTP/3.0 200 OK\r\n\r\n", Protocol, None).await;
    fails("tls", "\x16\x03\x01\x02\0\x01\0\x01", Protocol, None).await;
    fails("no status", "HTTP/1.1 OK\r\n\r\n", Protocol, None).await;
    fails("status 99", "HTTP/1.1 99 OK\r\n\r\n", Protocol, None).await;
    fails("status 2000", "HTTP/1.1 2000 OK\r\n\r\n", Protocol, None).await;
    fails("space in name", with_headers("a b: c\r\n"), Protocol, None).await;
    fails("zero byte", with_headers("a: b\0c\r\n"), Protocol, None).await;
    fails("folded", with_headers("a: b\r\n c\r\n"), Protocol, None).await;
}

#[tokio::test]
async fn heads_over_the_limits() {
    let many = |count: usize| with_headers(&"h: x\r\n".repeat(count));
    let long = |length: usize| with_headers(&format!("h: {}\r\n", "x".repeat(length)));
    fails("10,000 headers", many(10_000), Protocol, None).await;
    fails("101 headers", many(101), Protocol, None).await;
    fails("64 KiB header", long(64 * 1024), Protocol, None).await;
    fails("a header over the limit", long(16 * 1024), Protocol, None).await;
    fails(
        "64 KiB reason",
        format!("HTTP/1.1 200 {}\r\n\r\n", "x".repeat(64 * 1024)),
        Protocol,
        None,
    )
    .await;
    for answer in [many(99), long(16 * 1024 - 100)] {
        let peer = saying(answer.into_bytes()).await;
        assert_eq!(post(&client(), &peer.url(), AMPLE).await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_head_limit_below_the_buffer_holds_too() {
    let client = Client::new(Settings {
        max_head: 1000,
        ..settings()
    })
    .unwrap();
    for (length, passes) in [(900, true), (1000, false)] {
        let peer = saying(with_headers(&format!("h: {}\r\n", "x".repeat(length))).into_bytes()).await;
        let outcome = post(&client, &peer.url(), AMPLE).await;
        assert_eq!(
            outcome
                .map(|answer| answer.status)
                .map_err(|failure| failure.kind),
            if passes { Ok(200) } else { Err(Protocol) }
        );
    }
}

#[tokio::test]
async fn contradicting_lengths() {
    let lengths = |lines: &str| format!("HTTP/1.1 200 OK\r\n{lines}\r\nhello");
    fails(
        "two lengths",
        lengths("content-length: 5\r\ncontent-length: 4\r\n"),
        Protocol,
        None,
    )
    .await;
    fails("negative", lengths("content-length: -5\r\n"), Protocol, None).await;
    fails("plus", lengths("content-length: +5\r\n"), Protocol, None).await;
    fails("hex", lengths("content-length: 0x5\r\n"), Protocol, None).await;
    fails(
        "too big",
        lengths("content-length: 99999999999999999999999\r\n"),
        Protocol,
        None,
    )
    .await;
    fails("short body", lengths("content-length: 6\r\n"), Closed, Some(200)).await;
    fails(
        "very short body",
        lengths("content-length: 18446744073709551610\r\n"),
        Closed,
        Some(200),
    )
    .await;
}

#[tokio::test]
async fn bad_chunks() {
    let chunks = |chunks: &str| format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
    fails(
        "no number",
        chunks("zz\r\nhello\r\n0\r\n\r\n"),
        Protocol,
        Some(200),
    )
    .await;
    fails(
        "negative",
        chunks("-5\r\nhello\r\n0\r\n\r\n"),
        Protocol,
        Some(200),
    )
    .await;
    fails(
        "too big",
        chunks("fffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
        Protocol,
        Some(200),
    )
    .await;
    fails(
        "no line end",
        chunks("5\r\nhelloworld\r\n0\r\n\r\n"),
        Protocol,
        Some(200),
    )
    .await;
    fails("cut in a chunk", chunks("ff\r\nhello"), Closed, Some(200)).await;
    fails("no last chunk", chunks("5\r\nhello\r\n"), Closed, Some(200)).await;
    fails(
        "endless extension",
        chunks(&format!("5;{}", "x".repeat(64 * 1024))),
        Protocol,
        Some(200),
    )
    .await;
    let trailers = "t: x\r\n".repeat(10_000);
    fails(
        "10,000 trailers",
        chunks(&format!("5\r\nhello\r\n0\r\n{trailers}\r\n")),
        Protocol,
        Some(200),
    )
    .await;
}

#[tokio::test]
async fn odd_answers_that_are_still_answers() {
    for (name, answer, status, body) in [
        ("until close", "HTTP/1.1 200 OK\r\n\r\nhello", 200, "hello"),
        ("http/1.0", "HTTP/1.0 200 OK\r\n\r\nhello", 200, "hello"),
        (
            "interim",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
            200,
            "hello",
        ),
        (
            "hints",
            "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 201 Created\r\n\r\nhello",
            201,
            "hello",
        ),
        (
            "more than said",
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello world",
            200,
            "hello",
        ),
        (
            "same length twice",
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\nhello",
            200,
            "hello",
        ),
        (
            "no reason",
            "HTTP/1.1 200\r\ncontent-length: 5\r\n\r\nhello",
            200,
            "hello",
        ),
        (
            "unknown status",
            "HTTP/1.1 799 Huh\r\ncontent-length: 5\r\n\r\nhello",
            799,
            "hello",
        ),
        (
            "no content",
            "HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello",
            204,
            "",
        ),
    ] {
        let peer = saying(answer.into()).await;
        let answer = post(&client(), &peer.url(), AMPLE)
            .await
            .unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert_eq!(
            (answer.status, &answer.body[..]),
            (status, body.as_bytes()),
            "{name}"
        );
    }
}

#[tokio::test]
async fn compressed_bodies_stay_compressed() {
    // The start of a member that would become megabytes; the middle of it is as good as any for not being unpacked.
    let bomb = [
        &b"\x1f\x8b\x08\0\0\0\0\0\x02\xff\xec\xc1\x01\x01\0\0\0\x80\x90\xfe\xaf\xee\x08\n"[..],
        &[0; 1000],
    ]
    .concat();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        bomb.len()
    );
    let peer = saying([head.as_bytes(), &bomb].concat()).await;
    let answer = post(&client(), &peer.url(), AMPLE).await.unwrap();
    assert_eq!((&answer.body[..], answer.truncated), (&bomb[..], false));
}
