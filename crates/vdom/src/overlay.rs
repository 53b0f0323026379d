//! Changes that are shown before the server has answered: what the user meant goes in, and the tree
//! is shown with that laid over it.
//!
//! ```text
//! kept   the server's tree                      frames change it, and say nothing
//! shown  a copy of it with all open changes     compared with what the page shows
//! ```
//!
//! As long as a root has open changes, its frames go to the kept tree alone. After each of them, and
//! after each change that comes or goes, a copy of the kept tree is edited, written back as bytes and
//! shown by the same diff that shows a mount frame. So nothing is ever undone by hand: what the page
//! shows follows from the server's tree and the changes that are still open, in their order, and the
//! page is touched only where that differs from what it shows. The cost is that of a full frame, for
//! as long as a change is open.
//!
//! What a change may touch, the notes of the templates say ([`protocol::Variable`]).
//!
//! This file is a part that few pages load (docs/decisions/parts.md): what others call here is not
//! inlined.

use alloc::{vec, vec::Vec};

use protocol::{HoleKind, Scan, TemplateId, Variable, write};

use crate::{
    Engine, WriteMutations,
    engine::Goal,
    place::Step,
    template::Template,
    tree::Instance,
    values::{Values, is_equal},
    walk::{FALSE, TRUE},
};

/// What a note says of a case that only the server can show.
const NIL: u8 = 0xc0;
/// The empty text.
const EMPTY: u8 = 0xa0;
/// The template of a condition that holds nothing.
pub(crate) const NOTHING: u32 = u32::MAX;

/// Something that the user did and the server has not confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlay {
    /// Where it was done.
    pub path: Vec<Step>,
    /// The variable that it changes.
    pub name: Vec<u8>,
    /// What becomes of it.
    pub change: Change,
}

/// What becomes of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// True becomes false, and what is not true becomes true.
    Toggle,
    /// An integer grows or shrinks.
    Add(i64),
    /// It becomes this: an encoded boolean, integer or text.
    Set(Vec<u8>),
    /// A list gets a row at its end, or at its beginning, made of parameters: an encoded map.
    Insert {
        /// The parameters.
        params: Vec<u8>,
        /// Whether it is the first one.
        first: bool,
    },
    /// The row around the place goes.
    Remove,
}

impl Engine {
    /// Shows the server's tree with changes over it, in their order. Until it is called without any,
    /// frames change the server's tree alone, and it is to be called after each of them.
    #[inline(never)]
    pub fn lay<W>(&mut self, root: u32, overlays: &[&Overlay], out: &mut W)
    where
        W: WriteMutations + ?Sized,
    {
        let Self { templates, roots, values, .. } = self;
        let Some(live) = roots.iter_mut().find(|live| live.number == root) else { return };
        if live.rows.is_empty() || live.kept.is_none() && overlays.is_empty() {
            return;
        }
        let mut shown = live.kept.get_or_insert_with(|| off_page(&live.rows)).clone();
        Editor { templates, values }.lay(&mut shown, overlays);
        let (mut bytes, mut template) = (Vec::new(), 0);
        if let Some(tree) = shown.first() {
            template = tree.template;
            self.write(tree, &mut bytes);
        }
        // It can only be refused if a note of a template is wrong; then the page stays as it is.
        let _ = self.frame(root, Goal::Lay(TemplateId(template)), &bytes, out);
        if let Some(live) = self.roots.iter_mut().find(|live| live.number == root)
            && overlays.is_empty()
        {
            live.kept = None;
        }
    }
}

/// A copy of instances that is not on the page.
fn off_page(rows: &[Instance]) -> Vec<Instance> {
    let mut copies = rows.to_vec();
    for copy in &mut copies {
        copy.base = 0;
        copy.children.iter_mut().for_each(|rows| *rows = off_page(rows));
    }
    copies
}

/// The templates and values, while trees are read and edited.
pub(crate) struct Editor<'a> {
    pub templates: &'a [Template],
    pub values: &'a mut Values,
}

/// What is done where a variable is noted.
enum Act<'e> {
    /// Find out what it is: whether it is known here, and its value.
    Get(bool, Option<Vec<u8>>),
    /// Show that it has become this.
    Set(&'e [u8]),
    /// Give the list that it is a row.
    Insert(&'e [u8], bool),
}

impl<'a> Editor<'a> {
    /// Lays changes over a tree.
    pub fn lay(&mut self, tree: &mut [Instance], overlays: &[&Overlay]) {
        for overlay in overlays {
            if overlay.change == Change::Remove {
                self.remove(tree, &overlay.path);
            } else {
                self.change(tree, overlay);
            }
        }
    }

    /// Changes a variable of the innermost row that has it, or else of the view.
    fn change(&mut self, tree: &mut [Instance], overlay: &Overlay) {
        for end in (1..=overlay.path.len()).rev() {
            let place = overlay.path.get(..end).unwrap_or_default();
            let is_row = place.last().is_some_and(|step| step.is_row);
            let Some(row) = self.row(tree, place).filter(|_| is_row || end == 1) else { continue };
            let mut found = Act::Get(false, None);
            self.inside(row, u32::from(is_row), &overlay.name, &mut found);
            let Act::Get(true, value) = found else { continue };
            let mut new = Vec::new();
            let mut act = Act::Set(&[]);
            match (&overlay.change, value) {
                (Change::Set(value), _) => act = Act::Set(value),
                (Change::Insert { params, first }, _) => act = Act::Insert(params, *first),
                (Change::Toggle, Some(value)) => write::boolean(&mut new, !is_true(&value)),
                (Change::Add(more), Some(value)) => match number(&value) {
                    Some(number) => write::int(&mut new, number.saturating_add(*more)),
                    None => return,
                },
                _ => return,
            }
            if !new.is_empty() {
                act = Act::Set(&new);
            }
            self.inside(row, u32::from(is_row), &overlay.name, &mut act);
            return;
        }
    }

    /// Acts wherever a variable is noted, from an instance on: `rows` is how many rows out the
    /// variable is given here.
    fn inside(&mut self, row: &mut Instance, rows: u32, name: &[u8], act: &mut Act<'_>) {
        let template = self.template(row.template);
        for note in notes(template) {
            if note.rows != rows || !is_equal(note.name, name) {
                continue;
            }
            match act {
                Act::Get(is_known, value) => {
                    *is_known = true;
                    // What a slot prints says more than that the variable is true.
                    if value.as_deref().is_none_or(|value| matches!(value, [FALSE | TRUE])) {
                        *value = self.get(row, &note).or(value.take());
                    }
                }
                Act::Set(value) => self.set(row, &note, value),
                Act::Insert(params, first) => self.insert(row, &note, params, *first),
            }
        }
        for (structure, inside) in template.structures.iter().zip(&mut row.children) {
            let further = rows > 0 && structure.kind == HoleKind::List;
            for row in inside {
                self.inside(row, rows + u32::from(further), name, act);
            }
        }
    }

    /// The value of a variable, as far as a slot tells: as it is printed, or true or false.
    fn get(&self, row: &Instance, note: &Variable<'_>) -> Option<Vec<u8>> {
        let template = self.template(row.template);
        let index = note.slot.checked_sub(template.scalars);
        let Some([yes, no]) = note.cases else {
            return index.is_none().then(|| self.slot(row, note.slot).into());
        };
        let is = |case: &[u8]| match index {
            None => is_equal(self.slot(row, note.slot), case),
            Some(index) => {
                let inside = row.children.get(index as usize);
                inside.and_then(|inside| inside.first()).map_or(NOTHING, |body| body.template)
                    == template_of(case)
            }
        };
        let holds = if *yes == [NIL] { !is(no) } else { is(yes) };
        match note.equals {
            None => Some(vec![if holds { TRUE } else { FALSE }]),
            Some(equal) => holds.then(|| equal.into()),
        }
    }

    /// Lets a slot say what a variable has become.
    fn set(&mut self, row: &mut Instance, note: &Variable<'_>, value: &[u8]) {
        let template = self.template(row.template);
        let value = printed(value);
        let new = match note.cases {
            None => value,
            Some([yes, no]) => {
                let holds = match note.equals {
                    None => is_true(value),
                    Some(equal) => is_equal(equal, value),
                };
                if holds { yes } else { no }
            }
        };
        let Some(index) = note.slot.checked_sub(template.scalars) else {
            let old = self.values.get(row.span);
            let (before, after) = (position(old, note.slot), position(old, note.slot + 1));
            let mut span = Vec::from(old.get(..before).unwrap_or_default());
            span.extend_from_slice(new);
            span.extend_from_slice(old.get(after..).unwrap_or_default());
            row.span = self.values.push(&span);
            return;
        };
        // What a condition shows comes first. The last one is what the server has there: it comes
        // back where nothing else can be shown.
        if let Some(inside) = row.children.get_mut(index as usize)
            && note.cases.is_some()
        {
            if *new == [NIL] {
                let last = inside.pop();
                inside.clear();
                inside.extend(last);
            } else {
                let body = Instance { template: template_of(new), ..Instance::default() };
                inside.insert(0, body);
            }
        }
    }

    /// Gives a list a row of which nothing is known but parameters: `todo.title` is that of the name
    /// `title`.
    fn insert(&mut self, row: &mut Instance, note: &Variable<'_>, params: &[u8], first: bool) {
        let template = self.template(row.template);
        let index = note.slot.wrapping_sub(template.scalars) as usize;
        let Some(structure) = template.structures.get(index) else { return };
        let Some(rows) = row.children.get_mut(index) else { return };
        if structure.kind == HoleKind::List {
            let mut new = self.blank(structure.number);
            for note in notes(self.template(structure.number)) {
                if note.rows == 1 {
                    let field = note.name.iter().position(|&byte| byte == b'.');
                    let field = note.name.get(field.map_or(0, |at| at + 1)..).unwrap_or_default();
                    self.set(&mut new, &note, param(params, field));
                }
            }
            rows.insert(if first { 0 } else { rows.len() }, new);
        }
    }

    /// An instance of empty texts, with nothing in its structures.
    fn blank(&mut self, number: u32) -> Instance {
        let template = self.template(number);
        let mut children = Vec::new();
        for structure in &template.structures {
            // A definition names none after itself.
            let mut inside = Vec::new();
            if structure.kind == HoleKind::Fragment && structure.number < number {
                inside.push(self.blank(structure.number));
            }
            children.push(inside);
        }
        let span = self.values.push(&vec![EMPTY; template.scalars as usize]);
        Instance { template: number, span, children, ..Instance::default() }
    }

    /// Takes the innermost row of a path away.
    fn remove(&mut self, tree: &mut [Instance], path: &[Step]) {
        let Some(at) = path.iter().rposition(|step| step.is_row) else { return };
        if let Some((before, after)) = path.split_at_checked(at)
            && let Some(step) = after.first()
            && let Some(around) = self.row(tree, before)
            && let Some(rows) = around.children.get_mut(step.structure as usize)
            && let Some(index) = self.index(rows, step)
        {
            let mut at = 0..;
            rows.retain(|_| at.next() != Some(index));
        }
    }

    /// The instance at the end of a path, if it is still there.
    fn row<'t>(&self, rows: &'t mut [Instance], path: &[Step]) -> Option<&'t mut Instance> {
        let (step, rest) = path.split_first()?;
        let row = rows.get_mut(self.index(rows, step)?)?;
        match rest.first() {
            Some(next) => self.row(row.children.get_mut(next.structure as usize)?, rest),
            None => Some(row),
        }
    }

    fn index(&self, rows: &[Instance], step: &Step) -> Option<usize> {
        let is_it = |row: &Instance| row.template == step.template;
        if step.key.is_empty() {
            let index = step.index as usize;
            return rows.get(index).is_some_and(is_it).then_some(index);
        }
        rows.iter().position(|row| is_it(row) && self.key(row) == Some(&step.key))
    }

    pub fn key(&self, row: &Instance) -> Option<&[u8]> {
        Some(self.slot(row, self.template(row.template).key?))
    }

    /// An encoded scalar of an instance.
    fn slot(&self, row: &Instance, slot: u32) -> &[u8] {
        let values = self.values.get(row.span);
        let (from, to) = (position(values, slot), position(values, slot + 1));
        values.get(from..to).unwrap_or_default()
    }

    pub fn template(&self, number: u32) -> &'a Template {
        self.templates.get(number as usize).unwrap_or(Template::NONE)
    }
}

/// What is known of the variables of a template.
fn notes<'t>(template: &'t Template) -> impl Iterator<Item = Variable<'t>> {
    let mut scan = Scan::new(&template.variables);
    let count = scan.array_len();
    (0..count).map_while(move |_| {
        let note = Variable::read(&mut scan);
        (!scan.has_failed()).then_some(note)
    })
}

/// Where a value begins.
fn position(values: &[u8], slot: u32) -> usize {
    let mut scan = Scan::new(values);
    for _ in 0..slot {
        scan.value();
    }
    scan.position()
}

/// The template of a case of a condition.
fn template_of(case: &[u8]) -> u32 {
    let mut scan = Scan::new(case);
    let number = scan.uint();
    if scan.has_failed() { NOTHING } else { number }
}

/// Whether Python takes a value for true that prints like this.
fn is_true(value: &[u8]) -> bool {
    !matches!(value, [] | [0 | NIL | FALSE | EMPTY] | b"\xa5False" | b"\xa4None")
}

/// An encoded integer.
fn number(value: &[u8]) -> Option<i64> {
    let (&head, bytes) = value.split_first()?;
    let mut number = match head {
        0x00..=0x7f => return Some(head.into()),
        0xe0..=0xff => return Some((head as i8).into()),
        0xd0..=0xd3 if bytes.first()? & 0x80 > 0 => -1,
        0xcc..=0xd3 => 0,
        _ => return None,
    };
    for &byte in bytes {
        number = number << 8 | i64::from(byte);
    }
    Some(number)
}

/// What Django prints of a boolean, an integer or a text; nothing of anything else.
fn printed(value: &[u8]) -> &[u8] {
    let mut scan = Scan::new(value);
    scan.scalar();
    match value {
        [FALSE] => b"\xa5False",
        [TRUE] => b"\xa4True",
        _ if scan.finish().is_ok() => value,
        _ => &[EMPTY],
    }
}

/// The value of a parameter, encoded; nothing if there is none of this name.
#[must_use]
pub fn param<'p>(params: &'p [u8], name: &[u8]) -> &'p [u8] {
    let mut scan = Scan::new(params);
    let mut left = scan.map_len();
    while left > 0 && !scan.has_failed() {
        left -= 1;
        let is_it = is_equal(scan.str(), name);
        let value = scan.value();
        if is_it {
            return value;
        }
    }
    &[]
}
