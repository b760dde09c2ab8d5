//! The tags that cleaned HTML may have. The class of each says how an HTML parser treats it (WHATWG HTML, 13.2.6), so
//! that the writer can write HTML that a parser does not rearrange.

/// How an HTML parser treats a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// An inline element without content.
    Void,
    /// An element without content that ends a paragraph.
    Rule,
    /// An inline element that formats text. Nesting the same one many times is a well-known attack on parsers.
    Formatting,
    /// Any other inline element.
    Phrase,
    /// A block, which ends a paragraph.
    Block,
    /// A paragraph.
    Paragraph,
    /// A heading.
    Heading,
    /// An item of a list, which ends the item before it.
    Item,
    /// A term or its description, which ends the one before it.
    Term,
    /// A table.
    Table,
    /// A group of rows.
    Rows,
    /// A row.
    Row,
    /// A cell or a caption. Its end closes everything that is open in it.
    Cell,
}

/// An allowed tag.
#[derive(Debug, PartialEq, Eq)]
pub struct AllowedTag {
    /// The tag's name.
    pub name: &'static str,
    /// How an HTML parser treats it.
    pub class: Class,
}

impl AllowedTag {
    /// Whether text and most elements may not stand directly in this element.
    #[must_use]
    pub fn is_frame(&self) -> bool {
        matches!(self.class, Class::Table | Class::Rows | Class::Row)
    }

    /// Whether a search for an open element stops at this element.
    #[must_use]
    pub fn is_wall(&self) -> bool {
        matches!(self.class, Class::Table | Class::Cell)
    }

    /// Whether this is an inline element.
    #[must_use]
    pub fn is_inline(&self) -> bool {
        matches!(self.class, Class::Formatting | Class::Phrase)
    }
}

macro_rules! tags {
    ($($class:ident: $($name:literal)*;)*) => {
        /// All allowed tags, ordered by name within their class.
        pub static TAGS: &[AllowedTag] = &[$($(AllowedTag { name: $name, class: Class::$class },)*)*];
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

/// Elements that are removed with all their content. Only their end tag ends them.
pub const LEFT_OUT: [&str; 6] = ["math", "noframes", "object", "select", "svg", "template"];
/// Elements that are removed with their content, which is text and not HTML. The tokenizer finds their end.
pub const RAW: [&str; 9] =
    ["iframe", "noembed", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp"];

/// The allowed tag with this name, which the tokenizer has made lower case, and its position in [`TAGS`].
#[must_use]
pub fn find(name: &[u8]) -> Option<(usize, &'static AllowedTag)> {
    if name.len() > 10 {
        return None;
    }
    TAGS.iter().enumerate().find(|(_, tag)| tag.name.as_bytes() == name)
}

/// The tag that an HTML parser would add where one of this class is missing.
#[must_use]
pub fn implied(class: Class) -> Option<&'static AllowedTag> {
    let name = match class {
        Class::Rows => "tbody",
        Class::Row => "tr",
        Class::Cell => "td",
        _ => return None,
    };
    TAGS.iter().find(|tag| tag.name == name)
}
