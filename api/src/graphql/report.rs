//! Reports: each thing that arrived, one type per channel, raw kept.

use async_graphql::{Context, ID, Interface, Object, Result};
use chrono::{DateTime, Utc};
use entity::kind::Channel;
use entity::report;
use serde::de::DeserializeOwned;

use super::alike::CustomerCandidate;
use super::case::Case;
use super::context::{ContextExt, read_error, to_id};
use super::customer::Customer;
use super::email::{Mailbox, kept};
use super::file::{Attachment, RawReport};
use super::partner::Partner;
use super::party::Party;
use crate::access::table::{Action, may, to_case};
use crate::case::alike;
use crate::intake::forward::ForwardFacts;
use crate::intake::paper::LetterFacts;
use crate::intake::phone::{CallDirection, CallFacts, CallOutcome};
use crate::intake::visit::VisitFacts;
use crate::mail::Warning;
use crate::mail::facts::MailFacts;
use crate::mail::kind::Kind;
use crate::mail::trust::Trust;

/// One thing that arrived for a case.
#[derive(Interface)]
#[expect(clippy::duplicated_attributes, reason = "two fields of one type are no duplicate")]
#[graphql(
    field(name = "id", ty = "ID", desc = "The id, opaque."),
    field(name = "channel", ty = "Channel", desc = "How it came."),
    field(name = "received_at", ty = "DateTime<Utc>", desc = "The earliest time anybody received it, UTC."),
    field(name = "recorded_at", ty = "DateTime<Utc>", desc = "When it was stored here, UTC."),
    field(name = "received_by", ty = "Party", desc = "Who handed it in."),
    field(name = "subject", ty = "Option<String>", desc = "In one line; null when it had none."),
    field(name = "words", ty = "String", desc = "The customer's own words, whole."),
    field(name = "understood", ty = "bool", desc = "False when only a person can tell what it says; read `raw`."),
    field(name = "raw", ty = "RawReport", desc = "What arrived, byte for byte."),
    field(name = "attachments", ty = "Result<Vec<Attachment>>", desc = "Files that came with it.")
)]
pub enum Report {
    /// By a form.
    Web(WebFormReport),
    /// By e-mail.
    Email(EmailReport),
    /// By telephone.
    Phone(PhoneReport),
    /// By post, by fax, or passed on by somebody else.
    Letter(LetterReport),
    /// The customer came.
    Visit(VisitReport),
    /// Through a partner.
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

/// What its channel knows beside the words; none for what was imported without it.
fn facts<T: DeserializeOwned>(row: &report::Model) -> Option<T> {
    serde_json::from_value(row.details.clone()).ok()
}

/// A complaint that came by a form.
pub struct WebFormReport(report::Model);

/// A complaint that came by e-mail. The sender is claimed, not proven: a From: line is no identity.
pub struct EmailReport {
    row: report::Model,
    facts: MailFacts,
}

/// A complaint that came by telephone.
pub struct PhoneReport {
    row: report::Model,
    facts: Option<CallFacts>,
}

/// A complaint that came in a letter.
pub struct LetterReport {
    row: report::Model,
    facts: Option<LetterFacts>,
}

/// A complaint that the customer came with.
pub struct VisitReport {
    row: report::Model,
    facts: Option<VisitFacts>,
}

/// A complaint that reached a partner first, which forwarded it.
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

            /// How it came.
            async fn channel(&self) -> Channel {
                let $self = self;
                $row.channel
            }

            /// The earliest time anybody received it, UTC.
            async fn received_at(&self) -> DateTime<Utc> {
                let $self = self;
                $row.received_at
            }

            /// When it was stored here, UTC.
            async fn recorded_at(&self) -> DateTime<Utc> {
                let $self = self;
                $row.recorded_at
            }

            /// Who handed it in.
            async fn received_by(&self) -> Party {
                let $self = self;
                Party::new($row.received_by_kind, $row.received_by_id)
            }

            /// In one line; null when it had none.
            async fn subject(&self) -> Option<String> {
                let $self = self;
                $row.subject.clone()
            }

            /// The customer's own words, whole.
            async fn words(&self) -> String {
                let $self = self;
                $row.words.clone()
            }

            /// False when only a person can tell what it says; read `raw`.
            async fn understood(&self) -> bool {
                let $self = self;
                $row.understood
            }

            /// What arrived, byte for byte.
            async fn raw(&self) -> RawReport {
                let $self = self;
                RawReport($row.clone())
            }

            /// Files that came with it.
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
    /// A complaint that came by a form.
    WebFormReport, |report| report.0, {
        /// Whether this was the first time the customer told the company; null when the form did not ask.
        async fn first_time_reported(&self) -> Option<bool> {
            self.0.details.get("firstTimeReported").and_then(serde_json::Value::as_bool)
        }
    }
}

report_type! {
    /// A complaint that came by e-mail. The sender is claimed, not proven: a From: line is no identity.
    EmailReport, |report| report.row, {
        /// The Message-ID (RFC 5322, 3.6.4) without its brackets; null when the mail had none.
        async fn message_id(&self) -> Option<&str> {
            self.row.message_id.as_deref()
        }

        /// The sender's address as written in From, lower case.
        async fn from_address(&self) -> Option<&str> {
            self.facts.from_address.as_deref()
        }

        /// The sender's name as written in From.
        async fn from_name(&self) -> Option<&str> {
            self.facts.from_name.as_deref()
        }

        /// Who wrote it, where somebody whom the mailbox believes (`Mailbox.trustedSenders`) passed it on for them: a group's
        /// address, the shop's own form. They are the customer then. Null when the sender wrote it.
        async fn writer(&self) -> Option<Mailbox> {
            let address = self.facts.writer_address.clone()?;
            Some(Mailbox { name: self.facts.writer_name.clone(), address: Some(address) })
        }

        /// Where its sender wants answers (`Reply-To`), if elsewhere; null when nowhere else. It is no identity: letters do not go
        /// there, unless the mailbox believes the sender about it (`writer`).
        async fn reply_to(&self) -> Option<Mailbox> {
            let address = self.facts.reply_to_address.clone()?;
            Some(Mailbox { name: self.facts.reply_to_name.clone(), address: Some(address) })
        }

        /// Whom it was to; at most 40 addresses.
        async fn to(&self) -> &[String] {
            &self.facts.to
        }

        /// When the sender says it was written, UTC.
        async fn written_at(&self) -> Option<DateTime<Utc>> {
            self.facts.written_at
        }

        /// What it is. What a program sent opens nothing again and is not answered.
        async fn kind(&self) -> Kind {
            self.facts.kind.unwrap_or(Kind::Human)
        }

        /// Why it is said to be that; mostly empty for a person's mail, and for one that passes something on.
        async fn kind_evidence(&self) -> &[String] {
            &self.facts.evidence
        }

        /// Who wrote the mail that this one passes on, as the forwarder's program says; null when it passes none on, or
        /// names nobody. Only the forwarder has told us anything: ask them who the customer is, and `changeCustomer` if it is
        /// not them.
        async fn forwarded_from(&self) -> Option<Mailbox> {
            let known = self.facts.forwarded_name.is_some() || self.facts.forwarded_address.is_some();
            known.then(|| Mailbox { name: self.facts.forwarded_name.clone(), address: self.facts.forwarded_address.clone() })
        }

        /// What whoever passed that mail on wrote above it: the case's message shows the words that were passed on. Null when they
        /// wrote nothing, or passed nothing on.
        async fn cover_note(&self) -> Option<&str> {
            self.facts.cover_note.as_deref()
        }

        /// What our own mail server found about the sender, or else a signature shows.
        async fn sender_trust(&self) -> Trust {
            self.facts.trust
        }

        /// The mailbox it came to; null when somebody handed it in.
        async fn mailbox(&self) -> Option<&str> {
            self.facts.mailbox.as_deref()
        }

        /// True when whoever sent it is not known on the case, though they answered to an address that only our letters name,
        /// or somebody put it there, or the case turned out to be another customer's. It is shown and changed nothing; ask who
        /// they are, and `confirmSender`.
        async fn unverified(&self) -> bool {
            self.facts.unverified
        }

        /// A case that it may belong to: its sender is not that case's customer but it points there, or another mail there has its
        /// Message-ID, or its sender wrote anew while that case of theirs is open. Null when nothing points at one.
        /// `moveReport` puts it there, `unmergeCase` or `moveReport` takes it back.
        async fn may_belong_to(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
            let Some(id) = self.facts.perhaps else { return Ok(None) };
            let case = ctx.loaders().cases.one(id).await.map_err(read_error)?;
            Ok(case.filter(|case| may(to_case(ctx.actor(), case), Action::ReadCase)).map(Case))
        }

        /// What its reader should know.
        async fn warnings(&self) -> &[Warning] {
            &self.facts.warnings
        }

        /// Its HTML, safe to show: nothing in it runs, loads or hides. Null when it has none, or too much to be cleaned. It
        /// is made of `raw` when it is asked for.
        #[graphql(complexity = 20)]
        async fn html(&self, ctx: &Context<'_>) -> Result<Option<String>> {
            Ok(kept(ctx, self.row.raw_sha256.clone()).await?.and_then(|mail| mail.html))
        }

        /// Why it could not be understood; null when it could.
        async fn not_understood_because(&self) -> Option<&str> {
            self.facts.not_understood_because.as_deref()
        }
    }
}

report_type! {
    /// A complaint that came by telephone.
    PhoneReport, |report| report.row, {
        /// The exchange or system that knows the call.
        async fn source(&self) -> Option<&str> {
            self.facts.as_ref().map(|facts| facts.source.as_str())
        }

        /// The call's id there.
        async fn external_id(&self) -> Option<&str> {
            self.facts.as_ref().map(|facts| facts.external_id.as_str())
        }

        /// Who called whom.
        async fn direction(&self) -> Option<CallDirection> {
            self.facts.as_ref().map(|facts| facts.direction)
        }

        /// How far it came.
        async fn outcome(&self) -> Option<CallOutcome> {
            self.facts.as_ref().map(|facts| facts.outcome)
        }

        /// The number that called as the exchange showed it: the customer's of a call that came in.
        async fn from_raw(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.from_raw.as_deref())
        }

        /// That number in E.164; null when it is not a number that can be called.
        async fn from_e164(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.from_e164.as_deref())
        }

        /// What the caller called themselves; null when nobody asked. Of a call that the company made: whom it spoke with.
        async fn caller_name(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.caller_name.as_deref())
        }

        /// The e-mail address that the caller named, lower case; null when they named none.
        async fn caller_email(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.caller_email.as_deref())
        }

        /// Of a call that the company made: how it went, for colleagues. Null of a call that came in.
        async fn summary(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.summary.as_deref())
        }

        /// The report of the same call that was logged first, where this one adds to it: a transcript that came later, say.
        /// Null of what was logged first.
        async fn adds_to(&self) -> Option<ID> {
            self.row.details.get("adds").and_then(serde_json::Value::as_str).map(ID::from)
        }

        /// Customers whom the caller may be, because they gave the same number: at most 20, those of the same name first. A
        /// number is no identity, so the call was noted for the customer of the case, for the one who was chosen when it was
        /// logged, or for a new one. If it was one of these, `changeCustomer` with their id.
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

        /// When the call began, UTC.
        async fn started_at(&self) -> Option<DateTime<Utc>> {
            self.facts.as_ref().map(|facts| facts.started_at)
        }

        /// When the call ended, UTC.
        async fn ended_at(&self) -> Option<DateTime<Utc>> {
            self.facts.as_ref().and_then(|facts| facts.ended_at)
        }

        /// Which queue took it.
        async fn queue(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.queue.as_deref())
        }
    }
}

report_type! {
    /// A complaint that reached a partner first, which forwarded it. The seller's clocks run from when the partner got it.
    PartnerReport, |report| report.row, {
        /// Which partner; null when it is known no more.
        async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
            let Some(facts) = &self.facts else { return Ok(None) };
            Ok(ctx.loaders().partners.one(facts.partner).await.map_err(read_error)?.map(Partner))
        }

        /// The partner's own number of it.
        async fn external_id(&self) -> Option<&str> {
            self.facts.as_ref().map(|facts| facts.external_id.as_str())
        }
    }
}

report_type! {
    /// A complaint that came in a letter: by post, by fax, or passed on by somebody who had it first; `channel` says which.
    LetterReport, |report| report.row, {
        /// The report of the same letter that was logged first, where this one adds to it. Null of what was logged first.
        async fn adds_to(&self) -> Option<ID> {
            self.row.details.get("adds").and_then(serde_json::Value::as_str).map(ID::from)
        }

        /// The register or system that numbers it; null when it is known no more.
        async fn source(&self) -> Option<&str> {
            self.facts.as_ref().map(|facts| facts.source.as_str())
        }

        /// Its number there; null when it is known no more.
        async fn external_id(&self) -> Option<&str> {
            self.facts.as_ref().map(|facts| facts.external_id.as_str())
        }

        /// Where the customer lives, as they wrote it; null when it was not written down.
        async fn postal_address(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.postal_address.as_deref())
        }

        /// Who passed it on; null when it came from the customer, or nobody wrote it down.
        async fn referred_by(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.referred_by.as_deref())
        }
    }
}

report_type! {
    /// A complaint that the customer came with: to a shop, a counter, an office. `receivedAt` is when they came.
    VisitReport, |report| report.row, {
        /// The report of the same visit that was logged first, where this one adds to it. Null of what was logged first.
        async fn adds_to(&self) -> Option<ID> {
            self.row.details.get("adds").and_then(serde_json::Value::as_str).map(ID::from)
        }

        /// The register or system that numbers visits; null when it is known no more.
        async fn source(&self) -> Option<&str> {
            self.facts.as_ref().map(|facts| facts.source.as_str())
        }

        /// The visit's number there; null when it is known no more.
        async fn external_id(&self) -> Option<&str> {
            self.facts.as_ref().map(|facts| facts.external_id.as_str())
        }

        /// Where the customer came to; null when it was not written down.
        async fn place(&self) -> Option<&str> {
            self.facts.as_ref().and_then(|facts| facts.place.as_deref())
        }
    }
}
