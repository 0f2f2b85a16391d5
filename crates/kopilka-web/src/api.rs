//! The endpoints under `/v1`: one file each, with its words, its handler and nothing else.

pub mod accruals;
pub mod clock;
pub mod codes;
pub mod consents;
pub mod coupons;
mod earnings;
mod entries;
mod events;
mod gift_cards;
mod guest_orders;
mod members;
mod messages;
pub mod messaging;
pub mod offers;
mod orders;
pub mod products;
pub mod program;
mod quote;
pub mod referrals;
mod reports;
pub mod rewards;
mod segments;
pub mod senders;
pub mod sites;
mod templates;
mod transfers;
mod webhooks;

use crate::app::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Every endpoint with its description. What is missing here is not served.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    of_members().merge(of_sales()).merge(of_the_shop())
}

/// Who they are, what they have, whom rules and operators tell apart.
fn of_members() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(members::register::register_member))
        .routes(routes!(members::lookup::lookup_member))
        .routes(routes!(members::get::get_member, members::patch::patch_member, members::erase::erase_member))
        .routes(routes!(members::export::export_member))
        .routes(routes!(members::merge::merge_members))
        .routes(routes!(members::merge::preview_merge))
        .routes(routes!(members::balance::get_balance))
        .routes(routes!(members::lots::get_lots))
        .routes(routes!(members::entries::get_entries))
        .routes(routes!(members::adjust::adjust_points))
        .routes(routes!(members::status::set_status))
        .routes(routes!(members::cards::set_card))
        .routes(routes!(members::holders::list_holders))
        .routes(routes!(members::holders::put_holder, members::holders::delete_holder))
        .routes(routes!(members::tier::set_tier))
        .routes(routes!(members::tokens::make_token))
        .routes(routes!(members::telegram_links::make_telegram_link))
        .routes(routes!(members::addresses::change_address))
        .routes(routes!(members::tags::set_tags))
        .routes(routes!(consents::list::list_consents, consents::give::give_consents))
        .routes(routes!(consents::withdraw::withdraw_consents))
        .routes(routes!(segments::list::list_segments))
        .routes(routes!(accruals::list::list_accruals))
        .routes(routes!(accruals::list::get_accrual, accruals::put::put_accrual))
        .routes(routes!(accruals::parts::list_accrual_members))
        .routes(routes!(accruals::steps::start_accrual))
        .routes(routes!(accruals::steps::stop_accrual))
        .routes(routes!(accruals::steps::undo_accrual))
        .routes(routes!(segments::members::list_segment_members))
        .routes(routes!(segments::of_member::list_segments_of_member))
        .routes(routes!(referrals::network::get_network))
        .routes(routes!(referrals::visit::count_visit))
        .routes(routes!(sites::list::list_sites, sites::change::claim_site))
        .routes(routes!(sites::change::remove_site))
        .routes(routes!(sites::confirm::confirm_site))
        .routes(routes!(transfers::send::transfer_points))
}

/// What is bought, and what is given with it.
fn of_sales() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(coupons::of_member::get_member_coupons))
        .routes(routes!(coupons::campaigns::list_campaigns))
        .routes(routes!(coupons::make::make_codes))
        .routes(routes!(coupons::get::get_coupon, coupons::block::block_coupon))
        .routes(routes!(rewards::list::list_rewards))
        .routes(routes!(rewards::claim::claim_reward, rewards::claims::list_claims))
        .routes(routes!(rewards::settle::settle_claim))
        .routes(routes!(guest_orders::claim::claim_guest_order, guest_orders::list::list_guest_orders))
        .routes(routes!(guest_orders::bind::bind_guest_order))
        .routes(routes!(offers::give::give_offer, offers::list::list_offers))
        .routes(routes!(offers::activate::activate_offer))
        .routes(routes!(offers::withdraw::withdraw_offer))
        .routes(routes!(gift_cards::issue::issue_gift_card))
        .routes(routes!(gift_cards::left::get_gift_cards_left))
        .routes(routes!(gift_cards::lookup::lookup_gift_card))
        .routes(routes!(gift_cards::change::change_gift_card))
        .routes(routes!(codes::make::make_code))
        .routes(routes!(codes::verify::verify_code))
        .routes(routes!(quote::ask::ask_quote))
        .routes(routes!(earnings::ask::ask_earnings))
        .routes(routes!(orders::get::get_order, orders::put::put_order))
        .routes(routes!(orders::back::return_pieces))
        .routes(routes!(orders::cancel::cancel_order))
        .routes(routes!(orders::exchange::exchange_order))
        .routes(routes!(orders::explain::explain_order))
        .routes(routes!(entries::explain::explain_entry))
}

/// What the shop sets up and is told.
fn of_the_shop() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(program::get::get_program))
        .routes(routes!(clock::get::get_clock, clock::set::set_clock))
        .routes(routes!(products::list::list_products, products::put::put_products))
        .routes(routes!(events::tell::tell_event))
        .routes(routes!(events::stream::stream_events))
        .routes(routes!(webhooks::list::list_webhooks, webhooks::create::create_webhook))
        .routes(routes!(
            webhooks::get::get_webhook,
            webhooks::change::change_webhook,
            webhooks::delete::delete_webhook
        ))
        .routes(routes!(senders::list::list_senders))
        .routes(routes!(senders::list::get_sender, senders::put::put_sender, senders::delete::delete_sender))
        .routes(routes!(senders::test::test_sender))
        .routes(routes!(senders::connect::connect_telegram))
        .routes(routes!(messaging::get::get_messaging, messaging::put::put_messaging))
        .routes(routes!(templates::list::list_templates))
        .routes(routes!(
            templates::own::get_template,
            templates::own::put_template,
            templates::own::delete_template
        ))
        .routes(routes!(templates::preview::preview_template))
        .routes(routes!(templates::test::test_template))
        .routes(routes!(messages::list::list_messages))
        .routes(routes!(messages::list::get_message))
        .routes(routes!(webhooks::rotate::rotate_secret))
        .routes(routes!(webhooks::test::test_webhook))
        .routes(routes!(webhooks::replay::replay_events))
        .routes(routes!(webhooks::deliveries::list_deliveries))
        .routes(routes!(webhooks::retry::retry_delivery))
        .routes(routes!(program::check::check_program))
        .routes(routes!(program::versions::list_versions, program::publish::publish_program))
        .routes(routes!(program::versions::get_version))
        .routes(routes!(program::difference::get_difference))
        .routes(routes!(program::drafts::list_drafts))
        .routes(routes!(
            program::drafts::get_draft,
            program::drafts::put_draft,
            program::drafts::delete_draft
        ))
        .routes(routes!(program::drafts::get_draft_difference))
        .routes(routes!(reports::expiring::report_expiring))
        .routes(routes!(reports::fraud::report_fraud))
}
