//! The clocks of a case, and the packs of legal clocks.

pub mod acts;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::id::CaseId;
use entity::json::{LegalChoice, ServiceTime};
use entity::kind::{DeadlineOf, DueKind, Language, LegalClockState};
use entity::{answer_pause, case, due, legal_clock};

use super::context::{ContextExt, read_error, signed_in, there, to_id};
use super::scalar::Date;
use super::staff::Staff;
use crate::case::pause;
use crate::legal::{self, Pack, Rule, Starts};

/// How a clock stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClockState {
    /// It runs, and its time has not come.
    Running,
    /// It stands still: see `Case.answerPause`.
    Paused,
    /// Its time came, and what it waits for has not been done.
    Late,
    /// What it asked for was done in time.
    Met,
    /// What it asked for was done after its time.
    Missed,
    /// Its time came, and nobody broke a rule: it was the customer's, or it only closed a simpler way.
    Passed,
}

/// A clock of a case: something that is to be done by a time. Clocks of the seller's own service levels are shown while they run
/// or are late; legal clocks are shown for good. A task's own times are on the task.
#[derive(SimpleObject)]
pub struct CaseClock {
    /// The id of a legal clock, opaque, for `extendLegalClock` and `explainDelay`; null for the others, of which a case has one of each kind.
    legal_clock_id: Option<ID>,
    /// What it waits for.
    kind: DueKind,
    /// When it began, UTC.
    started_at: DateTime<Utc>,
    /// When it is due, UTC.
    due_at: DateTime<Utc>,
    /// How it stands.
    state: ClockState,
    /// When what it asks for was done, UTC; null until it is, and for clocks that are no legal ones.
    done_at: Option<DateTime<Utc>>,
    /// Whose deadline it is.
    deadline_of: DeadlineOf,
    /// Why it is due then, in a sentence, in the language of `Accept-Language` (Swedish or English).
    why: String,
    /// The rule behind a legal clock; null for the others.
    rule: Option<LegalRule>,
    /// Why it has the longer time that its law allows; null when it has not.
    extension: Option<String>,
}

/// A case's clocks, those that are due first before the others.
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
    let (en, sv) = match kind {
        DueKind::AcknowledgeBy => ("The customer hears from the owner", "Kunden får höra av ägaren"),
        DueKind::OwnerActsBy => {
            ("The owner does something, or the lead is told", "Ägaren gör något, annars får ledaren veta")
        }
        DueKind::HandoverEnds => ("The offered hand-over is answered", "Erbjudandet om överlämning besvaras"),
        DueKind::ReplyBy => ("The customer, who has written, has a reply", "Kunden, som har skrivit, får ett svar"),
        DueKind::AnswerBy => ("The company gives its answer", "Företaget lämnar sitt besked"),
        DueKind::TaskAcceptBy | DueKind::TaskUpdateBy | DueKind::TaskDoneBy => {
            ("A partner does its part", "En partner gör sin del")
        }
        DueKind::DisputeDecideBy => ("The dispute is decided", "Tvisten avgörs"),
        DueKind::LegalClock => ("A law sets the time", "En lag anger tiden"),
    };
    let Some(ServiceTime { hours, working }) = span else {
        return format!("{}.", if language == Language::Sv { sv } else { en });
    };
    match (language, working) {
        (Language::En, true) => format!("{en}: within {hours} working hours."),
        (Language::En, false) => format!("{en}: within {hours} hours by the clock."),
        (Language::Sv, true) => format!("{sv}: inom {hours} arbetstimmar."),
        (Language::Sv, false) => format!("{sv}: inom {hours} timmar dygnet runt."),
    }
}

/// The time for the company's answer stands still, because the customer owes it something.
#[derive(SimpleObject)]
pub struct AnswerPause {
    /// What is waited for, in words for the customer.
    reason: String,
    /// Since when, UTC.
    since: DateTime<Utc>,
    /// When it goes on at the latest, UTC; earlier when the customer writes.
    until: DateTime<Utc>,
    /// Who said so; null for the customer.
    by: Option<Staff>,
}

async fn open_pause(ctx: &Context<'_>, id: CaseId) -> Result<Option<answer_pause::Model>> {
    let rows = ctx.loaders().pauses_of.one(id).await.map_err(read_error)?.unwrap_or_default();
    let now = ctx.app().now();
    Ok(rows.into_iter().find(|row| pause::is_open(row, now)))
}

/// The pause that a case is in; with who said so, for staff.
///
/// # Errors
/// When the store cannot be read.
pub async fn answer_pause(ctx: &Context<'_>, id: CaseId, for_staff: bool) -> Result<Option<AnswerPause>> {
    let Some(row) = open_pause(ctx, id).await? else { return Ok(None) };
    let by = if for_staff { Some(there(ctx.loaders().people.one(row.by_id).await).map(Staff)?) } else { None };
    Ok(Some(AnswerPause { reason: row.reason, since: row.from_at, until: row.until_at, by }))
}

/// What begins a legal clock.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum LegalStart {
    /// The earliest receipt of the complaint by anybody (`Case.receivedAt`).
    Received,
    /// An enquiry of a body for alternative dispute resolution (`recordEnquiry`).
    AdrEnquiry,
    /// A data subject's request (`recordEnquiry`).
    DataRequest,
    /// A regulator's referral (`recordEnquiry`).
    Referral,
    /// The company's final answer (`closeCase`).
    Answered,
}

/// A rule that sets a time. Not legal advice: read its source.
#[derive(SimpleObject)]
pub struct LegalRule {
    /// Its code, by which it is chosen: `UK_DISP_EIGHT_WEEKS`.
    code: String,
    /// Its name, in the language of `Accept-Language`.
    name: String,
    /// What it means, in the language of `Accept-Language`.
    explains: String,
    /// Which complaints it concerns; whether a case is one of them, a person decides.
    applies_to: String,
    /// What begins it.
    starts: LegalStart,
    /// Whose deadline it is. Of a customer's only the customer is told, and nobody is late.
    deadline_of: DeadlineOf,
    /// The law or rule that it comes from.
    source: String,
    /// Where that can be read.
    source_url: String,
    /// The first day on which it is in force: it begins no clock before.
    in_force_from: Date,
    /// The day from which it is not in force any more; null while it is.
    in_force_until: Option<Date>,
    /// When the longer time that it allows may be used (`extendLegalClock`); null when it allows none.
    extension: Option<String>,
    /// What the letter to the customer must say when the time is not met; null when the rule asks for none.
    when_missed_letter: Option<String>,
    /// Whether that letter, sent in time, meets the rule instead of the answer (`explainDelay`).
    delay_letter_meets_it: bool,
    /// What the final answer must say; null when the rule asks for nothing.
    final_letter: Option<String>,
    /// The code of its pack.
    pack: String,
    /// That it is not legal advice.
    notice: String,
}

impl LegalRule {
    fn new(pack: &Pack, rule: &Rule, language: Language) -> Self {
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

/// Rules of one body of law. Not legal advice: read the sources.
#[derive(SimpleObject)]
pub struct LegalPack {
    /// Its code: `UK_DISP`.
    code: String,
    /// Its name, in the language of `Accept-Language`.
    name: String,
    /// Where it holds: a country's code in ISO 3166-1, "EU" or "EEA".
    country: String,
    /// That it is not legal advice.
    notice: String,
    /// The date of the newest text that every number of it was held against.
    checked: Date,
    /// Its rules.
    rules: Vec<LegalRule>,
}

/// A legal clock that a seller's new cases have.
#[derive(SimpleObject)]
pub struct ChosenLegalClock {
    /// The rule.
    rule: LegalRule,
    /// Cases of this category, or of one under it, have it; all cases when null.
    category: Option<String>,
}

/// What a seller has chosen.
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
    /// The packs of legal clocks that a seller can choose from. Not legal advice: each names its sources. For whoever is signed
    /// in.
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
