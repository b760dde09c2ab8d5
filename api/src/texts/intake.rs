//! What is wrong with a complaint, a call, a letter or a mail that is taken in.

texts! {
    another_customers_case:
        "That case is another customer's: leave out `customerId`, or the case.",
        "Det ärendet är en annan kunds: utelämna `customerId` eller ärendet.";
    not_the_customers_address:
        "Not an address that this customer is known by. Leave it out, or leave out `customerId`: then it is noted for \
         a customer of their own.",
        "Ingen adress som kunden är känd under. Utelämna den, eller utelämna `customerId`: då noteras det för en egen \
         kund.";

    // The web form, and what partners forward.
    way_missing:
        "Tell us how to reach you: an e-mail address or a telephone number.",
        "Berätta hur vi når dig: en e-postadress eller ett telefonnummer.";
    too_many_partners: "At most 20 partners.", "Högst 20 partner.";
    way_to_customer_missing:
        "Tell us how to reach the customer: an e-mail address or a telephone number.",
        "Berätta hur vi når kunden: en e-postadress eller ett telefonnummer.";
    not_within_three_years: "A time in the past, within three years.", "En tid i det förflutna, inom tre år.";

    // Calls, letters and visits that staff log.
    not_within_ten_years: "Must be a past time, within ten years.", "Måste vara en förfluten tid, inom tio år.";
    no_call_due:
        "No call is due because of this letter: see `callsDue`.",
        "Inget samtal behövs för detta brev: se `callsDue`.";
    call_end_wrong:
        "Cannot be before `startedAt`, nor in the future.",
        "Kan inte vara före `startedAt` eller i framtiden.";
    outbound_without_case:
        "Say about which case you called: a call that you made opens none.",
        "Ange vilket ärende du ringde om: ett samtal som du ringde öppnar inget.";
    inbound_with_customer_words:
        "Of a call that came in, the customer's words are `words`.",
        "Av ett inkommande samtal är kundens ord `words`.";
    inbound_unanswered:
        "A call that came in and that nobody answered holds no complaint.",
        "Ett inkommande samtal som ingen svarade på innehåller inget klagomål.";
    call_no_contact:
        "Only a call that you made and that was answered is a contact: leave it out, or use `commitments`.",
        "Bara ett samtal som ni ringde och som besvarades är en kontakt: utelämna den, eller använd `commitments`.";

    // Signals of unanswered calls.
    no_number:
        "Not a number that can be called back. Report calls with a number only.",
        "Inget nummer att ringa upp. Ange bara samtal med nummer.";
    not_within_seven_days:
        "Within the last seven days, and not in the future.",
        "Inom de senaste sju dagarna, inte i framtiden.";
    too_many_numbers:
        "Calls from 500 numbers were recorded for that day, and no more are.",
        "Samtal från 500 nummer har sparats för den dagen.";
    signal_ended: "It has ended already.", "Det är redan avslutat.";

    // Mails.
    mail_empty: "The mail is empty.", "Brevet är tomt.";
    mail_too_large: "A mail may have 30 MiB at most.", "Ett brev får ha högst 30 MiB.";
    no_complaint:
        "This mail answers a letter to staff or to a partner and is no complaint: hand it over at the \
         mailbox's address.",
        "Mejlet svarar på ett brev till personalen eller en partner och är ingen reklamation: lämna det till \
         brevlådans adress.";
    mail_not_here:
        "Nothing of it is here: look at it in the mailbox, and put this on the case it belongs to.",
        "Inget av det finns här: läs det i brevlådan och lägg det här på ärendet det hör till.";
    not_in_quarantine: "It is not in quarantine any more.", "Det är inte i karantän längre.";

    // The questions of a form.
    category_not_offered: "The form does not offer this category.", "Formuläret har inte den kategorin.";
    question_not_asked: "The form does not ask this for the category.", "Formuläret frågar inte det för kategorin.";
    answer_missing(question): "Please answer: {question}", "Svara på: {question}";
    not_a_choice: "Choose one of the answers.", "Välj ett av svaren.";
    not_a_date: "Give a day as 2026-11-02.", "Ange en dag som 2026-11-02.";
    not_a_number: "Give a number.", "Ange ett tal.";

    /// Only operators read it, on the command line, in English.
    case_not_imported(id):
        "no case with the id \"{id}\" was imported from this source: import the cases first",
        "no case with the id \"{id}\" was imported from this source: import the cases first";
}
