//! Finds where cells and rows end (RFC 4180), for any separator and any line end. One state machine reads units one by
//! one: those of a table's bytes to find its rows, and those of a row's text to find its cells. Pure.

/// The character between cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Separator {
    /// A comma.
    Comma,
    /// A semicolon, which spreadsheets write in countries with a decimal comma.
    Semicolon,
    /// A tab.
    Tab,
    /// A vertical bar.
    Pipe,
}

impl Separator {
    /// All separators, the most likely one first.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Pipe];

    /// The separator's character.
    #[must_use]
    pub const fn char(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
            Self::Pipe => '|',
        }
    }

    /// The separator's name in a sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Comma => "commas",
            Self::Semicolon => "semicolons",
            Self::Tab => "tabs",
            Self::Pipe => "vertical bars",
        }
    }
}

/// The meaning of a unit, which is a part of a table's bytes or a character of a row's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    /// A part of the cell.
    Content,
    /// A quote around the cell, or the first of two quotes that stand for one within it.
    Quote,
    /// The end of the cell; the row goes on.
    CellEnd,
    /// The end of the row. A line feed after a carriage return belongs to it.
    RowEnd,
}

/// What is wrong with a row's quotes, with the number of the cell, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Something follows the quote that closes the cell.
    AfterQuote(usize),
    /// The quote that opens the cell is not closed.
    OpenQuote(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellState {
    /// Before the first unit of a cell.
    Begin,
    Bare,
    Quoted,
    /// After a quote within a quoted cell. It closes the cell, or stands for a quote together with the next one.
    Closing,
}

const QUOTE: u32 = '"' as u32;
const LF: u32 = '\n' as u32;
const CR: u32 = '\r' as u32;

/// Reads one row.
#[derive(Debug)]
pub struct Machine {
    separator: u32,
    state: CellState,
    cells: usize,
    wrong: Option<Wrong>,
}

impl Machine {
    /// A machine at the beginning of a row.
    #[must_use]
    pub fn new(separator: Separator) -> Self {
        Self { separator: separator.char() as u32, state: CellState::Begin, cells: 1, wrong: None }
    }

    /// Reads the next unit and returns its meaning.
    pub fn step(&mut self, unit: u32) -> Is {
        let ends = self.state != CellState::Quoted;
        if ends && unit == self.separator {
            self.state = CellState::Begin;
            self.cells += 1;
            return Is::CellEnd;
        }
        if ends && (unit == LF || unit == CR) {
            self.state = CellState::Begin;
            return Is::RowEnd;
        }
        match (self.state, unit) {
            (CellState::Begin, QUOTE) => self.state = CellState::Quoted,
            (CellState::Quoted, QUOTE) => self.state = CellState::Closing,
            (CellState::Closing, QUOTE) => {
                self.state = CellState::Quoted;
                return Is::Content;
            }
            (CellState::Closing, _) => {
                self.wrong = self.wrong.or(Some(Wrong::AfterQuote(self.cells)));
                self.state = CellState::Bare;
                return Is::Content;
            }
            (CellState::Begin | CellState::Bare, _) => {
                self.state = CellState::Bare;
                return Is::Content;
            }
            (CellState::Quoted, _) => return Is::Content,
        }
        Is::Quote
    }

    /// How many cells the row has so far.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.cells
    }

    /// What is wrong with the quotes, if the row ends here.
    #[must_use]
    pub fn wrong(&self) -> Option<Wrong> {
        self.wrong.or((self.state == CellState::Quoted).then_some(Wrong::OpenQuote(self.cells)))
    }
}

/// The cells of a row, with or without its line end. Nothing after the line end, and no more than `most` cells, is
/// read.
#[must_use]
pub fn split(row: &str, separator: Separator, most: usize) -> Vec<String> {
    let mut machine = Machine::new(separator);
    let mut cells = Vec::new();
    let mut cell = String::new();
    for c in row.chars() {
        match machine.step(u32::from(c)) {
            Is::Content => cell.push(c),
            Is::Quote => {}
            Is::CellEnd => {
                cells.push(std::mem::take(&mut cell));
                if cells.len() == most {
                    return cells;
                }
            }
            Is::RowEnd => break,
        }
    }
    cells.push(cell);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_whatever_is_in_them() {
        use Separator::{Comma, Pipe, Semicolon, Tab};
        for (row, separator, expected) in [
            ("a,b,c", Comma, &["a", "b", "c"][..]),
            ("a,b,c\r\n", Comma, &["a", "b", "c"]),
            ("a,b,c\r", Comma, &["a", "b", "c"]),
            ("a,b,", Comma, &["a", "b", ""]),
            (",,\n", Comma, &["", "", ""]),
            ("", Comma, &[""]),
            ("\"a,b\";c;\"d;e\"", Semicolon, &["a,b", "c", "d;e"]),
            ("a;b\tc;\"d\te\"", Tab, &["a;b", "c;\"d", "e\""]),
            ("a\t\"d\te\"\t", Tab, &["a", "d\te", ""]),
            ("a|b", Pipe, &["a", "b"]),
            ("\"say \"\"so\"\"\",\"\",\"\"\"\"", Comma, &["say \"so\"", "", "\""]),
            ("\"two\r\nlines\rand\nmore\",b\n", Comma, &["two\r\nlines\rand\nmore", "b"]),
            // A quote within a cell without quotes is kept as it is.
            ("5\" nail,b\"c", Comma, &["5\" nail", "b\"c"]),
            (" \"a\",b", Comma, &[" \"a\"", "b"]),
            ("å\0ä,\u{1f600}", Comma, &["å\0ä", "\u{1f600}"]),
        ] {
            assert_eq!(split(row, separator, 100), expected, "{row:?}");
        }
        assert_eq!(split("a,b,c,d", Comma, 2), ["a", "b"], "no more than are wanted");
    }

    #[test]
    fn what_is_wrong_with_quotes_is_told_with_the_cell() {
        for (row, expected) in [
            ("a,\"b\",c", None),
            ("a,\"b\"x,c", Some(Wrong::AfterQuote(2))),
            ("a,\"b\" ,c", Some(Wrong::AfterQuote(2))),
            ("\"say \"so\"\",b", Some(Wrong::AfterQuote(1))),
            ("a,b,\"c", Some(Wrong::OpenQuote(3))),
            ("a,b,\"", Some(Wrong::OpenQuote(3))),
            ("a,\"b\"\"", Some(Wrong::OpenQuote(2))),
            ("a,\"b\"", None),
        ] {
            let mut machine = Machine::new(Separator::Comma);
            for c in row.chars() {
                machine.step(u32::from(c));
            }
            assert_eq!(machine.wrong(), expected, "{row:?}");
        }
    }
}
