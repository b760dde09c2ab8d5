//! How the commitments to customers went.

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::{PartnerId, SellerId, StaffId, TeamId};
use entity::kind::CommitmentKind;

use super::context::{ContextExt, forbidden, int, read_error, required_row, signed_in};
use super::partner::Partner;
use super::staff::{Staff, Team};
use crate::case::commitment::measures::{Counts, Measures, of_seller};
use crate::kit::actor::Actor;
use crate::kit::page::sensible;

/// The number of commitments by what became of them.
#[derive(SimpleObject)]
pub struct CommitmentCounts {
    /// The commitments that are open.
    open: i32,
    /// The commitments that were kept.
    kept: i32,
    /// The commitments that were broken, those that were done afterwards included.
    broken: i32,
    /// The broken commitments before which another one of the same case had been broken.
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

    /// The number of these commitments by what became of them.
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

    /// The number of these commitments by what became of them.
    async fn counts(&self) -> CommitmentCounts {
        (&self.1).into()
    }
}

/// The commitments that are steps of a plan behind which a task of one partner stands.
pub struct PartnerCommitments(PartnerId, Counts);

/// The commitments that are steps of a plan behind which a task of one partner stands.
#[Object]
impl PartnerCommitments {
    /// The partner whose task stands behind them.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Partner> {
        required_row(ctx.loaders().partners.one(self.0).await).map(Partner)
    }

    /// The number of these commitments by what became of them; `brokenAgain` is always 0.
    async fn counts(&self) -> CommitmentCounts {
        (&self.1).into()
    }
}

/// How the commitments of a seller went whose time ends in a period.
pub struct CommitmentMeasures(Measures);

/// How the commitments of a seller went whose time ends in a period.
#[Object]
impl CommitmentMeasures {
    /// All of these commitments.
    async fn total(&self) -> CommitmentCounts {
        (&self.0.total).into()
    }

    /// The commitments by the member of staff who made them.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn by_person(&self) -> Vec<PersonCommitments> {
        self.0.people.iter().map(|(person, counts)| PersonCommitments(*person, *counts)).collect()
    }

    /// The commitments by team. A person who is in two teams counts in both.
    #[graphql(complexity = "super::page::list_cost(10, child_complexity)")]
    async fn by_team(&self) -> Vec<TeamCommitments> {
        self.0.teams.iter().map(|(team, counts)| TeamCommitments(*team, *counts)).collect()
    }

    /// The commitments that are steps of a plan behind which a partner's task stands, by partner. They count for the member
    /// of staff who made them too.
    #[graphql(complexity = "super::page::list_cost(10, child_complexity)")]
    async fn by_partner(&self) -> Vec<PartnerCommitments> {
        self.0.partners.iter().map(|(partner, counts)| PartnerCommitments(*partner, *counts)).collect()
    }

    /// The commitments that somebody else than a member of staff made, such as a salesperson before the complaint, or the
    /// service itself when it acknowledged one.
    async fn by_others(&self) -> CommitmentCounts {
        (&self.0.others).into()
    }
}

/// The seller whose staff asks for measures of a period; `None` when the stores know no such times.
///
/// # Errors
/// `UNAUTHENTICATED` or `FORBIDDEN` for everybody but staff.
pub fn measured(ctx: &Context<'_>, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Option<SellerId>> {
    signed_in(ctx)?;
    let Actor::Staff { seller, .. } = ctx.actor() else {
        return Err(forbidden("Measures are for the seller's staff.", "Mätvärdena är för säljarens personal."));
    };
    Ok((sensible(&from) && sensible(&until)).then_some(seller))
}

/// Reads of measures.
#[derive(Default)]
pub struct CommitmentMeasuresQuery;

#[Object]
impl CommitmentMeasuresQuery {
    /// How the commitments of your seller went whose time ends in a period. For staff.
    #[graphql(complexity = "50 + child_complexity")]
    async fn commitment_measures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only commitments whose time ends at this time or later, UTC.")] from: DateTime<Utc>,
        #[graphql(desc = "Only commitments whose time ends before this time, UTC.")] until: DateTime<Utc>,
        #[graphql(
            desc = "Only commitments of these kinds. A date of contact that the acknowledgement named counts for the seller, \
                    and in `byOthers`.",
            default_with = "super::commitment::actions()"
        )]
        kinds: Vec<CommitmentKind>,
    ) -> Result<CommitmentMeasures> {
        let Some(seller) = measured(ctx, from, until)? else { return Ok(CommitmentMeasures(Measures::default())) };
        of_seller(ctx.db(), seller, (from, until), &kinds).await.map(CommitmentMeasures).map_err(read_error)
    }
}
