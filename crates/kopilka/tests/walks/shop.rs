//! The program itself, started as a shop owner starts it, on a port of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A server; it ends with this value.
pub struct Shop {
    server: Child,
    pub host: String,
    /// Where the first owner begins, on a server with nobody in the team.
    pub first_owner: String,
    /// Of the demo's owner.
    pub login: String,
    pub password: String,
    _data: TempDir,
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Shop {
    /// With nothing in it.
    pub fn empty() -> Shop {
        Shop::start(&["serve"], |shop| !shop.first_owner.is_empty())
    }
    /// The sample shop with half a year of life, small enough to be there in a moment.
    pub fn demo() -> Shop {
        Shop::start(&["demo", "--members", "60", "--orders", "400"], |shop| !shop.password.is_empty())
    }

    fn start(arguments: &[&str], is_ready: fn(&Shop) -> bool) -> Shop {
        let data = TempDir::new().unwrap();
        let mut server = Command::new(env!("CARGO_BIN_EXE_kopilka"))
            .env_remove("KOPILKA_DATABASE")
            .args(arguments)
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = server.stdout.take().unwrap();
        let (host, first_owner) = (String::new(), String::new());
        let (login, password) = (String::new(), String::new());
        let mut shop = Shop { server, host, first_owner, login, password, _data: data };
        let mut lines = BufReader::new(out).lines();
        while !is_ready(&shop) {
            shop.read(&lines.next().expect("the server told where it is").unwrap());
        }
        // Whatever else it says is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        shop
    }

    fn read(&mut self, line: &str) {
        if let Some(address) = line.strip_prefix("listening on http://") {
            self.host = address.trim().to_owned();
        }
        if let Some(link) = line.trim().strip_prefix("first owner: ") {
            self.first_owner = link.to_owned();
        }
        // `admin  http://…/admin   login / password`
        if let Some((left, password)) = line.split_once(" / ")
            && let Some(login) = left.split_whitespace().last().filter(|_| left.trim().starts_with("admin"))
        {
            (self.login, self.password) = (login.to_owned(), password.trim().to_owned());
        }
    }
}
