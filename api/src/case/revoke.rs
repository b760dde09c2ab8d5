//! Revokes the tracking tokens of a customer, for when a link came into wrong hands.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::id::{CaseId, CustomerId};
use entity::{case, customer, device, tracking_token};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::access::door;
use crate::access::table::{Action, at_seller, check, refused};
use crate::kit::actor::{Actor, Reach};
use crate::kit::error::{ErrorCode, Outcome, Problem};
use crate::kit::work::Work;
use crate::texts;

/// Revokes all tracking tokens of a customer and removes their devices. Requests and subscriptions with the tokens end
/// at once; letters that are sent later carry new ones. Staff name the customer or one of their cases. A customer with
/// the link of a letter revokes all of theirs; with another token, those of its own case that no letter carried, because
/// it may be somebody else's who entered their address. Returns the customer and the number of tokens.
///
/// # Errors
/// `NOT_FOUND` or `FORBIDDEN` when the actor may not do this; `INVALID` when staff name no customer.
pub async fn revoke(
    work: &mut Work,
    case: Option<CaseId>,
    customer: Option<CustomerId>,
) -> Outcome<(customer::Model, usize)> {
    let mut only = None;
    let customer = match (work.actor(), case, customer) {
        (Actor::Customer { .. }, _, Some(_)) => return Err(Problem::not_found("customerId").into()),
        (Actor::Customer { id, case: own, reach, .. }, named, None) => {
            let named = named.unwrap_or(own);
            drop(door::own_case(work, named, Action::RevokeTrackingTokens).await?);
            let of_case = tracking_token::Column::CaseId.eq(named).and(tracking_token::Column::Address.is_null());
            only = (reach != Reach::Customer).then_some(of_case);
            id
        }
        (_, Some(case), named) => {
            let customer = door::case(work, case, Action::RevokeTrackingTokens, "caseId").await?.customer_id;
            if named.is_some_and(|named| named != customer) {
                return Err(Problem::not_found("customerId").into());
            }
            customer
        }
        (actor, None, Some(customer)) => {
            let not_found = || Problem::not_found("customerId");
            let row = work.lock::<customer::Model>(customer).await?.ok_or_else(not_found)?;
            let standing = at_seller(actor, row.seller_id);
            check(standing, Action::RevokeTrackingTokens, Action::ReadCase, "customerId")?;
            work.check_version(row.version)?;
            customer
        }
        (Actor::Staff { .. }, _, _) => {
            return Err(Problem::new(ErrorCode::Invalid, "caseId", texts::case::case_or_customer()).into());
        }
        _ => return Err(refused(Action::RevokeTrackingTokens).into()),
    };
    let (mut count, mut ended) = (0, None);
    for id in whose(work, customer, only.is_some()).await? {
        let Some(mut row) = work.lock::<customer::Model>(id).await? else { continue };
        row.token_generation += 1;
        count += end(work, &row, only.clone()).await?;
        let row = row.done();
        if row.id == customer {
            ended = Some(row);
        }
    }
    let ended = ended.ok_or_else(|| Problem::not_found("customerId"))?;
    Ok((ended, count))
}

/// This customer, and those of the cases that were merged into one of theirs as the same person's: their tokens open it
/// too.
async fn whose(work: &Work, id: CustomerId, alone: bool) -> Outcome<Vec<CustomerId>> {
    if alone {
        return Ok(vec![id]);
    }
    let theirs = case::Entity::find().select_only().column(case::Column::Id).filter(case::Column::CustomerId.eq(id));
    let merged: Vec<CustomerId> = case::Entity::find()
        .select_only()
        .column(case::Column::CustomerId)
        .filter(case::Column::MergedInto.in_subquery(theirs.into_query()))
        .filter(case::Column::CustomerId.ne(id))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    // All acts lock customers in the order of their ids.
    let all: BTreeSet<CustomerId> = [id].into_iter().chain(merged).collect();
    Ok(all.into_iter().collect())
}

/// Ends the tokens of this customer, or only some of them, and removes the devices that were registered with them.
async fn end(work: &mut Work, row: &customer::Model, only: Option<Expr>) -> Outcome<usize> {
    let now = work.now();
    let mut theirs = Condition::all()
        .add(tracking_token::Column::CustomerId.eq(row.id))
        .add(tracking_token::Column::RevokedAt.is_null());
    if let Some(only) = only.clone() {
        theirs = theirs.add(only);
    }
    let revoked = tracking_token::Entity::update_many()
        .filter(theirs)
        .col_expr(tracking_token::Column::RevokedAt, Expr::value(now));
    let count = revoked.exec(work.tx()?).await?.rows_affected;
    // A store may round the time.
    let just_now = tracking_token::Column::RevokedAt.gte(now - TimeDelta::milliseconds(1));
    let ending = tracking_token::Column::CustomerId.eq(row.id).and(just_now);
    let ending = ending.and(tracking_token::Column::EndedSeq.is_null());
    work.end_all_at_head::<tracking_token::Entity>(ending, row.seller_id);
    let nothing = || Expr::value(Option::<String>::None);
    let bytes = || Expr::value(Option::<Vec<u8>>::None);
    let devices = device::Entity::update_many()
        .filter(device::Column::CustomerId.eq(row.id))
        .filter(device::Column::RemovedAt.is_null())
        .col_expr(device::Column::RemovedAt, Expr::value(now))
        .col_expr(device::Column::Endpoint, nothing())
        .col_expr(device::Column::RelayToken, nothing())
        .col_expr(device::Column::PublicKey, bytes())
        .col_expr(device::Column::Auth, bytes());
    if only.is_none() {
        devices.exec(work.tx()?).await?;
    }
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}
