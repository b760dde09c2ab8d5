//! How the commitments of a seller went, in total, by person and by team.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::id::{PartnerId, SellerId, StaffId, TeamId};
use entity::kind::{CommitmentKind, CommitmentState};
use entity::{team, team_member};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, Statement};

use crate::kit::db::Db;

/// The commitments whose time ended, or will end, in a period, by their states.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that are open.
    pub open: i64,
    /// Those that were kept.
    pub kept: i64,
    /// Those that were broken.
    pub broken: i64,
    /// Those of the broken ones before which another one of the same case was broken.
    pub broken_again: i64,
    /// Those that were replaced by another one to which the customer agreed.
    pub renegotiated: i64,
    /// Those that were taken back.
    pub withdrawn: i64,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.open += other.open;
        self.kept += other.kept;
        self.broken += other.broken;
        self.broken_again += other.broken_again;
        self.renegotiated += other.renegotiated;
        self.withdrawn += other.withdrawn;
    }

    fn count(&mut self, state: CommitmentState, count: i64, again: i64) {
        match state {
            CommitmentState::Open => self.open += count,
            CommitmentState::Kept => self.kept += count,
            CommitmentState::Broken => {
                self.broken += count;
                self.broken_again += again;
            }
            CommitmentState::Renegotiated => self.renegotiated += count,
            CommitmentState::Withdrawn => self.withdrawn += count,
        }
    }

    /// The share of the kept ones among those that were kept or broken; `None` when there are none. What was
    /// renegotiated is not kept, and does not count.
    #[must_use]
    pub fn keep_rate(&self) -> Option<f64> {
        let decided = self.kept + self.broken;
        let number = |count: i64| i32::try_from(count).map_or(f64::from(i32::MAX), f64::from);
        (decided > 0).then(|| number(self.kept) / number(decided))
    }
}

/// How the commitments of a seller went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measures {
    /// All of them.
    pub total: Counts,
    /// Those that a member of staff made, by that person.
    pub people: BTreeMap<StaffId, Counts>,
    /// Those that somebody else made, such as a salesperson before the complaint.
    pub others: Counts,
    /// Those that are steps of a plan behind which a partner's task stands, by partner. They count for the person who
    /// made them too.
    pub partners: BTreeMap<PartnerId, Counts>,
    /// Those of the people who are members of a team now, by team. Who is in two teams counts in both.
    pub teams: BTreeMap<TeamId, Counts>,
}

#[derive(FromQueryResult)]
struct CountRow {
    kind: CommitmentKind,
    made_by: Option<StaffId>,
    state: CommitmentState,
    count: i64,
    again: i64,
}

/// Counts the commitments of these kinds of a seller whose time ends in this period. The start is included, the end is
/// not.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_seller(
    db: &Db,
    seller: SellerId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    kinds: &[CommitmentKind],
) -> Result<Measures, DbErr> {
    use sea_orm::ConnectionTrait;
    let sql = "SELECT kind, made_by, state, count(*) AS count, sum(CASE WHEN state = 'BROKEN' AND EXISTS (
                SELECT 1 FROM commitment b WHERE b.case_id = c.case_id AND b.kind = c.kind AND b.state = 'BROKEN'
                    AND (b.due_at < c.due_at OR (b.due_at = c.due_at AND b.id < c.id))) THEN 1 ELSE 0 END) AS again
        FROM commitment c WHERE seller_id = $1 AND due_at >= $2 AND due_at < $3 GROUP BY kind, made_by, state";
    let values = [seller.into(), from.into(), until.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let mut measures = Measures::default();
    let rows = CountRow::find_by_statement(statement).all(db).await?;
    for row in rows.into_iter().filter(|row| kinds.contains(&row.kind)) {
        measures.total.count(row.state, row.count, row.again);
        let of = row.made_by.map_or(&mut measures.others, |person| measures.people.entry(person).or_default());
        of.count(row.state, row.count, row.again);
    }
    measures.partners = of_partners(db, seller, (from, until)).await?;
    let own =
        team_member::Entity::belongs_to(team::Entity).from(team_member::Column::TeamId).to(team::Column::Id).into();
    let members = team_member::Entity::find()
        .join(JoinType::InnerJoin, own)
        .filter(team::Column::SellerId.eq(seller))
        .all(db)
        .await?;
    for member in members {
        if let Some(counts) = measures.people.get(&member.staff_id) {
            measures.teams.entry(member.team_id).or_default().add(counts);
        }
    }
    Ok(measures)
}

#[derive(FromQueryResult)]
struct PartnerRow {
    partner_id: PartnerId,
    state: CommitmentState,
    count: i64,
}

/// Counts the commitments behind which a partner's task stands.
async fn of_partners(
    db: &Db,
    seller: SellerId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<BTreeMap<PartnerId, Counts>, DbErr> {
    use sea_orm::ConnectionTrait;
    let sql = "SELECT t.partner_id, c.state, count(DISTINCT c.id) AS count FROM commitment c
        JOIN plan_step s ON s.commitment_id = c.id JOIN case_task t ON t.id = s.task_id
        WHERE c.seller_id = $1 AND c.due_at >= $2 AND c.due_at < $3 GROUP BY t.partner_id, c.state";
    let values = [seller.into(), from.into(), until.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let mut partners: BTreeMap<PartnerId, Counts> = BTreeMap::new();
    for row in PartnerRow::find_by_statement(statement).all(db).await? {
        partners.entry(row.partner_id).or_default().count(row.state, row.count, 0);
    }
    Ok(partners)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keep_rate_is_of_what_was_kept_or_broken() {
        let counts =
            |kept, broken| Counts { kept, broken, renegotiated: 5, withdrawn: 3, open: 2, ..Counts::default() };
        assert_eq!(counts(0, 0).keep_rate(), None);
        assert_eq!(counts(3, 1).keep_rate(), Some(0.75));
        assert_eq!(counts(0, 4).keep_rate(), Some(0.0));
    }
}
