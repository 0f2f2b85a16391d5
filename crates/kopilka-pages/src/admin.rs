//! The admin: every page with who may open it.

mod account;
mod accruals;
mod audit;
mod counting;
mod design;
mod economics;
mod home;
mod imports;
mod keys;
mod look;
mod market;
mod member;
mod members;
mod messages;
mod orders;
mod people;
mod products;
mod program;
mod receipt;
mod referral;
mod reports;
mod segments;
mod settings;
mod sign_in;
mod start;
mod team;
mod try_cart;
mod webhooks;

pub use imports::keep_swept;
pub use program::{DRAFT, Said};

use crate::door::{Doors, Need};
use crate::frame::Frame;
use crate::samples::{Sample, of};
use kopilka_core::words::Language;
use kopilka_web::scopes::Scope;

pub fn doors(doors: Doors) -> Doors {
    let doors = order_doors(member_doors(team_doors(own_doors(doors))));
    let doors = market::doors(settings_doors(message_doors(referral_doors(doors))));
    import_doors(market_doors(rules_doors(integration_doors(report_doors(doors)))))
        .get("/admin", Need::SignedIn, home::page)
        .get("/admin/design", Need::SignedIn, design::page)
}

/// Coming in, going out, and one's own account.
fn own_doors(doors: Doors) -> Doors {
    doors
        .get("/admin/start/{link}", Need::Anybody, start::page)
        .ask("/admin/start/{link}", Need::Anybody, start::accept)
        .get("/admin/sign-in", Need::Anybody, sign_in::page)
        .ask("/admin/sign-in", Need::Anybody, sign_in::enter)
        .ask("/admin/sign-in/code", Need::Anybody, sign_in::enter_with_code)
        .ask("/look", Need::Anybody, look::choose)
        .ask("/admin/sign-out", Need::SignedIn, sign_in::leave)
        .get("/admin/account", Need::SignedIn, account::page)
        .post("/admin/account/password", Need::SignedIn, account::change_password)
        .post("/admin/account/code", Need::SignedIn, account::change_code)
        .post("/admin/account/sessions", Need::SignedIn, account::end_session)
        .ask("/admin/account/program", Need::SignedIn, account::choose_program)
}

/// Other systems: their keys, and what they are told.
fn integration_doors(doors: Doors) -> Doors {
    let need = Need::Scope(Scope::WebhooksManage);
    doors
        .get("/admin/keys", Need::Owner, keys::page)
        .post("/admin/keys/create", Need::Owner, keys::create)
        .post("/admin/keys/revoke", Need::Owner, keys::revoke)
        .get("/admin/webhooks", need, webhooks::list)
        .post("/admin/webhooks", need, webhooks::create)
        .get("/admin/webhooks/{id}", need, webhooks::page)
        .post("/admin/webhooks/{id}", need, webhooks::change)
}

fn report_doors(doors: Doors) -> Doors {
    let need = Need::Scope(Scope::ReportsRead);
    let doors = doors
        .get("/admin/economics", need, economics::page)
        .post("/admin/economics/upload", need, economics::upload)
        .post("/admin/economics/forget", need, economics::forget)
        .ask("/admin/economics/replay", need, economics::replay);
    doors.get("/admin/reports", need, reports::first).get("/admin/reports/{name}", need, reports::page).post(
        "/admin/reports/count",
        need,
        reports::count,
    )
}

/// Whom the program tells apart, what is given to many at once, and the goods.
fn market_doors(doors: Doors) -> Doors {
    let accrues = Need::Scope(Scope::PointsAccrue);
    let (sees, reads) = (Need::Scope(Scope::ProgramRead), Need::Scope(Scope::MembersRead));
    let (goods, writes) = (Need::Scope(Scope::ProductsRead), Need::Scope(Scope::ProductsWrite));
    doors
        .get("/admin/segments", sees, segments::list)
        .get("/admin/segments/{id}", reads, segments::page)
        .ask("/admin/segments/{id}/count", reads, segments::count)
        .get("/admin/products", goods, products::page)
        .post("/admin/products", writes, products::one::put)
        .get("/admin/products/{sku}", goods, products::one::page)
        .get("/admin/accruals", accrues, accruals::page)
        .post("/admin/accruals", accrues, accruals::new::create)
        .get("/admin/accruals/{name}", accrues, accruals::one::page)
        .post("/admin/accruals/{name}", accrues, accruals::one::step)
}

/// Lists that bring a shop here. Each kind asks for more of the role than the door.
fn import_doors(doors: Doors) -> Doors {
    let writes = Need::Scope(Scope::ProductsWrite);
    doors
        .get("/admin/imports", writes, imports::page)
        .post("/admin/imports", writes, imports::upload)
        .get("/admin/imports/{id}", writes, imports::steps::page)
        .get("/admin/imports/{id}/errors.csv", writes, imports::steps::errors)
        .ask("/admin/imports/{id}/look", writes, imports::steps::look)
        .post("/admin/imports/{id}/run", writes, imports::steps::run)
        .post("/admin/imports/{id}/drop", writes, imports::steps::drop_list)
}

/// The rules, and trying them out.
fn rules_doors(doors: Doors) -> Doors {
    let tries = Need::Scope(Scope::Quote);
    program::doors(doors).get("/admin/try", tries, try_cart::page).ask("/admin/try", tries, try_cart::ask)
}

fn team_doors(doors: Doors) -> Doors {
    doors
        .get("/admin/team", Need::Owner, team::page)
        .post("/admin/team/invite", Need::Owner, team::invite)
        .post("/admin/team/change", Need::Owner, team::change)
        .get("/admin/audit", Need::Owner, audit::page)
}

/// People of the program, and what may be done for one of them.
fn member_doors(doors: Doors) -> Doors {
    let adjusts = Need::Scope(Scope::PointsAdjust);
    let writes = Need::Scope(Scope::MembersWrite);
    let merges = Need::Scope(Scope::MembersMerge);
    doors
        .get("/admin/members", Need::Scope(Scope::MembersRead), members::page)
        .ask("/admin/members/find", Need::Scope(Scope::MembersRead), members::find)
        .get("/admin/members/new", writes, members::register::page)
        .post("/admin/members/register", writes, members::register::register)
        .get("/admin/members/{id}", Need::Scope(Scope::MembersRead), member::page)
        .post("/admin/members/{id}/adjust", adjusts, member::adjust)
        .post("/admin/members/{id}/status", adjusts, member::status)
        .post("/admin/members/{id}/cards", adjusts, member::cards)
        .post("/admin/members/{id}/holders", Need::Scope(Scope::MembersIdentify), member::holders)
        .post("/admin/members/{id}/tags", Need::Scope(Scope::TagsWrite), member::tags)
        .post("/admin/members/{id}/tier", Need::Scope(Scope::TiersGive), member::tier)
        .post("/admin/members/{id}/offers", Need::Scope(Scope::OffersGive), member::offers)
        .post("/admin/members/{id}/person", writes, member::person)
        .post("/admin/members/{id}/consents", Need::Scope(Scope::ConsentsWrite), member::consents)
        .get("/admin/members/{id}/merge", merges, member::merge_page)
        .ask("/admin/members/{id}/merge/preview", merges, member::preview)
        .post("/admin/members/{id}/merge", merges, member::merge)
        .post("/admin/members/{id}/export", Need::Scope(Scope::MembersExport), member::export)
        .post("/admin/members/{id}/erase", Need::Scope(Scope::MembersErase), member::erase)
}

/// Orders, and why each came out so.
fn order_doors(doors: Doors) -> Doors {
    let (reads, writes) = (Need::Scope(Scope::OrdersRead), Need::Scope(Scope::OrdersWrite));
    doors
        .get("/admin/entries/{id}", reads, receipt::page)
        .get("/admin/orders", reads, orders::page)
        .get("/admin/orders/{shop}/{id}", reads, orders::order::page)
        .post("/admin/orders/{shop}/{id}/return", writes, orders::order::back)
        .post("/admin/orders/{shop}/{id}/cancel", writes, orders::order::cancel)
}

/// What members are told, and in whose words.
fn message_doors(doors: Doors) -> Doors {
    let need = Need::Scope(Scope::MessagesManage);
    doors
        .get("/admin/messages", need, messages::page)
        .get("/admin/messages/log", need, messages::log::page)
        .get("/admin/messages/{event}/{channel}/{language}", need, messages::template::page)
        .post("/admin/messages/{event}/{channel}/{language}", need, messages::template::change)
        .ask("/admin/messages/{event}/{channel}/{language}/preview", need, messages::template::preview)
        .post("/admin/messages/{event}/{channel}/{language}/test", need, messages::template::test)
}

/// How and when members are written to, and the time of a trial.
fn settings_doors(doors: Doors) -> Doors {
    let need = Need::Scope(Scope::MessagesManage);
    doors
        .get("/admin/settings", need, settings::page)
        .post("/admin/settings/messaging", need, settings::save)
        .get("/admin/settings/senders", need, settings::senders::page)
        .post("/admin/settings/senders/{channel}", need, settings::senders::change)
        .get("/admin/settings/clock", Need::Scope(Scope::ProgramRead), settings::clock::page)
        .post("/admin/settings/clock", Need::Scope(Scope::Clock), settings::clock::set)
}

/// Who brings friends, and from which sites.
fn referral_doors(doors: Doors) -> Doors {
    doors
        .get("/admin/referral", Need::Scope(Scope::ProgramRead), referral::page)
        .ask("/admin/referral/find", Need::Scope(Scope::MembersRead), referral::find)
        .post("/admin/referral/sites", Need::Scope(Scope::ReferralsWrite), referral::sites::change)
}

/// Every page of the admin with made-up content.
pub fn samples(language: Language) -> Vec<Sample> {
    let mut samples = vec![
        of("sign-in", sign_in::SignInPage::sample(language)),
        of("sign-in-code", sign_in::SignInPage::sample_of_code(language)),
        of("nobody", sign_in::NobodyPage { frame: Frame::sample(language) }),
        of("start", start::StartPage::sample(language)),
        of("start-over", start::StartOverPage { frame: Frame::sample(language) }),
        of("account", account::AccountPage::sample(language)),
        of("account-with-code", account::AccountPage::sample_with_code(language)),
        of("team", team::TeamPage::sample(language)),
        of("audit", audit::AuditPage::sample(language)),
        of("design", design::DesignPage::sample(language)),
        of("home", home::HomePage::sample(language)),
        of("home-without-program", home::HomePage::sample_without_program(language)),
        of("keys", keys::KeysPage::sample(language)),
        of("webhooks", webhooks::WebhooksPage::sample(language)),
        of("webhook", webhooks::WebhookPage::sample(language)),
        of("reports", reports::ReportsPage::sample(language)),
        of("reports-empty", reports::ReportsPage::sample_empty(language)),
        of("economics", economics::EconomicsPage::sample(language)),
        of("economics-empty", economics::EconomicsPage::sample_empty(language)),
        of("members", members::MembersPage::sample(language)),
        of("members-none", members::MembersPage::sample_empty(language)),
        of("member-new", members::register::NewMemberPage::sample(language)),
        of("member-merge", member::MergePage::sample(language)),
        of("member-merge-asked", member::MergePage::sample_empty(language)),
        of("entry", receipt::EntryPage::sample(language)),
        of("orders", orders::OrdersPage::sample(language)),
        of("orders-none", orders::OrdersPage::sample_empty(language)),
        of("order", orders::order::OrderPage::sample(language)),
        of("try", try_cart::TryPage::sample(language)),
        of("messages", messages::MessagesPage::sample(language)),
        of("message", messages::template::TemplatePage::sample(language)),
        of("message-log", messages::log::LogPage::sample(language)),
        of("message-log-empty", messages::log::LogPage::sample_empty(language)),
        of("settings", settings::SettingsPage::sample(language)),
        of("senders", settings::senders::SendersPage::sample(language)),
        of("clock", settings::clock::ClockPage::sample(language)),
        of("clock-live", settings::clock::ClockPage::sample_live(language)),
        of("referral", referral::ReferralPage::sample(language)),
        of("referral-empty", referral::ReferralPage::sample_empty(language)),
    ];
    samples.extend(market::samples(language));
    samples.extend(list_samples(language));
    samples.extend(program::samples(language));
    samples.extend(member::MemberPage::samples(language));
    samples
}

/// Pages of lists, and of what is given to many.
fn list_samples(language: Language) -> Vec<Sample> {
    vec![
        of("accruals", accruals::AccrualsPage::sample(language)),
        of("accruals-none", accruals::AccrualsPage::sample_empty(language)),
        of("accrual-new", accruals::new::NewAccrualPage::sample(language)),
        of("accrual-new-without-segments", accruals::new::NewAccrualPage::sample_without_segments(language)),
        of("segments", segments::SegmentsPage::sample(language)),
        of("segments-none", segments::SegmentsPage::sample_empty(language)),
        of("segment", segments::SegmentPage::sample(language)),
        of("segment-nobody", segments::SegmentPage::sample_empty(language)),
        of("products", products::ProductsPage::sample(language)),
        of("products-none", products::ProductsPage::sample_empty(language)),
        of("product", products::one::ProductPage::sample(language)),
        of("product-new", products::one::ProductPage::sample_new(language)),
        of("product-to-read", products::one::ProductPage::sample_to_read(language)),
        of("accrual", accruals::one::AccrualPage::sample(language)),
        of("accrual-none", accruals::one::AccrualPage::sample_empty(language)),
        of("imports", imports::ImportsPage::sample(language)),
        of("imports-none", imports::ImportsPage::sample_empty(language)),
        of("import-columns", imports::steps::ImportPage::sample_columns(language)),
        of("import-history", imports::steps::ImportPage::sample_history(language)),
        of("import-looked", imports::steps::ImportPage::sample_looked(language)),
        of("import-running", imports::steps::ImportPage::sample_running(language)),
        of("import-stopped", imports::steps::ImportPage::sample_stopped(language)),
        of("import-done", imports::steps::ImportPage::sample_done(language)),
    ]
}
