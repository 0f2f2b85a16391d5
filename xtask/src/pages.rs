//! `cargo xtask shots` and `cargo xtask a11y`: every page of the demo as people see it.
//!
//! Invariant: pages are found by following the links of pages, so that a new one is looked at without
//! anybody naming it; of addresses that differ in names and numbers alone the first is taken.

mod a11y;
mod browser;
mod crawl;
mod demo;
mod shots;

pub use browser::{BROWSER_PACKAGE, DRIVER_PACKAGE};
pub use demo::Demo;
pub use shots::Args as ShotsArgs;

/// Pictures of every page, wide and narrow, light and dark, in both languages.
pub fn shots(args: &ShotsArgs) -> Result<bool, String> {
    shots::run(args)
}

/// What an automated checker finds on every page, and pages that are wider than a phone.
pub fn a11y() -> Result<bool, String> {
    a11y::run()
}

/// Addresses of the owner's pages of a demo, one of each kind.
pub fn found_pages(demo: &Demo) -> Result<Vec<String>, String> {
    crawl::owners(demo)
}
