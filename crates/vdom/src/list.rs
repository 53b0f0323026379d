//! Lists: which of the old rows are which of the new ones, and the fewest moves between the two.
//!
//! A full list is matched by key, a row without a key by its values. Equal ends are trimmed; what
//! is left between them goes through a hash table from key to old row:
//!
//! ```text
//! old   a b c d e f g        prefix a, suffix g
//! new   a d b c x f g        order of the middle: d=4 b=2 c=3 x=new f=6
//! ```
//!
//! `e` has no place and is removed. Of the kept rows `d b c f` the longest ascending subsequence
//! `b c f` stays where it is. The rest goes to its place from the end backwards, so that the row
//! after it stands already where it belongs: `x` is created before `f`, `d` moves before `b`.
//!
//! The cost is linear but for the subsequence, which is `n log n` in the rows between the ends and
//! linear if nothing is reordered. A delta names the order itself and needs no keys.
//!
//! Of several rows with one key the first old one becomes the first new one, and so on. But eight rows
//! that follow each other as they did, and are what they were, are these rows: nothing is looked up for
//! them, so that two rows that are swapped cost little more than a delta that says so.
//! A row without a key and without an equal becomes the row with its index, so that an edited row
//! of a list without keys is not built anew.
//!
//! This file is a part (docs/decisions/parts.md) that a page loads when it is idle, if it has lists.
//! Rows that change where they are, come at the end or go there, do not need it.

use alloc::{vec, vec::Vec};
use core::mem::{replace, swap, take};

use protocol::TemplateId;

use crate::{NodeId, WriteMutations, tree::Instance, values::is_equal, walk::Walk};

/// So many rows that follow each other as they did are what they were, whatever their keys say.
const STRETCH: usize = 8;

/// The link of an old row that has its new place.
const TAKEN: u32 = u32::MAX;

/// The first two are asked from elsewhere, and give `false` where they are not there. Their `true` must
/// depend on something, or the compiler takes it for granted.
impl<W: WriteMutations + ?Sized> Walk<'_, W> {
    /// Reads the rows of a list from the row `start` on, in whichever order they are.
    #[inline(never)]
    pub fn reorder(
        &mut self,
        rows: &mut Vec<Instance>,
        start: usize,
        number: u32,
        count: usize,
        anchor: NodeId,
    ) -> bool {
        // Step 1: where they are. Mostly a row is the next old one, or a neighbour of that, and so are
        // those after it.
        let template = self.templates.get(number as usize);
        let is_flat = template.is_some_and(|template| template.structures.is_empty());
        let mut places = Vec::new();
        let (mut at, mut next, mut kept) = (start, start, start);
        while at < count {
            let mut from = self.scan.position();
            let mut same = 0;
            for near in [next, next + 1, next.saturating_sub(1).max(start)] {
                // The rows before are what they are now, and were not when the first walk looked.
                let near_rows = rows.get(near..).unwrap_or_default();
                same = self.repeat(near_rows, number, count - at);
                if same > 0 {
                    next = near;
                    break;
                }
            }
            let is_sure = same >= STRETCH && next >= kept;
            for row in rows.iter().skip(next).take(same) {
                next += 1;
                let (len, old) = (row.span.len, next as u32);
                places.push(Place { at: from, len, old, is_sure });
                from += row.whole as usize;
            }
            if is_sure {
                kept = next;
            }
            at += same;
            if same == 0 {
                let len = match template {
                    Some(template) if is_flat => self.scalars(template.scalars, None).len,
                    _ => self.build(number, None).span.len,
                };
                places.push(Place { at: from, len, old: 0, is_sure });
                next = next.wrapping_add(1);
                at += 1;
            }
        }
        // Step 2: match them with the old rows.
        if !self.checks {
            let end = self.scan.position();
            let passed = replace(&mut self.passed, usize::MAX);
            self.replace(rows, start, number, &places, anchor);
            self.scan.seek(end);
            self.passed = passed;
        }
        !self.scan.has_failed()
    }

    /// Reads the delta of a list whose rows get another order: by runs, or row by row.
    #[inline(never)]
    pub fn rearrange(
        &mut self,
        rows: &mut Vec<Instance>,
        number: u32,
        by_runs: bool,
        anchor: NodeId,
    ) -> bool {
        let (named, places) = (vec![false; rows.len()], Vec::with_capacity(rows.len()));
        let mut order = Order { named, kept: 0, rows: places };
        let mut fresh = match by_runs {
            true => self.runs(number, &mut order),
            false => self.indices(number, &mut order),
        };
        self.changes(rows, Some(&order.rows));
        if !self.checks {
            self.arrange(rows, &order.rows, &mut fresh, anchor);
        }
        !self.scan.has_failed()
    }

    /// Reads an order as runs of rows, and the new rows among them.
    fn runs(&mut self, number: u32, order: &mut Order) -> Vec<Instance> {
        let mut fresh = Vec::new();
        for _ in 0..self.count() {
            let head = self.scan.uint();
            let mut count = head >> 2;
            if head & 3 == 1 {
                let count = self.allow(count);
                let mut rows = self.fresh(number, count, None);
                order.rows.resize(order.rows.len() + rows.len(), 0);
                fresh.append(&mut rows);
                continue;
            }
            let from = if head & 3 == 3 { order.kept } else { self.scan.uint() };
            if head == 3 {
                count = (order.named.len() as u32).saturating_sub(from);
            }
            if head & 3 != 2 {
                if !order.keep_all(from, count) {
                    self.refuse();
                }
                continue;
            }
            for step in 0..count {
                if !from.checked_sub(step).is_some_and(|index| order.keep(index)) {
                    self.refuse();
                    break;
                }
            }
        }
        fresh
    }

    /// Reads an order row by row, and the new rows after it.
    fn indices(&mut self, number: u32, order: &mut Order) -> Vec<Instance> {
        let mut fresh = 0;
        for _ in 0..self.count() {
            match self.scan.uint().checked_sub(1) {
                None => {
                    order.rows.push(0);
                    fresh += 1;
                }
                Some(index) if order.keep(index) => {}
                Some(_) => self.refuse(),
            }
        }
        self.fresh(number, fresh, None)
    }

    /// Replaces the rows of a list from the row `start` on, where the values of the new ones are
    /// found at `new`.
    fn replace(
        &mut self,
        old: &mut Vec<Instance>,
        start: usize,
        number: u32,
        new: &[Place],
        anchor: NodeId,
    ) {
        // Step 1: trim the equal end.
        let (mut old_end, mut new_end) = (old.len(), new.len());
        while old_end > start
            && let (Some(row), Some(next)) =
                (old.get(old_end - 1), new.get(new_end.wrapping_sub(1)))
            && (next.old as usize == old_end || self.is_same(row, number, next))
        {
            old_end -= 1;
            new_end -= 1;
        }
        // Step 2: match what is left, and name every row by its old index + 1.
        let middle = old.get(start..old_end).unwrap_or_default();
        let matched = self.matches(start, number, middle, new.get(..new_end).unwrap_or_default());
        let mut order = Vec::with_capacity(start + new.len());
        for at in 0..start + new.len() {
            let row = match matched.get(at.wrapping_sub(start)) {
                Some(&0) => 0,
                Some(&row) => row as usize + start,
                None if at < start => at + 1,
                None => at + 1 + old_end - start - matched.len(),
            };
            order.push(row as u32);
        }
        // Step 3: bring the kept rows up to date, and build the others.
        let mut fresh = Vec::new();
        for (&row, place) in order.iter().skip(start).zip(new) {
            let is_repeated = row == place.old;
            self.scan.seek(place.at);
            match old.get_mut((row as usize).wrapping_sub(1)) {
                Some(_) if is_repeated => {}
                Some(row) => {
                    let is_next = self.is_next(number, row);
                    self.fragment(row, is_next);
                }
                None => fresh.append(&mut self.fresh(number, 1, Some(place.len))),
            }
        }
        self.arrange(old, &order, &mut fresh, anchor);
    }

    /// Brings the rows of a list into an order of old rows by index + 1, and new ones as 0.
    fn arrange(
        &mut self,
        rows: &mut Vec<Instance>,
        order: &[u32],
        new: &mut [Instance],
        anchor: NodeId,
    ) {
        let mut new = new.iter_mut();
        // Step 1: leave alone the ends that do not change.
        let mut start = 0;
        while order.get(start) == Some(&(start as u32 + 1)) {
            start += 1;
        }
        let (mut end, mut old_end) = (order.len(), rows.len());
        while end.min(old_end) > start && order.get(end - 1) == Some(&(old_end as u32)) {
            end -= 1;
            old_end -= 1;
        }

        // Step 2: the tree gets the new order, and the rows that have no place there go. If all rows
        // stay, those that move change places.
        let stays = longest_ascending(order.get(start..end).unwrap_or_default());
        if order.len() == rows.len() && !order.contains(&0) {
            permute(rows, order.to_vec());
        } else {
            let mut placed = Vec::with_capacity(order.len());
            for &row in order {
                let row = rows.get_mut((row as usize).wrapping_sub(1)).or_else(|| new.next());
                placed.push(row.map(take).unwrap_or_default());
            }
            self.discard(rows, order.iter().all(|&row| row == 0), anchor);
            *rows = placed;
        }

        // Step 3: the page gets it, from the end backwards.
        let mut before = rows.get(end).map_or(anchor, |row| NodeId(row.base));
        let is_new = |at: usize| order.get(at) == Some(&0);
        while end > start {
            let mut at = end - 1;
            if is_new(at) {
                while at > start && is_new(at - 1) {
                    at -= 1;
                }
                self.create(rows.get_mut(at..end).unwrap_or_default(), before);
            }
            if let Some(row) = rows.get(at) {
                if row.base > 0 && stays.get(at - start) == Some(&false) {
                    self.out.move_before(TemplateId(row.template), NodeId(row.base), before);
                }
                before = NodeId(row.base);
            }
            end = at;
        }
    }

    /// For each new row the index of its old one + 1, or 0.
    fn matches(&self, start: usize, number: u32, old: &[Instance], new: &[Place]) -> Vec<u32> {
        let mut matched = vec![0; new.len()];
        if old.is_empty() || new.is_empty() {
            return matched;
        }
        // Step 1: stretches stay, and of the rest the old rows of each bucket are chained, the first one
        // foremost.
        let mut links = vec![(0, 0); old.len()];
        let mut rest = old.len();
        for (row, place) in new.iter().zip(&mut matched) {
            let old = row.old.wrapping_sub(start as u32);
            if row.is_sure
                && let Some(link) = links.get_mut((old as usize).wrapping_sub(1))
            {
                link.1 = TAKEN;
                *place = old;
                rest -= 1;
            }
        }
        let mut heads = vec![0u32; rest.next_power_of_two() * 2];
        let mask = heads.len() - 1;
        for (at, (row, link)) in old.iter().zip(&mut links).enumerate().rev() {
            if link.1 == TAKEN {
                continue;
            }
            let hash = hash(self.identity(row.template, self.values.get(row.span)));
            if let Some(head) = heads.get_mut(hash as usize & mask) {
                *link = (hash, *head);
                *head = at as u32 + 1;
            }
        }
        // Step 2: take the first row of the chain that is the same out of it.
        for (row, place) in new.iter().zip(&mut matched) {
            if *place > 0 {
                continue;
            }
            let hash = hash(self.identity(number, self.at(row)));
            let Some(head) = heads.get_mut(hash as usize & mask) else { continue };
            let (mut last, mut at) = (0, *head);
            while let Some(&(found, next)) = links.get(at.wrapping_sub(1) as usize) {
                let index = at as usize - 1;
                if found == hash && old.get(index).is_some_and(|old| self.is_same(old, number, row))
                {
                    *place = at;
                    if let Some(link) = links.get_mut(index) {
                        link.1 = TAKEN;
                    }
                    match links.get_mut((last as usize).wrapping_sub(1)) {
                        Some(link) => link.1 = next,
                        None => *head = next,
                    }
                    break;
                }
                (last, at) = (at, next);
            }
        }
        // Step 3: a row without a key and without an equal is the row with its index.
        if self.key(number).is_none() {
            for (at, place) in matched.iter_mut().enumerate() {
                if *place == 0
                    && links.get(at).is_some_and(|link| link.1 != TAKEN)
                    && old.get(at).is_some_and(|old| old.template == number)
                {
                    *place = at as u32 + 1;
                }
            }
        }
        matched
    }

    /// Whether an instance and new values stand for the same row.
    fn is_same(&self, old: &Instance, number: u32, new: &Place) -> bool {
        let identity = |values| self.identity(number, values);
        let old_values = self.values.get(old.span);
        old.template == number && is_equal(identity(old_values), identity(self.at(new)))
    }

    /// The values of a new row.
    fn at(&self, place: &Place) -> &[u8] {
        self.frame.get(place.at..place.at + place.len as usize).unwrap_or_default()
    }
}

/// Where the frame has the values of a new row, and an old row that it repeats, by index + 1: 0 is
/// none.
struct Place {
    at: usize,
    len: u32,
    old: u32,
    /// Whether it becomes that one, as no other does.
    is_sure: bool,
}

/// The new order of a list while it is read.
struct Order {
    /// Whether an old row has its place already.
    named: Vec<bool>,
    /// How many old rows have their place.
    kept: u32,
    /// For each new row the index of the old one + 1, or 0.
    rows: Vec<u32>,
}

impl Order {
    /// Gives old rows that follow each other the next places, or says that it cannot.
    fn keep_all(&mut self, from: u32, count: u32) -> bool {
        let end = from.saturating_add(count);
        match self.named.get_mut(from as usize..end as usize) {
            Some(named) if !named.contains(&true) => {
                named.fill(true);
                self.kept += count;
                self.rows.extend(from + 1..=end);
                true
            }
            _ => count == 0,
        }
    }

    /// Gives an old row the next place. False if there is no such row, or if it has a place.
    fn keep(&mut self, index: u32) -> bool {
        match self.named.get_mut(index as usize) {
            Some(named) if !*named => {
                *named = true;
                self.kept += 1;
                self.rows.push(index + 1);
                true
            }
            _ => false,
        }
    }
}

/// Brings rows into an order of their indices + 1, along its cycles: `order` is what still has to come
/// to each place.
fn permute(rows: &mut [Instance], mut order: Vec<u32>) {
    for first in 0..order.len() {
        let mut at = first;
        while let Some(from) = order.get_mut(at) {
            let next = replace(from, at as u32 + 1).wrapping_sub(1) as usize;
            if next == first {
                break;
            }
            let Ok([one, other]) = rows.get_disjoint_mut([at, next]) else { break };
            swap(one, other);
            at = next;
        }
    }
}

/// FNV-1a.
fn hash(bytes: &[u8]) -> u32 {
    let mut hash = 0x811c_9dc5u32;
    for &byte in bytes {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    // The lower bits choose the bucket; the upper ones are the better ones.
    hash ^ hash >> 15
}

/// Marks a longest ascending subsequence; new rows (0) count as standing where they should.
fn longest_ascending(order: &[u32]) -> Vec<bool> {
    let value = |at: u32| order.get(at as usize).copied().unwrap_or_default();
    let mut stays = vec![true; order.len()];
    // The last row of the best subsequence of each length, and the row before each row, + 1.
    let mut tails: Vec<u32> = Vec::new();
    let mut links = vec![0; order.len()];
    for ((at, &row), (stays, link)) in (0u32..).zip(order).zip(stays.iter_mut().zip(&mut links)) {
        if row == 0 {
            continue;
        }
        *stays = false;
        let length = match tails.last() {
            Some(&last) if value(last) > row => tails.partition_point(|&tail| value(tail) < row),
            _ => tails.len(),
        };
        *link = tails.get(length.wrapping_sub(1)).map_or(0, |&last| last + 1);
        match tails.get_mut(length) {
            Some(tail) => *tail = at,
            None => tails.push(at),
        }
    }
    let mut at = tails.last().map_or(0, |&last| last + 1) as usize;
    while let Some(stay) = stays.get_mut(at.wrapping_sub(1)) {
        *stay = true;
        at = links.get(at - 1).copied().unwrap_or_default() as usize;
    }
    stays
}
