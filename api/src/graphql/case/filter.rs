//! Conditions on cases as clients write them.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, InputObject};
use chrono::{DateTime, Utc};
use entity::id::{CategoryId, CustomerId, PartnerId, SellerId, StaffId, TeamId, TypedId};
use entity::kind::{CaseStage, Channel, DueKind, Priority, Severity};

use crate::case::list::chosen;
use crate::case::list::filter::{CaseTime, Period, Test};
use crate::graphql::context::{ContextExt, ids};
use crate::kit::error::{ErrorCode, Outcome, Problem, words};
use crate::kit::page::{once_each, sensible};
use crate::kit::text::folded;
use crate::texts;

/// How deep `and`, `or` and `not` may contain each other; a filter without them has depth 1.
const DEEPEST: usize = 5;
/// The most conditions in a filter, in all its parts together.
const MOST: usize = 50;
/// The most values of a condition.
const VALUES: usize = 100;

/// Compares a time. Each part that is given must be true.
#[derive(InputObject, Default, Clone)]
pub struct TimeFilter {
    /// Later than this time, UTC.
    after: Option<DateTime<Utc>>,
    /// Earlier than this time, UTC.
    before: Option<DateTime<Utc>>,
    /// True: there is no such time. False: there is one.
    is_null: Option<bool>,
}

/// Compares the time at which something is due. Each part that is given must be true.
#[derive(InputObject, Default, Clone)]
pub struct DueFilter {
    /// Due later than this time, UTC.
    after: Option<DateTime<Utc>>,
    /// Due earlier than this time, UTC.
    before: Option<DateTime<Utc>>,
}

/// A clock of a case.
#[derive(InputObject, Clone)]
pub struct ClockFilter {
    /// The kinds of clock: a clock of one of these kinds. Kinds of tasks, disputes and commitments are those of the
    /// case.
    kinds: Vec<DueKind>,
    /// When the clock is due; at any time when left out.
    due: Option<DueFilter>,
}

/// Which cases to list. A case must meet every condition that is given; a list of values means one of them, and an
/// empty list means none. Conditions on `stages`, `channels`, `ownerIds`, `teamIds`, `customerIds`, `orderReference`
/// and `priorities` beside each other choose ranges of an index. All others are checked on one case after the other:
/// see `cases`. At most 50 conditions, 100 values in each, and `and`, `or` and `not` at most 5 deep.
#[derive(InputObject, Default, Clone)]
pub struct CaseFilter {
    /// Only cases that meet all of these filters.
    and: Option<Vec<CaseFilter>>,
    /// Only cases that meet at least one of these filters.
    or: Option<Vec<CaseFilter>>,
    /// Only cases that do not meet this filter.
    not: Option<Box<CaseFilter>>,
    /// Only cases in one of these stages.
    stages: Option<Vec<CaseStage>>,
    /// Only cases whose first report came through one of these channels.
    channels: Option<Vec<Channel>>,
    /// Only cases with one of these priorities.
    priorities: Option<Vec<Priority>>,
    /// Only cases with one of these severities. Cases of which nobody said have none of them.
    severities: Option<Vec<Severity>>,
    /// Only cases that one of these members of staff owns.
    owner_ids: Option<Vec<ID>>,
    /// Only cases whose owner is in one of these teams now.
    team_ids: Option<Vec<ID>>,
    /// Only cases of one of these customers.
    customer_ids: Option<Vec<ID>>,
    /// Only cases of this seller. Staff see their own seller's cases only.
    seller_id: Option<ID>,
    /// Only cases in one of these categories, or in one below it.
    category_ids: Option<Vec<ID>>,
    /// Only cases with one of these tags, without regard to case.
    tags: Option<Vec<String>>,
    /// Only cases in which one of these partners is involved (`Case.partners`).
    partner_ids: Option<Vec<ID>>,
    /// Only cases on which one of these partners has a task that it has neither completed nor declined, and that was
    /// not withdrawn.
    open_task_of_ids: Option<Vec<ID>>,
    /// Only cases about the order with this reference, without regard to case.
    order_reference: Option<String>,
    /// `Case.nextContactDue`: by when the customer is to hear from the owner.
    next_contact_due: Option<TimeFilter>,
    /// Whether `Case.nextContactDue` has passed (`Case.contactLate`).
    contact_late: Option<bool>,
    /// `Case.lastChasedAt`: when the customer last had to ask for news.
    last_chased_at: Option<TimeFilter>,
    /// `Case.openedAt`: when the case was opened.
    opened_at: Option<TimeFilter>,
    /// `Case.receivedAt`: when the complaint was received.
    received_at: Option<TimeFilter>,
    /// `Case.closedAt`: when the case was closed or merged.
    closed_at: Option<TimeFilter>,
    /// When the last event of the case happened. There is always one.
    changed_at: Option<TimeFilter>,
    /// Only cases with an open commitment to do something (kind `ACTION`) that is due within this time.
    open_commitment_due: Option<DueFilter>,
    /// Only cases with a clock (`Case.clocks`) that runs or is late, of these kinds and due within this time.
    clock: Option<ClockFilter>,
}

impl TimeFilter {
    /// The period in which the time is.
    #[must_use]
    pub fn period(&self) -> Period {
        Period { after: bounded(self.after), before: bounded(self.before), is_null: self.is_null }
    }
}

impl DueFilter {
    fn period(&self) -> Period {
        Period { after: bounded(self.after), before: bounded(self.before), is_null: None }
    }
}

/// A time that both stores can compare with. All times in the store are between these.
fn bounded(time: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    let earliest = DateTime::from_timestamp(-62_135_596_800, 0);
    let latest = DateTime::from_timestamp(253_402_300_799, 0);
    let nearest = |time: DateTime<Utc>| if time.timestamp() < 0 { earliest } else { latest };
    time.and_then(|time| if sensible(&time) { Some(time) } else { nearest(time) })
}

/// Reads filters, and counts their conditions.
pub struct Reader<'r> {
    ctx: &'r Context<'r>,
    seller: SellerId,
    conditions: usize,
}

impl<'r> Reader<'r> {
    /// Reads filters for the cases of this seller.
    #[must_use]
    pub const fn new(ctx: &'r Context<'r>, seller: SellerId) -> Self {
        Self { ctx, seller, conditions: 0 }
    }

    /// The conditions of a filter.
    ///
    /// # Errors
    /// `INVALID` or `TOO_LONG`, naming the field, for a filter that is too large; `NOT_FOUND` for a text that is no id.
    /// When the store cannot be read.
    pub async fn read(&mut self, filter: &CaseFilter, field: &str, depth: usize) -> Outcome<Vec<Test>> {
        if depth > DEEPEST {
            return Err(Problem::new(ErrorCode::Invalid, field, texts::input::filter_too_deep(DEEPEST)).into());
        }
        let mut tests = plain(filter, self.ctx.app().now());
        tests.extend(Self::worded(filter, field)?);
        tests.extend(self.named(filter, field).await?);
        self.conditions += tests.len();
        for (name, filters) in [("and", &filter.and), ("or", &filter.or)] {
            let Some(filters) = filters else { continue };
            let mut parts = Vec::new();
            for (place, filter) in filters.iter().enumerate() {
                let field = format!("{field}.{name}.{place}");
                self.check_size(&field)?;
                self.conditions += 1;
                parts.push(Test::All(Box::pin(self.read(filter, &field, depth + 1)).await?));
            }
            tests.push(if name == "and" { Test::All(parts) } else { Test::Any(parts) });
        }
        if let Some(not) = &filter.not {
            let parts = Box::pin(self.read(not, &format!("{field}.not"), depth + 1)).await?;
            tests.push(Test::Not(Box::new(Test::All(parts))));
        }
        self.check_size(field)?;
        Ok(tests)
    }

    fn check_size(&self, field: &str) -> Result<(), Problem> {
        if self.conditions > MOST {
            return Err(Problem::new(ErrorCode::Invalid, field, texts::input::filter_too_large(MOST)));
        }
        Ok(())
    }

    /// The conditions with words.
    fn worded(filter: &CaseFilter, field: &str) -> Result<Vec<Test>, Problem> {
        let mut tests = Vec::new();
        if let Some(tags) = &filter.tags {
            tests.push(Test::Tags(words(tags, &format!("{field}.tags"))?));
        }
        if let Some(reference) = &filter.order_reference {
            tests.push(Test::Order(folded(crate::kit::text::clean_line(reference).trim())));
        }
        Ok(tests)
    }

    /// The conditions that name people and things. A name of another seller's is one of nothing.
    async fn named(&self, filter: &CaseFilter, field: &str) -> Outcome<Vec<Test>> {
        let (db, seller) = (self.ctx.db(), self.seller);
        let mut tests = Vec::new();
        if let Some(given) = &filter.owner_ids {
            tests.push(Test::Owners(chosen::staff(db, seller, some::<StaffId>(given, field, "ownerIds")?).await?));
        }
        if let Some(given) = &filter.team_ids {
            tests.push(Test::Owners(chosen::members(db, seller, some::<TeamId>(given, field, "teamIds")?).await?));
        }
        if let Some(given) = &filter.customer_ids {
            let given = some::<CustomerId>(given, field, "customerIds")?;
            tests.push(Test::Customers(chosen::customers(db, seller, given).await?));
        }
        if let Some(given) = &filter.seller_id {
            let own = crate::graphql::context::id::<SellerId>(given, &format!("{field}.sellerId"))? == seller;
            tests.push(if own { Test::All(Vec::new()) } else { Test::Any(Vec::new()) });
        }
        if let Some(given) = &filter.category_ids {
            let given = some::<CategoryId>(given, field, "categoryIds")?;
            tests.push(Test::Categories(chosen::branches(db, seller, &given).await?));
        }
        if let Some(given) = &filter.partner_ids {
            let given = some::<PartnerId>(given, field, "partnerIds")?;
            tests.push(Test::Partners(chosen::partners(db, seller, given).await?));
        }
        if let Some(given) = &filter.open_task_of_ids {
            let given = some::<PartnerId>(given, field, "openTaskOfIds")?;
            tests.push(Test::OpenTaskOf(chosen::partners(db, seller, given).await?));
        }
        Ok(tests)
    }
}

/// The conditions that need nothing else to be read.
fn plain(filter: &CaseFilter, now: DateTime<Utc>) -> Vec<Test> {
    let times = [
        (CaseTime::NextContact, &filter.next_contact_due),
        (CaseTime::LastChased, &filter.last_chased_at),
        (CaseTime::Opened, &filter.opened_at),
        (CaseTime::Received, &filter.received_at),
        (CaseTime::Closed, &filter.closed_at),
        (CaseTime::Changed, &filter.changed_at),
    ];
    let times = times.into_iter().filter_map(|(time, given)| Some(Test::Time(time, given.as_ref()?.period())));
    let clock = |clock: &ClockFilter| {
        Test::Clock(once_each(&clock.kinds), clock.due.as_ref().map(DueFilter::period).unwrap_or_default())
    };
    let others = [
        filter.stages.as_ref().map(|all| Test::Stages(once_each(all))),
        filter.channels.as_ref().map(|all| Test::Channels(once_each(all))),
        filter.priorities.as_ref().map(|all| Test::Priorities(once_each(all))),
        filter.severities.as_ref().map(|all| Test::Severities(once_each(all))),
        filter.contact_late.map(|late| Test::Late(late, now)),
        filter.open_commitment_due.as_ref().map(|due| Test::OpenCommitment(due.period())),
        filter.clock.as_ref().map(clock),
    ];
    others.into_iter().flatten().chain(times).collect()
}

fn some<T: TypedId + Ord>(given: &[ID], field: &str, name: &str) -> Result<BTreeSet<T>, Problem> {
    let field = format!("{field}.{name}");
    if given.len() > VALUES {
        return Err(Problem::new(ErrorCode::TooLong, &field, texts::input::too_many_values(VALUES)));
    }
    Ok(ids(given, &field)?.into_iter().collect())
}
