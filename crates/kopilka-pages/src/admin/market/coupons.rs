//! `/admin/coupons`: the campaigns of the program in force, what each gives, how far it is used, what it
//! costs; and any code by its text.

use super::{Counted, Editor, code_of, editor, standings, term};
use crate::admin::people::Tag;
use crate::answer::{Page, trouble};
use crate::frame::{Frame, Tone};
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, asked, back_to};
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::coupon::CouponCode;
use kopilka_core::measures::Codes;
use kopilka_core::program::Campaign;
use kopilka_core::program::explain::{Subject, told_of};
use kopilka_core::program::terms::capital;
use kopilka_core::time::Day;
use kopilka_core::words::Language;
use kopilka_service::CampaignUses;

/// One campaign.
pub struct CampaignLine {
    pub name: String,
    pub address: String,
    pub state: Tag,
    pub term: String,
    /// What it gives, in words.
    pub about: String,
    /// What everybody may enter; what each code is where they are made.
    pub codes: String,
    pub made: String,
    /// Orders that have a coupon of it, with the limit where there is one.
    pub uses: String,
    /// What its discounts came to; nothing where nobody adds them up.
    pub cost: String,
}

#[derive(Template)]
#[template(path = "admin/market/coupons.html")]
pub struct CouponsPage {
    pub frame: Frame,
    pub lines: Vec<CampaignLine>,
    pub find: String,
    pub counted: Counted,
    pub editor: Option<Editor>,
}

impl CouponsPage {
    pub fn sample(language: Language) -> CouponsPage {
        let frame = Frame::sample(language);
        let line = |key: &str, tone: &'static str, name: &str| CampaignLine {
            name: name.to_owned(),
            address: "/admin/coupons/a".to_owned(),
            state: Tag { label: frame.say(key), tone },
            term: "1.03.2026 – 31.03.2026".to_owned(),
            about: "<b>10 %</b>".to_owned(),
            codes: "\"><script>".to_owned(),
            made: "1 000".to_owned(),
            uses: "17 / 100".to_owned(),
            cost: "4 990 ₽".to_owned(),
        };
        CouponsPage {
            lines: vec![
                line("campaign-running", "good", "<script>alert(1)</script>"),
                line("campaign-ended", "", "<b>2</b>"),
            ],
            find: "\"><script>".to_owned(),
            counted: Counted::sample("coupons"),
            editor: Some(Editor::sample(Some("coupon"))),
            frame: frame.with_notice(Tone::Warn, "—"),
        }
    }
    pub fn sample_empty(language: Language) -> CouponsPage {
        let counted = Counted { page: "coupons", at: None };
        CouponsPage { lines: Vec::new(), counted, ..CouponsPage::sample(language) }
    }
}

/// Whether it acts today, and what ended it where it does not.
pub fn state(words: Words, campaign: &Campaign, today: Day, uses: &CampaignUses) -> Tag {
    let limits = campaign.limits;
    let all_used = limits.total.is_some_and(|most| uses.uses >= most);
    let all_spent = limits.budget.zip(uses.money).is_some_and(|(budget, money)| money >= budget);
    let (key, tone) = match () {
        () if campaign.to.is_some_and(|to| to < today) => ("campaign-ended", ""),
        () if campaign.from.is_some_and(|from| today < from) => ("campaign-to-come", "warn"),
        () if all_used || all_spent => ("campaign-used-up", "warn"),
        () => ("campaign-running", "good"),
    };
    Tag { label: words.say(key), tone }
}

/// So many, of so many where there is a limit.
pub fn of_most(words: Words, count: i64, most: Option<i64>) -> String {
    match most {
        Some(most) => format!("{} / {}", words.whole(count), words.whole(most)),
        None => words.whole(count),
    }
}

/// What the discounts came to: added up where the campaign has a budget.
pub fn cost(shown: &Shown, campaign: &Campaign, uses: &CampaignUses) -> String {
    match (uses.money, campaign.limits.budget) {
        (Some(money), Some(budget)) => format!("{} / {}", shown.money(money), shown.money(budget)),
        (Some(money), None) => shown.money(money),
        (None, _) => String::new(),
    }
}

pub fn address(campaign: &str) -> String {
    format!("/admin/coupons/{}", crate::act::in_address(campaign))
}

/// What a campaign gives, in words.
pub fn about(shown: &Shown, campaign: &Campaign) -> String {
    let told = told_of(&shown.program, Subject::Campaign, &campaign.id);
    told.map_or_else(String::new, |text| capital(shown.language.of(&text)))
}

fn codes(words: Words, campaign: &Campaign) -> String {
    if campaign.automatic {
        return words.say("coupons-by-itself");
    }
    if campaign.has_made_codes() {
        return words.say("coupons-made-codes");
    }
    campaign.codes.iter().map(|code| code.written.as_str()).collect::<Vec<_>>().join(", ")
}

fn line(shown: &Shown, words: Words, today: Day, of: (&Campaign, &CampaignUses, Codes)) -> CampaignLine {
    let (campaign, uses, made) = of;
    CampaignLine {
        name: shown.language.of(&campaign.name).to_owned(),
        address: address(&campaign.id),
        state: state(words, campaign, today, uses),
        term: term(shown, words, campaign.from, campaign.to),
        about: about(shown, campaign),
        codes: codes(words, campaign),
        made: if made.made == 0 { String::new() } else { words.whole(made.made) },
        uses: of_most(words, uses.uses, campaign.limits.total),
        cost: cost(shown, campaign, uses),
    }
}

/// `GET /admin/coupons`: all of them, or the campaign of the code that is asked for.
pub async fn page(office: Office) -> Result<Response, Response> {
    let frame = Frame::of(&office.visit, Some(Section::Coupons));
    let Some(find) = asked(&office.visit.path, "code").filter(|text| !text.is_empty()) else {
        return Ok(Page(drawn(&office, frame, String::new()).await?).into_response());
    };
    let found = match CouponCode::read(&find) {
        Some(code) => code_of(&office, code).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(state)) => {
            let code = crate::act::in_address(&find);
            Ok(back_to(&format!("{}?code={code}", address(&state.campaign))))
        }
        Ok(None) => {
            let said = frame.say_of("coupons-code-unknown", &find);
            let page = drawn(&office, frame.with_notice(Tone::Warn, said), find).await?;
            Ok(Page(page).into_response())
        }
        Err(problem) => Err(problem.into_response()),
    }
}

async fn drawn(office: &Office, frame: Frame, find: String) -> Result<CouponsPage, Response> {
    let desk = &office.desk;
    let (shown, today) = (Shown::of(desk), desk.program.zone.day_of(desk.now));
    let campaigns = &desk.program.coupons.campaigns;
    let uses = desk.app.service.campaign_uses(desk.program_id(), campaigns).await.map_err(trouble)?;
    let (standings, counted) = standings(office, "coupons").await?;
    let made = |campaign: &Campaign| standings.codes.get(&campaign.id).copied().unwrap_or_default();
    let lines = campaigns.iter().zip(&uses);
    let lines = lines.map(|(c, uses)| line(&shown, frame.words, today, (c, uses, made(c))));
    Ok(CouponsPage {
        lines: lines.collect(),
        find,
        counted,
        editor: editor(office, Some("coupon"), "/coupons/campaigns").await?,
        frame,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopilka_core::money::Money;
    use kopilka_core::program::compile;

    #[test]
    fn a_campaign_runs_between_its_days_while_something_of_its_limits_is_left() {
        let text = "program: shop\ncurrency: RUB\nrules: []\ncoupons:\n  campaigns:\n    - { id: a, code: A, \
            from: 2026-03-01, to: 2026-03-31, discount: { percent: 10 }, limits: { total: 2, budget: 100.00 } }\n";
        let compiled = compile(text);
        let program = compiled.program.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
        let campaign = program.coupons.campaign("a").unwrap();
        let words = Words(Language::En);
        for (day, uses, money, said) in [
            ("2026-02-28", 0, 0, "campaign-to-come"),
            ("2026-03-01", 0, 0, "campaign-running"),
            ("2026-03-31", 1, 9_999, "campaign-running"),
            ("2026-03-31", 2, 0, "campaign-used-up"),
            ("2026-03-31", 0, 10_000, "campaign-used-up"),
            ("2026-04-01", 2, 0, "campaign-ended"),
        ] {
            let uses = CampaignUses { uses, money: Some(Money(money)) };
            let day = Day::parse(day).unwrap();
            assert_eq!(state(words, campaign, day, &uses).label, words.say(said), "{day}");
        }
    }
}
