//! The host of a plan: live Python objects, looked up, called, compared and printed by Django's
//! rules. Nothing is copied before it is printed.
//!
//! Two kinds of scopes exist. Where nothing beneath could observe it, a scope is *lazy*: its names
//! are slots, and the context does not know of them. Where an opaque node stands beneath, the scope
//! is pushed to the real context, as Django does.

mod conditions;
mod context;
mod loops;
mod names;
mod printer;
mod printing;
mod queries;
mod rendered;
mod scopes;
mod translation;
mod values;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::atomic::Ordering;

use pyo3::exceptions::{PyException, PyRecursionError, PyUnicodeDecodeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyList, PyString, PyTuple, PyType};
use pyo3::{ffi, intern};
use rendered::{Brought, Made};
use template::{DynamicHole, FilterId, Host, LoopId, NodeId, Out, ScopeId, TestId, ValueId};

use self::context::{Context, Trace, Values};
pub use self::printer::Printer;
use self::values::Class;
use crate::django::Django;
use crate::filters::Surroundings;
use crate::locale::Locale;
use crate::program::{Condition, Printed, Program, Scope};
use crate::value::Value;

/// Why a value could not be had.
pub enum Failure {
    /// A lookup failed: Django's `VariableDoesNotExist` of a name and an object, not made yet.
    /// Without an object, of the context.
    Missing(Box<(Py<PyString>, Option<Py<PyAny>>)>),
    /// An exception.
    Raised(Box<PyErr>),
}

impl Failure {
    fn missing(name: &Py<PyString>, current: &Bound<'_, PyAny>) -> Self {
        Self::Missing(Box::new((name.clone_ref(current.py()), Some(current.clone().unbind()))))
    }

    fn unknown(py: Python<'_>, name: &Py<PyString>) -> Self {
        Self::Missing(Box::new((name.clone_ref(py), None)))
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Raised(Box::new(error))
    }
}

type Result<T, E = Failure> = std::result::Result<T, E>;

/// Something that was entered, with what is needed to leave it.
enum Entered<'py> {
    /// A lazy loop, or one that pushed the context; and whether several names of this round stand
    /// in a scope of their own.
    Loop { items: Items<'py>, pushed: Option<Pushed<'py>>, state: usize, id: LoopId, names: bool },
    /// What was done to the context for a lazy scope.
    Lazy { trace: Trace<'py>, id: ScopeId },
    /// The escaping mode before.
    Autoescape(bool),
    /// The context before, and what the entering function answered.
    Python { context: Bound<'py, PyAny>, state: Bound<'py, PyAny>, id: ScopeId },
}

/// What a loop pushed to the real context.
struct Pushed<'py> {
    /// Nothing when there are no items.
    forloop: Option<Bound<'py, PyDict>>,
}

/// The items of a loop.
enum Items<'py> {
    List(Bound<'py, PyList>, usize),
    Tuple(Bound<'py, PyTuple>, usize),
    Any(Bound<'py, PyIterator>),
    None,
}

/// How often a loop has run, and how long its sequence is.
#[derive(Clone, Copy, Default)]
struct Rounds {
    /// One more than the index of the current item.
    done: usize,
    length: usize,
}

pyo3::create_exception!(
    djust._native,
    Contradiction,
    PyException,
    "A condition came out in two ways where the plan relies on one; render again without."
);

/// What a render has found out, also for the templates that its values bring.
struct Shared<'py> {
    classes: RefCell<Vec<(Bound<'py, PyType>, Class)>>,
    /// The one of them that was met last whose objects have attributes alone: nothing to call, no
    /// items, and no rules of their own.
    plain_class: Cell<*mut ffi::PyTypeObject>,
    made: RefCell<Vec<Made<'py>>>,
}

/// The host of one render.
pub struct PyHost<'p, 'py> {
    py: Python<'py>,
    django: &'static Django,
    program: &'p Program,
    context: OnceCell<Context<'py>>,
    /// What the context is made of, where it is made later.
    values: Option<Values<'py>>,
    /// How many lazy scopes that are entered have left no trace on it.
    untraced: Cell<usize>,
    memory: &'p Bound<'py, PyAny>,
    slots: Vec<Option<Bound<'py, PyAny>>>,
    rounds: Vec<Rounds>,
    entered: Vec<Entered<'py>>,
    /// The lazy scopes that an exception leaves in the context, of those that it has passed so far.
    left: Vec<Bound<'py, PyDict>>,
    autoescape: bool,
    locale: Locale<'py>,
    shared: Rc<Shared<'py>>,
    /// Told of each template that begins, where tests listen.
    announce: Option<Bound<'py, PyAny>>,
    /// Told of each lookup that fails, where Django's logger listens.
    log: Option<Bound<'py, PyAny>>,
    /// A `djust.queries.run.Run`, which plans the queries of this render.
    queries: Option<Bound<'py, PyAny>>,
    /// Told of each node, while a site is developed.
    watch: Option<Bound<'py, PyAny>>,
}

impl<'p, 'py> PyHost<'p, 'py> {
    /// A host for one render with a context that is bound to its template.
    pub fn new(
        program: &'p Program,
        context: Bound<'py, PyAny>,
        memory: &'p Bound<'py, PyAny>,
    ) -> PyResult<Self> {
        let py = context.py();
        let django = Django::get(py)?;
        let (announce, log) = django.listeners.bind(py).call0()?.extract()?;
        let locale = Locale::new(&context, django);
        let autoescape = context.getattr(intern!(py, "autoescape"))?.is_truthy()?;
        let attributes = context.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?;
        let queries = attributes.get_item(intern!(py, "_djust_queries"))?;
        let queries = queries.filter(|queries| !queries.is_none());
        let watch = match &queries {
            Some(queries) => queries.getattr_opt(intern!(py, "watch"))?,
            None => None,
        };
        Ok(Self {
            py,
            django,
            program,
            context: OnceCell::from(Context::of(context)?),
            values: None,
            untraced: Cell::default(),
            memory,
            slots: vec![None; program.slots],
            rounds: vec![Rounds::default(); program.depth],
            entered: Vec::new(),
            left: Vec::new(),
            autoescape,
            locale,
            shared: Rc::new(Shared {
                classes: RefCell::default(),
                plain_class: Cell::new(std::ptr::null_mut()),
                made: RefCell::default(),
            }),
            announce,
            log,
            queries,
            watch: watch.filter(|watch| !watch.is_none()),
        })
    }

    /// A host for a template that a value of this render brought, which prints these values.
    fn within<'t>(
        &'t self,
        program: &'t Program,
        template: Bound<'py, PyAny>,
        values: Bound<'py, PyAny>,
        autoescape: bool,
    ) -> PyResult<PyHost<'t, 'py>> {
        let (context, values) = match values.cast_into_exact::<PyDict>() {
            Ok(values) => (OnceCell::new(), Some(Values { template, values })),
            Err(other) => {
                let make = self.django.bound_context.bind(self.py);
                let context = make.call1((template, other.into_inner(), autoescape))?;
                (OnceCell::from(Context::of(context)?), None)
            }
        };
        let mut inner = self.nested(program, context, values, autoescape);
        (inner.queries, inner.watch) = (None, None);
        if let Some(announce) = &inner.announce {
            let context = inner.context()?;
            announce.call1((context.getattr(intern!(self.py, "template"))?, context))?;
        }
        Ok(inner)
    }

    /// A host for another template, in a context of its own or in that of this one.
    fn nested<'t>(
        &'t self,
        program: &'t Program,
        context: OnceCell<Context<'py>>,
        values: Option<Values<'py>>,
        autoescape: bool,
    ) -> PyHost<'t, 'py> {
        let nested = PyHost {
            py: self.py,
            django: self.django,
            program,
            context,
            values,
            untraced: Cell::default(),
            memory: self.memory,
            slots: vec![None; program.slots],
            rounds: vec![Rounds::default(); program.depth],
            entered: Vec::new(),
            left: Vec::new(),
            autoescape,
            locale: self.locale.within(),
            shared: Rc::clone(&self.shared),
            announce: self.announce.clone(),
            log: self.log.clone(),
            queries: self.queries.clone(),
            watch: self.watch.clone(),
        };
        nested.doubt();
        nested
    }

    /// Leaves everything that an error left entered, and lets each node on the way out annotate it.
    pub fn unwind(&mut self, mut error: PyErr) -> PyErr {
        match self.unwind_to(&mut error, 0) {
            Ok(()) => error,
            Err(error) => error,
        }
    }

    fn unwind_to(&mut self, error: &mut PyErr, count: usize) -> PyResult<()> {
        while self.entered.len() > count
            && let Some(entered) = self.entered.last()
        {
            let node = match entered {
                Entered::Loop { .. } => {
                    self.abandon_loop()?;
                    continue;
                }
                Entered::Autoescape(_) => {
                    // Django leaves the mode of the context as it was when the error came.
                    self.entered.pop();
                    continue;
                }
                Entered::Lazy { id, .. } | Entered::Python { id, .. } => *id,
            };
            self.leave_scope(true)?;
            match &self.program.scopes[node.0 as usize] {
                Scope::Python { node, leave, .. } => {
                    // Some tags turn one exception into another one.
                    if let Some(failed) = leave.bind(self.py).getattr_opt("failed")? {
                        *error = PyErr::from_value(failed.call1((error.value(self.py),))?);
                    }
                    self.annotate(error, node)?;
                }
                Scope::Lazy { node, .. } => self.annotate(error, node)?,
                Scope::Autoescape(_) => {}
            }
        }
        self.push_left()
    }

    #[inline]
    fn print_hole(&mut self, printed: &'p Printed, out: &mut Out<'_>) -> Result<()> {
        let base = &printed.expression.base;
        let brought = if printed.is_bare() {
            if let Some(item) = self.item(base)
                && self.print_plain(&item, out)?
            {
                return Ok(());
            }
            match self.named(base) {
                Some(Ok(object)) if self.print_plain(&object, out)? => return Ok(()),
                Some(Ok(object)) => self.bring(Value::Object(object)),
                Some(Err(failure)) => self.instead(failure, base, false).map(Brought::Plain),
                None => self.brought(printed),
            }
        } else {
            self.brought(printed)
        };
        match brought {
            Ok(Brought::Plain(Value::Object(object))) if printed.is_source => {
                out.source(&text(&object)?);
                Ok(())
            }
            Ok(Brought::Plain(value)) => Ok(self.print(value, out)?),
            Ok(brought) => self.print_brought(printed, brought, out),
            Err(failure) if !printed.is_source && self.is_quiet(&failure) => {
                out.text("");
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }

    /// What filters may ask.
    fn surroundings(&self) -> Surroundings<'_, 'py> {
        let (py, django) = (self.py, self.django);
        Surroundings { py, django, locale: &self.locale, autoescape: self.autoescape }
    }

    /// Whether the exception says that a variable of a template does not exist.
    fn is_missing(&self, error: &PyErr) -> bool {
        error.is_instance(self.py, self.django.variable_does_not_exist.bind(self.py))
    }

    fn annotate(&self, error: &PyErr, node: &Py<PyAny>) -> PyResult<()> {
        if error.is_instance_of::<PyException>(self.py) && !node.is_none(self.py) {
            self.django.annotate.bind(self.py).call1((
                error.value(self.py),
                node,
                self.context()?,
            ))?;
        }
        Ok(())
    }

    /// Turns a failure into the exception that Django's node would raise.
    fn blame(&self, failure: Failure, node: &Py<PyAny>) -> PyErr {
        let error = self.raised(failure);
        match self.annotate(&error, node) {
            Ok(()) => error,
            Err(error) => error,
        }
    }

    /// Where a value is printed, and only there, Django gives up quietly.
    fn is_quiet(&self, failure: &Failure) -> bool {
        let error = match failure {
            Failure::Raised(error) => error,
            Failure::Missing(..) => return false,
        };
        error.is_instance_of::<PyUnicodeDecodeError>(self.py)
    }

    fn raised(&self, failure: Failure) -> PyErr {
        match failure {
            Failure::Raised(error) => *error,
            Failure::Missing(missing) => self.missing(&missing),
        }
    }

    fn missing(&self, (name, current): &(Py<PyString>, Option<Py<PyAny>>)) -> PyErr {
        let error = || {
            let current = match current {
                Some(current) => current.bind(self.py),
                None => self.context()?,
            };
            let message = "Failed lookup for key [%s] in %r";
            let class = self.django.variable_does_not_exist.bind(self.py);
            class.call1((message, (name, current)))
        };
        match error() {
            Ok(error) => PyErr::from_value(error),
            Err(error) => error,
        }
    }
}

impl Host for PyHost<'_, '_> {
    type Error = PyErr;

    fn value(&mut self, id: ValueId, out: &mut Out<'_>) -> PyResult<()> {
        let printed = &self.program.values[id.0 as usize];
        self.at(&printed.node)?;
        self.print_hole(printed, out).map_err(|failure| self.blame(failure, &printed.node))
    }

    fn dynamic(&mut self, id: ValueId, outer: &str, hole: &mut DynamicHole<'_>) -> PyResult<()> {
        let printed = &self.program.values[id.0 as usize];
        self.at(&printed.node)?;
        self.fill(printed, outer, hole).map_err(|failure| self.blame(failure, &printed.node))
    }

    fn check(&mut self, id: TestId, expected: bool) -> PyResult<()> {
        if self.test(id)? == expected {
            return Ok(());
        }
        self.program.is_contradicted.store(true, Ordering::Relaxed);
        Err(Contradiction::new_err("a condition came out in two ways"))
    }

    fn contradicted(&mut self) {
        self.program.is_contradicted.store(true, Ordering::Relaxed);
    }

    fn opaque(&mut self, id: NodeId, out: &mut Out<'_>) -> PyResult<()> {
        self.at(&self.program.nodes[id.0 as usize])?;
        let node = self.program.nodes[id.0 as usize].bind(self.py);
        let printed =
            node.call_method1(intern!(self.py, "render_annotated"), (self.context()?,))?;
        self.doubt();
        out.source(&text(&printed)?);
        Ok(())
    }

    fn set(&mut self, id: ValueId) -> PyResult<()> {
        let set = &self.program.values[id.0 as usize];
        self.at(&set.node)?;
        match self.expression(&set.expression, false) {
            Ok(_) => Ok(()),
            Err(failure) => Err(self.blame(failure, &set.node)),
        }
    }

    fn filtered(&mut self, id: FilterId, source: &str, out: &mut Out<'_>) -> PyResult<bool> {
        let filtered = &self.program.filters[id.0 as usize];
        self.filter_source(&filtered.form, source, out)
            .map_err(|failure| self.blame(failure, &filtered.node))
    }

    fn test(&mut self, id: TestId) -> PyResult<bool> {
        let test = &self.program.tests[id.0 as usize];
        self.at(&test.node)?;
        match self.truth(&test.condition) {
            Ok(holds) => Ok(holds),
            // What `{% if %}` takes for false, `{% ifchanged %}` lets pass.
            Err(failure) if matches!(test.condition, Condition::Changed(..)) => {
                Err(self.blame(failure, &test.node))
            }
            Err(Failure::Missing(..)) => Ok(false),
            Err(Failure::Raised(error)) if self.is_missing(&error) => Ok(false),
            Err(failure) => Err(self.blame(failure, &test.node)),
        }
    }

    fn begin(&mut self, id: LoopId) -> PyResult<bool> {
        let node = &self.program.loops[id.0 as usize].node;
        self.at(node)?;
        self.begin_loop(id).map_err(|failure| self.blame(failure, node))
    }

    fn next(&mut self, id: LoopId) -> PyResult<bool> {
        let node = &self.program.loops[id.0 as usize].node;
        self.next_round(id).map_err(|failure| self.blame(failure, node))
    }

    fn end(&mut self, _id: LoopId) -> PyResult<()> {
        self.end_loop()
    }

    fn enter(&mut self, id: ScopeId) -> PyResult<()> {
        self.enter_scope(id).map_err(|failure| match &self.program.scopes[id.0 as usize] {
            Scope::Lazy { node, .. } | Scope::Python { node, .. } => self.blame(failure, node),
            Scope::Autoescape(_) => self.raised(failure),
        })
    }

    fn leave(&mut self, _id: ScopeId) -> PyResult<()> {
        self.leave_scope(false)
    }

    fn entered(&self) -> usize {
        self.entered.len()
    }

    /// `{{ block.super }}` is a lookup: where one fails quietly, so does it.
    fn forgive(&mut self, error: PyErr, entered: usize) -> PyResult<()> {
        let name = intern!(self.py, "super").clone().unbind();
        let mut error = self.raised(self.told(&name, error.into()));
        if !self.is_missing(&error)
            && !error.is_instance_of::<PyUnicodeDecodeError>(self.py)
            && !self.is_silent(&error)?
        {
            return Err(error);
        }
        self.unwind_to(&mut error, entered)
    }

    fn too_deep(&self) -> PyErr {
        PyRecursionError::new_err("maximum recursion depth exceeded in an included template")
    }
}

/// The characters of a string object. A lone surrogate has no place in HTML and is replaced.
fn text<'s>(object: &'s Bound<'_, PyAny>) -> PyResult<std::borrow::Cow<'s, str>> {
    Ok(object.cast::<PyString>()?.to_string_lossy())
}
