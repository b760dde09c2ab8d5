//! Turns rows of the event log into events.

use async_graphql::Result;
use entity::event;

use super::super::context::fault_error;
use super::{
    AnswerPaused, AnswerResumed, CaseAbsorbed, CaseChased, CaseEscalated, CaseEvent, CaseMerged, CaseOpened,
    CaseReleased, CaseUnmerged, ClockMoved, CommitmentEnded, CommitmentMade, CommitmentNear, CustomerChanged,
    CustomerUnreached, DisputeEnded, DisputeOpened, EnquiryAnswered, EnquiryRecorded, HandoverEnded, HandoverOffered,
    LegalClockEnded, LegalClockExtended, MessageAdded, NextContactChanged, OwnerChanged, PartnerUnreachable,
    PlanChanged, ReportAttached, ReportMoved, SenderConfirmed, StageChanged, StatementGiven, StepDone, TaskAccepted,
    TaskAssigned, TaskCompleted, TaskDeclined, TaskLate, TaskMessageAdded, TaskRejected, TaskReminded, TaskRequested,
    TaskShared, TaskUpdated, TaskWithdrawn,
};
use crate::event::payload::Payload;
use crate::kit::error::Fault;

impl CaseEvent {
    /// The event that this row of the event log holds.
    ///
    /// # Errors
    /// When a newer version of the service wrote a kind that this one does not know.
    pub fn read(row: event::Model) -> Result<Self> {
        Ok(match payload(&row)? {
            Payload::CaseOpened { report, channel, owner } => {
                Self::CaseOpened(CaseOpened { row, report, channel, owner })
            }
            Payload::ReportAttached { report, channel } => {
                Self::ReportAttached(ReportAttached { row, report, channel })
            }
            Payload::ReportMoved { report, to } => Self::ReportMoved(ReportMoved { row, report, to }),
            Payload::SenderConfirmed { report } => Self::SenderConfirmed(SenderConfirmed { row, report }),
            Payload::CustomerChanged { from, to } => Self::CustomerChanged(CustomerChanged { row, from, to }),
            Payload::MessageAdded { message, .. } => Self::MessageAdded(MessageAdded { row, message }),
            Payload::OwnerChanged { from, to, reason } => Self::OwnerChanged(OwnerChanged { row, from, to, reason }),
            Payload::HandoverOffered { handover, from, to } => {
                Self::HandoverOffered(HandoverOffered { row, handover, from, to })
            }
            Payload::HandoverEnded { handover, status, .. } => {
                Self::HandoverEnded(HandoverEnded { row, handover, status })
            }
            Payload::CaseEscalated { why, level, to, .. } => Self::CaseEscalated(CaseEscalated { row, why, level, to }),
            Payload::CaseMerged { into } => Self::CaseMerged(CaseMerged { row, into }),
            Payload::CaseUnmerged { from } => Self::CaseUnmerged(CaseUnmerged { row, from }),
            Payload::CaseAbsorbed { case } => Self::CaseAbsorbed(CaseAbsorbed { row, other: case }),
            Payload::CaseReleased { case } => Self::CaseReleased(CaseReleased { row, other: case }),
            Payload::StageChanged { from, to } => Self::StageChanged(StageChanged { row, from, to }),
            Payload::NextContactChanged { due } => Self::NextContactChanged(NextContactChanged { row, due }),
            Payload::ClockMoved { clock, due } => Self::ClockMoved(ClockMoved { row, clock, due }),
            Payload::AnswerPaused { until } => Self::AnswerPaused(AnswerPaused { row, until }),
            Payload::AnswerResumed {} => Self::AnswerResumed(AnswerResumed { row }),
            Payload::LegalClockExtended { clock, due } => {
                Self::LegalClockExtended(LegalClockExtended { row, clock, due })
            }
            Payload::LegalClockEnded { clock, state } => Self::LegalClockEnded(LegalClockEnded { row, clock, state }),
            Payload::EnquiryRecorded { enquiry } => Self::EnquiryRecorded(EnquiryRecorded { row, enquiry }),
            Payload::EnquiryAnswered { enquiry, in_full } => {
                Self::EnquiryAnswered(EnquiryAnswered { row, enquiry, in_full })
            }
            Payload::TaskRequested { task, .. } => Self::TaskRequested(TaskRequested { row, task }),
            Payload::TaskAccepted { task, eta, .. } => Self::TaskAccepted(TaskAccepted { row, task, eta }),
            Payload::TaskUpdated { task, update, .. } => Self::TaskUpdated(TaskUpdated { row, task, update }),
            Payload::TaskCompleted { task, .. } => Self::TaskCompleted(TaskCompleted { row, task }),
            Payload::TaskDeclined { task, .. } => Self::TaskDeclined(TaskDeclined { row, task }),
            Payload::TaskWithdrawn { task, .. } => Self::TaskWithdrawn(TaskWithdrawn { row, task }),
            Payload::TaskReminded { task, .. } => Self::TaskReminded(TaskReminded { row, task }),
            Payload::TaskAssigned { task, assignee, .. } => Self::TaskAssigned(TaskAssigned { row, task, assignee }),
            Payload::TaskMessageAdded { task, message, .. } => {
                Self::TaskMessageAdded(TaskMessageAdded { row, task, message })
            }
            Payload::TaskRejected { task, message, due, .. } => {
                Self::TaskRejected(TaskRejected { row, task, message, due })
            }
            Payload::TaskShared { task, .. } => Self::TaskShared(TaskShared { row, task }),
            Payload::TaskLate { task, late, .. } => Self::TaskLate(TaskLate { row, task, late }),
            Payload::StatementGiven { statement, .. } => Self::StatementGiven(StatementGiven { row, statement }),
            Payload::DisputeOpened { dispute } => Self::DisputeOpened(DisputeOpened { row, dispute }),
            Payload::DisputeEnded { dispute, status } => Self::DisputeEnded(DisputeEnded { row, dispute, status }),
            Payload::CommitmentMade { commitment, due } => {
                Self::CommitmentMade(CommitmentMade { row, commitment, due })
            }
            Payload::CommitmentEnded { commitment, state } => {
                Self::CommitmentEnded(CommitmentEnded { row, commitment, state })
            }
            Payload::CommitmentNear { commitment, due } => {
                Self::CommitmentNear(CommitmentNear { row, commitment, due })
            }
            Payload::CaseChased { how, times } => Self::CaseChased(CaseChased { row, how, times }),
            Payload::PlanChanged { number } => Self::PlanChanged(PlanChanged { row, number }),
            Payload::StepDone { step } => Self::StepDone(StepDone { row, step }),
            Payload::CustomerUnreached { letter } => Self::CustomerUnreached(CustomerUnreached { row, letter }),
            Payload::PartnerUnreachable { partner } => Self::PartnerUnreachable(PartnerUnreachable { row, partner }),
        })
    }
}

/// The payload that this row of the event log holds.
///
/// # Errors
/// When a newer version of the service wrote a kind that this one does not know.
pub fn payload(row: &event::Model) -> Result<Payload> {
    Payload::join(&row.kind, &row.data).map_err(|error| fault_error(&Fault::Data(error)))
}
