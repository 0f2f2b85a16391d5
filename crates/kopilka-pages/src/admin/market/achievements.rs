//! `/admin/achievements`: what each asks for, what reaching one gives, and how many have reached it.

use super::tiers::{gifts, share};
use super::{Counted, Editor, editor, standings};
use crate::answer::Page;
use crate::frame::Frame;
use crate::sections::Section;
use crate::visit::Office;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::program::explain::{Subject, told_of};
use kopilka_core::program::terms::capital;
use kopilka_core::program::{Achievement, Trigger};
use kopilka_core::words::Language;

/// One achievement.
pub struct AchievementLine {
    pub name: String,
    pub about: String,
    /// Members who have reached it, as they were counted last.
    pub members: String,
    pub share: String,
    /// How often it was reached, where that may be more than once.
    pub times: String,
    pub edit: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/market/achievements.html")]
pub struct AchievementsPage {
    pub frame: Frame,
    pub lines: Vec<AchievementLine>,
    pub gifts: Vec<String>,
    pub counted: Counted,
    pub editor: Option<Editor>,
}

impl AchievementsPage {
    pub fn sample(language: Language) -> AchievementsPage {
        let frame = Frame::sample(language);
        let line = |name: &str| AchievementLine {
            name: name.to_owned(),
            about: "<b>5</b>".to_owned(),
            members: "1 234".to_owned(),
            share: "12,5 %".to_owned(),
            times: "2 000".to_owned(),
            edit: Some("/admin/program/card?at=%2Fachievements%2F0".to_owned()),
        };
        AchievementsPage {
            lines: vec![line("<script>alert(1)</script>"), line("\"><b>2</b>")],
            gifts: vec!["<script>alert(1)</script>".to_owned()],
            counted: Counted::sample("achievements"),
            editor: Some(Editor::sample(Some("achievement"))),
            frame,
        }
    }
    pub fn sample_empty(language: Language) -> AchievementsPage {
        let page = AchievementsPage::sample(language);
        AchievementsPage { lines: Vec::new(), gifts: Vec::new(), ..page }
    }
}

/// `GET /admin/achievements`.
pub async fn page(office: Office) -> Result<Response, Response> {
    let frame = Frame::of(&office.visit, Some(Section::Achievements));
    let desk = &office.desk;
    let (program, language) = (&desk.program, desk.language);
    let (standings, counted) = standings(&office, "achievements").await?;
    let editor = editor(&office, Some("achievement"), "/achievements").await?;
    let line = |achievement: &Achievement| {
        let reached = standings.achievements.get(&achievement.id).copied().unwrap_or_default();
        let told = told_of(program, Subject::Achievement, &achievement.id);
        let times = i64::try_from(reached.times).unwrap_or(i64::MAX);
        AchievementLine {
            name: language.of(&achievement.name).to_owned(),
            about: told.map_or_else(String::new, |text| capital(language.of(&text))),
            members: frame.words.whole(i64::from(reached.members)),
            share: share(language, reached.members, standings.members),
            times: if achievement.repeat { frame.words.whole(times) } else { String::new() },
            edit: editor.as_ref().and_then(|editor| editor.card(&achievement.id)),
        }
    };
    let page = AchievementsPage {
        lines: program.achievements.iter().map(line).collect(),
        gifts: gifts(program, language, |when| when == Trigger::AchievementReached),
        counted,
        editor,
        frame,
    };
    Ok(Page(page).into_response())
}
