//! A message, and the bytes that the parser is given for it. The parser would copy all text that is not UTF-8, which
//! may be all of a large message. Of such a message it is therefore given a letter in place of each byte outside ASCII,
//! and the real bytes are read from the message.

use std::borrow::Cow;

/// What the parser is given in place of a byte outside ASCII.
const SHOWN: u8 = b'x';

/// A run of bytes that was copied from the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    /// Where the run begins in the parser's bytes.
    at: usize,
    /// Where the run begins in the message.
    from: usize,
    length: usize,
}

/// A message, and the bytes that the parser is given for it.
pub struct Prepared<'r> {
    message: Cow<'r, [u8]>,
    shown: Vec<u8>,
    runs: Vec<Run>,
    masked: bool,
}

impl<'r> Prepared<'r> {
    /// A message of which nothing was written yet. If `masked`, bytes outside ASCII are replaced.
    #[must_use]
    pub fn of(message: Cow<'r, [u8]>, masked: bool) -> Self {
        let shown = Vec::with_capacity(message.len() + message.len() / 16 + 4_096);
        Self { message, shown, runs: Vec::new(), masked }
    }

    /// The bytes that the parser is given.
    #[must_use]
    pub fn shown(&self) -> &[u8] {
        &self.shown
    }

    /// The message itself.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// Writes bytes that are not in the message, or that differ from it.
    pub fn write(&mut self, bytes: &[u8]) {
        self.shown.extend_from_slice(bytes);
    }

    /// Copies bytes of the message.
    pub fn copy(&mut self, from: usize, length: usize) {
        let bytes = self.message.get(from..from + length).unwrap_or_default();
        if !self.masked {
            self.shown.extend_from_slice(bytes);
            return;
        }
        let at = self.shown.len();
        self.shown.extend(bytes.iter().map(|byte| if byte.is_ascii() { *byte } else { SHOWN }));
        match self.runs.last_mut() {
            Some(last) if last.at + last.length == at && last.from + last.length == from => last.length += length,
            _ => self.runs.push(Run { at, from, length }),
        }
    }

    /// The real bytes between these positions of the parser's bytes.
    #[must_use]
    pub fn between(&self, from: usize, to: usize) -> Cow<'_, [u8]> {
        let shown = self.shown.get(from..to).unwrap_or_default();
        let first = self.runs.partition_point(|run| run.at + run.length <= from);
        let runs = self.runs.get(first..).unwrap_or_default();
        let within = |run: &Run| run.at < to;
        let Some(run) = runs.first().filter(|run| within(run)) else { return shown.into() };
        if run.at <= from && to <= run.at + run.length {
            let begins = run.from + (from - run.at);
            return self.message.get(begins..begins + (to - from)).unwrap_or_default().into();
        }
        let mut bytes = shown.to_vec();
        for run in runs.iter().take_while(|run| within(run)) {
            let (begins, ends) = (run.at.max(from), (run.at + run.length).min(to));
            let own = self.message.get(run.from + (begins - run.at)..run.from + (ends - run.at));
            if let Some((place, own)) = bytes.get_mut(begins - from..ends - from).zip(own) {
                place.copy_from_slice(own);
            }
        }
        bytes.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_was_written_or_what_the_message_has() {
        let message = "Åsa: Öl, å, ä".as_bytes();
        for masked in [false, true] {
            let mut prepared = Prepared::of(message.into(), masked);
            prepared.write(b"<");
            prepared.copy(0, 6);
            prepared.write("é".as_bytes());
            prepared.copy(6, 3);
            prepared.copy(9, message.len() - 9);
            prepared.write(b">");
            let whole = ["<".as_bytes(), &message[..6], "é".as_bytes(), &message[6..], b">"].concat();
            assert_eq!(prepared.shown().len(), whole.len());
            assert_eq!(prepared.shown()[1..3] == *b"xx", masked);
            for from in 0..=whole.len() {
                for to in from..=whole.len() {
                    assert_eq!(prepared.between(from, to), &whole[from..to], "{masked} {from} {to}");
                }
            }
        }
    }
}
