//! Values that bring a template of their own: forms, their fields, widgets and lists of errors.
//!
//! `djust.forms` knows them. One in a dynamic hole runs the plan of its template there, in a host of
//! its own, as Django renders it in a context of its own. One elsewhere is printed; where the plan
//! has no dynamic hole for it yet, its node is marked and the plan is stale, so that the next plan
//! of the template has one. The template of an `{% include %}` that a value names runs in a dynamic
//! hole as well, in the context of the tag.

use std::cell::OnceCell;
use std::sync::atomic::Ordering;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;
use template::{DynamicHole, Out};

use super::context::Context;
use super::values::is_plain;
use super::{Failure, Printer, PyHost, Result, text};
use crate::plan::Plan;
use crate::program::{Base, Lookup, Printed};
use crate::value::Value;

/// A value to print.
pub(super) enum Brought<'py> {
    /// One without a template.
    Plain(Value<'py>),
    /// One with a template, or a method that renders one: the value, and what `djust.forms` found.
    Template(Bound<'py, PyAny>, Bound<'py, PyAny>),
}

impl<'p, 'py> PyHost<'p, 'py> {
    /// The value of an expression; a method that renders a template is not called yet.
    pub(super) fn brought(&mut self, printed: &'p Printed) -> Result<Brought<'py>> {
        let (Some(method), Some((name, root, lookups))) =
            (&printed.method, self.root(&printed.expression.base)?)
        else {
            let value = self.expression(&printed.expression, false)?;
            return self.bring(value);
        };
        let owner = match root {
            Some(root) => self.lookups(name, &root, lookups),
            None => Err(self.told(name, Failure::unknown(self.py, name))),
        };
        let called = owner.and_then(|owner| {
            let called = self.lookup(&owner, method).and_then(|found| match self.find(&found)? {
                Some(template) => Ok(Brought::Template(found, template)),
                None => {
                    let value = Value::Object(self.call(found)?);
                    self.bring(value)
                }
            });
            called.map_err(|failure| self.told(&method.name, failure))
        });
        match called {
            Err(Failure::Missing(..)) => Ok(Brought::Plain(self.invalid())),
            Err(Failure::Raised(error)) if self.is_missing(&error) || self.is_silent(&error)? => {
                Ok(Brought::Plain(self.invalid()))
            }
            called => called,
        }
    }

    /// The name that a value is looked up from, what it stands for, and the lookups.
    #[allow(clippy::type_complexity)]
    fn root(
        &self,
        base: &'p Base,
    ) -> Result<Option<(&'p Py<PyString>, Option<Bound<'py, PyAny>>, &'p [Lookup])>> {
        Ok(match base {
            Base::Slot(slot, lookups, name) => Some((name, self.slots[*slot].clone(), lookups)),
            Base::Name(name, lookups) => Some((name, self.name(name)?, lookups)),
            _ => None,
        })
    }

    pub(super) fn bring(&self, value: Value<'py>) -> Result<Brought<'py>> {
        if let Value::Object(object) = &value
            && let Some(template) = self.find(object)?
        {
            return Ok(Brought::Template(object.clone(), template));
        }
        Ok(Brought::Plain(value))
    }

    /// What `djust.forms` knows of a value. Everything that brings a template has `__html__`, or is
    /// a bound method.
    fn find(&self, value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let class = value.get_type_ptr();
        if self.program.is_printed {
            return Ok(None);
        }
        if is_plain(class) || class == self.django.safe_string.as_ptr().cast() {
            return Ok(None);
        }
        let is_method = class == self.django.method.as_ptr().cast();
        if !is_method && value.get_type().getattr_opt(intern!(self.py, "__html__"))?.is_none() {
            return Ok(None);
        }
        let found = self.django.find.bind(self.py).call1((value,))?;
        Ok((!found.is_none()).then_some(found))
    }

    /// Prints a value where no template can stand.
    pub(super) fn print_brought(
        &self,
        printed: &Printed,
        brought: Brought<'py>,
        out: &mut Out<'_>,
    ) -> Result<()> {
        let (value, template) = match brought {
            Brought::Plain(value) => return Ok(self.print(value, out)?),
            Brought::Template(value, template) => (value, template),
        };
        if printed.is_dynamic {
            let value = self.call(value).map_err(|failure| self.told_of(printed, failure))?;
            return Ok(self.print(Value::Object(value), out)?);
        }
        self.program.is_stale.store(true, Ordering::Relaxed);
        let html = self.django.discover.bind(self.py).call1((&printed.node, template));
        let html = html.map_err(|error| self.told_of(printed, error.into()))?;
        out.source(&text(&html)?);
        Ok(())
    }

    /// Django calls a method while it looks it up.
    fn told_of(&self, printed: &Printed, failure: Failure) -> Failure {
        match &printed.method {
            Some(method) => self.told(&method.name, failure),
            None => failure,
        }
    }

    /// Fills a dynamic hole.
    pub(super) fn fill(
        &mut self,
        printed: &'p Printed,
        outer: &str,
        hole: &mut DynamicHole<'_>,
    ) -> Result<()> {
        if let Some(includer) = &printed.includer {
            return self.include(includer.bind(self.py), outer, hole);
        }
        let template = match self.brought(printed) {
            Ok(Brought::Template(_, template)) => template,
            Ok(Brought::Plain(value)) => return Ok(hole.print(|out| self.print(value, out))?),
            Err(failure) if self.is_quiet(&failure) => {
                return Ok(hole.print(|out| self.print(self.invalid(), out))?);
            }
            Err(failure) => return Err(failure),
        };
        self.open(template, outer, hole).map_err(|error| self.told_of(printed, error.into()))
    }

    /// Fills a dynamic hole with the template that a value brings.
    fn open(
        &self,
        found: Bound<'py, PyAny>,
        outer: &str,
        hole: &mut DynamicHole<'_>,
    ) -> PyResult<()> {
        let opened = self.django.open.bind(self.py).call1((found,))?;
        self.doubt();
        if opened.is_instance_of::<PyString>() {
            return hole.print(|out| text(&opened).map(|html| out.source(&html)));
        }
        let (template, values): (Bound<'py, PyAny>, Bound<'py, PyAny>) = opened.extract()?;
        let (made, autoescape) = self.made(&template, outer)?;
        if let Ok(plan) = made.cast::<Plan>() {
            let plan = plan.get();
            let mut host = self.within(&plan.program, template, values, autoescape)?;
            hole.run(&plan.plan, &mut host).map_err(|error| host.unwind(error))?;
        } else {
            let printer = made.cast::<Printer>()?.get();
            let mut host = self.within(&printer.program, template, values, autoescape)?;
            let html = printer.run(&mut host)?;
            hole.print(|out| {
                out.source(template::stripped(&html));
                Ok::<_, PyErr>(())
            })?;
        }
        self.doubt();
        Ok(())
    }

    /// Fills a hole by a template that a tag names, in the context of the tag.
    fn include(
        &mut self,
        includer: &Bound<'py, PyAny>,
        outer: &str,
        hole: &mut DynamicHole<'_>,
    ) -> Result<()> {
        let arguments = (self.context()?, self.memory, outer);
        let entered = includer.call_method1(intern!(self.py, "enter"), arguments)?;
        self.doubt();
        if let Ok((html, is_whole)) = entered.extract::<(Bound<'py, PyAny>, bool)>() {
            if !is_whole {
                hole.contradict();
            }
            return Ok(hole.print(|out| text(&html).map(|html| out.source(&html)))?);
        }
        let (plan, context, before): (Bound<'_, Plan>, Bound<'py, PyAny>, Bound<'py, PyAny>) =
            entered.extract()?;
        let plan = plan.get();
        let autoescape = context.getattr(intern!(self.py, "autoescape"))?.is_truthy()?;
        let inner = OnceCell::from(Context::of(context.clone())?);
        let mut host = self.nested(&plan.program, inner, None, autoescape);
        let done = hole.run(&plan.plan, &mut host).map_err(|error| host.unwind(error));
        let arguments = (self.context()?, (context, before));
        includer.call_method1(intern!(self.py, "leave"), arguments)?;
        self.doubt();
        Ok(done?)
    }

    /// What renders a template here; asked once per render for the first few templates.
    fn made(
        &self,
        template: &Bound<'py, PyAny>,
        outer: &str,
    ) -> PyResult<(Bound<'py, PyAny>, bool)> {
        for known in self.shared.made.borrow().iter() {
            if known.template.is(template) && *known.outer == *outer {
                return Ok((known.made.clone(), known.autoescape));
            }
        }
        let made = self.django.made.bind(self.py).call1((template, outer))?;
        let (made, autoescape): (Bound<'py, PyAny>, bool) = made.extract()?;
        let mut known = self.shared.made.borrow_mut();
        if known.len() < MOST_MADE {
            let (template, outer, made) = (template.clone(), outer.into(), made.clone());
            known.push(Made { template, outer, made, autoescape });
        }
        Ok((made, autoescape))
    }
}

/// What renders a template inside of other elements.
pub(super) struct Made<'py> {
    template: Bound<'py, PyAny>,
    outer: Box<str>,
    made: Bound<'py, PyAny>,
    autoescape: bool,
}

/// Further templates are asked for each time.
const MOST_MADE: usize = 32;
