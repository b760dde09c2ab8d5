//! Reads what the text of a delivery notification says about each recipient who was not reached.

use super::bounce::ADDRESS;
use super::pattern::{Pattern, compile};

/// How many lines of the text are read.
const LINES: usize = 2_000;
/// How many characters about one recipient are kept.
const SAID: usize = 10_000;

/// Matches the line above a copy of the returned mail.
pub(super) static NO_COPY: Pattern = Pattern::new(|| {
    compile(
        r"^(?:[- >#*=]*(?:below this line is a copy|this is a copy of (?:the|your) message|original message|original message headers?|a copy of (?:the|your) (?:original )?message|message headers? follow|ursprungligt meddelande|the (?:header|body) of (?:the|your) (?:original )?message|your (?:original )?message (?:is (?:attached|included|below)|follows|was:?$)|unsent message|returned message|message header|undelivered message|diagnostic information for administrators:? original|the original message (?:is attached|was attached|follows))|(?:return-path|received|x-received):\s)",
    )
});

/// The lines of a notification, without its copy of the returned mail.
pub struct BounceText<'t> {
    /// The lines as they are written.
    pub lines: Vec<&'t str>,
    /// The same lines in lower case.
    lower: Vec<String>,
}

impl<'t> BounceText<'t> {
    /// Reads the text of a notification.
    #[must_use]
    pub fn read(text: &'t str) -> Self {
        let lines: Vec<&str> = text.lines().take(LINES).take_while(|line| !NO_COPY.is_in(line)).collect();
        let lower = lines.iter().map(|line| line.to_lowercase()).collect();
        Self { lines, lower }
    }

    /// What is said about an address: its line and the next eight lines, up to another address.
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
