//! Decodes Content-Transfer-Encoding (RFC 2045, 6) tolerantly: broken input costs a character, not the mail.

use std::borrow::Cow;

/// Undoes a transfer encoding. With an unknown encoding the bytes stay as they are. Decoding stops shortly after `most`
/// bytes, so that a result of more than `most` bytes means that there may be more.
#[must_use]
pub fn decode<'b>(bytes: &'b [u8], encoding: Option<&str>, most: usize) -> Cow<'b, [u8]> {
    match encoding.map(|name| name.trim().to_ascii_lowercase()).as_deref() {
        Some("base64") => base64(bytes, most).into(),
        Some("quoted-printable") => quoted_printable(bytes, false, most).into(),
        Some("x-uuencode" | "uuencode" | "x-uue") => uuencoded(bytes).map_or(bytes.into(), Cow::Owned),
        _ => bytes.into(),
    }
}

/// Decodes base64. Characters outside its alphabet are skipped, and padding in the middle begins a new run.
#[must_use]
pub fn base64(bytes: &[u8], most: usize) -> Vec<u8> {
    let mut decoded = Vec::with_capacity((bytes.len() / 4 * 3 + 3).min(most.saturating_add(3)));
    let (mut bits, mut count) = (0_u32, 0);
    for byte in bytes {
        if decoded.len() > most {
            return decoded;
        }
        let sextet = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                end_run(&mut decoded, bits, count);
                (bits, count) = (0, 0);
                continue;
            }
            _ => continue,
        };
        bits = bits << 6 | u32::from(sextet);
        count += 1;
        if count == 4 {
            let [_, one, two, three] = bits.to_be_bytes();
            decoded.extend([one, two, three]);
            (bits, count) = (0, 0);
        }
    }
    end_run(&mut decoded, bits, count);
    decoded
}

/// Writes the last bytes of a run whose length is not a multiple of four characters. A single character holds no byte.
fn end_run(decoded: &mut Vec<u8>, bits: u32, count: usize) {
    let [_, one, two, _] = (bits << (24 - 6 * count.min(4))).to_be_bytes();
    decoded.extend([one, two].into_iter().take(count.saturating_sub(1)));
}

/// Decodes quoted-printable. In an encoded word of a header (RFC 2047, 4.2) an underscore is a space.
#[must_use]
pub fn quoted_printable(bytes: &[u8], word: bool, most: usize) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len().min(most.saturating_add(1)));
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first().filter(|_| decoded.len() <= most) {
        rest = after;
        match (first, after) {
            (b'=', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or_default();
                decoded.push(u8::try_from(digit(high) * 16 + digit(low)).unwrap_or_default());
                rest = after;
            }
            (b'=', _) if !word => match soft_break(after) {
                Some(after) => rest = after,
                None => decoded.push(b'='),
            },
            (b'_', _) if word => decoded.push(b' '),
            _ => decoded.push(*first),
        }
    }
    decoded
}

/// What follows a soft line break, including spaces that were added on the way. None when there is no line break.
fn soft_break(rest: &[u8]) -> Option<&[u8]> {
    let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match rest.get(blank..)? {
        [b'\r', b'\n', after @ ..] | [b'\n', after @ ..] => Some(after),
        [] => Some(&[]),
        _ => None,
    }
}

/// The file in a uuencoded text, from `begin` to `end`.
fn uuencoded(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    lines.find(|line| line.starts_with(b"begin "))?;
    let mut decoded = Vec::new();
    for line in lines.take_while(|line| *line != b"end") {
        let sextet = |byte: u8| byte.wrapping_sub(b' ') & 0x3f;
        let Some((length, data)) = line.split_first() else { continue };
        let from = decoded.len();
        for four in data.chunks(4) {
            let at = |index: usize| u32::from(sextet(four.get(index).copied().unwrap_or(b' ')));
            let all = (at(0) << 18) | (at(1) << 12) | (at(2) << 6) | at(3);
            decoded.extend(all.to_be_bytes().get(1..).unwrap_or_default());
        }
        decoded.truncate(from + usize::from(sextet(*length)));
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_encodings_cost_a_character_at_most() {
        for (bytes, encoding, expected) in [
            (&b"SGVq"[..], "base64", &b"Hej"[..]),
            (b"SG\r\nVq IQ", "Base64", b"Hej!"),
            (b"SGVq!!!", "base64", b"Hej"),
            (b"SGVqIQ==SGVq", "base64", b"Hej!Hej"),
            (b"SGVqQ", "base64", b"Hej"),
            (b"r=E4t =\r\nfram", "quoted-printable", b"r\xe4t fram"),
            (b"100 = hundra =ZZ =", "quoted-printable", b"100 = hundra =ZZ "),
            (b"a_b", "quoted-printable", b"a_b"),
            (b"begin 644 a.txt\n#2&5J\n`\nend\n", "x-uuencode", b"Hej"),
            (b"as it is", "7bit", b"as it is"),
            (b"as it is", "x-strange", b"as it is"),
        ] {
            assert_eq!(decode(bytes, Some(encoding), usize::MAX), expected, "{encoding} {bytes:?}");
        }
        assert_eq!(quoted_printable(b"a_b=5F", true, usize::MAX), b"a b_");
    }

    #[test]
    fn little_more_than_what_is_asked_for_is_decoded() {
        for (bytes, encoding, most, expected) in [
            (&b"SGVqIGhlag=="[..], "base64", 2, &b"Hej"[..]),
            (b"SGVqIGhlag==", "base64", 3, b"Hej he"),
            (b"SGVqIGhlag==", "base64", 7, b"Hej hej"),
            (b"=48=65=6A", "quoted-printable", 1, b"He"),
            (b"=48=65=6A", "quoted-printable", 3, b"Hej"),
        ] {
            assert_eq!(decode(bytes, Some(encoding), most), expected, "{encoding} {bytes:?} {most}");
        }
    }
}
