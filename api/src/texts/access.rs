//! Who may do what, which acts a case allows, and why a credential is not accepted.

texts! {
    // Standings, and who may do something.
    stranger: "a stranger", "en främling";
    complaint_form: "a complaint form", "ett reklamationsformulär";
    sellers_system: "a system of the seller", "ett av säljarens system";
    reading_system: "a system of the seller that reads cases", "ett av säljarens system som läser ärenden";
    customer: "the customer", "kunden";
    tasks_partner: "the partner whose task it is", "partnern vars uppgift det är";
    at_partner: "somebody at the partner", "någon hos partnern";
    sellers_staff: "staff of the seller", "säljarens personal";
    cases_owner: "the case's owner", "ärendets ägare";
    manager: "a manager", "en chef";
    administrator: "an administrator", "en administratör";
    or: "or", "eller";
    only(who_en, who_sv): "Only {who_en} may do this.", "Bara {who_sv} får göra detta.";
    scope_missing(scope):
        "This needs the scope `{scope}`, which the token does not carry: ask for it at /oauth/token, or have it given \
         to the API client.",
        "Detta kräver omfattningen `{scope}`, som token saknar: begär den vid /oauth/token, eller låt API-klienten få \
         den.";

    // What the state of a case does not allow.
    merged_do_it_there:
        "It was merged into another case: do it on that one.",
        "Det är sammanfört med ett annat ärende: gör det i det ärendet.";
    closed_until_message:
        "The case is closed. A new message from the customer opens it again.",
        "Ärendet är avslutat. Ett nytt meddelande från kunden öppnar det igen.";
    closed: "The case is closed.", "Ärendet är avslutat.";
    closed_manager_reassigns:
        "The case is closed; a manager can still reassign it.",
        "Ärendet är avslutat; en chef kan flytta det.";
    offered_already:
        "It is offered to somebody already: wait for the answer, or `withdrawHandover` first.",
        "Det är redan erbjudet någon: vänta på svaret, eller gör `withdrawHandover` först.";
    merged_reassign_there:
        "It was merged into another case, whose owner answers for both: reassign that one.",
        "Det är sammanfört med ett annat ärende, vars ägare svarar för båda: flytta det ärendet.";
    merged_already: "It is merged already; `unmergeCase` first.", "Det är redan sammanfört; gör `unmergeCase` först.";
    others_merged:
        "Other cases were merged into it: merge each of them, or `unmergeCase` them first.",
        "Andra ärenden har sammanförts med det: gör `unmergeCase` på dem först.";
    not_merged: "It is not merged into another case.", "Det är inte sammanfört med något annat ärende.";
    merged_name_that:
        "It was merged into another case: name that one, or `unmergeCase` first.",
        "Det är sammanfört med ett annat ärende: ange det, eller gör `unmergeCase` först.";
    others_have_customers:
        "Other cases were merged into it, and may have other customers: `unmergeCase` them first.",
        "Andra ärenden har sammanförts med det och kan ha andra kunder: gör `unmergeCase` på dem först.";
    paused_already: "It is paused already: `resumeAnswer` first.", "Den är redan pausad: gör `resumeAnswer` först.";
    no_answer_time:
        "No time for an answer runs: its service level has none, or the case is closed.",
        "Ingen svarstid löper: servicenivån har ingen, eller så är ärendet avslutat.";
    answer_late:
        "The time for an answer has run out: what is late cannot be paused.",
        "Svarstiden har gått ut: det som är sent kan inte pausas.";
    not_paused: "The time for an answer is not paused.", "Svarstiden är inte pausad.";
    none_open(act, stage):
        "`{act}` is not open: the case is {stage}. A new message from the customer opens it again.",
        "`{act}` går inte: ärendet är {stage}. Ett nytt meddelande från kunden öppnar det igen.";
    others_open(act, stage, possible):
        "`{act}` is not open: the case is {stage}. Open now: {possible}.",
        "`{act}` går inte: ärendet är {stage}. Det som går nu: {possible}.";
    still_promised:
        "A commitment to the customer is still open, on this case or on one that was merged into it. Keep it \
         (`keepCommitment`), agree on another date (`renegotiateCommitment`) or withdraw it (`withdrawCommitment`) \
         first, or wait until its time has ended.",
        "Ett löfte till kunden är inte uppfyllt, i detta ärende eller i ett som är sammanfört med det. Markera det \
         som gjort (`keepCommitment`), kom överens om ett annat datum (`renegotiateCommitment`) eller ta tillbaka det \
         (`withdrawCommitment`) först, eller vänta tills tiden har gått ut.";

    // Credentials.
    access_ended: "Not signed in: this credential's access has ended.", "Inte inloggad: åtkomsten för den har upphört.";
    bad_header:
        "Not signed in: the Authorization header must read `Bearer`, a space, and the token.",
        "Inte inloggad: huvudet Authorization ska vara `Bearer`, ett mellanslag och token.";
    unknown_credential:
        "Not signed in: this credential is unknown, has expired or was revoked.",
        "Inte inloggad: den är okänd, har gått ut eller har återkallats.";
    somebody_elses_token:
        "Not signed in: the new token is for somebody else; open a new connection for them.",
        "Inte inloggad: den nya token är för någon annan; öppna en ny anslutning för dem.";
    bad_subject:
        "Not signed in: the token's `sub` must be the id of a member of staff, a contact or an API client.",
        "Inte inloggad: tokens `sub` ska vara id för en anställd, en kontakt eller en API-klient.";
    token_refused:
        "Not signed in: the token is not one we accept: check its signature, `iss`, `aud`, and that `exp`, `iat` and \
         `sub` are there.",
        "Inte inloggad: token är ingen som vi godtar: se efter signaturen, `iss`, `aud`, och att `exp`, `iat` och \
         `sub` finns.";
    token_names_nobody:
        "Not signed in: the token does not say who you are. It lacks the claim that this service reads for its issuer, \
         or its `email` is not verified.",
        "Inte inloggad: token säger inte vem du är. Den saknar det fält som den här tjänsten läser för dess utgivare, \
         eller så är dess `email` inte verifierad.";
    no_such_person:
        "Not signed in: nobody here belongs to this sign-in. An administrator can link it to a person (`linkSignIn`), \
         or set the person's e-mail address to the one that your sign-in has verified.",
        "Inte inloggad: ingen här hör till den här inloggningen. En administratör kan koppla den till en person \
         (`linkSignIn`) eller ange den e-postadress som din inloggning har verifierat.";
    other_sign_in:
        "Not signed in: the person with this e-mail address already signs in with another account of the same issuer. \
         An administrator can unlink that account (`unlinkSignIn`).",
        "Inte inloggad: personen med den här e-postadressen loggar redan in med ett annat konto hos samma utgivare. \
         En administratör kan koppla från det kontot (`unlinkSignIn`).";
    token_expired:
        "Not signed in: the token has expired; get a new one.",
        "Inte inloggad: token har gått ut; hämta en ny.";
    token_early:
        "Not signed in: the token is not valid yet; check the clock of whoever issued it.",
        "Inte inloggad: token gäller inte än; se efter klockan hos den som gav ut den.";
    token_too_long:
        "Not signed in: the token lives longer than this service allows; issue a shorter one.",
        "Inte inloggad: token gäller längre än den här tjänsten tillåter; ge ut en kortare.";
    no_keys:
        "Not signed in: the keys to check the token with could not be fetched; try again shortly.",
        "Inte inloggad: nycklarna att pröva token med gick inte att hämta; försök snart igen.";

    // What a caller may store in a day.
    storage_used_up(most, short):
        "Of the {most} bytes that you may have stored in a day too few are left for this. Send it tomorrow (UTC); \
         texts of up to {short} bytes without files are taken today too.",
        "Av de {most} byte som du får lagra på en dag är det för få kvar för detta. Skicka det i morgon (UTC); texter \
         på upp till {short} byte utan filer tas emot i dag också.";
}
