//! Tasks of partners and disputes between them: what is not allowed, and what is missing.

texts! {
    decline_reason_missing:
        "Tell the owner why: \"not ours\" alone leaves the customer in the middle.",
        "Berätta för ägaren varför: bara \"inte vårt\" lämnar kunden i mitten.";
    over(state):
        "The task is {state}; nothing more can be done to it.",
        "Uppgiften är {state}; inget mer kan göras med den.";
    not_open(act, state, open):
        "`{act}` is not open: the task is {state}. Open now: {open}.",
        "`{act}` går inte: uppgiften är {state}. Det som går nu: {open}.";

    // Disputes.
    too_few_partners:
        "A dispute is between tasks of at least two partners, and of 20 tasks at most.",
        "En tvist gäller uppdrag hos minst två partner, och högst 20 uppdrag.";
    dispute_over:
        "The dispute is over: open another if it begins anew.",
        "Tvisten är avslutad: öppna en ny om den börjar om.";
    /// The result of a dispute that was open when its case was closed. It is kept in both languages.
    case_closed: "The case was closed.", "Ärendet avslutades.";

    // Requests.
    accept_after_due: "Cannot be after `dueAt`.", "Kan inte vara efter `dueAt`.";
    update_hours: "1 to 720 hours.", "1 till 720 timmar.";
    share_reason_missing:
        "Say why the partner must know this of the customer: the customer may ask.",
        "Ange varför partnern måste veta detta om kunden: kunden kan fråga.";
    not_in_the_future:
        "Must be a time in the future, within two years.",
        "Måste vara en tid i framtiden, inom två år.";

    // What is shared with a partner.
    nothing_shared: "Name what is shared.", "Ange vad som delas.";
    too_many_files: "At most 20 files at once.", "Högst 20 filer åt gången.";
    shared_too_often:
        "For a task something is shared 50 times at most.",
        "För en uppgift delas något högst 50 gånger.";

    // Messages.
    too_many_messages: "A task has at most 500 messages.", "En uppgift har högst 500 meddelanden.";
    case_is_closed: "The case of this task is closed.", "Uppgiftens ärende är stängt.";
    partner_inactive:
        "The partner is not active any more: take the task back, and ask another one.",
        "Partnern är inte aktiv längre: ta tillbaka uppgiften och be en annan.";
}
