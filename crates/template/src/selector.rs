//! A CSS selector goes in; whether an element matches comes out.
//!
//! Understood is what a template's text can answer: names of elements, `#id`, `.class`, `[name]`,
//! `[name=value]`, `*`, several of them as one (`li.done`), descendants (`#a b`), children (`#a > b`),
//! and lists (`#a, .b`). What depends on the page as it is (`:hover`, siblings) is not.

/// What a value that a template prints stands for in an attribute: no selector names it.
pub(crate) const HOLE: char = '\u{fffc}';

/// A list of selectors, each from the innermost element outwards.
#[derive(Debug, PartialEq)]
pub(crate) struct Selector(Vec<Vec<Compound>>);

/// What one element must be.
#[derive(Debug, Default, PartialEq)]
struct Compound {
    tests: Vec<Test>,
    /// Whether the next compound, further out, is for its parent.
    is_child: bool,
}

#[derive(Debug, PartialEq)]
enum Test {
    Name(String),
    Has(String),
    Is(String, String),
    Class(String),
}

/// What is known of an element.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub name: String,
    /// Names in lower case, and values with [`HOLE`] for what is printed.
    pub attributes: Vec<(String, String)>,
}

impl Selector {
    /// Reads a selector; nothing if it is not understood.
    pub fn parse(source: &str) -> Option<Self> {
        source.split(',').map(complex).collect::<Option<_>>().map(Self)
    }

    /// Whether the last one of some elements inside each other, the outermost first, matches.
    pub fn matches(&self, elements: &[&Known]) -> bool {
        self.0.iter().any(|compounds| fits(compounds, elements))
    }
}

/// Whether the last element is what the first compound says, and those around it what the others do.
fn fits(compounds: &[Compound], elements: &[&Known]) -> bool {
    let (Some((compound, others)), Some((element, around))) =
        (compounds.split_first(), elements.split_last())
    else {
        return compounds.is_empty();
    };
    if !compound.tests.iter().all(|test| test.holds(element)) {
        return false;
    }
    if compound.is_child || others.is_empty() {
        return fits(others, around);
    }
    (0..=around.len()).rev().any(|depth| fits(others, &around[..depth]))
}

impl Test {
    fn holds(&self, element: &Known) -> bool {
        let value = |wanted: &str| {
            element.attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value)
        };
        match self {
            Self::Name(name) => name == "*" || element.name == *name,
            Self::Has(name) => value(name).is_some(),
            Self::Is(name, wanted) => value(name) == Some(wanted),
            Self::Class(wanted) => {
                value("class").is_some_and(|all| all.split_ascii_whitespace().any(|c| c == wanted))
            }
        }
    }
}

/// Compounds with what stands between them.
fn complex(source: &str) -> Option<Vec<Compound>> {
    let mut compounds: Vec<Compound> = Vec::new();
    let mut rest = source.trim();
    let mut is_child = false;
    while !rest.is_empty() {
        let (tests, after) = compound(rest)?;
        compounds.insert(0, Compound { tests, is_child: std::mem::take(&mut is_child) });
        let trimmed = after.trim_start();
        rest = match trimmed.strip_prefix('>') {
            Some(child) => {
                is_child = true;
                child.trim_start()
            }
            None if trimmed.len() == after.len() && !after.is_empty() => return None,
            None => trimmed,
        };
    }
    (!is_child && !compounds.is_empty()).then_some(compounds)
}

/// The tests of one element, and what stands after them.
fn compound(source: &str) -> Option<(Vec<Test>, &str)> {
    let mut tests = Vec::new();
    let mut rest = source;
    loop {
        let mut letters = rest.chars();
        let first = letters.next();
        let test = match first {
            Some('*') if tests.is_empty() => {
                rest = letters.as_str();
                Test::Name("*".into())
            }
            Some('#') => Test::Is("id".into(), word(letters.as_str(), &mut rest)?.into()),
            Some('.') => Test::Class(word(letters.as_str(), &mut rest)?.into()),
            Some('[') => {
                let name = word(letters.as_str().trim_start(), &mut rest)?.to_ascii_lowercase();
                let test = match rest.trim_start().strip_prefix('=') {
                    None => Test::Has(name),
                    Some(value) => {
                        let value = value.trim_start();
                        let text = match value.chars().next()? {
                            quote @ ('"' | '\'') => {
                                let (text, after) = value[1..].split_once(quote)?;
                                rest = after;
                                text
                            }
                            _ => word(value, &mut rest)?,
                        };
                        Test::Is(name, text.into())
                    }
                };
                rest = rest.trim_start().strip_prefix(']')?;
                test
            }
            Some(letter) if is_word(letter) && tests.is_empty() => {
                Test::Name(word(rest, &mut rest)?.to_ascii_lowercase())
            }
            _ if tests.is_empty() => return None,
            _ => return Some((tests, rest)),
        };
        tests.push(test);
    }
}

/// The name at the beginning; `rest` becomes what stands after it.
fn word<'s>(source: &'s str, rest: &mut &'s str) -> Option<&'s str> {
    let end = source.find(|letter| !is_word(letter)).unwrap_or(source.len());
    let (word, after) = source.split_at(end);
    *rest = after;
    (!word.is_empty()).then_some(word)
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_' || letter > '\u{7f}'
}

/// The attributes in the source of a start tag, the first of each name.
pub(crate) fn attributes(source: &str) -> Vec<(String, String)> {
    let space = |letter: char| letter.is_ascii_whitespace() || letter == '/';
    let mut found: Vec<(String, String)> = Vec::new();
    let tag = source.strip_suffix('>').unwrap_or(source);
    let mut rest = tag.find(space).map_or("", |end| &tag[end..]);
    loop {
        rest = rest.trim_start_matches(space);
        if rest.is_empty() {
            return found;
        }
        // An equals sign at the beginning is part of the name.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest[first..].find(|letter| space(letter) || letter == '=');
        let (name, after) = rest.split_at(end.map_or(rest.len(), |end| first + end));
        let (value, after) = match after.trim_ascii_start().strip_prefix('=') {
            None => ("", after),
            Some(value) => {
                let value = value.trim_ascii_start();
                match value.chars().next() {
                    Some(quote @ ('"' | '\'')) => {
                        value[1..].split_once(quote).unwrap_or((&value[1..], ""))
                    }
                    _ => {
                        let end = value.find(|letter: char| letter.is_ascii_whitespace());
                        value.split_at(end.unwrap_or(value.len()))
                    }
                }
            }
        };
        rest = after;
        if !found.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            found.push((name.to_ascii_lowercase(), value.into()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(source: &str) -> Known {
        let name = source[1..].split([' ', '>']).next().unwrap_or_default();
        Known { name: name.into(), attributes: attributes(source) }
    }

    /// Whether a selector names the last one of some start tags inside each other.
    fn matches(selector: &str, tags: &[&str]) -> bool {
        let elements: Vec<Known> = tags.iter().map(|tag| element(tag)).collect();
        let elements: Vec<&Known> = elements.iter().collect();
        Selector::parse(selector).unwrap_or_else(|| panic!("{selector}")).matches(&elements)
    }

    #[test]
    fn an_element_is_named_by_what_its_tag_says() {
        let tags = &["<main>", "<ul class=list>", "<li id='a' class=\"one two\" data-x=\"y z\">"];
        for selector in [
            "li",
            "LI",
            "*",
            "#a",
            ".one",
            ".two",
            "li.two#a",
            "[data-x]",
            "[data-x='y z']",
            "ul li",
            "main li",
            "ul > li",
            "main .list > #a",
            "p, li",
            "[class=\"one two\"]",
            "main > ul > li",
        ] {
            assert!(matches(selector, tags), "{selector}");
        }
        for selector in ["ul", "#b", ".on", "main > li", "li li", "[data-x=y]", "li > ul", "p,ul"] {
            assert!(!matches(selector, tags), "{selector}");
        }
    }

    #[test]
    fn further_ancestors_are_tried_when_a_nearer_one_stands_elsewhere() {
        let tags = &["<main>", "<div class=a>", "<p>", "<div class=a>", "<b>"];
        assert!(matches("main > .a b", tags));
        assert!(!matches("main > p b", tags));
    }

    #[test]
    fn what_a_value_prints_is_not_named() {
        let tags = &["<p id=\"row-\u{fffc}\" class=\"on\u{fffc} b \u{fffc}\" \u{fffc}>"];
        assert!(matches(".b", tags));
        for selector in ["#row-", ".on", "#row-1"] {
            assert!(!matches(selector, tags), "{selector}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for selector in [
            "", " ", ",", "a,", "a:hover", "a + b", "a ~ b", "a >", "> a", "[a", "[a=]", "[a~=b]",
            "#", "a.", "a..b", "a#", "a\\:b", "..", "a > > b", "a b >", "[='x']", "a*", "[a=\"b]",
        ] {
            assert_eq!(Selector::parse(selector), None, "{selector}");
        }
    }
}
