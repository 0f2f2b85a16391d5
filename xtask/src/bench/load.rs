//! A closed loop of HTTP requests: each connection sends, waits for the whole answer, sends again.
//!
//! The generator shares the machine with the server, so it does as little as it can: one thread, raw bytes,
//! no parsing of bodies.

use super::rounds::Measured;
use crate::http::Request;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// What to send next.
pub type Compose = dyn Fn() -> Vec<u8> + Send + Sync;

/// What came out of a loop.
#[derive(Debug, Clone)]
pub struct Load {
    pub measured: Measured,
    pub mean: Duration,
    pub p99: Duration,
    /// Answers that were not 2xx.
    pub refused: u64,
}

/// How long the loops go on.
#[derive(Debug, Clone)]
pub enum Until {
    Passed(Duration),
    /// Somebody says it is enough.
    Told(Arc<AtomicBool>),
}

impl Until {
    fn is_over(&self, started: Instant) -> bool {
        match self {
            Until::Passed(time) => started.elapsed() >= *time,
            Until::Told(over) => over.load(Ordering::Acquire),
        }
    }
}

/// Runs `connections` loops for a time against `host`; `cpu_seconds` tells what the side that serves used so
/// far.
pub fn run(
    host: &str,
    cpu_seconds: &dyn Fn() -> f64,
    connections: usize,
    until: &Until,
    compose: Arc<Compose>,
) -> Result<Load, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("starting the load: {e}"))?;
    let cpu_before = cpu_seconds();
    let started = Instant::now();
    let results = runtime.block_on(async {
        let tasks: Vec<_> = (0..connections)
            .map(|_| {
                let (host, until, compose) = (host.to_owned(), until.clone(), compose.clone());
                tokio::spawn(async move { connection(&host, &until, &compose).await })
            })
            .collect();
        let mut all = Vec::with_capacity(tasks.len());
        for task in tasks {
            all.push(task.await.map_err(|e| e.to_string()).and_then(|r| r));
        }
        all
    });
    let seconds = started.elapsed().as_secs_f64();
    let cpu = cpu_seconds() - cpu_before;
    let mut waits = Vec::new();
    let mut refused = 0;
    for result in results {
        let (mut some, wrong) = result?;
        waits.append(&mut some);
        refused += wrong;
    }
    summary(waits, refused, seconds, cpu)
}

fn summary(mut waits: Vec<u32>, refused: u64, seconds: f64, cpu_seconds: f64) -> Result<Load, String> {
    waits.sort_unstable();
    let operations = waits.len() as u64;
    if operations == 0 {
        return Err("the server answered nothing".to_owned());
    }
    let sum: u64 = waits.iter().map(|&w| u64::from(w)).sum();
    let p99 = waits[(waits.len() * 99 / 100).min(waits.len() - 1)];
    Ok(Load {
        measured: Measured { operations, seconds, cpu_seconds },
        mean: Duration::from_micros(sum / operations),
        p99: Duration::from_micros(u64::from(p99)),
        refused,
    })
}

async fn connection(host: &str, until: &Until, compose: &Arc<Compose>) -> Result<(Vec<u32>, u64), String> {
    let started = Instant::now();
    let stream = TcpStream::connect(host).await.map_err(|e| format!("connecting: {e}"))?;
    stream.set_nodelay(true).map_err(|e| e.to_string())?;
    let mut waits = Vec::with_capacity(1 << 16);
    let mut buffer = Vec::with_capacity(1 << 14);
    let mut refused = 0;
    while !until.is_over(started) {
        let bytes = compose();
        let sent = Instant::now();
        write_all(&stream, &bytes).await.map_err(|e| format!("sending: {e}"))?;
        let status = answer(&stream, &mut buffer).await?;
        waits.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
        refused += u64::from(!(200..300).contains(&status));
    }
    Ok((waits, refused))
}

async fn write_all(stream: &TcpStream, mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(e) if e.kind() == ErrorKind::WouldBlock => stream.writable().await?,
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Waits for some bytes; none at the end of the connection.
async fn read_some(stream: &TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<usize> {
    let mut some = [0; 4096];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut some) {
            Ok(read) => {
                buffer.extend_from_slice(&some[..read]);
                return Ok(read);
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => {}
            Err(e) => return Err(e),
        }
    }
}

/// Reads one whole answer and tells its status.
async fn answer(stream: &TcpStream, buffer: &mut Vec<u8>) -> Result<u16, String> {
    buffer.clear();
    loop {
        if read_some(stream, buffer).await.map_err(|e| format!("reading: {e}"))? == 0 {
            return Err("the server closed the connection".to_owned());
        }
        let Some(head) = find(buffer, b"\r\n\r\n") else { continue };
        let length = content_length(&buffer[..head]).ok_or("an answer without a length")?;
        if buffer.len() >= head + 4 + length {
            let status = buffer.get(9..12).and_then(|s| std::str::from_utf8(s).ok()?.parse().ok());
            return status.ok_or_else(|| "not an HTTP answer".to_owned());
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

fn content_length(head: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(head).ok()?;
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    })
}

/// The same request every time.
pub fn always(request: Request<'_>, host: &str) -> Arc<Compose> {
    let bytes = request.bytes(host);
    Arc::new(move || bytes.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_read_whatever_its_case() {
        assert_eq!(content_length(b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\nx: y"), Some(17));
        assert_eq!(content_length(b"HTTP/1.1 200 OK\r\nContent-Length:3"), Some(3));
        assert_eq!(content_length(b"HTTP/1.1 200 OK"), None);
    }

    #[test]
    fn a_summary_takes_the_ninety_ninth_of_a_hundred() {
        let load = summary((1..=100).collect(), 0, 1.0, 1.0).expect("answers");
        assert_eq!((load.p99.as_micros(), load.mean.as_micros()), (100, 50));
    }
}
