//! Enums with a fixed list of values. The database stores the same words that the API shows.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $value:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize,
            Deserialize,
        )]
        #[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum $name {
            $(
                $(#[$vdoc])*
                #[sea_orm(string_value = $value)]
                #[serde(rename = $value)]
                $variant,
            )*
        }

        impl $name {
            /// Every value, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word that the database and the API use for this value.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $value,)*
                }
            }
        }
    )*};
}

mod contact;
mod form;
mod letter;
mod mail;
mod message;
mod notice;
mod ownership;
mod party;
mod search;
mod shown;

pub use contact::*;
pub use form::*;
pub use letter::*;
pub use mail::*;
pub use message::*;
pub use notice::*;
pub use ownership::*;
pub use party::*;
pub use search::*;
pub use shown::*;

kinds! {
    /// How a complaint reached the company.
    Channel {
        /// A complaint form on a web page.
        Web = "WEB",
        /// An e-mail to the company.
        Email = "EMAIL",
        /// A telephone call with the customer.
        Phone = "PHONE",
        /// A partner received it first and forwarded it.
        Partner = "PARTNER",
        /// A letter on paper, sent by post or handed in.
        Post = "POST",
        /// A fax to the company.
        Fax = "FAX",
        /// Somebody else received it first and passed it on, such as an authority, a consumer board or another company.
        Referral = "REFERRAL",
        /// The customer came in person: to a shop, a counter or an office.
        Visit = "VISIT",
    }

    /// The way in which mail reaches a mailbox.
    MailTransport {
        /// Posted over HTTP by a mail service or a gateway.
        Http = "HTTP",
        /// Handed over by the company's mail server (RFC 2033).
        Lmtp = "LMTP",
        /// Fetched from an account at a mail service (RFC 3501).
        Imap = "IMAP",
    }

    /// The status of a stored mail.
    ArrivalStatus {
        /// It is stored and waits to be read.
        Waiting = "WAITING",
        /// It became a report of a case.
        TakenIn = "TAKEN_IN",
        /// It could not be taken in, and a member of staff must look at it.
        Quarantined = "QUARANTINED",
        /// It was a reply to a notice to a member of staff, or that notice coming back undelivered. It became no
        /// report.
        StaffReply = "STAFF_REPLY",
        /// It was a reply to a mail about a task to a person at a partner, or that mail coming back undelivered. It
        /// became no report.
        PartnerReply = "PARTNER_REPLY",
    }

    /// The kind of work that a job does.
    JobKind {
        /// A letter is sent through the company's mail server.
        Letter = "LETTER",
        /// A stored mail is read and taken in as a report.
        Mail = "MAIL",
        /// An event is delivered to a webhook endpoint.
        Webhook = "WEBHOOK",
        /// A push notification is sent to a device.
        Push = "PUSH",
    }

    /// How far a push has come.
    PushStatus {
        /// It waits to be sent.
        Waiting = "WAITING",
        /// The push service or the relay accepted it.
        Sent = "SENT",
        /// It could not be sent, and is not tried again.
        Failed = "FAILED",
        /// It was not sent, because its device is gone or nobody is to be told any more.
        Dropped = "DROPPED",
    }

    /// The reason for a mail about a task to a person at a partner.
    TaskMailKind {
        /// The task was requested from the partner.
        Requested = "REQUESTED",
        /// The task was assigned to the person.
        Assigned = "ASSIGNED",
        /// The owner reminded the partner of the task.
        Reminded = "REMINDED",
        /// The owner wrote or asked something about the task.
        Message = "MESSAGE",
        /// The owner refused a reported completion of the task.
        Rejected = "REJECTED",
        /// The owner shared more of the customer's data or more files.
        Shared = "SHARED",
        /// The partner is late with the task.
        Late = "LATE",
        /// The owner withdrew the task, or the case was closed.
        Withdrawn = "WITHDRAWN",
        /// The person asked for a new link to the page of the task.
        Link = "LINK",
    }

    /// A language that customers and staff read.
    Language {
        /// The Swedish language.
        Sv = "SV",
        /// The English language.
        En = "EN",
    }

    /// How soon a case should be looked at.
    Priority {
        /// To be looked at when there is time.
        Low = "LOW",
        /// To be looked at in turn.
        Normal = "NORMAL",
        /// To be looked at before cases of lower priority.
        High = "HIGH",
        /// To be looked at immediately.
        Urgent = "URGENT",
    }

    /// The stage of a case. Read-only: named mutations change it.
    CaseStage {
        /// It has arrived and has an owner.
        Received = "RECEIVED",
        /// The customer has heard from the owner.
        Acknowledged = "ACKNOWLEDGED",
        /// The owner is finding out what happened; a partner may have a task.
        Investigating = "INVESTIGATING",
        /// The company has given its answer. A new message from the customer opens the case again, unless it
        /// only thanks.
        Closed = "CLOSED",
        /// It was merged into another case, which goes on. This one stays readable and has that case's owner.
        Merged = "MERGED",
    }

    /// The status of a partner's task. Read-only: named mutations change it.
    TaskStatus {
        /// The partner was asked and has not answered yet.
        Requested = "REQUESTED",
        /// The partner has accepted it.
        Accepted = "ACCEPTED",
        /// The partner has accepted it and has sent at least one update.
        InProgress = "IN_PROGRESS",
        /// The partner has reported it done.
        Done = "DONE",
        /// The partner has declined it, with a reason for the owner.
        Declined = "DECLINED",
        /// The owner or a manager has withdrawn it, or its case was closed.
        Withdrawn = "WITHDRAWN",
    }

    /// What a partner is late with.
    TaskLateness {
        /// It has neither accepted nor declined the task by `acceptBy`.
        NotAccepted = "NOT_ACCEPTED",
        /// It has sent no update by `updateBy`.
        NotUpdated = "NOT_UPDATED",
        /// It has not reported the task done by `dueAt`.
        NotDone = "NOT_DONE",
        /// It has not answered a question of the owner by the time that the owner set (`answerBy`).
        NotAnswered = "NOT_ANSWERED",
    }

    /// A part of a customer's data that a partner may read for its task.
    CustomerField {
        /// The customer's name, if it is known.
        Name = "NAME",
        /// All e-mail addresses that the customer gave.
        Email = "EMAIL",
        /// All telephone numbers that the customer gave.
        Phone = "PHONE",
        /// The customer's words in the first report of the case.
        Words = "WORDS",
    }

    /// The cause of the complaint, according to a party. It is a claim, and does not decide what is found in the end.
    Cause {
        /// The party that makes the statement caused it.
        Ours = "OURS",
        /// A supplier other than the party caused it.
        AnotherSupplier = "ANOTHER_SUPPLIER",
        /// The seller caused it.
        Seller = "SELLER",
        /// The customer caused it.
        Customer = "CUSTOMER",
        /// Nobody caused it, as with weather or an accident.
        Nobody = "NOBODY",
        /// The party does not know the cause.
        Unknown = "UNKNOWN",
    }

    /// The status of a dispute between partners.
    DisputeStatus {
        /// The owner has not decided it yet.
        Open = "OPEN",
        /// The owner has found which partner is responsible, or that none of them is.
        Decided = "DECIDED",
        /// The owner found that there was no dispute, or its case was closed.
        Dropped = "DROPPED",
    }

    /// The status of a webhook delivery.
    DeliveryStatus {
        /// It waits for its first attempt or for the next one.
        Pending = "PENDING",
        /// The receiver answered with a status of 200 to 299.
        Delivered = "DELIVERED",
        /// Every attempt failed and it is not tried again. `replayWebhooks` sends it once more.
        Failed = "FAILED",
    }

    /// How severe the matter is, as the customer says.
    Severity {
        /// A nuisance; nothing depends on it.
        Minor = "MINOR",
        /// It costs the customer time or money.
        Moderate = "MODERATE",
        /// Something that the customer needs does not work.
        Severe = "SEVERE",
        /// Health, safety or livelihood is at stake.
        Critical = "CRITICAL",
    }

    /// The status of a hand-over. The owner stays the owner until it is accepted.
    HandoverStatus {
        /// It waits for an answer.
        Offered = "OFFERED",
        /// It was accepted, and the person who accepted it now owns the case.
        Accepted = "ACCEPTED",
        /// It was declined, with a reason.
        Declined = "DECLINED",
        /// The owner or a manager withdrew it.
        Withdrawn = "WITHDRAWN",
        /// Nobody answered in time, and an escalation told the lead of the person who offered it.
        Expired = "EXPIRED",
        /// Before it was answered, the case got another owner, was closed or merged, or the person who was asked left.
        Overtaken = "OVERTAKEN",
    }

    /// Why an escalation was raised.
    EscalationReason {
        /// The customer has not heard from the owner within the time for the first contact.
        NotAcknowledged = "NOT_ACKNOWLEDGED",
        /// The owner has not acted on the case for longer than the service level allows.
        OwnerSilent = "OWNER_SILENT",
        /// A hand-over was not answered in time.
        HandoverUnanswered = "HANDOVER_UNANSWERED",
        /// A partner is still late with a task after the owner was told.
        PartnerSilent = "PARTNER_SILENT",
        /// A dispute between partners was not decided in time.
        DisputeUndecided = "DISPUTE_UNDECIDED",
        /// The customer wrote and has had no reply within the time for replies.
        NotReplied = "NOT_REPLIED",
        /// The company has not given its answer within the time for the answer.
        NotAnswered = "NOT_ANSWERED",
        /// A legal clock is about to run out, or has run out.
        LegalClock = "LEGAL_CLOCK",
        /// A commitment to the customer was broken: its time ended before it was kept.
        CommitmentBroken = "COMMITMENT_BROKEN",
        /// The customer has not heard from the company again by the time that they were told.
        NotContacted = "NOT_CONTACTED",
        /// A partner asked something about its task and has had no answer in time.
        PartnerWaits = "PARTNER_WAITS",
    }

    /// What a timer or legal clock waits for.
    DueKind {
        /// The customer hears from the owner for the first time after the case was opened, or opened again.
        AcknowledgeBy = "ACKNOWLEDGE_BY",
        /// The owner acts on the case.
        OwnerActsBy = "OWNER_ACTS_BY",
        /// An offered hand-over is answered.
        HandoverEnds = "HANDOVER_ENDS",
        /// A partner accepts its task.
        TaskAcceptBy = "TASK_ACCEPT_BY",
        /// A partner sends an update of its task.
        TaskUpdateBy = "TASK_UPDATE_BY",
        /// A partner reports its task done.
        TaskDoneBy = "TASK_DONE_BY",
        /// A partner answers a question of the owner about its task.
        TaskAnswerBy = "TASK_ANSWER_BY",
        /// The owner answers a question of a partner about its task.
        TaskReplyBy = "TASK_REPLY_BY",
        /// A dispute between partners is decided.
        DisputeDecideBy = "DISPUTE_DECIDE_BY",
        /// A customer who wrote gets a reply.
        ReplyBy = "REPLY_BY",
        /// The company gives its answer.
        AnswerBy = "ANSWER_BY",
        /// What a legal clock requires is done. Its timer also triggers the warnings before that.
        LegalClock = "LEGAL_CLOCK",
        /// A commitment to the customer is kept.
        CommitmentBy = "COMMITMENT_BY",
        /// The customer hears from the company again after the last contact.
        ContactBy = "CONTACT_BY",
        /// The customer is told by letter that the plan or the owner of the case has changed.
        TellCustomer = "TELL_CUSTOMER",
        /// The service takes back the contact of a message whose letter could not be delivered.
        LetterFailed = "LETTER_FAILED",
        /// The customer is called: a commitment was broken, a letter did not arrive, or they called and nobody
        /// answered.
        CallBy = "CALL_BY",
    }

    /// Who must meet the deadline of a legal clock.
    DeadlineOf {
        /// The company must meet it, and can be late.
        Company = "COMPANY",
        /// The customer must meet it. The customer is told of it, and the company cannot be late.
        Customer = "CUSTOMER",
    }

    /// The state of a legal clock.
    LegalClockState {
        /// It is running, and its time has not come.
        Running = "RUNNING",
        /// What it asks for was done in time.
        Met = "MET",
        /// Its time came before what it asks for was done.
        Missed = "MISSED",
        /// Its time came without a breach: the customer had to keep it, or its end only closes a simpler procedure.
        Passed = "PASSED",
    }

    /// The kind of body or person that makes an enquiry about a case.
    EnquiryKind {
        /// A body for alternative dispute resolution, such as an ombudsman or a complaints board.
        Adr = "ADR",
        /// A person who exercises rights over their personal data.
        DataSubject = "DATA_SUBJECT",
        /// A regulator that passed the complaint on.
        Regulator = "REGULATOR",
    }

    /// A day of the week.
    Weekday {
        /// Mondays, in the calendar's time zone.
        Monday = "MONDAY",
        /// Tuesdays, in the calendar's time zone.
        Tuesday = "TUESDAY",
        /// Wednesdays, in the calendar's time zone.
        Wednesday = "WEDNESDAY",
        /// Thursdays, in the calendar's time zone.
        Thursday = "THURSDAY",
        /// Fridays, in the calendar's time zone.
        Friday = "FRIDAY",
        /// Saturdays, in the calendar's time zone.
        Saturday = "SATURDAY",
        /// Sundays, in the calendar's time zone.
        Sunday = "SUNDAY",
    }
}
