//! `/admin/coupons/{campaign}`: one campaign, its codes one by one, and more of them.

use super::coupons::{about, address, cost, of_most, state};
use super::{Counted, Figure, code_of, editor, standings};
use crate::act::{in_address, may};
use crate::admin::members::references;
use crate::admin::members::register::day;
use crate::admin::people::{Tag, order_address};
use crate::answer::{Page, again, trouble};
use crate::frame::{Frame, Tone, once};
use crate::posted::{ONCE_FIELD, Posted};
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, asked, back_to};
use crate::words::Words;
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::coupon::{CouponCode, MadeCode};
use kopilka_core::ids::MemberId;
use kopilka_core::program::Campaign;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_core::words::Language;
use kopilka_service::{CODES_MAX, CodeState, MemberRef, NewCodes};
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;

/// A code that was looked up.
pub struct CodeCard {
    pub code: String,
    pub state: Tag,
    /// Whose it is alone: the page of the member, where the role may open it.
    pub owner: Option<String>,
    pub is_personal: bool,
    pub until: String,
    /// How often it was used, where a limit counts that.
    pub uses: Option<String>,
    /// Orders of its owner that have it, with their addresses.
    pub orders: Vec<(String, String)>,
    /// Whether it can be withdrawn or given back.
    pub may_block: bool,
    pub blocked: bool,
}

#[derive(Template)]
#[template(path = "admin/market/campaign.html")]
pub struct CampaignPage {
    pub frame: Frame,
    pub id: String,
    pub name: String,
    pub address: String,
    pub state: Tag,
    pub about: String,
    pub figures: Vec<Figure>,
    pub counted: Counted,
    pub edit: Option<String>,
    /// What everybody may enter; none where codes are made one by one.
    pub shared: Vec<String>,
    pub find: String,
    pub code: Option<CodeCard>,
    /// Whether codes can be made here.
    pub may_make: bool,
    pub codes_max: String,
    /// A code that was just given to a member.
    pub given: Option<String>,
    /// The key of the form that makes codes: sent again it gives the same ones.
    pub once: String,
    pub typed: Posted,
}

impl CampaignPage {
    pub fn sample(language: Language) -> CampaignPage {
        let frame = Frame::sample(language);
        let figure = |key: &str, value: &str| Figure {
            label: frame.say(key),
            value: value.to_owned(),
            note: String::new(),
        };
        CampaignPage {
            id: "a".to_owned(),
            name: "<script>alert(1)</script>".to_owned(),
            address: "/admin/coupons/a".to_owned(),
            state: Tag { label: frame.say("campaign-running"), tone: "good" },
            about: "<b>10 %</b>".to_owned(),
            figures: vec![figure("coupons-uses", "17"), figure("coupons-made", "1 000")],
            counted: Counted::sample("coupons"),
            edit: Some("/admin/program/card?at=%2Fcoupons%2Fcampaigns%2F0".to_owned()),
            shared: Vec::new(),
            find: "\"><script>".to_owned(),
            code: Some(CodeCard {
                code: "7A3K-9XQ2-0F1".to_owned(),
                state: Tag { label: frame.say("code-good"), tone: "good" },
                owner: Some("m_0000000000001".to_owned()),
                is_personal: true,
                until: "31.12.2026".to_owned(),
                uses: Some("1".to_owned()),
                orders: vec![("<script>".to_owned(), "/admin/orders/main/1042".to_owned())],
                may_block: true,
                blocked: false,
            }),
            may_make: true,
            codes_max: "1 000 000".to_owned(),
            given: Some("7A3K-9XQ2-0F1".to_owned()),
            once: "0123".to_owned(),
            typed: Posted::default(),
            frame,
        }
    }
    pub fn sample_shared(language: Language) -> CampaignPage {
        let shared = vec!["\"><script>".to_owned()];
        let page = CampaignPage::sample(language);
        CampaignPage { shared, code: None, may_make: false, given: None, edit: None, ..page }
    }
}

/// The campaign of the address in the program in force.
fn campaign<'o>(office: &'o Office, id: &str) -> Result<&'o Campaign, Response> {
    let known = office.desk.program.coupons.campaign(id);
    known.ok_or_else(|| Problem::of("campaign_unknown").into_response())
}

fn frame(office: &Office) -> Frame {
    Frame::of(&office.visit, Some(Section::Coupons))
}

/// The page of a campaign; `find` is the code that is looked at.
pub async fn drawn(office: &Office, id: &str, frame: Frame, find: &str) -> Result<CampaignPage, Response> {
    let desk = &office.desk;
    let campaign = campaign(office, id)?;
    let (shown, words) = (Shown::of(desk), frame.words);
    let service = &desk.app.service;
    let uses = service.campaign_uses(desk.program_id(), std::slice::from_ref(campaign)).await;
    let uses = uses.map_err(trouble)?.pop().unwrap_or(kopilka_service::CampaignUses { uses: 0, money: None });
    let (standings, counted) = standings(office, "coupons").await?;
    let made = standings.codes.get(&campaign.id).copied().unwrap_or_default();
    let figure = |key: &str, value: String, note: &str| Figure {
        label: words.say(key),
        value,
        note: if note.is_empty() { String::new() } else { words.say(note) },
    };
    let mut figures =
        vec![figure("coupons-uses", of_most(words, uses.uses, campaign.limits.total), "coupons-uses-note")];
    let cost = cost(&shown, campaign, &uses);
    figures.push(match cost.is_empty() {
        true => figure("coupons-cost", "–".to_owned(), "coupons-cost-unknown"),
        false => figure("coupons-cost", cost, ""),
    });
    if campaign.has_made_codes() {
        figures.push(figure("coupons-made", words.whole(made.made), ""));
        figures.push(figure("coupons-personal", words.whole(made.personal), ""));
        figures.push(figure("coupons-blocked", words.whole(made.blocked), ""));
    }
    let mut page = CampaignPage {
        id: campaign.id.to_string(),
        name: shown.language.of(&campaign.name).to_owned(),
        address: address(&campaign.id),
        state: state(words, campaign, desk.program.zone.day_of(desk.now), &uses),
        about: about(&shown, campaign),
        figures,
        counted,
        edit: editor(office, None, "/coupons/campaigns").await?.and_then(|editor| editor.card(&campaign.id)),
        shared: campaign.codes.iter().map(|code| code.written.clone()).collect(),
        find: find.to_owned(),
        code: None,
        may_make: campaign.has_made_codes() && may(desk, Scope::CouponsWrite),
        codes_max: words.whole(CODES_MAX as i64),
        given: None,
        once: once(),
        typed: Posted::default(),
        frame,
    };
    if !find.is_empty() {
        look_up(office, &mut page, &shown).await?;
    }
    Ok(page)
}

/// Puts the code that is asked for on the page, or says that this campaign has none such.
async fn look_up(office: &Office, page: &mut CampaignPage, shown: &Shown) -> Result<(), Response> {
    let found = match CouponCode::read(&page.find) {
        Some(code) => code_of(office, code).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(state)) if state.campaign == *page.id => {
            page.code = Some(card(office, state, shown, page.frame.words).await?);
        }
        Ok(_) => {
            if page.frame.notice.is_none() {
                let said = page.frame.say_of("coupons-code-unknown", &page.find);
                page.frame.notice = Some((Tone::Warn, said));
            }
        }
        Err(problem) => return Err(problem.into_response()),
    }
    Ok(())
}

async fn card(office: &Office, state: CodeState, shown: &Shown, words: Words) -> Result<CodeCard, Response> {
    let desk = &office.desk;
    let made = state.made.as_ref();
    let owner = made.and_then(|made| made.owner);
    let orders = match owner.filter(|_| may(desk, Scope::OrdersRead)) {
        Some(owner) => orders_with(office, owner, &state.code).await.map_err(IntoResponse::into_response)?,
        None => Vec::new(),
    };
    let end = made.and_then(|made| made.expires_at);
    let used = state.uses.is_some_and(|uses| uses > 0);
    Ok(CodeCard {
        code: state.code.printed(),
        state: code_state(words, made, used, desk.now),
        owner: owner.filter(|_| may(desk, Scope::MembersRead)).map(|owner| owner.to_string()),
        is_personal: owner.is_some(),
        until: end.map_or_else(|| words.say("code-until-campaign"), |end| shown.until(end)),
        uses: state.uses.map(|uses| words.whole(uses)),
        orders,
        may_block: made.is_some() && may(desk, Scope::CouponsWrite),
        blocked: made.is_some_and(|made| made.blocked),
    })
}

fn code_state(words: Words, made: Option<&MadeCode>, used: bool, now: Instant) -> Tag {
    let (key, tone) = match made {
        Some(made) if made.blocked => ("code-blocked", "bad"),
        Some(made) if made.expires_at.is_some_and(|end| end <= now) => ("code-over", ""),
        None => ("code-shared", "brand"),
        Some(_) if used => ("code-used", ""),
        Some(_) => ("code-good", "good"),
    };
    Tag { label: words.say(key), tone }
}

/// Orders of the owner that have the code.
async fn orders_with(
    office: &Office,
    owner: MemberId,
    code: &CouponCode,
) -> Result<Vec<(String, String)>, Problem> {
    let (program, code) = (office.desk.program_id(), code.as_str().to_owned());
    let orders = office.desk.read(move |r| r.orders_of_member(program, owner)).await?;
    let has = |order: &&kopilka_core::order::OrderState| {
        order.coupons.iter().any(|coupon| coupon.code == code && coupon.refused.is_none())
    };
    let name =
        |order: &kopilka_core::order::OrderState| (order.key.order.to_string(), order_address(&order.key));
    Ok(orders.iter().filter(has).map(name).collect())
}

/// `GET /admin/coupons/{campaign}`.
pub async fn page(office: Office, Path(id): Path<String>) -> Result<Response, Response> {
    let find = asked(&office.visit.path, "code").unwrap_or_default();
    Ok(Page(drawn(&office, &id, frame(&office), &find).await?).into_response())
}

/// A form that comes back with what is wrong, everything typed kept.
pub async fn refused(
    office: &Office,
    id: &str,
    posted: Posted,
    problem: Problem,
) -> Result<Response, Response> {
    if problem.status.is_server_error() {
        return Err(problem.into_response());
    }
    let said = office.desk.language.of(&problem.detail).to_owned();
    let page = drawn(office, id, frame(office).with_notice(Tone::Bad, said), "").await?;
    let once = posted.some(ONCE_FIELD).map_or(page.once.clone(), str::to_owned);
    Ok(again(CampaignPage { typed: posted, once, ..page }, problem.code))
}

/// `POST …/block`: a made code is withdrawn, or given back.
pub async fn block(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let campaign = campaign(&office, &id)?;
    let text = posted.text("code");
    let unknown = || Problem::of("coupon_unknown");
    let Some(code) = CouponCode::read(text) else {
        return refused(&office, &id, posted.clone(), unknown()).await;
    };
    let (service, program) = (&office.desk.app.service, office.desk.program_id());
    let done = match code_of(&office, code.clone()).await {
        Ok(Some(state)) if state.campaign == campaign.id => {
            let done = service.block_code(program, code.clone(), posted.text("act") != "unblock").await;
            done.map_err(|error| office.desk.failed(error))
        }
        Ok(_) => Err(unknown()),
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => {
            let code = in_address(&code.printed());
            Ok(back_to(&format!("{}?code={code}&done=saved", address(&id))))
        }
        Err(problem) => refused(&office, &id, posted, problem).await,
    }
}

/// `POST …/give`: one code for one member, shown once it is made.
pub async fn give(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    campaign(&office, &id)?;
    let made = match new_codes(&office, &id, &posted, 1) {
        Ok(new) => given(&office, new, posted.text("member")).await,
        Err(problem) => Err(problem),
    };
    match made {
        Ok(code) => {
            let page = drawn(&office, &id, frame(&office), "").await?;
            Ok(Page(CampaignPage { given: Some(code), ..page }).into_response())
        }
        Err(problem) => refused(&office, &id, posted, problem).await,
    }
}

async fn given(office: &Office, new: NewCodes, member: &str) -> Result<String, Problem> {
    let desk = &office.desk;
    let member = found(office, member).await?;
    let mut code = String::new();
    let new = NewCodes { member: Some(MemberRef::Id(member)), ..new };
    let take = |made: &[CouponCode]| {
        code = made.first().map(CouponCode::printed).unwrap_or_default();
        true
    };
    desk.app.service.make_codes(desk.program_id(), new, take).await.map_err(|e| desk.failed(e))?;
    Ok(code)
}

/// The one whom the text names.
pub async fn found(office: &Office, text: &str) -> Result<MemberId, Problem> {
    let mut found: Vec<MemberId> = Vec::new();
    let mut refusal = office.desk.refused(&Refusal::MemberUnknown);
    for reference in references(text) {
        match office.desk.find(reference).await {
            Ok(member) if !found.contains(&member) => found.push(member),
            Ok(_) => {}
            Err(problem) if problem.status.is_server_error() => return Err(problem),
            Err(problem) if problem.code == "card_blocked" => refusal = problem,
            Err(_) => {}
        }
    }
    match found[..] {
        [member] => Ok(member),
        [] => Err(refusal),
        // The same digits stand for two: only the id tells which is meant.
        _ => Err(Problem::of("form_invalid")),
    }
}

/// What the form asks for. The last day that is named still counts.
pub fn new_codes(office: &Office, id: &str, posted: &Posted, count: usize) -> Result<NewCodes, Problem> {
    let key = posted.some(ONCE_FIELD).ok_or_else(|| Problem::of("form_invalid"))?;
    let until = day(posted, "until")?;
    Ok(NewCodes {
        campaign: id.to_owned(),
        count,
        prefix: posted.text("prefix").to_owned(),
        member: None,
        expires_at: until.map(|day| office.desk.program.zone.start_of(day.plus_days(1))),
        key: Some(key.to_owned()),
    })
}
