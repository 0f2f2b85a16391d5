//! The ways through the admin, and whom each is for.
//!
//! Invariant: what a way needs is what its page's door needs (a test compares them), and every way leads to
//! a page that is there.

use crate::door::Need;
use crate::frame::{Way, Ways};
use crate::roles;
use crate::words::Words;
use kopilka_service::Role;
use kopilka_web::scopes::{Scope, granted};

/// One page with its own place in the ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Home,
    Members,
    Orders,
    Till,
    Coupons,
    Rewards,
    Tiers,
    Achievements,
    Reports,
    Economics,
    Imports,
    Keys,
    Webhooks,
    Segments,
    Accruals,
    Products,
    Program,
    Try,
    Answers,
    Messages,
    Referral,
    Settings,
    Team,
    Audit,
}

/// Heading, and what stands under it.
const GROUPS: &[(&str, &[Section])] = &[
    ("ways-day", &[Section::Home, Section::Members, Section::Orders, Section::Till]),
    (
        "ways-market",
        &[
            Section::Coupons,
            Section::Rewards,
            Section::Tiers,
            Section::Achievements,
            Section::Segments,
            Section::Accruals,
            Section::Products,
            Section::Messages,
            Section::Referral,
        ],
    ),
    ("ways-figures", &[Section::Reports, Section::Economics]),
    ("ways-rules", &[Section::Program, Section::Try, Section::Answers]),
    (
        "ways-house",
        &[
            Section::Settings,
            Section::Imports,
            Section::Keys,
            Section::Webhooks,
            Section::Team,
            Section::Audit,
        ],
    ),
];

impl Section {
    /// Where it is, what it is called, what it needs.
    pub fn place(self) -> (&'static str, &'static str, Need) {
        match self {
            Section::Home => ("/admin", "way-home", Need::SignedIn),
            Section::Members => ("/admin/members", "way-members", Need::Scope(Scope::MembersRead)),
            Section::Orders => ("/admin/orders", "way-orders", Need::Scope(Scope::OrdersRead)),
            Section::Till => ("/till", "till", crate::till::NEED),
            Section::Coupons => ("/admin/coupons", "way-coupons", Need::Scope(Scope::CouponsRead)),
            Section::Rewards => ("/admin/rewards", "way-rewards", Need::Scope(Scope::RewardsRead)),
            Section::Tiers => ("/admin/tiers", "way-tiers", Need::Scope(Scope::ProgramRead)),
            Section::Achievements => {
                ("/admin/achievements", "way-achievements", Need::Scope(Scope::ProgramRead))
            }
            Section::Reports => ("/admin/reports", "way-reports", Need::Scope(Scope::ReportsRead)),
            Section::Accruals => ("/admin/accruals", "way-accruals", Need::Scope(Scope::PointsAccrue)),
            Section::Segments => ("/admin/segments", "way-segments", Need::Scope(Scope::ProgramRead)),
            Section::Products => ("/admin/products", "way-products", Need::Scope(Scope::ProductsRead)),
            Section::Imports => ("/admin/imports", "way-imports", Need::Scope(Scope::ProductsWrite)),
            Section::Economics => ("/admin/economics", "way-economics", Need::Scope(Scope::ReportsRead)),
            Section::Keys => ("/admin/keys", "way-keys", Need::Owner),
            Section::Webhooks => ("/admin/webhooks", "way-webhooks", Need::Scope(Scope::WebhooksManage)),
            Section::Program => ("/admin/program", "way-program", Need::Scope(Scope::ProgramRead)),
            Section::Try => ("/admin/try", "way-try", Need::Scope(Scope::Quote)),
            Section::Answers => ("/admin/program/answers", "way-answers", Need::Scope(Scope::Quote)),
            Section::Messages => ("/admin/messages", "way-messages", Need::Scope(Scope::MessagesManage)),
            Section::Referral => ("/admin/referral", "way-referral", Need::Scope(Scope::ProgramRead)),
            Section::Settings => ("/admin/settings", "way-settings", Need::Scope(Scope::MessagesManage)),
            Section::Team => ("/admin/team", "way-team", Need::Owner),
            Section::Audit => ("/admin/audit", "way-audit", Need::Owner),
        }
    }
}

pub fn is_open(section: Section, role: Role) -> bool {
    match section.place().2 {
        Need::Anybody | Need::SignedIn => true,
        Need::Owner => role == Role::Owner,
        Need::Scope(scope) => granted(&roles::scopes_of(role), scope),
    }
}

/// The ways of a role, with the one that is here marked.
pub fn ways(words: Words, role: Role, here: Option<Section>) -> Vec<Ways> {
    let group = |(heading, sections): &(&str, &[Section])| {
        let open = sections.iter().copied().filter(|section| is_open(*section, role));
        let list: Vec<Way> = open
            .map(|section| {
                let (address, key, _) = section.place();
                Way { address, label: words.say(key), is_here: Some(section) == here }
            })
            .collect();
        Ways { heading: words.say(heading), list }
    };
    GROUPS.iter().map(group).filter(|ways| !ways.list.is_empty()).collect()
}
