//! A listener by server-sent events.

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::Value;

use crate::PATIENCE;
use crate::call::Http;

/// One event of the stream.
#[derive(Debug, Clone)]
pub struct Told {
    /// What `Last-Event-ID` says to go on behind it.
    pub id: Option<String>,
    /// Its name.
    pub event: String,
    /// Its data.
    pub data: Value,
}

/// An open stream.
#[derive(Debug)]
pub struct EventSource {
    /// Headers of the answer.
    pub headers: HeaderMap,
    body: Incoming,
    text: String,
}

impl EventSource {
    /// Opens the stream: the source, or the status it was refused with.
    pub(crate) async fn open(
        http: &Http,
        base: &str,
        query: &str,
        key: &str,
        last: Option<&str>,
    ) -> Result<Self, u16> {
        let mut request =
            Request::get(format!("{base}/api/v1/events/stream{query}")).header("accept", "text/event-stream");
        if !key.is_empty() {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let request = request.body(Full::new(Bytes::new())).expect("a request");
        let (parts, body) = http.0.request(request).await.expect("an answer").into_parts();
        if parts.status.as_u16() == 200 {
            Ok(Self {
                headers: parts.headers,
                body,
                text: String::new(),
            })
        } else {
            Err(parts.status.as_u16())
        }
    }

    /// The next event; `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                if let Some(told) = read(&block) {
                    return Some(told);
                }
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame())
                .await
                .expect("no event came");
            let data = frame?.expect("the stream holds").into_data().ok()?;
            self.text.push_str(std::str::from_utf8(&data).expect("UTF-8"));
        }
    }

    /// The next event, which must have this name.
    pub async fn expect(&mut self, event: &str) -> Told {
        let told = self.next().await.expect("the stream goes on");
        assert_eq!(told.event, event, "{told:?}");
        assert_eq!(told.data["type"], event, "{told:?}");
        told
    }
}

/// One block of lines; comments say nothing.
fn read(block: &str) -> Option<Told> {
    let field = |name: &str| {
        let values = block
            .lines()
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let values: Vec<_> = values
            .map(|value| value.strip_prefix(' ').unwrap_or(value))
            .collect();
        (!values.is_empty()).then(|| values.join("\n"))
    };
    let data = field("data")?;
    let data = serde_json::from_str(&data).unwrap_or_else(|error| panic!("{error}: {data}"));
    Some(Told {
        id: field("id"),
        event: field("event").unwrap_or_else(|| "message".into()),
        data,
    })
}
