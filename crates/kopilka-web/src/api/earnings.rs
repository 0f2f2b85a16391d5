//! What goods of a listing would bring.

pub mod ask;
