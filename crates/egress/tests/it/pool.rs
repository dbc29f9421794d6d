//! Which connections are used again, and what is never done twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use egress::{Client, FailureKind, Settings};
use http::{HeaderMap, HeaderValue, Method};
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep};

use crate::support::{AMPLE, OK, Peer, SHORT, client, post, post_to, read_request, settings, target};

async fn post_many(client: &Client, peer: &Peer, times: usize) {
    for _ in 0..times {
        post(client, &peer.url(), AMPLE).await.unwrap();
    }
}

fn client_with(change: impl FnOnce(&mut Settings)) -> Client {
    let mut settings = settings();
    change(&mut settings);
    Client::new(settings).unwrap()
}

#[tokio::test]
async fn requests_one_after_another_share_a_connection() {
    let peer = Peer::answering(OK).await;
    let client = client();
    post_many(&client, &peer, 50).await;
    assert_eq!((peer.connections(), client.idle_connections()), (1, 1));
}

#[tokio::test]
async fn answers_that_end_the_message_cleanly_keep_the_connection() {
    for answer in [
        &b"HTTP/1.1 204 No Content\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 500 Oh No\r\ncontent-length: 2\r\n\r\nno",
        b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok",
    ] {
        let peer = Peer::answering(answer).await;
        post_many(&client(), &peer, 3).await;
        assert_eq!(peer.connections(), 1, "{}", answer.escape_ascii());
    }
}

#[tokio::test]
async fn answers_that_end_the_connection_are_not_kept() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"[..],
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
        // A peer that closes after one second may be about to.
        b"HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 2\r\n\r\nok",
        // Bytes that nobody asked for would be read as the next answer.
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    ] {
        let peer = Peer::answering(answer).await;
        let client = client();
        post_many(&client, &peer, 3).await;
        assert_eq!(
            (peer.connections(), client.idle_connections()),
            (3, 0),
            "{}",
            answer.escape_ascii()
        );
    }
}

#[tokio::test]
async fn a_connection_the_peer_closed_while_idle_is_replaced_and_the_request_sent_once() {
    for reset in [false, true] {
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        let peer = Peer::start(move |mut stream| {
            let counter = Arc::clone(&counter);
            async move {
                if read_request(&mut stream).await.is_some() {
                    counter.fetch_add(1, Ordering::SeqCst);
                    stream.write_all(OK).await.unwrap();
                }
                // Let the answer be read first: a reset would discard it.
                sleep(Duration::from_millis(50)).await;
                if reset {
                    stream.set_zero_linger().unwrap();
                }
            }
        })
        .await;
        let client = client();
        for _ in 0..3 {
            post(&client, &peer.url(), AMPLE).await.unwrap();
            sleep(Duration::from_millis(150)).await;
        }
        assert_eq!((peer.connections(), requests.load(Ordering::SeqCst)), (3, 3));
    }
}

#[tokio::test]
async fn a_request_that_was_written_is_never_written_again() {
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    let peer = Peer::start(move |mut stream| {
        let counter = Arc::clone(&counter);
        async move {
            // Answers the first request of a connection, takes the second and goes.
            for answer in [Some(OK), None] {
                if read_request(&mut stream).await.is_none() {
                    return;
                }
                counter.fetch_add(1, Ordering::SeqCst);
                if let Some(answer) = answer {
                    stream.write_all(answer).await.unwrap();
                }
            }
        }
    })
    .await;
    let client = client();
    post(&client, &peer.url(), AMPLE).await.unwrap();
    let failure = post(&client, &peer.url(), AMPLE).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.sent),
        (FailureKind::Closed, true),
        "{failure}"
    );
    assert_eq!((peer.connections(), requests.load(Ordering::SeqCst)), (1, 2));
}

#[tokio::test]
async fn a_request_cut_off_by_its_deadline_takes_its_connection_with_it() {
    let peer = Peer::start(|mut stream| async move {
        // The answer to the first request comes when nobody waits any more.
        if read_request(&mut stream).await.is_some() {
            sleep(SHORT * 2).await;
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nstale")
                .await;
        }
    })
    .await;
    let client = client();
    assert_eq!(
        post(&client, &peer.url(), SHORT).await.unwrap_err().kind,
        FailureKind::Timeout
    );
    assert_eq!(client.idle_connections(), 0);
    let answer = post(&client, &peer.url(), AMPLE).await.unwrap();
    assert_eq!((&answer.body[..], peer.connections()), (&b"stale"[..], 2));
}

#[tokio::test]
async fn idle_connections_are_bounded_per_host_and_in_all() {
    let peers = [
        Peer::answering(OK).await,
        Peer::answering(OK).await,
        Peer::answering(OK).await,
    ];
    let client = client_with(|settings| {
        settings.pool_idle_per_host = 2;
        settings.pool_idle_total = 3;
    });
    for (peer, expected) in peers.iter().zip([2, 3, 3]) {
        let url = peer.url();
        let many: Vec<_> = (0..8).map(|_| post(&client, &url, AMPLE)).collect();
        for answer in futures_util::future::join_all(many).await {
            answer.unwrap();
        }
        assert_eq!(client.idle_connections(), expected);
    }
}

#[tokio::test]
async fn idle_connections_expire() {
    let peer = Peer::answering(OK).await;
    let client = client_with(|settings| settings.pool_idle_timeout = Duration::from_millis(50));
    post_many(&client, &peer, 1).await;
    client.sweep();
    assert_eq!(client.idle_connections(), 1);
    sleep(Duration::from_millis(100)).await;
    client.sweep();
    assert_eq!(client.idle_connections(), 0);
    post_many(&client, &peer, 1).await;
    sleep(Duration::from_millis(100)).await;
    post_many(&client, &peer, 1).await;
    assert_eq!(peer.connections(), 3);
}

#[tokio::test]
async fn traffic_closes_the_stale_connections_of_others() {
    let (quiet, busy) = (Peer::answering(OK).await, Peer::answering(OK).await);
    let client = client_with(|settings| settings.pool_idle_timeout = Duration::from_millis(50));
    post_many(&client, &quiet, 1).await;
    sleep(Duration::from_millis(1100)).await;
    post_many(&client, &busy, 1).await;
    assert_eq!(client.idle_connections(), 1);
}

#[tokio::test]
async fn clients_on_many_threads_share_the_pool() {
    let peer = Peer::answering(OK).await;
    let client = client();
    let url = peer.url();
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (client, target) = (client.clone(), target(&client, &url));
            tokio::spawn(async move {
                for _ in 0..50 {
                    assert_eq!(post_to(&client, &target, AMPLE).await.unwrap().status, 200);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert!(peer.connections() <= 16, "{} connections", peer.connections());
}

#[tokio::test]
async fn redirects_are_answers() {
    let elsewhere = Peer::answering(OK).await;
    for status in [301, 302, 303, 307, 308] {
        let answer = format!(
            "HTTP/1.1 {status} Moved\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n",
            elsewhere.addr
        );
        let peer = Peer::answering(answer.leak().as_bytes()).await;
        assert_eq!(post(&client(), &peer.url(), AMPLE).await.unwrap().status, status);
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn the_request_arrives_as_it_was_meant() {
    let peer = Peer::start(|mut stream| async move {
        let request = read_request(&mut stream).await.unwrap();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", request.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
    })
    .await;
    let client = client();
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("webhook-id", "msg_1"),
        ("host", "evil.example"),
        ("content-length", "1"),
        ("transfer-encoding", "chunked"),
        ("connection", "upgrade"),
        ("upgrade", "h2c"),
        ("expect", "100-continue"),
        ("te", "trailers"),
        ("trailer", "x"),
        ("keep-alive", "timeout=1"),
        ("proxy-connection", "close"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let target = target(&client, &peer.url());
    let deadline = Instant::now() + AMPLE;
    let answer = client
        .post(&target, headers, Bytes::from_static(b"12345"), deadline)
        .await
        .unwrap();
    let request = String::from_utf8(answer.body.to_vec()).unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().collect();
    assert_eq!(lines.remove(0), "post /hook?a=1 http/1.1");
    lines.sort_unstable();
    let host = format!("host: {}", peer.addr);
    assert_eq!(lines, ["content-length: 5", host.as_str(), "webhook-id: msg_1"]);
    assert_eq!(body, "12345");
    for (method, expected) in [(Method::GET, "get /hook?a=1"), (Method::POST, "post /hook?a=1")] {
        let empty = client.request(
            method,
            &target,
            HeaderMap::new(),
            Bytes::new(),
            Instant::now() + AMPLE,
        );
        let request = empty.await.unwrap().body;
        assert!(
            request.starts_with(expected.as_bytes()),
            "{}",
            request.escape_ascii()
        );
    }
}

#[tokio::test]
async fn a_path_that_looks_like_a_host_stays_a_path() {
    let peer = Peer::start(|mut stream| async move {
        let request = read_request(&mut stream).await.unwrap();
        let line = request.lines().next().unwrap();
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{line}", line.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    for path in [
        "//evil.example/x?y=/z",
        "/?",
        "/http://evil.example/",
        "/a%2fb/%0d%0ahost:%20x",
    ] {
        let answer = post(&client(), &format!("http://{}{path}", peer.addr), AMPLE)
            .await
            .unwrap();
        assert_eq!(
            answer.body.escape_ascii().to_string(),
            format!("post {path} http/1.1")
        );
    }
}

#[tokio::test]
async fn useful_headers_come_back() {
    let peer = Peer::answering(
        b"HTTP/1.1 429 Slow Down\r\nretry-after: 120\r\ncontent-type: text/plain\r\nset-cookie: a=b\r\ncontent-length: 4\r\n\r\nwait",
    )
    .await;
    let answer = post(&client(), &peer.url(), AMPLE).await.unwrap();
    assert_eq!(answer.status, 429);
    assert_eq!(answer.retry_after.unwrap(), "120");
    assert_eq!(answer.content_type.unwrap(), "text/plain");
    assert_eq!((&answer.body[..], answer.truncated), (&b"wait"[..], false));
}
