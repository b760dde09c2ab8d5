//! The legal clocks of a case: begun by what the law names, warned of, met or missed. Nothing pauses one, and closing, merging,
//! reopening or giving the case to somebody else moves none.

use chrono::{DateTime, Utc};
use entity::id::{CaseId, EnquiryId, LegalClockId};
use entity::json::{CalendarContent, LegalChoices};
use entity::kind::{DeadlineOf, DueKind, EscalationReason, LegalClockState};
use entity::{case, legal_clock, message};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

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
use crate::legal::{self, Rule, Satisfied, Starts, Warned};
use crate::timer;

/// What begins legal clocks of a case.
#[derive(Debug, Clone, Copy)]
pub struct Beginning<'a> {
    /// What happened.
    pub starts: Starts,
    /// When.
    pub at: DateTime<Utc>,
    /// The enquiry that it was.
    pub enquiry: Option<EnquiryId>,
    /// The case's category and those above it.
    pub categories: &'a [String],
    /// Of what has come or run out already nobody is told: the case was imported.
    pub quiet: bool,
}

/// Begins the clocks that the seller chose for what happened; only those whose rule is in force on that day.
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
        // What is imported happened at another time than today's.
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
            set_timer(work, &clock, rule);
        }
        work.insert(clock);
    }
}

/// As [`begin`], reading what the seller has chosen.
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

/// Sets the timer to the next warning that was not told, or to the end.
fn set_timer(work: &mut Work, clock: &legal_clock::Model, rule: &Rule) {
    let told = usize::try_from(clock.warned).unwrap_or(usize::MAX);
    let next = rule.warnings(clock.started_at, clock.due_at).nth(told).map_or(clock.due_at, |(at, _)| at);
    timer::set_of(work, (clock.case_id, clock.id.0), DueKind::LegalClock, next);
}

/// Looks at a clock whose timer ran out: tells the next warning that is due, or that its time has come.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn look(work: &mut Work, case: &mut case::Model, id: LegalClockId) -> Outcome<()> {
    let row = legal_clock::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let Some(mut clock) = row.filter(|row| row.state == LegalClockState::Running) else { return Ok(()) };
    let Some((_, rule)) = legal::rule(&clock.rule) else { return Ok(()) };
    if clock.due_at <= work.now() {
        return run_out(work, case, clock, rule).await;
    }
    let warnings: Vec<_> = rule.warnings(clock.started_at, clock.due_at).collect();
    let passed = warnings.iter().take_while(|(at, _)| *at <= work.now()).count();
    let told = usize::try_from(clock.warned).unwrap_or(usize::MAX);
    // Of several that have come at once, as after an import, the last says it all.
    if let Some((_, who)) = passed.checked_sub(1).filter(|last| *last >= told).and_then(|last| warnings.get(last)) {
        tell(work, case, *who).await?;
    }
    clock.warned = i32::try_from(passed.max(told)).unwrap_or(i32::MAX);
    set_timer(work, &clock, rule);
    work.save(clock);
    Ok(())
}

async fn run_out(work: &mut Work, case: &mut case::Model, mut clock: legal_clock::Model, rule: &Rule) -> Outcome<()> {
    clock.state = after_its_time(rule);
    if clock.state == LegalClockState::Missed {
        tell(work, case, Warned::Accountable).await?;
    }
    log::append(work, case, &Payload::LegalClockEnded { clock: clock.id, state: clock.state })?;
    work.save(clock);
    Ok(())
}

fn after_its_time(rule: &Rule) -> LegalClockState {
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

/// What some clocks of a case ask for was done at this instant. One that had run out stays missed, with the time at which
/// it was done. The caller saves the case.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn done(
    work: &mut Work,
    case: &mut case::Model,
    what: &[Satisfied],
    enquiry: Option<EnquiryId>,
) -> Outcome<()> {
    let rows = of_case(case.id).filter(legal_clock::Column::DoneAt.is_null()).lock_exclusive().all(work.tx()?).await?;
    for mut clock in rows.into_iter().filter(|row| row.enquiry_id == enquiry) {
        let Some((_, rule)) = legal::rule(&clock.rule) else { continue };
        if !what.contains(&rule.satisfied_by) {
            continue;
        }
        clock.done_at = Some(work.now());
        let late = clock.due_at < work.now();
        let state = match clock.state {
            LegalClockState::Running if late => LegalClockState::Missed,
            // One that had run out before it was imported was met all the same, if it was done in time.
            LegalClockState::Running | LegalClockState::Missed if !late => LegalClockState::Met,
            other => other,
        };
        if state != clock.state {
            clock.state = state;
            timer::stop_of(work, clock.id.0, &[DueKind::LegalClock]).await?;
            log::append(work, case, &Payload::LegalClockEnded { clock: clock.id, state })?;
        }
        work.save(clock);
    }
    Ok(())
}

/// The complaint was received earlier than was known: what counts from its receipt counts from then. The caller has set the
/// case's own time.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn received_earlier(work: &mut Work, case: &case::Model) -> Outcome<()> {
    let running = of_case(case.id).filter(legal_clock::Column::State.eq(LegalClockState::Running));
    let rows = running.filter(legal_clock::Column::StartedAt.gt(case.received_at)).lock_exclusive();
    let rows = rows.all(work.tx()?).await?;
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
        set_timer(work, &clock, rule);
        work.save(clock);
    }
    Ok(())
}

/// Gives a clock the longer time that its rule allows, with the reason that the law asks for.
///
/// # Errors
/// When it cannot be extended, or no reason is given.
pub async fn extend(work: &mut Work, id: LegalClockId, reason: &str) -> Outcome<case::Model> {
    let not_found = || Problem::not_found("legalClockId");
    let found = legal_clock::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    let mut case = door::case(work, found.case_id, Action::ManageClocks, "legalClockId").await?;
    let row = legal_clock::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let mut clock = row.ok_or_else(not_found)?;
    let reason = required(reason, "reason", 2_000)?;
    let calendar = stored::calendar(&directory::seller::one(work, case.seller_id).await?.calendar);
    let rule = legal::rule(&clock.rule).map(|(_, rule)| rule);
    let longest = rule.and_then(|rule| rule.extended(clock.started_at, &calendar));
    let open = clock.state == LegalClockState::Running && clock.extension.is_none() && clock.due_at > work.now();
    let Some((rule, longest)) = rule.zip(longest).filter(|_| open) else {
        let en = "It cannot be extended: its rule allows no longer time, it has one already, or its time has come.";
        let sv =
            "Den kan inte förlängas: regeln tillåter ingen längre tid, den är redan förlängd eller så är tiden ute.";
        return Err(Problem::new(ErrorCode::InvalidTransition, "legalClockId", en, sv).into());
    };
    clock.extension = Some(reason);
    clock.due_at = longest;
    clock.warned = 0;
    log::append(work, &mut case, &Payload::LegalClockExtended { clock: clock.id, due: longest })?;
    set_timer(work, &clock, rule);
    work.save(clock);
    work.save(case.clone());
    Ok(case)
}

/// Tells the customer in time why the answer is late and when it comes, where the rule takes that letter instead of the answer.
///
/// # Errors
/// When the rule takes no such letter, the clock does not run any more or its time has come, or the words are missing.
pub async fn explain_delay(work: &mut Work, id: LegalClockId, words: &str) -> Outcome<message::Model> {
    let not_found = || Problem::not_found("legalClockId");
    let found = legal_clock::Entity::find_by_id(id).one(work.tx()?).await?.ok_or_else(not_found)?;
    door::lock_related(work, &[found.case_id]).await?;
    let mut case = door::case(work, found.case_id, Action::ManageClocks, "legalClockId").await?;
    let row = legal_clock::Entity::find_by_id(id).lock_exclusive().one(work.tx()?).await?;
    let mut clock = row.ok_or_else(not_found)?;
    let takes_it = legal::rule(&clock.rule).is_some_and(|(_, rule)| rule.letter_satisfies);
    if !takes_it || clock.state != LegalClockState::Running || clock.due_at <= work.now() {
        let en = "No letter meets this clock: its rule asks for the answer itself, or its time has come.";
        let sv = "Inget brev uppfyller den här tiden: regeln kräver själva svaret, eller så är tiden ute.";
        return Err(Problem::new(ErrorCode::InvalidTransition, "legalClockId", en, sv).into());
    }
    let message = super::tell_customer(work, &mut case, words, None).await?;
    clock.done_at = Some(work.now());
    clock.state = LegalClockState::Met;
    timer::stop_of(work, clock.id.0, &[DueKind::LegalClock]).await?;
    log::append(work, &mut case, &Payload::LegalClockEnded { clock: clock.id, state: clock.state })?;
    work.save(clock);
    work.save(case);
    Ok(message)
}

/// A case's legal clocks, in the order in which they began.
#[must_use]
pub fn of_case(id: CaseId) -> sea_orm::Select<legal_clock::Entity> {
    legal_clock::Entity::find()
        .filter(legal_clock::Column::CaseId.eq(id))
        .order_by_asc(legal_clock::Column::StartedAt)
        .order_by_asc(legal_clock::Column::Id)
}
