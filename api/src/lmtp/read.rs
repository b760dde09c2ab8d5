//! Reads what an LMTP client sends: its commands, which must come in order, and the bytes of a mail.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use super::Unavailable;

/// How many bytes a mail may have.
const LARGEST: usize = 31_457_280;
/// The extensions that the reply to LHLO lists after the host's name. SIZE is [`LARGEST`].
pub const ABILITIES: LmtpReply =
    "250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-SIZE 31457280\r\n250 ENHANCEDSTATUSCODES";
/// How many bytes a line may have, including its end.
const LINE: usize = 2_000;
/// How many recipients one mail may have.
const RECIPIENTS: usize = 100;
/// How many errors of the client one session may have.
const ERRORS: usize = 20;
/// The reply to a command that comes in the wrong order.
const ORDER: LmtpReply = "503 5.5.1 not in this order";
/// The reply to a mail of more than [`LARGEST`] bytes, announced or sent.
pub const TOO_LARGE: LmtpReply = "552 5.3.4 the mail is too large";

/// A reply, without its line end. It never contains an address.
pub type LmtpReply = &'static str;

/// What a line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Sending this reply.
    Say(LmtpReply),
    /// Sending the greeting and the extensions.
    Hello,
    /// Asking whether mail for this address is accepted, and then calling [`Dialogue::answered`].
    Ask(String),
    /// Reading the mail, and then calling [`Dialogue::finish`].
    Data,
    /// Sending this reply and ending the session.
    End(LmtpReply),
}

/// A mail's envelope, as far as it is known.
#[derive(Debug, Default)]
pub struct Envelope {
    /// The sender; empty when there is none, as for a bounce.
    pub from: String,
    /// The recipients that were accepted, in order, with repetitions.
    pub to: Vec<String>,
}

/// The state of a session.
#[derive(Debug, Default)]
pub struct Dialogue {
    greeted: bool,
    envelope: Option<Envelope>,
    errors: usize,
}

impl Dialogue {
    /// Whether a mail is under way.
    #[must_use]
    pub fn under_way(&self) -> bool {
        self.envelope.is_some()
    }

    /// What a line asks for. A client with too many errors is told to end.
    pub fn hear(&mut self, line: &Line) -> Next {
        self.follow(line).unwrap_or_else(|reply| {
            self.errors += 1;
            if self.errors > ERRORS { Next::End("421 4.7.0 too many errors") } else { Next::Say(reply) }
        })
    }

    /// The reply to a recipient, once it is known whether mail for the address is accepted.
    pub fn answered(&mut self, address: String, taken: Result<bool, Unavailable>) -> LmtpReply {
        match (taken, &mut self.envelope) {
            (Ok(true), Some(envelope)) => {
                envelope.to.push(address);
                "250 2.1.5 recipient taken"
            }
            (Ok(true), None) => ORDER,
            (Ok(false), _) => "550 5.1.1 no such recipient here",
            (Err(Unavailable), _) => "451 4.3.0 cannot say now",
        }
    }

    /// Ends the mail under way and returns its envelope.
    pub fn finish(&mut self) -> Envelope {
        self.envelope.take().unwrap_or_default()
    }

    /// What a line asks for. `Err` is the reply to an error of the client. Refused recipients are no error, because a
    /// client with many of them has done nothing wrong.
    fn follow(&mut self, line: &Line) -> Result<Next, LmtpReply> {
        let text = line.text()?;
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        let rest = rest.trim_matches(' ');
        match verb.to_ascii_uppercase().as_str() {
            "LHLO" if rest.is_empty() => Err("501 5.5.4 LHLO and who you are"),
            "LHLO" => {
                (self.greeted, self.envelope) = (true, None);
                Ok(Next::Hello)
            }
            "MAIL" => self.mail(rest),
            "RCPT" => self.rcpt(rest),
            "DATA" | "RSET" | "QUIT" if !rest.is_empty() => Err("501 5.5.4 nothing follows this command"),
            "DATA" => match &self.envelope {
                None => Err(ORDER),
                // Not an error, because a client that pipelines sends DATA before it knows the replies.
                Some(envelope) if envelope.to.is_empty() => Ok(Next::Say("503 5.5.1 no recipient was taken")),
                Some(_) => Ok(Next::Data),
            },
            "RSET" => {
                self.envelope = None;
                Ok(Next::Say("250 2.0.0 forgotten"))
            }
            "NOOP" => Ok(Next::Say("250 2.0.0 here")),
            "VRFY" => Ok(Next::Say("252 2.0.0 send a mail and see")),
            "QUIT" => Ok(Next::End("221 2.0.0 goodbye")),
            "HELO" | "EHLO" => Err("500 5.5.1 this is LMTP, say LHLO"),
            "AUTH" | "BDAT" | "EXPN" | "HELP" | "STARTTLS" | "TURN" => Err("502 5.5.1 not offered"),
            _ => Err("500 5.5.1 unknown command"),
        }
    }

    fn mail(&mut self, rest: &str) -> Result<Next, LmtpReply> {
        if !self.greeted || self.envelope.is_some() {
            return Err(ORDER);
        }
        let (from, parameters) = path(rest, "FROM:").ok_or("501 5.1.7 MAIL FROM:<address>")?;
        for parameter in parameters.split_ascii_whitespace() {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match (name.to_ascii_uppercase().as_str(), value.to_ascii_uppercase().as_str()) {
                ("BODY", "7BIT" | "8BITMIME") | ("SMTPUTF8", "") => {}
                ("SIZE", size) if size.is_empty() || !size.bytes().all(|byte| byte.is_ascii_digit()) => {
                    return Err("501 5.5.4 SIZE is a number");
                }
                // A number that does not fit into the type is too large as well.
                ("SIZE", size) if size.parse().is_ok_and(|size: usize| size <= LARGEST) => {}
                ("SIZE", _) => return Ok(Next::Say(TOO_LARGE)),
                _ => return Err("555 5.5.4 unknown parameter"),
            }
        }
        self.envelope = Some(Envelope { from: from.to_owned(), to: Vec::new() });
        Ok(Next::Say("250 2.1.0 sender taken"))
    }

    fn rcpt(&self, rest: &str) -> Result<Next, LmtpReply> {
        let envelope = self.envelope.as_ref().ok_or(ORDER)?;
        match path(rest, "TO:") {
            None | Some(("", _)) => Err("501 5.1.3 RCPT TO:<address>"),
            Some((_, parameters)) if !parameters.trim().is_empty() => Err("555 5.5.4 unknown parameter"),
            Some(_) if envelope.to.len() >= RECIPIENTS => Ok(Next::Say("452 4.5.3 too many recipients")),
            Some((to, _)) => Ok(Next::Ask(to.to_owned())),
        }
    }
}

/// The path after this keyword, without its brackets and its source route, and the text after it.
fn path<'a>(text: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let (head, tail) = text.split_at_checked(keyword.len())?;
    let path = head.eq_ignore_ascii_case(keyword).then_some(tail)?.trim_start_matches(' ').strip_prefix('<')?;
    let (mut quoted, mut escaped) = (false, false);
    let (path, rest) = path.split_once(|char| {
        quoted ^= char == '"' && !escaped;
        escaped = char == '\\' && quoted && !escaped;
        char == '>' && !quoted
    })?;
    let path = if path.starts_with('@') { path.split_once(':')?.1 } else { path };
    (rest.is_empty() || rest.starts_with(' ')).then_some((path, rest))
}

/// A line as it came.
#[derive(Debug, Default)]
pub struct Line {
    bytes: Vec<u8>,
    long: bool,
}

impl Line {
    /// Reads the next line into this one. Returns false when there is none. Nothing is kept of a line that is too long.
    ///
    /// # Errors
    /// When the client cannot be read from.
    pub async fn read(&mut self, from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<bool> {
        self.bytes.clear();
        self.long = false;
        loop {
            let Some(part) = from.fill_buf().await?.split_inclusive(|byte| *byte == b'\n').next() else {
                return Ok(false);
            };
            let (length, ended) = (part.len(), part.ends_with(b"\n"));
            self.long |= self.bytes.len() + length > LINE;
            if !self.long {
                self.bytes.extend_from_slice(part);
            }
            from.consume(length);
            if ended {
                return Ok(true);
            }
        }
    }

    /// The line's text. A bare LF ends a line too, but such a line is refused, because a server on the way may read it
    /// differently.
    fn text(&self) -> Result<&str, LmtpReply> {
        if self.long {
            return Err("500 5.5.2 the line is too long");
        }
        let text = self.bytes.strip_suffix(b"\r\n").ok_or("500 5.5.2 a line ends with CR LF")?;
        let text = std::str::from_utf8(text).map_err(|_| "500 5.5.2 the line is not text")?;
        if text.chars().any(char::is_control) { Err("500 5.5.2 the line is not text") } else { Ok(text) }
    }
}

/// Reads a mail to its end. None when it is too large.
///
/// # Errors
/// When the client cannot be read from, or is gone before the end.
pub async fn mail(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut body = Body { at: At::Start, kept: Vec::new(), fits: true };
    loop {
        let bytes = from.fill_buf().await?;
        if bytes.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (length, end) = (bytes.len(), body.take(bytes));
        from.consume(end.unwrap_or(length));
        if end.is_some() {
            return Ok(body.fits.then_some(body.kept));
        }
    }
}

/// The position of a byte within its line. Only CR LF ends a line. If LF were enough, a mail could contain another mail
/// that only this service sees.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    Dot,
    DotCr,
    Text,
    Cr,
}

/// The bytes of a mail that were read so far.
struct Body {
    at: At,
    kept: Vec<u8>,
    fits: bool,
}

impl Body {
    /// Reads bytes. Returns how many of them belong to the mail, if its end is among them.
    fn take(&mut self, bytes: &[u8]) -> Option<usize> {
        for (count, byte) in (1..).zip(bytes) {
            let before = self.at;
            self.at = match (before, byte) {
                (At::DotCr, b'\n') => return Some(count),
                (At::Start, b'.') => At::Dot,
                (At::Dot, b'\r') => At::DotCr,
                (At::Cr, b'\n') => At::Start,
                (_, b'\r') => At::Cr,
                _ => At::Text,
            };
            if before == At::DotCr {
                // This was not the end, so the CR belongs to the mail.
                self.keep(b'\r');
            }
            if !matches!(self.at, At::Dot | At::DotCr) {
                self.keep(*byte);
            }
        }
        None
    }

    fn keep(&mut self, byte: u8) {
        if self.kept.len() == LARGEST {
            (self.kept, self.fits) = (Vec::new(), false);
        }
        if self.fits {
            self.kept.push(byte);
        }
    }
}
