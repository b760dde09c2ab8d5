//! The directory: sellers, their staff and teams, their partners, and what may file complaints for them. Rows that
//! administrators create and change; the store refuses to leave a seller without its accountable person.

pub mod availability;
pub mod calendar;
pub mod catalogue;
pub mod client;
pub mod customer;
pub mod level;
pub mod mailbox;
pub mod partner;
pub mod recount;
pub mod seller;
pub mod staff;
pub mod system;
pub mod team;

use crate::kit::error::{ErrorCode, Problem};

/// Characters in a name at most.
const NAME: usize = 200;

fn taken(field: &str) -> Problem {
    let (en, sv) = ("Already in use at this seller. Choose another.", "Används redan hos säljaren. Välj något annat.");
    Problem::new(ErrorCode::Taken, field, en, sv)
}
