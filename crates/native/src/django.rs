//! The parts of Django that the host asks: looked up once, kept for the process.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

/// Python objects of Django and of djust.
pub struct Django {
    pub safe_string: Py<PyType>,
    pub safe_data: Py<PyType>,
    pub context_dict: Py<PyType>,
    pub base_context: Py<PyType>,
    pub variable_does_not_exist: Py<PyType>,
    pub mark_safe: Py<PyAny>,
    pub conditional_escape: Py<PyAny>,
    /// The class of `djust.nodes.SimpleTag`.
    pub simple_tag: Py<PyType>,
    pub render_value_in_context: Py<PyAny>,
    pub template_localtime: Py<PyAny>,
    /// `annotate(exception, node, context)`: what `Node.render_annotated` does with an exception.
    pub annotate: Py<PyAny>,
    /// `needs_arguments(callable)`: whether a `TypeError` of a call says that arguments are missing.
    pub needs_arguments: Py<PyAny>,
    pub decimal: Py<PyType>,
    /// Whether a loop knows its length (`forloop.length`): since Django 6.0.
    pub has_loop_length: bool,
    pub datetime: Py<PyType>,
    pub date: Py<PyType>,
    pub time: Py<PyType>,
    pub timezone: Py<PyType>,
    pub zone_info: Py<PyType>,
    pub default_timezone: Py<PyAny>,
    pub get_format: Py<PyAny>,
    /// The module `django.utils.timesince`, whose clock tests may replace.
    timesince: Py<PyAny>,
    /// What `djust.surroundings.marks` gives.
    pub marks: Option<Marked>,
    /// See `djust.rendering`.
    pub listeners: Py<PyAny>,
    /// These four: see `djust.surroundings`.
    pub surroundings: Py<PyAny>,
    /// `remembered(memory, function, *arguments)`.
    pub remembered: Py<PyAny>,
    pub number_formats: Py<PyAny>,
    pub word: Py<PyAny>,
    pub method: Py<PyType>,
    /// `find(value)`: see `djust.forms`.
    pub find: Py<PyAny>,
    /// `discover(node, found)`, `open(found)`, `made(template, outer)` and
    /// `bound_context(template, values, autoescape)`: see `djust.brought`.
    pub discover: Py<PyAny>,
    pub open: Py<PyAny>,
    pub made: Py<PyAny>,
    pub bound_context: Py<PyAny>,
    /// `BoundField.__getitem__`, which takes no names; or nothing.
    pub field_item: Py<PyAny>,
}

/// Where Django keeps what printing depends on.
pub struct Marked {
    /// What asks for the holders of language and of time zone, if they are called with `none`.
    pub language: Py<PyAny>,
    pub zone: Py<PyAny>,
    pub settings: Py<PyDict>,
    /// The names of the module that holds the language, and what it holds.
    pub holder: Py<PyDict>,
    pub active: Py<PyAny>,
    pub none: Py<PyTuple>,
}

static DJANGO: PyOnceLock<Django> = PyOnceLock::new();

impl Django {
    /// The one instance.
    pub fn get(py: Python<'_>) -> PyResult<&'static Self> {
        DJANGO.get_or_try_init(py, || {
            let safestring = py.import("django.utils.safestring")?;
            let context = py.import("django.template.context")?;
            let base = py.import("django.template.base")?;
            let helpers = py.import("djust.rendering")?;
            let asked = py.import("djust.surroundings")?;
            let major: u32 = py.import("django")?.getattr("VERSION")?.get_item(0)?.extract()?;
            let datetime = py.import("datetime")?;
            let timezone = py.import("django.utils.timezone")?;
            let forms = py.import("djust.forms")?;
            let brought = py.import("djust.brought")?;
            let class = |module: &Bound<'_, PyModule>, name: &str| -> PyResult<Py<PyType>> {
                Ok(module.getattr(name)?.cast_into::<PyType>()?.unbind())
            };
            let function = |module: &Bound<'_, PyModule>, name: &str| -> PyResult<Py<PyAny>> {
                Ok(module.getattr(name)?.unbind())
            };
            type Parts = (Py<PyAny>, Py<PyAny>, Py<PyDict>, Py<PyDict>, Py<PyAny>);
            let none = PyTuple::new(py, [py.None()])?.unbind();
            let marks: Option<Parts> = asked.getattr("marks")?.call0()?.extract()?;
            Ok(Self {
                safe_string: class(&safestring, "SafeString")?,
                safe_data: class(&safestring, "SafeData")?,
                context_dict: class(&context, "ContextDict")?,
                base_context: class(&context, "BaseContext")?,
                variable_does_not_exist: class(&base, "VariableDoesNotExist")?,
                mark_safe: function(&safestring, "mark_safe")?,
                conditional_escape: function(
                    &py.import("django.utils.html")?,
                    "conditional_escape",
                )?,
                simple_tag: class(&py.import("djust.nodes")?, "SimpleTag")?,
                render_value_in_context: function(&base, "render_value_in_context")?,
                template_localtime: function(&timezone, "template_localtime")?,
                annotate: function(&helpers, "annotate")?,
                needs_arguments: function(&helpers, "needs_arguments")?,
                method: class(&py.import("types")?, "MethodType")?,
                decimal: class(&py.import("decimal")?, "Decimal")?,
                has_loop_length: major >= 6,
                datetime: class(&datetime, "datetime")?,
                date: class(&datetime, "date")?,
                time: class(&datetime, "time")?,
                timezone: class(&datetime, "timezone")?,
                zone_info: class(&py.import("zoneinfo")?, "ZoneInfo")?,
                default_timezone: function(&timezone, "get_default_timezone")?,
                get_format: function(&py.import("django.utils.formats")?, "get_format")?,
                timesince: py.import("django.utils.timesince")?.into_any().unbind(),
                marks: marks.map(|(language, zone, settings, holder, active)| Marked {
                    language,
                    zone,
                    settings,
                    holder,
                    active,
                    none,
                }),
                listeners: function(&helpers, "listeners")?,
                surroundings: function(&asked, "surroundings")?,
                remembered: function(&asked, "remembered")?,
                number_formats: function(&asked, "number_formats")?,
                word: function(&asked, "word")?,
                find: function(&forms, "find")?,
                discover: function(&brought, "discover")?,
                open: function(&brought, "open")?,
                made: function(&brought, "made")?,
                bound_context: function(&brought, "bound_context")?,
                field_item: function(&forms, "FIELD_ITEM")?,
            })
        })
    }
    /// Whether a time zone is one of Python's own, which run no code of anyone else.
    pub fn is_usual_zone(&self, zone: &Bound<'_, PyAny>) -> bool {
        let class = zone.get_type_ptr();
        class == self.zone_info.as_ptr().cast() || class == self.timezone.as_ptr().cast()
    }

    /// What the clock shows in a time zone, or, without one, on this machine.
    pub fn now<'py>(
        &self,
        py: Python<'py>,
        zone: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let module = self.timesince.bind(py).getattr(intern!(py, "datetime"))?;
        let class = module.getattr(intern!(py, "datetime"))?;
        class.call_method1(intern!(py, "now"), (zone,))
    }
}
