//! Table tests of cleaning HTML, and a comparison with another cleaner on random HTML.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::time::Duration;

use super::tag::TAGS;
use super::*;

/// The cleaner to compare with. It builds the whole tree, as a browser does, which costs too much for use in the
/// service.
fn oracle() -> ammonia::Builder<'static> {
    let cells = HashSet::from(["align", "colspan", "rowspan"]);
    let mut oracle = ammonia::Builder::default();
    oracle
        .tags(TAGS.iter().map(|tag| tag.name).collect())
        .generic_attributes(HashSet::from(["title", "lang", "dir"]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("td", cells.clone()),
            ("th", cells),
            ("tr", HashSet::from(["align"])),
            ("table", HashSet::from(["align"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .link_rel(Some("noopener noreferrer nofollow"));
    oracle
}

/// The HTML without the differences that do not matter: the order of attributes, and how `<` and `>` are written in
/// them.
fn alike(html: &str) -> String {
    let mut out = String::new();
    for token in html5gum::Tokenizer::new(html).flatten() {
        match token {
            html5gum::Token::StartTag(tag) => writeln!(out, "<{:?} {:?}", tag.name, tag.attributes).unwrap(),
            html5gum::Token::EndTag(tag) => writeln!(out, "</{:?}", tag.name).unwrap(),
            html5gum::Token::String(text) => writeln!(out, "{text:?}").unwrap(),
            other => writeln!(out, "{other:?}").unwrap(),
        }
    }
    out
}

#[test]
fn what_runs_or_loads_is_gone() {
    for html in [
        "<script>alert(1)</script><p>x</p>",
        "<p onclick=\"alert(1)\">x</p>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=\" java\tscript\n:alert(1)\">x</a>",
        "<a href=\"\u{1}javascript:alert(1)\">x</a>",
        "<a href=\"javascript&colon;alert(1)\">x</a>",
        "<a href=\"&#106;avascript:alert(1)\">x</a>",
        "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
        "<a href=\"vbscript:alert(1)\">x</a>",
        "<a href=\"//evil.example\">x</a>",
        "<a href=\"/evil\">x</a>",
        "<a href='https:' title='\"><img src=x onerror=alert>'>x</a>",
        "<img src=\"https://tracker.example/1.gif\">x",
        "<img src=x onerror=alert(1)//>x",
        "<p style=\"background:url(https://tracker.example/)\">x</p>",
        "<iframe src=\"https://evil.example\"></iframe>x",
        "<form action=\"https://evil.example\"><input name=p></form>x",
        "<svg onload=alert(1)>x",
        "<svg/onload=alert(1)>x",
        "<svg><style><a title=\"</style><img src=y onerror=alert(1)>\"></svg>x",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\"></math>x",
        "<noscript><p title=\"</noscript><img src=y onerror=alert(1)>\">x",
        "<style><img src=\"</style><img src=y onerror=alert(1)//\">x",
        "<base href=\"https://evil.example\">x",
        "<meta http-equiv=refresh content=\"0;url=https://evil.example\">x",
        "<link rel=stylesheet href=https://evil.example>x",
        "<object data=https://evil.example><embed src=https://evil.example></object>x",
        "<video poster=https://tracker.example onerror=alert(1)>x",
        "<<script>script>alert(1)</script>x",
        "<p/onmouseover=alert(1)>x",
        "<textarea><script>alert(1)</script></textarea>x",
        "<xmp><img src=y onerror=alert(1)></xmp>x",
        "<!--><img src=y onerror=alert(1)>-->x",
        "<![CDATA[<img src=y onerror=alert(1)>]]>x",
        "<template><script>alert(1)</script></template>x",
        "<select><option><script>alert(1)</script></select>x",
        "<a href=\"https://shop.example/\" onfocus=alert(1) autofocus>x</a>",
        "<details open ontoggle=alert(1)>x",
        "<b><style>alert(1)</style>x",
        "<title><img src=y onerror=alert(1)></title>x",
        "<body onload=alert(1)>x",
        "<table background=https://tracker.example><tr><td>x</table>",
    ] {
        let clean = safe(html).unwrap_or_else(|| panic!("nothing of {html}"));
        assert!(clean.contains('x'), "{html}: {clean}");
        for bad in ["<script", "<img", "tracker", "<svg", "<form", "style", "<iframe", "<!--", "<video"] {
            assert!(!clean.contains(bad), "{html}: {clean}");
        }
        let tags = alike(&clean);
        for bad in ["alert(1)\"", "javascript", "\"on", "evil.example"] {
            assert!(!tags.lines().any(|line| line.starts_with('<') && line.contains(bad)), "{html}: {clean}");
        }
        assert_eq!(alike(&oracle().clean(&clean).to_string()), alike(&clean), "{html}");
    }
}

#[test]
fn html_is_written_as_it_reads() {
    let rel = "rel=\"noopener noreferrer nofollow\"";
    for (html, clean) in [
        ("<a href=\"https://shop.example/\">x</a>", format!("<a href=\"https://shop.example/\" {rel}>x</a>")),
        (
            "<a href=' https://a.example/ b ' href=https://c.example>x",
            format!("<a href=\"https://a.example/%20b\" {rel}>x</a>"),
        ),
        (
            "<a href=mailto:a@b.example>x<a href=tel:+46>y",
            format!("<a href=\"mailto:a@b.example\" {rel}>x</a><a href=\"tel:+46\" {rel}>y</a>"),
        ),
        ("<p>a<div>b</div>c</p>", "<p>a</p><div>b</div>c".to_owned()),
        ("<p>a<p>b<ul><li>c<li>d</ul>", "<p>a</p><p>b</p><ul><li>c</li><li>d</li></ul>".to_owned()),
        ("<b>a<i>b</b>c</i>d", "<b>a<i>b</i></b>cd".to_owned()),
        ("<b>a<div>b</b>c</div>d", "<b>a<div>bc</div>d</b>".to_owned()),
        (
            "<table><tr><td>a<td>b<tr><td>c</table>d",
            "<table><tbody><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></tbody></table>d".to_owned(),
        ),
        (
            "<table>loose<tr><td>b</table>",
            "<table><tbody><tr><td>loose</td></tr><tr><td>b</td></tr></tbody></table>".to_owned(),
        ),
        ("<table><tr><td><b>a</table>b</b>", "<table><tbody><tr><td><b>a</b></td></tr></tbody></table>b".to_owned()),
        ("<td colspan=2>a</td>b", "ab".to_owned()),
        (
            "<table><tr><td colspan=2 rowspan=99999 width=3>a</table>",
            "<table><tbody><tr><td colspan=\"2\">a</td></tr></tbody></table>".to_owned(),
        ),
        ("1 < 2 &amp; 3 &gt; \"2\"&nbsp;&copy;", "1 &lt; 2 &amp; 3 &gt; \"2\"&nbsp;©".to_owned()),
        ("<font color=red>röd</font><o:p></o:p>", "röd".to_owned()),
        ("<head><meta charset=utf-8><p>a", "<p>a</p>".to_owned()),
        ("a<svg>drawn", "adrawn".to_owned()),
        ("a<svg><text>drawn</text></svg>b", "ab".to_owned()),
        ("a<select><option>1</select>b<object>", "ab".to_owned()),
        ("<pre>\n\n a\n  b</pre>", "<pre> a\n  b</pre>".to_owned()),
        ("<b><b><b><b><b>x</b></b></b></b></b>y", "<b><b><b>x</b></b></b>y".to_owned()),
        ("a\0b\u{7}c<br/>d</br>e<hr>", "abc<br>d<br>e<hr>".to_owned()),
        (
            "<ol start=3><li>a</ol><p dir=RTL lang=ar>b",
            "<ol start=\"3\"><li>a</li></ol><p dir=\"rtl\" lang=\"ar\">b</p>".to_owned(),
        ),
        ("<h1>a<h2>b</h2>", "<h1>a</h1><h2>b</h2>".to_owned()),
    ] {
        assert_eq!(safe(html).as_deref(), Some(clean.as_str()), "{html}");
        assert_eq!(alike(&oracle().clean(&clean).to_string()), alike(&clean), "{html}");
    }
    assert_eq!(safe(" \n "), None);
    assert_eq!(safe("<script>x</script>"), None);
}

/// Hostile HTML of about this length, one of each kind.
#[expect(clippy::too_many_lines, reason = "a table")]
fn hostile(length: usize) -> Vec<(&'static str, String)> {
    let list = |one: &dyn Fn(usize) -> String| {
        let mut html = String::new();
        let mut at = 0;
        while html.len() < length {
            html.push_str(&one(at));
            at += 1;
        }
        html
    };
    let same = |piece: &str| piece.repeat(length / piece.len());
    let half = |start: &str, piece: &str| {
        format!("{start}{}", piece.repeat((length / piece.len()).saturating_sub(start.len())))
    };
    let opened = (0..250).fold(String::new(), |opened, at| opened + &format!("<b id={at}>"));
    vec![
        ("formatting that is re-opened in each paragraph", half(&format!("<p>{opened}x"), "<p>x")),
        ("formatting with attributes", list(&|at| format!("<b id={at}>x"))),
        ("colours", list(&|at| format!("<font color={at}>x"))),
        ("bogus ends", same("<b></q>")),
        ("bogus ends of blocks", same("<div></q></b>")),
        ("ampersands", same("&")),
        ("entities", same("&amp;")),
        ("long entities", same("&CounterClockwiseContourIntegral;")),
        ("numbers", same("&#38;")),
        ("numbers without an end", format!("&#{}", same("9"))),
        ("entities of nothing", same("&aaaaaaaaaaaaaaaa")),
        ("attributes", format!("<p {}>x", list(&|at| format!("a{at}=b ")))),
        ("the same attribute", format!("<p {}>x", same("title=b "))),
        ("attributes of a link", format!("<a {}>x", same("href=https://a.example "))),
        ("an attribute's value", format!("<p title=\"{}\">x", same("y"))),
        ("an attribute's value without an end", format!("<p title=\"{}", same("y"))),
        ("an address", format!("<a href=\"https://a.example/{}\">x", same("&"))),
        ("tables", same("<table>")),
        ("tables in cells", same("<table><tr><td>")),
        ("cells", same("<td>")),
        ("rows", format!("<table>{}", same("<tr>x"))),
        ("rows and words", format!("<table>{}", same("x<tr>"))),
        ("words in tables", format!("<table>{}", same("x<b>"))),
        ("links, bold, italics", same("<a><b><i>")),
        ("links", same("<a href=https://a.example>x")),
        ("deep", same("<div>")),
        ("deep and back", format!("{}x{}", "<div>".repeat(length / 11), "</div>".repeat(length / 11))),
        ("quotes", same("<blockquote>x")),
        ("lists", same("<ul><li>x")),
        ("items", same("<li>x")),
        ("terms", same("<dl><dt>x<dd>y")),
        ("headings", same("<h1>x")),
        ("paragraphs and spans", same("<p><span>x")),
        ("ends", same("</div>")),
        ("ends of paragraphs", same("</p>")),
        ("comments without an end", same("<!--")),
        ("comments", same("<!---->")),
        ("a comment", format!("<!--{}", same("-"))),
        ("declarations", same("<!x")),
        ("CDATA", same("<![CDATA[")),
        ("brackets", same("<")),
        ("open tags", same("<p ")),
        ("NULs", same("\0")),
        ("NULs in tags", same("<p\0>")),
        ("scripts", same("<script>")),
        ("scripts in comments", same("<script><!--<script>")),
        ("styles", same("<style></style>")),
        ("drawings", same("<svg>")),
        ("drawings of each kind", same("<svg><math><select><object><template><noframes>")),
        ("a name", format!("<{}>x", same("y"))),
        ("names", list(&|at| format!("<y{at}>x"))),
        ("wide characters", same("🦀<b>å")),
        ("hard spaces", same("\u{a0}")),
        ("quotes of text", same("\"'`")),
        ("preformatted", same("<pre>\n")),
        ("spaces", same(" ")),
        ("lines", same("\r\n")),
    ]
}

/// The time grows linearly: HTML that is ten times as long takes about ten times as long.
/// The processor time of this thread: other work on the machine does not count.
fn processor_time() -> Duration {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(times.split_whitespace().next().unwrap().parse().unwrap())
}

#[test]
fn cleaning_hostile_html_costs_time_and_memory_by_its_length() {
    let (short, long) = (hostile(5_000), hostile(50_000));
    for ((what, short), (_, long)) in short.into_iter().zip(long) {
        let timed = |html: &str| {
            (0..2)
                .map(|_| {
                    let began = processor_time();
                    let clean = safe(html);
                    (processor_time().saturating_sub(began), clean)
                })
                .min_by_key(|(took, _)| *took)
                .unwrap()
        };
        let ((one, _), (ten, clean)) = (timed(&short), timed(&long));
        // Quadratic time would be a hundred times as long.
        assert!(ten < one * 40 + Duration::from_millis(100), "{what}: {one:?}, then {ten:?}");
        assert!(ten < Duration::from_secs(2), "{what}: {ten:?}");
        let clean = clean.unwrap_or_default();
        assert!(clean.len() <= long.len() * 12 + 2_000, "{what}: {} of {}", clean.len(), long.len());
        assert!(clean.len() <= LONGEST_CLEANED + 20_000, "{what}: {}", clean.len());
    }
}

#[test]
fn what_is_too_much_is_not_cleaned() {
    assert_eq!(safe(&format!("<p>{}</p>", "x".repeat(LONGEST))), None);
    assert_eq!(safe(&"<a href=https://a.example>y</a>".repeat(6_000)), None);
    assert_eq!(safe(&"&".repeat(LONGEST)), None);
    let deep = safe(&format!("{}x{}", "<div>".repeat(20_000), "</div>".repeat(20_000))).unwrap();
    assert_eq!(deep, format!("{}x{}", "<div>".repeat(100), "</div>".repeat(100)));
    let nested = safe(&format!("{}x", "<table><tr><td>".repeat(1_000))).unwrap();
    assert!(nested.contains("<td>x</td>") || nested.contains('x'), "the words stay: {nested}");
}

/// A small random number generator, so that a failure can be repeated from its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

const PIECES: &[&str] = &[
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<a href=https://a.example>",
    "</a>",
    "<a>",
    "<table>",
    "</table>",
    "<tr>",
    "</tr>",
    "<td>",
    "</td>",
    "<th>",
    "<tbody>",
    "</tbody>",
    "<thead>",
    "<tfoot>",
    "<caption>",
    "</caption>",
    "<ul>",
    "</ul>",
    "<ol>",
    "<li>",
    "</li>",
    "<dl>",
    "<dt>",
    "<dd>",
    "</dl>",
    "<h1>",
    "</h1>",
    "<h2>",
    "<pre>",
    "</pre>",
    "\n",
    " ",
    "x",
    "å&",
    "<br>",
    "</br>",
    "<hr>",
    "<span>",
    "</span>",
    "<blockquote>",
    "</blockquote>",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<svg>",
    "</svg>",
    "<math>",
    "</math>",
    "<mtext>",
    "<select>",
    "</select>",
    "<option>",
    "<template>",
    "</template>",
    "<object>",
    "</object>",
    "<title>",
    "</title>",
    "<textarea>",
    "</textarea>",
    "<xmp>",
    "</xmp>",
    "<noscript>",
    "</noscript>",
    "<plaintext>",
    "<iframe>",
    "</iframe>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<img src=x onerror=alert(1)>",
    "\"",
    "'",
    "<",
    ">",
    "&lt;",
    "&#60;",
    "=",
    "<p title=\"",
    "<a href='javascript:",
    "\0",
    "<font>",
    "</font>",
    "<form>",
    "</form>",
    "<button>",
    "<input>",
    "<center>",
    "</center>",
    "<frameset>",
    "<body>",
    "</body>",
    "<html>",
    "<head>",
    "</head>",
    "<code>",
    "</code>",
    "<small>",
    "<strong>",
    "<em>",
    "<u>",
    "<s>",
    "<tt>",
    "<strike>",
    "<sub>",
    "<q>",
    "</q>",
    "<nav>",
    "<figure>",
    "<figcaption>",
    "<desc>",
    "<foreignObject>",
    "<mglyph>",
    "<annotation-xml encoding=text/html>",
];

/// A browser reads the cleaned HTML tag for tag as it is written: a parser moves, closes and opens nothing in it, and
/// it has only what is allowed. `ANSVAR_SEQUENCES` sets how many documents are tried.
#[test]
fn random_html_is_balanced_and_safe_to_a_reader_that_builds_the_tree() {
    let documents = std::env::var("ANSVAR_SEQUENCES").ok().and_then(|count| count.parse().ok()).unwrap_or(3_000_u64);
    let oracle = oracle();
    for seed in 0..documents {
        let mut random = Random(seed);
        let count = 1 + random.below(40);
        let html: String = (0..count).map(|_| PIECES[random.below(PIECES.len())]).collect();
        let Some(clean) = safe(&html) else { continue };
        let again = oracle.clean(&clean).to_string();
        assert_eq!(alike(&again), alike(&clean), "seed {seed}: {html:?} became {clean:?}, which is read as {again:?}");
        assert_eq!(safe(&clean).as_deref(), Some(clean.as_str()), "seed {seed}: {html:?}");
    }
}
