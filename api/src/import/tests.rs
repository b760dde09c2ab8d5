//! Tables in every form, from their bytes to the rows that are read and those that are rejected.

use std::fs::File;
use std::io::Cursor;

use entity::id::SellerId;
use uuid::Uuid;

use super::cells::Separator;
use super::encoding::Encoding;
use super::reading::{Read, Understood};
use super::rejected::Rejected;
use super::table::{Table, TableOptions, TableSource};
use crate::intake::import::{Imported, Mapping};

/// The result of importing a table.
struct Done {
    says: String,
    rows: Vec<Understood<Imported>>,
    back: Vec<u8>,
}

impl Done {
    fn words(&self) -> Vec<(u64, &str)> {
        self.rows.iter().map(|row| (row.line, row.means.arrived.words.as_str())).collect()
    }
}

fn mapping() -> Mapping {
    let text = "source = \"s\"\nid = \"no\"\nreceived_at = { column = \"at\", format = \"%F\" }\n\
                channel = { otherwise = \"WEB\" }\ntext = [\"text\"]";
    toml::from_str(text).unwrap()
}

fn imports(source: TableSource, said: TableOptions) -> Result<Done, String> {
    let mapping = mapping();
    let table = Table::open(source, said, &mapping)?;
    let (mut back, says) = (Vec::new(), table.describes());
    let mut rejected = Rejected::new(&mut back, &table).unwrap();
    let mut rows = Vec::new();
    let (pieces, reading) = table.reading();
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    for piece in pieces {
        match reading.read(piece.unwrap(), |row| mapping.read(row, SellerId(Uuid::nil()), now)) {
            Read::Row(row) => rows.push(*row),
            Read::Wrong(line, reasons, bytes) => rejected.row(line, &reasons.join("; "), &bytes).unwrap(),
            Read::Rest(bytes) => rejected.rest(&bytes).unwrap(),
        }
    }
    rejected.finish().unwrap();
    drop(rejected);
    Ok(Done { says, rows, back })
}

fn stream(bytes: &[u8]) -> TableSource {
    TableSource::Stream(Box::new(Cursor::new(bytes.to_vec())))
}

/// A file with these bytes, which is gone when it is closed.
fn file(name: &str, bytes: &[u8]) -> TableSource {
    let path = std::env::temp_dir().join(format!("ansvar_table_{}_{name}", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    let file = File::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    TableSource::File(file)
}

fn detected(bytes: &[u8]) -> Done {
    let (one, other) = (imports(stream(bytes), TableOptions::default()).unwrap(), file("form", bytes));
    let other = imports(other, TableOptions::default()).unwrap();
    assert_eq!((&one.says, one.words(), &one.back), (&other.says, other.words(), &other.back));
    one
}

#[test]
fn every_form_of_a_table_is_read_and_given_back_in_its_own_bytes() {
    let encodings = [Encoding::Utf8, Encoding::Windows1252, Encoding::Utf16Le, Encoding::Utf16Be];
    let forms = encodings.into_iter().flat_map(|encoding| [(encoding, false), (encoding, true)]);
    let forms = forms.flat_map(|form| Separator::ALL.into_iter().map(move |separator| (form, separator)));
    let forms = forms.flat_map(|form| ["\n", "\r\n", "\r"].into_iter().map(move |end| (form, end)));
    for (((encoding, marked), separator), end) in forms {
        let mark = if marked { encoding.mark() } else { b"" };
        let row = |cells: &[&str]| cells.join(&separator.char().to_string());
        let (header, day) = (row(&["No", " TEXT", "at"]), "2024-03-01");
        let story = format!("\"Å{} \"\"ö\"\"\nx\"", separator.char());
        let short = row(&["2", "short"]);
        let long = row(&["3", "long", day, ""]);
        let quote = row(&["4", "\"q\"q", day]);
        let wrong = row(&["5", "é", "never"]);
        let first = row(&["1", &story, day]);
        let rows = [&header, &first, &short, &long, "", &quote, &wrong, &row(&["6", "fine", "\"2024-03-01\""])];
        let written = |text: &str| [mark, &encoding.encode(text)].concat();
        let done = detected(&written(&rows.join(end)));
        let told = format!("{encoding:?} {separator:?} {end:?}: {}", done.says);
        assert!(done.says.contains(encoding.name()) && done.says.contains(separator.words()), "{told}");
        assert_eq!(done.says.contains("byte order mark"), !mark.is_empty(), "{told}");
        let words = format!("Å{} \"ö\"\nx", separator.char());
        assert_eq!(done.words(), [(2, words.as_str()), (9, "fine")], "{told}");
        assert_eq!(done.rows[0].bytes(), encoding.encode(&format!("{first}{end}")), "{told}");
        let kept = written(&format!("{header}{end}{first}{end}"));
        assert_eq!(done.rows[0].means.arrived.raw.bytes.as_slice(), kept, "{told}");
        // The rejected rows are a table of the same form, and can be imported again.
        let back = encoding.decode(&done.back[mark.len()..]).unwrap();
        assert!(done.back.starts_with(mark) && back.starts_with(&row(&["line", "reason", &header])), "{told} {back}");
        let mended = written(&back.replace("never", day));
        let again = detected(&mended);
        assert_eq!(again.rows[0].bytes(), encoding.encode(&format!("{}{end}", wrong.replace("never", day))), "{told}");
        let again = encoding.decode(&again.back[mark.len()..]).unwrap();
        assert!(again.starts_with(&format!("{}{end}", row(&["line", "reason", &header]))), "{told} {again}");
        for (returned, rows) in [(back, &[&short, &long, &quote, &wrong][..]), (again, &[&short, &long, &quote])] {
            for given in rows {
                assert!(returned.contains(&format!("{}{given}{end}", separator.char())), "{told} {given} {returned}");
            }
        }
    }
}

#[test]
fn a_file_is_looked_through_to_its_end_and_a_stream_says_what_it_could_not_know() {
    let mut table = b"no,text,at\n".to_vec();
    let plain = "in plain letters ".repeat(60);
    for number in 0..1_200 {
        table.extend(format!("{number},{plain},2024-03-01\n").bytes());
    }
    assert!(table.len() > 1024 * 1024);
    table.extend(b"x,k\xe5l,2024-03-01");
    let done = imports(file("late", &table), TableOptions::default()).unwrap();
    assert!(done.says.contains("windows-1252 (detected)"), "{}", done.says);
    assert_eq!(done.words().last(), Some(&(1_202, "kål")));
    let done = imports(stream(&table), TableOptions::default()).unwrap();
    assert!(done.says.contains("utf-8 (detected)"), "{}", done.says);
    let back = String::from_utf8_lossy(&done.back).into_owned();
    assert!(back.contains("1202,\"the row is not utf-8") && back.contains("`--encoding`"), "{back}");
    assert!(done.back.ends_with(b",x,k\xe5l,2024-03-01\n"));
    let said = TableOptions { encoding: Some(Encoding::Windows1252), separator: None };
    assert_eq!(imports(stream(&table), said).unwrap().words().last(), Some(&(1_202, "kål")));
}

#[test]
fn what_is_no_table_is_refused_with_what_to_do() {
    let wide = (0..20_000).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    for (table, says) in [
        ("", "The table is empty"),
        ("\r\n\n\r", "The table is empty"),
        ("\u{feff}", "The table is empty"),
        ("no,text,at,NO \n", "two columns of one name"),
        ("no,text,\"a\"t\n", "follows the quote that closes cell 3"),
        ("no,text,\"at\n1,x,2024-03-01\n", "the quote that opens cell 3"),
        ("no,story,at\n", "there is no column \"text\""),
        (&wide, "10000 columns"),
        (&",".repeat(2_000_000), "1048576 bytes"),
    ] {
        let error = imports(stream(table.as_bytes()), TableOptions::default()).err().unwrap();
        assert!(error.contains(says), "{error}");
    }
    let cut = imports(stream(b"no,t\xe5xt,at\n"), TableOptions { encoding: Some(Encoding::Utf8), separator: None });
    assert!(cut.err().unwrap().contains("say what it is with `--encoding`"));
}
