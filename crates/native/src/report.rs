//! For the development report: operations go in, the holes and raw regions of their plan come out
//! with the nodes that they stem from. It compiles anew, so that a plan that renders keeps none of it.

use protocol::HoleKind;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use template::{Filling, Region, Source, compile_with_findings, definitions};

use crate::plan::{guard, read};
use crate::program::{Program, Scope};

/// ``bytes``: of all definitions. ``holes``: kinds and nodes. ``lists``: nodes, and whether their
/// rows have keys. ``regions``: reasons, the node to blame, the first node and the last.
/// ``opaque``: nodes of the region that Django renders.
#[pyfunction]
#[pyo3(signature = (ops, live = true))]
pub fn report<'py>(
    py: Python<'py>,
    ops: &Bound<'py, PyAny>,
    live: bool,
) -> PyResult<Bound<'py, PyDict>> {
    guard(|| {
        let (program, ops) = read(ops, true)?;
        let region = if live { Region::Live } else { Region::Whole };
        let (plan, findings) = compile_with_findings(&ops, region, true);
        let node = |source: Option<Source>| program.node(py, source?);
        let (mut holes, mut lists) = (Vec::new(), Vec::new());
        for filled in plan.fillings() {
            match filled.filling {
                Filling::Hole(kind) => {
                    holes.push((name(kind), node(filled.source)));
                }
                Filling::List(has_key) => lists.push((node(filled.source), has_key)),
                Filling::Region => {}
            }
        }
        let regions: Vec<_> = findings
            .iter()
            .map(|found| {
                (found.reason.name(), node(found.cause), node(found.first), node(found.last))
            })
            .collect();
        let report = PyDict::new(py);
        report.set_item("bytes", definitions(&plan).len())?;
        report.set_item("bodies", plan.bodies.len())?;
        report.set_item("slots", plan.bodies.iter().map(template::Body::slots).sum::<usize>())?;
        report.set_item("holes", holes)?;
        report.set_item("lists", lists)?;
        report.set_item("regions", regions)?;
        let opaque = plan.opaque().into_iter().map(|id| node(Some(Source::Node(id))));
        report.set_item("opaque", opaque.collect::<Vec<_>>())?;
        Ok(report)
    })
}

const fn name(kind: HoleKind) -> &'static str {
    match kind {
        HoleKind::Text => "text",
        HoleKind::Attribute => "attribute",
        HoleKind::Attributes => "attributes",
        HoleKind::EscapedText => "escaped text",
        HoleKind::RawText => "raw text",
        HoleKind::Condition => "condition",
        HoleKind::List => "list",
        HoleKind::Fragment => "include",
    }
}

impl Program {
    /// Django's node of an operation.
    fn node(&self, py: Python<'_>, source: Source) -> Option<Py<PyAny>> {
        let node = match source {
            Source::Value(id) => &self.values[id.0 as usize].node,
            Source::Test(id) => &self.tests[id.0 as usize].node,
            Source::Loop(id) => &self.loops[id.0 as usize].node,
            Source::Node(id) => &self.nodes[id.0 as usize],
            Source::Filter(id) => &self.filters[id.0 as usize].node,
            Source::Scope(id) => match &self.scopes[id.0 as usize] {
                Scope::Lazy { node, .. } | Scope::Python { node, .. } => node,
                Scope::Autoescape(_) => return None,
            },
        };
        Some(node.clone_ref(py))
    }
}
