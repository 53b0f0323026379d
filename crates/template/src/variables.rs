//! Which slots a page may fill before the server answers: a plan goes in, and its bodies get notes
//! of the variables that `dj-optimistic` names.
//!
//! | the template says | and names | noted of the slot |
//! |---|---|---|
//! | `{{ count }}` | `count` | it prints the variable |
//! | `class="{% if liked %}on{% endif %}"` | `liked` | `on` if true, else nothing |
//! | `{% if liked %}♥{% else %}♡{% endif %}` | `liked` | this body if true, else that one |
//! | `{% if tab == "new" %}…{% endif %}` | `tab` | likewise, if the variable prints `new` |
//! | `{% for todo in todos %}` | `todos:append` | the list, and what its rows print of `todo` |
//!
//! A body that has holes itself cannot be shown without the server; that it can be taken away is
//! noted. What depends on more than the variable is not noted. A template without `dj-optimistic`
//! gets no notes, and its definitions do not grow.

use protocol::{FLAG_VARIABLES, write};

use crate::host::Out;
use crate::op::{LoopId, Op, TestId, ValueId};
use crate::plan::{Body, BodyId, Plan, Step, Target};
use crate::scalar::Place;

/// A variable, as a template spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// `liked`, `todo.done`.
    pub name: String,
    /// How many loops out it is the one that gives it; 0: the context does.
    pub rows: u32,
}

/// When a test of a variable holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It is true.
    Yes,
    /// It is not true.
    No,
    /// It prints this text.
    Equals(String),
}

/// Says what the numbers of operations read, where that is one variable and nothing else.
pub trait Variables {
    /// The variable that a value prints as it is.
    fn value(&self, id: ValueId) -> Option<&Variable>;
    /// The variable that a test asks for.
    fn test(&self, id: TestId) -> Option<&(Variable, Truth)>;
    /// The variable that a loop walks through.
    fn sequence(&self, id: LoopId) -> Option<&Variable>;
}

/// What is known of the variable of a slot.
#[derive(Debug)]
pub struct Note {
    slot: u32,
    variable: Variable,
    cases: Option<[Case; 2]>,
    equals: Option<String>,
}

/// What a slot holds in one of two cases.
#[derive(Debug)]
enum Case {
    /// What only the server can tell.
    Unknown,
    /// Nothing: in a condition.
    Nothing,
    /// An encoded scalar.
    Scalar(Vec<u8>),
    /// A body without slots.
    Body(BodyId),
}

/// Notes the variables that the operations name in `dj-optimistic`. False: there are none.
pub(crate) fn note(plan: &mut Plan, ops: &[Op], variables: &dyn Variables) -> bool {
    let mut wanted = Wanted::default();
    wanted.read(ops);
    if wanted.names.is_empty() && wanted.lists.is_empty() {
        return false;
    }
    let mut rows = vec![false; plan.bodies.len()];
    for body in &plan.bodies {
        for step in &body.steps {
            if let Step::List { id, row, .. } = step
                && variables.sequence(*id).is_some_and(|list| wanted.lists.contains(&list.name))
            {
                rows[row.0 as usize] = true;
            }
        }
    }
    for (index, is_row) in rows.into_iter().enumerate() {
        let body = &plan.bodies[index];
        let is_wanted = |variable: &Variable| {
            is_row && variable.rows == 1 || wanted.names.contains(&variable.name)
        };
        let notes = body.steps.iter().filter_map(|step| match step {
            Step::List { slot, id, .. } => {
                let variable = variables.sequence(*id)?.clone();
                let is_wanted = wanted.lists.contains(&variable.name);
                is_wanted.then_some(Note { slot: *slot, variable, cases: None, equals: None })
            }
            step => of_step(step, &plan.bodies, variables).filter(|note| is_wanted(&note.variable)),
        });
        let notes: Vec<Note> = notes.collect();
        if !notes.is_empty() {
            plan.bodies[index].flags |= FLAG_VARIABLES;
            plan.bodies[index].variables = notes;
        }
    }
    true
}

fn of_step(step: &Step, bodies: &[Body], variables: &dyn Variables) -> Option<Note> {
    if let Step::Value(id, Target { slot, .. }) = step {
        let variable = variables.value(*id)?.clone();
        return Some(Note { slot: *slot, variable, cases: None, equals: None });
    }
    let (slot, test, mut cases) = match step {
        Step::Capture(ops, target) => {
            let [Op::If(branches)] = &ops[..] else { return None };
            let (test, cases) = two(branches)?;
            let case = |ops: Option<&Vec<Op>>| {
                let mut scalar = Vec::new();
                Out::scalar(&mut scalar, target.place)
                    .source(&text_of(ops.map_or(&[], |ops| ops))?);
                Some(Case::Scalar(scalar))
            };
            (target.slot, test, [case(Some(cases.0))?, case(cases.1)?])
        }
        Step::Condition { slot, branches } => {
            let (test, cases) = two(branches)?;
            let case = |body: Option<&BodyId>| match body {
                None => Case::Nothing,
                Some(&body) if bodies[body.0 as usize].slots() == 0 => Case::Body(body),
                Some(_) => Case::Unknown,
            };
            (*slot, test, [case(Some(cases.0)), case(cases.1)])
        }
        _ => return None,
    };
    if cases.iter().all(|case| matches!(case, Case::Unknown)) {
        return None;
    }
    let (variable, truth) = variables.test(test)?.clone();
    if truth == Truth::No {
        cases.reverse();
    }
    let equals = if let Truth::Equals(text) = truth { Some(text) } else { None };
    Some(Note { slot, variable, cases: Some(cases), equals })
}

/// The test, and what stands in its two cases.
fn two<T>(branches: &[(Option<TestId>, T)]) -> Option<(TestId, (&T, Option<&T>))> {
    match branches {
        [(Some(test), yes)] => Some((*test, (yes, None))),
        [(Some(test), yes), (None, no)] => Some((*test, (yes, Some(no)))),
        _ => None,
    }
}

/// What operations print, if that is always the same.
fn text_of(ops: &[Op]) -> Option<String> {
    ops.iter().map(|op| if let Op::Text(text) = op { Some(text.as_str()) } else { None }).collect()
}

impl Note {
    /// The note on the wire: `number` writes what stands for a body.
    pub(crate) fn write(&self, out: &mut Vec<u8>, mut number: impl FnMut(BodyId, &mut Vec<u8>)) {
        let cases = self.cases.as_ref().map(|cases| {
            cases.each_ref().map(|case| {
                let mut value = Vec::new();
                match case {
                    Case::Unknown => write::nil(&mut value),
                    Case::Nothing => write::boolean(&mut value, false),
                    Case::Scalar(scalar) => value.clone_from(scalar),
                    Case::Body(body) => number(*body, &mut value),
                }
                value
            })
        });
        let equals = self.equals.as_ref().map(|text| {
            let mut scalar = Vec::new();
            Out::scalar(&mut scalar, Place::Value).text(text);
            scalar
        });
        let variable = protocol::Variable {
            slot: self.slot,
            rows: self.variable.rows,
            name: self.variable.name.as_bytes(),
            cases: cases.as_ref().map(|cases| cases.each_ref().map(Vec::as_slice)),
            equals: equals.as_deref(),
        };
        write::variable(out, &variable);
    }
}

/// What the attributes of a template name.
#[derive(Default)]
struct Wanted {
    names: Vec<String>,
    /// Those that get a new row.
    lists: Vec<String>,
}

impl Wanted {
    fn read(&mut self, ops: &[Op]) {
        for op in ops {
            match op {
                Op::Text(text) => self.text(text),
                Op::If(branches) => branches.iter().for_each(|(_, body)| self.read(body)),
                Op::For { body, empty, .. } => {
                    self.read(body);
                    self.read(empty);
                }
                Op::Scope { body, .. }
                | Op::Include { body, .. }
                | Op::Filtered { body, .. }
                | Op::Guard(body)
                | Op::Procedure { body, .. } => self.read(body),
                _ => {}
            }
        }
    }

    /// Reads every `dj-optimistic` of a text. A value may go on with a hole: `rating:{{ star }}`.
    fn text(&mut self, text: &str) {
        for after in text.split("dj-optimistic").skip(1) {
            let Some(value) = after.trim_start().strip_prefix('=') else { continue };
            let value = value.trim_start();
            let value = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split(quote).next(),
                _ => value.split([' ', '\t', '\n', '>']).next(),
            };
            for part in value.unwrap_or_default().split('|') {
                let Some((name, change)) = part.split_once(':') else { continue };
                let is_append = change.trim() == "append";
                let names = if is_append { &mut self.lists } else { &mut self.names };
                names.push(name.trim().into());
            }
        }
    }
}
