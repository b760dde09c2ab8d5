//! What is known about who sent a mail: what the company's own mail server wrote, else what a signature shows.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::email::Mail;
use super::signed::Checker;
use crate::mail::header::Header;
use crate::mail::trust::{self, Trust};

/// Whom this service believes about senders.
#[derive(Clone)]
pub struct Senders {
    server: Option<String>,
    checker: Option<Checker>,
}

impl Senders {
    /// They believe this server's findings (RFC 8601) and nobody else's, and have signatures checked where it found nothing.
    #[must_use]
    pub fn new(server: Option<String>, checker: Option<Checker>) -> Self {
        Self { server, checker }
    }

    /// What the mail server found, as this header says; none if no server is believed about it.
    #[must_use]
    pub fn told(&self, header: Option<&Header>) -> Option<Trust> {
        let server = self.server.as_ref()?;
        Some(header.map_or(Trust::Unknown, |header| trust::read(header, server)))
    }

    /// Whether this mail, which came at this time, is from whom it says. May ask DNS.
    pub async fn trust(&self, mail: &Arc<Mail>, at: DateTime<Utc>) -> Trust {
        let told = self.told(mail.header());
        match (told.unwrap_or_default(), &self.checker) {
            (Trust::Unknown, Some(checker)) => checker.check(Arc::clone(mail), at).await,
            (told, _) => told,
        }
    }
}
