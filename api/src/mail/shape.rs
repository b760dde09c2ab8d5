//! Whether a mail's bytes can be taken apart in bounded time and memory: looked at in one pass, before a parser sees them.

/// Parts that may hold others, in one mail, at most.
const MOST_NESTED: usize = 200;
/// Header lines, addresses and ids of a mail and its parts; a real mail has some hundred.
const MOST_PIECES: usize = 20_000;

/// Says why a mail is not taken apart, if it is not.
///
/// # Errors
/// The reason, to be read by a person.
pub fn check(raw: &[u8]) -> Result<(), &'static str> {
    if nested_parts(raw) > MOST_NESTED {
        return Err("it has too many parts within parts");
    }
    if header_pieces(raw) > MOST_PIECES {
        return Err("it has too many headers or parts");
    }
    Ok(())
}

/// Lines that open a part which may hold others. The parser goes down one step of its stack for each, so they are
/// counted before it sees the mail: every Content-Type that does not plainly say that the part holds none, however a
/// writer of bombs may spell, fold or quote the rest.
fn nested_parts(raw: &[u8]) -> usize {
    const HOLDS_NONE: [&str; 6] = ["text/", "image/", "application/", "audio/", "video/", "font/"];
    let opens = |line: &[u8]| {
        let line = String::from_utf8_lossy(line.get(..80.min(line.len())).unwrap_or(line)).to_ascii_lowercase();
        let Some(rest) = line.trim_start().strip_prefix("content-type") else { return false };
        let value = rest.trim_start().strip_prefix(':').unwrap_or(rest).trim_start();
        !HOLDS_NONE.iter().any(|kind| value.starts_with(kind))
    };
    raw.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| opens(line)).count()
}

/// Lines of headers, and addresses and ids in them, of the mail and of what look like its parts: the reader keeps a record
/// of each, many times as long as the line.
fn header_pieces(raw: &[u8]) -> usize {
    let mut in_header = true;
    let mut pieces = 0;
    for line in raw.split(|byte| *byte == b'\n') {
        if line.starts_with(b"--") {
            in_header = true;
        } else if line.is_empty() || line == b"\r" {
            in_header = false;
        }
        if in_header {
            pieces += 1 + line.iter().filter(|byte| matches!(byte, b'<' | b',')).count();
        }
    }
    pieces
}
