//! Joins lines that were broken on the way as flowed text (RFC 3676).

/// The text with its flowed lines joined. `delsp` removes the space at each joint.
#[must_use]
pub fn unflow(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for (number, line) in text.lines().enumerate() {
        let depth = line.chars().take_while(|c| *c == '>').count();
        let content = line.get(depth..).unwrap_or_default();
        let content = content.strip_prefix(' ').unwrap_or(content);
        let flows = content.ends_with(' ') && content != "-- ";
        let kept = if flows && delsp { content.strip_suffix(' ').unwrap_or(content) } else { content };
        if open != Some(depth) || content == "-- " {
            if number > 0 {
                out.push('\n');
            }
            if depth > 0 {
                out.extend(std::iter::repeat_n('>', depth));
                out.push(' ');
            } else if content.starts_with('>') {
                // The space was added so that the line is not read as a quote. It stays.
                out.push(' ');
            }
        }
        out.push_str(kept);
        open = flows.then_some(depth);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flowed_lines_are_one_line() {
        for (text, delsp, expected) in [
            ("a \nb\nc", false, "a b\nc"),
            ("a \nb", true, "ab"),
            ("> a \n> b\nc", false, "> a b\nc"),
            ("> a \nb", false, "> a \nb"),
            (" From here\n > is mine", false, "From here\n > is mine"),
            ("x\n-- \nAnna", false, "x\n-- \nAnna"),
        ] {
            assert_eq!(unflow(text, delsp), expected, "{text:?}");
        }
    }
}
