//! The directory: sellers, their staff and teams, their partners, and the systems that may file complaints for them.
//! Administrators create and change these rows. The store makes sure that a seller always has its accountable person.

pub mod availability;
pub mod calendar;
pub mod catalogue;
pub mod client;
pub mod customer;
pub mod customers;
pub mod form;
pub mod level;
pub mod mailbox;
pub mod origin;
pub mod partner;
pub mod recount;
pub mod seller;
pub mod sign_in;
pub mod staff;
pub mod system;
pub mod team;
pub mod watcher;

use crate::kit::error::{ErrorCode, Problem};
use crate::texts;

/// The maximum number of characters in a name.
const NAME: usize = 200;

fn taken(field: &str) -> Problem {
    Problem::new(ErrorCode::Taken, field, texts::directory::taken())
}
