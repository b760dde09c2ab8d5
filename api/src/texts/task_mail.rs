//! Mails to partners' people about tasks.

texts! {
    requested: "You are asked to do a task.", "Ni har fått en uppgift.";
    assigned: "A task was assigned to you.", "En uppgift har tilldelats dig.";
    reminded: "We remind you of your task.", "Vi påminner om er uppgift.";
    message: "We have written to you about your task.", "Vi har skrivit till er om er uppgift.";
    rejected:
        "What you reported done is not done yet. The page says what is missing.",
        "Det som ni har rapporterat som klart är inte klart än. På sidan står vad som saknas.";
    shared: "There is more information about your task.", "Det finns mer information om er uppgift.";
    late:
        "Something about your task is late. Please open it and see what we are waiting for.",
        "Något i er uppgift är försenat. Öppna den och se vad vi väntar på.";
    withdrawn:
        "The task is taken back. You need not do anything more.",
        "Uppgiften är återtagen. Ni behöver inte göra något mer.";
    new_link: "Here is the new link that you asked for.", "Här är den nya länken som du bad om.";

    accept_by(at): "Please accept or decline it by {at}.", "Tacka ja eller nej senast {at}.";
    done_by(at): "It is to be done by {at}.", "Den ska vara klar senast {at}.";

    how_to_answer:
        "The link is for you only and works for seven days; on the page you can ask for a new one. You may also reply \
         to this mail: your words and files are then added to the task. Only the page accepts, declines or completes \
         it.",
        "Länken är bara för dig och gäller i sju dagar; på sidan kan du be om en ny. Du kan också svara på det här \
         mejlet: din text och dina filer läggs då till i uppgiften. Tacka ja eller nej och rapportera klart gör du \
         bara på sidan.";

    // The letter about one task.
    one_subject: "[{{reference}}] Task from {{seller}}", "[{{reference}}] Uppgift från {{seller}}";
    one: "\
Hello {{owner}},

Case {{reference}} at {{seller}}:
{{message}}

{{#link}}Open the task: {{link}}{{/link}}

{{reason}}
", "\
Hej {{owner}}!

Ärende {{reference}} hos {{seller}}:
{{message}}

{{#link}}Öppna uppgiften: {{link}}{{/link}}

{{reason}}
";

    /// The subject of the letter about several tasks. The placeholder of the reference is their number.
    several_subject: "News of {{reference}} tasks from {{seller}}", "Nytt i {{reference}} uppgifter från {{seller}}";
    several: "\
Hello {{owner}},

{{message}}

The links are for you only and work for seven days. This mail cannot be answered: open a task to answer it.
", "\
Hej {{owner}}!

{{message}}

Länkarna är bara för dig och gäller i sju dagar. Det här mejlet kan inte besvaras: öppna en uppgift för att svara.
";

    /// The letter to a person whose answer by mail was not used.
    not_used: "\
Hello {{owner}},

Your answer about a task was not added to the task. It waits to be read by a person.

{{reason}}

If it is urgent, open the task with the link of an earlier mail and answer there.
", "\
Hej {{owner}}!

Ditt svar om en uppgift har inte kommit in i uppgiften. Det väntar på att någon läser det.

{{reason}}

Är det bråttom, öppna uppgiften med länken i ett tidigare mejl och svara där.
";
}
