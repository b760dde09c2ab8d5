//! The texts of mails about tasks, in English and Swedish. They say that something happened and by when something is
//! due; what the task is about is shown on its page only.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::kind::{Language, TaskMailKind, TaskStatus};
use entity::task_mail;

use super::mail::Task;
use crate::kit::text::Text;
use crate::letter::template::Template;
use crate::letter::words::date_in_words;
use crate::task::decide::is_open;

/// The sentence of a mail of this kind.
fn sentence(kind: TaskMailKind) -> Text {
    let (en, sv) = match kind {
        TaskMailKind::Requested => ("You are asked to do a task.", "Ni har fått en uppgift."),
        TaskMailKind::Assigned => ("A task was assigned to you.", "En uppgift har tilldelats dig."),
        TaskMailKind::Reminded => ("We remind you of your task.", "Vi påminner om er uppgift."),
        TaskMailKind::Message => ("We have written to you about your task.", "Vi har skrivit till er om er uppgift."),
        TaskMailKind::Rejected => (
            "What you reported done is not done yet. The page says what is missing.",
            "Det som ni har rapporterat som klart är inte klart än. På sidan står vad som saknas.",
        ),
        TaskMailKind::Shared => {
            ("There is more information about your task.", "Det finns mer information om er uppgift.")
        }
        TaskMailKind::Late => (
            "Something about your task is late. Please open it and see what we are waiting for.",
            "Något i er uppgift är försenat. Öppna den och se vad vi väntar på.",
        ),
        TaskMailKind::Withdrawn => (
            "The task is taken back. You need not do anything more.",
            "Uppgiften är återtagen. Ni behöver inte göra något mer.",
        ),
        TaskMailKind::Link => ("Here is the new link that you asked for.", "Här är den nya länken som du bad om."),
    };
    Text::new(en, sv)
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
    let by = |en: &str, sv: &str, at: DateTime<Utc>| {
        let at = date_in_words(at, zone, language);
        Some(Text::new(format!("{en} {at}."), format!("{sv} {at}.")).read_in(language).to_owned())
    };
    match task.status {
        TaskStatus::Requested => by("Please accept or decline it by", "Tacka ja eller nej senast", task.accept_by),
        status if is_open(status) => by("It is to be done by", "Den ska vara klar senast", task.due_at),
        _ => None,
    }
}

/// How to answer a letter about one task.
pub(super) fn how_to_answer(language: Language) -> String {
    let text = Text::new(
        "The link is for you only and works for seven days; on the page you can ask for a new one. You may also reply to this \
         mail: your words and files are then added to the task. Only the page accepts, declines or completes it.",
        "Länken är bara för dig och gäller i sju dagar; på sidan kan du be om en ny. Du kan också svara på det här mejlet: din \
         text och dina filer läggs då till i uppgiften. Tacka ja eller nej och rapportera klart gör du bara på sidan.",
    );
    text.read_in(language).to_owned()
}

/// The letter about one task.
pub(super) fn one(language: Language) -> Template {
    let (subject, text) = match language {
        Language::Sv => ("[{{reference}}] Uppgift från {{seller}}", ONE_SV),
        Language::En => ("[{{reference}}] Task from {{seller}}", ONE_EN),
    };
    Template { subject: subject.to_owned(), text: text.to_owned(), html: None }
}

/// The letter about several tasks. The subject has their number in the place of a reference.
pub(super) fn several(language: Language) -> Template {
    let (subject, text) = match language {
        Language::Sv => ("Nytt i {{reference}} uppgifter från {{seller}}", SEVERAL_SV),
        Language::En => ("News of {{reference}} tasks from {{seller}}", SEVERAL_EN),
    };
    Template { subject: subject.to_owned(), text: text.to_owned(), html: None }
}

/// The letter to a person whose reply by mail was not used.
pub(super) fn not_used(language: Language) -> Template {
    let (subject, text) = match language {
        Language::Sv => ("Ditt svar har inte använts", NOT_USED_SV),
        Language::En => ("Your answer was not used", NOT_USED_EN),
    };
    Template { subject: subject.to_owned(), text: text.to_owned(), html: None }
}

const ONE_SV: &str = "\
Hej {{owner}}!

Ärende {{reference}} hos {{seller}}:
{{message}}

{{#link}}Öppna uppgiften: {{link}}{{/link}}

{{reason}}
";

const ONE_EN: &str = "\
Hello {{owner}},

Case {{reference}} at {{seller}}:
{{message}}

{{#link}}Open the task: {{link}}{{/link}}

{{reason}}
";

const SEVERAL_SV: &str = "\
Hej {{owner}}!

{{message}}

Länkarna är bara för dig och gäller i sju dagar. Det här mejlet kan inte besvaras: öppna en uppgift för att svara.
";

const SEVERAL_EN: &str = "\
Hello {{owner}},

{{message}}

The links are for you only and work for seven days. This mail cannot be answered: open a task to answer it.
";

const NOT_USED_SV: &str = "\
Hej {{owner}}!

Ditt svar om en uppgift har inte kommit in i uppgiften. Det väntar på att någon läser det.

{{reason}}

Är det bråttom, öppna uppgiften med länken i ett tidigare mejl och svara där.
";

const NOT_USED_EN: &str = "\
Hello {{owner}},

Your answer about a task was not added to the task. It waits to be read by a person.

{{reason}}

If it is urgent, open the task with the link of an earlier mail and answer there.
";
