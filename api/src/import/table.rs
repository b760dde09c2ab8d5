//! Opens a table: finds out its encoding, its separator and the names of its columns. What is not given is detected:
//! the encoding from all bytes of a file or from the beginning of a stream, the separator from the beginning.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read, Seek};

use super::cells::{Separator, Wrong, split};
use super::encoding::{Encoding, Look};
use super::rows::{LARGEST, Piece, PieceKind, Rows};
use crate::intake::import::mapping::MapsColumns;
use crate::intake::import::row::{Columns, known_as, shown};

/// How many bytes at the beginning are used to detect the separator, and for a stream the encoding too.
const SAMPLE: usize = 1024 * 1024;
/// How many rows are tried with each separator.
const TRIED: usize = 100;
/// How many columns a table may have.
const COLUMNS: usize = 10_000;

/// Where a table is read from.
pub enum TableSource {
    /// A file, which can be read through first.
    File(File),
    /// A stream, which can be read only once.
    Stream(Box<dyn Read>),
}

/// A table's bytes, after its byte order mark.
type Bytes = Chain<Cursor<Vec<u8>>, Box<dyn Read>>;

/// What the user says about a table. What is left out is detected.
#[derive(Debug, Clone, Copy, Default)]
pub struct TableOptions {
    /// The encoding.
    pub encoding: Option<Encoding>,
    /// The separator.
    pub separator: Option<Separator>,
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableFormat {
    /// The encoding.
    pub encoding: Encoding,
    /// Whether it begins with a byte order mark.
    pub marked: bool,
    /// The separator.
    pub separator: Separator,
}

/// An opened table, at its first row.
pub struct Table {
    /// How it is written.
    pub form: TableFormat,
    /// Its columns, without those of [`Table::returned`].
    pub columns: Columns,
    /// The line of column names as it came, without those of [`Table::returned`].
    pub header: Vec<u8>,
    /// Whether its first two columns are the line and the reason that were added to rejected rows. They are no part of
    /// the rows.
    pub returned: bool,
    /// Its rows.
    pub rows: Rows<Bytes>,
    said: TableOptions,
}

impl Table {
    /// Opens a table for this mapping.
    ///
    /// # Errors
    /// A sentence, when the table cannot be read or does not fit the mapping.
    pub fn open(source: TableSource, said: TableOptions, mapping: &impl MapsColumns) -> Result<Self, String> {
        let unreadable = |error: io::Error| format!("The table cannot be read: {error}.");
        let (look, mut sample, more) = source.look(said.encoding.is_none()).map_err(unreadable)?;
        let whole = sample.len() < SAMPLE;
        let (encoding, marked) = look.encoding(said.encoding)?;
        if marked {
            sample.drain(..encoding.mark().len());
        }
        let separator = said.separator.unwrap_or_else(|| detected((&sample, whole), encoding, mapping));
        let form = TableFormat { encoding, marked, separator };
        let mut rows = Rows::new(Cursor::new(sample).chain(more), encoding, separator);
        let first = rows.next().transpose().map_err(unreadable)?;
        let first = first.ok_or("The table is empty: its first line must name its columns.")?;
        let names = names(&first, form)?;
        let own = |place: usize, name: &str| names.get(place).is_some_and(|known| known_as(known) == name);
        let returned =
            own(0, LINE) && own(1, REASON) && names.len() > 2 && !mapping.names(LINE) && !mapping.names(REASON);
        let from = if returned { first.third.unwrap_or(0) } else { 0 };
        let names = names.get(if returned { 2 } else { 0 }..).unwrap_or_default();
        let columns = Columns::new(names)?;
        let wrong = mapping.wrong(names);
        if !wrong.is_empty() {
            let found: Vec<String> =
                columns.names().iter().take(50).map(|name| format!("\"{}\"", shown(name))).collect();
            return Err(format!(
                "The mapping does not fit the table: {}. The table was read as {}; its columns are {}.",
                wrong.join("; "),
                form.words(said),
                found.join(", ")
            ));
        }
        let header = first.bytes.get(from..).unwrap_or_default().to_vec();
        Ok(Self { form, columns, header, returned, rows, said })
    }

    /// How the table was read, in a sentence.
    #[must_use]
    pub fn describes(&self) -> String {
        format!("The table was read as {}, {} columns.", self.form.words(self.said), self.columns.count())
    }
}

/// The name of the column that has the line of a rejected row.
pub const LINE: &str = "line";
/// The name of the column that has the reason for a rejected row.
pub const REASON: &str = "reason";

impl TableFormat {
    fn words(self, said: TableOptions) -> String {
        let how = |said: bool| if said { "as said" } else { "detected" };
        format!(
            "{}{} ({}), cells separated by {} ({})",
            self.encoding.name(),
            if self.marked { " with a byte order mark" } else { "" },
            if self.marked { "as it says" } else { how(said.encoding.is_some()) },
            self.separator.words(),
            how(said.separator.is_some())
        )
    }
}

impl TableSource {
    /// Examines the bytes: all of a file if that is needed to detect the encoding, else the beginning. Returns what
    /// they show, the first bytes, and a reader for the rest.
    fn look(self, all: bool) -> io::Result<(Look, Vec<u8>, Box<dyn Read>)> {
        let (mut look, mut sample) = (Look::default(), Vec::new());
        match self {
            Self::File(mut file) if file.metadata()?.is_file() => {
                file.by_ref().take(SAMPLE as u64).read_to_end(&mut sample)?;
                look.at(&sample);
                if all {
                    through(&mut file, &mut look)?;
                }
                file.seek(io::SeekFrom::Start(sample.len() as u64))?;
                Ok((look, sample, Box::new(file)))
            }
            Self::File(file) => Self::Stream(Box::new(file)).look(all),
            Self::Stream(mut stream) => {
                stream.by_ref().take(SAMPLE as u64).read_to_end(&mut sample)?;
                look.at(&sample);
                Ok((look, sample, stream))
            }
        }
    }
}

/// Examines the rest of a file.
fn through(file: &mut File, look: &mut Look) -> io::Result<()> {
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => look.at(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The names in the line of column names.
fn names(first: &Piece, form: TableFormat) -> Result<Vec<String>, String> {
    let name = form.encoding.name();
    if first.kind != PieceKind::Whole || first.cells > COLUMNS {
        return Err(format!(
            "The line of column names has more than {LARGEST} bytes or {COLUMNS} columns: is this a table, written in {name}, with \
             {} between its cells? `--encoding` and `--separator` say otherwise.",
            form.separator.words()
        ));
    }
    if let Some(wrong) = first.wrong {
        return Err(format!("The line of column names cannot be read: {}.", sentence(wrong, first.line)));
    }
    let text = form.encoding.decode(&first.bytes);
    let text =
        text.ok_or_else(|| format!("The line of column names is not {name}: say what it is with `--encoding`."))?;
    Ok(split(&text, form.separator, COLUMNS))
}

/// What is wrong with a row's quotes, and how to correct it.
#[must_use]
pub fn sentence(wrong: Wrong, line: u64) -> String {
    match wrong {
        Wrong::AfterQuote(cell) => {
            format!("something follows the quote that closes cell {cell}: write a quote within a quoted cell twice")
        }
        Wrong::OpenQuote(cell) => {
            format!("the quote that opens cell {cell} of the row in line {line} is not closed: close it")
        }
    }
}

/// The separator with which most of the mapping's columns are found and most rows have a cell for each column.
fn detected((sample, whole): (&[u8], bool), encoding: Encoding, mapping: &impl MapsColumns) -> Separator {
    let fits = |separator: Separator| {
        let pieces: Vec<Piece> = Rows::new(sample, encoding, separator).map_while(Result::ok).take(TRIED).collect();
        let first = pieces.first()?;
        // Errors in the first line are reported once it is known how to read it.
        let names = split(&encoding.decode(&first.bytes)?, separator, COLUMNS);
        // The last row of a sample may be cut off.
        let complete = pieces.len() - usize::from(!whole && pieces.len() < TRIED);
        let rows = pieces.iter().take(complete).skip(1);
        let (even, all) =
            rows.fold((0_usize, 0), |(even, all), row| (even + usize::from(row.cells == first.cells), all + 1));
        let share = (even * 100).checked_div(all).unwrap_or(0);
        Some((std::cmp::Reverse(mapping.wrong(&names).len()), share, first.cells))
    };
    let mut best = (Separator::Comma, None);
    for separator in Separator::ALL {
        let found = fits(separator);
        if found > best.1 {
            best = (separator, found);
        }
    }
    best.0
}
