//! How a due time was worked out, step by step.

texts! {
    /// Stands for the steps in the middle of a long calculation.
    more_steps(left_out): "… {left_out} more steps …", "… {left_out} steg till …";
    begins(at): "Begins {at}.", "Börjar {at}.";
    counted(from, until, counted, left):
        "{from} to {until}: {counted} counted, {left} left.",
        "{from} till {until}: {counted} räknas, {left} återstår.";
    day_counted(day, left): "{day}: counted, {left} left.", "{day}: räknas, {left} återstår.";
    paused(days): "{days}: paused.", "{days}: pausad.";
    last_day(day): "The last day is {day}.", "Sista dagen är {day}.";
    due(at): "Due {at}.", "Ska vara gjort senast {at}.";

    // Why a day is not counted.
    closed: "closed", "stängt";
    holiday(english, local): "holiday, {english} ({local})", "helgdag, {local}";
    closed_on(name): "closed, {name}", "stängt, {name}";

    /// The unit after a number of hours.
    hours: "h", "tim";
}
