//! The built-in letters, for sellers without templates of their own. They are short, and each tells the customer who
//! owns the case and what happens next.

use entity::kind::Language;

use super::template::Template;
use entity::kind::LetterKind;

/// The built-in letter of this kind.
#[must_use]
pub fn built_in(kind: LetterKind, language: Language) -> Template {
    let (subject, text) = match (kind, language) {
        (LetterKind::Acknowledgement, Language::Sv) => (answer("Vi har tagit emot ditt ärende"), ACKNOWLEDGEMENT_SV),
        (LetterKind::Acknowledgement, Language::En) => (answer("We have received your complaint"), ACKNOWLEDGEMENT_EN),
        (LetterKind::Addition, Language::Sv) => (answer("Tillagt i ditt ärende"), ADDITION_SV),
        (LetterKind::Addition, Language::En) => (answer("Added to your case"), ADDITION_EN),
        (LetterKind::Message, Language::Sv) => (answer("Om ditt ärende"), MESSAGE_SV),
        (LetterKind::Message, Language::En) => (answer("About your case"), MESSAGE_EN),
        (LetterKind::Update, Language::Sv) => (answer("Nytt i ditt ärende"), UPDATE_SV),
        (LetterKind::Update, Language::En) => (answer("News of your case"), UPDATE_EN),
        (LetterKind::Notice, _) => return notice(Notice::Quarantine, language),
    };
    Template { subject, text: text.to_owned(), html: None }
}

/// What the accountable person is notified of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A mail could not be processed and is in quarantine.
    Quarantine,
    /// Mail cannot be fetched from a mailbox.
    NotFetched,
    /// A notice to a member of staff did not arrive.
    NotDelivered,
}

/// The notice for this event.
#[must_use]
pub fn notice(about: Notice, language: Language) -> Template {
    let (subject, text) = match (about, language) {
        (Notice::Quarantine, Language::Sv) => ("Ett mejl kunde inte tas emot", NOTICE_SV),
        (Notice::Quarantine, Language::En) => ("A mail could not be taken in", NOTICE_EN),
        (Notice::NotFetched, Language::Sv) => ("Mejl kan inte hämtas", NOT_FETCHED_SV),
        (Notice::NotFetched, Language::En) => ("Mail cannot be fetched", NOT_FETCHED_EN),
        (Notice::NotDelivered, Language::Sv) => ("Meddelanden till en kollega kommer inte fram", NOT_DELIVERED_SV),
        (Notice::NotDelivered, Language::En) => ("Notices to a colleague do not arrive", NOT_DELIVERED_EN),
    };
    Template { subject: subject.to_owned(), text: text.to_owned(), html: None }
}

/// A subject template: the customer's subject if there is one, so that mail programs group the mails; otherwise these
/// words.
fn answer(words: &str) -> String {
    format!(
        "{{{{#subject}}}}Re: {{{{subject}}}} [{{{{reference}}}}]{{{{/subject}}}}\
         {{{{^subject}}}}[{{{{reference}}}}] {words}{{{{/subject}}}}"
    )
}

const ACKNOWLEDGEMENT_SV: &str = "\
Hej{{#customer}} {{customer}}{{/customer}}!

Vi har tagit emot ditt ärende. Det har nummer {{reference}}.

{{owner}} ansvarar för det och hör av sig till dig senast {{due}}.

Vill du lägga till något? Svara bara på det här mejlet.

{{#link}}Här kan du följa ärendet: {{link}}{{/link}}

Vänliga hälsningar
{{seller}}
";

const ACKNOWLEDGEMENT_EN: &str = "\
Hello{{#customer}} {{customer}}{{/customer}},

We have received your complaint. Its reference is {{reference}}.

{{owner}} is responsible for it and will get back to you no later than {{due}}.

Is there something to add? Just reply to this email.

{{#link}}You can follow your case here: {{link}}{{/link}}

Kind regards
{{seller}}
";

const ADDITION_SV: &str = "\
Hej{{#customer}} {{customer}}{{/customer}}!

Vi har fått det du skickade och lagt det till ärende {{reference}}.

{{owner}} ansvarar för ärendet{{#due}} och hör av sig till dig senast {{due}}{{/due}}.

Vill du lägga till något mer? Svara bara på det här mejlet.

{{#link}}Här kan du följa ärendet: {{link}}{{/link}}

Vänliga hälsningar
{{seller}}
";

const ADDITION_EN: &str = "\
Hello{{#customer}} {{customer}}{{/customer}},

We have received what you sent and added it to case {{reference}}.

{{owner}} is responsible for the case{{#due}} and will get back to you no later than {{due}}{{/due}}.

Is there more to add? Just reply to this email.

{{#link}}You can follow your case here: {{link}}{{/link}}

Kind regards
{{seller}}
";

// Without a greeting or a closing, because the owner writes these.
const MESSAGE_SV: &str = "\
{{message}}

{{owner}}
{{seller}}

Ärende {{reference}}. Svara på det här mejlet om du vill nå mig.
{{#link}}Här kan du följa ärendet: {{link}}{{/link}}
";

const MESSAGE_EN: &str = "\
{{message}}

{{owner}}
{{seller}}

Case {{reference}}. To reach me, just reply to this email.
{{#link}}You can follow your case here: {{link}}{{/link}}
";

const UPDATE_SV: &str = "\
Hej{{#customer}} {{customer}}{{/customer}}!

{{message}}

{{owner}} hör av sig till dig senast {{due}}.

Vill du fråga något? Svara bara på det här mejlet.

{{#link}}Här kan du följa ärendet: {{link}}{{/link}}

Vänliga hälsningar
{{seller}}
";

const UPDATE_EN: &str = "\
Hello{{#customer}} {{customer}}{{/customer}},

{{message}}

{{owner}} will get back to you no later than {{due}}.

Do you have a question? Just reply to this email.

{{#link}}You can follow your case here: {{link}}{{/link}}

Kind regards
{{seller}}
";

const NOTICE_SV: &str = "\
Ett mejl till {{seller}} kunde inte tas emot.

{{reason}}

Ingen ansvarar för mejlet än, och den som skrev det har inte fått något svar. \
Läs det i dag och se till att det blir besvarat.
{{#reference}}Det kan höra till ärende {{reference}}.{{/reference}}
{{#link}}Mer om det: {{link}}{{/link}}
";

const NOTICE_EN: &str = "\
A mail to {{seller}} could not be taken in.

{{reason}}

Nobody answers for it yet, and whoever wrote it has had no reply. Please read it today and see that it is answered.
{{#reference}}It may belong to case {{reference}}.{{/reference}}
{{#link}}More about it: {{link}}{{/link}}
";

const NOT_DELIVERED_SV: &str = "\
Meddelanden om ärenden hos {{seller}} kommer inte fram till en kollega.

{{reason}}

Hen får inte veta vad som händer i sina ärenden. Rätta adressen, eller be den som sköter mejlen att se på det.
";

const NOT_DELIVERED_EN: &str = "\
Notices about cases at {{seller}} do not reach a colleague.

{{reason}}

They do not learn what happens to their cases. Please correct the address, or have whoever looks after the mail see to it.
";

const NOT_FETCHED_SV: &str = "\
Sedan mer än en timme kan inga mejl till {{seller}} hämtas.

{{reason}}

De som skriver får inget svar så länge. Be den som sköter mejlen att se på det i dag. \
När det fungerar igen hämtas allt som har kommit under tiden.
";

const NOT_FETCHED_EN: &str = "\
For more than an hour no mail to {{seller}} can be fetched.

{{reason}}

Whoever writes gets no reply for as long. Please have whoever looks after the mail see to it today. \
When it works again, all that came in the meantime is fetched.
";
