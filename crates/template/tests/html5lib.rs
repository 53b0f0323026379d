//! The tokeniser against the tokenizer tests of html5lib: tags, attributes, comments, document
//! types and characters must be where they say.
//!
//! Our tokeniser builds no text. Fed one character at a time, its states tell what each character
//! belongs to, and the tests' tokens are put together from that. Mapped on both sides: NUL is
//! U+FFFD, a carriage return is a line feed. Character references are not decoded: where that alone
//! makes a difference, only the presence of a text is compared. Error codes, and the identifiers of
//! a document type, are not compared.

use std::fs;
use std::path::Path;

use serde_json::Value;
use template::{Content, State, Tag, Tokenizer};

/// A token of html5lib. A text is `None` where references keep it from being compared.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Start(String, Vec<(String, Option<String>)>, bool),
    End(String),
    Comment(String),
    Doctype,
    Text(Option<String>),
}

#[test]
fn tokens_are_those_of_html5lib() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/html5lib/tokenizer");
    let (mut of, mut references, mut failures) = (0, 0, Vec::new());
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in &files {
        let tests: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        for test in tests["tests"].as_array().unwrap() {
            let Some(input) = text(test, &test["input"]) else { continue };
            let initial = ["Data state".into()];
            let states = test["initialStates"].as_array().map_or(&initial[..], Vec::as_slice);
            for state in states {
                of += 1;
                let start = Start::new(state.as_str().unwrap(), test["lastStartTag"].as_str());
                let (mut expected, mut found) = (expected(test), merged(start.tokens(&input)));
                if found != expected && input.contains('&') {
                    references += 1;
                    expected = expected.into_iter().map(without_text).collect();
                    found = found.into_iter().map(without_text).collect();
                }
                if found != expected {
                    failures.push(format!("{input:?} in {state}: {found:?}, not {expected:?}"));
                }
                start.same_wherever_it_is_cut(&input);
            }
        }
    }
    let passed = of - failures.len();
    println!("{passed} of {of} passed, {references} of them but for decoded references");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(of > 1000, "all files are there");
}

/// A token without what references would be decoded in.
fn without_text(token: Token) -> Token {
    match token {
        Token::Text(_) => Token::Text(None),
        Token::Start(name, attributes, slash) => Token::Start(
            name,
            attributes.into_iter().map(|(name, _)| (name, None)).collect(),
            slash,
        ),
        other => other,
    }
}

/// A string of a test. The source of a Rust `str` cannot hold the lone surrogates of some.
fn text(test: &Value, value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let text = if test["doubleEscaped"].as_bool() == Some(true) {
        serde_json::from_str(&format!("\"{}\"", text.replace('"', "\\\""))).ok()?
    } else {
        String::from(text)
    };
    Some(text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{fffd}"))
}

fn expected(test: &Value) -> Vec<Token> {
    let string = |value: &Value| text(test, value).expect("text");
    let value = |value: &Value| Some(string(value));
    let tokens = test["output"].as_array().expect("tokens").iter().map(|token| {
        match token[0].as_str().expect("a kind") {
            "StartTag" => {
                let attributes = token[2].as_object().expect("attributes").iter();
                let mut attributes: Vec<_> = attributes
                    .map(|(name, text)| (string(&Value::from(name.as_str())), value(text)))
                    .collect();
                attributes.sort();
                Token::Start(string(&token[1]), attributes, token[3].as_bool() == Some(true))
            }
            "EndTag" => Token::End(string(&token[1])),
            "Comment" => Token::Comment(string(&token[1])),
            "DOCTYPE" => Token::Doctype,
            "Character" => Token::Text(value(&token[1])),
            other => panic!("unknown token {other}"),
        }
    });
    merged(tokens.collect())
}

fn merged(tokens: Vec<Token>) -> Vec<Token> {
    let mut all: Vec<Token> = Vec::new();
    for token in tokens {
        match (all.last_mut(), token) {
            (Some(Token::Text(before)), Token::Text(text)) => {
                *before = before.take().zip(text).map(|(before, text)| before + &text);
            }
            (_, token) => all.push(token),
        }
    }
    all
}

/// A tokeniser in one of the states that tests begin in, and which content its text is.
struct Start {
    tokenizer: Tokenizer,
}

impl Start {
    fn new(state: &str, last_start_tag: Option<&str>) -> Self {
        let (content, otherwise) = match state {
            "Data state" => (Content::Normal, "p"),
            "RCDATA state" => (Content::Escaped, "title"),
            "RAWTEXT state" => (Content::Raw, "xmp"),
            "Script data state" => (Content::Script, "script"),
            "PLAINTEXT state" => (Content::Plain, "plaintext"),
            "CDATA section state" => (Content::Normal, "svg"),
            other => panic!("unknown state {other}"),
        };
        let is_cdata = state.starts_with("CDATA");
        let mut tokenizer = Tokenizer::default();
        let tag = format!("<{}>", last_start_tag.unwrap_or(otherwise));
        tokenizer.feed(0, &tag, &mut |_| (content, is_cdata));
        if is_cdata {
            tokenizer.feed(0, "<![CDATA[", &mut |_| unreachable!("no tag"));
            tokenizer.foreign = false;
        }
        Self { tokenizer }
    }

    /// Reads the input one character at a time.
    fn tokens(&self, input: &str) -> Vec<Token> {
        let mut tokenizer = self.tokenizer.clone();
        let characters: Vec<char> = input.chars().collect();
        let mut tokens = Vec::new();
        // Where the construct that is read began, and the values of its attributes.
        let mut start = 0;
        let mut values: Vec<String> = Vec::new();
        let mut before = tokenizer.state;
        let source = |from: usize, to: usize| -> String { characters[from..to].iter().collect() };
        for (index, character) in characters.iter().enumerate() {
            let mut ended: Option<Tag> = None;
            tokenizer.feed(index, character.encode_utf8(&mut [0; 4]), &mut |tag| {
                ended = Some(tag.clone());
                (if tag.is_end { Content::Normal } else { content_of(&tag.name) }, false)
            });
            let state = tokenizer.state;
            if state == State::Unquoted || state.in_value() && before == state {
                values.resize(tokenizer.tag.attributes.len(), String::new());
                values.last_mut().expect("an attribute").push(*character);
            }
            let end = index + 1;
            if let Some(tag) = ended {
                values.resize(tag.attributes.len(), String::new());
                push_text(&mut tokens, &source(start, tag.piece));
                tokens.push(token(&tag, &values));
                values.clear();
                start = end;
            } else if state == State::Data && matches!(before, State::Comment | State::Cut) {
                push_markup(&mut tokens, &source(start, end));
                start = end;
            } else if state == State::Data && before == State::Cdata {
                push_text(&mut tokens, source(start, end).strip_suffix("]]>").expect("the end"));
                start = end;
            } else if state == State::Cut && before == State::Data {
                push_text(&mut tokens, &source(start, index));
                start = index;
            }
            before = state;
        }
        let rest = source(start, characters.len());
        match tokenizer.state {
            State::Cut if matches!(rest.as_str(), "<" | "</") => push_text(&mut tokens, &rest),
            State::Comment | State::Cut => push_markup(&mut tokens, &rest),
            state if state.in_tag() && tokenizer.tag.is_end => {
                push_text(&mut tokens, &source(start, tokenizer.tag.piece));
            }
            state if state.in_tag() => {}
            _ => push_text(&mut tokens, &rest),
        }
        tokens
    }

    /// Tags and states do not depend on where the source is cut into pieces.
    fn same_wherever_it_is_cut(&self, input: &str) {
        let read = |pieces: &[&str]| {
            let mut tokenizer = self.tokenizer.clone();
            let mut tags = Vec::new();
            for (number, piece) in pieces.iter().enumerate() {
                let offset =
                    |at: usize| pieces[..at].iter().map(|piece| piece.len()).sum::<usize>();
                tokenizer.feed(number, piece, &mut |tag| {
                    let (start, end) = (offset(tag.piece) + tag.start, offset(number) + tag.end);
                    tags.push((start, end, token(tag, &vec![String::new(); tag.attributes.len()])));
                    (if tag.is_end { Content::Normal } else { content_of(&tag.name) }, false)
                });
            }
            (tags, tokenizer.state, tokenizer.serial)
        };
        let whole = read(&[input]);
        for (at, _) in input.char_indices() {
            assert_eq!(read(&[&input[..at], &input[at..]]), whole, "{input:?} cut at {at}");
        }
    }
}

/// A tokenizer test knows no elements: only the tags of the test itself open texts, and none does.
fn content_of(_name: &str) -> Content {
    Content::Normal
}

fn token(tag: &Tag, values: &[String]) -> Token {
    if tag.is_end {
        return Token::End(tag.name.clone());
    }
    let mut attributes: Vec<(String, Option<String>)> = Vec::new();
    for (name, value) in tag.attributes.iter().zip(values) {
        if !attributes.iter().any(|(known, _)| known == name) {
            attributes.push((name.clone(), Some(value.clone())));
        }
    }
    attributes.sort();
    Token::Start(tag.name.clone(), attributes, tag.self_closing)
}

fn push_text(tokens: &mut Vec<Token>, text: &str) {
    if !text.is_empty() {
        tokens.push(Token::Text(Some(text.into())));
    }
}

/// What stood in the states of comments, and what was cut and then was text after all.
fn push_markup(tokens: &mut Vec<Token>, source: &str) {
    let is_doctype = source.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype"));
    if is_doctype {
        tokens.push(Token::Doctype);
    } else if let Some(comment) = source.strip_prefix("<!--") {
        let ends: &[&str] = match comment {
            ">" | "->" => &[comment],
            _ if comment.ends_with('>') => &["-->", "--!>"],
            _ => &["--!", "--", "-"],
        };
        let end = ends.iter().find(|end| comment.ends_with(**end));
        tokens.push(Token::Comment(
            comment.strip_suffix(*end.unwrap_or(&"")).expect("its end").into(),
        ));
    } else if source.starts_with("<!")
        || source.starts_with("<?")
        || source.starts_with("</") && source != "</>"
    {
        let comment = if source.starts_with("<?") { &source[1..] } else { &source[2..] };
        tokens.push(Token::Comment(comment.strip_suffix('>').unwrap_or(comment).into()));
    } else if source != "</>" {
        push_text(tokens, source);
    }
}
