//! `--only pages`: how long the server takes to draw a page, on a shop of a hundred thousand members with a
//! million orders; and what the widget weighs.
//!
//! Every kind of page is asked for again and again, with another member or order each time, one after the
//! other on the machine that serves: what is told is the 95th of a hundred.

use super::Args;
use super::report::{Row, Target};
use super::rounds::Spread;
use crate::http::Connection;
use crate::pages::{Demo, found_pages};
use crate::shell::Profile;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

pub const ROWS: [&str; 1] = ["pages"];

const MEMBERS: u32 = 100_000;
const ORDERS: u32 = 1_000_000;
/// Requests of each kind of page.
const TIMES: usize = 100;
/// Members and orders whose pages are opened in turn.
const NAMES: usize = 100;
/// What a person feels as at once, with the way there and back.
const PAGE_MILLISECONDS: f64 = 50.0;
/// Reports are read, not clicked through.
const REPORT_MILLISECONDS: f64 = 500.0;
const WIDGET_KILOBYTES: f64 = 15.0;
/// Projections of a million orders, on two cores.
const BEHIND_MAX: Duration = Duration::from_secs(900);

pub fn rows(args: &Args) -> Result<Vec<Row>, String> {
    let scale = |whole: u32| (u64::from(whole) * args.members / 100_000) as u32;
    eprintln!("making {} members and {} orders", scale(MEMBERS), scale(ORDERS));
    let (members, orders) = (scale(MEMBERS), scale(ORDERS));
    let demo = match &args.shop {
        Some(folder) => Demo::start_in(folder, Profile::Dist, members, orders)?,
        None => Demo::start(Profile::Dist, members, orders)?,
    };
    until_reports(&demo)?;
    let names = Names::of(&demo)?;
    let mut groups: BTreeMap<Group, Vec<(String, f64)>> = BTreeMap::new();
    for path in found_pages(&demo)? {
        let worst = percentile(&names, &path, |path| demo.page(path, "en", "light").map(|a| a.status))?;
        groups.entry(Group::of(&path)).or_default().push((path, worst));
    }
    let cabinet = Cabinet::open(&demo)?;
    for room in ["", "/history", "/gifts", "/friends", "/me"] {
        let path = format!("/cabinet/{}{room}", cabinet.slug);
        let worst = percentile(&names, &path, |path| cabinet.page(path))?;
        groups.entry(Group::Cabinet).or_default().push((path, worst));
    }
    let mut rows: Vec<Row> = groups.into_iter().map(|(group, pages)| group.row(pages)).collect();
    rows.push(widget(&demo)?);
    Ok(rows)
}

/// What must be drawn within the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Pages,
    Till,
    Cabinet,
    Reports,
}

impl Group {
    fn of(path: &str) -> Group {
        match path {
            path if path.starts_with("/till") => Group::Till,
            path if path.starts_with("/cabinet") => Group::Cabinet,
            // Figures of the whole shop.
            "/admin" => Group::Reports,
            path if path.starts_with("/admin/reports") => Group::Reports,
            _ => Group::Pages,
        }
    }
    fn row(self, mut pages: Vec<(String, f64)>) -> Row {
        pages.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let (what, must) = match self {
            Group::Pages => ("ms, p95 of the slowest list or card of the admin", PAGE_MILLISECONDS),
            Group::Till => ("ms, p95 of the slowest page of the till", PAGE_MILLISECONDS),
            Group::Cabinet => ("ms, p95 of the slowest page of the cabinet", PAGE_MILLISECONDS),
            Group::Reports => ("ms, p95 of the slowest report", REPORT_MILLISECONDS),
        };
        let sides = pages.iter().take(5).map(|(path, worst)| format!("{path}: {worst:.1} ms")).collect();
        Row {
            id: "pages",
            what: what.to_owned(),
            target: Some(Target::at_most(must, must / 2.0)),
            figure: Spread::of(pages.iter().map(|(_, worst)| *worst).collect())
                .map(|spread| Spread { median: spread.most, ..spread }),
            noisy: false,
            sides,
        }
    }
}

/// The 95th of a hundred requests, in milliseconds, each of another member or order.
fn percentile(names: &Names, path: &str, ask: impl Fn(&str) -> Result<u16, String>) -> Result<f64, String> {
    let mut took = Vec::with_capacity(TIMES);
    for turn in 0..TIMES {
        let path = names.other(path, turn);
        let began = Instant::now();
        let status = ask(&path)?;
        took.push(began.elapsed().as_secs_f64() * 1e3);
        if status >= 400 {
            return Err(format!("{path} answers {status}"));
        }
    }
    took.sort_by(f64::total_cmp);
    Ok(took[TIMES * 95 / 100 - 1])
}

/// Members and orders to name in addresses.
struct Names {
    members: Vec<String>,
    orders: Vec<String>,
}

impl Names {
    fn of(demo: &Demo) -> Result<Names, String> {
        let gather = |start: &str, prefix: &str| -> Result<Vec<String>, String> {
            let (mut found, mut path): (Vec<String>, String) = (Vec::new(), start.to_owned());
            while found.len() < NAMES {
                let page = demo.page(&path, "en", "light")?.body;
                let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
                let links: Vec<&str> = links.collect();
                let named = links.iter().filter_map(|link| link.strip_prefix(prefix));
                let before = found.len();
                for name in named.map(|name| name.split('?').next().unwrap_or(name)) {
                    if !name.contains("new") && !found.iter().any(|known| known == name) {
                        found.push(name.to_owned());
                    }
                }
                let next = links.iter().find(|link| link.contains("before=") || link.contains("after="));
                match next {
                    Some(next) if found.len() > before => {
                        path = next.replace("&amp;", "&").replace("&#38;", "&")
                    }
                    _ => break,
                }
            }
            Ok(found)
        };
        Ok(Names {
            members: gather("/admin/members", "/admin/members/")?,
            orders: gather("/admin/orders", "/admin/orders/")?,
        })
    }

    /// The same page of another member or order.
    fn other(&self, path: &str, turn: usize) -> String {
        // Members are named by one part of the address, orders by two.
        let in_turn = |names: &[String], prefix: &str, parts: usize| -> Option<String> {
            let rest = path.strip_prefix(prefix).filter(|rest| rest.bytes().any(|b| b.is_ascii_digit()))?;
            let ends = rest.match_indices(['/', '?']).map(|(at, _)| at).nth(parts - 1);
            Some(format!("{prefix}{}{}", names[turn % names.len()], &rest[ends.unwrap_or(rest.len())..]))
        };
        in_turn(&self.members, "/admin/members/", 1)
            .or_else(|| in_turn(&self.orders, "/admin/orders/", 2))
            .unwrap_or_else(|| path.to_owned())
    }
}

/// Reports are counted in the background; before that there is nothing to draw.
fn until_reports(demo: &Demo) -> Result<(), String> {
    let began = Instant::now();
    loop {
        let page = demo.page("/admin/reports/customers", "en", "light")?;
        if page.status == 200 && page.body.contains("<table") {
            return Ok(());
        }
        if began.elapsed() > BEHIND_MAX {
            return Err(format!("reports are not there after {} s", BEHIND_MAX.as_secs()));
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// The cabinet of a member, opened from the sample shop.
struct Cabinet {
    host: String,
    slug: String,
    session: String,
}

impl Cabinet {
    fn open(demo: &Demo) -> Result<Cabinet, String> {
        let (slug, session) = demo.cabinet()?;
        Ok(Cabinet { host: demo.host.clone(), slug, session })
    }
    fn page(&self, path: &str) -> Result<u16, String> {
        Connection::new(&self.host).page(path, &self.session).map(|answer| answer.status)
    }
}

/// All that a shop's page loads for it.
fn widget(demo: &Demo) -> Result<Row, String> {
    let script = demo.page("/widget.js", "en", "light")?.body;
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(script.as_bytes()).map_err(|e| e.to_string())?;
    let size = packed.finish().map_err(|e| e.to_string())?.len() as f64 / 1024.0;
    Ok(Row {
        id: "pages",
        what: "KiB of the widget, gzip -9".to_owned(),
        target: Some(Target::at_most(WIDGET_KILOBYTES, WIDGET_KILOBYTES / 2.0)),
        figure: Spread::of(vec![size]),
        noisy: false,
        sides: Vec::new(),
    })
}
