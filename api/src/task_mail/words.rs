//! Puts the texts of mails about tasks together. They say that something happened and by when something is due; what
//! the task is about is shown on its page only.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::kind::{Language, TaskMailKind, TaskStatus};
use entity::task_mail;

use super::mail::Task;
use crate::letter::template::Template;
use crate::letter::words::date_in_words;
use crate::task::decide::is_open;
use crate::texts::{self, Text};

/// The sentence of a mail of this kind.
fn sentence(kind: TaskMailKind) -> Text {
    match kind {
        TaskMailKind::Requested => texts::task_mail::requested(),
        TaskMailKind::Assigned => texts::task_mail::assigned(),
        TaskMailKind::Reminded => texts::task_mail::reminded(),
        TaskMailKind::Message => texts::task_mail::message(),
        TaskMailKind::Rejected => texts::task_mail::rejected(),
        TaskMailKind::Shared => texts::task_mail::shared(),
        TaskMailKind::Late => texts::task_mail::late(),
        TaskMailKind::Withdrawn => texts::task_mail::withdrawn(),
        TaskMailKind::Link => texts::task_mail::new_link(),
    }
}

/// What a letter says about a task: each thing that happened, once, and by when it must be answered or done.
pub(super) fn about(rows: &[task_mail::Model], task: &Task, zone: Tz, language: Language) -> String {
    let mut lines: Vec<String> = Vec::new();
    for row in rows {
        let said = sentence(row.kind).read_in(language).to_owned();
        if !lines.contains(&said) {
            lines.push(said);
        }
    }
    lines.extend(due(task, zone, language));
    lines.join("\n")
}

fn due(task: &Task, zone: Tz, language: Language) -> Option<String> {
    let in_words = |at: DateTime<Utc>| date_in_words(at, zone, language);
    let text = match task.status {
        TaskStatus::Requested => texts::task_mail::accept_by(in_words(task.accept_by)),
        status if is_open(status) => texts::task_mail::done_by(in_words(task.due_at)),
        _ => return None,
    };
    Some(text.read_in(language).to_owned())
}

/// The letter about one task.
pub(super) fn one(language: Language) -> Template {
    Template::of(&texts::task_mail::one_subject(), &texts::task_mail::one(), language)
}

/// The letter about several tasks. The subject has their number in the place of a reference.
pub(super) fn several(language: Language) -> Template {
    Template::of(&texts::task_mail::several_subject(), &texts::task_mail::several(), language)
}

/// The letter to a person whose reply by mail was not used.
pub(super) fn not_used(language: Language) -> Template {
    Template::of(&texts::reply::not_used(), &texts::task_mail::not_used(), language)
}
