//! What is wrong with values and arguments of any request.

texts! {
    not_found: "Nothing with this id.", "Det finns inget med detta id.";
    fill_in: "Please fill this in.", "Fyll i detta.";
    words: "At most 20 words of 1 to 50 characters.", "Högst 20 ord om 1 till 50 tecken.";
    too_many_words(most): "At most {most} words, please.", "Högst {most} ord, tack.";
    too_long(most): "At most {most} characters, please.", "Högst {most} tecken, tack.";
    bad_email: "Not an e-mail address. Example: anna@example.com", "Ingen e-postadress. Exempel: anna@example.com";
    bad_phone: "Not a telephone number. Example: +46 70 123 45 67", "Inget telefonnummer. Exempel: 070-123 45 67";
    bad_zone:
        "Not a time zone of the IANA database. An example: Europe/Stockholm.",
        "Ingen tidszon i IANA-databasen. Ett exempel: Europe/Stockholm.";
    bad_hours:
        "Each entry needs a day and must begin before it ends; for a night write two. At most 50 entries.",
        "Varje rad behöver en dag och måste börja före den slutar; skriv två för en natt. Högst 50 rader.";
    too_many_files: "At most 10 files of 20 MiB in all.", "Högst 10 filer om sammanlagt 20 MiB.";
    too_many_uploads: "At most 10 uploads.", "Högst 10 uppladdade filer.";
    upload_size(most): "Between 1 and {most} bytes.", "Mellan 1 och {most} byte.";
    raw_or_upload: "Give either `raw` or `uploadId`.", "Ange antingen `raw` eller `uploadId`.";
    bad_sha256: "A SHA-256 is 64 hexadecimal digits.", "En SHA-256 är 64 hexadecimala siffror.";
    upload_unfinished:
        "Not all of its bytes have arrived: send the rest to its URL first.",
        "Alla byte har inte kommit fram: skicka först resten till dess adress.";
    upload_over:
        "The upload with this key is over: create another with a new key.",
        "Uppladdningen med denna nyckel är slut: skapa en ny med en ny nyckel.";
    upload_used:
        "It was attached before, and a file is attached once. Upload it again.",
        "Den har redan bifogats, och en fil bifogas en gång. Ladda upp den igen.";

    // Keys and versions.
    key_reused:
        "This idempotency key was used before with other input. Use a new key for something new.",
        "Den här nyckeln har använts förut med annat innehåll. Använd en ny nyckel för något nytt.";
    version_changed(version):
        "It has changed since you read it: its version is {version} now. Read it again.",
        "Det har ändrats sedan du läste det: version är nu {version}. Läs det igen.";

    // Pages of lists.
    first_or_last: "Give either `first` or `last`, not both.", "Ange `first` eller `last`, inte båda.";
    page_size(most): "Between 1 and {most}.", "Mellan 1 och {most}.";
    bad_cursor:
        "Not a cursor of this list. Give one that came from `pageInfo` or an edge, unchanged.",
        "Ingen markör för denna lista. Ange en som kom från `pageInfo` eller en kant, oförändrad.";
    name_or_created:
        "Give either `namePrefix` or `createdAt`, not both.",
        "Ange `namePrefix` eller `createdAt`, inte båda.";
    filter_too_deep(most):
        "At most {most} filters within each other, please.",
        "Högst {most} filter i varandra, tack.";
    filter_too_large(most): "At most {most} conditions, please.", "Högst {most} villkor, tack.";
    too_many_values(most): "At most {most} values, please.", "Högst {most} värden, tack.";
    cursor_of_another_list:
        "This cursor is of another list, or of the same list in another order. Begin without a cursor.",
        "Den här markören är från en annan lista, eller från samma lista i en annan ordning. Börja utan markör.";
}
