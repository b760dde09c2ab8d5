//! Lists of tasks.

use chrono::{DateTime, Utc};
use entity::case_task;
use entity::id::{CaseId, PartnerContactId, PartnerId, SellerId};
use entity::kind::TaskStatus;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use crate::access::table::is_theirs;
use crate::kit::page::once_each;

/// Whose tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// A partner's own: what was refused or taken back is theirs no more.
    Partner(PartnerId),
    /// All of a seller's.
    Seller(SellerId),
}

/// Which tasks are asked for; everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In one of these states.
    pub statuses: Option<Vec<TaskStatus>>,
    /// On this case.
    pub case: Option<CaseId>,
    /// Of this partner.
    pub partner: Option<PartnerId>,
    /// Done by this person.
    pub assignee: Option<PartnerContactId>,
    /// Changed at this time or later.
    pub updated_since: Option<DateTime<Utc>>,
    /// To be done before this time.
    pub due_before: Option<DateTime<Utc>>,
}

/// The tasks this filter asks for, as queries that have no task in common: one for each state, because an index that
/// begins with the state has them in the order of the list.
#[must_use]
pub fn list(whose: Whose, filter: &Filter) -> Vec<Select<case_task::Entity>> {
    let mut query = case_task::Entity::find();
    query = match whose {
        Whose::Partner(partner) => query.filter(case_task::Column::PartnerId.eq(partner)),
        Whose::Seller(seller) => query.filter(case_task::Column::SellerId.eq(seller)),
    };
    if let Some(case) = filter.case {
        query = query.filter(case_task::Column::CaseId.eq(case));
    }
    if let Some(partner) = filter.partner {
        query = query.filter(case_task::Column::PartnerId.eq(partner));
    }
    if let Some(person) = filter.assignee {
        query = query.filter(case_task::Column::AssigneeId.eq(person));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(case_task::Column::ChangedAt.gte(since));
    }
    if let Some(before) = filter.due_before {
        // Nobody is asked for something that was due before they were asked: what was asked later need not be read.
        query = query.filter(case_task::Column::DueAt.lt(before)).filter(case_task::Column::RequestedAt.lt(before));
    }
    let seen = |status: &TaskStatus| matches!(whose, Whose::Seller(_)) || is_theirs(*status);
    let statuses = filter.statuses.as_ref().map_or_else(|| once_each(TaskStatus::ALL), |all| once_each(all));
    let of = |status| query.clone().filter(case_task::Column::Status.eq(status));
    statuses.into_iter().filter(seen).map(of).collect()
}
