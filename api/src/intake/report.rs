//! What every channel makes of what arrived: the same thing, whatever it came by.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::id::{CaseId, CustomerId, LetterId, MailboxId, PartnerId, SellerId};
use entity::kind::{Channel, Language, Severity};
use serde::Serialize;
use serde_json::Value;

use crate::kit::contact;
use crate::kit::error::{Outcome, Problems};
use crate::kit::money::Money;
use crate::kit::upload;
use crate::mail::Attached;

/// One thing that arrived, understood as far as it could be.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// At which seller.
    pub seller: SellerId,
    /// By what.
    pub channel: Channel,
    /// What makes it the same thing when it arrives again.
    pub once: Once,
    /// The earliest time anybody received it.
    pub received_at: DateTime<Utc>,
    /// In one line.
    pub subject: Option<String>,
    /// The customer's own words, whole.
    pub words: String,
    /// What of them is shown on the case, where that is not all: a mail without what it quotes.
    pub shown: Option<String>,
    /// Who it is from, as claimed.
    pub sender: Sender,
    /// Which case it says it belongs to.
    pub belongs: Belongs,
    /// The facts it gives beside the words.
    pub about: About,
    /// What the channel knows beyond that, kept as it is.
    pub details: Value,
    /// As it came.
    pub raw: File,
    /// Files in it.
    pub attachments: Vec<File>,
    /// Whether it could be understood; if not, the fallback owner reads the raw bytes.
    pub understood: bool,
    /// A program sent it: it opens nothing again and starts no clock of the case it joins.
    pub automatic: bool,
    /// It is a contact that the company made, and not one of the customer's.
    pub ours: Option<Ours>,
    /// How it is to be answered.
    pub answer: Answer,
    /// A letter of ours that comes back with it.
    pub returned: Option<Returned>,
    /// An e-mail's Message-ID.
    pub message_id: Option<String>,
    /// From when on the customer may expect to hear from us; the act's own time when not said.
    pub promised_from: Option<DateTime<Utc>>,
    /// Whether it is an old one from another system: nobody is asked anything about it by a rule.
    pub imported: bool,
}

/// A contact that the company made: it opens no case and none again.
#[derive(Debug, Clone)]
pub struct Ours {
    /// The customer was reached.
    pub reached: bool,
    /// How it went, for colleagues.
    pub summary: Option<String>,
}

impl Arrived {
    /// Something from a person that was understood, begins a case of its own and has nothing beside its words; what else is
    /// known of it, the channel adds.
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
            understood: true,
            automatic: false,
            ours: None,
            answer: Answer::default(),
            returned: None,
            message_id: None,
            promised_from: None,
            imported: false,
        }
    }
}

/// How something is to be answered by mail.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answer {
    /// From the mailbox it came to; the seller's first when it came by another way.
    pub mailbox: Option<MailboxId>,
    /// The sender's domain says that it did not send it: nothing personal is told.
    pub doubted: bool,
}

/// A letter that did not arrive.
#[derive(Debug, Clone)]
pub struct Returned {
    /// Which.
    pub letter: LetterId,
    /// What the other side said.
    pub reason: String,
}

/// What makes two arrivals the same.
#[derive(Debug, Clone)]
pub struct Once {
    /// Which way in.
    pub operation: &'static str,
    /// The key: the form's, or made from the Message-ID, or the call's id.
    pub key: String,
    /// What else must be alike. None where the key says it all.
    pub fingerprint: Vec<u8>,
    /// After this time the key may be used anew; never for what names itself, such as a mail or a call.
    pub expires_at: Option<DateTime<Utc>>,
    /// What another fingerprint under the same key means.
    pub changed: Changed,
}

/// What it means that something arrives under a key with another content than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// The key was used for something else: it is refused.
    IsRefused,
    /// More is told of the same thing: it is kept beside what was told first.
    IsAdded,
}

/// Who something is from. Claimed, never proven: a From: header is not an identity.
#[derive(Debug, Clone, Default)]
pub struct Sender {
    /// As written.
    pub name: Option<String>,
    /// Lower case.
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// What they read, if known; else the seller's.
    pub language: Option<Language>,
    /// The customer whom somebody recognised them as.
    pub chosen: Option<CustomerId>,
}

impl Sender {
    /// Who they say they are, with at least one way to reach them; these words ask for it when there is none.
    #[must_use]
    pub fn reachable(
        problems: &mut Problems,
        name: Option<String>,
        ways: (Option<&str>, Option<&str>),
        language: Option<Language>,
        missing: (&str, &str),
    ) -> Self {
        let (email, phone) = contact::ways(problems, ways, missing);
        Self { name, email, phone, language, chosen: None }
    }
}

/// Which case something belongs to.
#[derive(Debug, Clone)]
pub enum Belongs {
    /// A new one.
    New,
    /// This one, says somebody who may say so.
    To(CaseId),
    /// The one that the address names; or one that the others point at, if the sender is that case's customer.
    Perhaps {
        /// The case that the address it came to names, sealed by us.
        token: Option<CaseId>,
        /// Message-IDs that it answers.
        message_ids: Vec<String>,
        /// References that its subject names.
        references: Vec<String>,
    },
}

/// What a report says beside the words.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The seller's word for the kind of complaint.
    pub category: Option<String>,
    /// What was bought.
    pub product: Option<String>,
    /// The seller's own number of the order.
    pub order_reference: Option<String>,
    /// What the order cost.
    pub order_amount: Option<Money>,
    /// What would make it right.
    pub remedy_sought: Option<String>,
    /// Partners named.
    pub partners: Vec<PartnerId>,
    /// How severe the customer says it is.
    pub severity: Option<Severity>,
    /// Words to find it by.
    pub tags: Vec<String>,
}

/// Bytes with what they are said to be.
#[derive(Debug, Clone)]
pub struct File {
    /// A cleaned name, for showing.
    pub name: String,
    /// As declared; never trusted when served.
    pub content_type: String,
    /// The bytes; shared, because an act may run more than once.
    pub bytes: Arc<Vec<u8>>,
}

impl File {
    /// What was sent as it is kept: as JSON.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which nothing here can cause.
    pub fn json(name: &str, sent: &impl Serialize) -> Outcome<Self> {
        let bytes = serde_json::to_vec(sent)?.into();
        Ok(Self { name: name.to_owned(), content_type: "application/json".to_owned(), bytes })
    }
}

/// Of what was sent along: its name, what it is said to be, its bytes.
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
