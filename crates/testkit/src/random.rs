//! Seeded generators: definitions that hold each other, fillings of them, and changed fillings.

use protocol::{Definition, HoleKind, TemplateId};

use crate::{Fragment, Value, shape};

/// A small generator of numbers (SplitMix64): a seed names a test case for ever.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The generator of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `limit`.
    ///
    /// # Panics
    /// If the limit is zero.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) % limit as u64) as usize
    }

    /// True once in `of` times.
    pub fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    /// Brings items into a random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

/// Definitions that use every kind of hole: rows with and without keys, with one and with several
/// top-level nodes, conditions, fragments and lists inside of them. The last one is for the root.
#[must_use]
pub fn definitions() -> Vec<Definition> {
    [
        // 0..4: without structures.
        "<li class=\"row {0 attribute}\">{1 key}<b>{2}</b></li>",
        "{0}, <i>{1}</i>",
        "<hr>",
        "<p title=\"{0 attribute} of {+1 attribute}\" {2 attributes}>{0}</p><!-- {3 raw} -->",
        // 4: a row that starts and ends with structures, and has no static text.
        "{1 if}{0 key}{2 for 1}",
        // 5: a row with nested lists of every kind.
        "<section id=\"{0 attribute}\">{0 key}<ul>{2 for 0}</ul>{3 for 2}<div>{1}{4 if}</div></section>",
        // 6: a fragment, and text that only an element of its own may hold.
        "<form><textarea>{0 escaped} and {+1 escaped}</textarea>{2 with 3}</form>",
        // 7: the root.
        "<h1>{0}</h1>{1 for 0}<ul>{2 for 5}</ul>{3 if}<table>{implied <tbody>}{4 for 4}{implied </tbody>}</table>{5 for 3}{6 if}",
    ]
    .map(shape)
    .into()
}

/// A filling of a template. Keys come from a small range, so that rows meet again, and some twice.
pub fn fragment(rng: &mut Rng, definitions: &[Definition], template: TemplateId) -> Fragment {
    let definition = &definitions[template.0 as usize];
    let mut made = Fragment::new(template);
    for slot in 0..definition.scalars {
        made.scalars.push(scalar(rng, definition, slot));
    }
    for hole in definition.holes().filter(|hole| hole.kind.is_structure()) {
        let count = match hole.kind {
            HoleKind::Condition => rng.below(2),
            HoleKind::List => rng.below(7),
            _ => 1,
        };
        let body = |rng: &mut Rng| hole.template.unwrap_or(TemplateId(rng.below(4) as u32));
        let held = (0..count).map(|_| {
            let body = body(rng);
            fragment(rng, definitions, body)
        });
        made.structures.push(held.collect());
    }
    made
}

/// Changes a filling a little, here and there.
pub fn change(rng: &mut Rng, definitions: &[Definition], old: &Fragment) -> Fragment {
    let definition = &definitions[old.template.0 as usize];
    let mut new = old.clone();
    for (slot, value) in (0..).zip(&mut new.scalars) {
        if rng.one_in(if definition.key == Some(slot) { 20 } else { 4 }) {
            match value {
                Value::Text(text)
                    if may_grow(definition, slot) && !text.is_empty() && rng.one_in(2) =>
                {
                    text.push_str(
                        ["é", " <b>", "\r", "\n", " and a longer end of the text"][rng.below(5)],
                    );
                }
                _ => *value = scalar(rng, definition, slot),
            }
        }
    }
    let structures = definition.holes().filter(|hole| hole.kind.is_structure());
    for (hole, held) in structures.zip(&mut new.structures) {
        for row in held.iter_mut() {
            if rng.one_in(3) {
                *row = change(rng, definitions, row);
            }
        }
        let Some(template) = hole.template.filter(|_| hole.kind == HoleKind::List) else {
            if hole.kind == HoleKind::Condition && rng.one_in(3) {
                held.clear();
                if rng.one_in(2) {
                    let template = TemplateId(rng.below(4) as u32);
                    held.push(fragment(rng, definitions, template));
                }
            }
            continue;
        };
        match rng.below(9) {
            0 => rng.shuffle(held),
            1 => held.reverse(),
            2 => held.clear(),
            3 if !held.is_empty() => {
                held.remove(rng.below(held.len()));
            }
            4 if held.len() > 1 => {
                let (a, b) = (rng.below(held.len()), rng.below(held.len()));
                held.swap(a, b);
            }
            5 | 6 => {
                for _ in 0..=rng.below(3) {
                    let row = fragment(rng, definitions, template);
                    held.insert(rng.below(held.len() + 1), row);
                }
            }
            _ => {}
        }
    }
    new
}

/// Whether any text may follow a text in all holes of a slot.
fn may_grow(definition: &Definition, slot: u32) -> bool {
    let mut holes = definition.holes().filter(|hole| hole.slot == slot);
    holes.all(|hole| !matches!(hole.kind, HoleKind::Attributes | HoleKind::RawText))
}

/// A value that may stand in all holes of a slot.
fn scalar(rng: &mut Rng, definition: &Definition, slot: u32) -> Value {
    let kinds: Vec<HoleKind> =
        definition.holes().filter(|hole| hole.slot == slot).map(|hole| hole.kind).collect();
    let number = rng.below(9) as i64;
    if kinds.contains(&HoleKind::Attributes) {
        return Value::Text(["", "hidden", "data-a=\"1\" data-b=\"2\""][rng.below(3)].into());
    }
    let is_text = kinds.iter().all(|&kind| kind == HoleKind::Text);
    match rng.below(if is_text { 8 } else { 6 }) {
        0..3 => Value::Int(number),
        3 => Value::Text(format!("a < {number} & \"b\"")),
        4 => Value::Text(String::new()),
        5 => Value::Verbatim(format!("text {number}")),
        6 => Value::Html(format!("<em>{number}</em>!")),
        _ => Value::Html(String::new()),
    }
}
