//! The parts of Django that the host asks: looked up once, kept for the process.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// Python objects of Django and of djust.rendering.
pub struct Django {
    pub safe_string: Py<PyType>,
    pub safe_data: Py<PyType>,
    pub context_dict: Py<PyType>,
    pub base_context: Py<PyType>,
    pub variable_does_not_exist: Py<PyType>,
    pub mark_safe: Py<PyAny>,
    pub render_value_in_context: Py<PyAny>,
    pub template_localtime: Py<PyAny>,
    /// `annotate(exception, node, context)`: what `Node.render_annotated` does with an exception.
    pub annotate: Py<PyAny>,
    /// `needs_arguments(callable)`: whether a `TypeError` of a call says that arguments are missing.
    pub needs_arguments: Py<PyAny>,
    pub decimal: Py<PyType>,
    /// Whether a loop knows its length (`forloop.length`): since Django 6.0.
    pub has_loop_length: bool,
    /// `conditions(context)`: see `djust.rendering`.
    pub conditions: Py<PyAny>,
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
            let major: u32 = py.import("django")?.getattr("VERSION")?.get_item(0)?.extract()?;
            let class = |module: &Bound<'_, PyModule>, name: &str| -> PyResult<Py<PyType>> {
                Ok(module.getattr(name)?.cast_into::<PyType>()?.unbind())
            };
            let function = |module: &Bound<'_, PyModule>, name: &str| -> PyResult<Py<PyAny>> {
                Ok(module.getattr(name)?.unbind())
            };
            Ok(Self {
                safe_string: class(&safestring, "SafeString")?,
                safe_data: class(&safestring, "SafeData")?,
                context_dict: class(&context, "ContextDict")?,
                base_context: class(&context, "BaseContext")?,
                variable_does_not_exist: class(&base, "VariableDoesNotExist")?,
                mark_safe: function(&safestring, "mark_safe")?,
                render_value_in_context: function(&base, "render_value_in_context")?,
                template_localtime: function(
                    &py.import("django.utils.timezone")?,
                    "template_localtime",
                )?,
                annotate: function(&helpers, "annotate")?,
                needs_arguments: function(&helpers, "needs_arguments")?,
                decimal: class(&py.import("decimal")?, "Decimal")?,
                has_loop_length: major >= 6,
                conditions: function(&helpers, "conditions")?,
            })
        })
    }
}
