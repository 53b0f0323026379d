//! The operations of a body as one flat sequence: scopes become two borders, neighbouring texts one
//! text. Places in it can be cut out, and made operations again.

use crate::elements::{Elements, Namespace};
use crate::op::{Op, ScopeId};
use crate::plan::Step;
use crate::scan::{any_text, may_be_empty, starts_with_space};
use crate::tokenizer::{Content, Tokenizer};

/// An operation of a body, or the border of a scope in it.
#[derive(Clone, Debug)]
pub(crate) enum Item<'o> {
    Text(String),
    Op(&'o Op),
    Enter(ScopeId),
    Leave(ScopeId),
}

impl Item<'_> {
    pub(crate) fn prints(&self) -> bool {
        !matches!(self, Self::Op(Op::Set(_)) | Self::Enter(_) | Self::Leave(_))
    }
}

/// A place among items: an index, and an offset in the text there.
pub(crate) type Place = (usize, usize);

pub(crate) fn flatten<'o>(ops: &'o [Op], inline_root: bool, items: &mut Vec<Item<'o>>) {
    for op in ops {
        match op {
            Op::Text(text) => match items.last_mut() {
                Some(Item::Text(before)) => before.push_str(text),
                _ => items.push(Item::Text(text.clone())),
            },
            Op::Scope { id, body } => scope(*id, body, inline_root, items),
            Op::Include { id, body } if inline_root && any_text(body, &has_root) => {
                scope(*id, body, inline_root, items);
            }
            op => items.push(Item::Op(op)),
        }
    }
}

pub(crate) fn scope<'o>(id: ScopeId, body: &'o [Op], inline_root: bool, items: &mut Vec<Item<'o>>) {
    items.push(Item::Enter(id));
    flatten(body, inline_root, items);
    items.push(Item::Leave(id));
}

pub(crate) fn has_root(text: &str) -> bool {
    ["dj-root", "<body", "<BODY"].iter().any(|word| text.contains(word))
}

/// Where an element begins that may be the root, and the elements around its children.
type Start = (Place, Vec<(String, Namespace)>);

/// The live region: where it starts, where it ends, and the elements around it.
pub(crate) type Located = (Place, Place, Vec<(String, Namespace)>);

/// Finds the live region.
pub(crate) fn locate(items: &[Item<'_>]) -> Located {
    let whole = ((0, 0), (items.len(), 0), Vec::new());
    let mut body = None;
    let mut region = None;
    let mut tokenizer = Tokenizer::default();
    let mut elements: Elements<Option<Start>> = Elements::inside(Vec::new());
    for (index, item) in items.iter().enumerate() {
        let text = match item {
            Item::Text(text) => text,
            Item::Op(op)
                if tokenizer.may_be_in_name()
                    && (starts_with_space(op) || tokenizer.follows_name(op).is_some()) =>
            {
                tokenizer.attributes(may_be_empty(op));
                continue;
            }
            // The border of a scope prints nothing.
            Item::Enter(_) | Item::Leave(_) if tokenizer.may_be_in_name() => continue,
            _ => {
                tokenizer.hole();
                continue;
            }
        };
        tokenizer.feed(index, text, &mut |tag| {
            let effect = elements.effect(tag);
            for element in elements.close(effect.closes).into_iter().rev() {
                let Some((start, around)) = element.data else { continue };
                let found = Some((start, (index, tag.start), around));
                if element.name == "body" {
                    body = body.take().or(found);
                } else {
                    region = region.take().or(found);
                }
            }
            for name in effect.implies {
                elements.imply(name, None);
            }
            if tag.is_end || effect.drops {
                return (Content::Normal, elements.namespace() != Namespace::Html);
            }
            let is_root = tag.attributes.iter().any(|name| name == "dj-root");
            let content = elements.push(tag, None);
            if is_root || tag.name == "body" {
                let around = elements.names();
                if let Some(at) = elements.open().len().checked_sub(1) {
                    *elements.data(at) = Some(((index, tag.end), around));
                }
            }
            (content, elements.namespace() != Namespace::Html)
        });
    }
    for element in elements.close(usize::MAX).into_iter().rev() {
        let Some((start, around)) = element.data else { continue };
        let found = Some((start, whole.1, around));
        if element.name == "body" {
            body = body.or(found);
        } else {
            region = region.or(found);
        }
    }
    // A `body` may itself be the root.
    region.or(body).unwrap_or(whole)
}

/// The items between two places.
pub(crate) fn cut<'o>(items: &[Item<'o>], start: Place, end: Place) -> Vec<Item<'o>> {
    let mut inside = Vec::new();
    for (index, item) in items.iter().enumerate().take(end.0 + 1).skip(start.0) {
        match item {
            Item::Text(text) => {
                let from = if index == start.0 { start.1 } else { 0 };
                let to = if index == end.0 { end.1 } else { text.len() };
                if from < to {
                    inside.push(Item::Text(text[from..to].into()));
                }
            }
            other if index < end.0 => inside.push(other.clone()),
            _ => {}
        }
    }
    inside
}

/// The steps outside the region: what may change names, and the scopes around it.
pub(crate) fn outside(items: &[Item<'_>]) -> Vec<Step> {
    let mut steps = Vec::new();
    for item in items {
        match item {
            Item::Op(op) if op.may_write() => steps.push(Step::Run(vec![(*op).clone()])),
            Item::Enter(id) => steps.push(Step::Enter(*id)),
            Item::Leave(id) => match steps.last() {
                Some(Step::Enter(entered)) if entered == id => {
                    steps.pop();
                }
                _ => steps.push(Step::Leave(*id)),
            },
            _ => {}
        }
    }
    steps
}

/// Operations again, with the scopes among them nested; the borders of scopes that begin or end
/// elsewhere separate the groups.
pub(crate) fn regroup(items: &[Item<'_>]) -> Vec<Result<Vec<Op>, Step>> {
    let mut groups = vec![Vec::new()];
    let mut borders = Vec::new();
    let mut open: Vec<(ScopeId, Vec<Op>, usize)> = Vec::new();
    // Scopes that never end here are borders, too.
    let mut depth = Vec::new();
    let mut unmatched = vec![false; items.len()];
    for (index, item) in items.iter().enumerate() {
        match item {
            Item::Enter(_) => depth.push(index),
            Item::Leave(_) => {
                let opened = depth.pop();
                unmatched[index] = opened.is_none();
            }
            _ => {}
        }
    }
    for index in depth {
        unmatched[index] = true;
    }
    for (index, item) in items.iter().enumerate() {
        let top =
            |open: &mut Vec<(ScopeId, Vec<Op>, usize)>, groups: &mut Vec<Vec<Op>>, op| match open
                .last_mut()
            {
                Some((_, body, _)) => body.push(op),
                None => groups.last_mut().expect("there is always a group").push(op),
            };
        match item {
            Item::Text(text) => top(&mut open, &mut groups, Op::Text(text.clone())),
            Item::Op(op) => top(&mut open, &mut groups, (*op).clone()),
            Item::Enter(id) if unmatched[index] => {
                borders.push(Step::Enter(*id));
                groups.push(Vec::new());
            }
            Item::Leave(id) if unmatched[index] => {
                borders.push(Step::Leave(*id));
                groups.push(Vec::new());
            }
            Item::Enter(id) => open.push((*id, Vec::new(), index)),
            Item::Leave(_) => {
                if let Some((id, body, _)) = open.pop() {
                    top(&mut open, &mut groups, Op::Scope { id, body });
                }
            }
        }
    }
    let mut result = Vec::new();
    let mut borders = borders.into_iter();
    for group in groups {
        if !group.is_empty() {
            result.push(Ok(group));
        }
        result.extend(borders.next().map(Err));
    }
    result
}

/// All static text in some items, whichever branches it stands in.
pub(crate) fn texts<'i>(items: &'i [Item<'_>]) -> Vec<&'i str> {
    let mut texts = Vec::new();
    for item in items {
        match item {
            Item::Text(text) => texts.push(text.as_str()),
            Item::Op(op) => texts_in(std::slice::from_ref(*op), &mut texts),
            Item::Enter(_) | Item::Leave(_) => {}
        }
    }
    texts
}

fn texts_in<'i>(ops: &'i [Op], texts: &mut Vec<&'i str>) {
    for op in ops {
        match op {
            Op::Text(text) => texts.push(text),
            Op::If(branches) => branches.iter().for_each(|(_, body)| texts_in(body, texts)),
            Op::For { body, empty, .. } => {
                texts_in(body, texts);
                texts_in(empty, texts);
            }
            Op::Scope { body, .. }
            | Op::Include { body, .. }
            | Op::Procedure { body, .. }
            | Op::Guard(body) => texts_in(body, texts),
            // What these print is a value.
            Op::Filtered { .. } | Op::Value(_) | Op::Dynamic(_) | Op::Opaque(_) => {}
            Op::Edge(_) | Op::Check(..) | Op::Set(_) | Op::Call { .. } => {}
        }
    }
}
