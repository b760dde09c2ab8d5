//! The directory: sellers, their staff, teams, calendars, catalogue and mailboxes, partners, and systems.

texts! {
    taken: "Already in use at this seller. Choose another.", "Används redan hos säljaren. Välj något annat.";
    hours(most): "Between 1 and {most} hours.", "Mellan 1 och {most} timmar.";

    // Complaint forms.
    too_many_origins(most): "At most {most} origins.", "Högst {most} ursprung.";
    not_an_origin:
        "Not an origin: write it as `https://shop.example`, without a path.",
        "Inte ett ursprung: skriv det som `https://shop.example`, utan sökväg.";
    too_many_of(most): "At most {most}.", "Högst {most}.";
    twice: "It is there twice.", "Det finns två gånger.";
    choices_for_choice:
        "A question of the kind `CHOICE` has choices, and no other has.",
        "En fråga av slaget `CHOICE` har svarsalternativ, och ingen annan har det.";

    // Staff and teams.
    away_or_back: "Either away or back.", "Antingen borta eller tillbaka.";
    away_from: "At most a year ago.", "Högst ett år sedan.";
    away_until:
        "Must end later than it begins, in the future, and within a year.",
        "Måste sluta senare än den börjar, i framtiden och inom ett år.";
    last_administrator:
        "They are the last administrator. Make somebody else one first.",
        "Hen är den sista administratören. Utse en annan först.";
    platform_administrators_only:
        "Only a platform administrator may do this.",
        "Bara en plattformsadministratör får göra detta.";
    capacity: "Between 0 and 100,000 open cases.", "Mellan 0 och 100 000 öppna ärenden.";
    too_many_people(most): "At most {most} people.", "Högst {most} personer.";
    team_of_staff:
        "Everybody in a team must be an active member of the seller's staff.",
        "Alla i ett team måste vara aktiva personer hos säljaren.";

    // Calendars.
    never_open:
        "Nothing is open: a calendar needs at least one open hour.",
        "Ingenting är öppet: en kalender behöver minst en öppen timme.";
    unknown_country(known):
        "The holidays of this country are not known. Known: {known}. For others name each day in `days`.",
        "Landets helgdagar är inte kända. Kända: {known}. För andra länder anges varje dag i `days`.";
    unknown_region(country_en, country_sv, known):
        "Not a part of {country_en} with holidays of its own. Known: {known}.",
        "Ingen del av {country_sv} med egna helgdagar. Kända: {known}.";
    too_many_days(most): "At most {most} days.", "Högst {most} dagar.";
    day_twice: "The same day is there twice.", "Samma dag står där två gånger.";
    day_hours:
        "Each entry must begin before it ends, until 24:00 at the latest; at most ten. None for a closed day.",
        "Varje rad måste börja före den slutar, senast 24:00; högst tio. Ingen rad för en stängd dag.";

    // The catalogue.
    below_itself: "A category cannot be below itself.", "En kategori kan inte ligga under sig själv.";
    too_deep: "The tree may be ten categories deep.", "Trädet får vara tio kategorier djupt.";

    // API clients.
    whose_missing: "Say whose: a seller or a partner.", "Ange vems: en säljares eller en partners.";
    too_many_clients: "A partner may have 50 API clients.", "En partner får ha 50 API-klienter.";
    not_for_partners(scope): "{scope} is not for a partner's systems.", "{scope} är inte för en partners system.";
    not_for_sellers(scope): "{scope} is not for a seller's systems.", "{scope} är inte för en säljares system.";
    reading_is_given_by_own:
        "CASES_READ opens the seller's cases: only an administrator of that seller may give it.",
        "CASES_READ öppnar säljarens ärenden: bara en administratör hos den säljaren får ge den.";
    two_secrets: "It has two secrets: revoke one first.", "Den har två hemligheter: återkalla en först.";

    // Mailboxes.
    too_many_trusted: "At most 50 addresses and domains.", "Högst 50 adresser och domäner.";
    bad_trusted:
        "Each must be an e-mail address or a domain. Example: form@shop.example or shop.example",
        "Var och en måste vara en e-postadress eller en domän. Exempel: form@shop.example eller shop.example";
    bad_local_part:
        "At most 23 characters before the @, plain ones and no +: answers come to address+code@domain.",
        "Högst 23 tecken före @, utan å, ä, ö och +: svar kommer till adress+kod@domän.";
    too_many_mailboxes: "A seller may have 100 mailboxes.", "En säljare får ha 100 brevlådor.";

    // People at partners.
    no_public_url:
        "This service has no public address for the links in the mails: its operator sets `public_url`.",
        "Tjänsten saknar en publik adress för länkarna i mejlen: den som driver den anger `public_url`.";
    no_mailbox:
        "The seller has no mailbox to send from: add one with `createMailbox`.",
        "Säljaren har ingen brevlåda att skicka från: lägg till en med `createMailbox`.";
    is_mailbox:
        "This address is a mailbox of the seller, where each mail would become a complaint: add the person with \
         another address.",
        "Adressen är en av säljarens brevlådor, där varje mejl skulle bli en reklamation: lägg till personen med en \
         annan adress.";

    // Sellers.
    must_be_staff: "Must be an active member of the seller's staff.", "Måste vara en aktiv person hos säljaren.";
    bad_page:
        "An https address without #, at most 500 characters, such as https://shop.example/case.",
        "En https-adress utan #, högst 500 tecken, till exempel https://butik.example/arende.";
    bad_desk:
        "An https address with {reference} in it, at most 500 characters, such as \
         https://desk.shop.example/#/cases/{reference}.",
        "En https-adress med {reference} i, högst 500 tecken, till exempel \
         https://desk.butik.example/#/arenden/{reference}.";
    too_many_clocks(most): "At most {most}.", "Högst {most}.";
    unknown_rule: "Not a rule of a pack: see `legalPacks`.", "Ingen regel i något paket: se `legalPacks`.";
    clock_twice: "It is there twice.", "Den står där två gånger.";
}
