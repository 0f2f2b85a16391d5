//! Programs that tests need beside cargo: found, or installed where we are allowed to.

use crate::shell;
use std::process::Command;

/// A Debian package and how to see that what we need of it is there.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    pub name: &'static str,
    pub is_there: fn() -> bool,
}

/// Makes sure that packages are there: installs what is missing with apt-get when we are root, else says what
/// to install.
pub fn debian_packages(packages: &[Package]) -> Result<(), String> {
    let missing: Vec<&str> = packages.iter().filter(|p| !(p.is_there)()).map(|p| p.name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !is_root() || !shell::is_there("apt-get") {
        return Err(format!("missing: {list}; install with `apt-get install {list}`"));
    }
    let apt = |args: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(args);
        shell::output(&mut command)
    };
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(&missing);
    if apt(&install).is_err() {
        // A fresh container has no package lists yet.
        apt(&["update"])?;
        apt(&install)?;
    }
    match packages.iter().find(|p| !(p.is_there)()) {
        Some(p) => Err(format!("{} is installed, but its programs were not found", p.name)),
        None => Ok(()),
    }
}

/// Whether we may install packages and start programs as another user.
pub fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|out| out.stdout.trim_ascii() == b"0")
}
