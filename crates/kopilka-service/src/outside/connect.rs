//! How a connection to somewhere outside is made: the name becomes addresses, each address is judged, and
//! the one that was judged is connected to.
//!
//! Invariant: nothing is connected to by a name; between the look at an address and the connection to it
//! nobody is asked again.

use super::address::inner;
use super::{CONNECT_WITHIN, Failure, Names, OutsideOptions};
use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Makes connections for the client.
#[derive(Clone)]
pub struct Connector {
    pub options: Arc<OutsideOptions>,
    /// Made when first needed: reading the system's certificates takes a while.
    tls: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Connector {
    pub fn new(options: Arc<OutsideOptions>) -> Connector {
        Connector { options, tls: Arc::default() }
    }

    async fn connect(self, to: Uri) -> Result<Stream, Failure> {
        let encrypted = to.scheme_str() == Some("https");
        let host = to.host().ok_or(Failure::Url)?.trim_matches(['[', ']']).to_owned();
        let port = to.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
        let connected = tokio::time::timeout(CONNECT_WITHIN, async {
            let tcp = self.reach(&host, port, encrypted).await?;
            if !encrypted {
                return Ok(Stream(TokioIo::new(Box::new(tcp))));
            }
            Ok(Stream(TokioIo::new(Box::new(self.encrypt(&host, tcp).await?))))
        });
        connected.await.unwrap_or(Err(Failure::TimedOut))
    }

    pub async fn encrypt(&self, host: &str, tcp: TcpStream) -> Result<TlsStream<TcpStream>, Failure> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| Failure::Url)?;
        TlsConnector::from(self.tls()?).connect(name, tcp).await.map_err(|_| Failure::Tls)
    }

    /// Connects to the first of the name's addresses that may be reached and answers.
    pub async fn reach(&self, host: &str, port: u16, encrypted: bool) -> Result<TcpStream, Failure> {
        let found = self.resolve(host, port).await?;
        let mut last = Failure::Address;
        for address in found {
            if !self.options.may_reach(address.ip(), encrypted) {
                continue;
            }
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    // Requests are small and whole: nothing is gained by waiting for more of them.
                    stream.set_nodelay(true).map_err(|_| Failure::Connect)?;
                    return Ok(stream);
                }
                Err(_) => last = Failure::Connect,
            }
        }
        Err(last)
    }

    async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let found: Vec<SocketAddr> = match &self.options.names {
            Names::System => {
                let found = tokio::net::lookup_host((host, port)).await;
                found.map_err(|_| Failure::Name)?.collect()
            }
            Names::Fixed(known) => {
                let addresses = known.iter().filter(|(name, _)| name == host);
                addresses.map(|(_, address)| SocketAddr::new(*address, port)).collect()
            }
            Names::At(known) => {
                known.iter().filter(|(name, _)| name == host).map(|(_, address)| *address).collect()
            }
        };
        if found.is_empty() { Err(Failure::Name) } else { Ok(found) }
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, Failure> {
        if let Some(config) = self.tls.get() {
            return Ok(config.clone());
        }
        let mut roots = RootCertStore::empty();
        // What cannot be read of the system's certificates leaves its receivers without trust, and no others.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots.add_parsable_certificates(self.options.authorities.iter().cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.map_err(|_| Failure::Tls)?.with_root_certificates(roots);
        Ok(self.tls.get_or_init(|| Arc::new(config.with_no_client_auth())).clone())
    }
}

impl OutsideOptions {
    /// The world is reached encrypted alone; what an operator allows, either way.
    pub(super) fn may_reach(&self, address: IpAddr, encrypted: bool) -> bool {
        let allowed = self.allowed.iter().any(|net| net.has(address));
        allowed || (encrypted && inner(address).is_none())
    }
}

impl tower::Service<Uri> for Connector {
    type Response = Stream;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, Failure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }
    fn call(&mut self, to: Uri) -> Self::Future {
        Box::pin(self.clone().connect(to))
    }
}

trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytes for T {}

/// A connection, encrypted or not.
pub struct Stream(TokioIo<Box<dyn Bytes>>);

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, into)
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, from)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
