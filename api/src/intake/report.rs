//! The common form of everything that arrives: every channel makes an [`Arrived`] of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::id::{CaseId, CustomerId, LetterId, MailboxId, PartnerId, SellerId, UploadId};
use entity::kind::{Channel, Language, Severity};
use serde::Serialize;
use serde_json::Value;

use crate::case::commitment::Promised;
use crate::case::commitment::decide::Due;
use crate::kit::contact;
use crate::kit::error::{Outcome, Problems};
use crate::kit::money::Money;
use crate::kit::upload;
use crate::mail::Attached;
use crate::texts::Text;

/// One thing that arrived, with what could be understood of it.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// The seller that it is for.
    pub seller: SellerId,
    /// The channel by which it came.
    pub channel: Channel,
    /// How it is recognised when it arrives again.
    pub once: Once,
    /// The earliest time at which anybody received it.
    pub received_at: DateTime<Utc>,
    /// The subject, in one line.
    pub subject: Option<String>,
    /// The customer's own words, complete.
    pub words: String,
    /// The part of the words that is shown on the case, when that is not all: a mail without the text that it quotes.
    pub shown: Option<String>,
    /// Who it is from, as claimed.
    pub sender: Sender,
    /// Which case it belongs to, as far as it says.
    pub belongs: Belongs,
    /// The facts that it gives besides the words.
    pub about: About,
    /// What else the channel knows, kept as JSON.
    pub details: Value,
    /// The bytes as they came.
    pub raw: File,
    /// The files that came along.
    pub attachments: Vec<File>,
    /// The files that were uploaded before it.
    pub uploads: Vec<UploadId>,
    /// Whether it could be understood; if not, the fallback owner reads the raw bytes.
    pub understood: bool,
    /// Whether a program sent it. It then reopens no case and starts no timer.
    pub automatic: bool,
    /// Set for a contact that the company made, as opposed to one by the customer.
    pub ours: Option<Ours>,
    /// How it is to be answered.
    pub answer: ReplyPolicy,
    /// The letter of the company that it returns as undeliverable.
    pub returned: Option<Returned>,
    /// The e-mail's Message-ID.
    pub message_id: Option<String>,
    /// The time from which the customer's service levels run; the act's own time when none.
    pub promised_from: Option<DateTime<Utc>>,
    /// Whether it is an old complaint from another system. Rules then ask no partner about it.
    pub imported: bool,
    /// What was promised to the customer in a call or at a visit.
    pub promised: Vec<Promised>,
    /// When the customer hears from the company next, as it was said in a call or at a visit.
    pub next_contact: Option<Due>,
}

/// A contact that the company made. It neither opens nor reopens a case.
#[derive(Debug, Clone)]
pub struct Ours {
    /// Whether the customer was reached.
    pub reached: bool,
    /// How the contact went, for colleagues.
    pub summary: Option<String>,
}

impl Arrived {
    /// Something that a person sent and that was understood, without anything besides its words, for a new case. The
    /// channel sets what else it knows.
    #[must_use]
    pub fn new(
        (seller, channel): (SellerId, Channel),
        once: Once,
        received_at: DateTime<Utc>,
        words: String,
        sender: Sender,
        raw: File,
    ) -> Self {
        Self {
            seller,
            channel,
            once,
            received_at,
            subject: None,
            words,
            shown: None,
            sender,
            belongs: Belongs::New,
            about: About::default(),
            details: Value::Null,
            raw,
            attachments: Vec::new(),
            uploads: Vec::new(),
            understood: true,
            automatic: false,
            ours: None,
            answer: ReplyPolicy::default(),
            returned: None,
            message_id: None,
            promised_from: None,
            imported: false,
            promised: Vec::new(),
            next_contact: None,
        }
    }
}

/// How a report is answered by letter.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReplyPolicy {
    /// The mailbox that the letter is sent from: the one it came to. None for the seller's first mailbox, when it came
    /// by another channel.
    pub mailbox: Option<MailboxId>,
    /// Whether the sender's domain says that it did not send the mail. The letter then holds nothing personal.
    pub doubted: bool,
}

/// A letter of the company that could not be delivered.
#[derive(Debug, Clone)]
pub struct Returned {
    /// The letter that came back.
    pub letter: LetterId,
    /// The reason that the other mail server gave.
    pub reason: String,
}

/// How a report is recognised when it arrives again.
#[derive(Debug, Clone)]
pub struct Once {
    /// The operation through which it came; keys are unique within one.
    pub operation: &'static str,
    /// The idempotency key: given by the form, or made from the mail's Message-ID or from the number in a register.
    pub key: String,
    /// A digest of what else must be equal. Empty where the key is enough.
    pub fingerprint: Vec<u8>,
    /// The time after which the key may be used for something else. None for what has a permanent identity, such as a
    /// mail or a call.
    pub expires_at: Option<DateTime<Utc>>,
    /// What another fingerprint under the same key means.
    pub changed: Changed,
}

/// What it means when something arrives under a known key with other content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// The key was used for something else, so it is refused.
    IsRefused,
    /// It adds to the same report, so it is kept beside the first one.
    IsAdded,
}

/// Who a report is from. This is claimed and never proven, because anybody can write anything into a From field.
#[derive(Debug, Clone, Default)]
pub struct Sender {
    /// The name as written.
    pub name: Option<String>,
    /// The e-mail address, in lower case.
    pub email: Option<String>,
    /// The telephone number in E.164.
    pub phone: Option<String>,
    /// The language that they read; none when not known, which means the seller's.
    pub language: Option<Language>,
    /// The customer that somebody recognised the sender as.
    pub chosen: Option<CustomerId>,
}

impl Sender {
    /// The sender with at least one way to reach them. When there is none, a problem with the text `missing` is added.
    #[must_use]
    pub fn reachable(
        problems: &mut Problems,
        name: Option<String>,
        ways: (Option<&str>, Option<&str>),
        language: Option<Language>,
        missing: Text,
    ) -> Self {
        let (email, phone) = contact::ways(problems, ways, missing);
        Self { name, email, phone, language, chosen: None }
    }
}

/// Which case a report belongs to.
#[derive(Debug, Clone)]
pub enum Belongs {
    /// It opens a new case.
    New,
    /// It belongs to this case, says somebody who may decide that.
    To(CaseId),
    /// It belongs to the case that its recipient address names, or to one that the others name if the sender is that
    /// case's customer.
    Perhaps {
        /// The case in the recipient address, which the company sealed.
        token: Option<CaseId>,
        /// The Message-IDs that it answers.
        message_ids: Vec<String>,
        /// The case references in its subject.
        references: Vec<String>,
    },
}

/// What a report says besides its words.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The seller's name for the kind of complaint.
    pub category: Option<String>,
    /// What was bought.
    pub product: Option<String>,
    /// The seller's own number for the order.
    pub order_reference: Option<String>,
    /// What the order cost.
    pub order_amount: Option<Money>,
    /// What the customer wants to have done about it.
    pub remedy_sought: Option<String>,
    /// The partners that are named.
    pub partners: Vec<PartnerId>,
    /// How severe the customer says it is.
    pub severity: Option<Severity>,
    /// Tags, by which the case can be found.
    pub tags: Vec<String>,
}

/// Bytes, with the name and the type that their sender gave them.
#[derive(Debug, Clone)]
pub struct File {
    /// The name, cleaned so that it can be shown.
    pub name: String,
    /// The type as declared. It is not trusted when the file is served.
    pub content_type: String,
    /// The bytes. They are shared, because an act may run more than once.
    pub bytes: Arc<Vec<u8>>,
}

impl File {
    /// What was sent, as a JSON file.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which cannot happen here.
    pub fn json(name: &str, sent: &impl Serialize) -> Outcome<Self> {
        let bytes = serde_json::to_vec(sent)?.into();
        Ok(Self { name: name.to_owned(), content_type: "application/json".to_owned(), bytes })
    }
}

/// An uploaded file: its name, its declared type and its bytes.
impl From<upload::Checked> for File {
    fn from((name, content_type, bytes): upload::Checked) -> Self {
        Self { name, content_type, bytes }
    }
}

impl From<Attached> for File {
    fn from(Attached { name, content_type, bytes }: Attached) -> Self {
        Self { name, content_type, bytes }
    }
}
