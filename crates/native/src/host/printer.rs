//! The class of a template that prints HTML, [`Printer`]: for pages that are not live, and for what
//! has no place in the tree of a page.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use template::Op;

use super::PyHost;
use crate::plan::guard;
use crate::program::Program;

/// A compiled template that is printed as HTML. Frozen: threads may share it.
#[pyclass(frozen, module = "djust._native")]
pub struct Printer {
    ops: Vec<Op>,
    procedures: template::Plan,
    pub(super) program: Program,
}

#[pymethods]
impl Printer {
    /// Takes what lowering says.
    #[new]
    fn new(ops: &Bound<'_, PyAny>) -> PyResult<Self> {
        guard(|| {
            let mut program = Program { is_printed: true, ..Program::default() };
            let ops = program.ops(ops)?;
            Ok(Self { procedures: template::procedures(&ops), ops, program })
        })
    }

    /// The HTML that Django would print. ``memory``: that of a session, where one renders.
    #[pyo3(signature = (context, memory = None))]
    fn render<'py>(
        &self,
        context: Bound<'py, PyAny>,
        memory: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyString>> {
        let py = context.py();
        guard(|| {
            let memory = memory.unwrap_or_else(|| PyDict::new(py).into_any());
            let mut host = PyHost::new(&self.program, context, &memory)?;
            self.run(&mut host).map(|html| PyString::new(py, &html))
        })
    }
}

impl Printer {
    /// What it prints in a host that is made for its program.
    pub(super) fn run<'p>(&'p self, host: &mut PyHost<'p, '_>) -> PyResult<String> {
        let printed = template::print(&self.procedures, &self.ops, host);
        printed.map_err(|error| host.unwind(error))
    }
}
