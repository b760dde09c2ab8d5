//! Previews of mails: how a mail would be read, without taking it in.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::SellerId;
use entity::kind::{EmailCutReason, EmailKind, EmailWarning};
use sha2::{Digest, Sha256};

use crate::access::table::{self, Action};
use crate::case::reference;
use crate::graphql::context::{ContextExt, fault_error, int, query_error, read_error, signed_in};
use crate::graphql::documents::meter::{for_bytes, pay};
use crate::graphql::scalar::Base64;
use crate::graphql::upload::mail_bytes;
use crate::intake::email::addressed;
use crate::intake::sender::Senders;
use crate::intake::{reading, writer};
use crate::kit::error::{ErrorCode, Fault, Problem};
use crate::kit::text::hex;
use crate::letter::partner::masked_mail;
use crate::mail::bounce::Bounced;
use crate::mail::visible::Cut;
use crate::mail::{self, Attached, LARGEST, ParsedEmail};
use crate::texts;
use crate::upload::content;

/// A name and an address in a mail, as they are written there.
#[derive(SimpleObject)]
#[graphql(name = "EmailAddress")]
pub struct Mailbox {
    /// The name; null when none is given.
    pub name: Option<String>,
    /// The address, in lower case; null when none is given. It is claimed, not proven.
    pub address: Option<String>,
}

impl From<mail::Mailbox> for Mailbox {
    fn from(mail::Mailbox { name, address }: mail::Mailbox) -> Self {
        Self { name, address: Some(address).filter(|address| !address.is_empty()) }
    }
}

/// A file in a mail that was not taken in.
#[derive(SimpleObject)]
pub struct EmailFile {
    /// The name of the file, without paths and control characters.
    name: String,
    /// The media type that the bytes show, or else the one that the sender states. Not to be trusted.
    content_type: String,
    /// The size of the file in bytes.
    size_bytes: i32,
    /// The SHA-256 of the bytes, in hexadecimal.
    sha256: String,
}

impl From<Attached> for EmailFile {
    fn from(Attached { name, content_type, bytes }: Attached) -> Self {
        let size_bytes = int(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
        Self { name, content_type, size_bytes, sha256: hex(&Sha256::digest(bytes.as_slice())) }
    }
}

/// A recipient whom a mail did not reach, or has not reached yet.
#[derive(SimpleObject)]
pub struct BounceRecipient {
    /// The address of the recipient, in lower case.
    address: String,
    /// The status code (RFC 3463), such as `5.1.1`; null when the bounce states none.
    status: Option<String>,
    /// True when writing to the address again is useless, because nobody is there. False for a full mailbox, a refusal
    /// by policy or a delay.
    permanent: bool,
    /// True while the mail system is still trying: the mail has not been returned.
    delayed: bool,
    /// What the receiving mail server answered; null when the bounce does not state it.
    diagnostic: Option<String>,
}

impl From<Bounced> for BounceRecipient {
    fn from(Bounced { address, status, permanent, delayed, diagnostic }: Bounced) -> Self {
        Self { address, status, permanent, delayed, diagnostic }
    }
}

/// A mail that another mail passes on.
#[derive(SimpleObject)]
pub struct ForwardedEmail {
    /// Who wrote it, as the forwarder's mail program states; null when it states nobody.
    sender: Option<Mailbox>,
    /// The subject of the forwarded mail; null when it is not stated.
    subject: Option<String>,
    /// When it was written, in the form in which the forwarding mail states it; null when it states no date.
    date: Option<String>,
    /// The whole text of the forwarded mail.
    text: String,
    /// What the forwarder wrote above it; null when they wrote nothing.
    note: Option<String>,
}

/// Consecutive lines of a mail that are not shown, with the reason.
#[derive(SimpleObject)]
pub struct EmailCut {
    /// Why the lines are not shown.
    reason: EmailCutReason,
    /// The first of the lines, by which the cut was recognised; at most 200 characters.
    mark: String,
    /// The number of lines that are not blank.
    lines: i32,
    /// The number of characters in these lines.
    characters: i32,
}

impl From<Cut> for EmailCut {
    fn from(Cut { why, mark, lines, characters }: Cut) -> Self {
        let count = |count: usize| int(i64::try_from(count).unwrap_or(i64::MAX));
        Self { reason: why, mark, lines: count(lines), characters: count(characters) }
    }
}

/// The parts of a mail that show which case it belongs to.
#[derive(SimpleObject)]
pub struct EmailThread {
    /// The Message-ID (RFC 5322, 3.6.4) without its brackets. Null when the mail has none; its bytes then identify it.
    message_id: Option<String>,
    /// The Message-IDs of the mails that it answers: those of In-Reply-To, then those of References.
    answers: Vec<String>,
    /// The references of cases that are named in its subject.
    references: Vec<String>,
}

/// How a mail would be read when it arrives, with the reasons. Nothing of it is stored.
pub struct EmailPreview(pub ParsedEmail, pub Option<mail::Mailbox>);

/// How a mail would be read when it arrives, with the reasons. Nothing of it is stored.
#[Object]
impl EmailPreview {
    /// What kind of mail it is.
    async fn kind(&self) -> EmailKind {
        self.0.kind
    }

    /// The evidence for `kind`, in words; empty for most mails of the kind `HUMAN`.
    async fn kind_evidence(&self) -> &[String] {
        &self.0.evidence
    }

    /// The subject in one line; null when the mail has none.
    async fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// The sender that the mail states in From; null when it states none.
    async fn sender(&self) -> Option<Mailbox> {
        self.0.sender.clone().map(Into::into)
    }

    /// Where the sender wants answers, if not at the address in `sender`; null otherwise.
    async fn reply_to(&self) -> Option<Mailbox> {
        self.0.reply_to.clone().map(Into::into)
    }

    /// The recipients in To, then those in Cc; at most 1,000.
    async fn recipients(&self) -> Vec<Mailbox> {
        self.0.recipients.iter().cloned().map(Into::into).collect()
    }

    /// When the mail was written, as its sender states, UTC; null when it does not say.
    async fn written_at(&self) -> Option<DateTime<Utc>> {
        self.0.written_at
    }

    /// The whole text. For a mail in HTML only, it is the text of the HTML.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// What the sender wrote in this mail, without quoted mails, signatures and lines that mail programs add.
    async fn visible_text(&self) -> &str {
        &self.0.visible
    }

    /// The parts of `text` that are not in `visibleText`, in their order; at most 100. In a mail that answers no other,
    /// only a signature is cut.
    async fn cuts(&self) -> Vec<EmailCut> {
        self.0.cuts.iter().cloned().map(Into::into).collect()
    }

    /// Why the mail is taken for an answer to another, in words: a header field, the beginning of its subject, or the
    /// address it was sent to. Null when it is not an answer; then nothing in it is taken for a quote.
    async fn answers_because(&self) -> Option<&str> {
        self.0.answers_because.as_deref()
    }

    /// The message that the case would show and that routing rules would read: `visibleText`, or the words of a
    /// forwarded mail.
    async fn message(&self) -> String {
        self.0.message().unwrap_or_else(|| self.0.visible.clone())
    }

    /// The person who wrote the mail, when a sender that the receiving mailbox trusts (`Mailbox.trustedSenders`) passed
    /// it on for them. Null when the sender wrote it.
    async fn writer(&self) -> Option<Mailbox> {
        self.1.clone().map(Into::into)
    }

    /// The HTML of the mail, made safe to show: it runs, loads and hides nothing. Null when the mail has none, or too
    /// much to be cleaned.
    async fn html(&self) -> Option<&str> {
        self.0.html.as_deref()
    }

    /// The files in the mail; at most 50.
    async fn attachments(&self) -> Vec<EmailFile> {
        self.0.attachments.iter().cloned().map(Into::into).collect()
    }

    /// What shows which case the mail belongs to.
    async fn thread(&self) -> EmailThread {
        EmailThread {
            message_id: self.0.message_id.clone(),
            answers: self.0.answers.clone(),
            references: self.0.subject.as_deref().map(reference::all_in).unwrap_or_default(),
        }
    }

    /// The mail that it passes on; null unless it is a forward.
    async fn forwarded(&self) -> Option<ForwardedEmail> {
        let forwarded = self.0.forwarded.clone()?;
        Some(ForwardedEmail {
            sender: forwarded.sender.map(Into::into),
            subject: forwarded.subject,
            date: forwarded.date,
            text: forwarded.text,
            note: forwarded.note,
        })
    }

    /// The recipients who were not reached, when the mail is a bounce; at most 200.
    async fn bounce_recipients(&self) -> Vec<BounceRecipient> {
        self.0.bounced.iter().cloned().map(Into::into).collect()
    }

    /// The Message-ID of the mail that did not reach them; null when the mail is not a bounce, or does not state it.
    async fn bounced_message_id(&self) -> Option<&str> {
        self.0.bounced_message_id.as_deref()
    }

    /// Warnings for the reader of the mail.
    async fn warnings(&self) -> &[EmailWarning] {
        &self.0.warnings
    }

    /// Why the mail could not be understood; null when it could. Such a mail becomes a case of the seller's accountable
    /// person, and so does a mail without a sender that can be answered (`NO_SENDER`).
    async fn not_understood_because(&self) -> Option<&str> {
        self.0.not_understood_because.as_deref()
    }
}

/// Reads of mails that are not taken in.
#[derive(Default)]
pub struct EmailQuery;

#[Object]
impl EmailQuery {
    /// Reads a mail as it would be read when it arrives, and gives the reasons. Nothing is stored. For staff, and for
    /// systems of the seller with the scope `EMAIL_WRITE`.
    async fn preview_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The mail as it arrived (RFC 5322), byte for byte; at most 30 MiB. This or `uploadId` must be given."
        )]
        raw: Option<Base64>,
        #[graphql(desc = "The mail as a complete upload (`createUpload`) of this credential, instead of `raw`.")]
        upload_id: Option<ID>,
    ) -> Result<EmailPreview> {
        signed_in(ctx)?;
        let actor = ctx.actor();
        let allowed =
            actor.seller().is_some_and(|seller| table::may(table::at_seller(actor, seller), Action::ReceiveEmail));
        let checked = if allowed {
            table::check_scope(actor, Action::ReceiveEmail)
        } else {
            Err(table::refused(Action::ReceiveEmail))
        };
        checked.map_err(|problem| query_error(&problem))?;
        let given = mail_bytes(ctx, raw, upload_id.as_ref()).await?;
        let raw = given.map_err(|problem| query_error(&problem))?.raw;
        if raw.len() > LARGEST {
            return Err(query_error(&Problem::new(ErrorCode::TooLong, "raw", texts::intake::mail_too_large())));
        }
        pay(ctx, for_bytes(raw.len()))?;
        let parsed = read(raw).await?;
        match actor.seller() {
            Some(seller) => reclassify(ctx, seller, parsed).await,
            None => Ok(EmailPreview(parsed, None)),
        }
    }
}

/// Adds to a mail what is known of this seller: addresses that only its letters name, and the senders that its
/// mailboxes trust.
async fn reclassify(ctx: &Context<'_>, seller: SellerId, mut parsed: ParsedEmail) -> Result<EmailPreview> {
    let believed = writer::believed(ctx.db(), seller, &parsed, None).await.map_err(read_error)?;
    let found = ctx.data::<Senders>()?.finding(Some(&parsed.header));
    let passed_on = parsed.passed_on_by(&believed, found);
    let is_answer = addressed(ctx.app().secret(), &parsed, None).is_some();
    let writer = passed_on.filter(|passed_on| passed_on.rewritten).map(|passed_on| passed_on.writer.clone());
    let (kind, evidence, visible) = parsed.reclassify(passed_on, is_answer);
    if is_answer && parsed.answers_because.is_none() {
        parsed.answers_because = Some("it is to an address that only our letters name".to_owned());
    }
    parsed = ParsedEmail { kind, evidence, visible: visible.text, cuts: visible.cuts, ..parsed };
    Ok(EmailPreview(parsed, writer))
}

/// Reads a mail outside the asynchronous threads, because it takes time.
async fn read(raw: Vec<u8>) -> Result<ParsedEmail> {
    let read = reading::read(raw.len(), move || ParsedEmail::read(&raw)).await;
    read.ok_or_else(|| fault_error(&Fault::Broken("reading a mail never panics")))
}

/// Reads a stored mail, by the hash of its bytes; none when there are no such bytes.
pub(in crate::graphql) async fn kept(ctx: &Context<'_>, sha256: Vec<u8>) -> Result<Option<ParsedEmail>> {
    match content::whole(ctx.db(), sha256).await.map_err(read_error)? {
        // A partner's person may have quoted the link to a task, which only they may use.
        Some(bytes) => read(bytes).await.map(|mail| Some(masked_mail(ctx.app().secret(), mail))),
        None => Ok(None),
    }
}
