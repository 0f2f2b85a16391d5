//! Which lines a rule or a limit speaks of: the case's `where` and `exclude` as our `match`.

use super::words::{Trouble, Words, plain};
use serde_json::{Map, Value, json};

/// What a line can be told by, in the words of both sides.
/// A group of articles is a tag of ours: the goods of a cart bear it too.
const TRAITS: [(&str, &str); 7] = [
    ("sku_group", "tag"),
    ("sku", "sku"),
    ("category", "category"),
    ("categories", "category"),
    ("brand", "brand"),
    ("tag", "tag"),
    ("tags", "tag"),
];

/// `{"sku": [..], "not_sku": [..]}` → `{"sku": [..], "except": {"sku": [..]}}`; `None` when all lines match.
pub fn lines_where(place: &str, value: Option<&Value>) -> Result<Option<Value>, Trouble> {
    let Some(value) = value else { return Ok(None) };
    let mut words = Words::of(place, value)?;
    let (mut only, mut except) = (Map::new(), Map::new());
    for (theirs, ours) in TRAITS {
        if let Some(list) = words.texts(theirs)? {
            only.insert(ours.to_owned(), json!(list));
        }
        if let Some(list) = words.texts(&format!("not_{theirs}"))? {
            except.insert(ours.to_owned(), json!(list));
        }
    }
    if let Some(labels) = words.take("labels") {
        only.insert("tag".to_owned(), json!(label_tags(place, labels)?));
    }
    words.end()?;
    // One match holds when every trait it names does; two exclusions are either-or and would need two.
    if except.len() > 1 {
        return Err(Trouble::unknown(format!("{place} with two exclusions")));
    }
    if !except.is_empty() {
        only.insert("except".to_owned(), Value::Object(except));
    }
    Ok((!only.is_empty()).then_some(Value::Object(only)))
}

/// Lines taken out: the same words, seen from the other side.
pub fn lines_without(place: &str, value: &Value) -> Result<Value, Trouble> {
    let mut words = Words::of(place, value)?;
    let mut out = Map::new();
    for (theirs, ours) in TRAITS {
        if let Some(list) = words.texts(theirs)? {
            out.insert(ours.to_owned(), json!(list));
        }
    }
    words.end()?;
    if out.len() > 1 {
        return Err(Trouble::unknown(format!("{place} by two traits")));
    }
    Ok(Value::Object(out))
}

/// Labels are tags with a name: `{"color": "red"}` → `["color:red"]`.
pub fn label_tags(place: &str, labels: &Value) -> Result<Vec<String>, Trouble> {
    let odd = || Trouble::unknown(format!("{place}.labels: {labels}"));
    let labels = labels.as_object().ok_or_else(odd)?;
    labels.iter().map(|(name, value)| Ok(format!("{name}:{}", plain(value).ok_or_else(odd)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exclusions_become_except() {
        let value = json!({"not_sku": ["a"], "tag": "t"});
        let out = lines_where("w", Some(&value)).expect("known words");
        assert_eq!(out, Some(json!({"tag": ["t"], "except": {"sku": ["a"]}})));
        assert!(lines_where("w", Some(&json!({"weight": 1}))).is_err());
    }
}
