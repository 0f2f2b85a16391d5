//! What the columns of a list can hold, and what their headings say they do.
//!
//! Invariant: a guess is what an import without a mapping would read, so a person is shown nothing else.

use super::{member_list, recipients};
use crate::product_list;
use crate::sheet::{Columns, Field};
use kopilka_core::program::Program;

/// A list with columns of our own fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    Members,
    Products,
    Recipients,
}

impl ListKind {
    fn known(self) -> &'static [Field] {
        match self {
            ListKind::Members => &member_list::FIELDS,
            ListKind::Products => &product_list::FIELDS,
            ListKind::Recipients => &recipients::FIELDS,
        }
    }
    /// Fields that the program declares.
    fn own(self, program: &Program) -> Vec<(String, String)> {
        match self {
            ListKind::Members => member_list::own_fields(program),
            ListKind::Products | ListKind::Recipients => Vec::new(),
        }
    }
    /// Every field that a column can hold.
    pub fn fields(self, program: &Program) -> Vec<String> {
        let known = self.known().iter().map(|(name, _)| (*name).to_owned());
        known.chain(self.own(program).into_iter().map(|(name, _)| name)).collect()
    }
    /// Which field the column at which place is taken for, by its heading.
    pub fn guess(self, heading: &[String], program: &Program) -> Vec<(String, usize)> {
        let found = Columns::find(heading, &[], self.known(), &self.own(program));
        found.map(Columns::places).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> Program {
        let text = "program: p\ncurrency: RUB\ntimezone: UTC\nrules: []\nattributes:\n  - { id: shoe, kind: number }\n";
        kopilka_core::program::compile(text).program.unwrap()
    }

    #[test]
    fn headings_tell_fields_and_a_column_that_is_passed_over_tells_none() {
        let heading = ["Код", "Телефон", "Остаток баллов", "shoe", "?"].map(str::to_owned);
        let guessed = ListKind::Members.guess(&heading, &program());
        let at = |field: &str| guessed.iter().find(|(name, _)| name == field).map(|(_, at)| *at);
        let all = ["ext", "phone", "points", "attribute.shoe", "name"].map(at);
        assert_eq!(all, [Some(0), Some(1), Some(2), Some(3), None]);
        let map = [(crate::sheet::NO_FIELD.to_owned(), "Остаток баллов".to_owned())];
        let columns = Columns::find(&heading, &map, ListKind::Members.known(), &[]).unwrap();
        assert!(columns.has("ext") && !columns.has("points"));
    }

    #[test]
    fn every_guessed_field_can_be_chosen() {
        for kind in [ListKind::Members, ListKind::Products, ListKind::Recipients] {
            let fields = kind.fields(&program());
            let headings: Vec<String> = kind.known().iter().map(|(_, known)| known[0].to_owned()).collect();
            let guessed = kind.guess(&headings, &program());
            assert_eq!(guessed.len(), headings.len(), "{kind:?}");
            assert!(guessed.iter().all(|(field, _)| fields.contains(field)), "{kind:?}");
        }
    }
}
