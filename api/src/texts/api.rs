//! What the API says of requests: errors of GraphQL and of HTTP.

texts! {
    // Faults of the service.
    busy:
        "The service is busy. Try again in a few seconds; what you asked for was not done.",
        "Tjänsten är upptagen. Försök igen om några sekunder; det du bad om gjordes inte.";
    outcome_unknown:
        "The connection to the store was lost: what you asked for may or may not have been done. Repeat it with the \
         same key, or look first.",
        "Kontakten med databasen bröts: det du bad om kan ha gjorts eller inte. Upprepa det med samma nyckel, eller \
         titta efter först.";
    not_done:
        "Something went wrong here. It is logged under this request's id; what you asked for was not done.",
        "Något gick fel här. Det är loggat under frågans id; det du bad om gjordes inte.";
    broken:
        "Something went wrong here. It is logged under this request's id.",
        "Något gick fel här. Det är loggat under frågans id.";
    broke_off: "It broke off.", "Det avbröts.";
    restarting:
        "The service restarts. Come back with your cursor.",
        "Tjänsten startar om. Kom tillbaka med din markör.";
    may_be_done:
        "This took too long and may still be done. Look before you repeat it, or repeat it with the same key.",
        "Detta tog för lång tid och kan ändå bli gjort. Titta efter innan du upprepar det, eller upprepa det med samma \
         nyckel.";
    given_up:
        "This took too long and was given up. Ask for less at a time.",
        "Detta tog för lång tid och gavs upp. Fråga efter mindre åt gången.";

    // Errors of other parts.
    /// A problem with an argument of a query.
    about_field(field, message_en, message_sv): "`{field}`: {message_en}", "`{field}`: {message_sv}";
    /// After the last error of an answer that has more.
    more_errors(more): " (and {more} more errors)", " (och {more} fel till)";
    // The GraphQL library describes its errors in English only, so a Swedish lead says what the error is about.
    not_graphql(message): "{message}", "Dokumentet är inte GraphQL: {message}";
    not_in_schema(message): "{message}", "Dokumentet stämmer inte med schemat: {message}";
    value_not_understood(message):
        "{message}",
        "Ett värde i dokumentet eller dess variabler kan inte förstås: {message}";

    // The request over HTTP.
    not_acceptable:
        "Accept application/graphql-response+json, application/json, text/event-stream or multipart/mixed.",
        "Godta application/graphql-response+json, application/json, text/event-stream eller multipart/mixed.";
    needs_stream:
        "A subscription needs a stream: accept text/event-stream or multipart/mixed, or use a WebSocket \
         (graphql-transport-ws).",
        "En prenumeration behöver en ström: godta text/event-stream eller multipart/mixed, eller använd en WebSocket \
         (graphql-transport-ws).";
    post_mutation: "A mutation goes by POST.", "En ändring skickas med POST.";
    post_mutation_to: "A mutation goes by POST to /graphql.", "En ändring skickas med POST till /graphql.";
    post_or_get: "Use POST, or GET for a query.", "Använd POST, eller GET för en läsning.";
    send_json:
        "Send the document as JSON in UTF-8: `Content-Type: application/json`.",
        "Skicka dokumentet som JSON i UTF-8: `Content-Type: application/json`.";
    cut_short: "The request's body came to no end.", "Frågans innehåll kom inte till sitt slut.";
    too_slow: "The request's body did not come in time.", "Frågans innehåll kom inte i tid.";
    query_string_unreadable: "The query string cannot be read.", "Adressens frågedel (query string) kan inte läsas.";
    body_not_json: "The body is not JSON.", "Innehållet är inte JSON.";
    not_json(name): "`{name}` is not JSON.", "`{name}` är inte JSON.";
    no_batches:
        "One JSON object is expected; batches are not served.",
        "Ett JSON-objekt väntas; flera frågor i en tas inte emot.";
    not_an_object(name): "`{name}` must be an object.", "`{name}` ska vara ett objekt.";
    not_a_string(name): "`{name}` must be a string.", "`{name}` ska vara en text.";
    query_not_a_string: "`query` must be a string with the document.", "`query` ska vara en text med dokumentet.";
    holds_nul:
        "A document may not hold NUL, not even as \\u0000.",
        "Ett dokument får inte innehålla NUL, inte ens som \\u0000.";
    no_such_file: "There is no such file.", "Det finns ingen sådan fil.";

    // How much one may send and ask for.
    too_many_bytes(most): "A request may have {most} bytes at most.", "En fråga får ha högst {most} byte.";
    too_many_values(most):
        "A request may hold {most} values and names of fields at most.",
        "En fråga får innehålla högst {most} värden och fältnamn.";
    too_deep(most):
        "Lists and objects of a request may stand {most} deep within each other.",
        "Listor och objekt i en fråga får stå högst {most} djupt i varandra.";
    list_too_long(most):
        "A list may have {most} items at most. Send several operations.",
        "En lista får ha högst {most} poster. Skicka flera operationer.";
    too_many_ids: "At most 100 ids at a time.", "Högst 100 id åt gången.";
    too_many_items: "At most 100 items in one request.", "Högst 100 poster i en begäran.";
    too_many_clocks: "At most 1,000 clocks at a time.", "Högst 1 000 klockor åt gången.";
    one_to_hundred: "1 to 100.", "1 till 100.";
    used_up(seconds):
        "You have asked for more than your share. Try again in {seconds} s.",
        "Du har bett om mer än din del. Försök igen om {seconds} s.";
    too_many_streams:
        "You have as many streams open as one caller may. Close another first, or use one WebSocket for several.",
        "Du har så många strömmar öppna som en får ha. Stäng en först, eller använd en WebSocket för flera.";
    too_many_operations:
        "This socket has as many operations as one may. Complete another first.",
        "Den här anslutningen har så många operationer som en får ha. Avsluta en annan först.";

    // The document.
    no_operation_named:
        "Name one of the document's operations in `operationName`.",
        "Namnge en av dokumentets operationer i `operationName`.";
    too_many_root_fields(count, most):
        "The operation has {count} root fields; at most {most} are served. Send several operations.",
        "Operationen har {count} rotfält; högst {most} tas emot. Skicka flera operationer.";
    too_many_fields(most):
        "The document asks for more than {most} fields with its fragments written out. Ask for less at a time.",
        "Dokumentet frågar efter mer än {most} fält med fragmenten utskrivna. Fråga efter mindre åt gången.";
    too_much_of_contract:
        "The document asks for too much of the contract at once. Ask for one `__schema` without fields of fields, or \
         fetch /schema.graphql.",
        "Dokumentet frågar efter för mycket av kontraktet på en gång. Fråga efter ett `__schema` utan fält av fält, \
         eller hämta /schema.graphql.";
    name_too_long(most):
        "A name in the document has more than {most} characters.",
        "Ett namn i dokumentet har mer än {most} tecken.";
    variable_missing(name, kind):
        "Variable \"${name}\" is of type \"{kind}\" and has no value. Give it one.",
        "Variabeln \"${name}\" är av typen \"{kind}\" och har inget värde. Ge den ett.";
    document_too_long(bytes, signs):
        "A document may have {bytes} bytes and {signs} words and signs at most. Large values go into its variables.",
        "Ett dokument får ha högst {bytes} byte och {signs} ord och tecken. Stora värden skickas som variabler.";
    no_document:
        "`query` must be a string with the document, or give its id.",
        "`query` ska vara en text med dokumentet, eller ge dess id.";
    not_a_document_id:
        "A document's id is its SHA-256: 64 hexadecimal digits.",
        "Ett dokuments id är dess SHA-256: 64 hexadecimala siffror.";
    not_its_id:
        "The document is not the one of this id: the id must be the SHA-256 of its exact text.",
        "Dokumentet är inte det som id:t står för: id ska vara SHA-256 av exakt dess text.";
    document_unknown:
        "No document is known by this id. Send it whole once, with the id.",
        "Inget dokument är känt under detta id. Skicka det en gång helt, med id.";
    document_not_served:
        "This service serves registered documents only, and this is none of them. Ask its operator to add it to the \
         manifest.",
        "Den här tjänsten tar bara emot registrerade dokument, och detta är inget av dem. Be driften att lägga till \
         det.";

    // Who may do it.
    no_credential:
        "Send `Authorization: Bearer` with a token, a widget key or a tracking token.",
        "Skicka `Authorization: Bearer` med en token, en formulärnyckel eller en spårningskod.";
    page_not_listed:
        "This page may not use this widget's key: its origin is not among `Widget.allowedOrigins`.",
        "Den här sidan får inte använda formulärets nyckel: dess ursprung finns inte bland `Widget.allowedOrigins`.";
    form_for_widgets:
        "This is for complaint forms, by publishable key (`wk_…`).",
        "Detta är för reklamationsformulär, med formulärnyckel (`wk_…`).";
    for_staff: "This is for staff.", "Detta är för personalen.";
    cases_for_staff:
        "Cases are for the seller's staff and systems. A partner reads `tasks`, a customer `myCase`.",
        "Ärenden är för säljarens personal och system. En partner läser `tasks`, en kund `myCase`.";
    customers_for_staff:
        "Customers are for the seller's staff, and for its systems with the scope CASES_READ.",
        "Kunder är för säljarens personal, och för dess system med rätten CASES_READ.";
    my_case_for_customer:
        "This is for the customer, by tracking token (`trk_…`). Staff read `case`.",
        "Detta är för kunden, med spårningskod (`trk_…`). Personalen läser `case`.";
    search_for_staff:
        "Search is for the seller's staff and systems, and for the partners of tasks.",
        "Sökning är för säljarens personal och system och för partner som har uppgifter.";
    tasks_for_partner:
        "Tasks are for the partner whose they are and for the seller's staff and systems.",
        "Uppgifter är för den partner som har dem och för säljarens personal och system.";
    directory_for_staff:
        "The directory is for the seller's staff and for its systems with the scope `CASES_READ`.",
        "Katalogen är för säljarens personal och för dess system med omfattningen `CASES_READ`.";
    measures_for_staff: "Measures are for the seller's staff.", "Mätvärdena är för säljarens personal.";
    quarantine_for_staff:
        "What could not be taken in is for the seller's staff.",
        "Det som inte kunde tas in är för säljarens personal.";
    dead_jobs_for_managers:
        "Dead jobs are for managers and administrators.",
        "Uppgivna jobb är för chefer och administratörer.";
    feeds_for_others:
        "Feeds are for customers, partners and the seller's staff and systems.",
        "Flöden är för kunder, partner och säljarens personal och system.";
    my_case_events_for_customer:
        "This is for the customer, by tracking token (`trk_…`). Staff subscribe to `caseEvents`.",
        "Detta är för kunden, med spårningskod (`trk_…`). Personalen prenumererar på `caseEvents`.";
    task_events_for_partners:
        "This is for partners. Staff subscribe to `workEvents` or `caseEvents`.",
        "Detta är för partner. Personalen prenumererar på `workEvents` eller `caseEvents`.";
    work_events_for_staff:
        "This is for the seller's staff and systems. Partners subscribe to `taskEvents`, customers to `myCaseEvents`.",
        "Detta är för säljarens personal och system. Partner prenumererar på `taskEvents`, kunder på `myCaseEvents`.";

    // Feeds of events.
    not_an_event_number:
        "`after` is the number of an event, 0 for before the first.",
        "`after` är numret på en händelse, 0 för före den första.";
    not_a_feed_cursor:
        "Not a cursor of this feed. Give one that came with an event of yours, unchanged.",
        "Det är ingen markör för detta flöde. Ge en som kom med en händelse till dig, oförändrad.";
    system_owns_no_cases:
        "A system owns no cases. Give `scope: SELLER`.",
        "Ett system äger inga ärenden. Ange `scope: SELLER`.";
    cursor_ahead:
        "The cursor is ahead of the log: it came from another store. Read the state anew and subscribe from there.",
        "Markören ligger före loggen: den kommer från en annan databas. Läs läget på nytt och prenumerera därifrån.";
    sight_changed:
        "What you may see has changed, with your role or because your case was merged or taken apart: read anew and \
         subscribe anew.",
        "Det du får se har ändrats, med din roll eller för att ditt ärende förts ihop eller skilts: läs och \
         prenumerera på nytt.";
    case_not_yours: "This case is no longer yours to see.", "Det här ärendet är inte längre ditt att se.";
    case_gone: "This case is gone.", "Ärendet finns inte längre.";

    // Values of inputs.
    currency: "Three capital letters, such as SEK.", "Tre versaler, till exempel SEK.";
    amount:
        "A decimal number with at most the currency's decimals, such as \"499.00\".",
        "Ett decimaltal med högst valutans decimaler, till exempel \"499.00\".";
    time_of_day: "A time of day with two digits each: \"08:30\".", "Ett klockslag med två siffror var: \"08:30\".";
    times_of_day: "Times of day with two digits each: \"08:30\".", "Klockslag med två siffror var: \"08:30\".";
    open_case_owner:
        "Say `openCaseOwner: true`, or name a person or a team.",
        "Ange `openCaseOwner: true`, eller en person eller ett team.";

    // Calendars, and clocks on them.
    holidays_or_none: "Either `holidays` or `noHolidays`.", "Antingen `holidays` eller `noHolidays`.";
    name_seller_or_team: "Name a seller or a team.", "Ange en säljare eller ett team.";
    only_team_as_seller: "Only a team can go by its seller's calendar.", "Bara ett team kan följa säljarens kalender.";
    holidays_unknown:
        "The holidays of this country, part of it, or year are not known.",
        "Helgdagarna för detta land, denna del av det eller detta år är inte kända.";
    calendar_or_whose: "Give either a calendar, or whose it is.", "Ange antingen en kalender eller vems den är.";
    zero_or_more: "0 or more.", "0 eller mer.";
    pauses:
        "At most 100 pauses, each of which ends later than it begins.",
        "Högst 100 pauser, som var och en slutar senare än den börjar.";
    too_many_days:
        "All clocks together look at too many days: ask for fewer, or for shorter ones.",
        "Klockorna går tillsammans igenom för många dagar: fråga om färre eller kortare.";
    never_open:
        "The calendar is not open in the ten years after the start.",
        "Kalendern är inte öppen under de tio åren efter starten.";
    over_ten_years: "Longer than ten years.", "Längre än tio år.";

    // Commitments.
    /// What a commitment to get in contact promises the customer.
    you_hear_from_us: "You hear from us", "Du hör av oss";
}
