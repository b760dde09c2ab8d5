//! Notices to staff, and the mails that bring them. A notice names the case and the reason.

texts! {
    assigned: "You answer for this case now.", "Du ansvarar för ärendet nu.";
    handover_declined:
        "Your colleague has declined to take the case over. You still answer for it.",
        "Din kollega har tackat nej till att ta över ärendet. Du ansvarar fortfarande för det.";
    handover_offered:
        "A colleague offers you this case. Please accept or decline it.",
        "En kollega erbjuder dig ärendet. Tacka ja eller nej.";
    stranger_wrote:
        "Somebody has written about the case who is not known to be its customer.",
        "Någon som inte är känd som kund i ärendet har skrivit om det.";
    customer_wrote:
        "The customer has written or asked for news.",
        "Kunden har skrivit eller bett om besked.";
    watched: "Something happened to a case that you watch.", "Något har hänt i ett ärende som du bevakar.";
    mentioned: "A colleague mentions you in a note.", "En kollega nämner dig i en anteckning.";
    call_customer:
        "A letter did not reach the customer. Please call them.",
        "Ett brev nådde inte kunden. Ring kunden.";
    commitment_soon:
        "Something that the customer was promised is due soon.",
        "Något som kunden har blivit lovad ska snart vara klart.";
    commitment_by(by):
        "Something that the customer was promised is due by {by}.",
        "Något som kunden har blivit lovad ska vara klart senast {by}.";

    // What is late, or soon will be.
    not_acknowledged:
        "The customer has not heard from us for the first time, and the time for it has passed.",
        "Kunden har inte hört något från oss än, och tiden för det har gått ut.";
    not_contacted:
        "The customer has not heard from us by the time that we said.",
        "Kunden har inte hört något från oss inom den tid som vi har sagt.";
    owner_silent:
        "Nothing has been done on the case for too long.",
        "Ingenting har gjorts i ärendet på för länge.";
    handover_unanswered:
        "Nobody has answered the offer to take the case over.",
        "Ingen har svarat på erbjudandet att ta över ärendet.";
    partner_late: "A partner is late with its task.", "En partner är sen med sin uppgift.";
    partner_waits:
        "A partner has asked something about its task and has had no answer.",
        "En partner har frågat något om sin uppgift och inte fått svar.";
    dispute_undecided:
        "The dispute between partners is not decided.",
        "Tvisten mellan partnerna är inte avgjord.";
    not_replied: "The customer wrote and has had no reply.", "Kunden har skrivit och inte fått svar.";
    not_answered: "The time for our answer has passed.", "Tiden för vårt besked har gått ut.";
    legal_clock:
        "The time that a law gives us is running out or has run out.",
        "Tiden som en lag ger oss är snart ute eller har gått ut.";
    commitment_broken:
        "A promise to the customer was broken. Please call them.",
        "Ett löfte till kunden har brutits. Ring kunden.";
    something_late: "Something about the case is late.", "Något i ärendet är försenat.";

    // What a partner did about a task.
    task_accepted: "A partner has accepted its task.", "En partner har tagit sig an sin uppgift.";
    task_completed: "A partner reports its task done.", "En partner har rapporterat att uppgiften är klar.";
    task_declined: "A partner has declined its task.", "En partner har tackat nej till sin uppgift.";
    task_message: "There is a message about a task.", "Det finns ett meddelande om en uppgift.";
    partner_unreachable:
        "A partner could not be reached by the service. Please call them.",
        "Tjänsten kunde inte nå en partner. Ring dem.";
    statement_given:
        "A partner has said what it thinks was the cause.",
        "En partner har sagt vad den tror är orsaken.";
    task_updated: "A partner has reported on its task.", "En partner har rapporterat om sin uppgift.";

    how_to_answer(to_customer):
        "Reply to this mail to leave a note on the case, which only colleagues read. To write to the customer, send a \
         mail from this address to {to_customer} instead.",
        "Svara på det här mejlet för att lämna en anteckning i ärendet, som bara kollegor läser. Vill du skriva till \
         kunden, skicka i stället ett mejl från den här adressen till {to_customer}.";
    /// Stands below the cases of a summary.
    more_cases(count):
        "Further cases: {count}. They are in your agenda.",
        "Ytterligare ärenden: {count}. De finns i din agenda.";

    // The letter about one case.
    one_subject: "[{{reference}}] Case at {{seller}}", "[{{reference}}] Ärende hos {{seller}}";
    one: "\
Hello {{owner}},

{{message}}

{{#due}}The customer is to hear from us no later than {{due}}.{{/due}}

{{#link}}Open case {{reference}}: {{link}}{{/link}}

{{reason}}
", "\
Hej {{owner}}!

{{message}}

{{#due}}Kunden ska höra från oss senast {{due}}.{{/due}}

{{#link}}Öppna ärende {{reference}}: {{link}}{{/link}}

{{reason}}
";

    /// The subject of the letter about several cases. The placeholder of the reference is their number.
    several_subject: "News of {{reference}} cases at {{seller}}", "Nytt i {{reference}} ärenden hos {{seller}}";
    several: "\
Hello {{owner}},

{{message}}

This mail cannot be answered. Open a case to write on it.
", "\
Hej {{owner}}!

{{message}}

Det här mejlet kan inte besvaras. Öppna ett ärende för att skriva i det.
";

    /// The letter to a member of staff whose answer to a notice was not used.
    not_used: "\
Hello {{owner}},

Your answer to a notice about a case was not kept on the case, and the customer has not had it.

{{reason}}

Please open the case and write there instead.
", "\
Hej {{owner}}!

Ditt svar på ett meddelande om ett ärende har inte sparats i ärendet, och kunden har inte fått det.

{{reason}}

Öppna ärendet och skriv där i stället.
";

    // The settings.
    kind_twice: "This kind is there twice.", "Den sorten står där två gånger.";
}
