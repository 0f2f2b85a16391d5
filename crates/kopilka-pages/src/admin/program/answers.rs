//! The sheet beside the till: what cashiers are asked, answered from the rules in force.

use crate::answer::Page;
use crate::frame::Frame;
use crate::sections::Section;
use crate::visit::Office;
use askama::Template;
use kopilka_core::program::terms::{self, Section as Answer};
use kopilka_core::words::Language;

#[derive(Template)]
#[template(path = "admin/answers.html")]
pub struct AnswersPage {
    pub frame: Frame,
    pub name: String,
    pub version: u32,
    pub day: String,
    pub answers: Vec<Answer>,
}

impl AnswersPage {
    pub fn sample(language: Language) -> AnswersPage {
        AnswersPage {
            frame: Frame::sample(language),
            name: "<b>Sports</b>".to_owned(),
            version: 3,
            day: "01.03.2026".to_owned(),
            answers: vec![Answer { heading: "…".to_owned(), lines: vec!["5 %".to_owned()] }],
        }
    }
}

pub async fn page(office: Office) -> Page<AnswersPage> {
    let desk = &office.desk;
    let frame = Frame::of(&office.visit, Some(Section::Answers));
    Page(AnswersPage {
        name: desk.language.of(&desk.program.name).to_owned(),
        version: desk.program.version,
        day: desk.speaker().day(desk.program.zone.day_of(desk.now)),
        answers: terms::answers(&desk.program, desk.language, desk.now),
        frame,
    })
}
