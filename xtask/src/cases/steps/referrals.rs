//! Steps about who brings whom.

use super::{About, Prepared, members};
use crate::cases::stage::Stage;
use crate::cases::words::{Trouble, Words};
use kopilka_core::ids::MemberId;
use serde_json::{Value, json};

/// Somebody comes by a link or from a site, or a site is claimed.
pub fn come(stage: &mut Stage, action: &str, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    match action {
        "claim_site" => claim(stage, words),
        "visit" => visit(stage, words),
        _ => click(stage, words),
    }
}

/// Somebody comes by a member's link.
fn click(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let (referrer, visitor) = (words.needed("referrer")?, words.needed("visitor")?);
    let member = stage.member(&referrer)?;
    let body = json!({ "referral": member.trim_start_matches(MemberId::PREFIX), "visitor": visitor });
    stage.clicks.entry(visitor).or_default().insert(referrer);
    let (path, key) = ("/v1/referrals/visits".to_owned(), stage.fresh_key());
    Ok(Prepared { method: "POST", path, key, body, about: About::Other })
}

/// A member says that a site is theirs. Whether it is the runner cannot let a site say.
fn claim(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let (referrer, site) = (words.needed("referrer")?, words.needed("site")?);
    let member = stage.member(&referrer)?;
    let (path, key) = (format!("/v1/members/{member}/sites"), stage.fresh_key());
    Ok(Prepared { method: "POST", path, key, body: json!({ "site": site }), about: About::Other })
}

/// Somebody comes from a site.
fn visit(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let (site, visitor) = (words.needed("from_site")?, words.needed("visitor")?);
    let body = json!({ "site": site, "visitor": visitor });
    let (path, key) = ("/v1/referrals/visits".to_owned(), stage.fresh_key());
    Ok(Prepared { method: "POST", path, key, body, about: About::Site })
}

/// A member comes back, perhaps as a visitor who is known by a link. A visitor binds who registers and nobody
/// else, so there is nothing to send; where the link could have bound this member elsewhere, that is told.
pub fn login(stage: &mut Stage, words: &mut Words<'_>) -> Result<Vec<Prepared>, Trouble> {
    let name = members::customer(stage, words)?;
    if let Some(visitor) = words.text("visitor")? {
        let others = |by: &String| *by != name;
        let by_another = stage.clicks.get(&visitor).is_some_and(|links| links.iter().any(others));
        if by_another && !is_settled(stage, &name)? {
            return Err(Trouble::unknown("login of a member who came by another's link"));
        }
    }
    Ok(Vec::new())
}

/// Nothing can bind this member any more: there is a referrer, or an order was paid without one.
fn is_settled(stage: &mut Stage, name: &str) -> Result<bool, Trouble> {
    let id = stage.member(name)?;
    let paid = |body: &serde_json::Map<String, Value>| {
        body.get("member").is_some_and(|member| *member == json!(id))
            && body.get("status").is_some_and(|status| status == "paid")
    };
    if stage.orders.values().any(|told| paid(&told.body)) {
        return Ok(true);
    }
    let network = stage.read(&format!("/v1/members/{id}/network"))?;
    Ok(network["referrer"].is_object())
}

/// What a referrer sees is read once the step is over.
pub fn report(stage: &mut Stage, words: &mut Words<'_>) -> Result<Vec<Prepared>, Trouble> {
    let referrer = words.needed("referrer")?;
    stage.member(&referrer)?;
    stage.subject = Some(referrer.clone());
    stage.reported = Some(referrer);
    Ok(Vec::new())
}
