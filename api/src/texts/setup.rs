//! The setting up of a new store.

texts! {
    seller_exists:
        "There is a seller already: sign in as its administrator and use `createSeller`.",
        "Det finns redan en säljare.";
}
