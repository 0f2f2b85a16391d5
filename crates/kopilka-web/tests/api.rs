//! The API as a caller sees it: requests through the whole router on a database of its own.

#[path = "api/accruals.rs"]
mod accruals;
#[path = "api/codes.rs"]
mod codes;
#[path = "api/concurrency.rs"]
mod concurrency;
#[path = "api/consents.rs"]
mod consents;
#[path = "api/contract.rs"]
mod contract;
#[path = "api/coupons.rs"]
mod coupons;
#[path = "api/erasure.rs"]
mod erasure;
#[path = "api/events.rs"]
mod events;
#[path = "api/flow.rs"]
mod flow;
#[path = "api/gift_cards.rs"]
mod gift_cards;
#[path = "api/grants.rs"]
mod grants;
#[path = "api/guests.rs"]
mod guests;
#[path = "api/holders.rs"]
mod holders;
#[path = "api/isolation.rs"]
mod isolation;
#[path = "api/members.rs"]
mod members;
#[path = "api/merges.rs"]
mod merges;
#[path = "api/messages.rs"]
mod messages;
#[path = "api/offers.rs"]
mod offers;
#[path = "api/products.rs"]
mod products;
#[path = "api/referrals.rs"]
mod referrals;
#[path = "api/refused.rs"]
mod refused;
#[path = "api/reports.rs"]
mod reports;
#[path = "api/rewards.rs"]
mod rewards;
#[path = "api/support.rs"]
mod support;
#[path = "api/telegram.rs"]
mod telegram;
#[path = "api/transfers.rs"]
mod transfers;
#[path = "api/webhooks.rs"]
mod webhooks;
