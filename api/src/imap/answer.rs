//! Reads the answers of a server (RFC 3501, 7). Pure. Few kinds of answers matter here. All others are ignored,
//! whatever their form, because a server may send anything at any time. Nothing recurses, and nothing is read twice.

use chrono::{DateTime, Utc};

/// One answer as it came: its text, and its literals. In the text each literal is written as `{length}`.
#[derive(Debug, Default)]
pub struct ServerReply {
    /// The text, without line ends.
    pub text: Vec<u8>,
    /// The literals, in order.
    pub literals: Vec<Vec<u8>>,
}

/// The status of a command, or of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It succeeded.
    Ok,
    /// It was refused.
    No,
    /// It was not understood.
    Bad,
    /// The server closes the connection.
    Bye,
}

/// What an answer says.
#[derive(Debug, PartialEq, Eq)]
pub enum ReplyKind<'a> {
    /// The server is ready for more of the command.
    Continue,
    /// The command with this tag has ended, with this status and the server's text.
    Done(&'a str, Status, String),
    /// The status of the connection, with the code in brackets in upper case.
    Told(Status, String),
    /// The server's capabilities, in upper case.
    Able(String),
    /// How many mails the folder has.
    Exists(u32),
    /// A mail was removed from the folder.
    Gone,
    /// The numbers that a search found.
    Found(Vec<u32>),
    /// The data of a mail.
    Mail(MailData<'a>),
    /// Any other answer.
    Other,
}

/// The data of a mail.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct MailData<'a> {
    /// The mail's UID.
    pub uid: Option<u32>,
    /// When the server received the mail.
    pub at: Option<DateTime<Utc>>,
    /// The mail's bytes.
    pub body: Option<&'a [u8]>,
}

impl ServerReply {
    /// Whether it is a status. A status ends with free text and has no literals.
    #[must_use]
    pub fn is_status(&self) -> bool {
        let (first, rest) = word(&self.text);
        first != b"*" || status(rest).is_some()
    }

    /// What the answer says.
    #[must_use]
    pub fn said(&self) -> ReplyKind<'_> {
        let text = &self.text;
        let (first, rest) = word(text);
        match first {
            b"+" => ReplyKind::Continue,
            b"*" => self.untagged(rest),
            tag => match (std::str::from_utf8(tag), status(rest)) {
                (Ok(tag), Some((status, rest))) => ReplyKind::Done(tag, status, words(rest)),
                _ => ReplyKind::Other,
            },
        }
    }

    fn untagged<'a>(&'a self, text: &'a [u8]) -> ReplyKind<'a> {
        if let Some((status, rest)) = status(text) {
            let code = rest.strip_prefix(b"[").and_then(|rest| rest.split(|byte| *byte == b']').next());
            return ReplyKind::Told(status, words(code.unwrap_or_default()).to_ascii_uppercase());
        }
        let (name, rest) = word(text);
        match (name.to_ascii_uppercase().as_slice(), number(name)) {
            (b"CAPABILITY", _) => ReplyKind::Able(words(rest).to_ascii_uppercase()),
            (b"SEARCH", _) => ReplyKind::Found(rest.split(|byte| *byte == b' ').filter_map(number).collect()),
            (_, Some(count)) => {
                let (what, rest) = word(rest);
                match what.to_ascii_uppercase().as_slice() {
                    b"EXISTS" => ReplyKind::Exists(count),
                    b"EXPUNGE" => ReplyKind::Gone,
                    b"FETCH" => ReplyKind::Mail(self.shown(rest)),
                    _ => ReplyKind::Other,
                }
            }
            _ => ReplyKind::Other,
        }
    }

    /// Reads the list in parentheses: names and values in turn, in any order.
    fn shown<'a>(&'a self, text: &'a [u8]) -> MailData<'a> {
        let mut shown = MailData::default();
        let mut tokens = Tokens { text: text.strip_prefix(b"(").unwrap_or(text), literals: self.literals.iter() };
        while let (Some(name), Some(value)) = (tokens.next(), tokens.next()) {
            let Token::Plain(name) = name else { continue };
            match (name.to_ascii_uppercase().as_slice(), value) {
                (b"UID", Token::Plain(value)) => shown.uid = number(value),
                (b"INTERNALDATE", Token::Text(value)) => shown.at = std::str::from_utf8(value).ok().and_then(date),
                (b"BODY[]" | b"BODY[]<0>", Token::Text(value)) => shown.body = Some(value),
                _ => {}
            }
        }
        shown
    }
}

/// An item of a list.
enum Token<'a> {
    /// A word.
    Plain(&'a [u8]),
    /// A quoted string or a literal.
    Text(&'a [u8]),
    /// A nested list. Its content is ignored.
    List,
}

struct Tokens<'a> {
    text: &'a [u8],
    literals: std::slice::Iter<'a, Vec<u8>>,
}

impl<'a> Tokens<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.text.split_at(length.min(self.text.len()));
        self.text = rest;
        taken
    }

    /// Reads a quoted string. Escapes are not decoded, because no value that is read here has any.
    fn quoted(&mut self) -> &'a [u8] {
        self.take(1);
        let mut escaped = false;
        let end = self.text.iter().position(|byte| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        });
        let inside = self.take(end.unwrap_or(self.text.len()));
        self.take(1);
        inside
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let spaces = self.text.iter().take_while(|byte| **byte == b' ').count();
        self.take(spaces);
        match self.text.first()? {
            b')' => None,
            b'"' => Some(Token::Text(self.quoted())),
            b'{' => {
                let end = self.text.iter().position(|byte| *byte == b'}').map_or(self.text.len(), |at| at + 1);
                self.take(end);
                self.literals.next().map(|literal| Token::Text(literal))
            }
            b'(' => {
                let mut depth = 0_usize;
                loop {
                    match self.text.first()? {
                        b'"' => drop(self.quoted()),
                        b'{' => {
                            self.take(1);
                            self.literals.next();
                        }
                        byte => {
                            depth = match byte {
                                b'(' => depth + 1,
                                b')' => depth - 1,
                                _ => depth,
                            };
                            self.take(1);
                            if depth == 0 {
                                return Some(Token::List);
                            }
                        }
                    }
                }
            }
            _ => {
                // The name of a section may contain spaces: BODY[HEADER.FIELDS (TO)].
                let mut within = 0_usize;
                let end = self.text.iter().position(|byte| {
                    match byte {
                        b'[' => within += 1,
                        b']' => within = within.saturating_sub(1),
                        _ => {}
                    }
                    within == 0 && matches!(byte, b' ' | b')')
                });
                Some(Token::Plain(self.take(end.unwrap_or(self.text.len()))))
            }
        }
    }
}

fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| *byte == b' ').unwrap_or(text.len());
    (text.get(..end).unwrap_or_default(), text.get(end + 1..).unwrap_or_default())
}

fn status(text: &[u8]) -> Option<(Status, &[u8])> {
    let (name, rest) = word(text);
    let status = match name.to_ascii_uppercase().as_slice() {
        b"OK" | b"PREAUTH" => Status::Ok,
        b"NO" => Status::No,
        b"BAD" => Status::Bad,
        b"BYE" => Status::Bye,
        _ => return None,
    };
    Some((status, rest))
}

fn number(text: &[u8]) -> Option<u32> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn words(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// A date-time of RFC 3501, such as `" 1-Nov-2026 09:30:00 +0100"`.
fn date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_str(text.trim(), "%d-%b-%Y %H:%M:%S %z").ok().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str, literals: &[&str]) -> ServerReply {
        ServerReply {
            text: text.into(),
            literals: literals.iter().map(|literal| literal.as_bytes().to_vec()).collect(),
        }
    }

    #[test]
    fn what_matters_is_read_and_the_rest_is_passed_over() {
        let told = |code: &str| ReplyKind::Told(Status::Ok, code.to_owned());
        for (text, said) in [
            ("+ idling", ReplyKind::Continue),
            ("+", ReplyKind::Continue),
            ("A1 OK done", ReplyKind::Done("A1", Status::Ok, "done".to_owned())),
            ("A2 no [X] Ü", ReplyKind::Done("A2", Status::No, "[X] Ü".to_owned())),
            ("* OK [UIDVALIDITY 7] ok", told("UIDVALIDITY 7")),
            ("* OK [ALERT]Ü", told("ALERT")),
            ("* PREAUTH hello", told("")),
            ("* BYE", ReplyKind::Told(Status::Bye, String::new())),
            ("* CAPABILITY IMAP4rev1 Idle", ReplyKind::Able("IMAP4REV1 IDLE".to_owned())),
            ("* 12 EXISTS", ReplyKind::Exists(12)),
            ("* 12 EXPUNGE", ReplyKind::Gone),
            ("* SEARCH", ReplyKind::Found(vec![])),
            ("* SEARCH 5 900 (MODSEQ 8)", ReplyKind::Found(vec![5, 900])),
            ("* 99999999999 EXISTS", ReplyKind::Other),
            ("* LIST () \"/\" x", ReplyKind::Other),
            ("", ReplyKind::Other),
            ("*", ReplyKind::Other),
            ("A3", ReplyKind::Other),
        ] {
            assert_eq!(answer(text, &[]).said(), said, "{text}");
        }
    }

    #[test]
    fn a_mail_is_found_between_whatever_else_is_shown() {
        let at = date(" 1-Nov-2026 09:30:00 +0100");
        assert_eq!(at.map(|at| at.to_rfc3339()).as_deref(), Some("2026-11-01T08:30:00+00:00"));
        let shown = |uid, at, body| ReplyKind::Mail(MailData { uid, at, body });
        for (text, literals, said) in [
            (
                r#"* 1 FETCH (UID 7 INTERNALDATE "01-Nov-2026 09:30:00 +0100" BODY[]<0> {2})"#,
                &["hi"][..],
                shown(Some(7), at, Some(&b"hi"[..])),
            ),
            (
                r#"* 1 FETCH (body[] "hi" FLAGS (\Seen "a)\"" {1}) UID 7)"#,
                &["x"],
                shown(Some(7), None, Some(&b"hi"[..])),
            ),
            (
                "* 1 FETCH (BODY[HEADER.FIELDS (TO)] {1} BODY[] {2} UID 8)",
                &["x", "hi"],
                shown(Some(8), None, Some(&b"hi"[..])),
            ),
            ("* 1 FETCH (UID 7 BODY[] NIL INTERNALDATE NIL)", &[], shown(Some(7), None, None)),
            ("* 1 FETCH (FLAGS (\\Seen))", &[], shown(None, None, None)),
            ("* 1 FETCH (UID 7 BODY[] {2}", &[], shown(Some(7), None, None)),
            ("* 1 FETCH", &[], shown(None, None, None)),
        ] {
            assert_eq!(answer(text, literals).said(), said, "{text}");
        }
        // Deep nesting and great length are no problem.
        let deep = format!("* 1 FETCH (BODYSTRUCTURE {} UID 3)", "(".repeat(1_000_000));
        assert_eq!(answer(&deep, &[]).said(), shown(None, None, None));
        let long = format!("* SEARCH {}", "123456789 ".repeat(100_000));
        assert!(matches!(answer(&long, &[]).said(), ReplyKind::Found(all) if all.len() == 100_000));
    }

    #[test]
    fn no_text_breaks_it() {
        let whole = "* 1 FETCH (UID 7 INTERNALDATE \"01-Nov-2026 09:30:00 +0100\" FLAGS (\\Seen) BODY[]<0> {2} X (a \"b\" {1}))";
        for cut in 0..whole.len() {
            for damage in [&b""[..], b"(", b")", b"\"", b"{", b"}", b"\\", b"[", b"\xff", b" "] {
                let mut text = whole.as_bytes()[..cut].to_vec();
                text.extend(damage);
                for end in [&b""[..], &whole.as_bytes()[cut..]] {
                    let text = [text.as_slice(), end].concat();
                    let _ = ServerReply { text, literals: vec![b"hi".to_vec()] }.said();
                }
            }
        }
    }
}
