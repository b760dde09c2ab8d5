//! What is kept of a mail beside its words: the details of its report.

use chrono::{DateTime, Utc};
use entity::id::CaseId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Warning;
use super::kind::Kind;
use super::trust::Trust;
use crate::kit::contact;

/// What is kept of a mail beside its words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MailFacts {
    /// The sender's address as written.
    pub from_address: Option<String>,
    /// The sender's name as written.
    pub from_name: Option<String>,
    /// Who wrote it, where whoever passed it on for them is believed: the name.
    pub writer_name: Option<String>,
    /// Their address.
    pub writer_address: Option<String>,
    /// Where answers are to go, if elsewhere: the name. It is no identity.
    pub reply_to_name: Option<String>,
    /// The address.
    pub reply_to_address: Option<String>,
    /// Whom it was to.
    pub to: Vec<String>,
    /// When the sender says it was written.
    pub written_at: Option<DateTime<Utc>>,
    /// What it is; a person's mail when nothing is noted.
    pub kind: Option<Kind>,
    /// Why it is said to be that.
    pub evidence: Vec<String>,
    /// Who wrote the mail that it passes on, as the forwarder's program says: name and address.
    pub forwarded_name: Option<String>,
    /// Their address.
    pub forwarded_address: Option<String>,
    /// What whoever passed that mail on wrote above it.
    pub cover_note: Option<String>,
    /// What our own mail server found about the sender.
    pub trust: Trust,
    /// Whether it is shown that whoever reads mail at the sender's address sent it.
    pub proven: bool,
    /// The mailbox it came to, if it came by itself.
    pub mailbox: Option<String>,
    /// Whoever sent it is not known on the case.
    pub unverified: bool,
    /// Somebody said that whoever sent it is the case's customer.
    pub confirmed: bool,
    /// A case that it may belong to.
    pub perhaps: Option<CaseId>,
    /// What its reader should know.
    pub warnings: Vec<Warning>,
    /// Why it could not be understood, if so.
    pub not_understood_because: Option<String>,
}

impl MailFacts {
    /// What a report's details say of its mail.
    #[must_use]
    pub fn of(details: &Value) -> Self {
        serde_json::from_value(details.clone()).unwrap_or_default()
    }

    /// The address of who wrote it, in the form that customers' are kept in, if it is one.
    #[must_use]
    pub fn sender(&self) -> Option<String> {
        self.writer_address.as_deref().or(self.from_address.as_deref()).and_then(contact::email)
    }

    /// As [`MailFacts::sender`], unless the sender's domain says that it did not send the mail.
    #[must_use]
    pub fn believed_sender(&self) -> Option<String> {
        self.sender().filter(|_| self.trust != Trust::Failed)
    }

    /// Whether a program sent it.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        self.kind.is_some_and(Kind::is_automatic)
    }
}

/// Notes in a report's details that somebody said that its sender is its case's customer.
pub fn confirm(details: &mut Value) {
    mark(details, false, None);
    if let Some(details) = details.as_object_mut() {
        details.insert("confirmed".to_owned(), true.into());
    }
}

/// Notes in a report's details whether its sender is known on its case, and a case that it may belong to.
pub fn mark(details: &mut Value, unverified: bool, perhaps: Option<CaseId>) {
    let Some(details) = details.as_object_mut() else { return };
    details.insert("unverified".to_owned(), unverified.into());
    details.remove("confirmed");
    match perhaps {
        Some(case) => details.insert("perhaps".to_owned(), json!(case)),
        None => details.remove("perhaps"),
    };
}
