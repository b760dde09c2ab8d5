//! The clocks of a case: what each waits for. A full stop or the allowed time follows.

texts! {
    acknowledged: "The customer hears from the owner", "Kunden får höra av ägaren";
    contacted: "The customer hears from the owner again", "Kunden får höra av ägaren igen";
    told_of_change: "The customer is told what has changed", "Kunden får veta vad som har ändrats";
    letter_failed: "A letter did not arrive", "Ett brev kom inte fram";
    called: "The customer is called", "Kunden blir uppringd";
    owner_acts: "The owner does something, or the lead is told", "Ägaren gör något, annars får ledaren veta";
    handover_answered: "The offered hand-over is answered", "Erbjudandet om överlämning besvaras";
    replied: "The customer, who has written, has a reply", "Kunden, som har skrivit, får ett svar";
    answered: "The company gives its answer", "Företaget lämnar sitt besked";
    partner_acts: "A partner does its part", "En partner gör sin del";
    partner_answers: "A partner answers the owner", "En partner svarar ägaren";
    partner_answered: "The owner answers a partner", "Ägaren svarar en partner";
    dispute_decided: "The dispute is decided", "Tvisten avgörs";
    commitment_kept: "The commitment to the customer is kept", "Löftet till kunden uppfylls";
    law: "A law sets the time", "En lag anger tiden";

    within_working_hours(what_en, what_sv, hours):
        "{what_en}: within {hours} working hours.",
        "{what_sv}: inom {hours} arbetstimmar.";
    within_hours(what_en, what_sv, hours):
        "{what_en}: within {hours} hours by the clock.",
        "{what_sv}: inom {hours} timmar dygnet runt.";
}
