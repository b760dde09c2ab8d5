//! Push notifications: what is wrong with a device or a push.

texts! {
    for_customers_and_staff:
        "Devices are for customers and the seller's staff.",
        "Enheter är för kunder och säljarens personal.";
    too_many: "At most 10 devices: remove one first.", "Högst 10 enheter: ta bort en först.";
    no_public_address:
        "This service has no public address, which push services ask for: its operator sets `public_url`.",
        "Tjänsten saknar en publik adress, som pushtjänster frågar efter: den som driver den anger `public_url`.";
    no_relay:
        "This service has no relay for apps: its operator sets `push.relay_url`.",
        "Tjänsten har inget relä för appar: den som driver den anger `push.relay_url`.";
    not_base64url:
        "Not base64url: send the value of `PushSubscription.toJSON().keys` unchanged.",
        "Inte base64url: skicka värdet ur `PushSubscription.toJSON().keys` oförändrat.";
    not_a_key:
        "Not a P-256 key of a browser: send the value of `PushSubscription.toJSON().keys` unchanged.",
        "Ingen P-256-nyckel från en webbläsare: skicka värdet ur `PushSubscription.toJSON().keys` oförändrat.";
    not_a_secret:
        "A browser's secret has 16 bytes: send the value of `PushSubscription.toJSON().keys` unchanged.",
        "En webbläsares hemlighet har 16 byte: skicka värdet ur `PushSubscription.toJSON().keys` oförändrat.";
    not_given_up:
        "Only a push that was given up can be sent again.",
        "Bara en pushnotis som gavs upp kan skickas igen.";
}
