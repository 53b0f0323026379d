//! Lists: kept rows keep their nodes, and no more is created, moved or removed than has to be.

use protocol::TemplateId;
use testkit::{Counts, Fragment, Page, random::Rng, shape};

const ROOT: TemplateId = TemplateId(1);

/// A list of rows, each with a key and a text.
fn page(row: &str) -> Page {
    Page::new(vec![shape(row), shape("<ul>{0 for 0}</ul>")])
}

fn keyed() -> Page {
    page("<li>{0 key}{1}</li>")
}

/// A row for each letter.
fn letters(keys: &str) -> Fragment {
    let rows = keys.chars().map(|key| row(&key.to_string(), "."));
    Fragment::new(ROOT).holds(rows)
}

fn row(key: &str, text: &str) -> Fragment {
    Fragment::new(TemplateId(0)).text(key).text(text)
}

/// What it takes to get from one list of letters to another by full trees. A row that both have
/// must be the same element afterwards.
fn steps(from: &str, to: &str) -> Counts {
    let mut page = keyed();
    page.mount(&letters(from));
    let before = page.dom.elements("li");
    let counts = page.mount(&letters(to));
    let after = page.dom.elements("li");
    let is_double =
        |text: &str| from.matches(&text[..1]).count() + to.matches(&text[..1]).count() > 2;
    for (text, identity) in before.iter().filter(|(text, _)| !is_double(text)) {
        let still = after.iter().find(|(other, _)| other == text);
        assert!(still.is_none_or(|(_, kept)| kept == identity), "{text} is kept");
    }
    counts
}

fn counts(creates: usize, moves: usize, removes: usize) -> Counts {
    Counts { creates, moves, removes, releases: removes * 3, ..Counts::default() }
}

#[test]
fn an_unchanged_list_takes_nothing() {
    assert_eq!(steps("abc", "abc"), Counts::default());
}

#[test]
fn insertions_create_rows_and_move_none() {
    assert_eq!(steps("abc", "xabc"), counts(1, 0, 0));
    assert_eq!(steps("abc", "abcxyz"), counts(3, 0, 0));
    assert_eq!(steps("abc", "axbyc"), counts(2, 0, 0));
    assert_eq!(steps("", "abc"), counts(3, 0, 0));
}

#[test]
fn deletions_remove_rows_and_move_none() {
    assert_eq!(steps("abcd", "bcd"), counts(0, 0, 1));
    assert_eq!(steps("abcd", "ad"), counts(0, 0, 2));
    assert_eq!(steps("abcd", "bd"), counts(0, 0, 2));
}

#[test]
fn a_list_that_becomes_empty_is_cleared_at_once() {
    let cleared = Counts { clears: 1, releases: 9, ..Counts::default() };
    assert_eq!(steps("abc", ""), cleared);
    assert_eq!(steps("abc", "xyz"), Counts { creates: 3, ..cleared });
}

#[test]
fn reorders_move_as_few_rows_as_possible() {
    assert_eq!(steps("abcdef", "fabcde"), counts(0, 1, 0));
    assert_eq!(steps("abcdef", "bcdefa"), counts(0, 1, 0));
    assert_eq!(steps("abcdef", "aecdbf"), counts(0, 2, 0));
    assert_eq!(steps("abcdef", "fedcba"), counts(0, 5, 0));
    assert_eq!(steps("abcdefg", "adbcxfg"), counts(1, 1, 1));
}

#[test]
fn moves_are_minimal_for_random_orders() {
    for seed in 0..200 {
        let mut rng = Rng::new(seed);
        let mut from: Vec<char> = ('a'..='z').collect();
        rng.shuffle(&mut from);
        from.truncate(rng.below(27));
        let mut to: Vec<char> = ('a'..='z').collect();
        rng.shuffle(&mut to);
        to.truncate(rng.below(27));
        let kept: Vec<usize> =
            to.iter().filter_map(|key| from.iter().position(|other| other == key)).collect();
        let gone = from.len() - kept.len();
        let found = steps(&String::from_iter(&from), &String::from_iter(&to));
        assert_eq!(found.moves, kept.len() - longest_ascending(&kept), "seed {seed}");
        assert_eq!(found.creates, to.len() - kept.len(), "seed {seed}");
        assert_eq!(found.removes, if kept.is_empty() { 0 } else { gone }, "seed {seed}");
    }
}

/// The length of a longest ascending subsequence, the slow way.
fn longest_ascending(row: &[usize]) -> usize {
    let mut best: Vec<usize> = Vec::new();
    for (at, here) in row.iter().enumerate() {
        let before = (0..at).filter(|&before| row[before] < *here).map(|before| best[before]);
        best.push(before.max().unwrap_or(0) + 1);
    }
    best.into_iter().max().unwrap_or(0)
}

#[test]
fn of_rows_with_one_key_the_first_stays_the_first() {
    assert_eq!(steps("aab", "baa"), counts(0, 1, 0));
    assert_eq!(steps("aa", "aaa").creates, 1);
    assert_eq!(steps("abaca", "aa"), counts(0, 0, 3));
    let mut page = keyed();
    page.mount(&Fragment::new(ROOT).holds([row("a", "1"), row("b", "2"), row("a", "3")]));
    let before = page.dom.elements("li");
    page.mount(&Fragment::new(ROOT).holds([row("b", "2"), row("a", "1"), row("a", "3")]));
    let after = page.dom.elements("li");
    assert_eq!([&after[0], &after[1], &after[2]], [&before[1], &before[0], &before[2]]);
}

#[test]
fn a_stretch_of_rows_stays_what_it_was_whatever_stands_around_it() {
    // Two rows are swapped, one goes, others come; the keys a and z stand twice.
    let stretch = "abcdefghijaz";
    assert_eq!(steps(&format!("x{stretch}y"), &format!("y{stretch}x")).moves, 2);
    assert_eq!(steps(&format!("x{stretch}"), stretch), counts(0, 0, 1));
    assert_eq!(steps(&format!("ax{stretch}"), &format!("x{stretch}a")).moves, 1);
    assert_eq!(steps(&format!("{stretch}{stretch}x"), &format!("x{stretch}{stretch}")).moves, 1);
    assert_eq!(steps(&format!("x{stretch}"), &format!("a{stretch}z")), counts(2, 0, 1));
    // One that comes later than it was needs no second one of its rows.
    assert_eq!(steps(&format!("{stretch}xy"), &format!("yx{stretch}")).moves, 2);
}

#[test]
fn long_lists_with_keys_that_stand_twice_follow_every_change() {
    for seed in 0..200 {
        let mut rng = Rng::new(seed);
        let mut page = keyed();
        let mut rows: Vec<_> = (0..60).map(|at| (at % 50, 0)).collect();
        for _ in 0..8 {
            for _ in 0..1 + rng.below(3) {
                let (one, other) = (rng.below(rows.len()), rng.below(rows.len()));
                match rng.below(5) {
                    0 => rows.swap(one, other),
                    1 => drop(rows.remove(one)),
                    2 => rows.insert(one, (rng.below(70), 1)),
                    3 => rows[one].1 += 1,
                    _ => rows[one.min(other)..].rotate_left(1),
                }
            }
            let rows = rows.iter().map(|(key, text)| row(&key.to_string(), &text.to_string()));
            page.mount(&Fragment::new(ROOT).holds(rows));
        }
    }
}

#[test]
fn a_changed_cell_of_a_moved_row_is_one_set() {
    let mut page = keyed();
    page.mount(&Fragment::new(ROOT).holds([row("a", "1"), row("b", "2"), row("c", "3")]));
    let counts =
        page.mount(&Fragment::new(ROOT).holds([row("c", "4"), row("a", "1"), row("b", "2")]));
    assert_eq!((counts.sets, counts.moves, counts.creates), (1, 1, 0));
}

#[test]
fn rows_without_a_key_are_known_by_their_values() {
    let mut page = page("<li>{0}{1}</li>");
    page.mount(&letters("abcd"));
    let before = page.dom.elements("li");
    let counts = page.mount(&letters("dbc"));
    assert_eq!((counts.moves, counts.removes, counts.sets), (1, 1, 0));
    assert_eq!(page.dom.elements("li")[0], before[3]);
}

#[test]
fn an_edited_row_without_a_key_is_the_row_with_its_index() {
    let mut page = page("<li>{0}{1}</li>");
    page.mount(&letters("abcd"));
    let counts = page.mount(&letters("axcy"));
    assert_eq!((counts.sets, counts.creates, counts.removes), (2, 0, 0));
}

#[test]
fn rows_of_several_nodes_move_as_one() {
    let mut page = page("{0 key}<hr>{1}");
    page.mount(&letters("abc"));
    assert_eq!(page.mount(&letters("cab")).moves, 1);
    let mut page = Page::new(vec![
        shape("{1 if}{0 key}{2 for 2}"),
        shape("<ul>{0 for 0}</ul>"),
        shape("<b>{0}</b>"),
    ]);
    let bold = |text: &str| Fragment::new(TemplateId(2)).text(text);
    let row = |key: &str| {
        Fragment::new(TemplateId(0)).text(key).holds([bold(key)]).holds([bold("1"), bold("2")])
    };
    page.mount(&Fragment::new(ROOT).holds([row("a"), row("b"), row("c")]));
    let counts = page.mount(&Fragment::new(ROOT).holds([row("b"), row("c"), row("a")]));
    assert_eq!((counts.moves, counts.creates, counts.sets), (1, 0, 0));
}

/// Mounts `abcd`, sends a delta of the only list, and returns what it took.
fn delta(list: &[u8], to: &Fragment) -> Counts {
    let mut page = keyed();
    page.mount(&letters("abcd"));
    let mut bytes = vec![1, 0];
    bytes.extend(list);
    page.update(&bytes, to)
}

const A: u8 = 0xa1;

#[test]
fn a_list_delta_of_runs_names_its_moves() {
    // Rows 1 to 3, then row 0.
    assert_eq!(delta(&[1, 2, 3 << 2, 1, 1 << 2, 0, 0], &letters("bcda")), counts(0, 1, 0));
    // All rows backwards.
    assert_eq!(delta(&[1, 1, 4 << 2 | 2, 3, 0], &letters("dcba")), counts(0, 3, 0));
    // Two rows, two new ones, the last row; row 2 is gone.
    let list = [1, 3, 2 << 2, 0, 2 << 2 | 1, A, b'x', A, b'.', A, b'y', A, b'.', 1 << 2, 3, 0];
    assert_eq!(delta(&list, &letters("abxyd")), counts(2, 0, 1));
    // No rows at all.
    assert_eq!(delta(&[1, 0, 0], &letters("")).clears, 1);
}

#[test]
fn a_list_delta_of_indices_names_each_row() {
    let list = [2, 4, 4, 0, 2, 1, A, b'x', A, b'.', 0];
    assert_eq!(delta(&list, &letters("dxba")), counts(1, 2, 1));
}

#[test]
fn a_list_delta_in_the_same_order_sets_cells_alone() {
    // Row 1 and, with one row between them, row 3: their slot 1.
    let list = [3, 2, 1, 1, 1, A, b'!', 1, 1, 1, A, b'?'];
    let to =
        Fragment::new(ROOT).holds([row("a", "."), row("b", "!"), row("c", "."), row("d", "?")]);
    assert_eq!(delta(&list, &to), Counts { sets: 2, ..Counts::default() });
}

#[test]
fn changes_of_a_list_delta_count_in_the_new_order() {
    // d a b c, and the first and the last of them changed.
    let list = [1, 2, 1 << 2, 3, 3 << 2, 0, 2, 0, 1, 1, A, b'!', 2, 1, 1, A, b'?'];
    let to =
        Fragment::new(ROOT).holds([row("d", "!"), row("a", "."), row("b", "."), row("c", "?")]);
    assert_eq!(delta(&list, &to), Counts { sets: 2, ..counts(0, 1, 0) });
}

#[test]
fn a_list_delta_of_all_rows_goes_by_their_keys() {
    let list = [0, 2, A, b'd', A, b'.', A, b'a', A, b'.'];
    assert_eq!(delta(&list, &letters("da")), counts(0, 1, 2));
}

#[test]
fn one_cell_of_a_thousand_rows_is_one_set() {
    let mut page = keyed();
    let rows = |edited: Option<usize>| {
        let rows = (0..1000)
            .map(move |at| row(&at.to_string(), if edited == Some(at) { "edited" } else { "." }));
        Fragment::new(ROOT).holds(rows)
    };
    let set = Counts { sets: 1, ..Counts::default() };
    page.mount(&rows(None));
    assert_eq!(page.mount(&rows(Some(500))), set);
    page.mount(&rows(None));
    let bytes = b"\x01\x00\x03\x01\xcd\x01\xf4\x01\x01\xa6edited";
    assert_eq!(page.update(bytes, &rows(Some(500))), set);
}
