//! Where a PostgreSQL is and how it is reached: hosts, credentials, encryption.
//!
//! Invariant: an encrypted connection is to a host whose certificate was checked; there is no "encrypted to
//! whoever answers".

use super::errors::error;
use super::link::Use;
use crate::error::StoreError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A host that does not answer by then is not there.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A host that vanished without a word is noticed after about three of these.
const KEEPALIVE: Duration = Duration::from_secs(5);

/// A database on a server, as its URL names it. Several hosts may be named; the one that takes writes is
/// used.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    config: Config,
    /// Certificate authorities to trust instead of the system's.
    authorities: Option<PathBuf>,
}

impl Place {
    /// Reads `postgres://user@host:5432/name?sslmode=…&sslrootcert=…`. `sslmode` is `disable`, `prefer` (the
    /// default: encrypted where another machine's server offers it), `require` or `verify-full`; whenever the
    /// connection is encrypted, the certificate is checked.
    pub fn parse(url: &str) -> Result<Place, StoreError> {
        let (rest, query) = url.split_once('?').unwrap_or((url, ""));
        let mut authorities = None;
        let mut kept = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslrootcert", path)) => authorities = Some(PathBuf::from(path)),
                Some(("sslmode", "verify-full" | "verify-ca")) => kept.push("sslmode=require".to_owned()),
                _ => kept.push(pair.to_owned()),
            }
        }
        let url = if kept.is_empty() { rest.to_owned() } else { format!("{rest}?{}", kept.join("&")) };
        // The text may hold a password, so the parser's own words are not repeated.
        let mut config: Config = url.parse().map_err(|_| {
            StoreError::Engine(
                "the database's address is not understood: postgres://user@host/name".to_owned(),
            )
        })?;
        config.connect_timeout(CONNECT_WITHIN).keepalives_idle(KEEPALIVE);
        if config.get_application_name().is_none() {
            config.application_name("kopilka");
        }
        config.keepalives_interval(KEEPALIVE).keepalives_retries(2).tcp_user_timeout(KEEPALIVE * 3);
        Ok(Place { config, authorities })
    }

    /// Nothing leaves this machine: a server on it needs no encryption, and often has a certificate that
    /// nobody vouches for.
    fn is_here(&self) -> bool {
        self.config.get_hosts().iter().all(|host| match host {
            tokio_postgres::config::Host::Tcp(name) => {
                name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
            }
            #[cfg(unix)]
            tokio_postgres::config::Host::Unix(_) => true,
        })
    }
    fn is_plain(&self) -> bool {
        match self.config.get_ssl_mode() {
            SslMode::Disable => true,
            SslMode::Prefer => self.is_here(),
            _ => false,
        }
    }

    /// The address without its credentials, for messages.
    pub fn told(&self) -> String {
        let hosts = self.config.get_hosts().iter().map(|host| match host {
            tokio_postgres::config::Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            tokio_postgres::config::Host::Unix(path) => path.display().to_string(),
        });
        let hosts = hosts.collect::<Vec<_>>().join(",");
        format!("postgres://{hosts}/{}", self.config.get_dbname().unwrap_or_default())
    }
}

/// Connects and leaves the connection to be driven by the runtime this is called on.
pub(super) async fn connect(place: &Place, to: Use) -> Result<Client, StoreError> {
    let mut config = place.config.clone();
    if to == Use::Write {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    let unreachable = |e: tokio_postgres::Error| match error(e) {
        StoreError::Engine(text) => StoreError::Lost(format!("{}: {text}", place.told())),
        other => other,
    };
    if place.is_plain() {
        config.ssl_mode(SslMode::Disable);
        let (client, connection) = config.connect(NoTls).await.map_err(unreachable)?;
        tokio::spawn(connection);
        return Ok(client);
    }
    let (client, connection) = config.connect(encryption(place)?).await.map_err(unreachable)?;
    tokio::spawn(connection);
    Ok(client)
}

fn encryption(place: &Place) -> Result<MakeRustlsConnect, StoreError> {
    let mut roots = RootCertStore::empty();
    match &place.authorities {
        Some(path) => {
            let unreadable = |e| StoreError::Engine(format!("{}: {e}", path.display()));
            for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
                roots.add(certificate.map_err(unreadable)?).map_err(|e| StoreError::Engine(e.to_string()))?;
            }
        }
        // An authority that cannot be read is one that vouches for nobody.
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| StoreError::Engine(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_told_without_its_password() {
        let place =
            Place::parse("postgres://shop:secret@one:5432,two:5433/kopilka?sslmode=verify-full").unwrap();
        assert_eq!(place.told(), "postgres://one,two/kopilka");
        assert!(!place.is_plain());
        let refused = Place::parse("postgres://shop:secret@one/kopilka?no=such").unwrap_err().to_string();
        assert!(!refused.contains("secret"), "{refused}");
    }

    #[test]
    fn only_what_stays_on_this_machine_goes_unencrypted_unasked() {
        for (url, plain) in [
            ("postgres://kopilka@localhost/kopilka", true),
            ("postgres://kopilka@127.0.0.1,[::1]/kopilka", true),
            ("postgres://kopilka@localhost,far/kopilka", false),
            ("postgres://kopilka@far/kopilka?sslmode=disable", true),
            ("postgres://kopilka@localhost/kopilka?sslmode=require", false),
        ] {
            assert_eq!(Place::parse(url).unwrap().is_plain(), plain, "{url}");
        }
    }
}
