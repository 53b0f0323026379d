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

use alloc::{vec, vec::Vec};

use protocol::{HoleKind, Scan, Variable, write};

use crate::{
    template::Template,
    tree::Instance,
    values::{Values, is_equal},
    walk::{FALSE, TRUE},
};

/// What a note says of a case that only the server can show.
const NIL: u8 = 0xc0;

/// One instance on the way from a root to an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    template: u32,
    /// The structure that holds it, in the instance before.
    structure: u32,
    /// Which of the instances there it is: by its key, or else by its index.
    index: u32,
    key: Vec<u8>,
    is_row: bool,
}

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

/// The templates and values, while trees are read and edited.
pub(crate) struct Editor<'a> {
    pub templates: &'a [Template],
    pub values: &'a mut Values,
}

/// Takes an instance with a note of the variable in question; true ends the search.
type Each<'e> = dyn FnMut(&mut Editor<'_>, &mut Instance, &Variable<'_>) -> bool + 'e;

impl<'a> Editor<'a> {
    /// Appends the way to the instance that owns a node. False: none of these has it inside.
    pub fn find(
        &self,
        rows: &[Instance],
        node: u32,
        structure: u32,
        is_row: bool,
        path: &mut Vec<Step>,
    ) -> bool {
        for (index, row) in (0..).zip(rows) {
            let template = self.template(row.template);
            let key = self.key(row).unwrap_or_default().into();
            path.push(Step { template: row.template, structure, index, key, is_row });
            let mut inside = (0..).zip(template.structures.iter().zip(&row.children));
            if node.wrapping_sub(row.base) < template.ids
                || inside.any(|(at, (structure, rows))| {
                    self.find(rows, node, at, structure.kind == HoleKind::List, path)
                })
            {
                return true;
            }
            path.pop();
        }
        false
    }

    /// Lays changes over a tree.
    pub fn lay(&mut self, tree: &mut [Instance], overlays: &[&Overlay]) {
        // Step 1: what each variable comes to. Only then is it written: a body that was taken away
        // for a moment could not be shown again.
        let mut known: Vec<(&[Step], &[u8], Vec<u8>)> = Vec::new();
        for overlay in overlays {
            let Some((place, mut value)) = self.scope(tree, overlay) else { continue };
            let name = overlay.name.as_slice();
            let open = known.iter_mut().find(|open| open.0 == place && open.1 == name);
            if let Some(open) = &open {
                value = Some(open.2.clone());
            }
            let mut new = Vec::new();
            match (&overlay.change, value) {
                (Change::Set(value), _) => new.extend_from_slice(value),
                (Change::Toggle, Some(value)) => write::boolean(&mut new, !is_true(&value)),
                (Change::Add(more), Some(value)) => match number(&value) {
                    Some(number) => write::int(&mut new, number.saturating_add(*more)),
                    None => continue,
                },
                _ => continue,
            }
            match open {
                Some(open) => open.2 = new,
                None => known.push((place, name, new)),
            }
        }
        for (place, name, value) in known {
            self.visit(tree, place, name, &mut |editor, row, note| {
                editor.set(row, note, &value);
                false
            });
        }
        // Step 2: rows come and go.
        for overlay in overlays {
            match &overlay.change {
                Change::Insert { params, first } => {
                    if let Some((place, _)) = self.scope(tree, overlay) {
                        self.visit(tree, place, &overlay.name, &mut |editor, row, note| {
                            editor.insert(row, note, params, *first);
                            true
                        });
                    }
                }
                Change::Remove => self.remove(tree, &overlay.path),
                _ => {}
            }
        }
    }

    /// The row, or else the view, whose variable a change means, and the value that it has there.
    fn scope<'o>(
        &mut self,
        tree: &mut [Instance],
        overlay: &'o Overlay,
    ) -> Option<(&'o [Step], Option<Vec<u8>>)> {
        for end in (1..=overlay.path.len()).rev() {
            let place = overlay.path.get(..end)?;
            if end > 1 && !is_row(place) {
                continue;
            }
            let (mut is_known, mut value) = (false, None);
            self.visit(tree, place, &overlay.name, &mut |editor, row, note| {
                is_known = true;
                let known = editor.get(row, note);
                // What a slot prints says more than that the variable is true.
                let is_printed =
                    known.as_ref().is_some_and(|known| !matches!(**known, [FALSE | TRUE]));
                value = known.or(value.take());
                is_printed
            });
            if is_known {
                return Some((place, value));
            }
        }
        None
    }

    /// Shows `each` all that is noted of a variable, in the row or view at a place.
    fn visit(&mut self, tree: &mut [Instance], place: &[Step], name: &[u8], each: &mut Each<'_>) {
        if let Some(row) = self.row(tree, place) {
            self.inside(row, u32::from(is_row(place)), name, each);
        }
    }

    /// The same from an instance on: `rows` is how many rows out the variable is given here.
    fn inside(&mut self, row: &mut Instance, rows: u32, name: &[u8], each: &mut Each<'_>) -> bool {
        let template = self.template(row.template);
        for note in notes(template) {
            if note.rows == rows && note.name == name && each(self, row, &note) {
                return true;
            }
        }
        for (structure, inside) in template.structures.iter().zip(&mut row.children) {
            let further = rows > 0 && structure.kind == HoleKind::List;
            for row in inside {
                if self.inside(row, rows + u32::from(further), name, each) {
                    return true;
                }
            }
        }
        false
    }

    /// The value of a variable, as far as a slot tells: as it is printed, or true or false.
    fn get(&self, row: &Instance, note: &Variable<'_>) -> Option<Vec<u8>> {
        let template = self.template(row.template);
        let mut shown = Vec::new();
        match note.slot.checked_sub(template.scalars) {
            None => shown.extend_from_slice(self.slot(row, note.slot)),
            Some(index) => write_case(&mut shown, row.children.get(index as usize)?),
        }
        let Some([yes, no]) = note.cases else {
            return (note.slot < template.scalars).then_some(shown);
        };
        let holds = if *yes == [NIL] { !is_equal(&shown, no) } else { is_equal(&shown, yes) };
        let mut value = Vec::new();
        match note.equals {
            None => write::boolean(&mut value, holds),
            Some(text) if holds => literal(&mut value, text),
            Some(_) => return None,
        }
        Some(value)
    }

    /// Lets a slot say what a variable has become.
    fn set(&mut self, row: &mut Instance, note: &Variable<'_>, value: &[u8]) {
        let template = self.template(row.template);
        let value = printed(value);
        let new = match note.cases {
            None => &value,
            Some([yes, no]) => {
                let mut text = Vec::new();
                let holds = match note.equals {
                    None => is_true(&value),
                    Some(equal) => {
                        literal(&mut text, equal);
                        is_equal(&text, &value)
                    }
                };
                if holds { yes } else { no }
            }
        };
        match note.slot.checked_sub(template.scalars) {
            None => {
                let old = self.values.get(row.span);
                let (from, to) = (position(old, note.slot), position(old, note.slot + 1));
                let before = old.get(..from).unwrap_or_default();
                let after = old.get(to..).unwrap_or_default();
                row.span = self.values.push(&[before, new, after].concat());
            }
            Some(index) => {
                if let Some(inside) = row.children.get_mut(index as usize)
                    && note.cases.is_some()
                    && *new != [NIL]
                {
                    *inside = body(new);
                }
            }
        }
    }

    /// Gives a list a row.
    fn insert(&mut self, row: &mut Instance, note: &Variable<'_>, params: &[u8], first: bool) {
        let template = self.template(row.template);
        let index = note.slot.wrapping_sub(template.scalars) as usize;
        if let Some(structure) = template.structures.get(index)
            && let Some(rows) = row.children.get_mut(index)
            && structure.kind == HoleKind::List
        {
            let new = self.blank(structure.template, params);
            if first {
                rows.insert(0, new);
            } else {
                rows.push(new);
            }
        }
    }

    /// A row of which nothing is known but parameters: `todo.title` is that of the name `title`.
    fn blank(&mut self, number: u32, params: &[u8]) -> Instance {
        let template = self.template(number);
        let mut scalars = vec![printed(&[]); template.scalars as usize];
        let mut children = Vec::new();
        for structure in &template.structures {
            // A definition names none after itself.
            let is_one = structure.kind == HoleKind::Fragment && structure.template < number;
            let inside = is_one.then(|| self.blank(structure.template, params));
            children.push(Vec::from_iter(inside));
        }
        for note in notes(template).filter(|note| note.rows == 1) {
            let field = note.name.splitn(2, |&byte| byte == b'.').nth(1).unwrap_or_default();
            let known = printed(param(params, field));
            let case = note.cases.map(|[yes, no]| if is_true(&known) { yes } else { no });
            match note.slot.checked_sub(template.scalars) {
                None => {
                    if let Some(scalar) = scalars.get_mut(note.slot as usize) {
                        *scalar = case.map_or(known, Into::into);
                    }
                }
                Some(index) => {
                    if let (Some(case), Some(inside)) = (case, children.get_mut(index as usize)) {
                        *inside = body(case);
                    }
                }
            }
        }
        let span = self.values.push(&scalars.concat());
        Instance { template: number, base: 0, span, children: children.into_boxed_slice() }
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

    fn key(&self, row: &Instance) -> Option<&[u8]> {
        Some(self.slot(row, self.template(row.template).key?))
    }

    /// An encoded scalar of an instance.
    fn slot(&self, row: &Instance, slot: u32) -> &[u8] {
        let values = self.values.get(row.span);
        let (from, to) = (position(values, slot), position(values, slot + 1));
        values.get(from..to).unwrap_or_default()
    }

    fn template(&self, number: u32) -> &'a Template {
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

fn is_row(place: &[Step]) -> bool {
    place.last().is_some_and(|step| step.is_row)
}

/// What a condition holds, as notes say it.
fn write_case(out: &mut Vec<u8>, inside: &[Instance]) {
    match inside.first() {
        Some(body) => write::uint(out, u64::from(body.template)),
        None => out.push(FALSE),
    }
}

/// What a condition holds in such a case: nothing, or a body without slots.
fn body(case: &[u8]) -> Vec<Instance> {
    let mut scan = Scan::new(case);
    let template = scan.uint();
    let is_number = !scan.has_failed();
    Vec::from_iter(is_number.then(|| Instance { template, ..Instance::default() }))
}

/// Whether Python takes a value for true that prints like this.
fn is_true(value: &[u8]) -> bool {
    let text = match value.first() {
        Some(0xc4..=0xc6) => Scan::new(value).bin(),
        _ => Scan::new(value).str(),
    };
    let is_text = matches!(value.first(), Some(0xa0..=0xbf | 0xc4..=0xc6 | 0xd9..=0xdb));
    match number(value) {
        Some(number) => number != 0,
        None if is_text => !matches!(text, b"" | b"False" | b"None"),
        None => !matches!(value, [] | [NIL | FALSE]),
    }
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
fn printed(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut scan = Scan::new(value);
    scan.scalar();
    match value {
        [FALSE] => write::text(&mut out, b"False"),
        [TRUE] => write::text(&mut out, b"True"),
        _ if scan.finish().is_ok() => out.extend_from_slice(value),
        _ => write::text(&mut out, b""),
    }
    out
}

/// Writes a text as a scalar: one that is an integer in its shortest form as that integer.
pub fn literal(out: &mut Vec<u8>, text: &[u8]) {
    match integer(text) {
        Some(number) => write::int(out, number),
        None => write::text(out, text),
    }
}

/// The integer whose shortest form a text is; up to 18 digits.
#[must_use]
pub fn integer(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let mut number = 0;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 || digits.len() > 18 {
            return None;
        }
        number = number * 10 + i64::from(digit);
    }
    let is_short = digits.first().is_some_and(|&first| first != b'0') || text == b"0";
    is_short.then_some(if text.len() > digits.len() { -number } else { number })
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
