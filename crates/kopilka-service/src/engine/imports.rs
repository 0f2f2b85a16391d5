//! A member of another system: found by any of its identifiers, or registered.
//!
//! Invariant: a row of one person never reaches another. Where its identifiers lead to two members, or to one
//! whom the shop calls otherwise, it is refused; of a member who is known nothing is overwritten.

use super::people::{born_by, declared, taken};
use super::{Engine, Stop, Turn};
use crate::overlay::Overlay;
use crate::write::Done;
use kopilka_core::decide::{Command, Imported, judge_import};
use kopilka_core::ids::MemberId;
use kopilka_core::refusal::Refusal;
use kopilka_store::rows::{HolderPerson, Kind, Name, Person, Target};

impl Engine {
    pub(super) fn import(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        (person, names): (&Person, &[Name]),
        imported: &Imported,
    ) -> Result<Done, Stop> {
        if let Some(done) = self.answer_of_directory(overlay, turn)? {
            return Ok(done);
        }
        if names.is_empty() {
            return Err(Refusal::InvalidIdentifier { kind: "ext" }.into());
        }
        born_by(turn, person)?;
        let done = match self.known(overlay, turn, names)? {
            Some(member) => self.import_known(overlay, turn, (member, person, names), imported)?,
            None => {
                // Judged before there is a row of the member: a refusal leaves none.
                judge_import(turn.context(), imported)?;
                let former = self.was_erased(overlay, turn, names)?;
                let command = Command::Import(Box::new(Imported { former, ..imported.clone() }));
                self.register_new(overlay, turn, (person, names), &command)?
            }
        };
        // The row may be told again when its identifiers lead elsewhere, or nowhere any more.
        if let Some(name) = turn.write.key_hash.map(Name::key) {
            overlay.add_name(turn.id(), name, Target { member: done.member, entry: done.entry });
        }
        Ok(done)
    }

    /// What the row knows beside what is known already is added to the person.
    fn import_known(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        (member, told, names): (MemberId, &Person, &[Name]),
        imported: &Imported,
    ) -> Result<Done, Stop> {
        if self.has_left(overlay, turn.id(), member)? {
            return Err(Refusal::MemberAnonymized.into());
        }
        judge_import(turn.context(), imported)?;
        let before = overlay.person(&self.writer, turn.id(), member)?;
        if let (Some(known), Some(ext)) = (&before.ext, &told.ext)
            && known != ext
            && !before.other_exts.contains(ext)
        {
            let by = names.iter().find(|name| name.kind != Kind::Ext);
            return Err(taken(by.map_or(Kind::Ext, |name| name.kind)).into());
        }
        if let Some(kind) = of_a_holder(&before, told) {
            return Err(taken(kind).into());
        }
        let after = with_more(&before, told, turn);
        if after != before {
            declared(turn, &told.attributes)?;
            self.put_person(overlay, turn, member, (&before, after))?;
        }
        let done = self.execute(overlay, turn, member, &Command::Import(Box::new(imported.clone())))?;
        Ok(Done { existed: true, ..done })
    }
}

/// By which of its identifiers a row speaks of somebody who shares the account: its points are not the
/// owner's.
pub(crate) fn of_a_holder(known: &Person, told: &Person) -> Option<Kind> {
    let shares = |of: fn(&HolderPerson) -> &Vec<String>, told: &[String]| {
        known.holders.iter().any(|holder| of(holder).iter().any(|text| told.contains(text)))
    };
    let kinds = [
        (Kind::Phone, shares(|holder| &holder.phones, &told.phones)),
        (Kind::Email, shares(|holder| &holder.emails, &told.emails)),
        (Kind::Card, shares(|holder| &holder.cards, &told.cards)),
    ];
    kinds.into_iter().find(|(_, shares)| *shares).map(|(kind, _)| kind)
}

/// The person with what was not known before; what was stays as it is.
fn with_more(before: &Person, told: &Person, turn: &Turn<'_>) -> Person {
    let mut person = before.clone();
    let lists = [
        (&mut person.phones, &told.phones),
        (&mut person.emails, &told.emails),
        (&mut person.cards, &told.cards),
    ];
    for (known, told) in lists {
        let new: Vec<String> = told.iter().filter(|text| !known.contains(text)).cloned().collect();
        known.extend(new);
    }
    person.ext = person.ext.or_else(|| told.ext.clone());
    person.name = person.name.or_else(|| told.name.clone());
    person.language = person.language.or_else(|| told.language.clone());
    person.region = person.region.or_else(|| told.region.clone());
    if person.birth_date.is_none() && told.birth_date.is_some() {
        person.birth_date = told.birth_date;
        person.birth_date_known_at = Some(turn.now);
    }
    for (id, value) in &told.attributes.0 {
        person.attributes.0.entry(id.clone()).or_insert_with(|| value.clone());
    }
    person
}
