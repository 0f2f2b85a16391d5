//! The data directory and the program that commands work on.

use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_service::{MemberRef, OpenError, OpenOptions, ProgramInfo, Service};
use std::path::PathBuf;

/// A command reads little beside the writer.
const READ_CONNECTIONS: usize = 2;

/// Where the data lies.
#[derive(Debug, clap::Args)]
pub struct Data {
    /// The data directory: database, key file and lock.
    #[arg(long = "data", value_name = "DIR", default_value = "kopilka-data")]
    pub dir: PathBuf,
    #[command(flatten)]
    pub database: Database,
}

/// A database that is not the file in the data directory.
#[derive(Debug, clap::Args)]
pub struct Database {
    /// A PostgreSQL database, postgres://user@host:5432/name. The data directory then holds the key file
    /// alone, which every server of the database needs. May hold a password, so the environment is better.
    #[arg(long = "database", value_name = "URL", env = "KOPILKA_DATABASE", hide_env_values = true)]
    pub url: Option<String>,
}

impl Data {
    pub fn options(&self) -> OpenOptions {
        OpenOptions::in_dir(&self.dir).on(self.database.url.clone())
    }
    pub fn small_options(&self) -> OpenOptions {
        OpenOptions { read_connections: READ_CONNECTIONS, writers: 1, ..self.options() }
    }
    /// Opens the installation to write: a directory with its database for this process alone.
    pub fn open(&self) -> Result<Service, String> {
        self.must_exist()?;
        Service::open(self.small_options()).map_err(|error: OpenError| error.to_string())
    }
    /// Opens the installation also when a server runs: for programs and keys.
    pub fn open_beside(&self) -> Result<Service, String> {
        self.must_exist()?;
        Service::open_beside(self.small_options()).map_err(|error| error.to_string())
    }
    /// A slip in the name should not make an empty database somewhere.
    pub fn must_exist(&self) -> Result<(), String> {
        if self.dir.is_dir() { Ok(()) } else { Err(format!("there is no directory {}", self.dir.display())) }
    }
}

/// Which program of the installation.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// The program, by the id in its document; may be left out where there is only one.
    #[arg(long, value_name = "ID")]
    program: Option<String>,
    /// Its sandbox, where the same program is live and a sandbox.
    #[arg(long)]
    sandbox: bool,
}

impl Which {
    /// Whether one was named, where a command is also about all of them.
    pub fn is_named(&self) -> bool {
        self.program.is_some() || self.sandbox
    }
    pub fn find(&self, service: &Service) -> Result<ProgramId, String> {
        let fits = |p: &&ProgramInfo| {
            self.program.as_ref().is_none_or(|slug| *slug == p.slug) && (!self.sandbox || p.sandbox)
        };
        let programs = service.programs();
        let found: Vec<&ProgramInfo> = programs.iter().filter(fits).collect();
        match (found.as_slice(), &self.program) {
            ([only], _) => Ok(only.id),
            ([], Some(slug)) => {
                Err(format!("no program {slug} is published here; there are: {}", list(&programs)))
            }
            ([], None) => Err("no program is published here".to_owned()),
            (several, Some(slug)) => {
                // Without a word about it, a slug means the live program.
                let live = several.iter().find(|p| !p.sandbox);
                live.map(|p| p.id).ok_or_else(|| format!("program {slug} is published more than once"))
            }
            (several, None) => {
                let slugs = several.iter().map(|p| p.slug.as_str()).collect::<Vec<_>>().join(", ");
                Err(format!("there are several programs: name one with --program ({slugs})"))
            }
        }
    }
}

fn list(programs: &[ProgramInfo]) -> String {
    let name = |p: &ProgramInfo| if p.sandbox { format!("{} (sandbox)", p.slug) } else { p.slug.clone() };
    if programs.is_empty() {
        return "none".to_owned();
    }
    programs.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// `m_…`, or the shop's own id as `ext:…`.
pub fn member(text: &str) -> Result<MemberRef, String> {
    if let Some(ext) = text.strip_prefix("ext:") {
        return Ok(MemberRef::Ext(ext.to_owned()));
    }
    MemberId::parse(text).map(MemberRef::Id).ok_or_else(|| format!("{text} is neither m_… nor ext:…"))
}

/// Runs one asynchronous call to its end.
pub fn wait<T>(call: impl Future<Output = T>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map(|runtime| runtime.block_on(call)).map_err(|error| error.to_string())
}
