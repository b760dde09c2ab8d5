//! E-mail addresses and telephone numbers in the form in which they are compared. Pure functions.

use phonenumber::country;

use super::error::{ErrorCode, Problem, Problems};
use super::text::{clean_line, composed};
use crate::texts::{self, Text};

/// The address in lower case and composed (Unicode's NFC), if the text is one: a local part, `@`, and a domain with a
/// dot (RFC 5321, 4.5.3.1 for the lengths).
#[must_use]
pub fn email(text: &str) -> Option<String> {
    let address = composed(&clean_line(text)).to_lowercase();
    let (local, domain) = address.rsplit_once('@')?;
    let labels_fit = domain.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
    });
    let fits = (1..=64).contains(&local.len())
        && address.len() <= 254
        && domain.contains('.')
        && labels_fit
        && !local.contains(|c: char| c.is_whitespace() || "<>()[],;:\\\"@".contains(c));
    fits.then_some(address)
}

/// The number in E.164, if the text is a valid one. A number without a country code is read as a Swedish one.
#[must_use]
pub fn phone(text: &str) -> Option<String> {
    let text = clean_line(text);
    // In `sip:+46701234567@exchange` the number is before the `@`.
    let number = text.strip_prefix("sip:").or_else(|| text.strip_prefix("tel:")).unwrap_or(&text);
    let number = number.split(['@', ';']).next().unwrap_or_default();
    let number = phonenumber::parse(Some(country::SE), number).ok()?;
    number.is_valid().then(|| number.format().mode(phonenumber::Mode::E164).to_string())
}

/// Loads the tables of telephone numbers. This takes as long as hundreds of acts, so it is done when the service
/// starts. Otherwise the first act that reads a number would do it, and other acts would wait for it.
pub fn prepare() {
    for number in ["070-174 06 05", "+44 20 7946 0958"] {
        let _loaded = phone(number);
    }
}

/// Checks an e-mail address that was given; none if the text is empty.
///
/// # Errors
/// [`ErrorCode::Invalid`], naming the field.
pub fn checked_email(text: Option<&str>, field: &str) -> Result<Option<String>, Problem> {
    non_empty(text).map_or(Ok(None), |text| {
        let problem = || Problem::new(ErrorCode::Invalid, field, texts::input::bad_email());
        email(text).map(Some).ok_or_else(problem)
    })
}

/// Checks a telephone number that was given; none if the text is empty.
///
/// # Errors
/// [`ErrorCode::Invalid`], naming the field.
pub fn checked_phone(text: Option<&str>, field: &str) -> Result<Option<String>, Problem> {
    non_empty(text).map_or(Ok(None), |text| {
        let problem = || Problem::new(ErrorCode::Invalid, field, texts::input::bad_phone());
        phone(text).map(Some).ok_or_else(problem)
    })
}

/// Checks an address and a number, of which at least one must be given. `missing` is the message when both are missing.
#[must_use]
pub fn ways(
    problems: &mut Problems,
    (email, phone): (Option<&str>, Option<&str>),
    missing: Text,
) -> (Option<String>, Option<String>) {
    let email = problems.check(checked_email(email, "email"));
    let phone = problems.check(checked_phone(phone, "phone"));
    if email == Some(None) && phone == Some(None) {
        problems.add(Problem::new(ErrorCode::Required, "email", missing));
    }
    (email.flatten(), phone.flatten())
}

fn non_empty(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("Anna@Example.com", Some("anna@example.com")),
            (" o'neill+tag@mail.example.co.uk ", Some("o'neill+tag@mail.example.co.uk")),
            ("åsa@bokhandel.example", Some("åsa@bokhandel.example")),
            ("A\u{30a}sa@bokhandel.example", Some("åsa@bokhandel.example")),
            ("anna", None),
            ("anna@", None),
            ("@example.com", None),
            ("anna@localhost", None),
            ("anna@example..com", None),
            ("a b@example.com", None),
            ("<anna@example.com>", None),
            ("a@b@example.com", None),
            ("anna@example.com\r\nBcc: all@example.com", None),
        ] {
            assert_eq!(email(text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn numbers() {
        for (text, expected) in [
            ("070-174 06 05", Some("+46701740605")),
            ("+46 8 123 456 78", Some("+46812345678")),
            ("0046701740605", Some("+46701740605")),
            ("sip:+46701740605@pbx.example", Some("+46701740605")),
            ("+44 20 7946 0958", Some("+442079460958")),
            ("112", None),
            ("anonymous", None),
            ("", None),
            ("hello", None),
        ] {
            assert_eq!(phone(text).as_deref(), expected, "{text:?}");
        }
    }
}
