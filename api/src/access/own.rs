//! The cases that a customer sees with one tracking token.

use entity::id::CaseId;
use entity::{case, customer};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use super::key::TokenOf;
use crate::kit::actor::{Actor, Reach};
use crate::kit::error::{Fault, Outcome};
use crate::kit::work::Work;

/// The case on which a customer acts: the named one, or otherwise that of their token. None for everybody else. Whether
/// a named case is theirs is checked where it is read or locked.
#[must_use]
pub fn case_of(actor: Actor, named: Option<CaseId>) -> Option<CaseId> {
    match actor {
        Actor::Customer { case, .. } => Some(named.unwrap_or(case)),
        _ => None,
    }
}

/// The cases that the customer's token opens, as disjoint queries: the token's own case, and all cases of the customer
/// if it came in a letter. None for everybody else.
#[must_use]
pub fn cases(actor: Actor) -> Option<Vec<Select<case::Entity>>> {
    let Actor::Customer { id, case, reach, .. } = actor else { return None };
    let own = case::Entity::find().filter(case::Column::Id.eq(case));
    Some(match reach {
        Reach::Case | Reach::Shown => vec![own],
        // The token's own case may have been merged into one of another customer, who is the same person.
        Reach::Customer => vec![
            case::Entity::find().filter(case::Column::CustomerId.eq(id)),
            own.filter(case::Column::CustomerId.ne(id)),
        ],
    })
}

/// From what the tokens of a case's customer are derived now.
///
/// # Errors
/// When the store cannot be read.
pub async fn token_of(work: &Work, case: &case::Model) -> Outcome<TokenOf> {
    let customer = work.find::<customer::Model>(case.customer_id).await?;
    let customer = customer.ok_or(Fault::Broken("a case has a customer"))?;
    Ok(TokenOf { case: case.id, customer: customer.id, generation: customer.token_generation })
}
