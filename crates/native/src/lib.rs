//! The Python module `djust._native`: plans, renderers and frames. It converts and delegates; the
//! decisions are those of the crates `template` and `protocol`.
//!
//! An arrow is an import, and there are no others:
//! `django <- value <- locale <- filters <- program <- plan <- host <- renderer`, `plan <- report`.

mod codec;
mod django;
mod filters;
mod host;
mod locale;
mod plan;
mod program;
mod renderer;
mod report;
mod value;

use pyo3::prelude::*;

/// So many templates within each other print by plans of their own, on a stack of 256 KiB. The frames
/// of a debug build are some times as large.
const DEEPEST: usize = if cfg!(debug_assertions) { 12 } else { 24 };

/// The native half of djust.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<plan::Plan>()?;
    module.add_class::<host::Printer>()?;
    module.add("DEEPEST", DEEPEST)?;
    module.add("Contradiction", module.py().get_type::<host::Contradiction>())?;
    module.add_class::<renderer::TemplateTable>()?;
    module.add_class::<renderer::Renderer>()?;
    module.add_class::<renderer::Page>()?;
    module.add_function(wrap_pyfunction!(report::report, module)?)?;
    codec::register(module)
}
