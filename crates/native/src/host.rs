//! The host of a plan: live Python objects, looked up, called, compared and printed by Django's
//! rules. Nothing is copied before it is printed.
//!
//! Two kinds of scopes exist. Where nothing beneath could observe it, a scope is *lazy*: its names
//! are slots, and the context does not know of them. Where an opaque node stands beneath, the scope
//! is pushed to the real context, as Django does.

use pyo3::exceptions::{
    PyAttributeError, PyException, PyIndexError, PyKeyError, PyTypeError, PyUnicodeDecodeError,
    PyValueError,
};
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyIterator, PyList, PyString, PyTuple};
use template::{Host, LoopId, NodeId, Out, ScopeId, TestId, ValueId};

use crate::django::Django;
use crate::filters::Locale;
use crate::program::{
    Argument, Base, Comparison, Condition, Counter, Expression, Filter, Lookup, Program, Scope,
};

/// A value on its way to being printed.
#[derive(Clone)]
pub enum Value<'py> {
    /// A Python object.
    Object(Bound<'py, PyAny>),
    /// A string that a native filter made, and whether it is safe.
    Text(String, bool),
    /// A number that nobody asked to be an object.
    Int(i64),
    /// Likewise.
    Bool(bool),
}

impl Value<'_> {
    /// Whether Python takes it for true.
    pub fn is_true(&self) -> PyResult<bool> {
        match self {
            Self::Bool(flag) => Ok(*flag),
            Self::Int(number) => Ok(*number != 0),
            Self::Text(text, _) => Ok(!text.is_empty()),
            Self::Object(object) => object.is_truthy(),
        }
    }

    /// The number, if it is a plain integer of usual size.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Object(object) if object.is_exact_instance_of::<PyInt>() => object.extract().ok(),
            _ => None,
        }
    }
}

/// Why a value could not be had.
pub enum Failure {
    /// A lookup failed: Django's `VariableDoesNotExist`, not made yet.
    Missing(Py<PyString>, Py<PyAny>),
    /// An exception.
    Raised(PyErr),
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Raised(error)
    }
}

type Result<T, E = Failure> = std::result::Result<T, E>;

/// Something that was entered, with what is needed to leave it.
enum Entered<'py> {
    /// A lazy loop, or one that pushed the context.
    Loop { items: Items<'py>, pushed: Option<Pushed<'py>>, state: usize },
    /// The template that rendered before.
    Lazy { template: Option<Bound<'py, PyAny>>, id: ScopeId },
    /// The escaping mode before.
    Autoescape(bool),
    /// The context before, and what the entering function answered.
    Python { context: Bound<'py, PyAny>, state: Bound<'py, PyAny>, id: ScopeId },
}

/// What a loop left in the real context.
struct Pushed<'py> {
    /// Nothing when there are no items.
    forloop: Option<Bound<'py, PyDict>>,
    /// Whether the names of this round were pushed, too.
    names: bool,
}

/// The items of a loop.
enum Items<'py> {
    List(Bound<'py, PyList>, usize),
    Tuple(Bound<'py, PyTuple>, usize),
    Any(Bound<'py, PyIterator>),
    None,
}

/// How often a loop has run, and how long its sequence is.
#[derive(Clone, Copy, Default)]
struct Rounds {
    /// One more than the index of the current item.
    done: usize,
    length: usize,
}

/// The host of one render.
pub struct PyHost<'p, 'py> {
    py: Python<'py>,
    django: &'static Django,
    program: &'p Program,
    context: Bound<'py, PyAny>,
    render_context: Bound<'py, PyAny>,
    dicts: Bound<'py, PyList>,
    memory: &'p Bound<'py, PyAny>,
    slots: Vec<Option<Bound<'py, PyAny>>>,
    rounds: Vec<Rounds>,
    entered: Vec<Entered<'py>>,
    autoescape: bool,
    /// Whether integers print as Python prints them.
    plain_integers: bool,
    /// The decimal separator of floats, where nothing else is special about them.
    separator: Option<String>,
    locale: Locale,
    /// Told of each template that begins, where tests listen.
    announce: Option<Bound<'py, PyAny>>,
}

impl<'p, 'py> PyHost<'p, 'py> {
    /// A host for one render with a context that is bound to its template.
    pub fn new(
        program: &'p Program,
        context: Bound<'py, PyAny>,
        memory: &'p Bound<'py, PyAny>,
    ) -> PyResult<Self> {
        let py = context.py();
        let django = Django::get(py)?;
        let conditions = django.conditions.bind(py).call1((&context,))?;
        let (plain_integers, separator, locale_separator, plain_ellipsis, announce) =
            conditions.extract()?;
        let render_context = context.getattr(intern!(py, "render_context"))?;
        let dicts = context.getattr(intern!(py, "dicts"))?.cast_into::<PyList>()?;
        let autoescape = context.getattr(intern!(py, "autoescape"))?.is_truthy()?;
        Ok(Self {
            py,
            django,
            program,
            context,
            render_context,
            dicts,
            memory,
            slots: vec![None; program.slots],
            rounds: vec![Rounds::default(); program.depth],
            entered: Vec::new(),
            autoescape,
            plain_integers,
            separator,
            locale: Locale { separator: locale_separator, plain_ellipsis },
            announce,
        })
    }

    /// Leaves everything that an error left entered, and lets each node on the way out annotate it.
    pub fn unwind(&mut self, error: &PyErr) -> PyResult<()> {
        while let Some(entered) = self.entered.last() {
            let node = match entered {
                Entered::Loop { .. } => {
                    self.end_loop()?;
                    continue;
                }
                Entered::Autoescape(_) => {
                    // Django leaves the mode of the context as it was when the error came.
                    self.entered.pop();
                    continue;
                }
                Entered::Lazy { id, .. } | Entered::Python { id, .. } => *id,
            };
            self.leave_scope()?;
            match &self.program.scopes[node.0 as usize] {
                Scope::Lazy { node, .. } | Scope::Python { node, .. } => {
                    self.annotate(error, node)?;
                }
                Scope::Autoescape(_) => {}
            }
        }
        Ok(())
    }

    fn annotate(&self, error: &PyErr, node: &Py<PyAny>) -> PyResult<()> {
        if error.is_instance_of::<PyException>(self.py) && !node.is_none(self.py) {
            self.django.annotate.bind(self.py).call1((
                error.value(self.py),
                node,
                &self.context,
            ))?;
        }
        Ok(())
    }

    /// Turns a failure into the exception that Django's node would raise.
    fn blame(&self, failure: Failure, node: &Py<PyAny>) -> PyErr {
        let error = self.raised(failure);
        match self.annotate(&error, node) {
            Ok(()) => error,
            Err(error) => error,
        }
    }

    fn raised(&self, failure: Failure) -> PyErr {
        match failure {
            Failure::Raised(error) => error,
            Failure::Missing(name, current) => {
                let message = "Failed lookup for key [%s] in %r";
                let class = self.django.variable_does_not_exist.bind(self.py);
                match class.call1((message, (name, current))) {
                    Ok(error) => PyErr::from_value(error),
                    Err(error) => error,
                }
            }
        }
    }

    // ---- values -------------------------------------------------------------------------------

    /// A value with its filters. Where failures are ignored, a missing value is `None`; else it is
    /// the empty string that stands for invalid values.
    fn expression(&mut self, expression: &'p Expression, ignore: bool) -> Result<Value<'py>> {
        let mut value = match self.base(&expression.base) {
            Ok(value) => value,
            Err(Failure::Missing(..)) if ignore => {
                Value::Object(self.py.None().into_bound(self.py))
            }
            Err(Failure::Missing(..)) => self.invalid(),
            Err(failure) => return Err(failure),
        };
        for filter in &expression.filters {
            value = self.filter(filter, value)?;
        }
        Ok(value)
    }

    fn invalid(&self) -> Value<'py> {
        Value::Object(PyString::new(self.py, "").into_any())
    }

    #[inline]
    fn base(&mut self, base: &'p Base) -> Result<Value<'py>> {
        let value = match base {
            Base::Slot(slot, lookups) => match self.slots[*slot].clone() {
                Some(root) => self.lookups(root, lookups),
                None => Err(PyKeyError::new_err("an unset slot of a lowered template").into()),
            },
            Base::Name(name, lookups) => match self.name(name)? {
                Some(root) => self.lookups(root, lookups),
                None => {
                    Err(Failure::Missing(name.clone_ref(self.py), self.context.clone().unbind()))
                }
            },
            Base::Constant(value) => return Ok(Value::Object(value.bind(self.py).clone())),
            Base::Counter(number, counter) => return Ok(self.counter(*number, *counter)),
            Base::Missing(name) => {
                Err(Failure::Missing(name.clone_ref(self.py), self.context.clone().unbind()))
            }
            Base::Variable(variable) => {
                let variable = variable.bind(self.py);
                return match variable.call_method1(intern!(self.py, "resolve"), (&self.context,)) {
                    Ok(value) => Ok(Value::Object(value)),
                    Err(error) => {
                        let missing = self.django.variable_does_not_exist.bind(self.py);
                        if error.is_instance(self.py, missing) {
                            let name = PyString::new(self.py, "").unbind();
                            return Err(Failure::Missing(name, self.context.clone().unbind()));
                        }
                        Err(error.into())
                    }
                };
            }
            Base::Call(function, arguments) => {
                let mut values = vec![self.context.clone(), self.memory.clone()];
                for argument in arguments {
                    let value = self.expression(argument, false)?;
                    values.push(self.object(value)?);
                }
                let arguments = PyTuple::new(self.py, values)?;
                return Ok(Value::Object(function.bind(self.py).call1(arguments)?));
            }
        };
        match value {
            Ok(value) => Ok(Value::Object(value)),
            Err(Failure::Raised(error)) if self.is_silent(&error)? => Ok(self.invalid()),
            Err(failure) => Err(failure),
        }
    }

    fn is_silent(&self, error: &PyErr) -> PyResult<bool> {
        if !error.is_instance_of::<PyException>(self.py) {
            return Ok(false);
        }
        match error.value(self.py).getattr_opt(intern!(self.py, "silent_variable_failure"))? {
            Some(flag) => flag.is_truthy(),
            None => Ok(false),
        }
    }

    fn counter(&self, number: usize, counter: Counter) -> Value<'py> {
        let Rounds { done, length } = self.rounds[number];
        let (done, length) = (done as i64, length as i64);
        match counter {
            Counter::FromOne => Value::Int(done),
            Counter::FromZero => Value::Int(done - 1),
            Counter::DownToOne => Value::Int(length - done + 1),
            Counter::DownToZero => Value::Int(length - done),
            Counter::First => Value::Bool(done == 1),
            Counter::Last => Value::Bool(done == length),
        }
    }

    /// A name of the context, searched from the innermost scope outwards.
    fn name(&self, name: &Py<PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let name = name.bind(self.py);
        for index in (0..self.dicts.len()).rev() {
            let scope = self.dicts.get_item(index)?;
            let class = scope.get_type_ptr();
            let context_dict = self.django.context_dict.as_ptr().cast();
            if class == &raw mut ffi::PyDict_Type || class == context_dict {
                if let Some(value) = scope.cast::<PyDict>()?.get_item(name)? {
                    return Ok(Some(value));
                }
            } else if scope.contains(name)? {
                return scope.get_item(name).map(Some);
            }
        }
        Ok(None)
    }

    #[inline]
    fn lookups(&self, root: Bound<'py, PyAny>, lookups: &'p [Lookup]) -> Result<Bound<'py, PyAny>> {
        let mut current = self.call(root)?;
        for lookup in lookups {
            current = self.lookup(&current, lookup)?;
            current = self.call(current)?;
        }
        Ok(current)
    }

    fn lookup(&self, current: &Bound<'py, PyAny>, lookup: &Lookup) -> Result<Bound<'py, PyAny>> {
        let name = lookup.name.bind(self.py);
        let class = current.get_type_ptr();
        if class == &raw mut ffi::PyDict_Type {
            if let Some(value) = current.cast::<PyDict>().map_err(PyErr::from)?.get_item(name)? {
                return Ok(value);
            }
        } else if class == &raw mut ffi::PyList_Type
            || class == &raw mut ffi::PyTuple_Type
            || !has_subscript(class)
        {
            // A string is no index of these.
        } else {
            match current.get_item(name) {
                Ok(value) => return Ok(value),
                Err(error) if is_lookup_error(self.py, &error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.attribute(current, lookup)
    }

    fn attribute(&self, current: &Bound<'py, PyAny>, lookup: &Lookup) -> Result<Bound<'py, PyAny>> {
        let name = lookup.name.bind(self.py);
        let is_context = current.is_instance(self.django.base_context.bind(self.py))?;
        // Attributes of the class of a context are not to be seen; those of the instance are not
        // found by Django either, since it asks the class for them first.
        let found = if is_context {
            match current.get_type().getattr(name) {
                Ok(value) if !value.is_truthy()? => current.getattr(name),
                Ok(_) => Err(PyAttributeError::new_err(())),
                Err(error) => Err(error),
            }
        } else {
            current.getattr(name)
        };
        let error = match found {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let is_expected = error.is_instance_of::<PyAttributeError>(self.py)
            || error.is_instance_of::<PyTypeError>(self.py);
        // A name that the object does have raised the exception itself.
        if !is_expected || !is_context && current.dir()?.contains(name)? {
            return Err(error.into());
        }
        if let Some(index) = lookup.index {
            match current.get_item(index) {
                Ok(value) => return Ok(value),
                Err(error) if is_index_error(self.py, &error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::Missing(lookup.name.clone_ref(self.py), current.clone().unbind()))
    }

    /// Calls what can be called without arguments, as templates do.
    #[inline]
    fn call(&self, value: Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>> {
        let class = value.get_type_ptr();
        if is_plain(class) || class == self.django.safe_string.as_ptr().cast() {
            return Ok(value);
        }
        if !value.is_callable() {
            return Ok(value);
        }
        let flag = |name| -> PyResult<bool> {
            match value.getattr_opt(name)? {
                Some(flag) => flag.is_truthy(),
                None => Ok(false),
            }
        };
        if flag(intern!(self.py, "do_not_call_in_templates"))? {
            return Ok(value);
        }
        if flag(intern!(self.py, "alters_data"))? {
            return Ok(PyString::new(self.py, "").into_any());
        }
        match value.call0() {
            Ok(result) => Ok(result),
            Err(error) if error.is_instance_of::<PyTypeError>(self.py) => {
                let needs_arguments = self.django.needs_arguments.bind(self.py);
                if needs_arguments.call1((&value,))?.is_truthy()? {
                    return Ok(PyString::new(self.py, "").into_any());
                }
                Err(error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn object(&self, value: Value<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(match value {
            Value::Object(object) => object,
            Value::Int(number) => number.into_pyobject(self.py)?.into_any(),
            Value::Bool(flag) => PyBool::new(self.py, flag).to_owned().into_any(),
            Value::Text(text, false) => PyString::new(self.py, &text).into_any(),
            Value::Text(text, true) => self.django.safe_string.bind(self.py).call1((text,))?,
        })
    }

    fn filter(&mut self, filter: &'p Filter, value: Value<'py>) -> Result<Value<'py>> {
        if let Some(native) = &filter.native {
            // Constants that matter were read when the filter was lowered.
            let argument = match filter.arguments.first() {
                Some(Argument::Constant(value)) => Some(value.bind(self.py).clone()),
                Some(Argument::Looked(base)) => {
                    let value = self.base(base)?;
                    Some(self.object(value)?)
                }
                None => None,
            };
            if let Some(value) =
                native.apply(&value, argument.as_ref(), self.django, &self.locale)?
            {
                return Ok(value);
            }
            return self.call_filter(filter, value, argument.into_iter().collect());
        }
        let mut arguments = Vec::with_capacity(2);
        for argument in &filter.arguments {
            arguments.push(match argument {
                Argument::Constant(value) => value.bind(self.py).clone(),
                Argument::Looked(base) => {
                    let value = self.base(base)?;
                    self.object(value)?
                }
            });
        }
        self.call_filter(filter, value, arguments)
    }

    /// Calls a filter's function as `FilterExpression.resolve` does.
    fn call_filter(
        &self,
        filter: &Filter,
        value: Value<'py>,
        mut arguments: Vec<Bound<'py, PyAny>>,
    ) -> Result<Value<'py>> {
        let mut object = self.object(value)?;
        if filter.expects_localtime {
            let use_tz = self.context.getattr(intern!(self.py, "use_tz"))?;
            object = self.django.template_localtime.bind(self.py).call1((object, use_tz))?;
        }
        let was_safe = filter.is_safe
            && object.get_type_ptr() != &raw mut ffi::PyUnicode_Type
            && object.is_instance(self.django.safe_data.bind(self.py))?;
        arguments.insert(0, object);
        let arguments = PyTuple::new(self.py, arguments)?;
        let function = filter.function.bind(self.py);
        let result = if filter.needs_autoescape {
            let keywords = PyDict::new(self.py);
            keywords.set_item(intern!(self.py, "autoescape"), self.autoescape)?;
            function.call(arguments, Some(&keywords))?
        } else {
            function.call1(arguments)?
        };
        if was_safe {
            return Ok(Value::Object(self.django.mark_safe.bind(self.py).call1((result,))?));
        }
        Ok(Value::Object(result))
    }

    // ---- printing -----------------------------------------------------------------------------

    fn print(&self, value: Value<'py>, out: &mut Out<'_>) -> PyResult<()> {
        let object = match value {
            Value::Text(text, is_safe) => {
                if is_safe || !self.autoescape {
                    out.source(&text);
                } else {
                    out.text(&text);
                }
                return Ok(());
            }
            Value::Int(number) if self.plain_integers => {
                out.int(number);
                return Ok(());
            }
            Value::Bool(flag) => {
                out.text(if flag { "True" } else { "False" });
                return Ok(());
            }
            other => self.object(other)?,
        };
        let class = object.get_type_ptr();
        if class == &raw mut ffi::PyUnicode_Type {
            let text = text(&object)?;
            if self.autoescape {
                out.text(&text);
            } else {
                out.source(&text);
            }
        } else if class == self.django.safe_string.as_ptr().cast() {
            out.source(&text(&object)?);
        } else if class == &raw mut ffi::PyLong_Type && self.plain_integers {
            match object.extract::<i64>() {
                Ok(number) => out.int(number),
                Err(_) => out.source(&text(object.str()?.as_any())?),
            }
        } else if class == &raw mut ffi::PyBool_Type || object.is_none() {
            out.text(&text(object.str()?.as_any())?);
        } else if class == &raw mut ffi::PyFloat_Type && self.separator.is_some() {
            self.float(&object, out)?;
        } else {
            self.print_by_django(&object, out)?;
        }
        Ok(())
    }

    fn float(&self, object: &Bound<'py, PyAny>, out: &mut Out<'_>) -> PyResult<()> {
        let digits = object.str()?;
        let digits = digits.to_str()?;
        // Django formats very large and very small numbers as decimals.
        let (Some(separator), false) = (&self.separator, digits.contains('e')) else {
            return self.print_by_django(object, out);
        };
        if separator == "." {
            out.source(digits);
        } else {
            out.source(&digits.replace('.', separator));
        }
        Ok(())
    }

    fn print_by_django(&self, object: &Bound<'py, PyAny>, out: &mut Out<'_>) -> PyResult<()> {
        let render = self.django.render_value_in_context.bind(self.py);
        out.source(&text(&render.call1((object, &self.context))?)?);
        Ok(())
    }

    // ---- tests --------------------------------------------------------------------------------

    fn truth(&mut self, condition: &'p Condition) -> Result<bool> {
        Ok(match condition {
            Condition::Compare(..) | Condition::Not(_) => match self.condition(condition)? {
                Value::Bool(flag) => flag,
                value => value.is_true()?,
            },
            condition => {
                let value = self.condition(condition)?;
                value.is_true()?
            }
        })
    }

    /// The value of a condition. Each operator takes every exception for false; a value without
    /// an operator does not.
    fn condition(&mut self, condition: &'p Condition) -> Result<Value<'py>> {
        let result = match condition {
            Condition::Value(expression) => return self.expression(expression, true),
            Condition::Python(node) => {
                let eval = intern!(self.py, "eval");
                return Ok(Value::Object(node.bind(self.py).call_method1(eval, (&self.context,))?));
            }
            Condition::Not(inner) => self.truth(inner).map(|flag| Value::Bool(!flag)),
            Condition::Or(first, second) => self.either(first, second, true),
            Condition::And(first, second) => self.either(first, second, false),
            Condition::Compare(comparison, first, second) => {
                self.compare(*comparison, first, second).map(Value::Bool)
            }
        };
        match result {
            Err(Failure::Raised(error)) if !error.is_instance_of::<PyException>(self.py) => {
                Err(error.into())
            }
            Err(_) => Ok(Value::Bool(false)),
            value => value,
        }
    }

    /// `or` stops at a true value, `and` at a false one; both give the value itself.
    fn either(
        &mut self,
        first: &'p Condition,
        second: &'p Condition,
        stop: bool,
    ) -> Result<Value<'py>> {
        let value = self.condition(first)?;
        let value = match value {
            Value::Bool(flag) if flag == stop => return Ok(value),
            Value::Bool(_) => return self.condition(second),
            value => self.object(value)?,
        };
        if value.is_truthy()? == stop {
            return Ok(Value::Object(value));
        }
        self.condition(second)
    }

    fn compare(
        &mut self,
        comparison: Comparison,
        first: &'p Condition,
        second: &'p Condition,
    ) -> Result<bool> {
        use std::cmp::Ordering;
        // Django evaluates `x in y` from left to right, too.
        let (first, second) = (self.condition(first)?, self.condition(second)?);
        if let (Some(first), Some(second)) = (first.integer(), second.integer()) {
            let order = first.cmp(&second);
            match comparison {
                Comparison::Equal => return Ok(order == Ordering::Equal),
                Comparison::Unequal => return Ok(order != Ordering::Equal),
                Comparison::Greater => return Ok(order == Ordering::Greater),
                Comparison::GreaterEqual => return Ok(order != Ordering::Less),
                Comparison::Less => return Ok(order == Ordering::Less),
                Comparison::LessEqual => return Ok(order != Ordering::Greater),
                _ => {}
            }
        }
        let (first, second) = (self.object(first)?, self.object(second)?);
        use pyo3::basic::CompareOp;
        let operator = match comparison {
            Comparison::In => return Ok(second.contains(first)?),
            Comparison::NotIn => return Ok(!second.contains(first)?),
            Comparison::Is => return Ok(first.is(&second)),
            Comparison::IsNot => return Ok(!first.is(&second)),
            Comparison::Equal => CompareOp::Eq,
            Comparison::Unequal => CompareOp::Ne,
            Comparison::Greater => CompareOp::Gt,
            Comparison::GreaterEqual => CompareOp::Ge,
            Comparison::Less => CompareOp::Lt,
            Comparison::LessEqual => CompareOp::Le,
        };
        Ok(first.rich_compare(second, operator)?.is_truthy()?)
    }

    // ---- loops --------------------------------------------------------------------------------

    fn begin_loop(&mut self, id: LoopId) -> Result<bool> {
        let lowered = &self.program.loops[id.0 as usize];
        let mut parent = None;
        if lowered.lazy.is_none() {
            let forloop = intern!(self.py, "forloop").clone().unbind();
            parent = Some(match self.name(&forloop)? {
                Some(parent) => parent,
                None => PyDict::new(self.py).into_any(),
            });
            self.context.call_method0(intern!(self.py, "push"))?;
        }
        let (items, length) = match self.items(id) {
            Ok(Some(items)) => items,
            Ok(None) => {
                // The body for no items runs inside the pushed context, too.
                let pushed = parent.map(|_| Pushed { forloop: None, names: false });
                self.entered.push(Entered::Loop { items: Items::None, pushed, state: 0 });
                return Ok(false);
            }
            Err(failure) => {
                if lowered.lazy.is_none() {
                    self.context.call_method0(intern!(self.py, "pop"))?;
                }
                return Err(failure);
            }
        };
        let rounds = Rounds { done: 0, length };
        let state = match &lowered.lazy {
            Some((_, number)) => {
                self.rounds[*number] = rounds;
                *number
            }
            None => {
                self.rounds.push(rounds);
                self.rounds.len() - 1
            }
        };
        let pushed = match parent {
            Some(parent) => {
                let forloop = PyDict::new(self.py);
                forloop.set_item(intern!(self.py, "parentloop"), parent)?;
                self.context.set_item(intern!(self.py, "forloop"), &forloop)?;
                Some(Pushed { forloop: Some(forloop), names: false })
            }
            None => None,
        };
        self.entered.push(Entered::Loop { items, pushed, state });
        Ok(true)
    }

    fn items(&mut self, id: LoopId) -> Result<Option<(Items<'py>, usize)>> {
        let lowered = &self.program.loops[id.0 as usize];
        let values = self.expression(&lowered.sequence, true)?;
        let mut values = self.object(values)?;
        if values.is_none() {
            return Ok(None);
        }
        let class = values.get_type_ptr();
        let is_list = class == &raw mut ffi::PyList_Type;
        let is_tuple = class == &raw mut ffi::PyTuple_Type;
        if !is_list && !is_tuple && !values.hasattr(intern!(self.py, "__len__"))? {
            values = self.py.get_type::<PyList>().call1((values,))?;
        }
        let length = values.len()?;
        if length == 0 {
            return Ok(None);
        }
        let items = if lowered.is_reversed {
            let reversed = self.py.import("builtins")?.getattr("reversed")?;
            Items::Any(reversed.call1((values,))?.try_iter()?)
        } else if let (true, Ok(list)) = (is_list, values.cast::<PyList>()) {
            Items::List(list.clone(), 0)
        } else if let (true, Ok(tuple)) = (is_tuple, values.cast::<PyTuple>()) {
            Items::Tuple(tuple.clone(), 0)
        } else {
            Items::Any(values.try_iter()?)
        };
        Ok(Some((items, length)))
    }

    fn next_round(&mut self, id: LoopId) -> Result<bool> {
        let lowered = &self.program.loops[id.0 as usize];
        let Some(Entered::Loop { items, pushed, state, .. }) = self.entered.last_mut() else {
            return Ok(false);
        };
        if let Some(pushed) = pushed
            && std::mem::take(&mut pushed.names)
        {
            self.context.call_method0(intern!(self.py, "pop"))?;
        }
        let item = match items {
            Items::List(list, index) => {
                *index += 1;
                if *index > list.len() {
                    return Ok(false);
                }
                list.get_item(*index - 1)?
            }
            Items::Tuple(tuple, index) => {
                *index += 1;
                if *index > tuple.len() {
                    return Ok(false);
                }
                tuple.get_item(*index - 1)?
            }
            Items::Any(iterator) => match iterator.next() {
                Some(item) => item?,
                None => return Ok(false),
            },
            Items::None => return Ok(false),
        };
        let rounds = &mut self.rounds[*state];
        rounds.done += 1;
        let Rounds { done, length } = *rounds;
        if let Some(Pushed { forloop: Some(forloop), .. }) = pushed {
            let (done, length) = (done as i64, length as i64);
            forloop.set_item(intern!(self.py, "counter0"), done - 1)?;
            forloop.set_item(intern!(self.py, "counter"), done)?;
            forloop.set_item(intern!(self.py, "revcounter"), length - done + 1)?;
            forloop.set_item(intern!(self.py, "revcounter0"), length - done)?;
            forloop.set_item(intern!(self.py, "first"), done == 1)?;
            forloop.set_item(intern!(self.py, "last"), done == length)?;
        }
        if let [name] = &lowered.names[..] {
            match &lowered.lazy {
                Some((slots, _)) => self.slots[slots[0]] = Some(item),
                None => self.context.set_item(name, item)?,
            }
            return Ok(true);
        }
        let length = match item.len() {
            Ok(length) => length,
            Err(error) if error.is_instance_of::<PyTypeError>(self.py) => 1,
            Err(error) => return Err(error.into()),
        };
        if length != lowered.names.len() {
            return Err(PyValueError::new_err(format!(
                "Need {} values to unpack in for loop; got {length}. ",
                lowered.names.len()
            ))
            .into());
        }
        let mut values = item.try_iter()?;
        match &lowered.lazy {
            Some((slots, _)) => {
                for slot in slots {
                    self.slots[*slot] = values.next().transpose()?;
                }
            }
            None => {
                let names = PyDict::new(self.py);
                for (name, value) in lowered.names.iter().zip(values) {
                    names.set_item(name, value?)?;
                }
                pushed.as_mut().expect("a loop that is not lazy has pushed").names = true;
                self.context.call_method1(intern!(self.py, "update"), (names,))?;
            }
        }
        Ok(true)
    }

    fn end_loop(&mut self) -> PyResult<()> {
        if let Some(Entered::Loop { pushed: Some(pushed), .. }) = self.entered.pop() {
            if pushed.forloop.is_some() {
                self.rounds.pop();
            }
            if pushed.names {
                self.context.call_method0(intern!(self.py, "pop"))?;
            }
            self.context.call_method0(intern!(self.py, "pop"))?;
        }
        Ok(())
    }

    // ---- scopes -------------------------------------------------------------------------------

    fn enter_scope(&mut self, id: ScopeId) -> Result<()> {
        let entered = match &self.program.scopes[id.0 as usize] {
            Scope::Lazy { bindings, template, .. } => {
                // All values first: a name may be bound to what it meant outside.
                let mut values = Vec::with_capacity(bindings.len());
                for (_, expression) in bindings {
                    let value = self.expression(expression, false)?;
                    values.push(self.object(value)?);
                }
                for ((slot, _), value) in bindings.iter().zip(values) {
                    self.slots[*slot] = Some(value);
                }
                let name = intern!(self.py, "template");
                let before = match template {
                    Some(template) => {
                        let before = self.render_context.getattr(name)?;
                        self.render_context.setattr(name, template)?;
                        if let Some(announce) = &self.announce {
                            announce.call1((template, &self.context))?;
                        }
                        Some(before)
                    }
                    None => None,
                };
                Entered::Lazy { template: before, id }
            }
            Scope::Autoescape(flag) => {
                let before = self.autoescape;
                self.set_autoescape(*flag)?;
                Entered::Autoescape(before)
            }
            Scope::Python { enter, .. } => {
                let answer = enter.bind(self.py).call1((&self.context,))?;
                let (inner, state): (Bound<'py, PyAny>, Bound<'py, PyAny>) = answer.extract()?;
                let context = self.context.clone();
                self.entered.push(Entered::Python { context, state, id });
                self.use_context(inner)?;
                return Ok(());
            }
        };
        self.entered.push(entered);
        Ok(())
    }

    fn leave_scope(&mut self) -> PyResult<()> {
        match self.entered.pop() {
            Some(Entered::Lazy { template: Some(template), .. }) => {
                self.render_context.setattr(intern!(self.py, "template"), template)
            }
            Some(Entered::Autoescape(before)) => self.set_autoescape(before),
            Some(Entered::Python { context, state, id }) => {
                if let Scope::Python { leave, .. } = &self.program.scopes[id.0 as usize] {
                    leave.bind(self.py).call1((&context, state))?;
                }
                self.use_context(context)
            }
            _ => Ok(()),
        }
    }

    fn set_autoescape(&mut self, flag: bool) -> PyResult<()> {
        self.autoescape = flag;
        self.context.setattr(intern!(self.py, "autoescape"), flag)
    }

    fn use_context(&mut self, context: Bound<'py, PyAny>) -> PyResult<()> {
        if !context.is(&self.context) {
            self.dicts = context.getattr(intern!(self.py, "dicts"))?.cast_into::<PyList>()?;
            self.render_context = context.getattr(intern!(self.py, "render_context"))?;
            self.autoescape = context.getattr(intern!(self.py, "autoescape"))?.is_truthy()?;
            self.context = context;
        }
        Ok(())
    }
}

impl Host for PyHost<'_, '_> {
    type Error = PyErr;

    fn value(&mut self, id: ValueId, out: &mut Out<'_>) -> PyResult<()> {
        let printed = &self.program.values[id.0 as usize];
        let result = self.expression(&printed.expression, false);
        let result = match result {
            Ok(Value::Object(object)) if printed.is_source => {
                text(&object).map(|source| out.source(&source)).map_err(Failure::from)
            }
            Ok(value) => self.print(value, out).map_err(Failure::from),
            // Django gives up quietly here, and only here.
            Err(Failure::Raised(error))
                if error.is_instance_of::<PyUnicodeDecodeError>(self.py) =>
            {
                out.text("");
                Ok(())
            }
            Err(failure) => Err(failure),
        };
        result.map_err(|failure| self.blame(failure, &printed.node))
    }

    fn opaque(&mut self, id: NodeId, out: &mut Out<'_>) -> PyResult<()> {
        let node = self.program.nodes[id.0 as usize].bind(self.py);
        let printed = node.call_method1(intern!(self.py, "render_annotated"), (&self.context,))?;
        out.source(&text(&printed)?);
        Ok(())
    }

    fn test(&mut self, id: TestId) -> PyResult<bool> {
        let test = &self.program.tests[id.0 as usize];
        match self.truth(&test.condition) {
            Ok(holds) => Ok(holds),
            Err(Failure::Missing(..)) => Ok(false),
            Err(Failure::Raised(error))
                if error
                    .is_instance(self.py, self.django.variable_does_not_exist.bind(self.py)) =>
            {
                Ok(false)
            }
            Err(failure) => Err(self.blame(failure, &test.node)),
        }
    }

    fn begin(&mut self, id: LoopId) -> PyResult<bool> {
        let node = &self.program.loops[id.0 as usize].node;
        self.begin_loop(id).map_err(|failure| self.blame(failure, node))
    }

    fn next(&mut self, id: LoopId) -> PyResult<bool> {
        let node = &self.program.loops[id.0 as usize].node;
        self.next_round(id).map_err(|failure| self.blame(failure, node))
    }

    fn end(&mut self, _id: LoopId) -> PyResult<()> {
        self.end_loop()
    }

    fn enter(&mut self, id: ScopeId) -> PyResult<()> {
        self.enter_scope(id).map_err(|failure| match &self.program.scopes[id.0 as usize] {
            Scope::Lazy { node, .. } | Scope::Python { node, .. } => self.blame(failure, node),
            Scope::Autoescape(_) => self.raised(failure),
        })
    }

    fn leave(&mut self, _id: ScopeId) -> PyResult<()> {
        self.leave_scope()
    }
}

/// The characters of a string object. A lone surrogate has no place in HTML and is replaced.
fn text<'s>(object: &'s Bound<'_, PyAny>) -> PyResult<std::borrow::Cow<'s, str>> {
    Ok(object.cast::<PyString>()?.to_string_lossy())
}

/// Types whose objects are never called.
fn is_plain(class: *mut ffi::PyTypeObject) -> bool {
    class == &raw mut ffi::PyUnicode_Type
        || class == &raw mut ffi::PyLong_Type
        || class == &raw mut ffi::PyDict_Type
        || class == &raw mut ffi::PyList_Type
        || class == &raw mut ffi::PyFloat_Type
        || class == &raw mut ffi::PyBool_Type
        || class == &raw mut ffi::PyTuple_Type
}

fn has_subscript(class: *mut ffi::PyTypeObject) -> bool {
    // SAFETY: a type object that belongs to a live object; the slots are only compared with null.
    unsafe {
        !ffi::PyType_GetSlot(class, ffi::Py_mp_subscript).is_null()
            || !ffi::PyType_GetSlot(class, ffi::Py_sq_item).is_null()
    }
}

fn is_lookup_error(py: Python<'_>, error: &PyErr) -> bool {
    error.is_instance_of::<PyAttributeError>(py) || is_index_error(py, error)
}

fn is_index_error(py: Python<'_>, error: &PyErr) -> bool {
    error.is_instance_of::<PyIndexError>(py)
        || error.is_instance_of::<PyValueError>(py)
        || error.is_instance_of::<PyKeyError>(py)
        || error.is_instance_of::<PyTypeError>(py)
}
