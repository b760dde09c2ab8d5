//! Importing tables with different encodings, separators and line endings, and with invalid rows.

use std::process::{Output, Stdio};

use ansvar_tests::TestApp;
use ansvar_tests::people::Shop;
use serde_json::{Value, json};

use crate::cli::{Folder, program};
use crate::import::{MAP, command, said};

const COLUMNS: &str = "no,received,closed,via,kind,issue,story,mail,city";

/// A seller, and a folder with a mapping.
struct Desk {
    t: TestApp,
    shop: Shop,
    folder: Folder,
}

impl Desk {
    async fn start(name: &str) -> Self {
        let t = TestApp::start().await;
        let shop = t.shop().await;
        let folder = Folder::new(name);
        std::fs::write(folder.path("map.toml"), MAP).unwrap();
        Self { t, shop, folder }
    }

    fn imports(&self, table: &[u8], more: &[&str]) -> Output {
        std::fs::write(self.folder.path("old.csv"), table).unwrap();
        let (map, rejected, table) =
            (self.folder.path("map.toml"), self.folder.path("rejected.csv"), self.folder.path("old.csv"));
        let import = ["import", "cases", "--seller", "shop", "--map", &map, "--rejected", &rejected, &table];
        command(&self.t, &self.folder, &[&import[..], more].concat())
    }

    /// The lines that the command prints about this table.
    fn says(&self, table: &[u8], more: &[&str]) -> Vec<String> {
        said(&self.imports(table, more)).lines().map(str::to_owned).collect()
    }

    fn refuses(&self, table: &[u8], more: &[&str]) -> String {
        let output = self.imports(table, more);
        assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    fn rejected(&self) -> Vec<u8> {
        std::fs::read(self.folder.path("rejected.csv")).unwrap()
    }

    async fn cases(&self, selection: &str) -> Vec<Value> {
        let document = format!("{{ cases(first: 100) {{ nodes {{ {selection} }} }} }}");
        self.shop.manager.asks(&document, json!({})).await["cases"]["nodes"].as_array().unwrap().clone()
    }
}

/// A text in this encoding, after a byte order mark.
fn written(text: &str, mark: &[u8], unit: fn(char) -> Vec<u8>) -> Vec<u8> {
    mark.iter().copied().chain(text.chars().flat_map(unit)).collect()
}

fn utf8(c: char) -> Vec<u8> {
    c.to_string().into_bytes()
}

fn latin(c: char) -> Vec<u8> {
    vec![u8::try_from(u32::from(c)).unwrap()]
}

fn little(c: char) -> Vec<u8> {
    u16::try_from(u32::from(c)).unwrap().to_le_bytes().to_vec()
}

fn big(c: char) -> Vec<u8> {
    u16::try_from(u32::from(c)).unwrap().to_be_bytes().to_vec()
}

/// A separator, a line ending, a byte order mark, an encoding, and what the command prints about it.
type Written = (char, &'static str, &'static [u8], fn(char) -> Vec<u8>, &'static str);

/// A table with this separator and line ending: three valid rows, and three invalid ones.
fn table(separator: char, end: &str) -> (String, [String; 3]) {
    let row = |cells: &[&str]| cells.join(&separator.to_string());
    // The cell contains every separator, so that the same cells can be written in every format.
    let story = "\"It blinks,;\t\"\"all\"\" night,\nat Åsa's\"";
    let received = "2024-03-01 09:30";
    let columns = ["No", " received", "closed", "Via", "KIND", "issue", "story", "mail", "city"];
    let short = row(&["4", received, "", "Brev", "Garden", "short", "words", "a@example.com"]);
    let long = row(&["5", received, "", "Brev", "Garden", "long", "words", "a@example.com", "Umeå", ""]);
    let quote = row(&["6", received, "", "Brev", "Garden", "\"a\" quote", "words", "", ""]);
    let rows = [
        row(&columns),
        row(&[
            "1",
            received,
            "2024-03-04",
            "Telefon",
            "Broadband",
            "Routern är trasig",
            story,
            "asa@example.com",
            "Umeå",
        ]),
        short.clone(),
        String::new(),
        row(&["2", received, "", "brev ", "Garden", "Gunga", "", "", ""]),
        long.clone(),
        quote.clone(),
        row(&["3", received, "", "Disk", "Garden", "5\" spik", "å", "", ""]),
    ];
    (rows.join(end) + end, [short, long, quote])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_read_as_it_is_written_and_its_rejected_rows_come_back_as_they_were() {
    let desk = Desk::start("forms").await;
    let map = MAP.replace("Mejl = \"EMAIL\"", "Brev = \"POST\", Disk = \"VISIT\"");
    std::fs::write(desk.folder.path("map.toml"), map).unwrap();
    let forms: [Written; 7] = [
        (',', "\n", b"", utf8, "utf-8 (detected), cells separated by commas (detected)"),
        (
            ';',
            "\r\n",
            b"\xef\xbb\xbf",
            utf8,
            "utf-8 with a byte order mark (as it says), cells separated by semicolons (detected)",
        ),
        ('\t', "\n", b"", latin, "windows-1252 (detected), cells separated by tabs (detected)"),
        (';', "\r", b"", latin, "windows-1252 (detected), cells separated by semicolons (detected)"),
        (
            '\t',
            "\r\n",
            b"\xff\xfe",
            little,
            "utf-16le with a byte order mark (as it says), cells separated by tabs (detected)",
        ),
        (
            ',',
            "\n",
            b"\xfe\xff",
            big,
            "utf-16be with a byte order mark (as it says), cells separated by commas (detected)",
        ),
        (';', "\n", b"", big, "utf-16be (detected), cells separated by semicolons (detected)"),
    ];
    for (number, (separator, end, mark, unit, form)) in forms.into_iter().enumerate() {
        let (text, [short, long, quote]) = table(separator, end);
        let bytes = written(&text, mark, unit);
        let read = format!("The table was read as {form}, 9 columns.");
        // A row that was imported from another format of the table is the same row.
        let (opened, known) = if number == 0 { (3, 0) } else { (0, 3) };
        let counts =
            format!("6 rows: {opened} cases opened ({} of them closed), {known} known before, 3 rejected", opened / 3);
        let dry = desk.says(&bytes, &["--dry-run"]);
        assert_eq!(dry[0], counts, "{form}");
        assert!(dry.contains(&read), "{form}: {dry:?}");
        let dry = desk.rejected();
        assert_eq!(desk.says(&bytes, &[])[0], counts, "{form}");
        let s = separator;
        let quoted = |reason: &str| if reason.contains(s) { format!("\"{reason}\"") } else { reason.to_owned() };
        let words = match separator {
            ',' => "commas",
            ';' => "semicolons",
            _ => "tabs",
        };
        let too_short = quoted(&format!(
            "the row has 8 cells where 9 were expected, one for each column: write {words} for empty cells too"
        ));
        let too_long = quoted(&format!(
            "the row has 10 cells where 9 were expected, one for each column: put a cell that holds {words} or line breaks in quotes"
        ));
        let after = quoted("something follows the quote that closes cell 6: write a quote within a quoted cell twice");
        let header = text.split(end).next().unwrap();
        let back = format!(
            "line{s}reason{s}{header}{end}4{s}{too_short}{s}{short}{end}7{s}{too_long}{s}{long}{end}8{s}{after}{s}{quote}{end}"
        );
        let back = written(&back, mark, unit);
        assert_eq!(String::from_utf8_lossy(&desk.rejected()), String::from_utf8_lossy(&back), "{form}");
        assert!(desk.rejected() == back && dry == back, "{form}: byte for byte, in a dry run too");
    }
    let cases = desk.cases("subject channel messages { text } reports { __typename }").await;
    let case = |subject: &str, channel: &str, text: &str, report: &str| json!({ "subject": subject, "channel": channel, "messages": [{ "text": text }], "reports": [{ "__typename": report }] });
    assert_eq!(cases.len(), 3);
    for expected in [
        case("Routern är trasig", "PHONE", "It blinks,;\t\"all\" night,\nat Åsa's\nRoutern är trasig", "PhoneReport"),
        case("Gunga", "POST", "Gunga", "LetterReport"),
        case("5\" spik", "VISIT", "å\n5\" spik", "VisitReport"),
    ] {
        assert!(cases.contains(&expected), "{expected} is not among {cases:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_kept_whole_and_with_other_cells_it_is_another() {
    let desk = Desk::start("changed").await;
    let (header, first) = (
        "no;received;closed;via;kind;issue;story;mail;city;internal note\r\n",
        "1;2024-03-01 09:30;;Webb;Garden;Swing;bröt;;;\"kept;\r\ntoo\"\r\n",
    );
    let second = "2;2024-03-01 09:30;;Webb;Garden;Slide;x;;;\r\n";
    let table = |rows: &[&str]| written(&[&[header], rows].concat().concat(), b"", latin);
    assert!(desk.says(&table(&[first, second]), &[])[0].starts_with("2 rows: 2 cases opened"));
    let cases = desk.cases("reference subject reports { raw { contentType path sizeBytes } }").await;
    let swing = cases.iter().find(|case| case["subject"] == "Swing").unwrap();
    let raw = &swing["reports"][0]["raw"];
    assert_eq!(raw["contentType"], "text/csv; charset=windows-1252; header=present");
    let (_, headers, bytes) = desk.shop.manager.fetches(raw["path"].as_str().unwrap()).await;
    assert_eq!(bytes, table(&[first]), "the row as it came, behind the line that names its cells");
    assert!(headers["content-disposition"].to_str().unwrap().split('.').next_back() == Some("csv"));
    // Another order of columns and another encoding make no difference. A cell that the mapping does not read does.
    let turned = "\u{feff}city,no,received,closed,via,kind,issue,story,mail,internal note\n,2,2024-03-01 09:30,,Webb,Garden,Slide,x,,\n";
    assert!(
        desk.says(turned.as_bytes(), &[])[0].contains("0 cases opened (0 of them closed), 1 known before, 0 rejected")
    );
    let other = first.replace("too", "other");
    let changed = table(&[&other, second, &second.replace(";x;", ";y;")]);
    for more in [&["--dry-run"][..], &[]] {
        assert_eq!(
            desk.says(&changed, more)[0],
            "3 rows: 0 cases opened (0 of them closed), 1 known before, 2 rejected"
        );
        let back: String = desk.rejected().iter().map(|byte| char::from(*byte)).collect();
        let expected = format!(
            "2;\"changed: a row with this id was imported before with other cells and is case {}; change that case here, or give the row an id of its own\";{other}",
            swing["reference"].as_str().unwrap()
        );
        assert!(back.contains(&expected), "{back}");
    }
    assert_eq!(desk.cases("reference").await.len(), 2);
    // Of several rows with the same id in a new table the first is imported, also with concurrent rows. A dry run
    // agrees.
    let twins: Vec<String> = (0..40).map(|n| format!("9;2024-03-01 09:30;;Webb;Garden;Twin {n};x;;;\r\n")).collect();
    let twins: Vec<&str> = twins.iter().map(String::as_str).collect();
    for more in [&["--dry-run"][..], &[]] {
        let counts = desk.says(&table(&twins), more);
        assert_eq!(counts[0], "40 rows: 1 cases opened (0 of them closed), 0 known before, 39 rejected");
    }
    assert!(desk.cases("subject").await.contains(&json!({ "subject": "Twin 0" })));
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_rows_are_mended_where_they_are_and_imported() {
    let desk = Desk::start("mended").await;
    let table = format!(
        "{COLUMNS}\n1,yesterday,,Webb,Garden,Swing,broke,,\n2,2024-03-01 09:30,,Webb,Garden,Slide,broke,,\n3,tomorrow,,Webb,Garden,,x,,"
    );
    assert!(desk.says(table.as_bytes(), &[])[0].ends_with("0 known before, 2 rejected"));
    let back = String::from_utf8(desk.rejected()).unwrap();
    assert!(back.ends_with(",x,,\n"), "the end of a last line without one is written: {back}");
    let mended = back.replace("yesterday,,", "2024-03-01 08:00,,");
    assert_eq!(
        desk.says(mended.as_bytes(), &[])[0],
        "2 rows: 1 cases opened (0 of them closed), 0 known before, 1 rejected"
    );
    // A row that is rejected again is written with one line number and reason only.
    let again = String::from_utf8(desk.rejected()).unwrap();
    assert!(again.starts_with(&format!("line,reason,{COLUMNS}\n3,")), "{again}");
    assert!(again.ends_with(",3,tomorrow,,Webb,Garden,,x,,\n"), "{again}");
    // The reason is not part of the row: the row corrected in the original table is the same row.
    let table = table.replace("yesterday", "2024-03-01 08:00");
    assert!(desk.says(table.as_bytes(), &[])[0].ends_with("2 known before, 1 rejected"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_known_is_asked_for_and_nothing_is_taken_in_before() {
    let desk = Desk::start("said").await;
    let row = "1;2024-03-01 09:30;;Webb;Garden;Swing;broke;;\n";
    let columns = COLUMNS.replace(',', ";");
    for (header, places) in [
        (format!("{columns};no"), "columns 1 and 10"),
        (format!("{columns}; MAIL "), "columns 8 and 10"),
        (format!("{columns};x;y;X"), "columns 10 and 12"),
    ] {
        let error = desk.refuses(format!("{header}\n{row}").as_bytes(), &[]);
        assert!(error.contains("two columns of one name") && error.contains(places), "{error}");
    }
    let sound = format!("{columns}\n{row}");
    let error = desk.refuses(sound.as_bytes(), &["--separator", "comma"]);
    assert!(error.contains("there is no column \"no\"") && error.contains("commas (as said)"), "{error}");
    let marked = written(&sound, b"\xff\xfe", little);
    let error = desk.refuses(&marked, &["--encoding", "utf-8"]);
    assert!(error.contains("byte order mark of utf-16le"), "{error}");
    for (table, says) in [
        (&b""[..], "The table is empty"),
        (b"\xef\xbb\xbf\r\n", "The table is empty"),
        (b"\xff\xfe\0\0n\0\0\0", "UTF-32"),
    ] {
        let error = desk.refuses(table, &[]);
        assert!(error.contains(says), "{error}");
    }
    assert!(!std::path::Path::new(&desk.folder.path("rejected.csv")).exists(), "nothing was written");
    assert!(desk.cases("id").await.is_empty());
    // Given options override the detection: one cell is valid UTF-8 by chance, in a table with another encoding.
    let chance = written(&sound.replace("broke", "Ã¥"), b"", latin);
    let read = desk.says(&chance, &["--encoding", "windows-1252", "--separator", "semicolon"]);
    assert!(
        read.contains(
            &"The table was read as windows-1252 (as said), cells separated by semicolons (as said), 9 columns."
                .to_owned()
        ),
        "{read:?}"
    );
    assert_eq!(desk.cases("messages { text }").await[0]["messages"][0]["text"], "Ã¥\nSwing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_read_too_and_a_row_that_is_too_large_comes_back_whole() {
    let desk = Desk::start("large").await;
    let huge = format!("1,2024-03-01 09:30,,Webb,Garden,Swing,\"{}\",,\n", "x\n".repeat(1_500_000));
    let nul = "3,2024-03-01 09:30,,Webb,Garden,Slide\0,a\0b,,\n";
    let whole = "z".repeat(30_000);
    let table = format!("{COLUMNS}\n{huge}{nul}4,2024-03-01 09:30,,Webb,Garden,Long,{whole},,\n");
    let (map, rejected) = (desk.folder.path("map.toml"), desk.folder.path("rejected.csv"));
    std::fs::write(desk.folder.path("ansvar.toml"), desk.t.as_file()).unwrap();
    let mut child = std::process::Command::new(program())
        .args(["import", "cases", "--seller", "shop", "--map", &map, "--rejected", &rejected, "-"])
        .args(["--config", &desk.folder.path("ansvar.toml")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), table.as_bytes()).unwrap();
    let says = said(&child.wait_with_output().unwrap());
    assert!(says.starts_with("3 rows: 2 cases opened (0 of them closed), 0 known before, 1 rejected\n"), "{says}");
    let back = String::from_utf8(desk.rejected()).unwrap();
    let expected = format!(
        "line,reason,{COLUMNS}\n2,the row has more than 1048576 bytes: is the quote closed that opens cell 7?,{huge}"
    );
    assert!(back == expected, "{}", &back[..300]);
    let cases = desk.cases("subject messages { text } reports { words raw { path } }").await;
    let of = |subject: &str| cases.iter().find(|case| case["subject"] == subject).unwrap();
    assert_eq!(of("Slide")["messages"][0]["text"], "ab\nSlide");
    let path = of("Slide")["reports"][0]["raw"]["path"].as_str().unwrap();
    assert_eq!(
        desk.shop.manager.fetches(path).await.2,
        format!("{COLUMNS}\n{nul}").as_bytes(),
        "NUL is kept where it was"
    );
    let long = &of("Long")["reports"][0]["words"];
    assert_eq!(long.as_str().unwrap(), format!("{whole}\nLong"), "the report keeps all of the words");
}
