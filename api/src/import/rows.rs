//! Reads the rows of a table as a stream of bytes: where each row begins, how many cells it has and what is wrong with
//! it, before any of it is decoded. A row has at most [`LARGEST`] bytes; a longer one comes in pieces.

use std::io::{self, ErrorKind, Read};

use super::cells::{Is, Machine, Separator, Wrong};
use super::encoding::Encoding;

/// How many bytes a row may have, including its end.
pub const LARGEST: usize = 1024 * 1024;
/// How many bytes are read at once.
const BUFFER: usize = 64 * 1024;

const LF: u16 = 0x0a;
const CR: u16 = 0x0d;

/// A row, or a piece of one that is too large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Which part of a row it is.
    pub kind: PieceKind,
    /// The bytes as they came, including the row's end.
    pub bytes: Vec<u8>,
    /// The line that it begins in, counted from 1. A line break within a cell begins a new line too.
    pub line: u64,
    /// How many cells it has.
    pub cells: usize,
    /// The position in the bytes after the second separator. None when there are fewer than three cells.
    pub third: Option<usize>,
    /// What is wrong with its quotes.
    pub wrong: Option<Wrong>,
}

/// Which part of a row a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceKind {
    /// The whole row.
    Whole,
    /// The beginning of a row that is too large.
    Beginning,
    /// More of a row that is too large.
    Rest,
}

/// The rows of a table.
pub struct Rows<R> {
    source: R,
    encoding: Encoding,
    separator: Separator,
    buffer: Vec<u8>,
    at: usize,
    line: u64,
    machine: Machine,
    /// Whether a row has begun and has not ended yet.
    within: bool,
    failed: bool,
}

impl<R: Read> Rows<R> {
    /// The rows of a table without its byte order mark.
    pub fn new(source: R, encoding: Encoding, separator: Separator) -> Self {
        let (buffer, machine) = (Vec::with_capacity(BUFFER), Machine::new(separator));
        Self { source, encoding, separator, buffer, at: 0, line: 1, machine, within: false, failed: false }
    }

    /// The next unit, if there is one. Half a unit at the end of the table is not one, but [`Self::take`] takes its
    /// bytes.
    fn peek(&mut self) -> io::Result<Option<u16>> {
        let width = self.encoding.width();
        while self.buffer.len() - self.at < width {
            self.buffer.drain(..self.at);
            self.at = 0;
            let before = self.buffer.len();
            self.buffer.resize(BUFFER, 0);
            let room = self.buffer.get_mut(before..).unwrap_or_default();
            let read = match self.source.read(room) {
                Err(error) if error.kind() == ErrorKind::Interrupted => Ok(None),
                read => read.map(Some),
            };
            self.buffer.truncate(before + read.as_ref().ok().copied().flatten().unwrap_or(0));
            if read?.is_some_and(|read| read == 0) {
                break;
            }
        }
        Ok(self.encoding.unit(self.buffer.get(self.at..).unwrap_or_default()))
    }

    /// Takes the bytes of the next unit.
    fn take(&mut self, into: &mut Vec<u8>) {
        let end = self.buffer.len().min(self.at + self.encoding.width());
        into.extend_from_slice(self.buffer.get(self.at..end).unwrap_or_default());
        self.at = end;
    }

    fn piece(&mut self) -> io::Result<Option<Piece>> {
        let began = self.within;
        let (mut line, mut bytes, mut third) = (self.line, Vec::new(), None);
        loop {
            let Some(unit) = self.peek()? else {
                self.take(&mut bytes);
                if bytes.is_empty() && !self.within {
                    return Ok(None);
                }
                self.within = false;
                break;
            };
            self.within = true;
            let first = !began && bytes.is_empty();
            self.take(&mut bytes);
            let is = self.machine.step(u32::from(unit));
            if unit == CR && self.peek()? == Some(LF) {
                self.take(&mut bytes);
            }
            self.line += u64::from(unit == CR || unit == LF);
            match is {
                Is::CellEnd if self.machine.cells() == 3 => third = Some(bytes.len()),
                Is::RowEnd => {
                    self.within = false;
                    // An empty line is not a row.
                    if first {
                        bytes.clear();
                        line = self.line;
                        continue;
                    }
                    break;
                }
                _ => {}
            }
            if bytes.len() >= LARGEST {
                break;
            }
        }
        let kind = match (began, self.within) {
            (true, _) => PieceKind::Rest,
            (false, true) => PieceKind::Beginning,
            (false, false) => PieceKind::Whole,
        };
        let (cells, wrong) = (self.machine.cells(), self.machine.wrong());
        if !self.within {
            self.machine = Machine::new(self.separator);
        }
        Ok(Some(Piece { kind, bytes, line, cells, third, wrong }))
    }
}

impl<R: Read> Iterator for Rows<R> {
    type Item = io::Result<Piece>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let piece = self.piece();
        self.failed = piece.is_err();
        piece.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads few bytes at a time, with interruptions.
    struct Slow<'a>(&'a [u8], bool);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(ErrorKind::Interrupted.into());
            }
            let count = self.0.len().min(into.len()).min(3);
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn rows(bytes: &[u8], encoding: Encoding) -> Vec<Piece> {
        let fast: Vec<Piece> = Rows::new(bytes, encoding, Separator::Semicolon).map(Result::unwrap).collect();
        let slow: Vec<Piece> =
            Rows::new(Slow(bytes, false), encoding, Separator::Semicolon).map(Result::unwrap).collect();
        assert_eq!(fast, slow);
        fast
    }

    #[test]
    fn rows_end_where_lines_end_outside_of_quotes_and_know_their_line() {
        for (table, expected) in [
            ("a;b\n1;2\n", &[("a;b\n", 1, 2), ("1;2\n", 2, 2)][..]),
            ("a;b\r\n1;2", &[("a;b\r\n", 1, 2), ("1;2", 2, 2)]),
            ("a;b\r1;2\r", &[("a;b\r", 1, 2), ("1;2\r", 2, 2)]),
            ("\n\r\n\ra\n\n\nb\n\n", &[("a\n", 4, 1), ("b\n", 7, 1)]),
            ("\"x\ny\r\nz;\";2\n3\n", &[("\"x\ny\r\nz;\";2\n", 1, 2), ("3\n", 4, 1)]),
            ("\"x\ry\"\r2\r", &[("\"x\ry\"\r", 1, 1), ("2\r", 3, 1)]),
            (" \n;\n", &[(" \n", 1, 1), (";\n", 2, 2)]),
            ("\0\n", &[("\0\n", 1, 1)]),
            ("", &[]),
            ("\n\n", &[]),
        ] {
            for encoding in [Encoding::Utf8, Encoding::Windows1252, Encoding::Utf16Le, Encoding::Utf16Be] {
                let found = rows(&encoding.encode(table), encoding);
                let found: Vec<_> =
                    found.iter().map(|row| (encoding.decode(&row.bytes).unwrap(), row.line, row.cells)).collect();
                let found: Vec<_> = found.iter().map(|(text, line, cells)| (text.as_str(), *line, *cells)).collect();
                assert_eq!(found, expected, "{table:?} in {}", encoding.name());
            }
        }
    }

    #[test]
    fn no_byte_is_lost_or_added() {
        let table = "a;b\r\n1;\"2\n;\"\"\"\n\"3\"4;5;6\r7;\"8";
        let found = rows(table.as_bytes(), Encoding::Utf8);
        assert_eq!(found.iter().flat_map(|row| row.bytes.clone()).collect::<Vec<u8>>(), table.as_bytes());
        assert_eq!(
            found.iter().map(|row| row.wrong).collect::<Vec<_>>(),
            [None, None, Some(Wrong::AfterQuote(1)), Some(Wrong::OpenQuote(2))]
        );
        assert_eq!(found.iter().map(|row| row.third).collect::<Vec<_>>(), [None, None, Some(7), None]);
        // Half a unit stands at the end.
        let found = rows(b"a\0;\0b\0\n\0c", Encoding::Utf16Le);
        assert_eq!(found.iter().map(|row| row.bytes.len()).collect::<Vec<_>>(), [8, 1]);
    }

    #[test]
    fn a_row_without_end_comes_in_pieces_that_fit_and_the_next_row_is_itself() {
        let long = format!("1;\"{}\n\";x\n2;y\n", "z".repeat(2 * LARGEST));
        for encoding in [Encoding::Utf8, Encoding::Utf16Be] {
            let table = encoding.encode(&long);
            let found: Vec<Piece> =
                Rows::new(table.as_slice(), encoding, Separator::Semicolon).map(Result::unwrap).collect();
            let (last, pieces) = found.split_last().unwrap();
            assert_eq!(pieces[0].kind, PieceKind::Beginning);
            assert!(pieces[1..].iter().all(|piece| piece.kind == PieceKind::Rest) && pieces.len() > 2);
            assert!(pieces.iter().all(|piece| piece.bytes.len() <= LARGEST + 2 * encoding.width()));
            assert_eq!(
                (last.kind, last.line, encoding.decode(&last.bytes).unwrap().as_str()),
                (PieceKind::Whole, 3, "2;y\n")
            );
            assert_eq!(found.iter().flat_map(|piece| piece.bytes.clone()).collect::<Vec<u8>>(), table);
        }
    }
}
