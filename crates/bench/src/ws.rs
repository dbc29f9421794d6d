//! A WebSocket client of a few hundred bytes a connection.
//!
//! Ten thousand of them share two cores with the server they watch; a general client spends more on reading a frame
//! than the server on sending it. Masks are zero: they protect proxies, and there is none.

use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::wire;

/// What came over the line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A whole text message.
    Text(Vec<u8>),
    /// The server closed with this code (1005 where it said none).
    Close(u16),
}

/// One open socket.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    buffer: Vec<u8>,
    message: Vec<u8>,
}

/// Opens a socket on `path` with a bearer in the header, from `source` where one address has too few ports.
pub(crate) async fn connect(
    addr: SocketAddr,
    path: &str,
    bearer: &str,
    source: Option<IpAddr>,
) -> std::io::Result<Socket> {
    let socket = TcpSocket::new_v4()?;
    if let Some(source) = source {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    let mut stream = socket.connect(addr).await?;
    stream.set_nodelay(true)?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: campanile\r\nauthorization: Bearer {bearer}\r\nconnection: Upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = Vec::with_capacity(512);
    let head = loop {
        if let Some(end) = wire::head_end(&buffer) {
            break end;
        }
        if stream.read_buf(&mut buffer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    };
    if wire::status(&buffer) != 101 {
        let text = String::from_utf8_lossy(&buffer[..buffer.len().min(600)]).into_owned();
        return Err(std::io::Error::other(format!("no upgrade: {text}")));
    }
    buffer.drain(..head);
    Ok(Socket {
        stream,
        buffer,
        message: Vec::new(),
    })
}

impl Socket {
    /// The next message; pings are answered on the way. An error when the line breaks.
    pub(crate) async fn next(&mut self) -> std::io::Result<Frame> {
        loop {
            while let Some((frame, length)) = parse(&self.buffer) {
                self.buffer.drain(..length);
                if let Some(frame) = self.take(frame).await? {
                    return Ok(frame);
                }
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn take(&mut self, raw: Raw) -> std::io::Result<Option<Frame>> {
        match raw.opcode {
            0x0..=0x2 => {
                self.message.extend_from_slice(&raw.payload);
                Ok(raw.last.then(|| Frame::Text(std::mem::take(&mut self.message))))
            }
            0x8 => {
                let code = raw
                    .payload
                    .first_chunk::<2>()
                    .map_or(1005, |code| u16::from_be_bytes(*code));
                Ok(Some(Frame::Close(code)))
            }
            0x9 => {
                self.stream.write_all(&masked(0xa, &raw.payload)).await?;
                Ok(None)
            }
            _ => Ok(None),
        }
    }
}

struct Raw {
    opcode: u8,
    last: bool,
    payload: Vec<u8>,
}

/// The frame at the start of `buffer` and how many bytes it takes. `None` while bytes are missing.
fn parse(buffer: &[u8]) -> Option<(Raw, usize)> {
    let (first, second) = (*buffer.first()?, *buffer.get(1)?);
    let (start, length): (usize, usize) = match second & 0x7f {
        126 => (
            4,
            usize::from(u16::from_be_bytes(*buffer.get(2..)?.first_chunk()?)),
        ),
        127 => (
            10,
            usize::try_from(u64::from_be_bytes(*buffer.get(2..)?.first_chunk()?)).ok()?,
        ),
        short => (2, usize::from(short)),
    };
    let payload = buffer.get(start..start.checked_add(length)?)?.to_vec();
    Some((
        Raw {
            opcode: first & 0x0f,
            last: first & 0x80 != 0,
            payload,
        },
        start + length,
    ))
}

/// A control frame of ours: they have at most 125 bytes.
fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let payload = &payload[..payload.len().min(125)];
    let mut frame = vec![0x80 | opcode, 0x80 | payload.len() as u8];
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_all_lengths_are_read() {
        for length in [0_usize, 125, 126, 65_535, 65_536] {
            let mut frame = vec![0x81];
            match length {
                0..=125 => frame.push(u8::try_from(length).expect("short")),
                126..=65_535 => {
                    frame.push(126);
                    frame.extend_from_slice(&u16::try_from(length).expect("middle").to_be_bytes());
                }
                _ => {
                    frame.push(127);
                    frame.extend_from_slice(&(length as u64).to_be_bytes());
                }
            }
            frame.extend(std::iter::repeat_n(b'x', length));
            assert!(parse(&frame[..frame.len() - 1]).is_none());
            let (raw, taken) = parse(&frame).expect("whole");
            assert_eq!((raw.payload.len(), taken, raw.opcode), (length, frame.len(), 1));
        }
    }

    #[test]
    fn what_we_send_is_masked() {
        assert_eq!(masked(0xa, b"hi"), [0x8a, 0x82, 0, 0, 0, 0, b'h', b'i']);
    }
}
