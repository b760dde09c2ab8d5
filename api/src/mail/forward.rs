//! Forwarded mail, and who wrote it first. The company answers the forwarder unless staff decide otherwise, because the
//! person whom a pasted header names has not written to the company.

use super::lines::{self, label};
use super::parse::Parts;
use super::pattern::{Pattern, compile};
use super::phrases::Field;
use super::{Mailbox, parse, prepare, visible};
use crate::kit::contact;
use crate::kit::text::{clean_line, truncated};

/// The mail that was forwarded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forwarded {
    /// Its writer, as the forwarder's program says.
    pub sender: Option<Mailbox>,
    /// Its subject.
    pub subject: Option<String>,
    /// When it was written, as the pasted header says.
    pub date: Option<String>,
    /// Its whole text.
    pub text: String,
    /// What the forwarder wrote above it.
    pub note: Option<String>,
    /// Why the mail is taken for a forwarded one.
    pub because: String,
}

/// How many characters a cover note may have. Whoever writes more complains themselves.
const LONGEST_NOTE: usize = 300;

impl Forwarded {
    /// The text that the case shows and that rules read: that of the forwarded mail. The forwarder's text comes first
    /// if it is longer than a note. Only the forwarder's text is used if the forwarded mail is a letter from `ours`,
    /// the company's addresses.
    #[must_use]
    pub fn message(&self, visible: &str, ours: &[Mailbox]) -> String {
        let inside = visible::of_new(&visible::Text::of(&self.text)).text;
        let from = self.sender.as_ref().map_or("", |sender| sender.address.as_str());
        let by_us = !from.is_empty() && ours.iter().any(|one| one.address == from);
        match self.note.as_deref() {
            _ if inside.trim().is_empty() => visible.to_owned(),
            Some(note) if by_us => note.to_owned(),
            Some(note) if note.chars().count() > LONGEST_NOTE => format!("{note}\n\n{inside}"),
            _ => inside,
        }
    }
}

static SUBJECT: Pattern = Pattern::new(|| {
    compile(
        r"^\s*\[?(?:fwd?|vb|vs|vl|wg|tr|rv|i|enc|pd|doorst|vidarebef\.?|videresend|fs|lv|wtr|[iİ]lt|redir\.?|továbbítás)\s?:",
    )
});
static ADDRESS: Pattern = Pattern::new(|| compile(r#"[^\s<>()\[\]:;,"'|=]+@[^\s<>()\[\]:;,"'|=]+"#));

/// The forwarded mail, if there is one.
#[must_use]
pub fn read(subject: Option<&str>, parts: &Parts, (text, visible): (&str, &str), answers: bool) -> Option<Forwarded> {
    let (mails, recipients) = (&parts.mails, &parts.recipients);
    let subject = subject.unwrap_or_default();
    let lines: Vec<&str> = text.lines().take(5_000).collect();
    let says_so = SUBJECT.is_in(subject);
    let marked =
        lines.iter().position(|line| lines::passes_on(line) && !(answers && line.trim_start().starts_with('>')));
    if let Some(at) = marked {
        let mark = lines.get(at).map_or("", |line| line.trim());
        return Some(inline(&lines, (at, at + 1), format!("the mark \"{}\"", truncated(mark, 80))));
    }
    let header = (0..lines.len()).find(|at| lines::header_begins(&lines, *at));
    if let (Some(at), true) = (header, says_so && !answers) {
        let because = format!("the subject \"{}\", and the header of another mail", truncated(subject, 80));
        return Some(inline(&lines, (at, at), because));
    }
    // Some programs write above a forwarded mail what others write above a quote. Only the subject then shows that the
    // mail is forwarded.
    if says_so
        && !answers
        && let Some((introduction, at)) = lines::introduced(&lines)
        && let Some(sender) = introduced(&introduction)
        // A quote of what the company wrote makes the mail an answer, whatever its subject says.
        && !recipients.iter().any(|recipient| recipient.address == sender.address)
    {
        let text = below(lines.get(at..).unwrap_or_default());
        let (_, ends) = SUBJECT.place(subject)?;
        let because = format!("the subject \"{}\", and \"{}\"", truncated(subject, 80), truncated(&introduction, 80));
        let subject = subject.get(ends..).map(clean_line).filter(|subject| !subject.is_empty());
        let first = introduction.split(' ').next().unwrap_or_default();
        let begins = lines.iter().take(at).rposition(|line| line.trim_start().starts_with(first)).unwrap_or(at);
        let note = note(&lines, begins);
        return Some(Forwarded { sender: Some(sender), subject, date: None, text, note, because });
    }
    // An attached mail is taken for forwarded if the subject says so, or if the mail says little else.
    let attached = mails.first().filter(|_| {
        says_so
            || visible.chars().count() < 200
                && mails.len() == 1
                && !answers
                && (visible.trim().is_empty() || ATTACHED.is_in(&format!("{subject}\n{visible}")))
    })?;
    let inner = parse::parse(&prepare::prepare(attached))?;
    Some(Forwarded {
        sender: inner.from.first().cloned(),
        subject: inner.header.get("subject").map(clean_line),
        date: inner.written_at.map(|at| at.to_rfc3339()),
        text: inner.text,
        note: Some(visible.trim().to_owned()).filter(|note| !note.is_empty()),
        because: "a mail is attached, and little else is said".to_owned(),
    })
}

static ATTACHED: Pattern = Pattern::new(|| {
    compile(
        r"forward|vidarebefordr|videresend|weiterleit|weitergeleitet|transf[eé]r|reenv[ií]|inoltr|doorgestuurd|doorsturen|encaminh|przesyłam|välit|bifoga|attached (?:e-?)?mail|see (?:the )?attached",
    )
});

/// Reads a pasted header and the text below it.
fn inline(lines: &[&str], (begins, from): (usize, usize), because: String) -> Forwarded {
    let mut found = Forwarded { note: note(lines, begins), because, ..Forwarded::default() };
    let mut at = from;
    let mut last = None;
    let mut blanks = 0;
    while let Some(line) = lines.get(at) {
        let bare = line.trim_start_matches(['>', ' ', '*', '|']);
        match label(line) {
            Some(field) => {
                let value = bare.split_once([':', '：']).map_or("", |(_, value)| value).trim_matches(['*', ' ']);
                match field {
                    Field::From if found.sender.is_none() => found.sender = mailbox(value),
                    Field::Subject if found.subject.is_none() => found.subject = Some(clean_line(value)),
                    Field::Date if found.date.is_none() => found.date = Some(truncated(&clean_line(value), 100)),
                    _ => {}
                }
                (last, blanks) = (Some(field), 0);
            }
            None if bare.trim().is_empty() => {
                blanks += 1;
                if blanks > 1 && last.is_some() {
                    break;
                }
            }
            // A value may stand on the line after its label, or continue on the next line.
            None if blanks == 0
                && last.is_some()
                && lines.iter().skip(at + 1).take(3).any(|line| label(line).is_some()) =>
            {
                match last {
                    Some(Field::From) if found.sender.as_ref().is_none_or(|sender| sender.address.is_empty()) => {
                        found.sender = mailbox(bare);
                    }
                    Some(Field::Subject) => {
                        found.subject = found.subject.map(|subject| clean_line(&format!("{subject} {bare}")));
                    }
                    _ => {}
                }
            }
            None => break,
        }
        at += 1;
    }
    Forwarded { text: below(lines.get(at..).unwrap_or_default()), ..found }
}

/// The text above the forwarded mail.
fn note(lines: &[&str], ends: usize) -> Option<String> {
    let above = lines.get(..ends).unwrap_or_default().join("\n");
    Some(visible::of_answer(&visible::Text::of(&above)).text).filter(|note| !note.trim().is_empty())
}

/// The text below a header, without the `>` or the spaces that mark every line of it as quoted.
fn below(rest: &[&str]) -> String {
    let written = || rest.iter().filter(|line| !line.trim().is_empty());
    let quoted = written().all(|line| line.trim_start().starts_with('>'));
    let indent = written().map(|line| line.len() - line.trim_start_matches(' ').len()).min().unwrap_or_default();
    let bare = |line: &&'_ str| -> String {
        let bare = if quoted {
            let bare = line.trim_start().trim_start_matches('>');
            bare.strip_prefix(' ').unwrap_or(bare)
        } else {
            line.get(indent..).unwrap_or_default()
        };
        if bare.trim().is_empty() { String::new() } else { bare.to_owned() }
    };
    rest.iter().map(bare).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Words in lower case that occur within names.
const PARTICLES: &[&str] = &[
    "af", "al", "bin", "da", "de", "del", "den", "der", "di", "dos", "du", "el", "la", "le", "ten", "ter", "van",
    "von", "zu",
];

/// The mailbox in an introduction: its address, and the capitalised words directly before it as the name.
fn introduced(introduction: &str) -> Option<Mailbox> {
    let (at, ends) = ADDRESS.place(introduction)?;
    let address = contact::email(introduction.get(at..ends)?.trim_start_matches("mailto:"))?;
    let marks = |c: char| c.is_whitespace() || "<>[]()\"'*:„”“«»,".contains(c);
    let before = introduction.get(..at).unwrap_or_default().trim_end_matches(marks);
    let is_name = |word: &&str| {
        let bare = word.trim_matches(marks);
        !word.ends_with(',') && (bare.starts_with(char::is_uppercase) || PARTICLES.contains(&bare))
    };
    let mut name: Vec<&str> = before.rsplit(' ').take_while(is_name).map(|word| word.trim_matches(marks)).collect();
    while name.last().is_some_and(|word| !word.starts_with(char::is_uppercase)) {
        name.pop();
    }
    name.reverse();
    Some(Mailbox { name: Some(name.join(" ")).filter(|name| !name.is_empty()), address })
}

/// A name and an address, as mail programs write them on one line.
fn mailbox(value: &str) -> Option<Mailbox> {
    let value = clean_line(value);
    let address = ADDRESS.group(&value).map(|found| found.trim_start_matches("mailto:")).and_then(contact::email);
    let (at, _) = ADDRESS.place(&value).unwrap_or((value.len(), value.len()));
    let name =
        value.get(..at).unwrap_or_default().trim_matches(|c: char| c.is_whitespace() || "<>[]()\"'*:".contains(c));
    let name = name
        .strip_suffix("mailto")
        .unwrap_or(name)
        .trim_matches(|c: char| c.is_whitespace() || "<>[]()\"'*:".contains(c));
    let name = Some(name.to_owned()).filter(|name| !name.is_empty() && Some(name.to_lowercase()) != address);
    (address.is_some() || name.is_some()).then(|| Mailbox { name, address: address.unwrap_or_default() })
}

/// This module's expressions, for the test that each of them compiles.
#[cfg(test)]
pub(super) fn expressions() -> Vec<&'static Pattern> {
    vec![&SUBJECT, &ADDRESS, &ATTACHED]
}
