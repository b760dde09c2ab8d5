//! The built-in letters, for sellers without templates of their own. They are short, and each tells the customer who
//! owns the case and what happens next. `letter/syntax.rs` describes what stands in braces.

texts! {
    // The letters to customers. A subject is used where the customer gave none, after the case's reference.
    acknowledgement_subject: "We have received your complaint", "Vi har tagit emot ditt ärende";
    acknowledgement: "\
Hello{{#customer}} {{customer}}{{/customer}},

We have received your complaint. Its reference is {{reference}}.

{{owner}} is responsible for it and will get back to you no later than {{due}}.

Is there something to add? Just reply to this email.

{{#link}}You can follow your case here: {{link}}{{/link}}

Kind regards
{{seller}}
", "\
Hej{{#customer}} {{customer}}{{/customer}}!

Vi har tagit emot ditt ärende. Det har nummer {{reference}}.

{{owner}} ansvarar för det och hör av sig till dig senast {{due}}.

Vill du lägga till något? Svara bara på det här mejlet.

{{#link}}Här kan du följa ärendet: {{link}}{{/link}}

Vänliga hälsningar
{{seller}}
";

    addition_subject: "Added to your case", "Tillagt i ditt ärende";
    addition: "\
Hello{{#customer}} {{customer}}{{/customer}},

We have received what you sent and added it to case {{reference}}.

{{owner}} is responsible for the case{{#due}} and will get back to you no later than {{due}}{{/due}}.

Is there more to add? Just reply to this email.

{{#link}}You can follow your case here: {{link}}{{/link}}

Kind regards
{{seller}}
", "\
Hej{{#customer}} {{customer}}{{/customer}}!

Vi har fått det du skickade och lagt det till ärende {{reference}}.

{{owner}} ansvarar för ärendet{{#due}} och hör av sig till dig senast {{due}}{{/due}}.

Vill du lägga till något mer? Svara bara på det här mejlet.

{{#link}}Här kan du följa ärendet: {{link}}{{/link}}

Vänliga hälsningar
{{seller}}
";

    message_subject: "About your case", "Om ditt ärende";
    /// Without a greeting or a closing, because the owner writes these.
    message: "\
{{message}}

{{owner}}
{{seller}}

Case {{reference}}. To reach me, just reply to this email.
{{#link}}You can follow your case here: {{link}}{{/link}}
", "\
{{message}}

{{owner}}
{{seller}}

Ärende {{reference}}. Svara på det här mejlet om du vill nå mig.
{{#link}}Här kan du följa ärendet: {{link}}{{/link}}
";

    update_subject: "News of your case", "Nytt i ditt ärende";
    update: "\
Hello{{#customer}} {{customer}}{{/customer}},

{{message}}

{{owner}} will get back to you no later than {{due}}.

Do you have a question? Just reply to this email.

{{#link}}You can follow your case here: {{link}}{{/link}}

Kind regards
{{seller}}
", "\
Hej{{#customer}} {{customer}}{{/customer}}!

{{message}}

{{owner}} hör av sig till dig senast {{due}}.

Vill du fråga något? Svara bara på det här mejlet.

{{#link}}Här kan du följa ärendet: {{link}}{{/link}}

Vänliga hälsningar
{{seller}}
";

    /// The message is the list of cases. It holds nothing that a customer wrote, because anybody can ask for it.
    links_subject: "The link to your cases", "Länken till dina ärenden";
    links: "\
Hello,

Here are your cases at {{seller}}:

{{message}}

{{#link}}You can follow them here: {{link}}{{/link}}

The link is for you only: whoever has it can read your cases. You get this letter because somebody entered your \
address on our page. If it was not you, you need not do anything.

Kind regards
{{seller}}
", "\
Hej!

Här är dina ärenden hos {{seller}}:

{{message}}

{{#link}}Här kan du följa dem: {{link}}{{/link}}

Länken är bara för dig: den som har den kan läsa dina ärenden. Du får det här brevet för att någon skrev in din \
adress på vår sida. Var det inte du behöver du inte göra något.

Vänliga hälsningar
{{seller}}
";

    // The letters to the accountable person.
    quarantine_subject: "A mail could not be taken in", "Ett mejl kunde inte tas emot";
    quarantine: "\
A mail to {{seller}} could not be taken in.

{{reason}}

Nobody answers for it yet, and whoever wrote it has had no reply. Please read it today and see that it is answered.
{{#reference}}It may belong to case {{reference}}.{{/reference}}
{{#link}}More about it: {{link}}{{/link}}
", "\
Ett mejl till {{seller}} kunde inte tas emot.

{{reason}}

Ingen ansvarar för mejlet än, och den som skrev det har inte fått något svar. \
Läs det i dag och se till att det blir besvarat.
{{#reference}}Det kan höra till ärende {{reference}}.{{/reference}}
{{#link}}Mer om det: {{link}}{{/link}}
";

    not_fetched_subject: "Mail cannot be fetched", "Mejl kan inte hämtas";
    not_fetched: "\
For more than an hour no mail to {{seller}} can be fetched.

{{reason}}

Whoever writes gets no reply for as long. Please have whoever looks after the mail see to it today. \
When it works again, all that came in the meantime is fetched.
", "\
Sedan mer än en timme kan inga mejl till {{seller}} hämtas.

{{reason}}

De som skriver får inget svar så länge. Be den som sköter mejlen att se på det i dag. \
När det fungerar igen hämtas allt som har kommit under tiden.
";

    not_delivered_subject: "Notices to a colleague do not arrive", "Meddelanden till en kollega kommer inte fram";
    not_delivered: "\
Notices about cases at {{seller}} do not reach a colleague.

{{reason}}

They do not learn what happens to their cases. \
Please correct the address, or have whoever looks after the mail see to it.
", "\
Meddelanden om ärenden hos {{seller}} kommer inte fram till en kollega.

{{reason}}

Hen får inte veta vad som händer i sina ärenden. Rätta adressen, eller be den som sköter mejlen att se på det.
";
}
