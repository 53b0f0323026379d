//! The stack of open elements: tags go in, and it says which elements an HTML parser closes.
//!
//! It knows the elements that a body of a template opened itself, and the names of those around
//! it. A tag that closes an element around the body makes the body *unbalanced*: it cannot be
//! built apart from its surroundings.

use crate::tokenizer::{Content, Tag};

/// The language that an element's children are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Namespace {
    /// HTML.
    #[default]
    Html,
    /// Drawings.
    Svg,
    /// Formulas.
    Math,
}

/// An open element, with what its user wants to remember of it.
#[derive(Clone, Debug)]
pub struct Element<T> {
    /// The tag's name in lower case.
    pub name: String,
    /// What the children are.
    pub inside: Namespace,
    /// For the user of the stack.
    pub data: T,
}

/// Open elements, the outermost first.
#[derive(Clone, Debug)]
pub struct Elements<T> {
    /// Those that were open before: names and what their children are.
    pub outer: Vec<(String, Namespace)>,
    /// Those opened since.
    pub open: Vec<Element<T>>,
}

/// What a tag does to the stack.
#[derive(Debug)]
pub struct Effect {
    /// How many of the open elements it closes first, from the innermost outwards.
    pub closes: usize,
    /// The elements around the body that it closes, too.
    pub closes_outer: usize,
}

const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// A start tag of these closes an open `p`.
const CLOSES_P: [&str; 41] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "li",
    "listing",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "search",
    "section",
    "summary",
    "table",
    "ul",
    "xmp",
    "plaintext",
];

/// An end tag or an implied end does not look further out than these.
const SCOPE: [&str; 10] =
    ["applet", "button", "caption", "html", "marquee", "object", "table", "td", "template", "th"];

/// Whether an element never has an end tag.
pub fn is_void(name: &str) -> bool {
    VOID.contains(&name)
}

/// What the children of an element are written in.
fn inside(here: Namespace, name: &str) -> Namespace {
    match (here, name) {
        (Namespace::Html, "svg") => Namespace::Svg,
        (Namespace::Html, "math") => Namespace::Math,
        (Namespace::Svg, "foreignobject" | "desc" | "title") => Namespace::Html,
        (Namespace::Math, "annotation-xml" | "mi" | "mo" | "mn" | "ms" | "mtext") => {
            Namespace::Html
        }
        (here, _) => here,
    }
}

/// Elements inside each other, by their names with spaces between, as [`Elements::path`] has them.
pub fn outer(path: &str) -> Vec<(String, Namespace)> {
    let mut here = Namespace::Html;
    let names = path.split_ascii_whitespace().map(|name| {
        here = inside(here, name);
        (name.to_owned(), here)
    });
    names.collect()
}

impl<T> Elements<T> {
    /// A stack inside other elements.
    pub fn inside(outer: Vec<(String, Namespace)>) -> Self {
        Self { outer, open: Vec::new() }
    }

    /// What markup is written in here.
    pub fn namespace(&self) -> Namespace {
        self.open
            .last()
            .map(|element| element.inside)
            .or_else(|| self.outer.last().map(|(_, inside)| *inside))
            .unwrap_or_default()
    }

    /// The name of the innermost element.
    pub fn last(&self) -> Option<&str> {
        let own = self.open.last().map(|element| element.name.as_str());
        own.or_else(|| self.outer.last().map(|(name, _)| name.as_str()))
    }

    /// All names, for a stack inside this one.
    pub fn names(&self) -> Vec<(String, Namespace)> {
        let open = self.open.iter().map(|element| (element.name.clone(), element.inside));
        self.outer.iter().cloned().chain(open).collect()
    }

    /// All names as one string, with a space between.
    pub fn path(&self) -> String {
        let names: Vec<String> = self.names().into_iter().map(|(name, _)| name).collect();
        names.join(" ")
    }

    /// What a tag closes. The caller removes those elements, then calls [`push`](Self::push) for a
    /// start tag.
    pub fn effect(&self, tag: &Tag) -> Effect {
        let depth = self.open.len() + self.outer.len();
        let target = if tag.is_end {
            self.find(&[&tag.name], &[]).or_else(|| self.find_heading(&tag.name))
        } else if self.namespace() == Namespace::Html {
            self.implied_end(&tag.name)
        } else {
            None
        };
        let closes = target.map_or(0, |index| depth - index);
        let own = closes.min(self.open.len());
        Effect { closes: own, closes_outer: closes - own }
    }

    /// Opens the element of a start tag, unless it is empty; returns what its text is.
    pub fn push(&mut self, tag: &Tag, data: T) -> Content {
        let here = self.namespace();
        let foreign = here != Namespace::Html;
        if is_void(&tag.name) && !foreign || foreign && tag.self_closing {
            return Content::Normal;
        }
        let inside = inside(here, &tag.name);
        self.open.push(Element { name: tag.name.clone(), inside, data });
        match tag.name.as_str() {
            _ if foreign => Content::Normal,
            "textarea" | "title" => Content::Escaped,
            "script" => Content::Script,
            "plaintext" => Content::Plain,
            "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => Content::Raw,
            _ => Content::Normal,
        }
    }

    fn implied_end(&self, name: &str) -> Option<usize> {
        let list = ["ol", "ul", "menu", "dl"];
        let table = ["table", "template"];
        let own = match name {
            "li" => self.find(&["li"], &list),
            "dd" | "dt" => self.find(&["dd", "dt"], &list),
            "option" => self.find(&["option"], &["select", "datalist", "optgroup"]),
            "optgroup" => self.find(&["optgroup", "option"], &["select"]),
            "tr" => self.find(&["tr"], &table),
            "td" | "th" => self.find(&["td", "th"], &["tr", "table", "template"]),
            "tbody" | "thead" | "tfoot" => {
                self.find(&["tbody", "thead", "tfoot", "caption", "colgroup"], &table)
            }
            _ => None,
        };
        // An optgroup closes the option in the group before it and that group itself: take the
        // outermost of the two.
        let own = match (name, own) {
            ("optgroup", Some(_)) => self.find(&["optgroup"], &["select"]).or(own),
            (_, own) => own,
        };
        let paragraph = if CLOSES_P.contains(&name) { self.find(&["p"], &SCOPE) } else { None };
        match (own, paragraph) {
            (Some(own), Some(paragraph)) => Some(own.min(paragraph)),
            (own, paragraph) => own.or(paragraph),
        }
    }

    /// `</h2>` closes an `h1`.
    fn find_heading(&self, name: &str) -> Option<usize> {
        let headings = ["h1", "h2", "h3", "h4", "h5", "h6"];
        headings.contains(&name).then(|| self.find(&headings, &SCOPE)).flatten()
    }

    /// The place of the innermost element with one of these names, counted from the outermost,
    /// unless an element that ends the search stands further in.
    fn find(&self, names: &[&str], until: &[&str]) -> Option<usize> {
        let outer = self.outer.iter().map(|(name, _)| name.as_str());
        let open = self.open.iter().map(|element| element.name.as_str());
        let all: Vec<&str> = outer.chain(open).collect();
        let at = all.iter().rposition(|name| names.contains(name) || until.contains(name))?;
        names.contains(&all[at]).then_some(at)
    }
}
