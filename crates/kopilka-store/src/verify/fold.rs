//! The fold of one member's journal, and its comparison with the row.

use crate::rows::EntryRow;
use kopilka_core::book::Book;
use kopilka_core::ids::MemberId;
use kopilka_core::ledger::{Account, AccountSums, postings};
use kopilka_core::measures;
use kopilka_core::measures::Lifetime;
use kopilka_core::member::{Balance, Member};
use kopilka_core::order::{OrderState, Orders};
use kopilka_core::points::Points;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Folds the entries and proves after each that the accounts, the measures and the lots agree. `None` when
/// an entry cannot be folded; what is wrong stands in `found`.
pub fn fold(id: MemberId, entries: &[EntryRow], found: &mut Vec<String>) -> Option<Book> {
    let mut book = Book::new(Member::new(id));
    let mut sums = AccountSums::default();
    let mut lifetime = Lifetime::default();
    for entry in entries {
        for event in &entry.events {
            postings(event).into_iter().for_each(|posting| sums.book(posting));
            measures::count(&mut lifetime, event);
        }
        // An event about an order that no entry placed makes the fold stop.
        if catch_unwind(AssertUnwindSafe(|| book.apply(&entry.events))).is_err() {
            found.push(format!("entry {} cannot be folded", entry.id));
            return None;
        }
        if let Some(what) = disagreement(&book.member, &sums, &lifetime) {
            found.push(format!("after entry {}: {what}", entry.id));
            return Some(book);
        }
    }
    Some(book)
}

fn disagreement(member: &Member, sums: &AccountSums, lifetime: &Lifetime) -> Option<String> {
    let booked = Balance {
        pending: sums.of(Account::Pending),
        available: sums.of(Account::Available),
        held: sums.of(Account::Held),
        debt: Points(-sums.of(Account::Debt).0),
    };
    let balance = member.balance_booked();
    if booked != balance {
        return Some(format!("the accounts say {booked:?}, the lots {balance:?}"));
    }
    if sums.total() != 0 {
        return Some(format!("the accounts sum to {}", sums.total()));
    }
    if *lifetime != member.lifetime {
        return Some(format!("the measures say {lifetime:?}, the member {:?}", member.lifetime));
    }
    if lifetime.outstanding() != balance.outstanding() {
        let (by_life, by_lots) = (lifetime.outstanding().0, balance.outstanding().0);
        return Some(format!("outstanding is {by_life} by its history and {by_lots} by its lots"));
    }
    None
}

/// Names the first field in which the row differs from the fold.
pub fn compare_member(fold: &Member, row: &Member, found: &mut Vec<String>) {
    if fold == row {
        return;
    }
    let fields: [(&str, String, String); 9] = [
        ("status", text(&fold.status), text(&row.status)),
        ("registered_at", text(&fold.registered_at), text(&row.registered_at)),
        ("lots", text(&fold.lots), text(&row.lots)),
        ("holds", text(&fold.holds), text(&row.holds)),
        ("debts", text(&fold.debts), text(&row.debts)),
        ("burnt", text(&fold.burnt), text(&row.burnt)),
        ("last_lot", text(&fold.last_lot), text(&row.last_lot)),
        ("birthdays", text(&fold.birthdays), text(&row.birthdays)),
        ("lifetime", text(&fold.lifetime), text(&row.lifetime)),
    ];
    let differing = fields.into_iter().find(|(_, by_fold, by_row)| by_fold != by_row);
    found.push(match differing {
        Some((field, by_fold, by_row)) => format!("{field}: the journal gives {by_fold}, the row {by_row}"),
        None => "the row differs from the journal".to_owned(),
    });
}

fn text<T: std::fmt::Debug>(value: &T) -> String {
    format!("{value:?}")
}

/// Every order of the fold has its row, and no row is without one.
pub fn compare_orders(fold: &Orders, rows: &[OrderState], found: &mut Vec<String>) {
    for row in rows {
        match fold.get(&row.key) {
            None => found.push(format!("order {} is not in the journal", row.key)),
            Some(state) if state != row => found.push(format!("order {} differs from the journal", row.key)),
            Some(_) => {}
        }
    }
    for order in fold.iter().filter(|order| !rows.iter().any(|row| row.key == order.key)) {
        found.push(format!("order {} has no row", order.key));
    }
}
