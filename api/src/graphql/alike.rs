//! Hints that staff see: cases that may be about the same thing, and customers that a caller may be.

use async_graphql::SimpleObject;

use super::case::Case;
use super::customer::Customer;
use crate::case::alike::{Because, Resembles};

/// A case that may be about the same thing as another. If it is, `mergeCases`.
#[derive(SimpleObject)]
pub struct CaseAlike {
    /// The case.
    pub case: Case,
    /// What they have in common; at least one reason.
    pub reasons: Vec<Because>,
}

/// A customer whom a caller may be. A number is no identity: several people may have it. If it is them, `changeCustomer`.
#[derive(SimpleObject)]
pub struct CustomerCandidate {
    /// The customer.
    pub customer: Customer,
    /// What speaks for it; at least one reason.
    pub reasons: Vec<Resembles>,
}
