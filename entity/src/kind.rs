//! Closed lists of values, each written once: the database stores the same words that the API shows.

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

            /// The word the database and the API use.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $value,)*
                }
            }
        }
    )*};
}

kinds! {
    /// How a complaint reached the company.
    Channel {
        /// A form on a page.
        Web = "WEB",
        /// An e-mail.
        Email = "EMAIL",
        /// A telephone call.
        Phone = "PHONE",
        /// A partner heard of it first and forwarded it.
        Partner = "PARTNER",
        /// A letter on paper, by post or handed in.
        Post = "POST",
        /// A fax.
        Fax = "FAX",
        /// Somebody else had it first and passed it on: an authority, a consumer board, another company.
        Referral = "REFERRAL",
        /// The customer came: to a shop, a counter, an office.
        Visit = "VISIT",
    }

    /// The way mail comes in by.
    MailTransport {
        /// Posted over HTTP by a mail service or a gateway.
        Http = "HTTP",
        /// Handed over by the company's mail server (RFC 2033).
        Lmtp = "LMTP",
        /// Fetched from an account at a mail service (RFC 3501).
        Imap = "IMAP",
    }

    /// What became of a mail that came.
    ArrivalStatus {
        /// It is kept and will be read.
        Waiting = "WAITING",
        /// It is a report of a case.
        TakenIn = "TAKEN_IN",
        /// It could not be taken in; somebody must look.
        Quarantined = "QUARANTINED",
    }

    /// What a letter is for.
    LetterKind {
        /// Says that a complaint was received, who answers for it and when the customer hears more.
        Acknowledgement = "ACKNOWLEDGEMENT",
        /// Says that more was added to a case.
        Addition = "ADDITION",
        /// Carries what the owner wrote to the customer.
        Message = "MESSAGE",
        /// Tells the company's own people that something needs them.
        Notice = "NOTICE",
    }

    /// How far a letter came.
    LetterStatus {
        /// It is sent as soon as it can be.
        Waiting = "WAITING",
        /// The mail server took it.
        Sent = "SENT",
        /// It could not be sent, for good.
        Failed = "FAILED",
        /// It came back.
        Bounced = "BOUNCED",
        /// It was not sent, so that no loop of automatic answers begins.
        Held = "HELD",
    }

    /// A language that customers and staff read.
    Language {
        /// Swedish.
        Sv = "SV",
        /// English.
        En = "EN",
    }

    /// What a member of staff may do beyond reading the seller's cases. Each role includes the one before it.
    Role {
        /// Answers for cases.
        Owner = "OWNER",
        /// Also moves cases between people of the same seller.
        Manager = "MANAGER",
        /// Also creates and changes sellers, staff, teams, partners, widgets and rule sets, of every seller.
        Administrator = "ADMINISTRATOR",
    }

    /// How soon a case should be looked at.
    Priority {
        /// When there is time.
        Low = "LOW",
        /// In turn.
        Normal = "NORMAL",
        /// Before the others.
        High = "HIGH",
        /// Now.
        Urgent = "URGENT",
    }

    /// What the company does with a case. Read-only: named mutations move it.
    CaseStage {
        /// It has arrived and has its owner.
        Received = "RECEIVED",
        /// The customer has heard from the owner.
        Acknowledged = "ACKNOWLEDGED",
        /// The owner is finding out what happened; a partner may have a task.
        Investigating = "INVESTIGATING",
        /// The company has given its answer. A new message from the customer opens the case again.
        Closed = "CLOSED",
        /// It was found to be the same as another case, which goes on; this one stays readable under its owner.
        Merged = "MERGED",
    }

    /// Where a partner's task stands. Read-only: named mutations move it.
    TaskStatus {
        /// Asked of the partner, not yet answered.
        Requested = "REQUESTED",
        /// The partner has taken it on.
        Accepted = "ACCEPTED",
        /// The partner has begun.
        InProgress = "IN_PROGRESS",
        /// The partner reports it done.
        Done = "DONE",
        /// The partner has refused it, with a reason for the owner.
        Declined = "DECLINED",
        /// The owner has taken it back.
        Withdrawn = "WITHDRAWN",
    }

    /// What a partner is late with.
    TaskLateness {
        /// It has not answered whether it takes the task on.
        NotAccepted = "NOT_ACCEPTED",
        /// It has not told how it goes.
        NotUpdated = "NOT_UPDATED",
        /// It has not reported it done.
        NotDone = "NOT_DONE",
    }

    /// What of a customer a partner may read for its task.
    CustomerField {
        /// The name.
        Name = "NAME",
        /// The e-mail addresses.
        Email = "EMAIL",
        /// The telephone numbers.
        Phone = "PHONE",
        /// The customer's words of the complaint, as they came in.
        Words = "WORDS",
    }

    /// What a party says was the cause. A claim, whatever was found in the end.
    Cause {
        /// The one who says it.
        Ours = "OURS",
        /// Another supplier.
        AnotherSupplier = "ANOTHER_SUPPLIER",
        /// The company that sold.
        Seller = "SELLER",
        /// The customer.
        Customer = "CUSTOMER",
        /// Nobody: weather, accident.
        Nobody = "NOBODY",
        /// They do not know.
        Unknown = "UNKNOWN",
    }

    /// Where a dispute between partners stands.
    DisputeStatus {
        /// The owner is finding out.
        Open = "OPEN",
        /// The owner has found who is responsible, or that nobody of them is.
        Decided = "DECIDED",
        /// It turned out to be none.
        Dropped = "DROPPED",
    }

    /// What an API client may do.
    ApiScope {
        /// Read its partner's tasks and follow them.
        TasksRead = "TASKS_READ",
        /// Answer its partner's tasks.
        TasksWrite = "TASKS_WRITE",
        /// Forward complaints that reached its partner first.
        ComplaintsWrite = "COMPLAINTS_WRITE",
        /// Hand in e-mails for its seller.
        EmailWrite = "EMAIL_WRITE",
        /// Log telephone calls for its seller.
        CallsWrite = "CALLS_WRITE",
        /// Log letters for its seller: on paper, by fax, passed on by others.
        LettersWrite = "LETTERS_WRITE",
        /// Log visits for its seller.
        VisitsWrite = "VISITS_WRITE",
    }

    /// Where a webhook's delivery stands.
    DeliveryStatus {
        /// To be sent, or to be sent again.
        Pending = "PENDING",
        /// The receiver said that it has it.
        Delivered = "DELIVERED",
        /// Given up after the last try. It can be replayed.
        Failed = "FAILED",
    }

    /// How bad it is, in the customer's words.
    Severity {
        /// Annoying.
        Minor = "MINOR",
        /// It costs time or money.
        Moderate = "MODERATE",
        /// Something that is needed does not work.
        Severe = "SEVERE",
        /// Health, safety or livelihood is at stake.
        Critical = "CRITICAL",
    }

    /// Where a hand-over stands. Until it is accepted the owner stays the owner.
    HandoverStatus {
        /// Waiting for an answer.
        Offered = "OFFERED",
        /// The case is theirs.
        Accepted = "ACCEPTED",
        /// They said no, with a reason.
        Declined = "DECLINED",
        /// It was taken back.
        Withdrawn = "WITHDRAWN",
        /// Nobody answered in time; the offerer's lead was told.
        Expired = "EXPIRED",
        /// The case got another owner, was closed or merged before it was answered.
        Overtaken = "OVERTAKEN",
    }

    /// Why something was told upwards.
    EscalationReason {
        /// The customer was promised a first contact by now and has not heard from the owner.
        NotAcknowledged = "NOT_ACKNOWLEDGED",
        /// The owner has done nothing on the case for too long.
        OwnerSilent = "OWNER_SILENT",
        /// A hand-over was offered and nobody answered.
        HandoverUnanswered = "HANDOVER_UNANSWERED",
        /// A partner is late with a task, the owner was told, and it still is.
        PartnerSilent = "PARTNER_SILENT",
        /// Whose fault it is should have been found out by now.
        DisputeUndecided = "DISPUTE_UNDECIDED",
        /// A customer has written and has had no reply.
        NotReplied = "NOT_REPLIED",
        /// The company should have decided by now.
        NotAnswered = "NOT_ANSWERED",
        /// A time that a law or a regulator sets is running out, or has run out.
        LegalClock = "LEGAL_CLOCK",
    }

    /// What is to be looked at when its time has come.
    DueKind {
        /// The customer has heard from the owner.
        AcknowledgeBy = "ACKNOWLEDGE_BY",
        /// The owner has done something.
        OwnerActsBy = "OWNER_ACTS_BY",
        /// An offered hand-over has been answered.
        HandoverEnds = "HANDOVER_ENDS",
        /// A partner has accepted its task.
        TaskAcceptBy = "TASK_ACCEPT_BY",
        /// A partner has told how its task goes.
        TaskUpdateBy = "TASK_UPDATE_BY",
        /// A partner has done its task.
        TaskDoneBy = "TASK_DONE_BY",
        /// A dispute between partners has been decided.
        DisputeDecideBy = "DISPUTE_DECIDE_BY",
        /// A customer who has written has had a reply.
        ReplyBy = "REPLY_BY",
        /// The company has decided.
        AnswerBy = "ANSWER_BY",
        /// A legal clock warns somebody, or has run out.
        LegalClock = "LEGAL_CLOCK",
    }

    /// Whose deadline a legal clock is.
    DeadlineOf {
        /// The company's: it can be late.
        Company = "COMPANY",
        /// The customer's: they are told of it, and nobody is late.
        Customer = "CUSTOMER",
    }

    /// How a legal clock stands.
    LegalClockState {
        /// It runs, and its time has not come.
        Running = "RUNNING",
        /// What it asks for was done in time.
        Met = "MET",
        /// Its time came before what it asks for was done.
        Missed = "MISSED",
        /// Its time came, and nobody broke a rule: it was the customer's, or only closed a simpler way.
        Passed = "PASSED",
    }

    /// Who asks about a case beside its customer.
    EnquiryKind {
        /// A body for alternative dispute resolution, such as an ombudsman or a complaints board.
        Adr = "ADR",
        /// A person who uses their rights over their data.
        DataSubject = "DATA_SUBJECT",
        /// A regulator that passed the complaint on.
        Regulator = "REGULATOR",
    }

    /// A day of the week.
    Weekday {
        /// Monday.
        Monday = "MONDAY",
        /// Tuesday.
        Tuesday = "TUESDAY",
        /// Wednesday.
        Wednesday = "WEDNESDAY",
        /// Thursday.
        Thursday = "THURSDAY",
        /// Friday.
        Friday = "FRIDAY",
        /// Saturday.
        Saturday = "SATURDAY",
        /// Sunday.
        Sunday = "SUNDAY",
    }

    /// Why an ownership period began.
    OwnershipReason {
        /// The seller's rules named this owner when the case was opened.
        Routed = "ROUTED",
        /// A manager moved the case, with a reason.
        Reassigned = "REASSIGNED",
        /// The owner before offered it, and this one accepted.
        HandedOver = "HANDED_OVER",
        /// The owner before left the company; the rules named the next.
        OwnerLeft = "OWNER_LEFT",
        /// The case was merged into another, whose owner answers for both.
        Merged = "MERGED",
        /// The case was taken apart from another again.
        Unmerged = "UNMERGED",
    }

    /// What is found of words of a customer that thank.
    Thanks {
        /// They only thank: they open nothing again.
        Only = "ONLY",
        /// They may only thank, or say something more: a person looks, and a closed case is open again.
        Perhaps = "PERHAPS",
    }

    /// Who may read a message.
    Visibility {
        /// The customer and the seller's staff.
        Customer = "CUSTOMER",
        /// The seller's staff only.
        Internal = "INTERNAL",
    }

    /// The kind of party that did something.
    PartyKind {
        /// The customer.
        Customer = "CUSTOMER",
        /// A member of the seller's staff.
        Staff = "STAFF",
        /// A person at a partner.
        Partner = "PARTNER",
        /// A system of the seller's, such as a mail gateway or a telephone exchange.
        Client = "CLIENT",
        /// The service itself, by a rule.
        System = "SYSTEM",
        /// Nobody here: it comes from the records of another system, with the times that it has there.
        Import = "IMPORT",
    }
}
