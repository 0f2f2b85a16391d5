use super::Event;
use crate::book::Book;
pub fn evolve(_book: &mut Book, _event: &Event) {
    todo!()
}
