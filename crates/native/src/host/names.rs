//! Values that tags give names to, and those that they remember until the next round.

use pyo3::exceptions::{PyException, PyStopIteration};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};
use template::Out;

use super::{Failure, PyHost, Result, text};
use crate::program::{Base, Expression, FilterForm, Name, Remembered};
use crate::value::Value;

impl<'p, 'py> PyHost<'p, 'py> {
    /// The values of tags.
    pub(super) fn special(&mut self, base: &'p Base) -> Result<Value<'py>> {
        match base {
            Base::Attempt(function, values) => self.attempt(function, values),
            Base::Choice(function, values) => {
                let index: usize = function.bind(self.py).call1((self.context()?,))?.extract()?;
                self.expression(&values[index], false)
            }
            Base::Raw(base) => Ok(match self.raw(base)? {
                Some(value) => Value::Object(value),
                None => self.invalid(),
            }),
            Base::First(values) => {
                for value in values {
                    let value = self.expression(value, true)?;
                    if value.is_true()? {
                        return Ok(value);
                    }
                }
                Ok(self.invalid())
            }
            Base::Rendered(expression) => {
                let value = self.expression(expression, false)?;
                let value = self.object(value)?;
                // No value was true: Django leaves the empty text unsafe, so that what is added to
                // it is escaped.
                if value.is_exact_instance_of::<PyString>() && value.len()? == 0 {
                    return Ok(Value::Object(value));
                }
                let render = self.django.render_value_in_context.bind(self.py);
                Ok(Value::Object(render.call1((value, self.context()?))?))
            }
            Base::Assign(expression, name) => {
                let value = self.expression(expression, false)?;
                let value = self.object(value)?;
                self.assign(name, &value)?;
                Ok(Value::Object(value))
            }
            Base::Clear(slots) => {
                for slot in slots {
                    self.slots[*slot] = None;
                }
                Ok(Value::Bool(false))
            }
            Base::Message(base, context, function) => {
                let context = match context {
                    Some(expression) => {
                        let value = self.expression(expression, false)?;
                        self.object(value)?
                    }
                    None => self.py.None().into_bound(self.py),
                };
                let value = match self.base(base) {
                    Ok(value) => self.object(value)?,
                    Err(Failure::Missing(..)) => return Ok(self.invalid()),
                    Err(Failure::Raised(error)) if self.is_missing(&error) => {
                        return Ok(self.invalid());
                    }
                    Err(failure) => return Err(failure),
                };
                Ok(Value::Object(function.bind(self.py).call1((value, context))?))
            }
            Base::Groups(sequence, key, name, group) => self.groups(sequence, key, name, group),
            Base::Block(block) => self.translated(block),
            _ => unreachable!("the values of variables"),
        }
    }

    fn attempt(&mut self, function: &'p Py<PyAny>, values: &'p [Expression]) -> Result<Value<'py>> {
        let mut objects = Vec::with_capacity(values.len());
        let mut raised = self.py.None().into_bound(self.py);
        for value in values {
            match self.expression(value, false) {
                Ok(value) => objects.push(self.object(value)?),
                Err(failure) => {
                    let error = self.raised(failure);
                    if !error.is_instance_of::<PyException>(self.py) {
                        return Err(error.into());
                    }
                    raised = error.into_value(self.py).into_bound(self.py).into_any();
                    break;
                }
            }
        }
        let objects = PyTuple::new(self.py, objects)?;
        Ok(Value::Object(function.bind(self.py).call1((self.context()?, raised, objects))?))
    }

    /// What a name stands for, without a lookup and without a call.
    pub(super) fn raw(&self, base: &'p Base) -> Result<Option<Bound<'py, PyAny>>> {
        Ok(match base {
            Base::Slot(slot, ..) => self.slots[*slot].clone(),
            Base::Maybe(slot, _, otherwise, _) => match &self.slots[*slot] {
                Some(value) => Some(value.clone()),
                None => self.raw(otherwise)?,
            },
            Base::Name(name, _) => self.name(name)?,
            Base::Raw(base) => self.raw(base)?,
            _ => None,
        })
    }

    fn assign(&mut self, name: &'p Name, value: &Bound<'py, PyAny>) -> Result<()> {
        match name {
            Name::Context(name) => self.context()?.set_item(name, value)?,
            Name::Slot(slot) => self.slots[*slot] = Some(value.clone()),
            Name::Upward { name, slots, sees_context, own } => {
                if let Some(slot) = slots.iter().find(|slot| self.slots[**slot].is_some()) {
                    self.slots[*slot] = Some(value.clone());
                } else if let Some(own) = own
                    && (!sees_context || self.name(name)?.is_none())
                {
                    self.slots[*own] = Some(value.clone());
                } else {
                    let set = intern!(self.py, "set_upward");
                    self.context()?.call_method1(set, (name, value))?;
                }
            }
        }
        Ok(())
    }

    /// Groups neighbouring items with equal keys, as `itertools.groupby` does.
    fn groups(
        &mut self,
        sequence: &'p Expression,
        key: &'p Expression,
        name: &'p Name,
        group: &'p Py<PyAny>,
    ) -> Result<Value<'py>> {
        let groups = PyList::empty(self.py);
        let items = self.expression(sequence, true)?;
        let items = self.object(items)?;
        // The key of the last group, and its members as long as it takes more.
        let mut last: Option<(Bound<'py, PyAny>, Option<Bound<'py, PyList>>)> = None;
        if !items.is_none() {
            for item in items.try_iter()? {
                let item = item?;
                self.assign(name, &item)?;
                let key = match self.expression(key, true) {
                    Ok(key) => self.object(key)?,
                    // `groupby` takes it for its own: for the end of a group, or of all of them.
                    Err(Failure::Raised(error))
                        if error.is_instance_of::<PyStopIteration>(self.py) =>
                    {
                        match &mut last {
                            Some((_, members @ Some(_))) => *members = None,
                            _ => break,
                        }
                        continue;
                    }
                    Err(failure) => return Err(failure),
                };
                match &last {
                    // At the end of a group `groupby` compares twice.
                    Some((known, Some(members)))
                        if known.is(&key) || known.eq(&key)? || known.eq(&key)? =>
                    {
                        members.append(item)?;
                        continue;
                    }
                    Some((known, None)) if known.is(&key) || known.eq(&key)? => continue,
                    _ => {}
                }
                let members = PyList::new(self.py, [item])?;
                groups.append(group.bind(self.py).call1((&key, &members))?)?;
                last = Some((key, Some(members)));
            }
        }
        let groups = groups.into_any();
        self.assign(name, &groups)?;
        Ok(Value::Object(groups))
    }

    /// Whether the values are not those of the last time. They are remembered then.
    pub(super) fn have_changed(
        &mut self,
        values: &'p [Expression],
        remembered: &'p Remembered,
    ) -> Result<bool> {
        let objects = PyList::empty(self.py);
        for value in values {
            let value = self.expression(value, true)?;
            objects.append(self.object(value)?)?;
        }
        self.has_changed(objects.into_any(), remembered)
    }

    fn has_changed(
        &mut self,
        value: Bound<'py, PyAny>,
        remembered: &'p Remembered,
    ) -> Result<bool> {
        match remembered {
            Remembered::Slot(slot) => {
                if let Some(last) = &self.slots[*slot]
                    && !value.ne(last)?
                {
                    return Ok(false);
                }
                self.slots[*slot] = Some(value);
                Ok(true)
            }
            Remembered::Python(function) => {
                Ok(function.bind(self.py).call1((self.context()?, value))?.is_truthy()?)
            }
        }
    }

    pub(super) fn filter_source(
        &mut self,
        form: &'p FilterForm,
        source: &str,
        out: &mut Out<'_>,
    ) -> Result<bool> {
        match form {
            FilterForm::Call(function) => {
                let printed = function.bind(self.py).call1((self.context()?, source))?;
                out.source(&text(&printed)?);
            }
            FilterForm::Expression(slot, expression) => {
                let source = self.django.safe_string.bind(self.py).call1((source,))?;
                let before = self.slots[*slot].replace(source);
                let printed = self.expression(expression, false);
                self.slots[*slot] = before;
                let printed = self.object(printed?)?;
                out.source(&text(&printed)?);
            }
            FilterForm::Changed(remembered) => {
                let value = PyString::new(self.py, source).into_any();
                if self.has_changed(value, remembered)? {
                    if source.is_empty() {
                        return Ok(false);
                    }
                    out.source(source);
                }
            }
        }
        Ok(true)
    }
}

impl From<pyo3::CastError<'_, '_>> for Failure {
    fn from(error: pyo3::CastError<'_, '_>) -> Self {
        PyErr::from(error).into()
    }
}
