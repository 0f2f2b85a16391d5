//! Orders, and the entries that touched them.

use crate::codec;
use crate::error::StoreError;
use crate::project::Consumer;
use crate::reader::Reader;
use crate::rows::*;
use crate::sql::{command, lookup};
use crate::value::params;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::ledger::Event;
use kopilka_core::order::{OrderKey, OrderState};
use kopilka_core::referral::OF_OTHERS;
use std::collections::BTreeSet;

impl Reader {
    /// The order and whose it is.
    pub fn order(
        &self,
        program: ProgramId,
        key: &OrderKey,
    ) -> Result<Option<(MemberId, OrderState)>, StoreError> {
        let Some(target) = self.find(program, &Name::order(key))? else { return Ok(None) };
        Ok(self.order_of(program, target.member, key)?.map(|state| (target.member, state)))
    }
    pub fn order_of(
        &self,
        program: ProgramId,
        member: MemberId,
        key: &OrderKey,
    ) -> Result<Option<OrderState>, StoreError> {
        let named = params![member.0, key.shop.as_str(), key.order.as_str(), program.0];
        self.one(command::ORDER, named, codec::order)
    }
    /// All orders of a member, in order of shop and id.
    pub fn orders_of_member(
        &self,
        program: ProgramId,
        member: MemberId,
    ) -> Result<Vec<OrderState>, StoreError> {
        self.many(lookup::ORDERS_OF_MEMBER, params![member.0, program.0], codec::order)
    }

    /// A referrer's rows of what others registered and bought, by level and member.
    pub fn heard_of(
        &self,
        program: ProgramId,
        member: MemberId,
        limit: usize,
    ) -> Result<Vec<OrderState>, StoreError> {
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        self.many(lookup::HEARD_OF, params![member.0, program.0, OF_OTHERS, most], codec::order)
    }

    /// The newest paid orders of which something remains, the newest first.
    pub fn paid_orders(
        &self,
        program: ProgramId,
        member: MemberId,
        most: usize,
    ) -> Result<Vec<OrderState>, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.many(command::ORDERS_PAID, params![member.0, program.0, most], codec::order)
    }

    /// Every entry that touched the order, oldest first; includes what the projection has not reached yet.
    pub fn entries_of_order(&self, program: ProgramId, key: &OrderKey) -> Result<Vec<EntryRow>, StoreError> {
        let Some(target) = self.find(program, &Name::order(key))? else { return Ok(Vec::new()) };
        let mut ids = BTreeSet::new();
        let projected = self.cursor(Consumer::Pages)?;
        let state = self.order_of(program, target.member, key)?;
        // What it was as a guest's stands in that row's journal.
        let guest = state.and_then(|order| order.claimed).map(|claimed| claimed.from);
        for account in self.accounts_of(program, target.member)?.into_iter().chain(guest) {
            ids.extend(self.order_entries_kept(program, account, key)?);
            let mut next = self.head(program, account)?.map_or(EntryId(0), |(_, head)| head);
            while next > projected {
                let Some(entry) = self.entry(program, next)? else { break };
                if orders_touched(&entry.events).contains(key) {
                    ids.insert(entry.id);
                }
                next = entry.prev;
            }
        }
        let mut out = Vec::with_capacity(ids.len());
        for id in ids {
            out.extend(self.entry(program, id)?);
        }
        Ok(out)
    }

    pub(crate) fn order_entries_kept(
        &self,
        program: ProgramId,
        member: MemberId,
        key: &OrderKey,
    ) -> Result<Vec<EntryId>, StoreError> {
        let named = params![member.0, key.shop.as_str(), key.order.as_str(), program.0];
        self.many(lookup::ORDER_ENTRIES, named, |row| Ok(EntryId(row.int(0)?)))
    }
}

/// The orders that an entry's events changed, or that a lot was issued for.
pub fn orders_touched(events: &[Event]) -> BTreeSet<OrderKey> {
    let mut keys: BTreeSet<OrderKey> = events.iter().filter_map(order_of_event).cloned().collect();
    for event in events {
        if let Event::Merge(event) = event {
            keys.extend(event.orders().into_iter().cloned());
        }
    }
    keys
}

/// Named one by one: an event of an order that is forgotten here would leave its row behind.
#[rustfmt::skip]
fn order_of_event(event: &Event) -> Option<&OrderKey> {
    use Event::*;
    match event {
        PointsHeld { order, .. } | HoldProlonged { order, .. } | HoldCaptured { order, .. }
        | HoldReleased { order, .. } | HoldLapsed { order }
        | ShortfallOwed { order, .. } | ShortfallBorne { order, .. } | ShortfallOwedBack { order, .. }
        | ShortfallBorneBack { order, .. } | ShortfallRepaidBack { order, .. }
        | OrderCounted { order, .. } | LotsDated { order, .. } | OrderEarned { order, .. }
        | CreditsSettled { order, .. } | CreditsTaken { order, .. }
        | OrderChanged { order, .. } | OrderTold { order, .. } | OrderPaid { order, .. }
        | OrderCompleted { order, .. } | PiecesReturned { order, .. } | OrderCancelled { order, .. }
        | UsesReserved { order, .. } | UsesSettled { order }
        | CouponTaken { order, .. } | CouponFreed { order, .. }
        | OfferTaken { order, .. } | OfferFreed { order, .. }
        | GiftCardsSet { order, .. } | GiftCardsBack { order, .. } => Some(order),
        LotRevoked { order, .. } | ClawbackOwed { order, .. } | ClawbackBorne { order, .. }
        | PointsSpent { order, .. } | PointsCameBack { order, .. } | Granted { order, .. }
        | MessageAsked { order, .. } | WebhookAsked { order, .. } => order.as_ref(),
        OrderPlaced { order } | OrderMarkedCancelled { order } => Some(&order.key),
        LotIssued { lot } => lot.order.as_ref(),
        Referral(event) => event.order(),
        Guest(event) => Some(event.key()),
        // Of a merge they are many: see `orders_touched`.
        Merge(_) => None,
        Holder(_) => None,
        MemberRegistered { .. } | StatusChanged { .. } | Happened { .. } | BirthdayPassed { .. }
        | ProfileCompleted { .. } | Subscribed { .. } | SilencePassed { .. } | ScheduleCame { .. }
        | UnclaimedSince { .. }
        | LotActivated { .. } | LotExpired { .. } | LotRevived { .. }
        | DebtRepaid { .. } | DebtWrittenOff { .. }
        | TransferSent { .. } | TransferReceived { .. } | TransferDeclined { .. } | TransferCameBack { .. }
        | UseCounted { .. } | MemberUseCounted { .. } | CheckoutCounted { .. }
        | PurchasesBrought { .. } | TierChanged { .. } | AchievementsStarted { .. } | AchievementReached { .. }
        | AchievementGave { .. } | AchievementLost { .. }
        | RewardClaimed { .. } | ClaimSettled { .. }
        | OfferGiven { .. } | OfferActivated { .. } | OfferWithdrawn { .. }
        | GiftCardIssued { .. } | GiftCardChanged { .. } => None,
    }
}
