//! Just enough HTTP/1.1 to read messages that have a `content-length`, or chunks.
//!
//! The generator, the receiver and the tiny client share it. It is hand-made because generator and receiver run on
//! the same two cores as the measured server: what they spend, the server does not get.

/// The index just behind the blank line that ends a message's head.
pub(crate) fn head_end(buffer: &[u8]) -> Option<usize> {
    buffer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map(|at| at + 4)
}

/// The trimmed value of a header, by a name compared without regard to case.
pub(crate) fn header<'a>(head: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    head.split(|byte| *byte == b'\n').skip(1).find_map(|line| {
        let (found, value) = line.split_at_checked(name.len())?;
        let value = value.strip_prefix(b":")?;
        found.eq_ignore_ascii_case(name).then(|| value.trim_ascii())
    })
}

/// The `content-length` of a message, where it says one.
pub(crate) fn content_length(head: &[u8]) -> Option<usize> {
    std::str::from_utf8(header(head, b"content-length")?)
        .ok()?
        .parse()
        .ok()
}

/// The status code of an answer; 0 for what is not an answer.
pub(crate) fn status(head: &[u8]) -> u16 {
    head.get(9..12)
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

/// The target of a request line.
pub(crate) fn target(head: &[u8]) -> &[u8] {
    head.split(|byte| *byte == b' ').nth(1).unwrap_or_default()
}

/// A whole message at the start of `buffer`: where its head and its body end. `None` while bytes are missing.
pub(crate) fn framed(buffer: &[u8]) -> Option<(usize, usize)> {
    let head = head_end(buffer)?;
    let length = content_length(&buffer[..head]).unwrap_or(0);
    (buffer.len() >= head + length).then_some((head, head + length))
}

/// The body of a chunked message, once its last chunk is there.
pub(crate) fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..line]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        let chunk = rest.get(line + 2..line + 2 + size)?;
        body.extend_from_slice(chunk);
        rest = rest.get(line + 2 + size + 2..)?;
        if size == 0 {
            return Some(body);
        }
    }
}

/// The bytes of a POST with a JSON body, kept alive, as the generator repeats them.
pub(crate) fn post(path: &str, key: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: campanile\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The first place where `needle` begins.
pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nx-a:  b \r\n\r\nokHTTP/1.1";

    #[test]
    fn reads_an_answer_with_a_length() {
        let (head, end) = framed(ANSWER).expect("complete");
        assert_eq!(status(ANSWER), 201);
        assert_eq!(&ANSWER[head..end], b"ok");
        assert_eq!(header(&ANSWER[..head], b"X-A"), Some(&b"b"[..]));
        assert_eq!(header(&ANSWER[..head], b"content"), None);
        assert_eq!(framed(&ANSWER[..=head]), None);
    }

    #[test]
    fn reads_chunks_only_when_the_last_is_there() {
        assert_eq!(
            unchunked(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n").as_deref(),
            Some(&b"abcde"[..])
        );
        assert_eq!(unchunked(b"3\r\nabc\r\n"), None);
    }

    #[test]
    fn finds_the_target() {
        assert_eq!(target(b"POST /hook/1 HTTP/1.1\r\n"), b"/hook/1");
    }
}
