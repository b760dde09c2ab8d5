//! Letters to customers: what is wrong with a template, what a preview shows, when a letter is not sent again, and what
//! is read out on the telephone.

texts! {
    // Faults of a seller's own template.
    subject_not_one_line: "The subject must be one line.", "Ämnet måste vara en rad.";
    closing_braces_alone:
        "There is a }} without its {{. Placeholders are written {{owner}}.",
        "Det finns ett }} utan sitt {{. Platshållare skrivs {{owner}}.";
    braces_wrong(found):
        "The braces at \"{found}\" are not right. Placeholders are written {{{{owner}}}}.",
        "Klamrarna vid \"{found}\" stämmer inte. Platshållare skrivs {{{{owner}}}}.";
    block_within_block(tag):
        "{{{{{tag}}}}} begins within another block. End that one first.",
        "{{{{{tag}}}}} börjar inuti ett annat block. Avsluta det först.";
    block_unmatched(tag):
        "{{{{{tag}}}}} stands alone. A block is written {{{{#link}}}}…{{{{/link}}}}.",
        "{{{{{tag}}}}} står ensam. Ett block skrivs {{{{#link}}}}…{{{{/link}}}}.";
    placeholder_unknown(word, allowed):
        "{word} cannot be used here. You can use {allowed}.",
        "{word} kan inte användas här. Du kan använda {allowed}.";
    placeholder_missing(word):
        "{word} is missing, or is only there in some cases.",
        "{word} saknas, eller finns bara med ibland.";
    placeholder_in_tag(word):
        "{word} stands within a tag. Only \"{{{{link}}}}\" can, in quotes.",
        "{word} står inuti en tagg. Det kan bara \"{{{{link}}}}\", med citattecken.";
    notices_stay: "Notices to your own people stay as they are.", "Notiser till egna medarbetare är som de är.";

    // Reply templates.
    replies_for_staff: "Reply templates are for staff.", "Svarsmallar är för personalen.";
    too_many_replies(most):
        "A seller has at most {most} reply templates. Change one that is not used any more.",
        "En säljare har högst {most} svarsmallar. Ändra en som inte används längre.";
    // What a letter says about the files of a message.
    with_files(names):
        "With this message: {names}. You find it where you follow your case.",
        "Med detta meddelande: {names}. Du hittar det där du följer ditt ärende.";
    // The letter with the link to a customer's cases.
    case_received(reference, day): "{reference}, received {day}", "{reference}, mottaget {day}";
    more_cases: "and older ones", "och äldre";

    // The sample values of a preview.
    sample_subject: "The trampoline is cracked", "Studsmattan är sprucken";
    sample_due: "Wednesday 25 November 2026 at 13:00", "onsdag 25 november 2026 kl. 13.00";
    sample_message: "We send a new frame on Thursday.", "Vi skickar en ny ram på torsdag.";

    // Why a letter is not sent again.
    not_failed:
        "Only a letter that could not be sent can be sent again.",
        "Bara ett brev som inte kunde skickas kan skickas igen.";
    staff_elsewhere:
        "The person has left or has another address now, and is told of what is new there.",
        "Personen har slutat eller har en annan adress nu, och får nya meddelanden dit.";
    partner_not_mailed:
        "The person gets no tasks by mail any more, or the link in the letter has ended: remind the partner instead.",
        "Personen får inga uppgifter med mejl längre, eller länken i brevet har slutat gälla: påminn partnern i \
         stället.";
    another_customer:
        "The case has another customer now: write to them with `sendMessage`.",
        "Ärendet har en annan kund nu: skriv till den med `sendMessage`.";

    // Read out to a customer on the telephone.
    read_out(reference, owner, due):
        "Your case has the number {reference}. {owner} is responsible for it and will get back to you no later than \
         {due}.",
        "Ditt ärende har nummer {reference}. {owner} ansvarar för det och hör av sig till dig senast {due}.";
    read_out_closed(reference, owner):
        "Your case has the number {reference}. {owner} was responsible for it, and it is closed.",
        "Ditt ärende har nummer {reference}. {owner} har ansvarat för det, och det är avslutat.";
}
