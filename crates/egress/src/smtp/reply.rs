//! What a mail server answers: a code and some lines, bounded.

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::failure::{FailureKind, Fault};

/// Longest line taken. The standard says 512; some servers say more.
const MAX_LINE: usize = 4096;
/// Most lines of one reply.
const MAX_LINES: usize = 128;
/// Most characters of a reply that are shown.
const MAX_TEXT: usize = 1000;

/// One complete reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its three digits.
    pub code: u16,
    /// The text of each line, without the code.
    pub lines: Vec<String>,
}

impl Reply {
    /// The enhanced status code at the beginning of the text (RFC 3463), such as `5.1.1`.
    pub fn enhanced(&self) -> Option<(u16, u16, u16)> {
        let word = self.lines.first()?.split_whitespace().next()?;
        let mut parts = word.split('.');
        let mut next = || {
            let digits = parts.next()?;
            let plain = (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse().ok())?
        };
        let code = (next()?, next()?, next()?);
        (parts.next().is_none() && matches!(code.0, 2 | 4 | 5)).then_some(code)
    }

    /// Code and text in one line, of a bounded length and without control characters.
    pub fn text(&self) -> String {
        let text = self.code.to_string() + " " + &self.lines.join(" ").replace(char::is_control, " ");
        if text.chars().count() <= MAX_TEXT {
            return text.trim_end().to_owned();
        }
        text.chars().take(MAX_TEXT).chain(['…']).collect()
    }

    pub(super) fn is_positive(&self) -> bool {
        (200..300).contains(&self.code)
    }
}

/// Reads one reply; what comes after it stays in `buffer`.
pub(super) async fn read<S>(stream: &mut S, buffer: &mut BytesMut) -> Result<Reply, Fault>
where
    S: AsyncRead + Unpin,
{
    let mut reply: Option<Reply> = None;
    loop {
        let line = line(stream, buffer).await?;
        let (code, more, text) = parse(&line).ok_or_else(not_smtp)?;
        let reply = reply.get_or_insert_with(|| Reply {
            code,
            lines: Vec::new(),
        });
        if reply.code != code || reply.lines.len() == MAX_LINES {
            return Err(not_smtp());
        }
        reply.lines.push(text.to_owned());
        if !more {
            return Ok(std::mem::replace(
                reply,
                Reply {
                    code,
                    lines: Vec::new(),
                },
            ));
        }
    }
}

async fn line<S>(stream: &mut S, buffer: &mut BytesMut) -> Result<String, Fault>
where
    S: AsyncRead + Unpin,
{
    let mut looked_at = 0;
    loop {
        if let Some(end) = buffer[looked_at..].iter().position(|byte| *byte == b'\n') {
            let line = buffer.split_to(looked_at + end + 1);
            return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
        looked_at = buffer.len();
        if looked_at > MAX_LINE {
            return Err(not_smtp());
        }
        match stream.read_buf(buffer).await {
            Ok(1..) => {}
            Ok(0) => return Err(closed("the server closed the connection")),
            Err(_) => return Err(closed("the connection broke")),
        }
    }
}

/// Code, whether another line follows, and the text.
fn parse(line: &str) -> Option<(u16, bool, &str)> {
    let (digits, rest) = line.split_at_checked(3)?;
    let code = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())??;
    if !(200..600).contains(&code) {
        return None;
    }
    match rest.as_bytes().first() {
        None => Some((code, false, "")),
        Some(b' ') => Some((code, false, &rest[1..])),
        Some(b'-') => Some((code, true, &rest[1..])),
        Some(_) => None,
    }
}

fn not_smtp() -> Fault {
    Fault::new(
        FailureKind::Protocol,
        "the server answered something that is not SMTP",
    )
}

fn closed(detail: &'static str) -> Fault {
    Fault::new(FailureKind::Closed, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(bytes: &[u8]) -> Result<Reply, FailureKind> {
        read(&mut &bytes[..], &mut BytesMut::new())
            .await
            .map_err(|fault| fault.kind)
    }

    #[tokio::test]
    async fn replies_are_read_line_by_line() {
        let reply = read_all(b"250-one\r\n250-two words\r\n250 three\r\n250 next")
            .await
            .unwrap();
        assert_eq!((reply.code, reply.lines.len()), (250, 3));
        assert_eq!(reply.text(), "250 one two words three");
        assert_eq!(read_all(b"354\r\n").await.unwrap().lines, [""]);
        assert_eq!(read_all(b"250 ok\n").await.unwrap().text(), "250 ok");
        assert_eq!(
            read_all(b"550 caf\xe9\x07\r\n").await.unwrap().text(),
            "550 caf\u{fffd}"
        );
    }

    #[tokio::test]
    async fn what_is_not_smtp_is_refused() {
        for bytes in [
            &b"HTTP/1.1 400 Bad Request\r\n"[..],
            b"25\r\n",
            b"250+x\r\n",
            b"099 x\r\n",
            b"600 x\r\n",
            b"2\xc3\xa9 x\r\n",
            b"250-one\r\n550 two\r\n",
        ] {
            assert_eq!(read_all(bytes).await, Err(FailureKind::Protocol), "{bytes:?}");
        }
        assert_eq!(read_all(&b"2".repeat(100_000)).await, Err(FailureKind::Protocol));
        assert_eq!(
            read_all(&b"250-x\r\n".repeat(1000)).await,
            Err(FailureKind::Protocol)
        );
        assert_eq!(read_all(b"250-x\r\n").await, Err(FailureKind::Closed));
    }

    #[test]
    fn enhanced_codes_are_recognised() {
        let enhanced = |text: &str| {
            let lines = vec![text.to_owned()];
            Reply { code: 550, lines }.enhanced()
        };
        assert_eq!(enhanced("5.1.1 no such user"), Some((5, 1, 1)));
        assert_eq!(enhanced("5.7.509"), Some((5, 7, 509)));
        for text in [
            "",
            "no such user",
            "5.1 x",
            "5.1.1.1 x",
            "3.1.1 x",
            "5.1.1234 x",
            "5..1 x",
            "5.+1.1 x",
        ] {
            assert_eq!(enhanced(text), None, "{text}");
        }
    }
}
