//! What is known about who sent a mail: the finding of the company's own mail server, or else the result of checking
//! signatures.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::kind::SenderTrust;

use super::email::Mail;
use super::signed::Checker;
use crate::mail::header::Header;
use crate::mail::trust;

/// Decides how far the sender that a mail names is trusted.
#[derive(Clone)]
pub struct Senders {
    server: Option<String>,
    checker: Option<Checker>,
}

impl Senders {
    /// Trusts the findings (RFC 8601) of the mail server with this name and of no other. Where that server found
    /// nothing, `checker` checks the signatures.
    #[must_use]
    pub fn new(server: Option<String>, checker: Option<Checker>) -> Self {
        Self { server, checker }
    }

    /// The mail server's finding in this header. None when no mail server is configured as trusted.
    #[must_use]
    pub fn finding(&self, header: Option<&Header>) -> Option<SenderTrust> {
        let server = self.server.as_ref()?;
        Some(header.map_or(SenderTrust::Unknown, |header| trust::read(header, server)))
    }

    /// Whether this mail, received at this time, comes from the sender that it names. May query DNS.
    pub async fn trust(&self, mail: &Arc<Mail>, at: DateTime<Utc>) -> SenderTrust {
        let told = self.finding(mail.header());
        match (told.unwrap_or_default(), &self.checker) {
            (SenderTrust::Unknown, Some(checker)) => checker.check(Arc::clone(mail), at).await,
            (told, _) => told,
        }
    }
}
