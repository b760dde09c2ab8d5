//! The demo company's last quarter: its cases are made by the acts themselves, each with its own time, and the timers
//! that ran out in between are handled at their times.

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{CaseId, CommitmentId, CustomerId, PartnerId, StaffId, TaskId};
use entity::kind::{CommitmentPlace, HandoverStatus, LetterStatus, Role};
use entity::{case, due, handover, letter, staff};
use futures_util::stream::{self, TryStreamExt};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::company::Company;
use super::stories::{COMPLAINTS, Complaint, ENDED, Happens, OPEN, Supplier, Way};
use crate::case::commitment::decide::Due;
use crate::case::commitment::{self, MadeAs, Promised};
use crate::case::merge::{self, Merge};
use crate::case::plan::NewStep;
use crate::case::{OutgoingMessage, chase, handover as hand, plan, watch};
use crate::intake::email::{self, Mail};
use crate::intake::logged::{ContactPerson, LoggedContact};
use crate::intake::matter::Matter;
use crate::intake::phone::{self, Call, CallDirection, CallOutcome};
use crate::intake::receive::Received;
use crate::intake::visit::{self, Visit};
use crate::intake::web::{self, Form};
use crate::kit::actor::{Actor, Agent, Reach};
use crate::kit::app::App;
use crate::kit::error::{Fault, Outcome};
use crate::kit::work::Work;
use crate::task::answer::{self, SentWith, TaskAnswer};
use crate::task::{self, dispute};

/// How many cases of the past there are.
pub const PAST: usize = 40;
/// The oldest of them, in hours.
const QUARTER: i64 = 90 * 24;

/// How long after it was written a letter was sent.
const SENT_AFTER: TimeDelta = TimeDelta::seconds(5);

/// How many cases are made at the same time. Acts that wait together share a commit.
const TOGETHER: usize = 20;

/// One case, as far as it is made.
struct Made {
    id: CaseId,
    customer: CustomerId,
    /// The case that began before it.
    before: Option<CaseId>,
    tasks: Vec<(TaskId, Supplier)>,
    promise: Option<CommitmentId>,
}

/// A case to be made: when it begins, and how it goes on.
struct Story {
    number: usize,
    begins: DateTime<Utc>,
    course: &'static [(i64, Happens)],
}

#[derive(Clone, Copy)]
struct Maker<'m> {
    app: &'m App,
    company: &'m Company,
}

/// Makes the quarter, unless there are cases already.
///
/// # Errors
/// When the store cannot be used.
pub async fn make(app: &App, company: &Company) -> Outcome<()> {
    if case::Entity::find().one(app.reader().db()).await?.is_some() {
        return Ok(());
    }
    let maker = Maker { app, company };
    let (mut begun, mut before) = (Vec::new(), None);
    for story in stories(app.now()) {
        let complaint = COMPLAINTS.get(story.number % COMPLAINTS.len()).ok_or(Fault::Broken("there are complaints"))?;
        let received = Box::pin(maker.begins(story.number, complaint, story.begins)).await?;
        let (id, customer) = (received.case.id, received.customer);
        begun.push((story, Made { id, customer, before, tasks: Vec::new(), promise: None }));
        before = Some(id);
    }
    let goes_on = |(story, made)| Box::pin(maker.goes_on(story, made));
    stream::iter(begun.into_iter().map(Ok)).try_for_each_concurrent(TOGETHER, goes_on).await?;
    maker.letters().await
}

/// The cases, in the order in which they began.
fn stories(now: DateTime<Utc>) -> Vec<Story> {
    let hours = |number: usize, hours: i64| {
        now - TimeDelta::hours(hours) - TimeDelta::minutes(7 * i64::try_from(number % 8).unwrap_or(0))
    };
    let past = (0..PAST).zip(ENDED.iter().cycle()).map(|(number, course)| {
        let share = i64::try_from(number).unwrap_or(0) * (QUARTER - 360) / i64::try_from(PAST).unwrap_or(1);
        Story { number, begins: hours(number, QUARTER - share), course }
    });
    let open = OPEN.iter().zip(PAST..);
    let open = open.map(|((began, course), number)| Story { number, begins: hours(number, *began), course });
    let mut all: Vec<Story> = past.chain(open).collect();
    all.sort_by_key(|story| story.begins);
    all
}

impl Maker<'_> {
    /// How a case went on, with the timers that ran out in between.
    async fn goes_on(self, story: Story, mut made: Made) -> Outcome<()> {
        for (hours, happens) in story.course {
            let at = story.begins + TimeDelta::hours(*hours);
            if at < self.app.now() {
                self.timers(made.id, at).await?;
                self.goes(&mut made, *happens, at).await?;
            }
        }
        self.timers(made.id, self.app.now()).await
    }

    /// Handles the timers of a case that ran out until this time, at their times.
    async fn timers(self, id: CaseId, until: DateTime<Utc>) -> Outcome<()> {
        loop {
            let next = due::Entity::find()
                .filter(due::Column::CaseId.eq(id))
                .filter(due::Column::At.lte(until))
                .order_by_asc(due::Column::At);
            let Some(row) = next.one(self.app.reader().db()).await? else { return Ok(()) };
            let (case, subject, kind) = (row.case_id, row.subject_id, row.kind);
            let at = row.at.unwrap_or(until);
            self.app.run_at(Actor::System, at, async move |work| watch::look(work, case, subject, kind).await).await?;
        }
    }

    async fn begins(self, number: usize, complaint: &Complaint, at: DateTime<Utc>) -> Outcome<Received> {
        let (seller, name) = (self.company.seller, complaint.name.to_owned());
        let email = format!("{}{number}@example.com", name.split(' ').next().unwrap_or_default().to_lowercase())
            .replace('å', "a");
        let (subject, words) = (complaint.subject.to_owned(), complaint.words.to_owned());
        let desk = Actor::Staff { id: self.company.manager, seller, role: Role::Manager };
        let matter = Matter { subject: Some(subject.clone()), ..Matter::default() };
        let logged = LoggedContact { matter: matter.clone(), ..logged(number.to_string(), complaint.words, None) };
        match complaint.way {
            Way::Form => {
                let form = Form {
                    uploads: Vec::new(),
                    idempotency_key: format!("demo-{number}"),
                    text: words,
                    name: Some(name),
                    email: Some(email),
                    phone: None,
                    language: None,
                    matter,
                    partners: Vec::new(),
                    first_time_reported: None,
                    answers: Vec::new(),
                };
                let widget = Actor::Widget { id: self.company.widget, seller };
                self.app.run_at(widget, at, async move |work| web::file(work, &form).await).await
            }
            Way::Mail => {
                let raw = format!(
                    "From: {name} <{email}>\r\nTo: kundservice@hemochhage.example\r\nSubject: {subject}\r\nMessage-ID: <demo-{number}@example.com>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n"
                );
                let mail = Mail::read(raw.into_bytes());
                self.app.run_at(desk, at, async move |work| email::receive(work, &mail, Some(at), None).await).await
            }
            Way::Phone => {
                let call = Call { caller_name: Some(name), caller_email: Some(email), ..rings(logged) };
                self.app.run_at(desk, at, async move |work| phone::log(work, &call).await).await
            }
            Way::Counter => {
                let person = ContactPerson { name: Some(name), email: Some(email), phone: None };
                let visit = Visit {
                    uploads: Vec::new(),
                    visited_at: Some(at),
                    place: Some("Butiken".to_owned()),
                    person,
                    told: logged,
                    shown: Vec::new(),
                };
                self.app.run_at(desk, at, async move |work| visit::log(work, &visit).await).await
            }
        }
    }
}

impl Maker<'_> {
    async fn goes(self, made: &mut Made, happens: Happens, at: DateTime<Utc>) -> Outcome<()> {
        let found = case::Entity::find_by_id(made.id).one(self.app.reader().db()).await?;
        let row = found.ok_or(Fault::Broken("the demo's case was just made"))?;
        let owner = self.staff(row.owner_id).await?;
        match happens {
            Happens::Acknowledged(_)
            | Happens::Wrote(_)
            | Happens::Noted(_)
            | Happens::Called(_)
            | Happens::Closed(_) => self.tells(owner, row.id, happens, at).await,
            Happens::CustomerWrote(_) | Happens::CustomerCalled(_) | Happens::AskedForNews => {
                self.asks(made, happens, at).await
            }
            Happens::Promised(..) | Happens::Kept(_) | Happens::Planned(_) | Happens::StepDone(_) => {
                self.promises(owner, (&row, made), happens, at).await
            }
            Happens::Offered(_) | Happens::Taken | Happens::Merged => {
                self.moves(owner, (&row, made), happens, at).await
            }
            _ => self.suppliers(owner, made, happens, at).await,
        }
    }

    /// What the owner says to the customer.
    async fn tells(self, owner: Actor, id: CaseId, happens: Happens, at: DateTime<Utc>) -> Outcome<()> {
        match happens {
            Happens::Acknowledged(hours) => {
                let next = Some(Due::At(at + TimeDelta::hours(hours)));
                let told = OutgoingMessage {
                    words: "Hej! Jag tar hand om ditt ärende och återkommer.",
                    promised: &[],
                    next,
                    apology: None,
                    uploads: &[],
                };
                self.app.run_at(owner, at, async move |work| crate::case::acknowledge(work, id, &told).await).await?;
            }
            Happens::Wrote(words) => {
                let told = OutgoingMessage::plain(words);
                self.app.run_at(owner, at, async move |work| crate::case::send_message(work, id, &told).await).await?;
            }
            Happens::Noted(words) => {
                self.app.run_at(owner, at, async move |work| crate::case::add_note(work, id, words, &[]).await).await?;
            }
            Happens::Closed(words) => {
                self.app.run_at(owner, at, async move |work| crate::case::close(work, id, words).await).await?;
            }
            Happens::Called(answered) => {
                let outcome = if answered { CallOutcome::Answered } else { CallOutcome::NoAnswer };
                let words = if answered { "Pratade med kunden om hur det går." } else { "Inget svar." };
                let call = Call::made(logged(format!("out-{id}-{at}"), words, Some(id)), outcome);
                self.app.run_at(owner, at, async move |work| phone::log(work, &call).await).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// What the customer says.
    async fn asks(self, made: &Made, happens: Happens, at: DateTime<Utc>) -> Outcome<()> {
        let (id, seller) = (made.id, self.company.seller);
        let customer = Actor::Customer { id: made.customer, case: id, seller, reach: Reach::Case };
        match happens {
            Happens::CustomerWrote(words) => {
                let wrote =
                    async move |work: &mut Work| crate::case::add_customer_message(work, None, words, &[]).await;
                self.app.run_at(customer, at, wrote).await?;
            }
            Happens::AskedForNews => {
                self.app.run_at(customer, at, async move |work| chase::ask_for_news(work, None).await).await?;
            }
            Happens::CustomerCalled(words) => {
                let told = logged(format!("in-{id}-{at}"), words, Some(id));
                let call = rings(told);
                let desk = self.staff(self.company.manager).await?;
                self.app.run_at(desk, at, async move |work| phone::log(work, &call).await).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// What the customer is promised, and what becomes of it.
    async fn promises(
        self,
        owner: Actor,
        (row, made): (&case::Model, &mut Made),
        happens: Happens,
        at: DateTime<Utc>,
    ) -> Outcome<()> {
        let id = row.id;
        match happens {
            Happens::Promised(what, hours) => {
                let promised = Promised { what: what.to_owned(), due: Due::At(at + TimeDelta::hours(hours)) };
                let said = MadeAs::now(CommitmentPlace::Call);
                let act = async move |work: &mut Work| commitment::make(work, id, &promised, said).await;
                made.promise = Some(self.app.run_at(owner, at, act).await?.id);
            }
            Happens::Kept(evidence) => {
                if let Some(promise) = made.promise {
                    let keep = async move |work: &mut Work| commitment::keep(work, promise, evidence).await;
                    self.app.run_at(owner, at, keep).await?;
                }
            }
            Happens::Planned(steps) => {
                let step = |(what, hours): &(&str, i64)| NewStep {
                    step: None,
                    what: Some((*what).to_owned()),
                    due: Some(Due::At(at + TimeDelta::hours(*hours))),
                    task: None,
                    agreed: None,
                };
                let steps: Vec<NewStep> = steps.iter().map(step).collect();
                self.app.run_at(owner, at, async move |work| plan::set(work, id, &steps, None).await).await?;
            }
            Happens::StepDone(evidence) => {
                let present = plan::query::present(self.app.reader().db(), row).await?;
                if let Some(step) = present.steps.first().map(|step| step.id) {
                    let complete = async move |work: &mut Work| plan::complete(work, step, evidence).await;
                    self.app.run_at(owner, at, complete).await?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What partners are asked, and what they answer.
    async fn suppliers(self, owner: Actor, made: &mut Made, happens: Happens, at: DateTime<Utc>) -> Outcome<()> {
        let answer = match happens {
            Happens::Asked(whom, title) => {
                let ask = task::TaskRequest {
                    case: made.id,
                    partner: self.partner(whom),
                    title: title.to_owned(),
                    asked: format!("{title}. Kunden väntar."),
                    accept_by: None,
                    update_every_hours: None,
                    due_at: at + TimeDelta::hours(72),
                    share: Vec::new(),
                    share_reason: None,
                };
                let task = self.app.run_at(owner, at, async move |work| task::request(work, &ask).await).await?;
                made.tasks.push((task.id, whom));
                return Ok(());
            }
            Happens::Disputed(question) => {
                let tasks: Vec<TaskId> = made.tasks.iter().map(|(task, _)| *task).collect();
                let id = made.id;
                let decide_by = at + TimeDelta::hours(72);
                let open = async move |work: &mut Work| dispute::open(work, id, &tasks, (question, decide_by)).await;
                self.app.run_at(owner, at, open).await?;
                return Ok(());
            }
            Happens::Accepted(hours) => TaskAnswer::Accept { eta: Some(at + TimeDelta::hours(hours)) },
            Happens::Updated(text) => {
                TaskAnswer::Update { text: text.to_owned(), eta: None, files: SentWith::default() }
            }
            Happens::Completed(result) => TaskAnswer::Complete { result: result.to_owned() },
            Happens::Declined(reason) => TaskAnswer::Decline { reason: reason.to_owned() },
            _ => return Ok(()),
        };
        let Some((task, whom)) = made.tasks.last().copied() else { return Ok(()) };
        let by = match whom {
            Supplier::Fibre => self.company.partner,
            Supplier::Assembly => self.company.other_partner,
        };
        let (partner, seller) = (self.partner(whom), self.company.seller);
        let actor = Actor::Partner { by: Agent::Person(by), partner, seller };
        self.app.run_at(actor, at, async move |work| answer::answer(work, task, &answer, None).await).await?;
        Ok(())
    }

    /// How a case changes hands.
    async fn moves(
        self,
        owner: Actor,
        (row, made): (&case::Model, &Made),
        happens: Happens,
        at: DateTime<Utc>,
    ) -> Outcome<()> {
        let id = row.id;
        match happens {
            Happens::Offered(note) => {
                let to = if row.owner_id == self.company.manager { self.company.owner } else { self.company.manager };
                self.app.run_at(owner, at, async move |work| hand::offer(work, id, (to, true), note).await).await?;
            }
            Happens::Taken => {
                let offers = handover::Entity::find()
                    .filter(handover::Column::CaseId.eq(id))
                    .filter(handover::Column::Status.eq(HandoverStatus::Offered));
                if let Some(offer) = offers.one(self.app.reader().db()).await? {
                    let to = self.staff(offer.to_id).await?;
                    self.app.run_at(to, at, async move |work| hand::accept(work, offer.id).await).await?;
                }
            }
            Happens::Merged => {
                let Some(into) = made.before else { return Ok(()) };
                let reason = "Samma sak, från samma hushåll.".to_owned();
                let ask = Merge { case: id, into, reason, same_customer: true };
                let manager = self.staff(self.company.manager).await?;
                self.app.run_at(manager, at, async move |work| merge::merge(work, &ask).await).await?;
            }
            _ => {}
        }
        Ok(())
    }

    async fn staff(self, id: StaffId) -> Outcome<Actor> {
        let found = staff::Entity::find_by_id(id).one(self.app.reader().db()).await?;
        let person = found.ok_or(Fault::Broken("an owner is a member of staff"))?;
        Ok(Actor::Staff { id, seller: person.seller_id, role: person.role })
    }

    const fn partner(self, whom: Supplier) -> PartnerId {
        match whom {
            Supplier::Fibre => self.company.fibre,
            Supplier::Assembly => self.company.assembly,
        }
    }

    /// The letters of the past were sent, soon after they were written. The demo has no mail server: those that are
    /// written from now on wait.
    async fn letters(self) -> Outcome<()> {
        let waiting = letter::Entity::find().filter(letter::Column::Status.eq(LetterStatus::Waiting));
        let waiting = waiting.all(self.app.reader().db()).await?;
        let sent = async move |work: &mut Work| {
            for row in waiting.clone() {
                let ended_at = Some(row.created_at + SENT_AFTER);
                work.save(letter::Model { status: LetterStatus::Sent, attempts: 1, ended_at, ..row });
            }
            Ok(())
        };
        self.app.run(Actor::System, sent).await
    }
}

/// What every logged contact has.
fn logged(number: String, words: &str, case: Option<CaseId>) -> LoggedContact {
    LoggedContact::new("demo", number, words, case)
}

/// A call that came in from this number and was answered.
fn rings(told: LoggedContact) -> Call {
    let call = Call::made(told, CallOutcome::Answered);
    Call { direction: CallDirection::Inbound, from: Some("070-174 06 05".to_owned()), ..call }
}
