//! Figures on commitments to customers.

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{PartnerId, SellerId, StaffId, TeamId};
use entity::kind::CommitmentKind;

use crate::case::commitment::measures::{Counts, Measures, of_seller};
use crate::graphql::context::{ContextExt, forbidden, int, read_error, required_row, signed_in};
use crate::graphql::partner::Partner;
use crate::graphql::staff::{Staff, Team};
use crate::kit::actor::Actor;
use crate::kit::page::sensible;
use crate::texts;

/// The numbers of commitments, by their state.
#[derive(SimpleObject)]
pub struct CommitmentCounts {
    /// The commitments that are open.
    open: i32,
    /// The commitments that were kept.
    kept: i32,
    /// The commitments that were broken, those that were done afterwards included.
    broken: i32,
    /// The broken commitments on cases on which another one had been broken before.
    broken_again: i32,
    /// The commitments that were replaced by another one to which the customer agreed.
    renegotiated: i32,
    /// The commitments that were taken back.
    withdrawn: i32,
    /// The share of the kept commitments among those that were kept or broken, from 0 to 1; null when there are none.
    keep_rate: Option<f64>,
}

impl From<&Counts> for CommitmentCounts {
    fn from(counts: &Counts) -> Self {
        Self {
            open: int(counts.open),
            kept: int(counts.kept),
            broken: int(counts.broken),
            broken_again: int(counts.broken_again),
            renegotiated: int(counts.renegotiated),
            withdrawn: int(counts.withdrawn),
            keep_rate: counts.keep_rate(),
        }
    }
}

/// The commitments that one person made.
pub struct PersonCommitments(StaffId, Counts);

/// The commitments that one person made.
#[Object]
impl PersonCommitments {
    /// The member of staff who made them.
    async fn staff(&self, ctx: &Context<'_>) -> Result<Staff> {
        required_row(ctx.loaders().people.one(self.0).await).map(Staff)
    }

    /// The numbers of these commitments, by their state.
    async fn counts(&self) -> CommitmentCounts {
        (&self.1).into()
    }
}

/// The commitments that the present members of one team made.
pub struct TeamCommitments(TeamId, Counts);

/// The commitments that the present members of one team made.
#[Object]
impl TeamCommitments {
    /// The team whose members made them.
    async fn team(&self, ctx: &Context<'_>) -> Result<Team> {
        required_row(ctx.loaders().teams.one(self.0).await).map(Team)
    }

    /// The numbers of these commitments, by their state.
    async fn counts(&self) -> CommitmentCounts {
        (&self.1).into()
    }
}

/// The commitments of plan steps that depend on one partner's tasks.
pub struct PartnerCommitments(PartnerId, Counts);

/// The commitments of plan steps that depend on one partner's tasks.
#[Object]
impl PartnerCommitments {
    /// The partner on whose tasks the steps depend.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Partner> {
        required_row(ctx.loaders().partners.one(self.0).await).map(Partner)
    }

    /// The numbers of these commitments, by their state; `brokenAgain` is always 0.
    async fn counts(&self) -> CommitmentCounts {
        (&self.1).into()
    }
}

/// Figures on a seller's commitments whose time ends in a period.
pub struct CommitmentMeasures(Measures);

/// Figures on a seller's commitments whose time ends in a period.
#[Object]
impl CommitmentMeasures {
    /// The figures on all of these commitments.
    async fn total(&self) -> CommitmentCounts {
        (&self.0.total).into()
    }

    /// The commitments by the member of staff who made them.
    #[graphql(complexity = "crate::graphql::page::list_cost(20, child_complexity)")]
    async fn by_person(&self) -> Vec<PersonCommitments> {
        self.0.people.iter().map(|(person, counts)| PersonCommitments(*person, *counts)).collect()
    }

    /// The commitments by team. A person who is in two teams counts in both.
    #[graphql(complexity = "crate::graphql::page::list_cost(10, child_complexity)")]
    async fn by_team(&self) -> Vec<TeamCommitments> {
        self.0.teams.iter().map(|(team, counts)| TeamCommitments(*team, *counts)).collect()
    }

    /// The commitments that are plan steps depending on a partner's task, by partner. They count for the member of
    /// staff who made them too.
    #[graphql(complexity = "crate::graphql::page::list_cost(10, child_complexity)")]
    async fn by_partner(&self) -> Vec<PartnerCommitments> {
        self.0.partners.iter().map(|(partner, counts)| PartnerCommitments(*partner, *counts)).collect()
    }

    /// The commitments that somebody else than a member of staff made, such as a salesperson before the complaint, or
    /// the service itself when it acknowledged one.
    async fn by_others(&self) -> CommitmentCounts {
        (&self.0.others).into()
    }
}

/// The seller of the caller, who must be staff; `None` when the period has times that the stores cannot hold.
///
/// # Errors
/// `UNAUTHENTICATED` or `FORBIDDEN` for everybody but staff.
pub fn measured(ctx: &Context<'_>, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Option<SellerId>> {
    signed_in(ctx)?;
    let Actor::Staff { seller, .. } = ctx.actor() else {
        return Err(forbidden(texts::api::measures_for_staff()));
    };
    Ok((sensible(&from) && sensible(&until)).then_some(seller))
}

/// Reads of measures.
#[derive(Default)]
pub struct CommitmentMeasuresQuery;

#[Object]
impl CommitmentMeasuresQuery {
    /// Figures on your seller's commitments whose time ends in a period: how many were kept, broken or otherwise ended.
    /// For staff.
    #[graphql(complexity = "50 + child_complexity")]
    async fn commitment_measures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only commitments whose time ends at this time or later, UTC.")] from: DateTime<Utc>,
        #[graphql(desc = "Only commitments whose time ends before this time, UTC.")] until: DateTime<Utc>,
        #[graphql(
            desc = "Only commitments of these kinds. A date of contact that the acknowledgement named counts for the seller, \
                    and in `byOthers`.",
            default_with = "crate::graphql::commitment::actions()"
        )]
        kinds: Vec<CommitmentKind>,
    ) -> Result<CommitmentMeasures> {
        let Some(seller) = measured(ctx, from, until)? else { return Ok(CommitmentMeasures(Measures::default())) };
        of_seller(ctx.db(), seller, (from, until), &kinds).await.map(CommitmentMeasures).map_err(read_error)
    }
}
