//! What is kept of a mail besides its words: the details of its report.

use chrono::{DateTime, Utc};
use entity::id::CaseId;
use entity::kind::{EmailKind, EmailWarning, SenderTrust};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::kit::contact;

/// What is kept of a mail besides its words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MailFacts {
    /// The sender's address as written.
    pub from_address: Option<String>,
    /// The sender's name as written.
    pub from_name: Option<String>,
    /// The writer's name, if whoever passed the mail on for them is trusted.
    pub writer_name: Option<String>,
    /// The writer's address, if whoever passed the mail on for them is trusted.
    pub writer_address: Option<String>,
    /// The name in Reply-To, if replies go elsewhere. It identifies nobody.
    pub reply_to_name: Option<String>,
    /// The address in Reply-To, if replies go elsewhere.
    pub reply_to_address: Option<String>,
    /// The addresses of the recipients.
    pub to: Vec<String>,
    /// When the sender says that it was written.
    pub written_at: Option<DateTime<Utc>>,
    /// The kind of mail; none means a person's mail.
    pub kind: Option<EmailKind>,
    /// The evidence for that kind.
    pub evidence: Vec<String>,
    /// The name of the forwarded mail's writer, as the forwarder's program says.
    pub forwarded_name: Option<String>,
    /// The address of the forwarded mail's writer.
    pub forwarded_address: Option<String>,
    /// What the forwarder wrote above the forwarded mail.
    pub cover_note: Option<String>,
    /// What was found about the sender.
    pub trust: SenderTrust,
    /// Whether it is proven that whoever reads mail at the sender's address sent the mail.
    pub proven: bool,
    /// The mailbox that it came to, if it came by itself.
    pub mailbox: Option<String>,
    /// Whether the sender is not known to be the case's customer.
    pub unverified: bool,
    /// Whether somebody confirmed that the sender is the case's customer.
    pub confirmed: bool,
    /// A case that the mail may belong to.
    pub perhaps: Option<CaseId>,
    /// What the reader should know.
    pub warnings: Vec<EmailWarning>,
    /// Why the mail could not be understood; none if it could.
    pub not_understood_because: Option<String>,
}

impl MailFacts {
    /// Reads the facts in a report's details.
    #[must_use]
    pub fn of(details: &Value) -> Self {
        serde_json::from_value(details.clone()).unwrap_or_default()
    }

    /// The writer's address in the form in which customers' addresses are kept; none if it is not an address.
    #[must_use]
    pub fn sender(&self) -> Option<String> {
        self.writer_address.as_deref().or(self.from_address.as_deref()).and_then(contact::email)
    }

    /// As [`MailFacts::sender`], unless the sender's domain says that it did not send the mail.
    #[must_use]
    pub fn believed_sender(&self) -> Option<String> {
        self.sender().filter(|_| self.trust != SenderTrust::Failed)
    }

    /// Whether a program sent it.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        self.kind.is_some_and(EmailKind::is_automatic)
    }
}

/// Notes in a report's details that somebody confirmed the sender as the case's customer.
pub fn confirm(details: &mut Value) {
    mark(details, false, None);
    if let Some(details) = details.as_object_mut() {
        details.insert("confirmed".to_owned(), true.into());
    }
}

/// Notes in a report's details whether the sender is unverified on the case, and which case the mail may belong to.
pub fn mark(details: &mut Value, unverified: bool, perhaps: Option<CaseId>) {
    let Some(details) = details.as_object_mut() else { return };
    details.insert("unverified".to_owned(), unverified.into());
    details.remove("confirmed");
    match perhaps {
        Some(case) => details.insert("perhaps".to_owned(), json!(case)),
        None => details.remove("perhaps"),
    };
}
