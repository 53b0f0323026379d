//! The stack of open elements: tags go in, and it says which elements an HTML parser closes and
//! opens for them.
//!
//! It knows the elements that a body of a template opened itself, and the names of those around
//! it. A tag that closes an element around the body makes the body *unbalanced*: it cannot be
//! built apart from its surroundings. Where a parser moves or drops something, or would repeat an
//! element later, the stack no longer says where a hole stands; [`Reach`] tells how much of the
//! page is concerned, and that much is left to the parser of the page.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::names::{
    BREAKS_OUT, CLOSES_P, FORMATTING, HEADINGS, MARKERS, SCOPE, SPECIAL, TABLE_PARTS,
    TABLE_SECTIONS, VOID,
};
use crate::op::{Op, ValueId};
use crate::places::Places;
use crate::plan::Guard;
use crate::tokenizer::{Content, Tag, UNKNOWN};

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
    open: Vec<Element<T>>,
    places: Places,
    /// Whether a value in a table is taken for rows or cells. That is so in the templates of forms,
    /// which print their hidden fields there: a parser leaves those where they are.
    pub values_are_rows: bool,
    /// Where the plan may rely on what values print, what it relies on is noted here.
    pub trust: Option<Trust>,
}

/// What is relied on, by the value. Trial runs note it, too.
pub type Trust = Rc<RefCell<HashMap<ValueId, Guard>>>;

/// What a tag does to the stack.
#[derive(Debug, Default)]
pub struct Effect {
    /// How many of the open elements it closes first, from the innermost outwards.
    pub closes: usize,
    /// The elements around the body that it closes, too.
    pub closes_outer: usize,
    /// The elements that a parser opens before it, from the outermost.
    pub implies: &'static [&'static str],
    /// Whether a parser drops it.
    pub drops: bool,
    /// What a parser rearranges.
    pub reach: Option<Reach>,
}

/// How much of the page a parser may rearrange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// How many elements are around it.
    pub keep: usize,
    /// Whether it is one element, instead of all that stands in the innermost of those around.
    pub alone: bool,
}

impl Reach {
    /// Whether more is concerned than what stands inside so many elements.
    pub const fn is_beyond(self, depth: usize) -> bool {
        self.keep < depth || self.keep == depth && !self.alone
    }
}

/// Whether the name of a tag is that of an element, so that no value will go on with it.
pub fn is_known(name: &str) -> bool {
    is_special(name)
        || FORMATTING.contains(&name)
        || matches!(name, "span" | "label" | "option")
        || name.contains('-') && !name.ends_with('-')
}

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
        (Namespace::Math, "mi" | "mo" | "mn" | "ms" | "mtext") => Namespace::Html,
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
        let mut places = Places::default();
        for (at, (name, _)) in outer.iter().enumerate() {
            places.add(name, at);
        }
        Self { outer, open: Vec::new(), places, values_are_rows: false, trust: None }
    }

    /// The elements that were opened here, the outermost first.
    pub fn open(&self) -> &[Element<T>] {
        &self.open
    }

    /// What its user remembers of an element that was opened here.
    pub fn data(&mut self, at: usize) -> &mut T {
        &mut self.open[at].data
    }

    /// Takes so many of the elements that were opened here, the outermost first.
    pub fn close(&mut self, count: usize) -> Vec<Element<T>> {
        for element in self.open.iter().rev().take(count) {
            self.places.remove(&element.name);
        }
        self.open.split_off(self.open.len().saturating_sub(count))
    }

    /// What markup is written in here.
    pub fn namespace(&self) -> Namespace {
        self.open
            .last()
            .map(|element| element.inside)
            .or_else(|| self.outer.last().map(|(_, inside)| *inside))
            .unwrap_or_default()
    }

    /// All names, for a stack inside this one.
    pub fn names(&self) -> Vec<(String, Namespace)> {
        let open = self.open.iter().map(|element| (element.name.clone(), element.inside));
        self.outer.iter().cloned().chain(open).collect()
    }

    /// All names as one string, with a space between.
    pub fn path(&self) -> String {
        let outer = self.outer.iter().map(|(name, _)| name.as_str());
        let open = self.open.iter().map(|element| element.name.as_str());
        outer.chain(open).collect::<Vec<_>>().join(" ")
    }

    /// What a tag does. The caller removes the elements that it closes, opens those that it implies,
    /// then calls [`push`](Self::push) for a start tag.
    pub fn effect(&self, tag: &Tag) -> Effect {
        if let Some((start, _)) = tag.name.split_once(UNKNOWN)
            && !tag.is_end
        {
            return Effect { reach: Some(self.any_of(tag, start)), ..Effect::default() };
        }
        let depth = self.depth();
        let foreign = self.namespace() != Namespace::Html;
        let mut effect = Effect::default();
        let mut target = if tag.is_end {
            self.end(tag, foreign)
        } else if foreign {
            None
        } else {
            self.implied_end(&tag.name)
        };
        let mut reach = None;
        if tag.is_end && matches!(&*tag.name, "p" | "br") {
            // These make an element, but not where a template begins; and a drawing ends before it.
            reach = if foreign {
                Some(Reach { keep: 0, alone: false })
            } else {
                let around = depth.checked_sub(1);
                let reach = around
                    .map_or(Reach { keep: 0, alone: false }, |keep| Reach { keep, alone: true });
                target.is_none().then_some(reach)
            };
        }
        if !tag.is_end {
            if foreign {
                reach = self.break_out(tag);
            } else {
                // A colgroup ends before whatever is no column.
                if self.last() == Some("colgroup") && !matches!(&*tag.name, "col" | "template") {
                    target = target.or(Some(depth - 1));
                }
                let left = target.unwrap_or(depth);
                (effect.implies, reach) = self.start(tag, left);
                effect.drops = drops(tag, self.last_of(left)) || self.drops_form(tag);
            }
        }
        let closes = target.map_or(0, |index| depth - index);
        reach = reach.or_else(|| target.and_then(|index| self.repeated(tag, index)));
        if tag.after_text && reach.is_none() {
            reach = self.text();
        }
        effect.closes = closes.min(self.open.len());
        effect.closes_outer = closes - effect.closes;
        Effect { reach, ..effect }
    }

    /// What a parser may rearrange for a start tag whose name goes on with a value: it may be that of
    /// several elements, or of none. That a value makes it one that is dropped here is not assumed.
    fn any_of(&self, tag: &Tag, start: &str) -> Reach {
        let depth = self.depth();
        let own = Reach { keep: depth, alone: false };
        let known = SPECIAL.iter().chain(FORMATTING).chain(&["option", "optgroup"]);
        let known = known.filter(|name| name.starts_with(start)).map(|name| (*name).to_owned());
        let reaches = known.chain([format!("{start}-")]).filter_map(|name| {
            let may_drop = name == start;
            let effect = self.effect(&Tag { name, ..tag.clone() });
            let keep = depth - effect.closes - effect.closes_outer;
            let reach = effect.reach.filter(|reach| reach.is_beyond(keep));
            (may_drop || !effect.drops).then_some(reach.unwrap_or(Reach { keep, ..own }))
        });
        // What follows may be text, up to the end of the page.
        let text = text_of(start).map(|_| Reach { keep: 0, alone: false });
        reaches.chain(text).min_by_key(|reach| (reach.keep, reach.alone)).unwrap_or(own)
    }

    /// What a parser rearranges for text at this place.
    pub fn text(&self) -> Option<Reach> {
        let moves = |name: &str| in_table(name) || name == "colgroup";
        self.last().is_some_and(moves).then(|| self.table(self.depth()))
    }

    /// What a parser rearranges for what an operation prints at this place: a value is text, else it
    /// is markup.
    pub fn hole(&self, op: &Op) -> Option<Reach> {
        match op {
            Op::Value(_) if self.values_are_rows => None,
            Op::Value(id) if self.trusts(*id, self.guard()) => None,
            Op::Value(_) => self.text(),
            Op::Opaque(_) | Op::Filtered { .. } | Op::Call { .. } => {
                let is_completed = matches!(self.last(), Some("table" | "colgroup"));
                is_completed.then(|| self.table(self.depth()))
            }
            // A dynamic hole is compiled for its place.
            _ => None,
        }
    }

    /// Notes what a value has to print. Says no where there is no trust.
    pub fn trusts(&self, id: ValueId, guard: Option<Guard>) -> bool {
        let (Some(trust), Some(guard)) = (&self.trust, guard) else { return false };
        trust.borrow_mut().insert(id, guard);
        true
    }

    /// What a value has to print at this place, so that a parser leaves it there.
    fn guard(&self) -> Option<Guard> {
        match self.last()? {
            "tr" => Some(Guard::Cells),
            "tbody" | "thead" | "tfoot" => Some(Guard::Rows),
            _ => None,
        }
    }

    /// Which elements a parser opens before a start tag inside the outermost elements, so many, and
    /// what it rearranges.
    fn start(&self, tag: &Tag, left: usize) -> (&'static [&'static str], Option<Reach>) {
        let name = tag.name.as_str();
        let Some(last) = self.last_of(left) else { return (&[], None) };
        let anywhere = matches!(name, "script" | "style" | "template");
        let rearranged = |keep: usize, alone: bool| (&[][..], Some(Reach { keep, alone }));
        match last {
            // Such a form is empty, and counts for what comes after the table.
            _ if in_table(last) && name == "form" => rearranged(0, false),
            "table" => match name {
                "tr" => (&["tbody"], None),
                "td" | "th" => (&["tbody", "tr"], None),
                "col" => (&["colgroup"], None),
                _ if anywhere || TABLE_PARTS.contains(&name) => (&[], None),
                _ => (&[], Some(self.table(left))),
            },
            "tbody" | "thead" | "tfoot" => match name {
                "td" | "th" => (&["tr"], None),
                "tr" => (&[], None),
                _ if anywhere => (&[], None),
                _ => (&[], Some(self.table(left))),
            },
            "tr" => match name {
                "td" | "th" => (&[], None),
                _ if anywhere => (&[], None),
                _ => (&[], Some(self.table(left))),
            },
            "colgroup" => (&[], None),
            // The first tag decides what may follow.
            "template" if TABLE_PARTS.contains(&name) => rearranged(left - 1, true),
            "template" => (&[], None),
            _ if self.places.innermost("select", left).is_some()
                && !matches!(name, "option" | "optgroup" | "hr")
                && !anywhere =>
            {
                rearranged(self.places.innermost("select", left).unwrap_or(0), false)
            }
            _ if drops(tag, Some(last)) => rearranged(left - 1, true),
            _ if matches!(name, "a" | "nobr" | "form") => {
                let until: &[&str] = if name == "form" { &["template"] } else { MARKERS };
                let inner = self.places.innermost(name, left);
                let end = self.places.innermost_of(&without(until, name), left);
                match inner {
                    Some(inner) if end.is_none_or(|end| end < inner) => rearranged(inner, false),
                    _ => (&[], None),
                }
            }
            // What it is depends on the value of an attribute.
            _ if name == "image" => rearranged(left, false),
            _ => (&[], None),
        }
    }

    /// Whether it is the start tag of a form in a form.
    fn drops_form(&self, tag: &Tag) -> bool {
        tag.name == "form" && self.find(&["form"], &["template"]).is_some()
    }

    /// A drawing or a formula ends, and so does what ends before such a tag.
    fn break_out(&self, tag: &Tag) -> Option<Reach> {
        let breaks = BREAKS_OUT.contains(&tag.name.as_str())
            || matches!(&*tag.name, "var" | "annotation-xml" | "mglyph" | "malignmark");
        breaks.then_some(Reach { keep: 0, alone: false })
    }

    /// The element that an end tag closes.
    fn end(&self, tag: &Tag, foreign: bool) -> Option<usize> {
        let name = tag.name.as_str();
        let table = ["table", "template", "html"];
        if foreign {
            return self.find(
                &[name],
                &["foreignobject", "desc", "title", "mi", "mo", "mn", "ms", "mtext"],
            );
        }
        match name {
            _ if HEADINGS.contains(&name) => self.find(HEADINGS, &without(SCOPE, "button")),
            "table" => self.find(&["table"], &["template", "html"]),
            "template" => self.find(&["template"], &[]),
            _ if TABLE_PARTS.contains(&name) => self.find(&[name], &table),
            "p" => self.find(&["p"], SCOPE),
            "li" => self.find(&["li"], &[&without(SCOPE, "button")[..], &["ol", "ul"]].concat()),
            "select" => self.find(&["select"], &table),
            _ if is_special(name) || FORMATTING.contains(&name) => {
                let until = without(SCOPE, "button");
                self.find(&[name], &without(&until, name))
            }
            _ => {
                let at = self.places.innermost(name, self.depth())?;
                self.places.innermost_special().is_none_or(|end| end <= at).then_some(at)
            }
        }
    }

    fn depth(&self) -> usize {
        self.outer.len() + self.open.len()
    }

    fn last(&self) -> Option<&str> {
        self.last_of(self.depth())
    }

    /// The name of the innermost of so many elements.
    fn last_of(&self, left: usize) -> Option<&str> {
        left.checked_sub(1).map(|at| self.name(at))
    }

    fn name(&self, at: usize) -> &str {
        match self.outer.get(at) {
            Some((name, _)) => name,
            None => &self.open[at - self.outer.len()].name,
        }
    }

    /// What the children of one of so many elements are written in.
    fn inside_of(&self, at: usize) -> Namespace {
        match self.outer.get(at) {
            Some((_, inside)) => *inside,
            None => self.open[at - self.outer.len()].inside,
        }
    }

    /// Opens the element of a start tag, unless it is empty; returns what its text is.
    pub fn push(&mut self, tag: &Tag, data: T) -> Content {
        let here = self.namespace();
        let foreign = here != Namespace::Html;
        if is_void(&tag.name) && !foreign || foreign && tag.self_closing {
            return Content::Normal;
        }
        let inside = inside(here, &tag.name);
        self.open_element(&tag.name, inside, data);
        text_of(&tag.name).filter(|_| !foreign).unwrap_or(Content::Normal)
    }

    /// Takes so many of the elements around, after all that were opened here.
    pub fn close_outer(&mut self, count: usize) -> Vec<(String, Namespace)> {
        let closed = self.outer.split_off(self.outer.len() - count);
        for (name, _) in closed.iter().rev() {
            self.places.remove(name);
        }
        closed
    }

    /// Opens an element that an operation opens.
    pub fn open_element(&mut self, name: &str, inside: Namespace, data: T) {
        self.places.add(name, self.depth());
        self.open.push(Element { name: name.into(), inside, data });
    }

    /// Opens an element that a parser implies.
    pub fn imply(&mut self, name: &str, data: T) {
        self.open_element(name, Namespace::Html, data);
    }

    fn implied_end(&self, name: &str) -> Option<usize> {
        let table = ["table", "template"];
        let depth = self.depth();
        let own = match name {
            "li" => self.find_item(&["li"]),
            "dd" | "dt" => self.find_item(&["dd", "dt"]),
            "option" if self.last() == Some("option") => Some(depth - 1),
            "button" => self.find(&["button"], &without(SCOPE, "button")),
            "optgroup" | "hr" if self.places.innermost("select", depth).is_some() => self
                .find(&["optgroup"], &["select"])
                .or_else(|| self.find(&["option"], &["select"])),
            _ if HEADINGS.contains(&name)
                && self.last().is_some_and(|last| HEADINGS.contains(&last)) =>
            {
                Some(depth - 1)
            }
            "tr" => self.find(&["tr"], &table),
            "table" if self.text().is_some() => self.find(&["table"], &["template"]),
            "td" | "th" => self.find(&["td", "th"], &["tr", "table", "template"]),
            "tbody" | "thead" | "tfoot" | "caption" | "colgroup" | "col" => {
                let parts = ["caption", "colgroup", "tbody", "tfoot", "thead"];
                let at = self.find(&parts, &table);
                at.filter(|at| name != "col" || self.name(*at) != "colgroup" || *at + 1 < depth)
            }
            _ => None,
        };
        let caption = if name == "tr" || name == "td" || name == "th" {
            self.find(&["caption"], &table)
        } else {
            None
        };
        let paragraph = if CLOSES_P.contains(&name) { self.find(&["p"], SCOPE) } else { None };
        [own, paragraph, caption].into_iter().flatten().min()
    }

    /// An item of a list ends before the next one, but not over what is no plain block.
    fn find_item(&self, items: &[&str]) -> Option<usize> {
        let at = self.places.innermost_of(items, self.depth())?;
        self.places.innermost_no_plain_block().is_none_or(|end| end <= at).then_some(at)
    }

    /// The place of the innermost element with one of these names, counted from the outermost,
    /// unless an element that ends the search stands further in.
    fn find(&self, names: &[&str], until: &[&str]) -> Option<usize> {
        let at = self.places.innermost_of(names, self.depth())?;
        let end = self.places.innermost_of(until, self.depth());
        end.is_none_or(|end| end <= at).then_some(at)
    }

    /// What a parser repeats or moves because a tag closes everything from `index` inwards.
    fn repeated(&self, tag: &Tag, index: usize) -> Option<Reach> {
        let outermost = self.name(index);
        let own = tag.is_end && tag.name == outermost;
        let own_formatting = own && may_be_formatting(outermost);
        let own_form = own && outermost == "form";
        let first = index + usize::from(own_formatting || own_form);
        let mut closed = (first..self.depth()).map(|at| self.name(at));
        if closed.clone().any(|name| name == "form") {
            // A parser takes it for open until its end tag comes, and drops other forms.
            return Some(Reach { keep: 0, alone: false });
        }
        // Inside a drawing HTML does not end with what is around it there.
        let is_html = |at: usize| self.inside_of(at) == Namespace::Html;
        let border = (index.max(1)..self.depth()).rfind(|at| is_html(*at) && !is_html(at - 1));
        let around = index.checked_sub(1).is_none_or(is_html);
        if border.is_some_and(|at| at + 1 < self.depth() || around) {
            return Some(Reach { keep: 0, alone: false });
        }
        // An element whose name goes on may be the one that the tag closes, or end the search for it.
        let goes_on = |names: &[&str]| {
            let mut inner = (index + usize::from(own)..self.depth()).map(|at| self.name(at));
            inner.any(|name| goes_on_as(name, names))
        };
        let is_block = is_special(outermost);
        let is_unsure = goes_on(if tag.is_end && is_block { SCOPE } else { SPECIAL });
        let may_be_own = goes_on(&[&tag.name]);
        let is_moved = |name| may_be_formatting(name) || own_formatting && is_special(name);
        if is_unsure
            || may_be_own && !is_block
            || !MARKERS.contains(&outermost) && closed.clone().any(is_moved)
        {
            let marker = self.places.innermost_of(MARKERS, index);
            return Some(Reach { keep: marker.map_or(0, |marker| marker + 1), alone: false });
        }
        // Such a form is closed alone, and the elements in it stay open.
        let stay_open = own_form && !closed.all(ends_by_itself);
        (stay_open || may_be_own).then_some(Reach { keep: index, alone: false })
    }

    /// The innermost table of so many elements, which text and markup is moved out of; else the
    /// outermost of all.
    fn table(&self, left: usize) -> Reach {
        Reach { keep: self.places.innermost("table", left).unwrap_or(0), alone: true }
    }
}

/// Whether text in an element of this name is moved out of its table.
fn in_table(name: &str) -> bool {
    TABLE_SECTIONS.contains(&name) || matches!(name, "table" | "tr")
}

/// What the text of an element is, if that is no markup.
pub fn text_of(name: &str) -> Option<Content> {
    Some(match name {
        "textarea" | "title" => Content::Escaped,
        "script" => Content::Script,
        "plaintext" => Content::Plain,
        "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => Content::Raw,
        _ => return None,
    })
}

/// Whether a parser ignores a start tag inside an element of this name.
fn drops(tag: &Tag, around: Option<&str>) -> bool {
    let name = tag.name.as_str();
    match around {
        None | Some("table" | "tbody" | "thead" | "tfoot" | "tr" | "colgroup" | "template") => {
            false
        }
        Some("html") if matches!(name, "head" | "body" | "frameset") => false,
        _ => {
            TABLE_PARTS.contains(&name)
                || matches!(name, "html" | "head" | "body" | "frame" | "frameset")
        }
    }
}

/// Whether it is an element that a parser repeats, or may be one.
fn may_be_formatting(name: &str) -> bool {
    FORMATTING.contains(&name) || goes_on_as(name, FORMATTING)
}

/// Whether it may become one of these with what stands in the hole of its name.
fn goes_on_as(name: &str, names: &[&str]) -> bool {
    let start = name.split_once(UNKNOWN).map(|(start, _)| start);
    start.is_some_and(|start| names.iter().any(|name| name.starts_with(start)))
}

/// Whether more of some element that a parser repeats, or of forms, are opened than closed.
pub fn leaves_open(texts: &[&str]) -> bool {
    let count = |opening: &str, name: &str| -> usize {
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        let starts = |text: &str| {
            text.split(opening)
                .skip(1)
                .filter(|rest| {
                    let found = rest.get(..name.len());
                    found.is_some_and(|found| found.eq_ignore_ascii_case(name))
                        && ends(&rest[name.len()..])
                })
                .count()
        };
        texts.iter().map(|text| starts(text)).sum()
    };
    FORMATTING.iter().chain(&["form"]).any(|name| count("<", name) > count("</", name))
}

fn without(names: &[&'static str], name: &str) -> Vec<&'static str> {
    names.iter().copied().filter(|each| *each != name).collect()
}

/// Whether a parser treats a tag otherwise where another element is open.
pub fn depends_on(tag: &Tag, other: &str) -> bool {
    let name = tag.name.as_str();
    let is_around = |other: &str| SCOPE.contains(&other);
    if tag.is_end {
        return matches!(name, "p" | "br") && (other == "p" || is_around(other));
    }
    match name {
        "a" | "nobr" | "button" | "form" | "select" => other == name || other == "select",
        "html" | "head" | "body" | "frameset" => true,
        _ => TABLE_PARTS.contains(&name) && (TABLE_PARTS.contains(&other) || is_around(other)),
    }
}

/// Whether its end tag may always be left out.
fn ends_by_itself(name: &str) -> bool {
    matches!(name, "dd" | "dt" | "li" | "optgroup" | "option" | "p" | "rb" | "rp" | "rt" | "rtc")
}

/// Whether the end tag of `name` closes it whichever of `inner` are open in it.
pub fn closes_over(name: &str, inner: &[String]) -> bool {
    let is_part = TABLE_PARTS.contains(&name) || name == "table";
    let scope = |each: &String| match each.as_str() {
        "caption" | "td" | "th" => !is_part,
        "button" => name == "p",
        each => SCOPE.contains(&each) || goes_on_as(each, SCOPE) || goes_on_as(each, &[name]),
    };
    let is_special = is_special(name) && !matches!(name, "form" | "p");
    let ends_search = |each: &String| self::is_special(each) || goes_on_as(each, SPECIAL);
    (is_special || !inner.iter().any(ends_search)) && name != "form" && !inner.iter().any(scope)
}

pub(crate) fn is_special(name: &str) -> bool {
    SPECIAL.contains(&name)
}
