//! The engine as people run it: the built binary over a data folder, reached through HTTP alone.
//!
//! Invariant: a server never outlives the value that started it.

use crate::shell;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// A server that has not told its address by then will not.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// Answering what waits and writing the log back takes less on any machine.
const STOPPED_WITHIN: Duration = Duration::from_secs(20);

/// The binary, the folder it works on, and the database where that is not a file in the folder.
#[derive(Debug, Clone)]
pub struct Installation {
    pub binary: PathBuf,
    pub data: PathBuf,
    /// `postgres://user@host:port/name`
    pub database: Option<String>,
}

impl Installation {
    /// A command of the binary on this installation.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        // What the one who calls us has set must not lead a trial to another database.
        command.args(words).arg("--data").arg(&self.data).env_remove("KOPILKA_DATABASE");
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        command
    }

    /// Runs one command of the binary on the data folder and takes what it prints.
    pub fn run(&self, words: &[&str]) -> Result<String, String> {
        shell::output(&mut self.command(words))
    }

    /// Publishes a document as a program with a movable clock.
    pub fn publish(&self, document: &str) -> Result<(), String> {
        fs::create_dir_all(&self.data).map_err(|e| format!("{}: {e}", self.data.display()))?;
        let file = self.data.with_extension("program.json");
        fs::write(&file, document).map_err(|e| format!("{}: {e}", file.display()))?;
        self.run(&["program", "publish", &file.to_string_lossy(), "--sandbox"]).map(drop)
    }

    /// Makes a key that may do everything in a program, for every shop.
    pub fn make_key(&self, program: &str) -> Result<String, String> {
        let said = self.run(&["keys", "create", "--program", program, "--shop", "", "--name", "trial"])?;
        let secret = said.lines().map(str::trim).rfind(|line| !line.is_empty());
        secret.map(str::to_owned).ok_or_else(|| format!("no key in: {said}"))
    }

    /// Proves the books of the database; nobody may be serving it.
    pub fn verify(&self) -> Result<(), String> {
        self.run(&["verify"]).map(drop)
    }

    /// Starts the server on a free port and waits until it answers.
    pub fn serve(&self) -> Result<Server, String> {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        // Receivers of a trial are on this machine.
        command.env("KOPILKA_ALLOW_OUTGOING", "127.0.0.1");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|e| format!("starting the server: {e}"))?;
        let (tell, told) = mpsc::channel();
        let stdout = child.stdout.take().ok_or("the server has no output")?;
        let stderr = child.stderr.take().ok_or("the server has no error output")?;
        for output in [Box::new(stdout) as Box<dyn Read + Send>, Box::new(stderr)] {
            let tell = tell.clone();
            // Reads to the end, so that the server never waits for somebody to read what it says.
            thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    let _ = tell.send(line);
                }
            });
        }
        let mut server = Server { child, host: String::new(), said: told };
        server.host = server.wait_for_address()?;
        Ok(server)
    }
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// `127.0.0.1:<port>`.
    pub host: String,
    said: mpsc::Receiver<String>,
}

impl Server {
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    fn wait_for_address(&mut self) -> Result<String, String> {
        let end = Instant::now() + READY_WITHIN;
        let mut heard = String::new();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(line) = self.said.recv_timeout(left) else {
                return Err(format!("the server did not start: {heard}"));
            };
            if let Some(host) = address_in(&line) {
                return Ok(host);
            }
            heard.push_str(&line);
            heard.push('\n');
        }
    }

    /// Kills it as a power cut would: nothing is flushed, nothing answered.
    pub fn kill(mut self) -> Result<(), String> {
        self.child.kill().map_err(|e| format!("killing the server: {e}"))?;
        self.child.wait().map(drop).map_err(|e| format!("killing the server: {e}"))
    }

    /// Asks it to stop and waits until it has.
    pub fn stop(mut self) -> Result<(), String> {
        self.end()
    }

    /// The same, where another server takes this one's place.
    pub fn end(&mut self) -> Result<(), String> {
        let process = self.process().to_string();
        shell::output(Command::new("kill").args(["-TERM", &process]))?;
        let end = Instant::now() + STOPPED_WITHIN;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(format!("the server ended with {status}")),
                Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(5)),
                Ok(None) => return Err("the server does not stop".to_owned()),
                Err(e) => return Err(format!("stopping the server: {e}")),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `listening on http://127.0.0.1:41234` → `127.0.0.1:41234`.
fn address_in(line: &str) -> Option<String> {
    let rest = line.split("http://").nth(1)?;
    let end = rest.find(|c: char| c != '.' && c != ':' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let host = rest[..end].trim_end_matches('.');
    host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map(|_| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_what_the_server_says() {
        assert_eq!(address_in("ready on http://127.0.0.1:41234/"), Some("127.0.0.1:41234".to_owned()));
        assert_eq!(address_in("http://127.0.0.1:8080."), Some("127.0.0.1:8080".to_owned()));
        assert_eq!(address_in("reading http://example"), None);
    }
}
