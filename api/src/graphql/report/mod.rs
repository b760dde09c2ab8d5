//! Reports: what the customer said, one for each contact. There is one type per channel, and the raw bytes are kept.

pub mod acts;
pub mod email;
pub mod file;
pub mod node;
pub mod quarantine;

use async_graphql::{Context, ID, Interface, Object, Result};
use chrono::{DateTime, Utc};
use entity::kind::{Channel, EmailKind, EmailWarning, SenderTrust};
use entity::report;
use serde::de::DeserializeOwned;

use super::case::Case;
use super::case::alike::CustomerCandidate;
use super::context::{ContextExt, read_error, to_id};
use super::customer::Customer;
use super::form::FormAnswer;
use super::partner::Partner;
use super::party::Party;
use super::report::email::{Mailbox, kept};
use super::report::file::{Attachment, RawReport};
use crate::access::table::{Action, may, to_case};
use crate::case::alike;
use crate::directory::form::FormAnswer as Answered;
use crate::intake::forward::ForwardFacts;
use crate::intake::paper::LetterFacts;
use crate::intake::phone::{CallDirection, CallFacts, CallOutcome};
use crate::intake::visit::VisitFacts;
use crate::mail::facts::MailFacts;

/// A report: what the customer said, one for each contact. There is one type for each way it can arrive.
#[derive(Interface)]
#[expect(clippy::duplicated_attributes, reason = "two fields of one type are no duplicate")]
#[graphql(
    field(name = "id", ty = "ID", desc = "The id, opaque."),
    field(name = "channel", ty = "Channel", desc = "The channel by which it arrived."),
    field(name = "received_at", ty = "DateTime<Utc>", desc = "The earliest time at which anybody received it, UTC."),
    field(name = "recorded_at", ty = "DateTime<Utc>", desc = "When it was stored in this service, UTC."),
    field(name = "received_by", ty = "Party", desc = "The party that handed it in."),
    field(name = "subject", ty = "Option<String>", desc = "The subject, in one line; null when it had none."),
    field(name = "words", ty = "String", desc = "The customer's own words, in full."),
    field(name = "understood", ty = "bool", desc = "False when it could not be understood: a person must read `raw`."),
    field(name = "raw", ty = "RawReport", desc = "The bytes that arrived, unchanged."),
    field(name = "attachments", ty = "Result<Vec<Attachment>>", desc = "The files that came with it.")
)]
pub enum Report {
    /// A report by a complaint form.
    Web(WebFormReport),
    /// A report by e-mail.
    Email(EmailReport),
    /// A report by telephone.
    Phone(PhoneReport),
    /// A report by post, by fax, or passed on by somebody else.
    Letter(LetterReport),
    /// A report made in person.
    Visit(VisitReport),
    /// A report forwarded by a partner.
    Partner(PartnerReport),
}

impl From<report::Model> for Report {
    fn from(row: report::Model) -> Self {
        match row.channel {
            Channel::Web => Self::Web(WebFormReport(row)),
            Channel::Email => {
                let facts = MailFacts::of(&row.details);
                Self::Email(EmailReport { row, facts })
            }
            Channel::Partner => Self::Partner(PartnerReport { facts: facts(&row), row }),
            Channel::Phone => Self::Phone(PhoneReport { facts: facts(&row), row }),
            Channel::Post | Channel::Fax | Channel::Referral => Self::Letter(LetterReport { facts: facts(&row), row }),
            Channel::Visit => Self::Visit(VisitReport { facts: facts(&row), row }),
        }
    }
}

/// The details that only its channel has. `None` for a report that was imported without them.
fn facts<T: DeserializeOwned>(row: &report::Model) -> Option<T> {
    serde_json::from_value(row.details.clone()).ok()
}

/// A report that arrived by a complaint form.
pub struct WebFormReport(report::Model);

/// A report that arrived by e-mail. The sender is a claim and not proven, because anybody can write a From: line.
pub struct EmailReport {
    row: report::Model,
    facts: MailFacts,
}

/// A report of a telephone call.
pub struct PhoneReport {
    row: report::Model,
    facts: Option<CallFacts>,
}

/// A report in a letter: by post, by fax, or passed on by somebody who received it first. `channel` says which.
pub struct LetterReport {
    row: report::Model,
    facts: Option<LetterFacts>,
}

/// A report that the customer made in person: in a shop, at a counter or in an office. `receivedAt` is when they came.
pub struct VisitReport {
    row: report::Model,
    facts: Option<VisitFacts>,
}

/// A report that a partner received first and forwarded. The seller's times count from when the partner received it.
pub struct PartnerReport {
    row: report::Model,
    facts: Option<ForwardFacts>,
}

macro_rules! report_type {
    ($(#[$doc:meta])* $name:ident, |$self:ident| $row:expr, { $($own:tt)* }) => {
        $(#[$doc])*
        #[Object]
        impl $name {
            /// The id, opaque.
            pub(crate) async fn id(&self) -> ID {
                let $self = self;
                to_id($row.id)
            }

            /// The channel by which it arrived.
            async fn channel(&self) -> Channel {
                let $self = self;
                $row.channel
            }

            /// The earliest time at which anybody received it, UTC.
            async fn received_at(&self) -> DateTime<Utc> {
                let $self = self;
                $row.received_at
            }

            /// When it was stored in this service, UTC.
            async fn recorded_at(&self) -> DateTime<Utc> {
                let $self = self;
                $row.recorded_at
            }

            /// The party that handed it in.
            async fn received_by(&self) -> Party {
                let $self = self;
                Party::new($row.received_by_kind, $row.received_by_id)
            }

            /// The subject, in one line; null when it had none.
            async fn subject(&self) -> Option<String> {
                let $self = self;
                $row.subject.clone()
            }

            /// The customer's own words, in full.
            async fn words(&self) -> String {
                let $self = self;
                $row.words.clone()
            }

            /// False when it could not be understood: a person must read `raw`.
            async fn understood(&self) -> bool {
                let $self = self;
                $row.understood
            }

            /// The bytes that arrived, unchanged.
            async fn raw(&self) -> RawReport {
                let $self = self;
                RawReport($row.clone())
            }

            /// The files that came with it.
            async fn attachments(&self, ctx: &Context<'_>) -> Result<Vec<Attachment>> {
                let $self = self;
                let rows = ctx.loaders().attachments.one($row.id).await.map_err(read_error)?;
                Ok(rows.unwrap_or_default().into_iter().map(Attachment).collect())
            }

            $($own)*
        }
    };
}

report_type! {
    /// A report that arrived by a complaint form.
    WebFormReport, |report| report.0, {
        /// Whether the customer reported the matter for the first time; null when the form did not ask.
        async fn first_time_reported(&self) -> Option<bool> {
            self.0.details.get("firstTimeReported").and_then(serde_json::Value::as_bool)
        }

        /// The answers to the form's questions, in the order of the questions.
        async fn answers(&self) -> Vec<FormAnswer> {
            let answers = self.0.details.get("answers").cloned().unwrap_or_default();
            let answers: Vec<Answered> = serde_json::from_value(answers).unwrap_or_default();
            answers.into_iter().map(FormAnswer).collect()
        }
    }
}

report_type! {
    /// A report that arrived by e-mail. The sender is a claim and not proven, because anybody can write a From: line.
    EmailReport, |report| report.row, {
        /// The Message-ID (RFC 5322, 3.6.4) without its brackets; null when the mail had none.
        async fn message_id(&self) -> Option<&str> {
            self.row.message_id.as_deref()
        }

        /// The sender's address as written in From, in lower case; null when From has none.
        async fn from_address(&self) -> Option<&str> {
            self.facts.from_address.as_deref()
        }

        /// The sender's name as written in From; null when From has none.
        async fn from_name(&self) -> Option<&str> {
            self.facts.from_name.as_deref()
        }

        /// Who wrote the mail, when a trusted sender of the mailbox (`trustedSenders`), such as a group's address or
        /// the shop's own form, passed it on. The writer is then the customer. Null when the sender wrote it.
        async fn writer(&self) -> Option<Mailbox> {
            let address = self.facts.writer_address.clone()?;
            Some(Mailbox { name: self.facts.writer_name.clone(), address: Some(address) })
        }

        /// The `Reply-To` address, where the sender wants answers; null when it is the sender's own address. It proves
        /// nothing, so letters do not go there unless the sender is trusted (`writer`).
        async fn reply_to(&self) -> Option<Mailbox> {
            let address = self.facts.reply_to_address.clone()?;
            Some(Mailbox { name: self.facts.reply_to_name.clone(), address: Some(address) })
        }

        /// The addresses that the mail was sent to; at most 40.
        async fn to(&self) -> &[String] {
            &self.facts.to
        }

        /// When the mail was written, according to the sender, UTC; null when the mail does not say.
        async fn written_at(&self) -> Option<DateTime<Utc>> {
            self.facts.written_at
        }

        /// The kind of mail. A mail that a program sent does not open a closed case again and is not answered.
        async fn kind(&self) -> EmailKind {
            self.facts.kind.unwrap_or(EmailKind::Human)
        }

        /// What the kind was concluded from, in English; mostly empty for a person's mail and for a forwarded one.
        async fn kind_evidence(&self) -> &[String] {
            &self.facts.evidence
        }

        /// Who wrote the forwarded mail, according to the forwarder's mail program; null when nothing was forwarded, or
        /// the program names nobody. The forwarder is the customer until they say otherwise: ask them, and use
        /// `changeCustomer` if it is somebody else.
        async fn forwarded_from(&self) -> Option<Mailbox> {
            let known = self.facts.forwarded_name.is_some() || self.facts.forwarded_address.is_some();
            known.then(|| Mailbox { name: self.facts.forwarded_name.clone(), address: self.facts.forwarded_address.clone() })
        }

        /// What the forwarder wrote above the forwarded mail. The case's message shows the forwarded words instead.
        /// Null when the forwarder wrote nothing, or when nothing was forwarded.
        async fn cover_note(&self) -> Option<&str> {
            self.facts.cover_note.as_deref()
        }

        /// Whether the sender is proven: by what the company's own mail server found, or else by a signature of the
        /// mail.
        async fn sender_trust(&self) -> SenderTrust {
            self.facts.trust
        }

        /// The address of the mailbox that the mail came to; null when somebody handed it in with `receiveEmail`.
        async fn mailbox(&self) -> Option<&str> {
            self.facts.mailbox.as_deref()
        }

        /// True when the sender is not known to be the case's customer. The mail is on the case because it came to an
        /// address that only the company's letters name, or because somebody put it there, or because the case was
        /// given to another customer. Only staff see it and it changed nothing on the case. Ask who the sender is, then
        /// use `confirmSender`.
        async fn unverified(&self) -> bool {
            self.facts.unverified
        }

        /// Another case that it may belong to: it refers to that case but its sender is not that case's customer, or a
        /// mail on that case has the same Message-ID, or its sender has that case open and wrote a new mail. Null when
        /// there is no such case, or you may not read it. `moveReport` puts it there; `unmergeCase` or `moveReport`
        /// takes that back.
        async fn may_belong_to(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
            let Some(id) = self.facts.perhaps else { return Ok(None) };
            let case = ctx.loaders().cases.one(id).await.map_err(read_error)?;
            Ok(case.filter(|case| may(to_case(ctx.actor(), case), Action::ReadCase)).map(Case))
        }

        /// Warnings that its reader should know, such as that text was left out.
        async fn warnings(&self) -> &[EmailWarning] {
            &self.facts.warnings
        }

        /// The mail's HTML, cleaned so that it is safe to show: it runs nothing, loads nothing and hides nothing. Null
        /// when the mail has no HTML, or too much to be cleaned. It is computed from `raw` each time it is requested.
        #[graphql(complexity = 20)]
        async fn html(&self, ctx: &Context<'_>) -> Result<Option<String>> {
            Ok(kept(ctx, self.row.raw_sha256.clone()).await?.and_then(|mail| mail.html))
        }

        /// Why it could not be understood, in English; null when it could.
        async fn not_understood_because(&self) -> Option<&str> {
            self.facts.not_understood_because.as_deref()
        }
    }
}

report_type! {
    /// A report of a telephone call.
    PhoneReport, |report| report.row, {
        /// The telephone exchange or system that numbers the call; null when it is not known.
        async fn source(&self) -> Option<&str> {
            self.facts.as_ref().map(|facts| facts.source.as_str())
        }

        /// The id of the call in `source`; null when it is not known.
        async fn external_id(&self) -> Option<&str> {
            self.facts.as_ref().map(|facts| facts.external_id.as_str())
        }

        /// Whether the customer or the company called; null when it is not known.
        async fn direction(&self) -> Option<CallDirection> {
            self.facts.as_ref().map(|facts| facts.direction)
        }

        /// Whether somebody answered the call; null when it is not known.
        async fn outcome(&self) -> Option<CallOutcome> {
            self.facts.as_ref().map(|facts| facts.outcome)
        }

        /// The calling number as the exchange showed it; for an inbound call it is the customer's. Null when it is not
        /// known.
        async fn from_raw(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.from_raw.as_deref())
        }

        /// `fromRaw` in E.164; null when it is not a number that can be called.
        async fn from_e164(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.from_e164.as_deref())
        }

        /// The name that the caller gave; for an outbound call, the name of the person who was called. Null when none
        /// was noted.
        async fn caller_name(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.caller_name.as_deref())
        }

        /// The e-mail address that the caller gave, in lower case; null when they gave none.
        async fn caller_email(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.caller_email.as_deref())
        }

        /// How an outbound call went, as a note for colleagues; null for an inbound call.
        async fn summary(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.summary.as_deref())
        }

        /// The id of the report of the same call that was logged first, when this report adds to it, for example a
        /// later transcript. Null when this report is the first.
        async fn adds_to(&self) -> Option<ID> {
            self.row.details.get("adds").and_then(serde_json::Value::as_str).map(ID::from)
        }

        /// Customers who may be the caller of an inbound call because they gave the same number: at most 20, those with
        /// the same name first. A number proves nothing, so the call was noted for the customer of the case, for the
        /// customer who was chosen when it was logged or is known by `callerEmail`, or for a new one. If the caller is
        /// one of these, give the case to them with `changeCustomer`.
        #[graphql(complexity = 50)]
        async fn candidates(&self, ctx: &Context<'_>) -> Result<Vec<CustomerCandidate>> {
            let facts = self.facts.as_ref().filter(|facts| facts.direction == CallDirection::Inbound);
            let Some((number, facts)) = facts.and_then(|facts| Some((facts.from_e164.as_deref()?, facts))) else {
                return Ok(Vec::new());
            };
            let whose = (self.row.seller_id, self.row.customer_id);
            let found = alike::callers(ctx.db(), whose, number, facts.caller_name.as_deref()).await.map_err(read_error)?;
            let candidate = |(customer, reasons)| CustomerCandidate { customer: Customer(customer), reasons };
            Ok(found.into_iter().map(candidate).collect())
        }

        /// When the call began, UTC; null when it is not known.
        async fn started_at(&self) -> Option<DateTime<Utc>> {
            self.facts.as_ref().map(|facts| facts.started_at)
        }

        /// When the call ended, UTC; null when it is not known.
        async fn ended_at(&self) -> Option<DateTime<Utc>> {
            self.facts.as_ref().and_then(|facts| facts.ended_at)
        }

        /// The telephone queue that took the call; null when it is not known.
        async fn queue(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.queue.as_deref())
        }
    }
}

report_type! {
    /// A report that a partner received first and forwarded. The seller's times count from when the partner received
    /// it.
    PartnerReport, |report| report.row, {
        /// The partner that forwarded it; null when it is not known.
        async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
            let Some(facts) = &self.facts else { return Ok(None) };
            Ok(ctx.loaders().partners.one(facts.partner).await.map_err(read_error)?.map(Partner))
        }

        /// The partner's own number of the complaint; null when it is not known.
        async fn external_id(&self) -> Option<&str> {
            self.facts.as_ref().map(|facts| facts.external_id.as_str())
        }
    }
}

report_type! {
    /// A report in a letter: by post, by fax, or passed on by somebody who received it first. `channel` says which.
    LetterReport, |report| report.row, {
        /// The id of the report of the same letter that was logged first, when this report adds to it. Null when this
        /// report is the first.
        async fn adds_to(&self) -> Option<ID> {
            self.row.details.get("adds").and_then(serde_json::Value::as_str).map(ID::from)
        }

        /// The register or system that numbers the letter; null when it is not known.
        async fn source(&self) -> Option<&str> {
            self.facts.as_ref().map(|facts| facts.source.as_str())
        }

        /// The number of the letter in `source`; null when it is not known.
        async fn external_id(&self) -> Option<&str> {
            self.facts.as_ref().map(|facts| facts.external_id.as_str())
        }

        /// The customer's postal address as they wrote it; null when it was not noted.
        async fn postal_address(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.postal_address.as_deref())
        }

        /// Who passed the letter on; null when it came from the customer, or when it was not noted.
        async fn referred_by(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.referred_by.as_deref())
        }
    }
}

report_type! {
    /// A report that the customer made in person: in a shop, at a counter or in an office. `receivedAt` is when they
    /// came.
    VisitReport, |report| report.row, {
        /// The id of the report of the same visit that was logged first, when this report adds to it. Null when this
        /// report is the first.
        async fn adds_to(&self) -> Option<ID> {
            self.row.details.get("adds").and_then(serde_json::Value::as_str).map(ID::from)
        }

        /// The register or system that numbers the visit; null when it is not known.
        async fn source(&self) -> Option<&str> {
            self.facts.as_ref().map(|facts| facts.source.as_str())
        }

        /// The number of the visit in `source`; null when it is not known.
        async fn external_id(&self) -> Option<&str> {
            self.facts.as_ref().map(|facts| facts.external_id.as_str())
        }

        /// The place that the customer came to; null when it was not noted.
        async fn place(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.place.as_deref())
        }
    }
}
