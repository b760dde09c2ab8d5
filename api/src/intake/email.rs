//! E-mail: turns a parsed mail into an [`Arrived`]. A mail that cannot be understood is taken in too and marked as
//! such: its bytes are kept, and the fallback owner reads them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::id::{ArrivalId, CaseId, LetterId, SellerId, TypedId};
use entity::kind::{Channel, EmailKind, EmailWarning, LetterStatus, MailTransport, SenderTrust};
use entity::{arrival, letter, mailbox};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use sha2::{Digest, Sha256};

use super::logged;
use super::receive::{self, Received};
use super::report::{About, Arrived, Belongs, Changed, File, Once, ReplyPolicy, Returned, Sender};
use super::writer;
use crate::access::door;
use crate::access::table::Action;
use crate::case::reference;
use crate::kit::contact;
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::kit::secret::Secret;
use crate::kit::text::{hex, truncated};
use crate::kit::work::Work;
use crate::letter::address::{self, AddressTag};
use crate::letter::returned;
use crate::mail::behalf::PassedOn;
use crate::mail::facts::MailFacts;
use crate::mail::header::Header;
use crate::mail::{LARGEST, Mailbox, ParsedEmail, machine, prepare};
use crate::message::LONGEST;
use crate::texts;

/// How many of a mail's recipient addresses are kept.
const MOST_RECIPIENTS: usize = 40;

/// A mail after parsing. Parsing takes time and memory that grow with the size, so it is done before the act begins.
pub struct Mail {
    raw: Arc<Vec<u8>>,
    parsed: Option<ParsedEmail>,
    key: String,
}

/// How a mail came to a mailbox by itself.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about one mail")]
pub struct Through {
    /// The mailbox it came to.
    pub mailbox: mailbox::Model,
    /// The address it was sent to, including what follows a `+`.
    pub envelope_to: String,
    /// Whether the mail server gave an empty sender. Nobody may answer such a mail (RFC 5321, 4.5.5).
    pub from_nobody: bool,
    /// What was found about the sender.
    pub trust: SenderTrust,
    /// Whether a mail server's findings about senders are trusted. If so, a sender that it did not vouch for is not
    /// trusted to name another writer either.
    pub checked: bool,
    /// The case that somebody put the mail on.
    pub belongs_to: Option<CaseId>,
    /// Whether the mail came before its mailbox was first fetched.
    pub old: bool,
    /// Whether the mail is longer than what was fetched.
    pub cut: bool,
}

impl Through {
    /// How a stored mail came, when nothing is known about its sender.
    #[must_use]
    pub fn of(row: &arrival::Model, mailbox: mailbox::Model) -> Self {
        let envelope_to = row.envelope_to.clone();
        let (old, cut) = (row.old, row.cut);
        // A mail handed in over HTTP has no envelope sender. LMTP always gives one, which may be empty.
        let from_nobody = row.transport == MailTransport::Lmtp && row.envelope_from.is_empty();
        Self {
            mailbox,
            envelope_to,
            from_nobody,
            trust: SenderTrust::Unknown,
            checked: true,
            belongs_to: None,
            old,
            cut,
        }
    }
}

impl Mail {
    /// The sender's address; empty when there is none.
    #[must_use]
    pub fn sender(&self) -> String {
        let from = self.parsed.as_ref().and_then(|parsed| parsed.sender.as_ref());
        from.map_or_else(String::new, |from| from.address.clone())
    }

    /// The mail's bytes.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The mail's header, if it could be read.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.parsed.as_ref().map(|parsed| &parsed.header)
    }

    /// What the mail says, if it could be read.
    pub(super) fn parsed(&self) -> Option<&ParsedEmail> {
        self.parsed.as_ref()
    }

    /// The key under which the mail is taken in once.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// A mail whose bytes are not here. The reason is used as its text, and its key is made from the id.
    #[must_use]
    pub fn missing(id: ArrivalId, reason: &str) -> Self {
        let mut parsed = ParsedEmail::unreadable(&[], "it is not here");
        reason.clone_into(&mut parsed.text);
        Self { raw: Arc::default(), parsed: Some(parsed), key: digest(&[id.uuid().as_bytes()]) }
    }

    /// Parses the bytes of a mail. Pure.
    #[must_use]
    pub fn read(raw: Vec<u8>) -> Self {
        let parsed = (!raw.is_empty() && raw.len() <= LARGEST).then(|| ParsedEmail::read(&raw));
        let key = parsed.as_ref().map_or_else(|| digest(&[&raw]), |parsed| key(parsed, &raw));
        Self { raw: raw.into(), parsed, key }
    }
}

/// Takes in a mail that somebody hands in. `found` is the mail server's finding about its sender; none when no mail
/// server is trusted.
///
/// # Errors
/// `FORBIDDEN` when the actor may not hand in mail; `REQUIRED` or `TOO_LONG` when the mail is empty or too large;
/// `INVALID` when the time is not past; the errors of [`take_in`].
pub async fn receive(
    work: &mut Work,
    mail: &Mail,
    received_at: Option<DateTime<Utc>>,
    found: Option<SenderTrust>,
) -> Outcome<Received> {
    let seller = door::intake(work, Action::ReceiveEmail)?;
    if mail.raw.is_empty() {
        return Err(Problem::new(ErrorCode::Required, "raw", texts::intake::mail_empty()).into());
    }
    if mail.parsed.is_none() {
        return Err(Problem::new(ErrorCode::TooLong, "raw", texts::intake::mail_too_large()).into());
    }
    if let Some(parsed) = &mail.parsed {
        check_no_reply(work, parsed).await?;
    }
    if received_at.is_some_and(|time| !logged::is_past(time, work.now())) {
        return Err(logged::not_past("receivedAt").into());
    }
    take_in(work, mail, seller, received_at.unwrap_or_else(|| work.now()), Came::Handed(found)).await
}

/// Refuses a mail that answers or returns a letter to a member of staff or to a partner's person. Such a mail becomes
/// no report, and is taken in only when it comes to a mailbox by itself.
async fn check_no_reply(work: &Work, parsed: &ParsedEmail) -> Outcome<()> {
    let Some(id) = addressed(work.app().secret(), parsed, None).and_then(AddressTag::any_letter) else { return Ok(()) };
    let letter = letter::Entity::find_by_id(id).one(work.tx()?).await?;
    if letter.is_none_or(|letter| letter.staff_id.is_none() && letter.contact_id.is_none()) {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::Invalid, "raw", texts::intake::no_complaint()).into())
}

/// Takes in a mail for this seller, however it came.
///
/// # Errors
/// The errors of [`receive::receive`].
pub async fn take_in(
    work: &mut Work,
    mail: &Mail,
    seller: SellerId,
    received_at: DateTime<Utc>,
    by: Came<'_>,
) -> Outcome<Received> {
    let (through, found) = by.parts();
    let unread = ParsedEmail::unreadable(&mail.raw, "it is empty or larger than 30 MiB");
    let parsed = mail.parsed.as_ref().unwrap_or(&unread);
    let to = through.map(|through| through.envelope_to.as_str());
    let addressed = addressed(work.app().secret(), parsed, to);
    let believed = writer::believed(work.tx()?, seller, parsed, through.map(|through| &through.mailbox)).await?;
    let passed_on = parsed.passed_on_by(&believed, found);
    let (kind, evidence, visible) = parsed.reclassify(passed_on, addressed.is_some());
    let ids: Vec<&str> = parsed.bounced_message_id.iter().map(String::as_str).collect();
    let by_address = addressed.and_then(AddressTag::letter);
    let returned = match kind {
        EmailKind::Bounce => returned::named(work, seller, by_address, &ids).await?,
        _ => None,
    };
    // A letter of the company that arrives here would loop if it were answered, so it counts as a program's mail.
    let own: Vec<&str> = parsed.message_id.iter().map(String::as_str).collect();
    let circles = returned::named(work, seller, None, &own).await?.is_some();
    let sender = sender(parsed, passed_on);
    let mut facts = MailFacts { kind: Some(kind), evidence, ..facts(parsed, passed_on) };
    let from_nobody = through.is_some_and(|through| through.from_nobody);
    let whys = [(circles, "it is a letter of ours"), (from_nobody, "the mail server says that nobody sent it")];
    if let Some((_, why)) = whys.into_iter().find(|(holds, _)| *holds && !kind.is_automatic()) {
        facts.kind = Some(EmailKind::Machine);
        facts.evidence.push(why.to_owned());
    }
    // The finding is about the From address. It says nothing about a writer on whose behalf From passed the mail on.
    let own = passed_on.is_none_or(|passed_on| !passed_on.rewritten);
    facts.trust = through.filter(|_| own).map_or(SenderTrust::Unknown, |through| through.trust);
    facts.mailbox = through.map(|through| through.mailbox.address.clone());
    facts.warnings.extend(through.filter(|through| through.cut).map(|_| EmailWarning::Cut));
    let sealed = addressed.and_then(AddressTag::case);
    facts.proven = proven(work, &facts, sealed).await?;
    let token = returned.as_ref().and_then(|letter| letter.case_id).or(sealed);
    let references = parsed.subject.as_deref().map(reference::all_in).unwrap_or_default();
    let once = Once {
        operation: "receiveEmail",
        key: mail.key.clone(),
        fingerprint: Vec::new(),
        expires_at: None,
        changed: Changed::IsRefused,
    };
    let raw =
        File { name: "mail.eml".to_owned(), content_type: "message/rfc822".to_owned(), bytes: Arc::clone(&mail.raw) };
    let sender = Sender { language: through.map(|through| through.mailbox.language), ..sender };
    let arrived = Arrived {
        subject: parsed.subject.as_deref().map(|subject| truncated(subject, 200)),
        // Neither the case nor the rules show or read more than this.
        shown: Some(truncated(&parsed.message().unwrap_or(visible.text), LONGEST))
            .filter(|shown| !shown.trim().is_empty()),
        belongs: match through.and_then(|through| through.belongs_to) {
            Some(case) => Belongs::To(case),
            None => Belongs::Perhaps { token, message_ids: parsed.answers.clone(), references },
        },
        about: About { category: through.and_then(|through| through.mailbox.category.clone()), ..About::default() },
        understood: facts.not_understood_because.is_none(),
        automatic: facts.is_automatic(),
        answer: ReplyPolicy {
            mailbox: through.map(|through| through.mailbox.id),
            doubted: facts.trust == SenderTrust::Failed,
        },
        details: serde_json::to_value(&facts)?,
        attachments: parsed.attachments.iter().cloned().map(File::from).collect(),
        returned: returned.and_then(|letter| undelivered(parsed, letter.id)),
        message_id: parsed.message_id.clone(),
        imported: through.is_some_and(|through| through.old),
        ..Arrived::new((seller, Channel::Email), once, received_at, parsed.text.clone(), sender, raw)
    };
    receive::receive(work, &arrived).await
}

/// The way by which a mail came.
#[derive(Clone, Copy)]
pub enum Came<'t> {
    /// It came to a mailbox by itself.
    By(&'t Through),
    /// Somebody handed it in. The value is the mail server's finding about its sender, if a mail server is believed.
    Handed(Option<SenderTrust>),
}

impl<'t> Came<'t> {
    fn parts(self) -> (Option<&'t Through>, Option<SenderTrust>) {
        match self {
            Self::By(through) => (Some(through), through.checked.then_some(through.trust)),
            Self::Handed(found) => (None, found),
        }
    }
}

/// The letter that this mail returns as undeliverable. None while the mail server still tries to deliver it.
pub(super) fn undelivered(parsed: &ParsedEmail, letter: LetterId) -> Option<Returned> {
    if !parsed.bounced.is_empty() && parsed.bounced.iter().all(|bounced| bounced.delayed) {
        return None;
    }
    let said = parsed.bounced.first().and_then(|bounced| bounced.diagnostic.clone().or_else(|| bounced.status.clone()));
    Some(Returned { letter, reason: said.unwrap_or_else(|| "it came back".to_owned()) })
}

/// Whether it is proven that whoever reads mail at the sender's address sent the mail. It is proven when the company's
/// mail server vouches for the sender, or when the mail came to the sealed address of a case whose letters went to the
/// sender's address only. A program's mail proves nothing, because some programs answer any address that is named.
async fn proven(work: &Work, facts: &MailFacts, sealed: Option<CaseId>) -> Outcome<bool> {
    let Some(from) = facts.believed_sender().filter(|_| !facts.is_automatic()) else { return Ok(false) };
    if facts.trust == SenderTrust::Passed {
        return Ok(true);
    }
    let Some(case) = sealed else { return Ok(false) };
    let to: Vec<String> = letter::Entity::find()
        .select_only()
        .column(letter::Column::Recipient)
        .filter(letter::Column::CaseId.eq(case))
        .filter(letter::Column::Status.ne(LetterStatus::Held))
        .distinct()
        .into_tuple()
        .all(work.tx()?)
        .await?;
    Ok(to == [from])
}

/// The tag in the address that the mail was sent to, or in one of the recipients that its header names.
#[must_use]
pub fn addressed(secret: &Secret, parsed: &ParsedEmail, to: Option<&str>) -> Option<AddressTag> {
    tags(secret, parsed, to).next()
}

/// The tags in the address that the mail was sent to, and in the recipients that its header names.
pub(super) fn tags<'m>(
    secret: &'m Secret,
    parsed: &'m ParsedEmail,
    to: Option<&'m str>,
) -> impl Iterator<Item = AddressTag> + use<'m> {
    let written = parsed.recipients.iter().map(|to| to.address.as_str());
    to.into_iter()
        .chain(written)
        .take(MOST_RECIPIENTS)
        .filter_map(|to| AddressTag::read(secret, &address::split(to).1?))
}

/// The sender, as claimed. A web form's address that nobody reads is not a customer, because the form writes for many
/// people. Unless the form is trusted to name the writer, the sender has no address.
fn sender(parsed: &ParsedEmail, passed_on: Option<&PassedOn>) -> Sender {
    let from = passed_on.map(|passed_on| &passed_on.writer).or(parsed.sender.as_ref());
    let is_form = |from: &&Mailbox| machine::reads_nothing(&from.address) && parsed.reply_to.is_some();
    Sender {
        name: from.and_then(|from| from.name.clone()),
        email: from.filter(|from| !is_form(from)).and_then(|from| contact::email(&from.address)),
        ..Sender::default()
    }
}

fn facts(parsed: &ParsedEmail, passed_on: Option<&PassedOn>) -> MailFacts {
    let from = parsed.sender.as_ref();
    let nobody = || {
        let is_one = from.is_some_and(|from| contact::email(&from.address).is_some());
        (!is_one).then(|| "it names no sender that can be answered".to_owned())
    };
    let writer = passed_on.filter(|passed_on| passed_on.rewritten).map(|passed_on| &passed_on.writer);
    let reply_to = parsed.reply_to.as_ref();
    let note = parsed.forwarded.as_ref().and_then(|forwarded| forwarded.note.as_deref());
    let inside = parsed.forwarded.as_ref().and_then(|forwarded| forwarded.sender.as_ref());
    let to = parsed.recipients.iter().map(|to| to.address.clone()).filter(|address| !address.is_empty());
    MailFacts {
        from_address: from.map(|from| from.address.clone()).filter(|address| !address.is_empty()),
        from_name: from.and_then(|from| from.name.clone()),
        writer_name: writer.and_then(|writer| writer.name.clone()),
        writer_address: writer.map(|writer| writer.address.clone()),
        reply_to_name: reply_to.and_then(|reply_to| reply_to.name.clone()),
        reply_to_address: reply_to.map(|reply_to| reply_to.address.clone()).filter(|address| !address.is_empty()),
        to: to.take(MOST_RECIPIENTS).collect(),
        written_at: parsed.written_at,
        kind: Some(parsed.kind),
        evidence: parsed.evidence.clone(),
        forwarded_name: inside.and_then(|inside| inside.name.clone()),
        forwarded_address: inside.map(|inside| inside.address.clone()).filter(|address| !address.is_empty()),
        cover_note: note.map(|note| truncated(note, LONGEST)),
        trust: SenderTrust::Unknown,
        proven: false,
        mailbox: None,
        unverified: false,
        confirmed: false,
        perhaps: None,
        warnings: parsed.warnings.clone(),
        not_understood_because: parsed.not_understood_because.clone().or_else(nobody),
    }
}

/// The deduplication key. The same mail delivered to two of the company's addresses differs only in its trace fields,
/// so those are left out. The Message-ID alone is not enough, because a forged one could suppress a complaint. Without
/// a Message-ID the key is made from all bytes.
fn key(parsed: &ParsedEmail, raw: &[u8]) -> String {
    let message = prepare::without_envelope(raw);
    let (_, body) = prepare::body_at(message);
    let body = message.get(body..).unwrap_or(message);
    let from = parsed.sender.as_ref().and_then(|from| contact::email(&from.address)).unwrap_or_default();
    match &parsed.message_id {
        Some(id) => digest(&[id.as_bytes(), from.as_bytes(), body]),
        None => digest(&[raw]),
    }
}

/// The SHA-256 digest of the parts, each preceded by its length.
fn digest(parts: &[&[u8]]) -> String {
    let hash =
        parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part.len().to_be_bytes()).chain_update(part));
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_headers_do_not_make_a_mail_another_but_words_do() {
        let mail = |trace: &str, body: &str| {
            let raw = format!("{trace}From: anna@example.com\r\nMessage-ID: <1@example.com>\r\n\r\n{body}");
            Mail::read(raw.into_bytes()).key
        };
        assert_eq!(mail("", "Hej"), mail("Received: from a by b; Mon, 2 Nov 2026 10:00:00 +0100\r\n", "Hej"));
        assert_eq!(
            mail("", "Hej"),
            mail("From anna@example.com Mon Nov  2 10:00:00 2026\n", "Hej"),
            "a pipe adds a line"
        );
        assert_ne!(mail("", "Hej"), mail("", "Nej"));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (raw, because) in [
            (&b"\xff\xfe\x00"[..], true),
            (b"From: anna@example.com\r\n\r\n", true),
            (b"Subject: hej\r\n\r\nwho am I", true),
            (b"From: anna@example.com\r\nSubject: hej\r\n\r\n", false),
        ] {
            let mail = Mail::read(raw.to_vec());
            let parsed = mail.parsed.unwrap();
            assert_eq!(facts(&parsed, None).not_understood_because.is_some(), because, "{raw:?}");
        }
    }
}
