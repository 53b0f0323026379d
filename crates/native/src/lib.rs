//! The Python module `djust._native`: plans, renderers and frames. It converts and delegates; the
//! decisions are those of the crates `template` and `protocol`.

mod codec;
mod django;
mod filters;
mod host;
mod program;
mod renderer;

use pyo3::prelude::*;

/// The native half of djust.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<renderer::Plan>()?;
    module.add_class::<renderer::TemplateTable>()?;
    module.add_class::<renderer::Renderer>()?;
    module.add_class::<renderer::Page>()?;
    codec::register(module)
}
