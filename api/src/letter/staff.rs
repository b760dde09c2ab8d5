//! Letters to the company's own staff: notices of events of their cases. Answers come to sealed addresses, which are
//! made for one person and one letter.

use chrono::TimeDelta;
use entity::id::{CaseId, LetterId, SellerId};
use entity::{letter, mailbox, staff};

use super::address::{AddressTag, tagged};
use super::draft;
use super::template::{Template, Values};
use crate::kit::error::Outcome;
use crate::kit::work::Work;

/// How long a notice can be answered.
pub const ANSWERABLE: TimeDelta = TimeDelta::days(30);

/// A letter to a member of staff before it becomes a row.
pub struct StaffLetter<'l> {
    /// Its id, with which the addresses for answers are made.
    pub id: LetterId,
    /// The mailbox that it is sent from.
    pub from: &'l mailbox::Model,
    /// The person.
    pub to: &'l staff::Model,
    /// The case, if the letter is about one only. All letters about it are one thread in the person's mail program.
    pub case: Option<CaseId>,
    /// Its template, and the values to insert.
    pub words: (&'l Template, &'l Values),
}

/// The mailbox from which a seller's notices are sent; none when the seller has no mailbox.
///
/// # Errors
/// When the store cannot be read.
pub async fn sender(work: &Work, seller: SellerId) -> Outcome<Option<mailbox::Model>> {
    super::sender(work, seller, None, None).await
}

/// The address to which a member of staff writes messages to the customer.
#[must_use]
pub fn to_customer(work: &Work, from: &mailbox::Model, id: LetterId) -> String {
    tagged(work.app().secret(), &from.address, AddressTag::ToCustomer(id))
}

/// Writes the letter, which is sent after the commit.
pub fn write(work: &mut Work, letter: &StaffLetter<'_>) {
    let thread = letter.case.map(|case| format!("notices.{case}"));
    let row = draft::notice(work, letter.id, (letter.from, &letter.to.email), thread, letter.words);
    work.insert(letter::Model { staff_id: Some(letter.to.id), ..row });
}
