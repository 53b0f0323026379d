//! Querysets and rows on their way into a template: `djust.queries` looks at them first.

use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use pyo3::{ffi, intern};

use super::PyHost;
use super::values::is_plain;

impl<'p, 'py> PyHost<'p, 'py> {
    /// The values of a loop, as they are or as a better queryset.
    pub(super) fn planned_loop(
        &self,
        node: &Py<PyAny>,
        values: Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let Some(queries) = &self.queries else { return Ok(values) };
        let first = if values.is_exact_instance_of::<PyList>() {
            values.cast::<PyList>()?.get_item(0).ok()
        } else if values.is_exact_instance_of::<PyTuple>() {
            values.cast::<PyTuple>()?.get_item(0).ok()
        } else if is_plain(values.get_type_ptr()) {
            return Ok(values);
        } else {
            Some(values.clone())
        };
        // Nothing else could hold rows of a model.
        if first.is_none_or(|first| is_plain(first.get_type_ptr())) {
            return Ok(values);
        }
        let is_fresh = is_fresh(&values);
        queries.call_method1(intern!(self.py, "loop"), (node, values, is_fresh))
    }

    /// Says which node is rendered, to whom wants to know.
    #[inline]
    pub(super) fn at(&self, node: &Py<PyAny>) -> PyResult<()> {
        match &self.watch {
            Some(watch) => watch.setattr(intern!(self.py, "node"), node),
            None => Ok(()),
        }
    }

    /// A value that is about to get a name.
    pub(super) fn planned_binding(
        &self,
        node: &Py<PyAny>,
        slot: usize,
        value: Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        match &self.queries {
            Some(queries) if !is_plain(value.get_type_ptr()) && is_fresh(&value) => {
                queries.call_method1(intern!(self.py, "bind"), (node, slot, value))
            }
            _ => Ok(value),
        }
    }
}

/// Whether nobody else holds an object, so that nobody will miss it.
fn is_fresh(value: &Bound<'_, PyAny>) -> bool {
    // SAFETY: a live object; the count is only read.
    unsafe { ffi::Py_REFCNT(value.as_ptr()) == 1 }
}
