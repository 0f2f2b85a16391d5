//! Refused decisions and failures of the service as problems.

use super::Problem;
use crate::scopes::Scope;
use axum::http::StatusCode;
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;
use kopilka_core::words;
use kopilka_service::messages::senders::SenderProblem;
use kopilka_service::messages::templates::TemplateProblem;
use kopilka_service::{ServiceError, WEBHOOKS_MAX};

impl Problem {
    /// A refusal of the rules, in the figures of the program.
    pub fn refused(refusal: &Refusal, program: &Program) -> Problem {
        Problem {
            status: status(refusal),
            code: refusal.code(),
            detail: words::refusal(program, refusal),
            pointer: None,
            params: params(refusal, program).into_iter().map(|(name, text)| (name, text.into())).collect(),
        }
    }

    /// Whatever kept the service from doing it. Texts of the storage go to the log, not to the caller.
    pub fn of_service(error: ServiceError, program: &Program) -> Problem {
        match error {
            ServiceError::Refused(refusal) => Problem::refused(&refusal, program),
            ServiceError::IdentifiersKept => {
                Problem::of("scope_missing").with("scope", Scope::MembersIdentify.name())
            }
            ServiceError::AddressUnproven => Problem::of("code_of_another"),
            ServiceError::IdempotencyConflict => Problem::of("idempotency_conflict"),
            ServiceError::ProgramUnknown => Problem::of("program_unknown"),
            ServiceError::ClockOfLiveProgram => Problem::of("clock_of_live_program"),
            ServiceError::ClockBackwards { now } => {
                Problem::of("clock_backwards").with("now", now).at("/now")
            }
            ServiceError::KeyUnknown => Problem::of("key_unknown"),
            ServiceError::CampaignUnknown => Problem::of("campaign_unknown"),
            ServiceError::CampaignHasCodes => Problem::of("campaign_has_codes"),
            ServiceError::CodePrefix => Problem::of("code_prefix").at("/prefix"),
            ServiceError::CouponUnknown => Problem::of("coupon_unknown"),
            ServiceError::WebhookUnknown => Problem::of("webhook_unknown"),
            ServiceError::DeliveryUnknown => Problem::of("delivery_unknown"),
            ServiceError::WebhookUrl(why) => Problem::of("webhook_url_refused").with("why", why.code()),
            ServiceError::EventTypeUnknown(event) => Problem::of("event_type_unknown").with("event", event),
            ServiceError::TooManyWebhooks => Problem::of("too_many_webhooks").with("limit", WEBHOOKS_MAX),
            ServiceError::SenderUnknown => Problem::of("sender_unknown"),
            ServiceError::SenderInvalid(problem) => of_sender(problem),
            ServiceError::TelegramNotConnected => Problem::of("telegram_not_connected"),
            ServiceError::TelegramRefused(why) => Problem::of("telegram_refused").with("why", why),
            ServiceError::MessageInvalid(part) => Problem::of("message_invalid").with("part", part),
            ServiceError::MessagingInvalid(part) => Problem::of("messaging_invalid").with("part", part),
            ServiceError::TemplateInvalid(TemplateProblem { part, line, why }) => {
                Problem::of("template_invalid").with("part", part).with("line", line).with("why", why)
            }
            ServiceError::TemplateUnknown => Problem::of("template_unknown"),
            ServiceError::MessageUnknown => Problem::of("message_unknown"),
            ServiceError::Secret(error) => {
                tracing::error!(%error, "a secret cannot be read");
                Problem::of("secret_unreadable")
            }
            ServiceError::StorageFull => Problem::of("storage_full"),
            ServiceError::Busy | ServiceError::Stopping => Problem::of("busy"),
            ServiceError::Unavailable => Problem::of("storage_unavailable"),
            ServiceError::Storage(text) => {
                tracing::error!(error = %text, "the storage failed");
                Problem::of("storage_failed")
            }
        }
    }
}

fn of_sender(problem: SenderProblem) -> Problem {
    match problem {
        SenderProblem::Setting(setting) => Problem::of("sender_invalid").with("setting", setting),
        SenderProblem::Template { setting, line, why } => Problem::of("sender_template_invalid")
            .with("setting", setting)
            .with("line", line)
            .with("why", why),
        SenderProblem::Url(why) => Problem::of("sender_url_refused").with("why", why.code()),
        SenderProblem::PresetUnknown(preset) => Problem::of("preset_unknown").with("preset", preset),
        SenderProblem::SecretMissing(secret) => Problem::of("sender_secret_missing").with("secret", secret),
    }
}

fn status(refusal: &Refusal) -> StatusCode {
    use Refusal::*;
    match refusal {
        MemberUnknown
        | OrderUnknown
        | EntryUnknown
        | GiftCardUnknown { .. }
        | RewardUnknown { .. }
        | OfferUnknown { .. }
        | OfferNotHeld { .. }
        | TierUnknown { .. }
        | TagUnknown { .. }
        | ReferrerUnknown
        | CardUnknown
        | HolderUnknown { .. }
        | SiteUnknown
        | NothingToClaim
        | ClaimUnknown => StatusCode::NOT_FOUND,
        MemberAnonymized => StatusCode::GONE,
        MemberBlocked
        | MemberFrozen
        | HolderSpendsNothing { .. }
        | CardBlocked
        | SecondPersonNeeded
        | ContactUnconfirmed => StatusCode::FORBIDDEN,
        IdentifierTaken { .. }
        | PointsHeld { .. }
        | MergeWithSelf
        | MergeUnderWay
        | MergeOpenClaims { .. }
        | MergeHolders { .. }
        | TooManyHolders { .. }
        | MergeTooLarge { .. }
        | MergeTooMany { .. }
        | OrderOfAnotherMember
        | OrderCancelled
        | OrderNotPaid
        | GuestOrdersOff
        | AlreadyClaimed
        | ClaimTooLate
        | ClaimUnderWay
        | UseReturns
        | ReturnExceeds { .. }
        | NothingToReturn
        | CouponRefused { .. }
        | RewardNotOffered { .. }
        | RewardNotForMember { .. }
        | RewardLimit { .. }
        | RewardGone { .. }
        | TooManyClaims { .. }
        | TooManyConsents { .. }
        | TooManySites { .. }
        | OfferEnded { .. }
        | OfferNotForMember { .. }
        | TooManyOffers { .. }
        | GiftCardTaken { .. }
        | GiftCardBlocked { .. }
        | GiftCardExpired { .. }
        | GiftCardInsufficient { .. }
        | InsufficientPoints { .. }
        | SpendingLimit { .. }
        | QuoteChanged { .. }
        | CodeRequired { .. }
        | ContactNeeded
        | NotReversible => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn params(refusal: &Refusal, program: &Program) -> Vec<(&'static str, String)> {
    use Refusal::*;
    let money = |amount| program.currency.format(amount);
    let points = |points| program.points.format(points);
    match refusal {
        TooManyLines { lines } => vec![("lines", lines.to_string())],
        DuplicateLine { line }
        | QuantityOutOfRange { line }
        | AmountOutOfRange { line }
        | DiscountAboveAmount { line }
        | LineUnknown { line } => vec![("line", line.clone())],
        EventDataInvalid { event, data } => vec![("event", event.clone()), ("data", data.clone())],
        EventUnknown { event } => vec![("event", event.clone())],
        AttributeUnknown { attribute } | AttributeValueInvalid { attribute } => {
            vec![("attribute", attribute.clone())]
        }
        HolderSpendsNothing { holder } | HolderUnknown { holder } => vec![("holder", holder.0.to_string())],
        MergeHolders { holders } | TooManyHolders { holders } => vec![("holders", holders.to_string())],
        MergeOpenClaims { claims } => vec![("claims", claims.to_string())],
        MergeTooLarge { orders } => vec![("orders", orders.to_string())],
        MergeTooMany { accounts } => vec![("accounts", accounts.to_string())],
        TooManyConsents { consents } => vec![("consents", consents.to_string())],
        TooManySites { sites } => vec![("sites", sites.to_string())],
        TierUnknown { tier } => vec![("tier", tier.clone())],
        TagUnknown { tag } => vec![("tag", tag.clone())],
        RewardUnknown { reward }
        | RewardNotOffered { reward }
        | RewardNotForMember { reward }
        | RewardLimit { reward }
        | RewardGone { reward } => vec![("reward", reward.clone())],
        OfferUnknown { offer }
        | OfferNotHeld { offer }
        | OfferEnded { offer }
        | OfferNotForMember { offer } => vec![("offer", offer.clone())],
        TooManyOffers { offers } => vec![("offers", offers.to_string())],
        TooManyClaims { claims } => vec![("claims", claims.to_string())],
        TooManyGiftCards { cards } => vec![("cards", cards.to_string())],
        GiftCardUnknown { code }
        | GiftCardTaken { code }
        | GiftCardRepeated { code }
        | GiftCardBlocked { code }
        | GiftCardExpired { code } => vec![("card", code.clone())],
        GiftCardAmount { minimum, maximum } => {
            vec![("minimum", money(*minimum)), ("maximum", money(*maximum))]
        }
        GiftCardInsufficient { code, available, wanted } => {
            vec![("card", code.clone()), ("available", money(*available)), ("wanted", money(*wanted))]
        }
        TooManyCoupons { coupons } => vec![("coupons", coupons.to_string())],
        CouponRefused { code, why } => vec![("coupon", code.clone()), ("why", why.code().to_owned())],
        IdentifierTaken { kind } | InvalidIdentifier { kind } => vec![("kind", (*kind).to_owned())],
        ReturnExceeds { line, remaining } => vec![("line", line.clone()), ("remaining", remaining.text())],
        BelowMinimumOrder { minimum } => vec![("minimum", money(*minimum))],
        SpendingStep { step, wanted } => vec![("step", points(*step)), ("wanted", points(*wanted))],
        BelowMinimumPoints { minimum } | TransferBelowMinimum { minimum } => {
            vec![("minimum", points(*minimum))]
        }
        CodeRequired { points: wanted } => vec![("points", points(*wanted))],
        PointsHeld { points: held } => vec![("points", points(*held))],
        TransferAboveMaximum { maximum } => vec![("maximum", points(*maximum))],
        InsufficientPoints { available, wanted } => {
            vec![("available", points(*available)), ("wanted", points(*wanted))]
        }
        SpendingLimit { limit, wanted } => vec![("limit", points(*limit)), ("wanted", points(*wanted))],
        QuoteChanged { to_pay, points: spent } => {
            vec![("to_pay", money(*to_pay)), ("points", points(*spent))]
        }
        _ => Vec::new(),
    }
}

/// Puts the pointer of a refusal that names a line to where the line stands in the body.
pub fn at_line<'a>(problem: Problem, ids: impl Iterator<Item = &'a str>, parent: &str) -> Problem {
    let Some((_, line)) = problem.params.iter().find(|(name, _)| *name == "line") else { return problem };
    let Some(line) = line.as_str().map(str::to_owned) else { return problem };
    let mut ids = ids.enumerate().filter(|(_, id)| *id == line).map(|(i, _)| i);
    let first = ids.next();
    // Of two lines with the same id the second is the one too many.
    let at = if problem.code == "duplicate_line" { ids.next().or(first) } else { first };
    match at {
        Some(at) => problem.at(format!("{parent}/{at}")),
        None => problem,
    }
}
