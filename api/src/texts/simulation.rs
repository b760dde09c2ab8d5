//! Simulations: what rules would do with cases.

texts! {
    for_own_managers:
        "Rules are for the seller's own managers and administrators to try.",
        "Regler provas av säljarens egna chefer och administratörer.";
    took_too_long:
        "Trying these rules took too long and was given up. Try fewer cases, or fewer rules.",
        "Att prova de här reglerna tog för lång tid och gavs upp. Prova färre ärenden, eller färre regler.";
}
