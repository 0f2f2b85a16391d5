//! What a group will ask for, told to the store ahead so that it can be loaded at once.

use super::Engine;
use crate::identifiers::Who;
use crate::prepare::{Inviter, Prepared, Ready};
use kopilka_core::decide::Command;
use kopilka_core::order::OrderKey;
use kopilka_store::StoreError;
use kopilka_store::Wanted;
use kopilka_store::rows::Name;

impl Engine {
    /// Loads ahead where that saves round trips.
    pub(super) fn load_for(&self, writes: &mut [&mut Prepared]) -> Result<(), StoreError> {
        if self.shared.store.is_shared() {
            let wanted: Vec<Wanted> = writes.iter().map(|write| self.wanted(write)).collect();
            self.writer.load(&wanted)?;
        }
        self.load_coupons(writes)
    }

    fn wanted(&self, write: &Prepared) -> Wanted {
        let mut wanted = Wanted::of(write.program);
        wanted.key = write.key_hash;
        wanted.facts = self
            .shared
            .program(write.program)
            .is_ok_and(|state| state.versions.need_person(self.shared.now_of(&state)));
        match &write.change {
            Ready::Register { names, inviter, .. } => {
                named(&mut wanted, names, write);
                // Of a referrer only where the name leads is asked.
                if let Some(Inviter::Visitor(visitor)) = inviter {
                    wanted.names_only.push(visitor.clone());
                }
            }
            Ready::Import { names, .. } => named(&mut wanted, names, write),
            Ready::Patch { who, .. }
            | Ready::Adjust { who, .. }
            | Ready::Happen { who, .. }
            | Ready::Plain { who, .. }
            | Ready::SetStatus { who, .. } => name(&mut wanted, who),
            Ready::SetHolder { who, change } => {
                name_beside(&mut wanted, who, change.names(&self.shared.secret));
            }
            Ready::SetCard { who, change } => name_beside(&mut wanted, who, change.names()),
            Ready::Erase { who } => {
                name_beside(&mut wanted, who, write.key_hash.map(Name::key).into_iter().collect());
            }
            Ready::Merging { member, .. } | Ready::TakeOrder { member, .. } => wanted.member = Some(*member),
            Ready::PutOrder { who, body, .. } => {
                who.iter().for_each(|who| name(&mut wanted, who));
                order(&mut wanted, &body.key);
            }
            Ready::HandOver { who, order, .. } => handed_over(&mut wanted, (who, order), write),
            Ready::Return(back) => order(&mut wanted, &back.key),
            Ready::Cancel { key, .. } => order(&mut wanted, key),
            Ready::Exchange { back, order: new, .. } => {
                order(&mut wanted, &back.key);
                order(&mut wanted, &new.key);
            }
            Ready::IssueGiftCard { code, .. } => {
                wanted.names.push(Name::gift_card(code));
                wanted.names.extend(write.key_hash.map(Name::key));
            }
            Ready::ChangeGiftCard { code, .. } => wanted.names.push(Name::gift_card(code)),
            Ready::Transfer { from, to: other, .. } | Ready::Merge { who: from, into: other, .. } => {
                name(&mut wanted, from);
                // The other is looked up, never locked: only a name is asked for.
                if let Who::Named(other) = other {
                    wanted.names_only.push(other.clone());
                }
            }
            Ready::Visit { by, visitor, .. } => {
                name(&mut wanted, by);
                wanted.names_only.push(visitor.clone());
            }
            Ready::Relayed { member, command } => {
                wanted.member = Some(*member);
                if let Command::Hear(told) = command {
                    wanted.orders.push(told.key());
                }
            }
            Ready::Reverse { member, entry } => {
                wanted.member = Some(*member);
                wanted.names.push(Name::reversed(*entry));
            }
        }
        wanted
    }
}

/// Whoever may be new: by the identifiers, and by the key that the directory keeps for it.
fn named(wanted: &mut Wanted, names: &[Name], write: &Prepared) {
    wanted.names.extend(names.iter().cloned());
    wanted.names.extend(write.key_hash.map(Name::key));
}

/// Of the member only where a name leads is asked; the guest's row is what changes.
fn handed_over(wanted: &mut Wanted, (who, key): (&Who, &OrderKey), write: &Prepared) {
    if let Who::Named(name) = who {
        wanted.names_only.push(name.clone());
    }
    wanted.names_only.extend(write.key_hash.map(Name::key));
    order(wanted, key);
}

/// Of the others only where they lead is asked.
fn name_beside(wanted: &mut Wanted, who: &Who, others: Vec<Name>) {
    name(wanted, who);
    wanted.names_only.extend(others);
}

fn name(wanted: &mut Wanted, who: &Who) {
    match who {
        Who::Id(id) | Who::Holder(id, _) => wanted.member = Some(*id),
        Who::Named(name) => wanted.names.push(name.clone()),
    }
}

fn order(wanted: &mut Wanted, key: &OrderKey) {
    wanted.names.push(Name::order(key));
    wanted.orders.push(key.clone());
}
