//! Words for people, English and Russian.
