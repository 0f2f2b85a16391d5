//! Who comes by whose link: visits, and the referrer that a registration names.
//!
//! Invariant: a visitor is known by a keyed hash alone and leads to one member; a referrer's row is written
//! only by the referrer's own commands, what a registration needs of it is that it is there.

use super::{Engine, Stop, Turn};
use crate::identifiers::Who;
use crate::overlay::Overlay;
use crate::prepare::Inviter;
use crate::write::Done;
use kopilka_core::decide::{Command, Outcome};
use kopilka_core::ids::MemberId;
use kopilka_core::ledger::Event;
use kopilka_core::member::MemberStatus;
use kopilka_core::program::Touch;
use kopilka_core::referral::{How, ReferralEvent};
use kopilka_core::refusal::Refusal;
use kopilka_store::rows::{Name, Target};

impl Engine {
    /// A visit by a member's link. Who came before by the same link, or by another's where the first counts,
    /// is no new visitor.
    pub(super) fn visit(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        (by, site): (&Who, bool),
        visitor: &Name,
    ) -> Result<Done, Stop> {
        let referrer = match by {
            Who::Id(member) | Who::Holder(member, _) => *member,
            Who::Named(host) => {
                let target = overlay.find(&self.writer, turn.id(), host)?;
                target.ok_or(Refusal::SiteUnknown)?.member
            }
        };
        self.known_referrer(overlay, turn, referrer)?;
        let referrer = self.account_of(overlay, turn, referrer)?;
        if let Some(done) = self.first_answer(overlay, referrer, turn.write)? {
            return Ok(done);
        }
        let known = self.fresh(overlay, turn, visitor)?;
        let stays = match known {
            Some((by, _)) => by == referrer || turn.program.referral.touch == Touch::First,
            None => false,
        };
        if stays {
            self.run_due(overlay, turn.state, turn.now, referrer)?;
            return self.finish(overlay, turn, referrer, None, Outcome::Visited { counted: false });
        }
        let done = self.execute(overlay, turn, referrer, &Command::CountVisit { site })?;
        if let Some(before) = overlay.find(&self.writer, turn.id(), visitor)? {
            overlay.remove_name(turn.id(), visitor.clone(), before.member);
        }
        overlay.add_name(turn.id(), visitor.clone(), Target { member: referrer, entry: done.entry });
        Ok(done)
    }

    /// By whose link or site the visitor came, while that counts.
    fn fresh(
        &self,
        overlay: &Overlay,
        turn: &Turn<'_>,
        visitor: &Name,
    ) -> Result<Option<(MemberId, How)>, Stop> {
        let Some(target) = overlay.find(&self.writer, turn.id(), visitor)? else { return Ok(None) };
        let Some(entry) = target.entry else { return Ok(None) };
        let Some(came) = overlay.entry(&self.writer, turn.id(), target.member, entry)? else {
            return Ok(None);
        };
        let ends = turn.program.zone.plus(came.recorded_at, turn.program.referral.within);
        let from_site =
            |event: &Event| matches!(event, Event::Referral(ReferralEvent::Visited { site: true, .. }));
        let how = if came.events.iter().any(from_site) { How::Site } else { How::Link };
        Ok((ends > turn.now).then_some((target.member, how)))
    }

    /// The referrer of a registration; a code of nobody is refused, a visitor of nobody came alone.
    pub(super) fn inviter(
        &self,
        overlay: &Overlay,
        turn: &Turn<'_>,
        inviter: &Inviter,
    ) -> Result<Option<(MemberId, How)>, Stop> {
        match inviter {
            Inviter::Member(member) => {
                self.known_referrer(overlay, turn, *member).map(|()| Some((*member, How::Link)))
            }
            Inviter::Visitor(name) => {
                let by = self.fresh(overlay, turn, name)?;
                Ok(by.filter(|(by, _)| self.known_referrer(overlay, turn, *by).is_ok()))
            }
        }
    }

    fn known_referrer(&self, overlay: &Overlay, turn: &Turn<'_>, member: MemberId) -> Result<(), Stop> {
        let status = match overlay.status_of(turn.id(), member) {
            Some(status) => Some(status),
            None => self.writer.reads().member(turn.id(), member)?.map(|row| row.member.status),
        };
        // Who was erased brings nobody any more.
        match status {
            None | Some(MemberStatus::Anonymized) => Err(Refusal::ReferrerUnknown.into()),
            Some(_) => Ok(()),
        }
    }
}
