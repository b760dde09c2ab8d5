//! The names of days and months, and times in words.

texts! {
    monday: "Monday", "måndag";
    tuesday: "Tuesday", "tisdag";
    wednesday: "Wednesday", "onsdag";
    thursday: "Thursday", "torsdag";
    friday: "Friday", "fredag";
    saturday: "Saturday", "lördag";
    sunday: "Sunday", "söndag";

    january: "January", "januari";
    february: "February", "februari";
    march: "March", "mars";
    april: "April", "april";
    may: "May", "maj";
    june: "June", "juni";
    july: "July", "juli";
    august: "August", "augusti";
    september: "September", "september";
    october: "October", "oktober";
    november: "November", "november";
    december: "December", "december";

    at(day, hour, minute): "{day} at {hour:02}:{minute:02}", "{day} kl. {hour:02}.{minute:02}";
}
