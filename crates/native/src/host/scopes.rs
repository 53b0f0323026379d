//! Scopes: names that become visible, templates and escaping modes that begin and end.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use template::ScopeId;

use super::context::Trace;
use super::{Entered, PyHost, Result};
use crate::program::{Base, Expression, Left, Scope};

impl<'p, 'py> PyHost<'p, 'py> {
    pub(super) fn enter_scope(&mut self, id: ScopeId) -> Result<()> {
        let entered = match &self.program.scopes[id.0 as usize] {
            Scope::Lazy { bindings, template, node, .. } => {
                self.at(node)?;
                self.bind_all(bindings, Some(node))?;
                self.untraced.set(self.untraced.get() + 1);
                self.entered.push(Entered::Lazy { trace: Trace::default(), id });
                if let (Some(template), Some(announce)) = (template, &self.announce) {
                    announce.call1((template, self.context()?))?;
                }
                return Ok(());
            }
            Scope::Autoescape(flag) => {
                let before = self.autoescape;
                self.set_autoescape(*flag)?;
                Entered::Autoescape(before)
            }
            Scope::Python { enter, values, .. } => {
                let arguments = self.arguments(vec![self.context()?.clone()], values)?;
                let answer = enter.bind(self.py).call1(arguments)?;
                let (inner, state): (Bound<'py, PyAny>, Bound<'py, PyAny>) = answer.extract()?;
                let context = self.context()?.clone();
                self.entered.push(Entered::Python { context, state, id });
                self.use_context(inner)?;
                return Ok(());
            }
        };
        self.entered.push(entered);
        Ok(())
    }

    /// `is_failed`: an error leaves it.
    pub(super) fn leave_scope(&mut self, is_failed: bool) -> PyResult<()> {
        match self.entered.pop() {
            Some(Entered::Lazy { trace, .. }) => self.erase(trace),
            Some(Entered::Autoescape(before)) => self.set_autoescape(before),
            Some(Entered::Python { context, state, id }) => {
                if let Scope::Python { leave, .. } = &self.program.scopes[id.0 as usize] {
                    let leave = leave.bind(self.py);
                    let abandon = match is_failed {
                        true => leave.getattr_opt(intern!(self.py, "abandon"))?,
                        false => None,
                    };
                    abandon.as_ref().unwrap_or(leave).call1((&context, state))?;
                }
                self.use_context(context)
            }
            _ => Ok(()),
        }
    }

    /// Evaluates all values before it binds any: a name may be bound to what it meant outside.
    /// The node is that of a scope, whose querysets are planned.
    pub(super) fn bind_all(
        &mut self,
        bindings: &'p [(usize, Expression)],
        node: Option<&Py<PyAny>>,
    ) -> Result<()> {
        let mut values = Vec::with_capacity(bindings.len());
        for (slot, expression) in bindings {
            let value = self.expression(expression, false)?;
            let value = self.object(value)?;
            values.push(match node {
                Some(node) => self.planned_binding(node, *slot, value)?,
                None => value,
            });
        }
        for ((slot, _), value) in bindings.iter().zip(values) {
            self.slots[*slot] = Some(value);
        }
        Ok(())
    }

    /// Notes what Django leaves in the context of an abandoned tag: it lies beneath what the tags
    /// within have left, and is pushed when no tag around leaves anything.
    pub(super) fn leave_behind(&mut self, left: Option<&'p Left>) -> PyResult<()> {
        let Some(left) = left else { return Ok(()) };
        let scope = PyDict::new(self.py);
        for (name, base) in &left.names {
            let value = match base {
                Base::Slot(slot, ..) => self.slots[*slot].clone(),
                other => {
                    let value = self.base(other).map_err(|failure| self.raised(failure))?;
                    Some(self.object(value)?)
                }
            };
            if let Some(value) = value {
                scope.set_item(name, value)?;
            }
        }
        self.left.push(scope);
        if left.outside == 0 { self.push_left() } else { Ok(()) }
    }

    pub(super) fn push_left(&mut self) -> PyResult<()> {
        while let Some(scope) = self.left.pop() {
            self.dicts()?.append(scope)?;
        }
        Ok(())
    }
}
