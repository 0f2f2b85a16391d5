//! Reading a case word by word. What nobody asked for is told as the unknown word: a case never passes
//! because something in it was overlooked.

use serde_json::{Map, Value};

/// Why a case did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// A word of the case that the engine, or this runner, does not know.
    Unknown(String),
    /// What came out differs from what must come out.
    Differs(String),
}

impl Trouble {
    pub fn unknown(word: impl Into<String>) -> Trouble {
        Trouble::Unknown(word.into())
    }
    pub fn differs(text: impl Into<String>) -> Trouble {
        Trouble::Differs(text.into())
    }
}

/// An error of the machinery (a server that did not start, a broken connection) counts as a difference.
impl From<String> for Trouble {
    fn from(text: String) -> Trouble {
        Trouble::Differs(text)
    }
}

/// An object of a case; every key must be taken before [`Words::end`].
#[derive(Debug)]
pub struct Words<'a> {
    place: String,
    left: Vec<(&'a str, &'a Value)>,
}

impl<'a> Words<'a> {
    pub fn of(place: &str, value: &'a Value) -> Result<Words<'a>, Trouble> {
        match value.as_object() {
            Some(object) => Ok(Words::of_object(place, object)),
            None => Err(Trouble::unknown(format!("{place}: {value}"))),
        }
    }
    pub fn of_object(place: &str, object: &'a Map<String, Value>) -> Words<'a> {
        Words { place: place.to_owned(), left: object.iter().map(|(k, v)| (k.as_str(), v)).collect() }
    }
    /// The value of a key, which is then known; `null` is as good as absent.
    pub fn take(&mut self, key: &str) -> Option<&'a Value> {
        self.take_even_null(key).filter(|v| !v.is_null())
    }
    pub fn take_even_null(&mut self, key: &str) -> Option<&'a Value> {
        let at = self.left.iter().position(|(k, _)| *k == key)?;
        Some(self.left.swap_remove(at).1)
    }
    /// A text, or a number as text.
    pub fn text(&mut self, key: &str) -> Result<Option<String>, Trouble> {
        match self.take(key) {
            None => Ok(None),
            Some(value) => match plain(value) {
                Some(text) => Ok(Some(text)),
                None => Err(self.odd(key, value)),
            },
        }
    }
    pub fn needed(&mut self, key: &str) -> Result<String, Trouble> {
        self.text(key)?.ok_or_else(|| Trouble::unknown(format!("{} without {key}", self.place)))
    }
    pub fn flag(&mut self, key: &str) -> Result<Option<bool>, Trouble> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(value) => Err(self.odd(key, value)),
        }
    }
    /// A list of texts, or one text standing for a list of one.
    pub fn texts(&mut self, key: &str) -> Result<Option<Vec<String>>, Trouble> {
        let Some(value) = self.take(key) else { return Ok(None) };
        texts_of(value).map(Some).ok_or_else(|| self.odd(key, value))
    }
    /// A word that only says something about people who read the case.
    pub fn ignore(&mut self, key: &str) {
        self.take_even_null(key);
    }
    pub fn odd(&self, key: &str, value: &Value) -> Trouble {
        Trouble::unknown(format!("{}.{key}: {value}", self.place))
    }
    /// Refuses what was not taken.
    pub fn end(self) -> Result<(), Trouble> {
        match self.left.iter().find(|(_, value)| !value.is_null()) {
            None => Ok(()),
            Some((key, _)) => Err(Trouble::unknown(format!("{}.{key}", self.place))),
        }
    }
}

/// A text, or a number as text.
pub fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A list of texts, or one text standing for a list of one.
pub fn texts_of(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(list) => list.iter().map(plain).collect(),
        one => plain(one).map(|text| vec![text]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_word_nobody_took_is_told() {
        let value = json!({"a": 1, "b": null, "c": "x"});
        let mut words = Words::of("here", &value).expect("an object");
        assert_eq!(words.text("a"), Ok(Some("1".to_owned())));
        assert_eq!(words.end(), Err(Trouble::unknown("here.c")));
    }
}
