//! Calculates due times on a calendar, without any case.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::id::{SellerId, TeamId};
use entity::json::CalendarContent;
use entity::kind::Language;
use std::sync::Arc;
use tokio::task::spawn_blocking;

use super::calendar::CalendarInput;
use super::context::{ContextExt, id, query_error, read_error, signed_in, to_id};
use super::error::code::Code;
use crate::access::table::{Action, may, to_directory};
use crate::calendar::elapsed::{Elapsed, elapsed_with};
use crate::calendar::pause::Pauses;
use crate::calendar::span::{ClosedEnd, Ends, Span, Unit, due_with};
use crate::calendar::step::{Step, Unheard};
use crate::calendar::walk::Walk;
use crate::calendar::words::in_words;
use crate::calendar::{Calendar, Unable, stored};
use crate::directory::calendar::{OWN, checked};
use crate::kit::error::{ErrorCode, Problem, Problems};
use crate::texts::{self, Text};

/// The largest number of clocks in one query.
const MOST: usize = 1_000;
/// The largest number of pauses of one clock.
const MOST_PAUSES: usize = 100;
/// The largest number of days that the calculation of all clocks of one query may look at together: some tenths of a
/// second of work.
const MOST_DAYS: u64 = 500_000;

/// The unit that a span of time counts.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SpanUnit {
    /// Seconds by the clock, nights and holidays included.
    ClockSeconds,
    /// Hours by the clock, nights and holidays included.
    ClockHours,
    /// Seconds in which the calendar is open.
    WorkingSeconds,
    /// Hours in which the calendar is open.
    WorkingHours,
    /// Days on which the calendar is open for at least some time; the day of the start is not counted.
    WorkingDays,
    /// Calendar days, whether open or closed; the day of the start is not counted.
    Days,
    /// Weeks, until the end of the same weekday as that of the start.
    Weeks,
    /// Months, until the end of the same day of the month as that of the start, or of the month's last day when it has
    /// no such day.
    Months,
}

/// When a span of days, weeks or months ends on its last day.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
pub enum SpanEnd {
    /// At midnight, when the day is over.
    #[default]
    Midnight,
    /// When the calendar closes on that day; at midnight, when the day is over, if it is closed all day.
    Closing,
}

/// What happens when the calendar is closed on the last day of a span of days, weeks or months.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClosedLastDay {
    /// The closed day stays the last day.
    #[default]
    Keep,
    /// The next working day becomes the last day (as in Regulation (EEC, Euratom) No 1182/71, article 3(4)).
    NextWorkingDay,
}

/// A span of time, in one unit.
#[derive(InputObject, Clone, Copy)]
pub struct SpanInput {
    /// The unit that the span counts.
    unit: SpanUnit,
    /// The number of units; 0 or more. The span may be ten years long at most.
    count: i32,
    /// When the span ends on its last day; `MIDNIGHT` when left out. Only for spans of days, weeks and months.
    #[graphql(default)]
    ends: SpanEnd,
    /// What happens when the last day is closed; `KEEP` when left out. Only for spans of days, weeks and months.
    #[graphql(default)]
    closed_last_day: ClosedLastDay,
}

/// A pause: a stretch of time that is not counted. In a span of days, weeks or months, a day that ends within a pause
/// is not counted.
#[derive(InputObject, Clone, Copy)]
pub struct PauseInput {
    /// When the pause begins, UTC.
    from: DateTime<Utc>,
    /// When the pause ends, UTC; later than `from`.
    until: DateTime<Utc>,
}

/// A clock to calculate: a start, and the time within which something must be done.
#[derive(InputObject, Clone)]
pub struct ClockInput {
    /// When the clock starts, UTC.
    start: DateTime<Utc>,
    /// When the thing was done, UTC; left out when it has not been done.
    end: Option<DateTime<Utc>>,
    /// The span of time within which it must be done.
    span: SpanInput,
    /// The times in which the clock was paused; at most 100.
    #[graphql(default)]
    pauses: Vec<PauseInput>,
}

/// A clock that was calculated. It is not stored.
#[derive(Clone)]
pub struct ClockPreview {
    calendar: Arc<Calendar>,
    input: ClockInput,
    due: DateTime<Utc>,
    elapsed: Option<Elapsed>,
}

/// A clock that was calculated. It is not stored.
#[Object]
impl ClockPreview {
    /// When the clock is due, UTC. Something that is done at exactly this instant is in time. A span of days is due at
    /// the instant at which its last day is over, unless it ends at closing time.
    async fn due(&self) -> DateTime<Utc> {
        self.due
    }

    /// How many seconds passed from the start to the end, as the span counts them and without pauses; null when there
    /// is no end, and when the span counts days, weeks or months.
    async fn elapsed_seconds(&self) -> Option<i32> {
        match self.elapsed? {
            Elapsed::Seconds(seconds) => i32::try_from(seconds).ok(),
            Elapsed::Days(_) => None,
        }
    }

    /// How many days had begun after the day of the start when the end came, without days that are not counted; only
    /// working days when the span counts those. Null when there is no end, and when the span counts seconds or hours.
    async fn elapsed_days(&self) -> Option<i32> {
        match self.elapsed? {
            Elapsed::Days(days) => i32::try_from(days).ok(),
            Elapsed::Seconds(_) => None,
        }
    }

    /// Whether the end came in time; null when there is no end.
    async fn met(&self) -> Option<bool> {
        self.input.end.map(|end| end <= self.due)
    }

    /// How the clock was calculated, one sentence for each step, in the language of `Accept-Language` (Swedish or
    /// English) and with times in the calendar's time zone. At most 61 sentences: in the place of steps that are left
    /// out, one sentence says how many there are.
    #[graphql(complexity = "10")]
    async fn steps(&self, ctx: &Context<'_>) -> Vec<String> {
        self.steps_in(ctx.language())
    }
}

impl ClockPreview {
    fn steps_in(&self, language: Language) -> Vec<String> {
        let mut steps: Vec<Step> = Vec::new();
        let (span, pauses) = (span(self.input.span), pauses(&self.input));
        let mut walk = Walk::new(&self.calendar);
        if due_with(self.input.start, span, &pauses, &mut walk, &mut steps).is_err() {
            return Vec::new();
        }
        in_words(&steps, self.calendar.zone(), language)
    }
}

fn span(input: SpanInput) -> Span {
    let count = u32::try_from(input.count).unwrap_or(0);
    let (unit, count) = match input.unit {
        SpanUnit::ClockSeconds => (Unit::Clock, count),
        SpanUnit::ClockHours => (Unit::Clock, count.saturating_mul(3_600)),
        SpanUnit::WorkingSeconds => (Unit::Working, count),
        SpanUnit::WorkingHours => (Unit::Working, count.saturating_mul(3_600)),
        SpanUnit::WorkingDays => (Unit::WorkingDays, count),
        SpanUnit::Days => (Unit::Days, count),
        SpanUnit::Weeks => (Unit::Weeks, count),
        SpanUnit::Months => (Unit::Months, count),
    };
    let ends = match input.ends {
        SpanEnd::Midnight => Ends::Midnight,
        SpanEnd::Closing => Ends::Closing,
    };
    let closed_end = match input.closed_last_day {
        ClosedLastDay::Keep => ClosedEnd::Keep,
        ClosedLastDay::NextWorkingDay => ClosedEnd::NextWorkingDay,
    };
    Span { unit, count, ends, closed_end }
}

fn pauses(input: &ClockInput) -> Pauses {
    Pauses::new(input.pauses.iter().map(|pause| (pause.from, pause.until)).collect())
}

/// Calculates all clocks, unless together they look at too many days.
fn count(calendar: &Arc<Calendar>, clocks: Vec<ClockInput>) -> std::result::Result<Vec<ClockPreview>, Problem> {
    let mut looked_at = 0;
    let mut counted = Vec::with_capacity(clocks.len());
    for (place, input) in clocks.into_iter().enumerate() {
        let wrong =
            |field: &str, text: Text| Problem::new(ErrorCode::Invalid, &format!("clocks.{place}.{field}"), text);
        if input.span.count < 0 {
            return Err(wrong("span.count", texts::api::zero_or_more()));
        }
        if input.pauses.len() > MOST_PAUSES || input.pauses.iter().any(|pause| pause.from >= pause.until) {
            return Err(wrong("pauses", texts::api::pauses()));
        }
        let (span, pauses) = (span(input.span), pauses(&input));
        let mut walk = Walk::new(calendar);
        let due = due_with(input.start, span, &pauses, &mut walk, &mut Unheard);
        let elapsed = match input.end {
            Some(end) => elapsed_with(input.start, end, span.unit, &pauses, &mut walk).map(Some),
            None => Ok(None),
        };
        looked_at += u64::from(walk.days);
        if looked_at > MOST_DAYS {
            return Err(wrong("span", texts::api::too_many_days()));
        }
        match (due, elapsed) {
            (Ok(due), Ok(elapsed)) => {
                counted.push(ClockPreview { calendar: Arc::clone(calendar), input, due, elapsed });
            }
            (Err(Unable::NeverOpen), _) => {
                return Err(wrong("start", texts::api::never_open()));
            }
            (Err(Unable::TooLong), _) | (_, Err(_)) => {
                return Err(wrong("span", texts::api::over_ten_years()));
            }
        }
    }
    Ok(counted)
}

/// Queries that calculate on a calendar.
#[derive(Default)]
pub struct PreviewQuery;

#[Object]
impl PreviewQuery {
    /// Calculates when clocks are due, how much of them has passed, and whether they were met, in the order of the
    /// input. It lets you check a calendar against your own calculation, or your history against your times. It reads
    /// no case and stores nothing. For staff. Give either `calendar`, or `sellerId` or `teamId`, otherwise the code is
    /// `INVALID`; `TOO_LONG` for more than 1,000 clocks.
    #[graphql(complexity = "10 + clocks.len() * child_complexity / 20")]
    async fn preview_clock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The calendar to calculate on; leave it out to name a seller or a team.")] calendar: Option<
            CalendarInput,
        >,
        #[graphql(desc = "The seller on whose calendar to calculate.")] seller_id: Option<ID>,
        #[graphql(desc = "The team on whose calendar to calculate; if it has none of its own, its seller's is used.")]
        team_id: Option<ID>,
        #[graphql(desc = "The clocks to calculate; at most 1,000.")] clocks: Vec<ClockInput>,
    ) -> Result<Vec<ClockPreview>> {
        signed_in(ctx)?;
        if ctx.actor().staff().is_none() {
            return Err(super::context::forbidden(texts::api::for_staff()));
        }
        if clocks.len() > MOST {
            return Err(Code::TooLong.error(texts::api::too_many_clocks()));
        }
        let content = content(ctx, (calendar, seller_id, team_id)).await?;
        let counted = spawn_blocking(move || count(&Arc::new(stored::calendar(&content)), clocks));
        let counted = counted.await.map_err(|_| Code::Internal.error(texts::api::broke_off()))?;
        counted.map_err(|problem| query_error(&problem))
    }
}

async fn content(ctx: &Context<'_>, given: (Option<CalendarInput>, Option<ID>, Option<ID>)) -> Result<CalendarContent> {
    match given {
        (Some(input), None, None) => {
            let content = input.content().map_err(|problem| query_error(&problem))?;
            let mut problems = Problems::default();
            let content = checked(content, OWN, &mut problems);
            match problems.into_list().first() {
                Some(problem) => Err(query_error(problem)),
                None => Ok(content),
            }
        }
        (None, Some(text), None) => sellers(ctx, &text, "sellerId").await,
        (None, seller, Some(text)) => {
            let not_found = || query_error(&Problem::not_found("teamId"));
            let team = id::<TeamId>(&text, "teamId").map_err(|problem| query_error(&problem))?;
            let team = ctx.loaders().teams.one(team).await.map_err(read_error)?.ok_or_else(not_found)?;
            let own = sellers(ctx, &to_id(team.seller_id), "teamId").await?;
            if seller.is_some_and(|seller| seller != to_id(team.seller_id)) {
                return Err(query_error(&Problem::not_found("sellerId")));
            }
            Ok(team.calendar.unwrap_or(own))
        }
        _ => Err(Code::Invalid.error(texts::api::calendar_or_whose())),
    }
}

async fn sellers(ctx: &Context<'_>, text: &ID, field: &str) -> Result<CalendarContent> {
    let seller = id::<SellerId>(text, field).map_err(|problem| query_error(&problem))?;
    let row = ctx.loaders().sellers.one(seller).await.map_err(read_error)?;
    let visible = row.filter(|row| may(to_directory(ctx.actor(), row.id), Action::ReadDirectory));
    visible.map(|row| row.calendar).ok_or_else(|| query_error(&Problem::not_found(field)))
}
