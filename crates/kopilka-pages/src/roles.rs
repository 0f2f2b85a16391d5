//! What each role of a team may do.
//!
//! Invariant: a role is a list of the scopes that keys have too, so a page can do nothing an endpoint could
//! not be forbidden to do.

use kopilka_service::Role;
use kopilka_web::scopes::{EVERYTHING, Scope};

/// Sets up the program and what hangs on it; touches no single member's points.
const MARKETER: &[Scope] = &[
    Scope::ProgramRead,
    Scope::ProgramWrite,
    Scope::ProductsRead,
    Scope::ProductsWrite,
    Scope::MembersRead,
    Scope::CouponsRead,
    Scope::CouponsWrite,
    Scope::RewardsRead,
    Scope::OffersRead,
    Scope::OffersGive,
    Scope::TagsWrite,
    Scope::PointsAccrue,
    Scope::MessagesManage,
    Scope::GiftCardsRead,
    Scope::OrdersRead,
    Scope::ReportsRead,
    Scope::Quote,
    Scope::Clock,
];

/// Answers members and mends what went wrong for one of them.
const SUPPORT: &[Scope] = &[
    Scope::ProgramRead,
    Scope::ProductsRead,
    Scope::MembersRead,
    Scope::MembersWrite,
    Scope::MembersIdentify,
    Scope::MembersMerge,
    Scope::MembersExport,
    Scope::AttributesWrite,
    Scope::ConsentsWrite,
    Scope::PointsAdjust,
    Scope::CodesSend,
    Scope::CouponsRead,
    Scope::RewardsRead,
    Scope::RewardsClaim,
    Scope::RewardsSettle,
    Scope::OffersRead,
    Scope::OffersGive,
    Scope::OffersActivate,
    Scope::TagsWrite,
    Scope::ReferralsWrite,
    Scope::GiftCardsRead,
    Scope::OrdersRead,
    Scope::OrdersWrite,
    Scope::Quote,
];

/// Stands at a till.
const CASHIER: &[Scope] = &[Scope::CodesSend, Scope::OrdersWrite, Scope::Quote];

/// Reconciles what is owed; changes nothing.
const ACCOUNTANT: &[Scope] = &[
    Scope::ProgramRead,
    Scope::MembersRead,
    Scope::OrdersRead,
    Scope::CouponsRead,
    Scope::RewardsRead,
    Scope::OffersRead,
    Scope::GiftCardsRead,
    Scope::ReportsRead,
];

/// Looks at figures; sees no person.
const ANALYST: &[Scope] = &[
    Scope::ProgramRead,
    Scope::ProductsRead,
    Scope::CouponsRead,
    Scope::RewardsRead,
    Scope::ReportsRead,
    Scope::Quote,
];

fn list(role: Role) -> &'static [Scope] {
    match role {
        Role::Owner => &[],
        Role::Marketer => MARKETER,
        Role::Support => SUPPORT,
        Role::Cashier => CASHIER,
        Role::Accountant => ACCOUNTANT,
        Role::Analyst => ANALYST,
    }
}

/// The words by which a role's scopes are granted, as a key has them.
pub fn scopes_of(role: Role) -> Vec<String> {
    match role {
        Role::Owner => vec![EVERYTHING.to_owned()],
        other => list(other).iter().map(|scope| scope.name().to_owned()).collect(),
    }
}

/// Which roles may do it, for whoever may not.
pub fn roles_with(scope: Scope) -> Vec<Role> {
    let may = |role: &Role| *role == Role::Owner || list(*role).contains(&scope);
    Role::ALL.into_iter().filter(may).collect()
}
