//! Who complains, as a customer: the one whom their address leads to, the one whom somebody chose, or a new one. A telephone
//! number leads to nobody: it may be a household's, a switchboard's, or somebody else's who typed it into a form.

use entity::id::{CustomerId, StaffId};
use entity::kind::{Channel, Language};
use entity::{case, customer_email};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};

use super::report::{Arrived, Belongs, Sender};
use crate::directory::customer::{self, Claimed};
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem};
use crate::kit::work::Work;

/// A customer, and what rules may know of them.
#[derive(Debug, Clone)]
pub struct Complainant {
    /// Who.
    pub id: CustomerId,
    /// Their tier at the seller.
    pub tier: Option<String>,
    /// Their open cases.
    pub open_cases: i64,
    /// Who answers for the newest of these.
    pub open_owner: Option<StaffId>,
}

impl Complainant {
    /// One of whom rules need to know nothing more.
    #[must_use]
    pub fn only(id: CustomerId) -> Self {
        Self { id, tier: None, open_cases: 0, open_owner: None }
    }

    /// One who is in the store.
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

/// Looks whether the customer who was chosen can be whom this is from.
///
/// # Errors
/// When there is no such customer, or the case or the address is another one's.
pub async fn check_chosen(work: &Work, arrived: &Arrived) -> Outcome<()> {
    let Some(id) = arrived.sender.chosen else { return Ok(()) };
    customer::at(work, arrived.seller, id).await?;
    if let Belongs::To(case) = arrived.belongs {
        let theirs = case::Entity::find_by_id(case).one(work.tx()?).await?;
        // Of another seller's case nothing is told here.
        if theirs.is_some_and(|case| case.seller_id == arrived.seller && case.customer_id != id) {
            let en = "That case is another customer's: leave out `customerId`, or the case.";
            let sv = "Det ärendet är en annan kunds: utelämna `customerId` eller ärendet.";
            return Err(Problem::new(ErrorCode::Invalid, "customerId", en, sv).into());
        }
    }
    if let Some(address) = &arrived.sender.email {
        let known = customer_email::Entity::find_by_id((arrived.seller, address.clone())).one(work.tx()?).await?;
        if known.is_none_or(|known| known.customer_id != id) {
            let en = "Not an address that this customer is known by. Leave it out, or leave out `customerId`: then it is noted for a customer of their own.";
            let sv = "Ingen adress som kunden är känd under. Utelämna den, eller utelämna `customerId`: då noteras det för en egen kund.";
            let field = if arrived.channel == Channel::Phone { "callerEmail" } else { "email" };
            return Err(Problem::new(ErrorCode::Invalid, field, en, sv).into());
        }
    }
    Ok(())
}

/// The customer who was chosen, else the one whom the address leads to, else a new one, who reads this language unless they
/// said another.
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
