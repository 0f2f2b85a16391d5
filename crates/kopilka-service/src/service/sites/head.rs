//! The head of a site's page, read for the one tag that shows whose the site is.
//!
//! Invariant: what visitors write stands in a page's body, and what its owner has switched off in comments,
//! scripts or other raw text; neither counts, however careless the page is. In doubt the head is over: the
//! owner of a page that is read too short still has the file.

/// The name of the meta tag, whose content is the token.
pub const SITE_META: &str = "kopilka-site";
/// Elements of a head after itself. The start of any other begins the body, whether the page says so or not.
const OF_HEAD: [&str; 13] = [
    "html", "head", "meta", "link", "base", "title", "script", "style", "noscript", "template", "basefont",
    "bgsound", "noframes",
];
/// What stands in these is no part of the head itself, up to their end.
const CLOSED: [&str; 6] = ["title", "script", "style", "noscript", "template", "noframes"];

/// Whether the head of a page has the tag with this token.
pub(super) fn has_meta(page: &str, token: &str) -> bool {
    let mut rest = page.trim_start_matches('\u{feff}');
    loop {
        rest = rest.trim_ascii_start();
        // Text begins the body too.
        let Some(markup) = rest.strip_prefix('<') else { return false };
        if let Some(comment) = markup.strip_prefix("!--") {
            let Some(after) = after_comment(comment) else { return false };
            rest = after;
        } else if markup.starts_with(['!', '?']) {
            let Some((_, after)) = markup.split_once('>') else { return false };
            rest = after;
        } else if let Some(end) = markup.strip_prefix('/') {
            // Some close what needs no end, such as `</meta>`; that of the head itself is the end.
            let Some((name, after)) = end.split_once('>') else { return false };
            if !OF_HEAD[2..].iter().any(|known| name.trim_ascii().eq_ignore_ascii_case(known)) {
                return false;
            }
            rest = after;
        } else {
            let Some(tag) = Tag::read(markup) else { return false };
            let is = |name: &&str| tag.name.eq_ignore_ascii_case(name);
            if !OF_HEAD.iter().any(&is) {
                return false;
            }
            if is(&"meta") && tag.says(token) {
                return true;
            }
            rest = match CLOSED.iter().find(|name| is(name)) {
                Some(name) => match after_end_of(tag.after, name) {
                    Some(after) => after,
                    None => return false,
                },
                None => tag.after,
            };
        }
    }
}

/// A start tag, and what follows it.
struct Tag<'p> {
    name: &'p str,
    attributes: Vec<(&'p str, &'p str)>,
    after: &'p str,
}

impl<'p> Tag<'p> {
    /// What stands behind a `<`; `None` where it is no tag, or the page ends within it.
    fn read(markup: &'p str) -> Option<Tag<'p>> {
        if !markup.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let ends = |c: char| c.is_ascii_whitespace() || c == '/' || c == '>';
        let (name, mut rest) = markup.split_at(markup.find(ends)?);
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if let Some(after) = rest.strip_prefix('>') {
                return Some(Tag { name, attributes, after });
            }
            // An equals sign that begins a name belongs to it, as browsers read it.
            let from = rest.chars().next()?.len_utf8();
            let end = from + rest[from..].find(|c: char| ends(c) || c == '=')?;
            let (attribute, after) = rest.split_at(end);
            let value = after.trim_ascii_start().strip_prefix('=').map(str::trim_ascii_start);
            let (value, after) = match value {
                Some(text) => value_of(text)?,
                None => ("", after),
            };
            attributes.push((attribute, value));
            rest = after;
        }
    }

    /// Of an attribute that is told twice the first counts.
    fn attribute(&self, name: &str) -> Option<&'p str> {
        let found = self.attributes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    fn says(&self, token: &str) -> bool {
        self.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case(SITE_META))
            && self.attribute("content") == Some(token)
    }
}

/// A value, quoted either way or not at all, and what follows it.
fn value_of(text: &str) -> Option<(&str, &str)> {
    match text.chars().next()? {
        quote @ ('"' | '\'') => text[1..].split_once(quote),
        _ => Some(text.split_at(text.find(|c: char| c.is_ascii_whitespace() || c == '>')?)),
    }
}

/// What follows a comment whose `<!--` was read; it may be an empty one that ends at once.
fn after_comment(text: &str) -> Option<&str> {
    if let Some(after) = text.strip_prefix('>').or_else(|| text.strip_prefix("->")) {
        return Some(after);
    }
    let ends = ["-->", "--!>"].map(|end| text.find(end).map(|at| (at, at + end.len())));
    ends.into_iter().flatten().min().map(|(_, after)| &text[after..])
}

/// What follows the end tag of an element whose content is not read.
fn after_end_of<'p>(text: &'p str, name: &str) -> Option<&'p str> {
    let mut rest = text;
    loop {
        rest = rest.split_once("</")?.1;
        let Some(found) = rest.get(..name.len()) else { continue };
        let after = &rest[name.len()..];
        let ends = after.starts_with(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>');
        if found.eq_ignore_ascii_case(name) && ends {
            return after.split_once('>').map(|(_, after)| after);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_as_pages_write_it() {
        for page in [
            r#"<html><head><meta name="kopilka-site" content="abc"></head><body>"#,
            r#"<HEAD><META charset=utf-8><meta Content='abc' NAME='kopilka-site' /></HEAD>"#,
            "<meta\n  name=kopilka-site\n  content=abc>",
            "<meta content = abc name = KOPILKA-SITE >",
            r#"<meta name="viewport" content="x"><meta property="a" name="kopilka-site" content=" abc ">"#,
            "\u{feff}<!DOCTYPE html>\n<!-- shop -->\n<html lang=en><head><title>a < b </body></title>\
             <script>if (a<b) { x('<body>') }</script><meta name=kopilka-site content=abc>",
            r#"<meta name="description" content="we sell > 3 <body> things"><meta name=kopilka-site content=abc>"#,
            r#"<script src=a.js async></SCRIPT ><style>a>b{}</style><meta name=kopilka-site content=abc>"#,
            r#"<link rel=x></link><meta charset=utf-8></META ><meta name=kopilka-site content=abc>"#,
            r#"<!--><meta name="kopilka-site" content="abc"><!-- -->"#,
            r#"<link rel="icon" href=/a.png><meta data-x name="kopilka-site" data-name="y" content="abc">"#,
        ] {
            assert!(has_meta(page, "abc"), "{page}");
            assert!(!has_meta(page, "abcd") && !has_meta(page, "ab"), "{page}");
        }
    }

    #[test]
    fn what_is_no_tag_of_the_head_does_not_count() {
        let tag = r#"<meta name="kopilka-site" content="abc">"#;
        for page in [
            "".to_owned(),
            "<meta".to_owned(),
            r#"<meta name="kopilka-site""#.to_owned(),
            r#"<meta name="kopilka-site" content="abc"#.to_owned(),
            r#"<meta name="kopilka-site">"#.to_owned(),
            r#"<meta name="other" content="abc">"#.to_owned(),
            r#"<meta property="kopilka-site" content="abc">"#.to_owned(),
            r#"<meta data-name="kopilka-site" content="abc">"#.to_owned(),
            r#"<meta name="kopilka-site" content="zzz"><meta name="x" content="abc">"#.to_owned(),
            r#"<meta name="x" title='name="kopilka-site" content="abc"'>"#.to_owned(),
            r#"<meta name="x" name="kopilka-site" content="abc">"#.to_owned(),
            format!("<head></head><body>{tag}"),
            format!("<head><!-- {tag} --></head>"),
            format!("<head><!-- > {tag} "),
            format!("<head><script>x('{tag}')</script></head>"),
            format!("<head><script>x('</scripts>{tag}')</script></head>"),
            format!("<head><noscript>{tag}</noscript></head>"),
            format!("<title>{tag}</title>"),
            // Nobody has said where the body begins: what visitors wrote stands in it all the same.
            format!("<title>Guests</title><p>{tag}"),
            format!("<title>Guests</title>Hello {tag}"),
            format!("<BODY class=x>{tag}"),
            format!("</head>{tag}"),
            format!("<div title='>'>{tag}"),
            format!("&lt;{tag}"),
        ] {
            assert!(!has_meta(&page, "abc"), "{page}");
        }
    }
}
