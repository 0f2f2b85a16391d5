//! Debian's chromium, without a window.

use crate::http::Connection;
use crate::setup::{Package, debian_packages};
use crate::shell;
use std::path::Path;
use std::process::Command;

/// Longer than the slowest page takes.
const BUDGET_MILLISECONDS: &str = "600000";

pub const BROWSER_PACKAGE: Package = Package { name: "chromium", is_there: || shell::is_there("chromium") };
/// By which tests drive it.
pub const DRIVER_PACKAGE: Package =
    Package { name: "chromium-driver", is_there: || shell::is_there("chromedriver") };

pub fn prepare() -> Result<(), String> {
    debian_packages(&[BROWSER_PACKAGE])
}

fn chromium() -> Command {
    let mut command = Command::new("chromium");
    // Containers have neither a sandbox for it nor much shared memory.
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
    ]);
    command.args(["--force-color-profile=srgb", "--no-first-run", "--disable-extensions"]);
    command
}

/// A picture of a file, as wide and as high as told.
pub fn picture(page: &Path, out: &Path, width: u32, height: u32) -> Result<(), String> {
    let mut command = chromium();
    command.arg(format!("--screenshot={}", out.display())).arg(format!("--window-size={width},{height}"));
    command.arg(format!("file://{}", page.display()));
    shell::output(&mut command).map(drop)
}

/// What a file's scripts have made of it.
pub fn made_of(page: &Path) -> Result<String, String> {
    let mut command = chromium();
    command.arg("--dump-dom").arg(format!("--virtual-time-budget={BUDGET_MILLISECONDS}"));
    command.arg(format!("file://{}", page.display()));
    shell::output(&mut command)
}

/// A page that stands in a file: it loads its styles from the server and has its modules inside, which no
/// browser takes from elsewhere.
pub fn standalone(html: &str, host: &str) -> Result<String, String> {
    const MODULE: &str = "<script type=\"module\" src=\"";
    let mut out = String::new();
    for (n, part) in html.split(MODULE).enumerate() {
        match part.split_once("\"></script>").filter(|_| n > 0) {
            Some((path, rest)) => {
                let module = Connection::new(host).page(path, "")?.body;
                out.push_str(&format!("<script type=\"module\">{module}</script>{rest}"));
            }
            None => out.push_str(part),
        }
    }
    Ok(out
        .replace("href=\"/assets/", &format!("href=\"http://{host}/assets/"))
        .replace("src=\"/assets/", &format!("src=\"http://{host}/assets/")))
}
