//! What is left of a request when it was answered before it was read.
//!
//! A refusal often needs no look at the body. Closing the connection on a caller who is still sending it would lose the answer, and
//! the connection with it: so the rest is read and thrown away first, within bounds.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::oneshot;

/// Bytes read and thrown away at most.
const MOST: u64 = 32 * 1024 * 1024;
/// How long the rest may take to arrive.
const PATIENCE: Duration = Duration::from_secs(2);

/// A request's body on loan: what is not read of it comes back.
#[derive(Debug)]
pub(crate) struct Lent {
    body: Option<Incoming>,
    back: Option<oneshot::Sender<Incoming>>,
}

/// Where it comes back to.
#[derive(Debug)]
pub(crate) struct Leftover(oneshot::Receiver<Incoming>);

/// Lends a body out.
pub(crate) fn lend(body: Incoming) -> (Lent, Leftover) {
    let (back, leftover) = oneshot::channel();
    let lent = Lent {
        body: Some(body),
        back: Some(back),
    };
    (lent, Leftover(leftover))
}

impl Leftover {
    /// Reads what was left. `false` when that was too much: the connection cannot be used again.
    pub(crate) async fn drain(mut self) -> bool {
        let Ok(mut body) = self.0.try_recv() else {
            return true;
        };
        if body.size_hint().lower() > MOST {
            return false;
        }
        let drained = async {
            let mut left = MOST;
            while let Some(frame) = body.frame().await {
                let Ok(frame) = frame else { return false };
                let read = frame.data_ref().map_or(0, Bytes::len);
                match left.checked_sub(u64::try_from(read).unwrap_or(u64::MAX)) {
                    Some(rest) => left = rest,
                    None => return false,
                }
            }
            true
        };
        tokio::time::timeout(PATIENCE, drained).await.unwrap_or(false)
    }
}

impl Body for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, Incoming::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take())
            && !body.is_end_stream()
        {
            let _ = back.send(body);
        }
    }
}
