//! The legal clocks of a case: how they start, warn, and are met or missed. Nothing pauses a legal clock. Closing,
//! merging, reopening or reassigning the case does not change its time.

use chrono::{DateTime, Utc};
use entity::id::{CaseId, EnquiryId, LegalClockId};
use entity::json::{CalendarContent, LegalChoice, LegalChoices};
use entity::kind::{DeadlineOf, DueKind, EscalationReason, LegalClockState};
use entity::{case, legal_clock, message, seller};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::watch;
use crate::access::door;
use crate::access::table::Action;
use crate::calendar::stored;
use crate::directory;
use crate::event::log;
use crate::event::payload::Payload;
use crate::kit::error::{ErrorCode, Outcome, Problem, required};
use crate::kit::text::folded;
use crate::kit::work::Work;
use crate::legal::{self, LegalClockRule, Satisfied, Starts, Warned};
use crate::texts;
use crate::timer;

/// An event that starts legal clocks of a case.
#[derive(Debug, Clone, Copy)]
pub struct Beginning<'a> {
    /// The kind of event.
    pub starts: Starts,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The enquiry, if the event is one.
    pub enquiry: Option<EnquiryId>,
    /// The case's category and the categories above it.
    pub categories: &'a [String],
    /// Whether warnings and ends in the past inform nobody, because the case is imported.
    pub quiet: bool,
}

/// Starts the clocks that the seller has chosen for this event. Only rules that are in force on the day of the event
/// start one.
pub fn begin(
    work: &mut Work,
    case: &case::Model,
    (choices, calendar): (&LegalChoices, &CalendarContent),
    beginning: Beginning<'_>,
) {
    let calendar = stored::calendar(calendar);
    let concerns = |category: &Option<String>| {
        category.as_ref().is_none_or(|wanted| beginning.categories.iter().any(|own| folded(own) == folded(wanted)))
    };
    for choice in choices.0.iter().filter(|choice| concerns(&choice.category)) {
        let Some((_, rule)) = legal::rule(&choice.rule).filter(|(_, rule)| rule.starts == beginning.starts) else {
            continue;
        };
        let in_force = rule.in_force(rule.calendar(&calendar).date(beginning.at));
        let Some(due_at) = rule.due(beginning.at, &calendar).ok().filter(|_| in_force) else { continue };
        // The act of an import has a time in the past, so the service's clock is asked for the present time.
        let today = work.app().now();
        let over = beginning.quiet && due_at <= today;
        let passed = rule.warnings(beginning.at, due_at).take_while(|(at, _)| *at <= today).count();
        let warned = if beginning.quiet { i32::try_from(passed).unwrap_or(i32::MAX) } else { 0 };
        let clock = legal_clock::Model {
            id: work.new_id(),
            case_id: case.id,
            seller_id: case.seller_id,
            rule: rule.code.clone(),
            enquiry_id: beginning.enquiry,
            started_at: beginning.at,
            due_at,
            extension: None,
            state: if over { after_its_time(rule) } else { LegalClockState::Running },
            done_at: None,
            warned,
        };
        if !over {
            set_timer(work, case, &clock, rule);
        }
        work.insert(clock);
    }
}

/// As [`begin`], but reads the seller's choices from the store.
///
/// # Errors
/// When the store cannot be read.
pub async fn begin_for(
    work: &mut Work,
    case: &case::Model,
    starts: Starts,
    enquiry: Option<EnquiryId>,
    at: DateTime<Utc>,
) -> Outcome<()> {
    let seller = directory::seller::one(work, case.seller_id).await?;
    if seller.legal_clocks.0.is_empty() {
        return Ok(());
    }
    let catalogue = directory::catalogue::at(work, seller.id, seller.catalogue_version).await?;
    let place = catalogue.place(case.category.as_deref(), None);
    let categories: Vec<String> = place.category.into_iter().chain(place.above).collect();
    begin(
        work,
        case,
        (&seller.legal_clocks, &seller.calendar),
        Beginning { starts, at, enquiry, categories: &categories, quiet: false },
    );
    Ok(())
}

/// Starts the clocks of the categories that a locked case got when its category was changed, from the receipt of the
/// complaint, as at intake. The clocks that run go on: a law does not stop to apply because a word was changed.
///
/// # Errors
/// When the store cannot be read.
pub async fn category_changed(
    work: &mut Work,
    case: &case::Model,
    seller: &seller::Model,
    (was, is): (&[String], &[String]),
) -> Outcome<()> {
    let among = |wanted: &str, own: &[String]| own.iter().any(|own| folded(own) == folded(wanted));
    let is_new = |choice: &&LegalChoice| {
        choice.category.as_deref().is_some_and(|wanted| among(wanted, is) && !among(wanted, was))
    };
    let mut choices: Vec<LegalChoice> = seller.legal_clocks.0.iter().filter(is_new).cloned().collect();
    if choices.is_empty() {
        return Ok(());
    }
    let of_case = legal_clock::Entity::find().filter(legal_clock::Column::CaseId.eq(case.id));
    let known = of_case.all(work.tx()?).await?;
    choices.retain(|choice| known.iter().all(|clock| clock.rule != choice.rule));
    let beginning =
        Beginning { starts: Starts::Received, at: case.received_at, enquiry: None, categories: is, quiet: false };
    begin(work, case, (&LegalChoices(choices), &seller.calendar), beginning);
    Ok(())
}

/// Sets the timer to the next warning that has not been given, or else to the end of the clock.
fn set_timer(work: &mut Work, case: &case::Model, clock: &legal_clock::Model, rule: &LegalClockRule) {
    let told = usize::try_from(clock.warned).unwrap_or(usize::MAX);
    let next = rule.warnings(clock.started_at, clock.due_at).nth(told).map_or(clock.due_at, |(at, _)| at);
    timer::set_of(work, case, clock.id.0, DueKind::LegalClock, next);
}

/// Handles a clock whose timer has run out: gives the next warning that is due, or ends the clock.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn look(work: &mut Work, case: &mut case::Model, id: LegalClockId) -> Outcome<()> {
    let row = work.lock::<legal_clock::Model>(id).await?;
    let Some(mut clock) = row.filter(|row| row.state == LegalClockState::Running) else { return Ok(()) };
    let Some((_, rule)) = legal::rule(&clock.rule) else { return Ok(()) };
    if clock.due_at <= work.now() {
        return run_out(work, case, &mut clock, rule).await;
    }
    let warnings: Vec<_> = rule.warnings(clock.started_at, clock.due_at).collect();
    let passed = warnings.iter().take_while(|(at, _)| *at <= work.now()).count();
    let told = usize::try_from(clock.warned).unwrap_or(usize::MAX);
    // If several warnings are due at once, only the last one is given, because it includes the others.
    if let Some((_, who)) = passed.checked_sub(1).filter(|last| *last >= told).and_then(|last| warnings.get(last)) {
        tell(work, case, *who).await?;
    }
    clock.warned = i32::try_from(passed.max(told)).unwrap_or(i32::MAX);
    set_timer(work, case, &clock, rule);
    Ok(())
}

async fn run_out(
    work: &mut Work,
    case: &mut case::Model,
    clock: &mut legal_clock::Model,
    rule: &LegalClockRule,
) -> Outcome<()> {
    clock.state = after_its_time(rule);
    if clock.state == LegalClockState::Missed {
        tell(work, case, Warned::Accountable).await?;
    }
    log::append(work, case, &Payload::LegalClockEnded { clock: clock.id, state: clock.state })
}

fn after_its_time(rule: &LegalClockRule) -> LegalClockState {
    let breach = rule.breach && rule.deadline_of == DeadlineOf::Company;
    if breach { LegalClockState::Missed } else { LegalClockState::Passed }
}

async fn tell(work: &mut Work, case: &mut case::Model, who: Warned) -> Outcome<()> {
    let (level, to) = match who {
        Warned::Owner => (1, case.owner_id),
        Warned::Lead => (1, watch::above(work, case, case.owner_id, 1).await?),
        Warned::Accountable => (2, watch::above(work, case, case.owner_id, 2).await?),
    };
    watch::raise(work, case, EscalationReason::LegalClock, level, to)
}

/// Marks the clocks that ask for one of these acts as done at this instant. A clock that has run out stays missed, and
/// gets the time at which the act was done.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn done(
    work: &mut Work,
    case: &mut case::Model,
    what: &[Satisfied],
    enquiry: Option<EnquiryId>,
) -> Outcome<()> {
    let undone = of_case(case.id).filter(legal_clock::Column::DoneAt.is_null());
    for mut clock in work.lock_all(undone).await?.into_iter().filter(|row| row.enquiry_id == enquiry) {
        let Some((_, rule)) = legal::rule(&clock.rule) else { continue };
        if !what.contains(&rule.satisfied_by) {
            continue;
        }
        clock.done_at = Some(work.now());
        let late = clock.due_at < work.now();
        let state = match clock.state {
            LegalClockState::Running if late => LegalClockState::Missed,
            // A clock that is done before its time is met, even if it was marked as missed when it was imported.
            LegalClockState::Running | LegalClockState::Missed if !late => LegalClockState::Met,
            other => other,
        };
        if state != clock.state {
            clock.state = state;
            timer::stop_of(work, clock.id.0, &[DueKind::LegalClock]);
            log::append(work, case, &Payload::LegalClockEnded { clock: clock.id, state })?;
        }
    }
    Ok(())
}

/// Restarts the clocks that run from the receipt of the complaint, because an earlier receipt became known. The caller
/// has set the earlier time on the case.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn received_earlier(work: &mut Work, case: &case::Model) -> Outcome<()> {
    let running = of_case(case.id).filter(legal_clock::Column::State.eq(LegalClockState::Running));
    let rows = work.lock_all(running.filter(legal_clock::Column::StartedAt.gt(case.received_at))).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let calendar = stored::calendar(&directory::seller::one(work, case.seller_id).await?.calendar);
    for mut clock in rows {
        let Some((_, rule)) = legal::rule(&clock.rule).filter(|(_, rule)| rule.starts == Starts::Received) else {
            continue;
        };
        let counted = if clock.extension.is_some() {
            rule.extended(case.received_at, &calendar)
        } else {
            rule.due(case.received_at, &calendar).ok()
        };
        let Some(due_at) = counted else { continue };
        clock.started_at = case.received_at;
        clock.due_at = due_at;
        set_timer(work, case, &clock, rule);
    }
    Ok(())
}

/// Extends a clock to the longest time that its rule allows, with the reason that the law asks for.
///
/// # Errors
/// When it cannot be extended, or no reason is given.
pub async fn extend(work: &mut Work, id: LegalClockId, reason: &str) -> Outcome<case::Model> {
    let not_found = || Problem::not_found("legalClockId");
    let found = legal_clock::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    let mut case = door::case(work, found.case_id, Action::ManageClocks, "legalClockId").await?;
    let row = work.lock::<legal_clock::Model>(id).await?;
    let mut clock = row.ok_or_else(not_found)?;
    let reason = required(reason, "reason", 2_000)?;
    let calendar = stored::calendar(&directory::seller::one(work, case.seller_id).await?.calendar);
    let rule = legal::rule(&clock.rule).map(|(_, rule)| rule);
    let longest = rule.and_then(|rule| rule.extended(clock.started_at, &calendar));
    let open = clock.state == LegalClockState::Running && clock.extension.is_none() && clock.due_at > work.now();
    let Some((rule, longest)) = rule.zip(longest).filter(|_| open) else {
        return Err(Problem::new(ErrorCode::InvalidTransition, "legalClockId", texts::case::not_extendable()).into());
    };
    clock.extension = Some(reason);
    clock.due_at = longest;
    clock.warned = 0;
    log::append(work, &mut case, &Payload::LegalClockExtended { clock: clock.id, due: longest })?;
    set_timer(work, &case, &clock, rule);
    Ok(case.done())
}

/// Tells the customer in time why the answer is late and when it comes. This meets the clock, whose rule must accept
/// such a letter instead of the answer.
///
/// # Errors
/// When the rule accepts no such letter, the clock no longer runs, its time has passed, or the words are missing or too
/// long.
pub async fn explain_delay(work: &mut Work, id: LegalClockId, words: &str) -> Outcome<message::Model> {
    let not_found = || Problem::not_found("legalClockId");
    let found = legal_clock::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    door::lock_related(work, &[found.case_id]).await?;
    let mut case = door::case(work, found.case_id, Action::ManageClocks, "legalClockId").await?;
    let row = work.lock::<legal_clock::Model>(id).await?;
    let mut clock = row.ok_or_else(not_found)?;
    let takes_it = legal::rule(&clock.rule).is_some_and(|(_, rule)| rule.letter_satisfies);
    if !takes_it || clock.state != LegalClockState::Running || clock.due_at <= work.now() {
        let text = texts::case::no_letter_meets_it();
        return Err(Problem::new(ErrorCode::InvalidTransition, "legalClockId", text).into());
    }
    let message = super::tell_customer(work, &mut case, words, (None, None)).await?;
    clock.done_at = Some(work.now());
    clock.state = LegalClockState::Met;
    timer::stop_of(work, clock.id.0, &[DueKind::LegalClock]);
    log::append(work, &mut case, &Payload::LegalClockEnded { clock: clock.id, state: clock.state })?;
    Ok(message)
}

/// The legal clocks of a case, in the order in which they started.
#[must_use]
pub fn of_case(id: CaseId) -> sea_orm::Select<legal_clock::Entity> {
    legal_clock::Entity::find()
        .filter(legal_clock::Column::CaseId.eq(id))
        .order_by_asc(legal_clock::Column::StartedAt)
        .order_by_asc(legal_clock::Column::Id)
}
