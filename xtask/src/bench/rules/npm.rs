//! Rule engines of npm, run by the machine's node; their packages lie in the target folder.

use super::super::rounds::Measured;
use super::fixture::{Fixture, number_of};
use crate::shell;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The versions that figures in the repository were made with.
pub const ZEN: (&str, &str) = ("@gorules/zen-engine", "0.54.0");
pub const JSON_RULES: (&str, &str) = ("json-rules-engine", "7.3.1");

const SCRIPT: &str = include_str!("peers.mjs");

/// A folder with the packages, the script and the fixture.
#[derive(Debug)]
pub struct Npm {
    folder: PathBuf,
    /// What every side must find.
    found: u64,
}

impl Npm {
    pub fn prepare(fixture: &Fixture, found: u64) -> Result<Npm, String> {
        let folder = shell::target_folder().join("rule-engines");
        install(&folder)?;
        write(&folder.join("peers.mjs"), SCRIPT)?;
        write(&folder.join("rules.json"), &rules_of(fixture).to_string())?;
        Ok(Npm { folder, found })
    }

    /// Runs one engine for a time; what it finds in a first pass must be right.
    pub fn run(&self, engine: &str, seconds: u64) -> Result<Measured, String> {
        let mut command = Command::new("node");
        command.current_dir(&self.folder).args(["peers.mjs", engine, ".", &seconds.to_string()]);
        let said = shell::output(&mut command)?;
        let [operations, seconds, cpu_seconds, found] = said.split_whitespace().collect::<Vec<_>>()[..]
        else {
            return Err(format!("{engine} said: {said}"));
        };
        if found != self.found.to_string() {
            return Err(format!("{engine} finds {found}, must be {}", self.found));
        }
        let number = |text: &str| text.parse::<f64>().map_err(|_| format!("{engine} said: {said}"));
        let (seconds, cpu_seconds) = (number(seconds)?, number(cpu_seconds)?);
        Ok(Measured { operations: number(operations)? as u64, seconds, cpu_seconds })
    }
}

fn install(folder: &Path) -> Result<(), String> {
    let wanted = json!({
        "private": true,
        "dependencies": { ZEN.0: ZEN.1, JSON_RULES.0: JSON_RULES.1 },
    });
    let file = folder.join("package.json");
    let known: Option<Value> =
        fs::read_to_string(&file).ok().and_then(|text| serde_json::from_str(&text).ok());
    if known.as_ref() == Some(&wanted) && folder.join("node_modules").join(JSON_RULES.0).is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    write(&file, &wanted.to_string())?;
    let mut npm = Command::new("npm");
    npm.current_dir(folder).args(["install", "--no-audit", "--no-fund", "--no-package-lock"]);
    shell::output(&mut npm).map(drop)
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))
}

fn rules_of(fixture: &Fixture) -> Value {
    let promotions = fixture.promotions.iter().map(|p| {
        json!({
            "id": p.id, "group": p.group, "least": p.least, "category": p.category, "percent": p.percent,
            "from": number_of(p.from), "to": number_of(p.to),
        })
    });
    json!({
        "today": number_of(fixture.today),
        "promotions": promotions.collect::<Vec<_>>(),
        "carts": fixture.carts,
    })
}
