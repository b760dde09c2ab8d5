//! Webhooks: what is wrong with an endpoint or a delivery, and the mail about an endpoint that was turned off.

texts! {
    // The address.
    no_url:
        "Not an address: give one such as https://example.com/hooks.",
        "Ingen adress: ange en som https://example.com/hooks.";
    too_long: "At most 2,000 characters.", "Högst 2 000 tecken.";
    not_https: "Must begin with https://.", "Måste börja med https://.";
    holds_more:
        "Must hold no user name, password or fragment: the signature says who it is from.",
        "Får inte innehålla användarnamn, lösenord eller fragment: signaturen visar vem det är från.";
    not_public: "This address is not on the public internet.", "Den adressen finns inte på det publika internet.";

    // Endpoints and deliveries.
    too_many: "No more than 10 endpoints: change one of them.", "Högst 10 adresser: ändra en av dem.";
    name_owner:
        "Give `sellerId` or `partnerId`: whose endpoint it is.",
        "Ange `sellerId` eller `partnerId`: vems adress det är.";
    overlap: "0 to 168 hours.", "0 till 168 timmar.";
    not_a_cursor:
        "Not a cursor of this feed: give one that came with an event, or `feedCursor`.",
        "Ingen markör för detta flöde: ange en som kom med en händelse, eller `feedCursor`.";
    not_given_up:
        "Only a delivery that was given up can be sent again.",
        "Bara en leverans som gavs upp kan skickas igen.";
    its_endpoint_is_off:
        "Its endpoint is turned off: turn it on first, with `updateWebhookEndpoint`.",
        "Dess adress är avstängd: slå på den först, med `updateWebhookEndpoint`.";
    endpoint_is_off:
        "The endpoint is turned off: turn it on first, with `updateWebhookEndpoint`.",
        "Adressen är avstängd: slå på den först, med `updateWebhookEndpoint`.";

    // The mail to administrators about an endpoint that was turned off: a template.
    turned_off_subject: "{{seller}}: a webhook endpoint was turned off", "{{seller}}: en webhook-adress är avstängd";
    turned_off_text: "\
Hello {{owner}},

The address {{message}} has accepted nothing for three days and was therefore turned off.

{{#reason}}The last error: {{reason}}.{{/reason}}

Nothing is lost. When the receiver works again, turn the endpoint on with updateWebhookEndpoint \
(active: true); everything that waits is then sent, in order.
", "\
Hej {{owner}}!

Adressen {{message}} har inte tagit emot något på tre dagar och är därför avstängd.

{{#reason}}Senaste felet: {{reason}}.{{/reason}}

Inget har gått förlorat. När mottagaren fungerar igen, slå på adressen med updateWebhookEndpoint \
(active: true); då skickas allt som väntar, i ordning.
";
}
