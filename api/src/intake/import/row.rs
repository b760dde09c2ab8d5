//! The columns of a table, and rows that map column names to cells. Names are compared without regard to case, to
//! spaces around them and to repeated spaces. Pure.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::intake::report::File;
use crate::kit::text::{clean_line, truncated};

/// How many characters of a name or a cell a message shows.
pub const SHOWN: usize = 100;

/// The names of a table's columns, in the table's order.
#[derive(Debug, Clone)]
pub struct Columns {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Columns {
    /// The columns with these names. A column may have an empty name; nothing reads it then.
    ///
    /// # Errors
    /// When two columns have the same name, because it cannot be known which of them is meant.
    pub fn new(names: &[String]) -> Result<Self, String> {
        let mut places: HashMap<String, usize> = HashMap::new();
        for (place, name) in names.iter().enumerate().filter(|(_, name)| !known_as(name).is_empty()) {
            if let Some(first) = places.insert(known_as(name), place) {
                return Err(format!(
                    "The table has two columns of one name, \"{}\": columns {} and {}. Give each a name of its own in the \
                     line of column names, and in the mapping.",
                    shown(name),
                    first + 1,
                    place + 1
                ));
            }
        }
        Ok(Self { names: names.iter().map(|name| clean_line(name)).collect(), places })
    }

    /// The number of columns.
    #[must_use]
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// The names as they are written, without spaces around them.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

/// A name in the form in which names are compared.
#[must_use]
pub fn known_as(name: &str) -> String {
    clean_line(name).to_lowercase()
}

/// The part of a text that a message shows.
#[must_use]
pub fn shown(text: &str) -> String {
    let short = truncated(text, SHOWN);
    if short.len() < text.len() { format!("{short}…") } else { short }
}

/// A row of a table.
#[derive(Debug, Clone)]
pub struct TableRow<'a> {
    columns: &'a Columns,
    cells: Vec<String>,
    /// The row as it came, with the line of column names.
    pub raw: File,
}

impl<'a> TableRow<'a> {
    /// A row with a cell for each column.
    #[must_use]
    pub fn new(columns: &'a Columns, cells: Vec<String>, raw: File) -> Self {
        Self { columns, cells, raw }
    }

    /// The cell in the column of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let place = self.columns.places.get(&known_as(name))?;
        self.cells.get(*place).map(String::as_str)
    }

    /// A digest of the row's cells and their column names. It does not depend on the order of the columns, on the
    /// encoding, on the separators or on the line endings of the table. Empty cells are left out.
    #[must_use]
    pub fn fingerprint(&self) -> Vec<u8> {
        let named = |(place, cell): (usize, &String)| {
            let name = self.columns.names.get(place).map(|name| known_as(name)).filter(|name| !name.is_empty());
            let lines = cell.replace("\r\n", "\n").replace('\r', "\n");
            (name.unwrap_or_else(|| format!("#{}", place + 1)), lines)
        };
        let mut said: Vec<_> =
            self.cells.iter().enumerate().map(named).filter(|(_, cell)| !cell.trim().is_empty()).collect();
        said.sort();
        let mut digest = Sha256::new();
        for text in said.iter().flat_map(|(name, cell)| [name, cell]) {
            digest.update(text.len().to_le_bytes());
            digest.update(text.as_bytes());
        }
        digest.finalize().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[(&str, &str)]) -> Vec<u8> {
        let names: Vec<String> = cells.iter().map(|(name, _)| (*name).to_owned()).collect();
        let raw = File { name: String::new(), content_type: String::new(), bytes: Vec::new().into() };
        let columns = Columns::new(&names).unwrap();
        TableRow::new(&columns, cells.iter().map(|(_, cell)| (*cell).to_owned()).collect(), raw).fingerprint()
    }

    #[test]
    fn two_columns_of_one_name_are_refused_however_they_are_written() {
        for (names, places) in [
            (&["no", "text", "no"][..], Some("columns 1 and 3")),
            (&["no", "Text", " text\u{a0}"], Some("columns 2 and 3")),
            (&["no", "Case  No", "CASE\nNO"], Some("columns 2 and 3")),
            (&["ÅR", "år"], Some("columns 1 and 2")),
            (&["no", "\0no"], Some("columns 1 and 2")),
            (&["no", "number", "nos"], None),
            // Columns without a name are allowed, because a separator at the end of every line makes such columns.
            (&["no", "", " ", ""], None),
        ] {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            match (Columns::new(&names), places) {
                (Ok(columns), None) => assert_eq!(columns.count(), names.len()),
                (Err(error), Some(places)) => assert!(error.contains(places), "{error}"),
                (found, _) => panic!("{names:?}: {found:?}"),
            }
        }
    }

    #[test]
    fn a_row_says_the_same_in_another_order_and_something_else_with_another_cell() {
        let first = row(&[("no", "1"), ("text", "a\r\nb"), ("extra", "")]);
        assert_eq!(first, row(&[("Text ", "a\nb"), ("NO", "1")]));
        assert_ne!(first, row(&[("no", "1"), ("text", "a\nb"), ("extra", "x")]));
        assert_ne!(first, row(&[("no", "1"), ("text", "a b")]));
        assert_ne!(row(&[("a", "b"), ("c", "")]), row(&[("a", ""), ("c", "b")]));
        // A cell does not run into the next one.
        assert_ne!(row(&[("a", "bc"), ("d", "e")]), row(&[("a", "b"), ("d", "ce")]));
        assert_ne!(row(&[("", "x"), ("a", "y")]), row(&[("a", "y"), ("", "x")]), "unnamed columns go by their place");
    }
}
