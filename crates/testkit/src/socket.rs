//! A WebSocket listener.

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::pin::Pin;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::PATIENCE;

/// A connection to be opened when awaited: the socket, or the status it was refused with.
#[derive(Debug)]
#[must_use = "a socket is opened when awaited"]
pub struct SocketCall {
    address: SocketAddr,
    query: String,
    bearer: Option<String>,
    headers: Vec<(&'static str, String)>,
    receive_buffer: Option<u32>,
}

impl SocketCall {
    pub(crate) fn new(address: SocketAddr, query: &str) -> Self {
        Self {
            address,
            query: query.to_owned(),
            bearer: None,
            headers: Vec::new(),
            receive_buffer: None,
        }
    }

    /// With a key or user token in the header.
    pub fn key(mut self, credential: &str) -> Self {
        self.bearer = Some(credential.to_owned());
        self
    }

    /// With a header.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// With room for this many bytes in the kernel: left alone it grows by megabytes, and nobody who does not read is noticed.
    pub fn receive_buffer(mut self, bytes: u32) -> Self {
        self.receive_buffer = Some(bytes);
        self
    }

    /// The socket of a listener who must be let in.
    pub async fn open(self) -> Socket {
        self.into_future()
            .await
            .unwrap_or_else(|status| panic!("not let in: {status}"))
    }

    #[expect(clippy::disallowed_methods, reason = "connects to the server under test")]
    async fn connect(self) -> Result<Socket, u16> {
        let url = format!("ws://{}/api/v1/events/stream{}", self.address, self.query);
        let mut request = url.into_client_request().expect("a URL");
        if let Some(bearer) = &self.bearer {
            let value = format!("Bearer {bearer}").parse().expect("the value of a header");
            request.headers_mut().insert("authorization", value);
        }
        for (name, value) in &self.headers {
            request
                .headers_mut()
                .insert(*name, value.parse().expect("the value of a header"));
        }
        let socket = TcpSocket::new_v4().expect("a socket");
        if let Some(bytes) = self.receive_buffer {
            socket.set_recv_buffer_size(bytes).expect("a buffer's size");
        }
        let stream = socket.connect(self.address).await.expect("the server accepts");
        match client_async(request, stream).await {
            Ok((stream, _)) => Ok(Socket { stream }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("the handshake failed: {error}"),
        }
    }
}

impl IntoFuture for SocketCall {
    type Output = Result<Socket, u16>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.connect())
    }
}

/// An open socket. Answers pings only while something is awaited.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// The next message, whatever it is; `None` when the connection is gone without a close frame.
    pub async fn message(&mut self) -> Option<Message> {
        let next = tokio::time::timeout(PATIENCE, self.stream.next())
            .await
            .expect("no message came");
        match next {
            None | Some(Err(_)) => None,
            Some(Ok(message)) => Some(message),
        }
    }

    /// The next frame of JSON.
    #[track_caller]
    pub fn frame(&mut self) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            loop {
                match self.message().await {
                    Some(Message::Text(text)) => {
                        return serde_json::from_str(&text).expect("a frame is JSON");
                    }
                    Some(Message::Ping(_) | Message::Pong(_)) => {}
                    other => panic!("{caller}: a frame was wanted, not {other:?}"),
                }
            }
        }
    }

    /// The next frame, which must be of this type.
    #[track_caller]
    pub fn expect(&mut self, kind: &'static str) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        let next = self.frame();
        async move {
            let frame = next.await;
            assert_eq!(frame["type"], kind, "{caller}: {frame}");
            frame
        }
    }

    /// Reads on to the end: the frames that still came, and the code the server closed with, if it could still say it.
    pub async fn ended(&mut self) -> (Vec<Value>, Option<u16>) {
        let mut frames = Vec::new();
        loop {
            match self.message().await {
                Some(Message::Text(text)) => {
                    frames.push(serde_json::from_str(&text).expect("a frame is JSON"));
                }
                Some(Message::Close(close)) => return (frames, close.map(|close| close.code.into())),
                Some(_) => {}
                None => return (frames, None),
            }
        }
    }

    /// The code the server closes with.
    #[track_caller]
    pub fn code(&mut self) -> impl Future<Output = u16> {
        let caller = std::panic::Location::caller();
        async move {
            let (frames, code) = self.ended().await;
            code.unwrap_or_else(|| panic!("{caller}: no close frame after {} others", frames.len()))
        }
    }

    /// Says something.
    pub async fn say(&mut self, frame: &Value) {
        self.send(Message::text(frame.to_string())).await;
    }

    /// Sends any message.
    pub async fn send(&mut self, message: Message) {
        self.stream.send(message).await.expect("the server hears");
    }

    /// Demands that nothing was on its way: the answer to a ping comes first.
    #[track_caller]
    pub fn quiet(&mut self) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            self.say(&serde_json::json!({"type": "ping"})).await;
            let frame = self.frame().await;
            assert_eq!(
                frame["type"], "pong",
                "{caller}: nothing was to come, but {frame}"
            );
        }
    }

    /// The same, where frames of these types may still come first.
    pub async fn quiet_but(&mut self, kinds: &[&str]) {
        self.say(&serde_json::json!({"type": "ping"})).await;
        loop {
            let frame = self.frame().await;
            let kind = frame["type"].as_str().unwrap_or_default();
            if kind == "pong" {
                return;
            }
            assert!(kinds.contains(&kind), "nothing was to come, but {frame}");
        }
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        let _ = self.stream.close(None).await;
    }
}
