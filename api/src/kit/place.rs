//! The place of a row in a list, and the cursor that names it. A cursor belongs to one list in one order: in another
//! it is refused, because it would lead to an arbitrary row there.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use uuid::Uuid;

use super::error::{ErrorCode, Problem};
use super::page::sensible;
use crate::texts;

/// The longest cursor that is read, in characters. A name has at most 200 characters.
const LONGEST: usize = 1_500;

/// What a list is ordered by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A time.
    Time(DateTime<Utc>),
    /// A text, such as a name.
    Text(String),
    /// A number, such as a version.
    Number(i64),
}

impl Key {
    /// The key as a value in a statement.
    #[must_use]
    pub fn value(&self) -> Expr {
        match self {
            Self::Time(at) => Expr::val(*at),
            Self::Text(text) => Expr::val(text.clone()),
            Self::Number(number) => Expr::val(*number),
        }
    }
}

/// The place of a row in its list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The part of the list, counted from 0, for lists that consist of several parts one after the other.
    pub rank: u8,
    /// What the part is ordered by.
    pub by: Key,
    /// The id of the row, which decides between rows with the same key.
    pub id: Uuid,
}

impl Place {
    /// The place of a row in a list that is ordered by time.
    #[must_use]
    pub const fn at(time: DateTime<Utc>, id: Uuid) -> Self {
        Self { rank: 0, by: Key::Time(time), id }
    }

    /// The place of a row in a list that is ordered by name.
    #[must_use]
    pub fn named(name: &str, id: Uuid) -> Self {
        Self { rank: 0, by: Key::Text(name.to_owned()), id }
    }

    /// The place of a row in a list that is numbered.
    #[must_use]
    pub const fn numbered(number: i64) -> Self {
        Self { rank: 0, by: Key::Number(number), id: Uuid::nil() }
    }
}

/// A list in one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List(u16);

impl List {
    /// The list with this name. The number that stands for it in cursors is computed from the name (FNV-1a).
    #[must_use]
    pub const fn named(name: &str) -> Self {
        let bytes = name.as_bytes();
        let mut hash: u32 = 0x811c_9dc5;
        let mut rest = bytes;
        while let Some((byte, others)) = rest.split_first() {
            hash = (hash ^ *byte as u32).wrapping_mul(0x0100_0193);
            rest = others;
        }
        let [a, b, c, d] = hash.to_be_bytes();
        Self(u16::from_be_bytes([a ^ c, b ^ d]))
    }

    /// The cursor of a place. It is opaque: clients store it and send it back unchanged.
    #[must_use]
    pub fn cursor(self, place: &Place) -> String {
        let mut bytes = self.0.to_be_bytes().to_vec();
        bytes.push(place.rank);
        let (kind, value) = match &place.by {
            Key::Time(at) => (b't', at.timestamp_micros().to_be_bytes().to_vec()),
            Key::Text(text) => (b's', text.as_bytes().to_vec()),
            Key::Number(number) => (b'n', number.to_be_bytes().to_vec()),
        };
        bytes.push(kind);
        bytes.extend(value);
        bytes.extend_from_slice(place.id.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place that a cursor names.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`], naming the field, for a text that is no cursor, and for a cursor of another list.
    pub fn place(self, cursor: &str, field: &str) -> Result<Place, Problem> {
        let invalid = |text| Problem::new(ErrorCode::Invalid, field, text);
        let (list, place) = decoded(cursor).ok_or_else(|| invalid(texts::input::bad_cursor()))?;
        if list == self { Ok(place) } else { Err(invalid(texts::input::cursor_of_another_list())) }
    }
}

fn decoded(cursor: &str) -> Option<(List, Place)> {
    if cursor.len() > LONGEST {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (list, rest) = bytes.split_first_chunk::<2>()?;
    let ([rank, kind], rest) = rest.split_first_chunk::<2>()?;
    let (value, id) = rest.split_last_chunk::<16>()?;
    let number = || Some(i64::from_be_bytes(value.try_into().ok()?));
    let by = match kind {
        b't' => Key::Time(DateTime::from_timestamp_micros(number()?).filter(sensible)?),
        b's' => Key::Text(String::from_utf8(value.to_vec()).ok().filter(|text| !text.contains('\0'))?),
        b'n' => Key::Number(number()?),
        _ => return None,
    };
    Some((List(u16::from_be_bytes(*list)), Place { rank: *rank, by, id: Uuid::from_bytes(*id) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: List = List::named("cases");

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let id = Uuid::from_u128(42);
        for place in [
            Place::at(DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap(), id),
            Place { rank: 3, ..Place::at(DateTime::from_timestamp_micros(-1).unwrap(), id) },
            Place::named("Åsa & Ö", id),
            Place::named("", id),
            Place::numbered(i64::MIN),
        ] {
            assert_eq!(CASES.place(&CASES.cursor(&place), "after"), Ok(place));
        }
    }

    #[test]
    fn a_cursor_of_another_list_is_refused_and_so_is_nonsense() {
        let place = Place::numbered(7);
        let other = CASES.place(&List::named("messages").cursor(&place), "after").unwrap_err();
        assert_eq!(other.message, texts::input::cursor_of_another_list());
        let zero = URL_SAFE_NO_PAD.encode([b"\0\0\0s\0".as_slice(), &[0; 16]].concat());
        for nonsense in ["", "x", "ÅÄÖ", "AAAA", &"A".repeat(5_000), &zero] {
            let problem = CASES.place(nonsense, "before").unwrap_err();
            assert_eq!((problem.message, problem.field), (texts::input::bad_cursor(), vec!["before".to_owned()]));
        }
    }
}
