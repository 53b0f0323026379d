//! A reader and a printer of HTML that are just good enough for tests: elements, attributes, text,
//! comments, void elements, and the raw content of `script`, `style`, `textarea` and `title`.
//! Nothing is repaired: an end tag closes what it names, tags that a browser implies have to be in
//! the source, and what is cut off ends where the source does.

use protocol::{Definition, Part};

/// Names and decoded values, in the order of the source.
pub type Attributes = Vec<(String, String)>;

/// A node of a tree that is not live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Text between tags, decoded.
    Text(String),
    /// A comment without its delimiters.
    Comment(String),
    /// An element.
    Element {
        /// Its name.
        tag: String,
        /// Its attributes.
        attributes: Attributes,
        /// What it holds.
        children: Vec<Node>,
    },
}

/// The first of the private characters that stand for holes in a prototype.
const HOLE: u32 = 0xe000;

/// Reads HTML.
#[must_use]
pub fn parse(source: &str) -> Vec<Node> {
    let mut reader = Reader { rest: source, open: Vec::new(), nodes: Vec::new() };
    while !reader.rest.is_empty() {
        reader.step();
    }
    while !reader.open.is_empty() {
        reader.close();
    }
    reader.nodes
}

/// Prints nodes as Django prints what they came from.
#[must_use]
pub fn print(nodes: &[Node]) -> String {
    let mut out = String::new();
    for node in nodes {
        print_node(node, "", &mut out);
    }
    out
}

/// HTML as the printer prints it, to compare two sources.
#[must_use]
pub fn normal(source: &str) -> String {
    print(&parse(source))
}

/// The nodes of a template; the character [`hole`] stands for each hole. As an attribute's name it
/// stands for any number of attributes.
#[must_use]
pub fn prototype(definition: &Definition) -> Vec<Node> {
    let mut source = String::new();
    let mut holes = 0;
    for part in &definition.parts {
        match part {
            Part::Static(text) | Part::Implied(text) => source += text,
            Part::Hole(_) => {
                source.push(char::from_u32(HOLE + holes).expect("a private character"));
                holes += 1;
            }
        }
    }
    parse(&source)
}

/// The index of the hole that a character stands for.
#[must_use]
pub fn hole(character: char) -> Option<usize> {
    let index = u32::from(character).checked_sub(HOLE)?;
    (index < 0x1900).then_some(index as usize)
}

/// What Django's `escape` does.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#x27;",
            _ => out.push(character),
        }
    }
    out
}

/// Decodes the references that `escape` makes.
#[must_use]
pub fn unescape(source: &str) -> String {
    source
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
}

/// Reads the attributes of a tag, without its name and its brackets.
#[must_use]
pub fn attributes(source: &str) -> Attributes {
    let mut attributes = Vec::new();
    let mut rest = source.trim_start();
    while !rest.is_empty() {
        let alone = rest.chars().next().filter(|&character| hole(character).is_some());
        let end = match alone {
            Some(character) => character.len_utf8(),
            None => rest.find([' ', '\n', '=']).unwrap_or(rest.len()),
        };
        let (name, tail) = rest.split_at(end);
        let (value, tail) = match tail.strip_prefix('=') {
            Some(tail) => match tail.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    tail[1..].split_once(quote).unwrap_or((&tail[1..], ""))
                }
                _ => tail.split_at(tail.find([' ', '\n']).unwrap_or(tail.len())),
            },
            None => ("", tail),
        };
        attributes.push((name.into(), unescape(value)));
        rest = tail.trim_start();
    }
    attributes
}

struct Reader<'a> {
    rest: &'a str,
    /// Elements whose end tag is still to come, and the nodes before them.
    open: Vec<(String, Attributes, Vec<Node>)>,
    nodes: Vec<Node>,
}

impl<'a> Reader<'a> {
    fn step(&mut self) {
        if self.take("<!--") {
            let text = self.until("-->");
            self.nodes.push(Node::Comment(text.into()));
        } else if self.take("</") {
            let tag = self.until(">").trim();
            if self.open.iter().any(|(open, ..)| open == tag) {
                while self.close() != tag {}
            }
        } else if self.rest.starts_with('<') && self.rest[1..].starts_with(char::is_alphabetic) {
            self.element();
        } else {
            let mut starts = self.rest.char_indices().skip(1);
            let end = starts.find(|&(_, character)| character == '<');
            let (text, rest) = self.rest.split_at(end.map_or(self.rest.len(), |(end, _)| end));
            self.rest = rest;
            match self.nodes.last_mut() {
                Some(Node::Text(before)) => *before += &unescape(text),
                _ => self.nodes.push(Node::Text(unescape(text))),
            }
        }
    }

    fn element(&mut self) {
        let mut quote = None;
        let end = self.rest.find(|character| {
            match quote {
                None if character == '"' || character == '\'' => quote = Some(character),
                None => return character == '>',
                Some(open) if open == character => quote = None,
                Some(_) => {}
            }
            false
        });
        let end = end.unwrap_or(self.rest.len());
        let inside = self.rest[1..end].trim_end_matches('/');
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        let name = |character: char| character.is_whitespace() || hole(character).is_some();
        let (tag, source) = inside.split_at(inside.find(name).unwrap_or(inside.len()));
        self.open.push((tag.into(), attributes(source), std::mem::take(&mut self.nodes)));
        match tag {
            "area" | "base" | "br" | "col" | "hr" | "img" | "input" | "link" | "meta" => {
                self.close();
            }
            "script" | "style" | "textarea" | "title" => {
                let text = self.until(&format!("</{tag}>"));
                let raw = matches!(tag, "script" | "style");
                let text = if raw { text.into() } else { unescape(text) };
                if !text.is_empty() {
                    self.nodes.push(Node::Text(text));
                }
                self.close();
            }
            _ => {}
        }
    }

    /// Closes the innermost element, and returns its name.
    fn close(&mut self) -> String {
        let (tag, attributes, before) = self.open.pop().expect("an element is open");
        let children = std::mem::replace(&mut self.nodes, before);
        self.nodes.push(Node::Element { tag: tag.clone(), attributes, children });
        tag
    }

    fn take(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn until(&mut self, end: &str) -> &'a str {
        let (text, rest) = self.rest.split_once(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        text
    }
}

fn print_node(node: &Node, parent: &str, out: &mut String) {
    match node {
        Node::Text(text) if matches!(parent, "script" | "style") => *out += text,
        Node::Text(text) => *out += &escape(text),
        Node::Comment(text) => *out += &format!("<!--{text}-->"),
        Node::Element { tag, attributes, children } => {
            *out += &format!("<{tag}");
            for (name, value) in attributes {
                *out += &format!(" {name}=\"{}\"", escape(value));
            }
            out.push('>');
            for child in children {
                print_node(child, tag, out);
            }
            *out += &format!("</{tag}>");
        }
    }
}
