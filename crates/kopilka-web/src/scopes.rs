//! What a key may do: one table of endpoints and the scope each needs.
//!
//! Invariant: an endpoint that is not in the table answers nobody; a test walks the router against it.

use axum::http::Method;
use kopilka_core::holder::Rights;

/// What one key may be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    ProgramRead,
    ProductsRead,
    ProductsWrite,
    MembersRead,
    MembersWrite,
    MembersIdentify,
    MembersErase,
    MembersMerge,
    MembersExport,
    AttributesWrite,
    ConsentsWrite,
    TokensMake,
    PointsAdjust,
    PointsTransfer,
    PointsAccrue,
    EventsWrite,
    EventsRead,
    WebhooksManage,
    CodesSend,
    CodesReveal,
    MessagesManage,
    CouponsRead,
    CouponsWrite,
    RewardsRead,
    RewardsClaim,
    RewardsSettle,
    OffersRead,
    OffersGive,
    OffersActivate,
    TiersGive,
    TagsWrite,
    ReferralsWrite,
    ProgramWrite,
    GiftCardsRead,
    GiftCardsIssue,
    GiftCardsChange,
    OrdersRead,
    OrdersWrite,
    OrdersBind,
    ReportsRead,
    Quote,
    Clock,
}

impl Scope {
    pub const ALL: [Scope; 42] = [
        Scope::ProgramRead,
        Scope::ProductsRead,
        Scope::ProductsWrite,
        Scope::MembersRead,
        Scope::MembersWrite,
        Scope::MembersIdentify,
        Scope::MembersErase,
        Scope::MembersMerge,
        Scope::MembersExport,
        Scope::AttributesWrite,
        Scope::ConsentsWrite,
        Scope::TokensMake,
        Scope::PointsAdjust,
        Scope::PointsTransfer,
        Scope::PointsAccrue,
        Scope::EventsWrite,
        Scope::EventsRead,
        Scope::WebhooksManage,
        Scope::CodesSend,
        Scope::CodesReveal,
        Scope::MessagesManage,
        Scope::CouponsRead,
        Scope::CouponsWrite,
        Scope::RewardsRead,
        Scope::RewardsClaim,
        Scope::RewardsSettle,
        Scope::OffersRead,
        Scope::OffersGive,
        Scope::OffersActivate,
        Scope::TiersGive,
        Scope::TagsWrite,
        Scope::ReferralsWrite,
        Scope::ProgramWrite,
        Scope::GiftCardsRead,
        Scope::GiftCardsIssue,
        Scope::GiftCardsChange,
        Scope::OrdersRead,
        Scope::OrdersWrite,
        Scope::OrdersBind,
        Scope::ReportsRead,
        Scope::Quote,
        Scope::Clock,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Scope::ProgramRead => "program:read",
            Scope::ProductsRead => "products:read",
            Scope::ProductsWrite => "products:write",
            Scope::MembersRead => "members:read",
            Scope::MembersWrite => "members:write",
            Scope::MembersIdentify => "members:identify",
            Scope::MembersErase => "members:erase",
            Scope::MembersMerge => "members:merge",
            Scope::MembersExport => "members:export",
            Scope::AttributesWrite => "attributes:write",
            Scope::ConsentsWrite => "consents:write",
            Scope::TokensMake => "tokens:make",
            Scope::PointsAdjust => "points:adjust",
            Scope::PointsTransfer => "points:transfer",
            Scope::PointsAccrue => "points:accrue",
            Scope::EventsWrite => "events:write",
            Scope::EventsRead => "events:read",
            Scope::WebhooksManage => "webhooks:manage",
            Scope::CodesSend => "codes:send",
            Scope::CodesReveal => "codes:reveal",
            Scope::MessagesManage => "messages:manage",
            Scope::CouponsRead => "coupons:read",
            Scope::CouponsWrite => "coupons:write",
            Scope::RewardsRead => "rewards:read",
            Scope::RewardsClaim => "rewards:claim",
            Scope::RewardsSettle => "rewards:settle",
            Scope::OffersRead => "offers:read",
            Scope::OffersGive => "offers:give",
            Scope::OffersActivate => "offers:activate",
            Scope::TiersGive => "tiers:give",
            Scope::TagsWrite => "tags:write",
            Scope::ReferralsWrite => "referrals:write",
            Scope::ProgramWrite => "program:write",
            Scope::GiftCardsRead => "gift_cards:read",
            Scope::GiftCardsIssue => "gift_cards:issue",
            Scope::GiftCardsChange => "gift_cards:change",
            Scope::OrdersRead => "orders:read",
            Scope::OrdersWrite => "orders:write",
            Scope::OrdersBind => "orders:bind",
            Scope::ReportsRead => "reports:read",
            Scope::Quote => "quote",
            Scope::Clock => "clock",
        }
    }
}

/// A word for every scope: the shop's own server.
pub const EVERYTHING: &str = "all";
/// A word for pages of the shop: the key opens nothing by itself, and its id may be read by everybody.
pub const WIDGET: &str = "widget";
/// How words begin that name a site whose pages may use such a key: `origin:https://shop.example`.
pub const ORIGIN: &str = "origin:";
/// A word for what a till does: identify, register, quote, place, pay, return. It activates an offer for the
/// shopper who says so, and gives none.
pub const POINT_OF_SALE: &str = "pos";
const POINT_OF_SALE_SCOPES: [Scope; 13] = [
    Scope::CodesSend,
    Scope::RewardsRead,
    Scope::OffersRead,
    Scope::OffersActivate,
    Scope::ProgramRead,
    Scope::CouponsRead,
    Scope::GiftCardsRead,
    Scope::MembersRead,
    Scope::MembersWrite,
    Scope::ConsentsWrite,
    Scope::OrdersRead,
    Scope::OrdersWrite,
    Scope::Quote,
];

/// Scopes that a part of a body needs beside its endpoint's: attributes decide discounts and points, so a
/// till that registers members does not set them; neither does it tell of regions. Whoever sees a one-time
/// code needs no member to tell it, so a till sees none. Whoever may change where codes go, or what shows who
/// buys, needs no code at all, so a till registers members and does not rename them.
pub const OF_BODIES: [Scope; 3] = [Scope::AttributesWrite, Scope::CodesReveal, Scope::MembersIdentify];

/// Every endpoint under `/v1`, by method and route.
pub const TABLE: &[(Method, &str, Scope)] = &[
    (Method::GET, "/v1/program", Scope::ProgramRead),
    (Method::GET, "/v1/clock", Scope::ProgramRead),
    (Method::POST, "/v1/clock", Scope::Clock),
    (Method::GET, "/v1/products", Scope::ProductsRead),
    (Method::PUT, "/v1/products", Scope::ProductsWrite),
    (Method::POST, "/v1/members", Scope::MembersWrite),
    (Method::POST, "/v1/members/lookup", Scope::MembersRead),
    (Method::GET, "/v1/members/{id}", Scope::MembersRead),
    (Method::PATCH, "/v1/members/{id}", Scope::MembersWrite),
    (Method::DELETE, "/v1/members/{id}", Scope::MembersErase),
    (Method::POST, "/v1/members/{id}/merge", Scope::MembersMerge),
    (Method::POST, "/v1/members/{id}/merge/preview", Scope::MembersMerge),
    (Method::GET, "/v1/members/{id}/export", Scope::MembersExport),
    (Method::GET, "/v1/members/{id}/balance", Scope::MembersRead),
    (Method::GET, "/v1/members/{id}/lots", Scope::MembersRead),
    (Method::GET, "/v1/members/{id}/entries", Scope::MembersRead),
    (Method::POST, "/v1/members/{id}/adjustments", Scope::PointsAdjust),
    (Method::POST, "/v1/members/{id}/status", Scope::PointsAdjust),
    (Method::POST, "/v1/members/{id}/cards", Scope::PointsAdjust),
    (Method::POST, "/v1/members/{id}/addresses", Scope::MembersWrite),
    (Method::POST, "/v1/members/{id}/tokens", Scope::TokensMake),
    (Method::POST, "/v1/members/{id}/telegram-links", Scope::MembersWrite),
    (Method::POST, "/v1/members/{id}/tier", Scope::TiersGive),
    (Method::POST, "/v1/members/{id}/tags", Scope::TagsWrite),
    (Method::GET, "/v1/members/{id}/holders", Scope::MembersRead),
    (Method::PUT, "/v1/members/{id}/holders/{holder}", Scope::MembersWrite),
    (Method::DELETE, "/v1/members/{id}/holders/{holder}", Scope::MembersWrite),
    (Method::GET, "/v1/members/{id}/consents", Scope::MembersRead),
    (Method::POST, "/v1/members/{id}/consents", Scope::ConsentsWrite),
    (Method::POST, "/v1/members/{id}/consents/withdraw", Scope::ConsentsWrite),
    (Method::GET, "/v1/members/{id}/segments", Scope::MembersRead),
    (Method::GET, "/v1/accruals", Scope::PointsAccrue),
    (Method::GET, "/v1/accruals/{name}", Scope::PointsAccrue),
    (Method::PUT, "/v1/accruals/{name}", Scope::PointsAccrue),
    (Method::GET, "/v1/accruals/{name}/members", Scope::PointsAccrue),
    (Method::POST, "/v1/accruals/{name}/start", Scope::PointsAccrue),
    (Method::POST, "/v1/accruals/{name}/stop", Scope::PointsAccrue),
    (Method::POST, "/v1/accruals/{name}/undo", Scope::PointsAccrue),
    (Method::GET, "/v1/segments", Scope::ProgramRead),
    (Method::GET, "/v1/segments/{segment}/members", Scope::MembersRead),
    (Method::GET, "/v1/members/{id}/network", Scope::MembersRead),
    (Method::GET, "/v1/members/{id}/sites", Scope::MembersRead),
    (Method::POST, "/v1/members/{id}/sites", Scope::ReferralsWrite),
    (Method::POST, "/v1/members/{id}/sites/confirm", Scope::ReferralsWrite),
    (Method::POST, "/v1/members/{id}/sites/remove", Scope::ReferralsWrite),
    (Method::POST, "/v1/referrals/visits", Scope::ReferralsWrite),
    (Method::GET, "/v1/members/{id}/coupons", Scope::CouponsRead),
    (Method::GET, "/v1/campaigns", Scope::CouponsRead),
    (Method::POST, "/v1/campaigns/{id}/codes", Scope::CouponsWrite),
    (Method::GET, "/v1/coupons/{code}", Scope::CouponsRead),
    (Method::PATCH, "/v1/coupons/{code}", Scope::CouponsWrite),
    (Method::POST, "/v1/program/check", Scope::ProgramRead),
    (Method::GET, "/v1/program/versions", Scope::ProgramRead),
    (Method::POST, "/v1/program/versions", Scope::ProgramWrite),
    (Method::GET, "/v1/program/versions/{number}", Scope::ProgramRead),
    (Method::GET, "/v1/program/difference", Scope::ProgramRead),
    (Method::GET, "/v1/program/drafts", Scope::ProgramRead),
    (Method::GET, "/v1/program/drafts/{name}", Scope::ProgramRead),
    (Method::PUT, "/v1/program/drafts/{name}", Scope::ProgramWrite),
    (Method::DELETE, "/v1/program/drafts/{name}", Scope::ProgramWrite),
    (Method::GET, "/v1/program/drafts/{name}/difference", Scope::ProgramRead),
    (Method::GET, "/v1/rewards", Scope::RewardsRead),
    (Method::GET, "/v1/members/{id}/claims", Scope::RewardsRead),
    (Method::POST, "/v1/members/{id}/claims", Scope::RewardsClaim),
    (Method::POST, "/v1/members/{id}/claims/settle", Scope::RewardsSettle),
    (Method::GET, "/v1/members/{id}/guest-orders", Scope::MembersRead),
    (Method::POST, "/v1/members/{id}/guest-orders", Scope::MembersWrite),
    (Method::POST, "/v1/members/{id}/guest-orders/bind", Scope::OrdersBind),
    (Method::GET, "/v1/members/{id}/offers", Scope::OffersRead),
    (Method::POST, "/v1/members/{id}/offers", Scope::OffersGive),
    (Method::POST, "/v1/members/{id}/offers/{offer}/activate", Scope::OffersActivate),
    (Method::POST, "/v1/members/{id}/offers/{offer}/withdraw", Scope::OffersGive),
    (Method::POST, "/v1/gift-cards", Scope::GiftCardsIssue),
    (Method::GET, "/v1/gift-cards/left", Scope::GiftCardsChange),
    (Method::POST, "/v1/gift-cards/lookup", Scope::GiftCardsRead),
    (Method::POST, "/v1/gift-cards/change", Scope::GiftCardsChange),
    (Method::POST, "/v1/transfers", Scope::PointsTransfer),
    (Method::POST, "/v1/events", Scope::EventsWrite),
    (Method::GET, "/v1/events/stream", Scope::EventsRead),
    (Method::GET, "/v1/webhook-endpoints", Scope::WebhooksManage),
    (Method::POST, "/v1/webhook-endpoints", Scope::WebhooksManage),
    (Method::GET, "/v1/webhook-endpoints/{id}", Scope::WebhooksManage),
    (Method::PATCH, "/v1/webhook-endpoints/{id}", Scope::WebhooksManage),
    (Method::DELETE, "/v1/webhook-endpoints/{id}", Scope::WebhooksManage),
    (Method::POST, "/v1/webhook-endpoints/{id}/rotate", Scope::WebhooksManage),
    (Method::POST, "/v1/webhook-endpoints/{id}/test", Scope::WebhooksManage),
    (Method::POST, "/v1/webhook-endpoints/{id}/replay", Scope::WebhooksManage),
    (Method::GET, "/v1/webhook-endpoints/{id}/deliveries", Scope::WebhooksManage),
    (Method::POST, "/v1/webhook-endpoints/{id}/deliveries/{event}/retry", Scope::WebhooksManage),
    (Method::POST, "/v1/codes", Scope::CodesSend),
    (Method::POST, "/v1/codes/verify", Scope::CodesSend),
    (Method::GET, "/v1/senders", Scope::MessagesManage),
    (Method::GET, "/v1/senders/{channel}", Scope::MessagesManage),
    (Method::PUT, "/v1/senders/{channel}", Scope::MessagesManage),
    (Method::DELETE, "/v1/senders/{channel}", Scope::MessagesManage),
    (Method::POST, "/v1/senders/{channel}/test", Scope::MessagesManage),
    (Method::POST, "/v1/senders/telegram/webhook", Scope::MessagesManage),
    (Method::GET, "/v1/messaging", Scope::MessagesManage),
    (Method::PUT, "/v1/messaging", Scope::MessagesManage),
    (Method::GET, "/v1/templates", Scope::MessagesManage),
    (Method::GET, "/v1/templates/{event}/{channel}/{language}", Scope::MessagesManage),
    (Method::PUT, "/v1/templates/{event}/{channel}/{language}", Scope::MessagesManage),
    (Method::DELETE, "/v1/templates/{event}/{channel}/{language}", Scope::MessagesManage),
    (Method::POST, "/v1/templates/{event}/{channel}/{language}/preview", Scope::MessagesManage),
    (Method::POST, "/v1/templates/{event}/{channel}/{language}/test", Scope::MessagesManage),
    (Method::GET, "/v1/messages", Scope::MessagesManage),
    (Method::GET, "/v1/messages/{id}", Scope::MessagesManage),
    (Method::POST, "/v1/quote", Scope::Quote),
    (Method::POST, "/v1/earnings", Scope::Quote),
    (Method::PUT, "/v1/orders/{order_id}", Scope::OrdersWrite),
    (Method::GET, "/v1/orders/{order_id}", Scope::OrdersRead),
    (Method::POST, "/v1/orders/{order_id}/returns", Scope::OrdersWrite),
    (Method::POST, "/v1/orders/{order_id}/cancel", Scope::OrdersWrite),
    (Method::POST, "/v1/orders/{order_id}/exchange", Scope::OrdersWrite),
    (Method::GET, "/v1/orders/{order_id}/explain", Scope::OrdersRead),
    (Method::GET, "/v1/entries/{id}/explain", Scope::OrdersRead),
    (Method::GET, "/v1/reports/expiring", Scope::ReportsRead),
    (Method::GET, "/v1/reports/fraud", Scope::ReportsRead),
];

/// What a member token opens, of this one member: what members see of themselves and do themselves. Consents
/// are given where the shop can prove it, so not here.
pub const OF_TOKENS: &[(Method, &str)] = &[
    (Method::GET, "/v1/members/{id}"),
    (Method::GET, "/v1/members/{id}/balance"),
    (Method::GET, "/v1/members/{id}/lots"),
    (Method::GET, "/v1/members/{id}/entries"),
    (Method::GET, "/v1/members/{id}/export"),
    (Method::GET, "/v1/members/{id}/network"),
    (Method::GET, "/v1/members/{id}/coupons"),
    (Method::GET, "/v1/members/{id}/offers"),
    (Method::GET, "/v1/members/{id}/claims"),
    (Method::GET, "/v1/members/{id}/guest-orders"),
    (Method::POST, "/v1/members/{id}/guest-orders"),
    (Method::GET, "/v1/members/{id}/consents"),
    (Method::POST, "/v1/members/{id}/consents/withdraw"),
    (Method::POST, "/v1/members/{id}/offers/{offer}/activate"),
    (Method::POST, "/v1/members/{id}/claims"),
    (Method::POST, "/v1/members/{id}/addresses"),
    (Method::POST, "/v1/members/{id}/telegram-links"),
    (Method::GET, "/v1/members/{id}/sites"),
    (Method::POST, "/v1/members/{id}/sites"),
    (Method::POST, "/v1/members/{id}/sites/confirm"),
    (Method::POST, "/v1/members/{id}/sites/remove"),
    (Method::POST, "/v1/quote"),
    (Method::POST, "/v1/earnings"),
    (Method::GET, "/v1/rewards"),
];

/// What a holder needs where a member token of a holder opens an endpoint. Who the owner is, what the owner
/// agreed to and whom the owner brought is no holder's.
const OF_HOLDERS: &[(Method, &str, HolderRight)] = &[
    (Method::GET, "/v1/members/{id}/balance", HolderRight::See),
    (Method::GET, "/v1/members/{id}/lots", HolderRight::See),
    (Method::GET, "/v1/members/{id}/entries", HolderRight::Statement),
    (Method::GET, "/v1/members/{id}/coupons", HolderRight::Spend),
    (Method::GET, "/v1/members/{id}/offers", HolderRight::See),
    (Method::GET, "/v1/members/{id}/claims", HolderRight::See),
    (Method::POST, "/v1/members/{id}/offers/{offer}/activate", HolderRight::Spend),
    (Method::POST, "/v1/members/{id}/claims", HolderRight::Spend),
    (Method::POST, "/v1/quote", HolderRight::See),
    (Method::POST, "/v1/earnings", HolderRight::See),
    (Method::GET, "/v1/rewards", HolderRight::See),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HolderRight {
    Spend,
    See,
    Statement,
}

/// Whether a holder with these rights comes through.
pub fn open_to_holders(method: &Method, route: &str, rights: Rights) -> bool {
    OF_HOLDERS.iter().find(|(m, r, _)| m == method && *r == route).is_some_and(|(_, _, right)| match right {
        HolderRight::Spend => rights.spend,
        HolderRight::See => rights.see,
        HolderRight::Statement => rights.statement,
    })
}

/// Whether a member token opens an endpoint.
pub fn open_to_members(method: &Method, route: &str) -> bool {
    OF_TOKENS.iter().any(|(m, r)| m == method && *r == route)
}

/// The scope an endpoint needs; `None` for an endpoint that is not in the table.
pub fn needed(method: &Method, route: &str) -> Option<Scope> {
    // HEAD is answered by GET's handler and tells no more.
    let method = if method == Method::HEAD { &Method::GET } else { method };
    TABLE.iter().find(|(m, r, _)| m == method && *r == route).map(|(_, _, scope)| *scope)
}

/// Whether the words of a key grant a scope.
pub fn granted(words: &[String], scope: Scope) -> bool {
    words.iter().any(|word| match word.as_str() {
        EVERYTHING => true,
        POINT_OF_SALE => POINT_OF_SALE_SCOPES.contains(&scope),
        name => name == scope.name(),
    })
}

/// Whether a word means anything: for whoever makes keys.
pub fn is_known(word: &str) -> bool {
    word == EVERYTHING
        || word == POINT_OF_SALE
        || word == WIDGET
        || word.strip_prefix(ORIGIN).is_some_and(is_origin)
        || Scope::ALL.iter().any(|s| s.name() == word)
}

/// A scheme, a host and perhaps a port, as browsers tell it: no path, and nothing a header could break at.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:".contains(&b);
        !host.is_empty() && host.bytes().all(plain)
    })
}

/// The sites that the words of a publishable key name; none of a key of another kind.
pub fn origins(words: &[String]) -> impl Iterator<Item = &str> {
    let is_public = words.iter().any(|word| word == WIDGET);
    let named = words.iter().filter_map(|word| word.strip_prefix(ORIGIN));
    named.filter(move |origin| is_public && is_origin(origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_till_can_neither_adjust_nor_transfer_points_nor_read_reports_nor_move_the_clock() {
        let words = [POINT_OF_SALE.to_owned()];
        assert!(granted(&words, Scope::Quote));
        assert!(!granted(&words, Scope::PointsAdjust));
        assert!(!granted(&words, Scope::PointsTransfer));
        assert!(granted(&words, Scope::MembersWrite));
        assert!(!granted(&words, Scope::MembersIdentify));
        assert!(!granted(&words, Scope::MembersErase));
        assert!(!granted(&words, Scope::MembersExport));
        assert!(!granted(&words, Scope::CodesReveal));
        assert!(!granted(&words, Scope::TokensMake));
        assert!(!granted(&words, Scope::OrdersBind));
        assert!(!granted(&words, Scope::CouponsWrite));
        assert!(!granted(&words, Scope::EventsWrite));
        assert!(!granted(&words, Scope::EventsRead));
        assert!(!granted(&words, Scope::WebhooksManage));
        assert!(!granted(&words, Scope::MessagesManage));
        assert!(!granted(&words, Scope::RewardsClaim));
        assert!(!granted(&words, Scope::OffersGive));
        assert!(!granted(&words, Scope::TiersGive));
        assert!(!granted(&words, Scope::TagsWrite));
        assert!(!granted(&words, Scope::ProgramWrite));
        assert!(!granted(&words, Scope::GiftCardsIssue));
        assert!(!granted(&words, Scope::GiftCardsChange));
        assert!(!granted(&words, Scope::AttributesWrite));
        assert!(!granted(&words, Scope::ReportsRead));
        assert!(!granted(&words, Scope::Clock));
        assert!(!granted(&[], Scope::Quote));
        assert!(granted(&["quote".to_owned()], Scope::Quote));
    }

    #[test]
    fn a_publishable_key_opens_nothing_and_names_its_sites() {
        let words: Vec<String> =
            ["widget", "origin:https://shop.example", "origin:http://127.0.0.1:8080", "origin:https://x/y"]
                .map(str::to_owned)
                .to_vec();
        assert!(Scope::ALL.into_iter().all(|scope| !granted(&words, scope)));
        assert_eq!(origins(&words).collect::<Vec<_>>(), ["https://shop.example", "http://127.0.0.1:8080"]);
        assert_eq!(origins(&words[1..]).count(), 0, "of a secret key");
        assert!(is_known("widget") && is_known("origin:https://shop.example"));
        for wrong in ["origin:", "origin:shop.example", "origin:https://", "origin:https://a;b", "origin:*"] {
            assert!(!is_known(wrong), "{wrong}");
        }
    }

    #[test]
    fn what_tokens_open_is_in_the_table() {
        for (method, route) in OF_TOKENS {
            assert!(needed(method, route).is_some(), "{method} {route}");
        }
    }

    #[test]
    fn every_scope_has_an_endpoint() {
        for scope in Scope::ALL {
            let of_endpoint = TABLE.iter().any(|(_, _, s)| *s == scope);
            assert!(of_endpoint || OF_BODIES.contains(&scope), "{}", scope.name());
            assert!(is_known(scope.name()));
        }
    }
}
