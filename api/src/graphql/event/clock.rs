//! Events of clocks, pauses and enquiries.

use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use entity::event;
use entity::id::{EnquiryId, LegalClockId};
use entity::kind::{DueKind, LegalClockState};

use crate::event::payload::Payload;
use crate::graphql::case::Case;
use crate::graphql::context::{ContextExt, int, part_id, required_row, to_id};
use crate::graphql::enquiry::{Enquiry, one};
use crate::graphql::party::Party;

event_types! {
    /// A timer of the case was computed anew, because a calendar or a service level changed.
    ClockMoved { clock: DueKind, due: DateTime<Utc> } {
        /// The kind of the timer that moved.
        async fn clock(&self) -> DueKind {
            self.clock
        }

        /// When the timer is due from then on, UTC.
        async fn due(&self) -> DateTime<Utc> {
            self.due
        }
    }

    /// The time for the company's answer was paused, because the company waits for something from the customer.
    AnswerPaused { until: DateTime<Utc> } {
        /// When the pause ends at the latest, UTC.
        async fn until(&self) -> DateTime<Utc> {
            self.until
        }
    }

    /// The pause of the time for the company's answer was ended: the customer wrote, a member of staff ended it, or the
    /// case was closed or merged. A pause that ends at its `until` has no such event.
    AnswerResumed {} {}

    /// A legal clock was given the longer time that its rule allows.
    LegalClockExtended { clock: LegalClockId, due: DateTime<Utc> } {
        /// The id of the legal clock, as in `CaseClock.legalClockId`.
        async fn clock_id(&self) -> ID {
            to_id(self.clock)
        }

        /// When the legal clock is due from then on, UTC.
        async fn due(&self) -> DateTime<Utc> {
            self.due
        }
    }

    /// A legal clock ended: what it waits for was done, or its time has come.
    LegalClockEnded { clock: LegalClockId, state: LegalClockState } {
        /// The id of the legal clock, as in `CaseClock.legalClockId`.
        async fn clock_id(&self) -> ID {
            to_id(self.clock)
        }

        /// The state of the legal clock from then on.
        async fn state(&self) -> LegalClockState {
            self.state
        }
    }

    /// An enquiry about the case was recorded: from an ombudsman, a data subject or a regulator.
    EnquiryRecorded { enquiry: EnquiryId } {
        /// The enquiry that was recorded.
        async fn enquiry(&self, ctx: &Context<'_>) -> Result<Enquiry> {
            one(ctx, self.enquiry).await
        }
    }

    /// A first response or the full answer to an enquiry was given.
    EnquiryAnswered { enquiry: EnquiryId, in_full: bool } {
        /// The enquiry that was answered.
        async fn enquiry(&self, ctx: &Context<'_>) -> Result<Enquiry> {
            one(ctx, self.enquiry).await
        }

        /// True for the full answer, false for a first response.
        async fn in_full(&self) -> bool {
            self.in_full
        }
    }
}
