//! On which engine a trial runs, and where its installations find a database.
//!
//! Invariant: every installation has a database nobody used before.

use crate::postgres::Postgres;
use crate::server::Installation;
use clap::ValueEnum;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// A file in the data folder.
    Sqlite,
    /// A server of our own, made for the run.
    Postgres,
}

/// Where databases of one run come from.
#[derive(Debug)]
pub struct Databases {
    /// `None`: each installation has its file.
    postgres: Option<Postgres>,
}

impl Databases {
    pub fn start(engine: Engine) -> Result<Databases, String> {
        let postgres = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(Postgres::start()?),
        };
        Ok(Databases { postgres })
    }

    pub fn installation(&self, binary: &Path, data: PathBuf) -> Result<Installation, String> {
        let database = self.postgres.as_ref().map(Postgres::fresh_database).transpose()?;
        Ok(Installation { binary: binary.to_owned(), data, database })
    }

    /// The database server, where there is one beside our own.
    pub fn server(&mut self) -> Option<&mut Postgres> {
        self.postgres.as_mut()
    }

    /// Several of our servers may share one database server, never one file.
    pub fn allow(&self, servers: usize) -> Result<(), String> {
        match (servers, &self.postgres) {
            (0, _) => Err("one server at least".to_owned()),
            (1, _) | (_, Some(_)) => Ok(()),
            (_, None) => Err("one file has one server; take --database postgres for several".to_owned()),
        }
    }
}
