//! What is noted of the variables that `dj-optimistic` names.

mod support;

use protocol::{Definition, FLAG_VARIABLES, Reader, Scan, Variable as Noted};
use support::{each, either, t, v, when};
use template::{
    LoopId, Op, Plan, Region, TestId, Truth, ValueId, Variable, Variables, compile, definitions,
    note_variables,
};

/// Value 1 is `count`, value 2 `todo.title` of the row around it, value 3 `count` of a loop.
/// Test 1 asks for `liked`, test 2 for its contrary, test 3 whether `tab` is `new`.
/// Loop 1 walks through `todos`.
struct Names(Vec<Variable>, Vec<(Variable, Truth)>);

impl Names {
    fn new() -> Self {
        let variable = |name: &str, rows| Variable { name: name.into(), rows };
        Self(
            vec![variable("count", 0), variable("todo.title", 1), variable("count", 1)],
            vec![
                (variable("liked", 0), Truth::Yes),
                (variable("liked", 0), Truth::No),
                (variable("tab", 0), Truth::Equals("new".into())),
                (variable("todos", 0), Truth::Yes),
            ],
        )
    }
}

impl Variables for Names {
    fn value(&self, id: ValueId) -> Option<&Variable> {
        self.0.get((id.0 as usize).wrapping_sub(1))
    }
    fn test(&self, id: TestId) -> Option<&(Variable, Truth)> {
        self.1.get((id.0 as usize).wrapping_sub(1))
    }
    fn sequence(&self, id: LoopId) -> Option<&Variable> {
        (id.0 == 1).then(|| &self.1[3].0)
    }
}

fn noted(ops: &[Op]) -> Plan {
    let mut plan = compile(ops, Region::Whole);
    note_variables(&mut plan, ops, &Names::new());
    plan
}

/// The notes of all definitions of a plan, in their order, in words.
fn notes(ops: &[Op]) -> Vec<String> {
    let bytes = definitions(&noted(ops));
    let (mut reader, mut found) = (Reader::new(&bytes), Vec::new());
    while !reader.is_empty() {
        let definition = Definition::read(&mut reader).expect("a sound definition");
        assert_eq!(definition.flags & FLAG_VARIABLES > 0, !definition.variables.is_empty());
        let mut scan = Scan::new(&definition.variables);
        let count = if definition.variables.is_empty() { 0 } else { scan.array_len() };
        for _ in 0..count {
            let Noted { slot, rows, name, cases, equals } = Noted::read(&mut scan);
            let (name, equals) = (words(name), equals.map(|equal| words(Scan::new(equal).str())));
            let case = |value: &[u8]| match value {
                [0xc0] => "?".into(),
                [0xc2] => "-".into(),
                [number @ 0..=0x7f] => number.to_string(),
                value => Reader::new(value).str().expect("a text").to_string(),
            };
            let cases = cases.map(|[yes, no]| format!(" {}|{}", case(yes), case(no)));
            let equals = equals.map(|text| format!(" if {text}"));
            found.push(format!(
                "{slot} {name} {rows}{}{}",
                cases.unwrap_or_default(),
                equals.unwrap_or_default()
            ));
        }
    }
    found
}

fn words(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

fn button(source: &str) -> Op {
    t(&format!("<button dj-optimistic=\"{source}\"></button>"))
}

#[test]
fn a_template_without_the_attribute_has_no_notes() {
    let ops = [t("<p>"), v(1), t("</p>")];
    assert!(notes(&ops).is_empty());
    assert_eq!(definitions(&noted(&ops)), definitions(&compile(&ops, Region::Whole)));
}

#[test]
fn a_value_is_noted_by_its_name_wherever_it_stands() {
    let ops = [
        button("count:count+1"),
        t("<p title=\""),
        v(1),
        t("\">"),
        v(1),
        v(9),
        v(2),
        t("</p>"),
        each(1, vec![t("<i>"), v(1), v(3), t("</i>")]),
    ];
    assert_eq!(notes(&ops), ["0 count 0", "1 count 1", "0 count 0", "1 count 0"]);
}

#[test]
fn the_name_of_another_loop_is_told_apart() {
    let ops = [button("todo.title:x"), each(2, vec![v(2)])];
    assert_eq!(notes(&ops), ["0 todo.title 1"]);
}

#[test]
fn a_condition_without_holes_can_be_shown_and_one_with_holes_taken_away() {
    let body = |text: &str| vec![t(text)];
    let ops = [button("liked:!liked"), either(1, body("<b>yes</b>"), body("<i>no</i>"))];
    assert_eq!(notes(&ops), ["0 liked 0 0|1"]);
    let ops = [button("liked:!liked"), either(2, body("<b>no</b>"), body("<i>yes</i>"))];
    assert_eq!(notes(&ops), ["0 liked 0 1|0"]);
    let ops = [button("liked:!liked"), when(1, vec![t("<b>"), v(7), t("</b>")])];
    assert_eq!(notes(&ops), ["0 liked 0 ?|-"]);
    let two = either(1, vec![t("<b>"), v(7), t("</b>")], vec![v(8)]);
    assert!(notes(&[button("liked:!liked"), two]).is_empty());
}

#[test]
fn the_two_values_of_an_attribute_are_noted() {
    let ops = [
        button("liked:!liked | tab:new"),
        t("<p class=\"a "),
        either(1, vec![t("on")], vec![t("off")]),
        t("\" title=\""),
        either(3, vec![t("here")], vec![]),
        t("\">"),
        t("</p>"),
    ];
    assert_eq!(notes(&ops), ["0 liked 0 on|off", "1 tab 0 here| if new"]);
    let hole = [button("liked:!liked"), t("<p class=\""), when(1, vec![v(1)]), t("\"></p>")];
    assert!(notes(&hole).is_empty(), "what one case prints is not known");
}

#[test]
fn a_list_that_gets_rows_notes_what_its_rows_print() {
    let row = vec![t("<li>"), v(2), v(1), when(1, vec![t("!")]), t("</li>")];
    assert_eq!(notes(&[button("todos:append"), each(1, row)]), ["0 todo.title 1", "0 todos 0"]);
}

#[test]
fn a_value_may_go_on_with_a_hole() {
    let ops = [t("<i dj-optimistic='count:"), v(9), t("'></i>"), v(1)];
    assert_eq!(notes(&ops), ["1 count 0"]);
}

#[test]
fn the_name_of_a_template_covers_its_notes() {
    let hash = |source| noted(&[button(source), v(1)]).bodies[0].hash;
    let plain = compile(&[button("count:1"), v(1)], Region::Whole).bodies[0].hash;
    assert_ne!(hash("count:1"), plain);
    assert_eq!(hash("count:1"), hash("count:1"));
}
