//! What the sample shop's page works with: goods, shoppers, and a key that may stand on a page.
//!
//! Invariant: a second start finds the publishable key of the first one.

use super::people;
use crate::cli::data::wait;
use kopilka_core::ids::ProgramId;
use kopilka_pages::{Demo, public_name};
use kopilka_service::{NewKey, Service};
use kopilka_web::scopes::{ORIGIN, WIDGET};
use std::net::SocketAddr;

/// What the page sells: a little of everything, and something that points do not pay.
const SKUS: [&str; 8] =
    ["RUN-001", "HIK-001", "JKT-001", "TEE-001", "YOG-001", "BIK-001", "WAT-001", "GFT-1000"];
/// Members who may sign in at the shop.
const SHOPPERS: u32 = 5;

pub fn of(service: &Service, program: ProgramId, key: &str, address: SocketAddr) -> Result<Demo, String> {
    let keys = service.keys(Some(program));
    let known = keys.iter().filter(|key| key.revoked_at.is_none()).find_map(public_name);
    let public = match known {
        Some(public) => public,
        None => made(service, program, address)?,
    };
    Ok(Demo {
        key: key.to_owned(),
        public,
        skus: SKUS.map(str::to_owned).to_vec(),
        shoppers: (1..=SHOPPERS).map(people::ext).collect(),
    })
}

fn made(service: &Service, program: ProgramId, address: SocketAddr) -> Result<String, String> {
    let key = NewKey {
        program,
        shop: super::SHOP.to_owned(),
        name: "demo page".to_owned(),
        scopes: vec![WIDGET.to_owned(), format!("{ORIGIN}http://{address}")],
    };
    let (info, _) = wait(service.create_key(key))?.map_err(|error| error.to_string())?;
    public_name(&info).ok_or_else(|| "the demo's page has no key".to_owned())
}
