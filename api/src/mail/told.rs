//! What a notification says in words about each of those who were not reached.

use super::bounce::ADDRESS;
use super::pattern::{Pattern, compile};

/// Lines of words that are looked through.
const LINES: usize = 2_000;
/// Characters that are looked at of what is said about one recipient.
const SAID: usize = 10_000;

/// Below such a line stands a copy of the mail that came back.
pub(super) static NO_COPY: Pattern = Pattern::new(|| {
    compile(
        r"^(?:[- >#*=]*(?:below this line is a copy|this is a copy of (?:the|your) message|original message|original message headers?|a copy of (?:the|your) (?:original )?message|message headers? follow|ursprungligt meddelande|the (?:header|body) of (?:the|your) (?:original )?message|your (?:original )?message (?:is (?:attached|included|below)|follows|was:?$)|unsent message|returned message|message header|undelivered message|diagnostic information for administrators:? original|the original message (?:is attached|was attached|follows))|(?:return-path|received|x-received):\s)",
    )
});

/// What a notification tells, without its copy of the mail: its lines, as they are and in lower case.
pub struct Told<'t> {
    /// Its lines.
    pub lines: Vec<&'t str>,
    /// The same in lower case.
    lower: Vec<String>,
}

impl<'t> Told<'t> {
    /// Reads the words of a notification.
    #[must_use]
    pub fn read(text: &'t str) -> Self {
        let lines: Vec<&str> = text.lines().take(LINES).take_while(|line| !NO_COPY.is_in(line)).collect();
        let lower = lines.iter().map(|line| line.to_lowercase()).collect();
        Self { lines, lower }
    }

    /// What is said about an address: its line and those that follow, up to the next address.
    pub fn about(&self, address: &str) -> String {
        let address = address.to_lowercase();
        let mut said = String::new();
        for (at, line) in self.lower.iter().enumerate() {
            if !line.contains(&address) {
                continue;
            }
            for (after, line) in self.lines.iter().skip(at).take(9).enumerate() {
                let other = after > 0
                    && ADDRESS.group(line).is_some_and(|other| {
                        !other.eq_ignore_ascii_case(&address) && line.trim_start_matches(['<', ' ']).starts_with(other)
                    });
                if other {
                    break;
                }
                if !said.is_empty() {
                    said.push('\n');
                }
                said.extend(line.chars().take(SAID.saturating_sub(said.len())));
                if said.len() >= SAID {
                    return said;
                }
            }
        }
        said
    }
}
