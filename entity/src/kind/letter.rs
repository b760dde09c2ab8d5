//! Lists of values about letters.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

kinds! {
    /// What a letter is for.
    LetterKind {
        /// Confirms that a complaint was received, and says who answers for it and when the customer hears more.
        Acknowledgement = "ACKNOWLEDGEMENT",
        /// Confirms that an e-mail was added to a case.
        Addition = "ADDITION",
        /// Carries what a member of staff wrote to the customer.
        Message = "MESSAGE",
        /// Tells the customer that the plan or the owner of the case has changed. It is no contact and moves no date.
        Update = "UPDATE",
        /// Lists the customer's cases with a link to them, because somebody asked for it (`requestTrackingLink`).
        Links = "LINKS",
        /// Tells the company's own staff, or a partner's person, that something needs their attention.
        Notice = "NOTICE",
    }

    /// How far the sending of a letter has come.
    LetterStatus {
        /// It waits to be sent.
        Waiting = "WAITING",
        /// The mail server accepted it.
        Sent = "SENT",
        /// It could not be sent, and is not tried again.
        Failed = "FAILED",
        /// It was sent and came back undelivered.
        Bounced = "BOUNCED",
        /// It was held back and is not sent: to prevent a loop of automatic answers, because the case got another
        /// customer, or because no customer has the address for which somebody asked for a link.
        Held = "HELD",
    }
}
