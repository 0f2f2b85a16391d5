//! What the demo prints: where it is, the key, who signs in, and five lines to try. They work as they are
//! printed, as often as one likes: what writes carries its own key.

use super::{owner, people};
use std::io::{self, Write};
use std::net::SocketAddr;

/// The cart of the printed lines: two pairs of running shoes and a bottle.
const CART: &str = r#""lines":[{"id":"1","sku":"RUN-001","quantity":"2","price":"7990.00"},{"id":"2","sku":"WAT-001","quantity":"1","price":"590.00"}],"points":{"mode":"max"}"#;
/// The order of the printed lines.
const ORDER: &str = "demo-1";

/// `password` is the owner's, where it is known.
pub fn print(out: &mut impl Write, address: SocketAddr, key: &str, password: Option<&str>) -> io::Result<()> {
    writeln!(out, "  address  http://{address}  (the API to browse: http://{address}/docs)")?;
    writeln!(out, "  key      {key}")?;
    let password = password.unwrap_or("the password that was chosen");
    writeln!(out, "  admin    http://{address}/admin   {} / {password}", owner::LOGIN)?;
    let curl = |path: &str, rest: &str| {
        format!("curl -sS http://{address}/v1/{path} -H 'Authorization: Bearer {key}'{rest}")
    };
    let json = |body: &str| format!(" -H 'Content-Type: application/json' -d '{body}'");
    let phone = people::FIRST_PHONE_AS_WRITTEN;
    let member = format!(r#""member":{{"phone":"{phone}"}}"#);
    let lines = [
        ("find a member by phone", curl("members/lookup", &json(&format!(r#"{{"phone":"{phone}"}}"#)))),
        ("quote a cart", curl("quote", &json(&format!("{{{member},{CART}}}")))),
        (
            "place and pay an order",
            curl(
                &format!("orders/{ORDER}"),
                &format!(
                    " -X PUT{}",
                    json(&format!(r#"{{"status":"paid","pricing":"engine",{member},{CART}}}"#))
                ),
            ),
        ),
        (
            "return one piece",
            curl(
                &format!("orders/{ORDER}/returns"),
                &format!(
                    " -H 'Idempotency-Key: {ORDER}-return'{}",
                    json(r#"{"lines":[{"id":"1","quantity":"1"}]}"#)
                ),
            ),
        ),
        ("ask why", curl(&format!("orders/{ORDER}/explain"), " -H 'Accept-Language: en'")),
    ];
    for (what, line) in lines {
        writeln!(out, "\n# {what}\n{line}")?;
    }
    writeln!(out, "\n  shop     http://{address}/demo/shop   (sign in as a member, then “My points”)")?;
    writeln!(out, "  cabinet  http://{address}/cabinet/sports-store")?;
    writeln!(out, "  till     http://{address}/till")?;
    writeln!(out, "\nCtrl-C stops; the next start carries on.")
}
