//! The classes that Python works with: [`TemplateTable`], [`Renderer`], and [`Page`], which applies
//! frames as a page does.

use std::cell::Cell;
use std::sync::Arc;

use protocol::HoleKind;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};
use template::{Decoder, Excerpt, Head, LoopId, Piece, Session, Templates, Tree};

use crate::host::PyHost;
use crate::plan::{Plan, guard};

/// The templates that a page has: one table for each connection.
#[pyclass(module = "djust._native")]
pub struct TemplateTable {
    templates: Templates,
}

#[pymethods]
impl TemplateTable {
    /// For a page that knows the templates with these hashes, 8 bytes each.
    #[new]
    #[pyo3(signature = (known = None))]
    fn new(known: Option<&[u8]>) -> PyResult<Self> {
        let known = known.unwrap_or_default();
        if !known.len().is_multiple_of(8) {
            return Err(PyValueError::new_err("template hashes have 8 bytes each"));
        }
        Ok(Self { templates: Templates::new(known) })
    }
}

/// Renders one live view again and again, and remembers what it sent.
#[pyclass(module = "djust._native")]
pub struct Renderer {
    plan: Py<Plan>,
    session: Session,
    memory: Py<PyDict>,
    excerpts: Vec<Found>,
    /// Loops of which rows have the same key, and such a key; none where nobody asks.
    doubles: Option<Vec<(Py<PyAny>, String)>>,
}

/// Selectors, and what was found for them.
type Found = (Vec<String>, Option<Arc<Excerpt>>);

/// Excerpts that a renderer keeps.
const EXCERPTS: usize = 8;

#[pymethods]
impl Renderer {
    /// ``seed``: 16 secret bytes for the hashes; random ones if absent. With ``is_watched`` it looks
    /// for rows with the same key.
    #[new]
    #[pyo3(signature = (plan, seed = None, is_watched = false))]
    fn new(
        py: Python<'_>,
        plan: Py<Plan>,
        seed: Option<&[u8]>,
        is_watched: bool,
    ) -> PyResult<Self> {
        let mut key = [0; 16];
        match seed {
            Some(seed) if seed.len() == 16 => key.copy_from_slice(seed),
            Some(_) => return Err(PyValueError::new_err("a seed has 16 bytes")),
            None => getrandom::fill(&mut key)
                .map_err(|error| PyRuntimeError::new_err(error.to_string()))?,
        }
        let number = u128::from_le_bytes(key);
        let session = Session::new((number as u64, (number >> 64) as u64));
        let doubles = is_watched.then(Vec::new);
        Ok(Self { plan, session, memory: PyDict::new(py).unbind(), excerpts: Vec::new(), doubles })
    }

    /// A mount frame: the whole tree. ``handlers`` is an encoded list, or None when unchanged.
    #[pyo3(signature = (context, table, root, seq, ack, handlers = None))]
    #[allow(clippy::too_many_arguments)]
    fn mount<'py>(
        &mut self,
        context: Bound<'py, PyAny>,
        table: &Bound<'py, TemplateTable>,
        root: u32,
        seq: u32,
        ack: u32,
        handlers: Option<&[u8]>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let py = context.py();
        guard(|| {
            let (plan, tree) = self.run(context)?;
            let head = Head { root, seq, ack };
            let templates = &mut table.try_borrow_mut()?.templates;
            let frame = self.session.mount(&plan, &tree, templates, head, handlers);
            self.keep(&plan, tree);
            Ok(PyBytes::new(py, &frame))
        })
    }

    /// An update frame, or None when nothing changed; a mount frame after ``forget()``.
    fn update<'py>(
        &mut self,
        context: Bound<'py, PyAny>,
        table: &Bound<'py, TemplateTable>,
        root: u32,
        seq: u32,
        ack: u32,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let py = context.py();
        guard(|| {
            let (plan, tree) = self.run(context)?;
            let head = Head { root, seq, ack };
            let templates = &mut table.try_borrow_mut()?.templates;
            let frame = self.session.update(&plan, &tree, templates, head);
            self.keep(&plan, tree);
            Ok(frame.map(|frame| PyBytes::new(py, &frame)))
        })
    }

    /// An update frame of what changed inside of the elements that selectors name, or None when
    /// nothing of it did. With False everything has to be updated: the page has no tree, what stands
    /// around the elements changed, or the template has no such elements.
    #[allow(clippy::too_many_arguments)]
    fn update_targets<'py>(
        &mut self,
        context: Bound<'py, PyAny>,
        table: &Bound<'py, TemplateTable>,
        root: u32,
        seq: u32,
        ack: u32,
        targets: Vec<String>,
    ) -> PyResult<(bool, Option<Bound<'py, PyBytes>>)> {
        let py = context.py();
        guard(|| {
            let Some(excerpt) = self.excerpt(targets).filter(|_| !self.session.is_empty()) else {
                return Ok((false, None));
            };
            let plan = self.plan.get();
            let memory = self.memory.bind(py).clone().into_any();
            let mut host = PyHost::new(&plan.program, context, &memory)?;
            let mut tree = TREE.take();
            if let Err(error) =
                template::execute_excerpt(&plan.plan, &excerpt, &mut host, &mut tree)
            {
                return Err(host.unwind(error));
            }
            if tree.is_contradicted() {
                return Ok((false, None));
            }
            let head = Head { root, seq, ack };
            let templates = &mut table.try_borrow_mut()?.templates;
            let sent = (&tree, &*excerpt);
            let frame = self.session.update_excerpt(&plan.plan, sent, templates, head);
            keep(tree);
            let frame = frame.map(|frame| frame.map(|frame| PyBytes::new(py, &frame)));
            Ok((frame.is_ok(), frame.unwrap_or_default()))
        })
    }

    /// Goes on with another plan: the next frame is a mount frame.
    fn use_plan(&mut self, plan: Py<Plan>) {
        self.plan = plan;
        self.session.forget();
        self.excerpts.clear();
    }

    /// The nodes of loops of which two rows had the same key since the last call, with such a key.
    fn take_doubles(&mut self) -> Vec<(Py<PyAny>, String)> {
        self.doubles.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Drops what was sent: the next frame is a mount frame.
    fn forget(&mut self) {
        self.session.forget();
    }
}

impl Renderer {
    /// A plan and its tree: one hole, where the plan relied on a value that is otherwise.
    fn run(&mut self, context: Bound<'_, PyAny>) -> PyResult<(Arc<template::Plan>, Tree)> {
        let (py, plan) = (context.py(), self.plan.get());
        let memory = self.memory.bind(py).clone().into_any();
        let mut host = PyHost::new(&plan.program, context, &memory)?;
        let mut tree = TREE.take();
        match template::execute(&plan.plan, &mut host, &mut tree) {
            Ok(()) if tree.is_contradicted() => {
                self.session.forget();
                Ok(template::as_one_hole(&plan.plan, &tree))
            }
            Ok(()) => {
                if let Some(doubles) = &mut self.doubles {
                    let node = |id: LoopId| plan.program.loops[id.0 as usize].node.clone_ref(py);
                    let found = tree.doubles(&plan.plan).into_iter();
                    doubles.extend(found.map(|(id, key)| (node(id), key)));
                }
                Ok((Arc::clone(&plan.plan), tree))
            }
            Err(error) => Err(host.unwind(error)),
        }
    }

    /// The excerpt for some selectors, made when they are first named.
    fn excerpt(&mut self, targets: Vec<String>) -> Option<Arc<Excerpt>> {
        if let Some((_, known)) = self.excerpts.iter().find(|(names, _)| *names == targets) {
            return known.clone();
        }
        let excerpt = self.plan.get().excerpt(&targets).map(Arc::new);
        if self.excerpts.len() == EXCERPTS {
            self.excerpts.remove(0);
        }
        self.excerpts.push((targets, excerpt.clone()));
        excerpt
    }

    fn keep(&mut self, plan: &template::Plan, tree: Tree) {
        if plan.number != self.plan.get().plan.number {
            // The next tree is one of the plan again.
            self.session.forget();
        }
        keep(tree);
    }
}

/// Keeps the memory of a tree, but not that of an unusually large one.
fn keep(tree: Tree) {
    if tree.memory() <= KEPT_TREE {
        TREE.set(tree);
    }
}

thread_local! {
    /// The memory of the last tree of this thread, for the next one. Between two renders a session
    /// keeps its hashes alone.
    static TREE: Cell<Tree> = Cell::default();
}

const KEPT_TREE: usize = 4 << 20;

/// The reference decoder: a page that shows one root.
#[pyclass(module = "djust._native")]
#[derive(Default)]
pub struct Page {
    decoder: Decoder,
}

#[pymethods]
impl Page {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Applies a mount or update frame. Raises ``ValueError`` for one that does not fit.
    fn apply(&mut self, frame: &[u8]) -> PyResult<()> {
        self.decoder.apply(frame).map_err(|error| {
            PyValueError::new_err(format!("{} (byte {})", error.kind.reason(), error.offset))
        })
    }

    /// The HTML that the page shows.
    fn html(&self) -> String {
        self.decoder.html()
    }

    /// The tree as it is: static sources, values, and fragments in turn (see the stub).
    fn pieces<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        pieces(py, &self.decoder.pieces())
    }
}

fn pieces<'py>(py: Python<'py>, content: &[Piece<'_>]) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for piece in content {
        match piece {
            Piece::Static(source) => list.append(("static", source))?,
            Piece::Value(source) => list.append(("value", source))?,
            Piece::Structure(kind, children) => {
                let fragments = PyList::empty(py);
                for child in children {
                    fragments.append((&child.key, child.template, pieces(py, &child.pieces)?))?;
                }
                let kind = if *kind == HoleKind::List { "list" } else { "block" };
                list.append((kind, fragments))?;
            }
        }
    }
    Ok(list)
}
