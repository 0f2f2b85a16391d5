//! A filled-in form as changes of the document's text.
//!
//! Invariant: a field that was left as it was changes no byte.

use super::beginning::Beginnings;
use crate::posted::Posted;
use kopilka_core::program::document::vocabulary::{Block, Kind, find, words_of};
use kopilka_core::program::source::{Form, Part, Source, flow, scalar, shown};

/// The text with what the fields say.
pub fn applied(source: &Source, posted: &Posted, begin: &Beginnings<'_>) -> String {
    let mut splices = Vec::new();
    let mut put = |at: &str, value: &dyn Fn(&Part) -> Option<String>| {
        if let Some(part) = source.part(&format!("/{at}"))
            && let Some(value) = value(part)
        {
            splices.push(source.replacement(part, &value));
        }
    };
    for (at, told) in posted.under("v/") {
        put(at, &|part| (shown(part) != told).then(|| written(source, part, told)));
    }
    for (at, told) in posted.under("w/") {
        put(at, &|part| chosen(part, told, begin));
    }
    for (at, first) in posted.under("m/").filter(|(_, value)| value.is_empty()) {
        put(at, &|part| names(part, posted, at, first));
    }
    for (at, en) in posted.under("en/") {
        put(at, &|part| localized(part, en, posted.text(&format!("ru/{at}"))));
    }
    for (at, told) in posted.under("y/") {
        let told = told.replace('\r', "");
        put(at, &|part| (source.alone(part).trim_end() != told.trim_end()).then(|| told.clone()));
    }
    source.spliced(splices)
}

/// A scalar as the one before it was written; what begins with a bracket is a value of the document itself.
fn written(source: &Source, part: &Part, told: &str) -> String {
    let is_value = told.starts_with(['{', '[']) && Source::read(&format!("v: {told}")).is_some();
    let raw = source.raw(part);
    if is_value || (matches!(told, "true" | "false") && !raw.starts_with('"')) {
        told.to_owned()
    } else if raw.starts_with('"') && !scalar(told).starts_with('"') {
        format!("\"{told}\"")
    } else {
        scalar(told)
    }
}

/// A word, or a map of one word.
fn chosen(part: &Part, told: &str, begin: &Beginnings<'_>) -> Option<String> {
    let now = match (&part.form, part.entries().first()) {
        (Form::Scalar { text, .. }, _) => text.clone(),
        (_, Some(entry)) => format!("+{}", entry.word),
        _ => String::new(),
    };
    if now == told {
        return None;
    }
    Some(match told.strip_prefix('+') {
        Some(word) => format!("{{ {word}: {} }}", begin.of_word(Block::WhenMap, word)),
        None => scalar(told),
    })
}

/// Names of one list: a document has no longer ones, and each is compared with those before it.
const NAMES_MAX: usize = 1_000;

/// Those that were ticked, and those that were typed.
fn names(part: &Part, posted: &Posted, at: &str, _: &str) -> Option<String> {
    let field = format!("m/{at}");
    let typed = posted.text(&format!("x/{at}")).to_owned();
    let mut told: Vec<String> = Vec::new();
    let all = posted.all(&field).chain(typed.split([',', '\n']).map(str::trim));
    for name in all.filter(|name| !name.is_empty()).take(NAMES_MAX) {
        if !told.iter().any(|known| known == name) {
            told.push(name.to_owned());
        }
    }
    let now: Vec<String> = match &part.form {
        Form::List(items) => items.iter().map(shown).collect(),
        _ => part.scalar().into_iter().map(str::to_owned).collect(),
    };
    if now == told {
        return None;
    }
    match (told.as_slice(), &part.form) {
        ([one], Form::Scalar { .. }) => Some(scalar(one)),
        _ => Some(format!("[{}]", told.iter().map(|name| scalar(name)).collect::<Vec<_>>().join(", "))),
    }
}

fn localized(part: &Part, en: &str, ru: &str) -> Option<String> {
    let now = match part.scalar() {
        Some(text) => (text, text),
        None => (part.said("en"), part.said("ru")),
    };
    if now == (en, ru) {
        return None;
    }
    Some(match en == ru {
        true => scalar(en),
        false => format!("{{ en: {}, ru: {} }}", scalar(en), scalar(ru)),
    })
}

/// What a button of the form does beside keeping it: `None` where the document does not have the place.
pub fn acted(source: &Source, act: &str, posted: &Posted, begin: &Beginnings<'_>) -> Option<String> {
    let (act, at) = act.split_once(':')?;
    let pointer = if at.is_empty() { String::new() } else { format!("/{at}") };
    let picked = posted.text(&format!("{act}:{at}"));
    match act {
        "word" => {
            let block = block_at(source, &pointer)?;
            find(block, picked)?;
            source.with_entry(&pointer, picked, &begin.of_word(block, picked))
        }
        "cond" => {
            find(Block::Condition, picked)?;
            with_condition(source, &pointer, &one(Block::Condition, picked, begin))
        }
        "item" => match block_at(source, &pointer)? {
            block @ (Block::Condition | Block::Effect) => {
                find(block, picked)?;
                source.with_item(&pointer, &one(block, picked, begin))
            }
            block => source.with_item(&pointer, &begin.of_map(block)),
        },
        "remove" => without(source, &pointer),
        _ => None,
    }
}

fn one(block: Block, word: &str, begin: &Beginnings<'_>) -> String {
    format!("{{ {word}: {} }}", begin.of_word(block, word))
}

/// One condition more: beside the others of `all`, or together with the one that stands there.
fn with_condition(source: &Source, holder: &str, condition: &str) -> Option<String> {
    let at = format!("{holder}/if");
    match source.part(&at) {
        None => source.with_entry(holder, "if", condition),
        Some(part) => match part.entries() {
            [only] if only.word == "all" => source.with_item(&format!("{at}/all"), condition),
            [] => source.replaced(&at, condition),
            _ => source.replaced(&at, &format!("{{ all: [{}, {condition}] }}", flow(part))),
        },
    }
}

/// Takes a part away, and with it what would be left empty: a list of conditions, and the `if` around it.
fn without(source: &Source, pointer: &str) -> Option<String> {
    let mut pointer = pointer.to_owned();
    loop {
        let (above, _) = pointer.rsplit_once('/')?;
        let holder = source.part(above)?;
        let alone = holder.items().len() + holder.entries().len() == 1;
        let of_conditions = above.contains("/if");
        if !(alone && of_conditions) {
            return source.without(&pointer);
        }
        pointer = above.to_owned();
    }
}

/// Which block's words stand at a place of the document; of a list, the block of its items.
pub fn block_at(source: &Source, pointer: &str) -> Option<Block> {
    let mut block = Block::Document;
    let mut part = &source.root;
    let mut kind = Kind::Map(Block::Document);
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        match &part.form {
            Form::List(items) => part = items.get(name.parse::<usize>().ok()?)?,
            Form::Map(_) => {
                let word = words_of(block).find(|word| word.word == name)?;
                (part, kind) = (part.get(&name)?, word.kind);
            }
            Form::Scalar { .. } => return None,
        }
        block = block_of(kind, part)?;
    }
    Some(block)
}

fn block_of(kind: Kind, part: &Part) -> Option<Block> {
    match kind {
        Kind::Map(block) | Kind::Words(block) => Some(block),
        Kind::List(inner) | Kind::OneOrMany(inner) => block_of(*inner, part),
        Kind::Either(kinds) => {
            let map = kinds.iter().find(|kind| matches!(kind, Kind::Map(_)));
            let words = kinds.iter().find(|kind| matches!(kind, Kind::Words(_)));
            let first = if part.scalar().is_some() { words.or(map) } else { map.or(words) };
            first.or(kinds.first()).and_then(|kind| block_of(*kind, part))
        }
        _ => Some(Block::Everywhere),
    }
}
