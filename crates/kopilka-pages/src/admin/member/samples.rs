//! The page of a made-up member, with each of its tabs.

use super::acts::{Acts, Choice};
use super::given::{ConsentLine, Consents, CouponLine, Gifts, Network, OfferLine};
use super::history::{EntryLine, Journal, OrderLine, Orders};
use super::holders::{HolderLine, RightChoice};
use super::overview::{Achievement, Fact, LotLine, Overview};
use super::{Body, Figure, MemberPage, TABS, TabLink};
use crate::admin::people::{Tag, order_tag, status_tag};
use crate::frame::Frame;
use crate::posted::Posted;
use crate::samples::{Sample, of};
use kopilka_core::member::MemberStatus;
use kopilka_core::order::OrderStatus;
use kopilka_core::words::Language;

/// What a shop or a member might write.
const SCRIPT: &str = "\"><script>alert(1)</script>";

fn fact(frame: &Frame) -> Fact {
    Fact { label: frame.say("member-phones"), value: SCRIPT.to_owned() }
}

fn body(tab: &str, frame: &Frame) -> Body {
    let script = || SCRIPT.to_owned();
    let order = || Some((script(), "/admin/orders/main/1".to_owned()));
    match tab {
        "orders" => Body::Orders(Orders {
            lines: vec![OrderLine {
                id: script(),
                address: "/admin/orders/main/1".to_owned(),
                at: "1.03.2026".to_owned(),
                status: order_tag(frame.words, OrderStatus::Paid),
                money: "4 990 ₽".to_owned(),
                spent: "100".to_owned(),
                earned: "249".to_owned(),
            }],
            more: true,
        }),
        "journal" => Body::Journal(Journal {
            lines: vec![EntryLine {
                id: "e_0000000000001".to_owned(),
                at: "1.03.2026".to_owned(),
                title: frame.say("cause-adjustment"),
                movements: vec![script()],
                operator: Some(script()),
                reason: Some(script()),
                order: order(),
            }],
            next: Some("/admin/members/m_1?tab=journal".to_owned()),
            explains: true,
        }),
        "network" => Body::Network(Network {
            code: "0000000000001".to_owned(),
            referrer: Some("m_0000000000001".to_owned()),
            by_coupon: true,
            visits: 12,
            registered: 3,
            orders: 2,
            levels: Vec::new(),
            people: Vec::new(),
        }),
        "gifts" => Body::Gifts(gifts(frame)),
        "consents" => Body::Consents(Consents {
            live: vec![("marketing:email".to_owned(), frame.say("consent-marketing"))],
            records: vec![ConsentLine {
                what: frame.say("consent-marketing"),
                given: false,
                at: "1.03.2026".to_owned(),
                proof: vec![script()],
            }],
            may_withdraw: true,
        }),
        "achievements" => Body::Achievements(vec![achievement(frame)]),
        "acts" => Body::Acts(Box::new(acts())),
        _ => Body::Points(Overview {
            facts: vec![fact(frame)],
            lots: vec![LotLine {
                points: "1 200".to_owned(),
                held: Some("100".to_owned()),
                source: script(),
                order: order(),
                from: Some("1.03.2026".to_owned()),
                until: "31.03.2026".to_owned(),
            }],
            life: vec![fact(frame)],
            masked: true,
        }),
    }
}

fn achievement(frame: &Frame) -> Achievement {
    Achievement {
        name: SCRIPT.to_owned(),
        progress: "1".to_owned(),
        goal: "5".to_owned(),
        reached: frame.say_n("achievement-reached", 0),
    }
}

fn gifts(frame: &Frame) -> Gifts {
    let script = || SCRIPT.to_owned();
    Gifts {
        coupons: vec![CouponLine { code: script(), campaign: script(), until: script(), blocked: true }],
        offers: vec![OfferLine {
            id: script(),
            name: script(),
            state: Tag { label: frame.say("offer-active"), tone: "good" },
            until: script(),
            used: "1 / 3".to_owned(),
        }],
        claims: vec![(script(), script())],
        cards: vec![(script(), script(), script())],
        may_withdraw: true,
    }
}

fn acts() -> Acts {
    let script = || SCRIPT.to_owned();
    let choice = |is_here| Choice { value: script(), label: script(), is_here };
    Acts {
        adjusts: true,
        writes: true,
        merges: true,
        exports: true,
        erases: true,
        is_active: false,
        is_blocked: true,
        is_frozen: false,
        name: script(),
        birth_date: "1990-05-10".to_owned(),
        phones: script(),
        emails: script(),
        cards: vec![script()],
        blocked_cards: vec![script()],
        tags: vec![choice(true), choice(false)],
        levels: vec![choice(false)],
        offers: vec![choice(true)],
        holders: Some((
            vec![HolderLine { no: 2, name: script(), rights: script(), known_by: script() }],
            vec![RightChoice { name: "earn", label: script() }],
        )),
    }
}

impl MemberPage {
    /// One for each tab.
    pub fn samples(language: Language) -> Vec<Sample> {
        TABS.iter().map(|tab| of(tab, MemberPage::sample(language, tab))).collect()
    }

    fn sample(language: Language, tab: &str) -> MemberPage {
        let frame = Frame::sample(language);
        let figure = |main| Figure {
            label: frame.say("member-available"),
            value: "1 200".to_owned(),
            note: SCRIPT.to_owned(),
            main,
        };
        let link = |name: &'static str| TabLink {
            name,
            label: frame.say(&format!("member-tab-{name}")),
            is_here: name == tab,
        };
        let posted = Posted::of(&[("reason", SCRIPT), ("points", SCRIPT)]);
        MemberPage {
            id: "m_0000000000001".to_owned(),
            name: SCRIPT.to_owned(),
            status: status_tag(frame.words, MemberStatus::Blocked),
            level: Some(SCRIPT.to_owned()),
            next_level: Some(SCRIPT.to_owned()),
            tags: vec![SCRIPT.to_owned()],
            figures: vec![figure(true), figure(false)],
            tabs: TABS.iter().copied().map(link).collect(),
            body: body(tab, &frame),
            kept: Some(("adjust", posted)),
            frame,
        }
    }
}
