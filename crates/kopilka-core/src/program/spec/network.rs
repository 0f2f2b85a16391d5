//! Who stands above a test's member: a book for each level, told as the relay would tell them.

use crate::book::{Book, EntryDraft, execute};
use crate::decide::{Command, Context};
use crate::ids::MemberId;
use crate::ledger::Event;
use crate::member::Member;
use crate::points::Points;
use crate::referral::{How, LEVELS_MAX, ReferralEvent, Referrer, Told};

/// The first of them; the others follow.
pub(super) const FIRST: MemberId = MemberId(101);

pub(super) fn is_of_network(id: MemberId) -> bool {
    (0..i64::from(LEVELS_MAX)).any(|level| id.0 == FIRST.0 + level)
}

pub(super) struct Network(Vec<Book>);

impl Network {
    pub fn new(now: crate::time::Instant) -> Network {
        let above = |level: i64| {
            let mut member = Member::new(MemberId(FIRST.0 + level));
            let next = MemberId(member.id.0 + 1);
            member.registered_at = Some(now);
            member.referrer = Some(Referrer { member: next, how: How::Link, at: now, order: None });
            Book::new(member)
        };
        Network((0..i64::from(LEVELS_MAX)).map(above).collect())
    }

    /// Hands on what entries tell the referrers.
    pub fn hear(&mut self, ctx: Context<'_>, drafts: &[EntryDraft]) {
        for event in drafts.iter().flat_map(|draft| &draft.events) {
            if let Event::Referral(ReferralEvent::Told { told, .. }) = event {
                self.pass_on(ctx, told.clone());
            }
        }
    }

    fn pass_on(&mut self, ctx: Context<'_>, told: Told) {
        let mut next = Some(told);
        for book in &mut self.0 {
            let Some(told) = next.take() else { return };
            let heard = execute(ctx, book, &Command::Hear(Box::new(told)));
            let events = heard.ok().and_then(|heard| heard.entry).map(|entry| entry.events);
            next = events.into_iter().flatten().find_map(|event| match event {
                Event::Referral(ReferralEvent::PassedOn { told, .. }) => Some(told),
                _ => None,
            });
        }
    }

    /// What each level has been given, less what was taken back; levels at the end that have nothing are left
    /// out.
    pub fn given(&self) -> Vec<Points> {
        let of = |book: &Book| book.orders.iter().map(|order| order.points_earned_net()).sum();
        let mut given: Vec<Points> = self.0.iter().map(of).collect();
        while given.last().is_some_and(|points| points.is_zero()) {
            given.pop();
        }
        given
    }
}
