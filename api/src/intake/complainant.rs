//! Decides which customer a report is from: the customer whom somebody chose, else the one known by the sender's e-mail
//! address, else a new one. A telephone number identifies nobody, because it may belong to a household or a
//! switchboard, or to somebody else whose number was typed into a form.

use entity::id::{CustomerId, StaffId};
use entity::kind::{Channel, Language};
use entity::{case, customer_email};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};

use super::report::{Arrived, Belongs, Sender};
use crate::directory::customer::{self, Claimed};
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem};
use crate::kit::work::Work;
use crate::texts;

/// A customer, with the facts that routing rules may use.
#[derive(Debug, Clone)]
pub struct Complainant {
    /// The customer's id.
    pub id: CustomerId,
    /// Their tier at the seller; none when they have no tier.
    pub tier: Option<String>,
    /// How many open cases they have, counted up to [`customer::OPEN_COUNTED`].
    pub open_cases: i64,
    /// The owner of their newest open case.
    pub open_owner: Option<StaffId>,
}

impl Complainant {
    /// A customer without facts for routing rules: they are new, or the report joins a case that is routed already.
    #[must_use]
    pub fn only(id: CustomerId) -> Self {
        Self { id, tier: None, open_cases: 0, open_owner: None }
    }

    /// Reads the facts of a customer who is in the store.
    async fn known(work: &Work, id: CustomerId) -> Outcome<Self> {
        let sql = r#"SELECT c.tier, (SELECT count(*) FROM (SELECT 1 FROM "case" k
                WHERE k.customer_id = c.id AND k.closed_at IS NULL LIMIT $2) o) AS open,
            (SELECT k.owner_id FROM "case" k WHERE k.customer_id = c.id AND k.closed_at IS NULL
                ORDER BY k.opened_at DESC, k.id DESC LIMIT 1) AS open_owner
            FROM customer c WHERE c.id = $1"#;
        let values = [id.into(), customer::OPEN_COUNTED.into()];
        let statement = Statement::from_sql_and_values(work.app().store().backend(), sql, values);
        let row = work.tx()?.query_one_raw(statement).await?.ok_or(Fault::Broken("a chosen customer is there"))?;
        Ok(Self {
            id,
            tier: row.try_get("", "tier")?,
            open_cases: row.try_get("", "open")?,
            open_owner: row.try_get("", "open_owner")?,
        })
    }
}

/// Checks that the customer who was chosen can be the sender.
///
/// # Errors
/// `NOT_FOUND` when the seller has no such customer; `INVALID` when the named case is another customer's, or the e-mail
/// address is not one of this customer's.
pub async fn check_chosen(work: &Work, arrived: &Arrived) -> Outcome<()> {
    let Some(id) = arrived.sender.chosen else { return Ok(()) };
    customer::at(work, arrived.seller, id).await?;
    if let Belongs::To(case) = arrived.belongs {
        let theirs = case::Entity::find_by_id(case).one(work.tx()?).await?;
        // A case of another seller is refused later as not found, so that nothing is revealed about it.
        if theirs.is_some_and(|case| case.seller_id == arrived.seller && case.customer_id != id) {
            let text = texts::intake::another_customers_case();
            return Err(Problem::new(ErrorCode::Invalid, "customerId", text).into());
        }
    }
    if let Some(address) = &arrived.sender.email {
        let known = customer_email::Entity::find_by_id((arrived.seller, address.clone())).one(work.tx()?).await?;
        if known.is_none_or(|known| known.customer_id != id) {
            let field = if arrived.channel == Channel::Phone { "callerEmail" } else { "email" };
            return Err(Problem::new(ErrorCode::Invalid, field, texts::intake::not_the_customers_address()).into());
        }
    }
    Ok(())
}

/// The customer who was chosen, else the one known by the e-mail address, else a new one. A new customer's language is
/// the one that they gave, or else `language`.
///
/// # Errors
/// When the store cannot be read.
pub async fn find_or_create(
    work: &mut Work,
    arrived: &Arrived,
    by_email: Option<Complainant>,
    language: Language,
) -> Outcome<Complainant> {
    let Sender { name, email, phone, language: said, chosen } = arrived.sender.clone();
    if let Some(id) = chosen {
        return Complainant::known(work, id).await;
    }
    if let Some(known) = by_email {
        return Ok(known);
    }
    let language = said.unwrap_or(language);
    Ok(Complainant::only(customer::add(work, arrived.seller, Claimed { name, email, phone, language }).id))
}
