//! Lists of values about contacts with customers, and what they are promised.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

kinds! {
    /// What a commitment is about.
    CommitmentKind {
        /// The company does something, such as a delivery or a refund.
        Action = "ACTION",
        /// The company contacts the customer again by a date that the customer was told. Each such date is one
        /// commitment, and the first contact until then keeps it.
        Contact = "CONTACT",
    }

    /// How the customer asked for news.
    ChaseKind {
        /// With a message on the page where they follow the case.
        Message = "MESSAGE",
        /// With an e-mail, a letter or a form.
        Written = "WRITTEN",
        /// With a call that came in and was answered, by a person or a machine.
        Call = "CALL",
        /// With a call that nobody answered.
        MissedCall = "MISSED_CALL",
        /// In person, at a visit to the company.
        Visit = "VISIT",
        /// With the button on the page where they follow the case (`askForNews`).
        AskedForNews = "ASKED_FOR_NEWS",
    }

    /// How an unanswered call ended.
    CallSignalKind {
        /// It rang until the caller hung up or the exchange gave up.
        Missed = "MISSED",
        /// The caller hung up while waiting in a queue.
        Abandoned = "ABANDONED",
        /// The caller was connected to an answering machine.
        Voicemail = "VOICEMAIL",
    }

    /// How or where a commitment to the customer was made.
    CommitmentPlace {
        /// In a message to the customer.
        Message = "MESSAGE",
        /// In a telephone call with the customer.
        Call = "CALL",
        /// In a letter to the customer.
        Letter = "LETTER",
        /// At a visit of the customer, or at the customer's place.
        Visit = "VISIT",
        /// In the acknowledgement that the service sends when a complaint comes in.
        Acknowledgement = "ACKNOWLEDGEMENT",
        /// As a step of the plan of the case.
        Step = "STEP",
        /// Before the complaint, such as by a salesperson.
        BeforeComplaint = "BEFORE_COMPLAINT",
        /// In another way than those listed.
        Other = "OTHER",
    }

    /// The state of a commitment to the customer.
    CommitmentState {
        /// Its time has not ended, and what was promised is not done.
        Open = "OPEN",
        /// What was promised was done in time.
        Kept = "KEPT",
        /// Its time ended before what was promised was done. It stays broken, whatever is done later.
        Broken = "BROKEN",
        /// The customer agreed to another date before its time ended; another commitment replaces it.
        Renegotiated = "RENEGOTIATED",
        /// It was taken back before its time ended, and the customer was told. A commitment of the kind `CONTACT` is
        /// taken back without telling the customer: the message that announced it did not arrive, or the case got
        /// another customer.
        Withdrawn = "WITHDRAWN",
    }
}
