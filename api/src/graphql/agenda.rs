//! The agenda: the work that a person, a team or a seller has to do next.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::due;
use entity::id::{CallSignalId, CommitmentId, LetterId, SellerId, StaffId, TaskId, TeamId};
use entity::kind::DueKind;

use super::case::Case;
use super::case::seen::UnreadSummary;
use super::commitment::Commitment;
use super::context::{ContextExt, forbidden, id, int, query_error, read_error, required_row, signed_in};
use super::handover::Handover;
use super::intake::signal::CallSignal;
use super::letter::Letter;
use super::page::PageInfo;
use super::report::quarantine::QuarantinedReport;
use super::task::CaseTask;
use crate::agenda::query::{self, COUNTED};
use crate::agenda::{Because, Scope, WorkItem as Item, WorkKind, acts, timers_of};
use crate::directory::team;
use crate::kit::actor::Actor;
use crate::kit::error::Problem;
use crate::kit::page::{DEFAULT_SIZE, checked_size, once_each};
use crate::texts::{self, Text};

/// Whose work an agenda lists.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum AgendaScope {
    /// Your own work: on the cases that you own, hand-overs that are offered to you, and escalations to you about other
    /// people's cases. For the seller's accountable person also calls and mails that belong to no case.
    Mine,
    /// The work of the members of a team on their cases; of all your teams when no team is named. At most 100 people.
    Team,
    /// The work of all your seller's people on all cases, and calls and mails that belong to no case.
    Seller,
}

/// An item of work. It exists as long as its cause does: it ends when the work is done, in whatever way.
pub struct WorkItem(pub Item);

/// An item of work. It exists as long as its cause does: it ends when the work is done, in whatever way.
#[Object]
impl WorkItem {
    /// The id, opaque. It is also the item's cursor: pass it as `after` to read the following items. It stays the same
    /// as long as the item and its time do.
    async fn id(&self) -> String {
        query::cursor(self.0.place())
    }

    /// The kind of work.
    async fn kind(&self) -> WorkKind {
        self.0.kind
    }

    /// Why it is to be done, in one sentence, in the language of `Accept-Language`.
    async fn why(&self, ctx: &Context<'_>) -> String {
        why(&self.0).read_in(ctx.language()).to_owned()
    }

    /// When the work arose, UTC.
    async fn since(&self) -> DateTime<Utc> {
        self.0.since
    }

    /// By when it is to be done, UTC.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }

    /// Whether its time has passed.
    async fn late(&self, ctx: &Context<'_>) -> bool {
        self.0.due_at < ctx.app().now()
    }

    /// The names of the mutations that do the work or settle it, the most usual first. `Case.viewerCan` says which acts
    /// on the case are open to you.
    async fn acts(&self) -> Vec<&'static str> {
        acts(self.0.kind).to_vec()
    }

    /// The case that it is about; null for a call or a mail that belongs to no case.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        let id = match &self.0.because {
            Because::Timer(row) => row.case_id,
            Because::Handover(row) => row.case_id,
            Because::Call(_) | Because::Mail(_) => return Ok(None),
        };
        required_row(ctx.loaders().cases.one(id).await).map(|row| Some(Case(row)))
    }

    /// The commitment that is due, or that was broken so that the customer must be called; null for other work.
    async fn commitment(&self, ctx: &Context<'_>) -> Result<Option<Commitment>> {
        let Some(row) = self.timer(&[DueKind::CommitmentBy, DueKind::CallBy]) else { return Ok(None) };
        let found = ctx.loaders().commitments.one(CommitmentId(row.subject_id)).await.map_err(read_error)?;
        Ok(found.map(Commitment))
    }

    /// The letter that did not arrive, so that the customer must be called; null for other work.
    async fn letter(&self, ctx: &Context<'_>) -> Result<Option<Letter>> {
        let Some(row) = self.timer(&[DueKind::CallBy]) else { return Ok(None) };
        let found = ctx.loaders().letters.one(LetterId(row.subject_id)).await.map_err(read_error)?;
        Ok(found.map(Letter))
    }

    /// The task with which a partner is late, or about which it asks; null for other work.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<CaseTask>> {
        let kinds = [timers_of(WorkKind::PartnerLate), timers_of(WorkKind::AnswerPartner)].concat();
        let Some(row) = self.timer(&kinds) else { return Ok(None) };
        required_row(ctx.loaders().tasks.one(TaskId(row.subject_id)).await).map(|row| Some(CaseTask(row)))
    }

    /// The hand-over that is offered; null for other work.
    async fn handover(&self) -> Option<Handover> {
        match &self.0.because {
            Because::Handover(row) => Some(Handover(row.clone())),
            _ => None,
        }
    }

    /// The unanswered calls; null for other work.
    async fn call_signal(&self, ctx: &Context<'_>) -> Result<Option<CallSignal>> {
        if let Because::Call(row) = &self.0.because {
            return Ok(Some(CallSignal(row.clone())));
        }
        let Some(row) = self.timer(&[DueKind::CallBy]) else { return Ok(None) };
        let found = ctx.loaders().call_signals.one(CallSignalId(row.subject_id)).await.map_err(read_error)?;
        Ok(found.map(CallSignal))
    }

    /// The mail that could not be taken in; null for other work.
    async fn quarantined_report(&self) -> Option<QuarantinedReport> {
        match &self.0.because {
            Because::Mail(row) => Some(QuarantinedReport(row.clone())),
            _ => None,
        }
    }
}

impl WorkItem {
    /// The timer that the item was computed from, if it is of one of these kinds.
    fn timer(&self, kinds: &[DueKind]) -> Option<&due::Model> {
        match &self.0.because {
            Because::Timer(row) if kinds.contains(&row.kind) => Some(row),
            _ => None,
        }
    }
}

fn why(item: &Item) -> Text {
    match (&item.kind, &item.because) {
        (WorkKind::Contact, Because::Timer(row)) if row.kind == DueKind::AcknowledgeBy => {
            texts::agenda::first_contact()
        }
        (WorkKind::Contact, _) => texts::agenda::contact(),
        (WorkKind::Reply, _) => texts::agenda::reply(),
        (WorkKind::Answer, _) => texts::agenda::answer(),
        (WorkKind::Commitment, _) => texts::agenda::promised(),
        (WorkKind::CallCustomer, _) => texts::agenda::call_customer(),
        (WorkKind::Handover, _) => texts::agenda::offered(),
        (WorkKind::Escalation, _) => texts::agenda::escalation(),
        (WorkKind::PartnerLate, _) => texts::notice::partner_late(),
        (WorkKind::AnswerPartner, _) => texts::agenda::partner_asks(),
        (WorkKind::OwnerSilent, _) => texts::agenda::owner_silent(),
        (WorkKind::Dispute, _) => texts::agenda::dispute(),
        (WorkKind::LegalClock, _) => texts::agenda::law(),
        (WorkKind::CallBack, _) => texts::agenda::call_back(),
        (WorkKind::QuarantinedMail, _) => texts::agenda::mail_not_taken_in(),
    }
}

/// The number of items of one kind in an agenda.
#[derive(SimpleObject)]
pub struct WorkCount {
    /// The kind of work.
    kind: WorkKind,
    /// The number of items of this kind; 1,000 when there are that many or more.
    number: i32,
    /// Whether there may be more items than `number` says.
    capped: bool,
}

/// A page of an agenda, in the order of the items' times. It is read forwards only.
pub struct Agenda {
    viewer: StaffId,
    scope: Scope,
    kinds: Vec<WorkKind>,
    page: query::AgendaPage,
    after: bool,
}

/// A page of an agenda, in the order of the items' times. It is read forwards only.
#[Object]
impl Agenda {
    /// The items, the earliest first.
    async fn nodes(&self) -> Vec<WorkItem> {
        self.page.items.iter().cloned().map(WorkItem).collect()
    }

    /// Whether there is more work, and after which cursor.
    async fn page_info(&self) -> PageInfo {
        let cursor = |item: Option<&Item>| item.map(|item| query::cursor(item.place()));
        PageInfo {
            has_next_page: self.page.has_next,
            has_previous_page: self.after,
            start_cursor: cursor(self.page.items.first()),
            end_cursor: cursor(self.page.items.last()),
        }
    }

    /// What is new to you, whatever the scope of the agenda.
    #[graphql(complexity = "50 + child_complexity")]
    async fn unread(&self, ctx: &Context<'_>) -> Result<UnreadSummary> {
        Box::pin(super::case::seen::summary(ctx, self.viewer)).await
    }

    /// The number of items of each kind, on all pages; kinds without items are left out.
    #[graphql(complexity = "50 + child_complexity")]
    async fn counts(&self, ctx: &Context<'_>) -> Result<Vec<WorkCount>> {
        let counted = query::counts(ctx.db(), (&self.scope, &self.kinds), ctx.app().now()).await.map_err(read_error)?;
        let some = counted.into_iter().filter(|(_, number)| *number > 0);
        Ok(some
            .map(|(kind, number)| WorkCount {
                kind,
                number: int(i64::try_from(number).unwrap_or(i64::MAX)),
                capped: number >= COUNTED,
            })
            .collect())
    }
}

/// Reads of work.
#[derive(Default)]
pub struct AgendaQuery;

#[Object]
impl AgendaQuery {
    /// The work that is to be done next, the earliest first, so that late work comes first. The agenda is derived from
    /// the cases when it is read: an item ends when its work is done. Read it again when `workEvents` sends an event,
    /// and every few minutes: there is no event for calls and mails that belong to no case, nor when time passes.
    /// `INVALID` for `first` and `after`, `NOT_FOUND` for a team that is not your seller's. For staff.
    #[graphql(complexity = "super::page::list_cost(20, child_complexity)")]
    async fn agenda(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Whose work to list: your own, a team's or the whole seller's.",
            default_with = "AgendaScope::Mine"
        )]
        scope: AgendaScope,
        #[graphql(
            desc = "The team whose work is listed, at most 100 members; ignored with another scope than `TEAM`."
        )]
        team_id: Option<ID>,
        #[graphql(desc = "Only work of these kinds; of all kinds when left out.")] kinds: Option<Vec<WorkKind>>,
        #[graphql(desc = "The number of items: 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
    ) -> Result<Agenda> {
        signed_in(ctx)?;
        let Actor::Staff { id: person, seller, .. } = ctx.actor() else {
            return Err(forbidden(texts::agenda::for_staff()));
        };
        let after = after.map(|text| query::read_cursor(&text)).transpose().map_err(|wrong| query_error(&wrong))?;
        let size = checked_size(first.unwrap_or(DEFAULT_SIZE), "first").map_err(|wrong| query_error(&wrong))?;
        let kinds = kinds.map_or_else(|| WorkKind::ALL.to_vec(), |kinds| once_each(&kinds).into_iter().collect());
        let scope = match scope {
            AgendaScope::Mine => mine(ctx, person, seller).await?,
            AgendaScope::Team => Scope::Team(members(ctx, (person, seller), team_id).await?),
            AgendaScope::Seller => Scope::Seller(seller),
        };
        let page = query::page(ctx.db(), (&scope, &kinds), (after, size), ctx.app().now()).await.map_err(read_error)?;
        Ok(Agenda { viewer: person, scope, kinds, page, after: after.is_some() })
    }
}

async fn mine(ctx: &Context<'_>, id: StaffId, seller: SellerId) -> Result<Scope> {
    let row = required_row(ctx.loaders().sellers.one(seller).await)?;
    Ok(Scope::Person { id, accountable_for: (row.accountable_id == id).then_some(seller) })
}

/// The members of the named team, or of all teams of the person.
async fn members(ctx: &Context<'_>, (person, seller): (StaffId, SellerId), named: Option<ID>) -> Result<Vec<StaffId>> {
    let Some(text) = named else { return team::colleagues(ctx.db(), person).await.map_err(read_error) };
    let named = id::<TeamId>(&text, "teamId").map_err(|problem| query_error(&problem))?;
    let found = ctx.loaders().teams.one(named).await.map_err(read_error)?;
    if found.is_none_or(|found| found.seller_id != seller) {
        return Err(query_error(&Problem::not_found("teamId")));
    }
    team::members(ctx.db(), named).await.map_err(read_error)
}
