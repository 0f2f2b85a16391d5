//! Which discounts might act on an order at all, and on which lines.
//!
//! Invariant: what is silent here could not have acted whatever the others did; the lines of a discount are
//! looked for once, however many sets are tried.

use super::index::{Hint, Present};
use super::{Questions, Terms, concerns};
use crate::order::{LineKind, LineState};
use crate::program::Condition;
use crate::trace::Silence;
use std::ops::Range;

pub(super) struct Seats<'a> {
    terms: Terms<'a>,
    /// Why a discount gives nothing; `None` for those that act, or might.
    silent: Vec<Option<Silence>>,
    /// Those that act, or might, in order, and where the lines they speak of stand in `concerned`.
    acting: Vec<(usize, Range<u32>)>,
    concerned: Vec<u16>,
    /// What is known of discounts that the index does not have.
    unlisted: Vec<Hint>,
}

/// Most orders concern no more discounts than this: room for them is made at once.
const ACTING_FEW: usize = 32;

/// The order that is asked about, before anything is taken off.
struct Asked<'a> {
    questions: &'a Questions<'a>,
    lines: &'a [LineState],
    first: usize,
}

impl<'a> Seats<'a> {
    pub fn of(terms: Terms<'a>, questions: &Questions<'_>, lines: &[LineState], first: usize) -> Seats<'a> {
        let mut seats = Seats {
            terms,
            silent: Vec::with_capacity(terms.len()),
            acting: Vec::with_capacity(terms.len().min(ACTING_FEW)),
            concerned: Vec::with_capacity(lines.len() + ACTING_FEW),
            unlisted: (terms.index.len()..terms.len()).map(|i| Hint::of(terms.discount(i))).collect(),
        };
        seats.fill(&Asked { questions, lines, first });
        seats
    }

    /// Those that act, or might, in the order of application.
    pub fn acting(&self) -> impl Iterator<Item = usize> + '_ {
        self.acting.iter().map(|(i, _)| *i)
    }
    pub fn acting_count(&self) -> usize {
        self.acting.len()
    }
    pub fn acting_at(&self, at: usize) -> usize {
        self.acting[at].0
    }
    pub fn why_silent(&self, discount: usize) -> Option<Silence> {
        self.silent[discount]
    }
    /// The lines that a discount which might act speaks of.
    pub fn lines_of(&self, discount: usize) -> &[u16] {
        match self.acting.binary_search_by_key(&discount, |(i, _)| *i) {
            Ok(at) => {
                let Range { start, end } = self.acting[at].1;
                &self.concerned[start as usize..end as usize]
            }
            Err(_) => &[],
        }
    }
    pub fn hint(&self, discount: usize) -> &Hint {
        let index = self.terms.index;
        index.hint(discount).unwrap_or_else(|| &self.unlisted[discount - index.len()])
    }

    /// What can be said before anything is applied: conditions that no discount changes, and lines.
    fn fill(&mut self, asked: &Asked<'_>) {
        let present = self.terms.index.present(asked.lines);
        let goods = (asked.first..asked.lines.len()).filter(|i| asked.lines[*i].kind == LineKind::Goods);
        self.concerned.extend(goods.map(|i| i as u16));
        let all = 0..self.concerned.len() as u32;
        for i in 0..self.terms.len() {
            let seat = match self.hint(i).rules_out(&present) {
                Some(true) => Err(Silence::ConditionFalse),
                Some(false) => Err(Silence::NoMatchingLines),
                None => self.seat(i, asked, &present, &all),
            };
            self.silent.push(seat.as_ref().err().copied());
            if let Ok(lines) = seat {
                self.acting.push((i, lines));
            }
        }
    }

    /// Where the lines of a discount stand in `concerned`, or why it gives nothing. Its names are there;
    /// `all` goods stand there already.
    fn seat(
        &mut self,
        i: usize,
        asked: &Asked<'_>,
        present: &Present,
        all: &Range<u32>,
    ) -> Result<Range<u32>, Silence> {
        let (discount, index) = (self.terms.discount(i), self.terms.index);
        let hint = index.hint(i).unwrap_or_else(|| &self.unlisted[i - index.len()]);
        let holds = |condition: &Condition| (asked.questions.holds)(condition, asked.lines);
        if !(asked.questions.allowed)(discount) {
            return Err(Silence::GivenBefore);
        }
        if !hint.firm_hold(&discount.only_if, holds) {
            return Err(Silence::ConditionFalse);
        }
        let seat = if !discount.on.takes_delivery() && discount.of.is_everything() {
            all.clone()
        } else {
            let from = self.concerned.len() as u32;
            let (first, end) = (asked.first as u16, asked.lines.len() as u16);
            let concerned = &mut self.concerned;
            hint.may_concern(present, first, end, |line| {
                if concerns(discount, &asked.lines[usize::from(line)]) {
                    concerned.push(line);
                }
            });
            from..concerned.len() as u32
        };
        if !seat.is_empty() {
            return Ok(seat);
        }
        // Lines that came before may still make the condition true.
        let own = hint.own_lines(&discount.only_if);
        Err(match own.is_some_and(|own| !holds(own)) {
            true => Silence::ConditionFalse,
            false => Silence::NoMatchingLines,
        })
    }
}
