//! Writes the rejected rows: with the bytes that they came in, in a table of the same form, each after its line and the
//! reason.

use std::io::{self, Write};

use super::table::{LINE, REASON, Table, TableFormat};

/// The table of rejected rows.
pub struct Rejected<W> {
    out: W,
    form: TableFormat,
    /// The line end of the table.
    newline: Vec<u8>,
    /// Whether what was written last ended its line.
    ended: bool,
}

impl<W: Write> Rejected<W> {
    /// Begins the table with the line of column names.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(mut out: W, table: &Table) -> io::Result<Self> {
        let form = table.form;
        if form.marked {
            out.write_all(form.encoding.mark())?;
        }
        let ends = ["\r\n", "\n", "\r"].map(|end| form.encoding.encode(end));
        let newline = ends.iter().find(|end| table.header.ends_with(end)).cloned();
        let newline = newline.unwrap_or_else(|| form.encoding.encode("\n"));
        let mut rejected = Self { out, form, newline, ended: true };
        rejected.begin(LINE, REASON)?;
        rejected.rest(&table.header)?;
        Ok(rejected)
    }

    /// Writes a rejected row, or its beginning.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn row(&mut self, line: u64, reason: &str, bytes: &[u8]) -> io::Result<()> {
        self.end()?;
        self.begin(&line.to_string(), reason)?;
        self.rest(bytes)
    }

    /// Writes more of the rejected row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn rest(&mut self, bytes: &[u8]) -> io::Result<()> {
        let width = self.form.encoding.width();
        if let Some(last) = bytes.len().checked_sub(width) {
            let last = bytes.get(last..).and_then(|last| self.form.encoding.unit(last));
            let ends = last.is_some_and(|unit| [u16::from(b'\n'), u16::from(b'\r')].contains(&unit));
            // A table may break off with half a unit. After that nothing more can be written on its line.
            self.ended = ends || !bytes.len().is_multiple_of(width);
        }
        self.out.write_all(bytes)
    }

    /// Ends the last line, if it has no line end.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(&mut self) -> io::Result<()> {
        self.end()?;
        self.out.flush()
    }

    fn end(&mut self) -> io::Result<()> {
        if !self.ended {
            self.out.write_all(&self.newline)?;
            self.ended = true;
        }
        Ok(())
    }

    /// Writes the two cells before the row's own cells.
    fn begin(&mut self, first: &str, second: &str) -> io::Result<()> {
        let separator = self.form.separator.char();
        let quoted = second.contains(|c| c == separator || ['"', '\r', '\n'].contains(&c));
        let second = if quoted { format!("\"{}\"", second.replace('"', "\"\"")) } else { second.to_owned() };
        self.ended = false;
        self.out.write_all(&self.form.encoding.encode(&format!("{first}{separator}{second}{separator}")))
    }
}
