//! Which pages there are: one of each kind, by the links of those that are known.

use super::demo::{Demo, Visitor};
use std::collections::{BTreeSet, VecDeque};

/// Where the owner begins; the rest is reached from there. First an early order, so that the member whose
/// card is looked at has bought something.
const STARTS: [&str; 5] = ["/admin/orders/main/000002", "/admin", "/admin/account", "/admin/design", "/till"];
/// More kinds of pages than these are a loop.
const PAGES_MAX: usize = 200;

/// A page, and whose browser it is looked at with.
pub type Seen = (Visitor, String);

/// Pages of the owner, of a shopper in the cabinet and of somebody unknown, one of each kind.
pub fn pages(demo: &Demo) -> Result<Vec<Seen>, String> {
    let mut found = Vec::new();
    let of_owner = pages_of(demo, Visitor::Owner, &STARTS)?;
    let cabinet = format!("/cabinet/{}", demo.cabinet()?.0);
    let of_shopper = pages_of(demo, Visitor::Shopper, &[&cabinet])?;
    let of_guest = pages_of(demo, Visitor::Guest, &["/admin/sign-in", &cabinet])?;
    // What everybody sees alike is looked at once.
    let is_new = |path: &String| !of_owner.iter().any(|known| kind(known) == kind(path));
    found.extend(of_guest.iter().filter(|path| is_new(path)).map(|path| (Visitor::Guest, path.clone())));
    found.extend(of_shopper.into_iter().filter(is_new).map(|path| (Visitor::Shopper, path)));
    found.extend(of_owner.into_iter().map(|path| (Visitor::Owner, path)));
    Ok(found)
}

/// Addresses of the owner's pages, one of each kind, in the order they were found.
pub fn owners(demo: &Demo) -> Result<Vec<String>, String> {
    pages_of(demo, Visitor::Owner, &STARTS)
}

fn pages_of(demo: &Demo, who: Visitor, starts: &[&str]) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut kinds = BTreeSet::new();
    let mut waiting: VecDeque<String> = starts.iter().map(|start| (*start).to_owned()).collect();
    while let Some(path) = waiting.pop_front() {
        if found.len() >= PAGES_MAX || !kinds.insert(kind(&path)) {
            continue;
        }
        let answer = demo.page_of(who, &path, "en", "light")?;
        if let Some(goal) = answer.header("location") {
            waiting.push_back(goal.to_owned());
            continue;
        }
        let is_page = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        if answer.status != 200 || !is_page {
            // A start of a part that this program does not have.
            if starts.contains(&path.as_str()) {
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
