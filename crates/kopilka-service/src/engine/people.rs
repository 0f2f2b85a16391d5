//! Registration and changes to a person. Personal data goes to the person's row, never to the journal.

use super::addresses::refuse_identifying;
use super::{Engine, Stop, Turn, holders};
use crate::consents;
use crate::identifiers::{Who, blocked};
use crate::overlay::Overlay;
use crate::prepare::Inviter;
use crate::sites;
use crate::write::{ConsentTold, Done, PersonPatch};
use kopilka_core::attribute::Attributes;
use kopilka_core::book::{Execution, execute};
use kopilka_core::decide::{Command, Outcome};
use kopilka_core::ids::MemberId;
use kopilka_core::member::Member;
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_store::rows::{HolderPerson, Kind, Name, Person, Target};

impl Engine {
    /// Once is for ever: a known identifier answers with its member and gives nothing.
    pub(super) fn register(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        (person, names): (&Person, &[Name]),
        (welcome, inviter): (bool, Option<&Inviter>),
    ) -> Result<Done, Stop> {
        born_by(turn, person)?;
        if let Some(done) = self.answer_of_directory(overlay, turn)? {
            return Ok(done);
        }
        let done = match self.known(overlay, turn, names)? {
            Some(member) => {
                self.seat(overlay, turn.id(), member)?;
                let nothing = Outcome::Registered { points: Points::ZERO };
                Done { existed: true, ..self.finish(overlay, turn, member, None, nothing)? }
            }
            None => {
                let referrer = inviter.map(|inviter| self.inviter(overlay, turn, inviter)).transpose()?;
                let former = self.was_erased(overlay, turn, names)?;
                let command = Command::Register { welcome, referrer: referrer.flatten(), former };
                self.register_new(overlay, turn, (person, names), &command)?
            }
        };
        if let Some(name) = turn.write.key_hash.map(Name::key) {
            overlay.add_name(turn.id(), name, Target { member: done.member, entry: done.entry });
        }
        Ok(done)
    }

    /// The first answer to the key of a command that had no member to keep it.
    pub(super) fn answer_of_directory(
        &self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
    ) -> Result<Option<Done>, Stop> {
        let Some(name) = turn.write.key_hash.map(Name::key) else { return Ok(None) };
        match overlay.find(&self.writer, turn.id(), &name)? {
            Some(Target { member, entry: Some(entry) }) => {
                self.replay(overlay, turn.id(), (member, entry), turn.write.input_hash).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Whose the identifiers are; two members of one registration are a refusal.
    pub(super) fn known(
        &self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        names: &[Name],
    ) -> Result<Option<MemberId>, Stop> {
        let program = turn.id();
        let mut found: Option<MemberId> = None;
        for name in names {
            let Some(target) = overlay.find(&self.writer, program, name)? else {
                self.not_blocked(overlay, program, name)?;
                continue;
            };
            if found.is_some_and(|member| member != target.member) {
                return Err(taken(name.kind).into());
            }
            found = Some(target.member);
        }
        found.map(|member| self.account_of(overlay, turn, member)).transpose()
    }

    /// The command is one that registers and has no refusal left.
    pub(super) fn register_new(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        (person, names): (&Person, &[Name]),
        command: &Command,
    ) -> Result<Done, Stop> {
        // Not before: a known member, or a key that comes again, is answered whatever is declared by now.
        declared(turn, &person.attributes)?;
        let id = MemberId(self.shared.ids.next());
        let mut person = person.clone();
        person.birth_date_known_at = person.birth_date.map(|_| turn.now);
        overlay.new_seat(turn.id(), Member::new(id));
        overlay.set_person(turn.id(), id, person);
        self.load_uses(overlay, (turn.id(), turn.context()), id, Some(command))?;
        let seat = self.seat(overlay, turn.id(), id)?;
        // A registration has no ladder of refusals, so nothing has to be taken back here.
        let execution = execute(turn.context(), &mut seat.book, command)?;
        seat.forget_uses();
        for name in names {
            overlay.add_name(turn.id(), name.clone(), Target { member: id, entry: None });
        }
        self.finish(overlay, turn, id, execution.entry, execution.outcome)
    }

    pub(super) fn patch(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        who: &Who,
        patch: &PersonPatch,
    ) -> Result<Done, Stop> {
        let member = self.member_of(overlay, turn, who)?;
        if let Some(done) = self.first_answer(overlay, member, turn.write)? {
            return Ok(done);
        }
        if self.has_left(overlay, turn.id(), member)? {
            return Err(Refusal::MemberAnonymized.into());
        }
        let before = overlay.person(&self.writer, turn.id(), member)?;
        let mut after = patched(&before, patch, turn.now);
        consents::give(&mut after.consents, &patch.consents, turn.now)?;
        if let Some(withdrawn) = &patch.withdrawn {
            consents::withdraw(&mut after.consents, withdrawn, turn.now)?;
        }
        if let Some(change) = &patch.site {
            sites::change(&mut after.sites, change, turn.now)?;
        }
        if let Some(change) = &patch.address {
            self.change_address(turn, member, &mut after, change)?;
        }
        refuse_identifying(patch.identifying, &before, &after)?;
        born_by(turn, &after)?;
        declared(turn, &told(patch))?;
        self.change_person(overlay, turn, member, (&before, after))
    }

    /// Makes the member's names those of the person as it is from now on, where nobody else has them.
    pub(super) fn change_person(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        member: MemberId,
        (before, after): (&Person, Person),
    ) -> Result<Done, Stop> {
        self.change_person_by(overlay, turn, member, (before, after), &Command::ChangePerson)
    }

    /// The same, by a command that has no refusal left.
    pub(super) fn change_person_by(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        member: MemberId,
        (before, after): (&Person, Person),
        command: &Command,
    ) -> Result<Done, Stop> {
        self.put_person(overlay, turn, member, (before, after))?;
        self.load_uses(overlay, (turn.id(), turn.context()), member, Some(command))?;
        let seat = self.seat(overlay, turn.id(), member)?;
        seat.need_history(&self.writer, turn.state.versions.need_history())?;
        let executed = execute(turn.context(), &mut seat.book, command);
        seat.forget_uses();
        let Execution { due, entry, outcome } = executed?;
        // What the new facts have made due, such as a birthday told on its day, is booked as any other.
        self.append_due(overlay, member, due, turn.now);
        // The entry says that something changed and who asked; what it was stands in the person's row.
        let entry = entry.or_else(|| Some(turn.empty_draft()));
        self.finish(overlay, turn, member, entry, outcome)
    }

    /// Writes the person down, and its names in the directory, where nobody else has them.
    pub(super) fn put_person(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        member: MemberId,
        (before, mut after): (&Person, Person),
    ) -> Result<(), Stop> {
        holders::keep_known(&mut after);
        let names_before = self.shared.secret.names(before);
        let names_after = self.shared.secret.names(&after);
        for name in names_after.iter().filter(|name| !names_before.contains(name)) {
            if overlay.find(&self.writer, turn.id(), name)?.is_some() {
                return Err(taken(name.kind).into());
            }
            // One of the member's own may be freed by this very change.
            let freed = blocked(name).is_some_and(|b| names_before.contains(&b) && !names_after.contains(&b));
            if !freed {
                self.not_blocked(overlay, turn.id(), name)?;
            }
        }
        // What was due under the old facts runs first.
        self.run_due(overlay, turn.state, turn.now, member)?;
        for name in names_before.iter().filter(|name| !names_after.contains(name)) {
            overlay.remove_name(turn.id(), name.clone(), member);
        }
        for name in names_after.into_iter().filter(|name| !names_before.contains(name)) {
            overlay.add_name(turn.id(), name, Target { member, entry: None });
        }
        overlay.set_person(turn.id(), member, after);
        Ok(())
    }
}

/// The person of a registration with the consents that came with it.
pub(super) fn with_consents(person: &Person, told: &[ConsentTold], now: Instant) -> Result<Person, Stop> {
    let mut person = person.clone();
    consents::give(&mut person.consents, told, now)?;
    Ok(person)
}

pub(super) fn taken(kind: Kind) -> Refusal {
    Refusal::IdentifierTaken { kind: kind.name() }
}

pub(super) fn born_by(turn: &Turn<'_>, person: &Person) -> Result<(), Stop> {
    let today = turn.program.zone.day_of(turn.now);
    match person.birth_date {
        Some(born) if born > today => Err(Refusal::BirthDateImpossible.into()),
        _ => Ok(()),
    }
}

/// Each is declared by the program in force, and its value is one of that kind.
pub(super) fn declared(turn: &Turn<'_>, attributes: &Attributes) -> Result<(), Stop> {
    declared_by(turn.program, attributes).map_err(Stop::from)
}

pub(crate) fn declared_by(program: &Program, attributes: &Attributes) -> Result<(), Refusal> {
    for (id, value) in &attributes.0 {
        let attribute = || id.to_string();
        let Some(known) = program.attributes.iter().find(|a| a.id == *id) else {
            return Err(Refusal::AttributeUnknown { attribute: attribute() });
        };
        if !known.kind.admits(value) {
            return Err(Refusal::AttributeValueInvalid { attribute: attribute() });
        }
    }
    Ok(())
}

/// Only what is new is judged: what a declaration of before admitted may stay or be taken away.
fn told(patch: &PersonPatch) -> Attributes {
    let given = patch.attributes.iter().filter_map(|(id, value)| Some((id.clone(), value.clone()?)));
    Attributes(given.collect())
}

/// A list of the owner's, with those of other holders as they were: a holder is changed as one, or what is
/// mended in a number of theirs would become the owner's.
fn with_held(
    told: &[String],
    before: &[String],
    person: &Person,
    of: fn(&HolderPerson) -> &Vec<String>,
) -> Vec<String> {
    let held = |text: &&String| person.holders.iter().any(|holder| of(holder).contains(text));
    let more = before.iter().filter(held).filter(|text| !told.contains(text));
    told.iter().chain(more).cloned().collect()
}

fn patched(before: &Person, patch: &PersonPatch, now: Instant) -> Person {
    let mut person = before.clone();
    if let Some(ext) = &patch.ext {
        person.ext.clone_from(ext);
    }
    if let Some(phones) = &patch.phones {
        person.phones = with_held(phones, &before.phones, before, |holder| &holder.phones);
    }
    if let Some(emails) = &patch.emails {
        person.emails = with_held(emails, &before.emails, before, |holder| &holder.emails);
    }
    if let Some(cards) = &patch.cards {
        person.cards = with_held(cards, &before.cards, before, |holder| &holder.cards);
    }
    if let Some(name) = &patch.name {
        person.name.clone_from(name);
    }
    if let Some(language) = &patch.language {
        person.language.clone_from(language);
    }
    if let Some(region) = &patch.region {
        person.region.clone_from(region);
    }
    if let Some(telegram) = &patch.telegram {
        person.telegram.clone_from(telegram);
    }
    for (id, value) in &patch.attributes {
        match value {
            Some(value) => person.attributes.0.insert(id.clone(), value.clone()),
            None => person.attributes.0.remove(id),
        };
    }
    if let Some(birth_date) = patch.birth_date
        && birth_date != before.birth_date
    {
        person.birth_date = birth_date;
        person.birth_date_known_at = birth_date.map(|_| now);
    }
    person
}
