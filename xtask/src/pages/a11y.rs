//! What axe-core finds on every page, and whether a page is wider than a phone.

use super::demo::Demo;
use super::{browser, crawl};
use crate::shell::{self, Profile};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The checker and its version, from npm.
const AXE: (&str, &str) = ("axe-core", "4.10.3");

pub fn run() -> Result<bool, String> {
    browser::prepare()?;
    let folder = shell::target_folder().join("a11y");
    let axe = axe(&folder)?;
    let demo = Demo::start(Profile::Ci, 300, 3_000)?;
    let pages = crawl::pages(&demo)?;
    let (mut checked, mut found) = (0, 0);
    for (who, path) in &pages {
        for (language, theme) in [("en", "light"), ("ru", "dark")] {
            let html = browser::standalone(&demo.page_of(*who, path, language, theme)?.body, &demo.host)?;
            let told = check(&folder, &axe, &html)?;
            checked += 1;
            for line in complaints(&told) {
                println!("{path} ({language}, {theme}): {line}");
                found += 1;
            }
        }
    }
    println!("{checked} pages checked, {found} findings");
    Ok(found == 0)
}

fn axe(folder: &Path) -> Result<String, String> {
    let file = folder.join("node_modules").join(AXE.0).join("axe.min.js");
    if !file.exists() {
        fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let wanted = json!({ "private": true, "dependencies": { AXE.0: AXE.1 } });
        let manifest = folder.join("package.json");
        fs::write(&manifest, wanted.to_string()).map_err(|e| format!("{}: {e}", manifest.display()))?;
        let mut npm = Command::new("npm");
        npm.current_dir(folder).args(["install", "--no-audit", "--no-fund", "--no-package-lock"]);
        shell::output(&mut npm)?;
    }
    fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))
}

/// Loads the page in a frame of a phone's width, lets the checker look at it, and reads what it says.
fn check(folder: &Path, axe: &str, html: &str) -> Result<Value, String> {
    let page = html
        .replace("</head>", &format!("<script>{}</script></head>", axe.replace("</script", "<\\/script")));
    let inside = serde_json::to_string(&page).map_err(|e| e.to_string())?.replace("</", "<\\/");
    let harness = format!(
        "<!doctype html><meta charset=utf-8><title>a11y</title><iframe width=390 height=844></iframe>\
         <script>const frame=document.querySelector('iframe');frame.onload=async()=>{{\
         const w=frame.contentWindow,d=frame.contentDocument;const wide=d.documentElement.scrollWidth;\
         let said;try{{const r=await w.axe.run(d,{{resultTypes:['violations']}});\
         said=r.violations.map(v=>({{id:v.id,impact:v.impact,nodes:v.nodes.map(n=>n.html.slice(0,160)+' — '+n.failureSummary)}}));}}\
         catch(e){{said=[{{id:'checker',impact:'critical',nodes:[String(e)]}}];}}\
         frame.remove();const out=document.createElement('pre');out.id='said';\
         out.textContent=JSON.stringify({{wide,said}});document.body.append(out);}};frame.srcdoc={inside};</script>"
    );
    let file: PathBuf = folder.join("page.html");
    fs::write(&file, harness).map_err(|e| format!("{}: {e}", file.display()))?;
    let dom = browser::made_of(&file)?;
    let said = dom.split_once("<pre id=\"said\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let (text, _) = said.ok_or("the checker said nothing")?;
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&text).map_err(|e| format!("{e}: {text}"))
}

/// Serious findings, and a page that must be moved sideways.
fn complaints(told: &Value) -> Vec<String> {
    let mut out = Vec::new();
    let wide = told["wide"].as_u64().unwrap_or_default();
    if wide > 390 {
        out.push(format!("{wide} pixels wide on a phone of 390"));
    }
    for one in told["said"].as_array().into_iter().flatten() {
        let impact = one["impact"].as_str().unwrap_or_default();
        if ["serious", "critical"].contains(&impact) {
            let node = one["nodes"][0].as_str().unwrap_or_default().replace('\n', " ");
            out.push(format!("{} ({impact}): {node}", one["id"].as_str().unwrap_or_default()));
        }
    }
    out
}
