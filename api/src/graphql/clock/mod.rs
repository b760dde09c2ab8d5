//! The clocks of a case, and the packs of rules for legal clocks.

pub mod acts;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::CaseId;
use entity::json::{LegalChoice, ServiceTime};
use entity::kind::{DeadlineOf, DueKind, Language, LegalClockState};
use entity::{answer_pause, case, due, legal_clock};
use sea_orm::ActiveEnum;

use super::context::{ContextExt, part_id, read_error, required_row, signed_in, to_id};
use super::scalar::Date;
use super::staff::Staff;
use crate::case::pause;
use crate::legal::{self, LegalClockRule, Pack, Starts};
use crate::texts;

/// The state of a clock.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClockState {
    /// The clock runs, and its time has not come.
    Running,
    /// The clock is paused: see `Case.answerPause`.
    Paused,
    /// The time of the clock has come, and what it waits for has not been done.
    Late,
    /// What the clock waits for was done in time.
    Met,
    /// What the clock waits for was done after its time.
    Missed,
    /// The time of the clock has come without a breach of a rule: the deadline was the customer's, or the rule only
    /// offers a simpler way until then.
    Passed,
}

/// A clock of a case: a time by which something is to be done. It is either a timer, such as those of the service
/// level, or a legal clock. A timer is listed while it runs or is late; a legal clock stays listed. The times of a task
/// are on the task.
#[derive(SimpleObject)]
pub struct CaseClock {
    /// The id, opaque; that of a timer stays the same while it is set to another time.
    id: ID,
    /// The id of a legal clock, opaque, for `extendLegalClock` and `explainDelay`. Null for a timer; a case has at most
    /// one timer of each `kind`.
    legal_clock_id: Option<ID>,
    /// What the clock waits for.
    kind: DueKind,
    /// When the clock started, UTC.
    started_at: DateTime<Utc>,
    /// When it is due, UTC. What is done at this instant is in time.
    due_at: DateTime<Utc>,
    /// The state of the clock.
    state: ClockState,
    /// When what a legal clock waits for was done, UTC; null until then, and for a timer.
    done_at: Option<DateTime<Utc>>,
    /// Whose deadline it is: the company's or the customer's.
    deadline_of: DeadlineOf,
    /// Why it is due then, in a sentence in the language of `Accept-Language` (Swedish or English).
    why: String,
    /// The rule of a legal clock; null for a timer.
    rule: Option<LegalRule>,
    /// The reason for which a legal clock was extended; null when it was not.
    extension: Option<String>,
}

/// The clocks of a case, ordered by the time at which they are due.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_case(ctx: &Context<'_>, row: &case::Model) -> Result<Vec<CaseClock>> {
    let loaders = ctx.loaders();
    let timers = loaders.dues_of.one(row.id).await.map_err(read_error)?.unwrap_or_default();
    let legal = loaders.legal_clocks_of.one(row.id).await.map_err(read_error)?.unwrap_or_default();
    let now = ctx.app().now();
    let paused = open_pause(ctx, row.id).await?.is_some();
    let timers = timers.into_iter().filter(|timer| timer.subject_id == row.id.0);
    let mut clocks: Vec<CaseClock> = timers.map(|timer| shown(&timer, now, paused, ctx.language())).collect();
    clocks.extend(legal.iter().filter_map(|clock| shown_legal(clock, now, ctx.language())));
    clocks.sort_by_key(|clock| clock.due_at);
    Ok(clocks)
}

fn shown(timer: &due::Model, now: DateTime<Utc>, paused: bool, language: Language) -> CaseClock {
    let state = if timer.kind == DueKind::AnswerBy && paused {
        ClockState::Paused
    } else if timer.due_at < now {
        ClockState::Late
    } else {
        ClockState::Running
    };
    CaseClock {
        id: part_id(timer.case_id, timer.kind.to_value()),
        legal_clock_id: None,
        kind: timer.kind,
        started_at: timer.started_at,
        due_at: timer.due_at,
        state,
        done_at: None,
        deadline_of: DeadlineOf::Company,
        why: why(timer.kind, timer.span, language),
        rule: None,
        extension: None,
    }
}

fn shown_legal(clock: &legal_clock::Model, now: DateTime<Utc>, language: Language) -> Option<CaseClock> {
    let (pack, rule) = legal::rule(&clock.rule)?;
    let state = match clock.state {
        LegalClockState::Running if clock.due_at < now => ClockState::Late,
        LegalClockState::Running => ClockState::Running,
        LegalClockState::Met => ClockState::Met,
        LegalClockState::Missed if clock.done_at.is_none() => ClockState::Late,
        LegalClockState::Missed => ClockState::Missed,
        LegalClockState::Passed => ClockState::Passed,
    };
    Some(CaseClock {
        id: to_id(clock.id),
        legal_clock_id: Some(to_id(clock.id)),
        kind: DueKind::LegalClock,
        started_at: clock.started_at,
        due_at: clock.due_at,
        state,
        done_at: clock.done_at,
        deadline_of: rule.deadline_of,
        why: rule.explains.r#in(language).to_owned(),
        rule: Some(LegalRule::new(pack, rule, language)),
        extension: clock.extension.clone(),
    })
}

fn why(kind: DueKind, span: Option<ServiceTime>, language: Language) -> String {
    let what = match kind {
        DueKind::AcknowledgeBy => texts::clock::acknowledged(),
        DueKind::ContactBy => texts::clock::contacted(),
        DueKind::TellCustomer => texts::clock::told_of_change(),
        DueKind::LetterFailed => texts::clock::letter_failed(),
        DueKind::CallBy => texts::clock::called(),
        DueKind::OwnerActsBy => texts::clock::owner_acts(),
        DueKind::HandoverEnds => texts::clock::handover_answered(),
        DueKind::ReplyBy => texts::clock::replied(),
        DueKind::AnswerBy => texts::clock::answered(),
        DueKind::TaskAcceptBy | DueKind::TaskUpdateBy | DueKind::TaskDoneBy => texts::clock::partner_acts(),
        DueKind::TaskAnswerBy => texts::clock::partner_answers(),
        DueKind::TaskReplyBy => texts::clock::partner_answered(),
        DueKind::DisputeDecideBy => texts::clock::dispute_decided(),
        DueKind::CommitmentBy => texts::clock::commitment_kept(),
        DueKind::LegalClock => texts::clock::law(),
    };
    let Some(ServiceTime { hours, working }) = span else { return format!("{}.", what.read_in(language)) };
    let (what_en, what_sv) = (what.read_in(Language::En), what.read_in(Language::Sv));
    let within = if working {
        texts::clock::within_working_hours(what_en, what_sv, hours)
    } else {
        texts::clock::within_hours(what_en, what_sv, hours)
    };
    within.read_in(language).to_owned()
}

/// A pause of the time for the company's answer, because the company waits for something from the customer.
#[derive(SimpleObject)]
pub struct AnswerPause {
    /// What the company waits for, in words for the customer.
    reason: String,
    /// When the pause began, UTC.
    since: DateTime<Utc>,
    /// When the pause ends at the latest, UTC; it ends earlier when the customer writes.
    until: DateTime<Utc>,
    /// The member of staff who paused it; always null when the customer reads it.
    by: Option<Staff>,
}

async fn open_pause(ctx: &Context<'_>, id: CaseId) -> Result<Option<answer_pause::Model>> {
    let rows = ctx.loaders().pauses_of.one(id).await.map_err(read_error)?.unwrap_or_default();
    let now = ctx.app().now();
    Ok(rows.into_iter().find(|row| pause::is_open(row, now)))
}

/// The pause that a case is in now; with the member of staff who paused it only if `for_staff`.
///
/// # Errors
/// When the store cannot be read.
pub async fn answer_pause(ctx: &Context<'_>, id: CaseId, for_staff: bool) -> Result<Option<AnswerPause>> {
    let Some(row) = open_pause(ctx, id).await? else { return Ok(None) };
    let by = if for_staff { Some(required_row(ctx.loaders().people.one(row.by_id).await).map(Staff)?) } else { None };
    Ok(Some(AnswerPause { reason: row.reason, since: row.from_at, until: row.until_at, by }))
}

/// What starts a legal clock.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum LegalStart {
    /// The earliest receipt of the complaint by anybody (`Case.receivedAt`).
    Received,
    /// An enquiry by a body for alternative dispute resolution (`recordEnquiry`).
    AdrEnquiry,
    /// A request by a data subject (`recordEnquiry`).
    DataRequest,
    /// A referral by a regulator (`recordEnquiry`).
    Referral,
    /// The company's final answer (`closeCase`).
    Answered,
}

/// A rule of a law or a regulator that sets a time limit. It is not legal advice: read its source.
#[derive(SimpleObject)]
pub struct LegalRule {
    /// The code of the rule, by which it is chosen: `UK_DISP_EIGHT_WEEKS`.
    code: String,
    /// The name of the rule, in the language of `Accept-Language` (Swedish or English).
    name: String,
    /// What the rule says, in the language of `Accept-Language`.
    explains: String,
    /// The complaints that the rule concerns, in the language of `Accept-Language`. A person decides whether a case is
    /// one of them.
    applies_to: String,
    /// What starts the clock of this rule.
    starts: LegalStart,
    /// Whose deadline it is. A customer's deadline is only told to the customer; nobody is late when it passes.
    deadline_of: DeadlineOf,
    /// The law or regulation that the rule comes from.
    source: String,
    /// The web address of the source.
    source_url: String,
    /// The first day on which the rule is in force. It starts no clock before that day.
    in_force_from: Date,
    /// The first day on which the rule is no longer in force; null while no such day is known.
    in_force_until: Option<Date>,
    /// When the longer time that the rule allows may be used (`extendLegalClock`); null when it allows none.
    extension: Option<String>,
    /// What the letter to the customer must say when the time is not met; null when the rule demands no letter.
    when_missed_letter: Option<String>,
    /// Whether a letter that explains the delay (`explainDelay`), sent in time, meets the rule instead of the answer.
    delay_letter_meets_it: bool,
    /// What the final answer must say; null when the rule demands nothing.
    final_letter: Option<String>,
    /// The code of the pack that the rule is part of.
    pack: String,
    /// A notice that the rule is not legal advice.
    notice: String,
}

impl LegalRule {
    fn new(pack: &Pack, rule: &LegalClockRule, language: Language) -> Self {
        let text = |wording: &legal::Wording| wording.r#in(language).to_owned();
        Self {
            code: rule.code.clone(),
            name: text(&rule.name),
            explains: text(&rule.explains),
            applies_to: text(&rule.applies_to),
            starts: match rule.starts {
                Starts::Received => LegalStart::Received,
                Starts::AdrEnquiry => LegalStart::AdrEnquiry,
                Starts::DataRequest => LegalStart::DataRequest,
                Starts::Referral => LegalStart::Referral,
                Starts::Answered => LegalStart::Answered,
            },
            deadline_of: rule.deadline_of,
            source: rule.source.clone(),
            source_url: rule.source_url.clone(),
            in_force_from: Date(rule.in_force_from),
            in_force_until: rule.in_force_until.map(Date),
            extension: rule.extension.as_ref().map(text),
            when_missed_letter: rule.when_missed_letter.as_ref().map(text),
            delay_letter_meets_it: rule.letter_satisfies,
            final_letter: rule.final_letter.as_ref().map(text),
            pack: pack.code.clone(),
            notice: text(&pack.notice),
        }
    }
}

/// A pack of rules of one body of law. It is not legal advice: read the sources of its rules.
#[derive(SimpleObject)]
pub struct LegalPack {
    /// The code of the pack: `UK_DISP`.
    code: String,
    /// The name of the pack, in the language of `Accept-Language` (Swedish or English).
    name: String,
    /// Where the rules apply: the ISO 3166-1 code of a country, "EU" or "EEA".
    country: String,
    /// A notice that the pack is not legal advice.
    notice: String,
    /// The date of the newest legal text against which every number in the pack was checked.
    checked: Date,
    /// The rules of the pack.
    rules: Vec<LegalRule>,
}

/// A legal clock that the new cases of a seller get.
#[derive(SimpleObject)]
pub struct ChosenLegalClock {
    /// The rule of the legal clock.
    rule: LegalRule,
    /// Only cases of this category, or of one below it, get the clock; all cases when null.
    category: Option<String>,
}

/// The legal clocks that a seller has chosen, in this language.
#[must_use]
pub fn chosen(choices: &[LegalChoice], language: Language) -> Vec<ChosenLegalClock> {
    let shown = |choice: &LegalChoice| {
        let (pack, rule) = legal::rule(&choice.rule)?;
        Some(ChosenLegalClock { rule: LegalRule::new(pack, rule, language), category: choice.category.clone() })
    };
    choices.iter().filter_map(shown).collect()
}

/// Reads of legal clocks.
#[derive(Default)]
pub struct LegalQuery;

#[Object]
#[expect(clippy::unused_async, reason = "a resolver is asynchronous, and what this one shows is in memory")]
impl LegalQuery {
    /// The packs of rules for legal clocks that a seller can choose from (`setLegalClocks`). They are not legal advice;
    /// each rule names its source. For every signed-in caller.
    async fn legal_packs(&self, ctx: &Context<'_>) -> Result<Vec<LegalPack>> {
        signed_in(ctx)?;
        let language = ctx.language();
        let shown = |pack: &Pack| LegalPack {
            code: pack.code.clone(),
            name: pack.name.r#in(language).to_owned(),
            country: pack.country.clone(),
            notice: pack.notice.r#in(language).to_owned(),
            checked: Date(pack.checked),
            rules: pack.rules.iter().map(|rule| LegalRule::new(pack, rule, language)).collect(),
        };
        Ok(legal::packs().iter().map(shown).collect())
    }
}
