//! Letters to people at partners about their tasks. The link to a task's page is put into a letter when it is sent, so
//! that staff who can read stored letters cannot act as the partner.

use entity::id::{LetterId, TaskId};
use entity::{letter, mailbox, partner_contact};

use super::draft;
use super::template::{Template, Values};
use crate::access::task_link;
use crate::kit::secret::Secret;
use crate::kit::work::Work;
use crate::mail::ParsedEmail;

/// The placeholder for the token of a link, before the id of its task.
const HIDDEN: &str = "hidden-link-to-";

/// A letter to a partner's person before it becomes a row.
pub struct PartnerLetter<'l> {
    /// Its id, with which its links and the address for answers are made.
    pub id: LetterId,
    /// The mailbox that it is sent from.
    pub from: &'l mailbox::Model,
    /// The person.
    pub to: &'l partner_contact::Model,
    /// The task, if the letter is about one only. All letters about it are one thread in the person's mail program.
    pub task: Option<TaskId>,
    /// Its template, and the values to insert.
    pub words: (&'l Template, &'l Values),
}

/// Writes the letter, which is sent after the commit.
pub fn write(work: &mut Work, letter: &PartnerLetter<'_>) {
    let thread = letter.task.map(|task| format!("tasks.{task}"));
    let row = draft::notice(work, letter.id, (letter.from, &letter.to.email), thread, letter.words);
    work.insert(letter::Model { contact_id: Some(letter.to.id), ..row });
}

/// The address of a task's page at the service's public address, with a placeholder for the token.
#[must_use]
pub fn hidden_link(public_url: &str, task: TaskId) -> String {
    format!("{public_url}/tasks/{HIDDEN}{task}")
}

/// The text of a letter as it is sent: with the tokens of its links.
#[must_use]
pub fn revealed(secret: &Secret, letter: LetterId, text: &str) -> String {
    let mut pieces = text.split(HIDDEN);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(piece.len());
        let (id, rest) = piece.split_at(end);
        match id.parse::<TaskId>() {
            Ok(task) => out.push_str(&task_link::seal(secret, letter, task)),
            Err(_) => out.extend([HIDDEN, id]),
        }
        out.push_str(rest);
    }
    out
}

/// Removes the tokens of links from a text that quotes such a letter: staff read what a partner writes, and must not be
/// able to act as the partner.
#[must_use]
pub fn masked(secret: &Secret, text: &str) -> String {
    let mut pieces = text.split("/tasks/");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(piece.len());
        let (token, rest) = piece.split_at(end);
        let shown = if task_link::open(secret, token).is_some() { "…" } else { token };
        out.extend(["/tasks/", shown, rest]);
    }
    out
}

/// As [`masked`], for a mail that quotes such a letter.
#[must_use]
pub fn masked_mail(secret: &Secret, mut mail: ParsedEmail) -> ParsedEmail {
    let forwarded = mail.forwarded.iter_mut().flat_map(|mail| [Some(&mut mail.text), mail.note.as_mut()]).flatten();
    let cut = mail.cuts.iter_mut().map(|cut| &mut cut.mark);
    for text in [&mut mail.text, &mut mail.visible].into_iter().chain(&mut mail.html).chain(forwarded).chain(cut) {
        if text.contains("/tasks/") {
            *text = masked(secret, text);
        }
    }
    mail
}

#[cfg(test)]
mod tests {
    use sea_orm::prelude::Uuid;

    use super::*;

    #[test]
    fn each_link_of_a_letter_gets_its_token() {
        let secret = Secret::new(*b"0123456789abcdef0123456789abcdef");
        let letter = LetterId(Uuid::from_u128(1));
        let tasks: [TaskId; 2] = [TaskId(Uuid::from_u128(2)), TaskId(Uuid::from_u128(3))];
        let [first, second] = tasks.map(|task| hidden_link("https://a.example", task));
        let text = format!("See {first}.\n<a href=\"{second}\">{second}</a> {HIDDEN}nothing");
        let sent = revealed(&secret, letter, &text);
        let [first, second] = tasks.map(|task| task_link::seal(&secret, letter, task));
        let link = |token: &str| format!("https://a.example/tasks/{token}");
        let expected =
            format!("See {}.\n<a href=\"{}\">{}</a> {HIDDEN}nothing", link(&first), link(&second), link(&second));
        assert_eq!(sent, expected);
        let hidden = format!("See {}.\n<a href=\"{}\">{}</a> {HIDDEN}nothing", link("…"), link("…"), link("…"));
        assert_eq!(masked(&secret, &sent), hidden);
        let others = "https://b.example/tasks/42 /tasks/";
        assert_eq!(masked(&secret, others), others);
        let raw = format!(
            "From: a@example.com\r\nContent-Type: text/html\r\n\r\n<p>Done.</p><blockquote>{sent}</blockquote>"
        );
        let mail = masked_mail(&secret, ParsedEmail::read(raw.as_bytes()));
        let shown = [mail.text.as_str(), mail.visible.as_str(), mail.html.as_deref().unwrap_or_default()];
        assert!(shown.concat().contains("/tasks/…") && !shown.concat().contains(&first), "{shown:?}");
    }
}
