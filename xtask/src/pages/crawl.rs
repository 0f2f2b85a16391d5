//! Which pages there are: one of each kind, by the links of those that are known.

use super::demo::Demo;
use std::collections::{BTreeSet, VecDeque};

/// Where looking begins; the rest is reached from there.
const STARTS: [&str; 4] = ["/admin", "/admin/account", "/admin/design", "/till"];
/// More kinds of pages than these are a loop.
const PAGES_MAX: usize = 200;

/// Addresses of pages, one of each kind, in the order they were found.
pub fn pages(demo: &Demo) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut kinds = BTreeSet::new();
    let mut waiting: VecDeque<String> = STARTS.iter().map(|start| (*start).to_owned()).collect();
    while let Some(path) = waiting.pop_front() {
        if found.len() >= PAGES_MAX || !kinds.insert(kind(&path)) {
            continue;
        }
        let answer = demo.page(&path, "en", "light")?;
        if let Some(goal) = answer.header("location") {
            waiting.push_back(goal.to_owned());
            continue;
        }
        let is_page = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        if answer.status != 200 || !is_page {
            // A start of a part that this program does not have.
            if STARTS.contains(&path.as_str()) {
                continue;
            }
            if answer.status >= 400 {
                return Err(format!("{path} answers {}: {}", answer.status, answer.body));
            }
            continue;
        }
        waiting.extend(links(&answer.body));
        found.push(path);
    }
    Ok(found)
}

/// Own addresses that a page leads to, without files and ends of pages.
fn links(html: &str) -> Vec<String> {
    let all = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let own = all.filter(|link| link.starts_with('/') && !link.starts_with("//") && !is_file(link));
    own.map(|link| link.replace("&amp;", "&").replace("&#38;", "&")).collect()
}

/// What is kept and not looked at: its name has an ending.
fn is_file(link: &str) -> bool {
    let path = link.split('?').next().unwrap_or(link);
    path.rsplit('/').next().is_some_and(|name| name.contains('.'))
}

/// What addresses of one kind of page share: names, numbers and queries left out.
fn kind(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parts = path.split('/').map(|part| {
        let is_name = part.contains('_') || part.contains("%") || part.bytes().any(|b| b.is_ascii_digit());
        if is_name { "*" } else { part }
    });
    let names = query.split('&').filter_map(|pair| pair.split('=').next());
    let names: Vec<&str> = names.filter(|name| ["tab", "view"].contains(name)).collect();
    let tab = query.split('&').find(|pair| pair.starts_with("tab=") || pair.starts_with("view="));
    format!("{} {}", parts.collect::<Vec<_>>().join("/"), tab.unwrap_or(&names.join("&")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_one_kind_are_one() {
        assert_eq!(kind("/admin/members/m_00ab?done=saved"), kind("/admin/members/m_00cd"));
        assert_eq!(kind("/admin/orders/main/1042"), kind("/admin/orders/main/A-17"));
        assert_ne!(kind("/admin/members/m_1?tab=orders"), kind("/admin/members/m_1?tab=journal"));
        assert_ne!(kind("/admin/team"), kind("/admin/audit"));
        assert_eq!(
            links("<a href=\"/admin?a=1&amp;b=2\"><a href=\"https://x\"><a href=\"/a/b.csv\">"),
            ["/admin?a=1&b=2"]
        );
    }
}
