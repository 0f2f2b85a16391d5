//! A small HTTP/1.1 client over one kept-alive connection: raw bytes, so that what it costs is known.
//!
//! Invariant: an answer is either whole or an error; a connection that broke is never used again.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A request that takes longer than this has hung, unless somebody knows better.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
    pub fn json(&self) -> Result<serde_json::Value, String> {
        serde_json::from_str(&self.body).map_err(|e| format!("not JSON ({e}): {}", self.body))
    }
}

/// One request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub key: &'a str,
    pub idempotency: Option<&'a str>,
    pub body: Option<&'a str>,
}

impl Request<'_> {
    /// The bytes that travel.
    pub fn bytes(&self, host: &str) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\nHost: {host}\r\n", self.method, self.path);
        if !self.key.is_empty() {
            text.push_str(&format!("Authorization: Bearer {}\r\n", self.key));
        }
        if let Some(key) = self.idempotency {
            text.push_str(&format!("Idempotency-Key: {key}\r\n"));
        }
        match self.body {
            Some(body) => text.push_str(&format!(
                "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )),
            None => text.push_str("\r\n"),
        }
        text.into_bytes()
    }
}

/// What a page's form sends.
#[derive(Debug, Clone, Copy)]
pub struct Form<'a> {
    pub path: &'a str,
    pub fields: &'a [(&'a str, &'a str)],
}

/// As a form has it: all but letters and digits by their bytes.
fn escaped(text: &str) -> String {
    let byte =
        |b: u8| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(byte).collect()
}

/// A connection to one server; opened when first used and again after it broke.
#[derive(Debug)]
pub struct Connection {
    host: String,
    stream: Option<BufReader<TcpStream>>,
    patience: Duration,
}

impl Connection {
    /// `host` is `127.0.0.1:8080`.
    pub fn new(host: &str) -> Connection {
        Connection { host: host.to_owned(), stream: None, patience: PATIENCE }
    }
    /// Waits so long for an answer, on connections that are opened from now on.
    pub fn patient(self, patience: Duration) -> Connection {
        Connection { patience, ..self }
    }

    /// Sends and waits. On an error nothing is known about what the server did.
    pub fn send(&mut self, request: Request<'_>) -> Result<Answer, String> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.open()?,
        };
        let bytes = request.bytes(&self.host);
        stream.get_mut().write_all(&bytes).map_err(|e| format!("sending: {e}"))?;
        let answer = read_answer(&mut stream)?;
        if answer.header("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok(answer)
    }

    /// A page, with these cookies.
    pub fn page(&mut self, path: &str, cookies: &str) -> Result<Answer, String> {
        let host = &self.host;
        self.exchange(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\n\r\n"))
    }

    /// Sends a form.
    pub fn post_form(&mut self, form: &Form<'_>, cookies: &str) -> Result<Answer, String> {
        let fields = form.fields.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
        let body = fields.collect::<Vec<_>>().join("&");
        let (host, path, length) = (&self.host, form.path, body.len());
        self.exchange(&format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// Sends a text and waits, on a connection of its own.
    fn exchange(&self, text: &str) -> Result<Answer, String> {
        let mut stream = self.open()?;
        stream.get_mut().write_all(text.as_bytes()).map_err(|e| format!("sending: {e}"))?;
        read_answer(&mut stream)
    }

    fn open(&self) -> Result<BufReader<TcpStream>, String> {
        let stream =
            TcpStream::connect(&self.host).map_err(|e| format!("connecting to {}: {e}", self.host))?;
        let set = stream
            .set_nodelay(true)
            .and_then(|()| stream.set_read_timeout(Some(self.patience)))
            .and_then(|()| stream.set_write_timeout(Some(self.patience)));
        set.map_err(|e| format!("setting up the connection: {e}"))?;
        Ok(BufReader::new(stream))
    }
}

fn read_answer(stream: &mut impl BufRead) -> Result<Answer, String> {
    let mut line = String::new();
    let mut next = |stream: &mut dyn BufRead| -> Result<String, String> {
        line.clear();
        match stream.read_line(&mut line) {
            Ok(0) => Err("the server closed the connection".to_owned()),
            Ok(_) => Ok(line.trim_end().to_owned()),
            Err(e) => Err(format!("reading: {e}")),
        }
    };
    let first = next(stream)?;
    let status = first.split(' ').nth(1).and_then(|s| s.parse().ok());
    let status: u16 = status.ok_or_else(|| format!("not an HTTP answer: {first}"))?;
    let mut headers = Vec::new();
    loop {
        let header = next(stream)?;
        if header.is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    let length = headers.iter().find(|(n, _)| n == "content-length").and_then(|(_, v)| v.parse().ok());
    let chunked = headers.iter().any(|(n, v)| n == "transfer-encoding" && v == "chunked");
    let body = match (length, chunked) {
        (Some(length), _) => read_exactly(stream, length)?,
        (None, true) => read_chunks(stream)?,
        (None, false) => Vec::new(),
    };
    let body = String::from_utf8(body).map_err(|_| "the answer is not UTF-8".to_owned())?;
    Ok(Answer { status, headers, body })
}

fn read_exactly(stream: &mut impl Read, length: usize) -> Result<Vec<u8>, String> {
    let mut body = vec![0; length];
    stream.read_exact(&mut body).map_err(|e| format!("the answer broke off: {e}"))?;
    Ok(body)
}

fn read_chunks(stream: &mut impl BufRead) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).map_err(|e| format!("the answer broke off: {e}"))?;
        let length = usize::from_str_radix(line.trim(), 16).map_err(|_| format!("not a chunk: {line}"))?;
        let chunk = read_exactly(stream, length + 2)?;
        body.extend_from_slice(&chunk[..length]);
        if length == 0 {
            return Ok(body);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_with_length_and_in_chunks_are_read_whole() {
        let plain = "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nIdempotent-Replayed: true\r\n\r\n{}HTTP";
        let answer = read_answer(&mut plain.as_bytes()).expect("whole");
        assert_eq!((answer.status, answer.body.as_str()), (201, "{}"));
        assert_eq!(answer.header("idempotent-replayed"), Some("true"));
        let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n";
        assert_eq!(read_answer(&mut chunks.as_bytes()).expect("whole").body, "abcd");
    }

    #[test]
    fn a_broken_answer_is_an_error() {
        let broken = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}";
        assert!(read_answer(&mut broken.as_bytes()).is_err());
        assert!(read_answer(&mut "".as_bytes()).is_err());
    }
}
