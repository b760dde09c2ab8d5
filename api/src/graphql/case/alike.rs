//! Hints for staff: cases that may be about the same thing, and customers who may be the caller of a logged call.

use async_graphql::SimpleObject;

use crate::case::alike::{CaseAlikeReason, CustomerCandidateReason};
use crate::graphql::case::Case;
use crate::graphql::customer::Customer;

/// A case that may be about the same thing as another case. `mergeCases` merges the two.
#[derive(SimpleObject)]
pub struct CaseAlike {
    /// The case that may be about the same thing.
    pub case: Case,
    /// What the two cases have in common; at least one reason.
    pub reasons: Vec<CaseAlikeReason>,
}

/// A customer who may be the caller of a logged telephone call. A telephone number does not prove who called, because
/// several people may use it. If it was this customer, `changeCustomer` gives the case to them.
#[derive(SimpleObject)]
pub struct CustomerCandidate {
    /// The customer who may have called.
    pub customer: Customer,
    /// Why this customer may be the caller; at least one reason.
    pub reasons: Vec<CustomerCandidateReason>,
}
