//! Pauses: at each of them every row of a list is whole, as it was before the frame or as it is after it.

use protocol::TemplateId;
use testkit::{Fragment, Page, delta, html, random::Rng, shape};

const ROW: TemplateId = TemplateId(2);
const ROOT: TemplateId = TemplateId(3);

/// A list behind a condition; its rows hold a condition and a list themselves.
fn page() -> Page {
    Page::new(vec![
        shape("<b>!</b>"),
        shape("<i>{0}</i>"),
        shape("<li>{0 key}: {1}{2 if}{3 for 1}</li>"),
        shape("<p>{0}</p><ul>{1 for 2}</ul>"),
    ])
}

fn row(key: usize, rng: &mut Rng) -> Fragment {
    let items = 0..rng.below(4);
    Fragment::new(ROW)
        .int(key as i64)
        .int(rng.below(3) as i64)
        .holds((rng.below(2) == 0).then(|| Fragment::new(TemplateId(0))))
        .holds(items.map(|item| Fragment::new(TemplateId(1)).int(item as i64)).collect::<Vec<_>>())
}

fn list(rows: impl IntoIterator<Item = Fragment>) -> Fragment {
    Fragment::new(ROOT).text("head").holds(rows.into_iter().collect::<Vec<_>>())
}

/// What stands at the pauses of an update from one list to another.
fn pauses(old: &[Fragment], new: &[Fragment], by: &str, rng: &mut Rng) -> Vec<String> {
    let mut page = page();
    let (old, new) = (list(old.to_vec()), list(new.to_vec()));
    page.mount(&old);
    page.dom.pauses = Some(Vec::new());
    if by == "delta" {
        let mut bytes = Vec::new();
        delta(rng, &page.definitions, &old, &new, &mut bytes);
        page.update(&bytes, &new);
    } else {
        page.mount(&new);
    }
    page.dom.pauses.take().expect("a list")
}

/// The rows of a page.
fn rows(html: &str) -> Vec<&str> {
    html.split("<li>").skip(1).map(|row| row.split("</li>").next().expect("a row")).collect()
}

#[test]
fn at_a_pause_every_row_is_whole() {
    let mut rng = Rng::new(4);
    let definitions = page().definitions;
    for round in 0..60 {
        let old: Vec<_> = (0..rng.below(60)).map(|key| row(key, &mut rng)).collect();
        let mut new = Vec::new();
        for row_of in &old {
            match rng.below(4) {
                0 => new.push(row(new.len(), &mut rng)),
                _ => new.push(row_of.clone()),
            }
        }
        let added = rng.below(60);
        new.extend((0..added).map(|key| row(1000 + key, &mut rng)));
        let printed =
            |list_of: &[Fragment]| html::normal(&list(list_of.to_vec()).html(&definitions));
        let (before, after) = (printed(&old), printed(&new));
        let known: Vec<_> = rows(&before).into_iter().chain(rows(&after)).collect();
        for by in ["delta", "tree"] {
            let seen = pauses(&old, &new, by, &mut rng);
            // A delta in a random form may take a row away and put an equal one there.
            assert!(
                by == "delta" || seen.len() >= added / 16,
                "round {round}: {} pauses",
                seen.len()
            );
            for html in &seen {
                for row in rows(html) {
                    assert!(known.contains(&row), "round {round}, {by}: half a row, {row}");
                }
            }
        }
    }
}

#[test]
fn a_frame_that_takes_rows_away_has_no_pause_after_that() {
    let mut rng = Rng::new(5);
    let row = |key| row(key, &mut Rng::new(key as u64));
    let (old, new): (Vec<_>, Vec<_>) = ((0..40).map(row).collect(), (40..80).map(row).collect());
    for by in ["delta", "tree"] {
        assert_eq!(pauses(&old, &new, by, &mut rng), Vec::<String>::new(), "{by}");
        assert_ne!(pauses(&[], &new, by, &mut rng), Vec::<String>::new(), "{by}");
    }
}
