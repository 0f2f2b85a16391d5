//! `/admin`: is the program healthy.

use crate::answer::Page;
use crate::frame::Frame;
use crate::sections::Section;
use crate::visit::Visit;
use askama::Template;
use kopilka_core::words::Language;

#[derive(Template)]
#[template(path = "admin/home.html")]
pub struct HomePage {
    pub frame: Frame,
}

impl HomePage {
    pub fn sample(language: Language) -> HomePage {
        HomePage { frame: Frame::sample(language) }
    }
}

pub async fn page(visit: Visit) -> Page<HomePage> {
    Page(HomePage { frame: Frame::of(&visit, Some(Section::Home)) })
}
