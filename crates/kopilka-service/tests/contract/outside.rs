//! The way outside as a receiver sees it: encrypted to whom is trusted, bounded in what it reads.

use kopilka_service::outside::{Answered, Ask, Failure, Names, Outside, OutsideOptions};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const HOST: &str = "hook.example";

/// A certificate of its own authority.
fn certificate(name: &str) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    (made.cert.der().clone(), key)
}

fn outside(authorities: Vec<CertificateDer<'static>>) -> Outside {
    let names = Names::Fixed(vec![(HOST.to_owned(), "127.0.0.1".parse().unwrap())]);
    Outside::new(OutsideOptions {
        allowed: vec!["127.0.0.0/8".parse().unwrap()],
        authorities,
        names,
        ..OutsideOptions::default()
    })
}

async fn ask(outside: &Outside, scheme: &str, port: u16) -> Result<Answered, Failure> {
    let url = outside.url(&format!("{scheme}://{HOST}:{port}/hook")).unwrap();
    let headers = vec![("x-told".into(), "7".to_owned())];
    outside.ask(Ask { method: "POST", url, headers, body: b"body".to_vec(), body_max: 8 }).await
}

/// Answers each request of a connection with these bytes.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, with: Vec<u8>) {
    let mut read = [0_u8; 4096];
    while let Ok(count @ 1..) = stream.read(&mut read).await {
        let text = String::from_utf8_lossy(&read[..count]).to_lowercase();
        // The head and the body may come apart.
        if text.ends_with("body") {
            assert!(!text.starts_with("post") || text.contains("x-told: 7"), "{text}");
            if stream.write_all(&with).await.is_err() {
                return;
            }
        }
    }
}

/// A server, encrypted or not; also how many connections it has had.
async fn serve(tls: Option<TlsAcceptor>, with: impl Into<Vec<u8>>) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (connections, with) = (Arc::new(AtomicUsize::new(0)), with.into());
    let count = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let (tls, with) = (tls.clone(), with.clone());
            tokio::spawn(async move {
                match tls {
                    None => answer(stream, with).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            answer(stream, with).await;
                        }
                    }
                }
            });
        }
    });
    (address, connections)
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[tokio::test]
async fn an_encrypted_receiver_is_told_only_where_its_certificate_is_trusted() {
    let acceptor = |certificate: &CertificateDer<'static>, key: PrivateKeyDer<'static>| {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        TlsAcceptor::from(Arc::new(config.with_single_cert(vec![certificate.clone()], key).unwrap()))
    };
    let (trusted, key) = certificate(HOST);
    let (address, _) = serve(Some(acceptor(&trusted, key)), OK).await;
    let known = outside(vec![trusted]);
    let told = Answered { status: 200, body: b"ok".to_vec() };
    assert_eq!(ask(&known, "https", address.port()).await, Ok(told));
    assert_eq!(ask(&outside(Vec::new()), "https", address.port()).await, Err(Failure::Tls));
    let (strange, key) = certificate("other.example");
    let (address, _) = serve(Some(acceptor(&strange, key)), OK).await;
    assert_eq!(ask(&outside(vec![strange]), "https", address.port()).await, Err(Failure::Tls));
    // Who speaks no TLS is not told in the open, nor waited for.
    let (address, _) = serve(None, OK).await;
    assert_eq!(ask(&known, "https", address.port()).await, Err(Failure::TimedOut));
}

#[tokio::test]
async fn what_comes_back_is_read_no_further_than_asked_for() {
    let long = format!("HTTP/1.1 500 X\r\nContent-Length: 1000000\r\n\r\n{}", "x".repeat(1_000_000));
    let (address, _) = serve(None, long).await;
    let told = Answered { status: 500, body: b"xxxxxxxx".to_vec() };
    assert_eq!(ask(&outside(Vec::new()), "http", address.port()).await, Ok(told));
    let headers = format!("HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 0\r\n\r\n", "x".repeat(200_000));
    let (address, _) = serve(None, headers).await;
    assert_eq!(ask(&outside(Vec::new()), "http", address.port()).await, Err(Failure::Broken));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_a_connection_serves_again() {
    let away = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nok";
    let (address, connections) = serve(None, away).await;
    let outside = outside(Vec::new());
    for _ in 0..3 {
        assert_eq!(ask(&outside, "http", address.port()).await.map(|told| told.status), Ok(302));
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_is_no_answer_is_told_apart() {
    let outside = outside(Vec::new());
    let (address, _) = serve(None, "SSH-2.0-OpenSSH_9.2\r\n").await;
    assert_eq!(ask(&outside, "http", address.port()).await, Err(Failure::Broken));
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = unused.local_addr().unwrap().port();
    drop(unused);
    assert_eq!(ask(&outside, "http", port).await, Err(Failure::Connect));
}
