//! A person leaves: everything they own goes to others in the same transaction, each case by its own decision, or
//! the act is refused and says what stands in the way.

use std::collections::HashMap;

use entity::id::{CaseId, PartnerId, ReportId, StaffId};
use entity::kind::OwnershipReason;
use entity::{case, case_partner, report, seller, staff, team};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::access::door;
use crate::kit::error::{ErrorCode, Fault, Outcome, Problem, Problems};
use crate::kit::money::Money;
use crate::kit::work::Work;
use crate::ownership::route::{Answers, People, by_rules};
use crate::ownership::rules::Facts;
use crate::ownership::{period, rule_set};

/// Deactivates a person and returns how many cases were handed over.
///
/// # Errors
/// When the person is the seller's accountable person or leads a team; each is named. A team's lead is always an
/// active member of it, so no team is left empty.
pub async fn deactivate(work: &mut Work, id: StaffId) -> Outcome<(staff::Model, usize)> {
    let not_found = || Problem::not_found("staffId");
    // Lock the person first: a case being routed to them at this moment waits for this act, or this act for it.
    let mut person = staff::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?.ok_or_else(not_found)?;
    door::administers(work, person.seller_id, "staffId")?;
    if !person.active {
        return Ok((person, 0));
    }
    let seller = seller::Entity::find_by_id(person.seller_id).one(work.tx()?).await?;
    let seller = seller.ok_or(Fault::Broken("staff have a seller"))?;
    refuse_if_needed(work, &person, &seller).await?;
    let handed_over = hand_over_all(work, id, &seller).await?;
    person.active = false;
    person.deactivated_at = Some(work.now());
    work.save(person.clone());
    Ok((person, handed_over))
}

async fn refuse_if_needed(work: &Work, person: &staff::Model, seller: &seller::Model) -> Outcome<()> {
    let mut problems = Problems::default();
    let mut in_use = |en: String, sv: String| problems.add(Problem::new(ErrorCode::InUse, "staffId", en, sv));
    if seller.accountable_id == person.id {
        in_use(
            format!("They are the accountable person of {}. Name another with `updateSeller` first.", seller.name),
            format!("Hen är ansvarig person för {}. Utse en annan med `updateSeller` först.", seller.name),
        );
    }
    for team in team::Entity::find().filter(team::Column::LeadId.eq(person.id)).all(work.tx()?).await? {
        in_use(
            format!("They lead the team {}. Name another lead with `updateTeam` first.", team.name),
            format!("Hen leder teamet {}. Utse en annan ledare med `updateTeam` först.", team.name),
        );
    }
    problems.refuse_if_any()
}

/// Routes everything this person owns, closed cases too: a solved case keeps an owner who can be asked.
async fn hand_over_all(work: &mut Work, id: StaffId, seller: &seller::Model) -> Outcome<usize> {
    let owned = case::Entity::find()
        .filter(case::Column::OwnerId.eq(id))
        .order_by_asc(case::Column::Id)
        .lock_exclusive()
        .all(work.tx()?)
        .await?;
    let mut texts = Texts::of(work, &owned).await?;
    let rules = rule_set::in_force(work, seller.id).await?;
    let answers = Answers { id: seller.id, accountable: seller.accountable_id };
    let mut people = People::without(id);
    let mut moves = Vec::with_capacity(owned.len());
    let mut decisions = Vec::with_capacity(owned.len());
    for case in owned {
        let routed = by_rules(work, &answers, rules.as_ref(), texts.facts(&case), &mut people).await?;
        if case.closed_at.is_none() {
            people.assigned(routed.choice.owner, work.now());
        }
        moves.push((case, routed.choice.owner));
        decisions.push(routed);
    }
    period::transfer(work, &mut moves, OwnershipReason::OwnerLeft, None).await?;
    let count = moves.len();
    let mut cases = Vec::with_capacity(count);
    for ((case, _), decision) in moves.into_iter().zip(decisions) {
        decision.record(work, case.id, case.owner_seq)?;
        cases.push(case);
    }
    // Written before the person is: the store refuses to deactivate somebody who still owns a case.
    work.save_now(cases).await?;
    Ok(count)
}

/// What the rules may want to read of many cases, each table read once.
struct Texts {
    words: HashMap<CaseId, String>,
    partners: HashMap<CaseId, Vec<PartnerId>>,
}

impl Texts {
    async fn of(work: &Work, cases: &[case::Model]) -> Outcome<Self> {
        let (mut words, mut partners) = (HashMap::new(), HashMap::<_, Vec<_>>::new());
        for chunk in cases.chunks(1_000) {
            let ids = || chunk.iter().map(|case| case.id);
            let reports: Vec<(CaseId, ReportId, String)> = report::Entity::find()
                .select_only()
                .columns([report::Column::CaseId, report::Column::Id, report::Column::Words])
                .filter(report::Column::CaseId.is_in(ids()))
                .order_by_asc(report::Column::RecordedAt)
                .order_by_asc(report::Column::Id)
                .into_tuple()
                .all(work.tx()?)
                .await?;
            for (case, _, text) in reports {
                // The first report is the one the case was opened for.
                words.entry(case).or_insert(text);
            }
            let named =
                case_partner::Entity::find().filter(case_partner::Column::CaseId.is_in(ids())).all(work.tx()?).await?;
            for row in named {
                partners.entry(row.case_id).or_default().push(row.partner_id);
            }
        }
        Ok(Self { words, partners })
    }

    fn facts(&mut self, case: &case::Model) -> Facts {
        let amount = case.order_amount_minor.zip(case.order_currency.clone());
        Facts {
            channel: case.channel,
            category: case.category.clone(),
            product: case.product.clone(),
            language: case.language,
            amount: amount.map(|(minor, currency)| Money { minor, currency }),
            partners: self.partners.remove(&case.id).unwrap_or_default(),
            text: format!("{}\n{}", case.subject, self.words.remove(&case.id).unwrap_or_default()),
        }
    }
}
