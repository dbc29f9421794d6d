//! Serving HTTP: an accept loop over hyper's HTTP/1.1, with limits on what a stranger may hold, and a graceful end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::leftover;

/// How long a request's head may take to arrive.
const HEAD: Duration = Duration::from_secs(30);

/// Limits of one connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Bytes of a request's head.
    pub head: usize,
}

/// Accepts connections until `stopping`; those under way finish their request.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    tasks: TaskTracker,
    stopping: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = stopping.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (router, stopping) = (router.clone(), stopping.clone());
                tasks.spawn(connection(stream, peer, router, bounds, stopping));
            }
            Err(error) => {
                // Out of file descriptors, most likely: those who leave make room.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// Answers one request, and sees to it that the next one can follow.
async fn answer(router: Router, request: hyper::Request<Incoming>) -> Result<Response, Infallible> {
    // Who waits to be asked for the body is not asked for one that nobody wants.
    if request.body().is_end_stream() || request.headers().contains_key(header::EXPECT) {
        return router.oneshot(request.map(Body::new)).await;
    }
    let (head, body) = request.into_parts();
    let (lent, leftover) = leftover::lend(body);
    let mut answer = router
        .oneshot(hyper::Request::from_parts(head, Body::new(lent)))
        .await?;
    if !leftover.drain().await {
        let close = HeaderValue::from_static("close");
        answer.headers_mut().insert(header::CONNECTION, close);
    }
    Ok(answer)
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    bounds: Bounds,
    stopping: CancellationToken,
) {
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        answer(router.clone(), request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(bounds.head.max(8 * 1024))
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection ended early");
    }
}
