//! Who complains, as a customer: the one whom their address leads to, the one whom somebody chose, or a new one. A telephone
//! number leads to nobody: it may be a household's, a switchboard's, or somebody else's who typed it into a form.

use entity::id::{CustomerId, StaffId};
use entity::kind::Language;
use sea_orm::{ConnectionTrait, Statement};

use super::report::{Arrived, Sender};
use crate::directory::customer::{self, Claimed};
use crate::kit::error::{Fault, Outcome};
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
