//! The page of a task, on which a partner's person reads it and answers.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::kind::{Language, PartyKind, TaskStatus};
use maud::{Markup, html};
use serde::Deserialize;

use super::page::{kept, page};
use crate::letter::words::date_in_words;
use crate::texts::{self, Text};

/// The GraphQL document that reads the data of the page.
pub const DOCUMENT: &str = "query TaskPage($id: ID!) { node(id: $id) { ... on CaseTask {
    id title asked status acceptBy updateBy dueAt eta endedAt
    case { reference subject product ownerName }
    customer { reason name emails phones words }
    files { ...file }
    messages { by { kind name } text answerBy answeredAt refusedResult at attachments { ...file } }
    updates { by { kind name } text eta at attachments { ...file } }
    viewerCan { accept update complete decline write }
} } } fragment file on Attachment { id name }";

/// The result of the document.
#[derive(Debug, Deserialize)]
pub struct TaskPageData {
    /// The task; none when the reader may not see it.
    pub node: Option<Task>,
}

/// A task as its partner may read it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields of the schema")]
pub struct Task {
    pub id: String,
    pub title: String,
    pub asked: String,
    pub status: TaskStatus,
    pub accept_by: DateTime<Utc>,
    pub update_by: Option<DateTime<Utc>>,
    pub due_at: DateTime<Utc>,
    pub eta: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub case: TaskCase,
    pub customer: Option<TaskCustomer>,
    pub files: Vec<File>,
    pub messages: Vec<Message>,
    pub updates: Vec<Update>,
    pub viewer_can: Can,
}

/// The part of a case that a partner may read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields of the schema")]
pub struct TaskCase {
    pub reference: String,
    pub subject: Option<String>,
    pub product: Option<String>,
    pub owner_name: String,
}

/// The customer's data that are shared.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields of the schema")]
pub struct TaskCustomer {
    pub reason: String,
    pub name: Option<String>,
    pub emails: Vec<String>,
    pub phones: Vec<String>,
    pub words: Option<String>,
}

/// A file that can be fetched.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields of the schema")]
pub struct File {
    pub id: String,
    pub name: String,
}

/// Who wrote something.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields of the schema")]
pub struct By {
    pub kind: PartyKind,
    pub name: Option<String>,
}

/// A message between the owner and the partner.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields of the schema")]
pub struct Message {
    pub by: By,
    pub text: String,
    pub answer_by: Option<DateTime<Utc>>,
    pub answered_at: Option<DateTime<Utc>>,
    pub refused_result: Option<String>,
    pub at: DateTime<Utc>,
    pub attachments: Vec<File>,
}

/// An update by the partner.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields of the schema")]
pub struct Update {
    pub by: By,
    pub text: String,
    pub eta: Option<DateTime<Utc>>,
    pub at: DateTime<Utc>,
    pub attachments: Vec<File>,
}

/// What the reader may do now.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields of the schema")]
#[expect(clippy::struct_excessive_bools, reason = "one answer per form")]
pub struct Can {
    pub accept: bool,
    pub update: bool,
    pub complete: bool,
    pub decline: bool,
    pub write: bool,
}

impl Task {
    /// The ids of the files that are on the page.
    pub fn files_shown(&self) -> impl Iterator<Item = &str> {
        let messages = self.messages.iter().filter(|message| self.is_shown(message.at));
        let messages = messages.flat_map(|message| &message.attachments);
        let updates = self.updates.iter().filter(|update| self.is_shown(update.at));
        let updates = updates.flat_map(|update| &update.attachments);
        self.files.iter().chain(messages).chain(updates).map(|file| file.id.as_str())
    }

    /// Whether the owner has written about the task since it was reported done, so that there is something to read and
    /// to answer.
    #[must_use]
    pub fn is_written_to_since(&self) -> bool {
        self.messages.iter().any(|message| message.by.kind == PartyKind::Staff && self.is_shown(message.at))
    }

    /// Whether an entry of this time is on the page: every entry while the task is open; afterwards only those written
    /// since.
    fn is_shown(&self, at: DateTime<Utc>) -> bool {
        self.ended_at.is_none_or(|ended_at| at >= ended_at)
    }
}

/// The data of a page besides the task.
pub struct Setting<'s> {
    /// The language of the reader.
    pub language: Language,
    /// The token of the link, which is the last part of the page's address.
    pub link: &'s str,
    /// The one-time token of the page.
    pub once: &'s str,
    /// The name of the seller that requested the task.
    pub seller: &'s str,
    /// The time zone in which times are shown and read.
    pub zone: Tz,
    /// When the link ends.
    pub ends_at: DateTime<Utc>,
    /// The message about what was done just now.
    pub done: Option<Text>,
    /// Why something was not done.
    pub problems: &'s [String],
    /// The values of a form that was refused, by the names of the fields, with the form's name as `act`.
    pub written: &'s BTreeMap<String, String>,
}

impl Setting<'_> {
    /// The value that was posted for this field, if this form was refused.
    fn was(&self, act: &str, field: &str) -> &str {
        let own = self.written.get("act").is_some_and(|written| written == act);
        self.written.get(field).filter(|_| own).map_or("", String::as_str)
    }

    fn time(&self, at: DateTime<Utc>) -> String {
        date_in_words(at, self.zone, self.language)
    }
}

/// The page of a task that is open, or about which the owner has written since it was reported done.
#[must_use]
pub fn show(task: &Task, setting: &Setting<'_>) -> Markup {
    let language = setting.language;
    let body = html! {
        @if let Some(done) = &setting.done { p.note role="status" { (done.read_in(language)) } }
        @if !setting.problems.is_empty() {
            div.note.problem role="alert" {
                h2 { (texts::page::not_done().read_in(language)) }
                @for problem in setting.problems { p { (problem) } }
            }
        }
        (unused(task, setting))
        p.quiet { (texts::page::from().read_in(language)) " " (setting.seller) }
        h1 { (task.title) }
        (facts(task, setting))
        @if task.ended_at.is_none() {
            h2 { (texts::page::asked().read_in(language)) }
            p.text { (task.asked) }
        }
        @if let Some(customer) = &task.customer { (shared(customer, language)) }
        @if !task.files.is_empty() {
            h2 { (texts::page::files().read_in(language)) }
            (files(&task.files, setting))
        }
        (history(task, setting))
        (forms(task, setting))
        p.quiet { (texts::page::link_ends().read_in(language)) " " (setting.time(setting.ends_at)) "." }
    };
    page(language, &task.title, &body)
}

/// Shows the texts of a refused form that is not on the page any more, so that they are not lost.
fn unused(task: &Task, setting: &Setting<'_>) -> Markup {
    let can = &task.viewer_can;
    let is_shown = match setting.written.get("act").map(String::as_str) {
        Some("update") => can.update,
        Some("complete") => can.complete,
        Some("write") => can.write,
        Some("decline") => can.decline,
        _ => false,
    };
    let texts = ["text", "result", "reason"].iter().filter_map(|field| setting.written.get(*field));
    let texts: Vec<String> = texts.filter(|text| !is_shown && !text.trim().is_empty()).cloned().collect();
    html! {
        (kept(setting.language, &texts))
    }
}

fn facts(task: &Task, setting: &Setting<'_>) -> Markup {
    let language = setting.language;
    let row = |name: &Text, value: &str| html! { dt { (name.read_in(language)) } dd { (value) } };
    html! {
        dl {
            (row(&texts::page::status(), words_of(task.status).read_in(language)))
            @if task.status == TaskStatus::Requested {
                (row(&texts::page::accept_by(), &setting.time(task.accept_by)))
            }
            (row(&texts::page::due_at(), &setting.time(task.due_at)))
            @if let Some(by) = task.update_by { (row(&texts::page::update_by(), &setting.time(by))) }
            @if let Some(eta) = task.eta { (row(&texts::page::eta(), &setting.time(eta))) }
            (row(&texts::page::case(), &task.case.reference))
            @if let Some(subject) = &task.case.subject { (row(&texts::page::subject(), subject)) }
            @if let Some(product) = &task.case.product { (row(&texts::page::product(), product)) }
            (row(&texts::page::contact_person(), &task.case.owner_name))
        }
    }
}

fn words_of(status: TaskStatus) -> Text {
    match status {
        TaskStatus::Requested => texts::page::status_requested(),
        TaskStatus::Accepted => texts::page::status_accepted(),
        TaskStatus::InProgress => texts::page::status_in_progress(),
        TaskStatus::Done => texts::page::status_done(),
        TaskStatus::Declined => texts::page::status_declined(),
        TaskStatus::Withdrawn => texts::page::status_withdrawn(),
    }
}

fn shared(customer: &TaskCustomer, language: Language) -> Markup {
    let label = |name: &Text| html! { dt { (name.read_in(language)) } };
    html! {
        h2 { (texts::page::customer().read_in(language)) }
        dl {
            @if let Some(name) = &customer.name { (label(&texts::page::name())) dd { (name) } }
            @for phone in &customer.phones {
                (label(&texts::page::phone())) dd { a href={ "tel:" (phone) } { (phone) } }
            }
            @for email in &customer.emails {
                (label(&texts::page::email())) dd { a href={ "mailto:" (email) } { (email) } }
            }
            @if let Some(said) = &customer.words { (label(&texts::page::customers_words())) dd.text { (said) } }
            (label(&texts::page::why_shared())) dd.text { (customer.reason) }
        }
        p.quiet { (texts::page::keep_no_longer().read_in(language)) }
    }
}

fn files(all: &[File], setting: &Setting<'_>) -> Markup {
    html! {
        @if !all.is_empty() {
            ul { @for file in all {
                li { a href={ (setting.link) "/files/" (file.id) } download { (file.name) } }
            } }
        }
    }
}

/// The messages and updates, oldest first.
fn history(task: &Task, setting: &Setting<'_>) -> Markup {
    let messages = task.messages.iter().map(|message| (message.at, said(message, setting)));
    let updates = task.updates.iter().map(|update| (update.at, reported(update, setting)));
    let mut all: Vec<_> = messages.chain(updates).filter(|(at, _)| task.is_shown(*at)).collect();
    all.sort_by_key(|(at, _)| *at);
    html! {
        @if !all.is_empty() {
            h2 { (texts::page::history().read_in(setting.language)) }
            @for (_, entry) in &all { div.entry { (entry) } }
        }
    }
}

fn author(by: &By, at: DateTime<Utc>, setting: &Setting<'_>) -> Markup {
    let you = texts::page::you();
    let who = if by.kind == PartyKind::Staff { setting.seller } else { you.read_in(setting.language) };
    html! {
        p.quiet {
            (who)
            @if let Some(name) = &by.name { ", " (name) }
            ", " (setting.time(at))
        }
    }
}

fn said(message: &Message, setting: &Setting<'_>) -> Markup {
    let language = setting.language;
    let asked = message.answer_by.filter(|_| message.by.kind == PartyKind::Staff && message.answered_at.is_none());
    html! {
        (author(&message.by, message.at, setting))
        p.text { (message.text) }
        @if let Some(result) = &message.refused_result {
            p.quiet { (texts::page::refused().read_in(language)) }
            p.text.quiet { (result) }
        }
        (files(&message.attachments, setting))
        @if let Some(by) = asked {
            p { strong { (texts::page::answer_by_then().read_in(language)) " " (setting.time(by)) } }
        }
    }
}

fn reported(update: &Update, setting: &Setting<'_>) -> Markup {
    html! {
        (author(&update.by, update.at, setting))
        p.text { (update.text) }
        @if let Some(eta) = update.eta {
            p.quiet { (texts::page::eta().read_in(setting.language)) ": " (setting.time(eta)) }
        }
        (files(&update.attachments, setting))
    }
}

fn forms(task: &Task, setting: &Setting<'_>) -> Markup {
    let can = &task.viewer_can;
    html! {
        @if can.accept {
            (form(setting, "accept", &texts::page::accept(), &html! {
                (time(setting, "accept", "eta", &texts::page::eta_label()))
            }))
        }
        @if can.update {
            (form(setting, "update", &texts::page::update(), &html! {
                (text(setting, "update", "text", &texts::page::update_label()))
                (time(setting, "update", "eta", &texts::page::new_eta_label()))
                label for="update-files" { (texts::page::files_label().read_in(setting.language)) }
                input type="file" id="update-files" name="files" multiple;
            }))
        }
        @if can.complete {
            (form(setting, "complete", &texts::page::complete(), &html! {
                (text(setting, "complete", "result", &texts::page::result_label()))
            }))
        }
        @if can.write {
            (folded(setting, "write", &texts::page::write(), &html! {
                (text(setting, "write", "text", &texts::page::write_label()))
                (time(setting, "write", "answerBy", &texts::page::answer_label()))
            }))
        }
        @if can.decline {
            (folded(setting, "decline", &texts::page::decline(), &html! {
                (text(setting, "decline", "reason", &texts::page::reason_label()))
            }))
        }
    }
}

/// A form with these fields. It is posted to the address of the page itself.
fn form(setting: &Setting<'_>, act: &str, title: &Text, fields: &Markup) -> Markup {
    let title = title.read_in(setting.language);
    html! {
        section {
            h2 { (title) }
            (bare(setting, act, title, fields))
        }
    }
}

/// A form that is collapsed at first, unless it was posted and refused.
fn folded(setting: &Setting<'_>, act: &str, title: &Text, fields: &Markup) -> Markup {
    let title = title.read_in(setting.language);
    let open = setting.written.get("act").is_some_and(|written| written == act);
    html! {
        details open[open] {
            summary { (title) }
            (bare(setting, act, title, fields))
        }
    }
}

fn bare(setting: &Setting<'_>, act: &str, title: &str, fields: &Markup) -> Markup {
    html! {
        form method="post" enctype="multipart/form-data" action=(setting.link) {
            input type="hidden" name="act" value=(act);
            input type="hidden" name="once" value=(setting.once);
            (fields)
            button type="submit" { (title) }
        }
    }
}

fn text(setting: &Setting<'_>, act: &str, field: &str, label: &Text) -> Markup {
    let id = format!("{act}-{field}");
    html! {
        label for=(id) { (label.read_in(setting.language)) }
        textarea id=(id) name=(field) required maxlength="5000" { (setting.was(act, field)) }
    }
}

fn time(setting: &Setting<'_>, act: &str, field: &str, label: &Text) -> Markup {
    let id = format!("{act}-{field}");
    html! {
        label for=(id) { (label.read_in(setting.language)) }
        input type="datetime-local" id=(id) name=(field) value=(setting.was(act, field));
        p.quiet { (texts::page::times_are_in().read_in(setting.language)) " " (setting.zone.name()) "." }
    }
}

/// The page of an expired link, with a form to have a new one mailed. `kept` are texts that the reader wrote and that
/// were not used.
#[must_use]
pub fn link_ended(language: Language, link: &str, texts: &[String]) -> Markup {
    let title = texts::page::link_ended();
    let title = title.read_in(language);
    let body = html! {
        h1 { (title) }
        p { (texts::page::link_ended_text().read_in(language)) }
        form method="post" action={ (link) "/link" } {
            button type="submit" { (texts::page::new_link().read_in(language)) }
        }
        (kept(language, texts))
    };
    page(language, title, &body)
}
