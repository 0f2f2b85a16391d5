//! The text of a document and changes of its parts: whatever is not named stays byte for byte.
#![allow(clippy::disallowed_methods, reason = "tests read documents from files; the core never does")]

use kopilka_core::program::document::json_form;
use kopilka_core::program::source::{Form, Part, Source, scalar};
use proptest::prelude::*;
use std::path::PathBuf;

/// Each example with its name.
fn examples() -> Vec<(String, String)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples"));
    let files = std::fs::read_dir(folder).unwrap();
    let mut list: Vec<(String, String)> = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "yaml"))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    list.sort();
    assert!(list.len() > 5);
    list
}

/// Every pointer below a part, with what it is.
fn walk(part: &Part, at: &str, out: &mut Vec<(String, bool)>) {
    out.push((at.to_owned(), matches!(part.form, Form::Scalar { .. })));
    match &part.form {
        Form::Scalar { .. } => {}
        Form::List(items) => {
            items.iter().enumerate().for_each(|(i, item)| walk(item, &format!("{at}/{i}"), out));
        }
        Form::Map(entries) => {
            for entry in entries {
                let word = entry.word.replace('~', "~0").replace('/', "~1");
                walk(&entry.value, &format!("{at}/{word}"), out);
            }
        }
    }
}

/// All but what stands in the document's own tests, which are the most of it and all alike.
fn pointers(source: &Source) -> Vec<(String, bool)> {
    let mut out = Vec::new();
    walk(&source.root, "", &mut out);
    out.retain(|(at, _)| !at.starts_with("/tests/") || at.starts_with("/tests/0"));
    out
}

#[test]
fn the_parts_of_every_example_are_those_that_the_reader_reads() {
    for (name, text) in examples() {
        let source = Source::read(&text).unwrap_or_else(|| panic!("{name} has no tree"));
        let json = json_form(&text).unwrap();
        for (at, is_scalar) in pointers(&source) {
            let part = source.part(&at).unwrap();
            let read = json.pointer(&at).unwrap_or_else(|| panic!("{name}: {at}"));
            if is_scalar {
                let said = read.as_str().map_or_else(|| read.to_string(), str::to_owned);
                assert_eq!(part.scalar(), Some(said.as_str()), "{name}: {at}");
            }
            // What stands in its bytes reads as the part by itself.
            let alone = format!("v: {}", source.alone(part).replace('\n', "\n "));
            let alone = if part.flow || is_scalar {
                alone
            } else {
                format!("v:\n  {}", source.alone(part).replace('\n', "\n  "))
            };
            assert_eq!(json_form(&alone).unwrap()["v"], *read, "{name}: {at}\n{alone}");
        }
    }
}

#[test]
fn a_scalar_that_is_changed_and_changed_back_leaves_every_byte() {
    for (name, text) in examples() {
        let source = Source::read(&text).unwrap();
        for (at, _) in pointers(&source).into_iter().filter(|(_, is_scalar)| *is_scalar) {
            let raw = source.raw(source.part(&at).unwrap()).to_owned();
            let changed = source.replaced(&at, "other-1").unwrap();
            assert_ne!(changed, text, "{name}: {at}");
            let mut expected = json_form(&text).unwrap();
            *expected.pointer_mut(&at).unwrap() = "other-1".into();
            assert_eq!(json_form(&changed).unwrap(), expected, "{name}: {at}");
            let back = Source::read(&changed).unwrap().replaced(&at, &raw).unwrap();
            assert_eq!(back, text, "{name}: {at}");
        }
    }
}

#[test]
fn items_that_change_places_twice_leave_every_byte() {
    for (name, text) in examples() {
        let source = Source::read(&text).unwrap();
        for (at, _) in pointers(&source) {
            let count = source.part(&at).unwrap().items().len();
            for i in 0..count.saturating_sub(1) {
                let swapped = source.swapped(&at, i).unwrap();
                let mut expected = json_form(&text).unwrap();
                expected.pointer_mut(&at).unwrap().as_array_mut().unwrap().swap(i, i + 1);
                assert_eq!(json_form(&swapped).unwrap(), expected, "{name}: {at} {i}");
                let back = Source::read(&swapped).unwrap().swapped(&at, i).unwrap();
                assert_eq!(back, text, "{name}: {at} {i}");
            }
        }
    }
}

#[test]
fn what_is_taken_away_is_that_part_alone() {
    for (name, text) in examples() {
        let source = Source::read(&text).unwrap();
        for (at, _) in pointers(&source).into_iter().filter(|(at, _)| !at.is_empty()) {
            let without = source.without(&at).unwrap();
            let (above, word) = at.rsplit_once('/').unwrap();
            let mut expected = json_form(&text).unwrap();
            let holder = expected.pointer_mut(above).unwrap();
            match word.parse::<usize>() {
                Ok(i) if holder.is_array() => {
                    holder.as_array_mut().unwrap().remove(i);
                }
                _ => {
                    holder.as_object_mut().unwrap().remove(&word.replace("~1", "/").replace("~0", "~"));
                }
            }
            assert_eq!(json_form(&without), Some(expected), "{name}: {at}\n{without}");
        }
    }
}

#[test]
fn what_is_added_stands_beside_all_that_was_there() {
    for (name, text) in examples() {
        let source = Source::read(&text).unwrap();
        for (at, _) in pointers(&source) {
            let part = source.part(&at).unwrap();
            let mut expected = json_form(&text).unwrap();
            let (added, last) = match &part.form {
                Form::Scalar { .. } => continue,
                Form::List(items) => {
                    let item = serde_json::json!({ "id": "new", "then": ["a", "b"] });
                    expected.pointer_mut(&at).unwrap().as_array_mut().unwrap().push(item);
                    (source.with_item(&at, "id: new\nthen: [a, b]").unwrap(), format!("{at}/{}", items.len()))
                }
                Form::Map(_) => {
                    let value = serde_json::json!({ "percent": "5" });
                    expected.pointer_mut(&at).unwrap().as_object_mut().unwrap().insert("new".into(), value);
                    (source.with_entry(&at, "new", "{ percent: 5 }").unwrap(), format!("{at}/new"))
                }
            };
            assert_eq!(json_form(&added), Some(expected), "{name}: {at}\n{added}");
            let back = Source::read(&added).unwrap().without(&last).unwrap();
            assert_eq!(json_form(&back), json_form(&text), "{name}: {at}");
            assert!(added.starts_with(&text[..part.span.start]), "{name}: {at}");
        }
    }
}

#[test]
fn a_new_rule_finds_its_list_in_every_kind_of_document() {
    let rule = "id: new\nwhen: order.paid\nthen: [{ credit: { percent: 5 } }]";
    let documents = [
        "program: a\ncurrency: RUB\n",
        "program: a\ncurrency: RUB",
        "program: a\ncurrency: RUB\nrules:\n",
        "program: a\ncurrency: RUB\nrules: []\n",
        "program: a\ncurrency: RUB\nrules: [{ id: old }]\n",
        "program: a\ncurrency: RUB\nrules:\n- id: old # stays\n",
        "program: a\ncurrency: RUB\nrules:\n  - id: old # stays\n\n# about tests\ntests: []\n",
        "program: a\ncurrency: RUB\n# about tests\ntests: []\n",
        "{ \"program\": \"a\", \"currency\": \"RUB\" }",
        "{ \"program\": \"a\", \"rules\": [] }",
    ];
    for text in documents {
        let added = Source::read(text).unwrap().with_item_of("rules", rule).unwrap();
        let json = json_form(&added).unwrap_or_else(|| panic!("{added}"));
        let rules = json["rules"].as_array().unwrap();
        assert_eq!(rules.last().unwrap()["id"], "new", "{added}");
        assert_eq!(rules.len(), 1 + usize::from(text.contains("old")), "{added}");
        assert_eq!(added.contains("# stays"), text.contains("# stays"));
        assert!(!text.contains("# about tests") || added.contains("# about tests\ntests"), "{added}");
    }
}

#[test]
fn a_text_that_no_document_may_be_has_no_parts() {
    let deep = format!("a: {}{}", "[".repeat(60), "]".repeat(60));
    for text in ["", "- a\n", "a: &x 1\nb: *x\n", "a: !t 1\n", "a: [1\n", "a", &deep, "? {a: 1}\n: 2\n"] {
        assert!(Source::read(text).is_none(), "{text}");
    }
}

#[test]
fn a_value_of_several_lines_moves_to_its_column() {
    let source = Source::read("rules:\n  - id: a # first\n    when: x\n  - id: b\n").unwrap();
    let changed = source.replaced("/rules/0", "id: c\nthen:\n  - d").unwrap();
    assert_eq!(changed, "rules:\n  - id: c\n    then:\n      - d\n  - id: b\n");
    let part = Source::read(&changed).unwrap();
    assert_eq!(part.alone(part.part("/rules/0").unwrap()), "id: c\nthen:\n  - d");
}

proptest! {
    #[test]
    fn whatever_is_typed_reads_back_as_it_was_typed(text in "\\PC{0,40}") {
        for document in [format!("a: {}\n", scalar(&text)), format!("a: [{}, b]\n", scalar(&text))] {
            let source = Source::read(&document);
            let part = source.as_ref().and_then(|s| s.root.get("a"));
            let read = part.and_then(|part| part.scalar().or_else(|| part.items().first()?.scalar()));
            prop_assert_eq!(read, Some(text.as_str()), "{}", document);
        }
    }

    #[test]
    fn no_text_and_no_place_makes_it_stumble(text in "[a-c:\\-\\[\\]{}, #\n\"я]{0,60}", at in 0_usize..4) {
        let document = format!("a: 1\nb:\n{text}");
        if let Some(source) = Source::read(&document) {
            for (pointer, _) in pointers(&source) {
                let _ = source.without(&pointer);
                let _ = source.swapped(&pointer, at);
                let _ = source.with_item(&pointer, &text);
                let _ = source.with_entry(&pointer, &text, "1");
                let _ = source.replaced(&pointer, &text);
            }
        }
    }
}
