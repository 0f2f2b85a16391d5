//! Letters handed to a mail server over a connection that was judged like any other way outside.
//!
//! Invariant: no password and no letter goes over a connection that was to be encrypted and is not; what a
//! server says before encryption is believed in nothing but that it can encrypt.

use super::Sent;
use super::letter::{Letter, own_name};
use super::senders::{Encryption, LOGIN, PASSWORD, SenderSecrets, Smtp};
use crate::outside::{Failure, Outside};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::extension::ClientId;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

/// Greylisting and virus scanners make mail servers slow; RFC 5321 allows minutes.
const HANDED_OVER_WITHIN: Duration = Duration::from_secs(60);
/// The goodbye is a courtesy.
const QUIT_WITHIN: Duration = Duration::from_secs(2);
/// What a server says until it encrypts: a dozen short lines.
const CLEAR_MAX: usize = 8 << 10;
/// The client of the library waits for a greeting, which a server gives once, before it encrypts.
const GREETING: &[u8] = b"220 encrypted\r\n";

/// Hands a letter over.
pub(crate) async fn send_letter(
    outside: &Outside,
    smtp: &Smtp,
    secrets: &SenderSecrets,
    letter: &Letter,
) -> Sent {
    let handed = hand_over(outside, smtp, secrets, letter);
    tokio::time::timeout(HANDED_OVER_WITHIN, handed)
        .await
        .unwrap_or_else(|_| Sent::Later(Failure::TimedOut.code().to_owned(), None))
}

async fn hand_over(outside: &Outside, smtp: &Smtp, secrets: &SenderSecrets, letter: &Letter) -> Sent {
    let name = own_name(smtp);
    let stream = match stream_to(outside, smtp, &name).await {
        Ok(stream) => stream,
        Err(failure) => return Sent::Later(failure.code().to_owned(), None),
    };
    let opened = AsyncSmtpConnection::connect_with_transport(stream, &ClientId::Domain(name)).await;
    let mut connection = match opened {
        Ok(connection) => connection,
        Err(error) => return later(&error),
    };
    if let (Some(login), Some(password)) = (secrets.0.get(LOGIN), secrets.0.get(PASSWORD)) {
        let credentials = Credentials::new(login.clone(), password.clone());
        if let Err(error) = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await {
            // Whoever corrects the password finds the letters waiting.
            return later(&error);
        }
    }
    let sent = match connection.send(&letter.envelope, &letter.bytes).await {
        Ok(_) => Sent::Taken(None),
        Err(error) if error.is_permanent() => Sent::Refused(code_of(&error)),
        Err(error) => later(&error),
    };
    let _ = tokio::time::timeout(QUIT_WITHIN, connection.quit()).await;
    sent
}

fn later(error: &lettre::transport::smtp::Error) -> Sent {
    Sent::Later(code_of(error), None)
}

/// The code alone: what servers say beside it repeats the address.
fn code_of(error: &lettre::transport::smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("smtp_{code}"),
        None => Failure::Broken.code().to_owned(),
    }
}

async fn stream_to(outside: &Outside, smtp: &Smtp, name: &str) -> Result<Box<dyn AsyncTokioStream>, Failure> {
    let encrypted = smtp.encryption != Encryption::None;
    let mut tcp = outside.reach(&smtp.host, smtp.port, encrypted).await?;
    let peer = tcp.peer_addr().map_err(|_| Failure::Connect)?;
    if smtp.encryption == Encryption::Starttls {
        ask_for_encryption(&mut tcp, name).await?;
    }
    let greeting = if smtp.encryption == Encryption::Starttls { GREETING } else { &[] };
    let inner: Box<dyn Bytes> = match encrypted {
        true => Box::new(outside.encrypt(&smtp.host, tcp).await?),
        false => Box::new(tcp),
    };
    Ok(Box::new(Wire { greeting, inner, peer }))
}

/// Greeting, `EHLO`, `STARTTLS`. Whatever comes behind the last answer was slipped in by somebody.
async fn ask_for_encryption(tcp: &mut TcpStream, name: &str) -> Result<(), Failure> {
    expect(tcp, "220").await?;
    say(tcp, &format!("EHLO {name}\r\n")).await?;
    if !expect(tcp, "250").await?.to_ascii_uppercase().contains("STARTTLS") {
        return Err(Failure::Tls);
    }
    say(tcp, "STARTTLS\r\n").await?;
    expect(tcp, "220").await.map(|_| ())
}

async fn say(tcp: &mut TcpStream, line: &str) -> Result<(), Failure> {
    tcp.write_all(line.as_bytes()).await.map_err(|_| Failure::Broken)
}

/// Reads one whole answer, which has to begin with the code and to end where the bytes end.
async fn expect(tcp: &mut TcpStream, code: &str) -> Result<String, Failure> {
    let mut heard = Vec::new();
    loop {
        let mut part = [0; 1_024];
        let read = tcp.read(&mut part).await.map_err(|_| Failure::Broken)?;
        heard.extend_from_slice(&part[..read]);
        if read == 0 || heard.len() > CLEAR_MAX {
            return Err(Failure::Broken);
        }
        let text = String::from_utf8_lossy(&heard);
        let Some(whole) = text.strip_suffix("\r\n") else { continue };
        let lines: Vec<&str> = whole.split("\r\n").collect();
        let last = |line: &str| line.starts_with(code) && line.get(3..4).unwrap_or(" ") == " ";
        match lines.iter().position(|line| last(line)) {
            Some(at) if at + 1 == lines.len() => return Ok(text.into_owned()),
            None if lines.iter().all(|line| line.starts_with(code)) => {}
            _ => return Err(Failure::Broken),
        }
    }
}

trait Bytes: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Bytes for T {}

/// A connection as the library takes it: it hears the greeting that was given in clear once more.
struct Wire {
    greeting: &'static [u8],
    inner: Box<dyn Bytes>,
    peer: SocketAddr,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Wire({})", self.peer)
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.greeting.is_empty() {
            let part = self.greeting.len().min(into.remaining());
            let (now, rest) = self.greeting.split_at(part);
            into.put_slice(now);
            self.greeting = rest;
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.inner).poll_read(cx, into)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, from)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
