//! Counts the contents of a JSON text before it is parsed, because parsed values can take many times the memory of
//! their text. Pure.

use memchr::memchr2;

/// Limits for a JSON text.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The maximum number of values and field names, together.
    pub values: usize,
    /// The maximum nesting depth of lists and objects.
    pub depth: usize,
}

/// The maximum nesting depth for every caller. No input of the schema comes near it.
pub const DEPTH: usize = 64;

/// The limit that a text exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooMuch {
    /// It has too many values and field names.
    Values,
    /// It is nested too deeply.
    Depth,
}

/// Counts the values and field names of this text, if it is within the limits. Invalid JSON is counted as well: every
/// value but the first follows one of the counted characters, whatever else is wrong with the text.
///
/// # Errors
/// The limit that it exceeds; the rest of the text is not read.
pub fn count(text: &[u8], bounds: Bounds) -> Result<usize, TooMuch> {
    let (mut values, mut depth, mut rest) = (1_usize, 0_usize, text);
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' => rest = behind_string(after),
            b',' | b':' => values += 1,
            b'[' | b'{' => {
                values += 1;
                depth += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if values > bounds.values {
            return Err(TooMuch::Values);
        }
        if depth > bounds.depth {
            return Err(TooMuch::Depth);
        }
    }
    Ok(values)
}

/// The text after the end of the string that has begun.
fn behind_string(mut text: &[u8]) -> &[u8] {
    while let Some(place) = memchr2(b'"', b'\\', text) {
        let escaped = text.get(place) == Some(&b'\\');
        text = text.get(place + 1 + usize::from(escaped)..).unwrap_or_default();
        if !escaped {
            return text;
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str) -> Result<usize, TooMuch> {
        count(text.as_bytes(), Bounds { values: 100, depth: 4 })
    }

    #[test]
    fn every_value_and_every_name_counts() {
        for (text, values) in [
            ("", 1),
            ("0", 1),
            ("[]", 2),
            ("[1,2,3]", 4),
            (r#"{"a":1}"#, 3),
            (r#"{"a":[1,{"b":2}],"c":"x,y:[{"}"#, 9),
            (r#""a\"b,c""#, 1),
            (r#"["\\",1]"#, 3),
            (r#""never ended, [ "#, 1),
            (r#""\"#, 1),
        ] {
            assert_eq!(counted(text), Ok(values), "{text}");
        }
    }

    #[test]
    fn a_text_that_holds_too_much_is_not_read_to_its_end() {
        assert_eq!(counted(&"[0,".repeat(200)), Err(TooMuch::Depth));
        for part in ["0,", "{},", r#""a":"#, "[],", "null,", ",", ":"] {
            assert_eq!(counted(&format!("[{}", part.repeat(200))), Err(TooMuch::Values), "{part}");
        }
        assert_eq!(counted(&"[".repeat(5)), Err(TooMuch::Depth));
    }

    #[test]
    fn what_is_counted_is_at_least_what_is_built() {
        fn built(value: &serde_json::Value) -> usize {
            match value {
                serde_json::Value::Array(list) => 1 + list.iter().map(built).sum::<usize>(),
                serde_json::Value::Object(fields) => 1 + fields.values().map(|value| 1 + built(value)).sum::<usize>(),
                _ => 1,
            }
        }
        for text in [r#"[[],{},[{"a":{"b":[1,2,"x"]}}],"\u0022,",1e3]"#, r#"{"a":"\\\"","b":[[[1]]],"c":null}"#] {
            let value = built(&serde_json::from_str(text).unwrap());
            let counted = count(text.as_bytes(), Bounds { values: 100, depth: 10 }).unwrap();
            assert!(counted >= value && counted <= 2 * value, "{text}: {counted} for {value}");
        }
    }
}
