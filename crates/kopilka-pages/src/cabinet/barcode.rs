//! The card as a till reads it: bars of Code 128, and the same as a QR code.
//!
//! Invariant: what is drawn is exactly the text given, with the check a scanner tests; a text with letters
//! that bars cannot say is drawn as a QR code alone.

use fast_qr::convert::Builder;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;

/// Widths of bars and gaps of each symbol, by its value: three of each, eleven modules together.
const SYMBOLS: [&str; 106] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
    "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
    "221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
    "212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
    "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
    "231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
    "314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
    "112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
    "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
    "114131", "311141", "411131", "211412", "211214", "211232",
];
const STOP: &str = "2331112";
const START_OF_TEXT: u32 = 104;
const START_OF_DIGITS: u32 = 105;
/// The check is a remainder of this.
const CHECK: u32 = 103;
/// Longer bars do not fit a phone's width.
const LETTERS_MAX: usize = 24;
/// Empty modules at either side, without which scanners see no beginning.
const QUIET: u32 = 10;
/// Height of the drawing in modules.
const HEIGHT: u32 = 60;

/// The values of the symbols between start and stop, the start first.
fn values(text: &str) -> Option<Vec<u32>> {
    if text.is_empty() || text.len() > LETTERS_MAX {
        return None;
    }
    let digits = text.bytes().all(|b| b.is_ascii_digit()) && text.len().is_multiple_of(2);
    let mut values = vec![if digits { START_OF_DIGITS } else { START_OF_TEXT }];
    if digits {
        let pairs = text.as_bytes().as_chunks::<2>().0;
        values.extend(pairs.iter().map(|[high, low]| u32::from(high - b'0') * 10 + u32::from(low - b'0')));
    } else {
        for byte in text.bytes() {
            values.push(u32::from(byte).checked_sub(32).filter(|value| *value < 95)?);
        }
    }
    let sum: u32 = values.iter().zip(0..).map(|(value, place)| value * u32::max(place, 1)).sum();
    values.push(sum % CHECK);
    Some(values)
}

/// Bars and gaps of the whole code, in turn.
fn widths(text: &str) -> Option<Vec<u32>> {
    let mut widths = Vec::new();
    for value in values(text)? {
        widths.extend(SYMBOLS.get(value as usize)?.bytes().map(|b| u32::from(b - b'0')));
    }
    widths.extend(STOP.bytes().map(|b| u32::from(b - b'0')));
    Some(widths)
}

/// The code as a drawing of this page; `None` where bars cannot say the text.
pub fn bars(text: &str) -> Option<String> {
    let widths = widths(text)?;
    let all = widths.iter().sum::<u32>() + 2 * QUIET;
    let mut path = String::new();
    let mut x = QUIET;
    for (width, is_bar) in widths.iter().zip([true, false].into_iter().cycle()) {
        if is_bar {
            path.push_str(&format!("M{x} 0h{width}v{HEIGHT}h-{width}z"));
        }
        x += width;
    }
    Some(format!(
        "<svg viewBox=\"0 0 {all} {HEIGHT}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <path fill=\"#fff\" d=\"M0 0h{all}v{HEIGHT}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

/// The text as a QR code.
pub fn square(text: &str) -> String {
    QRBuilder::new(text)
        .build()
        .map_or_else(|_| String::new(), |code| SvgBuilder::default().margin(2).to_str(&code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_symbol_is_one_of_the_standard() {
        assert_eq!(SYMBOLS.iter().collect::<BTreeSet<_>>().len(), SYMBOLS.len());
        for symbol in SYMBOLS {
            let widths: Vec<u32> = symbol.bytes().map(|b| u32::from(b - b'0')).collect();
            assert_eq!(widths.iter().sum::<u32>(), 11, "{symbol}");
            // Bars of a symbol always come to an even number of modules: the standard's own check.
            assert!(widths.iter().step_by(2).sum::<u32>().is_multiple_of(2), "{symbol}");
        }
    }

    #[test]
    fn the_check_is_the_one_that_scanners_expect() {
        // The well-known example `PJJ123C` has 54 from the start of set A; that of set B is one more.
        assert_eq!(values("PJJ123C").unwrap().last(), Some(&55));
        assert_eq!(values("2000").unwrap(), [105, 20, 0, (105 + 20) % 103]);
        assert_eq!(widths("2000").unwrap().iter().sum::<u32>(), 4 * 11 + 13);
    }

    #[test]
    fn what_bars_cannot_say_is_not_drawn() {
        for text in ["", "карта", "1234567890123456789012345", "a\u{7f}", "a\nb"] {
            assert_eq!(bars(text), None, "{text}");
        }
        assert!(bars("m_0000000000001").unwrap().starts_with("<svg"));
    }
}
