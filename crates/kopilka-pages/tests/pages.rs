//! Pages as a browser sees them: requests through the whole router, cookies kept, forms sent with their
//! tokens.

#[path = "pages/abuse.rs"]
mod abuse;
#[path = "pages/account.rs"]
mod account;
#[path = "pages/accruals.rs"]
mod accruals;
#[path = "pages/cabinet.rs"]
mod cabinet;
#[path = "pages/demo.rs"]
mod demo;
#[path = "pages/economics.rs"]
mod economics;
#[path = "pages/holders.rs"]
mod holders;
#[path = "pages/imports.rs"]
mod imports;
#[path = "pages/integrations.rs"]
mod integrations;
#[path = "pages/market.rs"]
mod market;
#[path = "pages/members.rs"]
mod members;
#[path = "pages/messages.rs"]
mod messages;
#[path = "pages/orders.rs"]
mod orders;
#[path = "pages/products.rs"]
mod products;
#[path = "pages/program.rs"]
mod program;
#[path = "pages/referral.rs"]
mod referral;
#[path = "pages/reports.rs"]
mod reports;
#[path = "pages/samples.rs"]
mod samples;
#[path = "pages/settings.rs"]
mod settings;
#[path = "pages/support.rs"]
mod support;
#[path = "pages/team.rs"]
mod team;
#[path = "pages/till.rs"]
mod till;
#[path = "pages/widget.rs"]
mod widget;
