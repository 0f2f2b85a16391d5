//! Texts that the owner of a name has put into its records (DNS TXT).
//!
//! Invariant: only servers of names are asked, those of the system; what they say is compared and never
//! connected to.

use super::{CONNECT_WITHIN, Failure};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use std::net::SocketAddr;
use std::time::Duration;

/// A server of names that is silent for so long is asked once more, or another one is.
const SERVER_WITHIN: Duration = Duration::from_secs(2);

/// All texts of a name, each put together from its parts; none where the name has none. `server` is asked in
/// place of the system's.
pub(super) async fn texts(server: Option<SocketAddr>, name: &str) -> Result<Vec<String>, Failure> {
    let resolver = resolver(server)?;
    let found = match tokio::time::timeout(CONNECT_WITHIN, resolver.txt_lookup(absolute(name))).await {
        Err(_) => return Err(Failure::TimedOut),
        Ok(Err(error)) if error.is_no_records_found() || error.is_nx_domain() => return Ok(Vec::new()),
        Ok(Err(_)) => return Err(Failure::Name),
        Ok(Ok(found)) => found,
    };
    let text = |data: &RData| match data {
        RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
        _ => None,
    };
    Ok(found.answers().iter().filter_map(|record| text(&record.data)).collect())
}

/// With its last dot, so that no network of the server's own is added to it.
fn absolute(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.'))
}

/// Made for each question: they are rare, and what was not there a moment ago is what is asked for.
fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, Failure> {
    let runtime = TokioRuntimeProvider::default();
    let mut builder = match server {
        None => TokioResolver::builder(runtime).map_err(|_| Failure::Name)?,
        Some(server) => {
            let mut known = NameServerConfig::udp_and_tcp(server.ip());
            known.connections.iter_mut().for_each(|connection| connection.port = server.port());
            let config = ResolverConfig::from_parts(None, Vec::new(), vec![known]);
            TokioResolver::builder_with_config(config, runtime)
        }
    };
    let options = builder.options_mut();
    (options.timeout, options.attempts) = (SERVER_WITHIN, 1);
    options.use_hosts_file = ResolveHosts::Never;
    builder.build().map_err(|_| Failure::Name)
}
