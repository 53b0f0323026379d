//! Expressions of a template in, the variables that they are out: what the plan notes for pages that
//! show a change before the server has answered ([`template::Variables`]).

use pyo3::prelude::*;
use pyo3::types::PyString;
use template::{LoopId, TestId, Truth, ValueId, Variable, Variables};

use super::{Base, Comparison, Condition, Expression, Lookup, Program};

/// What names mean at a place of a template.
#[derive(Default)]
pub struct Names {
    /// The loops around it, the innermost last.
    loops: Vec<Vec<Name>>,
    /// How many things are around it that may give names another meaning.
    pub hidden: u32,
}

/// A name that a loop gives, and its slot; none where the context itself holds it.
struct Name {
    name: String,
    slot: Option<usize>,
}

impl Names {
    /// Enters the body of a loop.
    pub fn begin(&mut self, py: Python<'_>, names: &[Py<PyString>], slots: Option<&[usize]>) {
        let slot = |index: usize| slots.and_then(|slots| slots.get(index).copied());
        let names = names.iter().enumerate();
        let names = names.map(|(index, name)| Name { name: text(name, py), slot: slot(index) });
        self.loops.push(names.collect());
    }

    /// Leaves it.
    pub fn end(&mut self) {
        self.loops.pop();
    }

    /// The variable that an expression is.
    pub fn of(&self, expression: &Expression) -> Option<Variable> {
        if self.hidden > 0 || !expression.filters.is_empty() {
            return None;
        }
        Python::attach(|py| match &expression.base {
            Base::Slot(slot, lookups, ..) => {
                let (rows, name) = self.find(|name| name.slot == Some(*slot))?;
                Some(variable(&name.name, lookups, rows, py))
            }
            Base::Name(root, lookups) => {
                let root = text(root, py);
                let found = self.find(|name| name.slot.is_none() && name.name == root);
                Some(variable(&root, lookups, found.map_or(0, |(rows, _)| rows), py))
            }
            _ => None,
        })
    }

    /// The variable that a condition asks for.
    pub fn asked(&self, condition: &Condition, py: Python<'_>) -> Option<(Variable, Truth)> {
        match condition {
            Condition::Value(expression) => Some((self.of(expression)?, Truth::Yes)),
            Condition::Not(inner) => match &**inner {
                Condition::Value(expression) => Some((self.of(expression)?, Truth::No)),
                _ => None,
            },
            Condition::Compare(Comparison::Equal, left, right) => {
                let (Condition::Value(left), Condition::Value(right)) = (&**left, &**right) else {
                    return None;
                };
                let constant = match &right.base {
                    _ if !right.filters.is_empty() => return None,
                    Base::Integer(number) => number.to_string(),
                    Base::Constant(value) => value.bind(py).extract().ok()?,
                    _ => return None,
                };
                Some((self.of(left)?, Truth::Equals(constant)))
            }
            _ => None,
        }
    }

    /// How many loops out a name is given, and the name.
    fn find(&self, is_it: impl Fn(&Name) -> bool) -> Option<(u32, &Name)> {
        let mut loops = self.loops.iter().rev().zip(1..);
        loops.find_map(|(names, rows)| Some((rows, names.iter().find(|name| is_it(name))?)))
    }
}

fn variable(root: &str, lookups: &[Lookup], rows: u32, py: Python<'_>) -> Variable {
    let mut name = root.to_owned();
    for lookup in lookups {
        name.push('.');
        name += &text(&lookup.name, py);
    }
    Variable { name, rows }
}

fn text(name: &Py<PyString>, py: Python<'_>) -> String {
    name.bind(py).to_string_lossy().into_owned()
}

impl Variables for Program {
    fn value(&self, id: ValueId) -> Option<&Variable> {
        self.values[id.0 as usize].variable.as_ref()
    }

    fn test(&self, id: TestId) -> Option<&(Variable, Truth)> {
        self.tests[id.0 as usize].variable.as_ref()
    }

    fn sequence(&self, id: LoopId) -> Option<&Variable> {
        self.loops[id.0 as usize].variable.as_ref()
    }
}
