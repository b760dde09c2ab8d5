//! Checks whether a mail's bytes can be parsed in bounded time and memory. It takes one pass, before a parser sees
//! them.

/// How many parts that may hold other parts a mail may have.
const MOST_NESTED: usize = 200;
/// How many header lines, addresses and ids a mail and its parts may have. A real mail has some hundreds.
const MOST_PIECES: usize = 20_000;
/// How many other items of which the parser keeps a record the headers may have: parameters, groups, comments, words.
const MOST_MARKS: usize = 200_000;
/// How many bytes the headers of a mail and its parts may have.
const LONGEST_HEADERS: usize = 4 * 1024 * 1024;

/// Checks whether a mail may be parsed.
///
/// # Errors
/// The reason why it may not, written for people.
pub fn check(raw: &[u8]) -> Result<(), &'static str> {
    if nested_parts(raw) > MOST_NESTED {
        return Err("it has too many parts within parts");
    }
    let headers = Headers::count(raw);
    if headers.pieces > MOST_PIECES || headers.marks > MOST_MARKS || headers.bytes > LONGEST_HEADERS {
        return Err("it has too many headers or parts");
    }
    Ok(())
}

/// The number of lines that open a part which may hold other parts. The parser recurses once for each, so they are
/// counted before it sees the mail. Every Content-Type counts unless it clearly says that the part holds no others,
/// because an attacker may spell, fold or quote the rest in any way.
fn nested_parts(raw: &[u8]) -> usize {
    raw.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| opens(line).is_some()).count()
}

/// The value of a line's Content-Type, if the part may hold other parts. None for other lines.
fn opens(line: &[u8]) -> Option<String> {
    const HOLDS_NONE: [&str; 6] = ["text/", "image/", "application/", "audio/", "video/", "font/"];
    let line = String::from_utf8_lossy(line.get(..80.min(line.len())).unwrap_or(line)).to_ascii_lowercase();
    let rest = line.trim_start().strip_prefix("content-type")?;
    let value = rest.trim_start().strip_prefix(':').unwrap_or(rest).trim_start();
    (!HOLDS_NONE.iter().any(|kind| value.starts_with(kind))).then(|| value.to_owned())
}

/// Containers whose parts are not mails by default. The parts of a digest are.
const PLAIN: [&str; 7] = [
    "multipart/mixed",
    "multipart/alternative",
    "multipart/related",
    "multipart/report",
    "multipart/signed",
    "message/rfc822",
    "message/delivery-status",
];

/// What is counted in the headers of a mail and of what looks like its parts.
#[derive(Default)]
struct Headers {
    /// Lines, and addresses and ids in them. The parser keeps a record of each, which is many times as long as the
    /// line.
    pieces: usize,
    /// Other characters that divide a header.
    marks: usize,
    bytes: usize,
}

impl Headers {
    fn count(raw: &[u8]) -> Self {
        let mut all = Self::default();
        let mut in_header = true;
        // A mail inside has a header of its own, after the header of its part. In a digest every part is a mail.
        let (mut mail_follows, mut digest) = (false, false);
        // A mail from an old Mac has no line feeds at all.
        let end = if raw.contains(&b'\n') { b'\n' } else { b'\r' };
        // The first lines may be blank, and the header begins below them.
        for line in super::prepare::without_envelope(raw).split(|byte| *byte == end) {
            if line.starts_with(b"--") {
                in_header = true;
                mail_follows = digest;
            } else if line.is_empty() || line == b"\r" {
                in_header = std::mem::take(&mut mail_follows);
            }
            if in_header {
                if let Some(kind) = opens(line) {
                    mail_follows = true;
                    digest |= !PLAIN.iter().any(|plain| kind.starts_with(plain));
                }
                all.pieces += 1;
                all.bytes += line.len();
                for byte in line {
                    match byte {
                        b'<' | b',' => all.pieces += 1,
                        b';' | b':' | b'(' | b'"' | b'?' => all.marks += 1,
                        _ => {}
                    }
                }
            }
        }
        all
    }
}
