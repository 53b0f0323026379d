//! The bytes between two fillings of one template, in one of the many forms that a server may
//! choose.

use std::collections::HashMap;

use protocol::{Definition, HoleKind, write};

use crate::{Fragment, Value, fragment::encode_structure, random::Rng};

/// Writes the delta from one filling to another of the same template. The random numbers decide
/// among the forms that say the same.
pub fn delta(
    rng: &mut Rng,
    definitions: &[Definition],
    old: &Fragment,
    new: &Fragment,
    out: &mut Vec<u8>,
) {
    assert_eq!(old.template, new.template, "a delta stays within a template");
    let definition = &definitions[new.template.0 as usize];
    let mut changes: Vec<(u32, Vec<u8>)> = Vec::new();
    for (slot, (before, after)) in (0..).zip(old.scalars.iter().zip(&new.scalars)) {
        if before != after || rng.one_in(10) {
            let mut bytes = Vec::new();
            match (before, after) {
                (Value::Text(before), Value::Text(after))
                    if after.starts_with(before) && !rng.one_in(4) =>
                {
                    write::array_len(&mut bytes, 1);
                    write::str(&mut bytes, &after[before.len()..]);
                }
                _ => write::scalar(&mut bytes, after.as_scalar()),
            }
            changes.push((slot, bytes));
        }
    }
    let structures = definition.holes().filter(|hole| hole.kind.is_structure());
    for (hole, (before, after)) in structures.zip(old.structures.iter().zip(&new.structures)) {
        if before == after && !rng.one_in(10) {
            continue;
        }
        let mut bytes = Vec::new();
        match (hole.kind, before.as_slice(), after.as_slice()) {
            (HoleKind::Fragment, [before], [after]) => {
                delta(rng, definitions, before, after, &mut bytes);
            }
            (HoleKind::Condition, [before], [after])
                if before.template == after.template && !rng.one_in(4) =>
            {
                write::boolean(&mut bytes, true);
                delta(rng, definitions, before, after, &mut bytes);
            }
            (HoleKind::List, ..) => list(rng, definitions, before, after, &mut bytes),
            _ => encode_structure(hole.kind, after, definitions, &mut bytes),
        }
        changes.push((hole.slot, bytes));
    }
    if changes.is_empty() || rng.one_in(20) {
        write::uint(out, 0);
        new.encode(definitions, out);
        return;
    }
    write::uint(out, changes.len() as u64);
    for (slot, bytes) in changes {
        write::uint(out, u64::from(slot));
        out.extend(bytes);
    }
}

/// Writes what became of a list.
fn list(
    rng: &mut Rng,
    definitions: &[Definition],
    old: &[Fragment],
    new: &[Fragment],
    out: &mut Vec<u8>,
) {
    let sources = sources(rng, definitions, old, new);
    let is_same = old.len() == new.len() && (1..).zip(&sources).all(|(at, &row)| row == at);
    match rng.below(4) {
        0 => {
            write::uint(out, 0);
            return encode_structure(HoleKind::List, new, definitions, out);
        }
        1 | 2 if is_same => write::uint(out, 3),
        1 => {
            write::uint(out, 2);
            write::uint(out, sources.len() as u64);
            for &row in &sources {
                write::uint(out, row as u64);
            }
            for (_, row) in sources.iter().zip(new).filter(|&(&row, _)| row == 0) {
                row.encode(definitions, out);
            }
        }
        _ => {
            write::uint(out, 1);
            runs(rng, definitions, &sources, old.len(), new, out);
        }
    }
    let changed: Vec<usize> =
        (0..new.len()).filter(|&at| sources[at] > 0 && old[sources[at] - 1] != new[at]).collect();
    write::uint(out, changed.len() as u64);
    let mut next = 0;
    for at in changed {
        write::uint(out, (at - next) as u64);
        delta(rng, definitions, &old[sources[at] - 1], &new[at], out);
        next = at + 1;
    }
}

/// For each new row the index of an old one + 1, or 0: the row with its key, the row with its
/// index, or a new one.
fn sources(
    rng: &mut Rng,
    definitions: &[Definition],
    old: &[Fragment],
    new: &[Fragment],
) -> Vec<usize> {
    let mut by_key: HashMap<_, Vec<usize>> = HashMap::new();
    let key = |row: &Fragment| {
        let key = definitions[row.template.0 as usize].key;
        key.map(|slot| row.scalars[slot as usize].clone())
    };
    for (at, row) in old.iter().enumerate().rev() {
        by_key.entry(key(row)).or_default().push(at + 1);
    }
    let rows = new.iter().map(|row| match by_key.get_mut(&key(row)) {
        Some(rows) if !rng.one_in(15) => rows.pop().unwrap_or(0),
        _ => 0,
    });
    rows.collect()
}

fn runs(
    rng: &mut Rng,
    definitions: &[Definition],
    sources: &[usize],
    old: usize,
    new: &[Fragment],
    out: &mut Vec<u8>,
) {
    let mut count = 0;
    let mut bytes = Vec::new();
    let (mut at, mut kept) = (0, 0);
    while at < sources.len() {
        let follows = |step: usize, up: bool| {
            let (first, row) = (sources[at], sources.get(at + step).copied());
            match (first, up) {
                (0, _) => row == Some(0),
                (_, true) => row == Some(first + step),
                (_, false) => first > step && row == Some(first - step),
            }
        };
        let length = |up| (1..).find(|&step| !follows(step, up)).unwrap_or(1);
        let (up, down) = (length(true), length(false));
        let length = up.max(down);
        let kind = match sources[at] {
            0 => 1,
            _ if down > up => 2,
            row if row == kept + 1 && !rng.one_in(4) => 3,
            _ => 0,
        };
        let is_rest = kind == 3 && kept + length == old && !rng.one_in(4);
        write::uint(&mut bytes, (if is_rest { 0 } else { length * 4 } + kind) as u64);
        if kind == 1 {
            for row in &new[at..at + length] {
                row.encode(definitions, &mut bytes);
            }
        } else {
            kept += length;
            if kind != 3 {
                write::uint(&mut bytes, sources[at] as u64 - 1);
            }
        }
        count += 1;
        at += length;
    }
    write::uint(out, count);
    out.extend(bytes);
}
