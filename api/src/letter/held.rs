//! Limits for automatic letters, so that no exchange of automatic mails goes on for ever.

use chrono::TimeDelta;
use entity::id::CaseId;
use entity::kind::{LetterKind, LetterStatus};
use entity::{case, letter, mailbox};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::address;
use crate::kit::error::Outcome;
use crate::kit::page::counted;
use crate::kit::work::Work;
use crate::timer;

/// The tolerated difference between the clocks of two nodes.
const AHEAD: TimeDelta = TimeDelta::minutes(1);
/// The maximum number of automatic letters to one address within an hour, to stop two machines that answer each other.
const TO_ONE_ADDRESS: u64 = 5;
/// The maximum number of automatic letters about one case within a day.
const ABOUT_ONE_CASE: u64 = 10;
/// The maximum number of automatic letters of one seller within a minute.
const OF_ONE_SELLER: u64 = 300;

/// Called when a case gets another customer: letters waiting for the previous customer are held back, and calls to them
/// are no longer due.
///
/// # Errors
/// When the store cannot be written.
pub async fn stop(work: &Work, case: CaseId) -> Outcome<()> {
    let of_case = || letter::Entity::update_many().filter(letter::Column::CaseId.eq(case));
    let waiting = of_case()
        .filter(letter::Column::Status.eq(LetterStatus::Waiting))
        .col_expr(letter::Column::Status, Expr::value(LetterStatus::Held))
        .col_expr(letter::Column::Reason, Expr::value("the case has another customer now"))
        .col_expr(letter::Column::EndedAt, Expr::value(work.now()));
    waiting.exec(work.tx()?).await?;
    let not_arrived = of_case()
        .filter(letter::Column::Status.is_in([LetterStatus::Failed, LetterStatus::Bounced]))
        .filter(letter::Column::CalledAt.is_null())
        .col_expr(letter::Column::CalledAt, Expr::value(work.now()));
    not_arrived.exec(work.tx()?).await?;
    let letters = letter::Entity::find().select_only().column(letter::Column::Id);
    timer::stop_calls(work, letters.filter(letter::Column::CaseId.eq(case))).await
}

/// Whether mail to this address, with or without a tag, comes to one of the mailboxes. A letter to it would come back
/// as a complaint.
///
/// # Errors
/// When the store cannot be read.
pub async fn is_mailbox(work: &Work, to: &str) -> Outcome<bool> {
    let own = mailbox::Entity::find().filter(mailbox::Column::Address.eq(address::split(to).0));
    Ok(own.one(work.tx()?).await?.is_some())
}

/// The reason why an automatic letter about a case is held back; `None` to send it. A new case has no earlier letters,
/// so the limit per case only applies when something was `added`.
pub(super) async fn why_held(work: &Work, case: &case::Model, to: &str, added: bool) -> Outcome<Option<&'static str>> {
    if is_mailbox(work, to).await? {
        return Ok(Some("the address is one of our own mailboxes"));
    }
    let sent = |since: TimeDelta| {
        letter::Entity::find()
            .filter(letter::Column::SellerId.eq(case.seller_id))
            .filter(letter::Column::Kind.is_in([LetterKind::Acknowledgement, LetterKind::Addition]))
            .filter(letter::Column::Status.ne(LetterStatus::Held))
            .filter(letter::Column::CreatedAt.gt(work.now() - since))
            // Excludes letters with a time in the future, written before the clock was set back.
            .filter(letter::Column::CreatedAt.lte(work.now() + AHEAD))
    };
    let to_them = sent(TimeDelta::hours(1)).filter(letter::Column::Recipient.eq(to));
    if counted(work.tx()?, vec![to_them], TO_ONE_ADDRESS).await? >= TO_ONE_ADDRESS {
        return Ok(Some("the address got five automatic letters within the hour"));
    }
    let about_it = sent(TimeDelta::days(1)).filter(letter::Column::CaseId.eq(case.id));
    if added && counted(work.tx()?, vec![about_it], ABOUT_ONE_CASE).await? >= ABOUT_ONE_CASE {
        return Ok(Some("ten automatic letters about the case within the day"));
    }
    let all = counted(work.tx()?, vec![sent(TimeDelta::minutes(1))], OF_ONE_SELLER).await?;
    Ok((all >= OF_ONE_SELLER).then_some("three hundred automatic letters within the minute: something goes in circles"))
}
