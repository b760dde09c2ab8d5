//! Promises to customers: commitments, apologies for broken ones, plans, and the time of the next contact.

texts! {
    // Commitments.
    ended_broken:
        "Its time has ended, so it stays broken. Make a new commitment with `makeCommitment`, or note with \
         `keepCommitment` that it is done now.",
        "Tiden är ute och löftet är brutet. Ge ett nytt löfte med `makeCommitment`, eller ange med `keepCommitment` \
         att det är gjort nu.";
    ended_already:
        "It has ended already, and its history is not changed. Make a new commitment with `makeCommitment`.",
        "Det är redan avslutat och historien ändras inte. Ge ett nytt löfte med `makeCommitment`.";
    made_at: "Not in the future, and at most ten years ago.", "Inte i framtiden, och högst tio år sedan.";
    due: "Later than it was said, and at most two years later.", "Senare än när det sades, och högst två år senare.";
    too_many_at_once: "At most 10 commitments in one message.", "Högst 10 löften i ett meddelande.";
    too_many(most): "A case has at most {most} commitments.", "Ett ärende har högst {most} löften.";
    to_former_customer:
        "It was made to a former customer of the case: withdraw it, and make one to the present customer.",
        "Det gavs till en tidigare kund: ta tillbaka det, och ge ett nytt till den nuvarande kunden.";
    promised_already: "It is promised by then already.", "Det är redan lovat till dess.";
    is_contact:
        "It is the time by which the customer hears from you: write to them or call them, and name the next one.",
        "Det är tiden då kunden ska höra av er: skriv till eller ring kunden, och ange nästa.";
    /// What the customer is told when they have agreed to another date.
    renegotiated(what, new, old):
        "As agreed with you: \u{201c}{what}\u{201d} by {new}, instead of by {old}.",
        "Som vi har kommit överens om: \u{201d}{what}\u{201d} senast {new}, i stället för senast {old}.";
    /// What the customer is told when a commitment is taken back.
    withdrawn(what, reason):
        "We cannot do what we promised: \u{201c}{what}\u{201d}. {reason}",
        "Vi kan inte göra det vi har lovat: \u{201d}{what}\u{201d}. {reason}";

    // Apologies.
    not_broken:
        "It is not broken: nothing is to be apologised for.",
        "Det är inte brutet: det finns inget att be om ursäkt för.";
    call_first:
        "Call the customer first, and log the call (`logPhoneCall`), answered or not. To write without having called, \
         say why in `sendAnyway`.",
        "Ring kunden först och logga samtalet (`logPhoneCall`), besvarat eller inte. Ange annars i `sendAnyway` \
         varför du skriver utan att ha ringt.";

    // Plans.
    too_many_steps: "At most 20 steps.", "Högst 20 steg.";
    no_steps: "Name at least one step.", "Ange minst ett steg.";
    too_many_versions: "A plan has at most 200 versions.", "En plan har högst 200 versioner.";
    step_twice: "Each step once.", "Varje steg en gång.";
    agreement_missing:
        "The customer was told another date: say how they agreed to this one.",
        "Kunden har fått ett annat datum: ange hur kunden gick med på detta.";
    reason_missing:
        "A step with a date is taken out: say why, as the customer is told.",
        "Ett steg med datum tas bort: ange varför, som kunden får läsa det.";
    step_done_already: "It is done already.", "Det är redan gjort.";
    /// The line above the steps in the letter about a plan.
    next_steps: "This happens next:", "Så här går det vidare:";
    done: "done", "klart";
    by(when): "by {when}", "senast {when}";

    // Contacts.
    next_contact: "In the future, and at most 183 days from now.", "I framtiden, och högst 183 dagar från nu.";
}
