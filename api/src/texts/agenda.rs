//! Agendas: why something stands on a person's agenda.

texts! {
    for_staff: "An agenda is for the seller's staff.", "Agendan är för säljarens personal.";
    not_a_cursor:
        "Not a cursor of an agenda. Give one that came from `pageInfo` or an edge, unchanged.",
        "Ingen markör för en agenda. Ange en som kom från `pageInfo` eller en kant, oförändrad.";

    first_contact: "The customer has not heard from you yet.", "Kunden har inte hört av er än.";
    contact:
        "The customer was told that they hear from you by then.",
        "Kunden har fått veta att ni hör av er till dess.";
    reply: "The customer has asked and waits for a reply.", "Kunden har frågat och väntar på svar.";
    answer: "The company's answer is due.", "Företagets besked ska lämnas.";
    promised: "It was promised to the customer.", "Det är lovat till kunden.";
    call_customer:
        "Call the customer: a promise was broken, a letter did not arrive, or they called and nobody answered.",
        "Ring kunden: ett löfte är brutet, ett brev kom inte fram eller kunden ringde utan svar.";
    offered: "The case is offered to you.", "Ärendet är erbjudet dig.";
    escalation:
        "Something is late on a colleague's case, and you were told.",
        "Något är sent i en kollegas ärende, och du har fått veta det.";
    partner_asks:
        "A partner asks something about its task and waits for the answer.",
        "En partner frågar något om sin uppgift och väntar på svar.";
    owner_silent: "Nothing has been done on the case for too long.", "Ingenting har hänt i ärendet på för länge.";
    dispute: "The dispute is to be decided.", "Tvisten ska avgöras.";
    law: "A law sets the time.", "En lag anger tiden.";
    call_back: "Somebody called and nobody answered: call back.", "Någon ringde och ingen svarade: ring tillbaka.";
    mail_not_taken_in: "A mail could not be taken in: look at it.", "Ett mejl kunde inte tas in: se på det.";
}
