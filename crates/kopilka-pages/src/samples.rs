//! Every page with made-up content, in either language: what tests render and look at.
//!
//! Invariant: a page that is not here is not finished.

use crate::admin::samples as admin;
use crate::terms::TermsPage;
use crate::{cabinet, demo, till};
use askama::Template;
use kopilka_core::words::Language;

/// A page as text, and the name it is told by.
pub struct Sample {
    pub name: &'static str,
    pub text: String,
}

/// Renders one page; what a page cannot say is told by the test that reads it.
pub(crate) fn of(name: &'static str, page: impl Template) -> Sample {
    let text = page.render().unwrap_or_else(|error| format!("{name} does not render: {error}"));
    Sample { name, text }
}

pub fn samples(language: Language) -> Vec<Sample> {
    let mut samples = admin(language);
    samples.push(of("terms", TermsPage::sample(language)));
    samples.extend(till::samples(language));
    samples.extend(cabinet::samples(language));
    samples.push(of("demo-shop", demo::ShopPage::sample(language)));
    samples
}
