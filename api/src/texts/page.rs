//! The page of a task, on which a partner's person without a system reads it and answers.

texts! {
    // The task.
    /// Before the name of the seller.
    from: "Task from", "Uppgift från";
    case: "Case", "Ärende";
    subject: "About", "Gäller";
    product: "Product", "Produkt";
    /// The label of the person who answers for the case.
    contact_person: "Who to ask", "Kontaktperson";
    status: "Status", "Läge";
    accept_by: "Accept or decline by", "Tacka ja eller nej senast";
    due_at: "To be done by", "Ska vara klart senast";
    update_by: "Next update by", "Nästa uppdatering senast";
    /// The label of the time at which the partner expects to be done.
    eta: "You expect to be done", "Ni räknar med att vara klara";
    /// The heading of what is asked.
    asked: "What we ask you to do", "Det här ber vi er göra";
    status_requested: "We wait for your yes or no", "Vi väntar på ert ja eller nej";
    status_accepted: "Accepted", "Ni har tackat ja";
    status_in_progress: "In progress", "Pågår";
    status_done: "Done", "Klar";
    status_declined: "Declined", "Ni har tackat nej";
    status_withdrawn: "Taken back", "Återtagen";

    // The customer's data that are shared.
    customer: "The customer", "Kunden";
    /// The label of the reason why the data are shared.
    why_shared: "Why you may know this", "Varför ni får veta detta";
    name: "Name", "Namn";
    phone: "Telephone", "Telefon";
    email: "E-mail", "E-post";
    customers_words: "The customer's words", "Kundens ord";
    keep_no_longer: "Keep this no longer than the task needs.", "Spara inte detta längre än uppgiften kräver.";

    // What was given, written and reported.
    files: "Files", "Filer";
    history: "What was said so far", "Det som har sagts hittills";
    /// The author of what the partner wrote.
    you: "Your company", "Ni";
    /// Before the time by which a question is to be answered.
    answer_by_then: "Please answer by", "Svara senast";
    /// Before the result that was refused.
    refused: "You had reported:", "Ni hade rapporterat:";

    // The forms.
    accept: "Accept the task", "Tacka ja till uppgiften";
    eta_label:
        "When do you expect to be done? (you may leave this empty)",
        "När räknar ni med att vara klara? (kan lämnas tomt)";
    decline: "Decline the task", "Tacka nej till uppgiften";
    reason_label: "Why? Only the company that asks you reads it.", "Varför? Det läses bara av företaget som frågar er.";
    update: "Send an update", "Skicka en uppdatering";
    update_label: "How is it going?", "Hur går det?";
    new_eta_label:
        "A new time when you expect to be done (empty: unchanged)",
        "Ny tid när ni räknar med att vara klara (tomt: oförändrad)";
    files_label:
        "Photos and other files: at most 10, together at most 20 MB",
        "Bilder och andra filer: högst 10, tillsammans högst 20 MB";
    complete: "Report the task done", "Rapportera uppgiften klar";
    result_label: "What did you do, and how did it end?", "Vad gjorde ni, och hur gick det?";
    write: "Write or ask something", "Skriv eller fråga något";
    write_label:
        "Your message. Only the company that asks you reads it.",
        "Ert meddelande. Det läses bara av företaget som frågar er.";
    answer_label: "Do you need an answer? By when? (empty: no)", "Behöver ni svar? Senast när? (tomt: nej)";
    /// Before the name of the time zone.
    times_are_in: "Times are in the time zone", "Tider anges i tidszonen";
    /// Before the time at which the link ends.
    link_ends: "This link is for you only. It ends", "Länken är bara för dig. Den slutar gälla";

    // What was done just now.
    accepted: "Thank you: the task is accepted.", "Tack, ni har tackat ja till uppgiften.";
    updated: "Thank you: your update was sent.", "Tack, uppdateringen är skickad.";
    written: "Your message was sent.", "Meddelandet är skickat.";
    done: "The task is reported done", "Uppgiften är rapporterad klar";
    done_text:
        "Thank you. If something is missing, you get a mail with a new link.",
        "Tack. Saknas något får ni ett mejl med en ny länk.";
    declined: "You have declined the task", "Ni har tackat nej till uppgiften";
    declined_text: "The company that asked you has been told why.", "Företaget som frågade er har fått veta varför.";

    // Why nothing was done.
    /// The heading of the problems of a form.
    not_done: "Nothing was changed", "Ingenting ändrades";
    /// A form that is too old, or whose token is not of this link.
    page_is_old:
        "The page had been open for too long. What you wrote is still here: check it and send it again. Files must be \
         chosen again.",
        "Sidan hade varit öppen för länge. Det du skrev finns kvar: se efter och skicka igen. Filer måste väljas på \
         nytt.";
    has_changed:
        "The task has changed in the meantime, and this is not possible now. Look at it as it is below.",
        "Uppgiften har ändrats under tiden, så det går inte nu. Se nedan hur den ser ut.";
    sent_before:
        "This page was sent before with other contents. Check whether that is what you want, and send it again.",
        "Sidan har redan skickats med annat innehåll. Se efter om det är det du vill, och skicka igen.";
    no_time:
        "This is not a date and a time, such as 2026-11-05T14:00.",
        "Det är inte ett datum och en tid, som 2026-11-05T14:00.";
    no_form:
        "The form could not be read. Please go back, load the page again, and try once more.",
        "Formuläret gick inte att läsa. Gå tillbaka, ladda om sidan och försök igen.";
    too_large:
        "The files are too large: together at most 20 MB. Please go back and choose fewer.",
        "Filerna är för stora: tillsammans högst 20 MB. Gå tillbaka och välj färre.";
    too_slow:
        "The form did not arrive in time. Please go back and try again.",
        "Formuläret kom inte fram i tid. Gå tillbaka och försök igen.";
    /// The heading when the service cannot answer.
    not_now: "Not possible right now", "Går inte just nu";
    try_again: "Please try again in a minute.", "Försök igen om en minut.";
    /// When it is not known whether something was done.
    look_first:
        "It took too long, and may be done all the same. Load the page again and look before you repeat it.",
        "Det tog för lång tid och kan ändå ha blivit gjort. Ladda om sidan och se efter innan du gör om det.";
    /// The heading of what the reader wrote and that was not used.
    you_wrote: "You wrote", "Du skrev";

    // Links that show no task.
    /// A link that was not made here.
    no_link: "This link does not work", "Länken fungerar inte";
    no_link_text:
        "Please open it from the mail again, and make sure that it is whole.",
        "Öppna den från mejlet igen och se till att den är hel.";
    link_ended: "This link has ended", "Länken har slutat gälla";
    link_ended_text:
        "A link works for seven days. A new one is mailed to the address that this one was sent to.",
        "En länk gäller i sju dagar. En ny mejlas till samma adress som den här skickades till.";
    new_link: "Mail me a new link", "Mejla en ny länk";
    new_link_sent:
        "A new link is on its way, if the task is still yours. If nothing comes within the hour, call the company that \
         asks you.",
        "En ny länk är på väg, om uppgiften fortfarande är er. Kommer inget inom en timme, ring företaget som frågar \
         er.";
    ended: "There is nothing more to do here", "Det finns inget mer att göra här";
    ended_text:
        "The task has ended, was taken back, or is not yours any more.",
        "Uppgiften är avslutad, återtagen eller inte längre er.";
}
