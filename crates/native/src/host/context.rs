//! The context of a render: Django's own object, brought up to date when something needs it. What
//! lazy scopes do to it waits until then, and that of a template that a value brought is even made
//! only then.

use std::cell::{Cell, OnceCell};

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyString};
use pyo3::{ffi, intern};

use super::{Entered, PyHost};
use crate::program::Scope;

/// A context, and what is read from it again and again.
pub(super) struct Context<'py> {
    pub object: Bound<'py, PyAny>,
    pub render_context: Bound<'py, PyAny>,
    pub dicts: Bound<'py, PyList>,
}

impl<'py> Context<'py> {
    pub fn of(object: Bound<'py, PyAny>) -> PyResult<Self> {
        let py = object.py();
        let render_context = object.getattr(intern!(py, "render_context"))?;
        let dicts = object.getattr(intern!(py, "dicts"))?.cast_into::<PyList>()?;
        Ok(Self { object, render_context, dicts })
    }
}

/// What a context will be made of.
pub(super) struct Values<'py> {
    pub template: Bound<'py, PyAny>,
    pub values: Bound<'py, PyDict>,
}

/// What a lazy scope did to the context: nothing, as long as nobody looked at it.
#[derive(Default)]
pub(super) struct Trace<'py> {
    is_left: Cell<bool>,
    /// The template that rendered before, where another one begins.
    template: OnceCell<Bound<'py, PyAny>>,
    /// Whether its state was put aside.
    has_pushed: Cell<bool>,
}

impl<'py> PyHost<'_, 'py> {
    /// The context as Django would have it here.
    pub(super) fn context(&self) -> PyResult<&Bound<'py, PyAny>> {
        let context = match self.context.get() {
            Some(context) => context,
            None => self.make()?,
        };
        if self.untraced.get() > 0 {
            self.untraced.set(0);
            for entered in &self.entered {
                if let Entered::Lazy { trace, id } = entered
                    && !trace.is_left.get()
                    && let Scope::Lazy { template, is_stateful, .. } =
                        &self.program.scopes[id.0 as usize]
                {
                    trace.leave(context, template.as_ref(), *is_stateful)?;
                }
            }
        }
        Ok(&context.object)
    }

    /// Its scopes.
    pub(super) fn dicts(&self) -> PyResult<Bound<'py, PyList>> {
        Ok(self.context()?.getattr(intern!(self.py, "dicts"))?.cast_into::<PyList>()?)
    }

    fn make(&self) -> PyResult<&Context<'py>> {
        let Values { template, values } = self.values.as_ref().expect("there is either");
        let make = self.django.bound_context.bind(self.py);
        let context = Context::of(make.call1((template, values, self.autoescape))?)?;
        self.locale.doubt(Some(&context.object));
        Ok(self.context.get_or_init(|| context))
    }

    /// Language, time zone and localization may be others now: code of someone else ran.
    pub(super) fn doubt(&self) {
        self.locale.doubt(self.context.get().map(|context| &context.object));
    }

    /// Likewise, with another context.
    pub(super) fn use_context(&mut self, object: Bound<'py, PyAny>) -> PyResult<()> {
        self.locale.doubt(Some(&object));
        if self.context.get().is_none_or(|context| !context.object.is(&object)) {
            self.autoescape = object.getattr(intern!(self.py, "autoescape"))?.is_truthy()?;
            self.context = OnceCell::from(Context::of(object)?);
        }
        Ok(())
    }

    pub(super) fn set_autoescape(&mut self, flag: bool) -> PyResult<()> {
        self.autoescape = flag;
        match self.context.get() {
            Some(context) => context.object.setattr(intern!(self.py, "autoescape"), flag),
            None => Ok(()),
        }
    }

    /// A name of the context, searched from the innermost scope outwards.
    pub(super) fn name(&self, name: &Py<PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let name = name.bind(self.py);
        let Some(context) = self.context.get() else { return self.name_of_values(name) };
        for index in (0..context.dicts.len()).rev() {
            let scope = context.dicts.get_item(index)?;
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

    fn name_of_values(&self, name: &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
        if let Some(Values { values, .. }) = &self.values
            && let Some(value) = values.get_item(name)?
        {
            return Ok(Some(value));
        }
        // Each context knows these.
        Ok(match name.to_str() {
            Ok("True") => Some(PyBool::new(self.py, true).to_owned().into_any()),
            Ok("False") => Some(PyBool::new(self.py, false).to_owned().into_any()),
            Ok("None") => Some(self.py.None().into_bound(self.py)),
            _ => None,
        })
    }

    /// Takes back what a lazy scope did to the context.
    pub(super) fn erase(&self, trace: Trace<'py>) -> PyResult<()> {
        if !trace.is_left.get() {
            self.untraced.set(self.untraced.get().saturating_sub(1));
        }
        let Some(context) = self.context.get() else { return Ok(()) };
        if let Some(template) = trace.template.into_inner() {
            context.render_context.setattr(intern!(self.py, "template"), template)?;
        }
        if trace.has_pushed.get() {
            context.render_context.call_method0(intern!(self.py, "pop"))?;
        }
        Ok(())
    }
}

impl<'py> Trace<'py> {
    fn leave(
        &self,
        context: &Context<'py>,
        template: Option<&Py<PyAny>>,
        is_stateful: bool,
    ) -> PyResult<()> {
        let py = context.object.py();
        self.is_left.set(true);
        if let Some(template) = template {
            let name = intern!(py, "template");
            let before = context.render_context.getattr(name)?;
            context.render_context.setattr(name, template)?;
            // A trace is left once.
            let _ = self.template.set(before);
        }
        if is_stateful {
            context.render_context.call_method0(intern!(py, "push"))?;
            self.has_pushed.set(true);
        }
        Ok(())
    }
}
