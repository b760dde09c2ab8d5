//! Finds the case that a report belongs to. In doubt the report opens a new case, because joining a wrong case would
//! show it to a stranger or hide the complaint.

use entity::id::{CaseId, CustomerId, SellerId};
use entity::kind::Channel;
use entity::{case, letter, report};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::report::{Arrived, Belongs};
use crate::access::door;
use crate::kit::error::Outcome;
use crate::kit::rows::Held;
use crate::kit::work::Work;

/// How many Message-IDs of one mail are looked up at most.
const MOST: usize = 50;

/// The case that a report belongs to.
#[derive(Debug, Default)]
pub struct Thread {
    /// The case, locked. None when the report opens a new case.
    pub case: Option<Held<case::Model>>,
    /// Whether the sender is not known to be the case's customer. The report is then shown on the case and changes
    /// nothing.
    pub unverified: bool,
    /// A case that the report may belong to but does not join.
    pub perhaps: Option<CaseId>,
}

/// The case that a report belongs to. A mail joins a case when the address it was sent to names that case, because only
/// people whom the company wrote to know such an address. It also joins a case when it answers a mail of that case, or
/// names its reference, and its sender is that case's customer. The sender's address alone is not enough.
///
/// # Errors
/// The errors of [`door::case()`], when somebody named a case that they may not add to.
pub async fn find(work: &Work, arrived: &Arrived, sender: Option<CustomerId>) -> Outcome<Thread> {
    let Named { case, goes_on, unverified, perhaps } = named(work, arrived, sender).await?;
    // A report for a merged case belongs to the case that it was merged into.
    Ok(Thread { case: goes_on.or(case), unverified, perhaps })
}

/// The case that this report is on. A later report of the same thing belongs to it too.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_report(work: &Work, report: &report::Model) -> Outcome<Thread> {
    let Named { case, goes_on, .. } = locked(work, report.case_id).await?;
    Ok(Thread { case: goes_on.or(case), ..Thread::default() })
}

/// The case that a report names, before a merge is followed.
#[derive(Default)]
struct Named {
    /// The named case, locked.
    case: Option<Held<case::Model>>,
    /// The case that it was merged into, locked.
    goes_on: Option<Held<case::Model>>,
    unverified: bool,
    perhaps: Option<CaseId>,
}

/// Whether this seller has a case with this id.
async fn is_at(work: &Work, id: CaseId, seller: SellerId) -> Outcome<bool> {
    let found = case::Entity::find_by_id(id).filter(case::Column::SellerId.eq(seller));
    Ok(found.count(work.tx()?).await? > 0)
}

/// Locks a case and the one it was merged into.
async fn locked(work: &Work, id: CaseId) -> Outcome<Named> {
    door::lock_related(work, &[id]).await?;
    let Some(case) = door::lock(work, id).await? else { return Ok(Named::default()) };
    let goes_on = door::goes_on(work, &case).await?;
    Ok(Named { case: Some(case), goes_on, ..Named::default() })
}

async fn named(work: &Work, arrived: &Arrived, sender: Option<CustomerId>) -> Outcome<Named> {
    let (token, message_ids, references) = match &arrived.belongs {
        Belongs::New => return Ok(Named::default()),
        Belongs::To(id) => {
            door::lock_related(work, &[*id]).await?;
            let case = door::case_of_intake(work, *id, "caseId").await?;
            let goes_on = door::goes_on(work, &case).await?;
            // Somebody put the mail on this case, which says nothing about who sent it.
            let unverified =
                arrived.channel == Channel::Email && !arrived.automatic && sender != Some(case.customer_id);
            return Ok(Named { case: Some(case), goes_on, unverified, perhaps: None });
        }
        Belongs::Perhaps { token, message_ids, references } => (token, message_ids, references),
    };
    // Checked before the lock is taken: a transaction that locked an unrelated case would hold it while it waits for
    // the lock of another one.
    if let Some(token) = token
        && is_at(work, *token, arrived.seller).await?
    {
        let named = locked(work, *token).await?;
        if let Some(case) = &named.case {
            let unverified = !arrived.automatic && sender != Some(case.customer_id);
            return Ok(Named { unverified, ..named });
        }
    }
    if message_ids.is_empty() && references.is_empty() {
        return Ok(Named { perhaps: alike(work, arrived, sender).await?, ..Named::default() });
    }
    let answered = answered(work, arrived, message_ids).await?;
    let pointed_at = case::Entity::find()
        .filter(case::Column::SellerId.eq(arrived.seller))
        .filter(case::Column::Id.is_in(answered.clone()).or(case::Column::Reference.is_in(references.clone())))
        .order_by_desc(case::Column::OpenedAt)
        .order_by_desc(case::Column::Id);
    if let Some(sender) = sender {
        let own = pointed_at.clone().filter(case::Column::CustomerId.eq(sender)).limit(1);
        if let Some(case) = own.one(work.tx()?).await? {
            // The case may have been moved to another customer before it was locked.
            let named = locked(work, case.id).await?;
            return Ok(match &named.case {
                Some(now) if now.customer_id != sender => Named { perhaps: Some(now.id), ..Named::default() },
                _ => named,
            });
        }
    }
    // An automatic answer to a letter of the company joins its case whoever sent it, because it changes nothing there.
    let perhaps = pointed_at.limit(1).one(work.tx()?).await?;
    if let Some(case) = perhaps.as_ref().filter(|case| arrived.automatic && answered.contains(&case.id)) {
        return locked(work, case.id).await;
    }
    let perhaps = match perhaps {
        Some(case) => Some(case.merged_into.unwrap_or(case.id)),
        None => alike(work, arrived, sender).await?,
    };
    Ok(Named { perhaps, ..Named::default() })
}

/// A case that a mail which names none may belong to: the case of another mail with the same Message-ID, or else the
/// sender's newest open case. It is only a hint, because the mail may be about something new.
async fn alike(work: &Work, arrived: &Arrived, sender: Option<CustomerId>) -> Outcome<Option<CaseId>> {
    let cases = case::Entity::find()
        .select_only()
        .columns([case::Column::Id, case::Column::MergedInto])
        .filter(case::Column::SellerId.eq(arrived.seller))
        .order_by_desc(case::Column::OpenedAt)
        .order_by_desc(case::Column::Id)
        .limit(1);
    if let Some(id) = &arrived.message_id {
        let same = answered(work, arrived, std::slice::from_ref(id)).await?;
        let found = cases.clone().filter(case::Column::Id.is_in(same)).into_tuple::<(CaseId, Option<CaseId>)>();
        if let Some((id, into)) = found.one(work.tx()?).await? {
            return Ok(Some(into.unwrap_or(id)));
        }
    }
    let Some(sender) = sender.filter(|_| !arrived.automatic) else { return Ok(None) };
    let open = cases
        .filter(case::Column::CustomerId.eq(sender))
        .filter(case::Column::ClosedAt.is_null())
        .filter(case::Column::MergedInto.is_null());
    Ok(open.into_tuple::<(CaseId, Option<CaseId>)>().one(work.tx()?).await?.map(|(id, _)| id))
}

/// The cases of the mails that this one answers: mails that arrived, and letters that the company sent.
async fn answered(work: &Work, arrived: &Arrived, message_ids: &[String]) -> Outcome<Vec<CaseId>> {
    if message_ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = message_ids.iter().take(MOST).cloned().collect();
    let mut cases: Vec<CaseId> = report::Entity::find()
        .select_only()
        .column(report::Column::CaseId)
        .filter(report::Column::SellerId.eq(arrived.seller))
        .filter(report::Column::MessageId.is_in(ids.clone()))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    let letters: Vec<Option<CaseId>> = letter::Entity::find()
        .select_only()
        .column(letter::Column::CaseId)
        .filter(letter::Column::SellerId.eq(arrived.seller))
        .filter(letter::Column::HeaderId.is_in(ids))
        .into_tuple()
        .all(work.tx()?)
        .await?;
    cases.extend(letters.into_iter().flatten());
    Ok(cases)
}
