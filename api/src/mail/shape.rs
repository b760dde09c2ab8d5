//! Whether a mail's bytes can be taken apart in bounded time and memory: looked at in one pass, before a parser sees them.

/// Parts that may hold others, in one mail, at most.
const MOST_NESTED: usize = 200;
/// Header lines, addresses and ids of a mail and its parts; a real mail has some hundred.
const MOST_PIECES: usize = 20_000;
/// What else the parser keeps a record of in headers: parameters, groups, comments, words.
const MOST_MARKS: usize = 200_000;
/// Bytes of the headers of a mail and its parts.
const LONGEST_HEADERS: usize = 4 * 1024 * 1024;

/// Says why a mail is not taken apart, if it is not.
///
/// # Errors
/// The reason, to be read by a person.
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

/// Lines that open a part which may hold others. The parser goes down one step of its stack for each, so they are
/// counted before it sees the mail: every Content-Type that does not plainly say that the part holds none, however a
/// writer of bombs may spell, fold or quote the rest.
fn nested_parts(raw: &[u8]) -> usize {
    raw.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| opens(line).is_some()).count()
}

/// What a line opens that may hold other parts: the value of its Content-Type, unless it plainly holds none.
fn opens(line: &[u8]) -> Option<String> {
    const HOLDS_NONE: [&str; 6] = ["text/", "image/", "application/", "audio/", "video/", "font/"];
    let line = String::from_utf8_lossy(line.get(..80.min(line.len())).unwrap_or(line)).to_ascii_lowercase();
    let rest = line.trim_start().strip_prefix("content-type")?;
    let value = rest.trim_start().strip_prefix(':').unwrap_or(rest).trim_start();
    (!HOLDS_NONE.iter().any(|kind| value.starts_with(kind))).then(|| value.to_owned())
}

/// Parts whose parts are what they say they are.
const PLAIN: [&str; 7] = [
    "multipart/mixed",
    "multipart/alternative",
    "multipart/related",
    "multipart/report",
    "multipart/signed",
    "message/rfc822",
    "message/delivery-status",
];

/// How much there is in the headers of a mail and of what look like its parts.
#[derive(Default)]
struct Headers {
    /// Lines, and addresses and ids in them: the reader keeps a record of each, many times as long as the line.
    pieces: usize,
    /// What else divides a header.
    marks: usize,
    bytes: usize,
}

impl Headers {
    fn count(raw: &[u8]) -> Self {
        let mut all = Self::default();
        let mut in_header = true;
        // A mail within has a header of its own behind that of its part; in a digest each part is a mail.
        let (mut mail_follows, mut digest) = (false, false);
        // A mail of Macs of old has no line feeds at all.
        let end = if raw.contains(&b'\n') { b'\n' } else { b'\r' };
        // The first line may be blank, and the header begins below it.
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
