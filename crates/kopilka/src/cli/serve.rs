//! `kopilka serve`: the API of a data directory, until it is told to stop.

use super::data::Data;
use super::log::{self, LogForm};
use kopilka_service::outside::address::Cidr;
use kopilka_service::outside::{OutsideOptions, authorities_of};
use kopilka_service::{OpenOptions, Service};
use kopilka_web::{App, Guesses, Metrics};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Serve the API of an installation; its directory is made when it is missing. Ctrl-C or SIGTERM stops it
/// cleanly. On a PostgreSQL database several servers may run at once.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    listen: Listen,
    #[command(flatten)]
    outgoing: Outgoing,
}

/// What the server itself may ask outside, such as receivers of events.
#[derive(Debug, clap::Args)]
pub struct Outgoing {
    /// A network, or one address, that may be reached although it is not the world's (10.1.0.0/16), and
    /// without encryption. May be given several times, or with commas between.
    #[arg(long, value_name = "CIDR", env = "KOPILKA_ALLOW_OUTGOING", value_delimiter = ',')]
    allow_outgoing: Vec<Cidr>,
    /// Certificate authorities to trust beside the system's, in PEM.
    #[arg(long, value_name = "FILE", env = "KOPILKA_OUTGOING_CA")]
    outgoing_ca: Option<PathBuf>,
}

impl Outgoing {
    fn options(self) -> Result<OutsideOptions, String> {
        let authorities = self.outgoing_ca.as_deref().map(authorities_of).transpose()?.unwrap_or_default();
        Ok(OutsideOptions { allowed: self.allow_outgoing, authorities, ..OutsideOptions::default() })
    }
}

/// Where to listen and how to log.
#[derive(Debug, clap::Args)]
pub struct Listen {
    /// The address; port 0 takes a free one. Put a proxy with TLS before it for the world outside.
    #[arg(long = "listen", value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub address: SocketAddr,
    /// How the log on standard error is written; RUST_LOG says how much of it.
    #[arg(long = "log", value_enum, default_value = "text")]
    pub log: LogForm,
}

pub fn run(args: Args) -> Result<ExitCode, String> {
    let _log = log::start(args.listen.log, "info")?;
    let outside = args.outgoing.options()?;
    let service = open(OpenOptions { outside, ..args.data.options() })?;
    if service.programs().is_empty() {
        let dir = args.data.dir.display();
        eprintln!("no program is published here yet: kopilka program publish FILE --data {dir}");
    }
    serve(service, (args.listen.address, None), |_| Ok(()))
}

/// Opens the installation to serve it.
pub fn open(options: OpenOptions) -> Result<Service, String> {
    Service::open(options).map_err(|error| error.to_string())
}

/// Serves until a signal comes; then answers what is under way, stops the writer and closes the database.
pub fn serve(
    service: Service,
    (address, demo): (SocketAddr, Option<kopilka_pages::Demo>),
    announce: impl FnOnce(SocketAddr) -> std::io::Result<()>,
) -> Result<ExitCode, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("no async runtime: {error}"))?;
    let app = App { service: service.clone(), metrics: Metrics::install(), guesses: Guesses::default() };
    let app = Arc::new(app);
    let pages = kopilka_pages::routes(&app);
    let pages = match demo {
        Some(demo) => pages.merge(kopilka_pages::demo_shop(demo)),
        None => pages,
    };
    let background = service.start_background();
    let served = runtime.block_on(async {
        let listener = TcpListener::bind(address).await.map_err(|error| format!("{address}: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let stop = stop_signal().map_err(|error| format!("no signals: {error}"))?;
        let mut out = std::io::stdout();
        let link = first_link(&service, address).await;
        let told = writeln!(out, "listening on http://{address}{link}").and_then(|()| announce(address));
        match told.and_then(|()| out.flush()) {
            // Whoever has read enough and closed the pipe wants the server none the less.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                return Err(format!("standard output: {error}"));
            }
            _ => {}
        }
        // It ends with the runtime.
        drop(tokio::spawn(kopilka_pages::keep_swept(service.data_dir().to_owned())));
        let fenced = fenced(service.clone());
        let ended = async {
            tokio::select! {
                () = stop => {}
                () = fenced => {}
            }
        };
        kopilka_web::serve(listener, app, pages, ended).await.map_err(|error| error.to_string())
    });
    background.stop();
    service.stop();
    served?;
    if service.is_fenced() {
        return Err("the other servers took this one for dead: start it again".to_owned());
    }
    eprintln!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// The line about the link by which the first owner joins, while nobody is in the team.
async fn first_link(service: &Service, address: SocketAddr) -> String {
    match service.start_invitation().await {
        Ok(Some((token, _))) => format!("\nfirst owner: http://{address}/admin/start/{token}"),
        Ok(None) => String::new(),
        // Tills are served all the same.
        Err(error) => {
            tracing::warn!(%error, "no link for the first owner was made: start again, or kopilka team invite");
            String::new()
        }
    }
}

/// A server that the others have taken for dead writes nothing any more; whoever watches over the process
/// starts it again.
const LOOK_EVERY: Duration = Duration::from_secs(1);

async fn fenced(service: Service) {
    while !service.is_fenced() {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// SIGXFSZ on Linux: a write beyond a file-size limit. Unhandled it would end the process; handled, the
/// write fails and the command is answered `storage_full`.
const FILE_TOO_LARGE: SignalKind = SignalKind::from_raw(25);

/// Ready when the process is asked to end, by a person or by the system.
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    // Once a handler is there it stays for the life of the process.
    let _ = signal(FILE_TOO_LARGE)?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
