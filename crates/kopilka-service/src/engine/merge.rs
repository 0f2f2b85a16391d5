//! Accounts that become one: what the engine does beside the rules.
//!
//! Invariant: no account takes part in two merges at once, which a directory row of each sees to; so no two
//! become part of each other. Of the other account only its person is read, who changes no more.

use super::erasure::until_forgotten;
use super::{Engine, Stop, Turn};
use crate::identifiers::Who;
use crate::overlay::Overlay;
use crate::service::{given_to, heard_of_each_other};
use crate::write::{Done, MergeStep};
use kopilka_core::decide::{self, Command, Outcome};
use kopilka_core::ids::{EntryId, LotNo, MemberId, ProgramId};
use kopilka_core::member::Member;
use kopilka_core::merge::{Asker, Belongings, GivenOnce, given_by, renumber_pieces};
use kopilka_core::referral::is_of_others;
use kopilka_core::refusal::Refusal;
use kopilka_store::rows::{Name, Person, Target};

impl Engine {
    /// The account that takes the commands of `member`: its own, but where it was merged. One that has just
    /// left and not yet arrived takes none, but answers the keys that it knows.
    pub(super) fn account_of(
        &self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        member: MemberId,
    ) -> Result<MemberId, Stop> {
        let mut id = member;
        loop {
            let Some(seat) = overlay.seat(&self.writer, turn.id(), id, self.projected())? else {
                return Ok(id);
            };
            let Some(into) = seat.book.member.merged_into else { return Ok(id) };
            if let Some(hash) = turn.write.key_hash
                && seat.answered(&self.writer, hash)?.is_some()
            {
                return Ok(id);
            }
            let stays = &self.seat(overlay, turn.id(), into)?.book.member;
            // Who was merged on had taken in all before.
            if stays.merged_into.is_none() && !stays.has_absorbed(id) {
                return Err(Refusal::MergeUnderWay.into());
            }
            id = into;
        }
    }

    /// What the lots of `member` are higher by in the account it has become part of.
    pub(super) fn lots_of(
        &self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        (account, member): (MemberId, MemberId),
    ) -> Result<LotNo, Stop> {
        Ok(self.seat(overlay, turn.id(), account)?.book.member.lots_of(member))
    }

    /// What another member's entry means for this one, or for the account it has become part of.
    pub(super) fn relayed(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        member: MemberId,
        command: &Command,
    ) -> Result<Done, Stop> {
        let account = self.account_of(overlay, turn, member)?;
        let mut command = command.clone();
        if let Command::ReturnTransfer { pieces, .. } = &mut command {
            renumber_pieces(pieces, self.lots_of(overlay, turn, (account, member))?);
        }
        self.change_points(overlay, turn, &Who::Id(account), &command)
    }

    pub(super) fn merge(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        (who, into): (&Who, &Who),
        api_key: &str,
    ) -> Result<Done, Stop> {
        let member = self.member_of(overlay, turn, who)?;
        if let Some(done) = self.first_answer(overlay, member, turn.write)? {
            return Ok(done);
        }
        let into = self.led_to(overlay, turn.id(), into)?;
        let stays = self.as_it_is(overlay, turn.id(), into)?;
        decide::refuse_taking_in(&stays)?;
        let into = stays.id;
        let locks = [Name::merging(member), Name::merging(into)];
        for lock in &locks {
            if overlay.find(&self.writer, turn.id(), lock)?.is_some() {
                return Err(Refusal::MergeUnderWay.into());
            }
        }
        let orders = self.writer.reads().orders_of_member(turn.id(), member)?;
        let orders = orders.into_iter().map(|order| order.key).collect();
        self.seat(overlay, turn.id(), member)?.need_orders(&self.writer, orders)?;
        let operator = turn.write.operator.as_deref().unwrap_or_default();
        let by = Asker { operator: operator.into(), key: api_key.into() };
        let given = self.given(overlay, turn.id(), member)?;
        let done = self.execute(overlay, turn, member, &Command::Merge { into, by, given })?;
        if matches!(done.outcome, Outcome::Merged { .. }) && into != member {
            for lock in locks {
                overlay.add_name(turn.id(), lock, Target { member, entry: None });
            }
        }
        Ok(done)
    }

    /// The account that the id leads to. It is looked at, never locked: what it is by the time that something
    /// reaches it is decided there.
    pub(super) fn as_it_is(
        &self,
        overlay: &mut Overlay,
        program: ProgramId,
        mut id: MemberId,
    ) -> Result<Member, Stop> {
        loop {
            let seated = overlay.seated(id).filter(|seat| seat.program == program);
            let member: Member = match seated {
                Some(seat) => seat.book.member.clone(),
                None => {
                    let row = self.writer.reads().member(program, id)?;
                    row.ok_or(Refusal::MemberUnknown)?.member
                }
            };
            match member.merged_into {
                Some(into) => id = into,
                None => return Ok(member),
            }
        }
    }

    /// What rules have given the member, as its journal says: of this group and older.
    fn given(&self, overlay: &Overlay, program: ProgramId, member: MemberId) -> Result<Vec<GivenOnce>, Stop> {
        let mut given = given_to(self.writer.reads(), program, member)?;
        for entry in overlay.entries_of(member) {
            given.extend(given_by(&entry.events, entry.effective_at));
        }
        Ok(given)
    }

    /// What follows from the step before. It is handed over until it is done, so nothing here is refused.
    pub(super) fn merge_step(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        member: MemberId,
        step: &MergeStep,
    ) -> Result<Done, Stop> {
        if let Some(done) = self.first_answer(overlay, member, turn.write)? {
            return Ok(done);
        }
        match step {
            MergeStep::Join { from, entry, belongings } => {
                self.join(overlay, turn, member, (*from, *entry, belongings))
            }
            MergeStep::Settle { into, closed } => {
                let done = self.execute(overlay, turn, member, &Command::SettleMerge { into: *into })?;
                overlay.set_person(turn.id(), member, Person::default());
                for lock in [Name::merging(member), Name::merging(*into)] {
                    overlay.remove_name(turn.id(), lock, member);
                }
                if *closed {
                    self.erase_reasons(overlay, turn.id(), member)?;
                }
                Ok(done)
            }
            MergeStep::Forget { with, then } => {
                let command = Command::ForgetToo { with: *with, then: then.clone() };
                let done = self.execute(overlay, turn, member, &command)?;
                self.erase_reasons(overlay, turn.id(), member)?;
                self.forget_codes(overlay, turn.id(), member, &Person::default());
                Ok(done)
            }
        }
    }

    /// The person of the other account becomes part of this one's, and every name leads here.
    fn join(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        member: MemberId,
        (from, entry, belongings): (MemberId, EntryId, &Belongings),
    ) -> Result<Done, Stop> {
        let own = self.seat(overlay, turn.id(), member)?.book.member.clone();
        let heard = heard_of_each_other(self.writer.reads(), turn.id(), &own, &belongings.member)?;
        self.seat(overlay, turn.id(), member)?.need_orders(&self.writer, heard)?;
        // What was due under the old facts runs first.
        self.run_due(overlay, turn.state, turn.now, member)?;
        let gone = overlay.person(&self.writer, turn.id(), from)?;
        let closed = self.has_left(overlay, turn.id(), member)?;
        if closed {
            self.forget_codes(overlay, turn.id(), from, &gone);
        } else {
            let person = overlay.person(&self.writer, turn.id(), member)?;
            overlay.set_person(turn.id(), member, together(person, &gone));
        }
        let given = self.given(overlay, turn.id(), member)?;
        let belongings = Box::new(belongings.clone());
        let orders = belongings.orders.iter().map(|order| order.key.clone());
        let orders: Vec<_> = orders.filter(|key| !is_of_others(key)).collect();
        let command = Command::Join { from, entry, belongings, given };
        let done = self.execute(overlay, turn, member, &command)?;
        let until = until_forgotten(turn);
        for name in self.shared.secret.names(&gone) {
            overlay.remove_name(turn.id(), name.clone(), from);
            match closed {
                true => self.keep_former(overlay, turn, &name, until),
                false => overlay.add_name(turn.id(), name, Target { member, entry: None }),
            }
        }
        for key in orders {
            overlay.remove_name(turn.id(), Name::order(&key), from);
            overlay.add_name(turn.id(), Name::order(&key), Target { member, entry: None });
        }
        Ok(done)
    }
}

/// The person as both accounts know it: what the one that stays says of itself goes first.
fn together(mut person: Person, gone: &Person) -> Person {
    let other = [&gone.ext].into_iter().flatten().chain(&gone.other_exts);
    for ext in other {
        match &person.ext {
            None => person.ext = Some(ext.clone()),
            Some(_) => person.other_exts.push(ext.clone()),
        }
    }
    if person.birth_date.is_none() {
        person.birth_date = gone.birth_date;
        person.birth_date_known_at = gone.birth_date_known_at;
    }
    person.name = person.name.or_else(|| gone.name.clone());
    person.language = person.language.or_else(|| gone.language.clone());
    person.region = person.region.or_else(|| gone.region.clone());
    person.phones.extend(gone.phones.iter().cloned());
    person.emails.extend(gone.emails.iter().cloned());
    person.cards.extend(gone.cards.iter().cloned());
    person.blocked_cards.extend(gone.blocked_cards.iter().cloned());
    for (id, value) in &gone.attributes.0 {
        person.attributes.0.entry(id.clone()).or_insert_with(|| value.clone());
    }
    person.consents.extend(gone.consents.iter().cloned());
    person.telegram = person.telegram.or_else(|| gone.telegram.clone());
    for site in &gone.sites {
        match person.sites.iter_mut().find(|known| known.host == site.host) {
            Some(known) if known.confirmed.is_none() => known.clone_from(site),
            Some(_) => {}
            None => person.sites.push(site.clone()),
        }
    }
    person
}
