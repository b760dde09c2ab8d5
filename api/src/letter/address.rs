//! Tagged addresses: `help+c…@shop.example` receives answers about a case, and `help+b…@` receives a letter that a mail
//! server returns (VERP). `help+n…@` and `help+k…@` receive what a member of staff answers to a notice, `help+u…@` what
//! a partner's person answers to a mail about a task. A tag is authenticated with a MAC, so that nobody can make one
//! for a case that was not disclosed to them. Pure.

use entity::id::{CaseId, LetterId, TypedId};
use uuid::Uuid;

use crate::kit::secret::Secret;

/// The base32 alphabet of RFC 4648, 6, in lower case, because mail servers may change the case of the part before the
/// `@`.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// The length of the MAC in bytes: long enough that it cannot be guessed by sending mail.
const SEAL: usize = 8;

/// What a tagged address refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressTag {
    /// Answers about this case.
    Case(CaseId),
    /// The return of this letter.
    Letter(LetterId),
    /// A note on the case that this notice is about, by the member of staff to whom it was sent.
    Note(LetterId),
    /// A message to the customer of the case that this notice is about, by the member of staff to whom it was sent.
    ToCustomer(LetterId),
    /// An update of the task that this letter is about, by the partner's person to whom it was sent.
    TaskUpdate(LetterId),
}

impl AddressTag {
    /// The case that it refers to, if it refers to a case.
    #[must_use]
    pub fn case(self) -> Option<CaseId> {
        if let Self::Case(id) = self { Some(id) } else { None }
    }

    /// The letter that is returned, if it refers to a letter.
    #[must_use]
    pub fn letter(self) -> Option<LetterId> {
        if let Self::Letter(id) = self { Some(id) } else { None }
    }

    /// The letter that it refers to, whether that is returned or answered.
    #[must_use]
    pub fn any_letter(self) -> Option<LetterId> {
        match self {
            Self::Case(_) => None,
            Self::Letter(id) | Self::Note(id) | Self::ToCustomer(id) | Self::TaskUpdate(id) => Some(id),
        }
    }

    fn parts(self) -> (char, Uuid) {
        match self {
            Self::Case(id) => ('c', id.uuid()),
            Self::Letter(id) => ('b', id.uuid()),
            Self::Note(id) => ('n', id.uuid()),
            Self::ToCustomer(id) => ('k', id.uuid()),
            Self::TaskUpdate(id) => ('u', id.uuid()),
        }
    }

    /// The tag as it is written in an address.
    #[must_use]
    pub fn text(self, secret: &Secret) -> String {
        let (mark, id) = self.parts();
        let mut bytes = id.as_bytes().to_vec();
        bytes.extend(seal(secret, mark, id));
        format!("{mark}{}", base32(&bytes))
    }

    /// Reads a tag; `None` when it was not made by this service.
    #[must_use]
    pub fn read(secret: &Secret, text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let mark = text.chars().next()?;
        let bytes = bytes(text.get(1..)?)?;
        let (id, given) = bytes.split_at_checked(16)?;
        let id = Uuid::from_slice(id).ok()?;
        let tag = match mark {
            'c' => Self::Case(CaseId(id)),
            'b' => Self::Letter(LetterId(id)),
            'n' => Self::Note(LetterId(id)),
            'k' => Self::ToCustomer(LetterId(id)),
            'u' => Self::TaskUpdate(LetterId(id)),
            _ => return None,
        };
        bool::from(subtle::ConstantTimeEq::ct_eq(given, seal(secret, mark, id).as_slice())).then_some(tag)
    }
}

fn seal(secret: &Secret, mark: char, id: Uuid) -> Vec<u8> {
    let label = match mark {
        'c' => "mail about a case",
        'n' => "a note that answers a notice",
        'k' => "a message that answers a notice",
        'u' => "an update that answers a mail about a task",
        _ => "mail that comes back",
    };
    secret.mac(label, id.as_bytes()).iter().copied().take(SEAL).collect()
}

/// The address with this tag after a `+`.
#[must_use]
pub fn tagged(secret: &Secret, address: &str, tag: AddressTag) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{local}+{}@{domain}", tag.text(secret)),
        None => address.to_owned(),
    }
}

/// Splits an address into the address without its tag and the tag after the `+`; both in lower case.
#[must_use]
pub fn split(address: &str) -> (String, Option<String>) {
    let address = address.trim().trim_matches(['<', '>']).to_lowercase();
    let Some((local, domain)) = address.rsplit_once('@') else { return (address, None) };
    match local.split_once('+') {
        Some((local, tag)) => (format!("{local}@{domain}"), Some(tag.to_owned())),
        None => (address, None),
    }
}

fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(digit(held >> bits));
        }
    }
    if bits > 0 {
        text.push(digit(held << (5 - bits)));
    }
    text
}

fn digit(value: u32) -> char {
    usize::try_from(value & 31).ok().and_then(|place| ALPHABET.get(place)).map_or('a', |byte| char::from(*byte))
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for c in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == c)?;
        held = (held << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).ok()?);
        }
    }
    (bytes.len() == 16 + SEAL).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_again_and_a_forged_one_is_not() {
        let secret = Secret::new(*b"0123456789abcdef0123456789abcdef");
        let case = AddressTag::Case(CaseId(Uuid::from_u128(0x0192_3456_789a_bcde_f012_3456_789a_bcde)));
        let address = tagged(&secret, "help@shop.example", case);
        let (local, _) = address.split_once('@').unwrap();
        assert!(local.len() <= 64, "{local}");
        let (plain, tag) = split(&format!("<{}>", address.to_uppercase()));
        assert_eq!(plain, "help@shop.example");
        let tag = tag.unwrap();
        assert_eq!(AddressTag::read(&secret, &tag), Some(case));
        let longest = tagged(&secret, "twenty-three-characters@shop.example", case);
        assert!(longest.split('@').next().unwrap().len() <= 64);
        for forged in [
            "",
            "c",
            "caaaa",
            &tag.replacen('c', "b", 1),
            &tag.replacen('c', "n", 1),
            &tag.replacen('c', "k", 1),
            &tag.replacen('c', "u", 1),
            &format!("{}a", &tag[..tag.len() - 1]),
            &tag[..20],
            "cå",
        ] {
            assert!(forged == tag || AddressTag::read(&secret, forged).is_none(), "{forged}");
        }
        assert_eq!(AddressTag::read(&Secret::new(*b"another secret of thirty-two byte"), &tag), None);
        assert_eq!(split("anna@example.com"), ("anna@example.com".to_owned(), None));
    }
}
