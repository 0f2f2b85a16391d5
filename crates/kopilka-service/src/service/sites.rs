//! Sites of members: claimed, shown to be theirs, and then visitors from there are brought by them.
//!
//! Invariant: nobody's visitors are counted for a site before the site itself has said whose it is. It is
//! asked over the one way outside, which judges the address it connects to and follows no redirects.

use super::Service;
use crate::error::ServiceError;
use crate::outside::{Ask, Failure};
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_store::rows::{Site, SiteProof};
use url::Url;

/// Where the file stands on a site, with the token alone in it.
pub const SITE_FILE: &str = "/.well-known/kopilka-site.txt";
/// The name of the meta tag, whose content is the token.
pub const SITE_META: &str = "kopilka-site";
/// A token and a line's end, and somebody's editor.
const FILE_MAX: usize = 1 << 10;
/// A page's head ends long before.
const HEAD_MAX: usize = 256 << 10;

/// Why a site has not shown whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteProblem {
    /// The member has not claimed it.
    Unknown,
    /// There was no answer.
    Silent(Failure),
    /// It answered with another status than 200.
    Status(u16),
    /// The token is not there.
    TokenMissing,
}

impl Service {
    /// Whether a claimed site shows the member's token now; answers with the site.
    pub async fn check_site(
        &self,
        program: ProgramId,
        member: MemberId,
        host: String,
        proof: SiteProof,
    ) -> Result<Result<Site, SiteProblem>, ServiceError> {
        let person = self.read(move |reader| reader.person(program, member)).await?.unwrap_or_default();
        let Some(site) = person.sites.into_iter().find(|site| site.host == host) else {
            return Ok(Err(SiteProblem::Unknown));
        };
        // Many sites answer under one of the two names alone and send elsewhere from the other.
        let seen = self.look_at(&site.host, &site.token, proof).await;
        let seen = match seen {
            Ok(()) => Ok(()),
            Err(first) => {
                let second = self.look_at(&format!("www.{}", site.host), &site.token, proof).await;
                // What a site has answered says more than that the other name is silent.
                second.map_err(|second| match (first, second) {
                    (SiteProblem::Silent(_), second) => second,
                    (first, SiteProblem::Silent(_)) => first,
                    (_, second) => second,
                })
            }
        };
        Ok(seen.map(|()| site))
    }

    async fn look_at(&self, host: &str, token: &str, proof: SiteProof) -> Result<(), SiteProblem> {
        let (path, body_max) = match proof {
            SiteProof::File => (SITE_FILE, FILE_MAX),
            SiteProof::Meta => ("/", HEAD_MAX),
        };
        let url =
            Url::parse(&format!("https://{host}{path}")).map_err(|_| SiteProblem::Silent(Failure::Url))?;
        let ask = Ask { method: "GET", url, headers: Vec::new(), body: Vec::new(), body_max };
        let answered = self.shared.outside.separate().ask(ask).await.map_err(SiteProblem::Silent)?;
        if answered.status != 200 {
            return Err(SiteProblem::Status(answered.status));
        }
        let text = String::from_utf8_lossy(&answered.body);
        let shown = match proof {
            SiteProof::File => text.trim_start_matches('\u{feff}').trim() == token,
            SiteProof::Meta => has_meta(&text, token),
        };
        if shown { Ok(()) } else { Err(SiteProblem::TokenMissing) }
    }
}

/// Whether the head of a page has the tag. What visitors write stands in its body, so that is not looked at.
fn has_meta(page: &str, token: &str) -> bool {
    let lower = page.to_ascii_lowercase();
    let head = &page[..lower.find("<body").or_else(|| lower.find("</head")).unwrap_or(page.len())];
    let mut rest = head;
    while let Some(at) = rest.to_ascii_lowercase().find("<meta") {
        let tag = &rest[at + "<meta".len()..];
        let end = tag.find('>').unwrap_or(tag.len());
        if attribute(&tag[..end], "name") == Some(SITE_META)
            && attribute(&tag[..end], "content") == Some(token)
        {
            return true;
        }
        rest = &tag[end..];
    }
    false
}

/// The value of one of a tag's attributes, quoted either way or not at all.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('=') {
        let named = before.trim().rsplit(char::is_whitespace).next().unwrap_or_default();
        let after = after.trim_start();
        let (value, next) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            _ => after.split_once(char::is_whitespace).unwrap_or((after.trim_end_matches('/'), "")),
        };
        if named.eq_ignore_ascii_case(name) {
            return Some(value.trim());
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_as_pages_write_it() {
        for page in [
            r#"<html><head><meta name="kopilka-site" content="abc"></head><body>"#,
            r#"<HEAD><META charset=utf-8><Meta Content='abc' NAME='kopilka-site' /></HEAD>"#,
            "<meta\n  name=kopilka-site\n  content=abc>",
            r#"<meta name="viewport" content="x"><meta property="a" name="kopilka-site" content=" abc ">"#,
        ] {
            assert!(has_meta(page, "abc"), "{page}");
            assert!(!has_meta(page, "abcd") && !has_meta(page, "ab"), "{page}");
        }
        for page in [
            "",
            "<meta",
            r#"<meta name="kopilka-site">"#,
            r#"<meta name="other" content="abc">"#,
            r#"<head></head><body><meta name="kopilka-site" content="abc">"#,
            r#"<body class="x">&lt;meta name="kopilka-site" content="abc"&gt;"#,
            r#"<meta name="kopilka-site" content="zzz"><meta name="x" content="abc">"#,
        ] {
            assert!(!has_meta(page, "abc"), "{page}");
        }
    }
}
