//! What is wrong with a set of rules that decides about owners.

texts! {
    // The size of a set.
    too_many_rules(most, count):
        "At most {most} rules; these have {count}.",
        "Högst {most} regler; de här har {count}.";
    too_many_conditions(most, count):
        "At most {most} conditions in all rules; these have {count}.",
        "Högst {most} villkor i alla regler; de här har {count}.";
    too_many_values(most, count):
        "At most {most} values in all conditions; these have {count}.",
        "Högst {most} värden i alla villkor; de här har {count}.";
    too_many_words(most, count):
        "At most {most} words to look for in texts; these have {count}.",
        "Högst {most} ord att söka i texter; de här har {count}.";
    too_many_patterns(most, count):
        "At most {most} patterns (textMatches) in all rules; these have {count}.",
        "Högst {most} mönster (textMatches) i alla regler; de här har {count}.";
    too_many_bytes(most, count):
        "At most {most} bytes of texts in all rules; these have {count}.",
        "Högst {most} byte text i alla regler; de här har {count}.";

    // Single rules.
    never_matches(later, earlier, number):
        "The rule \"{later}\" can never match: \"{earlier}\" (rule {number}) matches everything it would. Move it \
         before that one, or remove it.",
        "Regeln \"{later}\" kan aldrig träffa: \"{earlier}\" (regel {number}) träffar allt den skulle. Flytta den \
         före den regeln, eller ta bort den.";
    no_last_rule:
        "The last rule must always match: add one without conditions at the end, so that every case gets its owner.",
        "Den sista regeln måste alltid träffa: lägg till en utan villkor sist, så att varje ärende får sin ägare.";
    same_name: "Another rule of this set has the same name.", "En annan regel har samma namn.";
    matches_everything:
        "A rule without conditions matches everything, so the rules after it never would. Move it to the end.",
        "En regel utan villkor träffar allt, så reglerna efter den gör det aldrig. Flytta den sist.";
    conditions(most): "At most {most} conditions.", "Högst {most} villkor.";
    no_open_case:
        "Nobody answers for an open case of a customer who has none: add the condition `customerOpenCasesAtLeast: 1`.",
        "Ingen svarar för ett öppet ärende åt en kund som inte har något: lägg till villkoret \
         `customerOpenCasesAtLeast: 1`.";
    skills_of_a_team:
        "Skills choose among the members of a team; a person is named for who they are.",
        "Kompetenser väljer bland ett teams medlemmar; en person pekas ut som den är.";
    due_hours: "Between 1 and 8,760 hours.", "Mellan 1 och 8 760 timmar.";
    value_length: "Values have 1 to 200 characters.", "Värden har 1 till 200 tecken.";
    bad_pattern(most):
        "Not a pattern, or too big a one: it may have {most} bytes.",
        "Inget mönster, eller för stort: det får ha {most} byte.";
    values(most): "Between 1 and {most} values.", "Mellan 1 och {most} värden.";

    // What rules name at the seller.
    bad_target:
        "Must be an active member of the seller's staff, or a team with at least one.",
        "Måste vara en aktiv person hos säljaren, eller ett team med minst en.";
    unknown_partner: "No such partner at this seller.", "Säljaren har ingen sådan partner.";
    unknown_service_level: "No such service level at this seller.", "Säljaren har ingen sådan servicenivå.";
}
