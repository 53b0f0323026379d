//! Changes that the server has not confirmed, over trees that go on changing.

use protocol::{Definition, TemplateId};
use testkit::{
    Fragment, Page, delta, html, noted,
    random::{self, Rng},
    shape,
};
use vdom::{Change, Overlay, Step, literal};

const HEART: TemplateId = TemplateId(0);
const NONE: TemplateId = TemplateId(1);
const ROW: TemplateId = TemplateId(2);
const ROOT: TemplateId = TemplateId(4);

/// A page of todos, and of what else an overlay may change.
fn definitions() -> Vec<Definition> {
    vec![
        shape("<b>♥</b>"),
        shape("<i>none</i>"),
        noted(
            "<li class=\"{0 attribute}\">{1 key}, {2}{3 if}<button></button></li>",
            &["0 1 todo.done done open", "2 1 todo.title", "3 1 todo.liked 0 -", "2 0 suffix"],
        ),
        shape("<em>{0}</em>"),
        noted(
            "<p title=\"{0 attribute}\">{1}</p>{4 if}{5 if}<ul>{6 for 2}</ul><s class=\"{2 attribute}\">{3}</s>",
            &[
                "0 0 count",
                "1 0 count",
                "2 0 tab here there new",
                "4 0 liked 0 1",
                "5 0 open ? -",
                "6 0 todos",
            ],
        ),
    ]
}

fn todo(key: &str, title: &str, done: bool, liked: bool) -> Fragment {
    let state = if done { "done" } else { "open" };
    Fragment::new(ROW).text(state).text(key).text(title).holds(liked.then(|| Fragment::new(HEART)))
}

fn tree(count: i64, liked: bool, open: bool, todos: Vec<Fragment>) -> Fragment {
    Fragment::new(ROOT)
        .int(count)
        .int(count)
        .text("there")
        .text("foot")
        .holds([Fragment::new(if liked { HEART } else { NONE })])
        .holds(open.then(|| Fragment::new(TemplateId(3)).text("details")))
        .holds(todos)
}

fn two() -> Vec<Fragment> {
    vec![todo("a", "Bread", false, false), todo("b", "Milk", true, true)]
}

/// A page that shows a tree, with overlays by a few words.
struct Laid {
    page: Page,
    open: Vec<Overlay>,
}

impl Laid {
    fn new(fragment: &Fragment) -> Self {
        let mut page = Page::new(definitions());
        page.mount(fragment);
        Self { page, open: Vec::new() }
    }

    /// Where the button of a row stands; the place of the root without one.
    fn path(&mut self, row: Option<&str>) -> Vec<Step> {
        let all = self.page.engine.place(0, 0);
        let Some(key) = row else { return all };
        let found = (1..200).map(|node| self.page.engine.place(0, node));
        found
            .filter(|path| path.len() == 2)
            .find(|path| format!("{path:?}").contains(&format!("{:?}", key.as_bytes()[0])))
            .expect("the row is there")
    }

    fn lay(&mut self, row: Option<&str>, name: &str, change: Change) {
        let path = self.path(row);
        self.open.push(Overlay { path, name: name.into(), change });
        self.again();
    }

    fn again(&mut self) {
        let open: Vec<&Overlay> = self.open.iter().collect();
        self.page.engine.lay(0, &open, &mut self.page.dom);
        self.page.dom.check_places(self.page.engine.stored());
        self.page.dom.counts();
    }

    /// The server's tree changes, and the first changes are answered.
    fn server(&mut self, old: &Fragment, new: &Fragment, answered: usize) {
        let mut bytes = Vec::new();
        delta(&mut Rng::new(7), &self.page.definitions, old, new, &mut bytes);
        self.page.update_bytes(&bytes).expect("a sound delta");
        self.open.drain(..answered);
        self.again();
    }

    fn shows(&self, fragment: &Fragment) {
        self.page.check(fragment);
    }
}

fn set(text: &str) -> Change {
    let mut value = Vec::new();
    match text {
        "true" => value.push(0xc3),
        "false" => value.push(0xc2),
        text => literal(&mut value, text.as_bytes()),
    }
    Change::Set(value)
}

#[test]
fn a_number_grows_wherever_it_stands() {
    let mut laid = Laid::new(&tree(41, false, false, two()));
    laid.lay(None, "count", Change::Add(1));
    laid.shows(&tree(42, false, false, two()));
    laid.lay(None, "count", Change::Add(-3));
    laid.shows(&tree(39, false, false, two()));
    laid.lay(None, "count", set("7"));
    laid.shows(&tree(7, false, false, two()));
    laid.open.clear();
    laid.again();
    laid.shows(&tree(41, false, false, two()));
}

#[test]
fn a_condition_shows_its_other_body() {
    let mut laid = Laid::new(&tree(1, false, false, two()));
    laid.lay(None, "liked", Change::Toggle);
    laid.shows(&tree(1, true, false, two()));
    laid.lay(None, "liked", Change::Toggle);
    laid.shows(&tree(1, false, false, two()));
    laid.lay(None, "liked", set("true"));
    laid.shows(&tree(1, true, false, two()));
}

#[test]
fn a_body_with_holes_is_taken_away_and_comes_back_as_it_was() {
    let mut laid = Laid::new(&tree(1, false, true, two()));
    laid.lay(None, "open", Change::Toggle);
    laid.shows(&tree(1, false, false, two()));
    laid.lay(None, "open", Change::Toggle);
    laid.shows(&tree(1, false, true, two()));
}

#[test]
fn a_body_with_holes_is_not_made_up() {
    let mut laid = Laid::new(&tree(1, false, false, two()));
    laid.lay(None, "open", Change::Toggle);
    laid.shows(&tree(1, false, false, two()));
}

#[test]
fn a_comparison_holds_for_its_text_alone() {
    let mut laid = Laid::new(&tree(1, false, false, two()));
    let mut here = tree(1, false, false, two());
    here.scalars[2] = testkit::Value::Text("here".into());
    laid.lay(None, "tab", set("new"));
    laid.shows(&here);
    laid.lay(None, "tab", set("old"));
    laid.shows(&tree(1, false, false, two()));
}

#[test]
fn the_variable_of_a_row_changes_in_that_row_alone() {
    let mut laid = Laid::new(&tree(1, false, false, two()));
    laid.lay(Some("a"), "todo.done", Change::Toggle);
    laid.lay(Some("b"), "todo.liked", Change::Toggle);
    laid.lay(Some("b"), "todo.title", set("Cream"));
    let rows = vec![todo("a", "Bread", true, false), todo("b", "Cream", true, false)];
    laid.shows(&tree(1, false, false, rows));
}

#[test]
fn a_variable_of_the_view_changes_from_within_a_row_too() {
    let mut laid = Laid::new(&tree(1, false, false, two()));
    laid.lay(Some("a"), "count", Change::Add(1));
    laid.shows(&tree(2, false, false, two()));
    laid.lay(Some("a"), "suffix", set("!"));
    let rows = vec![todo("a", "!", false, false), todo("b", "!", true, true)];
    laid.shows(&tree(2, false, false, rows));
}

#[test]
fn rows_come_and_go() {
    let mut laid = Laid::new(&tree(1, false, false, two()));
    laid.lay(Some("a"), "", Change::Remove);
    laid.shows(&tree(1, false, false, two().split_off(1)));
    // {"title": "Jam", "done": true}
    let params = b"\x82\xa5title\xa3Jam\xa4done\xc3".to_vec();
    laid.lay(None, "todos", Change::Insert { params: params.clone(), first: false });
    laid.lay(None, "todos", Change::Insert { params, first: true });
    let new = || todo("", "Jam", true, false);
    let rows = vec![new(), todo("b", "Milk", true, true), new()];
    laid.shows(&tree(1, false, false, rows));
}

#[test]
fn a_change_stays_over_what_the_server_says_until_it_is_answered() {
    let old = tree(5, false, false, two());
    let mut laid = Laid::new(&old);
    laid.lay(None, "count", Change::Add(1));
    laid.lay(None, "count", Change::Add(1));
    laid.lay(Some("b"), "todo.done", Change::Toggle);
    // Someone else counts, and puts the rows into another order.
    let mut rows = two();
    rows.reverse();
    let new = tree(10, false, false, rows);
    laid.server(&old, &new, 0);
    let milk = |done| todo("b", "Milk", done, true);
    let bread = || todo("a", "Bread", false, false);
    laid.shows(&tree(12, false, false, vec![milk(false), bread()]));
    // The first answer corrects.
    let last = tree(20, false, false, vec![bread()]);
    laid.server(&new, &last, 1);
    laid.shows(&tree(21, false, false, vec![bread()]));
    laid.server(&last, &tree(20, true, false, vec![bread()]), 2);
    laid.shows(&tree(20, true, false, vec![bread()]));
    assert!(!laid.page.engine.is_laid(0));
}

#[test]
fn nodes_that_a_change_does_not_concern_are_not_touched() {
    let old = tree(5, false, false, two());
    let mut laid = Laid::new(&old);
    laid.lay(None, "count", Change::Add(1));
    // The server comes to the same: the page is as it should be.
    let mut bytes = Vec::new();
    let new = tree(6, false, false, two());
    delta(&mut Rng::new(1), &laid.page.definitions, &old, &new, &mut bytes);
    laid.page.update_bytes(&bytes).expect("a sound delta");
    laid.page.engine.lay(0, &[], &mut laid.page.dom);
    let counts = laid.page.dom.counts();
    assert_eq!((counts.sets, counts.creates, counts.removes), (0, 0, 0));
    laid.shows(&new);
}

#[test]
fn a_full_tree_in_between_is_the_servers_too() {
    let mut laid = Laid::new(&tree(5, false, false, two()));
    laid.lay(None, "count", Change::Add(1));
    let new = tree(8, true, true, vec![]);
    let bytes = laid.page.bytes(&new);
    laid.page.mount_bytes(ROOT, &bytes).expect("a sound tree");
    laid.again();
    laid.shows(&tree(9, true, true, vec![]));
    let (template, kept) = laid.page.engine.snapshot(0).expect("a tree");
    assert_eq!((template, kept), (ROOT, bytes));
}

#[test]
fn a_wrong_frame_changes_nothing_while_a_change_is_open() {
    let mut laid = Laid::new(&tree(5, false, false, two()));
    laid.lay(None, "count", Change::Add(1));
    assert!(laid.page.update_bytes(&[9, 9]).is_err());
    laid.again();
    laid.shows(&tree(6, false, false, two()));
    laid.page.engine.unmount(0, &mut laid.page.dom);
    assert_eq!((laid.page.dom.bound(), laid.page.dom.html()), (0, String::new()));
}

#[test]
fn what_a_note_says_wrongly_does_no_harm() {
    for note in ["9 0 count", "0 0 count 9 9", "1 0 count 3 3", "0 9 count", "1 0 count ? ?"] {
        let mut page = Page::new(vec![
            noted("<p>{0}{1 if}</p>", &[note]),
            noted("<b>{1 with 1}{0}</b>", &["1 0 x"]),
        ]);
        let fragment = Fragment::new(TemplateId(0)).int(1).holds([]);
        page.mount(&fragment);
        let path = page.engine.place(0, 1);
        let changes = [Change::Add(1), Change::Toggle, set("x"), Change::Remove];
        let insert = Change::Insert { params: vec![0xdf, 0xff], first: true };
        for change in changes.into_iter().chain([insert]) {
            let overlay = Overlay { path: path.clone(), name: "count".into(), change };
            page.engine.lay(0, &[&overlay], &mut page.dom);
        }
        page.engine.lay(0, &[], &mut page.dom);
        page.check(&fragment);
    }
}

/// A random change of what a page shows.
fn random_change(rng: &mut Rng) -> (&'static str, Change) {
    match rng.below(10) {
        0 | 1 => ("count", Change::Add(rng.below(5) as i64 - 2)),
        2 => ("count", set("7")),
        3 => ("liked", Change::Toggle),
        4 => ("open", Change::Toggle),
        5 => ("todo.done", Change::Toggle),
        6 => ("todo.liked", set(["true", "false"][rng.below(2)])),
        7 => ("todo.title", set("other")),
        8 => {
            let first = rng.one_in(2);
            ("todos", Change::Insert { params: b"\x81\xa5title\xa3Jam".to_vec(), first })
        }
        _ => ("", Change::Remove),
    }
}

fn random_tree(rng: &mut Rng) -> Fragment {
    let mut keys = ["a", "b", "c", "d", "e"];
    rng.shuffle(&mut keys);
    let count = rng.below(6);
    let rows = keys.iter().take(count);
    let rows = rows.map(|key| todo(key, "title", rng.one_in(2), rng.one_in(2))).collect();
    tree(rng.below(9) as i64, rng.one_in(2), rng.one_in(2), rows)
}

/// The judge is a fresh page that gets the server's tree, and then the open changes.
#[test]
fn whatever_is_open_the_page_shows_the_servers_tree_with_it() {
    for seed in 0..150 {
        let mut rng = Rng::new(seed);
        let mut old = random_tree(&mut rng);
        let mut laid = Laid::new(&old);
        for _ in 0..12 {
            match rng.below(4) {
                0 => {
                    let new = random_tree(&mut rng);
                    let answered = rng.below(laid.open.len() + 1);
                    laid.server(&old, &new, answered);
                    old = new;
                }
                1 if !laid.open.is_empty() => {
                    laid.open.remove(rng.below(laid.open.len()));
                    laid.again();
                }
                _ => {
                    let node = rng.below(60) as u32;
                    let path = laid.page.engine.place(0, node);
                    let (name, change) = random_change(&mut rng);
                    laid.open.push(Overlay { path, name: name.into(), change });
                    laid.again();
                }
            }
            let mut fresh = Page::new(definitions());
            fresh.mount(&old);
            let open: Vec<&Overlay> = laid.open.iter().collect();
            fresh.engine.lay(0, &open, &mut fresh.dom);
            assert_eq!(laid.page.dom.html(), fresh.dom.html(), "seed {seed}");
        }
        laid.open.clear();
        laid.again();
        laid.shows(&old);
        laid.page.engine.unmount(0, &mut laid.page.dom);
        assert_eq!(laid.page.dom.bound(), 0, "seed {seed}: ids are released");
    }
}

#[test]
fn a_snapshot_is_the_tree_that_was_mounted() {
    for seed in 0..200 {
        let mut rng = Rng::new(seed);
        let definitions = random::definitions();
        let mut page = Page::new(definitions.clone());
        let mut old = random::fragment(&mut rng, &definitions, TemplateId(7));
        page.mount(&old);
        for _ in 0..5 {
            let new = random::change(&mut rng, &definitions, &old);
            page.change(&mut rng, &old, &new);
            old = new;
        }
        let (template, bytes) = page.engine.snapshot(0).expect("a tree");
        let mut other = Page::new(definitions.clone());
        other.mount_bytes(template, &bytes).expect("a sound tree");
        assert_eq!(other.dom.html(), html::normal(&old.html(&definitions)), "seed {seed}");
    }
}
