//! What becomes of a member's sites. They stand with the person, as consents do: a confirmed one is a name of
//! the directory, so it is one member's alone and goes with the person.

use crate::error::ServiceError;
use crate::identifiers;
use crate::service::secret_letters;
use crate::write::SiteChange;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_store::rows::Site;

/// Whoever has more is an agency, and gets a key of its own.
pub(crate) const SITES_MAX: usize = 20;
/// 100 bits: nobody guesses what a site will be asked for.
const TOKEN_LETTERS: usize = 20;

pub(crate) fn one_spelling(change: SiteChange) -> Result<SiteChange, Refusal> {
    Ok(match change {
        SiteChange::Claim { host } => SiteChange::Claim { host: identifiers::site(&host)? },
        SiteChange::Remove { host } => SiteChange::Remove { host: identifiers::site(&host)? },
        SiteChange::Confirm { host, token, proof } => {
            SiteChange::Confirm { host: identifiers::site(&host)?, token, proof }
        }
    })
}

/// A claim that is there and a removal of what is not change nothing. A token that was given back meanwhile
/// confirms nothing.
pub(crate) fn change(sites: &mut Vec<Site>, change: &SiteChange, now: Instant) -> Result<(), ServiceError> {
    match change {
        SiteChange::Claim { host } if sites.iter().any(|site| site.host == *host) => {}
        SiteChange::Claim { .. } if sites.len() >= SITES_MAX => {
            return Err(Refusal::TooManySites { sites: sites.len() }.into());
        }
        SiteChange::Claim { host } => {
            let token = secret_letters::<TOKEN_LETTERS>()?;
            sites.push(Site { host: host.clone(), token, claimed_at: now, confirmed: None });
        }
        SiteChange::Confirm { host, token, proof } => {
            let known = sites.iter_mut().find(|site| site.host == *host && site.token == *token);
            let known = known.ok_or(Refusal::SiteUnknown)?;
            known.confirmed.get_or_insert((now, *proof));
        }
        SiteChange::Remove { host } => sites.retain(|site| site.host != *host),
    }
    Ok(())
}
