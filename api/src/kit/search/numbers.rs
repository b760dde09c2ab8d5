//! Numbers that people write in groups of digits, such as telephone numbers, in the forms in which they are compared.
//! Pure.

use std::ops::Range;

/// The fewest and the most digits of such a number.
const DIGITS: std::ops::RangeInclusive<usize> = 5..=18;
/// The most characters between two groups of digits: `) ` or `)-`.
const GAP: usize = 2;

/// A number in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// Its place in the text, in bytes.
    pub place: Range<usize>,
    /// Whether it begins with a country code, after `+` or `00`.
    international: bool,
    /// Its digits, without the sign for a country code.
    digits: String,
}

impl Number {
    /// The number that consists of these characters, whatever stands between its digits; none if it has too few digits
    /// or too many.
    #[must_use]
    pub fn of(text: &str, place: Range<usize>) -> Option<Self> {
        let written = text.get(place.clone())?;
        let mut digits: String = written.chars().filter(char::is_ascii_digit).collect();
        let mut international = written.trim_start_matches('(').starts_with('+');
        if !DIGITS.contains(&digits.len()) {
            return None;
        }
        if let Some(rest) = digits.strip_prefix("00").filter(|_| !international) {
            digits = rest.to_owned();
            international = true;
        }
        // +46 (0)70 … has the zero of the national number in brackets.
        if let Some(rest) = digits.strip_prefix("460").filter(|_| international) {
            digits = format!("46{rest}");
        }
        Some(Self { place, international, digits })
    }

    /// The form by which a search looks for the number, as the beginning of one of [`Number::forms`].
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// The forms in which the number is found: its digits; and, if it can be a telephone number, with and without the
    /// country code and the zero before the national number. Without a country code it is read as a Swedish one.
    #[must_use]
    pub fn forms(&self) -> Vec<String> {
        let national = match (self.international, self.digits.strip_prefix("46"), self.digits.strip_prefix('0')) {
            (true, Some(national), _) | (false, _, Some(national)) if self.digits.len() >= 7 => national,
            _ => return vec![self.digits.clone()],
        };
        vec![format!("46{national}"), format!("0{national}"), national.to_owned()]
    }
}

/// The forms of a stored telephone number, which is in E.164: with and without its country code, and with a zero before
/// the national number.
#[must_use]
pub fn forms_of_phone(e164: &str) -> Vec<String> {
    let digits: String = e164.chars().filter(char::is_ascii_digit).collect();
    let Ok(number) = phonenumber::parse(None, e164) else { return vec![digits] };
    let national = number.national().value();
    vec![digits, format!("0{national}"), national.to_string()]
}

/// The numbers of a text: groups of digits with at most two other characters of their spelling between them.
#[must_use]
pub fn numbers(text: &str) -> Vec<Number> {
    let (mut found, mut begun) = (Vec::new(), None::<Range<usize>>);
    let mut before = ' ';
    let mut gap = 0;
    for (place, c) in text.char_indices() {
        let joins = matches!(c, ' ' | '\u{a0}' | '-' | '–' | '(' | ')' | '/' | '.');
        match &mut begun {
            Some(range) if c.is_ascii_digit() => {
                (range.end, gap) = (place + 1, 0);
            }
            Some(_) if joins && gap < GAP => gap += 1,
            Some(range) => {
                found.extend(Number::of(text, range.clone()));
                begun = None;
            }
            None => {}
        }
        let starts = c.is_ascii_digit() || c == '+';
        if begun.is_none() && starts && !before.is_alphanumeric() {
            (begun, gap) = (Some(place..place + 1), 0);
        }
        before = c;
    }
    found.extend(begun.and_then(|range| Number::of(text, range)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for text in [
            "070-123 45 67",
            "+46701234567",
            "0046701234567",
            "0046 70 123 45 67",
            "+46 (0)70-123 45 67",
            "(070) 123 45 67",
            "070/1234567",
            "0701234567",
            "070\u{a0}123\u{a0}45\u{a0}67",
        ] {
            let found = numbers(&format!("ring {text}, tack"));
            let forms: Vec<_> = found.iter().map(Number::forms).collect();
            assert_eq!(forms, [["46701234567", "0701234567", "701234567"]], "{text:?}");
        }
        assert_eq!(forms_of_phone("+46701234567"), ["46701234567", "0701234567", "701234567"]);
        assert_eq!(forms_of_phone("+442079460958"), ["442079460958", "02079460958", "2079460958"]);
    }

    #[test]
    fn what_is_no_number_has_no_other_forms() {
        for (text, expected) in [
            ("1234", &[][..]),
            ("12 34", &[]),
            ("12 345", &[&["12345"][..]]),
            ("order 2026 000123", &[&["2026000123"]]),
            ("x1234567", &[]),
            ("C-2026-000123", &[&["2026000123"]]),
            ("12345\n67890", &[&["12345"], &["67890"]]),
            ("+44 20 7946 0958", &[&["442079460958"]]),
            ("1234567890123456789", &[]),
            ("+", &[]),
            ("++46701234567", &[&["46701234567", "0701234567", "701234567"]]),
        ] {
            let found: Vec<_> = numbers(text).iter().map(Number::forms).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
