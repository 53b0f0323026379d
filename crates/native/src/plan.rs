//! The class of a compiled template, [`Plan`]: what lowering says goes in; what renders it, and what
//! a render learns about it, come out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use template::{Region, TestId};

use crate::program::Program;

/// A compiled template. Frozen: threads may share it.
#[pyclass(frozen, module = "djust._native")]
pub struct Plan {
    pub plan: Arc<template::Plan>,
    pub program: Program,
}

#[pymethods]
impl Plan {
    /// Compiles what lowering says. ``live``: the live region alone; else everything. ``join``:
    /// conditions that open and close the same element become one, and values in tables and after
    /// the names of tags are trusted.
    #[new]
    #[pyo3(signature = (ops, live = true, join = true))]
    fn new(ops: &Bound<'_, PyAny>, live: bool, join: bool) -> PyResult<Self> {
        guard(|| {
            let (program, ops) = read(ops, join)?;
            let region = if live { Region::Live } else { Region::Whole };
            let plan = template::compile_with_findings(&ops, region, join).0;
            Ok(Self::of(plan, program, &ops))
        })
    }

    /// The plan of all that a template prints, for a hole inside other elements: ``outer`` names
    /// them, with spaces between. That of a form prints no white space around it. None where the
    /// template closes one of the elements.
    #[staticmethod]
    #[pyo3(signature = (ops, outer, join = true, is_form = true))]
    fn fragment(
        ops: &Bound<'_, PyAny>,
        outer: &str,
        join: bool,
        is_form: bool,
    ) -> PyResult<Option<Self>> {
        guard(|| {
            let (program, ops) = read(ops, join)?;
            let plan = template::compile_fragment(&ops, outer, is_form);
            Ok(plan.map(|plan| Self::of(plan, program, &ops)))
        })
    }

    /// Whether a render found that another plan of the template would be better.
    #[getter]
    fn is_stale(&self) -> bool {
        self.program.is_stale.load(Ordering::Relaxed)
    }

    /// Whether a condition came out in two ways where the plan relies on one.
    #[getter]
    fn is_contradicted(&self) -> bool {
        self.program.is_contradicted.load(Ordering::Relaxed)
    }

    /// Whether a selector names an element in the text of the template.
    fn finds(&self, selector: String) -> PyResult<bool> {
        guard(|| Ok(self.excerpt(&[selector]).is_some()))
    }

    /// The fields of controls that the template does not fill itself.
    #[getter]
    fn bound_fields(&self) -> PyResult<Vec<String>> {
        guard(|| Ok(template::bound_fields(&self.plan)))
    }

    /// How many regions travel as HTML because they open what they do not close.
    #[getter]
    fn captured_regions(&self) -> usize {
        self.plan.captured_regions()
    }

    /// The bodies with their parts, for reports and tests.
    fn __repr__(&self) -> String {
        let bodies = self.plan.bodies.iter().enumerate();
        let lines = bodies.map(|(number, body)| {
            format!("{number}: flags {} key {:?} {:?}", body.flags, body.key, body.parts)
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl Plan {
    fn of(mut plan: template::Plan, program: Program, ops: &[template::Op]) -> Self {
        template::note_variables(&mut plan, ops, &program);
        Self { plan: Arc::new(plan), program }
    }

    /// What stands in the elements that selectors name.
    pub fn excerpt(&self, targets: &[String]) -> Option<template::Excerpt> {
        let selectors: Vec<&str> = targets.iter().map(String::as_str).collect();
        template::excerpt(&self.plan, &selectors, &|id| self.program.writes(id))
    }
}

/// The tables and operations of what lowering says.
pub fn read(ops: &Bound<'_, PyAny>, join: bool) -> PyResult<(Program, Vec<template::Op>)> {
    let mut program = Program::default();
    let mut ops = program.ops(ops)?;
    if join {
        let name = |id: TestId| program.tests[id.0 as usize].name.as_deref();
        ops = template::join_pairs(&ops, &|one, other| {
            name(one).is_some() && name(one) == name(other)
        });
    }
    Ok((program, ops))
}

/// Runs an entry point; a panic becomes a Python exception.
pub fn guard<T>(entry: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(entry)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Err(PyRuntimeError::new_err(format!("djust failed while rendering: {message}")))
    })
}
