//! The character encoding of a table, as its byte order mark says or as its bytes show. Pure.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The character encodings that a table may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Encoding {
    /// UTF-8.
    #[value(name = "utf-8", alias = "utf8")]
    Utf8,
    /// Windows-1252, which includes Latin-1. Excel writes it into CSV files in Western Europe.
    #[value(name = "windows-1252", aliases = ["cp1252", "latin1", "iso-8859-1"])]
    Windows1252,
    /// UTF-16 with the low byte first.
    #[value(name = "utf-16le", alias = "utf16le")]
    Utf16Le,
    /// UTF-16 with the high byte first.
    #[value(name = "utf-16be", alias = "utf16be")]
    Utf16Be,
}

impl Encoding {
    const ALL: [Self; 4] = [Self::Utf8, Self::Windows1252, Self::Utf16Le, Self::Utf16Be];

    /// The encoding's name, as the command takes it and as a content type has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Windows1252 => "windows-1252",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
        }
    }

    /// The byte order mark that a table in this encoding may begin with.
    #[must_use]
    pub const fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8 => b"\xef\xbb\xbf",
            Self::Windows1252 => b"",
            Self::Utf16Le => b"\xff\xfe",
            Self::Utf16Be => b"\xfe\xff",
        }
    }

    /// The number of bytes of a code unit. Separators, quotes and line ends are one unit each.
    #[must_use]
    pub const fn width(self) -> usize {
        match self {
            Self::Utf8 | Self::Windows1252 => 1,
            Self::Utf16Le | Self::Utf16Be => 2,
        }
    }

    /// The code unit that these bytes begin with. None when there are too few bytes.
    #[must_use]
    pub fn unit(self, bytes: &[u8]) -> Option<u16> {
        match (self, bytes) {
            (Self::Utf8 | Self::Windows1252, [byte, ..]) => Some(u16::from(*byte)),
            (Self::Utf16Le, [first, second, ..]) => Some(u16::from_le_bytes([*first, *second])),
            (Self::Utf16Be, [first, second, ..]) => Some(u16::from_be_bytes([*first, *second])),
            _ => None,
        }
    }

    /// The text of these bytes. None when they are not text in this encoding.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
            Self::Windows1252 => Some(WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()),
            Self::Utf16Le => UTF_16LE.decode_without_bom_handling_and_without_replacement(bytes).map(Into::into),
            Self::Utf16Be => UTF_16BE.decode_without_bom_handling_and_without_replacement(bytes).map(Into::into),
        }
    }

    /// The bytes of this text. A character that Windows-1252 does not have becomes a question mark.
    #[must_use]
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Windows1252 => text.chars().flat_map(byte_of).collect(),
            Self::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }
}

fn byte_of(c: char) -> Vec<u8> {
    let text = c.to_string();
    let (bytes, _, unmappable) = WINDOWS_1252.encode(&text);
    if unmappable { vec![b'?'] } else { bytes.into_owned() }
}

/// How many bytes at the beginning are searched for zeros.
const ZEROS: u64 = 64 * 1024;

/// What the bytes of a table have shown so far.
#[derive(Debug, Default)]
pub struct Look {
    first: Vec<u8>,
    seen: u64,
    /// How many zeros stand at even positions and at odd ones.
    zeros: [u64; 2],
    /// How many characters beyond ASCII are valid UTF-8, and how many places are not.
    valid: u64,
    broken: u64,
    /// The beginning of a character whose end was not seen yet.
    cut: Vec<u8>,
}

impl Look {
    /// Examines the next bytes.
    pub fn at(&mut self, bytes: &[u8]) {
        let more = 4_usize.saturating_sub(self.first.len());
        self.first.extend(bytes.iter().take(more));
        for byte in bytes {
            if self.seen < ZEROS && *byte == 0 {
                let [even, odd] = &mut self.zeros;
                *(if self.seen.is_multiple_of(2) { even } else { odd }) += 1;
            }
            self.seen += 1;
        }
        if self.cut.is_empty() && bytes.is_ascii() {
            return;
        }
        let mut text = std::mem::take(&mut self.cut);
        text.extend(bytes);
        self.cut = text.split_off(text.len() - unfinished(&text));
        for chunk in text.utf8_chunks() {
            self.valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
            self.broken += u64::from(!chunk.invalid().is_empty());
        }
    }

    /// The encoding of these bytes, and whether they begin with a byte order mark. `said` decides, unless a mark
    /// contradicts it.
    ///
    /// # Errors
    /// When the mark is of another encoding than `said`, or of one that is not supported.
    pub fn encoding(&self, said: Option<Encoding>) -> Result<(Encoding, bool), String> {
        if [&b"\xff\xfe\0\0"[..], b"\0\0\xfe\xff"].iter().any(|mark| self.first.starts_with(mark)) {
            return Err("The table is written in UTF-32, which is not read: save it in UTF-8.".to_owned());
        }
        let marked =
            Encoding::ALL.into_iter().find(|known| !known.mark().is_empty() && self.first.starts_with(known.mark()));
        match (marked, said) {
            (Some(marked), Some(said)) if marked != said => Err(format!(
                "The table begins with the byte order mark of {}, and `--encoding {}` was said: leave the option out, or say \
                 the other.",
                marked.name(),
                said.name()
            )),
            (Some(marked), _) => Ok((marked, true)),
            (None, Some(said)) => Ok((said, false)),
            (None, None) => Ok((self.guess(), false)),
        }
    }

    fn guess(&self) -> Encoding {
        let [even, odd] = self.zeros;
        // In UTF-16, separators, digits and Latin letters have one zero byte in each pair, always at the same place.
        let pairs = self.seen.min(ZEROS) / 2;
        let mostly = |zeros: u64, others: u64| pairs > 0 && zeros * 4 > pairs && others * 10 < zeros;
        let broken = self.broken + u64::from(!self.cut.is_empty());
        match () {
            () if mostly(odd, even) => Encoding::Utf16Le,
            () if mostly(even, odd) => Encoding::Utf16Be,
            // Swedish text in a single-byte encoding is hardly ever valid UTF-8 by chance. In a UTF-8 table a few
            // broken rows are rejected.
            () if broken > self.valid => Encoding::Windows1252,
            () => Encoding::Utf8,
        }
    }
}

/// How many bytes at the end are the beginning of a UTF-8 character that is not complete.
fn unfinished(bytes: &[u8]) -> usize {
    let lengths = (1..=3).filter(|back| {
        let first = bytes.len().checked_sub(*back).and_then(|place| bytes.get(place));
        first.is_some_and(|first| match first {
            0xc2..=0xdf => *back < 2,
            0xe0..=0xef => *back < 3,
            0xf0..=0xf4 => true,
            _ => false,
        })
    });
    lengths.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(bytes: &[u8]) -> (Encoding, bool) {
        // The result must not depend on how the bytes are divided.
        let found = [1, 2, 3, 7, bytes.len().max(1)].map(|size| {
            let mut look = Look::default();
            bytes.chunks(size).for_each(|chunk| look.at(chunk));
            look.encoding(None).unwrap()
        });
        assert!(found.iter().all(|one| *one == found[0]), "{bytes:?}: {found:?}");
        found[0]
    }

    #[test]
    fn characters_are_detected() {
        let text = "no;text\r\n1;Åsa i Malmö åt räksmörgås – för 5 €\r\n2;\"x\ny\"\r\n";
        for encoding in Encoding::ALL {
            let plain = encoding.encode(text);
            assert_eq!(guessed(&plain), (encoding, false));
            assert_eq!(encoding.decode(&plain).unwrap(), text);
            if !encoding.mark().is_empty() {
                assert_eq!(guessed(&[encoding.mark(), &plain].concat()), (encoding, true));
            }
        }
        for (bytes, expected) in [
            (&b""[..], Encoding::Utf8),
            (b"no,text\n1,ascii\n", Encoding::Utf8),
            // NUL in a cell does not mean UTF-16.
            (b"no,text\n1,a\0b\0\0c\n2,\0\0\0\0 and more of the same text\n", Encoding::Utf8),
            // One broken row among rows of UTF-8 does not change the encoding of all.
            (b"1,\xc3\xa5\xc3\xa4\n2,k\xe5\n", Encoding::Utf8),
            (b"1,k\xe5l\n2,\xc5sa\n", Encoding::Windows1252),
            // The last character is cut off.
            (b"1,caf\xe9", Encoding::Windows1252),
            (b"a", Encoding::Utf8),
        ] {
            assert_eq!(guessed(bytes).0, expected, "{bytes:?}");
        }
    }

    #[test]
    fn what_was_said_decides_unless_the_table_says_otherwise() {
        let look = |bytes: &[u8]| {
            let mut look = Look::default();
            look.at(bytes);
            look
        };
        assert_eq!(look(b"k\xe5l").encoding(Some(Encoding::Utf8)), Ok((Encoding::Utf8, false)));
        assert_eq!(look("kål".as_bytes()).encoding(Some(Encoding::Windows1252)), Ok((Encoding::Windows1252, false)));
        assert_eq!(look(b"\xfe\xff\0a").encoding(Some(Encoding::Utf16Be)), Ok((Encoding::Utf16Be, true)));
        let wrong = look(b"\xfe\xff\0a").encoding(Some(Encoding::Utf16Le)).unwrap_err();
        assert!(wrong.contains("utf-16be") && wrong.contains("--encoding utf-16le"), "{wrong}");
        assert!(look(b"\xef\xbb\xbfno").encoding(Some(Encoding::Windows1252)).is_err());
        assert!(look(b"\xff\xfe\0\0n\0\0\0").encoding(None).unwrap_err().contains("UTF-32"));
    }

    #[test]
    fn what_is_no_text_is_told() {
        assert_eq!(Encoding::Utf8.decode(b"k\xe5l"), None);
        assert_eq!(Encoding::Utf16Le.decode(b"a\0\0\xd8"), None, "half a pair");
        assert_eq!(Encoding::Utf16Le.decode(b"a\0b"), None, "half a unit");
        assert_eq!(Encoding::Windows1252.encode("5 € – 漢"), b"5 \x80 \x96 ?");
    }
}
