//! The tags that cleaned HTML may have, and how HTML's own reader treats them (WHATWG HTML, 13.2.6), as far as it matters
//! for writing what that reader does not rearrange.

/// How a tag behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Has no content and stands among words.
    Void,
    /// Has no content and ends a paragraph.
    Rule,
    /// Formats words; nesting the same many times is a well-known attack on readers.
    Formatting,
    /// Stands among words.
    Phrase,
    /// Ends a paragraph.
    Block,
    /// A paragraph.
    Paragraph,
    /// A heading.
    Heading,
    /// An item of a list; ends the item before it.
    Item,
    /// A term or its description; ends the one before it.
    Term,
    /// A table.
    Table,
    /// A group of rows.
    Rows,
    /// A row.
    Row,
    /// A cell or a caption: what is open in it ends with it.
    Cell,
}

/// An allowed tag.
#[derive(Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its name.
    pub name: &'static str,
    /// How it behaves.
    pub class: Class,
}

impl Tag {
    /// Whether text and most elements may not stand right in it.
    #[must_use]
    pub fn is_frame(&self) -> bool {
        matches!(self.class, Class::Table | Class::Rows | Class::Row)
    }

    /// Whether an open element is not looked for beyond this one.
    #[must_use]
    pub fn is_wall(&self) -> bool {
        matches!(self.class, Class::Table | Class::Cell)
    }

    /// Whether it stands among words.
    #[must_use]
    pub fn is_inline(&self) -> bool {
        matches!(self.class, Class::Formatting | Class::Phrase)
    }
}

macro_rules! tags {
    ($($class:ident: $($name:literal)*;)*) => {
        /// All allowed tags, ordered by name within their class.
        pub static TAGS: &[Tag] = &[$($(Tag { name: $name, class: Class::$class },)*)*];
    };
}

tags! {
    Void: "br" "wbr";
    Rule: "hr";
    Formatting: "a" "b" "code" "em" "i" "s" "small" "strike" "strong" "tt" "u";
    Phrase: "abbr" "acronym" "bdi" "bdo" "cite" "data" "del" "dfn" "ins" "kbd" "mark" "q" "samp" "span" "sub" "sup"
        "time" "var";
    Block: "article" "aside" "blockquote" "center" "div" "dl" "figcaption" "figure" "footer" "header" "hgroup" "nav"
        "ol" "pre" "ul";
    Paragraph: "p";
    Heading: "h1" "h2" "h3" "h4" "h5" "h6";
    Item: "li";
    Term: "dd" "dt";
    Table: "table";
    Rows: "tbody" "tfoot" "thead";
    Row: "tr";
    Cell: "caption" "td" "th";
}

/// Elements that are left out with all that is in them, and that end with their end tag or not at all.
pub const LEFT_OUT: [&str; 6] = ["math", "noframes", "object", "select", "svg", "template"];
/// Elements that are left out with their content, which is text and no HTML: their end is found by the tokenizer.
pub const RAW: [&str; 9] =
    ["iframe", "noembed", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp"];

/// The allowed tag of this name (the tokenizer has made it lower case), and its place in [`TAGS`].
#[must_use]
pub fn find(name: &[u8]) -> Option<(usize, &'static Tag)> {
    if name.len() > 10 {
        return None;
    }
    TAGS.iter().enumerate().find(|(_, tag)| tag.name.as_bytes() == name)
}

/// The allowed tag that is written where HTML's reader would add it.
#[must_use]
pub fn implied(class: Class) -> Option<&'static Tag> {
    let name = match class {
        Class::Rows => "tbody",
        Class::Row => "tr",
        Class::Cell => "td",
        _ => return None,
    };
    TAGS.iter().find(|tag| tag.name == name)
}
