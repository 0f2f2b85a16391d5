//! `/admin/design`: every piece that pages are made of, on one page.

use crate::answer::Page;
use crate::frame::Frame;
use crate::visit::Visit;
use askama::Template;
use kopilka_core::words::Language;
use kopilka_sim::plot::{self, Series};

#[derive(Template)]
#[template(path = "admin/design.html")]
pub struct DesignPage {
    pub frame: Frame,
    pub bars: String,
    pub lines: String,
}

impl DesignPage {
    fn of(frame: Frame) -> DesignPage {
        let labels: Vec<String> = (1..=12).map(|month| format!("2026-{month:02}")).collect();
        let title = frame.say("design-plot");
        let language = frame.words.0;
        let axes = plot::Frame { title: &title, labels: &labels, unit: 1, language };
        let series = |class, values: [i64; 12]| Series {
            name: "",
            class,
            told: values.iter().map(i64::to_string).collect(),
            values: values.to_vec(),
        };
        let grown = series("a", [120, 180, 240, 310, 280, 420, 510, 560, 610, 580, 700, 820]);
        let spent = series("b", [20, 60, 90, 140, 160, 210, 260, 300, 340, 330, 420, 500]);
        DesignPage { bars: plot::bars(&axes, &grown), lines: plot::lines(&axes, &[grown, spent]), frame }
    }
    pub fn sample(language: Language) -> DesignPage {
        DesignPage::of(Frame::sample(language))
    }
}

pub async fn page(visit: Visit) -> Page<DesignPage> {
    Page(DesignPage::of(Frame::of(&visit, None)))
}
