//! What a session remembers of the tree that it sent last, and the delta from it to the next tree.
//!
//! Outside lists a shadow holds one 64-bit hash for each scalar. A list row has one number of 128
//! bits, its *code*: 32 bits for its key, and two sums over the hashes `h` of its `n` slots (each
//! over the slot's number and its value),
//!
//! ```text
//! A = h(0) + h(1) + ... + h(n-1)           (mod 2^48)
//! B = 1*h(0) + 2*h(1) + ... + n*h(n-1)     (mod 2^48)
//! ```
//!
//! A row changed if and only if `A` or `B` did. If just slot `j` changed, both sums moved by the
//! same difference, once and `j + 1` times: `B' - B = (j + 1) * (A' - A)`. So the one changed cell
//! is found without its old hash, as a Reed-Solomon code finds a single error by its syndromes,
//! and only this cell travels; otherwise the whole row does. That costs 16 bytes a row, where a
//! hash for each cell would cost 8 bytes times the cells.
//!
//! Example: hashes 5, 7, 9 give A = 21 and B = 46. The second slot becomes 4: A = 18, B = 40, and
//! -6 = 2 * -3 names slot 1.
//!
//! A text that goes on sends its end alone, and for this nothing is kept either. Its hash is that of
//! its bytes without their length, so a text that begins with the old one has the old hash on its
//! way to its own: the hashes of the beginnings that are up to [`TAIL`] bytes shorter are compared
//! with the old one, which a row's sums give away as `h - (A' - A)`.
//!
//! The hash is SipHash-1-3 with a random key for each session, so nobody can choose values whose
//! hashes agree. A changed row is taken for unchanged with probability 2^-96, a change of several
//! slots for that of one with at most n / 2^48, a new text for the old one's end with 2^-38.
//! Whatever a shadow gets wrong ends with the next full tree; a shadow may be dropped at any time.

use std::hash::Hasher;

use protocol::write;
use siphasher::sip::SipHasher13;

use crate::excerpt::Share;
use crate::list::{self, NEW};
use crate::plan::{BodyId, Plan, Structure};
use crate::tree::{Numbers, Slot, Tree};

/// The most bytes by which a text may have become longer, if its end is to travel alone.
const TAIL: usize = 1024;

/// The fewest bytes of a text whose head is not that of a short one.
const LONG: usize = 32;

const SUM_BITS: u32 = 48;
const SUM: u64 = (1 << SUM_BITS) - 1;

/// What was sent of one fragment.
#[derive(Debug, Default)]
pub(crate) struct Shadow {
    scalars: Box<[u64]>,
    structures: Box<[Held]>,
}

/// What was sent of one structure.
#[derive(Debug)]
enum Held {
    Nothing,
    Body(BodyId, Shadow),
    /// A fragment of the plan with this number.
    Dynamic(u64, Shadow),
    Rows {
        codes: Vec<u128>,
        /// A shadow for each row, where rows hold lists themselves; else empty.
        nested: Vec<Shadow>,
    },
}

/// Hashes a tree and compares it with a shadow.
pub(crate) struct Differ<'d> {
    pub tree: &'d Tree,
    pub key: (u64, u64),
    pub numbers: &'d mut dyn Numbers,
}

impl Differ<'_> {
    /// The shadow of a fragment.
    pub fn shadow(&self, plan: &Plan, id: BodyId, base: u32) -> Shadow {
        let body = plan.body(id);
        let scalars = (0..body.scalars as usize).map(|slot| self.scalar(base, slot)).collect();
        let structures = body.structures.iter().enumerate().map(|(index, structure)| {
            self.held(plan, *structure, self.tree.slot(base, body.scalars as usize + index))
        });
        Shadow { scalars, structures: structures.collect() }
    }

    fn held(&self, plan: &Plan, structure: Structure, slot: Slot) -> Held {
        match structure {
            Structure::Condition if slot.a == 0 => Held::Nothing,
            Structure::Condition => {
                let body = BodyId(slot.a - 1);
                Held::Body(body, self.shadow(plan, body, slot.b))
            }
            Structure::Fragment(body) => Held::Body(body, self.shadow(plan, body, slot.b)),
            Structure::Dynamic => {
                let plan = self.tree.linked(slot);
                Held::Dynamic(plan.number, self.shadow(plan, plan.root(), slot.b))
            }
            Structure::List(row) => {
                let codes = self.codes(plan, slot, row);
                let nested = if plan.body(row).has_list {
                    let rows = self.tree.rows(plan, slot, row);
                    rows.map(|base| self.shadow(plan, row, base)).collect()
                } else {
                    Vec::new()
                };
                Held::Rows { codes, nested }
            }
        }
    }

    fn codes(&self, plan: &Plan, list: Slot, row: BodyId) -> Vec<u128> {
        let rows = self.tree.rows(plan, list, row);
        let mut codes = Vec::with_capacity(list.b as usize);
        codes.extend(rows.map(|base| self.code(plan, row, base)));
        codes
    }

    /// The code of a row.
    fn code(&self, plan: &Plan, id: BodyId, base: u32) -> u128 {
        let body = plan.body(id);
        let (mut sum, mut weighted, mut name) = (0u64, 0u64, 0);
        for slot in 0..body.slots() {
            let hash = match slot.checked_sub(body.scalars as usize) {
                None => self.scalar(base, slot),
                Some(index) => {
                    self.fingerprint(plan, slot, body.structures[index], self.tree.slot(base, slot))
                }
            };
            sum = sum.wrapping_add(hash);
            weighted = weighted.wrapping_add(hash.wrapping_mul(slot as u64 + 1));
            if body.key == Some(slot as u32) {
                name = hash >> 32;
            }
        }
        u128::from(name) << (2 * SUM_BITS)
            | u128::from(sum & SUM) << SUM_BITS
            | u128::from(weighted & SUM)
    }

    /// A hash of everything in a structure.
    fn fingerprint(&self, plan: &Plan, number: usize, structure: Structure, slot: Slot) -> u64 {
        let mut hasher = self.hasher(number);
        match structure {
            Structure::Condition if slot.a == 0 => {}
            Structure::Condition => {
                hasher.write_u32(slot.a);
                hasher.write_u128(self.code(plan, BodyId(slot.a - 1), slot.b));
            }
            Structure::Fragment(body) => hasher.write_u128(self.code(plan, body, slot.b)),
            Structure::Dynamic => {
                let plan = self.tree.linked(slot);
                hasher.write_u64(plan.number);
                hasher.write_u128(self.code(plan, plan.root(), slot.b));
            }
            Structure::List(row) => {
                for base in self.tree.rows(plan, slot, row) {
                    hasher.write_u128(self.code(plan, row, base));
                }
            }
        }
        hasher.finish()
    }

    fn scalar(&self, base: u32, slot: usize) -> u64 {
        let scalar = self.tree.scalar(base, slot);
        let (number, bytes) = match long_text(scalar) {
            Some(text) => (!slot, text),
            None => (slot, scalar),
        };
        self.hasher(number).hash(bytes)
    }

    /// The slot is part of the key: else two cells that change from and to the same values would
    /// move the sums as a third one between them. (Its complement stands for a long text, which is
    /// hashed without its head.)
    #[inline]
    fn hasher(&self, slot: usize) -> SipHasher13 {
        SipHasher13::new_with_keys(self.key.0 ^ u64::from(slot as u32), self.key.1)
    }

    /// Writes a scalar that changed: only the end of a text that begins with the old one.
    fn changed(&self, base: u32, slot: usize, is_old: impl Fn(u64) -> bool, out: &mut Vec<u8>) {
        let scalar = self.tree.scalar(base, slot);
        match long_text(scalar).and_then(|text| self.tail(slot, text, is_old)) {
            Some(tail) => {
                write::array_len(out, 1);
                write::str_len(out, tail.len());
                out.extend_from_slice(tail);
            }
            None => out.extend_from_slice(scalar),
        }
    }

    /// What stands in a text after a beginning with the old hash.
    fn tail<'t>(
        &self,
        slot: usize,
        text: &'t [u8],
        is_old: impl Fn(u64) -> bool,
    ) -> Option<&'t [u8]> {
        let mut from = text.len().saturating_sub(TAIL).max(LONG);
        let mut hasher = self.hasher(!slot);
        hasher.write(text.get(..from)?);
        while let Some(&byte) = text.get(from) {
            // Neither a character nor a line end is cut in two.
            let is_cut = byte & 0xc0 == 0x80 || text[from - 1] == b'\r';
            if !is_cut && is_old(hasher.finish()) {
                return text.get(from..);
            }
            hasher.write(&[byte]);
            from += 1;
        }
        None
    }

    /// Whether the conditions around the slots of an excerpt are as they were sent.
    pub fn fits(
        &self,
        plan: &Plan,
        id: BodyId,
        base: u32,
        shares: &[Share],
        shadow: &Shadow,
    ) -> bool {
        let body = plan.body(id);
        let first = body.scalars as usize;
        body.structures.iter().enumerate().all(|(index, structure)| {
            let share = &shares[first + index];
            let slot = self.tree.slot(base, first + index);
            match (share, structure, &shadow.structures[index]) {
                (Share::Within(_), Structure::Condition, Held::Nothing) => slot.a == 0,
                (Share::Within(_), Structure::Condition, Held::Body(body, shadow)) => {
                    let is_same = slot.a == body.0 + 1;
                    is_same && self.fits(plan, *body, slot.b, share.within(*body), shadow)
                }
                (Share::Within(_), _, Held::Body(body, shadow)) => {
                    self.fits(plan, *body, slot.b, share.within(*body), shadow)
                }
                (share, ..) => !matches!(share, Share::Within(_)),
            }
        })
    }

    /// Writes what changed in a fragment, and brings its shadow up to date. Returns false, and
    /// writes nothing, when nothing changed. With shares only their slots count, which have to
    /// [fit](Self::fits).
    pub fn delta(
        &mut self,
        plan: &Plan,
        id: BodyId,
        base: u32,
        shares: Option<&[Share]>,
        shadow: &mut Shadow,
        out: &mut Vec<u8>,
    ) -> bool {
        let body = plan.body(id);
        let is_out = |slot: usize| shares.is_some_and(|shares| !shares[slot].is_sent());
        let start = out.len();
        let mut count = 0u64;
        out.push(0);
        for (slot, old) in shadow.scalars.iter_mut().enumerate() {
            if is_out(slot) {
                continue;
            }
            let new = self.scalar(base, slot);
            let old = std::mem::replace(old, new);
            if old != new {
                count += 1;
                write::uint(out, slot as u64);
                self.changed(base, slot, |hash| hash == old, out);
            }
        }
        for (index, held) in shadow.structures.iter_mut().enumerate() {
            let number = body.scalars as usize + index;
            if is_out(number) {
                continue;
            }
            let share = shares.map(|shares| &shares[number]);
            let before = out.len();
            write::uint(out, number as u64);
            let slot = self.tree.slot(base, number);
            if self.structure(plan, body.structures[index], slot, share, held, out) {
                count += 1;
            } else {
                out.truncate(before);
            }
        }
        if count == 0 {
            out.truncate(start);
            return false;
        }
        let mut head = Vec::new();
        write::uint(&mut head, count);
        out.splice(start..=start, head);
        if shares.is_none() {
            self.use_smaller(plan, id, base, start, out);
        }
        true
    }

    /// Replaces a delta by the whole fragment where that is shorter.
    fn use_smaller(&mut self, plan: &Plan, id: BodyId, base: u32, start: usize, out: &mut Vec<u8>) {
        let length = out.len() - start;
        if self.at_least(plan, id, base, length).is_some_and(|whole| whole + 1 < length) {
            out.truncate(start);
            self.whole(plan, id, base, out);
        }
    }

    fn whole(&mut self, plan: &Plan, id: BodyId, base: u32, out: &mut Vec<u8>) {
        write::uint(out, 0);
        self.tree.fragment(plan, id, base, self.numbers, out);
    }

    /// The number of bytes of an encoded fragment, as far as it is below a limit. Template numbers
    /// and counts are taken as one byte each.
    fn at_least(&self, plan: &Plan, id: BodyId, base: u32, limit: usize) -> Option<usize> {
        let body = plan.body(id);
        let mut size = 0;
        for slot in 0..body.scalars as usize {
            size += self.tree.scalar(base, slot).len();
        }
        for (index, structure) in body.structures.iter().enumerate() {
            if size >= limit {
                return None;
            }
            let slot = self.tree.slot(base, body.scalars as usize + index);
            match structure {
                Structure::Condition if slot.a == 0 => size += 1,
                Structure::Condition => {
                    size += 1 + self.at_least(plan, BodyId(slot.a - 1), slot.b, limit - size)?;
                }
                Structure::Fragment(body) => {
                    size += self.at_least(plan, *body, slot.b, limit - size)?
                }
                Structure::Dynamic => {
                    let plan = self.tree.linked(slot);
                    size += 1 + self.at_least(plan, plan.root(), slot.b, limit - size)?;
                }
                Structure::List(row) => {
                    size += 1;
                    for base in self.tree.rows(plan, slot, *row) {
                        size += self.at_least(plan, *row, base, limit.checked_sub(size)?)?;
                    }
                }
            }
        }
        (size < limit).then_some(size)
    }

    fn structure(
        &mut self,
        plan: &Plan,
        structure: Structure,
        slot: Slot,
        share: Option<&Share>,
        held: &mut Held,
        out: &mut Vec<u8>,
    ) -> bool {
        let within = |body: BodyId| match share {
            Some(share @ Share::Within(_)) => Some(share.within(body)),
            _ => None,
        };
        match (structure, &mut *held) {
            (Structure::Condition, Held::Body(body, shadow)) if slot.a == body.0 + 1 => {
                let (body, before) = (*body, out.len());
                write::boolean(out, true);
                if !self.delta(plan, body, slot.b, within(body), shadow, out) {
                    out.truncate(before);
                    return false;
                }
                true
            }
            (Structure::Condition, Held::Nothing) if slot.a == 0 => false,
            (Structure::Fragment(body), Held::Body(_, shadow)) => {
                self.delta(plan, body, slot.b, within(body), shadow, out)
            }
            (Structure::Dynamic, Held::Dynamic(number, shadow))
                if self.tree.linked(slot).number == *number =>
            {
                let (linked, before) = (self.tree.linked(slot), out.len());
                write::boolean(out, true);
                if !self.delta(linked, linked.root(), slot.b, None, shadow, out) {
                    out.truncate(before);
                    return false;
                }
                true
            }
            (Structure::List(row), Held::Rows { codes, nested }) => {
                self.list(plan, row, slot, codes, nested, out)
            }
            _ => {
                *held = self.held(plan, structure, slot);
                self.tree.structure(plan, structure, slot, self.numbers, out);
                true
            }
        }
    }

    fn list(
        &mut self,
        plan: &Plan,
        row: BodyId,
        slot: Slot,
        codes: &mut Vec<u128>,
        nested: &mut Vec<Shadow>,
        out: &mut Vec<u8>,
    ) -> bool {
        let new = self.codes(plan, slot, row);
        if new == *codes {
            return false;
        }
        let bases: Vec<u32> = self.tree.rows(plan, slot, row).collect();
        let sources = list::sources(codes, &new, plan.body(row).key.is_some());
        // Step 1: all rows anew, if none is kept.
        if sources.iter().all(|source| *source == NEW) {
            write::uint(out, 0);
            self.tree.structure(plan, Structure::List(row), slot, self.numbers, out);
            if plan.body(row).has_list {
                *nested = bases.iter().map(|base| self.shadow(plan, row, *base)).collect();
            }
            *codes = new;
            return true;
        }
        // Step 2: the order, in the shortest of its forms.
        if list::is_same_order(codes.len(), &sources) {
            write::uint(out, 3);
        } else {
            let Self { tree, numbers, .. } = self;
            let mut fragment = |index: usize, out: &mut Vec<u8>| {
                tree.fragment(plan, row, bases[index], *numbers, out);
            };
            let (mut runs, mut order) = (vec![1], vec![2]);
            list::write_runs(&sources, codes.len(), &mut runs, &mut fragment);
            list::write_order(&sources, &mut order, &mut fragment);
            out.extend_from_slice(if runs.len() <= order.len() { &runs } else { &order });
        }
        // Step 3: the kept rows that changed.
        let mut old_nested: Vec<Option<Shadow>> =
            std::mem::take(nested).into_iter().map(Some).collect();
        let mut changes = Vec::new();
        let (mut count, mut last) = (0u64, 0);
        for (index, &source) in sources.iter().enumerate() {
            let mut shadow = match old_nested.get_mut(source as usize) {
                Some(shadow) => shadow.take(),
                None if plan.body(row).has_list => Some(self.shadow(plan, row, bases[index])),
                None => None,
            };
            if source != NEW && codes[source as usize] != new[index] {
                count += 1;
                write::uint(&mut changes, (index - last) as u64);
                last = index + 1;
                match &mut shadow {
                    // Codes may differ in the key alone when keys collide; then there is nothing
                    // to say but that nothing changed.
                    Some(shadow) => {
                        if !self.delta(plan, row, bases[index], None, shadow, &mut changes) {
                            write::uint(&mut changes, 0);
                            self.tree.fragment(plan, row, bases[index], self.numbers, &mut changes);
                        }
                    }
                    None => {
                        let old = codes[source as usize];
                        self.row(plan, row, bases[index], old, new[index], &mut changes);
                    }
                }
            }
            nested.extend(shadow);
        }
        write::uint(out, count);
        out.append(&mut changes);
        *codes = new;
        true
    }

    /// Writes the delta of a changed row: its one changed cell if it can be located.
    fn row(&mut self, plan: &Plan, id: BodyId, base: u32, old: u128, new: u128, out: &mut Vec<u8>) {
        let body = plan.body(id);
        let difference = |shift: u32| ((new >> shift) as u64).wrapping_sub((old >> shift) as u64);
        let (sum, weighted) = (difference(SUM_BITS), difference(0));
        let moved =
            |slot: usize| sum.wrapping_mul(slot as u64 + 1).wrapping_sub(weighted) & SUM == 0;
        let mut located = (0..body.slots()).filter(|slot| sum & SUM != 0 && moved(*slot));
        let (slot, further) = (located.next(), located.next());
        let Some(slot) = slot.filter(|_| further.is_none()) else {
            return self.whole(plan, id, base, out);
        };
        let start = out.len();
        write::uint(out, 1);
        write::uint(out, slot as u64);
        match slot.checked_sub(body.scalars as usize) {
            None => {
                let old = self.scalar(base, slot).wrapping_sub(sum) & SUM;
                self.changed(base, slot, |hash| hash & SUM == old, out);
            }
            Some(index) => {
                let structure = body.structures[index];
                let value = self.tree.slot(base, slot);
                match structure {
                    // A fragment's payload is a delta, a list's begins with its form.
                    Structure::Fragment(_) | Structure::List(_) => write::uint(out, 0),
                    Structure::Condition | Structure::Dynamic => {}
                }
                self.tree.structure(plan, structure, value, self.numbers, out);
            }
        }
        self.use_smaller(plan, id, base, start, out);
    }
}

/// The bytes of an encoded text that has at least [`LONG`] of them.
fn long_text(scalar: &[u8]) -> Option<&[u8]> {
    match scalar.first()? {
        0xd9 => scalar.get(2..),
        0xda => scalar.get(3..),
        0xdb => scalar.get(5..),
        _ => None,
    }
}
