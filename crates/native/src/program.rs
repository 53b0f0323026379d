//! What lowering says goes in, operations for the plan and tables for the host come out.
//!
//! Lowering (python/djust/lowering/) describes a template by plain tuples whose first item names
//! them. The plan gets numbers; the Python objects stand in the tables of a [`Program`].

mod names;

use std::sync::atomic::AtomicBool;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyList, PyString, PyTuple};
use template::{
    FilterId, LoopId, NodeId, Op, ProcedureId, ScopeId, TestId, Truth, ValueId, Variable,
};

use crate::django::Django;
use crate::filters::Native;
use crate::value::Value;
use names::Names;

/// The tables that the numbers of a plan point into.
#[derive(Default)]
pub struct Program {
    /// Whether it prints HTML at once, where a template that a value brings is nothing special.
    pub is_printed: bool,
    /// Whether a render found that another plan of the template would be better.
    pub is_stale: AtomicBool,
    /// Whether a condition came out in two ways where the plan relies on one.
    pub is_contradicted: AtomicBool,
    pub values: Vec<Printed>,
    pub tests: Vec<Test>,
    pub loops: Vec<Loop>,
    pub scopes: Vec<Scope>,
    pub filters: Vec<Filtered>,
    pub nodes: Vec<Py<PyAny>>,
    /// How many slots the names of lazy scopes take, and how many loops may be open in each other.
    pub slots: usize,
    pub depth: usize,
    /// What the names of the template mean, while it is read.
    pub names: Names,
}

/// A value to print, and the node that an error is blamed on.
pub struct Printed {
    pub expression: Expression,
    pub node: Py<PyAny>,
    /// Whether the value is HTML source, like the output of a node.
    pub is_source: bool,
    /// Whether the plan has a hole for a template that the value brings.
    pub is_dynamic: bool,
    /// The method that the value ends with, where it may be one that renders a template: then the
    /// expression is what it is looked up from.
    pub method: Option<Lookup>,
    /// The tag, where the value is a template that is known only while it renders.
    pub includer: Option<Py<PyAny>>,
    /// What it prints, if that is a variable as it is.
    pub variable: Option<Variable>,
}

impl Printed {
    /// Whether it is a value without filters that is printed as values are.
    #[inline]
    pub fn is_bare(&self) -> bool {
        self.expression.filters.is_empty() && !self.is_source && self.method.is_none()
    }
}

/// A value with filters.
pub struct Expression {
    pub base: Base,
    pub filters: Vec<Filter>,
}

/// Where a value comes from.
pub enum Base {
    /// A constant.
    Constant(Py<PyAny>),
    /// A constant that is a plain integer.
    Integer(i64),
    /// A name of a lazy scope, what is looked up from it, and the name as the template has it.
    Slot(usize, Vec<Lookup>, Py<PyString>),
    /// A name of the context, and what is looked up from it.
    Name(Py<PyString>, Vec<Lookup>),
    /// What is looked up from the loop around the outermost lazy one: that of the context, if it may
    /// be seen and there is one, else an empty one.
    Outer(bool, Vec<Lookup>),
    /// A counter of a lazy loop.
    Counter(usize, Counter),
    /// A name that does not exist.
    Missing(Py<PyString>),
    /// A `Variable` that Django resolves.
    Variable(Py<PyAny>),
    /// A function of the context, the session's memory and further values.
    Call(Py<PyAny>, Vec<Expression>),
    /// A function of values alone, as a simple tag has it; and whether what it gives is escaped.
    Function(Py<PyAny>, Vec<Expression>, bool),
    /// As a call, but the function also gets the first exception that a value raised (or `None`),
    /// and the values up to there.
    Attempt(Py<PyAny>, Vec<Expression>),
    /// One of several values: the one that a function of the context gives the index of.
    Choice(Py<PyAny>, Vec<Expression>),
    /// A name that tags write to in a lazy scope, and what it means as long as none has.
    Maybe(usize, Vec<Lookup>, Box<Base>, Py<PyString>),
    /// The value of a name as it is, without a call; an empty string when it is missing.
    Raw(Box<Base>),
    /// The first true value, or an empty string.
    First(Vec<Expression>),
    /// What a value prints, as a string.
    Rendered(Box<Expression>),
    /// A value that is also given a name.
    Assign(Box<Expression>, Name),
    /// Gives slots up.
    Clear(Vec<usize>),
    /// A value as the message of a translation: what a function makes of it and of the context of
    /// the message.
    Message(Box<Base>, Option<Box<Expression>>, Py<PyAny>),
    /// `{% regroup %}`: a sequence, the key of its items, the name of an item, and the type of a
    /// group.
    Groups(Box<Expression>, Box<Expression>, Name, Py<PyAny>),
    /// `{% blocktranslate %}`.
    Block(Box<Block>),
}

impl Base {
    /// Whether it is what `Variable` is to Django.
    pub fn is_variable(&self) -> bool {
        matches!(
            self,
            Self::Constant(_)
                | Self::Integer(_)
                | Self::Slot(..)
                | Self::Maybe(..)
                | Self::Name(..)
                | Self::Outer(..)
                | Self::Counter(..)
                | Self::Missing(_)
                | Self::Variable(_)
        )
    }
}

/// Where a tag writes a value to.
pub enum Name {
    /// The innermost scope of the context.
    Context(Py<PyString>),
    /// A slot.
    Slot(usize),
    /// The innermost scope that has the name already: one of the slots if it is set, else, unless
    /// it is out of sight, the context. If none has: the slot of its own, or the innermost scope of
    /// the context.
    Upward { name: Py<PyString>, slots: Vec<usize>, sees_context: bool, own: Option<usize> },
}

/// A block of text to translate.
pub struct Block {
    pub message_context: Option<Expression>,
    pub bindings: Vec<(usize, Expression)>,
    pub count: Option<(usize, Expression)>,
    pub names: Vec<Base>,
    /// A function of the context, whether it is the second attempt, the context of the message, the
    /// number, and the values of the names. It answers nothing when the translation is no good.
    pub function: Py<PyAny>,
    /// Switches translations off for the second attempt.
    pub without: Py<PyAny>,
    pub left: Option<Left>,
}

/// One step from a value to the next.
pub struct Lookup {
    pub name: Py<PyString>,
    pub index: Option<isize>,
}

/// What `forloop` offers.
#[derive(Clone, Copy)]
pub enum Counter {
    FromOne,
    FromZero,
    DownToOne,
    DownToZero,
    Length,
    First,
    Last,
}

/// One filter of a chain.
pub struct Filter {
    pub function: Py<PyAny>,
    pub arguments: Vec<Argument>,
    pub native: Fast,
    pub expects_localtime: bool,
    pub needs_autoescape: bool,
    pub is_safe: bool,
}

/// The fast path of a filter.
pub enum Fast {
    /// There is none.
    Nothing,
    /// With its argument, which is constant.
    Read(Native),
    /// Of this name, with an argument that is looked up when the template renders.
    Named(String),
}

/// An argument of a filter.
pub enum Argument {
    Constant(Py<PyAny>),
    Looked(Base),
}

/// A condition of `{% if %}`, and its node.
pub struct Test {
    pub condition: Condition,
    pub node: Py<PyAny>,
    /// What it reads, if that is a value without filters.
    pub name: Option<String>,
    /// What it asks for, if that is one variable.
    pub variable: Option<(Variable, Truth)>,
}

/// The tree of a condition.
pub enum Condition {
    Value(Expression),
    Not(Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Compare(Comparison, Box<Condition>, Box<Condition>),
    /// An operator of someone else, evaluated by its own method.
    Python(Py<PyAny>),
    /// Whether values differ from those that a slot or a function remembers.
    Changed(Vec<Expression>, Remembered),
}

/// Where the last values of an `{% ifchanged %}` are.
pub enum Remembered {
    Slot(usize),
    /// A function of the context and the values that compares and replaces them.
    Python(Py<PyAny>),
}

/// What is done with the source that a body printed.
pub struct Filtered {
    pub form: FilterForm,
    pub node: Py<PyAny>,
}

/// The tags that do something with what their bodies print.
pub enum FilterForm {
    /// A function of the context and the source.
    Call(Py<PyAny>),
    /// Filters, applied to the slot that holds the source.
    Expression(usize, Expression),
    /// Prints the source if it is not what was printed last.
    Changed(Remembered),
}

/// The operators that Django knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    In,
    NotIn,
    Is,
    IsNot,
    Equal,
    Unequal,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
}

/// A sequence, and the names of its items.
pub struct Loop {
    pub sequence: Expression,
    pub names: Vec<Py<PyString>>,
    pub is_reversed: bool,
    /// The slots of the names and the number of the loop; nothing where the context itself must
    /// hold them.
    pub lazy: Option<(Vec<usize>, usize)>,
    pub left: Option<Left>,
    pub node: Py<PyAny>,
    pub variable: Option<Variable>,
}

/// The scope that Django leaves in the context when an exception ends a lazy tag.
pub struct Left {
    /// How many tags around the tag leave a scope each as well.
    pub outside: usize,
    pub names: Vec<(Py<PyString>, Base)>,
}

/// A scope.
pub enum Scope {
    /// Values for slots, and the template that renders inside.
    Lazy {
        bindings: Vec<(usize, Expression)>,
        template: Option<Py<PyAny>>,
        node: Py<PyAny>,
        /// Whether something inside keeps state for the time that the template renders.
        is_stateful: bool,
    },
    /// The escaping mode.
    Autoescape(bool),
    /// Two functions, and the values that the first one gets.
    Python { enter: Py<PyAny>, leave: Py<PyAny>, node: Py<PyAny>, values: Vec<Expression> },
}

impl Program {
    /// Whether printing a value may change what later ones see: what `{% cycle %}` and tags of a
    /// project do. Of all but plain values nobody knows.
    pub fn writes(&self, id: ValueId) -> bool {
        let base = &self.values[id.0 as usize].expression.base;
        !base.is_variable() && !matches!(base, Base::Raw(_) | Base::Function(..))
    }

    /// Reads a list of operations.
    pub fn ops(&mut self, ops: &Bound<'_, PyAny>) -> PyResult<Vec<Op>> {
        ops.cast::<PyList>()?.iter().map(|op| self.op(op.cast::<PyTuple>()?)).collect()
    }

    fn op(&mut self, op: &Bound<'_, PyTuple>) -> PyResult<Op> {
        let item = |index: usize| op.get_item(index);
        let name: String = item(0)?.extract()?;
        Ok(match name.as_str() {
            "text" => Op::Text(item(1)?.extract()?),
            "value" => {
                let expression = self.expression(&item(1)?)?;
                let mut printed = self.printed(expression, item(2)?);
                printed.is_source = item(3)?.extract()?;
                Op::Value(ValueId(add(&mut self.values, printed)))
            }
            "print" => {
                let expression = self.expression(&item(1)?)?;
                let mut printed = self.printed(expression, item(2)?);
                printed.is_dynamic = item(3)?.extract()?;
                if item(4)?.is_truthy()? {
                    printed.method = printed.expression.cut();
                }
                if let Base::Call(call, _) = &printed.expression.base {
                    printed.includer = Some(call.clone_ref(op.py()));
                    printed.is_source = true;
                }
                let is_dynamic = printed.is_dynamic;
                let id = ValueId(add(&mut self.values, printed));
                if is_dynamic { Op::Dynamic(id) } else { Op::Value(id) }
            }
            "set" => {
                let expression = self.expression(&item(1)?)?;
                let new = Printed { variable: None, ..self.printed(expression, item(2)?) };
                Op::Set(ValueId(add(&mut self.values, new)))
            }
            "filtered" => {
                let form = self.filter_form(item(1)?.cast::<PyTuple>()?)?;
                let new = Filtered { form, node: item(3)?.unbind() };
                let id = FilterId(add(&mut self.filters, new));
                Op::Filtered { id, body: self.ops(&item(2)?)? }
            }
            "guard" => Op::Guard(self.ops(&item(1)?)?),
            "procedure" => {
                let scope = self.scope(item(1)?.cast::<PyTuple>()?)?;
                let id = ScopeId(add(&mut self.scopes, scope));
                let procedure = ProcedureId(item(3)?.extract()?);
                // How many rows are around a call of it is not known.
                self.names.hidden += 1;
                let body = self.ops(&item(2)?)?;
                self.names.hidden -= 1;
                Op::Procedure { procedure, id, body }
            }
            "call" => {
                let scope = self.scope(item(1)?.cast::<PyTuple>()?)?;
                let id = ScopeId(add(&mut self.scopes, scope));
                Op::Call { procedure: ProcedureId(item(2)?.extract()?), id }
            }
            "opaque" => Op::Opaque(NodeId(add(&mut self.nodes, item(1)?.unbind()))),
            "if" => {
                let node = item(2)?;
                let branches = item(1)?.cast::<PyList>()?.iter().map(|branch| {
                    let (condition, body): (Bound<'_, PyAny>, Bound<'_, PyAny>) =
                        branch.extract()?;
                    let test = if condition.is_none() {
                        None
                    } else {
                        let name = name_of(&condition)?;
                        let condition = self.condition(&condition)?;
                        let node = node.clone().unbind();
                        let variable = self.names.asked(&condition, item(0)?.py());
                        let test = Test { condition, node, name, variable };
                        Some(TestId(add(&mut self.tests, test)))
                    };
                    Ok((test, self.ops(&body)?))
                });
                Op::If(branches.collect::<PyResult<_>>()?)
            }
            "for" => {
                let sequence = self.expression(&item(1)?)?;
                let names: Vec<_> =
                    item(2)?.try_iter()?.map(|name| intern(&name?)).collect::<PyResult<_>>()?;
                let lazy: Option<(Bound<'_, PyAny>, usize, Bound<'_, PyAny>)> =
                    item(4)?.extract()?;
                let (lazy, left) = match lazy {
                    Some((slots, depth, left)) => {
                        self.depth = self.depth.max(depth + 1);
                        (Some((self.slots(&slots)?, depth)), self.left(&left)?)
                    }
                    None => (None, None),
                };
                let (is_reversed, node) = (item(3)?.extract()?, item(7)?.unbind());
                let variable = self.names.of(&sequence);
                let slots = lazy.as_ref().map(|(slots, _)| &slots[..]);
                self.names.begin(item(0)?.py(), &names, slots);
                let new = Loop { sequence, names, is_reversed, lazy, left, node, variable };
                let id = LoopId(add(&mut self.loops, new));
                let body = self.ops(&item(5)?)?;
                self.names.end();
                Op::For { id, body, empty: self.ops(&item(6)?)? }
            }
            "scope" | "include" => {
                let scope = self.scope(item(1)?.cast::<PyTuple>()?)?;
                let hides = matches!(scope, Scope::Python { .. });
                let id = ScopeId(add(&mut self.scopes, scope));
                self.names.hidden += u32::from(hides);
                let body = self.ops(&item(2)?)?;
                self.names.hidden -= u32::from(hides);
                if name == "scope" { Op::Scope { id, body } } else { Op::Include { id, body } }
            }
            other => return Err(unknown("operation", other)),
        })
    }

    /// A value that prints as values do.
    fn printed(&self, expression: Expression, node: Bound<'_, PyAny>) -> Printed {
        let variable = self.names.of(&expression);
        Printed {
            expression,
            node: node.unbind(),
            is_source: false,
            is_dynamic: false,
            method: None,
            includer: None,
            variable,
        }
    }

    fn scope(&mut self, scope: &Bound<'_, PyTuple>) -> PyResult<Scope> {
        let item = |index: usize| scope.get_item(index);
        let name: String = item(0)?.extract()?;
        Ok(match name.as_str() {
            "lazy" => {
                let template = item(2)?;
                Scope::Lazy {
                    bindings: self.bindings(&item(1)?)?,
                    template: (!template.is_none()).then(|| template.unbind()),
                    node: item(3)?.unbind(),
                    is_stateful: item(4)?.extract()?,
                }
            }
            "autoescape" => Scope::Autoescape(item(1)?.extract()?),
            "python" => Scope::Python {
                enter: item(1)?.unbind(),
                leave: item(2)?.unbind(),
                node: item(3)?.unbind(),
                values: self.expressions(&item(4)?)?,
            },
            other => return Err(unknown("scope", other)),
        })
    }

    fn filter_form(&mut self, form: &Bound<'_, PyTuple>) -> PyResult<FilterForm> {
        let item = |index: usize| form.get_item(index);
        let name: String = item(0)?.extract()?;
        Ok(match name.as_str() {
            "call" => FilterForm::Call(item(1)?.unbind()),
            "expression" => {
                FilterForm::Expression(self.slot(&item(1)?)?, self.expression(&item(2)?)?)
            }
            "changed" => FilterForm::Changed(self.remembered(&item(1)?)?),
            other => return Err(unknown("filter of a body", other)),
        })
    }

    fn left(&mut self, left: &Bound<'_, PyAny>) -> PyResult<Option<Left>> {
        if left.is_none() {
            return Ok(None);
        }
        let (outside, names): (usize, Bound<'_, PyList>) = left.extract()?;
        let names = names.iter().map(|each| {
            let (name, base): (Bound<'_, PyAny>, Bound<'_, PyAny>) = each.extract()?;
            Ok((intern(&name)?, self.base(&base)?))
        });
        Ok(Some(Left { outside, names: names.collect::<PyResult<_>>()? }))
    }

    fn bindings(&mut self, bindings: &Bound<'_, PyAny>) -> PyResult<Vec<(usize, Expression)>> {
        bindings.try_iter()?.map(|binding| self.binding(&binding?)).collect()
    }

    fn binding(&mut self, binding: &Bound<'_, PyAny>) -> PyResult<(usize, Expression)> {
        let (slot, expression): (Bound<'_, PyAny>, Bound<'_, PyAny>) = binding.extract()?;
        Ok((self.slot(&slot)?, self.expression(&expression)?))
    }

    /// A slot that something is written to.
    fn slot(&mut self, slot: &Bound<'_, PyAny>) -> PyResult<usize> {
        let slot: usize = slot.extract()?;
        self.slots = self.slots.max(slot + 1);
        Ok(slot)
    }

    fn slots(&mut self, slots: &Bound<'_, PyAny>) -> PyResult<Vec<usize>> {
        slots.try_iter()?.map(|slot| self.slot(&slot?)).collect()
    }

    fn remembered(&mut self, remembered: &Bound<'_, PyAny>) -> PyResult<Remembered> {
        Ok(if remembered.is_instance_of::<PyInt>() {
            Remembered::Slot(self.slot(remembered)?)
        } else {
            Remembered::Python(remembered.clone().unbind())
        })
    }

    fn expressions(&mut self, expressions: &Bound<'_, PyAny>) -> PyResult<Vec<Expression>> {
        expressions.try_iter()?.map(|each| self.expression(&each?)).collect()
    }

    fn optional(&mut self, expression: &Bound<'_, PyAny>) -> PyResult<Option<Expression>> {
        if expression.is_none() { Ok(None) } else { self.expression(expression).map(Some) }
    }

    fn expression(&mut self, expression: &Bound<'_, PyAny>) -> PyResult<Expression> {
        let (base, filters): (Bound<'_, PyAny>, Bound<'_, PyAny>) = expression.extract()?;
        let base = self.base(&base)?;
        let filters = filters.try_iter()?.map(|filter| self.filter(&filter?));
        Ok(Expression { base, filters: filters.collect::<PyResult<_>>()? })
    }

    fn filter(&mut self, filter: &Bound<'_, PyAny>) -> PyResult<Filter> {
        let (function, arguments, native): (Bound<'_, PyAny>, Bound<'_, PyAny>, Option<String>) =
            filter.extract()?;
        let arguments = arguments
            .try_iter()?
            .map(|argument| {
                let (is_looked, value): (bool, Bound<'_, PyAny>) = argument?.extract()?;
                Ok(if is_looked {
                    Argument::Looked(self.base(&value)?)
                } else {
                    Argument::Constant(value.unbind())
                })
            })
            .collect::<PyResult<Vec<_>>>()?;
        let flag = |name: &str| -> PyResult<bool> {
            match function.getattr_opt(name)? {
                Some(value) => value.is_truthy(),
                None => Ok(false),
            }
        };
        Ok(Filter {
            native: native
                .map_or(Ok(Fast::Nothing), |name| fast(name, &arguments, function.py()))?,
            expects_localtime: flag("expects_localtime")?,
            needs_autoescape: flag("needs_autoescape")?,
            is_safe: flag("is_safe")?,
            arguments,
            function: function.clone().unbind(),
        })
    }

    fn base(&mut self, base: &Bound<'_, PyAny>) -> PyResult<Base> {
        let base = base.cast::<PyTuple>()?;
        let item = |index: usize| base.get_item(index);
        let name: String = item(0)?.extract()?;
        Ok(match name.as_str() {
            "constant" => {
                let value = item(1)?;
                let is_plain = value.is_exact_instance_of::<PyInt>();
                match is_plain.then(|| value.extract()) {
                    Some(Ok(number)) => Base::Integer(number),
                    _ => Base::Constant(value.unbind()),
                }
            }
            "slot" => {
                let root = if base.len() > 3 { item(3)? } else { item(0)? };
                Base::Slot(item(1)?.extract()?, lookups(&item(2)?)?, intern(&root)?)
            }
            "name" => Base::Name(intern(&item(1)?)?, lookups(&item(2)?)?),
            "outer" => Base::Outer(item(1)?.extract()?, lookups(&item(2)?)?),
            "counter" => {
                let counter = match item(2)?.extract::<String>()?.as_str() {
                    "counter" => Counter::FromOne,
                    "counter0" => Counter::FromZero,
                    "revcounter" => Counter::DownToOne,
                    "revcounter0" => Counter::DownToZero,
                    "length" => Counter::Length,
                    "first" => Counter::First,
                    "last" => Counter::Last,
                    other => return Err(unknown("counter", other)),
                };
                Base::Counter(item(1)?.extract()?, counter)
            }
            "missing" => Base::Missing(intern(&item(1)?)?),
            "variable" => Base::Variable(item(1)?.unbind()),
            "call" => {
                let (call, values) = (item(1)?, self.expressions(&item(2)?)?);
                match plain_function(&call)? {
                    Some((function, is_escaped)) => Base::Function(function, values, is_escaped),
                    None => Base::Call(call.unbind(), values),
                }
            }
            "attempt" => Base::Attempt(item(1)?.unbind(), self.expressions(&item(2)?)?),
            "choice" => Base::Choice(item(1)?.unbind(), self.expressions(&item(2)?)?),
            "maybe" => {
                let otherwise = Box::new(self.base(&item(3)?)?);
                let (lookups, root) = (lookups(&item(2)?)?, intern(&item(4)?)?);
                Base::Maybe(self.slot(&item(1)?)?, lookups, otherwise, root)
            }
            "raw" => Base::Raw(Box::new(self.base(&item(1)?)?)),
            "first" => Base::First(self.expressions(&item(1)?)?),
            "rendered" => Base::Rendered(Box::new(self.expression(&item(1)?)?)),
            "assign" => Base::Assign(Box::new(self.expression(&item(1)?)?), self.name(&item(2)?)?),
            "clear" => Base::Clear(self.slots(&item(1)?)?),
            "message" => {
                let context = self.optional(&item(2)?)?.map(Box::new);
                Base::Message(Box::new(self.base(&item(1)?)?), context, item(3)?.unbind())
            }
            "groups" => {
                let sequence = Box::new(self.expression(&item(1)?)?);
                let key = Box::new(self.expression(&item(2)?)?);
                Base::Groups(sequence, key, self.name(&item(3)?)?, item(4)?.unbind())
            }
            "block" => {
                let message_context = self.optional(&item(1)?)?;
                let bindings = self.bindings(&item(2)?)?;
                let count = item(3)?;
                let count = if count.is_none() { None } else { Some(self.binding(&count)?) };
                let names = item(4)?.try_iter()?.map(|each| self.base(&each?));
                Base::Block(Box::new(Block {
                    message_context,
                    bindings,
                    count,
                    names: names.collect::<PyResult<_>>()?,
                    function: item(5)?.unbind(),
                    without: item(6)?.unbind(),
                    left: self.left(&item(7)?)?,
                }))
            }
            other => return Err(unknown("value", other)),
        })
    }

    fn name(&mut self, name: &Bound<'_, PyAny>) -> PyResult<Name> {
        let name = name.cast::<PyTuple>()?;
        let item = |index: usize| name.get_item(index);
        Ok(match item(0)?.extract::<String>()?.as_str() {
            "context" => Name::Context(intern(&item(1)?)?),
            "slot" => Name::Slot(self.slot(&item(1)?)?),
            "upward" => {
                let own = item(4)?;
                Name::Upward {
                    name: intern(&item(1)?)?,
                    slots: self.slots(&item(2)?)?,
                    sees_context: item(3)?.extract()?,
                    own: if own.is_none() { None } else { Some(self.slot(&own)?) },
                }
            }
            other => return Err(unknown("name", other)),
        })
    }

    fn condition(&mut self, condition: &Bound<'_, PyAny>) -> PyResult<Condition> {
        let condition = condition.cast::<PyTuple>()?;
        let item = |index: usize| condition.get_item(index);
        let name: String = item(0)?.extract()?;
        let comparison = match name.as_str() {
            "value" => return Ok(Condition::Value(self.expression(&item(1)?)?)),
            "python" => return Ok(Condition::Python(item(1)?.unbind())),
            "changed" => {
                let values = self.expressions(&item(1)?)?;
                return Ok(Condition::Changed(values, self.remembered(&item(2)?)?));
            }
            "not" => return Ok(Condition::Not(Box::new(self.condition(&item(1)?)?))),
            "or" | "and" => {
                let first = Box::new(self.condition(&item(1)?)?);
                let second = Box::new(self.condition(&item(2)?)?);
                return Ok(if name == "or" {
                    Condition::Or(first, second)
                } else {
                    Condition::And(first, second)
                });
            }
            "in" => Comparison::In,
            "not in" => Comparison::NotIn,
            "is" => Comparison::Is,
            "is not" => Comparison::IsNot,
            "==" => Comparison::Equal,
            "!=" => Comparison::Unequal,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessEqual,
            other => return Err(unknown("operator", other)),
        };
        let first = Box::new(self.condition(&item(1)?)?);
        Ok(Condition::Compare(comparison, first, Box::new(self.condition(&item(2)?)?)))
    }
}

/// The function of a simple tag that gets nothing but positional values, and whether what it gives
/// is escaped where the template escapes.
fn plain_function(call: &Bound<'_, PyAny>) -> PyResult<Option<(Py<PyAny>, bool)>> {
    if !call.get_type().is(&Django::get(call.py())?.simple_tag)
        || call.getattr("takes_context")?.is_truthy()?
        || !call.getattr("names")?.is_empty()?
    {
        return Ok(None);
    }
    Ok(Some((call.getattr("function")?.unbind(), !call.getattr("is_named")?.is_truthy()?)))
}

fn fast(name: String, arguments: &[Argument], py: Python<'_>) -> PyResult<Fast> {
    let argument = match arguments.first() {
        None => None,
        Some(Argument::Looked(Base::Integer(number))) => Some(Value::Int(*number)),
        Some(Argument::Constant(value) | Argument::Looked(Base::Constant(value))) => {
            Some(Value::Object(value.bind(py).clone()))
        }
        Some(Argument::Looked(_)) => return Ok(Fast::Named(name)),
    };
    let native = Native::named(&name, argument.as_ref(), py, Django::get(py)?);
    Ok(native.map_or(Fast::Nothing, Fast::Read))
}

impl Expression {
    /// Takes the last lookup away.
    fn cut(&mut self) -> Option<Lookup> {
        match &mut self.base {
            Base::Slot(_, lookups, _) | Base::Name(_, lookups) => lookups.pop(),
            _ => None,
        }
    }
}

/// What a condition reads, if that is a value without filters.
fn name_of(condition: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let condition = condition.cast::<PyTuple>()?;
    if condition.get_item(0)?.extract::<String>()? != "value" {
        return Ok(None);
    }
    let (base, filters): (Bound<'_, PyTuple>, Bound<'_, PyAny>) =
        condition.get_item(1)?.extract()?;
    let kind: String = base.get_item(0)?.extract()?;
    let is_plain = filters.is_empty()? && matches!(kind.as_str(), "name" | "slot");
    is_plain.then(|| base.repr()?.extract()).transpose()
}

fn lookups(names: &Bound<'_, PyAny>) -> PyResult<Vec<Lookup>> {
    names
        .try_iter()?
        .map(|name| {
            let name = name?;
            // As Python's int() reads it, which is what Django calls.
            let index = name.py().get_type::<PyInt>().call1((&name,));
            let index = index.ok().and_then(|index| index.extract().ok());
            Ok(Lookup { name: intern(&name)?, index })
        })
        .collect()
}

fn intern(name: &Bound<'_, PyAny>) -> PyResult<Py<PyString>> {
    let text: String = name.extract()?;
    Ok(PyString::intern(name.py(), &text).unbind())
}

fn add<T>(table: &mut Vec<T>, item: T) -> u32 {
    table.push(item);
    table.len() as u32 - 1
}

fn unknown(what: &str, name: &str) -> PyErr {
    PyValueError::new_err(format!("unknown {what} {name:?} in a lowered template"))
}
