//! Cases: their customers, owners, mergers, reports, enquiries and legal clocks.

texts! {
    // Owners.
    own_already: "They own this case already.", "Hen äger redan ärendet.";
    must_be_staff:
        "Must be an active member of the seller's staff: only they can answer for a case.",
        "Måste vara en aktiv person hos säljaren: bara de kan svara för ett ärende.";
    person_away(day_en, day_sv):
        "They are away and back on {day_en}. Choose somebody else, or say `evenIfAway: true`.",
        "Hen är borta och tillbaka {day_sv}. Välj någon annan, eller ange `evenIfAway: true`.";
    new_owner(name): "A new person answers for your case: {name}.", "En ny person ansvarar för ditt ärende: {name}.";

    // Notes.
    too_many_mentions(most): "At most {most} people in one note.", "Högst {most} personer i en anteckning.";

    // What somebody has seen.
    for_staff_only: "Only staff mark and watch cases.", "Bara personalen markerar och bevakar ärenden.";
    too_many_watched(most):
        "You watch {most} cases already: `unwatchCase` one of them first.",
        "Du bevakar redan {most} ärenden: gör `unwatchCase` på något av dem först.";
    seen_up_to: "The number of an event: 0 or more.", "Numret på en händelse: 0 eller mer.";

    // Hand-overs.
    offer_ended(act, status):
        "`{act}` is not open: the offer is {status}. The case can be offered anew with `offerHandover`.",
        "`{act}` går inte: erbjudandet är {status}. Ärendet kan erbjudas på nytt med `offerHandover`.";
    not_offered_to_you:
        "Only whom it was offered to may answer; a manager uses `reassignCase`.",
        "Bara den som fick erbjudandet får svara; en chef använder `reassignCase`.";
    offer_expired:
        "The time for an answer has run out. Ask for a new offer.",
        "Svarstiden har gått ut. Be om ett nytt erbjudande.";

    // Somebody leaves.
    accountable_leaves(seller):
        "They are the accountable person of {seller}. Name a `successorId`.",
        "Hen är ansvarig person för {seller}. Ange `successorId`.";
    lead_leaves(team):
        "They lead the team {team}. Name a `successorId`, or another lead with `updateTeam`.",
        "Hen leder teamet {team}. Ange `successorId`, eller en annan ledare med `updateTeam`.";
    bad_successor:
        "Must be another active member of the seller's staff.",
        "Måste vara en annan aktiv person hos säljaren.";

    // Customers.
    customer_already: "They are this case's customer already.", "Det är redan ärendets kund.";
    address_or_number_missing:
        "Give an address or a number of the customer, or choose one by `customerId`.",
        "Ange en adress eller ett nummer till kunden, eller välj en med `customerId`.";
    chosen_keeps_ways:
        "A customer who is chosen by `customerId` keeps their ways to be reached: leave out address and number.",
        "En kund som väljs med `customerId` behåller sina kontaktvägar: utelämna adress och nummer.";
    /// The subject of a case whose former subject the new customer may not read.
    your_complaint: "Your complaint", "Ditt ärende";
    closed_write_to_us:
        "The case is closed. Write to us with `addCustomerMessage`, and it is opened again.",
        "Ärendet är avslutat. Skriv till oss med `addCustomerMessage`, så öppnas det igen.";
    link_of_former_customer:
        "The case has another customer by now, or its links were revoked. Create a new link with a new key.",
        "Ärendet har en annan kund nu, eller så har länkarna dragits in. Skapa en ny länk med en ny nyckel.";
    case_or_customer: "Give `caseId` or `customerId`.", "Ange `caseId` eller `customerId`.";

    // Mergers.
    same_case: "Name two different cases.", "Ange två olika ärenden.";
    into_merged:
        "That case was merged itself: name the case that it went into.",
        "Det ärendet är självt sammanfört: ange ärendet det gick in i.";
    into_closed:
        "That case is closed and this one is not: merge the other way round.",
        "Det ärendet är avslutat men inte detta: sammanför åt andra hållet.";
    different_customers:
        "They have different customers on record. When it is one person, who may read both, say `sameCustomer: true`.",
        "De har olika kunder. Om det är en och samma person, som får läsa båda, ange `sameCustomer: true`.";

    // Reports.
    report_there_already:
        "It is on that case already. To say that its sender is the customer, use `confirmSender`.",
        "Den hör redan till det ärendet. Använd `confirmSender` för att ange att avsändaren är kunden.";
    report_just_moved:
        "Somebody has just moved it: look where it is now.",
        "Någon har just flyttat den: se var den är nu.";
    reports_case_merged:
        "Its case was merged into another: `unmergeCase` first.",
        "Dess ärende är sammanfört med ett annat: gör `unmergeCase` först.";
    to_merged:
        "That case was merged: name the case that it went into.",
        "Det ärendet är sammanfört: ange ärendet det gick in i.";
    sender_not_in_doubt: "Its sender is not in doubt.", "Avsändaren är inte ifrågasatt.";

    // Enquiries, pauses and legal clocks.
    enquiry_received:
        "When it was received: within the last two years, and not in the future.",
        "När det kom in: under de senaste två åren och inte i framtiden.";
    answered_already: "It was answered already.", "Den har redan besvarats.";
    pause_until:
        "When it goes on at the latest: in the future, within 60 days.",
        "När den senast fortsätter: i framtiden, inom 60 dagar.";
    not_extendable:
        "It cannot be extended: its rule allows no longer time, it has one already, or its time has come.",
        "Den kan inte förlängas: regeln tillåter ingen längre tid, den är redan förlängd eller så är tiden ute.";
    no_letter_meets_it:
        "No letter meets this clock: its rule asks for the answer itself, or its time has come.",
        "Inget brev uppfyller den här tiden: regeln kräver själva svaret, eller så är tiden ute.";

    // Imports.
    /// What only the import command shows, which writes English only.
    in_english(words): "{words}", "{words}";
}
