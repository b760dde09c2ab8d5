//! Events of clocks, pauses and enquiries.

use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use entity::event;
use entity::id::{EnquiryId, LegalClockId};
use entity::kind::{DueKind, LegalClockState};

use super::super::case::Case;
use super::super::context::{ContextExt, int, there, to_id};
use super::super::enquiry::{Enquiry, one};
use super::super::party::Party;

event_types! {
    /// A time that the case waits for was counted anew, because a calendar or a service level changed.
    ClockMoved { clock: DueKind, due: DateTime<Utc> } {
        /// Which of the case's clocks.
        async fn clock(&self) -> DueKind {
            self.clock
        }

        /// When it runs out now, UTC.
        async fn due(&self) -> DateTime<Utc> {
            self.due
        }
    }

    /// The time for the company's answer stands still, because the customer owes it something.
    AnswerPaused { until: DateTime<Utc> } {
        /// When it goes on at the latest, UTC.
        async fn until(&self) -> DateTime<Utc> {
            self.until
        }
    }

    /// The time for the company's answer goes on: the customer has written, or somebody said so.
    AnswerResumed {} {}

    /// A legal clock was given the longer time that its law allows.
    LegalClockExtended { clock: LegalClockId, due: DateTime<Utc> } {
        /// The clock, by its id.
        async fn clock_id(&self) -> ID {
            to_id(self.clock)
        }

        /// When it runs out now, UTC.
        async fn due(&self) -> DateTime<Utc> {
            self.due
        }
    }

    /// What a legal clock asks for was done, or its time came.
    LegalClockEnded { clock: LegalClockId, state: LegalClockState } {
        /// The clock, by its id.
        async fn clock_id(&self) -> ID {
            to_id(self.clock)
        }

        /// How it stands since then.
        async fn state(&self) -> LegalClockState {
            self.state
        }
    }

    /// Somebody beside the customer asked about the case: an ombudsman, a data subject, a regulator.
    EnquiryRecorded { enquiry: EnquiryId } {
        /// The enquiry.
        async fn enquiry(&self, ctx: &Context<'_>) -> Result<Enquiry> {
            one(ctx, self.enquiry).await
        }
    }

    /// Whoever made an enquiry has had a first response, or the whole answer.
    EnquiryAnswered { enquiry: EnquiryId, in_full: bool } {
        /// The enquiry.
        async fn enquiry(&self, ctx: &Context<'_>) -> Result<Enquiry> {
            one(ctx, self.enquiry).await
        }

        /// Whether it was the whole answer.
        async fn in_full(&self) -> bool {
            self.in_full
        }
    }
}
