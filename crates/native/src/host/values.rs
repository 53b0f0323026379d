//! Values: names, lookups, calls and filters, by the rules of Django's `Variable` and
//! `FilterExpression`.

use pyo3::exceptions::{
    PyAttributeError, PyException, PyIndexError, PyKeyError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use pyo3::{Borrowed, ffi, intern};

use super::{Failure, PyHost, Result, Rounds};
use crate::django::Django;
use crate::filters::Native;
use crate::program::{Argument, Base, Counter, Expression, Fast, Filter, Lookup};
use crate::value::Value;

impl<'p, 'py> PyHost<'p, 'py> {
    /// A value with its filters. Where failures are ignored, a missing value is `None`; else it is
    /// the empty string that stands for invalid values.
    #[inline]
    pub(super) fn expression(
        &mut self,
        expression: &'p Expression,
        ignore: bool,
    ) -> Result<Value<'py>> {
        let base = &expression.base;
        let value = match self.named(base) {
            Some(Ok(object)) => Value::Object(object),
            Some(Err(failure)) => self.instead(failure, base, ignore)?,
            None => match self.base(base) {
                Ok(value) => value,
                Err(failure) => self.absent(failure, base, ignore)?,
            },
        };
        if expression.filters.is_empty() { Ok(value) } else { self.filters(expression, value) }
    }

    fn filters(&mut self, expression: &'p Expression, mut value: Value<'py>) -> Result<Value<'py>> {
        for filter in &expression.filters {
            value = self.filter(filter, value)?;
        }
        Ok(value)
    }

    /// The value of a name in a slot, with what is looked up from it.
    #[inline]
    pub(super) fn named(&self, base: &'p Base) -> Option<Result<Bound<'py, PyAny>>> {
        let Base::Slot(slot, lookups, name) = base else { return None };
        self.slots[*slot].as_ref().map(|root| self.lookups(name, root, lookups))
    }

    /// What stands for the value of a name that could not be had.
    #[cold]
    pub(super) fn instead(
        &self,
        failure: Failure,
        base: &Base,
        ignore: bool,
    ) -> Result<Value<'py>> {
        self.silenced(failure).or_else(|failure| self.absent(failure, base, ignore))
    }

    #[cold]
    fn absent(&self, failure: Failure, base: &Base, ignore: bool) -> Result<Value<'py>> {
        match failure {
            // The values of tags have no name that could be missing; one in them may be.
            failure if !base.is_variable() => return Err(failure),
            Failure::Missing(..) => {}
            // A function that was called, as the method of `{{ block.super|… }}`.
            Failure::Raised(error) if self.is_missing(&error) => {}
            failure => return Err(failure),
        }
        Ok(if ignore { Value::Object(self.py.None().into_bound(self.py)) } else { self.invalid() })
    }

    pub(super) fn invalid(&self) -> Value<'py> {
        Value::Object(PyString::new(self.py, "").into_any())
    }

    #[inline]
    pub(super) fn base(&mut self, base: &'p Base) -> Result<Value<'py>> {
        let value = match base {
            Base::Slot(slot, lookups, name) => match &self.slots[*slot] {
                Some(root) => self.lookups(name, root, lookups),
                None => Err(PyKeyError::new_err("an unset slot of a lowered template").into()),
            },
            Base::Name(name, lookups) => match self.name(name)? {
                Some(root) => self.lookups(name, &root, lookups),
                None => Err(self.told(name, Failure::unknown(self.py, name))),
            },
            Base::Outer(sees_context, lookups) => {
                let name = intern!(self.py, "forloop").clone().unbind();
                let forloop = if *sees_context { self.name(&name)? } else { None };
                let forloop = forloop.unwrap_or_else(|| PyDict::new(self.py).into_any());
                self.lookups(&name, &forloop, lookups)
            }
            Base::Integer(number) => return Ok(Value::Int(*number)),
            Base::Constant(value) => return Ok(Value::Object(value.bind(self.py).clone())),
            Base::Counter(number, counter) => return Ok(self.counter(*number, *counter)),
            Base::Missing(name) => Err(self.told(name, Failure::unknown(self.py, name))),
            Base::Variable(variable) => return self.resolved(variable),
            Base::Call(function, values) => return self.called(function, values),
            Base::Function(function, values, is_escaped) => {
                return self.called_alone(function, values, *is_escaped);
            }
            Base::Maybe(slot, lookups, otherwise, name) => match &self.slots[*slot] {
                Some(root) => self.lookups(name, root, lookups),
                None => return self.base(otherwise),
            },
            other => return self.special(other),
        };
        match value {
            Ok(value) => Ok(Value::Object(value)),
            Err(failure) => self.silenced(failure),
        }
    }

    #[cold]
    fn silenced(&self, failure: Failure) -> Result<Value<'py>> {
        match failure {
            Failure::Raised(error) if self.is_silent(&error)? => Ok(self.invalid()),
            failure => Err(failure),
        }
    }

    fn resolved(&self, variable: &Py<PyAny>) -> Result<Value<'py>> {
        let variable = variable.bind(self.py);
        match variable.call_method1(intern!(self.py, "resolve"), (self.context()?,)) {
            Ok(value) => Ok(Value::Object(value)),
            Err(error) if self.is_missing(&error) => {
                let name = PyString::new(self.py, "").unbind();
                Err(Failure::unknown(self.py, &name))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn called(&mut self, function: &Py<PyAny>, values: &'p [Expression]) -> Result<Value<'py>> {
        let first = vec![self.context()?.clone(), self.memory.clone()];
        let arguments = self.arguments(first, values)?;
        let result = function.bind(self.py).call1(arguments)?;
        self.doubt();
        Ok(Value::Object(result))
    }

    fn called_alone(
        &mut self,
        function: &Py<PyAny>,
        values: &'p [Expression],
        is_escaped: bool,
    ) -> Result<Value<'py>> {
        let arguments = self.arguments(Vec::with_capacity(values.len()), values)?;
        let mut result = function.bind(self.py).call1(arguments)?;
        self.doubt();
        let is_safe = result.get_type_ptr() == self.django.safe_string.as_ptr().cast();
        if is_escaped && self.autoescape && !is_safe {
            result = self.django.conditional_escape.bind(self.py).call1((result,))?;
        }
        Ok(Value::Object(result))
    }

    /// What stands in a dictionary under the one name that is looked up from a name of a lazy
    /// scope: the commonest of all values, had without counting references. It is there until
    /// Python runs again.
    #[inline]
    pub(super) fn item(&self, base: &Base) -> Option<Borrowed<'_, 'py, PyAny>> {
        let Base::Slot(slot, lookups, _) = base else { return None };
        let ([lookup], Some(root)) = (&lookups[..], &self.slots[*slot]) else { return None };
        if root.get_type_ptr() != &raw mut ffi::PyDict_Type {
            return None;
        }
        // SAFETY: a dictionary and a string; nothing or a borrowed reference comes back.
        unsafe {
            let item = ffi::PyDict_GetItemWithError(root.as_ptr(), lookup.name.as_ptr());
            if item.is_null() {
                // A key of a foreign type may fail to be compared; it will do so again.
                drop(PyErr::take(self.py));
                return None;
            }
            Some(Borrowed::from_ptr(self.py, item))
        }
    }

    /// Arguments for a function: some that come first, and values.
    pub(super) fn arguments(
        &mut self,
        mut arguments: Vec<Bound<'py, PyAny>>,
        values: &'p [Expression],
    ) -> Result<Bound<'py, PyTuple>> {
        for value in values {
            let value = self.expression(value, false)?;
            arguments.push(self.object(value)?);
        }
        Ok(PyTuple::new(self.py, arguments)?)
    }

    pub(super) fn is_silent(&self, error: &PyErr) -> PyResult<bool> {
        if !error.is_instance_of::<PyException>(self.py) {
            return Ok(false);
        }
        match error.value(self.py).getattr_opt(intern!(self.py, "silent_variable_failure"))? {
            Some(flag) => flag.is_truthy(),
            None => Ok(false),
        }
    }

    pub(super) fn counter(&self, number: usize, counter: Counter) -> Value<'py> {
        let Rounds { done, length } = self.rounds[number];
        let (done, length) = (done as i64, length as i64);
        match counter {
            Counter::FromOne => Value::Int(done),
            Counter::FromZero => Value::Int(done - 1),
            Counter::DownToOne => Value::Int(length - done + 1),
            Counter::DownToZero => Value::Int(length - done),
            Counter::Length => Value::Int(length),
            Counter::First => Value::Bool(done == 1),
            Counter::Last => Value::Bool(done == length),
        }
    }

    /// What is looked up from the value of a name.
    #[inline]
    pub(super) fn lookups(
        &self,
        name: &Py<PyString>,
        root: &Bound<'py, PyAny>,
        lookups: &'p [Lookup],
    ) -> Result<Bound<'py, PyAny>> {
        if let [lookup] = lookups
            && root.get_type_ptr() == self.shared.plain_class.get()
        {
            let found = match root.getattr(lookup.name.bind(self.py)) {
                Ok(value) => self.call(value),
                Err(error) => self.item_by_number(root, lookup, false, error),
            };
            return found.map_err(|failure| self.told(&lookup.name, failure));
        }
        let call = |value| self.call(value).map_err(|failure| self.told(name, failure));
        let Some((first, rest)) = lookups.split_first() else { return call(root.clone()) };
        let mut current = if self.may_be_called(root) {
            self.step(&call(root.clone())?, first)?
        } else {
            self.step(root, first)?
        };
        for lookup in rest {
            current = self.step(&current, lookup)?;
        }
        Ok(current)
    }

    #[inline]
    fn step(&self, current: &Bound<'py, PyAny>, lookup: &'p Lookup) -> Result<Bound<'py, PyAny>> {
        let found = self.lookup(current, lookup).and_then(|found| self.call(found));
        found.map_err(|failure| self.told(&lookup.name, failure))
    }

    /// Tells Django's logger of a lookup that failed, if that listens.
    #[cold]
    pub(super) fn told(&self, name: &Py<PyString>, failure: Failure) -> Failure {
        let Some(log) = &self.log else { return failure };
        let error = match &failure {
            Failure::Missing(missing) => self.missing(missing),
            Failure::Raised(error) => error.clone_ref(self.py),
        };
        if !error.is_instance_of::<PyException>(self.py) {
            return failure;
        }
        let context = match self.context() {
            Ok(context) => context,
            Err(error) => return error.into(),
        };
        match log.call1((name, error.value(self.py), context)) {
            Ok(_) => failure,
            Err(error) => error.into(),
        }
    }

    pub(super) fn lookup(
        &self,
        current: &Bound<'py, PyAny>,
        lookup: &Lookup,
    ) -> Result<Bound<'py, PyAny>> {
        let name = lookup.name.bind(self.py);
        let class = current.get_type_ptr();
        let is_dict = class == &raw mut ffi::PyDict_Type;
        if is_dict
            && let Some(value) =
                current.cast_exact::<PyDict>().map_err(PyErr::from)?.get_item(name)?
        {
            return Ok(value);
        }
        let known = self.class(current)?;
        if known.has_subscript {
            match current.get_item(name) {
                Ok(value) => return Ok(value),
                Err(error) if is_lookup_error(self.py, &error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.attribute(current, lookup, known)
    }

    #[inline]
    fn attribute(
        &self,
        current: &Bound<'py, PyAny>,
        lookup: &Lookup,
        known: Class,
    ) -> Result<Bound<'py, PyAny>> {
        let name = lookup.name.bind(self.py);
        let is_context = match known.is_context {
            Some(is_context) => is_context,
            None => current.is_instance(self.django.base_context.bind(self.py))?,
        };
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
        match found {
            Ok(value) => Ok(value),
            Err(error) => self.item_by_number(current, lookup, is_context, error),
        }
    }

    /// What Django tries last, where there is no such attribute.
    #[cold]
    fn item_by_number(
        &self,
        current: &Bound<'py, PyAny>,
        lookup: &Lookup,
        is_context: bool,
        error: PyErr,
    ) -> Result<Bound<'py, PyAny>> {
        let name = lookup.name.bind(self.py);
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
        Err(Failure::missing(&lookup.name, current))
    }

    /// What is known of the class of an object; asked once per render for the first few classes.
    #[inline]
    fn class(&self, object: &Bound<'py, PyAny>) -> PyResult<Class> {
        let pointer = object.get_type_ptr();
        if is_plain(pointer) {
            // Names are looked up as keys of dictionaries before this is asked, and are no index of
            // the others.
            return Ok(Class { has_subscript: false, is_context: Some(false) });
        }
        for (known, class) in self.shared.classes.borrow().iter() {
            if known.as_type_ptr() == pointer {
                if !class.has_subscript && class.is_context == Some(false) && !object.is_callable()
                {
                    self.shared.plain_class.set(pointer);
                }
                return Ok(*class);
            }
        }
        let class = Class::of(object, self.django)?;
        let mut classes = self.shared.classes.borrow_mut();
        if classes.len() < MOST_CLASSES {
            classes.push((object.get_type(), class));
        }
        Ok(class)
    }

    #[inline]
    fn may_be_called(&self, value: &Bound<'py, PyAny>) -> bool {
        let class = value.get_type_ptr();
        let is_text = class == self.django.safe_string.as_ptr().cast();
        !is_text && !is_plain(class) && value.is_callable()
    }

    /// Calls what can be called without arguments, as templates do.
    #[inline]
    pub(super) fn call(&self, value: Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>> {
        if !self.may_be_called(&value) {
            return Ok(value);
        }
        // What is written in C has no attributes of its own.
        if value.get_type_ptr() == &raw mut ffi::PyCFunction_Type {
            return self.called_without(&value);
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
        self.called_without(&value)
    }

    /// Calls a value without arguments; one that needs some gives an empty string.
    fn called_without(&self, value: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>> {
        match value.call0() {
            Ok(result) => Ok(result),
            Err(error) if error.is_instance_of::<PyTypeError>(self.py) => {
                let needs_arguments = self.django.needs_arguments.bind(self.py);
                if needs_arguments.call1((value,))?.is_truthy()? {
                    return Ok(PyString::new(self.py, "").into_any());
                }
                Err(error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn object(&self, value: Value<'py>) -> PyResult<Bound<'py, PyAny>> {
        value.into_object(self.py, self.django)
    }

    pub(super) fn filter(&mut self, filter: &'p Filter, value: Value<'py>) -> Result<Value<'py>> {
        if let Fast::Read(native) = &filter.native
            && !native.takes_argument()
            && let Some(filtered) = native.apply(&value, None, &self.surroundings())?
        {
            return Ok(filtered);
        }
        let argument = match filter.arguments.first() {
            Some(Argument::Constant(value)) => Some(Value::Object(value.bind(self.py).clone())),
            Some(Argument::Looked(base)) => Some(self.base(base)?),
            None => None,
        };
        let read;
        let native = match &filter.native {
            Fast::Read(native) => native.takes_argument().then_some(native),
            // The argument is known only now.
            Fast::Named(name) => {
                read = Native::named(name, argument.as_ref(), self.py, self.django);
                read.as_ref()
            }
            Fast::Nothing => None,
        };
        if let Some(native) = native {
            let filtered = native.apply(&value, argument.as_ref(), &self.surroundings())?;
            if let Some(filtered) = filtered {
                return Ok(filtered);
            }
        }
        let mut arguments = Vec::with_capacity(2);
        if let Some(argument) = argument {
            arguments.push(self.object(argument)?);
        }
        for argument in filter.arguments.iter().skip(1) {
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
    pub(super) fn call_filter(
        &self,
        filter: &Filter,
        value: Value<'py>,
        mut arguments: Vec<Bound<'py, PyAny>>,
    ) -> Result<Value<'py>> {
        let mut object = self.object(value)?;
        if filter.expects_localtime {
            let use_tz = self.context()?.getattr(intern!(self.py, "use_tz"))?;
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
}

/// What lookups have to know of a class.
#[derive(Clone, Copy)]
pub(super) struct Class {
    /// Whether it may answer to `[]` with a name.
    has_subscript: bool,
    /// Whether its objects are contexts; nothing where each says for itself what it is.
    is_context: Option<bool>,
}

/// Objects of further classes are asked each time.
const MOST_CLASSES: usize = 32;

impl Class {
    fn of(object: &Bound<'_, PyAny>, django: &Django) -> PyResult<Self> {
        let py = object.py();
        let class = object.get_type();
        let mut is_context = Some(class.is_subclass(django.base_context.bind(py))?);
        for base in class.getattr(intern!(py, "__mro__"))?.try_iter()? {
            let base = base?;
            let names = base.getattr(intern!(py, "__dict__"))?;
            let is_odd = names.contains(intern!(py, "__class__"))?
                || names.contains(intern!(py, "__getattribute__"))?;
            if is_odd && base.as_ptr() != (&raw mut ffi::PyBaseObject_Type).cast() {
                is_context = is_context.filter(|is_context| *is_context);
            }
        }
        let has_subscript = has_subscript(class.as_type_ptr())
            && !class
                .getattr_opt(intern!(py, "__getitem__"))?
                .is_some_and(|method| method.is(&django.field_item));
        Ok(Self { has_subscript, is_context })
    }
}

/// Types whose objects are never called.
pub(super) fn is_plain(class: *mut ffi::PyTypeObject) -> bool {
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
