//! What a mail would be read as, without taking it in.

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::blob;
use entity::id::SellerId;
use sea_orm::EntityTrait;
use sha2::{Digest, Sha256};

use super::context::{ContextExt, fault_error, int, query_error, read_error, signed_in};
use super::meter::{for_bytes, pay};
use super::scalar::Base64;
use crate::access::table::{self, Action};
use crate::case::reference;
use crate::intake::email::addressed;
use crate::intake::sender::Senders;
use crate::intake::{reading, writer};
use crate::kit::error::{ErrorCode, Fault, Problem};
use crate::kit::text::hex;
use crate::mail::bounce::Bounced;
use crate::mail::kind::Kind;
use crate::mail::visible::{Cut, Why};
use crate::mail::{self, Attached, LARGEST, ParsedEmail, Warning};

/// A name and an address in a mail, as written.
#[derive(SimpleObject)]
#[graphql(name = "EmailAddress")]
pub struct Mailbox {
    /// The name; null when none is given.
    pub name: Option<String>,
    /// The address, lower case; null when none is given. Claimed, never proven.
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
    /// Its name, cleaned of paths and control characters.
    name: String,
    /// What its bytes show it to be, where they show it; else what the sender says. Not to be trusted.
    content_type: String,
    /// How many bytes it has.
    size_bytes: i32,
    /// SHA-256 of the bytes, in hexadecimal.
    sha256: String,
}

impl From<Attached> for EmailFile {
    fn from(Attached { name, content_type, bytes }: Attached) -> Self {
        let size_bytes = int(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
        Self { name, content_type, size_bytes, sha256: hex(&Sha256::digest(bytes.as_slice())) }
    }
}

/// Somebody whom a mail did not reach, or not yet.
#[derive(SimpleObject)]
pub struct BounceRecipient {
    /// The address, lower case.
    address: String,
    /// The status code (RFC 3463), such as `5.1.1`; null when none is said.
    status: Option<String>,
    /// True when writing to the address again makes no sense: nobody is there. False for a full mailbox, a refusal by
    /// policy, a delay.
    permanent: bool,
    /// True while the mail is still being tried: nothing has come back yet.
    delayed: bool,
    /// What the other side said; null when it said nothing.
    diagnostic: Option<String>,
}

impl From<Bounced> for BounceRecipient {
    fn from(Bounced { address, status, permanent, delayed, diagnostic }: Bounced) -> Self {
        Self { address, status, permanent, delayed, diagnostic }
    }
}

/// A mail that another passes on.
#[derive(SimpleObject)]
pub struct ForwardedEmail {
    /// Who wrote it, as the forwarder's program says; null when it does not.
    sender: Option<Mailbox>,
    /// Its subject; null when it is not told.
    subject: Option<String>,
    /// When it was written, as it is put there.
    date: Option<String>,
    /// Its whole text.
    text: String,
    /// What whoever passes it on wrote above it; null when nothing.
    note: Option<String>,
}

/// Lines of a mail that follow each other and are not shown, and the line that told so.
#[derive(SimpleObject)]
pub struct EmailCut {
    /// Why they are not shown.
    reason: Why,
    /// The first of them, which told so; at most 200 characters.
    mark: String,
    /// How many lines they are, not counting blank ones.
    lines: i32,
    /// How many characters these lines have.
    characters: i32,
}

impl From<Cut> for EmailCut {
    fn from(Cut { why, mark, lines, characters }: Cut) -> Self {
        let count = |count: usize| int(i64::try_from(count).unwrap_or(i64::MAX));
        Self { reason: why, mark, lines: count(lines), characters: count(characters) }
    }
}

/// What tells which case a mail belongs to.
#[derive(SimpleObject)]
pub struct EmailThread {
    /// The Message-ID (RFC 5322, 3.6.4) without its brackets; null when the mail has none, and its bytes tell it from others.
    message_id: Option<String>,
    /// The Message-IDs that it answers: In-Reply-To, then References.
    answers: Vec<String>,
    /// The references of cases that its subject names.
    references: Vec<String>,
}

/// What a mail is read as, and why. Nothing of it is stored.
pub struct EmailPreview(pub ParsedEmail, pub Option<mail::Mailbox>);

/// What a mail is read as, and why. Nothing of it is stored.
#[Object]
impl EmailPreview {
    /// What it is.
    async fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Why it is said to be that; mostly empty for a person's mail, and for one that passes something on.
    async fn kind_evidence(&self) -> &[String] {
        &self.0.evidence
    }

    /// Its subject, in one line; null when it has none.
    async fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// Who it says it is from; null when it does not say.
    async fn sender(&self) -> Option<Mailbox> {
        self.0.sender.clone().map(Into::into)
    }

    /// Where its sender wants answers, if elsewhere.
    async fn reply_to(&self) -> Option<Mailbox> {
        self.0.reply_to.clone().map(Into::into)
    }

    /// Whom it is to: To, then Cc; at most 1,000.
    async fn recipients(&self) -> Vec<Mailbox> {
        self.0.recipients.iter().cloned().map(Into::into).collect()
    }

    /// When its sender says it was written, UTC.
    async fn written_at(&self) -> Option<DateTime<Utc>> {
        self.0.written_at
    }

    /// The whole text; of a mail in HTML only, the text as it reads.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// What the sender wrote in this mail, without what it quotes, signatures and what mail programs add.
    async fn visible_text(&self) -> &str {
        &self.0.visible
    }

    /// What of the text is not in `visibleText`, in its order; at most 100. In a mail that answers nothing this is a signature
    /// at most.
    async fn cuts(&self) -> Vec<EmailCut> {
        self.0.cuts.iter().cloned().map(Into::into).collect()
    }

    /// By what it is known to answer another mail, in words: a field, how its subject begins, the address it is to. Null when it
    /// answers nothing; then nothing in it is taken for a quote.
    async fn answers_because(&self) -> Option<&str> {
        self.0.answers_because.as_deref()
    }

    /// What the case's message would be, and what rules would read: `visibleText`, or the words of a mail that it passes on.
    async fn message(&self) -> String {
        self.0.message().unwrap_or_else(|| self.0.visible.clone())
    }

    /// Who wrote it, where somebody whom the mailbox it is to believes (`Mailbox.trustedSenders`) passed it on for them. Null
    /// when its sender wrote it.
    async fn writer(&self) -> Option<Mailbox> {
        self.1.clone().map(Into::into)
    }

    /// Its HTML, safe to show: nothing in it runs, loads or hides. Null when it has none, or too much to be cleaned.
    async fn html(&self) -> Option<&str> {
        self.0.html.as_deref()
    }

    /// Files in it; at most 50.
    async fn attachments(&self) -> Vec<EmailFile> {
        self.0.attachments.iter().cloned().map(Into::into).collect()
    }

    /// What tells which case it belongs to.
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

    /// Who was not reached, when it is a bounce; at most 200.
    async fn bounce_recipients(&self) -> Vec<BounceRecipient> {
        self.0.bounced.iter().cloned().map(Into::into).collect()
    }

    /// The Message-ID of the mail that did not reach them; null when the bounce does not show it.
    async fn bounced_message_id(&self) -> Option<&str> {
        self.0.bounced_message_id.as_deref()
    }

    /// What its reader should know.
    async fn warnings(&self) -> &[Warning] {
        &self.0.warnings
    }

    /// Why it could not be understood; null when it could. Such a mail becomes a case for the accountable person, as does
    /// one without a sender that can be answered (`NO_SENDER`).
    async fn not_understood_because(&self) -> Option<&str> {
        self.0.not_understood_because.as_deref()
    }
}

/// Mails, read but not taken in.
#[derive(Default)]
pub struct EmailQuery;

#[Object]
impl EmailQuery {
    /// What this mail would be read as, and why. Nothing is stored. For staff and mail gateways.
    async fn preview_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The mail (RFC 5322), byte for byte; at most 30 MiB.")] raw: Base64,
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
        if raw.0.len() > LARGEST {
            let (en, sv) = ("A mail may have 30 MiB at most.", "Ett brev får ha högst 30 MiB.");
            return Err(query_error(&Problem::new(ErrorCode::TooLong, "raw", en, sv)));
        }
        pay(ctx, for_bytes(raw.0.len()))?;
        let parsed = read(raw.0).await?;
        match actor.seller() {
            Some(seller) => known_more(ctx, seller, parsed).await,
            None => Ok(EmailPreview(parsed, None)),
        }
    }
}

/// A mail with what this seller knows: its sealed addresses, and whom its mailboxes believe about who wrote what they pass on.
async fn known_more(ctx: &Context<'_>, seller: SellerId, mut parsed: ParsedEmail) -> Result<EmailPreview> {
    let believed = writer::believed(ctx.db(), seller, &parsed, None).await.map_err(read_error)?;
    let found = ctx.data::<Senders>()?.told(Some(&parsed.header));
    let passed_on = parsed.passed_on_by(&believed, found);
    let is_answer = addressed(ctx.app().secret(), &parsed, None).is_some();
    let writer = passed_on.filter(|passed_on| passed_on.rewritten).map(|passed_on| passed_on.writer.clone());
    let (kind, evidence, visible) = parsed.known_more(passed_on, is_answer);
    if is_answer && parsed.answers_because.is_none() {
        parsed.answers_because = Some("it is to an address that only our letters name".to_owned());
    }
    parsed = ParsedEmail { kind, evidence, visible: visible.text, cuts: visible.cuts, ..parsed };
    Ok(EmailPreview(parsed, writer))
}

/// Reads a mail, aside: that takes time.
async fn read(raw: Vec<u8>) -> Result<ParsedEmail> {
    let read = reading::read(raw.len(), move || ParsedEmail::read(&raw)).await;
    read.ok_or_else(|| fault_error(&Fault::Broken("reading a mail never panics")))
}

/// Reads a mail that is kept, by the hash of its bytes; none when there are no such bytes.
pub(super) async fn kept(ctx: &Context<'_>, sha256: Vec<u8>) -> Result<Option<ParsedEmail>> {
    match blob::Entity::find_by_id(sha256).one(ctx.db()).await.map_err(read_error)? {
        Some(blob) => read(blob.bytes).await.map(Some),
        None => Ok(None),
    }
}
