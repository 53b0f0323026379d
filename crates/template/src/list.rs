//! Which old row is which new row: two vectors of row codes in, for each new row the index of its
//! old row out; and the shortest way to say so.
//!
//! Old `A B C D E`, new `A C B X E`: `A` and `E` are prefix and suffix, a map of the middle finds
//! `C` and `B`, and `X` is new. As runs: 1 from 0, 1 from 2, 1 from 1, 1 new, 1 from 4. Where rows
//! have no key they are matched by content, and what is left between two matched rows on both
//! sides is taken as changed in place: editing a row of a list without keys costs that row.
//! Linear in the number of rows.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use protocol::write;

/// A new row without an old one.
pub(crate) const NEW: u32 = u32::MAX;

/// For each new row the index of its old row, or [`NEW`].
pub(crate) fn sources(old: &[u128], new: &[u128], keyed: bool) -> Vec<u32> {
    let name = |code: u128| if keyed { code >> 96 } else { code };
    let same = |old: u128, new: u128| name(old) == name(new);
    let prefix = old.iter().zip(new).take_while(|(old, new)| same(**old, **new)).count();
    let suffix = old[prefix..]
        .iter()
        .rev()
        .zip(new[prefix..].iter().rev())
        .take_while(|(old, new)| same(**old, **new))
        .count();
    let (old_end, new_end) = (old.len() - suffix, new.len() - suffix);
    let mut sources: Vec<u32> = Vec::with_capacity(new.len());
    sources.extend(0..prefix as u32);
    // Rows of the same name are taken in order: `next` leads from one to the following.
    let mut first: HashMap<u128, u32, BuildHasherDefault<Identity>> = HashMap::default();
    let mut next = vec![NEW; old_end - prefix];
    for index in (prefix..old_end).rev() {
        if let Some(later) = first.insert(name(old[index]), index as u32) {
            next[index - prefix] = later;
        }
    }
    for code in &new[prefix..new_end] {
        let source = match first.get_mut(&name(*code)) {
            Some(index) if *index != NEW => {
                std::mem::replace(index, next[*index as usize - prefix])
            }
            _ => NEW,
        };
        sources.push(source);
    }
    sources.extend(old_end as u32..old.len() as u32);
    if !keyed {
        pair_changed(old.len(), prefix, new_end, &mut sources);
    }
    sources
}

/// Pairs new rows with old rows that stand between the same matched neighbours.
fn pair_changed(old: usize, from: usize, to: usize, sources: &mut [u32]) {
    let mut used = vec![false; old];
    for &source in sources.iter().filter(|source| **source != NEW) {
        used[source as usize] = true;
    }
    let mut candidate = from;
    for source in &mut sources[from..to] {
        if *source != NEW {
            candidate = *source as usize + 1;
        } else if candidate < old && !used[candidate] {
            *source = candidate as u32;
            used[candidate] = true;
            candidate += 1;
        }
    }
}

/// Whether the rows are the same ones in the same order.
pub(crate) fn is_same_order(old: usize, sources: &[u32]) -> bool {
    old == sources.len() && sources.iter().enumerate().all(|(index, at)| *at == index as u32)
}

/// Writes the order of a list that had `old` rows as runs; `fragment` encodes a new row.
pub(crate) fn write_runs(
    sources: &[u32],
    old: usize,
    out: &mut Vec<u8>,
    fragment: &mut dyn FnMut(usize, &mut Vec<u8>),
) {
    write::uint(out, runs(sources).count() as u64);
    let mut named = 0;
    for run in runs(sources) {
        let from = sources[run.start];
        let kind = match run.kind {
            RunKind::Up if from as usize == named => RunKind::Next,
            kind => kind,
        };
        if kind != RunKind::New {
            named += run.count;
        }
        let is_rest = kind == RunKind::Next && named == old;
        write::uint(out, if is_rest { 0 } else { run.count as u64 * 4 } + kind as u64);
        match kind {
            RunKind::New => (run.start..run.start + run.count).for_each(|row| fragment(row, out)),
            RunKind::Up | RunKind::Down => write::uint(out, u64::from(from)),
            RunKind::Next => {}
        }
    }
}

/// Writes the order as one number a row, then the new rows.
pub(crate) fn write_order(
    sources: &[u32],
    out: &mut Vec<u8>,
    fragment: &mut dyn FnMut(usize, &mut Vec<u8>),
) {
    write::uint(out, sources.len() as u64);
    for source in sources {
        write::uint(out, u64::from(source.wrapping_add(1)));
    }
    for (row, _) in sources.iter().enumerate().filter(|(_, source)| **source == NEW) {
        fragment(row, out);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RunKind {
    Up = 0,
    New = 1,
    Down = 2,
    /// Upwards, from where as many old rows stand as are named before: rows that stay in place.
    Next = 3,
}

#[derive(Debug)]
struct RunOf {
    kind: RunKind,
    start: usize,
    count: usize,
}

fn runs(sources: &[u32]) -> impl Iterator<Item = RunOf> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let first = *sources.get(start)?;
        let step = |from: u32, to: u32| match (from, to) {
            (NEW, NEW) => Some(RunKind::New),
            (NEW, _) | (_, NEW) => None,
            (from, to) if to == from + 1 => Some(RunKind::Up),
            (from, to) if from == to + 1 => Some(RunKind::Down),
            _ => None,
        };
        let alone = if first == NEW { RunKind::New } else { RunKind::Up };
        let second = sources.get(start + 1).copied();
        let kind = second.and_then(|second| step(first, second)).unwrap_or(alone);
        let pairs = sources[start..].windows(2);
        let count = 1 + pairs.take_while(|pair| step(pair[0], pair[1]) == Some(kind)).count();
        let run = RunOf { kind, start, count };
        start += count;
        Some(run)
    })
}

/// Row codes are keyed hashes already.
#[derive(Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = self.0.rotate_left(29).wrapping_mul(0x9e37_79b9_7f4a_7c15)
                ^ u64::from_le_bytes(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed(keys: &str) -> Vec<u128> {
        keys.bytes().map(|key| u128::from(key) << 96).collect()
    }

    fn by_key(old: &str, new: &str) -> Vec<u32> {
        sources(&keyed(old), &keyed(new), true)
    }

    fn by_content(old: &str, new: &str) -> Vec<u32> {
        sources(&keyed(old), &keyed(new), false)
    }

    #[test]
    fn keyed_rows_are_found_wherever_they_went() {
        assert_eq!(by_key("ABCDE", "ACBXE"), [0, 2, 1, NEW, 4]);
        assert_eq!(by_key("ABC", "CBA"), [2, 1, 0]);
        assert_eq!(by_key("", "AB"), [NEW, NEW]);
        assert_eq!(by_key("AB", ""), [] as [u32; 0]);
    }

    #[test]
    fn equal_keys_are_taken_in_order_and_never_twice() {
        assert_eq!(by_key("AAB", "BAAA"), [2, 0, 1, NEW]);
    }

    #[test]
    fn rows_without_keys_that_differ_in_place_are_changed_rows() {
        assert_eq!(by_content("ABCD", "AXCD"), [0, 1, 2, 3]);
        assert_eq!(by_content("ABCD", "AXYCD"), [0, 1, NEW, 2, 3]);
        assert_eq!(by_content("ABCD", "XDA"), [NEW, 3, 0]);
    }

    #[test]
    fn runs_cover_all_rows_once() {
        let mut out = Vec::new();
        write_runs(&[0, 1, 4, 3, 2, NEW, NEW, 7], 9, &mut out, &mut |_, out| out.push(99));
        assert_eq!(out, [4, 11, 14, 4, 9, 99, 99, 4, 7]);
    }

    #[test]
    fn rows_that_stay_in_place_need_no_index() {
        let mut out = Vec::new();
        write_runs(&[0, 3, 2, 1, NEW, 4, 5], 6, &mut out, &mut |_, out| out.push(99));
        assert_eq!(out, [4, 7, 14, 3, 5, 99, 3]);
    }
}
