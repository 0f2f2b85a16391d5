//! The JSON Schema of programs takes what the compiler takes, and refuses what it refuses by its words.
#![allow(clippy::disallowed_methods, reason = "tests read documents from files; the core never does")]

use kopilka_core::program::document::json_form;
use kopilka_core::program::schema::schema;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn folder(path: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "yaml" || e == "json"));
    files.sort();
    files
}

/// The keywords our schema uses, judged by the letter of draft 2020-12; patterns are left to editors.
fn accepts(root: &Value, schema: &Value, value: &Value) -> bool {
    let Value::Object(rules) = schema else { return schema == &Value::Bool(true) };
    rules.iter().all(|(keyword, rule)| match keyword.as_str() {
        "$ref" => {
            let name = rule.as_str().unwrap().trim_start_matches("#/$defs/");
            accepts(root, &root["$defs"][name], value)
        }
        "type" => match rule {
            Value::Array(types) => types.iter().any(|t| is(t.as_str().unwrap(), value)),
            one => is(one.as_str().unwrap(), value),
        },
        "const" => value == rule,
        "enum" => rule.as_array().unwrap().contains(value),
        "anyOf" => rule.as_array().unwrap().iter().any(|s| accepts(root, s, value)),
        "oneOf" => rule.as_array().unwrap().iter().filter(|s| accepts(root, s, value)).count() == 1,
        "items" => value.as_array().is_none_or(|list| list.iter().all(|v| accepts(root, rule, v))),
        "minItems" => value.as_array().is_none_or(|list| list.len() as u64 >= rule.as_u64().unwrap()),
        "maxItems" => value.as_array().is_none_or(|list| list.len() as u64 <= rule.as_u64().unwrap()),
        "required" => value.as_object().is_none_or(|map| {
            rule.as_array().unwrap().iter().all(|word| map.contains_key(word.as_str().unwrap()))
        }),
        "properties" => value
            .as_object()
            .is_none_or(|map| map.iter().all(|(word, v)| rule.get(word).is_none_or(|s| accepts(root, s, v)))),
        "additionalProperties" => value.as_object().is_none_or(|map| {
            let known = |word: &String| rules.get("properties").is_some_and(|p| p.get(word).is_some());
            map.iter().filter(|(word, _)| !known(word)).all(|(_, v)| accepts(root, rule, v))
        }),
        "$schema" | "$defs" | "title" | "description" | "x-ru" | "examples" | "pattern" | "minLength"
        | "maxLength" | "minimum" | "maximum" | "propertyNames" => true,
        other => panic!("the schema uses {other}, which this test does not judge"),
    })
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64(),
        _ => false,
    }
}

#[test]
fn the_schema_takes_every_example() {
    let schema = schema();
    for file in folder("../../examples") {
        let document = json_form(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert!(accepts(&schema, &schema, &document), "{}", file.display());
    }
}

#[test]
fn the_schema_refuses_documents_with_words_it_does_not_know() {
    let schema = schema();
    let refused = ["misspelt-words", "missing-words", "later-words", "wrong-kinds", "unknown-words"];
    let mut seen = 0;
    for file in folder("tests/broken") {
        let name = file.file_stem().unwrap().to_str().unwrap();
        if refused.contains(&name) {
            seen += 1;
            let document = json_form(&std::fs::read_to_string(&file).unwrap()).unwrap();
            assert!(!accepts(&schema, &schema, &document), "{name}");
        }
    }
    assert_eq!(seen, refused.len());
}
