//! What is known about who sent a mail: what the company's own mail server wrote, else what a signature shows.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::email::Mail;
use super::signed::Checker;
use crate::config::{ConfigError, MailOptions};
use crate::mail::trust::{self, Trust};

/// Whom this service believes about senders.
#[derive(Clone)]
pub struct Senders {
    server: Option<String>,
    checker: Option<Checker>,
}

impl Senders {
    /// As the configuration says.
    ///
    /// # Errors
    /// A sentence, when signatures cannot be checked.
    pub fn of(options: &MailOptions) -> Result<Self, ConfigError> {
        let checker = options.signatures.then(|| Checker::new(&options.nameservers)).transpose();
        let checker = checker.map_err(|error| ConfigError(format!("`mail.signatures` cannot be used: {error}.")))?;
        Ok(Self { server: options.authserv_id.clone(), checker })
    }

    /// Whether this mail, which came at this time, is from whom it says. May ask DNS.
    pub async fn trust(&self, mail: &Arc<Mail>, at: DateTime<Utc>) -> Trust {
        let told = self.server.as_ref().zip(mail.header()).map(|(server, header)| trust::read(header, server));
        match (told.unwrap_or_default(), &self.checker) {
            (Trust::Unknown, Some(checker)) => checker.check(Arc::clone(mail), at).await,
            (told, _) => told,
        }
    }
}
