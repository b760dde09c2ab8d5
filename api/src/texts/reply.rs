//! Answers by mail of staff to notices and of partners' people to mails about tasks: why one was not used, and what
//! was left out of one.

texts! {
    /// The subject of the mail to whoever wrote it.
    not_used: "Your answer was not used", "Ditt svar har inte använts";

    // An answer to a notice.
    notice_from_another_address:
        "It answers a notice to a member of staff, and comes from another address than that person's.",
        "Det svarar på ett meddelande till en medarbetare och kommer från en annan adress än hens.";
    notice_to_another_address:
        "It answers a notice to a member of staff, and came to another address than the one for replies.",
        "Det svarar på ett meddelande till en medarbetare och kom till en annan adress än den för svar.";
    notice_to_both_addresses:
        "It answers a notice and names both the address for notes and the one to the customer.",
        "Det svarar på ett meddelande och har både adressen för anteckningar och den till kunden.";
    notice_doubtful:
        "It answers a notice, and it is not whole, cannot be read, or is an old mail.",
        "Det svarar på ett meddelande och är inte helt, kan inte läsas eller är ett gammalt mejl.";
    notice_denied:
        "It answers a notice, and the sender's domain says that it did not send it.",
        "Det svarar på ett meddelande, och avsändarens domän säger att den inte har skickat det.";
    notice_too_old:
        "It answers a notice that is older than 30 days.",
        "Det svarar på ett meddelande som är äldre än 30 dagar.";
    notice_author_gone:
        "It answers a notice to somebody who does not work here any more, or whose role has just changed.",
        "Det svarar på ett meddelande till någon som inte arbetar här längre eller just har fått en annan roll.";
    notice_several_cases:
        "It answers a summary of several cases, so that it is not known which case it is about.",
        "Det svarar på en sammanfattning av flera ärenden, så det går inte att veta vilket ärende det gäller.";
    notice_no_words: "It answers a notice, and has no words.", "Det svarar på ett meddelande och har ingen text.";
    to_customer_not_proven:
        "It is to go to the customer, and nothing proves that the member of staff sent it.",
        "Det ska gå till kunden, och inget visar att medarbetaren har skickat det.";
    to_customer_with_files:
        "It is to go to the customer, and its files cannot be sent like this.",
        "Det ska gå till kunden, och filerna kan inte skickas så här.";
    to_customer_with_notice:
        "It is to go to the customer, and its words hold the notice that it answers.",
        "Det ska gå till kunden, och texten innehåller meddelandet som det svarar på.";
    to_customer_too_long:
        "It is to go to the customer, and has more than 20,000 characters.",
        "Det ska gå till kunden och har mer än 20 000 tecken.";
    /// Stands below the note on the case.
    files_not_kept(files):
        "\n\n(Files in the mail: {files}. They are not kept on the case.)",
        "\n\n(Filer i mejlet: {files}. De finns inte i ärendet.)";

    // An answer to a mail about a task.
    task_from_another_address:
        "It answers a mail to a partner about a task, and comes from another address than the one it was sent to.",
        "Det svarar på ett mejl till en partner om en uppgift och kommer från en annan adress än den det \
         skickades till.";
    task_to_another_address:
        "It answers a mail about a task, and came to another address than the one for replies.",
        "Det svarar på ett mejl om en uppgift och kom till en annan adress än den för svar.";
    task_doubtful:
        "It answers a mail about a task, and it is not whole, cannot be read, or is an old mail.",
        "Det svarar på ett mejl om en uppgift och är inte helt, kan inte läsas eller är ett gammalt mejl.";
    task_denied:
        "It answers a mail about a task, and the sender's domain says that it did not send it.",
        "Det svarar på ett mejl om en uppgift, och avsändarens domän säger att den inte har skickat det.";
    task_too_old:
        "It answers a mail about a task that is older than 30 days.",
        "Det svarar på ett mejl om en uppgift som är äldre än 30 dagar.";
    task_author_without_access:
        "It answers a mail about a task, and its author has no access any more.",
        "Det svarar på ett mejl om en uppgift, och den som skrev det har inte åtkomst längre.";
    no_task:
        "It answers a mail to a partner that is about no task.",
        "Det svarar på ett mejl till en partner som inte gäller någon uppgift.";
    several_tasks:
        "It answers a mail about several tasks, so that it is not known which one it is about.",
        "Det svarar på ett mejl om flera uppgifter, så det går inte att veta vilken det gäller.";
    task_not_theirs:
        "It answers a mail about a task that was declined or taken back.",
        "Det svarar på ett mejl om en uppgift som ni har tackat nej till eller som är återtagen.";
    task_nothing_said:
        "It answers a mail about a task, and has neither words nor files.",
        "Det svarar på ett mejl om en uppgift och har varken text eller filer.";
    /// Stands below the update of the task.
    files_left_out(left_out):
        "({left_out} more files of the mail were too many or too large.)",
        "({left_out} filer till i mejlet var för många eller för stora.)";
    whole_text_in_file: "(The whole text is in the file mail.txt.)", "(Hela texten finns i filen mail.txt.)";
    see_files: "See the files.", "Se filerna.";
}
