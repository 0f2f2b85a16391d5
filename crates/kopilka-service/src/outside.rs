//! The one way by which the server itself asks somebody outside: receivers of events, and whoever else is
//! named by an address that a user typed.
//!
//! Invariant: no request reaches an address of somebody's own network unless the operator allows it, however
//! the address was spelled and whatever its name means at that moment. Redirects are not followed, proxies of
//! the environment are not used, and what comes back is bounded in size and time.

pub mod address;
mod connect;
mod texts;

use address::{Cidr, inner};
use bytes::Bytes;
use connect::Connector;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::borrow::Cow;
use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use url::{Host, Url};

/// Three round trips around the world and a slow look-up; who has not answered by then has no connection.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A receiver writes down what it hears and answers; whoever works on it first is asked to do that later.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// A connection that nobody needed for so long is closed: receivers close theirs after about a minute.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// Connections kept open to one host.
const IDLE_PER_HOST: usize = 4;
/// An answer's headers are some hundreds of bytes.
const HEADERS_MAX: usize = 64 << 10;
/// Longer addresses are a slip of a program that pasted something else.
pub const URL_MAX: usize = 2_000;

/// What may be reached, and how names become addresses.
#[derive(Debug, Clone, Default)]
pub struct OutsideOptions {
    /// Networks that may be reached although they are not the world's, and without encryption.
    pub allowed: Vec<Cidr>,
    /// Certificate authorities that are trusted beside the system's.
    pub authorities: Vec<CertificateDer<'static>>,
    pub names: Names,
    /// Networks beside the world's in which sites of members may stand, and the server that is asked for
    /// texts of names in place of the system's: for trials.
    pub sites: Vec<Cidr>,
    pub name_server: Option<SocketAddr>,
}

/// The certificate authorities of a file in PEM.
pub fn authorities_of(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let found = CertificateDer::pem_file_iter(file).map_err(|error| told(&error))?;
    let found: Vec<_> = found.collect::<Result<_, _>>().map_err(|error| told(&error))?;
    if found.is_empty() { Err(told(&"there is no certificate in it")) } else { Ok(found) }
}

/// Where the addresses of names come from.
#[derive(Debug, Clone, Default)]
pub enum Names {
    #[default]
    System,
    /// These alone: for trials of names that lead where they should not.
    Fixed(Vec<(String, IpAddr)>),
    /// These alone, each at this port whichever is asked for: for trials of what answers at 443.
    At(Vec<(String, SocketAddr)>),
}

/// A request.
#[derive(Debug, Clone)]
pub struct Ask {
    pub method: &'static str,
    pub url: Url,
    pub headers: Vec<(Cow<'static, str>, String)>,
    pub body: Vec<u8>,
    /// How much of the answer's body is read; the rest is left unread.
    pub body_max: usize,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub status: u16,
    /// The beginning of the body, `body_max` bytes at most.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Failure {
    #[error("the address cannot be asked")]
    Url,
    #[error("the name is unknown")]
    Name,
    #[error("the address is not one of the outside")]
    Address,
    #[error("no connection")]
    Connect,
    #[error("no trusted encryption")]
    Tls,
    #[error("no answer in time")]
    TimedOut,
    #[error("the connection broke, or what came back is no HTTP")]
    Broken,
}

impl Failure {
    /// Stable: it is shown and stored.
    pub fn code(self) -> &'static str {
        match self {
            Failure::Url => "url_refused",
            Failure::Name => "name_unknown",
            Failure::Address => "address_refused",
            Failure::Connect => "connection_failed",
            Failure::Tls => "tls_failed",
            Failure::TimedOut => "timed_out",
            Failure::Broken => "broken_answer",
        }
    }
}

/// The way outside; cloning shares its connections.
#[derive(Clone)]
pub struct Outside {
    connector: Connector,
    client: Client<Connector, Full<Bytes>>,
}

impl Outside {
    pub fn new(options: OutsideOptions) -> Outside {
        Outside::over(Connector::new(Arc::new(options)))
    }

    fn over(connector: Connector) -> Outside {
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE_MAX)
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .http1_max_buf_size(HEADERS_MAX)
            .build(connector.clone());
        Outside { connector, client }
    }

    /// The same with connections of its own: those of a runtime end with it.
    pub fn separate(&self) -> Outside {
        Outside::over(self.connector.clone())
    }

    /// The same for what members name: of the networks that the operator allows it reaches none.
    pub fn worldly(&self) -> Outside {
        let options = &*self.connector.options;
        Outside::new(OutsideOptions { allowed: options.sites.clone(), ..options.clone() })
    }

    /// The texts (TXT records) of a name.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, Failure> {
        texts::texts(self.connector.options.name_server, name).await
    }

    /// Reads an address that a user gives. Plain `http` is for networks that the operator allows; a host that
    /// is an address is judged here already, a name when it is connected to.
    pub fn url(&self, text: &str) -> Result<Url, Failure> {
        if text.len() > URL_MAX {
            return Err(Failure::Url);
        }
        let url = Url::parse(text).map_err(|_| Failure::Url)?;
        let encrypted = match url.scheme() {
            "https" => true,
            "http" if !self.connector.options.allowed.is_empty() => false,
            _ => return Err(Failure::Url),
        };
        // A name before an @ is how one host is dressed up as another.
        if !url.username().is_empty() || url.password().is_some() || url.port() == Some(0) {
            return Err(Failure::Url);
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
            None => return Err(Failure::Url),
        };
        match literal {
            Some(address) if !self.connector.options.may_reach(address, encrypted) => {
                Err(match inner(address) {
                    Some(_) => Failure::Address,
                    None => Failure::Url,
                })
            }
            _ => Ok(url),
        }
    }

    /// Judges a host and port that a user gives for another protocol than HTTP, as far as that can be done
    /// before it is connected to.
    pub fn host(&self, host: &str, port: u16, encrypted: bool) -> Result<(), Failure> {
        if host.len() > URL_MAX || port == 0 {
            return Err(Failure::Url);
        }
        let literal = match Host::parse(host).map_err(|_| Failure::Url)? {
            Host::Ipv4(address) => IpAddr::V4(address),
            Host::Ipv6(address) => IpAddr::V6(address),
            Host::Domain(_) if encrypted || !self.connector.options.allowed.is_empty() => return Ok(()),
            Host::Domain(_) => return Err(Failure::Url),
        };
        match self.connector.options.may_reach(literal, encrypted) {
            true => Ok(()),
            false => Err(Failure::Address),
        }
    }

    /// Connects for another protocol than HTTP, by the same judgement. `encrypted` says that nothing that
    /// matters is said before [`encrypt`](Outside::encrypt).
    pub(crate) async fn reach(&self, host: &str, port: u16, encrypted: bool) -> Result<TcpStream, Failure> {
        let reached = self.connector.reach(host, port, encrypted);
        tokio::time::timeout(CONNECT_WITHIN, reached).await.unwrap_or(Err(Failure::TimedOut))
    }
    /// Encrypts a connection to that host, by the same authorities as HTTP's.
    pub(crate) async fn encrypt(&self, host: &str, tcp: TcpStream) -> Result<TlsStream<TcpStream>, Failure> {
        let encrypted = self.connector.encrypt(host, tcp);
        tokio::time::timeout(CONNECT_WITHIN, encrypted).await.unwrap_or(Err(Failure::TimedOut))
    }

    /// Asks and waits for the answer. Needs a tokio runtime with its clock.
    pub async fn ask(&self, ask: Ask) -> Result<Answered, Failure> {
        let end = tokio::time::Instant::now() + ANSWER_WITHIN;
        let mut request = Request::builder().method(ask.method).uri(ask.url.as_str());
        for (name, value) in &ask.headers {
            request = request.header(name.as_ref(), value);
        }
        let request = request.body(Full::new(Bytes::from(ask.body))).map_err(|_| Failure::Url)?;
        let answer = tokio::time::timeout_at(end, self.client.request(request)).await;
        let answer = answer.map_err(|_| Failure::TimedOut)?.map_err(|error| why(&error))?;
        let status = answer.status().as_u16();
        let (mut body, mut frames) = (Vec::new(), answer.into_body());
        // The status is the answer; of a body that does not come, what has come is enough.
        while body.len() < ask.body_max {
            let Ok(Some(Ok(frame))) = tokio::time::timeout_at(end, frames.frame()).await else { break };
            if let Some(data) = frame.data_ref() {
                let room = ask.body_max - body.len();
                body.extend_from_slice(&data[..data.len().min(room)]);
            }
        }
        Ok(Answered { status, body })
    }
}

/// What the connector said stands below what the client makes of it.
fn why(error: &(dyn Error + 'static)) -> Failure {
    let mut source = Some(error);
    while let Some(error) = source {
        if let Some(failure) = error.downcast_ref::<Failure>() {
            return *failure;
        }
        source = error.source();
    }
    Failure::Broken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outside(allowed: &[&str], names: &[(&str, &str)]) -> Outside {
        let names = names.iter().map(|(name, ip)| ((*name).to_owned(), ip.parse().unwrap())).collect();
        Outside::new(OutsideOptions {
            allowed: allowed.iter().map(|net| net.parse().unwrap()).collect(),
            authorities: Vec::new(),
            names: Names::Fixed(names),
            ..OutsideOptions::default()
        })
    }

    fn get(url: Url) -> Ask {
        Ask { method: "GET", url, headers: Vec::new(), body: Vec::new(), body_max: 8 }
    }

    #[test]
    fn an_inner_address_is_refused_however_it_is_spelled() {
        let outside = outside(&[], &[]);
        for url in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0x7f.1/",
            "https://017700000001/",
            "https://127.1/",
            "https://１２７.0.0.1/",
            "https://127。0。0。1/",
            "https://%31%32%37.0.0.1/",
            "https://0/",
            "https://10.0.0.1:8443/",
            "https://169.254.169.254/latest/meta-data/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[0:0:0:0:0:ffff:a9fe:a9fe]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[fe80::1]/",
            "https://[fd00:ec2::254]/",
        ] {
            assert_eq!(outside.url(url), Err(Failure::Address), "{url}");
        }
        for url in [
            "https://shop.example@127.0.0.1/",
            "https://user:secret@shop.example/",
            "https://:x@shop.example/",
            "http://shop.example/",
            "http://1.1.1.1/",
            "ftp://shop.example/",
            "file:///etc/passwd",
            "gopher://shop.example/",
            "javascript:alert(1)",
            "//shop.example/",
            "shop.example",
            "https://",
            "https://shop.example:0/",
            "https://shop.example:99999/",
            "https://[fe80::1%25eth0]/",
            "",
        ] {
            assert_eq!(outside.url(url), Err(Failure::Url), "{url}");
        }
        assert_eq!(outside.url(&format!("https://shop.example/{}", "x".repeat(URL_MAX))), Err(Failure::Url));
        for url in ["https://shop.example/hook?x=1", "https://1.1.1.1/", "https://магазин.рф/"] {
            assert!(outside.url(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn what_the_operator_allows_may_be_plain_and_no_more() {
        let outside = outside(&["10.1.0.0/16"], &[]);
        assert!(outside.url("http://10.1.2.3/hook").is_ok());
        assert!(outside.url("https://10.1.2.3/hook").is_ok());
        assert_eq!(outside.url("http://10.2.0.1/"), Err(Failure::Address));
        assert_eq!(outside.url("http://1.1.1.1/"), Err(Failure::Url));
        // A name may turn out to be of that network; it is judged when it is connected to.
        assert!(outside.url("http://crm.lan/").is_ok());
    }

    #[tokio::test]
    async fn a_name_is_judged_by_the_address_it_leads_to() {
        let names = [
            ("loop.example", "127.0.0.1"),
            ("loop6.example", "::1"),
            ("mapped.example", "::ffff:127.0.0.1"),
            ("meta.example", "169.254.169.254"),
            ("lan.example", "10.0.0.5"),
            ("cgnat.example", "100.64.0.1"),
            ("many.example", "239.1.1.1"),
        ];
        let outside = outside(&["10.1.0.0/16"], &names);
        for (name, _) in names {
            for scheme in ["https", "http"] {
                let url = outside.url(&format!("{scheme}://{name}/")).unwrap();
                assert_eq!(outside.ask(get(url)).await, Err(Failure::Address), "{scheme} {name}");
            }
        }
        let unknown = outside.url("https://nobody.example/").unwrap();
        assert_eq!(outside.ask(get(unknown)).await, Err(Failure::Name));
    }

    #[tokio::test]
    async fn the_systems_own_name_of_this_machine_is_refused() {
        let outside = Outside::new(OutsideOptions::default());
        let url = outside.url("https://localhost/").unwrap();
        assert_eq!(outside.ask(get(url)).await, Err(Failure::Address));
    }
}
