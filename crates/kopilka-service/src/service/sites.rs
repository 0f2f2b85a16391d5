//! Sites of members: claimed, shown to be theirs, and then visitors from there are brought by them.
//!
//! Invariant: nobody's visitors are counted for a site before the site itself has said whose it is. It is
//! asked over the one way outside, which judges the address it connects to and follows no redirects; and none
//! is asked in a network of the operator's own, whatever else may be reached there.

mod head;

pub use head::SITE_META;

use super::Service;
use crate::error::ServiceError;
use crate::outside::{Ask, Failure};
use head::has_meta;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_store::rows::{Site, SiteProof};
use url::Url;

/// Where the file stands on a site, with the token alone in it.
pub const SITE_FILE: &str = "/.well-known/kopilka-site.txt";
/// Before the site's own name: where the token stands in a record of text.
pub const SITE_RECORD: &str = "_kopilka";
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

impl SiteProblem {
    /// A name that leads into somebody's own network says as little as one that is not there.
    fn silent(failure: Failure) -> SiteProblem {
        SiteProblem::Silent(if failure == Failure::Address { Failure::Name } else { failure })
    }
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
        let in_file = match proof {
            SiteProof::Dns => return Ok(self.look_at_record(&site.host, &site.token).await.map(|()| site)),
            SiteProof::File => true,
            SiteProof::Meta => false,
        };
        // Many sites answer under one of the two names alone and send elsewhere from the other.
        let seen = self.look_at(&site.host, &site.token, in_file).await;
        let seen = match seen {
            Ok(()) => Ok(()),
            Err(first) => {
                let second = self.look_at(&format!("www.{}", site.host), &site.token, in_file).await;
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

    async fn look_at_record(&self, host: &str, token: &str) -> Result<(), SiteProblem> {
        let texts = self.shared.outside.texts(&format!("{SITE_RECORD}.{host}")).await;
        let texts = texts.map_err(SiteProblem::silent)?;
        if texts.iter().any(|text| text.trim() == token) { Ok(()) } else { Err(SiteProblem::TokenMissing) }
    }

    async fn look_at(&self, host: &str, token: &str, in_file: bool) -> Result<(), SiteProblem> {
        let (path, body_max) = if in_file { (SITE_FILE, FILE_MAX) } else { ("/", HEAD_MAX) };
        let url =
            Url::parse(&format!("https://{host}{path}")).map_err(|_| SiteProblem::Silent(Failure::Url))?;
        let ask = Ask { method: "GET", url, headers: Vec::new(), body: Vec::new(), body_max };
        let answered = self.shared.outside.worldly().ask(ask).await.map_err(SiteProblem::silent)?;
        if answered.status != 200 {
            return Err(SiteProblem::Status(answered.status));
        }
        let text = String::from_utf8_lossy(&answered.body);
        let shown = match in_file {
            true => text.trim_start_matches('\u{feff}').trim() == token,
            false => has_meta(&text, token),
        };
        if shown { Ok(()) } else { Err(SiteProblem::TokenMissing) }
    }
}
