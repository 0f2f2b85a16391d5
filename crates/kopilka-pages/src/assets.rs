//! Styles, scripts and pictures, compiled in.
//!
//! Invariant: an address names what the file holds, so a browser may keep it for ever and never shows an old
//! one after an update; nothing is loaded from anywhere else.

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

macro_rules! asset {
    ($name:literal, $content_type:literal) => {
        Asset {
            name: $name,
            content_type: $content_type,
            bytes: include_bytes!(concat!("../assets/", $name)),
        }
    };
}

const ASSETS: &[Asset] = &[
    asset!("app.css", "text/css; charset=utf-8"),
    asset!("app.js", "text/javascript; charset=utf-8"),
    asset!("editor.js", "text/javascript; charset=utf-8"),
    asset!("demo.css", "text/css; charset=utf-8"),
    asset!("demo.js", "text/javascript; charset=utf-8"),
    asset!("cabinet.js", "text/javascript; charset=utf-8"),
    asset!("shop.css", "text/css; charset=utf-8"),
    asset!("mark.svg", "image/svg+xml"),
];

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Bytes of the hash that stand in an address: two files of one name are told apart.
const HASH_BYTES: usize = 6;

/// Where each file is found, by its name.
static ADDRESSES: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
    let address = |asset: &Asset| {
        let hash: String =
            Sha256::digest(asset.bytes).iter().take(HASH_BYTES).map(|b| format!("{b:02x}")).collect();
        (asset.name, format!("/assets/{hash}/{}", asset.name))
    };
    ASSETS.iter().map(address).collect()
});

/// The address of a file.
pub fn address(name: &str) -> &'static str {
    let found = ADDRESSES.iter().find(|(known, _)| *known == name);
    debug_assert!(found.is_some(), "there is no asset {name}");
    found.map_or("/assets/missing", |(_, address)| address)
}

/// `GET /assets/{hash}/{name}`.
pub async fn get(Path((hash, name)): Path<(String, String)>) -> Response {
    let asked = format!("/assets/{hash}/{name}");
    let known = ADDRESSES.iter().any(|(_, address)| *address == asked);
    let Some(asset) = ASSETS.iter().find(|asset| known && asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type)),
        (header::CACHE_CONTROL, FOR_EVER),
    ];
    (headers, asset.bytes).into_response()
}
