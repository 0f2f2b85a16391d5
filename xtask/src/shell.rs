//! Where the repository lies and how other programs are started; a failed start is always told by name.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a command of this crate ends with: `Ok(false)` is a run that found something wrong.
pub type Outcome = Result<bool, String>;

/// The root of the repository this crate was built from.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Cargo itself, the one that started us where there is one. What that one told us of ourselves stays here:
/// build scripts of libraries ask for it and would be run anew, with all that stands on them, each time.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let of_us = |prefix| name.to_str().is_some_and(|n| n.starts_with(prefix));
        if of_us("CARGO_MANIFEST_") || of_us("CARGO_PKG_") {
            command.env_remove(&name);
        }
    }
    command.current_dir(root());
    command
}

/// Runs a program with our own output; `Ok(true)` when it ended well.
pub fn run(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|e| cannot_start(command, &e))?;
    Ok(status.success())
}

/// Runs a program and takes what it printed; an error holds what it said on the way down.
pub fn output(command: &mut Command) -> Result<String, String> {
    let out = command.output().map_err(|e| cannot_start(command, &e))?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    if out.status.success() {
        return Ok(text);
    }
    let said = String::from_utf8_lossy(&out.stderr);
    Err(format!("{} ended with {}: {}{}", name_of(command), out.status, text.trim(), said.trim()))
}

/// Whether a program can be started at all.
pub fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|out| out.status.success())
}

fn name_of(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!("cannot start {}: {error}", name_of(command))
}

/// How the engine is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Shared by tests, cases and replay, so that nothing is built twice.
    Ci,
    /// What is handed out to people: benchmarks measure this one.
    Dist,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Profile::Ci => "ci",
            Profile::Dist => "dist",
        }
    }
}

/// Where cargo puts what it builds.
pub fn target_folder() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// Where the binary of a package lies once it is built.
pub fn built(package: &str, profile: Profile) -> PathBuf {
    target_folder().join(profile.name()).join(package)
}

/// Builds the binary of a package and answers with its path.
pub fn build(package: &str, profile: Profile) -> Result<PathBuf, String> {
    build_with(package, profile, &[])
}

/// The same with features of the package.
pub fn build_with(package: &str, profile: Profile, features: &[&str]) -> Result<PathBuf, String> {
    let mut command = cargo();
    command.args(["build", "--quiet", "--profile", profile.name(), "--package", package]);
    command.args(["--features", &features.join(",")]);
    if !run(&mut command)? {
        return Err(format!("{package} does not compile"));
    }
    Ok(built(package, profile))
}
