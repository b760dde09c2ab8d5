//! Cases from another system. A mapping reads each row of a table into an [`Arrived`] with the row's own dates. The
//! source and the row's id identify it, so importing the same row again changes nothing.

pub mod history;
pub mod mapping;
pub mod row;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::id::SellerId;
use entity::kind::{CaseStage, Channel, Language};
use serde::Deserialize;
use serde_json::{Value, json};

use self::mapping::{MapsColumns, Time, joined, key_of_case};
use self::row::{TableRow, known_as};
use super::paper::LetterFacts;
use super::phone::{CallDirection, CallFacts, CallOutcome};
use super::report::{About, Arrived, Changed, Once, Sender};
use super::visit::VisitFacts;
use crate::access::door;
use crate::case::replay;
use crate::kit::contact::{checked_email, phone};
use crate::kit::error::{Fault, Outcome, optional, words};
use crate::kit::text::{clean, clean_line, truncated};
use crate::kit::work::Work;
use crate::mail::facts::MailFacts;

/// The operation under which the keys of imported rows are stored.
pub const OPERATION: &str = "import";

/// Which column of a table means what. Read from TOML; `docs/import.md` has an example.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The name of the source of the rows. Together with a row's id it identifies the row for ever.
    pub source: String,
    /// The column with the row's id in that source.
    pub id: String,
    /// When the complaint was received.
    pub received_at: Time,
    /// When the case was closed in the source.
    pub closed_at: Option<Time>,
    /// The channel by which the complaint came.
    pub channel: ChannelWords,
    /// The columns with the customer's words. The cells that are filled in are joined, each on a line of its own.
    pub text: Vec<String>,
    /// The columns with the subject. When none is filled in, the subject is the beginning of the text.
    #[serde(default)]
    pub subject: Vec<String>,
    /// The column with the kind of complaint.
    pub category: Option<String>,
    /// The column with what was bought.
    pub product: Option<String>,
    /// The column with the order's number.
    pub order_reference: Option<String>,
    /// The column with the customer's name.
    pub name: Option<String>,
    /// The column with their e-mail address.
    pub email: Option<String>,
    /// The column with their telephone number.
    pub phone: Option<String>,
    /// Columns whose values become tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The language that the customers read; the seller's language when left out.
    pub language: Option<Language>,
}

/// A column whose values say by which channel a complaint came.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelWords {
    /// The column's name; none when all complaints came by the same channel.
    pub column: Option<String>,
    /// The channel of each value.
    #[serde(default)]
    pub words: BTreeMap<String, Channel>,
    /// The channel of every other value, and of an empty cell.
    pub otherwise: Channel,
}

/// A row after reading.
#[derive(Debug, Clone)]
pub struct Imported {
    /// What arrived.
    pub arrived: Arrived,
    /// When the case was closed in the source.
    pub closed_at: Option<DateTime<Utc>>,
}

impl MapsColumns for Mapping {
    fn columns(&self) -> Vec<&str> {
        [Some(&self.id), self.category.as_ref(), self.product.as_ref(), self.order_reference.as_ref()]
            .into_iter()
            .chain([self.name.as_ref(), self.email.as_ref(), self.phone.as_ref(), self.channel.column.as_ref()])
            .flatten()
            .chain(self.times().into_iter().map(|time| &time.column))
            .chain(self.text.iter().chain(&self.subject).chain(&self.tags))
            .map(String::as_str)
            .collect()
    }

    fn times(&self) -> Vec<&Time> {
        std::iter::once(&self.received_at).chain(self.closed_at.as_ref()).collect()
    }
}

impl Mapping {
    /// Reads a row.
    ///
    /// # Errors
    /// One sentence for everything that is wrong with the row.
    pub fn read(&self, row: &TableRow<'_>, seller: SellerId, now: DateTime<Utc>) -> Result<Imported, Vec<String>> {
        let mut wrong = Vec::new();
        let mut line = |column: &Option<String>, most| {
            let value = column.as_ref().and_then(|column| row.get(column));
            match optional(value, column.as_deref().unwrap_or_default(), most) {
                Ok(value) => value.map(|value| clean_line(&value)),
                Err(problem) => {
                    wrong.push(format!("{}: {}", problem.field.join("."), problem.message.read_in(Language::En)));
                    None
                }
            }
        };
        let about = About {
            category: line(&self.category, 100),
            product: line(&self.product, 200),
            order_reference: line(&self.order_reference, 100),
            ..About::default()
        };
        let (id, name) = (line(&Some(self.id.clone()), 200), line(&self.name, 200));
        let (email, number) = (line(&self.email, 320), line(&self.phone, 100));
        if id.is_none() {
            wrong.push(format!("{}: the row has no id", self.id));
        }
        let text = clean(&joined(row, &self.text, "\n")).trim().to_owned();
        if text.is_empty() {
            wrong.push(format!("{}: the row has no words", self.text.join(", ")));
        }
        let received_at = self.received_at.read(row, now, &mut wrong);
        if received_at.is_none() && wrong.is_empty() {
            wrong.push(format!("{}: the row has no time", self.received_at.column));
        }
        let closed_at = self.closed_at.as_ref().and_then(|at| at.read(row, now, &mut wrong));
        if closed_at.zip(received_at).is_some_and(|(closed, received)| closed < received) {
            wrong.push("it was closed before it was received".to_owned());
        }
        let tags = self.tags.iter().filter_map(|column| row.get(column)).map(|tag| truncated(tag.trim(), 50));
        let tags: Vec<String> = tags.filter(|tag| !tag.is_empty()).collect();
        // An invalid e-mail address does not make the row invalid, because the raw row keeps the address.
        let email = email.and_then(|address| checked_email(Some(&address), "email").ok().flatten());
        let (Some(id), Some(received_at), true) = (id, received_at, wrong.is_empty()) else { return Err(wrong) };
        let sender =
            Sender { name, email, phone: number.as_deref().and_then(phone), language: self.language, chosen: None };
        let channel = self.channel(row);
        let subject =
            Some(truncated(&clean_line(&joined(row, &self.subject, " · ")), 200)).filter(|text| !text.is_empty());
        let once = self.once(&id, row);
        let details = self.details(channel, &id, &sender, received_at);
        let arrived = Arrived {
            subject,
            about: About { tags: words(&tags, "tags").unwrap_or_default(), ..about },
            details,
            // The service levels of an old complaint run from its import.
            promised_from: Some(now),
            imported: true,
            ..Arrived::new((seller, channel), once, received_at, text, sender, row.raw.clone())
        };
        Ok(Imported { arrived, closed_at })
    }

    /// The idempotency of a row: its source and id identify it for ever, so a row with the same id and other cells is
    /// refused.
    fn once(&self, id: &str, row: &TableRow<'_>) -> Once {
        let key = key_of_case(&self.source, id);
        Once {
            operation: OPERATION,
            key,
            fingerprint: row.fingerprint(),
            expires_at: None,
            changed: Changed::IsRefused,
        }
    }

    fn channel(&self, row: &TableRow<'_>) -> Channel {
        let word = self.channel.column.as_ref().and_then(|column| row.get(column)).map(str::trim).unwrap_or_default();
        let alike = || self.channel.words.iter().find(|(known, _)| known_as(known) == known_as(word));
        let found = self.channel.words.get_key_value(word).or_else(alike);
        found.map_or(self.channel.otherwise, |(_, channel)| *channel)
    }

    /// What the report holds besides the words, in the form that its channel uses.
    fn details(&self, channel: Channel, id: &str, sender: &Sender, received_at: DateTime<Utc>) -> Value {
        let imported = json!({ "source": self.source, "externalId": id });
        let details = match channel {
            Channel::Web | Channel::Partner => Ok(json!({ "firstTimeReported": null, "imported": imported })),
            Channel::Email => serde_json::to_value(MailFacts {
                from_address: sender.email.clone(),
                from_name: sender.name.clone(),
                ..MailFacts::default()
            }),
            Channel::Phone => serde_json::to_value(CallFacts {
                source: self.source.clone(),
                external_id: id.to_owned(),
                direction: CallDirection::Inbound,
                outcome: CallOutcome::Answered,
                caller_name: sender.name.clone(),
                caller_email: sender.email.clone(),
                summary: None,
                from_raw: None,
                from_e164: sender.phone.clone(),
                to_raw: None,
                started_at: received_at,
                ended_at: None,
                queue: None,
            }),
            Channel::Post | Channel::Fax | Channel::Referral => serde_json::to_value(LetterFacts {
                source: self.source.clone(),
                external_id: id.to_owned(),
                ..LetterFacts::default()
            }),
            Channel::Visit => serde_json::to_value(VisitFacts {
                source: self.source.clone(),
                external_id: id.to_owned(),
                place: None,
            }),
        };
        details.unwrap_or_default()
    }
}

/// The version of a case that has just been imported: after the events of its opening and its words.
const AS_OPENED: i64 = 2;

/// Closes an imported case that was closed in the source, unless something has happened to it here. Returns whether it
/// was closed.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn close(work: &mut Work, id: entity::id::CaseId) -> Outcome<bool> {
    let mut case = door::lock(work, id).await?.ok_or(Fault::Broken("an imported row has a case"))?;
    let untouched = case.stage == CaseStage::Received && case.owner_seq == 1 && case.version == AS_OPENED;
    if !untouched {
        return Ok(false);
    }
    replay::close(work, &mut case).await?;
    Ok(true)
}

#[cfg(test)]
mod tests;
