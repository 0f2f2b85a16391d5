//! Plural forms by the rules of CLDR, and the names of points in them.
//!
//! Invariant: a name whose forms we do not know is never bent by guess; the common word stands for it.

use super::Language;

/// The forms that English and Russian tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    One,
    Few,
    Many,
    /// A number with decimals in Russian: `1,5 балла`.
    Fraction,
}

/// The form that goes with `value × 10^-scale`. Decimals that are all zero are not said, so not counted.
pub fn plural(language: Language, value: i64, scale: u32) -> Form {
    let unit = 10_u64.pow(scale);
    let (whole, rest) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
    match language {
        Language::En if rest == 0 && whole == 1 => Form::One,
        Language::En => Form::Many,
        Language::Ru if rest != 0 => Form::Fraction,
        Language::Ru => match (whole % 10, whole % 100) {
            (_, 11..=14) => Form::Many,
            (1, _) => Form::One,
            (2..=4, _) => Form::Few,
            _ => Form::Many,
        },
    }
}

// One, few (also the genitive singular of fractions), many.
const RUSSIAN: [[&str; 3]; 13] = [
    ["балл", "балла", "баллов"],
    ["бонус", "бонуса", "бонусов"],
    ["очко", "очка", "очков"],
    ["монета", "монеты", "монет"],
    ["звезда", "звезды", "звёзд"],
    ["миля", "мили", "миль"],
    ["рубль", "рубля", "рублей"],
    ["купон", "купона", "купонов"],
    ["кристалл", "кристалла", "кристаллов"],
    ["коин", "коина", "коинов"],
    ["жетон", "жетона", "жетонов"],
    ["сердце", "сердца", "сердец"],
    ["копилка", "копилки", "копилок"],
];

/// The program's name of points in a form. The name is given in the singular.
pub(super) fn points_name(language: Language, name: &str, form: Form) -> String {
    match language {
        Language::En if form == Form::One => name.to_owned(),
        Language::En => english_plural(name),
        Language::Ru => {
            let lower = name.to_lowercase();
            let forms = RUSSIAN.iter().find(|forms| forms.contains(&lower.as_str())).unwrap_or(&RUSSIAN[0]);
            let at = match form {
                Form::One => 0,
                Form::Few | Form::Fraction => 1,
                Form::Many => 2,
            };
            forms[at].to_owned()
        }
    }
}

fn english_plural(name: &str) -> String {
    let consonant_y =
        name.ends_with('y') && !["ay", "ey", "oy", "uy"].iter().any(|vowel| name.ends_with(vowel));
    if consonant_y {
        return format!("{}ies", &name[..name.len() - 1]);
    }
    // A name that was given in the plural already stays as it is.
    if name.ends_with('s') && !["us", "ss", "is"].iter().any(|end| name.ends_with(end)) {
        return name.to_owned();
    }
    if ["s", "x", "z", "ch", "sh"].iter().any(|end| name.ends_with(end)) {
        return format!("{name}es");
    }
    format!("{name}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn russian_numbers_take_their_forms() {
        let said = |value: i64, scale| points_name(Language::Ru, "бонус", plural(Language::Ru, value, scale));
        for (value, form) in [
            (0, "бонусов"),
            (1, "бонус"),
            (2, "бонуса"),
            (5, "бонусов"),
            (11, "бонусов"),
            (14, "бонусов"),
            (21, "бонус"),
            (22, "бонуса"),
            (111, "бонусов"),
            (101, "бонус"),
            (-3, "бонуса"),
        ] {
            assert_eq!(said(value, 0), form, "{value}");
        }
        assert_eq!(said(150, 2), "бонуса");
        assert_eq!(said(500, 2), "бонусов");
    }

    #[test]
    fn an_unknown_russian_name_becomes_the_common_word() {
        assert_eq!(points_name(Language::Ru, "Пирожочек", Form::Many), "баллов");
        assert_eq!(points_name(Language::Ru, "баллы", Form::Few), "балла");
    }

    #[test]
    fn english_names_take_an_ending() {
        for (name, many) in
            [("bonus", "bonuses"), ("point", "points"), ("penny", "pennies"), ("coins", "coins")]
        {
            assert_eq!(points_name(Language::En, name, Form::Many), many);
        }
        assert_eq!(plural(Language::En, 1, 0), Form::One);
        assert_eq!(plural(Language::En, 150, 2), Form::Many);
    }
}
