//! The HTML tokeniser: pieces of static source go in, tags come out, and between two pieces
//! [`Tokenizer::state`] tells where a hole would stand.
//!
//! It follows the states of the HTML standard as far as they decide where something stands; it
//! builds no text and no attribute values. The end of a piece that can only be understood together
//! with the next one (`<`, `</scr`) is held back; a hole after it cuts the two apart.

use crate::elements::is_known;
use crate::op::{Op, ValueId};

/// Where the next character stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Between tags.
    Data,
    /// In `textarea` or `title`: character references count, tags do not.
    EscapedText,
    /// In `style`, `xmp`, `iframe`, `noembed`, `noframes` or `noscript`.
    RawText,
    /// In `script`.
    Script,
    /// In a comment, or in what a parser treats as one.
    Comment,
    /// In `plaintext`, which has no end.
    PlainText,
    /// In a CDATA section inside `svg` or `math`.
    Cdata,
    /// In the name of a tag.
    TagName,
    /// Between attributes.
    BeforeAttributeName,
    /// In the name of an attribute.
    AttributeName,
    /// After the name of an attribute and white space.
    AfterAttributeName,
    /// After the equals sign.
    BeforeAttributeValue,
    /// In a value in double quotes.
    DoubleQuoted,
    /// In a value in single quotes.
    SingleQuoted,
    /// In a value without quotes.
    Unquoted,
    /// Right after the closing quote.
    AfterAttributeValue,
    /// After a slash in a tag.
    SelfClosing,
    /// After `<`, `</`, `<!`, or in a document type.
    Cut,
}

impl State {
    /// Whether it is in the value of an attribute.
    #[must_use]
    pub const fn in_value(self) -> bool {
        matches!(self, Self::DoubleQuoted | Self::SingleQuoted | Self::Unquoted)
    }

    /// Whether it is in a tag.
    #[must_use]
    pub const fn in_tag(self) -> bool {
        self.in_value()
            || self.between_attributes()
            || matches!(self, Self::TagName | Self::AttributeName | Self::BeforeAttributeValue)
    }

    /// Whether attributes may begin here.
    #[must_use]
    pub const fn between_attributes(self) -> bool {
        matches!(
            self,
            Self::BeforeAttributeName
                | Self::AfterAttributeName
                | Self::AfterAttributeValue
                | Self::SelfClosing
        )
    }
}

/// What an element's text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Markup.
    Normal,
    /// See [`State::EscapedText`].
    Escaped,
    /// See [`State::RawText`].
    Raw,
    /// See [`State::Script`].
    Script,
    /// See [`State::PlainText`].
    Plain,
}

/// A start tag or an end tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tag {
    /// In lower case.
    pub name: String,
    /// The names of its attributes, in lower case.
    pub attributes: Vec<String>,
    /// Whether it is an end tag.
    pub is_end: bool,
    /// Whether it ends with a slash.
    pub self_closing: bool,
    /// Whether text that is no white space stands before it, after the tag before it.
    pub after_text: bool,
    /// The piece in which it starts.
    pub piece: usize,
    /// Where it starts in that piece.
    pub start: usize,
    /// Where it ends in the piece in which it ends.
    pub end: usize,
}

/// The levels of a script that begins with `<!--`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escape {
    None,
    Once,
    Twice,
}

/// What stands in a hole of a tag's name.
pub(crate) const UNKNOWN: &str = "\u{fffc}";

/// A tokeniser. It can be cloned, to try something out.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    /// Where the next character stands.
    pub state: State,
    /// The tag that is open, or was the last one.
    pub tag: Tag,
    /// Whether the current node is in `svg` or `math`, where CDATA sections exist.
    pub foreign: bool,
    /// Grows with each tag that ends and each comment that begins: tells one place from another.
    pub serial: u32,
    /// Whether text that is no white space stands after the last tag.
    pub has_text: bool,
    /// Whether the name of the tag goes on here, if the holes since have printed nothing.
    in_name: bool,
    piece: usize,
    /// What could not be understood without what follows: its text, its piece, and where it starts.
    held: (String, usize, usize),
    /// How much of the text that is read was held.
    shift: usize,
    /// The element whose text is read, in the text states.
    raw_name: String,
    script: Escape,
    /// The end of the comment's text so far.
    comment: String,
    /// Whether a comment ends at the first `>`.
    bogus: bool,
}

impl Default for Tokenizer {
    fn default() -> Self {
        Self {
            state: State::Data,
            tag: Tag::default(),
            foreign: false,
            serial: 0,
            has_text: false,
            in_name: false,
            piece: 0,
            held: (String::new(), 0, 0),
            shift: 0,
            raw_name: String::new(),
            script: Escape::None,
            comment: String::new(),
            bogus: false,
        }
    }
}

impl Tokenizer {
    /// Reads a piece, whose number the tags in it will carry. `on_tag` sees each complete tag and says
    /// what its element's text is (for an end tag its answer is not used), and whether what follows
    /// is foreign.
    pub fn feed(
        &mut self,
        number: usize,
        piece: &str,
        on_tag: &mut dyn FnMut(&Tag) -> (Content, bool),
    ) {
        self.piece = number;
        if piece.is_empty() {
            return;
        }
        if self.held.0.is_empty() {
            self.shift = 0;
            return self.read(piece, on_tag);
        }
        let held = std::mem::take(&mut self.held.0);
        self.shift = held.len();
        if self.state == State::Cut {
            self.state = State::Data;
        }
        self.read(&(held + piece), on_tag);
    }

    fn read(&mut self, text: &str, on_tag: &mut dyn FnMut(&Tag) -> (Content, bool)) {
        let mut at = 0;
        while at < text.len() {
            at = match self.state {
                State::Data => self.data(text, at),
                State::EscapedText | State::RawText => self.raw(text, at),
                State::Script => self.script(text, at),
                State::Comment => self.comment(text, at),
                State::Cdata => self.cdata(text, at),
                State::PlainText | State::Cut => text.len(),
                _ => self.in_tag(text, at, on_tag),
            };
        }
    }

    /// Keeps the rest of the text for the next piece.
    fn hold(&mut self, text: &str, at: usize) -> usize {
        let (piece, start) = self.place(at);
        self.held = (text[at..].into(), piece, start);
        text.len()
    }

    /// The piece of a place in the text that is read, and the place in that piece.
    fn place(&self, at: usize) -> (usize, usize) {
        match at.checked_sub(self.shift) {
            Some(at) => (self.piece, at),
            None => (self.held.1, self.held.2 + at),
        }
    }

    fn start_tag(&mut self, is_end: bool, at: usize) {
        let (piece, start) = self.place(at);
        let after_text = std::mem::take(&mut self.has_text);
        self.tag = Tag { is_end, piece, start, after_text, ..Tag::default() };
    }

    /// Where the tag starts that is not complete, if that is in the piece that was read last.
    #[must_use]
    pub fn open_tag(&self) -> Option<usize> {
        let (piece, start) = match self.state {
            State::Cut if !self.held.0.is_empty() => (self.held.1, self.held.2),
            state if state.in_tag() => (self.tag.piece, self.tag.start),
            _ => return None,
        };
        (piece == self.piece).then_some(start)
    }

    /// The value that stands right after the name of an element in its start tag, if it is one.
    pub fn follows_name(&self, op: &Op) -> Option<ValueId> {
        match op {
            Op::Value(id)
                if self.may_be_in_name() && !self.tag.is_end && is_known(&self.tag.name) =>
            {
                Some(*id)
            }
            _ => None,
        }
    }

    /// Whether what stands here may be part of the name of a tag.
    pub fn may_be_in_name(&self) -> bool {
        self.state == State::TagName || self.in_name
    }

    /// Notes a hole that prints attributes, or nothing if it `may_be_empty`.
    pub fn attributes(&mut self, may_be_empty: bool) {
        self.in_name = self.may_be_in_name() && may_be_empty;
        self.state = State::BeforeAttributeName;
        self.held.0.clear();
    }

    /// Notes that a hole stands here, so that text on its two sides is not read as one construct.
    pub fn hole(&mut self) {
        self.state = match self.state {
            State::BeforeAttributeValue => State::Unquoted,
            State::Cut if matches!(self.held.0.as_str(), "<" | "</") => {
                // The hole is the name, or its beginning.
                self.tag = Tag {
                    name: UNKNOWN.into(),
                    is_end: self.held.0.len() > 1,
                    piece: self.held.1,
                    start: self.held.2,
                    ..Tag::default()
                };
                State::TagName
            }
            _ if self.may_be_in_name() => {
                self.in_name = false;
                self.tag.name.push_str(UNKNOWN);
                State::TagName
            }
            State::SelfClosing | State::AfterAttributeName | State::AfterAttributeValue => {
                State::BeforeAttributeName
            }
            other => other,
        };
        self.comment = String::from("hole");
        self.held.0.clear();
    }

    fn data(&mut self, text: &str, at: usize) -> usize {
        let open = text[at..].find('<').map(|offset| at + offset);
        self.note_text(&text[at..open.unwrap_or(text.len())]);
        let Some(open) = open else { return text.len() };
        let rest = &text[open + 1..];
        let (is_end, name) = match rest.strip_prefix('/') {
            Some(name) => (true, name),
            None => (false, rest),
        };
        match name.bytes().next() {
            None => {
                self.state = State::Cut;
                self.hold(text, open)
            }
            Some(letter) if letter.is_ascii_alphabetic() => {
                self.start_tag(is_end, open);
                self.state = State::TagName;
                text.len() - name.len()
            }
            Some(b'>') if is_end => text.len() - name.len() + 1,
            Some(_) if is_end => self.bogus(text.len() - name.len()),
            Some(b'?') => self.bogus(open + 1),
            Some(b'!') => self.declaration(text, open),
            Some(_) => {
                self.has_text = true;
                open + 1
            }
        }
    }

    fn note_text(&mut self, text: &str) {
        self.has_text |= text.contains(|c: char| !matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c'));
    }

    fn declaration(&mut self, text: &str, open: usize) -> usize {
        let rest = &text[open + 2..];
        if rest.starts_with("--") {
            self.state = State::Comment;
            self.serial += 1;
            self.comment.clear();
            self.bogus = false;
            return open + 4;
        }
        if self.foreign && rest.starts_with("[CDATA[") {
            self.state = State::Cdata;
            self.serial += 1;
            return open + 9;
        }
        let begins = |word: &str| {
            let length = rest.len().min(word.len());
            rest.as_bytes()[..length].eq_ignore_ascii_case(&word.as_bytes()[..length])
        };
        let is_open = rest.len() < 2 && begins("--")
            || begins("doctype") && !rest.contains('>')
            || self.foreign && rest.len() < 7 && "[CDATA[".starts_with(rest);
        if is_open {
            self.state = State::Cut;
            return self.hold(text, open);
        }
        self.bogus(open + 2)
    }

    fn bogus(&mut self, at: usize) -> usize {
        self.state = State::Comment;
        self.serial += 1;
        self.bogus = true;
        at
    }

    fn comment(&mut self, piece: &str, at: usize) -> usize {
        for (offset, character) in piece[at..].char_indices() {
            if character == '>' {
                // `<!-->` and `<!--->` end at once.
                let text = self.comment.as_str();
                let ends = text.ends_with("--") || text.ends_with("--!");
                if self.bogus || ends || text.is_empty() || text == "-" {
                    self.state = State::Data;
                    return at + offset + 1;
                }
            }
            self.comment.push(character);
        }
        // Only the last few characters matter, and that it is not empty.
        if self.comment.len() > 8 {
            let tail: Vec<char> = self.comment.chars().rev().take(3).collect();
            self.comment = std::iter::once('.').chain(tail.into_iter().rev()).collect();
        }
        piece.len()
    }

    fn cdata(&mut self, text: &str, at: usize) -> usize {
        if let Some(end) = text[at..].find("]]>") {
            self.state = State::Data;
            return at + end + 3;
        }
        let tail = if text[at..].ends_with("]]") { 2 } else { usize::from(text.ends_with(']')) };
        self.hold(text, text.len() - tail)
    }

    fn raw(&mut self, text: &str, at: usize) -> usize {
        let mut from = at;
        while let Some(offset) = text[from..].find('<') {
            let open = from + offset;
            match self.end_of_raw(text, open) {
                Some(Ok(next)) => return next,
                Some(Err(Open)) => return self.hold(text, open),
                None => from = open + 1,
            }
        }
        text.len()
    }

    /// Whether the appropriate end tag starts at `open`, and where its name ends.
    fn end_of_raw(&mut self, text: &str, open: usize) -> Option<Result<usize, Open>> {
        if let Err(Open) = word(text, open, "</", &self.raw_name)? {
            return Some(Err(Open));
        }
        self.start_tag(true, open);
        self.tag.name.clone_from(&self.raw_name);
        self.state = State::BeforeAttributeName;
        Some(Ok(open + 2 + self.raw_name.len()))
    }

    fn script(&mut self, text: &str, at: usize) -> usize {
        let mut from = at;
        while let Some(offset) = text[from..].find(['<', '-']) {
            let here = from + offset;
            let rest = &text[here..];
            // Step 1: what the next piece may still make something of.
            let mut openings = vec!["-->"];
            if self.script == Escape::None {
                openings.push("<!--");
            }
            if openings
                .iter()
                .any(|opening| opening.len() > rest.len() && opening.starts_with(rest))
            {
                return self.hold(text, here);
            }
            // Step 2: comments.
            if self.script == Escape::None && rest.starts_with("<!--") {
                self.script = Escape::Once;
                // The two dashes may be those of `-->` already.
                from = here + 2;
                continue;
            }
            if rest.starts_with("-->") {
                self.script = Escape::None;
            }
            // Step 3: tags.
            match self.script {
                Escape::Twice => match word(text, here, "</", "script") {
                    Some(Ok(())) => self.script = Escape::Once,
                    Some(Err(Open)) => return self.hold(text, here),
                    None => {}
                },
                _ => match self.end_of_raw(text, here) {
                    Some(Ok(next)) => return next,
                    Some(Err(Open)) => return self.hold(text, here),
                    None => {}
                },
            }
            if self.script == Escape::Once {
                match word(text, here, "<", "script") {
                    Some(Ok(())) => self.script = Escape::Twice,
                    Some(Err(Open)) => return self.hold(text, here),
                    None => {}
                }
            }
            from = here + 1;
        }
        text.len()
    }

    fn in_tag(
        &mut self,
        piece: &str,
        at: usize,
        on_tag: &mut dyn FnMut(&Tag) -> (Content, bool),
    ) -> usize {
        let rest = &piece[at..];
        let quote = match self.state {
            State::DoubleQuoted => Some('"'),
            State::SingleQuoted => Some('\''),
            _ => None,
        };
        if let Some(quote) = quote {
            return match rest.find(quote) {
                Some(end) => {
                    self.state = State::AfterAttributeValue;
                    at + end + 1
                }
                None => piece.len(),
            };
        }
        let Some(character) = rest.chars().next() else {
            return piece.len();
        };
        let next = at + character.len_utf8();
        let is_space = matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0c');
        if std::mem::take(&mut self.in_name) && !is_space && !matches!(character, '/' | '>') {
            self.tag.name.push_str(UNKNOWN);
        }
        match self.state {
            State::BeforeAttributeValue if is_space => {}
            State::BeforeAttributeValue if character == '"' => self.state = State::DoubleQuoted,
            State::BeforeAttributeValue if character == '\'' => self.state = State::SingleQuoted,
            State::BeforeAttributeValue if character != '>' => {
                self.state = State::Unquoted;
                return at;
            }
            State::Unquoted if !is_space && character != '>' => {}
            _ if is_space => {
                self.state = match self.state {
                    State::AttributeName | State::AfterAttributeName => State::AfterAttributeName,
                    _ => State::BeforeAttributeName,
                }
            }
            _ if character == '>' => {
                self.finish(next, on_tag);
            }
            State::SelfClosing => {
                self.state = State::BeforeAttributeName;
                return at;
            }
            _ if character == '/' => self.state = State::SelfClosing,
            State::TagName => self.tag.name.push(character.to_ascii_lowercase()),
            State::AttributeName | State::AfterAttributeName if character == '=' => {
                self.state = State::BeforeAttributeValue;
            }
            State::AttributeName => {
                if let Some(name) = self.tag.attributes.last_mut() {
                    name.push(character.to_ascii_lowercase());
                }
            }
            _ => {
                self.tag.attributes.push(character.to_ascii_lowercase().to_string());
                self.state = State::AttributeName;
            }
        }
        next
    }

    fn finish(&mut self, at: usize, on_tag: &mut dyn FnMut(&Tag) -> (Content, bool)) {
        self.tag.self_closing = self.state == State::SelfClosing;
        self.tag.end = at - self.shift;
        self.serial += 1;
        let (content, foreign) = on_tag(&self.tag);
        self.foreign = foreign;
        self.state = match content {
            _ if self.tag.is_end => State::Data,
            Content::Normal => State::Data,
            Content::Escaped => State::EscapedText,
            Content::Raw => State::RawText,
            Content::Script => State::Script,
            Content::Plain => State::PlainText,
        };
        if self.state != State::Data {
            self.raw_name.clone_from(&self.tag.name);
            self.script = Escape::None;
        }
    }
}

/// The text ends before it can be said.
struct Open;

/// Whether a tag's opening and its name stand at `at`, without regard to case, and what follows
/// ends the name.
fn word(text: &str, at: usize, opening: &str, name: &str) -> Option<Result<(), Open>> {
    let rest = &text.as_bytes()[at..];
    let (opening, name) = (opening.as_bytes(), name.as_bytes());
    let split = rest.len().min(opening.len());
    if rest[..split] != opening[..split] {
        return None;
    }
    let found = &rest[split..];
    let length = found.len().min(name.len());
    if !found[..length].eq_ignore_ascii_case(&name[..length]) {
        return None;
    }
    match found.get(name.len()) {
        None => Some(Err(Open)),
        Some(b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'/' | b'>') => Some(Ok(())),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tags of a source, and where it ends.
    fn read(source: &str) -> (Vec<String>, State) {
        let mut tokenizer = Tokenizer::default();
        let mut tags = Vec::new();
        tokenizer.feed(0, source, &mut |tag| {
            let slash = if tag.is_end { "/" } else { "" };
            tags.push(format!("{slash}{} {}", tag.name, tag.attributes.join(" ")).trim().into());
            let content = match tag.name.as_str() {
                "script" => Content::Script,
                "style" => Content::Raw,
                "title" => Content::Escaped,
                _ => Content::Normal,
            };
            (content, tag.name == "svg" && !tag.is_end)
        });
        (tags, tokenizer.state)
    }

    #[test]
    fn each_place_has_its_state() {
        for (source, state) in [
            ("", State::Data),
            ("a < b", State::Data),
            ("<", State::Cut),
            ("</", State::Cut),
            ("<!", State::Cut),
            ("<!doctype ht", State::Cut),
            ("<!doctype html>", State::Data),
            ("<a", State::TagName),
            ("<a ", State::BeforeAttributeName),
            ("<a/", State::SelfClosing),
            ("<a b", State::AttributeName),
            ("<a b ", State::AfterAttributeName),
            ("<a b=", State::BeforeAttributeValue),
            ("<a b = ", State::BeforeAttributeValue),
            ("<a b=c", State::Unquoted),
            ("<a b=c/", State::Unquoted),
            ("<a b='", State::SingleQuoted),
            ("<a b=\">", State::DoubleQuoted),
            ("<a b=''", State::AfterAttributeValue),
            ("<a b=>", State::Data),
            ("<!-- ", State::Comment),
            ("<!-- -->", State::Data),
            ("<!-->", State::Data),
            ("<!--->", State::Data),
            ("<!--!>", State::Comment),
            ("<!-- --!>", State::Data),
            ("<!-- ->", State::Comment),
            ("<?php ", State::Comment),
            ("</ a", State::Comment),
            ("</>", State::Data),
            ("<![CDATA[ ", State::Comment),
            ("<svg><![CDATA[ > ", State::Cdata),
            ("<svg><![CDATA[ ]]>", State::Data),
            ("<title></b>", State::EscapedText),
            ("<style></styles>", State::RawText),
            ("<style></STYLE >", State::Data),
            ("<script></style>", State::Script),
            ("<script><!--</script>", State::Data),
            ("<script><!--<script></script>", State::Script),
            ("<script><!--<script></script></script>", State::Data),
            ("<script><!--<script>--></script>", State::Data),
            ("<script><!--><script></script>", State::Data),
        ] {
            assert_eq!(read(source).1, state, "{source}");
        }
    }

    #[test]
    fn tags_have_names_and_attributes_in_lower_case() {
        let (tags, _) = read("<A HREF='<b>' x/y=1><br/></A >");
        assert_eq!(tags, ["a href x y", "br", "/a"]);
    }

    #[test]
    fn a_piece_goes_on_where_the_one_before_ended() {
        let mut tokenizer = Tokenizer::default();
        let mut tags = Vec::new();
        for (number, piece) in ["<!-- a -", "- --", ">", "<p a='", "' b", ">"].iter().enumerate() {
            tokenizer.feed(number, piece, &mut |tag| {
                tags.push(tag.clone());
                (Content::Normal, false)
            });
        }
        assert_eq!(tokenizer.state, State::Data);
        assert_eq!((tags.len(), tags[0].piece, tags[0].attributes.len()), (1, 3, 2));
    }

    #[test]
    fn text_on_two_sides_of_a_hole_is_not_one_construct() {
        let mut tokenizer = Tokenizer::default();
        let feed = |tokenizer: &mut Tokenizer, piece: &str| {
            tokenizer.feed(0, piece, &mut |_| (Content::Normal, false));
        };
        feed(&mut tokenizer, "<!-- --");
        tokenizer.hole();
        feed(&mut tokenizer, ">");
        assert_eq!(tokenizer.state, State::Comment);
    }
}
