//! Printing: a value goes in, text, source or a number comes out, as `render_value_in_context`
//! prints it.

use pyo3::ffi;
use pyo3::prelude::*;
use template::Out;

use super::{PyHost, text};
use crate::value::{Value, decimal_digits};

impl<'p, 'py> PyHost<'p, 'py> {
    pub(super) fn print(&self, value: Value<'py>, out: &mut Out<'_>) -> PyResult<()> {
        let object = match value {
            Value::Text(text, is_safe) => {
                if is_safe || !self.autoescape {
                    out.source(&text);
                } else {
                    out.text(&text);
                }
                return Ok(());
            }
            Value::Int(number) if self.plain_integers => {
                out.int(number);
                return Ok(());
            }
            Value::Bool(flag) => {
                out.text(if flag { "True" } else { "False" });
                return Ok(());
            }
            other => self.object(other)?,
        };
        let class = object.get_type_ptr();
        if class == &raw mut ffi::PyUnicode_Type {
            let text = text(&object)?;
            if self.autoescape {
                out.text(&text);
            } else {
                out.source(&text);
            }
        } else if class == self.django.safe_string.as_ptr().cast() {
            out.source(&text(&object)?);
        } else if class == &raw mut ffi::PyLong_Type && self.plain_integers {
            match object.extract::<i64>() {
                Ok(number) => out.int(number),
                Err(_) => out.source(&text(object.str()?.as_any())?),
            }
        } else if class == &raw mut ffi::PyBool_Type || object.is_none() {
            out.text(&text(object.str()?.as_any())?);
        } else if class == &raw mut ffi::PyFloat_Type && self.separator.is_some() {
            self.float(&object, out)?;
        } else {
            self.print_by_django(&object, out)?;
        }
        Ok(())
    }

    pub(super) fn float(&self, object: &Bound<'py, PyAny>, out: &mut Out<'_>) -> PyResult<()> {
        let mut buffer = ryu::Buffer::new();
        let (Some(separator), Some(digits)) =
            (&self.separator, decimal_digits(object, &mut buffer))
        else {
            return self.print_by_django(object, out);
        };
        if separator == "." {
            out.source(digits);
        } else {
            out.source(&digits.replace('.', separator));
        }
        Ok(())
    }

    pub(super) fn print_by_django(
        &self,
        object: &Bound<'py, PyAny>,
        out: &mut Out<'_>,
    ) -> PyResult<()> {
        let render = self.django.render_value_in_context.bind(self.py);
        out.source(&text(&render.call1((object, &self.context))?)?);
        Ok(())
    }
}
