//! Pictures of every page, as the owner, a shopper in the cabinet, or somebody unknown sees it.

use super::demo::{Demo, Visitor};
use super::{browser, crawl};
use crate::shell::Profile;
use std::fs;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder of the pictures; made when it is missing.
    out: PathBuf,
    /// Only pages whose address holds this.
    #[arg(long)]
    only: Option<String>,
}

/// A laptop and a phone.
const SIZES: [(u32, u32); 2] = [(1440, 1400), (390, 1800)];

pub fn run(args: &Args) -> Result<bool, String> {
    browser::prepare()?;
    fs::create_dir_all(&args.out).map_err(|e| format!("{}: {e}", args.out.display()))?;
    let out = args.out.canonicalize().map_err(|e| format!("{}: {e}", args.out.display()))?;
    let demo = Demo::start(Profile::Ci, 300, 3_000)?;
    let pages = crawl::pages(&demo)?;
    let wanted =
        |(_, path): &&crawl::Seen| args.only.as_ref().is_none_or(|only| path.contains(only.as_str()));
    let mut count = 0;
    for (who, path) in pages.iter().filter(wanted) {
        for language in ["en", "ru"] {
            for theme in ["light", "dark"] {
                let html = demo.page_of(*who, path, language, theme)?.body;
                let file = out.join("page.html");
                // A narrow window is wider than a phone, so the page stands in a frame of a phone's width.
                for (width, height) in SIZES {
                    let text = framed(&browser::standalone(&html, &demo.host)?, width, height);
                    fs::write(&file, text).map_err(|e| format!("{}: {e}", file.display()))?;
                    let name =
                        path.trim_start_matches('/').replace(|c: char| !c.is_ascii_alphanumeric(), "-");
                    let guest = if *who == Visitor::Guest { "guest-" } else { "" };
                    let picture = out.join(format!("{guest}{name}-{width}-{theme}-{language}.png"));
                    browser::picture(&file, &picture, width.max(500), height)?;
                    count += 1;
                }
            }
        }
        println!("{path}");
    }
    let _ = fs::remove_file(out.join("page.html"));
    println!("{count} pictures of {} pages in {}", pages.len(), out.display());
    Ok(count > 0)
}

fn framed(html: &str, width: u32, height: u32) -> String {
    let inside = html.replace('&', "&amp;").replace('"', "&quot;");
    format!(
        "<!doctype html><meta charset=utf-8><style>body{{margin:0}}iframe{{border:0;display:block}}</style>\
         <iframe width={width} height={height} srcdoc=\"{inside}\"></iframe>"
    )
}
