//! Coupon codes that are made one by one, and what became of a code.
//!
//! Invariant: a made code is new, whoever else makes codes at the same time: the store takes each once. Codes
//! that were handed to the caller are on disk. What is asked for again under its key gives the same codes.

use super::Service;
use crate::error::ServiceError;
use crate::identifiers::IdentifierKey;
use crate::write::MemberRef;
use kopilka_core::ShortText;
use kopilka_core::counters::{of_campaign, of_campaign_money, of_code};
use kopilka_core::coupon::{CouponCode, MadeCode};
use kopilka_core::gift::GIFT_CARD;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::money::Money;
use kopilka_core::program::{Campaign, Program};
use kopilka_core::time::Instant;
use kopilka_store::StoreError;
use std::sync::Arc;

/// Codes of one transaction: the file's writer is not kept from commands for longer than a group's time.
const BATCH: usize = 2_000;
/// A prefix is a word, not a sentence.
pub const PREFIX_CHARS_MAX: usize = 12;
/// As many codes as one request or command makes.
pub const CODES_MAX: usize = 1_000_000;

/// Codes that somebody asks for.
#[derive(Debug, Clone, Default)]
pub struct NewCodes {
    pub campaign: String,
    pub count: usize,
    /// Letters and digits that every code begins with.
    pub prefix: String,
    /// Whose they are; anybody's when left out.
    pub member: Option<MemberRef>,
    pub expires_at: Option<Instant>,
    /// The same asked for again under the same key is answered with the same codes; without a key every
    /// request makes others.
    pub key: Option<String>,
}

/// A campaign with what has become of it.
#[derive(Debug, Clone)]
pub struct CampaignUses {
    /// Orders that have, or have reserved, a coupon of it.
    pub uses: i64,
    /// Money it took off; counted where it has a budget.
    pub money: Option<Money>,
}

/// What is known of a code.
#[derive(Debug, Clone)]
pub struct CodeState {
    pub code: CouponCode,
    pub campaign: ShortText,
    /// Made by the engine; otherwise everybody may know it.
    pub made: Option<MadeCode>,
    /// Orders that have it; counted where a limit asks for it.
    pub uses: Option<i64>,
}

impl Service {
    fn present_program(&self, program: ProgramId) -> Result<Arc<Program>, ServiceError> {
        self.present(program).map(|(present, _)| present)
    }

    /// Makes codes and hands them over as they are on disk, some thousands at a time; stops when `take`
    /// answers `false`. Refused where the campaign is unknown or has codes of its own.
    pub async fn make_codes(
        &self,
        program: ProgramId,
        new: NewCodes,
        mut take: impl FnMut(&[CouponCode]) -> bool,
    ) -> Result<usize, ServiceError> {
        let present = self.present_program(program)?;
        let campaign = present.coupons.campaign(&new.campaign).ok_or(ServiceError::CampaignUnknown)?;
        if !campaign.has_made_codes() {
            return Err(ServiceError::CampaignHasCodes);
        }
        if !prefix_fits(&new.prefix) {
            return Err(ServiceError::CodePrefix);
        }
        let owner = match &new.member {
            Some(member) => Some(self.find_member(program, member.clone()).await?),
            None => None,
        };
        let mut numbers = Numbers::of(&self.shared.secret, program, &new, owner);
        let mut made = 0;
        while made < new.count.min(CODES_MAX) {
            let wanted = (new.count - made).min(BATCH);
            let drawn = coupons(&campaign.id, &new.prefix, owner, new.expires_at, numbers.next(wanted)?)?;
            let first = numbers.first().map(|number| code_of(&new.prefix, number)).transpose()?;
            let kept = self.keep_codes(program, drawn, first).await?;
            made += kept.len();
            if !take(&kept) {
                break;
            }
        }
        Ok(made)
    }

    /// Writes what is new of these codes; answers those, and those that the same request has made before. All
    /// codes of a request under a key bear the moment of its `first` one, which tells them from others.
    async fn keep_codes(
        &self,
        program: ProgramId,
        drawn: Vec<MadeCode>,
        first: Option<CouponCode>,
    ) -> Result<Vec<CouponCode>, ServiceError> {
        self.alone(move |engine| {
            let now = engine.shared.program(program).map(|state| engine.shared.now_of(&state))?;
            let kept = engine.transaction(|engine| {
                let made_at = |code: &CouponCode| engine.writer.reads().coupon_made_at(program, code);
                let begun = first.as_ref().map(made_at).transpose()?.flatten();
                let at = begun.unwrap_or(now);
                let mut kept = Vec::with_capacity(drawn.len());
                for coupon in drawn {
                    let is_new =
                        engine.writer.insert_coupons(program, std::slice::from_ref(&coupon), at)? == 1;
                    if is_new || (begun.is_some() && made_at(&coupon.code)? == begun) {
                        kept.push(coupon.code);
                    }
                }
                Ok::<_, StoreError>(kept)
            })?;
            Ok(kept)
        })
        .await?
    }

    /// Withdraws a made code, or gives it back.
    pub async fn block_code(
        &self,
        program: ProgramId,
        code: CouponCode,
        blocked: bool,
    ) -> Result<(), ServiceError> {
        let known = code.clone();
        let made = self.read(move |r| r.coupon(program, &known)).await?;
        if made.is_some_and(|made| made.campaign == GIFT_CARD) {
            return Err(ServiceError::CouponUnknown);
        }
        let found = self
            .alone(move |engine| {
                engine.transaction(|engine| engine.writer.set_coupon_blocked(program, &code, blocked))
            })
            .await??;
        if found { Ok(()) } else { Err(ServiceError::CouponUnknown) }
    }

    /// What is known of a code, made or shared.
    pub async fn code(&self, program: ProgramId, code: CouponCode) -> Result<CodeState, ServiceError> {
        let present = self.present_program(program)?;
        let asked = code.clone();
        let (made, uses) = self
            .read(move |r| Ok((r.coupon(program, &asked)?, r.counter(program, &of_code(&asked))?)))
            .await?;
        let made = made.filter(|made| made.campaign != GIFT_CARD);
        let shared = present.coupons.of_shared(&code).map(|campaign| campaign.id.clone());
        let campaign = shared.or_else(|| made.as_ref().map(|made| made.campaign.clone()));
        let campaign = campaign.ok_or(ServiceError::CouponUnknown)?;
        let limits = present.coupons.campaign(&campaign).map(|c| c.limits);
        let counted = limits.is_some_and(|limits| limits.per_code.is_some());
        Ok(CodeState { code, campaign, made, uses: counted.then_some(uses) })
    }

    /// How often each of these campaigns was used.
    pub async fn campaign_uses(
        &self,
        program: ProgramId,
        campaigns: &[Campaign],
    ) -> Result<Vec<CampaignUses>, ServiceError> {
        let asked: Vec<(ShortText, Option<ShortText>)> = campaigns
            .iter()
            .map(|c| (of_campaign(&c.id), c.limits.budget.map(|_| of_campaign_money(&c.id))))
            .collect();
        self.read(move |r| {
            let uses = asked.iter().map(|(uses, money)| {
                let money = money.as_ref().map(|what| r.counter(program, what)).transpose()?;
                Ok(CampaignUses { uses: r.counter(program, uses)?, money: money.map(Money) })
            });
            uses.collect()
        })
        .await
    }
}

pub(super) fn prefix_fits(prefix: &str) -> bool {
    prefix.len() <= PREFIX_CHARS_MAX && prefix.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Sixty-four bits for each code.
enum Numbers<'a> {
    Random,
    /// Of the installation's secret and all that was asked for, so that nobody tells one from another.
    Keyed {
        secret: &'a IdentifierKey,
        seed: [u8; 32],
        next: u64,
    },
}

impl Numbers<'_> {
    fn of<'a>(
        secret: &'a IdentifierKey,
        program: ProgramId,
        new: &NewCodes,
        owner: Option<MemberId>,
    ) -> Numbers<'a> {
        let Some(key) = &new.key else { return Numbers::Random };
        let numbers = [program.0, new.count as i64, owner.map_or(-1, |owner| owner.0)];
        let end = new.expires_at.map_or(i64::MAX, |end| end.0);
        let numbers: Vec<u8> = numbers.iter().chain([&end]).flat_map(|n| n.to_be_bytes()).collect();
        let (campaign, prefix) = (new.campaign.as_bytes(), new.prefix.as_bytes());
        let seed = secret.hash(&[b"coupon-codes", &numbers, campaign, prefix, key.as_bytes()]);
        Numbers::Keyed { secret, seed, next: 0 }
    }

    fn keyed(secret: &IdentifierKey, seed: &[u8; 32], at: u64) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = secret.hash(&[b"coupon-code", seed, &at.to_be_bytes()]);
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// The one that the whole request begins with; none where it is never asked for again.
    fn first(&self) -> Option<u64> {
        match self {
            Numbers::Random => None,
            Numbers::Keyed { secret, seed, .. } => Some(Numbers::keyed(secret, seed, 0)),
        }
    }

    fn next(&mut self, count: usize) -> Result<Vec<u64>, ServiceError> {
        match self {
            Numbers::Random => random(count),
            Numbers::Keyed { secret, seed, next } => {
                let from = *next;
                *next += count as u64;
                Ok((from..*next).map(|at| Numbers::keyed(secret, seed, at)).collect())
            }
        }
    }
}

fn random(count: usize) -> Result<Vec<u64>, ServiceError> {
    let mut random = vec![0_u8; count * 8];
    getrandom::fill(&mut random).map_err(|e| ServiceError::Storage(format!("no randomness: {e}")))?;
    let eight = random.chunks_exact(8).map(|bytes| {
        let mut number = [0_u8; 8];
        number.copy_from_slice(bytes);
        u64::from_le_bytes(number)
    });
    Ok(eight.collect())
}

fn code_of(prefix: &str, number: u64) -> Result<CouponCode, ServiceError> {
    CouponCode::make(prefix, number).ok_or(ServiceError::CodePrefix)
}

fn coupons(
    campaign: &ShortText,
    prefix: &str,
    owner: Option<MemberId>,
    expires_at: Option<Instant>,
    numbers: Vec<u64>,
) -> Result<Vec<MadeCode>, ServiceError> {
    let made = numbers.into_iter().map(|number| {
        let code = code_of(prefix, number)?;
        Ok(MadeCode { code, campaign: campaign.clone(), owner, expires_at, blocked: false })
    });
    made.collect()
}

/// One code of random bits.
pub(super) fn draw(campaign: &ShortText, prefix: &str) -> Result<Vec<MadeCode>, ServiceError> {
    coupons(campaign, prefix, None, None, random(1)?)
}
