//! Why a case has this owner, in a sentence.

texts! {
    // The rule, before what it says.
    rule(name): "The rule \"{name}\"", "Regeln \"{name}\"";
    rule_of_version(name, version): "The rule \"{name}\" (version {version})", "Regeln \"{name}\" (version {version})";

    // By the rules.
    fewest_open_cases(rule_en, rule_sv, people, passed):
        "{rule_en} names a team; of its {people} people, {passed} could not take it, and of the others this one had \
         the fewest open cases for what they carry, or among equals had waited longest.",
        "{rule_sv} pekar ut ett team; av dess {people} personer kunde {passed} inte ta det, och av de andra hade denna \
         minst antal öppna ärenden för vad de klarar, eller hade bland lika väntat längst.";
    owner_of_open_case(rule_en, rule_sv):
        "{rule_en} gives it to whoever answers for the customer's newest open case, and this is that person.",
        "{rule_sv} ger det till den som svarar för kundens nyaste öppna ärende, och det är personen.";
    named(rule_en, rule_sv): "{rule_en} names this person.", "{rule_sv} pekar ut personen.";
    nobody_available(rule_en, rule_sv):
        "{rule_en} names a team in which nobody could take it: everybody is away, full or without the skills. The \
         team's lead answers, or behind the lead the seller's accountable person.",
        "{rule_sv} pekar ut ett team där ingen kunde ta det: alla är borta, fullbelagda eller saknar kompetensen. \
         Teamets ledare svarar, eller bakom ledaren säljarens ansvariga person.";

    // Because the rules gave no owner.
    no_rule_set:
        "The seller's accountable person answers: no rule set has been published.",
        "Säljarens ansvariga person svarar: inga regler har publicerats.";
    no_match:
        "The seller's accountable person answers: no rule matched.",
        "Säljarens ansvariga person svarar: ingen regel träffade.";
    person_not_active:
        "The seller's accountable person answers: whom the rule names no longer works there.",
        "Säljarens ansvariga person svarar: den regeln pekar ut arbetar inte kvar.";
    person_away:
        "The seller's accountable person answers: whom the rule names is away.",
        "Säljarens ansvariga person svarar: den regeln pekar ut är borta.";
    team_empty:
        "The seller's accountable person answers: nobody in the rule's team is active.",
        "Säljarens ansvariga person svarar: ingen i regelns team är aktiv.";
    not_understood:
        "The seller's accountable person answers: what arrived could not be understood.",
        "Säljarens ansvariga person svarar: det som kom in gick inte att förstå.";

    // By an act.
    /// Before the reason by the rules.
    owner_left: "The owner before left the company.", "Ägaren före slutade.";
    /// Before the reason by the rules.
    routed_again(reason): "The case was routed again ({reason}).", "Ärendet fördelades på nytt ({reason}).";
    reassigned(by, note): "{by} moved the case to this person: {note}", "{by} flyttade ärendet till personen: {note}";
    handed_over(note): "This person accepted a hand-over: {note}", "Personen tog emot en överlämning: {note}";
    merged(by, note):
        "{by} merged the case into one of this person's: {note}",
        "{by} sammanförde ärendet med ett av personens: {note}";
    unmerged(by, note):
        "{by} took the case out of another, and it went back to this person: {note}",
        "{by} tog ut ärendet ur ett annat, och det gick tillbaka till personen: {note}";
}
