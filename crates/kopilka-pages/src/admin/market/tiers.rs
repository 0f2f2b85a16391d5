//! `/admin/tiers`: the ladder of levels, what each asks for and brings, and how many members stand on it.

use super::{Counted, Editor, editor, standings};
use crate::answer::Page;
use crate::frame::Frame;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::Office;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::program::explain::{Subject, Topic, told_of, told_on};
use kopilka_core::program::terms::capital;
use kopilka_core::program::{Program, Trigger};
use kopilka_core::words::Language;

/// One level, the lowest first.
pub struct LevelLine {
    pub name: String,
    pub about: String,
    /// Members with it, as they were counted last.
    pub members: String,
    pub share: String,
}

#[derive(Template)]
#[template(path = "admin/market/tiers.html")]
pub struct TiersPage {
    pub frame: Frame,
    pub lines: Vec<LevelLine>,
    /// How levels are reached, kept and lost.
    pub rules: Vec<String>,
    /// What a change of the level itself gives.
    pub gifts: Vec<String>,
    pub counted: Counted,
    pub editor: Option<Editor>,
    /// Where the card of all levels is, for whoever may write it.
    pub edit: Option<&'static str>,
}

impl TiersPage {
    pub fn sample(language: Language) -> TiersPage {
        let frame = Frame::sample(language);
        let line = |name: &str| LevelLine {
            name: name.to_owned(),
            about: "<b>15 000 ₽</b>".to_owned(),
            members: "1 234".to_owned(),
            share: "12,5 %".to_owned(),
        };
        TiersPage {
            lines: vec![line("<script>alert(1)</script>"), line("\"><b>2</b>")],
            rules: vec!["<b>12</b>".to_owned()],
            gifts: vec!["<script>alert(1)</script>".to_owned()],
            counted: Counted::sample("tiers"),
            editor: Some(Editor::sample(None)),
            edit: Some("/admin/program/card?at=%2Ftiers"),
            frame,
        }
    }
    pub fn sample_empty(language: Language) -> TiersPage {
        let page = TiersPage::sample(language);
        TiersPage { lines: Vec::new(), rules: Vec::new(), gifts: Vec::new(), edit: None, ..page }
    }
}

/// What rules of these moments give, in words.
pub fn gifts(program: &Program, language: Language, is_such: impl Fn(Trigger) -> bool) -> Vec<String> {
    let rules = program.rules.iter().filter(|rule| is_such(rule.when));
    let told = rules.filter_map(|rule| told_of(program, Subject::Rule, &rule.id));
    told.map(|text| capital(language.of(&text))).collect()
}

/// A share of a hundred; nothing of nothing.
pub fn share(language: Language, part: u32, whole: u32) -> String {
    let tenths = crate::admin::reports::figures::share_tenths(i64::from(part), i64::from(whole));
    tenths.map_or_else(String::new, |tenths| format!("{}\u{a0}%", language.number(tenths, 1)))
}

/// `GET /admin/tiers`.
pub async fn page(office: Office) -> Result<Response, Response> {
    let frame = Frame::of(&office.visit, Some(Section::Tiers));
    let desk = &office.desk;
    let (shown, program, language) = (Shown::of(desk), &desk.program, desk.language);
    let (standings, counted) = standings(&office, "tiers").await?;
    let levels = program.tiers.as_ref().map_or(&[][..], |tiers| &tiers.levels);
    let line = |level: &kopilka_core::program::Level| {
        let members = standings.levels.get(&level.id).copied().unwrap_or_default();
        let told = told_of(program, Subject::Level, &level.id);
        LevelLine {
            name: language.of(&level.name).to_owned(),
            about: told.map_or_else(String::new, |text| capital(language.of(&text))),
            members: frame.words.whole(i64::from(members)),
            share: share(shown.language, members, standings.members),
        }
    };
    let lines: Vec<LevelLine> = levels.iter().map(line).collect();
    let editor = editor(&office, None, "/tiers/levels").await?;
    let page = TiersPage {
        rules: match lines.is_empty() {
            true => Vec::new(),
            // The levels themselves stand in the table.
            false => {
                let told = told_on(program, Topic::Standing);
                let last = told.len().saturating_sub(achievements_told(program));
                let told = told.into_iter().take(last).skip(levels.len());
                told.map(|text| language.of(&text).to_owned()).collect()
            }
        },
        gifts: gifts(program, language, |when| matches!(when, Trigger::TierChanged { .. })),
        edit: editor.as_ref().filter(|_| !lines.is_empty()).map(|_| "/admin/program/card?at=%2Ftiers"),
        lines,
        counted,
        editor,
        frame,
    };
    Ok(Page(page).into_response())
}

/// Lines that the words on levels have about achievements behind them: one each, and one about returns.
fn achievements_told(program: &Program) -> usize {
    match program.achievements.len() {
        0 => 0,
        count => count + 1,
    }
}
