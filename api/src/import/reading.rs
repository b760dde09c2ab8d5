//! Reads a row's bytes into what they mean, or into the reasons why the row is rejected. A row with a wrong number of
//! cells, or with wrong quotes, is never read, because its cells would stand under the wrong names. Pure.

use std::sync::Arc;

use super::cells::{Wrong, split};
use super::rows::{LARGEST, Piece, PieceKind};
use super::table::{Table, TableFormat, sentence};
use crate::intake::import::row::{Columns, TableRow};
use crate::intake::report::File;

/// The result of reading a row.
pub enum Read<T> {
    /// The row was read.
    Row(Box<Understood<T>>),
    /// The row is rejected: its line, the reasons, and its bytes.
    Wrong(u64, Vec<String>, Vec<u8>),
    /// The bytes are the rest of the row before.
    Rest(Vec<u8>),
}

/// A row that was read.
pub struct Understood<T> {
    /// The line that it begins in.
    pub line: u64,
    /// What it means.
    pub means: T,
    /// The row's bytes, after those of the line and reason cells of a table of rejected rows.
    bytes: Vec<u8>,
    begins: usize,
}

impl<T> Understood<T> {
    /// The row's own bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(self.begins..).unwrap_or_default()
    }
}

/// What is needed to read a row.
pub struct RowReader {
    form: TableFormat,
    columns: Columns,
    header: Vec<u8>,
    returned: bool,
}

impl Table {
    /// The table's rows, and what is needed to read them.
    pub fn reading(self) -> (impl Iterator<Item = std::io::Result<Piece>>, RowReader) {
        let Self { form, columns, header, returned, rows, .. } = self;
        (rows, RowReader { form, columns, header, returned })
    }
}

impl RowReader {
    /// Reads a row, or a piece of one. `means` turns the row's cells into what they mean.
    pub fn read<T>(&self, piece: Piece, means: impl FnOnce(&TableRow<'_>) -> Result<T, Vec<String>>) -> Read<T> {
        if piece.kind == PieceKind::Rest {
            return Read::Rest(piece.bytes);
        }
        let begins = piece.third.filter(|_| self.returned).unwrap_or(0);
        let bytes = piece.bytes.get(begins..).unwrap_or_default();
        let read = self.cells(&piece, bytes).map_err(|reason| vec![reason]);
        let read = read.and_then(|cells| means(&TableRow::new(&self.columns, cells, self.raw(bytes))));
        match read {
            Ok(means) => Read::Row(Box::new(Understood { line: piece.line, means, bytes: piece.bytes, begins })),
            Err(reasons) => Read::Wrong(piece.line, reasons, bytes.to_vec()),
        }
    }

    /// The row's own cells, one for each column.
    fn cells(&self, piece: &Piece, bytes: &[u8]) -> Result<Vec<String>, String> {
        if piece.kind == PieceKind::Beginning {
            let open = match piece.wrong {
                Some(Wrong::OpenQuote(cell)) => format!(": is the quote closed that opens cell {cell}?"),
                _ => String::new(),
            };
            return Err(format!("the row has more than {LARGEST} bytes{open}"));
        }
        if let Some(wrong) = piece.wrong {
            return Err(sentence(wrong, piece.line));
        }
        let expected = self.columns.count() + if self.returned { 2 } else { 0 };
        if piece.cells != expected {
            let separators = self.form.separator.words();
            let what = if piece.cells > expected {
                format!("put a cell that holds {separators} or line breaks in quotes")
            } else {
                format!("write {separators} for empty cells too")
            };
            return Err(format!(
                "the row has {} {} where {expected} were expected, one for each column: {what}",
                piece.cells,
                if piece.cells == 1 { "cell" } else { "cells" }
            ));
        }
        let encoding = self.form.encoding;
        let text = encoding.decode(bytes);
        let text = text.ok_or_else(|| {
            format!(
                "the row is not {}: save the table in one character set, or say which with `--encoding`",
                encoding.name()
            )
        })?;
        Ok(split(&text, self.form.separator, self.columns.count()))
    }

    /// The row as it came, below the line of column names, so that it is a table of its own.
    fn raw(&self, row: &[u8]) -> File {
        let mark = if self.form.marked { self.form.encoding.mark() } else { b"" };
        File {
            name: "row.csv".to_owned(),
            content_type: format!("text/csv; charset={}; header=present", self.form.encoding.name()),
            bytes: Arc::new([mark, &self.header, row].concat()),
        }
    }
}
