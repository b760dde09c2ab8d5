//! The texts of the pages, in English and Swedish.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::kind::{Language, TaskStatus};

use crate::letter::words::date_in_words;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $en:literal, $sv:literal;)*) => {
        /// All texts of the pages, in one language.
        pub struct Words {
            language: Language,
            $($(#[$doc])* pub $name: &'static str,)*
        }

        static EN: Words = Words { language: Language::En, $($name: $en,)* };
        static SV: Words = Words { language: Language::Sv, $($name: $sv,)* };
    };
}

words! {
    /// Before the name of the seller.
    from: "Task from", "Uppgift från";
    /// The reference of the case.
    case: "Case", "Ärende";
    /// The subject of the case.
    subject: "About", "Gäller";
    /// The product that was bought.
    product: "Product", "Produkt";
    /// The person who answers for the case.
    contact_person: "Who to ask", "Kontaktperson";
    /// The status of the task.
    status: "Status", "Läge";
    /// By when the task is to be accepted.
    accept_by: "Accept or decline by", "Tacka ja eller nej senast";
    /// By when the task is to be done.
    due_at: "To be done by", "Ska vara klart senast";
    /// By when the next update is to come.
    update_by: "Next update by", "Nästa uppdatering senast";
    /// When the partner expects to be done.
    eta: "You expect to be done", "Ni räknar med att vara klara";
    /// The heading of what is asked.
    asked: "What we ask you to do", "Det här ber vi er göra";
    /// The heading of the customer's data.
    customer: "The customer", "Kunden";
    /// Why the data are shared.
    why_shared: "Why you may know this", "Varför ni får veta detta";
    /// The customer's name.
    name: "Name", "Namn";
    /// The customer's telephone number.
    phone: "Telephone", "Telefon";
    /// The customer's address for mail.
    email: "E-mail", "E-post";
    /// What the customer wrote.
    customers_words: "The customer's words", "Kundens ord";
    /// How long the data may be kept.
    keep_no_longer: "Keep this no longer than the task needs.", "Spara inte detta längre än uppgiften kräver.";
    /// The heading of the files that were given.
    files: "Files", "Filer";
    /// The heading of what was written and reported.
    history: "What was said so far", "Det som har sagts hittills";
    /// The author of what the partner wrote.
    you: "Your company", "Ni";
    /// Before the time by which a question is to be answered.
    answer_by_then: "Please answer by", "Svara senast";
    /// Before the result that was refused.
    refused: "You had reported:", "Ni hade rapporterat:";
    /// The button and heading to accept.
    accept: "Accept the task", "Tacka ja till uppgiften";
    /// The label of the time at which it will be done.
    eta_label: "When do you expect to be done? (you may leave this empty)", "När räknar ni med att vara klara? (kan lämnas tomt)";
    /// The button and heading to decline.
    decline: "Decline the task", "Tacka nej till uppgiften";
    /// The label of the reason.
    reason_label: "Why? Only the company that asks you reads it.", "Varför? Det läses bara av företaget som frågar er.";
    /// The button and heading of an update.
    update: "Send an update", "Skicka en uppdatering";
    /// The label of an update.
    update_label: "How is it going?", "Hur går det?";
    /// The label of the new time.
    new_eta_label: "A new time when you expect to be done (empty: unchanged)", "Ny tid när ni räknar med att vara klara (tomt: oförändrad)";
    /// The label of files.
    files_label: "Photos and other files: at most 10, together at most 20 MB", "Bilder och andra filer: högst 10, tillsammans högst 20 MB";
    /// The button and heading to complete.
    complete: "Report the task done", "Rapportera uppgiften klar";
    /// The label of the result.
    result_label: "What did you do, and how did it end?", "Vad gjorde ni, och hur gick det?";
    /// The button and heading of a message.
    write: "Write or ask something", "Skriv eller fråga något";
    /// The label of a message.
    write_label: "Your message. Only the company that asks you reads it.", "Ert meddelande. Det läses bara av företaget som frågar er.";
    /// The label of the time for an answer.
    answer_label: "Do you need an answer? By when? (empty: no)", "Behöver ni svar? Senast när? (tomt: nej)";
    /// After a time in a label.
    times_are_in: "Times are in the time zone", "Tider anges i tidszonen";
    /// How long the link is valid.
    link_ends: "This link is for you only. It ends", "Länken är bara för dig. Den slutar gälla";
    /// The heading of problems.
    not_done: "Nothing was changed", "Ingenting ändrades";
    /// A form that is too old, or whose token is not of this link.
    page_is_old: "The page had been open for too long. What you wrote is still here: check it and send it again. Files must be chosen again.",
        "Sidan hade varit öppen för länge. Det du skrev finns kvar: se efter och skicka igen. Filer måste väljas på nytt.";
    /// An act that the state of the task does not allow any more.
    has_changed: "The task has changed in the meantime, and this is not possible now. Look at it as it is below.",
        "Uppgiften har ändrats under tiden, så det går inte nu. Se nedan hur den ser ut.";
    /// A form that was sent before with other contents.
    sent_before: "This page was sent before with other contents. Check whether that is what you want, and send it again.",
        "Sidan har redan skickats med annat innehåll. Se efter om det är det du vill, och skicka igen.";
    /// A time that cannot be read.
    no_time: "This is not a date and a time, such as 2026-11-05T14:00.", "Det är inte ett datum och en tid, som 2026-11-05T14:00.";
    /// A form that cannot be read.
    no_form: "The form could not be read. Please go back, load the page again, and try once more.",
        "Formuläret gick inte att läsa. Gå tillbaka, ladda om sidan och försök igen.";
    /// A form that is too large.
    too_large: "The files are too large: together at most 20 MB. Please go back and choose fewer.",
        "Filerna är för stora: tillsammans högst 20 MB. Gå tillbaka och välj färre.";
    /// A form that came too slowly.
    too_slow: "The form did not arrive in time. Please go back and try again.", "Formuläret kom inte fram i tid. Gå tillbaka och försök igen.";
    /// The heading when the service cannot answer.
    not_now: "Not possible right now", "Går inte just nu";
    /// What to do when the service cannot answer.
    try_again: "Please try again in a minute.", "Försök igen om en minut.";
    /// What to do when it is not known whether something was done.
    look_first: "It took too long, and may be done all the same. Load the page again and look before you repeat it.",
        "Det tog för lång tid och kan ändå ha blivit gjort. Ladda om sidan och se efter innan du gör om det.";
    /// The heading of a link that was not made here.
    no_link: "This link does not work", "Länken fungerar inte";
    /// What to do about it.
    no_link_text: "Please open it from the mail again, and make sure that it is whole.", "Öppna den från mejlet igen och se till att den är hel.";
    /// The heading for an expired link.
    link_ended: "This link has ended", "Länken har slutat gälla";
    /// What to do about it.
    link_ended_text: "A link works for seven days. A new one is mailed to the address that this one was sent to.",
        "En länk gäller i sju dagar. En ny mejlas till samma adress som den här skickades till.";
    /// The button for a new link.
    new_link: "Mail me a new link", "Mejla en ny länk";
    /// After a new link was asked for.
    new_link_sent: "A new link is on its way, if the task is still yours. If nothing comes within the hour, call the company that asks you.",
        "En ny länk är på väg, om uppgiften fortfarande är er. Kommer inget inom en timme, ring företaget som frågar er.";
    /// The heading when there is nothing to do any more.
    ended: "There is nothing more to do here", "Det finns inget mer att göra här";
    /// Why.
    ended_text: "The task has ended, was taken back, or is not yours any more.", "Uppgiften är avslutad, återtagen eller inte längre er.";
    /// The heading after the task was done.
    done: "The task is reported done", "Uppgiften är rapporterad klar";
    /// What happens then.
    done_text: "Thank you. If something is missing, you get a mail with a new link.", "Tack. Saknas något får ni ett mejl med en ny länk.";
    /// The heading after the task was declined.
    declined: "You have declined the task", "Ni har tackat nej till uppgiften";
    /// What happens then.
    declined_text: "The company that asked you has been told why.", "Företaget som frågade er har fått veta varför.";
    /// After the task was accepted.
    accepted: "Thank you: the task is accepted.", "Tack, ni har tackat ja till uppgiften.";
    /// After an update.
    updated: "Thank you: your update was sent.", "Tack, uppdateringen är skickad.";
    /// After a message.
    written: "Your message was sent.", "Meddelandet är skickat.";
    /// The heading of what the reader wrote.
    you_wrote: "You wrote", "Du skrev";
}

impl Words {
    /// The texts in this language.
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &EN,
            Language::Sv => &SV,
        }
    }

    /// The language.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// A time in this zone.
    #[must_use]
    pub fn time(&self, at: DateTime<Utc>, zone: Tz) -> String {
        date_in_words(at, zone, self.language)
    }

    /// The status of a task.
    #[must_use]
    pub fn status_of(&self, status: TaskStatus) -> &'static str {
        let (en, sv) = match status {
            TaskStatus::Requested => ("We wait for your yes or no", "Vi väntar på ert ja eller nej"),
            TaskStatus::Accepted => ("Accepted", "Ni har tackat ja"),
            TaskStatus::InProgress => ("In progress", "Pågår"),
            TaskStatus::Done => ("Done", "Klar"),
            TaskStatus::Declined => ("Declined", "Ni har tackat nej"),
            TaskStatus::Withdrawn => ("Taken back", "Återtagen"),
        };
        match self.language {
            Language::En => en,
            Language::Sv => sv,
        }
    }
}
